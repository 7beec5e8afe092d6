//! Plays a script against a terminal and writes down what it orders.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write;
use std::time::Duration;

use zeroize::Zeroizing;

use super::replies::{About, made, made_as, reply};
use super::trace::{name, ordered};
use super::*;

/// The codes that scripts call A to D: WeChat Pay, its last prefix, a fusion wallet, Alipay.
const CODES: [(&str, &str); 4] = [
    ("A", "130991292552725093"),
    ("B", "151234567890123456"),
    ("C", "160234567890123456"),
    ("D", "281234567890123456"),
];

pub fn play(script: &str) -> String {
    let mut driver = Driver::new();
    driver.perform();
    for step in script.split([';', '\n']).map(str::trim).filter(|step| !step.is_empty()) {
        driver.step(step);
    }
    driver.trace
}

pub struct Driver {
    terminal: Terminal,
    policy: Policy,
    now: Moment,
    disk: Vec<Record>,
    open: VecDeque<(RequestId, Request)>,
    auto: Option<String>,
    /// What the gateway says when the connection is kept warm; `None` while it is silent.
    warm: Option<Reply>,
    warmed: Vec<RequestId>,
    created: BTreeSet<AttemptId>,
    refunded: BTreeSet<RefundId>,
    scans: u32,
    refunds: u32,
    enters: u32,
    tokens: u64,
    /// How many more effects this process carries out, and those after it.
    crashes: VecDeque<u32>,
    /// Counted from the starts.
    run: u32,
    trace: String,
    last_line: String,
}

impl Driver {
    fn new() -> Self {
        let policy = Policy::default();
        let now = Moment::from_millis(1_000);
        Self {
            terminal: Terminal::new(policy.clone(), &[], now),
            policy,
            now,
            disk: Vec::new(),
            open: VecDeque::new(),
            auto: None,
            warm: Some(Reply::Warm { newest: Some(GatewayTime(1_700_000_000)) }),
            warmed: Vec::new(),
            created: BTreeSet::new(),
            refunded: BTreeSet::new(),
            scans: 0,
            refunds: 0,
            enters: 0,
            tokens: 0,
            crashes: VecDeque::new(),
            run: 0,
            trace: String::new(),
            last_line: String::new(),
        }
    }

    fn step(&mut self, step: &str) {
        let words: Vec<&str> = step.split_whitespace().collect();
        match words.as_slice() {
            ["arm", reference, amount] => self.command(reference, arm(amount, IfClosed::Keep)),
            ["again", reference, amount] => self.command(reference, arm(amount, IfClosed::Again)),
            ["cancel", reference] => self.command(reference, Wish::Cancel),
            ["check", reference] => self.command(reference, Wish::Check),
            ["detach", reference] => self.command(reference, Wish::Detach),
            ["ack", reference] => self.command(reference, Wish::Acknowledge(LateMoney::Keep)),
            ["ack", reference, "refund"] => {
                self.command(reference, Wish::Acknowledge(LateMoney::GiveBack));
            }
            ["refund", reference, refund, wish @ ..] => self.refund(reference, refund, wish),
            ["scan", scan @ ..] => self.scan(scan),
            ["late", time] if *time != "refund" => self.now = self.now + duration(time),
            ["type", text] => text.bytes().for_each(|byte| self.key(typed(byte), "unused")),
            ["erase"] => self.key(scanner::Key::Erase, "unused"),
            ["clear"] => self.key(scanner::Key::Clear, "unused"),
            ["enter"] => {
                self.enters += 1;
                self.key(scanner::Key::Enter, &format!("K{}", self.enters));
            }
            ["enter", "as", reference] => self.key(scanner::Key::Enter, reference),
            ["hint", charge] => self.hint(charge, Heard::Now),
            ["hint", charge, "again"] => self.hint(charge, Heard::Before),
            ["damaged"] => self.handle(Input::ScanDamaged(Damage::Partial)),
            ["damaged", how] => self.handle(Input::ScanDamaged(damage(how))),
            ["<", kind, subject, answer @ ..] if subject.ends_with(':') => {
                self.answer(&format!("{kind} {}", subject.trim_end_matches(':')), answer);
            }
            ["<", answer @ ..] => {
                let (id, request) = self.open.pop_front().expect("no request is open");
                self.reply(id, &request, answer);
            }
            ["stray", answer @ ..] => {
                let attempt = AttemptId("a1".to_owned());
                let reply = reply(answer, About::attempt(attempt, &self.disk));
                self.handle(Input::Replied { id: RequestId(0), reply });
            }
            ["…"] => self.trace.clear(),
            ["warm", "silent"] => self.warm = None,
            ["warm", answer @ ..] => self.warm = Some(reply(answer, About::default())),
            ["warmed"] => {
                let id = self.warmed[self.warmed.len() - 1];
                let reply = self.warm.clone().expect("an answer");
                self.handle(Input::Replied { id, reply });
            }
            ["status"] => self.status(),
            ["auto", "off"] => self.auto = None,
            ["auto", answer @ ..] => {
                self.auto = Some(answer.join(" "));
                self.perform();
            }
            ["crash"] => self.crash(),
            ["crash", "after", effects] => {
                self.crashes.push_back(effects.parse().expect("a number of effects"));
            }
            [time] if time.starts_with('+') => self.pass(duration(&time[1..])),
            _ => self.read_again(&words),
        }
    }

    /// The configuration is read again.
    fn read_again(&mut self, words: &[&str]) {
        match words {
            ["late", "refund"] => self.configure(|policy| {
                policy.late_success = LateSuccess::Refund;
            }),
            ["hinted", "poll", every, trust] => {
                let (every, trust) = (duration(every), duration(trust));
                self.configure(|policy| policy.hinted_poll = Some(HintedPoll { every, trust }));
            }
            ["key", "missing"] => self.configure(|policy| policy.key = Key::Missing),
            ["wechat", "off"] => self.configure(|policy| {
                policy.wallets.remove(&Wallet::WechatPayUpm);
            }),
            ["limits", min, max] => self.configure(|policy| {
                let amount = |text: &str| text.parse().expect("an amount");
                let limits = Limits { min: amount(min), max: amount(max) };
                policy.wallets.insert(Wallet::WechatPayUpm, limits);
            }),
            ["alipay", "on"] => self.configure(|policy| {
                let limits = policy.wallets[&Wallet::WechatPayUpm];
                policy.wallets.insert(Wallet::AlipayplusUpm, limits);
            }),
            ["watch", times @ ..] => {
                let times = times.iter().map(|time| duration(time)).collect();
                self.configure(|policy| policy.watch = times);
            }
            _ => panic!("no such step: {words:?}"),
        }
    }

    fn handle(&mut self, input: Input) {
        self.terminal.handle(self.now, input);
        self.perform();
    }

    fn command(&mut self, reference: &str, wish: Wish) {
        let reference: Reference = reference.parse().expect("a reference");
        let history = self.history(&reference);
        self.tokens += 1;
        let command = Command { reference, wish, history };
        self.handle(Input::Commanded { token: Token(self.tokens), command });
    }

    /// Answers the request that the trace calls by this name.
    fn answer(&mut self, asked: &str, answer: &[&str]) {
        let number = self.open.iter().position(|(_, request)| name(request) == asked);
        let open = number.and_then(|number| self.open.remove(number));
        let (id, request) = open.unwrap_or_else(|| panic!("no {asked} is open"));
        self.reply(id, &request, answer);
    }

    fn refund(&mut self, reference: &str, refund: &str, wish: &[&str]) {
        self.refunds += 1;
        let (wish, own) = named(wish);
        let wish = RefundWish {
            refund: refund.parse().expect("a reference"),
            id: RefundId(own.map_or_else(|| format!("r{}", self.refunds), str::to_owned)),
            amount: wish.first().map(|amount| amount.parse().expect("an amount")),
            reason: None,
        };
        self.command(reference, Wish::Refund(wish));
    }

    fn key(&mut self, key: scanner::Key, reference: &str) {
        let reference: Reference = reference.parse().expect("a reference");
        let history = self.history(&reference);
        self.handle(Input::Keyed { key, reference, history });
    }

    /// Somebody says that something happened to a charge.
    fn hint(&mut self, charge: &str, heard: Heard) {
        let charge = ChargeId(charge.to_owned());
        let sale = self.disk.iter().find_map(|record| match &record.fact {
            Fact::ChargeKnown { charge: known, .. } if *known == charge => Some(&record.reference),
            _ => None,
        });
        let history = sale.cloned().map_or_else(Vec::new, |reference| self.history(&reference));
        self.handle(Input::Hinted { charge, history, heard });
    }

    /// What the journal knows of a sale that the terminal does not hold.
    fn history(&self, reference: &Reference) -> Vec<Record> {
        let held = self.terminal.sale(reference).is_some();
        let about = |record: &&Record| !held && record.reference == *reference;
        self.disk.iter().filter(about).cloned().collect()
    }

    fn scan(&mut self, scan: &[&str]) {
        self.scans += 1;
        let (scan, attempt) = named(scan);
        let (age, text) = match scan {
            [age, text] => (duration(&age[2..]), *text),
            _ => (Duration::ZERO, scan[0]),
        };
        let known = CODES.iter().find(|(name, _)| *name == text);
        let text = known.map_or(text, |(_, code)| code);
        let at = self.now.before(age);
        self.handle(Input::Scanned(Scan {
            text: Zeroizing::new(text.to_owned()),
            first: at,
            last: at,
            attempt: AttemptId(attempt.map_or_else(|| format!("a{}", self.scans), str::to_owned)),
        }));
    }

    fn configure(&mut self, change: impl FnOnce(&mut Policy)) {
        change(&mut self.policy);
        self.handle(Input::Configured(Box::new(self.policy.clone())));
    }

    /// Time passes, up to a crash.
    fn pass(&mut self, duration: Duration) {
        let (end, run) = (self.now + duration, self.run);
        for _ in 0..10_000 {
            match self.terminal.next_deadline() {
                Some(at) if at <= end => {
                    self.now = self.now.max(at);
                    self.handle(Input::TimerFired);
                    if self.run != run {
                        return;
                    }
                }
                _ => {
                    self.now = end;
                    return;
                }
            }
        }
        panic!("the terminal wants to be woken without end");
    }

    fn crash(&mut self) {
        self.line("crash");
        self.run += 1;
        self.open.clear();
        let mut sales: BTreeMap<&Reference, Vec<Record>> = BTreeMap::new();
        for record in &self.disk {
            sales.entry(&record.reference).or_default().push(record.clone());
        }
        let unsettled = sales
            .into_values()
            .filter(|records| !Sale::from_records(records).expect("a sale").settled);
        let records: Vec<Record> = unsettled.flatten().collect();
        // Within a step, a deadline may have come between two milliseconds.
        let millis = self.now.since_start().as_nanos().div_ceil(1_000_000) as u64;
        self.now = Moment::from_millis(millis + 1_000);
        self.terminal = Terminal::new(self.policy.clone(), &records, self.now);
        self.perform();
    }

    /// What is known beside the screen: the sales that are held, and what the operator is told.
    fn status(&mut self) {
        let known: BTreeSet<&Reference> = self.disk.iter().map(|one| &one.reference).collect();
        let held: Vec<&str> = known
            .into_iter()
            .filter(|reference| self.terminal.sale(reference).is_some())
            .map(Reference::as_str)
            .collect();
        let alerts: Vec<String> =
            self.terminal.alerts().map(|sale| sale.reference.to_string()).collect();
        let problem = self.terminal.gateway_problem().unwrap_or("-");
        let (open, warmed) = (self.terminal.unsettled(), self.warmed.len());
        let (held, alerts) = (held.join(" "), alerts.join(" "));
        let line =
            format!("holds {held}; open {open}; warmed {warmed}; alerts {alerts}; {problem}");
        self.line(&format!("status  {line}"));
    }

    /// Carries all effects out, in order, as the contract of the terminal asks.
    fn perform(&mut self) {
        for _ in 0..10_000 {
            if let Some(effect) = self.terminal.next_effect() {
                let counts = !matches!(effect, Effect::Send(_, Request::Warm));
                self.carry_out(effect);
                if counts && self.dies() {
                    return self.crash();
                }
            } else if let Some((id, request)) =
                self.auto.as_ref().and_then(|_| self.open.pop_front())
            {
                let answer = self.auto.clone().unwrap_or_default();
                self.reply(id, &request, &answer.split(' ').collect::<Vec<_>>());
            } else {
                return;
            }
        }
        panic!("L4: the terminal orders without end");
    }

    /// Whether the effect that was just carried out was the last one of this process.
    fn dies(&mut self) -> bool {
        let Some(left) = self.crashes.front_mut() else { return false };
        *left = left.saturating_sub(1);
        *left == 0 && self.crashes.pop_front().is_some()
    }

    fn carry_out(&mut self, effect: Effect) {
        ordered(&effect).iter().for_each(|line| self.line(line));
        match effect {
            Effect::Persist(records) => self.disk.extend(records),
            Effect::Send(id, Request::Warm) => {
                self.warmed.push(id);
                if let Some(reply) = self.warm.clone() {
                    self.terminal.handle(self.now, Input::Replied { id, reply });
                }
            }
            Effect::Send(id, request) => {
                self.check_request(&request);
                self.open.push_back((id, request));
            }
            Effect::Answer(_, Ok(view)) => self.check_view(&view),
            Effect::Show(frame) => frame.sale.iter().for_each(|view| self.check_view(view)),
            Effect::Announce(announcement) => self.check_view(&announcement.sale),
            Effect::Answer(_, Err(_)) | Effect::Feedback(_) => {}
        }
    }

    fn check_request(&mut self, request: &Request) {
        if let Request::Create { attempt, .. } = request {
            assert!(self.created.insert(attempt.clone()), "S8: a second create for {attempt}");
            let started = |record: &Record| matches!(&record.fact, Fact::AttemptStarted { attempt: started, .. } if started == attempt);
            assert!(self.disk.iter().any(started), "D1: create before its record");
        }
        if let Request::Refund(order) = request {
            assert!(self.refunded.insert(order.id.clone()), "S9: {} goes out twice", order.id);
            let sent = |record: &Record| matches!(&record.fact, Fact::RefundSent { amount, .. } if *amount == order.amount);
            assert!(self.disk.iter().any(sent), "D1: a refund before its record");
        }
        let subject = |request: &Request| match request {
            Request::Warm => None,
            Request::Create { attempt, .. } | Request::Find { attempt, .. } => {
                Some(attempt.0.clone())
            }
            Request::Get { charge } | Request::Expire { charge } | Request::Refunds { charge } => {
                Some(charge.0.clone())
            }
            Request::Refund(order) => Some(order.charge.0.clone()),
        };
        let busy = self.open.iter().any(|(_, open)| subject(open) == subject(request));
        assert!(!busy, "L4: two requests in flight for {request:?}");
    }

    /// D2, S3: whatever is final has its record on disk.
    fn check_view(&self, view: &SaleView) {
        let Some(outcome) = view.outcome.filter(|outcome| *outcome != Outcome::Unknown) else {
            return;
        };
        let about = |record: &&Record| record.reference == view.reference;
        let on_disk = self.disk.iter().filter(about).any(|record| match &record.fact {
            Fact::AttemptClosed { outcome: closed, .. } | Fact::Disarmed { outcome: closed } => {
                *closed == outcome
            }
            _ => false,
        });
        assert!(on_disk, "D2: {outcome} of {} before its record", view.reference);
    }

    fn reply(&mut self, id: RequestId, request: &Request, words: &[&str]) {
        if let (Request::Refund(order), ["made"]) = (request, words) {
            let made = made(&order.id.0, order.amount.satang(), &order.charge);
            return self.handle(Input::Replied { id, reply: Reply::Refund(made) });
        }
        if let (Request::Refund(order), ["made", "as", own]) = (request, words) {
            let made = made(own, order.amount.satang(), &order.charge);
            return self.handle(Input::Replied { id, reply: Reply::Refund(made) });
        }
        if let (Request::Refunds { charge }, ["list", refunds @ ..]) = (request, words) {
            let made = refunds.iter().map(|own| made_as(own, 0, charge)).collect();
            let reply = Reply::Refunds(made);
            return self.handle(Input::Replied { id, reply });
        }
        let reply = reply(words, About::of(request, &self.disk));
        self.handle(Input::Replied { id, reply });
    }

    /// Adds a line; a repeated request of an `auto` stretch is counted instead of listed.
    fn line(&mut self, line: &str) {
        for (_, code) in CODES {
            assert!(!line.contains(code), "P1: a payment code in {line}");
        }
        let asks = line.starts_with("send    get") || line.starts_with("send    find");
        if self.auto.is_some() && asks && self.last_line == line {
            return;
        }
        line.clone_into(&mut self.last_line);
        let at = self.now.since_start().as_secs_f64() - 1.0;
        writeln!(self.trace, "{at:<9.3} {}", line.trim_end()).expect("strings take everything");
    }
}

/// What comes before `as NAME`, and the name.
fn named<'a, 'b>(words: &'a [&'b str]) -> (&'a [&'b str], Option<&'b str>) {
    match words {
        [before @ .., "as", name] => (before, Some(name)),
        _ => (words, None),
    }
}

fn damage(how: &str) -> Damage {
    match how {
        "long" => Damage::TooLong,
        "control" => Damage::ControlCharacters,
        _ => panic!("no such damage: {how}"),
    }
}

/// The key with this character on it.
fn typed(character: u8) -> scanner::Key {
    match character {
        b'.' => scanner::Key::Point,
        _ => scanner::Key::Digit(character - b'0'),
    }
}

fn arm(amount: &str, closed: IfClosed) -> Wish {
    Wish::Arm { amount: amount.parse().expect("an amount"), closed }
}

pub fn duration(text: &str) -> Duration {
    let (number, unit) = text.split_at(text.find(char::is_alphabetic).expect("a unit"));
    let number: u64 = number.parse().expect("a number");
    match unit {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "h" => Duration::from_secs(number * 3_600),
        _ => panic!("no such unit: {unit}"),
    }
}
