//! Which keys a reload takes while the gateway's word is awaited (S3, L2). On tokio's paused clock:
//! a day takes no time.

use std::collections::VecDeque;
use std::sync::Mutex;

use expect_test::{Expect, expect};
use zeroize::Zeroizing;

use super::*;
use crate::code::Wallet;
use crate::config::secret::KeyMode;
use crate::gateway::{Answer, Call, Exchange, Exchanging, Gateway, Wire};
use crate::journal::Journal;
use crate::terminal::{AttemptId, Fact, Outcome, Record, Reference};

const LIVE: &str = "skey_tillscanlive00000\n";
const TEST: &str = "skey_test_tillscan00000\n";

/// An account that nobody reaches, or one that has no charges.
#[derive(Debug)]
struct AccountOf(Option<KeyMode>, KeyMode);

impl Wire for AccountOf {
    fn exchange(&self, _: Call) -> Exchanging<'_> {
        let Self(mode, silent) = *self;
        let none = br#"{"object":"list","data":[],"limit":100,"offset":0,"total":0,"order":"reverse_chronological"}"#;
        Box::pin(async move {
            match mode {
                None => Exchange::NotSent { cause: "no key".to_owned() },
                Some(mode) if mode == silent => Exchange::TimedOut,
                Some(_) => Exchange::Answered(Answer {
                    status: 200,
                    retry_after: None,
                    body: Some(Zeroizing::new(none.to_vec())),
                }),
            }
        })
    }
}

/// What a journal holds, and how long until nothing more comes of it.
type Story = (Vec<Fact>, Duration);

fn lost_attempt() -> Story {
    let attempt = AttemptId("a1".to_owned());
    let facts = vec![
        Fact::Armed { amount: "150.00".parse().unwrap() },
        Fact::AttemptStarted {
            attempt: attempt.clone(),
            wallet: Wallet::WechatPayUpm,
            mask: "13…93 len=18".to_owned(),
            since: None,
            warning: None,
        },
        Fact::AnswerLost { attempt },
    ];
    (facts, Duration::from_mins(10))
}

fn watched_attempt() -> Story {
    let attempt = AttemptId("a1".to_owned());
    let (outcome, failure_code) = (Outcome::NotCreated, None);
    let (mut facts, _) = lost_attempt();
    facts.extend([
        Fact::AttemptClosed { attempt: attempt.clone(), outcome, failure_code, watch: true },
        Fact::Watched { attempt, looks: 1 },
        Fact::Acknowledged,
    ]);
    (facts, Duration::from_hours(25))
}

/// Starts with the first of `keys`, whose account does not answer, and reloads with each of the
/// others, where there is no charge; compares what is on record by the end.
async fn check(story: Story, keys: &[Option<&'static str>], expected: &Expect) {
    expected.assert_eq(&play(story, keys).await);
}

async fn play((facts, rest): Story, keys: &[Option<&'static str>]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let reference: Reference = "R".parse().unwrap();
    let known = facts.len();
    let record = |fact| Record { reference: reference.clone(), fact };
    let records: Vec<Record> = facts.into_iter().map(record).collect();
    let path = settings(&directory).journal.path;
    Journal::open(&path).unwrap().append(&records).unwrap();

    let load = |key: Option<&str>| {
        let key = key.and_then(|text| written_key(&directory, text));
        Loaded { settings: settings(&directory), key, webhook_secrets: Vec::new() }
    };
    let mut loaded: VecDeque<Loaded> = keys.iter().map(|key| load(*key)).collect();
    let first = loaded.pop_front().unwrap();
    let silent = first.key.as_ref().map(SecretKey::mode).unwrap();
    let loaded = Mutex::new(loaded);
    let reload = Box::new(move || Ok(loaded.lock().unwrap().pop_front().unwrap()));
    let (signals, receiver) = mpsc::channel(1);
    let (_desk, inside) = Desk::open();
    let mut outside = Outside::real(inside);
    outside.connect = Box::new(move |_, key| {
        Ok(Gateway::over(AccountOf(key.as_ref().map(SecretKey::mode), silent)))
    });
    let counter = assemble(Setup { loaded: first, reload, signals: receiver }, outside).unwrap();
    let daemon = tokio::spawn(counter.run());
    for _ in 1..keys.len() {
        signals.send(Signal::Reload).await.unwrap();
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    tokio::time::sleep(rest).await;
    signals.send(Signal::Stop).await.unwrap();
    daemon.await.unwrap().unwrap();
    let history = Journal::open(&path).unwrap().history(&reference).unwrap();
    history.iter().skip(known).map(|record| format!("{:?}\n", record.fact)).collect()
}

#[tokio::test(start_paused = true)]
async fn s3_no_key_of_another_mode_is_taken_while_a_payment_is_open() {
    let open = expect![[r#"
        StopAsked { attempt: AttemptId("a1"), why: Deadline }
        DeclaredUnknown { attempt: AttemptId("a1") }
    "#]];
    check(lost_attempt(), &[Some(LIVE), Some(TEST)], &open).await;
    check(lost_attempt(), &[Some(LIVE), None, Some(TEST)], &open).await;
    check(lost_attempt(), &[Some(TEST), None, None, Some(LIVE)], &open).await;
}

#[tokio::test(start_paused = true)]
async fn l2_no_test_key_takes_the_place_of_a_live_one_while_a_charge_is_watched() {
    check(watched_attempt(), &[Some(LIVE), Some(TEST)], &expect![[r#""#]]).await;
    check(watched_attempt(), &[Some(LIVE), None, Some(TEST)], &expect![[r#""#]]).await;
    // A shop that goes live does not wait for what became of its test charges.
    check(
        watched_attempt(),
        &[Some(TEST), Some(LIVE)],
        &expect![[r#"
            Watched { attempt: AttemptId("a1"), looks: 2 }
            Watched { attempt: AttemptId("a1"), looks: 3 }
            Watched { attempt: AttemptId("a1"), looks: 4 }
            Watched { attempt: AttemptId("a1"), looks: 5 }
            Watched { attempt: AttemptId("a1"), looks: 6 }
            Watched { attempt: AttemptId("a1"), looks: 7 }
            Watched { attempt: AttemptId("a1"), looks: 8 }
            Watched { attempt: AttemptId("a1"), looks: 9 }
            Watched { attempt: AttemptId("a1"), looks: 10 }
            Watched { attempt: AttemptId("a1"), looks: 11 }
            Watched { attempt: AttemptId("a1"), looks: 12 }
            Watched { attempt: AttemptId("a1"), looks: 13 }
            Watched { attempt: AttemptId("a1"), looks: 14 }
            Watched { attempt: AttemptId("a1"), looks: 15 }
            WatchEnded { attempt: AttemptId("a1") }
            Settled
        "#]],
    )
    .await;
}
