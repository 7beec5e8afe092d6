//! Lists in pages: which part of a list a call asks for, and the envelope around it.

use std::str::FromStr as _;

use serde::Serialize;

use super::parameters::Parameters;
use super::reply::ApiError;
use crate::sandbox::moment::Moment;

/// The part of a list that a call asks for.
pub(crate) struct Page {
    from: Moment,
    to: Moment,
    offset: usize,
    limit: usize,
    newest_first: bool,
}

/// A page in its envelope.
#[derive(Serialize)]
pub(crate) struct List<S> {
    object: &'static str,
    data: Vec<S>,
    limit: usize,
    offset: usize,
    total: usize,
    location: String,
    order: &'static str,
    from: Moment,
    to: Moment,
}

impl Page {
    /// Reads `from`, `to`, `offset`, `limit` and `order`. Out of range is refused, so that a
    /// client's mistake shows here and not in a shop.
    pub(crate) fn read(parameters: &Parameters, now: Moment) -> Result<Self, ApiError> {
        Ok(Self {
            from: time(parameters, "from")?.unwrap_or(Moment::EPOCH),
            to: time(parameters, "to")?.unwrap_or(now),
            offset: number(parameters, "offset", 0, 0, usize::MAX)?,
            limit: number(parameters, "limit", 20, 1, 100)?,
            newest_first: newest_first(parameters)?,
        })
    }

    /// The page of `items`, which come oldest first, in its envelope.
    pub(crate) fn of<T, S: Serialize>(
        &self,
        items: impl Iterator<Item = T>,
        created_at: impl Fn(&T) -> Moment,
        shown: impl Fn(T) -> S,
        location: &str,
    ) -> List<S> {
        let bounds = self.from..=self.to;
        let mut items: Vec<T> = items.filter(|item| bounds.contains(&created_at(item))).collect();
        if self.newest_first {
            items.reverse();
        }
        let total = items.len();
        List {
            object: "list",
            data: items.into_iter().skip(self.offset).take(self.limit).map(shown).collect(),
            limit: self.limit,
            offset: self.offset,
            total,
            location: location.to_owned(),
            order: order_word(self.newest_first),
            from: self.from,
            to: self.to,
        }
    }
}

/// Whether a call asks for the newest first.
pub(crate) fn newest_first(parameters: &Parameters) -> Result<bool, ApiError> {
    match parameters.text("order").as_deref() {
        None | Some("chronological") => Ok(false),
        Some("reverse_chronological") => Ok(true),
        Some(_) => Err(ApiError::bad_request("order is invalid")),
    }
}

/// The word for an order.
pub(crate) const fn order_word(newest_first: bool) -> &'static str {
    if newest_first { "reverse_chronological" } else { "chronological" }
}

/// A number between two bounds, or its default.
pub(crate) fn number(
    parameters: &Parameters,
    name: &str,
    default: usize,
    least: usize,
    most: usize,
) -> Result<usize, ApiError> {
    let number = parameters
        .integer(name)
        .map_err(|_| ApiError::bad_request(&format!("{name} is not a number")))?;
    let Some(number) = number else {
        return Ok(default);
    };
    usize::try_from(number)
        .ok()
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| ApiError::bad_request(&format!("{name} is out of range")))
}

fn time(parameters: &Parameters, name: &str) -> Result<Option<Moment>, ApiError> {
    let Some(text) = parameters.text(name) else {
        return Ok(None);
    };
    let moment = Moment::from_str(&text);
    moment.map(Some).map_err(|_| ApiError::bad_request(&format!("{name} is not a valid date")))
}
