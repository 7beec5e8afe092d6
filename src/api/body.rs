//! The body of a request: bounded in size and in time.

use std::time::Duration;

use axum::body::Body;
use futures_util::StreamExt;

/// Why there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// It has more bytes than are read.
    TooLarge,
    /// It did not come in time.
    TooSlow,
    /// It ended before its length.
    Broken,
}

/// Reads a body of at most `bytes_max` bytes that comes `within` this time.
///
/// # Errors
/// See [`BodyError`].
pub(crate) async fn read(
    body: Body,
    bytes_max: usize,
    within: Duration,
) -> Result<Vec<u8>, BodyError> {
    let read = tokio::time::timeout(within, read_small(body, bytes_max)).await;
    read.unwrap_or(Err(BodyError::TooSlow))
}

/// Reads a small body. One that is too large is read to its end and thrown away, up to a bound,
/// because a client whose connection is closed in its face sees a broken pipe instead of the
/// answer.
async fn read_small(body: Body, bytes_max: usize) -> Result<Vec<u8>, BodyError> {
    let mut stream = body.into_data_stream();
    let (mut kept, mut seen) = (Vec::new(), 0_usize);
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| BodyError::Broken)?;
        seen += chunk.len();
        if seen <= bytes_max {
            kept.extend_from_slice(&chunk);
        } else if seen > DRAINED_MAX {
            break;
        }
    }
    if seen > bytes_max { Err(BodyError::TooLarge) } else { Ok(kept) }
}

/// How much of a body that is too large is read before the connection is closed.
const DRAINED_MAX: usize = 8 * 1_024 * 1_024;
