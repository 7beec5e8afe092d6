//! The truth for tests: what was asked of the gateway, and what it did with the money.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::charge::Charge;
use super::refund::Refund;

/// What was asked of the gateway. Bounded: attempts past [`ATTEMPTS_MAX`] are not counted apart.
#[derive(Clone, Default)]
pub(crate) struct Ledger {
    requests: BTreeMap<&'static str, u64>,
    creates: BTreeMap<String, u64>,
}

/// One charge as it is at the gateway, never as a client believes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Truth {
    /// The charge's id.
    pub id: String,
    /// Its status.
    pub status: &'static str,
    /// Satang.
    pub amount: i64,
    /// In capitals.
    pub currency: String,
    /// As the creator gave it.
    pub metadata: Map<String, Value>,
    /// Satang that were taken from the customer and not given back.
    pub money_moved: i64,
    /// Satang that were given back.
    pub refunded: i64,
    /// How many refunds were made.
    pub refunds: usize,
    /// `metadata.refund` of those that have one, in the order they were made.
    pub refunded_as: Vec<String>,
    /// How many create calls came with this charge's `metadata.attempt`, whatever became of them.
    pub creates: u64,
    /// How many expire calls it has seen.
    pub expire_calls: u32,
    /// How often it was read by its id.
    pub reads: u32,
}

impl Ledger {
    /// Counts a request of this kind.
    pub(crate) fn count(&mut self, kind: &'static str) {
        *self.requests.entry(kind).or_default() += 1;
    }

    /// Counts a create call for an attempt.
    pub(crate) fn count_create(&mut self, attempt: &str) {
        if self.creates.len() < ATTEMPTS_MAX || self.creates.contains_key(attempt) {
            *self.creates.entry(attempt.to_owned()).or_default() += 1;
        }
    }

    /// How many requests of each kind were received.
    pub(crate) const fn requests(&self) -> &BTreeMap<&'static str, u64> {
        &self.requests
    }

    /// How many create calls came for each attempt.
    pub(crate) const fn creates(&self) -> &BTreeMap<String, u64> {
        &self.creates
    }

    /// The truth about one charge.
    pub(crate) fn truth(&self, charge: &Charge) -> Truth {
        let attempt = charge.order.metadata.get("attempt").and_then(Value::as_str);
        let creates = attempt.and_then(|attempt| self.creates.get(attempt)).copied();
        Truth {
            id: charge.id.clone(),
            status: charge.status.word(),
            amount: charge.order.amount,
            currency: charge.order.currency.clone(),
            metadata: Map::clone(&charge.order.metadata),
            money_moved: charge.money_moved(),
            refunded: charge.refunded_amount(),
            refunds: charge.refunds.len(),
            refunded_as: charge.refunds.iter().filter_map(Refund::own_name).collect(),
            creates: creates.unwrap_or(0),
            expire_calls: charge.expire_calls,
            reads: charge.reads,
        }
    }
}

const ATTEMPTS_MAX: usize = 20_000;
