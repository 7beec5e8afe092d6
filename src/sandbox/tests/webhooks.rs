//! Webhooks as a shop's receiver sees them.

use super::*;

/// Where webhooks are sent, and the options that send them there.
async fn receiver() -> (TcpListener, WebhookOptions) {
    let receiver = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", receiver.local_addr().unwrap());
    let options = WebhookOptions::to(url.parse().unwrap());
    (receiver, options)
}

async fn sandbox(webhook: WebhookOptions, seed: u64) -> Running {
    let speed = "100".parse().unwrap();
    let webhook = Some(webhook);
    Running::start(Options { speed, seed: Some(seed), webhook, ..Options::default() }).await
}

/// The events that arrive next, each answered with 204.
async fn events(receiver: &TcpListener, count: usize) -> Vec<(Answer, Value)> {
    let mut all = Vec::new();
    for _ in 0..count {
        let letter = receive(receiver, "204 No Content");
        let letter = timeout(Duration::from_secs(20), letter).await.unwrap();
        let event = serde_json::from_slice(&letter.body).unwrap();
        all.push((letter, event));
    }
    all
}

fn keys(events: &[(Answer, Value)]) -> Vec<&str> {
    events.iter().map(|(_, event)| event["key"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn webhooks_arrive_signed_in_spite_of_a_first_refusal() {
    let (receiver, mut webhook) = receiver().await;
    let secret: WebhookSecret = "c2VjcmV0LWtleQ==".parse().unwrap();
    webhook.secret = Some(secret.clone());
    let sandbox = sandbox(webhook, 1).await;
    assert_eq!(sandbox.create(0).await.status, 200);

    let mut keys = Vec::new();
    for status in ["500 Internal Server Error", "204 No Content", "204 No Content"] {
        let letter = timeout(Duration::from_secs(20), receive(&receiver, status)).await.unwrap();
        let seconds = letter.header("omise-signature-timestamp").unwrap().parse().unwrap();
        let signature = letter.header("omise-signature").unwrap();
        assert_eq!(signature, secret.sign(seconds, &letter.body));
        assert_eq!(letter.header("content-type"), Some("application/json"));
        assert!(letter.body.starts_with(b"{\n  \"object\": \"event\",\n"));
        let event: Value = serde_json::from_slice(&letter.body).unwrap();
        keys.push(event["key"].as_str().unwrap().to_owned());
    }
    keys.sort();
    // One of the two was refused first and came again.
    keys.dedup();
    assert_eq!(keys, ["charge.complete", "charge.create"]);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_letter_is_signed_twice_during_a_roll_and_dated_as_wrong_as_asked() {
    let (receiver, mut webhook) = receiver().await;
    let [old, next]: [WebhookSecret; 2] = ["b2xk", "bmV3"].map(|text| text.parse().unwrap());
    let roll = SecretRoll {
        next: next.clone(),
        after: Duration::ZERO,
        overlap: Duration::from_secs(86_400),
    };
    webhook.secret = Some(old.clone());
    webhook.roll = Some(roll);
    webhook.clock_skew_s = -1_000;
    let sandbox = sandbox(webhook, 1).await;
    sandbox.create(6).await;
    let (letter, event) = &events(&receiver, 1).await[0];
    let seconds: i64 = letter.header("omise-signature-timestamp").unwrap().parse().unwrap();
    let made: jiff::Timestamp = event["created_at"].as_str().unwrap().parse().unwrap();
    assert!((-1_000..-900).contains(&(seconds - made.as_second())), "{seconds}");
    let expected = [next, old].map(|secret| secret.sign(seconds, &letter.body));
    assert_eq!(letter.header("omise-signature"), Some(expected.join(",").as_str()));
    sandbox.stop().await;
}

/// Whatever version a request asks for, the body is of the account's.
#[tokio::test]
async fn a_body_is_of_the_accounts_version_and_pretty_printed() {
    for (version, created, currency) in
        [(ApiVersion::V2019, "created_at", "THB"), (ApiVersion::V2017, "created", "thb")]
    {
        let (receiver, mut webhook) = receiver().await;
        webhook.version = version;
        let sandbox = sandbox(webhook, 1).await;
        sandbox.create(6).await;
        let (letter, event) = &events(&receiver, 1).await[0];
        assert!(event[created].is_string() && event["data"][created].is_string());
        assert_eq!(
            (&event["data"]["currency"], &event["key"]),
            (&json!(currency), &json!("charge.create"))
        );
        assert_eq!(event["data"]["metadata"], json!({"attempt": "A1"}));
        let text = String::from_utf8(letter.body.clone()).unwrap();
        assert!(text.contains("  \"webhook_deliveries\": [\n\n  ],\n"), "{text}");
        assert_eq!(letter.header("omise-signature"), None);
        sandbox.stop().await;
    }
}

/// Of this seed, the first letter is overtaken and the second is not.
#[tokio::test]
async fn a_letter_may_be_overtaken_by_the_next_one() {
    let (receiver, mut webhook) = receiver().await;
    webhook.swap_percent = 50;
    let sandbox = sandbox(webhook, SEED_OF_A_SWAP).await;
    sandbox.create(1).await;
    assert_eq!(keys(&events(&receiver, 2).await), ["charge.complete", "charge.create"]);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_doubled_letter_is_the_same_to_the_byte() {
    let (receiver, mut webhook) = receiver().await;
    webhook.duplicate_percent = 100;
    let sandbox = sandbox(webhook, 1).await;
    sandbox.create(6).await;
    let events = events(&receiver, 2).await;
    assert_eq!(events[0].0.body, events[1].0.body);
    sandbox.stop().await;
}

#[tokio::test]
async fn refunds_are_told_of_also_those_made_elsewhere() {
    let (receiver, webhook) = receiver().await;
    let sandbox = sandbox(webhook, 1).await;
    sandbox.create(95).await;
    let events = events(&receiver, 3).await;
    let mut keys = keys(&events);
    keys.sort_unstable();
    assert_eq!(keys, ["charge.complete", "charge.create", "refund.create"]);
    sandbox.stop().await;
}

/// More letters than can wait, and a receiver that never answers: every call of the API is.
#[tokio::test]
async fn a_receiver_that_never_answers_holds_up_no_call() {
    let (_receiver, webhook) = receiver().await;
    let sandbox = sandbox(webhook, 1).await;
    for _ in 0..300 {
        assert_eq!(sandbox.create(6).await.status, 200);
    }
    sandbox.stop().await;
}

const SEED_OF_A_SWAP: u64 = 4;

/// Takes one webhook and answers with this status.
async fn receive(receiver: &TcpListener, status: &str) -> Answer {
    let (mut stream, _) = receiver.accept().await.unwrap();
    let mut received = Vec::new();
    loop {
        let mut chunk = [0_u8; 4_096];
        let length = stream.read(&mut chunk).await.unwrap();
        received.extend_from_slice(&chunk[..length]);
        let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") else {
            continue;
        };
        let letter = Answer {
            status: 0,
            head: String::from_utf8(received[..end].to_vec()).unwrap(),
            body: received[end + 4..].to_vec(),
        };
        let length: usize = letter.header("content-length").unwrap().parse().unwrap();
        if letter.body.len() >= length {
            let answer =
                format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
            return letter;
        }
    }
}
