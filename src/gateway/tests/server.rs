//! A gateway by script: plain sockets on loopback, so that it can break where no HTTP server would.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does once it has read a request.
#[derive(Clone)]
pub enum Turn {
    /// Sends this and keeps the connection.
    Send(String),
    /// Sends this and closes.
    SendThenClose(String),
    /// Sends this, waits for so many turns of the runtime, and closes, whatever has arrived until
    /// then.
    SendThenCloseLater(String, u32),
    /// Closes without a word.
    Close,
    /// Resets the connection.
    Reset,
    /// Says nothing, and keeps the connection.
    Hang,
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// Which connection it came on, from 0.
    pub connection: usize,
    /// All of it, as text.
    pub text: String,
}

/// The server. Ends with its test's runtime.
pub struct Server {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    arrived: Arc<Mutex<Vec<Arrived>>>,
}

impl Server {
    /// A server that does `turns`, one for each request on whatever connection, then closes at
    /// every request.
    pub async fn start(turns: impl IntoIterator<Item = Turn>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let turns: Arc<Mutex<VecDeque<Turn>>> = Arc::new(Mutex::new(turns.into_iter().collect()));
        let arrived: Arc<Mutex<Vec<Arrived>>> = Arc::default();
        let recorder = Arc::clone(&arrived);
        tokio::spawn(async move {
            for connection in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let (turns, recorder) = (Arc::clone(&turns), Arc::clone(&recorder));
                tokio::spawn(serve(stream, connection, turns, recorder));
            }
        });
        Self { url, arrived }
    }

    /// The requests so far.
    pub fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    connection: usize,
    turns: Arc<Mutex<VecDeque<Turn>>>,
    arrived: Arc<Mutex<Vec<Arrived>>>,
) {
    while let Some(text) = read(&mut stream).await {
        arrived.lock().unwrap().push(Arrived { connection, text });
        let turn = turns.lock().unwrap().pop_front();
        match turn {
            Some(Turn::Send(answer)) => {
                // The client may have hung up on an answer that is too long.
                let _ = stream.write_all(answer.as_bytes()).await;
            }
            Some(Turn::SendThenClose(answer)) => {
                let _ = stream.write_all(answer.as_bytes()).await;
                return;
            }
            Some(Turn::SendThenCloseLater(answer, turns)) => {
                let _ = stream.write_all(answer.as_bytes()).await;
                for _ in 0..turns {
                    tokio::task::yield_now().await;
                }
                let mut late = [0; 1024];
                if let Ok(length @ 1..) = stream.try_read(&mut late) {
                    let text = String::from_utf8_lossy(&late[..length]).into_owned();
                    arrived.lock().unwrap().push(Arrived { connection, text });
                }
                return;
            }
            Some(Turn::Reset) => {
                stream.set_zero_linger().unwrap();
                return;
            }
            Some(Turn::Hang) => {
                let _ = stream.read(&mut [0]).await;
                return;
            }
            Some(Turn::Close) | None => return,
        }
    }
}

/// One request, or nothing where the client closed.
async fn read(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8(bytes.clone()).unwrap();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return Some(text);
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
