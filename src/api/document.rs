//! The JSON of the local API: what a till, the command line and a page read and write. Fields are
//! added, never renamed. No secrets.

use serde::{Deserialize, Serialize};

use crate::report::{HookStatus, Message};
use crate::scanner::{DeviceStatus, State};
use crate::terminal::{Feedback, Frame, Refusal, Screen};

pub use crate::report::{OutcomeDocument, SaleDocument};
pub use crate::webhook::ReceiverStatus;

/// The body of `PUT /v1/sales/{reference}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArmDocument {
    /// Baht as text, `"150.00"`; never a JSON number, which may be a float (S10).
    pub amount: String,
    /// Take another code for a sale that ended unpaid.
    #[serde(default)]
    pub again: bool,
}

/// The body of `POST /v1/sales/{reference}/refunds`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundOrderDocument {
    /// The shop's own name for the refund: the same one is the same refund, however often it is
    /// asked for.
    pub refund: String,
    /// Baht as text; all that is left, where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// Why, for people; up to 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The body of `POST /v1/sales/{reference}/acknowledge`; it may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgeDocument {
    /// Whether money that came late goes back to the customer.
    #[serde(default)]
    pub refund: bool,
}

/// The answer of `GET /v1/sales`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SalesDocument {
    /// Newest first.
    pub sales: Vec<SaleDocument>,
}

/// What the counter shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScreenDocument {
    /// Which screen.
    pub screen: Screen,
    /// The sale it is about.
    pub sale: Option<SaleDocument>,
    /// The amount being typed on a keypad, exactly as typed so far; null on every other screen.
    #[serde(default)]
    pub typed: Option<String>,
    /// The screen's words.
    pub message: Message,
}

impl From<Frame> for ScreenDocument {
    fn from(Frame { screen, sale, typed }: Frame) -> Self {
        let message = match &typed {
            Some(typed) => Message::of_entry(typed),
            None => Message::of_screen(screen, sale.as_ref()),
        };
        Self { screen, sale: sale.map(SaleDocument::from), typed, message }
    }
}

/// What became of a scan, or why a key was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedbackDocument {
    /// What became of it.
    pub feedback: Feedback,
    /// Whether it did what the cashier wanted.
    pub good: bool,
    /// The words for it.
    pub message: Message,
}

impl From<Feedback> for FeedbackDocument {
    fn from(feedback: Feedback) -> Self {
        Self { feedback, good: feedback.is_good(), message: Message::of_feedback(feedback) }
    }
}

/// The answer of `GET /v1/status`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StatusDocument {
    /// tillscan's version.
    pub version: String,
    /// The counter's name, as configured.
    pub counter: String,
    /// `test`, `live` or `missing`.
    pub key: KeyState,
    /// Where requests go.
    pub gateway: String,
    /// Seconds since the daemon started.
    pub uptime_seconds: u64,
    /// What the counter shows.
    pub screen: ScreenDocument,
    /// Sales that wait for a person.
    pub alerts: Vec<SaleDocument>,
    /// Attempts without a final outcome.
    pub unsettled: usize,
    /// The scanners and their states.
    pub scanners: Vec<ScannerDocument>,
    /// What became of scans, and why keys were refused, since the start, by feedback.
    pub scans: std::collections::BTreeMap<String, u64>,
    /// The hooks and what became of their runs.
    pub hooks: Vec<HookStatus>,
    /// The receiver of the gateway's webhooks and what became of them; null where there is none.
    #[serde(default)]
    pub webhooks: Option<ReceiverStatus>,
    /// The journal's file.
    pub journal: String,
    /// What the operator should mend, in words; empty when all is well.
    pub problems: Vec<String>,
}

/// One scanner.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScannerDocument {
    /// Its name.
    pub device: String,
    /// How it is connected; `keypad` for one that amounts are typed on.
    pub kind: String,
    /// The device file that it is, was last, or is configured to be; empty where it was never seen.
    pub path: String,
    /// What it is doing.
    pub state: State,
    /// The same in words, with what to do about it.
    pub sentence: String,
    /// Whole readings since the start.
    pub scans: u64,
    /// Readings that could not be trusted.
    pub rejected: u64,
    /// Readings lost because the counter did not keep up.
    pub dropped: u64,
}

impl From<&DeviceStatus> for ScannerDocument {
    fn from(device: &DeviceStatus) -> Self {
        Self {
            device: device.device.to_string(),
            path: device.path().map(|path| path.display().to_string()).unwrap_or_default(),
            kind: device.kind.word().to_owned(),
            state: device.state,
            sentence: device.sentence(),
            scans: device.scans,
            rejected: device.rejected,
            dropped: device.dropped,
        }
    }
}

/// Whether there is a secret key, and for which mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// `skey_test_…`: no real money moves.
    Test,
    /// Real money.
    Live,
    /// None: no sale is taken.
    Missing,
}

/// One message of `GET /v1/events`; the variant's name is the SSE event's.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EventDocument {
    /// The first message, and the one after messages were missed: read everything from here.
    Status(Box<StatusDocument>),
    /// The counter shows something else.
    Screen(Box<ScreenDocument>),
    /// Something became of a scan, or a key was refused.
    Feedback(Box<FeedbackDocument>),
    /// A sale got its outcome or was told unknown, or something became of a refund of it.
    Outcome(Box<OutcomeDocument>),
}

impl EventDocument {
    /// The SSE event's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Status(_) => "status",
            Self::Screen(_) => "screen",
            Self::Feedback(_) => "feedback",
            Self::Outcome(_) => "outcome",
        }
    }
}

/// The body of every answer that is not 2xx.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorDocument {
    /// What went wrong.
    pub error: ErrorDetail,
}

/// What went wrong: a code for programs, a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorDetail {
    /// Stable.
    pub code: String,
    /// English; what, where, what is accepted.
    pub message: String,
}

impl ErrorDocument {
    /// An error.
    #[must_use]
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { error: ErrorDetail { code: code.to_owned(), message: message.into() } }
    }
}

impl From<&Refusal> for ErrorDocument {
    fn from(refusal: &Refusal) -> Self {
        Self::new(refusal.code(), refusal.to_string())
    }
}
