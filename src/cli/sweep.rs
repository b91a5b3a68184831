//! `sweep`: trains every combination of hyperparameters; `sweep merge`: merges the tables of shards.

mod grid;
mod lines;
mod merge;
mod progress;
pub(super) mod start;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::bail;
use clap::Args;
use grid::GridArgs;

use super::{
    DatasetArgs, Loaded, Status, UsageError,
    config::Config,
    engine::{SimdArgs, cores},
    output::{notify, print},
    pasted::{self, Flags},
    report,
    screen::{self, ScreenArgs},
    signals::Signals,
};
use crate::{
    data::Dataset,
    nn::{Engine, Simd},
    sweep::{RunState, Shard, Sweep, estimate},
    train::{Hyperparameters, Images, Limits},
    tui,
};

const NOTES: &str = "\
The default grid is that of the report: 3 activations x 3 learning rates x 3 optimizers x 3 batch sizes, 3 epochs each.
Each run uses one thread, so results do not depend on --jobs. A row is on disk as soon as its run ends: after any
interruption, the same command continues with the missing runs.

Exit codes:
  0      all runs finished (a diverged run is a result too), or quit by key
  1      a run failed, or the table could not be read or written; merge: runs are missing
  2      invalid arguments
  128+N  ended by signal N";

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, after_help = NOTES)]
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
    Merge(merge::MergeArgs),
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
    /// Use only the first N training images [default: all]
    #[arg(long, value_name = "N")]
    limit_train: Option<u32>,
    /// Use only the first N test images [default: all]
    #[arg(long, value_name = "N")]
    limit_test: Option<u32>,
    /// The results table; created, or continued if it exists [default: sweep.csv, or sweep-K-of-N.csv for a shard]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Only part K of N, counting from 0: every Nth run, starting with run K
    #[arg(long, value_name = "K/N")]
    shard: Option<Shard>,
    /// Runs trained at the same time, one thread each, 1 to 256 [default: the number of cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    jobs: Option<u32>,
    #[command(flatten)]
    simd: SimdArgs,
    /// Print the runs and an estimate of the time they take, and train nothing
    #[arg(long)]
    dry_run: bool,
    /// Folder for runs trained in full from the Sweep screen [default: the configuration's, else checkpoints]
    #[arg(long, value_name = "DIR")]
    checkpoint_dir: Option<PathBuf>,
    /// No dashboard: a progress bar, or plain lines without a terminal
    #[arg(long)]
    headless: bool,
    /// Print one JSON object per finished run on stdout (implies --headless); messages for people go to stderr
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    screen: ScreenArgs,
}

/// The runs to train, and their settings.
struct Plan {
    dataset: Arc<Dataset>,
    /// Notes about the data set, see [`Loaded`].
    notes: Vec<(String, Vec<String>)>,
    limits: Limits,
    images: Images,
    runs: Vec<Hyperparameters>,
    out: PathBuf,
    jobs: usize,
    simd: Simd,
}

pub(crate) fn run(args: SweepArgs) -> anyhow::Result<Status> {
    match args.action {
        Some(Subcommand::Merge(args)) => merge::run(&args),
        None => sweep(&args.run),
    }
}

fn sweep(args: &RunArgs) -> anyhow::Result<Status> {
    let plan = plan(args)?;
    if args.dry_run {
        return dry_run(&plan);
    }
    let has_screen = !args.headless && !args.json && screen::is_possible();
    // Errors in it are reported before the first run begins.
    let config = if has_screen { Some(Config::load()?) } else { None };
    let signals = Signals::watch()?;
    let (limits, jobs) = (plan.limits, plan.jobs);
    let (sweep, notes) = start::start(&plan.dataset, plan.runs, limits, &plan.out, jobs, plan.simd, &signals)?;
    notes.iter().for_each(|note| notify(note));
    let Some(config) = config else {
        return progress::watch(&sweep, &plan.dataset.id.name, args.json, &signals);
    };
    let command = pasted::this_command();
    let sweeping = tui::sweep::Sweeping { limits, images: plan.images, out: plan.out, command };
    let loaded = Loaded { dataset: plan.dataset, notes: plan.notes };
    show(args, config, loaded, sweep, sweeping, plan.simd, &signals)
}

/// Shows the sweep on the screen until the user leaves.
fn show(
    args: &RunArgs,
    config: Config,
    Loaded { dataset, notes }: Loaded,
    sweep: Sweep,
    sweeping: tui::sweep::Sweeping,
    simd: Simd,
    signals: &Signals,
) -> anyhow::Result<Status> {
    let name = dataset.id.name.clone();
    let folder = args.checkpoint_dir.clone().unwrap_or_else(|| config.defaults.checkpoint_dir());
    // Runs trained in full use all cores.
    let engine = move || Engine::with_simd(cores(), simd);
    let start = screen::starter(Arc::clone(&dataset), folder.clone(), engine, signals.clone());
    let flags = |folder| Flags::of(&args.dataset, dataset.id.kind, folder, &config.defaults);
    let (resume, again) = (flags(args.checkpoint_dir.as_deref()), flags(None).and_simd(&args.simd));
    let mut options = args.screen.options(config, folder, screen::read_table(None), resume, again);
    (options.sweeping, options.notes) = (Some(sweeping), notes);
    let start_sweep = Some(start::starter(&dataset, simd, signals));
    let write_report = Some(report::writer(&dataset, simd));
    let link = tui::Link { worker: None, start: Some(start), sweep: Some(sweep), start_sweep, write_report };
    let exit = tui::run(dataset, link, options)?;
    let is_unsaved = exit.is_unsaved();
    let sweep = conclude(exit.sweep, &name);
    // The terminal may be gone. The rows are in the table all the same.
    let _ = print(&format!("{}{}", exit.summary, sweep.summary));
    Ok(match (signals.caught(), exit.leave) {
        (Some(signal), _) => Status::Signal(signal),
        // As after a hang-up.
        (None, tui::Leave::TerminalGone) => Status::Signal(1),
        (None, _) if is_unsaved || sweep.has_failed => Status::Failed,
        _ => Status::Done,
    })
}

/// What remains of a sweep once the screen is closed.
#[derive(Debug, Default)]
pub(super) struct Conclusion {
    pub(super) summary: String,
    /// Whether a run failed, or rows are missing from the table.
    pub(super) has_failed: bool,
}

/// Reports on stderr what happened to the table of the session's sweep, if there was one, and summarises its runs.
pub(super) fn conclude(sweep: Option<tui::SweepOutcome>, dataset: &str) -> Conclusion {
    let Some(tui::SweepOutcome { snapshot, kept, command }) = sweep else { return Conclusion::default() };
    kept.notes.iter().chain(&kept.fault).for_each(|note| notify(note));
    let has_failed = snapshot.fault.is_some() || kept.fault.is_some() || snapshot.ended_as(RunState::Failed) > 0;
    Conclusion { summary: lines::summary(&snapshot, dataset, &kept, &command), has_failed }
}

/// Checks the flags before it loads data, and returns the runs to train.
fn plan(args: &RunArgs) -> anyhow::Result<Plan> {
    let grid = args.grid.grid()?;
    let limits = Limits { train: args.limit_train, test: args.limit_test, holdout: args.holdout };
    limits.validate().map_err(UsageError::new)?;
    let simd = args.simd.simd()?;
    let out = args.out.clone().unwrap_or_else(|| match args.shard {
        Some(Shard { index, count }) => format!("sweep-{index}-of-{count}.csv").into(),
        None => screen::TABLE.into(),
    });
    check_table(args, &out)?;
    let Loaded { dataset, notes } = args.dataset.load()?;
    let runs = match args.shard {
        Some(shard) => shard.of(grid.runs()),
        None => grid.runs(),
    };
    let images = Images::of(&limits, &dataset).map_err(UsageError::new)?;
    Ok(Plan { dataset, notes, limits, images, runs, out, jobs: args.jobs.unwrap_or_else(cores) as usize, simd })
}

/// Rejects what cannot be a table before data are loaded. A symbolic link is followed only if the user gives its path.
fn check_table(args: &RunArgs, out: &Path) -> anyhow::Result<()> {
    start::check(out)?;
    let is_link = fs::symlink_metadata(out).is_ok_and(|metadata| metadata.is_symlink());
    if is_link && args.out.is_none() && !args.dry_run {
        bail!("{0} is a symbolic link; give --out {0} to write to its target, or name another file", out.display());
    }
    Ok(())
}

fn dry_run(plan: &Plan) -> anyhow::Result<Status> {
    let seconds = estimate(&plan.dataset, plan.images, &plan.runs, plan.jobs, plan.simd);
    print(&lines::plan(&plan.runs, &plan.dataset.id.name, plan.images, plan.jobs, seconds))?;
    Ok(Status::Done)
}
