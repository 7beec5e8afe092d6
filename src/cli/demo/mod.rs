//! `demo`: the whole of tillscan in one process, on an embedded sandbox. With a terminal it is
//! yours to play with; without one it plays a short tour and says whether each payment ended as it
//! should.

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use anyhow::Result;

use super::{Exit, log};

mod interactive;
mod narrator;
mod stage;
mod tour;

/// How to play.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Use a real serial scanner instead of the pseudoterminal
    #[arg(long, value_name = "PATH")]
    serial: Option<PathBuf>,
    /// Its speed
    #[arg(long, value_name = "BAUD", default_value_t = 9_600)]
    baud_rate: u32,
}

pub async fn demo(options: Options) -> Result<Exit> {
    log::start(tracing::Level::ERROR);
    let serial = options.serial.map(|path| (path, options.baud_rate));
    if io::stdin().is_terminal() {
        interactive::play(stage::Stage::build(serial, stage::Pace::Real).await?).await
    } else {
        tour::play(stage::Stage::build(None, stage::Pace::Quick).await?).await
    }
}
