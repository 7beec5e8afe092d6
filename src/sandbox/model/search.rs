//! Search over an index of charges that lags behind the charges themselves.

use std::str::FromStr as _;

use serde_json::{Map, Value, json};

use super::charge::{Charge, Status};
use super::list::{newest_first, number, order_word};
use super::parameters::{Parameters, is_true, text_of};
use super::reply::ApiError;
use crate::money::Amount;
use crate::sandbox::moment::Moment;

/// The answer to `GET /search` and `GET /charges/search`.
pub(crate) fn search<'index>(
    index: impl Iterator<Item = &'index Charge>,
    parameters: &Parameters,
    now: Moment,
) -> Result<Value, ApiError> {
    let scope = parameters.text("scope").unwrap_or_else(|| "charge".to_owned());
    if scope != "charge" {
        return Err(ApiError::bad("invalid_scope", "scope is not supported by the sandbox"));
    }
    let query = parameters.text("query").unwrap_or_default();
    let filters = parameters.object("filters").cloned().unwrap_or_default();
    let newest_first = newest_first(parameters)?;
    let page = number(parameters, "page", 1, 1, 1_000_000)?;
    let per_page = number(parameters, "per_page", 30, 1, 100)?;

    let mut found = Vec::new();
    for charge in index {
        if answers_query(charge, &query) && passes_filters(charge, &filters)? {
            found.push(charge);
        }
    }
    if newest_first {
        found.reverse();
    }
    let shown = found.iter().skip((page - 1) * per_page).take(per_page);
    Ok(json!({
        "object": "search",
        "data": shown.map(|charge| charge.to_json(now)).collect::<Vec<_>>(),
        "order": order_word(newest_first),
        "scope": scope,
        "query": query,
        "filters": filters,
        "page": page,
        "per_page": per_page,
        "location": "/search",
        "total_pages": found.len().div_ceil(per_page),
        "total": found.len(),
        "export": null,
        "aggregate_level": null,
    }))
}

/// A match in the text that is known to be searched: id, description and failure message. Metadata
/// is not, for nothing proves that it is.
fn answers_query(charge: &Charge, query: &str) -> bool {
    let query = query.trim().to_lowercase();
    let texts = [
        Some(charge.id.as_str()),
        charge.order.description.as_deref(),
        charge.failure.map(|failure| failure.message),
    ];
    query.is_empty() || texts.iter().flatten().any(|text| text.to_lowercase().contains(&query))
}

fn passes_filters(charge: &Charge, filters: &Map<String, Value>) -> Result<bool, ApiError> {
    let mut passes = true;
    for (name, value) in filters {
        let value = text_of(value).unwrap_or_default();
        let filter = filter(charge, name, &value);
        passes &= filter.ok_or_else(|| {
            ApiError::bad("invalid_filters", &format!("filter {name} is not supported"))
        })?;
    }
    Ok(passes)
}

/// Whether a charge passes one filter; `None` for a filter or value that is not known.
fn filter(charge: &Charge, name: &str, value: &str) -> Option<bool> {
    let is = |flag: bool| Some(flag == is_true(value));
    match name {
        "amount" => in_baht(charge.order.amount, value),
        "refund_amount" => in_baht(charge.refunded_amount(), value),
        "created" => on_days(charge.created_at, value),
        "currency" => Some(charge.order.currency.eq_ignore_ascii_case(value)),
        "failure_code" => Some(charge.failure.is_some_and(|failure| failure.code == value)),
        "source_of_fund" => Some(value == "offline"),
        "source_type" => Some(charge.order.wallet.word() == value),
        "status" => Some(charge.status.word() == value),
        "authorized" | "captured" => is(charge.status == Status::Successful),
        "refunded" => is(charge.refunded_amount() > 0),
        "reversed" => is(charge.status == Status::Reversed),
        "capture" => is(true),
        "disputed" | "is_installment" | "scheduled" | "voided" => is(false),
        _ => None,
    }
}

/// Unlike the rest of the API, search counts in baht: `1000`, `99.50` or `10..20`.
fn in_baht(satang: i64, value: &str) -> Option<bool> {
    let (least, most) = value.split_once("..").unwrap_or((value, value));
    let least = least.parse::<Amount>().ok()?.satang();
    let most = most.parse::<Amount>().ok()?.satang();
    Some((least..=most).contains(&satang))
}

/// A day or a range of days, both included.
fn on_days(moment: Moment, value: &str) -> Option<bool> {
    let (first, last) = value.split_once("..").unwrap_or((value, value));
    let first = Moment::from_str(first).ok()?;
    let end = Moment::from_str(last).ok()?.plus(std::time::Duration::from_secs(86_400));
    Some(first <= moment && moment < end)
}
