//! What a scanner sends: key events, bytes of a line, reports, and the texts in them.

use std::time::Duration;

use tillscan::clock::Moment;
use tillscan::code::{Command, Prefixes, Scanned, Wallet, classify};
use tillscan::scanner::{Assembler, Decoder, Event, Frame, Framer, Habit, Layout, top_level};

/// Key events: the first byte chooses layout and Caps Lock, then three bytes are a step: what
/// happens, which key, how many milliseconds later.
pub fn keys(input: &[u8]) {
    let Some((&first, steps)) = input.split_first() else { return };
    let layouts = [Layout::Us, Layout::Uk, Layout::Fr, Layout::Be, Layout::De];
    let layout = layouts[usize::from(first >> 1) % layouts.len()];
    let mut decoder = Decoder::opened(Moment::ZERO, layout, IDLE, first & 1 != 0, Habit::Unknown);
    let mut now = Moment::ZERO;
    let mut pressed = 0;
    for step in steps.chunks_exact(3) {
        now = now + Duration::from_millis(u64::from(step[2]));
        let code = u16::from(step[1]);
        let events: &[(u16, u16, i32)] = match step[0] % 8 {
            0 | 1 => &[(1, code, 1), (0, 0, 0), (1, code, 0), (0, 0, 0)],
            2 => &[(1, code, 1), (0, 0, 0)],
            3 => &[(1, code, 0), (0, 0, 0)],
            4 => &[(1, code, 2), (0, 0, 0)],
            5 => &[(0, 3, 0)],
            6 => &[(0, 0, 0)],
            _ => &[(code, code, 1)],
        };
        for &(kind, code, value) in events {
            // Of what was pressed before a loss nothing may come out after it.
            pressed = if (kind, code) == (0, 3) { 0 } else { pressed + i32::from(kind == 1) };
            decoder.feed(Event { at: now, kind, code, value }, &mut |frame| {
                let characters = i32::try_from(text(&frame).chars().count()).unwrap();
                assert!(characters <= pressed, "{frame:?} from {pressed} keys");
            });
        }
        if step[0] == 0xff {
            decoder.idle(now, &mut |frame| assert!(text(&frame).chars().count() <= 512));
        }
        assert!(decoder.next_deadline().is_none_or(|deadline| deadline <= now + LONGEST_SILENCE));
    }
    decoder.lost(now, &mut |frame| assert!(matches!(frame, Frame::Rejected { .. })));
    let enter = Event { at: now, kind: 1, code: 28, value: 1 };
    decoder.feed(enter, &mut |frame| panic!("{frame:?} after the device was lost"));
    let later = now + LONGEST_SILENCE;
    decoder.idle(later, &mut |frame| panic!("{frame:?} after the device was lost"));
    assert_eq!(decoder.next_deadline(), None);
}

/// Bytes of a serial line: whole, byte by byte, and lost at the end.
pub fn serial(input: &[u8]) {
    let now = Moment::ZERO + IDLE;
    let at_once = framed(&[input]);
    let single: Vec<&[u8]> = input.chunks(1).collect();
    assert_eq!(framed(&single), at_once, "byte by byte");
    let ends = input.iter().filter(|&byte| b"\r\n\t\x03".contains(byte)).count();
    assert!(at_once.len() <= 2 * (ends + 1), "more frames than ends");

    let mut framer = Framer::opened(Moment::ZERO, IDLE, Habit::Unknown);
    framer.feed(now, input, &mut |frame| assert!(text(&frame).len() <= 512));
    framer.lost(now, &mut |frame| assert!(matches!(frame, Frame::Rejected { .. })));
    framer.feed(now, b"\r", &mut |frame| panic!("{frame:?} after the device was lost"));
    assert_eq!(framer.next_deadline(), None);
}

/// A line with whatever stands in front: the AIM prefix is taken off where it is one, and nothing
/// else ever is.
pub fn aim(input: &[u8]) {
    let Ok(line) = std::str::from_utf8(input) else { return };
    if line.len() > 512 || line.chars().any(char::is_control) {
        return;
    }
    let prefix = match line.as_bytes() {
        [b']', letter, digit, ..] if letter.is_ascii_alphabetic() && digit.is_ascii_hexdigit() => 3,
        _ => 0,
    };
    let expected = format!("{}|{}", &line[..prefix], &line[prefix..]);
    let expected = Vec::from_iter((prefix < line.len()).then_some(expected));
    assert_eq!(framed(&[input]), expected);
}

/// HID-POS reports: a byte that says what follows, a byte of length, and that many bytes.
pub fn reports(input: &[u8]) {
    let mut assembler = Assembler::opened(Moment::ZERO, IDLE);
    let mut now = Moment::ZERO;
    let mut room = 0;
    let mut rest = input;
    while let [how, length, behind @ ..] = rest {
        let data = &behind[..behind.len().min(usize::from(*length))];
        rest = &behind[data.len()..];
        now = now + Duration::from_millis(u64::from(how >> 2));
        let report = if how & 2 == 0 { report(data, how & 1) } else { data.to_vec() };
        room += data.len();
        assembler.feed(now, &report, &mut |frame| assert!(text(&frame).len() <= room.min(512)));
        if how & 0xf0 == 0xf0 {
            now = now + IDLE;
            assembler.idle(now, &mut |frame| assert!(matches!(frame, Frame::Rejected { .. })));
            assert_eq!(assembler.next_deadline(), None);
            room = 0;
        }
    }
    assembler.lost(now, &mut |frame| assert!(matches!(frame, Frame::Rejected { .. })));
    assembler.idle(now + IDLE, &mut |frame| panic!("{frame:?} after the device was lost"));
    assert_eq!(assembler.next_deadline(), None);
}

/// Report descriptors: bounded, and what is understood does not depend on what comes later.
pub fn descriptors(input: &[u8]) {
    let found = top_level(input);
    assert!(found.len() <= 16);
    for end in 0..input.len().min(64) {
        let begun = top_level(&input[..end]);
        assert!(found.starts_with(&begun), "{begun:?} became {found:?}");
    }
}

/// What a scan can be: a payment code is digits as scanned and hidden, a command is its whole
/// barcode, and what stands around a text changes nothing.
pub fn scans(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let scanned = classify(text, &Prefixes::default());
    let digits = text.trim();
    assert_eq!(classify(&format!(" {digits}\t"), &Prefixes::default()), scanned, "trimmed");
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let prefix = digits.get(..2).and_then(|prefix| prefix.parse::<u32>().ok()).unwrap_or(0);
    let wechat = (10..=15).contains(&prefix) || digits.starts_with("160");
    let wallet = match digits.len() {
        18 if is_number && wechat => Some(Wallet::WechatPayUpm),
        16..=24 if is_number && (25..=30).contains(&prefix) => Some(Wallet::AlipayplusUpm),
        _ => None,
    };
    let printed = format!("{scanned:?}{scanned:#?}");
    if let Scanned::Payment(code) = &scanned {
        assert_eq!((code.expose(), Some(code.wallet())), (digits, wallet));
        assert!(scanned.could_pay() && !printed.contains(digits), "P1");
    } else {
        assert_eq!(wallet, None, "{scanned:?}");
    }
    let command = Command::ALL.iter().find(|(_, barcode)| digits.eq_ignore_ascii_case(barcode));
    assert_eq!(command.is_some(), matches!(scanned, Scanned::Command(_)), "{scanned:?}");
}

/// A whole report with this data, as much of it as has room.
fn report(data: &[u8], flags: u8) -> Vec<u8> {
    let mut report = vec![0; 64];
    let (aim, data) = data.split_at(data.len().min(3));
    let data = &data[..data.len().min(56)];
    report[..2].copy_from_slice(&[2, u8::try_from(data.len()).unwrap()]);
    report[2..2 + aim.len()].copy_from_slice(aim);
    report[5..5 + data.len()].copy_from_slice(data);
    report[63] = flags;
    report
}

/// What a settled framer makes of these chunks: symbology, `|`, text; or the poison.
fn framed(chunks: &[&[u8]]) -> Vec<String> {
    let mut found = Vec::new();
    let mut note = |frame: Frame| {
        let said = text(&frame);
        found.push(match frame {
            Frame::Complete { symbology, .. } => {
                let symbology = symbology.map(|symbology| symbology.to_string());
                format!("{}|{said}", symbology.unwrap_or_default())
            }
            Frame::Rejected { poison, .. } => format!("{poison:?}"),
        });
    };
    let mut framer = Framer::opened(Moment::ZERO, IDLE, Habit::Unknown);
    let now = Moment::ZERO + IDLE;
    framer.idle(now, &mut note);
    for chunk in chunks {
        framer.feed(now, chunk, &mut note);
    }
    framer.idle(now + LONGEST_SILENCE, &mut note);
    assert_eq!(framer.next_deadline(), None);
    found
}

/// The text of a frame, having looked at it; empty where it was rejected.
fn text(frame: &Frame) -> String {
    let Frame::Complete { payload, begun, at, pause, .. } = frame else { return String::new() };
    let text = payload.expose();
    assert!(!text.is_empty() && text.len() <= 512, "{} bytes", text.len());
    assert!(!text.chars().any(char::is_control), "a control character");
    assert!(begun <= at && *pause <= *at - *begun, "{begun:?} to {at:?}, {pause:?}");
    text.to_owned()
}

/// The silence that ends everything, whatever the scanner's habit.
const LONGEST_SILENCE: Duration = Duration::from_millis(1_000);
const IDLE: Duration = Duration::from_millis(100);
