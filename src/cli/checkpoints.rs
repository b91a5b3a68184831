use clap::Args;

use super::Status;

#[derive(Debug, Args)]
pub struct CheckpointsArgs {}

pub fn run(_args: CheckpointsArgs) -> anyhow::Result<Status> {
    anyhow::bail!("not built yet")
}
