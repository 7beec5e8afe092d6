//! What becomes of one message between the terminal and the gateway. Pure: from the fault that
//! befalls it to when it arrives, and what comes back when.

use std::time::Duration;

use tillscan::gateway::{self, Exchange};
use zeroize::Zeroizing;

use crate::dice::Dice;
use crate::faults::Fault;
use crate::gateway::{Answer, Lost, refusal};

/// The way of one message.
#[derive(Debug, Default)]
pub struct Way {
    /// When it reaches the gateway, after it was sent; more than once if it is doubled.
    pub arrives: Vec<Duration>,
    /// What comes back although it never arrived, and when.
    pub instead: Option<(Duration, Exchange)>,
    /// What happens to the answer on its way back.
    pub back: Back,
}

/// What happens to an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Back {
    /// It does not come.
    #[default]
    Never,
    /// It comes, after so long.
    After(Duration),
    /// The connection breaks instead.
    Broken(Duration),
    /// Something else comes, as the fault says.
    Replaced(Duration, Fault),
}

impl Way {
    /// The same without a second copy.
    pub fn once(mut self) -> Self {
        self.arrives.truncate(1);
        self
    }

    /// The way of a message that is befallen by `fault`; `dice` are its own.
    pub fn of(fault: Option<Fault>, mut dice: Dice) -> Self {
        let soon = dice.between(Duration::from_millis(15), Duration::from_millis(250));
        let back = dice.between(Duration::from_millis(15), Duration::from_millis(250));
        let there = Self { arrives: vec![soon], instead: None, back: Back::After(back) };
        let Some(fault) = fault else { return there };
        let instead = |exchange| Self {
            arrives: Vec::new(),
            instead: Some((soon + back, exchange)),
            back: Back::Never,
        };
        match fault {
            Fault::LostRequest if dice.chance(500) => instead(Exchange::Broken),
            Fault::LostRequest => Self { arrives: Vec::new(), instead: None, back: Back::Never },
            Fault::LostReply if dice.chance(500) => Self { back: Back::Broken(back), ..there },
            Fault::LostReply => Self { back: Back::Never, ..there },
            Fault::Duplicate => {
                let again = soon + dice.between(Duration::ZERO, DUPLICATE_MAX);
                Self { arrives: vec![soon, again], ..there }
            }
            Fault::Slow => {
                let slow = dice.between(SLOW_MIN, SLOW_MAX);
                if dice.chance(500) {
                    Self { back: Back::After(slow), ..there }
                } else {
                    Self { arrives: vec![slow], ..there }
                }
            }
            Fault::ErrorBefore => instead(answered(trouble(&mut dice))),
            Fault::TooMany => {
                let wait = dice.pick(&[None, Some(1), Some(5), Some(30), Some(60)]);
                let answer = refusal(429, "too_many_requests", "too many requests");
                let retry_after = wait.map(Duration::from_secs);
                instead(answered(Answer { retry_after, ..answer }))
            }
            Fault::Refused => instead(answered(refused(&mut dice))),
            Fault::NotSent => instead(Exchange::NotSent { cause: "no route".to_owned() }),
            _ => Self { back: Back::Replaced(back, fault), ..there },
        }
    }
}

/// What the client makes of an answer, after what happens to it on its way back.
///
/// Only what a charge's own reading says can be relied on: an answer to a call that moves money may
/// say more than is so.
pub fn spoil(answer: Answer, fault: Option<Fault>, moves_money: bool, mut dice: Dice) -> Exchange {
    match answer.lost {
        Some(Lost::Broken) => return Exchange::Broken,
        Some(Lost::Silence) => return Exchange::TimedOut,
        None => {}
    }
    match fault {
        Some(Fault::ErrorAfter) => answered(trouble(&mut dice)),
        Some(Fault::Garbage) => {
            let half = answer.body.len() / 2;
            let body = match dice.below(4) {
                0 => b"<html>a proxy's page</html>".to_vec(),
                1 => Vec::new(),
                2 => b"{}".to_vec(),
                _ => answer.body[..half].to_vec(),
            };
            answered(Answer { body, ..answer })
        }
        Some(Fault::Foreign) => answered(foreign(answer, &mut dice)),
        Some(Fault::Hollow) if moves_money => answered(hollow(answer, &mut dice)),
        Some(_) | None => answered(answer),
    }
}

/// Somebody else's charge, paid, in place of the one that was asked for.
fn foreign(answer: Answer, dice: &mut Dice) -> Answer {
    let text = String::from_utf8_lossy(&answer.body);
    let Ok(mut value) = serde_json::from_str::<serde_json::Value>(&text) else { return answer };
    if value["object"] != "charge" {
        return Answer { body: b"{\"object\":\"account\"}".to_vec(), ..answer };
    }
    value["id"] = "chrg_test_foreign0000000000000".into();
    value["status"] = "successful".into();
    value["metadata"] = match dice.below(3) {
        0 => serde_json::json!({"attempt": "somebody-else"}),
        1 => serde_json::json!({}),
        _ => serde_json::Value::Null,
    };
    Answer { body: value.to_string().into_bytes(), ..answer }
}

/// The charge as if it were closed.
fn hollow(answer: Answer, dice: &mut Dice) -> Answer {
    let Ok(mut value) = serde_json::from_slice::<serde_json::Value>(&answer.body) else {
        return answer;
    };
    if value["object"] == "charge" && value["status"] == "pending" {
        value["status"] = dice.pick(&["expired", "failed", "reversed"]).into();
    }
    Answer { body: value.to_string().into_bytes(), ..answer }
}

/// The gateway, or something in front of it, is in trouble.
fn trouble(dice: &mut Dice) -> Answer {
    if dice.chance(200) {
        return refusal(400, "backend_error", "backend error");
    }
    let status = dice.pick(&[500, 502, 503, 504, 408]);
    let body = b"<html><h1>trouble</h1></html>".to_vec();
    Answer { status, retry_after: None, body, lost: None }
}

/// A refusal that the gateway has no good reason for; nothing happened.
fn refused(dice: &mut Dice) -> Answer {
    let (status, code) = dice.pick(&[
        (400, "bad_request"),
        (400, "invalid_charge"),
        (400, "failed_expire"),
        (401, "authentication_failure"),
        (404, "not_found"),
        (409, "conflict"),
    ]);
    refusal(status, code, "no")
}

fn answered(answer: Answer) -> Exchange {
    Exchange::Answered(gateway::Answer {
        status: answer.status,
        retry_after: answer.retry_after,
        body: Some(Zeroizing::new(answer.body)),
    })
}

/// The longest time for one exchange: the client's, of the default configuration.
pub const TIME_OUT: Duration = Duration::from_secs(10);
const DUPLICATE_MAX: Duration = Duration::from_secs(20);
const SLOW_MIN: Duration = Duration::from_millis(500);
const SLOW_MAX: Duration = Duration::from_secs(30);
