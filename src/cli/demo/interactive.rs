//! The demo at a terminal: type amounts and codes, watch the counter.

use anyhow::Result;
use tokio::sync::mpsc;

use super::super::{Exit, output};
use super::narrator::Narrator;
use super::stage::Stage;
use crate::api::ClientError;
use crate::api::document::{ArmDocument, SaleDocument};
use crate::daemon::{Signal, service};
use crate::money::Amount;
use crate::sandbox::behaviours_help;
use crate::terminal::Reference;

pub async fn play(stage: Stage) -> Result<Exit> {
    explain(&stage);
    let narrator = Narrator::new(&stage.client, stage.hook_log.clone()).await?;
    let telling = tokio::spawn(narrator.tell());
    let mut game = Game { stage, sales: 0, current: None };
    let mut lines = keyboard();
    let mut signals = service::signals()?;
    let mut buffer = [0_u8; 256];
    loop {
        let go_on = tokio::select! {
            line = lines.recv() => match line {
                Some(line) => game.typed(line.trim()).await?,
                None => false,
            },
            read = game.read_door(&mut buffer) => {
                let read = read?;
                game.scan(&buffer[..read]).await?;
                true
            }
            signal = signals.recv() => signal == Some(Signal::Reload),
        };
        if !go_on {
            break;
        }
    }
    telling.abort();
    game.stage.clear().await?;
    Ok(Exit::Done)
}

struct Game {
    stage: Stage,
    sales: u32,
    current: Option<Reference>,
}

impl Game {
    /// Does what was typed; false ends the demo.
    async fn typed(&mut self, line: &str) -> Result<bool> {
        match line {
            "" => {}
            "q" | "quit" | "exit" => return Ok(false),
            "?" | "h" | "help" => explain(&self.stage),
            "codes" => output::line(&behaviours_help()),
            "c" | "cancel" => self.wish("cancel").await,
            "k" | "check" => self.wish("check").await,
            "d" | "detach" => self.wish("detach").await,
            "a" | "ack" => self.wish("acknowledge").await,
            "again" => self.again().await,
            // Many digits are a code, typed on the keyboard as a second scanner; so is any other
            // text.
            code if code.len() >= LEAST_CODE || code.parse::<Amount>().is_err() => {
                self.stage.keyboard.write(format!("{code}\r").as_bytes()).await?;
            }
            amount => self.arm(amount).await,
        }
        Ok(true)
    }

    async fn arm(&mut self, amount: &str) {
        self.sales += 1;
        let Ok(reference) = format!("DEMO-{}", self.sales).parse::<Reference>() else { return };
        let document = ArmDocument { amount: amount.to_owned(), again: false };
        match self.stage.client.arm(&reference, &document).await {
            Ok(_) => self.current = Some(reference),
            Err(error) => tell_refusal(Err(error)),
        }
    }

    async fn again(&self) {
        let Some(reference) = &self.current else { return output::line("  no sale yet") };
        let Ok(sale) = self.stage.client.sale(reference).await else { return };
        let document = ArmDocument { amount: sale.sale.amount.to_string(), again: true };
        tell_refusal(self.stage.client.arm(reference, &document).await);
    }

    async fn wish(&self, wish: &str) {
        match &self.current {
            Some(reference) => tell_refusal(self.stage.client.post(reference, wish).await),
            None => output::line("  no sale yet: type an amount such as 150"),
        }
    }

    /// What somebody wrote to the scanner's path from outside.
    async fn read_door(&self, buffer: &mut [u8]) -> Result<usize> {
        match &self.stage.door {
            Some(door) => Ok(door.read(buffer).await?),
            None => std::future::pending().await,
        }
    }

    /// Hands bytes to the daemon, as the scanner.
    async fn scan(&self, bytes: &[u8]) -> Result<()> {
        if let Some(scanner) = &self.stage.scanner {
            scanner.write(bytes).await?;
        }
        Ok(())
    }
}

fn tell_refusal(done: Result<SaleDocument, ClientError>) {
    if let Err(error) = done {
        output::line(&format!("  refused {error}"));
    }
}

fn explain(stage: &Stage) {
    let scanner = match &stage.door {
        Some(door) => {
            let path = door.path().display();
            format!("The scanner is {path}: echo 130991292552725000 > {path}")
        }
        None => "The scanner is the one you named: show it a code like these.".to_owned(),
    };
    output::line(&format!(
        "\
tillscan demo: a real daemon, a sandbox of Opn's API at {sandbox}, no real money.

1. Type an amount, such as 150: the counter asks for the customer's code.
2. Scan a code. {scanner}
   Or type one here; the keyboard is a second scanner. Its last two digits choose what happens:
     130991292552725000  is paid after a second        130991292552725004  after a password, 20 s
     130991292552725010  is declined, no funds         130991292552725006  is never paid
     130991292552725040  is paid, its answer is lost   130991292552725031  is paid after its expiry
     281234567890123456  is an Alipay code             8850999320021       is a product
   Type codes to see all of them.
3. Watch. Then: c cancel, k check, d detach, a acknowledge, again, ? this help, q quit.

From another terminal, everything an integrator has:
   curl --unix-socket {socket} http://tillscan/v1/status
",
        sandbox = stage.sandbox,
        socket = stage.socket.display(),
    ));
}

/// Lines typed at the terminal; the thread ends with the process.
fn keyboard() -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel(16);
    std::thread::spawn(move || {
        for line in std::io::stdin().lines() {
            let Ok(line) = line else { return };
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Fewer digits are an amount.
const LEAST_CODE: usize = 12;
