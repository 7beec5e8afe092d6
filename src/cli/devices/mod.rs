//! `devices`: what is plugged in, whether it is used as a scanner and why, and a test of it.

use std::path::PathBuf;

use anyhow::Result;

use super::{Exit, client_settings};
use crate::api::Client;

mod inventory;
mod list;
mod test;
#[cfg(test)]
mod tests;

#[derive(Debug, clap::Args)]
pub struct Options {
    /// Print what the scanners read, without any payment; the service must be stopped
    #[arg(long)]
    test: bool,
    /// With --test: end after so many readings
    #[arg(long, value_name = "N", requires = "test")]
    count: Option<u64>,
    /// With --test: end after so many seconds
    #[arg(long, value_name = "S", requires = "test")]
    seconds: Option<u64>,
}

pub async fn devices(file: Option<PathBuf>, options: Options, json: bool) -> Result<Exit> {
    let settings = client_settings(file)?;
    if options.test {
        return test::test(&settings, options.count, options.seconds, json).await;
    }
    // Without a daemon the list says less, and is not less true.
    let running = Client::new(&settings.api.socket).status().await.ok();
    list::list(&settings.devices(), running.map(|status| status.scanners), json)
}
