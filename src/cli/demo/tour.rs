//! The tour: four payments that end as they should, or the demo fails.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use super::super::{Exit, output};
use super::narrator::Narrator;
use super::stage::Stage;
use crate::api::document::ArmDocument;
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
    let mut narrator = Narrator::new(&stage.client, stage.hook_log.clone()).await?;
    let mut result = Ok(());
    for (index, scene) in SCENES.iter().enumerate() {
        output::line(&format!("\n{}. {} ({} THB)", index + 1, scene.title, scene.amount));
        let played = tokio::time::timeout(SCENE_MAX, scene.play(&stage, &mut narrator)).await;
        result = played.unwrap_or_else(|_| bail!("it did not end in time"));
        if result.is_err() {
            result = result.with_context(|| format!("scene {}", index + 1));
            break;
        }
    }
    stage.clear().await?;
    result?;
    output::line(&format!("\n{} payments, each ended as it should.", SCENES.len()));
    Ok(Exit::Done)
}

impl Scene {
    async fn play(&self, stage: &Stage, narrator: &mut Narrator) -> Result<()> {
        let reference: Reference = self.reference.parse()?;
        let document = ArmDocument { amount: self.amount.to_owned(), again: false };
        stage.client.arm(&reference, &document).await?;
        let scanner = stage.scanner.as_ref().unwrap_or(&stage.keyboard);
        scanner.write(format!("{}\r", self.code).as_bytes()).await.context("scanning")?;
        let sale = narrator.tell_sale(&reference).await?.sale;
        ensure!(
            sale.outcome == Some(self.outcome) && sale.failure_code.as_deref() == self.failure_code,
            "expected {} {:?}, got {:?} {:?}",
            self.outcome,
            self.failure_code,
            sale.outcome,
            sale.failure_code
        );
        Ok(())
    }
}

/// The longest scene takes three seconds.
const SCENE_MAX: Duration = Duration::from_secs(30);
