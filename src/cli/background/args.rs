//! The flags of the subcommands about background runs.

use clap::Args;

use crate::cli::{DatasetArgs, engine::EngineArgs, screen::ScreenArgs};

#[derive(Debug, Args)]
pub(in crate::cli) struct AttachArgs {
    /// The run: its name or the beginning of it, its folder, or its process ID [default: the only one]
    #[arg(value_name = "RUN")]
    pub(super) run: Option<String>,
    /// Only look: no key changes the run
    #[arg(long)]
    pub(super) watch: bool,
    #[command(flatten)]
    pub(super) dataset: DatasetArgs,
    #[command(flatten)]
    pub(super) engine: EngineArgs,
    #[command(flatten)]
    pub(super) screen: ScreenArgs,
}

impl AttachArgs {
    /// Returns the flags of `attach` that another subcommand has, too.
    pub(in crate::cli) fn of(dataset: DatasetArgs, engine: EngineArgs, screen: ScreenArgs) -> Self {
        Self { run: None, watch: false, dataset, engine, screen }
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SessionsArgs {
    /// Print one JSON object per run
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct StopArgs {
    /// The runs: their names or the beginnings of these, their folders, or their process IDs
    #[arg(value_name = "RUN", required = true)]
    pub(super) runs: Vec<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ControlArgs {
    /// The run: its name or the beginning of it, its folder, or its process ID [default: the only one]
    #[arg(value_name = "RUN")]
    pub(super) run: Option<String>,
}

/// Order to a background run that continues after it.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) enum Order {
    Pause,
    Resume,
}
