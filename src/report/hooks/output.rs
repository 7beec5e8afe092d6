//! What a hook prints: a bounded beginning of it, and lines that are safe to log.

use tokio::io::{AsyncRead, AsyncReadExt};

/// Reads a hook's stream to its end and keeps the beginning. What is too much is read all the same,
/// so that the hook does not stop at a full pipe. A stream that cannot be read ends like one that
/// was closed.
pub(super) async fn listen(stream: Option<impl AsyncRead + Unpin>, kept: &mut Vec<u8>) {
    let Some(mut stream) = stream else { return };
    let mut buffer = [0; 1024];
    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        let room = KEPT_MAX - kept.len();
        kept.extend_from_slice(&buffer[..count.min(room)]);
    }
}

/// The lines of what was kept that have something on them, without control characters.
pub(super) fn lines(kept: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(kept);
    let lines = text.lines().map(|line| line.replace(char::is_control, "\u{fffd}"));
    lines.filter(|line| !line.trim().is_empty()).take(LINES_MAX).collect()
}

/// Enough for the message of a failing script.
const KEPT_MAX: usize = 4 * 1024;
/// A stream of short lines must not flood the log.
const LINES_MAX: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_safe_to_log() {
        let check = |kept: &[u8], expected: &[&str]| assert_eq!(lines(kept), expected);
        check(b"", &[]);
        check(b"one\r\n\n  \ntwo", &["one", "two"]);
        check(b"\x1b[31mred\x07\0\n", &["\u{fffd}[31mred\u{fffd}\u{fffd}"]);
        check(b"\xff\xfe ok", &["\u{fffd}\u{fffd} ok"]);
        check(&b"x\n".repeat(100), &["x"; LINES_MAX]);
    }

    #[tokio::test]
    async fn only_the_beginning_is_kept() {
        let printed = b"0123456789".repeat(1_000_000);
        let mut kept = Vec::new();
        let mut stream = printed.as_slice();
        listen(Some(&mut stream), &mut kept).await;
        assert!(stream.is_empty(), "read to its end");
        assert_eq!(kept, printed[..KEPT_MAX]);
    }
}
