//! The words of scripts for what the gateway answers.

use super::driver::duration;
use super::*;

/// What an answer is about, where its words do not say otherwise.
pub struct About {
    pub attempt: Option<AttemptId>,
    /// The sale's amount.
    pub satang: i64,
}

impl Default for About {
    fn default() -> Self {
        Self { attempt: None, satang: 15_000 }
    }
}

impl About {
    /// What the answer to `request` is about, as far as the disk knows.
    pub fn of(request: &Request, disk: &[Record]) -> Self {
        let attempt = match request {
            Request::Create { attempt, .. } | Request::Find { attempt, .. } => {
                Some(attempt.clone())
            }
            Request::Get { charge } | Request::Expire { charge } | Request::Refunds { charge } => {
                attempt_of(charge, disk)
            }
            Request::Warm | Request::Refund(_) => None,
        };
        attempt.map_or_else(Self::default, |attempt| Self::attempt(attempt, disk))
    }

    /// The attempt, and the amount of its sale.
    pub fn attempt(attempt: AttemptId, disk: &[Record]) -> Self {
        let started = |record: &&Record| matches!(&record.fact, Fact::AttemptStarted { attempt: started, .. } if *started == attempt);
        let sale = disk.iter().find(started).map(|record| &record.reference);
        let armed = disk.iter().find_map(|record| match &record.fact {
            Fact::Armed { amount } if Some(&record.reference) == sale => Some(amount.satang()),
            _ => None,
        });
        let satang = armed.unwrap_or(Self::default().satang);
        Self { attempt: Some(attempt), satang }
    }
}

fn attempt_of(wanted: &ChargeId, disk: &[Record]) -> Option<AttemptId> {
    disk.iter().find_map(|record| match &record.fact {
        Fact::ChargeKnown { attempt, charge } if charge == wanted => Some(attempt.clone()),
        _ => None,
    })
}

/// The answers of the gateway that scripts know.
pub fn reply(words: &[&str], about: About) -> Reply {
    let unknown = |why| Reply::Unknown { why, retry_after: None };
    match words {
        ["absent"] => Reply::Absent,
        ["warm"] => Reply::Warm { newest: None },
        ["refused", code] => {
            Reply::Refused(Rejection { code: (*code).to_owned(), message: String::new() })
        }
        ["not-sent"] => Reply::NotSent { cause: "connection refused".to_owned() },
        ["lost"] => unknown(UnknownWhy::TimedOut),
        ["reset"] => unknown(UnknownWhy::Broken),
        ["5xx"] => unknown(UnknownWhy::ServerError),
        ["backend_error"] => unknown(UnknownWhy::BackendError),
        ["garbage"] => unknown(UnknownWhy::BadBody),
        ["too-much"] => unknown(UnknownWhy::TooMany),
        ["unknown", why] => unknown(why_of(why)),
        ["unknown", why, after] => {
            Reply::Unknown { why: why_of(why), retry_after: Some(duration(after)) }
        }
        ["429", after] => {
            let retry_after = Some(duration(after));
            Reply::Unknown { why: UnknownWhy::TooManyRequests, retry_after }
        }
        _ => Reply::Charge(charge(words, about)),
    }
}

/// The reason with this name in documents.
fn why_of(word: &str) -> UnknownWhy {
    serde_json::from_value(word.into()).expect("why an answer proves nothing")
}

/// A charge: what became of it, its name, and whatever is unusual about it.
fn charge(words: &[&str], about: About) -> Charge {
    let [status, id, rest @ ..] = words else { panic!("no such answer: {words:?}") };
    let status = match *status {
        "pending" => Status::Pending,
        "odd" => Status::Unrecognised,
        "paid" | "foreign" => Status::Successful,
        "failed" => Status::Failed,
        "expired" => Status::Expired,
        "reversed" => Status::Reversed,
        _ => panic!("no such answer: {words:?}"),
    };
    let (failure_code, rest) = match rest {
        [code, rest @ ..] if status == Status::Failed => (Some((*code).to_owned()), rest),
        _ => (None, rest),
    };
    let failure_code = failure_code.filter(|code| code != "-");
    let foreign = words[0] == "foreign";
    let attempt = if foreign { Some(AttemptId("somebody-else".to_owned())) } else { about.attempt };
    let charge = Charge {
        id: ChargeId((*id).to_owned()),
        attempt,
        amount_satang: about.satang,
        currency: "THB".to_owned(),
        status,
        failure_code,
        refunds: Refunds { satang: Some(0), whole: Some(true), part: Some(true), made: None },
    };
    with(charge, rest)
}

/// The charge with what its further words say.
fn with(charge: Charge, words: &[&str]) -> Charge {
    let (satang, refunds) = (charge.amount_satang, charge.refunds.clone());
    let flags = |whole, part| Refunds { whole: Some(whole), part: Some(part), ..refunds.clone() };
    let (charge, rest) = match words {
        [] => return charge,
        ["of", attempt, rest @ ..] => {
            let attempt = Some(AttemptId((*attempt).to_owned())).filter(|one| one.0 != "nobody");
            (Charge { attempt, ..charge }, rest)
        }
        ["amount", satang, rest @ ..] => {
            (Charge { amount_satang: satang.parse().expect("satang"), ..charge }, rest)
        }
        ["currency", currency, rest @ ..] => {
            (Charge { currency: (*currency).to_owned(), ..charge }, rest)
        }
        ["in", "full", "only", rest @ ..] => {
            (Charge { refunds: flags(true, false), ..charge }, rest)
        }
        ["too", "late", rest @ ..] => (Charge { refunds: flags(false, false), ..charge }, rest),
        ["without", "figures", rest @ ..] => {
            (Charge { refunds: Refunds::default(), ..charge }, rest)
        }
        ["back", back, rest @ ..] => {
            let back = back.parse().expect("satang");
            let left = refunds.part.map(|part| part && back < satang);
            let refunds = Refunds { satang: Some(back), whole: left, part: left, made: None };
            (Charge { refunds, ..charge }, rest)
        }
        ["as", own @ ..] => {
            let back = refunds.satang.unwrap_or_default();
            let made = own.iter().map(|own| made_as(own, back, &charge.id)).collect();
            (Charge { refunds: Refunds { made: Some(made), ..refunds }, ..charge }, &[][..])
        }
        ["15", "times"] => {
            let made = (0..15).map(|_| made("else", 100, &charge.id)).collect();
            let refunds = Refunds { satang: Some(1_500), made: Some(made), ..refunds };
            (Charge { refunds, ..charge }, &[][..])
        }
        _ => panic!("no such thing about a charge: {words:?}"),
    };
    with(charge, rest)
}

/// A refund by our own name for it; of so many satang, unless they follow the name.
pub fn made_as(own: &str, satang: i64, charge: &ChargeId) -> MadeRefund {
    match own.split_once(':') {
        Some((own, satang)) => made(own, satang.parse().expect("satang"), charge),
        None => made(own, satang, charge),
    }
}

pub fn made(own: &str, amount_satang: i64, charge: &ChargeId) -> MadeRefund {
    MadeRefund {
        id: format!("rfnd_{own}"),
        charge: charge.clone(),
        own: Some(RefundId(own.to_owned())),
        amount_satang,
        currency: "THB".to_owned(),
        status: Some("closed".to_owned()),
    }
}
