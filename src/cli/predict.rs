use clap::Args;

use super::Status;

#[derive(Debug, Args)]
pub struct PredictArgs {}

pub fn run(_args: PredictArgs) -> anyhow::Result<Status> {
    anyhow::bail!("not built yet")
}
