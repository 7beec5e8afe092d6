//! What a sentence tells of a sale, cut to what fits a small screen.

use crate::money::Amount;
use crate::terminal::{Reference, RefundState, RefundView, SaleView};

/// The parts of a sale that sentences name.
pub(super) struct Facts {
    /// What the customer is to pay.
    pub amount: Option<Amount>,
    /// The shop's name for the sale, a long one shortened in the middle; `–` where there is none.
    pub reference: String,
    /// The gateway's failure or error code as it wrote it, shortened likewise.
    pub code: String,
    /// Why the wallet declined.
    pub decline: Decline,
    /// Why no charge was made.
    pub obstacle: Obstacle,
}

/// Why a wallet declined: the failure codes that have a sentence of their own.
#[derive(Clone, Copy)]
pub(super) enum Decline {
    /// The payment code or the order ran out of time.
    PaymentExpired,
    /// The customer's bank or wallet refused.
    PaymentRejected,
    /// The customer's account cannot pay.
    InvalidAccount,
    /// Too little money, or over the account's limit.
    InsufficientFund,
    /// The payment network failed.
    FailedProcessing,
    /// A code that has none, or no code.
    Other,
}

/// Why no charge was made: the error codes that have a sentence of their own.
#[derive(Clone, Copy)]
pub(super) enum Obstacle {
    /// The request never left.
    NoConnection,
    /// Its answer was lost, and no charge showed up.
    NotFound,
    /// The gateway does not take the shop's key.
    Key,
    /// A code that has none, or no code.
    Other,
}

/// The parts of a refund that sentences name.
pub(super) struct RefundFacts {
    /// Where it stands.
    pub state: RefundState,
    /// How much goes back, where that is known.
    pub amount: Option<Amount>,
    /// The shop's name for the sale, shortened as above.
    pub reference: String,
    /// Why it was refused, shortened likewise.
    pub code: String,
}

impl RefundFacts {
    pub fn of(refund: &RefundView, reference: &Reference) -> Self {
        let code = refund.failure_code.as_deref();
        Self {
            state: refund.state,
            amount: refund.amount,
            reference: short(reference.as_str(), REFERENCE_MAX),
            code: code.map_or_else(|| "–".to_owned(), |code| short(code, CODE_MAX)),
        }
    }
}

impl Facts {
    pub fn of(sale: Option<&SaleView>) -> Self {
        let code = sale.and_then(|sale| sale.failure_code.as_deref());
        let shown = |text: Option<&str>, columns| {
            text.map_or("–".to_owned(), |text| short(text, columns))
        };
        Self {
            amount: sale.map(|sale| sale.amount),
            reference: shown(sale.map(|sale| sale.reference.as_str()), REFERENCE_MAX),
            code: shown(code, CODE_MAX),
            decline: Decline::of(code),
            obstacle: Obstacle::of(code),
        }
    }
}

impl Decline {
    fn of(code: Option<&str>) -> Self {
        match code {
            Some("payment_expired") => Self::PaymentExpired,
            Some("payment_rejected") => Self::PaymentRejected,
            Some("invalid_account") => Self::InvalidAccount,
            Some("insufficient_fund") => Self::InsufficientFund,
            Some("failed_processing") => Self::FailedProcessing,
            Some(_) | None => Self::Other,
        }
    }
}

impl Obstacle {
    fn of(code: Option<&str>) -> Self {
        match code {
            Some("no_connection") => Self::NoConnection,
            Some("not_found") => Self::NotFound,
            Some("authentication_failure" | "not_authorized") => Self::Key,
            Some(_) | None => Self::Other,
        }
    }
}

/// How many columns a text takes at most: characters from the CJK blocks on take two.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

const fn width(character: char) -> usize {
    if character < '\u{2e80}' { 1 } else { 2 }
}

/// The beginning and the end of `text`, within `max` columns: references differ at their ends.
fn short(text: &str, max: usize) -> String {
    let text = text.replace(char::is_control, "\u{fffd}");
    if columns(&text) <= max {
        return text;
    }
    let half = (max - 1) / 2;
    let tail = fitting(text.chars().rev(), half).into_iter().rev();
    fitting(text.chars(), half).into_iter().chain(['…']).chain(tail).collect()
}

fn fitting(characters: impl Iterator<Item = char>, max: usize) -> Vec<char> {
    let mut used = 0;
    let fits = |character: &char| {
        used += width(*character);
        used <= max
    };
    characters.take_while(fits).collect()
}

/// Long enough for the references that tills make, short enough for a next step.
const REFERENCE_MAX: usize = 25;
/// As long as the longest code in Opn's documents (`duplicate_reference_number`), and a little
/// more.
const CODE_MAX: usize = 29;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_keep_both_ends() {
        for (text, shown) in [
            ("INV-1", "INV-1"),
            ("1234567890123456789012345", "1234567890123456789012345"),
            ("2026-11-03/branch-4/lane-2/000017", "2026-11-03/b…ane-2/000017"),
            ("a\u{7}b", "a\u{fffd}b"),
            ("发票发票发票发票发票发票发票发票7", "发票发票发票…票发票发票7"),
        ] {
            assert_eq!(short(text, 25), shown, "{text}");
        }
    }

    #[test]
    fn shortened_names_fit() {
        for text in ["x".repeat(64), "ก".repeat(64), "票".repeat(64), "x票".repeat(32)] {
            for max in [REFERENCE_MAX, CODE_MAX] {
                assert!(columns(&short(&text, max)) <= max, "{text}");
            }
        }
    }
}
