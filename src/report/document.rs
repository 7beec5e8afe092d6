//! A sale and its outcome as programs get them: hooks on their standard input, tills and pages from
//! the local API. Fields are added, never renamed. No secrets.

use serde::{Deserialize, Serialize};

use super::text::{self, Language, Sentence};
use crate::terminal::{Announcement, Event, Feedback, Reference, RefundView, SaleView, Screen};

/// The JSON object on a hook's standard input, and of the event stream's `outcome`.
///
/// ```json
/// {
///   "event": "paid",
///   "repeated": false,
///   "sale": {
///     "reference": "INV-1", "amount": "150.00", "currency": "THB", "state": "closed",
///     "outcome": "paid", "charge_id": "chrg_test_5xuy4w91xqz7d1w9u0t", "failure_code": null,
///     "wallet": "wechat_pay_upm",
///     "code": "13…93 len=18", "warning": null, "attempt": "0190…", "attempts": 1, "stop": null,
///     "detached": false, "late_success": false, "acknowledged": false,
///     "refunded": "0.00", "refunds": [], "amount_satang": 15000, "screen": "paid",
///     "message": {
///       "th": {"headline": "จ่ายแล้ว 150.00 บาท", "next_step": "…"},
///       "en": {"headline": "Paid THB 150.00", "next_step": "…"},
///       "zh": {"headline": "已付款 150.00 泰铢", "next_step": "…"}
///     }
///   },
///   "refund": null
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeDocument {
    /// What happened.
    pub event: Event,
    /// It was announced before: paper must say DUPLICATE.
    pub repeated: bool,
    /// The sale as it was then.
    pub sale: SaleDocument,
    /// The refund that it is about; null for every other event.
    #[serde(default)]
    pub refund: Option<RefundDocument>,
}

/// A refund with everything that can be told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundDocument {
    /// The refund itself; its fields stand beside the one below.
    #[serde(flatten)]
    pub refund: RefundView,
    /// The words for where it stands.
    pub message: Message,
}

/// A sale with everything that can be told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaleDocument {
    /// The sale itself; its fields stand beside the ones below.
    #[serde(flatten)]
    pub sale: SaleView,
    /// Its amount as the integer that programs calculate with.
    pub amount_satang: i64,
    /// Which screen tells of it.
    pub screen: Screen,
    /// The screen's words.
    pub message: Message,
}

/// The same sentence in every language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Thai.
    pub th: Sentence,
    /// English.
    pub en: Sentence,
    /// Chinese.
    pub zh: Sentence,
}

impl Message {
    /// The words of a screen.
    #[must_use]
    pub fn of_screen(screen: Screen, sale: Option<&SaleView>) -> Self {
        Self::in_each(|language| text::screen(language, screen, sale))
    }

    /// The words while an amount is being typed.
    #[must_use]
    pub fn of_entry(typed: &str) -> Self {
        Self::in_each(|language| text::entry(language, typed))
    }

    /// The words for what became of a scan or a key.
    #[must_use]
    pub fn of_feedback(feedback: Feedback) -> Self {
        Self::in_each(|language| text::feedback(language, feedback))
    }

    /// The words for where a refund stands.
    #[must_use]
    pub fn of_refund(refund: &RefundView, reference: &Reference) -> Self {
        Self::in_each(|language| text::refund(language, refund, reference))
    }

    /// The sentence in one language.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &Sentence {
        match language {
            Language::Thai => &self.th,
            Language::English => &self.en,
            Language::Chinese => &self.zh,
        }
    }

    fn in_each(say: impl Fn(Language) -> Sentence) -> Self {
        Self { th: say(Language::Thai), en: say(Language::English), zh: say(Language::Chinese) }
    }
}

impl SaleDocument {
    fn showing(sale: SaleView, screen: Screen) -> Self {
        let message = Message::of_screen(screen, Some(&sale));
        Self { amount_satang: sale.amount.satang(), screen, message, sale }
    }
}

impl From<SaleView> for SaleDocument {
    fn from(sale: SaleView) -> Self {
        let screen = Screen::of(&sale);
        Self::showing(sale, screen)
    }
}

impl From<Announcement> for OutcomeDocument {
    fn from(announcement: Announcement) -> Self {
        let Announcement { event, repeated, sale, refund } = announcement;
        let screen = match event {
            // Told again after somebody acknowledged it, the screen may show the outcome before it:
            // "not paid".
            Event::LateSuccess => Screen::LateSuccess,
            Event::Refunded | Event::RefundRefused | Event::RefundUnknown if sale.late_success => {
                Screen::LateSuccess
            }
            Event::Paid
            | Event::Declined
            | Event::Expired
            | Event::Cancelled
            | Event::NotCreated
            | Event::Unknown
            | Event::Resolved
            | Event::Refunded
            | Event::RefundRefused
            | Event::RefundUnknown => Screen::of(&sale),
        };
        let refund = refund.map(|refund| {
            let message = Message::of_refund(&refund, &sale.reference);
            RefundDocument { refund, message }
        });
        Self { event, repeated, sale: SaleDocument::showing(sale, screen), refund }
    }
}

impl OutcomeDocument {
    /// The main fields as environment variables, all of them always set, empty for null.
    /// `TILLSCAN_MESSAGE` is the Thai headline, of the refund where the event is about one. Control
    /// characters are replaced.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let SaleDocument { sale, amount_satang, message, .. } = &self.sale;
        let refund = self.refund.as_ref().map(|refund| &refund.refund);
        let message = self.refund.as_ref().map_or(message, |refund| &refund.message);
        let amount = refund.and_then(|refund| refund.amount);
        let fields = [
            ("TILLSCAN_EVENT", self.event.word()),
            ("TILLSCAN_REPEATED", if self.repeated { "true" } else { "false" }),
            ("TILLSCAN_REFERENCE", sale.reference.as_str()),
            ("TILLSCAN_AMOUNT", &sale.amount.to_string()),
            ("TILLSCAN_AMOUNT_SATANG", &amount_satang.to_string()),
            ("TILLSCAN_CURRENCY", &sale.currency),
            ("TILLSCAN_OUTCOME", sale.outcome.map_or("", |outcome| outcome.word())),
            ("TILLSCAN_CHARGE_ID", sale.charge_id.as_ref().map_or("", |id| &id.0)),
            ("TILLSCAN_FAILURE_CODE", sale.failure_code.as_deref().unwrap_or("")),
            ("TILLSCAN_REFUNDED", &sale.refunded.to_string()),
            ("TILLSCAN_REFUND", refund.map_or("", |refund| refund.refund.as_str())),
            ("TILLSCAN_REFUND_AMOUNT", &amount.map_or(String::new(), |amount| amount.to_string())),
            ("TILLSCAN_MESSAGE", &message.th.headline),
            ("TILLSCAN_MESSAGE_EN", &message.en.headline),
            ("TILLSCAN_MESSAGE_ZH", &message.zh.headline),
        ];
        // A NUL would keep the command from starting, a line break surprises scripts that print
        // what they got.
        fields.map(|(name, value)| (name, value.replace(char::is_control, "\u{fffd}"))).to_vec()
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
        let document = OutcomeDocument::from(announcement(Event::Paid, "INV-1"));
        let json = serde_json::to_vec(&document).unwrap();
        assert!(!json.contains(&b'\n'));
        assert_eq!(serde_json::from_slice::<OutcomeDocument>(&json).unwrap(), document);
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
                "refunded": "0.00",
                "refunds": [],
                "amount_satang": 15000,
                "screen": "paid",
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
              },
              "refund": null
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
            let environment = OutcomeDocument::from(told.clone()).environment();
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
        let told = [Event::LateSuccess, Event::Refunded, Event::RefundRefused];
        let both = told.into_iter().flat_map(|event| [(event, false), (event, true)]);
        for (event, acknowledged) in both {
            let mut told = announcement(event, "INV-1");
            told.sale.outcome = Some(Outcome::Expired);
            told.sale.late_success = true;
            told.sale.acknowledged = acknowledged;
            let message = OutcomeDocument::from(told.clone()).sale.message;
            assert_eq!(message.en.headline, "Money came in late THB 150.00");
        }
    }
}
