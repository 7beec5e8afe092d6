//! The paths of the local API and what each does. Every refusal is a JSON error with a code and a
//! sentence.

use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::broadcast::error::RecvError;

use super::body::{self, BodyError};
use super::desk::{CallError, Desk};
use super::document::{
    AcknowledgeDocument, ArmDocument, ErrorDocument, EventDocument, RefundOrderDocument,
    SaleDocument, SalesDocument, StatusDocument,
};
use super::events;
use crate::money::{Amount, AmountError};
use crate::terminal::{
    IfClosed, LateMoney, Reference, ReferenceError, RefundId, RefundWish, Refusal, Wish,
};

/// The local API in front of `desk`.
pub fn router(desk: Desk) -> Router {
    Router::new()
        .route("/v1/sales", get(list))
        .route("/v1/sales/{reference}", put(arm).get(show))
        .route("/v1/sales/{reference}/refunds", post(refund))
        .route("/v1/sales/{reference}/{wish}", post(wish))
        .route("/v1/status", get(status))
        .route("/v1/events", get(events::stream))
        .fallback(no_such_path)
        .method_not_allowed_fallback(wrong_method)
        .with_state(desk)
}

type Answer<T> = Result<Json<T>, Refused>;

/// `PUT /v1/sales/{reference}`: arms a sale; the same reference and amount is the same sale.
async fn arm(
    State(desk): State<Desk>,
    path: Result<Path<String>, PathRejection>,
    body: Body,
) -> Answer<SaleDocument> {
    let body = read_body(body).await?;
    let reference = parse_reference(&segment(path)?)?;
    let document: ArmDocument = document(&body, r#"{"amount": "150.00"}"#)?;
    let amount = parse_amount(&document.amount)?;
    let closed = if document.again { IfClosed::Again } else { IfClosed::Keep };
    Ok(Json(desk.command(reference, Wish::Arm { amount, closed }).await?))
}

/// The document in a body, such as `example`.
fn document<T: DeserializeOwned>(body: &[u8], example: &str) -> Result<T, Refused> {
    let refused = |cause: &dyn std::fmt::Display| {
        let message = format!("the body is JSON such as {example}: {cause}");
        Refused::new(StatusCode::BAD_REQUEST, "bad_body", message)
    };
    // Otherwise a list of the fields' values in their order would pass, too.
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(refused(&"a list is no object"));
    }
    serde_json::from_slice(body).map_err(|error| refused(&error))
}

fn parse_amount(text: &str) -> Result<Amount, Refused> {
    let refused = |error| unprocessable("bad_amount", format!("amount: {error}"));
    text.parse().map_err(|error: AmountError| refused(error))
}

fn unprocessable(code: &str, message: String) -> Refused {
    Refused::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShowQuery {
    /// Seconds to wait for the end of the sale.
    wait: Option<u64>,
}

/// `GET /v1/sales/{reference}?wait=SECONDS`: reads a sale, at once or when it is over.
async fn show(
    State(desk): State<Desk>,
    path: Result<Path<String>, PathRejection>,
    query: Result<Query<ShowQuery>, axum::extract::rejection::QueryRejection>,
) -> Answer<SaleDocument> {
    let Query(query) = query.map_err(|_| {
        let form = "the query is empty or wait=SECONDS, a whole number up to 300";
        Refused::new(StatusCode::BAD_REQUEST, "bad_query", form)
    })?;
    let reference = parse_reference(&segment(path)?)?;
    let wait = Duration::from_secs(query.wait.unwrap_or(0).min(WAIT_SECONDS_MAX));
    // Listening begins before reading, so that nothing can happen in between unheard.
    let mut events = desk.listen();
    let sale = desk.sale(reference.clone()).await?;
    if wait.is_zero() || sale.sale.is_over() {
        return Ok(Json(sale));
    }
    let over = async {
        loop {
            match events.recv().await {
                Ok(event) if concerns(&event, &reference) => {}
                Ok(_) => continue,
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return Err(CallError::Unavailable),
            }
            let sale = desk.sale(reference.clone()).await?;
            if sale.sale.is_over() {
                return Ok(sale);
            }
        }
    };
    match tokio::time::timeout(wait, over).await {
        Ok(sale) => Ok(Json(sale?)),
        Err(_) => Ok(Json(desk.sale(reference.clone()).await?)),
    }
}

fn concerns(event: &EventDocument, reference: &Reference) -> bool {
    match event {
        EventDocument::Screen(screen) => {
            screen.sale.as_ref().is_none_or(|sale| sale.sale.reference == *reference)
        }
        EventDocument::Outcome(outcome) => outcome.sale.sale.reference == *reference,
        EventDocument::Status(_) | EventDocument::Feedback(_) => false,
    }
}

/// `POST /v1/sales/{reference}/{wish}`: cancel, check, detach, acknowledge.
async fn wish(
    State(desk): State<Desk>,
    path: Result<Path<(String, String)>, PathRejection>,
    uri: Uri,
    body: Body,
) -> Answer<SaleDocument> {
    let (reference, wish) = segment(path)?;
    let wish = match wish.as_str() {
        "cancel" => Wish::Cancel,
        "check" => Wish::Check,
        "detach" => Wish::Detach,
        "acknowledge" => Wish::Acknowledge(late_money(&read_body(body).await?)?),
        _ => return Err(no_such_path(uri).await),
    };
    let reference = parse_reference(&reference)?;
    Ok(Json(desk.command(reference, wish).await?))
}

/// What becomes of late money that was seen: it is kept, unless the body says otherwise.
fn late_money(body: &[u8]) -> Result<LateMoney, Refused> {
    if body.is_empty() {
        return Ok(LateMoney::Keep);
    }
    let document: AcknowledgeDocument = document(body, r#"{"refund": true}, or empty"#)?;
    Ok(if document.refund { LateMoney::GiveBack } else { LateMoney::Keep })
}

/// `POST /v1/sales/{reference}/refunds`: gives money back; the same refund is made once.
async fn refund(
    State(desk): State<Desk>,
    path: Result<Path<String>, PathRejection>,
    body: Body,
) -> Answer<SaleDocument> {
    let body = read_body(body).await?;
    let reference = parse_reference(&segment(path)?)?;
    let document: RefundOrderDocument = document(&body, r#"{"refund": "R-1", "amount": "50.00"}"#)?;
    let refund = document.refund.parse().map_err(|error: ReferenceError| {
        Refused::new(StatusCode::BAD_REQUEST, "bad_refund", format!("refund: {error}"))
    })?;
    let amount = document.amount.as_deref().map(parse_amount).transpose()?;
    let reason = document.reason.filter(|reason| !reason.is_empty());
    if reason.as_ref().is_some_and(|reason| !is_reason(reason)) {
        let form = "reason: up to 200 characters without control characters";
        return Err(unprocessable("bad_reason", form.to_owned()));
    }
    let id = RefundId(uuid::Uuid::now_v7().to_string());
    let wish = RefundWish { refund, id, amount, reason };
    Ok(Json(desk.command(reference, Wish::Refund(wish)).await?))
}

fn is_reason(text: &str) -> bool {
    text.chars().count() <= REASON_MAX && !text.chars().any(char::is_control)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// How many sales at most.
    limit: Option<usize>,
}

/// `GET /v1/sales?limit=N`: the newest sales.
async fn list(
    State(desk): State<Desk>,
    query: Result<Query<ListQuery>, axum::extract::rejection::QueryRejection>,
) -> Answer<SalesDocument> {
    let Query(query) = query.map_err(|_| {
        let form = format!("the query is empty or limit=N, a whole number up to {LIMIT_MAX}");
        Refused::new(StatusCode::BAD_REQUEST, "bad_query", form)
    })?;
    let limit = query.limit.unwrap_or(LIMIT_DEFAULT).min(LIMIT_MAX);
    Ok(Json(SalesDocument { sales: desk.sales(limit).await? }))
}

/// `GET /v1/status`.
async fn status(State(desk): State<Desk>) -> Answer<StatusDocument> {
    Ok(Json(desk.status().await?))
}

async fn no_such_path(uri: Uri) -> Refused {
    let message = format!("there is no {}; see the README for the paths of the API", uri.path());
    Refused::new(StatusCode::NOT_FOUND, "no_such_path", message)
}

async fn wrong_method(uri: Uri) -> Refused {
    let message = format!("{} is not asked that way; see the README for the methods", uri.path());
    Refused::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", message)
}

/// What stands in the path, unless it is no UTF-8.
fn segment<T>(path: Result<Path<T>, PathRejection>) -> Result<T, Refused> {
    path.map(|Path(segment)| segment).map_err(|_| bad_reference(ReferenceError))
}

fn parse_reference(text: &str) -> Result<Reference, Refused> {
    text.parse().map_err(bad_reference)
}

fn bad_reference(error: ReferenceError) -> Refused {
    Refused::new(StatusCode::BAD_REQUEST, "bad_reference", error.to_string())
}

/// Reads a body that comes without delay.
async fn read_body(body: Body) -> Result<Vec<u8>, Refused> {
    body::read(body, BODY_MAX, BODY_WITHIN).await.map_err(|error| match error {
        BodyError::TooLarge => {
            let message = format!("the body has more than {BODY_MAX} bytes");
            Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
        }
        BodyError::TooSlow => {
            let message = format!("the body did not come within {} s", BODY_WITHIN.as_secs());
            Refused::new(StatusCode::REQUEST_TIMEOUT, "too_slow", message)
        }
        BodyError::Broken => {
            let message = "the body ended before its length";
            Refused::new(StatusCode::BAD_REQUEST, "bad_body", message)
        }
    })
}

/// An answer that is not 2xx.
#[derive(Debug)]
pub struct Refused(StatusCode, ErrorDocument);

impl Refused {
    /// A refusal.
    pub fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self(status, ErrorDocument::new(code, message))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(self.1)).into_response()
    }
}

impl From<CallError> for Refused {
    fn from(error: CallError) -> Self {
        match &error {
            CallError::Refused(refusal) => Self(status_of(refusal), ErrorDocument::from(refusal)),
            CallError::DiskFull(_) => {
                Self::new(StatusCode::INSUFFICIENT_STORAGE, "disk_full", error.to_string())
            }
            CallError::Unavailable => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", error.to_string())
            }
        }
    }
}

fn status_of(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::NoSuchSale(_) => StatusCode::NOT_FOUND,
        Refusal::OutsideLimits { .. }
        | Refusal::MoreThanLeft { .. }
        | Refusal::NothingToRefund(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::NoWallet | Refusal::NoKey | Refusal::TooManyUnsettled(_) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        Refusal::Busy(_)
        | Refusal::AmountDiffers { .. }
        | Refusal::TooManyAttempts(_)
        | Refusal::Closed(..)
        | Refusal::Unresolved(_)
        | Refusal::PaidLate(_)
        | Refusal::NotPaid(_)
        | Refusal::RefundDiffers(..)
        | Refusal::RefundUnderWay(..)
        | Refusal::TooManyRefunds(_)
        | Refusal::NotInTrouble(_) => StatusCode::CONFLICT,
    }
}

/// The most characters of why money goes back.
const REASON_MAX: usize = 200;
/// A body of the API is some dozens of bytes.
const BODY_MAX: usize = 16 * 1_024;
/// A till of this box sends it at once; one that does not keeps no connection.
const BODY_WITHIN: Duration = Duration::from_secs(5);
/// The longest `wait`; a till asks again.
const WAIT_SECONDS_MAX: u64 = 300;
const LIMIT_DEFAULT: usize = 50;
/// The most sales of one answer.
const LIMIT_MAX: usize = 500;
