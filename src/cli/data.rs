use clap::Args;

use super::Status;

#[derive(Debug, Args)]
pub struct DataArgs {}

pub fn run(_args: DataArgs) -> anyhow::Result<Status> {
    anyhow::bail!("not built yet")
}
