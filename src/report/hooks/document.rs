//! What a hook is told: one JSON object, and its main fields as environment variables.

use serde::{Deserialize, Serialize};

use super::process::Order;
use crate::report::text::{self, Language, Sentence};
use crate::terminal::{Announcement, Event, SaleView, Screen};

/// The JSON object on a hook's standard input. Fields may be added, none will change its meaning.
///
/// ```json
/// {
///   "event": "paid",
///   "repeated": false,
///   "sale": {
///     "reference": "INV-1", "amount": "150.00", "currency": "THB", "state": "closed", "outcome": "paid",
///     "charge_id": "chrg_test_5xuy4w91xqz7d1w9u0t", "failure_code": null, "wallet": "wechat_pay_upm",
///     "code": "13…93 len=18", "warning": null, "attempt": "0190…", "attempts": 1, "stop": null,
///     "detached": false, "late_success": false, "acknowledged": false, "amount_satang": 15000
///   },
///   "message": {
///     "th": {"headline": "จ่ายแล้ว 150.00 บาท", "next_step": "…"},
///     "en": {"headline": "Paid THB 150.00", "next_step": "…"},
///     "zh": {"headline": "已付款 150.00 泰铢", "next_step": "…"}
///   }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookDocument {
    /// What happened.
    pub event: Event,
    /// It was announced before: paper must say DUPLICATE.
    pub repeated: bool,
    /// The sale as it was then.
    pub sale: HookSale,
    /// What the counter shows about it.
    pub message: HookMessage,
}

/// A sale, with its amount also as the integer that programs calculate with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookSale {
    /// The sale as the local API shows it.
    #[serde(flatten)]
    pub view: SaleView,
    /// Its amount in satang.
    pub amount_satang: i64,
}

/// The same sentence in every language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookMessage {
    /// Thai.
    pub th: Sentence,
    /// English.
    pub en: Sentence,
    /// Chinese.
    pub zh: Sentence,
}

impl HookDocument {
    /// What to tell of this announcement.
    #[must_use]
    pub fn of(announcement: &Announcement) -> Self {
        let Announcement { event, repeated, sale } = announcement;
        let screen = match event {
            // Told again after somebody acknowledged it, the screen may show the outcome before it: "not paid".
            Event::LateSuccess => Screen::LateSuccess,
            Event::Paid
            | Event::Declined
            | Event::Expired
            | Event::Cancelled
            | Event::NotCreated
            | Event::Unknown
            | Event::Resolved => Screen::of(sale),
        };
        let say = |language| text::screen(language, screen, Some(sale));
        Self {
            event: *event,
            repeated: *repeated,
            sale: HookSale { view: sale.clone(), amount_satang: sale.amount.satang() },
            message: HookMessage {
                th: say(Language::Thai),
                en: say(Language::English),
                zh: say(Language::Chinese),
            },
        }
    }

    /// The main fields as environment variables, all of them always set, empty for null. `TILLSCAN_MESSAGE` is the
    /// Thai headline. Control characters are replaced.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let sale = &self.sale.view;
        let fields = [
            ("TILLSCAN_EVENT", self.event.word()),
            ("TILLSCAN_REPEATED", if self.repeated { "true" } else { "false" }),
            ("TILLSCAN_REFERENCE", sale.reference.as_str()),
            ("TILLSCAN_AMOUNT", &sale.amount.to_string()),
            ("TILLSCAN_AMOUNT_SATANG", &self.sale.amount_satang.to_string()),
            ("TILLSCAN_CURRENCY", &sale.currency),
            ("TILLSCAN_OUTCOME", sale.outcome.map_or("", |outcome| outcome.word())),
            ("TILLSCAN_CHARGE_ID", sale.charge_id.as_ref().map_or("", |id| &id.0)),
            ("TILLSCAN_FAILURE_CODE", sale.failure_code.as_deref().unwrap_or("")),
            ("TILLSCAN_MESSAGE", &self.message.th.headline),
            ("TILLSCAN_MESSAGE_EN", &self.message.en.headline),
            ("TILLSCAN_MESSAGE_ZH", &self.message.zh.headline),
        ];
        // A NUL would keep the command from starting, a line break surprises scripts that print what they got.
        fields.map(|(name, value)| (name, value.replace(char::is_control, "\u{fffd}"))).to_vec()
    }

    /// This document as a hook gets it.
    pub(super) fn order(&self) -> serde_json::Result<Order> {
        let mut json = serde_json::to_vec(self)?;
        // Scripts read lines.
        json.push(b'\n');
        Ok(Order {
            event: self.event,
            reference: self.sale.view.reference.clone(),
            json,
            environment: self.environment(),
        })
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::report::hooks::tests::announcement;
    use crate::terminal::{ChargeId, Outcome};

    #[test]
    fn a_document_is_one_line_of_json_that_reads_back() {
        let document = HookDocument::of(&announcement(Event::Paid, "INV-1"));
        let json = document.order().unwrap().json;
        let (last, line) = json.split_last().unwrap();
        assert!(*last == b'\n' && !line.contains(&b'\n'));
        assert_eq!(serde_json::from_slice::<HookDocument>(&json).unwrap(), document);
        expect![[r#"
            {
              "event": "paid",
              "repeated": false,
              "sale": {
                "reference": "INV-1",
                "amount": "150.00",
                "currency": "THB",
                "state": "closed",
                "outcome": "paid",
                "charge_id": "chrg_test_1",
                "failure_code": null,
                "wallet": "wechat_pay_upm",
                "code": "13…93 len=18",
                "warning": null,
                "attempt": "0190-1",
                "attempts": 1,
                "stop": null,
                "detached": false,
                "late_success": false,
                "acknowledged": false,
                "amount_satang": 15000
              },
              "message": {
                "th": {
                  "headline": "จ่ายแล้ว 150.00 บาท",
                  "next_step": "ขอบคุณที่ใช้บริการ ส่งสินค้าให้ลูกค้าได้"
                },
                "en": {
                  "headline": "Paid THB 150.00",
                  "next_step": "Thank you! The goods can be handed out."
                },
                "zh": {
                  "headline": "已付款 150.00 泰铢",
                  "next_step": "谢谢惠顾！可以交货。"
                }
              }
            }"#]]
        .assert_eq(&serde_json::to_string_pretty(&document).unwrap());
    }

    #[test]
    fn the_environment_has_no_control_characters_and_empty_words_for_null() {
        let mut told = announcement(Event::NotCreated, "ใบ 7");
        told.repeated = true;
        told.sale.outcome = None;
        told.sale.charge_id = Some(ChargeId("chrg\0\n".to_owned()));
        told.sale.failure_code = None;
        let value = |name| {
            let environment = HookDocument::of(&told).environment();
            environment.into_iter().find(|(one, _)| *one == name).unwrap().1
        };
        for (name, expected) in [
            ("TILLSCAN_EVENT", "not_created"),
            ("TILLSCAN_REPEATED", "true"),
            ("TILLSCAN_REFERENCE", "ใบ 7"),
            ("TILLSCAN_OUTCOME", ""),
            ("TILLSCAN_CHARGE_ID", "chrg\u{fffd}\u{fffd}"),
            ("TILLSCAN_FAILURE_CODE", ""),
        ] {
            assert_eq!(value(name), expected, "{name}");
        }
    }

    #[test]
    fn s6_a_late_success_is_never_told_as_not_paid() {
        let mut told = announcement(Event::LateSuccess, "INV-1");
        told.sale.outcome = Some(Outcome::Expired);
        told.sale.late_success = true;
        for acknowledged in [false, true] {
            told.sale.acknowledged = acknowledged;
            let message = HookDocument::of(&told).message;
            assert_eq!(message.en.headline, "Money came in late THB 150.00");
        }
    }
}
