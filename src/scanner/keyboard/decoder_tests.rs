//! The decoder: readable scripts, every loss at every place, and texts typed by the inverse of a
//! layout.
//!
//! A script is a line of words. `130` presses these keys of an American keyboard one by one, as do
//! `a`, `-`, `kp5`, `Enter`, `F1`; `shift(1 a)` holds another key meanwhile; `down:shift` and
//! `up:shift` are halves; `repeat:1` is the kernel's own repeat; `gap:100` lets milliseconds pass;
//! `dropped` and `report` are the kernel's words, `led` and `foreign` are none of ours.

use proptest::prelude::*;

use super::*;
use crate::scanner::log::Log;

const IDLE: Duration = Duration::from_millis(80);
const CODE: &str = "130991292552725093";

/// The events of a script. Between any two states of the keys passes one millisecond, as with a
/// scanner that is polled as often as USB allows.
#[derive(Default)]
struct Script {
    now: u64,
    events: Vec<Event>,
    held: Vec<u16>,
}

impl Script {
    fn begin() -> Self {
        Self { now: 1000, ..Self::default() }
    }

    fn of(line: &str) -> Vec<Event> {
        let mut script = Self::begin();
        for word in line.replace('(', "( ").replace(')', " )").split_whitespace() {
            script.word(word);
        }
        script.events
    }

    fn word(&mut self, word: &str) {
        let numbers = |text: &str| text.chars().all(|character| character.is_ascii_digit());
        match word.split_once(':') {
            Some(("gap", millis)) => self.now += millis.parse::<u64>().unwrap() - 1,
            Some(("down", name)) => self.key(code(name), DOWN),
            Some(("up", name)) => self.key(code(name), UP),
            Some(("repeat", name)) => self.key(code(name), 2),
            _ if word.ends_with('(') => self.hold(word.trim_end_matches('(')),
            _ if word == ")" => self.release(),
            _ if word == "dropped" => self.push(SYN, SYN_DROPPED, 0),
            _ if word == "report" => self.push(SYN, SYN_REPORT, 0),
            _ if word == "led" => self.push(17, 1, 1),
            _ if word == "foreign" => self.push(9999, SYN_DROPPED, DOWN),
            _ if word.len() > 1 && numbers(word) => word.chars().for_each(|digit| {
                self.press(code(&digit.to_string()));
            }),
            _ => self.press(code(word)),
        }
    }

    fn push(&mut self, kind: u16, code: u16, value: i32) {
        self.events.push(Event { at: Moment::from_millis(self.now), kind, code, value });
    }

    /// As the kernel writes it: scan code, key, end of the packet.
    fn key(&mut self, code: u16, value: i32) {
        self.now += 1;
        self.push(4, 4, 0x0007_0000 + i32::from(code));
        self.push(KEY, code, value);
        self.push(SYN, SYN_REPORT, 0);
    }

    fn press(&mut self, code: u16) {
        self.key(code, DOWN);
        self.key(code, UP);
    }

    fn hold(&mut self, name: &str) {
        self.held.push(code(name));
        self.key(code(name), DOWN);
    }

    fn release(&mut self) {
        let code = self.held.pop().unwrap();
        self.key(code, UP);
    }

    /// Types a text as a scanner does that is set to `layout`.
    fn text(&mut self, layout: Layout, text: &str) {
        for character in text.chars() {
            let (code, level) = layout.key(character).unwrap();
            let modifier = match level {
                Level::Plain => None,
                Level::Shift => Some(KeyCode::KEY_LEFTSHIFT.code()),
                Level::AltGr => Some(KeyCode::KEY_RIGHTALT.code()),
            };
            modifier.into_iter().for_each(|modifier| self.key(modifier, DOWN));
            self.press(code);
            modifier.into_iter().for_each(|modifier| self.key(modifier, UP));
        }
    }
}

/// The Linux code of a key by the name that scripts have for it.
fn code(name: &str) -> u16 {
    let named = [
        ("Enter", KeyCode::KEY_ENTER),
        ("KPEnter", KeyCode::KEY_KPENTER),
        ("Tab", KeyCode::KEY_TAB),
        ("Caps", KeyCode::KEY_CAPSLOCK),
        ("NumLock", KeyCode::KEY_NUMLOCK),
        ("Esc", KeyCode::KEY_ESC),
        ("Up", KeyCode::KEY_UP),
        ("F1", KeyCode::KEY_F1),
        ("Space", KeyCode::KEY_SPACE),
        ("shift", KeyCode::KEY_LEFTSHIFT),
        ("rightshift", KeyCode::KEY_RIGHTSHIFT),
        ("ctrl", KeyCode::KEY_LEFTCTRL),
        ("rightctrl", KeyCode::KEY_RIGHTCTRL),
        ("meta", KeyCode::KEY_LEFTMETA),
        ("alt", KeyCode::KEY_LEFTALT),
        ("altgr", KeyCode::KEY_RIGHTALT),
        ("^", KeyCode::KEY_LEFTBRACE),
        ("kp.", KeyCode::KEY_KPDOT),
        ("kp+", KeyCode::KEY_KPPLUS),
        ("kp-", KeyCode::KEY_KPMINUS),
        ("kp*", KeyCode::KEY_KPASTERISK),
        ("kp/", KeyCode::KEY_KPSLASH),
    ];
    let found = named.iter().find(|(other, _)| *other == name).map(|(_, key)| key.code());
    let keypad = || {
        let digit = name.strip_prefix("kp")?.chars().next()?;
        KEYPAD.iter().find(|(_, character)| *character == digit).map(|(key, _)| key.code())
    };
    let character = || Layout::Us.key(name.chars().next()?).map(|(code, _)| code);
    found.or_else(keypad).or_else(character).unwrap_or_else(|| panic!("no key {name}"))
}

/// A decoder that has seen its first silence.
fn settled(layout: Layout) -> Decoder {
    let mut decoder = Decoder::opened(Moment::ZERO, layout, IDLE, false, Habit::Silence);
    decoder.idle(Moment::ZERO + IDLE, &mut |frame| panic!("{frame:?}"));
    assert!(decoder.is_settled());
    decoder
}

/// What comes out of these events, followed by silence.
fn frames(mut decoder: Decoder, events: &[Event]) -> Vec<String> {
    let mut log = Log::default();
    for event in events {
        decoder.feed(*event, &mut |frame| log.note(frame));
    }
    while let Some(deadline) = decoder.next_deadline() {
        decoder.idle(deadline, &mut |frame| log.note(frame));
    }
    log.0
}

#[track_caller]
fn check_in(layout: Layout, script: &str, expected: &[&str]) {
    assert_eq!(frames(settled(layout), &Script::of(script)), expected, "{layout:?}: {script}");
}

#[track_caller]
fn check(script: &str, expected: &[&str]) {
    check_in(Layout::Us, script, expected);
}

#[test]
fn e1_a_burst_is_exact() {
    let line = format!("{CODE} Enter ").repeat(1000);
    let read = frames(settled(Layout::Us), &Script::of(&line));
    assert_eq!(read.len(), 1000);
    assert!(read.iter().all(|text| text == CODE));
    // Doubled digits are two keys, whatever is held in between.
    check("down:0 up:0 down:0 up:0 2 2 2 8 8 Enter", &["0022288"]);
    check("down:1 down:3 up:1 down:0 up:3 up:0 Enter", &["130"]);
}

#[test]
fn e7_e8_a_frame_ends_by_enter_tab_or_a_gap() {
    for end in ["Enter", "KPEnter", "Tab", "", "gap:80", "shift(Enter)", "Enter Enter", "Tab Enter"]
    {
        check(&format!("{CODE} {end}"), &[CODE]);
        check(&format!("{CODE} {end} gap:80 96385074 Enter"), &[CODE, "96385074"]);
    }
    check(&format!("Enter {CODE} Enter {CODE} Tab 7 Enter"), &[CODE, CODE, "7"]);
    check("130 gap:79 991", &["130991"]);
    check("130 gap:80 991", &["130", "991"]);
    check("", &[]);
    check("Enter Tab gap:500 KPEnter", &[]);
    check("shift( ) NumLock", &[]);
}

/// An unplugged scanner is noticed up to a quarter of a second late. Where codes end by a
/// terminator, the silence until then makes no code of a part, and a hiccup of the bus tears none.
#[test]
fn e3_where_terminators_are_the_habit_silence_ends_no_code() {
    check(&format!("{CODE} Enter 1309912"), &[CODE, "Incomplete"]);
    check(&format!("{CODE} Enter 1309912 gap:799 92552725093 Enter"), &[CODE, CODE]);
    check(&format!("{CODE} Enter 1309912 gap:800 {CODE} Enter"), &[CODE, "Incomplete", CODE]);
}

/// Before the first code nobody knows the habit: silence must be longer than a hub is slow.
#[test]
fn e3_the_first_code_may_be_cut_off_by_a_slow_hub() {
    for (late, expected) in [(239, "Incomplete"), (240, "1309912")] {
        let mut decoder = settled(Layout::Us);
        decoder.reading = Reading::new(Moment::from_millis(900), Habit::Unknown);
        let mut log = Log::default();
        let events = Script::of("1309912");
        let last = events.last().unwrap().at;
        for event in events {
            decoder.feed(event, &mut |frame| log.note(frame));
        }
        let now = last + Duration::from_millis(late);
        decoder.idle(now, &mut |frame| log.note(frame));
        decoder.lost(now, &mut |frame| log.note(frame));
        assert_eq!(log.0, [expected], "{late} ms");
    }
}

#[test]
fn e8_an_aim_prefix_is_taken_off() {
    check(&format!("] shift(q) 1 {CODE} Enter"), &["(]Q1) 130991292552725093"]);
    check(&format!("] shift(c) 0 {CODE} Enter"), &["(]C0) 130991292552725093"]);
    check("] shift(q) 1 Enter", &[]);
}

#[test]
fn e9_digits_of_azerty_are_digits() {
    check_in(Layout::Fr, "shift(130991) Enter", &["130991"]);
    check_in(Layout::Fr, "130991 Enter", &["130991"]);
    check_in(Layout::Be, "130991 Enter", &["130991"]);
    check("shift(130991) Enter", &["130991"]);
    check("shift(130991) a Enter", &["!#)((!a"]);
    check_in(Layout::Fr, "130 ; Enter", &["&\"àm"]);
    check("] shift(q 1) shift(130) Enter", &["]Q!!#)"]);
}

#[test]
fn e9_alt_and_digits_are_a_character() {
    check("alt(kp6 kp5) Enter", &["A"]);
    check("alt(kp0 kp6 kp5) alt(kp4 kp9) alt(kp5 kp1) Enter", &["A13"]);
    check("alt(kp1 kp3 kp0) alt(kp0 kp2 kp3 kp3) alt(kp0 kp1 kp2 kp8) Enter", &["éé€"]);
    check("alt( ) 1 Enter", &["1"]);
    check("alt(kp1 kp3) 1 Enter", &["ControlCharacter"]);
    check("1 alt(kp0 kp1 kp5 kp7) 2 Enter 3 Enter", &["ControlCharacter", "3"]);
    check("alt(kp2 kp5 kp6) Enter", &["UnknownKey"]);
    check("alt(kp9 kp9 kp9 kp9 kp9 kp9 kp9 kp9) Enter", &["UnknownKey"]);
    check("alt(4) Enter", &["ControlCharacter"]);
    check("alt(kp+) Enter", &["ControlCharacter"]);
    check("alt(F1) Enter", &["ControlCharacter"]);
}

#[test]
fn a_torn_alt_code_gives_no_character() {
    check("1 alt(kp6 Enter kp5) 2 Enter 3 Enter", &["Incomplete", "3"]);
    check("1 alt(kp6 gap:80 kp5) 2 Enter 3 Enter", &["Incomplete", "3"]);
    check("alt(kp6 gap:80 kp5 gap:80 kp5) 2 gap:80 3 Enter", &["Incomplete", "3"]);
    check("F1 alt(kp6 Enter kp5) 2 Enter 3 Enter", &["UnknownKey", "3"]);
    check("down:alt kp6", &["Incomplete"]);
    check("down:alt kp6 dropped report up:alt gap:80 3 Enter", &["Overrun", "3"]);
}

#[test]
fn e10_repeats_are_nothing() {
    check("down:1 repeat:1 repeat:1 up:1 3 Enter repeat:Enter", &["13"]);
    check("down:1 gap:40 repeat:1 gap:40 repeat:1 up:1 3 Enter", &["1", "3"]);
    check("repeat:a", &[]);
}

#[test]
fn e10_caps_lock_exchanges_letters_only() {
    check("Caps a shift(a) 1 shift(1) Caps a Enter", &["Aa1!a"]);
    check_in(Layout::De, "Caps ; shift(;) - 7 Enter Caps ; Enter", &["Ööß7", "ö"]);
    check_in(Layout::Fr, "Caps q 2 shift(2) Enter", &["Aé2"]);
    let decoder = Decoder::opened(Moment::ZERO, Layout::Us, IDLE, true, Habit::Silence);
    assert_eq!(frames(decoder, &Script::of("a shift(b) 1 Enter")), ["Ab1"]);
}

#[test]
fn e10_keypad_digits_are_digits_whatever_numlock_says() {
    check("kp1 NumLock kp3 kp0 kp. kp+ kp- kp* kp/ KPEnter", &["130.+-*/"]);
    check("shift(kp1 kp3 kp0) Enter", &["130"]);
    check_in(Layout::Fr, "kp1 kp3 kp0 Enter", &["130"]);
}

#[test]
fn either_shift_and_alt_gr_are_modifiers() {
    check(
        "rightshift(a) shift(b) down:shift down:rightshift c up:shift d up:rightshift e Enter",
        &["ABCDe"],
    );
    check_in(Layout::De, "altgr(q 7) Enter", &["@{"]);
    check_in(Layout::Fr, "altgr(0 e) Enter", &["@€"]);
    check("altgr(q) Enter", &["UnknownKey"]);
    check_in(Layout::De, "down:shift altgr(q) up:shift Enter", &["UnknownKey"]);
}

#[test]
fn a_key_that_is_no_text_poisons_its_frame() {
    for (keys, poison) in [
        ("ctrl(m)", "ControlCharacter"),
        ("rightctrl(kp1)", "ControlCharacter"),
        ("meta(r)", "ControlCharacter"),
        ("F1", "UnknownKey"),
        ("Esc", "UnknownKey"),
        ("Up", "UnknownKey"),
    ] {
        check(&format!("130 {keys} 991 Enter"), &[poison]);
        check(&format!("{keys} Enter {CODE} Enter"), &[poison, CODE]);
        check(&format!("130 {keys} {keys} F1 gap:80 {CODE}"), &[poison, CODE]);
    }
    check_in(Layout::Fr, "a ^ a Enter", &["UnknownKey"]);
}

#[test]
fn events_of_other_kinds_are_nothing() {
    check("led foreign 130 led foreign report report 991 Enter led", &["130991"]);
}

#[test]
fn o3_exactly_512_bytes_are_a_frame() {
    let longest = "7".repeat(512);
    check(&format!("{longest} Enter"), &[&longest]);
    check(&format!("{longest} 7 7 Enter {CODE} Enter"), &["TooLong", CODE]);
    check(&format!("{longest} 7 gap:80 {CODE}"), &["TooLong", CODE]);
    // A character of two bytes that would be half inside.
    let nearly = "7".repeat(511);
    check_in(Layout::De, &format!("{nearly} ; Enter 1 Enter"), &["TooLong", "1"]);
}

#[test]
fn e2_a_loss_at_any_index_gives_no_part_of_a_code() {
    let events = Script::of(&format!("{CODE} Enter"));
    let enter = events.iter().position(|event| event.code == code("Enter") && event.value == DOWN);
    for index in 0..events.len() {
        // The ring holds 64 events; a reader that is held up for longer loses more.
        for lost in [0, 1, 2, 3, 4, 5, 6, 17, 63, 64, 100, index] {
            if lost > index {
                continue;
            }
            let mut left = events.clone();
            let dropped = Event { kind: SYN, code: SYN_DROPPED, value: 0, ..left[index] };
            left.splice(index - lost..=index, [dropped]);
            left.extend(Script::of(&format!("gap:1000 {CODE} Enter")));
            let read = frames(settled(Layout::Us), &left);
            let whole = index - lost > enter.unwrap();
            let expected: &[&str] =
                if whole { &[CODE, "Overrun", CODE] } else { &["Overrun", CODE] };
            assert_eq!(read, expected, "{lost} lost before {index}");
        }
    }
}

#[test]
fn e2_after_a_loss_nothing_counts_up_to_the_next_end() {
    check("130 dropped 9 report 91 Enter 7 Enter", &["Overrun", "7"]);
    check("dropped report 91 Enter 7 Enter", &["Overrun", "7"]);
    check("dropped report 91 gap:80 7 Enter", &["Overrun", "7"]);
    check("130 dropped report Enter 7 Enter", &["Overrun", "7"]);
    check("1 dropped report 3 dropped report 0 Enter 7 Enter", &["Overrun", "7"]);
    check("1 F1 dropped report 0 Enter 7 Enter", &["UnknownKey", "7"]);
    check("down:shift 1 dropped report Enter a Enter", &["Overrun", "a"]);
}

#[test]
fn e2_not_even_an_enter_counts_before_the_end_of_the_packet() {
    let mut events = Script::of("130 dropped");
    let at = events.last().unwrap().at;
    let enter = |value| Event { at, kind: KEY, code: code("Enter"), value };
    events.extend([enter(DOWN), enter(UP)]);
    // A kernel that never ends it: silence does.
    assert_eq!(frames(settled(Layout::Us), &events), ["Overrun"]);
    events.extend(
        Script::of("report 991 Enter 7 Enter")
            .into_iter()
            .map(|event| Event { at: at + (event.at - Moment::from_millis(1000)), ..event }),
    );
    assert_eq!(frames(settled(Layout::Us), &events), ["Overrun", "7"]);
}

#[test]
fn a_device_opened_in_mid_code_gives_no_part_of_it() {
    for (script, expected) in [
        (format!("52725093 Enter {CODE} Enter"), vec!["Incomplete", CODE]),
        (format!("up:3 Enter {CODE} Enter"), vec![CODE]),
        (format!("52725093 gap:80 {CODE}"), vec!["Incomplete", CODE]),
        (format!("F1 gap:80 {CODE}"), vec!["Incomplete", CODE]),
        ("dropped report 3 Enter 7".to_owned(), vec!["Overrun", "7"]),
        ("down:shift".to_owned(), vec![]),
    ] {
        let opened = Moment::from_millis(950);
        let decoder = Decoder::opened(opened, Layout::Us, IDLE, false, Habit::Silence);
        assert!(!decoder.is_settled());
        assert_eq!(decoder.next_deadline(), Some(opened + IDLE));
        assert_eq!(frames(decoder, &Script::of(&script)), expected, "{script}");
    }
    let decoder =
        Decoder::opened(Moment::from_millis(920), Layout::Us, IDLE, false, Habit::Silence);
    assert_eq!(frames(decoder, &Script::of("130 Enter")), ["130"], "its first gap was over");
}

#[test]
fn a_device_lost_in_mid_code_gives_no_part_of_it() {
    for (script, expected) in [
        ("130", vec!["Incomplete"]),
        ("130 Enter", vec!["130"]),
        ("down:alt kp6", vec!["Incomplete"]),
        ("down:shift", vec![]),
        ("130 F1", vec!["UnknownKey"]),
    ] {
        let mut log = Log::default();
        let mut decoder = settled(Layout::Us);
        for event in Script::of(script) {
            decoder.feed(event, &mut |frame| log.note(frame));
        }
        decoder.lost(Moment::from_millis(2000), &mut |frame| log.note(frame));
        decoder.lost(Moment::from_millis(2001), &mut |frame| log.note(frame));
        assert_eq!(log.0, expected, "{script}");
    }
}

#[test]
fn a_frame_knows_its_times() {
    let mut decoder = settled(Layout::Us);
    let mut times = None;
    for event in Script::of("down:shift gap:50 up:shift down:1 up:1 gap:30 3 gap:20 Enter gap:70 0")
    {
        decoder.feed(event, &mut |frame| {
            let Frame::Complete { begun, at, pause, .. } = frame else { panic!("{frame:?}") };
            times = Some((begun, at, pause));
        });
    }
    let millis = Moment::from_millis;
    assert_eq!(times, Some((millis(1052), millis(1104), Duration::from_millis(30))));
    assert_eq!(decoder.next_deadline(), Some(millis(1175 + 1) + IDLE * 10));
    decoder.idle(millis(1175) + IDLE * 10, &mut |frame| panic!("{frame:?}"));
    let mut log = Log::default();
    decoder.idle(millis(1176) + IDLE * 10, &mut |frame| log.note(frame));
    assert_eq!((log.0, decoder.next_deadline()), (vec!["Incomplete".to_owned()], None));
}

/// A clock that steps back is no gap and no panic.
#[test]
fn times_that_go_back_are_no_gap() {
    let mut events = Script::of("130 991 Enter");
    events[9].at = Moment::ZERO;
    assert_eq!(frames(settled(Layout::Us), &events), ["130991"]);
}

#[test]
fn p1_nothing_prints_a_key() {
    let mut decoder = settled(Layout::Us);
    let events = Script::of("130 down:alt kp7 kp7");
    for event in &events {
        decoder.feed(*event, &mut |frame| panic!("{frame:?}"));
    }
    let printed = format!("{decoder:?}");
    assert!(printed.contains("3 bytes") && !printed.contains("77"), "{printed}");
    let printed = format!("{:?}", events[1]);
    assert!(printed.contains("kind: 1") && !printed.contains("code"), "{printed}");
}

fn layout() -> impl Strategy<Value = Layout> {
    prop::sample::select(Layout::ALL.to_vec())
}

/// A text that `layout` can type, and that is neither rescued nor has a prefix.
fn typeable(layout: Layout) -> impl Strategy<Value = String> {
    let levels = [Level::Plain, Level::Shift, Level::AltGr];
    let keys = levels.into_iter().flat_map(|level| (1..128).map(move |code| (code, level)));
    let characters: Vec<char> =
        keys.filter_map(|(code, level)| layout.character(code, level)).collect();
    prop::collection::vec(prop::sample::select(characters), 0..24)
        .prop_map(|text| format!("x{}", String::from_iter(text)))
}

proptest! {
    #[test]
    fn a_text_typed_by_the_inverse_comes_out_the_same(
        (layout, text) in layout().prop_flat_map(|layout| (Just(layout), typeable(layout))),
    ) {
        let mut script = Script::begin();
        script.text(layout, &text);
        prop_assert_eq!(frames(settled(layout), &script.events), [text]);
    }

    /// The kernel throws away everything that was not read, and says so with the time of the
    /// packet in which it ran out of room; of that packet, anything may be left.
    #[test]
    fn e2_no_loss_makes_a_code_of_a_part(
        layout in layout(),
        enters in prop::collection::vec(any::<bool>(), 3),
        from in any::<prop::sample::Index>(),
        lost in 1_usize..64,
        left in any::<u8>(),
    ) {
        let codes = ["130991292552725093", "Code-284.7", "28763443825664394"];
        let mut script = Script::begin();
        for (text, enter) in codes.iter().zip(enters) {
            script.text(layout, text);
            if enter {
                script.press(KeyCode::KEY_ENTER.code());
            }
            // Longer than any hiccup of the bus, so that no two codes are one.
            script.now += 800;
        }
        let mut events = script.events;
        let from = from.index(events.len());
        let to = (from + lost).min(events.len());
        let packet = events[to..].iter().take_while(|event| event.kind != SYN).count();
        let rest: Vec<Event> = events[to..to + packet].to_vec();
        let kept = rest.into_iter().enumerate().filter(|(bit, _)| left & (1 << (bit % 8)) != 0);
        let newest = events.get(to).or(events.last()).unwrap();
        let dropped = Event { kind: SYN, code: SYN_DROPPED, value: 0, ..*newest };
        let kept: Vec<Event> = [dropped].into_iter().chain(kept.map(|(_, event)| event)).collect();
        events.splice(from..to + packet, kept);
        let mut last = Script { now: 60_000, events, ..Script::default() };
        last.text(layout, "last");
        last.press(KeyCode::KEY_ENTER.code());
        let read = frames(settled(layout), &last.events);
        // A code without Enter after one with it is rejected, too, and so may be its rest.
        let told = ["Overrun", "last", "Incomplete", "Incomplete"];
        let mut remaining = codes.iter().chain(&told).collect::<Vec<_>>();
        for text in &read {
            let place = remaining.iter().position(|code| *code == text);
            prop_assert!(place.is_some(), "{:?}", read);
            remaining.remove(place.unwrap());
        }
        prop_assert_eq!(read.last().map(String::as_str), Some("last"));
        prop_assert!(read.iter().any(|text| text == "Overrun" || text == "Incomplete"));
    }

    #[test]
    fn any_events_are_bounded(
        events in prop::collection::vec(
            (0_u64..200, 0_u16..6, prop_oneof![0_u16..130, any::<u16>()], -1_i32..4),
            0..400,
        ),
        caps_lock in any::<bool>(),
        layout in layout(),
    ) {
        let mut decoder = Decoder::opened(Moment::ZERO, layout, IDLE, caps_lock, Habit::Silence);
        let room = decoder.reading.room();
        let mut now = 0;
        for (pause, kind, code, value) in events {
            now += pause;
            let at = Moment::from_millis(now);
            decoder.feed(Event { at, kind, code, value }, &mut |frame| {
                if let Frame::Complete { payload, .. } = frame {
                    let text = payload.expose();
                    assert!(!text.is_empty() && text.len() <= 512);
                    assert!(!text.chars().any(char::is_control));
                }
            });
            prop_assert_eq!(decoder.reading.room(), room);
        }
    }
}
