//! What a journal tells of a sale.

use super::*;
use crate::code::{Wallet, Warning};
use crate::money::Amount;

fn record(fact: Fact) -> Record {
    Record { reference: "R".parse().expect("a reference"), fact }
}

#[test]
fn a_sale_begins_with_its_arming() {
    let armed = record(Fact::Armed { amount: Amount::from_baht(20) });
    let attempt = AttemptId("a1".to_owned());
    let unknown = record(Fact::DeclaredUnknown { attempt });
    assert!(Sale::from_records(&[]).is_none());
    assert!(Sale::from_records(&[unknown.clone(), armed.clone()]).is_none());
    let sale = Sale::from_records(&[armed, unknown]).expect("a sale");
    assert!(sale.armed, "a fact about an attempt that never began changes the sale");
    assert_eq!((sale.outcome, sale.attempts.len()), (None, 0));
}

/// A customer from Hong Kong may not be able to pay: the till is told, after a restart too.
#[test]
fn what_was_unusual_about_a_code_stays_with_its_attempt() {
    let armed = record(Fact::Armed { amount: Amount::from_baht(20) });
    let started = record(Fact::AttemptStarted {
        attempt: AttemptId("a1".to_owned()),
        wallet: Wallet::WechatPayUpm,
        mask: "15…56 len=18".to_owned(),
        since: None,
        warning: Some(Warning::HongKongWallet),
    });
    let view = Sale::from_records(&[armed, started]).expect("a sale").view();
    assert_eq!(view.warning, Some(Warning::HongKongWallet));
    assert_eq!((view.wallet, view.attempts), (Some(Wallet::WechatPayUpm), 1));
    assert_eq!(view.code.as_deref(), Some("15…56 len=18"));
}
