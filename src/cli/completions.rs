use clap::Args;

use super::Status;

#[derive(Debug, Args)]
pub struct CompletionsArgs {}

pub fn run(_args: CompletionsArgs) -> anyhow::Result<Status> {
    anyhow::bail!("not built yet")
}
