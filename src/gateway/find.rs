//! The look-up of a charge whose create answer was lost: page by page through the list, newest first. Pure; the
//! client fetches the pages.
//!
//! Its *absent* is used as evidence (S3), so that every doubt ends as unknown: a page that cannot be read, is not
//! the one asked for, or holds a charge that may be the one. Newest first is what makes paging by offset safe:
//! charges that are made meanwhile push known ones to the next page (seen twice), and hide none.

use super::Failure;
use super::call::Query;
use super::wire::{self, Belongs, ChargeBody, List};
use crate::terminal::{AttemptId, GatewayTime, Reply, UnknownWhy};

/// A look-up under way.
#[derive(Debug)]
pub(super) struct Search<'a> {
    attempt: &'a AttemptId,
    /// No charge of the attempt can be older, by the gateway's own clock.
    oldest: Option<GatewayTime>,
    offset: u64,
    pages: u32,
}

impl<'a> Search<'a> {
    /// A look-up of the charge of `attempt`, which is no older than `since`.
    pub fn new(attempt: &'a AttemptId, since: Option<GatewayTime>) -> Self {
        let oldest =
            since.map(|GatewayTime(newest)| GatewayTime(newest.saturating_sub(SKEW_SECONDS_MAX)));
        Self { attempt, oldest, offset: 0, pages: 0 }
    }

    /// Whose charge is looked for.
    pub fn attempt(&self) -> &AttemptId {
        self.attempt
    }

    /// The query for the next page.
    pub fn query(&self) -> Query {
        let from = self.oldest.and_then(|GatewayTime(second)| {
            // Without the bound the list is longer, not wrong.
            jiff::Timestamp::from_second(second).ok()
        });
        let mut query = Query::default().with("limit", &PAGE_LENGTH.to_string());
        query = query.with("offset", &self.offset.to_string());
        query = query.with("order", "reverse_chronological");
        match from {
            Some(from) => query.with("from", &from.to_string()),
            None => query,
        }
    }

    /// Looks through the page that was asked for last: the result, or nothing where the next page is needed.
    pub fn take(&mut self, page: &[u8]) -> Option<Reply> {
        let Some(list) = wire::charges(page) else { return Some(bad_body()) };
        let mut unclear = false;
        for entry in list.entries() {
            match entry.belongs_to(self.attempt) {
                Belongs::Yes => return Some(entry.charge().map_or_else(bad_body, Reply::Charge)),
                Belongs::Unclear => unclear = true,
                Belongs::No => {}
            }
        }
        if unclear || !list.starts_at(self.offset) || !list.is_newest_first() {
            return Some(bad_body());
        }
        self.turn(&list)
    }

    /// What follows from a good page that does not show the charge.
    fn turn(&mut self, list: &List<ChargeBody>) -> Option<Reply> {
        let seen = self.offset + list.entries().len() as u64;
        if self.reaches_back_enough(list) {
            return Some(Reply::Absent);
        }
        match list.total() {
            None => return Some(bad_body()),
            Some(total) if seen >= total => return Some(Reply::Absent),
            Some(_) if seen == self.offset => return Some(bad_body()),
            Some(_) => {}
        }
        (self.offset, self.pages) = (seen, self.pages + 1);
        (self.pages >= PAGES_MAX).then(|| Failure::unknown(UnknownWhy::TooMany).into())
    }

    /// Whether the page ends before the attempt began, and is sorted as it must be for that to count.
    fn reaches_back_enough(&self, list: &List<ChargeBody>) -> bool {
        let times: Option<Vec<GatewayTime>> = list.entries().map(ChargeBody::created_at).collect();
        let (Some(oldest), Some(times)) = (self.oldest, times) else { return false };
        times.is_sorted_by(|newer, older| newer >= older)
            && times.last().is_some_and(|last| *last < oldest)
    }
}

fn bad_body() -> Reply {
    Failure::unknown(UnknownWhy::BadBody).into()
}

/// How far the clocks of the gateway's own servers may be apart.
const SKEW_SECONDS_MAX: i64 = 60;
/// The most that the gateway lists at once.
pub(super) const PAGE_LENGTH: u32 = 100;
/// A thousand charges: more than a shop makes between an attempt and the look-up for it.
pub(super) const PAGES_MAX: u32 = 10;
