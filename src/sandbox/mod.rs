//! Opn Payments for tests and the demo.

mod behaviour;
pub mod model;
mod moment;
mod script;

pub use self::behaviour::{Behaviour, behaviours, behaviours_help};
pub use self::moment::{Moment, MomentError};
