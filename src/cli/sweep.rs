//! `sweep`: trains every combination of hyperparameters; `sweep merge`: merges the tables of shards.

mod grid;

use clap::Args;
use grid::GridArgs;

use super::{
    DatasetArgs, Status, UsageError,
    background::launch_this,
    output::notify,
    side_by_side::{MergeTablesArgs, RunNames, SideBySideArgs, merge, notes},
    teacher::{TeacherArgs, check_weights},
};
use crate::{
    sweep::{Format, SweepRun},
    train::{Hyperparameter, Images, Value},
};

const RUNS: &str = "\
The default grid is that of the report: 3 activations x 3 learning rates x 3 optimizers x 3 batch sizes, 3 epochs each.";

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, after_help = notes(RUNS))]
pub(crate) struct SweepArgs {
    #[command(subcommand)]
    action: Option<Subcommand>,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(Debug, clap::Subcommand)]
enum Subcommand {
    /// Merge the tables of shards, and list what is missing
    ///
    /// Rows are written in the grid's order, duplicates once. Give it the same grid flags as the sweep.
    Merge(MergeArgs),
}

#[derive(Debug, Args)]
struct MergeArgs {
    #[command(flatten)]
    tables: MergeTablesArgs,
    #[command(flatten)]
    grid: GridArgs,
}

#[derive(Debug, Args)]
struct RunArgs {
    #[command(flatten)]
    grid: GridArgs,
    #[command(flatten)]
    dataset: DatasetArgs,
    /// Hold out the last N training images, and measure accuracy and loss on them instead of the test set [default: 0]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    holdout: u32,
    #[command(flatten)]
    teacher: TeacherArgs,
    #[command(flatten)]
    side_by_side: SideBySideArgs,
}

pub(crate) fn run(args: SweepArgs) -> anyhow::Result<Status> {
    match args.action {
        Some(Subcommand::Merge(args)) => merge_tables(&args),
        None => sweep(&args.run),
    }
}

fn merge_tables(args: &MergeArgs) -> anyhow::Result<Status> {
    let runs = args.grid.grid()?.runs();
    let names = RunNames::of_sweep(&runs);
    let runs: Vec<_> = runs.into_iter().map(|hyper| (hyper, None)).collect();
    merge(&args.tables, Format::Sweep, &runs, &names)
}

/// Checks the flags before it loads data.
fn sweep(args: &RunArgs) -> anyhow::Result<Status> {
    if args.side_by_side.detach {
        return launch_this();
    }
    let grid = args.grid.grid()?;
    let limits = args.side_by_side.limits(args.holdout)?;
    let execution = args.side_by_side.execution(&args.dataset, Format::Sweep)?;
    let has_weight = grid.values(Hyperparameter::TeacherWeight).iter().any(|&weight| weight != Value::Real(0.0));
    check_weights("--teacher-weights", has_weight, args.teacher.is_given())?;
    let teachers = args.teacher.read()?;
    let loaded = args.dataset.load()?;
    let mut runs = SweepRun::of_sweep(args.side_by_side.part_of(grid.runs()), limits, &loaded.dataset);
    if let Some(teachers) = teachers {
        let mut teacher = teachers.teacher(&execution.checkpoint_dir()?);
        let images = Images::of(&limits, &loaded.dataset).map_err(UsageError::new)?;
        teachers.warnings(&loaded.dataset, images).iter().for_each(|warning| notify(warning));
        if !args.side_by_side.dry_run {
            let note = teacher.prepare(&loaded.dataset, &execution.engine())?;
            note.iter().for_each(|note| notify(note));
        }
        runs.iter_mut().for_each(|run| run.teacher = Some(teacher.clone()));
    }
    execution.run(loaded, runs)
}
