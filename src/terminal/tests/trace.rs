//! How a trace names what was ordered and what was recorded.

use super::*;

/// The lines that tell of one effect: none of the connection that is kept warm.
pub fn ordered(effect: &Effect) -> Vec<String> {
    let line = match effect {
        Effect::Persist(records) => {
            return records.iter().map(|record| format!("write   {}", fact(record))).collect();
        }
        Effect::Send(_, Request::Warm) => return Vec::new(),
        Effect::Send(_, request) => format!("send    {}", sent(request)),
        Effect::Answer(_, Ok(view)) => {
            let outcome = view.outcome.map_or("open", Outcome::word);
            format!("answer  {} {outcome}", view.reference)
        }
        Effect::Answer(_, Err(refusal)) => format!("refuse  {refusal}"),
        Effect::Show(frame) => {
            let about = frame.sale.as_ref().map_or("-", |sale| sale.reference.as_str());
            let typed = frame.typed.as_deref().unwrap_or_default();
            format!("show    {} {about} {typed}", word(frame.screen)).trim_end().to_owned()
        }
        Effect::Feedback(feedback) => format!("beep    {}", word(feedback)),
        Effect::Announce(announcement) => told(announcement),
    };
    vec![line]
}

fn told(announcement: &Announcement) -> String {
    let Announcement { event, repeated, sale, refund } = announcement;
    let again = if *repeated { " (again)" } else { "" };
    let Some(refund) = refund else {
        let code = sale.failure_code.as_deref().unwrap_or_default();
        let outcome = sale.outcome.map_or("", Outcome::word);
        let detail = if event.word() == outcome { "" } else { outcome };
        let line = format!("tell    {} {} {detail} {code}", event.word(), sale.reference);
        return format!("{}{again}", line.trim_end());
    };
    let amount = refund.amount.map_or_else(String::new, |amount| amount.to_string());
    let code = refund.failure_code.as_deref().unwrap_or_default();
    let about = format!("{} of {} {amount} {code}", refund.refund, sale.reference);
    let line = format!("tell    {} {}", event.word(), about.trim_end());
    format!("{line}, {} back{again}", sale.refunded)
}

/// What scripts call a request by: its kind, and what it is about.
pub fn name(request: &Request) -> String {
    sent(request).split(' ').take(2).collect::<Vec<_>>().join(" ")
}

pub fn sent(request: &Request) -> String {
    match request {
        Request::Warm => "warm".to_owned(),
        Request::Create { attempt, amount, code, .. } => {
            format!("create {attempt} {amount} {code}")
        }
        Request::Get { charge } => format!("get {charge}"),
        Request::Find { attempt, .. } => format!("find {attempt}"),
        Request::Expire { charge } => format!("expire {charge}"),
        Request::Refund(order) => {
            format!("refund {} {} of {}", order.id, order.amount, order.charge)
        }
        Request::Refunds { charge } => format!("refunds {charge}"),
    }
}

pub fn fact(record: &Record) -> String {
    let reference = &record.reference;
    match &record.fact {
        Fact::Armed { amount } => format!("armed {reference} {amount}"),
        Fact::Disarmed { outcome } => format!("disarmed {reference} {outcome}"),
        Fact::AttemptStarted { attempt, mask, warning, .. } => {
            let warning = if warning.is_some() { " warned" } else { "" };
            format!("started {attempt} of {reference} {mask}{warning}")
        }
        Fact::AnswerLost { attempt } => format!("answer lost {attempt}"),
        Fact::ChargeKnown { attempt, charge } => format!("{attempt} is {charge}"),
        Fact::StopAsked { attempt, why } => format!("stop {attempt}: {}", word(*why)),
        Fact::DeclaredUnknown { attempt } => format!("{attempt} unknown"),
        Fact::Detached { attempt } => format!("{attempt} detached"),
        Fact::AttemptClosed { attempt, outcome, .. } => format!("{attempt} closed {outcome}"),
        Fact::Watched { attempt, looks } => format!("{attempt} watched {looks}"),
        Fact::WatchEnded { attempt } => format!("{attempt} watch ended"),
        Fact::LateSuccess { attempt } => format!("{attempt} late success"),
        Fact::RefundAsked { refund, id, attempt, amount, .. } => {
            let amount = amount.map_or("all".to_owned(), |amount| amount.to_string());
            format!("refund {refund} of {reference} asked: {amount} of {attempt} as {id}")
        }
        Fact::RefundSent { refund, amount } => format!("refund {refund} sent {amount}"),
        Fact::RefundUnknown { refund } => format!("refund {refund} unknown"),
        Fact::RefundClosed { refund, outcome, refund_id, .. } => {
            let made = refund_id.as_ref().map_or(String::new(), |made| format!(" as {made}"));
            format!("refund {refund} {}{made}", word(*outcome))
        }
        Fact::GivenBack { attempt, amount } => format!("{attempt} gave back {amount}"),
        Fact::Acknowledged => format!("seen {reference}"),
        Fact::Settled => format!("settled {reference}"),
    }
}

/// The word that programs read for a value of one of our enums.
pub fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|json| json.as_str().map(str::to_owned))
        .expect("a word")
}
