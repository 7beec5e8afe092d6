//! What the counter shows. Words are `report/text`'s; here is only which of them.

use serde::{Deserialize, Serialize};

use super::outcome::Outcome;
use super::record::StopWhy;
use super::view::{SaleView, State};

/// What is shown until the next frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Which screen.
    pub screen: Screen,
    /// The sale it is about.
    pub sale: Option<SaleView>,
    /// The amount that is being typed, exactly as typed so far: `12`, `12.`, `12.5`. Not empty.
    pub typed: Option<String>,
}

/// The screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Screen {
    /// Nothing is asked of the customer.
    Idle,
    /// No key is configured: no sale can be taken.
    NotReady,
    /// The cashier types an amount; nothing is armed yet.
    EnteringAmount,
    /// Show your code.
    ScanCode,
    /// The code was read, the charge is being created.
    Sending,
    /// The customer confirms on the phone.
    AwaitingCustomer,
    /// Cancelled within the first seconds: WeChat does not revoke that early.
    CancelWaits,
    /// The charge is being closed.
    Stopping,
    /// An answer was lost: do not scan again, do not hand out the goods.
    Checking,
    /// Still not known: do not hand out the goods, ask for help.
    Unknown,
    /// Paid.
    Paid,
    /// Declined by the wallet.
    Declined,
    /// Nobody paid in time.
    Expired,
    /// Cancelled; no money was taken.
    Cancelled,
    /// No charge was made; no money was taken.
    NotCreated,
    /// Money came in after "not paid" was told.
    LateSuccess,
}

impl Frame {
    /// The counter without a sale.
    #[must_use]
    pub const fn without_sale(screen: Screen) -> Self {
        Self { screen, sale: None, typed: None }
    }

    /// The counter with this sale.
    #[must_use]
    pub fn of(sale: SaleView) -> Self {
        Self { screen: Screen::of(&sale), sale: Some(sale), typed: None }
    }

    /// The counter while an amount is being typed.
    #[must_use]
    pub fn entering(typed: &str) -> Self {
        Self { screen: Screen::EnteringAmount, sale: None, typed: Some(typed.to_owned()) }
    }
}

impl Screen {
    /// Which screen tells of this sale.
    #[must_use]
    pub fn of(sale: &SaleView) -> Self {
        if sale.late_success && !sale.acknowledged {
            return Self::LateSuccess;
        }
        match (sale.outcome, sale.state) {
            (Some(Outcome::Paid), _) => Self::Paid,
            (Some(Outcome::Declined), _) => Self::Declined,
            (Some(Outcome::Expired), _) => Self::Expired,
            (Some(Outcome::Cancelled), _) => Self::Cancelled,
            (Some(Outcome::NotCreated), _) => Self::NotCreated,
            (Some(Outcome::Unknown), _) => Self::Unknown,
            (None, State::Armed) => Self::ScanCode,
            (None, State::Creating) => Self::Sending,
            (None, State::AwaitingCustomer) if sale.stop == Some(StopWhy::Cancel) => {
                Self::CancelWaits
            }
            (None, State::AwaitingCustomer) => Self::AwaitingCustomer,
            (None, State::Stopping) => Self::Stopping,
            // A closed sale has an outcome; were it missing, nothing would be proven.
            (None, State::Resolving | State::Closed) => Self::Checking,
        }
    }
}
