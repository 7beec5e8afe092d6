//! HTTP by hand: also what no client library would send, and everything that comes back, head
//! included.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::Path;

use serde_json::Value;

use super::harness::PATIENCE;

/// A request as it goes out.
pub struct Request {
    head: String,
    body: Vec<u8>,
}

/// An answer as it came.
pub struct Answer {
    pub status: u16,
    /// Everything, head included.
    pub text: String,
}

impl Request {
    pub fn new(method: &str, target: &str) -> Self {
        let head = format!("{method} {target} HTTP/1.1\r\nhost: till\r\nconnection: close\r\n");
        Self { head, body: Vec::new() }
    }

    pub fn arm(reference: &str, body: &str) -> Self {
        Self::new("PUT", &format!("/v1/sales/{reference}")).body(body.as_bytes())
    }

    pub fn header(mut self, line: &str) -> Self {
        self.head.push_str(line);
        self.head.push_str("\r\n");
        self
    }

    pub fn body(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self
    }

    #[track_caller]
    pub fn send(&self, socket: &Path) -> Answer {
        let stream = UnixStream::connect(socket).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        self.exchange(stream.try_clone().unwrap(), stream)
    }

    #[track_caller]
    pub fn send_to(&self, address: &str) -> Answer {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        self.exchange(stream.try_clone().unwrap(), stream)
    }

    #[track_caller]
    fn exchange(&self, mut writer: impl Write + Send, mut reader: impl Read) -> Answer {
        let head = format!("{}content-length: {}\r\n\r\n", self.head, self.body.len());
        let mut raw = Vec::new();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                // Whoever refuses a request need not read all of it.
                let _ =
                    writer.write_all(head.as_bytes()).and_then(|()| writer.write_all(&self.body));
            });
            // A refusal may close the connection before all was sent: what was answered counts.
            let _ = reader.read_to_end(&mut raw);
        });
        let text = String::from_utf8(raw).unwrap();
        let status = text.split(' ').nth(1).and_then(|digits| digits.parse().ok());
        Answer { status: status.unwrap_or_else(|| panic!("no answer: {text:?}")), text }
    }
}

impl Answer {
    #[track_caller]
    pub fn json(&self) -> Value {
        let body = self.text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        serde_json::from_str(body).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    /// Status and code of a refusal, which has a sentence, too, in one line.
    #[track_caller]
    pub fn refusal(&self) -> (u16, String) {
        let error = self.json()["error"].clone();
        let sentence = error["message"].as_str().unwrap_or_default();
        assert!(!sentence.is_empty() && !sentence.contains('\n'), "{}", self.text);
        (self.status, error["code"].as_str().unwrap_or_default().to_owned())
    }
}
