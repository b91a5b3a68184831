//! `attach`: the dashboard on a run or a sweep that trains in the background, or on the result of a run that has ended.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{anyhow, bail};
use rustix::process::setpriority_process;

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
        DatasetArgs, Status, config::Config, output::print, pasted::Flags, screen, side_by_side, signals::Signals,
        writer::writer,
    },
    data::{Dataset, ELSEWHERE, Gallery, RemoteImages},
    format::{file_name, sanitized, shell_quoted, shell_quoted_path, shown},
    nn::Engine,
    sweep::{Sweep, SweepCurves, Sweeping, survey::Survey},
    train::{Checkpoint, Event, Start, State, Worker, WorkerOptions, checkpoint::resolve, dataset_label},
    tui::{self, Attachment},
};

/// Priority of an attached screen, as by `nice -n 10`.
const NICENESS: i32 = 10;

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
    // Inherited by all threads of this process, which must not take the processor from the trainer.
    let _ = setpriority_process(None, NICENESS);
    let signals = Signals::watch()?;
    let request = if args.watch { Request::Watch } else { Request::View };
    let attached = background::attach(socket, request)?;
    let images = images(args, &attached.welcome, &attached.images, "run")?;
    let attachment = attachment(&attached.welcome, attached.viewers(), args.watch);
    let folder = parent_of(&attached.welcome.run);
    let Attached { recording, worker, .. } = attached;
    let shown = Shown { images, folder, what: What::Run { worker, attached: Some((attachment, recording)) } };
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
    let images = images(args, &attached.welcome, &attached.images, "sweep")?;
    let name = attached.welcome.dataset.name.clone();
    let attachment = attachment(&attached.welcome, attached.viewers(), args.watch);
    let AttachedSweep { sweeping, curves, sweep, .. } = attached;
    let folder = config.defaults.checkpoint_dir();
    let what = What::Sweep { sweep, sweeping, attached: (attachment, curves) };
    let exit = show(args, config, &signals, Shown { images, folder, what })?;
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
    images: Gallery,
    /// Folder of the runs.
    folder: PathBuf,
    what: What,
}

enum What {
    Run { worker: Worker, attached: Option<(Attachment, Vec<Event>)> },
    Sweep { sweep: Sweep, sweeping: Sweeping, attached: (Attachment, SweepCurves) },
}

fn show(args: &AttachArgs, config: Config, signals: &Signals, shown: Shown) -> anyhow::Result<tui::Exit> {
    let Shown { images, folder, what } = shown;
    let dataset = Arc::clone(images.dataset());
    let simd = args.engine.simd()?;
    let threads = args.engine.threads();
    let engine = move || Engine::with_simd(threads, simd);
    let flags = |folder| Flags::of(&args.dataset, dataset.id.kind, folder, &config.defaults);
    let (resume, sweep) = (flags(Some(&folder)).and_engine(&args.engine), flags(None).and_simd(&args.engine.simd));
    let link = tui::Link { background: Some(background_runs(&dataset.id, signals)), ..tui::Link::default() };
    let link = match images.is_here() {
        true => tui::Link {
            // For a run that this process trains itself, once the one in the background has ended.
            start: Some(screen::starter(Arc::clone(&dataset), folder.clone(), engine, signals.clone(), || None)),
            start_sweep: Some(side_by_side::start::starter(&dataset, simd, signals, sweep.clone())),
            write: Some(writer(Some(&dataset), simd)),
            ..link
        },
        false => tui::Link {
            start: Some(Box::new(|_| Worker::failed(ELSEWHERE))),
            start_sweep: Some(Arc::new(|_| Err(ELSEWHERE.to_owned()))),
            write: Some(writer(None, simd)),
            ..link
        },
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
    Ok(tui::run(images, link, options)?)
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

/// Returns the images of the run or the sweep: from where the flags say, else from where the trainer found them, else from
/// where this user keeps them, else from the trainer as they are looked at.
fn images(args: &AttachArgs, welcome: &Welcome, sent: &Arc<RemoteImages>, what: &str) -> anyhow::Result<Gallery> {
    if args.dataset.dataset.is_some() || args.dataset.data_dir.is_some() {
        let loaded = load_from(&args.dataset, welcome).map_err(|error| {
            let name = file_name(&welcome.run);
            let attach = format!("lenet-monitor attach {}", shell_quoted(name.as_ref()));
            anyhow!(
                "{error:#}; without --dataset and --data-dir, `{attach}` shows the {what} with the images that the \
                 trainer sends; the {what} continues"
            )
        })?;
        return Ok(loaded.into());
    }
    let theirs = Some(welcome.loaded_from.clone()).filter(|folder| !folder.as_os_str().is_empty());
    let named = theirs.map(|folder| DatasetArgs { data_dir: Some(folder), ..args.dataset.clone() });
    let loaded = named.and_then(|source| load_from(&source, welcome).ok());
    let loaded = loaded.or_else(|| DatasetArgs::find_here(&welcome.dataset));
    let remote = || Gallery::elsewhere(welcome.dataset.clone(), Arc::clone(sent));
    Ok(loaded.map_or_else(remote, Gallery::from))
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
    let what = What::Run { worker, attached: None };
    let exit = show(args, config, &signals, Shown { images: dataset.into(), folder, what })?;
    let _ = print(&exit.summary);
    Ok(ended_by(&signals, &exit))
}
