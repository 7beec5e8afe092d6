//! The words that programs and the operator read. Programs' words stay.

use expect_test::expect;

use super::*;
use crate::money::Amount;

/// The word under which a value of one of our enums is written into documents and journals.
fn written(value: impl serde::Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|json| json.as_str().map(str::to_owned))
        .expect("a word")
}

#[test]
fn a_word_is_the_same_wherever_it_is_read() {
    for event in Event::ALL {
        assert_eq!(event.word(), written(event));
    }
    let outcomes = [
        Outcome::Paid,
        Outcome::Declined,
        Outcome::Expired,
        Outcome::Cancelled,
        Outcome::NotCreated,
        Outcome::Unknown,
    ];
    for outcome in outcomes {
        let words = [outcome.word().to_owned(), outcome.to_string(), written(outcome)];
        assert!(words.iter().all(|word| *word == Event::from(outcome).word()), "{words:?}");
    }
}

#[test]
fn a_refund_is_final_once_it_was_made_or_refused() {
    let states = [
        (RefundState::Asked, false),
        (RefundState::Sent, false),
        (RefundState::Unknown, false),
        (RefundState::Refunded, true),
        (RefundState::Refused, true),
    ];
    for (state, is_final) in states {
        assert_eq!((state.word(), state.is_final()), (written(state).as_str(), is_final));
    }
}

#[test]
fn what_became_of_a_scan_has_its_word_and_its_beep() {
    let all = [
        Feedback::Accepted,
        Feedback::CommandDone,
        Feedback::CommandIdle,
        Feedback::NothingArmed,
        Feedback::Busy,
        Feedback::AlreadyPaid,
        Feedback::Repeated,
        Feedback::Stale,
        Feedback::Partial,
        Feedback::TooLong,
        Feedback::ControlCharacters,
        Feedback::AlipayNotEnabled,
        Feedback::WechatNotEnabled,
        Feedback::OutsideLimits,
        Feedback::UnionPay,
        Feedback::LinePay,
        Feedback::MerchantQr,
        Feedback::EmvConsumer,
        Feedback::WechatPersonal,
        Feedback::Product,
        Feedback::Unreadable,
        Feedback::AmountRefused,
        Feedback::AmountArmed,
        Feedback::NotReady,
        Feedback::TooManyUnsettled,
        Feedback::DiskFull,
        Feedback::LateSuccess,
        Feedback::KeyRefused,
    ];
    for feedback in all {
        assert_eq!(feedback.word(), written(feedback));
    }
    let good: Vec<&str> = all.into_iter().filter(|one| one.is_good()).map(Feedback::word).collect();
    assert_eq!(good, ["accepted", "command_done"]);
}

#[test]
fn a_refusal_has_its_code_its_sentence_and_what_a_keypad_tells() {
    let sale = || "R".parse::<Reference>().expect("a reference");
    let amount = Amount::from_baht;
    let limits = Limits { min: amount(20), max: amount(30) };
    let refusals = [
        Refusal::Busy(sale()),
        Refusal::AmountDiffers { reference: sale(), used: amount(1), asked: amount(2) },
        Refusal::OutsideLimits { amount: amount(31), limits },
        Refusal::NoWallet,
        Refusal::NoKey,
        Refusal::TooManyUnsettled(5_000),
        Refusal::TooManyAttempts(sale()),
        Refusal::NoSuchSale(sale()),
        Refusal::Closed(sale(), Outcome::Paid),
        Refusal::Unresolved(sale()),
        Refusal::PaidLate(sale()),
        Refusal::NotInTrouble(sale()),
        Refusal::NotPaid(sale()),
        Refusal::MoreThanLeft { reference: sale(), asked: amount(2), left: amount(1) },
        Refusal::NothingToRefund(sale()),
        Refusal::RefundDiffers(sale(), sale()),
        Refusal::RefundUnderWay(sale(), sale()),
        Refusal::TooManyRefunds(sale()),
    ];
    let lines = refusals.iter().map(|refusal| {
        let keypad = Feedback::from(refusal).word();
        format!("{:<18} {keypad:<18} {refusal}\n", refusal.code())
    });
    expect![[r#"
        busy               busy               the terminal is busy with sale R: finish, cancel or detach it first
        amount_differs     key_refused        reference R was used for 1.00 THB, not 2.00 THB
        outside_limits     outside_limits     31.00 THB is outside the limits: 20.00 to 30.00 THB
        no_wallet          not_ready          no wallet is enabled in the configuration
        no_key             not_ready          no secret key is configured: no sale can be taken and no money given back
        too_many_unsettled too_many_unsettled 5000 sales are unsettled: look at them before taking or giving back more
        too_many_attempts  key_refused        sale R was tried too often: use another reference
        no_such_sale       key_refused        there is no sale R
        closed             key_refused        sale R is closed: paid
        unresolved         key_refused        sale R has no final outcome yet: wait for it
        paid_late          key_refused        sale R was paid late: acknowledge it, do not charge again
        not_in_trouble     key_refused        sale R is in progress and nothing is unknown about it: cancel it instead
        not_paid           key_refused        sale R is not known to be paid: there is nothing that could be given back now
        more_than_left     key_refused        2.00 THB is more than the 1.00 THB that are left of sale R
        nothing_to_refund  key_refused        nothing of sale R is left to give back, or nothing was asked for
        refund_differs     key_refused        refund R of sale R was asked for with another amount
        refund_under_way   key_refused        refund R of sale R is under way: wait for it
        too_many_refunds   key_refused        sale R was asked for too many refunds
    "#]].assert_eq(&lines.collect::<String>());
}

#[test]
fn why_an_answer_proves_nothing_is_told_in_words() {
    let all = [
        UnknownWhy::TimedOut,
        UnknownWhy::Broken,
        UnknownWhy::ServerError,
        UnknownWhy::TooManyRequests,
        UnknownWhy::BackendError,
        UnknownWhy::BadBody,
        UnknownWhy::Foreign,
        UnknownWhy::Refused,
        UnknownWhy::Missing,
        UnknownWhy::WrongAmount,
        UnknownWhy::TooMany,
        UnknownWhy::NotSent,
    ];
    let lines = all.map(|why| format!("{:<18} {}\n", written(why), why.word()));
    expect![[r#"
        timed_out          no answer in time
        broken             the connection broke
        server_error       it is in trouble itself (5xx)
        too_many_requests  too many requests (429)
        backend_error      it cannot reach the wallet (backend_error)
        bad_body           its answer cannot be read
        foreign            its answer is about another charge
        refused            it refused
        missing            it does not find a charge it answered before
        wrong_amount       the charge has another amount or currency
        too_many           too many charges to look through
        not_sent           it cannot be reached
    "#]]
    .assert_eq(&lines.concat());
}

#[test]
fn a_till_stops_waiting_when_the_sale_is_closed_or_detached() {
    let mut view = Sale::new("R".parse().expect("a reference"), Amount::from_baht(20)).view();
    let states = [
        State::Armed,
        State::Creating,
        State::AwaitingCustomer,
        State::Resolving,
        State::Stopping,
        State::Closed,
    ];
    for state in states {
        for detached in [false, true] {
            (view.state, view.detached) = (state, detached);
            assert_eq!(view.is_over(), detached || state == State::Closed, "{state:?} {detached}");
        }
    }
}

#[test]
fn names_are_read_from_documents_as_they_are_read_from_people() {
    let read = |text: &str| serde_json::from_str::<Reference>(text).ok();
    assert_eq!(read(r#""INV-1""#), "INV-1".parse().ok());
    assert_eq!(read(r#""""#), None);
    assert_eq!(AttemptId("a".to_owned()).to_string(), "a");
}
