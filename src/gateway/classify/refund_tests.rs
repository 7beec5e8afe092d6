//! What an answer proves about refunds (S9).

use super::*;
use crate::money::Amount;
use crate::terminal::{RefundId, Rejection};

const CHARGE: &str = r#"{"object":"charge","id":"chrg_1","amount":500,"currency":"THB",
    "status":"pending"}"#;
const ERROR: &str = r#"{"object":"error","code":"invalid_charge","message":"no"}"#;

fn answer(status: u16, body: &str) -> Exchange {
    let body = Some(Zeroizing::new(body.as_bytes().to_vec()));
    Exchange::Answered(Answer { status, retry_after: None, body })
}

fn charge() -> ChargeId {
    ChargeId("chrg_1".to_owned())
}

#[test]
fn s9_a_refund_is_believed_only_as_ordered() {
    let good = r#"{"object":"refund","id":"rfnd_1","charge":"chrg_1","amount":500,"currency":"THB",
        "status":"closed","metadata":{"refund":"r-1"}}"#;
    let unknown = |why| Err(Failure::unknown(why));
    let backend_error = ERROR.replace("invalid_charge", "backend_error");
    let refused = Rejection { code: "invalid_charge".to_owned(), message: "no".to_owned() };
    let table = [
        (answer(200, good), Ok("rfnd_1".to_owned())),
        (answer(200, &good.replace("chrg_1", "chrg_2")), unknown(UnknownWhy::Foreign)),
        (answer(200, &good.replace("r-1", "r-2")), unknown(UnknownWhy::Foreign)),
        (answer(200, &good.replace("500", "501")), unknown(UnknownWhy::WrongAmount)),
        (answer(200, &good.replace("THB", "USD")), unknown(UnknownWhy::WrongAmount)),
        (answer(200, &good.replace("500", "500.0")), unknown(UnknownWhy::BadBody)),
        (answer(200, CHARGE), unknown(UnknownWhy::BadBody)),
        (answer(500, good), unknown(UnknownWhy::ServerError)),
        (answer(400, ERROR), Err(Failure::Refused(refused))),
        (answer(400, &backend_error), unknown(UnknownWhy::BackendError)),
    ];
    let order = RefundOrder {
        charge: charge(),
        id: RefundId("r-1".to_owned()),
        amount: Amount::from_baht(5),
    };
    for (exchange, expected) in table {
        let refund = classify_refund(&order, &exchange);
        assert_eq!(refund.map(|refund| refund.id), expected, "{exchange:?}");
    }
}

#[test]
fn s9_refunds_are_listed_whole_or_not_at_all() {
    let one = r#"{"object":"refund","id":"rfnd_1","charge":"chrg_1","amount":500,"currency":"THB",
        "metadata":{}}"#;
    let list_from = |offset: u32, total: u32, data: &str| {
        let list =
            format!(r#"{{"object":"list","offset":{offset},"total":{total},"data":[{data}]}}"#);
        answer(200, &list)
    };
    let list = |total, data: &str| list_from(0, total, data);
    let unknown = |why| Err(Failure::unknown(why));
    let table = [
        (list(0, ""), Ok(0)),
        (list(1, one), Ok(1)),
        (list(2, &format!("{one},{one}")), Ok(2)),
        (list(2, one), unknown(UnknownWhy::BadBody)),
        (list_from(1, 1, one), unknown(UnknownWhy::BadBody)),
        (list(1, &one.replace("500", "5.5")), unknown(UnknownWhy::BadBody)),
        (list(1, &one.replace("{}", "7")), unknown(UnknownWhy::BadBody)),
        (list(1, &one.replace("chrg_1", "chrg_2")), unknown(UnknownWhy::Foreign)),
        (list(1, CHARGE), unknown(UnknownWhy::BadBody)),
        (answer(200, "{}"), unknown(UnknownWhy::BadBody)),
        (answer(503, ""), unknown(UnknownWhy::ServerError)),
    ];
    for (exchange, expected) in table {
        let refunds = classify_refunds(&charge(), &exchange);
        assert_eq!(refunds.map(|refunds| refunds.len()), expected, "{exchange:?}");
    }
}

#[test]
fn an_account_is_read_from_an_account_only() {
    let good =
        r#"{"object":"account","id":"account_1","livemode":true,"api_version":"2019-05-29"}"#;
    let account = classify_account(&answer(200, good)).unwrap();
    assert_eq!((account.id.as_str(), account.livemode), ("account_1", Some(true)));
    assert_eq!(account.api_version.as_deref(), Some("2019-05-29"));
    for (exchange, why) in [
        (answer(200, CHARGE), UnknownWhy::BadBody),
        (answer(200, "{}"), UnknownWhy::BadBody),
        (answer(500, good), UnknownWhy::ServerError),
        (Exchange::TimedOut, UnknownWhy::TimedOut),
    ] {
        assert_eq!(classify_account(&exchange), Err(Failure::unknown(why)), "{exchange:?}");
    }
}

/// P1: what comes back may echo the payment code.
#[test]
fn p1_an_answer_shows_its_status_and_no_body() {
    assert_eq!(format!("{:?}", answer(200, CHARGE)), "Answered(Answer(200 retry_after=None))");
}
