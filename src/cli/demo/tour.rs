//! The tour: four payments that end as they should, or the demo fails.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use super::super::{Exit, output};
use super::narrator::Narrator;
use super::stage::Stage;
use crate::api::document::{ArmDocument, SaleDocument};
use crate::terminal::{Outcome, Reference};

/// One payment of the tour.
struct Scene {
    title: &'static str,
    reference: &'static str,
    amount: &'static str,
    /// The customer's code; its last two digits tell the sandbox what to do.
    code: &'static str,
    outcome: Outcome,
    failure_code: Option<&'static str>,
}

const SCENES: [Scene; 4] = [
    Scene {
        title: "The customer pays",
        reference: "DEMO-1",
        amount: "150.00",
        code: "130991292552725000",
        outcome: Outcome::Paid,
        failure_code: None,
    },
    Scene {
        title: "The wallet declines",
        reference: "DEMO-2",
        amount: "99.50",
        code: "130991292552725010",
        outcome: Outcome::Declined,
        failure_code: Some("insufficient_fund"),
    },
    Scene {
        title: "Nobody pays: at the deadline the charge is expired and read back",
        reference: "DEMO-3",
        amount: "1500.00",
        code: "130991292552725006",
        outcome: Outcome::Expired,
        failure_code: None,
    },
    Scene {
        title: "The answer is lost on the way: the charge is looked up, never made twice",
        reference: "DEMO-4",
        amount: "20.00",
        code: "130991292552725040",
        outcome: Outcome::Paid,
        failure_code: None,
    },
];

pub async fn play(stage: Stage) -> Result<Exit> {
    output::line(
        "tillscan demo, the tour: a real daemon, a sandbox of Opn's API, time ten times faster.",
    );
    let narrator = Narrator::new(&stage.client, stage.hook_log.clone()).await?;
    let telling = tokio::spawn(narrator.tell());
    let mut result = Ok(());
    for (index, scene) in SCENES.iter().enumerate() {
        output::line(&format!("\n{}. {} ({} THB)", index + 1, scene.title, scene.amount));
        result = scene.play(&stage).await.with_context(|| format!("scene {}", index + 1));
        if result.is_err() {
            break;
        }
    }
    telling.abort();
    stage.clear().await?;
    result?;
    output::line(&format!("\n{} payments, each ended as it should.", SCENES.len()));
    Ok(Exit::Done)
}

impl Scene {
    async fn play(&self, stage: &Stage) -> Result<()> {
        let reference: Reference = self.reference.parse()?;
        let document = ArmDocument { amount: self.amount.to_owned(), again: false };
        stage.client.arm(&reference, &document).await?;
        let scanner = stage.scanner.as_ref().unwrap_or(&stage.keyboard);
        scanner.write(format!("{}\r", self.code).as_bytes()).await.context("scanning")?;
        let over = tokio::time::timeout(SCENE_MAX, wait_until_over(stage, &reference));
        let sale = over.await.context("the sale did not end in time")??.sale;
        ensure!(
            sale.outcome == Some(self.outcome) && sale.failure_code.as_deref() == self.failure_code,
            "expected {} {:?}, got {:?} {:?}",
            self.outcome,
            self.failure_code,
            sale.outcome,
            sale.failure_code
        );
        self.wait_for_hook(stage).await
    }

    /// The hook has to have been told, too.
    async fn wait_for_hook(&self, stage: &Stage) -> Result<()> {
        for _ in 0..HOOK_TRIES {
            let told = std::fs::read_to_string(&stage.hook_log).unwrap_or_default();
            if told.lines().any(|line| line.contains(self.reference)) {
                // Time for one more look of the narrator's, so that its line stands in this scene.
                tokio::time::sleep(2 * HOOK_EVERY).await;
                return Ok(());
            }
            tokio::time::sleep(HOOK_EVERY).await;
        }
        bail!("the hook was not told of {}", self.reference)
    }
}

async fn wait_until_over(stage: &Stage, reference: &Reference) -> Result<SaleDocument> {
    loop {
        let sale = stage.client.sale(reference).await?;
        if sale.sale.is_over() {
            return Ok(sale);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The longest scene takes three seconds.
const SCENE_MAX: Duration = Duration::from_secs(30);
const HOOK_EVERY: Duration = Duration::from_millis(50);
const HOOK_TRIES: u32 = 200;
