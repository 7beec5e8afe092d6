//! HID-POS reports: tables of parts, and any cut of a text into parts gives the text.

use proptest::prelude::*;

use super::*;
use crate::scanner::log::Log;

const IDLE: Duration = Duration::from_millis(150);
const CODE: &str = "130991292552725093";

/// A report as a scanner makes it.
fn report(aim: &str, data: &[u8], more: bool) -> Vec<u8> {
    let mut report = vec![0; 64];
    report[0] = 2;
    report[1] = u8::try_from(data.len()).unwrap();
    report[2..5].copy_from_slice(aim.as_bytes());
    report[5..5 + data.len()].copy_from_slice(data);
    report[61] = 0x73;
    report[63] = u8::from(more);
    report
}

fn whole(text: &str) -> Vec<u8> {
    report("]Q1", text.as_bytes(), false)
}

fn settled() -> Assembler {
    let mut assembler = Assembler::opened(Moment::ZERO, IDLE);
    assert!(!assembler.is_settled());
    assembler.idle(Moment::ZERO + IDLE, &mut |frame| panic!("{frame:?}"));
    assert!(assembler.is_settled() && assembler.next_deadline().is_none());
    assembler
}

/// What comes out of these reports, followed by silence.
fn frames(mut assembler: Assembler, reports: &[Vec<u8>]) -> Vec<String> {
    let mut log = Log::default();
    for report in reports {
        assembler.feed(Moment::from_millis(500), report, &mut |frame| log.note(frame));
    }
    assembler.idle(Moment::from_millis(650), &mut |frame| log.note(frame));
    assert_eq!(assembler.next_deadline(), None);
    log.0
}

#[track_caller]
fn check(reports: &[Vec<u8>], expected: &[&str]) {
    assert_eq!(frames(settled(), reports), expected);
}

#[test]
fn a_report_is_a_reading() {
    check(&[whole(CODE), whole("96385074")], &["(]Q1) 130991292552725093", "(]Q1) 96385074"]);
    for end in ["\r", "\n", "\r\n", "\t", "\r\r\n\t"] {
        check(&[whole(&format!("{CODE}{end}"))], &["(]Q1) 130991292552725093"]);
    }
    check(&[report("]C0", b"7", false)], &["(]C0) 7"]);
    check(&[report("\0\0\0", b"7", false)], &["7"]);
    check(&[report("???", b"7", false)], &["7"]);
    check(&[report("]C0", b"]Q17", false)], &["(]Q1) 7"]);
    check(&[whole(""), whole("\r\n")], &[]);
    check(&[whole(&"7".repeat(56))], &[&format!("(]Q1) {}", "7".repeat(56))]);
}

#[test]
fn parts_are_joined() {
    let part = |data: &str| report("]Q1", data.as_bytes(), true);
    check(
        &[part("1309"), part(""), part("91292"), whole("552725093\r")],
        &["(]Q1) 130991292552725093"],
    );
    check(&[part("13\r"), whole("09")], &["ControlCharacter"]);
    check(&[part("13"), part("09")], &["Incomplete"]);
    check(&[part("13"), report("]C0", b"09", false), whole("7")], &["Incomplete", "(]Q1) 7"]);
    check(
        &[part("13"), report("]C0", b"0", true), whole("9"), whole("7")],
        &["Incomplete", "(]Q1) 7"],
    );
    // A character that is in two reports.
    check(
        &[report("]Q1", &"ก".as_bytes()[..1], true), report("]Q1", &"ก".as_bytes()[1..], false)],
        &["(]Q1) ก"],
    );
}

#[test]
fn o3_at_most_512_bytes() {
    let part = report("]Q1", &[b'7'; 56], true);
    let mut reports = vec![part.clone(); 9];
    reports.push(whole("88888888"));
    check(&reports, &[&format!("(]Q1) {}88888888", "7".repeat(504))]);
    reports[9] = whole("888888888");
    reports.push(whole("7"));
    check(&reports, &["TooLong", "(]Q1) 7"]);
    check(&vec![part; 1000], &["TooLong"]);
}

#[test]
fn a_report_that_contradicts_itself_is_refused() {
    let mut too_long = whole(CODE);
    too_long[1] = 57;
    let short = whole(CODE)[..63].to_vec();
    let long = [whole(CODE), vec![0]].concat();
    for bad in [too_long, short, long, vec![2]] {
        check(std::slice::from_ref(&bad), &["Malformed"]);
        check(&[bad.clone(), bad.clone()], &["Malformed"]);
        check(&[report("]Q1", b"13", true), bad], &["Malformed"]);
    }
    check(&[report("]Q1", b"\xff", false), whole("7")], &["NotText", "(]Q1) 7"]);
    check(&[report("]Q1", b"1\x1b3", false), whole("7")], &["ControlCharacter", "(]Q1) 7"]);
}

#[test]
fn other_reports_are_nothing_but_between_parts() {
    let other = [vec![3; 64], vec![], vec![9]];
    for other in other {
        check(&[other.clone(), whole("7"), other.clone()], &["(]Q1) 7"]);
        check(
            &[report("]Q1", b"13", true), other, whole("09"), whole("7")],
            &["Incomplete", "(]Q1) 7"],
        );
    }
}

#[test]
fn a_gap_or_a_loss_in_mid_code_gives_no_part_of_it() {
    let mut log = Log::default();
    let mut assembler = settled();
    let millis = Moment::from_millis;
    assembler.feed(millis(200), &report("]Q1", b"13", true), &mut |frame| log.note(frame));
    assembler.idle(millis(349), &mut |frame| log.note(frame));
    assert_eq!((log.0.len(), assembler.next_deadline()), (0, Some(millis(350))));
    assembler.idle(millis(350), &mut |frame| log.note(frame));
    assembler.feed(millis(400), &whole("7"), &mut |frame| log.note(frame));
    assembler.feed(millis(500), &report("]Q1", b"13", true), &mut |frame| log.note(frame));
    assembler.lost(millis(501), &mut |frame| log.note(frame));
    assembler.lost(millis(502), &mut |frame| log.note(frame));
    assert_eq!(log.0, ["Incomplete", "(]Q1) 7", "Incomplete"]);
}

#[test]
fn a_device_opened_in_mid_code_gives_no_part_of_it() {
    let opened = || Assembler::opened(Moment::from_millis(400), IDLE);
    assert_eq!(frames(opened(), &[whole("2093"), whole("7")]), ["Incomplete", "(]Q1) 7"]);
    let part = report("]Q1", b"13", true);
    assert_eq!(frames(opened(), &[part, whole("09"), whole("7")]), ["Incomplete", "(]Q1) 7"]);
}

#[test]
fn p1_an_assembler_prints_no_bytes() {
    let mut assembler = settled();
    let part = report("]Q1", CODE.as_bytes(), true);
    assembler.feed(Moment::from_millis(200), &part, &mut |frame| panic!("{frame:?}"));
    let printed = format!("{assembler:?}");
    assert!(printed.contains("18 bytes") && !printed.contains("1309"), "{printed}");
}

proptest! {
    #[test]
    fn any_cut_into_parts_gives_the_same_text(
        text in "[ -~ก-ฮ]{1,150}",
        cuts in prop::collection::vec(1_usize..=56, 1..160),
    ) {
        let text = format!("x{text}");
        let mut reports = Vec::new();
        let mut rest = text.as_bytes();
        for cut in cuts.iter().cycle() {
            let (data, more) = rest.split_at((*cut).min(rest.len()));
            rest = more;
            reports.push(report("]Q1", data, !rest.is_empty()));
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(frames(settled(), &reports), [format!("(]Q1) {text}")]);
    }

    #[test]
    fn any_reports_are_bounded(
        reports in prop::collection::vec(prop::collection::vec(any::<u8>(), 60..66), 0..40),
    ) {
        let mut assembler = settled();
        let room = assembler.reading.room();
        for mut report in reports {
            report[0] = 2;
            report[1] %= 64;
            assembler.feed(Moment::from_millis(200), &report, &mut |frame| {
                if let Frame::Complete { payload, .. } = frame {
                    assert!(!payload.expose().chars().any(char::is_control));
                }
            });
            prop_assert_eq!(assembler.reading.room(), room);
        }
    }
}
