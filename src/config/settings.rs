//! The resolved settings, typed. Every value here is in range; nothing checks it again.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::duration;
use crate::code::{Prefixes, Shape};
use crate::money::Amount;
use crate::report::Language;
use crate::scanner::{Kind, Place, ScannerSettings, Selector};
use crate::terminal::{Event, LateSuccess};

/// Everything a shop can set. [`Default`] is what an empty file means.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Settings {
    /// Opn Payments: where it is and how long to wait for it.
    pub gateway: GatewaySettings,
    /// The times of one payment.
    pub payment: PaymentSettings,
    /// What the till asks for.
    pub sale: SaleSettings,
    /// The counter this daemon serves.
    pub counter: CounterSettings,
    /// Which customers' wallets are charged.
    pub wallets: WalletsSettings,
    /// The scanners, in the order of the file, no two of which are the same device; at most 16.
    /// Without one, every known scanner that is plugged in.
    #[serde(rename = "scanner")]
    pub scanners: Vec<ScannerSettings>,
    /// Which USB device is the keypad that amounts are typed on, if there is one.
    pub keypad: Option<Selector>,
    /// The commands that are told an outcome, in the order of the file; at most 16.
    #[serde(rename = "hook")]
    pub hooks: Vec<HookSettings>,
    /// The record on disk.
    pub journal: JournalSettings,
    /// The local interface for the till.
    pub api: ApiSettings,
    /// The receiver of the gateway's webhooks.
    pub webhook: WebhookSettings,
    /// What is written to the log.
    pub log: LogSettings,
}

impl Settings {
    /// The scanners, and the keypad as one more device that is found and held like them.
    #[must_use]
    pub fn devices(&self) -> Vec<ScannerSettings> {
        let keypad = self.keypad.clone();
        let keypad = keypad.map(|which| ScannerSettings::new(Kind::Keypad, Place::Usb(which)));
        self.scanners.iter().cloned().chain(keypad).collect()
    }
}

/// `[gateway]`: Opn Payments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GatewaySettings {
    /// Where the interface is. `https`, or `http` to this machine only; no user, query or fragment.
    /// The path ends in `/`, so that `base_url.join("charges")` is the address of the charges.
    #[serde(serialize_with = "as_url")]
    pub base_url: Url,
    /// The file that holds the secret key, where the service manager passes no credential.
    /// Absolute.
    pub secret_key_file: Option<PathBuf>,
    /// The longest wait for one whole answer; 200 ms to 60 s.
    #[serde(serialize_with = "as_duration")]
    pub request_timeout: Duration,
    /// The longest wait for a connection; 50 ms to 60 s.
    #[serde(serialize_with = "as_duration")]
    pub connect_timeout: Duration,
}

/// `[payment]`: the times of one payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PaymentSettings {
    /// How long after the scan an unpaid charge is expired; 100 ms to 10 min.
    #[serde(serialize_with = "as_duration")]
    pub deadline: Duration,
    /// A cancel waits until the charge is this old; 0 to 60 s.
    #[serde(serialize_with = "as_duration")]
    pub cancel_not_before: Duration,
    /// How long the gateway's lists must not show a charge before it counts as not created (S3); at
    /// least [`GatewaySettings::request_timeout`], at most 10 min.
    #[serde(serialize_with = "as_duration")]
    pub quarantine: Duration,
    /// When an unpaid close is looked at again, counted from the close; 1 to 8 times, ascending.
    #[serde(serialize_with = "as_durations")]
    pub watch: Vec<Duration>,
    /// What becomes of a charge that is paid after "not paid" was shown (S6).
    pub late_success: LateSuccess,
    /// From the create to the first poll; 10 ms to 60 s, like the following four.
    #[serde(serialize_with = "as_duration")]
    pub poll_first: Duration,
    /// Between polls while the charge is younger than [`Self::poll_fast_until`].
    #[serde(serialize_with = "as_duration")]
    pub poll_fast: Duration,
    /// The age of a charge from which the slow polls begin; 10 ms to 10 min.
    #[serde(serialize_with = "as_duration")]
    pub poll_fast_until: Duration,
    /// The shortest time between slow polls.
    #[serde(serialize_with = "as_duration")]
    pub poll_slow_min: Duration,
    /// The longest time between slow polls; at least [`Self::poll_slow_min`].
    #[serde(serialize_with = "as_duration")]
    pub poll_slow_max: Duration,
    /// The upper bound of the back-off after failed requests.
    #[serde(serialize_with = "as_duration")]
    pub backoff_max: Duration,
}

/// `[sale]`: what the till asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SaleSettings {
    /// How long an armed amount waits for a scan before it lapses; 1 s to 1 h.
    #[serde(serialize_with = "as_duration")]
    pub lease: Duration,
}

/// `[counter]`: the counter this daemon serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CounterSettings {
    /// The language of the screens.
    pub language: Language,
    /// The counter's name in log and status; up to 64 characters, empty for none.
    pub name: String,
}

/// `[wallets.…]`: one table for each source type of the gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WalletsSettings {
    /// WeChat Pay.
    pub wechat_pay_upm: WalletSettings,
    /// Alipay and the wallets of Alipay+.
    pub alipayplus_upm: WalletSettings,
}

impl WalletsSettings {
    /// What each wallet's codes look like.
    #[must_use]
    pub fn prefixes(&self) -> Prefixes {
        Prefixes {
            wechat_pay_upm: self.wechat_pay_upm.shape.clone(),
            alipayplus_upm: self.alipayplus_upm.shape.clone(),
        }
    }
}

/// One wallet: whether it is charged, how much, and which codes are its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WalletSettings {
    /// Whether its codes are charged.
    pub enabled: bool,
    /// The smallest amount of a sale; not below the gateway's 20.00.
    pub min: Amount,
    /// The largest amount of a sale; not above the gateway's 150000.00.
    pub max: Amount,
    /// What its codes look like: 1 to 32 ranges of prefixes, 1 to 32 lengths, ascending.
    #[serde(flatten)]
    pub shape: Shape,
}

/// `[[hook]]`: one command that is told the outcomes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HookSettings {
    /// The program, absolute, and its arguments; never empty, at most 64.
    pub command: Vec<String>,
    /// How long it may run; 10 ms to 5 min.
    #[serde(serialize_with = "as_duration")]
    pub timeout: Duration,
    /// What it is told; never empty.
    pub events: BTreeSet<Event>,
}

/// `[journal]`: the record on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JournalSettings {
    /// The database file, absolute.
    pub path: PathBuf,
    /// How long closed sales are kept; 1 to 3650 days, not less than the last of
    /// [`PaymentSettings::watch`].
    #[serde(serialize_with = "as_duration")]
    pub keep: Duration,
}

/// `[api]`: the local interface for the till.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApiSettings {
    /// The Unix socket, absolute, at most 107 bytes.
    pub socket: PathBuf,
    /// A loopback address to listen on as well. Set only together with [`Self::token_file`].
    pub listen: Option<SocketAddr>,
    /// The file that holds the bearer token of callers on [`Self::listen`]. Absolute.
    pub token_file: Option<PathBuf>,
}

/// `[webhook]`: the receiver of the gateway's webhooks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WebhookSettings {
    /// Where to listen; there is no receiver without it.
    pub listen: Option<SocketAddr>,
    /// The path that webhooks are sent to: `/`, then letters, digits and `-._~/`; at most 128.
    pub path: String,
    /// The files that hold the secrets webhooks are signed with; absolute, at most 4.
    // Without one the key is not shown at all: a list that is empty would be one of tables.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<PathBuf>,
    /// How far a webhook's time may be from now; 1 s to 1 h.
    #[serde(serialize_with = "as_duration")]
    pub tolerance: Duration,
    /// Whether webhooks are taken without a signature where there is no secret.
    pub allow_unsigned: bool,
    /// Between reads of a pending charge while webhooks come; 10 ms to 60 s.
    #[serde(serialize_with = "as_duration")]
    pub poll: Duration,
    /// For how long after the last webhook more are expected to come; 10 ms to 24 h.
    #[serde(serialize_with = "as_duration")]
    pub trust: Duration,
}

/// `[log]`: what is written to the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogSettings {
    /// The least serious message that is written.
    pub level: LogLevel,
}

/// How serious a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// Somebody must act.
    Error,
    /// Somebody should look.
    Warn,
    /// The course of each sale.
    Info,
    /// Each request and each state.
    Debug,
    /// Everything.
    Trace,
}

impl From<LogLevel> for tracing::Level {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Error => Self::ERROR,
            LogLevel::Warn => Self::WARN,
            LogLevel::Info => Self::INFO,
            LogLevel::Debug => Self::DEBUG,
            LogLevel::Trace => Self::TRACE,
        }
    }
}

/// The keys that the configuration has for it: those that its kind has.
impl Serialize for ScannerSettings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut keys = serializer.serialize_map(None)?;
        keys.serialize_entry("kind", &self.kind)?;
        match &self.place {
            Place::Path(path) => keys.serialize_entry("path", path)?,
            Place::Usb(selector) => {
                keys.serialize_entry("usb", &selector.model)?;
                keys.serialize_entry("serial_number", &selector.serial_number)?;
                keys.serialize_entry("port", &selector.port)?;
            }
        }
        match self.kind {
            Kind::Serial => {
                keys.serialize_entry("baud_rate", &self.baud_rate)?;
                keys.serialize_entry("feedback", &self.feedback)?;
            }
            Kind::Keyboard => keys.serialize_entry("layout", &self.layout)?,
            Kind::HidPos | Kind::Keypad => {}
        }
        keys.serialize_entry("idle", &duration::text(self.idle))?;
        keys.end()
    }
}

fn as_duration<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&duration::text(*value))
}

fn as_durations<S: Serializer>(values: &[Duration], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(values.iter().map(|value| duration::text(*value)))
}

fn as_url<S: Serializer>(url: &Url, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(url.as_str().trim_end_matches('/'))
}

/// The gateway charges no WeChat Pay or Alipay+ code in Thailand below 2,000 satang (opn-api.md
/// §3).
pub(super) const AMOUNT_MIN: Amount = Amount::from_baht(20);

/// Nor above 15,000,000 satang.
pub(super) const AMOUNT_MAX: Amount = Amount::from_baht(150_000);

pub(super) const DAY: Duration = Duration::from_secs(86_400);
