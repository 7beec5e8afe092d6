//! The words of scripts for what the gateway answers.

use super::driver::duration;
use super::*;

/// The answers of the gateway that scripts know.
pub fn reply(words: &[&str], attempt: Option<AttemptId>) -> Reply {
    let unknown = |why| Reply::Unknown { why, retry_after: None };
    let charge = |status, id: &str| Charge {
        id: ChargeId(id.to_owned()),
        attempt: attempt.clone(),
        amount_satang: 15_000,
        currency: "THB".to_owned(),
        status,
        failure_code: None,
        refunds: Refunds { satang: Some(0), whole: Some(true), part: Some(true), made: None },
    };
    let back =
        |id: &str, refunds| Reply::Charge(Charge { refunds, ..charge(Status::Successful, id) });
    match words {
        ["paid", id, "back", satang] => {
            let satang = satang.parse().expect("satang");
            let may = (satang < 15_000).then_some(true).or(Some(false));
            back(id, Refunds { satang: Some(satang), whole: may, part: may, made: None })
        }
        ["paid", id, "back", satang, "as", own] => {
            let satang = satang.parse().expect("satang");
            let made = Some(vec![made(own, satang, &ChargeId((*id).to_owned()))]);
            back(id, Refunds { satang: Some(satang), made, ..Refunds::default() })
        }
        ["paid", id, "in", "full", "only"] => {
            let (whole, part) = (Some(true), Some(false));
            back(id, Refunds { satang: Some(0), whole, part, made: None })
        }
        ["paid", id, "too", "late"] => {
            let (whole, part) = (Some(false), Some(false));
            back(id, Refunds { satang: Some(0), whole, part, made: None })
        }
        ["paid", id, "15", "times"] => {
            let charge = ChargeId((*id).to_owned());
            let made = (0..15).map(|_| made("else", 100, &charge)).collect();
            back(id, Refunds { satang: Some(1_500), made: Some(made), ..Refunds::default() })
        }
        ["paid", id, "without", "figures"] => back(id, Refunds::default()),
        ["pending", id] => Reply::Charge(charge(Status::Pending, id)),
        ["odd", id] => Reply::Charge(charge(Status::Unrecognised, id)),
        ["paid", id] => Reply::Charge(charge(Status::Successful, id)),
        ["paid", id, "amount", satang] => {
            let amount_satang = satang.parse().expect("satang");
            Reply::Charge(Charge { amount_satang, ..charge(Status::Successful, id) })
        }
        ["paid", id, "currency", currency] => {
            let currency = (*currency).to_owned();
            Reply::Charge(Charge { currency, ..charge(Status::Successful, id) })
        }
        ["failed", id, code] => {
            let failure_code = Some((*code).to_owned());
            Reply::Charge(Charge { failure_code, ..charge(Status::Failed, id) })
        }
        ["expired", id] => Reply::Charge(charge(Status::Expired, id)),
        ["reversed", id] => Reply::Charge(charge(Status::Reversed, id)),
        ["foreign", id] => {
            let attempt = Some(AttemptId("somebody-else".to_owned()));
            Reply::Charge(Charge { attempt, ..charge(Status::Successful, id) })
        }
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
        ["429", after] => {
            let retry_after = Some(duration(after));
            Reply::Unknown { why: UnknownWhy::TooManyRequests, retry_after }
        }
        _ => panic!("no such answer: {words:?}"),
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
