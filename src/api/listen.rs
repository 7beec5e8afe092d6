//! Where HTTP is served, bounded in connections and in time. The API listens on a Unix socket,
//! guarded by its file mode, and if configured on a loopback address, guarded by a bearer token
//! (any program of the box, a browser page among them, could reach it otherwise).

use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::serve::Listener;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio::sync::Semaphore;

use super::routes::Refused;
use crate::config::secret::BearerToken;

/// Why the API cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another daemon answers there.
    #[error("api.socket {0}: another tillscan answers there; stop it, or name another socket")]
    InUse(String),
    /// There is something else.
    #[error("api.socket {0}: there is a file that is no socket; remove it, or name another path")]
    NotASocket(String),
    /// The system refused.
    #[error("{what}: {cause}")]
    System {
        /// The key and its value.
        what: String,
        /// What the system said.
        cause: io::Error,
    },
}

/// Binds the Unix socket. One that a dead daemon left is replaced; a live one is not.
///
/// # Errors
/// See [`ListenError`].
pub async fn bind_socket(path: &Path) -> Result<UnixListener, ListenError> {
    let name = path.display().to_string();
    let failed = |cause| ListenError::System { what: format!("api.socket {name}"), cause };
    match std::fs::symlink_metadata(path) {
        Ok(metadata) if !metadata.file_type().is_socket() => {
            return Err(ListenError::NotASocket(name));
        }
        Ok(_) if UnixStream::connect(path).await.is_ok() => return Err(ListenError::InUse(name)),
        Ok(_) => std::fs::remove_file(path).map_err(failed)?,
        Err(_) => {}
    }
    let listener = UnixListener::bind(path).map_err(failed)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(SOCKET_MODE)).map_err(failed)?;
    Ok(listener)
}

/// Binds an address, which the configuration names under `key`.
///
/// # Errors
/// See [`ListenError`].
pub async fn bind_address(key: &str, address: SocketAddr) -> Result<TcpListener, ListenError> {
    let failed = |cause| ListenError::System { what: format!("{key} {address}"), cause };
    TcpListener::bind(address).await.map_err(failed)
}

/// Serves `router` on `listener` until the task is dropped, on `connections_max` connections at a
/// time (O3): one too many waits in the kernel's queue. One that does not ask within
/// [`REQUEST_WITHIN`] is closed, so that idle ones do not keep the others waiting.
pub async fn serve(mut listener: impl Listener, router: Router, connections_max: usize) {
    let seats = Arc::new(Semaphore::new(connections_max));
    loop {
        let seat = Arc::clone(&seats).acquire_owned().await.ok();
        let (io, _) = listener.accept().await;
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(REQUEST_WITHIN);
            // Whoever breaks a connection off is not there to be told.
            let _ = http.serve_connection(TokioIo::new(io), service).await;
            drop(seat);
        });
    }
}

/// The same API, for those who know the token.
pub fn guarded(router: Router, token: BearerToken) -> Router {
    let token = Arc::new(token);
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let token = Arc::clone(&token);
        async move { check_token(&token, request, next).await }
    }))
}

async fn check_token(token: &BearerToken, request: Request, next: Next) -> Response {
    let given = request.headers().get(header::AUTHORIZATION).map(|value| value.as_bytes());
    let given = given.and_then(|value| value.strip_prefix(b"Bearer "));
    if given.is_some_and(|given| same(given, token.expose().as_bytes())) {
        return next.run(request).await;
    }
    let message = "send the header Authorization: Bearer TOKEN with the token of api.token_file";
    Refused::new(StatusCode::UNAUTHORIZED, "unauthorized", message).into_response()
}

/// Compares in a time that does not tell how much is right.
fn same(given: &[u8], token: &[u8]) -> bool {
    let difference = given.iter().zip(token).fold(0, |sum, (one, other)| sum | (one ^ other));
    given.len() == token.len() && difference == 0
}

/// Whoever may write the socket may take payments: the service's user and group.
const SOCKET_MODE: u32 = 0o660;
/// A till, a page, a command line and some to spare.
pub const CONNECTIONS_MAX: usize = 64;
/// How long a connection may take for the head of a request, the first or the next one. A client
/// sends it at once, and one that keeps a connection for later can open another.
const REQUEST_WITHIN: Duration = Duration::from_secs(5);
