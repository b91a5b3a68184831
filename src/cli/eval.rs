use clap::Args;

use super::Status;

#[derive(Debug, Args)]
pub struct EvalArgs {}

pub fn run(_args: EvalArgs) -> anyhow::Result<Status> {
    anyhow::bail!("not built yet")
}
