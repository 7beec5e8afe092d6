//! The local API seen from the command line: one request over the daemon's Unix socket, or its
//! event stream.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;

use super::document::{
    AcknowledgeDocument, ArmDocument, ErrorDocument, EventDocument, RefundOrderDocument,
    SaleDocument, SalesDocument, StatusDocument,
};
use crate::terminal::Reference;

/// A client of the daemon behind one socket. Each call opens its own connection.
#[derive(Clone, Debug)]
pub struct Client {
    socket: PathBuf,
}

/// Why a call has no answer to show.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody listens, or the connection broke.
    #[error("the daemon does not answer at {}: {cause}", socket.display())]
    Unreachable {
        /// The socket.
        socket: PathBuf,
        /// What the system said.
        cause: String,
    },
    /// The daemon refused.
    #[error("{}", document.error.message)]
    Refused {
        /// HTTP status.
        status: u16,
        /// What it said.
        document: ErrorDocument,
    },
    /// The daemon answered something this version cannot read.
    #[error("the daemon's answer cannot be read: {0}")]
    Unreadable(String),
}

impl Client {
    /// A client of the daemon at `socket`.
    #[must_use]
    pub fn new(socket: &Path) -> Self {
        Self { socket: socket.to_owned() }
    }

    /// Arms a sale, or takes another code for it.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn arm(
        &self,
        reference: &Reference,
        document: &ArmDocument,
    ) -> Result<SaleDocument, ClientError> {
        let body = serde_json::to_vec(document).map_err(unreadable)?;
        self.call(Method::PUT, &sale_path(reference, ""), body).await
    }

    /// Reads a sale.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn sale(&self, reference: &Reference) -> Result<SaleDocument, ClientError> {
        self.call(Method::GET, &sale_path(reference, ""), Vec::new()).await
    }

    /// Gives money of a paid sale back.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn refund(
        &self,
        reference: &Reference,
        document: &RefundOrderDocument,
    ) -> Result<SaleDocument, ClientError> {
        let body = serde_json::to_vec(document).map_err(unreadable)?;
        self.call(Method::POST, &sale_path(reference, "refunds"), body).await
    }

    /// Says that the result was seen.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn acknowledge(
        &self,
        reference: &Reference,
        document: &AcknowledgeDocument,
    ) -> Result<SaleDocument, ClientError> {
        let body = serde_json::to_vec(document).map_err(unreadable)?;
        self.call(Method::POST, &sale_path(reference, "acknowledge"), body).await
    }

    /// Posts one of `cancel`, `check`, `detach`.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn post(
        &self,
        reference: &Reference,
        wish: &str,
    ) -> Result<SaleDocument, ClientError> {
        self.call(Method::POST, &sale_path(reference, wish), Vec::new()).await
    }

    /// The newest sales.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn sales(&self, limit: usize) -> Result<SalesDocument, ClientError> {
        self.call(Method::GET, &format!("/v1/sales?limit={limit}"), Vec::new()).await
    }

    /// How the daemon is.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn status(&self) -> Result<StatusDocument, ClientError> {
        self.call(Method::GET, "/v1/status", Vec::new()).await
    }

    /// The event stream; its first message is the status.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn events(&self) -> Result<Events, ClientError> {
        let response = self.send(Method::GET, "/v1/events", Vec::new()).await?;
        if response.status() != StatusCode::OK {
            return Err(self.refusal(response).await);
        }
        Ok(Events { body: response.into_body(), buffer: Vec::new(), socket: self.socket.clone() })
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<T, ClientError> {
        let response = self.send(method, path, body).await?;
        if !response.status().is_success() {
            return Err(self.refusal(response).await);
        }
        let body = response.into_body().collect().await.map_err(|error| self.gone(&error))?;
        serde_json::from_slice(&body.to_bytes()).map_err(unreadable)
    }

    async fn refusal(&self, response: Response<hyper::body::Incoming>) -> ClientError {
        let status = response.status().as_u16();
        let Ok(body) = response.into_body().collect().await else {
            return ClientError::Unreadable(format!("HTTP status {status} without a body"));
        };
        match serde_json::from_slice(&body.to_bytes()) {
            Ok(document) => ClientError::Refused { status, document },
            Err(error) => unreadable(error),
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<Response<hyper::body::Incoming>, ClientError> {
        let stream = tokio::net::UnixStream::connect(&self.socket)
            .await
            .map_err(|error| self.gone(&error))?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| self.gone(&error))?;
        tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "tillscan")
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body)))
            .map_err(unreadable)?;
        sender.send_request(request).await.map_err(|error| self.gone(&error))
    }

    fn gone(&self, error: &dyn std::error::Error) -> ClientError {
        ClientError::Unreachable { socket: self.socket.clone(), cause: error.to_string() }
    }
}

/// The daemon's messages, one by one.
#[derive(Debug)]
pub struct Events {
    body: hyper::body::Incoming,
    buffer: Vec<u8>,
    socket: PathBuf,
}

impl Events {
    /// The next message; `None` when the daemon ended the stream.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn next(&mut self) -> Result<Option<EventDocument>, ClientError> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|two| two == b"\n\n") {
                let message: Vec<u8> = self.buffer.drain(..end + 2).collect();
                if let Some(event) = parse_message(&message)? {
                    return Ok(Some(event));
                }
                continue;
            }
            match self.body.frame().await {
                None => return Ok(None),
                Some(Err(error)) => {
                    let (socket, cause) = (self.socket.clone(), error.to_string());
                    return Err(ClientError::Unreachable { socket, cause });
                }
                Some(Ok(frame)) => {
                    if let Some(data) = frame.data_ref() {
                        self.buffer.extend_from_slice(data);
                    }
                }
            }
        }
    }
}

/// The document of one SSE message; comments have none.
fn parse_message(message: &[u8]) -> Result<Option<EventDocument>, ClientError> {
    let text = str::from_utf8(message).map_err(unreadable)?;
    let data = text.lines().filter_map(|line| line.strip_prefix("data:")).collect::<String>();
    if data.is_empty() {
        return Ok(None);
    }
    serde_json::from_str(data.trim_start()).map(Some).map_err(unreadable)
}

fn sale_path(reference: &Reference, wish: &str) -> String {
    let reference = utf8_percent_encode(reference.as_str(), NON_ALPHANUMERIC);
    let slash = if wish.is_empty() { "" } else { "/" };
    format!("/v1/sales/{reference}{slash}{wish}")
}

fn unreadable(error: impl std::fmt::Display) -> ClientError {
    ClientError::Unreadable(error.to_string())
}
