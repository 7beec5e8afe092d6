//! What the daemon knows of itself and of the sales, for those who ask.

use anyhow::{Context, Result};

use super::counter::Counter;
use crate::api::CallError;
use crate::api::document::{KeyState, SaleDocument, ScannerDocument, StatusDocument};
use crate::config::secret::KeyMode;
use crate::journal::Which;
use crate::scanner::{Kind, State};
use crate::terminal::{Frame, Outcome, Record, Reference, RefundState, Refusal, Sale, SaleView};
use crate::webhook::Receiver;

impl Counter {
    /// A sale: as the terminal holds it, else as the journal tells.
    pub(super) fn read(&self, reference: &Reference) -> Result<Result<SaleView, CallError>> {
        if let Some(sale) = self.terminal.sale(reference) {
            return Ok(Ok(sale.view()));
        }
        let sale = Sale::from_records(&self.history(reference)?);
        let missing = || CallError::from(Refusal::NoSuchSale(reference.clone()));
        Ok(sale.map(|sale| sale.view()).ok_or_else(missing))
    }

    /// The newest sales, newest first.
    pub(super) fn read_newest(&self, limit: usize) -> Result<Vec<SaleView>> {
        let histories = self.journal.recent(limit, Which::All).context("reading the journal")?;
        let view = |records: &Vec<Record>| {
            let live = records.first().and_then(|first| self.terminal.sale(&first.reference));
            live.map(Sale::view).or_else(|| Sale::from_records(records).map(|sale| sale.view()))
        };
        Ok(histories.iter().filter_map(view).collect())
    }

    pub(super) fn history(&self, reference: &Reference) -> Result<Vec<Record>> {
        self.journal.history(reference).context("reading the journal")
    }

    /// Everything an operator wants to know.
    pub(super) fn status(&self) -> StatusDocument {
        StatusDocument {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            counter: self.settings.counter.name.clone(),
            key: self.key_state(),
            gateway: self.settings.gateway.base_url.to_string(),
            uptime_seconds: self.clock.now().since_start().as_secs(),
            screen: self.terminal.frame().into(),
            alerts: self.terminal.alerts().map(SaleDocument::from).collect(),
            unsettled: self.terminal.unsettled(),
            scanners: self.scanners.status().iter().map(ScannerDocument::from).collect(),
            scans: self
                .scans
                .iter()
                .map(|(feedback, count)| (feedback.word().to_owned(), *count))
                .collect(),
            hooks: self.hooks.status(),
            webhooks: self.webhooks.as_ref().map(Receiver::status),
            journal: self.settings.journal.path.display().to_string(),
            problems: self.problems(),
        }
    }

    /// One line for `systemctl status`.
    pub(super) fn summary(&self, frame: &Frame) -> String {
        let key = match self.key_state() {
            KeyState::Test => "test key",
            KeyState::Live => "live key",
            KeyState::Missing => "NO KEY",
        };
        let alerts = self.terminal.alerts().count();
        format!(
            "{:?}; {key}; {} unsettled; {alerts} alerts",
            frame.screen,
            self.terminal.unsettled()
        )
    }

    fn key_state(&self) -> KeyState {
        match self.key {
            Some(KeyMode::Test) => KeyState::Test,
            Some(KeyMode::Live) => KeyState::Live,
            None => KeyState::Missing,
        }
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.key.is_none() {
            problems.push(
                "no secret key: put it into the systemd credential opn-secret-key or name \
                 gateway.secret_key_file; no sale is taken"
                    .to_owned(),
            );
        }
        problems.extend(self.terminal.gateway_problem().map(str::to_owned));
        if let Err(error) = self.journal.check_space() {
            problems.push(error.to_string());
        }
        problems.extend(self.webhooks.iter().flat_map(Receiver::problems));
        let scanners = self.scanners.status();
        if !scanners.iter().any(|one| one.kind != Kind::Keypad) {
            // Else there is one: a configured scanner has a status, whether it is there or not.
            problems.push(
                "no barcode scanner is plugged in that is known as one: `tillscan devices` shows \
                 what there is, and what to configure"
                    .to_owned(),
            );
        }
        for scanner in scanners.iter().filter(|one| one.state != State::Ready) {
            problems.push(format!("scanner {}: {}", scanner.device, scanner.sentence()));
        }
        problems.extend(self.terminal.alerts().map(|alert| sentence(&alert)));
        problems
    }
}

/// What is the matter with a sale that waits for a person, and what to do.
fn sentence(alert: &SaleView) -> String {
    let reference = &alert.reference;
    let lost = alert.refunds.iter().find(|refund| refund.state == RefundState::Unknown);
    if let Some(lost) = lost {
        return format!(
            "whether refund {} of sale {reference} was made is not known: it is looked up, do not \
             refund again",
            lost.refund
        );
    }
    // Of several attempts, it may be the money of another one that went back.
    let back = alert.attempts == 1 && alert.refunded >= alert.amount;
    let what = match (alert.late_success, alert.outcome) {
        (true, _) if back => "was paid after \"not paid\" was told, and the money went back",
        (true, _) => "was paid after \"not paid\" was told",
        (false, Some(Outcome::Unknown)) => "is still unknown",
        (false, _) => "was detached and has its outcome now",
    };
    format!("sale {reference} {what}: look at it, then acknowledge it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::Fact;

    const ARMED: &str = r#"{"fact":"armed","amount":"150.00"}"#;
    /// The first attempt is told "not paid", and paid late.
    const LATE: &str = r#"{"fact":"attempt_started","attempt":"a1","wallet":"wechat_pay_upm","mask":"","since":null}
        {"fact":"attempt_closed","attempt":"a1","outcome":"declined","watch":true}
        {"fact":"late_success","attempt":"a1"}"#;
    const PAID: &str = r#"{"fact":"attempt_started","attempt":"a2","wallet":"wechat_pay_upm","mask":"","since":null}
        {"fact":"attempt_closed","attempt":"a2","outcome":"paid","watch":false}"#;

    fn back(attempt: &str, baht: &str) -> String {
        format!(r#"{{"fact":"given_back","attempt":"{attempt}","amount":"{baht}"}}"#)
    }

    /// Whoever believes that late money went back will not give it back.
    #[test]
    fn l2_only_the_late_money_itself_counts_as_gone_back() {
        let (whole, part, others) =
            (back("a1", "150.00"), back("a1", "149.99"), back("a2", "150.00"));
        for (facts, went_back) in [
            (vec![ARMED, LATE], false),
            (vec![ARMED, LATE, &part], false),
            (vec![ARMED, LATE, &whole], true),
            (vec![ARMED, LATE, PAID, &others], false),
        ] {
            let record = |line| Record {
                reference: "R".parse().unwrap(),
                fact: serde_json::from_str::<Fact>(line).unwrap(),
            };
            let records: Vec<_> =
                facts.iter().flat_map(|facts| facts.lines()).map(record).collect();
            let told = sentence(&Sale::from_records(&records).unwrap().view());
            assert_eq!(told.contains("went back"), went_back, "{told}");
        }
    }
}
