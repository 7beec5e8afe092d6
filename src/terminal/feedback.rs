//! What became of a scan, or why a key was refused, for the cashier, the scanner's beeper and the
//! counters.

use serde::{Deserialize, Serialize};

use super::effect::Refusal;

/// What became of a scan, or why a key was refused. Each has its own sentence in `report/text` and
/// its own counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feedback {
    /// A payment code: the create is on its way.
    Accepted,
    /// A command barcode: done.
    CommandDone,
    /// A command barcode that has nothing to act on now.
    CommandIdle,
    /// No sale is armed.
    NothingArmed,
    /// An attempt is under way: no code and no key is taken.
    Busy,
    /// The sale is paid already (S7).
    AlreadyPaid,
    /// The same code again within three seconds.
    Repeated,
    /// Older than the arming, or older than five seconds.
    Stale,
    /// A part of a code: lost or garbled bytes.
    Partial,
    /// Over 512 bytes.
    TooLong,
    /// Control characters inside.
    ControlCharacters,
    /// A code of a wallet that is not enabled: Alipay.
    AlipayNotEnabled,
    /// A code of a wallet that is not enabled: WeChat Pay.
    WechatNotEnabled,
    /// The armed amount is outside what this wallet takes, the typed one outside what any does.
    OutsideLimits,
    /// UnionPay's code.
    UnionPay,
    /// Possibly LINE Pay's code.
    LinePay,
    /// A shop's QR, not the customer's.
    MerchantQr,
    /// An EMV QR of the customer's, not WeChat's.
    EmvConsumer,
    /// WeChat's code for receiving money or adding a friend.
    WechatPersonal,
    /// A product's barcode.
    Product,
    /// Anything else.
    Unreadable,
    /// Enter without an amount, or a key that does not fit the amount: a second point, a third
    /// decimal, too many digits.
    AmountRefused,
    /// A sale is armed: its amount changes only by cancelling it.
    AmountArmed,
    /// No key or no wallet is configured: no sale can be taken.
    NotReady,
    /// Too many sales are unsettled to take another.
    TooManyUnsettled,
    /// There is no room on disk for the records of another sale.
    DiskFull,
    /// A late success is on the screen: somebody must acknowledge it, which no key does.
    LateSuccess,
    /// The key could not be taken; it may be pressed again.
    KeyRefused,
}

impl Feedback {
    /// The word that programs read.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::CommandDone => "command_done",
            Self::CommandIdle => "command_idle",
            Self::NothingArmed => "nothing_armed",
            Self::Busy => "busy",
            Self::AlreadyPaid => "already_paid",
            Self::Repeated => "repeated",
            Self::Stale => "stale",
            Self::Partial => "partial",
            Self::TooLong => "too_long",
            Self::ControlCharacters => "control_characters",
            Self::AlipayNotEnabled => "alipay_not_enabled",
            Self::WechatNotEnabled => "wechat_not_enabled",
            Self::OutsideLimits => "outside_limits",
            Self::UnionPay => "union_pay",
            Self::LinePay => "line_pay",
            Self::MerchantQr => "merchant_qr",
            Self::EmvConsumer => "emv_consumer",
            Self::WechatPersonal => "wechat_personal",
            Self::Product => "product",
            Self::Unreadable => "unreadable",
            Self::AmountRefused => "amount_refused",
            Self::AmountArmed => "amount_armed",
            Self::NotReady => "not_ready",
            Self::TooManyUnsettled => "too_many_unsettled",
            Self::DiskFull => "disk_full",
            Self::LateSuccess => "late_success",
            Self::KeyRefused => "key_refused",
        }
    }

    /// Whether the scan did what the cashier wanted: the good beep.
    #[must_use]
    pub const fn is_good(self) -> bool {
        matches!(self, Self::Accepted | Self::CommandDone)
    }
}

impl From<&Refusal> for Feedback {
    /// How the counter tells that an amount which was typed cannot be armed.
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::Busy(_) => Self::Busy,
            Refusal::OutsideLimits { .. } => Self::OutsideLimits,
            Refusal::NoWallet | Refusal::NoKey => Self::NotReady,
            Refusal::TooManyUnsettled(_) => Self::TooManyUnsettled,
            // About a sale that was there before; the name of a typed one is fresh.
            Refusal::AmountDiffers { .. }
            | Refusal::TooManyAttempts(_)
            | Refusal::NoSuchSale(_)
            | Refusal::Closed(..)
            | Refusal::Unresolved(_)
            | Refusal::PaidLate(_)
            | Refusal::NotPaid(_)
            | Refusal::MoreThanLeft { .. }
            | Refusal::NothingToRefund(_)
            | Refusal::RefundDiffers(..)
            | Refusal::RefundUnderWay(..)
            | Refusal::TooManyRefunds(_)
            | Refusal::NotInTrouble(_) => Self::KeyRefused,
        }
    }
}
