use clap::Args;

use super::Status;

#[derive(Debug, Args)]
pub struct HistoryArgs {}

pub fn run(_args: HistoryArgs) -> anyhow::Result<Status> {
    anyhow::bail!("not built yet")
}
