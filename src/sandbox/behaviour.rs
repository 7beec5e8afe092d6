//! What the last two digits of a payment code make of the payment: the one table.
//!
//! The model plays it, `tillscan sandbox --help` prints it, a test plays and prints every row.

use std::fmt::Write as _;
use std::time::Duration;

use super::script::{
    Admission, Becomes, Elsewhere, Expiry, Oddity, PLAIN, Reads, Refunds, Refusal, Script, Seen,
    Turn,
};

/// One kind of payment, chosen by the last two digits of the payment code.
#[derive(Debug)]
pub struct Behaviour {
    /// The last two digits, 0 to 99.
    pub digits: u8,
    /// A short name, unique in the table.
    pub name: &'static str,
    /// What happens, in one sentence. Seconds are real ones at speed 1.
    pub sentence: &'static str,
    pub(crate) script: Script,
}

impl Behaviour {
    /// The behaviour that a payment code asks for; the first row where its digits are not listed.
    #[must_use]
    pub fn of(payment_code: &str) -> &'static Self {
        let digits = payment_code.len().checked_sub(2).and_then(|from| payment_code.get(from..));
        let digits = digits.and_then(|text| text.parse::<u8>().ok());
        TABLE.iter().find(|row| Some(row.digits) == digits).unwrap_or(&TABLE[0])
    }
}

/// Every behaviour, in the order of its digits.
#[must_use]
pub fn behaviours() -> &'static [Behaviour] {
    TABLE
}

/// The table as text, one line for each behaviour, for `--help` and the documentation.
#[must_use]
pub fn behaviours_help() -> String {
    let mut text = String::from("The last two digits of the payment code choose what happens:\n\n");
    for row in TABLE {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {:02}  {:<26} {}", row.digits, row.name, row.sentence);
    }
    text.push_str("\nAny other digits behave like 00.\n");
    text
}

/// What holds for every payment, and what else a person at a sandbox can ask for, for `--help`.
pub const CALLS_HELP: &str = "\
Every charge: a refund of more than what is left, a 16th one, and one later than 90 days after the
payment are refused with 400 failed_refund.

What becomes of a pending charge can also be decided by hand, as in Opn's test mode:

  curl -u skey_test_1: -X POST http://127.0.0.1:8484/charges/chrg_test_.../mark_as_paid
  curl -u skey_test_1: -X POST http://127.0.0.1:8484/charges/chrg_test_.../mark_as_failed

Both answer with the charge and send charge.complete; the failure code is failed_processing. A
charge that is no longer pending is left alone: 400 bad_request.

GET /sandbox/charges and /sandbox/requests tell the truth, for tests, and need no key.
";

const fn row(digits: u8, name: &'static str, sentence: &'static str, script: Script) -> Behaviour {
    Behaviour { digits, name, sentence, script }
}

/// A charge that turns by itself and is otherwise plain.
const fn turning(turns: &'static [Turn]) -> Script {
    Script { turns, ..PLAIN }
}

/// A charge that is made and paid after 2 s, while its creator sees only this of it.
const fn paid_but(seen: Seen) -> Script {
    Script { admission: Admission::Made(seen), turns: &[Turn(2_000, Becomes::Paid)], ..PLAIN }
}

const fn refused(refusal: Refusal) -> Script {
    Script { admission: Admission::Refused(refusal), ..PLAIN }
}

const fn expiring(expiry: Expiry) -> Script {
    Script { expiry, ..PLAIN }
}

/// A payment after 1 s, and this of a refund call.
const fn refunding(refunds: Refunds) -> Script {
    Script { turns: PAID_AFTER_1_S, refunds, ..PLAIN }
}

/// A payment after 1 s whose first refund is made, while its client sees only this of it.
const fn refunded_but(seen: Seen) -> Script {
    refunding(Refunds::First(Admission::Made(seen)))
}

/// A payment after 1 s whose first refund is not made.
const fn refund_refused(refusal: Refusal) -> Script {
    refunding(Refunds::First(Admission::Refused(refusal)))
}

/// A payment after 1 s that is given back elsewhere so many seconds later.
const fn given_back(after_s: u64, times: u8, percent: i64) -> Script {
    let elsewhere = Elsewhere { after: Duration::from_secs(after_s), times, percent };
    Script { turns: PAID_AFTER_1_S, elsewhere: Some(elsewhere), ..PLAIN }
}

/// Longer than a client should wait for an answer; official clients give up after 60 s.
const HOLD: Duration = Duration::from_secs(60);
const PAID_AFTER_1_S: &[Turn] = &[Turn(1_000, Becomes::Paid)];
const PAID_AFTER_2_S: &[Turn] = &[Turn(2_000, Becomes::Paid)];

static TABLE: &[Behaviour] = &[
    row(0, "paid", "Paid after 1 s.", turning(PAID_AFTER_1_S)),
    row(1, "paid_at_once", "Paid already in the reply to the create call.", {
        turning(&[Turn(0, Becomes::Paid)])
    }),
    row(2, "paid_after_3_s", "Paid after 3 s.", turning(&[Turn(3_000, Becomes::Paid)])),
    row(3, "paid_after_10_s", "Paid after 10 s.", turning(&[Turn(10_000, Becomes::Paid)])),
    row(4, "needs_password", "The customer types the password; paid after 20 s.", {
        turning(&[Turn(20_000, Becomes::Paid)])
    }),
    row(5, "paid_after_70_s", "Paid late, after 70 s, unless it was expired before.", {
        turning(&[Turn(70_000, Becomes::Paid)])
    }),
    row(6, "never_paid", "Never paid: pending until it is expired.", PLAIN),
    row(10, "insufficient_fund", "Declined after 1 s: insufficient_fund.", {
        turning(&[Turn(1_000, Becomes::Failed("insufficient_fund"))])
    }),
    row(11, "payment_rejected", "Declined after 1 s: payment_rejected.", {
        turning(&[Turn(1_000, Becomes::Failed("payment_rejected"))])
    }),
    row(12, "invalid_account", "Declined in the reply to the create call: invalid_account.", {
        turning(&[Turn(0, Becomes::Failed("invalid_account"))])
    }),
    row(13, "failed_processing", "Declined after 1 s: failed_processing.", {
        turning(&[Turn(1_000, Becomes::Failed("failed_processing"))])
    }),
    row(14, "payment_expired", "Declined after 1 s: payment_expired (the code was too old).", {
        turning(&[Turn(1_000, Becomes::Failed("payment_expired"))])
    }),
    row(15, "unknown_failure_code", "Declined after 1 s: wallet_asleep, which is in no list.", {
        turning(&[Turn(1_000, Becomes::Failed("wallet_asleep"))])
    }),
    row(16, "invalid_charge", "Refused at create with 400 invalid_charge; no charge.", {
        refused(Refusal::InvalidCharge)
    }),
    row(17, "bad_request", "Refused at create with 400 bad_request; no charge.", {
        refused(Refusal::BadRequest)
    }),
    row(20, "revoked_as_failed", "Revoked by WeChat after 45 s: failed, payment_expired.", {
        turning(&[Turn(45_000, Becomes::Failed("payment_expired"))])
    }),
    row(21, "revoked_as_expired", "Revoked by WeChat after 45 s: expired, no failure code.", {
        turning(&[Turn(45_000, Becomes::Expired)])
    }),
    row(22, "reversed", "Reversed after 1 s.", turning(&[Turn(1_000, Becomes::Reversed)])),
    row(30, "wins_race_against_expire", "Paid at the moment of the expire call, which fails.", {
        expiring(Expiry::LosesToPayment)
    }),
    row(31, "late_after_expire", "Expires when asked to, and is successful 5 s later.", {
        expiring(Expiry::PaidAfter(Duration::from_secs(5)))
    }),
    row(
        32,
        "late_after_failure",
        "Declined after 1 s (failed_processing), successful after 6 s.",
        {
            turning(&[
                Turn(1_000, Becomes::Failed("failed_processing")),
                Turn(6_000, Becomes::PaidLate),
            ])
        },
    ),
    row(33, "expire_answer_lost", "Expires when asked to, but the answer is lost.", {
        expiring(Expiry::AnswerLost)
    }),
    row(34, "expire_502", "The first expire call answers 502 and does nothing.", {
        expiring(Expiry::FailsOnce(502))
    }),
    row(40, "lost_then_paid", "Charge made, answer lost; paid after 2 s.", {
        paid_but(Seen::Nothing)
    }),
    row(41, "lost_never_paid", "Charge made, answer lost; never paid.", {
        Script { admission: Admission::Made(Seen::Nothing), ..PLAIN }
    }),
    row(42, "lost_then_declined", "Charge made, answer lost; declined after 2 s.", {
        Script {
            admission: Admission::Made(Seen::Nothing),
            turns: &[Turn(2_000, Becomes::Failed("payment_rejected"))],
            ..PLAIN
        }
    }),
    row(43, "hang_without_charge", "No charge; no answer; the connection drops after 60 s.", {
        Script { admission: Admission::Swallowed { hold: HOLD }, ..PLAIN }
    }),
    row(44, "hang_then_charge", "Charge made after 15 s, paid 1 s later; never an answer.", {
        Script {
            admission: Admission::Delayed { after: Duration::from_secs(15), hold: HOLD },
            turns: PAID_AFTER_1_S,
            ..PLAIN
        }
    }),
    row(45, "500_after_effect", "Charge made, answered 500 in HTML; paid after 2 s.", {
        paid_but(Seen::Page(500))
    }),
    row(46, "502_after_effect", "Charge made, answered 502 in HTML; paid after 2 s.", {
        paid_but(Seen::Page(502))
    }),
    row(47, "503_without_charge", "Answered 503; no charge.", refused(Refusal::Unavailable)),
    row(48, "504_after_effect", "Charge made, answered 504; paid after 2 s.", {
        paid_but(Seen::Page(504))
    }),
    row(50, "429_on_polls", "Paid after 1 s, but the first three polls answer 429.", {
        Script { turns: PAID_AFTER_1_S, reads: Reads::TooManyRequests(3), ..PLAIN }
    }),
    row(51, "429_on_create", "Answered 429; no charge.", refused(Refusal::TooManyRequests)),
    row(52, "backend_error_with_charge", "Charge made, answered backend_error; paid after 2 s.", {
        paid_but(Seen::BackendError)
    }),
    row(53, "backend_error_no_charge", "Answered 400 backend_error; no charge.", {
        refused(Refusal::BackendError)
    }),
    row(60, "garbage_body", "Charge made, answered 200 with garbage; paid after 2 s.", {
        paid_but(Seen::Garbage)
    }),
    row(61, "truncated_body", "Charge made, answer cut in the middle; paid after 2 s.", {
        paid_but(Seen::Truncated)
    }),
    row(62, "empty_body", "Charge made, answered 200 without a body; paid after 2 s.", {
        paid_but(Seen::Empty)
    }),
    row(63, "foreign_charge", "Charge made, answered with another, paid one; never paid.", {
        Script { admission: Admission::Made(Seen::Foreign), ..PLAIN }
    }),
    row(64, "unknown_status", "Of the unknown status processing at once; paid after 3 s.", {
        turning(&[Turn(0, Becomes::Unknown("processing")), Turn(3_000, Becomes::Paid)])
    }),
    row(65, "extra_fields", "Paid after 1 s; the charge has fields nobody announced.", {
        Script { turns: PAID_AFTER_1_S, oddity: Oddity::ExtraFields, ..PLAIN }
    }),
    row(66, "expired_at_when_paid", "Paid after 1 s; expired_at is set, expired is false.", {
        Script { turns: PAID_AFTER_1_S, oddity: Oddity::ExpiredAtWhenPaid, ..PLAIN }
    }),
    row(67, "wrong_amount", "Successful after 1 s with 1.00 more than was asked for.", {
        turning(&[Turn(1_000, Becomes::PaidMore(100))])
    }),
    row(68, "wrong_currency", "Successful after 1 s in USD.", {
        turning(&[Turn(1_000, Becomes::PaidIn("USD"))])
    }),
    row(69, "polls_fail", "Polls answer 500 for 5 s; paid after 2 s.", {
        Script { turns: PAID_AFTER_2_S, reads: Reads::Failing(Duration::from_secs(5)), ..PLAIN }
    }),
    row(70, "polls_not_found", "Polls answer 404 for 3 s; paid after 1 s.", {
        Script { turns: PAID_AFTER_1_S, reads: Reads::Missing(Duration::from_secs(3)), ..PLAIN }
    }),
    row(71, "lost_and_listed_late", "Answer lost; in lists only after 3 s; paid after 2 s.", {
        Script { listed_after: Duration::from_secs(3), ..paid_but(Seen::Nothing) }
    }),
    row(80, "refund_refused", "Paid after 1 s; every refund is refused: failed_refund.", {
        refunding(Refunds::Always(Admission::Refused(Refusal::FailedRefund("refund failed"))))
    }),
    row(81, "refund_answer_lost", "Paid after 1 s; the first refund is made, its answer lost.", {
        refunded_but(Seen::Nothing)
    }),
    row(82, "refund_500_made", "Paid after 1 s; the first refund is made, answered 500.", {
        refunded_but(Seen::Page(500))
    }),
    row(83, "refund_503_not_made", "Paid after 1 s; the first refund: 503, and not made.", {
        refund_refused(Refusal::Unavailable)
    }),
    row(84, "refund_slow", "Paid after 1 s; the first refund is made, answered after 5 s.", {
        refunded_but(Seen::Late(Duration::from_secs(5)))
    }),
    row(85, "refund_made_later", "Paid after 1 s; the first refund made 15 s later; no answer.", {
        refunding(Refunds::First(Admission::Delayed { after: Duration::from_secs(15), hold: HOLD }))
    }),
    row(86, "refund_hang", "Paid after 1 s; the first refund is not made; no answer for 60 s.", {
        refunding(Refunds::First(Admission::Swallowed { hold: HOLD }))
    }),
    row(87, "refund_backend_error", "Paid after 1 s; the first refund is made: backend_error.", {
        refunded_but(Seen::BackendError)
    }),
    row(88, "refund_429", "Paid after 1 s; the first refund is answered 429, and not made.", {
        refund_refused(Refusal::TooManyRequests)
    }),
    row(89, "refund_foreign", "Paid after 1 s; the first refund is answered with another one.", {
        refunded_but(Seen::Foreign)
    }),
    row(90, "refund_no_balance", "Paid after 1 s; the first refund: insufficient balance.", {
        refund_refused(Refusal::FailedRefund("insufficient balance"))
    }),
    row(91, "refund_too_late", "Paid after 1 s; counts as paid more than 90 days ago.", {
        refunding(Refunds::TooLate)
    }),
    row(92, "refund_whole_only", "Paid after 1 s; can be given back in full only.", {
        refunding(Refunds::WholeOnly)
    }),
    // 93 is left out: the payment code in Opn's guide ends with it.
    row(94, "refunded_elsewhere", "Paid after 1 s; given back at the dashboard 4 s later.", {
        given_back(4, 1, 100)
    }),
    row(95, "partly_refunded_elsewhere", "Paid after 1 s; 40 % given back there 4 s later.", {
        given_back(4, 1, 40)
    }),
    row(96, "refunded_15_times", "Paid after 1 s; has 15 refunds of 1 % each at once.", {
        given_back(0, 15, 1)
    }),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_unique_and_found_by_their_digits() {
        for pair in TABLE.windows(2) {
            assert!(pair[0].digits < pair[1].digits, "{} before {}", pair[0].name, pair[1].name);
        }
        for row in TABLE {
            let code = format!("1309912925527250{:02}", row.digits);
            assert_eq!(Behaviour::of(&code).name, row.name);
            assert_eq!(TABLE.iter().filter(|other| other.name == row.name).count(), 1);
        }
    }

    #[test]
    fn digits_that_are_not_listed_behave_like_00() {
        for code in ["130991292552725093", "13099129255272509x", "7", "", "ก๐๐"] {
            assert_eq!(Behaviour::of(code).digits, 0, "{code:?}");
        }
    }

    #[test]
    fn the_help_has_every_row_within_100_columns() {
        let help = behaviours_help();
        for row in TABLE {
            let line = format!("  {:02}  {:<26} {}", row.digits, row.name, row.sentence);
            assert!(help.lines().any(|other| other == line), "{line}");
            assert!(line.len() <= 100, "{line}");
        }
    }

    /// Each figure that a sentence gives in seconds is one that its script uses.
    #[test]
    fn seconds_in_a_sentence_are_seconds_of_its_script() {
        for row in TABLE {
            let mut seconds = seconds_of(&row.script);
            let words: Vec<&str> = row.sentence.split(' ').collect();
            for pair in words.windows(2) {
                let unit = pair[1].trim_end_matches(|sign: char| !sign.is_ascii_alphanumeric());
                if let (Ok(figure), "s") = (pair[0].parse::<u64>(), unit) {
                    let at = seconds.iter().position(|second| *second == figure);
                    let at = at.unwrap_or_else(|| panic!("{}: {figure} s in no script", row.name));
                    seconds.remove(at);
                }
            }
            assert!(seconds.is_empty(), "{}: {seconds:?} s not in the sentence", row.name);
        }
    }

    fn seconds_of(script: &Script) -> Vec<u64> {
        let mut all: Vec<u64> = script.turns.iter().map(|turn| turn.0 / 1_000).collect();
        all.extend(seconds_of_admission(script.admission));
        match script.refunds {
            Refunds::First(admission) | Refunds::Always(admission) => {
                all.extend(seconds_of_admission(admission));
            }
            Refunds::Plain | Refunds::TooLate | Refunds::WholeOnly => {}
        }
        all.extend(script.elsewhere.map(|elsewhere| elsewhere.after.as_secs()));
        if let Expiry::PaidAfter(after) = script.expiry {
            all.push(after.as_secs());
        }
        match script.reads {
            Reads::Failing(time) | Reads::Missing(time) => all.push(time.as_secs()),
            Reads::Plain | Reads::TooManyRequests(_) => {}
        }
        all.push(script.listed_after.as_secs());
        all.retain(|seconds| *seconds > 0);
        all
    }

    fn seconds_of_admission(admission: Admission) -> Option<u64> {
        match admission {
            Admission::Swallowed { hold } => Some(hold.as_secs()),
            Admission::Delayed { after, .. } => Some(after.as_secs()),
            Admission::Made(Seen::Late(after)) => Some(after.as_secs()),
            Admission::Made(_) | Admission::Refused(_) => None,
        }
    }
}
