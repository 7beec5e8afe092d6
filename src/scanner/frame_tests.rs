//! The framer: tables, and any split of the bytes gives the same frames.

use proptest::prelude::*;

use super::*;
use crate::scanner::log::Log;

const IDLE: Duration = Duration::from_millis(150);
const CODE: &str = "130991292552725093";

/// A framer that has seen its first silence, of a scanner that ends codes by silence.
fn settled() -> Framer {
    let mut framer = Framer::opened(Moment::ZERO, IDLE, Habit::Silence);
    framer.idle(Moment::ZERO + IDLE, &mut |frame| panic!("{frame:?}"));
    assert!(framer.is_settled());
    framer
}

/// Everything that comes out of these chunks, followed by silence.
fn frames(chunks: &[&[u8]]) -> Vec<String> {
    let mut log = Log::default();
    let mut framer = settled();
    for chunk in chunks {
        framer.feed(Moment::from_millis(500), chunk, &mut |frame| log.note(frame));
    }
    framer.idle(Moment::from_millis(500) + IDLE * 10, &mut |frame| log.note(frame));
    log.0
}

#[track_caller]
fn check(bytes: &[u8], expected: &[&str]) {
    assert_eq!(frames(&[bytes]), expected, "{:?}", bytes.escape_ascii().to_string());
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(frames(&single), expected, "byte by byte");
}

#[test]
fn e7_e8_a_frame_ends_by_any_terminator_or_by_silence() {
    for end in ["\r", "\n", "\r\n", "\t", "\x03", "", "\r\r\n", "\0\r", "\r\0"] {
        check(format!("{CODE}{end}").as_bytes(), &[CODE]);
        check(format!("{CODE}{end}{end}").as_bytes(), &[CODE]);
    }
    check(format!("{CODE}\r\n96385074\t").as_bytes(), &[CODE, "96385074"]);
}

#[test]
fn what_stands_before_the_code_is_stripped() {
    for begin in ["\x02", "\0", "\r", "\n", "\r\n", "\t", "\x03", "\x02\0\x02", "\r\x02"] {
        check(format!("{begin}{CODE}\r").as_bytes(), &[CODE]);
    }
    check(format!("\x02{CODE}\x03\x02{CODE}\x03").as_bytes(), &[CODE, CODE]);
    check(format!("]Q1{CODE}\r\n").as_bytes(), &["(]Q1) 130991292552725093"]);
    check(format!("\x02]C0{CODE}\x03\r\n").as_bytes(), &["(]C0) 130991292552725093"]);
}

#[test]
fn empty_frames_are_ignored() {
    for nothing in ["", "\r", "\r\n\r\n", "\x02\x03", "\0\0\0", "]Q1\r", "\t\t"] {
        check(nothing.as_bytes(), &[]);
    }
}

#[test]
fn a_poisoned_frame_is_refused_once_and_the_next_is_fine() {
    let too_long = "1".repeat(513);
    let far_too_long = "1".repeat(5000);
    for (bytes, poison) in [
        (&b"1309\x1b91292552725093"[..], "ControlCharacter"),
        (b"1309\x1d91", "ControlCharacter"),
        (b"1309\x0291", "ControlCharacter"),
        (b"1309\x0091", "ControlCharacter"),
        (b"1309\x7f", "ControlCharacter"),
        ("1309\u{85}".as_bytes(), "ControlCharacter"),
        (b"\xff\xfe1309", "NotText"),
        (b"1309\xe0", "NotText"),
        (too_long.as_bytes(), "TooLong"),
        (far_too_long.as_bytes(), "TooLong"),
    ] {
        check(bytes, &[poison]);
        check(&[bytes, b"\r\n", CODE.as_bytes(), b"\r"].concat(), &[poison, CODE]);
    }
}

#[test]
fn o3_exactly_512_bytes_are_a_frame() {
    let longest = "7".repeat(512);
    check(longest.as_bytes(), &[&longest]);
    check(format!("{longest}\r{CODE}\r").as_bytes(), &[&longest, CODE]);
}

#[test]
fn e15_a_modem_probe_does_not_disturb_the_next_code() {
    check(format!("AT\rAT\r\n~\r{CODE}\r").as_bytes(), &["AT", "AT", "~", CODE]);
}

#[test]
fn a_poisoned_frame_also_ends_by_silence() {
    let mut log = Log::default();
    let mut framer = settled();
    framer.feed(Moment::from_millis(500), &[b'1'; 600], &mut |frame| log.note(frame));
    framer.feed(Moment::from_millis(600), b"11", &mut |frame| log.note(frame));
    assert_eq!(framer.next_deadline(), Some(Moment::from_millis(750)));
    framer.idle(Moment::from_millis(750), &mut |frame| log.note(frame));
    assert_eq!(framer.next_deadline(), None);
    framer.feed(Moment::from_millis(800), format!("{CODE}\r").as_bytes(), &mut |frame| {
        log.note(frame)
    });
    assert_eq!(log.0, ["TooLong", CODE]);
}

#[test]
fn silence_counts_from_the_last_byte_and_not_before_its_deadline() {
    let mut log = Log::default();
    let mut framer = settled();
    assert_eq!(framer.next_deadline(), None);
    framer.feed(Moment::from_millis(200), &CODE.as_bytes()[..7], &mut |frame| log.note(frame));
    framer.feed(Moment::from_millis(300), &CODE.as_bytes()[7..], &mut |frame| log.note(frame));
    assert_eq!(framer.next_deadline(), Some(Moment::from_millis(450)));
    framer.idle(Moment::from_millis(449), &mut |frame| log.note(frame));
    assert_eq!(log.0.len(), 0);
    framer.idle(Moment::from_millis(460), &mut |frame| {
        assert!(matches!(frame, Frame::Complete { begun, at, .. }
            if begun == Moment::from_millis(200) && at == Moment::from_millis(300)));
        log.note(frame);
    });
    assert_eq!(log.0, [CODE]);
}

/// The reader was held up past the deadline, while the rest of the code was already waiting.
#[test]
fn a_late_reader_does_not_tear_a_code_apart() {
    let mut log = Log::default();
    let mut framer = settled();
    framer.feed(Moment::from_millis(200), &CODE.as_bytes()[..7], &mut |frame| log.note(frame));
    framer.feed(Moment::from_millis(900), &CODE.as_bytes()[7..], &mut |frame| log.note(frame));
    framer.idle(Moment::from_millis(1050), &mut |frame| log.note(frame));
    assert_eq!(log.0, [CODE]);
}

#[test]
fn a_device_opened_in_mid_code_gives_no_part_of_it() {
    for (bytes, expected) in [
        (format!("52725093\r{CODE}\r"), vec!["Incomplete", CODE]),
        (format!("\r\n{CODE}\r"), vec![CODE]),
        (format!("52725093{CODE}"), vec!["Incomplete"]),
        ("\x02\0".to_owned(), vec![]),
    ] {
        let mut log = Log::default();
        let mut framer = Framer::opened(Moment::ZERO, IDLE, Habit::Silence);
        assert!(!framer.is_settled());
        assert_eq!(framer.next_deadline(), Some(Moment::from_millis(150)));
        framer.feed(Moment::from_millis(100), bytes.as_bytes(), &mut |frame| log.note(frame));
        framer.idle(Moment::from_millis(250), &mut |frame| log.note(frame));
        assert!(framer.is_settled());
        assert_eq!(log.0, expected, "{bytes:?}");
    }
}

#[test]
fn a_device_lost_in_mid_code_gives_no_part_of_it() {
    for (bytes, expected) in
        [("1309912", vec!["Incomplete"]), ("1309912\r", vec!["1309912"]), ("\x02", vec![])]
    {
        let mut log = Log::default();
        let mut framer = settled();
        framer.feed(Moment::from_millis(200), bytes.as_bytes(), &mut |frame| log.note(frame));
        framer.lost(Moment::from_millis(210), &mut |frame| log.note(frame));
        framer.lost(Moment::from_millis(211), &mut |frame| log.note(frame));
        assert_eq!(log.0, expected, "{bytes:?}");
    }
}

#[test]
fn p1_a_framer_prints_no_bytes() {
    let mut framer = settled();
    framer.feed(Moment::from_millis(200), CODE.as_bytes(), &mut |frame| panic!("{frame:?}"));
    let printed = format!("{framer:?}");
    assert!(printed.contains("18 bytes") && !printed.contains("1309"), "{printed}");
    assert!(!printed.contains("49, 51"), "{printed}");
}

/// The slow, obvious framer: everything between two terminators is one frame; what stands behind
/// the last one is a part of one, unless nothing was ever ended by a terminator.
fn model(bytes: &[u8]) -> Vec<String> {
    let mut frames = Vec::new();
    let mut terminators = false;
    let parts: Vec<_> = bytes.split(|byte| b"\r\n\t\x03".contains(byte)).collect();
    for (place, frame) in parts.iter().enumerate() {
        let begin = frame.iter().position(|byte| ![0, 2].contains(byte)).unwrap_or(frame.len());
        if frame.len() - begin > 512 {
            frames.push("TooLong".to_owned());
            continue;
        }
        if begin == frame.len() {
            continue;
        }
        if place + 1 == parts.len() && terminators {
            frames.push("Incomplete".to_owned());
            continue;
        }
        terminators = true;
        let Ok(text) = std::str::from_utf8(&frame[begin..]) else {
            frames.push("NotText".to_owned());
            continue;
        };
        let text = text.trim_end_matches('\0');
        if text.chars().any(char::is_control) {
            frames.push("ControlCharacter".to_owned());
        } else if !text.is_empty() {
            frames.push(text.to_owned());
        }
    }
    frames
}

/// Streams with all that matters in them, without AIM prefixes (their own table is above).
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => "[0-9]{1,24}".prop_map(String::into_bytes),
        4 => prop::sample::select(vec!["\r", "\n", "\r\n", "\t", "\x03", "\x02", "\0", "\x1d", "ก"])
            .prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>().prop_filter("AIM", |byte| *byte != b']'), 0..8),
        1 => (505_usize..520).prop_map(|length| vec![b'5'; length]),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_split_of_the_bytes_gives_the_same_frames(
        bytes in stream(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        places.extend([0, bytes.len()]);
        places.sort_unstable();
        let chunks: Vec<&[u8]> = places.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
        prop_assert_eq!(frames(&chunks), frames(&[&bytes]));
    }

    #[test]
    fn the_framer_agrees_with_the_obvious_one(bytes in stream()) {
        prop_assert_eq!(frames(&[&bytes]), model(&bytes));
    }

    #[test]
    fn o3_no_stream_makes_the_buffer_grow(bytes in prop::collection::vec(any::<u8>(), 0..4096)) {
        let mut framer = settled();
        let room = framer.reading.room();
        framer.feed(Moment::from_millis(200), &bytes, &mut |_| {});
        prop_assert_eq!(framer.reading.room(), room);
    }
}
