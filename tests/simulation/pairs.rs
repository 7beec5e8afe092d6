//! State coverage without the faults: every pair of a screen and an input is met, or `pairs.txt`
//! says why it cannot be, or why it seldom is.

use std::collections::{BTreeMap, BTreeSet};

use tillscan::terminal::Screen;

use crate::coverage::ENOUGH_WORLDS;
use crate::report::Tally;

/// The pairs that cannot be, as committed, each with its reason.
const NEVER: &str = include_str!("pairs.txt");

/// How the reason of a pair begins that can be, and that worlds as many as CI plays do not meet.
const SELDOM: &str = "seldom";

/// Every screen.
const SCREENS: [Screen; 16] = [
    Screen::Idle,
    Screen::NotReady,
    Screen::EnteringAmount,
    Screen::ScanCode,
    Screen::Sending,
    Screen::AwaitingCustomer,
    Screen::CancelWaits,
    Screen::Stopping,
    Screen::Checking,
    Screen::Unknown,
    Screen::Paid,
    Screen::Declined,
    Screen::Expired,
    Screen::Cancelled,
    Screen::NotCreated,
    Screen::LateSuccess,
];

/// Every input, as the table of cells names it.
const INPUTS: [&str; 39] = [
    "arm",
    "cancel",
    "check",
    "detach",
    "acknowledge",
    "refund",
    "command_barcode",
    "payment_code",
    "other_code",
    "damaged",
    "enter",
    "key",
    "hinted",
    "timer",
    "configured",
    "pending",
    "successful",
    "failed",
    "expired",
    "reversed",
    "odd_status",
    "absent",
    "refund_made",
    "refunds",
    "warm",
    "refused",
    "not_sent",
    "timed_out",
    "broken",
    "server_error",
    "too_many_requests",
    "backend_error",
    "bad_body",
    "foreign",
    "refused_for_now",
    "missing",
    "wrong_amount",
    "too_much",
    "read_not_sent",
];

/// Fails where a pair was met that cannot be, or was not met by the `first` worlds, as many as CI
/// plays, although it can be; fewer, and others, leave some out by chance.
pub fn missed(tally: &Tally, first: bool) -> Result<(), String> {
    let enough = first && tally.worlds >= ENOUGH_WORLDS;
    let met: BTreeSet<(String, &str)> =
        tally.cells.keys().map(|(screen, input, _)| (format!("{screen:?}"), *input)).collect();
    let never = never()?;
    let mut wrong = Vec::new();
    for (screen, input) in every() {
        let (is_met, why) =
            (met.contains(&(screen.clone(), input)), excuse(&never, &screen, input));
        match why {
            Some(why) if is_met && !why.starts_with(SELDOM) => {
                wrong.push(format!("{screen} {input}: met, although {why}"))
            }
            None if enough && !is_met => wrong.push(format!("{screen} {input}: not met")),
            Some(_) | None => {}
        }
    }
    let strange = met.iter().filter(|(_, input)| !INPUTS.contains(input));
    wrong.extend(strange.map(|(screen, input)| format!("{screen} {input}: no such input")));
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("{} pairs of screen × input:\n{}", wrong.len(), wrong.join("\n")))
}

fn every() -> impl Iterator<Item = (String, &'static str)> {
    let pairs = |screen: Screen| INPUTS.iter().map(move |input| (format!("{screen:?}"), *input));
    SCREENS.into_iter().flat_map(pairs)
}

/// `Screen input` → why; `*` stands for every one.
fn never() -> Result<BTreeMap<(&'static str, &'static str), &'static str>, String> {
    let lines = NEVER.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let read = |line: &'static str| {
        let (pair, why) = line.split_once(": ")?;
        let pair = pair.split_once(' ')?;
        let known = |(screen, input): &(&str, &str)| {
            (*screen == "*" || SCREENS.iter().any(|one| format!("{one:?}") == *screen))
                && (*input == "*" || INPUTS.contains(input))
        };
        Some((pair, why)).filter(|(pair, _)| known(pair))
    };
    lines.map(|line| read(line).ok_or_else(|| format!("pairs.txt: what is this? {line}"))).collect()
}

fn excuse<'a>(
    never: &BTreeMap<(&str, &str), &'a str>,
    screen: &str,
    input: &str,
) -> Option<&'a str> {
    let of = |pair| never.get(&pair).copied();
    of((screen, input)).or_else(|| of((screen, "*"))).or_else(|| of(("*", input)))
}
