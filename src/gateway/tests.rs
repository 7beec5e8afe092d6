//! The client against a gateway by script: what leaves, how often, and what is made of what comes
//! back.

mod server;

use std::io;
use std::sync::{Arc, Mutex};

use expect_test::expect;
use tokio::net::TcpListener;
use tracing_subscriber::fmt::MakeWriter;

use self::server::{Server, Turn};
use super::*;
use crate::code::{PaymentCode, Prefixes};
use crate::money::Amount;
use crate::terminal::{
    AttemptId, Charge, ChargeId, GatewayTime, RefundId, RefundOrder, Status, UnknownWhy,
};

const KEY: &str = "skey_test_5y4zsecret";
const CODE: &str = "130991292552725093";
const REFERENCE: &str = "INV-4711";

#[tokio::test]
async fn a_create_goes_out_as_documented() {
    let server = Server::start([Turn::Send(answer(200, CHARGE))]).await;
    assert_eq!(show(&gateway(&server.url).execute(create()).await), "charge chrg_1");
    let text = server.arrived()[0].text.replace("\r\n", "\n").replace(&server.url[7..], "HOST");
    let expected = expect![[r#"
        POST /charges HTTP/1.1
        authorization: Basic c2tleV90ZXN0XzV5NHpzZWNyZXQ6
        omise-version: 2019-05-29
        content-type: application/x-www-form-urlencoded
        accept: */*
        user-agent: tillscan/0.1.0
        host: HOST
        content-length: 180

        amount=150000
        &currency=THB
        &source%5Btype%5D=wechat_pay_upm
        &source%5Bbarcode%5D=130991292552725093
        &description=0190a-7
        &metadata%5Battempt%5D=0190a-7
        &metadata%5Breference%5D=INV-4711"#]];
    expected.assert_eq(&text.replace('&', "\n&"));
}

#[tokio::test]
async fn the_other_requests_have_no_body() {
    let turns = [answer(200, LIST), answer(200, CHARGE), answer(200, CHARGE), answer(200, LIST)];
    let server = Server::start(turns.map(Turn::Send)).await;
    let gateway = gateway(&server.url);
    for (request, expected) in [
        (Request::Warm, "warm 1702894736"),
        (Request::Get { charge: charge() }, "charge chrg_1"),
        (Request::Expire { charge: charge() }, "charge chrg_1"),
        (Request::Find { attempt: attempt(), since: Some(GatewayTime(1_702_894_736)) }, "absent"),
    ] {
        assert_eq!(show(&gateway.execute(request).await), expected);
    }
    let lines = server.arrived().into_iter().map(|arrived| {
        let length = arrived.text.lines().find(|line| line.starts_with("content-length"));
        format!("{} | {}\n", arrived.text.lines().next().unwrap(), length.unwrap_or("no body"))
    });
    let expected = expect![[r#"
        GET /charges?limit=1
        &order=reverse_chronological HTTP/1.1 | no body
        GET /charges/chrg_1 HTTP/1.1 | no body
        POST /charges/chrg_1/expire HTTP/1.1 | content-length: 0
        GET /charges?limit=100
        &offset=0
        &order=reverse_chronological
        &from=2023-12-18T10%3A17%3A56Z HTTP/1.1 | no body
    "#]];
    expected.assert_eq(&lines.collect::<String>().replace('&', "\n&"));
}

#[tokio::test]
async fn a_warm_connection_is_used_again() {
    let server = Server::start([answer(200, LIST), answer(200, CHARGE)].map(Turn::Send)).await;
    let gateway = gateway(&server.url);
    gateway.execute(Request::Warm).await;
    gateway.execute(create()).await;
    let connections: Vec<usize> = server.arrived().iter().map(|one| one.connection).collect();
    assert_eq!(connections, [0, 0]);
}

#[tokio::test]
async fn s5_an_answer_that_is_lost_on_the_way_proves_nothing() {
    let cut_off = answer(200, CHARGE).replace("content-length: ", "content-length: 1");
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"obj";
    let chunk = format!("8000\r\n{}\r\n", " ".repeat(0x8000));
    let endless = chunked.replace("5\r\n{\"obj", &chunk.repeat(40));
    let head_only = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n";
    let too_long = "HTTP/1.1 200 OK\r\ncontent-length: 1048577\r\n\r\n{";
    let redirect = "HTTP/1.1 307 Go\r\nlocation: /charges\r\ncontent-length: 0\r\n\r\n";
    let busy = "HTTP/1.1 429 Busy\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n";
    let table = [
        (Turn::Close, "unknown Broken"),
        (Turn::Reset, "unknown Broken"),
        (Turn::SendThenClose("HTTP/1.1 200".to_owned()), "unknown Broken"),
        (Turn::SendThenClose(head_only.to_owned()), "unknown Broken"),
        (Turn::SendThenClose(cut_off.clone()), "unknown Broken"),
        (Turn::SendThenClose(chunked.to_owned()), "unknown Broken"),
        (Turn::Send("SSH-2.0-OpenSSH\r\n\r\n".to_owned()), "unknown Broken"),
        (Turn::Hang, "unknown TimedOut"),
        (Turn::Send(cut_off), "unknown TimedOut"),
        (Turn::Send(chunked.to_owned()), "unknown TimedOut"),
        (Turn::Send(too_long.to_owned()), "unknown BadBody"),
        (Turn::Send(endless), "unknown BadBody"),
        (Turn::Send(redirect.to_owned()), "unknown BadBody"),
        (Turn::Send(busy.to_owned()), "unknown TooManyRequests wait=7s"),
        (Turn::Send(answer(502, "<html>")), "unknown ServerError"),
        (Turn::Send(answer(200, "")), "unknown BadBody"),
    ];
    for (number, (turn, expected)) in table.into_iter().enumerate() {
        // Were it sent again, the second answer would be a charge.
        let server = Server::start([turn, Turn::Send(answer(200, CHARGE))]).await;
        let mut options = options(&server.url);
        if expected == "unknown TimedOut" {
            options.request_timeout = Duration::from_millis(500);
        }
        let gateway = Gateway::new(&options).unwrap();
        assert_eq!(show(&gateway.execute(create()).await), expected, "row {number}");
        assert_eq!(server.arrived().len(), 1, "row {number}");
    }
}

#[tokio::test]
async fn what_never_left_is_told_from_what_may_have() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let refused = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let reply = gateway(&refused).execute(create()).await;
    assert!(show(&reply).starts_with("not sent: tcp connect error"), "{reply:?}");

    let server = Server::start([]).await;
    for key in [None, Some("")] {
        let options = Options { key: key.map(SecretString::from), ..options(&server.url) };
        let reply = Gateway::new(&options).unwrap().execute(create()).await;
        assert_eq!(show(&reply), "not sent: no secret key is configured");
    }
    assert_eq!(server.arrived().len(), 0);
}

#[tokio::test]
async fn what_fails_before_the_connection_is_encrypted_never_left() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        // The first is answered in plain text; the second is never answered, and runs into the
        // connect time-out.
        let (first, _) = listener.accept().await.unwrap();
        first.writable().await.unwrap();
        first.try_write(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        let _second = listener.accept().await.unwrap();
        std::future::pending::<()>().await;
    });
    let connect_timeout = Duration::from_millis(500);
    let options = Options { connect_timeout, ..options(&format!("https://127.0.0.1:{port}")) };
    // No roots, so that the test does not depend on the system's.
    let builder = reqwest::Client::builder().tls_certs_only([]);
    let base_url = client::base_url(&options.base_url).unwrap();
    let gateway = Gateway::over(Client::build(&options, &base_url, builder).unwrap());
    for _ in 0..2 {
        let reply = gateway.execute(create()).await;
        assert!(matches!(reply, Reply::NotSent { .. }), "{reply:?}");
    }
}

#[tokio::test]
async fn s8_a_create_that_is_lost_on_a_used_connection_is_not_sent_again() {
    for lost in [Turn::Close, Turn::Reset] {
        let list = || Turn::Send(answer(200, LIST));
        let server = Server::start([list(), lost, Turn::Send(answer(200, CHARGE))]).await;
        let gateway = gateway(&server.url);
        gateway.execute(Request::Warm).await;
        assert_eq!(show(&gateway.execute(create()).await), "unknown Broken");
        let connections: Vec<usize> = server.arrived().iter().map(|one| one.connection).collect();
        assert_eq!(connections, [0, 0]);
    }
}

/// The server closes the idle connection while the create is on its way: sooner or later in each
/// round, so that every order of the two is met.
#[tokio::test]
async fn s8_a_create_that_meets_a_closing_connection_leaves_once_at_most() {
    let (mut charged, mut lost) = (0, 0);
    for turns in 0..100 {
        let list = Turn::SendThenCloseLater(answer(200, LIST), turns);
        let server = Server::start([list, Turn::Send(answer(200, CHARGE))]).await;
        let gateway = gateway(&server.url);
        assert_eq!(show(&gateway.execute(Request::Warm).await), "warm 1702894736");
        let reply = show(&gateway.execute(create()).await);
        let arrived = server.arrived();
        let creates = arrived.iter().filter(|one| one.text.starts_with("POST /charges ")).count();
        match reply.as_str() {
            "charge chrg_1" => {
                assert_eq!(creates, 1, "{turns}");
                charged += 1;
            }
            "unknown Broken" => {
                assert!(creates <= 1, "{turns}: {creates}");
                lost += 1;
            }
            other => panic!("{turns}: {other}"),
        }
    }
    assert!(charged > 0 && lost > 0, "one order was never met: {charged} {lost}");
}

#[tokio::test]
async fn a_look_up_reads_page_by_page_until_something_is_proven() {
    let page = |offset: usize, attempt: &str| {
        let entry = CHARGE.replace("0190a-7", attempt);
        answer(200, &format!(r#"{{"object":"list","data":[{entry}],"offset":{offset},"total":3}}"#))
    };
    let table: &[(&[String], &str)] = &[
        (&[page(0, "other"), page(1, "0190a-7")], "charge chrg_1"),
        (&[page(0, "other"), answer(500, "")], "unknown ServerError"),
        (&[page(0, "other"), answer(200, "{")], "unknown BadBody"),
        (&[page(0, "other"), page(1, "other"), page(2, "other")], "absent"),
        (&[answer(401, ERROR)], "refused invalid_charge"),
    ];
    for (pages, expected) in table {
        let server = Server::start(pages.iter().cloned().map(Turn::Send)).await;
        let request = Request::Find { attempt: attempt(), since: None };
        assert_eq!(show(&gateway(&server.url).execute(request).await), *expected);
        assert_eq!(server.arrived().len(), pages.len());
    }
}

#[tokio::test]
async fn no_request_is_made_of_what_is_no_charge_id() {
    let server = Server::start([]).await;
    let gateway = gateway(&server.url);
    let strange = ChargeId("../account".to_owned());
    for request in [Request::Get { charge: strange.clone() }, Request::Expire { charge: strange }] {
        assert_eq!(show(&gateway.execute(request).await), "unknown BadBody");
    }
    assert_eq!(server.arrived().len(), 0);
}

#[tokio::test]
async fn s9_a_refund_is_believed_only_as_ordered() {
    let good = r#"{"object":"refund","id":"rfnd_1","charge":"chrg_1","amount":500,"currency":"THB",
        "status":"closed","metadata":{"refund":"r-1"}}"#;
    let backend_error = ERROR.replace("invalid_charge", "backend_error");
    let table = [
        (answer(200, good), "refund rfnd_1"),
        (answer(200, &good.replace("chrg_1", "chrg_2")), "unknown Foreign"),
        (answer(200, &good.replace("r-1", "r-2")), "unknown Foreign"),
        (answer(200, &good.replace("500", "501")), "unknown WrongAmount"),
        (answer(200, &good.replace("THB", "USD")), "unknown WrongAmount"),
        (answer(200, &good.replace("500", "500.0")), "unknown BadBody"),
        (answer(200, CHARGE), "unknown BadBody"),
        (answer(500, good), "unknown ServerError"),
        (answer(400, ERROR), "refused invalid_charge"),
        (answer(400, &backend_error), "unknown BackendError"),
    ];
    for (answer, expected) in table {
        let server = Server::start([Turn::Send(answer.clone())]).await;
        let id = RefundId("r-1".to_owned());
        let order = RefundOrder { charge: charge(), id, amount: Amount::from_baht(5) };
        let reply = gateway(&server.url).execute(Request::Refund(order)).await;
        assert_eq!(show(&reply), expected, "{answer}");
        let arrived = server.arrived();
        assert!(arrived[0].text.ends_with("\r\n\r\namount=500&metadata%5Brefund%5D=r-1"));
        assert_eq!(arrived.len(), 1);
    }
}

#[tokio::test]
async fn s9_refunds_are_listed_whole_or_not_at_all() {
    let one = r#"{"object":"refund","id":"rfnd_1","charge":"chrg_1","amount":500,"currency":"THB",
        "metadata":{}}"#;
    let list = |total: u32, data: &str| {
        answer(200, &format!(r#"{{"object":"list","offset":0,"total":{total},"data":[{data}]}}"#))
    };
    let table = [
        (list(0, ""), "0 refunds"),
        (list(1, one), "1 refunds"),
        (list(2, &format!("{one},{one}")), "2 refunds"),
        (list(2, one), "unknown BadBody"),
        (list(1, &one.replace("500", "5.5")), "unknown BadBody"),
        (list(1, &one.replace("{}", "7")), "unknown BadBody"),
        (list(1, &one.replace("chrg_1", "chrg_2")), "unknown Foreign"),
        (list(1, CHARGE), "unknown BadBody"),
        (answer(200, "{}"), "unknown BadBody"),
        (answer(503, ""), "unknown ServerError"),
    ];
    for (answer, expected) in table {
        let server = Server::start([Turn::Send(answer.clone())]).await;
        let reply = gateway(&server.url).execute(Request::Refunds { charge: charge() }).await;
        assert_eq!(show(&reply), expected, "{answer}");
    }
}

#[tokio::test]
async fn the_account_tells_a_test_key_from_a_live_one() {
    let body = r#"{"object":"account","id":"account_test_1","livemode":false,"email":"a@b",
        "api_version":"2019-05-29"}"#;
    let account = |livemode, api_version: Option<&str>| {
        let api_version = api_version.map(str::to_owned);
        Ok(Account { id: "account_test_1".to_owned(), livemode, api_version })
    };
    let table = [
        (answer(200, body), account(Some(false), Some("2019-05-29"))),
        (answer(200, r#"{"object":"account","id":"account_test_1"}"#), account(None, None)),
        (answer(200, CHARGE), Err(Failure::unknown(UnknownWhy::BadBody))),
        (answer(200, r#"{"object":"account"}"#), Err(Failure::unknown(UnknownWhy::BadBody))),
        (answer(500, body), Err(Failure::unknown(UnknownWhy::ServerError))),
    ];
    for (answer, expected) in table {
        let server = Server::start([Turn::Send(answer.clone())]).await;
        assert_eq!(gateway(&server.url).account().await, expected, "{answer}");
    }
}

/// Everything that is printed in a session, down to the trace level, is searched for what must not
/// be in it.
#[tokio::test]
async fn p1_neither_key_nor_code_nor_reference_is_ever_printed() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    // With one subscriber only, an event that a test on another thread meets first is off for this
    // one too.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let quoting = ERROR.replace("\"no\"", &format!("\"code {CODE} is used\""));
    let turns = [answer(200, CHARGE), answer(400, &quoting), answer(200, CHARGE)];
    let server = Server::start(turns.map(Turn::Send)).await;
    let options = options(&server.url);
    let gateway = Gateway::new(&options).unwrap();
    let mut printed = format!("{options:?} {gateway:?} {:?}", create());
    for request in [create(), create(), Request::Get { charge: charge() }] {
        printed += &format!("{:?}", gateway.execute(request).await);
    }
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for (level, line) in [("INFO", "POST"), ("DEBUG", "GET")] {
        let line = log.lines().find(|text| text.contains(&format!("method=\"{line}\"")));
        let line = line.unwrap_or_else(|| panic!("{log}"));
        assert!(line.contains(level) && line.contains("status=200"), "{line}");
        assert!(line.contains("request_id=\"0b6e-17\"") && line.contains("duration_ms="), "{line}");
    }
    assert!(log.contains("path=\"/charges\" subject=0190a-7"), "{log}");
    assert!(log.contains("path=\"/charges/{id}\" subject=chrg_1"), "{log}");
    // Base64 of the key and the colon, as the header has it.
    for secret in [KEY, CODE, &CODE[2..16], "c2tleV90ZXN0", "secret"] {
        assert!(!log.contains(secret), "{log}");
        assert!(!printed.contains(secret), "{printed}");
    }
    assert!(!log.contains(REFERENCE) && !log.contains("barcode"), "{log}");
}

fn options(url: &str) -> Options {
    Options {
        base_url: url.to_owned(),
        key: Some(SecretString::from(KEY)),
        request_timeout: Duration::from_secs(10),
        connect_timeout: Duration::from_secs(5),
        user_agent: "tillscan/0.1.0".to_owned(),
    }
}

fn gateway(url: &str) -> Gateway {
    Gateway::new(&options(url)).unwrap()
}

fn attempt() -> AttemptId {
    AttemptId("0190a-7".to_owned())
}

fn charge() -> ChargeId {
    ChargeId("chrg_1".to_owned())
}

fn create() -> Request {
    Request::Create {
        attempt: attempt(),
        reference: REFERENCE.parse().unwrap(),
        amount: Amount::from_baht(1_500),
        code: PaymentCode::parse(CODE, &Prefixes::default()).unwrap(),
    }
}

fn answer(status: u16, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\nx-request-id: 0b6e-17\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

fn show(reply: &Reply) -> String {
    match reply {
        Reply::Charge(Charge { id, status: Status::Pending, .. }) => format!("charge {id}"),
        Reply::Charge(other) => format!("{other:?}"),
        Reply::Absent => "absent".to_owned(),
        Reply::Refund(made) => format!("refund {}", made.id),
        Reply::Refunds(made) => format!("{} refunds", made.len()),
        Reply::Warm { newest: Some(GatewayTime(second)) } => format!("warm {second}"),
        Reply::Warm { newest: None } => "warm none".to_owned(),
        Reply::Refused(rejection) => format!("refused {}", rejection.code),
        Reply::NotSent { cause } => format!("not sent: {cause}"),
        Reply::Unknown { why, retry_after: None } => format!("unknown {why:?}"),
        Reply::Unknown { why, retry_after: Some(wait) } => format!("unknown {why:?} wait={wait:?}"),
    }
}

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

const CHARGE: &str = r#"{"object":"charge","id":"chrg_1","amount":150000,"currency":"THB",
    "status":"pending","metadata":{"attempt":"0190a-7"},"created_at":"2023-12-18T10:18:56Z",
    "source":{"barcode":"130991292552725093"}}"#;
const LIST: &str = r#"{"object":"list","offset":0,"total":1,"order":"reverse_chronological","data":[
    {"object":"charge","metadata":{},"created_at":"2023-12-18T10:18:56Z"}]}"#;
const ERROR: &str = r#"{"object":"error","code":"invalid_charge","message":"no"}"#;
