//! `attach`: the dashboard on a run or a sweep that trains in the background, or on the result of a run that has ended.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{anyhow, bail};

use super::{
    args::AttachArgs,
    find::{find, sweep_into},
    offer::asks,
    reach::{attachment, background_runs},
};
use crate::{
    background::{
        self, Attached, AttachedSweep,
        wire::{Request, Welcome},
    },
    cli::{
        DatasetArgs, Status, config::Config, output::print, pasted::Flags, report, screen, side_by_side,
        signals::Signals,
    },
    data::Dataset,
    format::{file_name, sanitized, shell_quoted, shell_quoted_path, shown},
    nn::Engine,
    sweep::{Sweep, SweepCurves, Sweeping, survey::Survey},
    train::{Checkpoint, Event, Start, State, Worker, WorkerOptions, checkpoint::resolve, dataset_label},
    tui::{self, Attachment},
};

/// Shows the run until the user leaves, or the terminal vanishes.
pub(in crate::cli) fn run(mut args: AttachArgs) -> anyhow::Result<Status> {
    let config = Config::load()?;
    if !screen::is_possible() {
        bail!("attach needs a terminal; `lenet-monitor sessions` says how a run is doing");
    }
    match (find(args.run.as_deref())?, args.run.take()) {
        (Some(sweep), _) if sweep.status.sweep.is_some() => attach_to_sweep(&args, config, &sweep.socket),
        (Some(run), _) => attach(&args, config, &run.socket),
        (None, Some(wanted)) => show_result(&args, config, &wanted),
        (None, None) => bail!(
            "nothing trains in the background; `lenet-monitor train --detach` starts a run, and \
             `lenet-monitor attach RUN` shows the result of one that has ended"
        ),
    }
}

/// Shows the run that trains in the background behind this socket.
pub(in crate::cli) fn attach(args: &AttachArgs, config: Config, socket: &Path) -> anyhow::Result<Status> {
    let signals = Signals::watch()?;
    let request = if args.watch { Request::Watch } else { Request::View };
    let attached = background::attach(socket, request)?;
    let dataset = load(args, &attached.welcome, "run")?;
    let attachment = attachment(&attached.welcome, attached.viewers(), args.watch);
    let folder = parent_of(&attached.welcome.run);
    let Attached { recording, worker, .. } = attached;
    let shown = Shown { dataset, folder, what: What::Run { worker, attached: Some((attachment, recording)) } };
    let exit = show(args, config, &signals, shown)?;
    // The terminal may be gone.
    let _ = print(&exit.summary);
    Ok(match exit.outcome.as_ref().map(|outcome| outcome.state) {
        Some(State::Diverged | State::Failed) => Status::Failed,
        _ => ended_by(&signals, &exit),
    })
}

/// Shows the sweep that is trained in the background behind this socket.
fn attach_to_sweep(args: &AttachArgs, config: Config, socket: &Path) -> anyhow::Result<Status> {
    let signals = Signals::watch()?;
    let request = if args.watch { Request::Watch } else { Request::View };
    let attached = background::attach_to_sweep(socket, request)?;
    let dataset = load(args, &attached.welcome, "sweep")?;
    let name = dataset.id.name.clone();
    let attachment = attachment(&attached.welcome, attached.viewers(), args.watch);
    let AttachedSweep { sweeping, curves, sweep, .. } = attached;
    let folder = config.defaults.checkpoint_dir();
    let what = What::Sweep { sweep, sweeping, attached: (attachment, curves) };
    let exit = show(args, config, &signals, Shown { dataset, folder, what })?;
    let status = ended_by(&signals, &exit);
    let conclusion = side_by_side::conclude(exit.sweep, &name);
    // The terminal may be gone.
    let _ = print(&format!("{}{}", exit.summary, conclusion.summary));
    Ok(if status == Status::Done && conclusion.has_failed { Status::Failed } else { status })
}

/// Shows the background sweep that writes this table, if the user agrees. `screen` is `None` where it cannot be shown.
///
/// # Errors
/// If there is such a sweep, and it is not to be shown.
pub(in crate::cli) fn attach_to_sweep_into(
    table: &Path,
    screen: Option<(AttachArgs, Config)>,
) -> anyhow::Result<Option<Status>> {
    let Some(sweep) = sweep_into(table)? else { return Ok(None) };
    let (name, process) = (sweep.name(), sweep.status.process);
    if let Some((args, config)) = screen
        && asks(&format!("the sweep into {name}"), process)?
    {
        return attach_to_sweep(&args, config, &sweep.socket).map(Some);
    }
    bail!(
        "a sweep in the background writes {} (process {process}); `lenet-monitor attach {name}` shows it, \
         `lenet-monitor stop {name}` stops it",
        shown(table)
    )
}

/// What a screen shows.
struct Shown {
    dataset: Arc<Dataset>,
    /// Folder of the runs.
    folder: PathBuf,
    what: What,
}

enum What {
    Run { worker: Worker, attached: Option<(Attachment, Vec<Event>)> },
    Sweep { sweep: Sweep, sweeping: Sweeping, attached: (Attachment, SweepCurves) },
}

fn show(args: &AttachArgs, config: Config, signals: &Signals, shown: Shown) -> anyhow::Result<tui::Exit> {
    let Shown { dataset, folder, what } = shown;
    let simd = args.engine.simd()?;
    let threads = args.engine.threads();
    let engine = move || Engine::with_simd(threads, simd);
    // For a run that this process trains itself, once the one in the background has ended.
    let start = screen::starter(Arc::clone(&dataset), folder.clone(), engine, signals.clone(), || None);
    let flags = |folder| Flags::of(&args.dataset, dataset.id.kind, folder, &config.defaults);
    let (resume, sweep) = (flags(Some(&folder)).and_engine(&args.engine), flags(None).and_simd(&args.engine.simd));
    let link = tui::Link {
        start: Some(start),
        start_sweep: Some(side_by_side::start::starter(&dataset, simd, signals, sweep.clone())),
        write_report: Some(report::writer(&dataset, simd)),
        background: Some(background_runs(&dataset, signals)),
        ..tui::Link::default()
    };
    let options = args.screen.options(config, folder, screen::read_table(None), resume, sweep);
    let (link, options) = match what {
        What::Run { worker, attached } => {
            let link = tui::Link { worker: Some(worker), is_attached: attached.is_some(), ..link };
            (link, tui::Options { attached, ..options })
        }
        What::Sweep { sweep, sweeping, attached } => {
            let link = tui::Link { sweep: Some(sweep), ..link };
            (link, tui::Options { sweeping: Some(sweeping), attached_sweep: Some(attached), ..options })
        }
    };
    Ok(tui::run(dataset, link, options)?)
}

fn parent_of(run: &Path) -> PathBuf {
    run.parent().map_or_else(PathBuf::new, PathBuf::from)
}

fn ended_by(signals: &Signals, exit: &tui::Exit) -> Status {
    match (signals.caught(), exit.leave) {
        (Some(signal), _) => Status::Signal(signal),
        (None, tui::Leave::TerminalGone) => Status::Signal(1),
        (None, _) => Status::Done,
    }
}

/// Loads the data set of the run or the sweep: from where the flags say, else from where the trainer found it, else from
/// where this user keeps it.
fn load(args: &AttachArgs, welcome: &Welcome, what: &str) -> anyhow::Result<Arc<Dataset>> {
    let is_named = args.dataset.dataset.is_some() || args.dataset.data_dir.is_some();
    let theirs = Some(&welcome.loaded_from).filter(|folder| !is_named && !folder.as_os_str().is_empty());
    let loaded = match theirs {
        Some(folder) => {
            let source = DatasetArgs { data_dir: Some(folder.clone()), ..args.dataset.clone() };
            load_from(&source, welcome).or_else(|error| load_from(&args.dataset, welcome).map_err(|_| error))
        }
        None => load_from(&args.dataset, welcome),
    };
    loaded.map_err(|error| {
        let name = file_name(&welcome.run);
        anyhow!(
            "{error:#}; to show the {what}, this computer needs its data set, {}: lenet-monitor attach {} --data-dir DIR \
             names the folder; the {what} continues, and `lenet-monitor sessions` says how it is doing",
            dataset_label(&welcome.dataset),
            shell_quoted(name.as_ref())
        )
    })
}

fn load_from(source: &DatasetArgs, welcome: &Welcome) -> anyhow::Result<Arc<Dataset>> {
    let dataset = source.load_like(&welcome.dataset)?;
    if dataset.id.fingerprint != welcome.dataset.fingerprint {
        let (theirs, here) = (dataset_label(&welcome.dataset), dataset_label(&dataset.id));
        bail!("it is trained on {theirs}, found {here}");
    }
    Ok(dataset)
}

/// Shows the result of a run that has ended, from its checkpoint.
fn show_result(args: &AttachArgs, config: Config, wanted: &str) -> anyhow::Result<Status> {
    let folder = config.defaults.checkpoint_dir();
    let candidates = [PathBuf::from(wanted), folder.join(wanted)];
    let Some(path) = candidates.iter().map(|path| resolve(path)).find(|path| path.is_file()) else {
        bail!(
            "{}: expected a run that trains in the background or the folder of a run, found neither there nor in {}; \
             `lenet-monitor sessions` lists the first, `lenet-monitor checkpoints list` the second",
            sanitized(wanted),
            shown(&folder)
        );
    };
    if Survey::read(&screen::read_whole(&path).unwrap_or_default()).is_ok() {
        let table = shell_quoted_path(&path);
        bail!(
            "{}: no sweep writes this table in the background; `lenet-monitor report {table}` draws charts of it, \
             `lenet-monitor --sweep {table}` shows it beside a run, and the command of the sweep continues it",
            shown(&path)
        );
    }
    let checkpoint = Checkpoint::read(&path)?;
    let dataset = args.dataset.load_like(&checkpoint.spec.dataset)?;
    checkpoint.spec.check(&dataset)?;
    let signals = Signals::watch()?;
    let folder = parent_of(&parent_of(&path));
    let options = WorkerOptions { checkpoint_dir: folder.clone(), engine: args.engine.engine()? };
    let worker = Worker::spawn(Arc::clone(&dataset), Start::Load(path), options);
    signals.guard(&worker);
    let exit = show(args, config, &signals, Shown { dataset, folder, what: What::Run { worker, attached: None } })?;
    let _ = print(&exit.summary);
    Ok(ended_by(&signals, &exit))
}
