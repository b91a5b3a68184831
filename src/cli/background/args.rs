//! The flags of the subcommands about background runs and sweeps.

use clap::Args;

use crate::{
    cli::{DatasetArgs, engine::EngineArgs, screen::ScreenArgs},
    sweep::{Snapshot, TableStatus},
};

#[derive(Debug, Args)]
pub(in crate::cli) struct AttachArgs {
    /// The run: its name or the beginning of it, its folder, or its process ID; or the sweep: the file of its table
    /// [default: the only one]
    #[arg(value_name = "RUN")]
    pub(super) run: Option<String>,
    /// Only look: no key changes the run or the sweep
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
    /// Print one JSON object per run or sweep
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct StopArgs {
    /// The runs: their names or the beginnings of these, their folders, or their process IDs; or the sweeps: the files of
    /// their tables
    #[arg(value_name = "RUN", required = true)]
    pub(super) runs: Vec<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ControlArgs {
    /// The run: its name or the beginning of it, its folder, or its process ID; or the sweep: the file of its table
    /// [default: the only one]
    #[arg(value_name = "RUN")]
    pub(super) run: Option<String>,
}

/// Order to a background run or sweep that continues after it.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) enum Order {
    Pause,
    Resume,
}

/// Function that takes in the state of a sweep, and at its end the rows in the table.
pub(in crate::cli) type Observe<'a> = &'a mut dyn FnMut(&Snapshot, Option<&TableStatus>);
