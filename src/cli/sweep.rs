//! `sweep`: every combination of some hyperparameters, and `sweep merge`, which brings shards together.

mod grid;
mod lines;
mod merge;
mod progress;

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::bail;
use clap::Args;
use grid::GridArgs;

use super::{
    DatasetArgs, Status, Usage,
    config::Config,
    engine::{SimdArgs, cores},
    output::{print, tell},
    pasted::Flags,
    screen::{self, ScreenArgs},
    signals::Signals,
};
use crate::{
    data::Dataset,
    disk, format,
    nn::{Engine, Simd},
    sweep::{RunState, Shard, Sweep, Table, estimate, key},
    train::{Hyperparameters, Images, Limits, RunSpec},
    tui,
};

const NOTES: &str = "\
The default grid is that of the report: 3 activations x 3 learning rates x 3 optimizers x 3 batch sizes, 3 epochs each.
Every run has one thread, so results do not depend on --jobs. A row is on the disk when its run ends: interrupted in any
way and started again with the same command, the sweep goes on with what is missing.

Exit codes:
  0      all runs ended; a run that diverged is a result, too; also after quitting by key, whatever is missing
  1      a run failed, or the table cannot be read or written; merge: runs are missing
  2      wrong usage
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
    /// Bring the tables of shards together, and tell what is missing
    ///
    /// Rows come out in the grid's order, duplicates once. Give it the same grid as the sweep.
    Merge(merge::MergeArgs),
}

#[derive(Debug, Args)]
struct RunArgs {
    #[command(flatten)]
    grid: GridArgs,
    #[command(flatten)]
    dataset: DatasetArgs,
    /// Set the last N training images apart, and take accuracy and loss from them instead of the test set [default: 0]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    holdout: u32,
    /// Use only the first N training images [default: all]
    #[arg(long, value_name = "N")]
    limit_train: Option<u32>,
    /// Use only the first N test images [default: all]
    #[arg(long, value_name = "N")]
    limit_test: Option<u32>,
    /// The table, which is made or gone on with [default: sweep.csv, or sweep-K-of-N.csv for a shard]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Only part K of N, counted from 0: every Nth run, from run K on
    #[arg(long, value_name = "K/N")]
    shard: Option<Shard>,
    /// Runs at once, one thread each, 1 to 256 [default: the machine's cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    jobs: Option<u32>,
    #[command(flatten)]
    simd: SimdArgs,
    /// Print the runs and how long they will take, and train nothing
    #[arg(long)]
    dry_run: bool,
    /// Folder for the runs that are trained in full, from the screen [default: checkpoints]
    #[arg(long, value_name = "DIR")]
    checkpoint_dir: Option<PathBuf>,
    /// No screen: a progress bar, or plain lines where there is no terminal
    #[arg(long)]
    headless: bool,
    /// One JSON object a line on stdout for each run that ends (implies --headless); what is for people goes to stderr
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    screen: ScreenArgs,
}

/// What is to be trained.
struct Plan {
    dataset: Arc<Dataset>,
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
    // What can be wrong with it is told before the first run begins.
    let config = if has_screen { Some(Config::load()?) } else { None };
    let signals = Signals::watch()?;
    let mut table = Table::open(&plan.out)?;
    let notes = notes(&plan, &mut table);
    let dataset = Arc::clone(&plan.dataset);
    let sweep = Sweep::start(plan.dataset, plan.runs, plan.limits, table, plan.jobs, plan.simd);
    let stop = sweep.command_sender();
    let keeper = sweep.table_checker();
    let unsaved = move |has_ended: bool| {
        if !has_ended {
            return Some("the sweep could not be stopped in time: the disk takes too long for its rows".to_owned());
        }
        let kept = keeper();
        let said: Vec<String> = kept.notes.into_iter().chain(kept.fault).collect();
        (!said.is_empty()).then(|| said.join("; "))
    };
    signals.guard_with(move || stop(crate::sweep::SweepCommand::Stop), sweep.ended().clone(), unsaved);
    notes.iter().for_each(|note| tell(note));
    let Some(config) = config else {
        return progress::watch(&sweep, &dataset.id.name, args.json, &signals);
    };
    let sweeping = tui::sweep::Sweeping { limits: plan.limits, images: plan.images, out: plan.out };
    show(args, config, dataset, sweep, sweeping, plan.simd, &signals)
}

/// On the screen, until the user leaves.
fn show(
    args: &RunArgs,
    config: Config,
    dataset: Arc<Dataset>,
    sweep: Sweep,
    sweeping: tui::sweep::Sweeping,
    simd: Simd,
    signals: &Signals,
) -> anyhow::Result<Status> {
    let (name, keeper) = (dataset.id.name.clone(), sweep.table_checker());
    let folder = args.checkpoint_dir.clone().unwrap_or_else(|| config.defaults.checkpoint_dir());
    // Runs that are trained in full have all cores.
    let engine = move || Engine::with_simd(cores(), simd);
    let start = screen::starter(Arc::clone(&dataset), folder.clone(), engine, signals.clone());
    let flags = Flags::of(&args.dataset, dataset.id.kind, args.checkpoint_dir.as_deref(), &config.defaults);
    let options = args.screen.options(config, folder, screen::read_table(None), Some(sweeping), flags);
    let link = tui::Link { worker: None, start: Some(start), sweep: Some(sweep) };
    let exit = tui::run(dataset, link, options)?;
    let is_unsaved = exit.is_unsaved();
    let swept = exit.sweep.expect("there was a sweep");
    let kept = keeper();
    kept.notes.iter().chain(&kept.fault).for_each(|note| tell(note));
    // The terminal may be gone: the rows are in the table, and there is nobody to tell.
    let _ = print(&format!("{}{}", exit.summary, lines::summary(&swept, &name, &kept)));
    Ok(match (signals.caught(), exit.leave) {
        (Some(signal), _) => Status::Signal(signal),
        // What a hang-up would have done.
        (None, tui::Leave::TerminalGone) => Status::Signal(1),
        (None, _)
            if is_unsaved || swept.fault.is_some() || kept.fault.is_some() || swept.ended_as(RunState::Failed) > 0 =>
        {
            Status::Failed
        }
        _ => Status::Done,
    })
}

/// Whatever can be wrong with the flags is told before data are loaded.
fn plan(args: &RunArgs) -> anyhow::Result<Plan> {
    let grid = args.grid.grid()?;
    let limits = Limits { train: args.limit_train, test: args.limit_test, holdout: args.holdout };
    limits.validate().map_err(Usage::of)?;
    let simd = args.simd.simd()?;
    let out = args.out.clone().unwrap_or_else(|| match args.shard {
        Some(Shard { index, count }) => format!("sweep-{index}-of-{count}.csv").into(),
        None => screen::TABLE.into(),
    });
    check_table(args, &out)?;
    let dataset = args.dataset.load()?;
    let runs = match args.shard {
        Some(shard) => shard.of(grid.runs()),
        None => grid.runs(),
    };
    let images = Images::of(&limits, &dataset).map_err(Usage::of)?;
    Ok(Plan { dataset, limits, images, runs, out, jobs: args.jobs.unwrap_or_else(cores) as usize, simd })
}

/// What can never be a table is refused before data are loaded. A link that nobody named is not followed.
fn check_table(args: &RunArgs, out: &Path) -> anyhow::Result<()> {
    if let Some(found) = disk::obstacle(out) {
        bail!("{}: expected a sweep's table, found {found}; name another file with --out", out.display());
    }
    let is_link = fs::symlink_metadata(out).is_ok_and(|metadata| metadata.is_symlink());
    if is_link && args.out.is_none() && !args.dry_run {
        bail!("{0} is a link; name it with --out {0} to write where it leads, or name another file", out.display());
    }
    Ok(())
}

/// What is to be said before the first run.
fn notes(plan: &Plan, table: &mut Table) -> Vec<String> {
    let mut notes = table.take_notes();
    let out = plan.out.display();
    let keys: HashSet<String> = plan.runs.iter().map(|hyper| key(&plan.spec(hyper))).collect();
    let known = table.rows().iter().filter(|row| keys.contains(&row.key)).count();
    let others = table.rows().len() - known;
    if known > 0 {
        let (all, are) = (format::counted(plan.runs.len() as u64, "run"), if known == 1 { "is" } else { "are" });
        notes.push(format!("{known} of {all} {are} in {out} already"));
    }
    if others > 0 {
        let (rows, stay) = (format::counted(others as u64, "row"), if others == 1 { "stays" } else { "stay" });
        notes.push(format!("{out} has {rows} of other configurations or data, which {stay}"));
    }
    notes
}

impl Plan {
    fn spec(&self, hyper: &Hyperparameters) -> RunSpec {
        RunSpec { hyper: hyper.clone(), limits: self.limits, dataset: self.dataset.id.clone() }
    }
}

fn dry_run(plan: &Plan) -> anyhow::Result<Status> {
    let seconds = estimate(&plan.dataset, plan.images, &plan.runs, plan.jobs, plan.simd);
    print(&lines::plan(&plan.runs, &plan.dataset.id.name, plan.images, plan.jobs, seconds))?;
    Ok(Status::Done)
}
