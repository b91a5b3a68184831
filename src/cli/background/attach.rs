//! `attach`: the dashboard on a run that trains in the background, or on the result of one that has ended.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{anyhow, bail};

use super::{
    args::AttachArgs,
    find::find,
    reach::{attachment, background_runs},
};
use crate::{
    background::{
        self, Attached,
        wire::{Request, Welcome},
    },
    cli::{
        DatasetArgs, Status, config::Config, output::print, pasted::Flags, report, screen, side_by_side,
        signals::Signals,
    },
    data::Dataset,
    format::{file_name, sanitized, shell_quoted, shown},
    nn::Engine,
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
        (Some(run), _) => attach(&args, config, &run.socket),
        (None, Some(wanted)) => show_result(&args, config, &wanted),
        (None, None) => bail!(
            "no run trains in the background; `lenet-monitor train --detach` starts one, and \
             `lenet-monitor attach RUN` shows the result of one that has ended"
        ),
    }
}

/// Shows the run that trains in the background behind this socket.
pub(in crate::cli) fn attach(args: &AttachArgs, config: Config, socket: &Path) -> anyhow::Result<Status> {
    let signals = Signals::watch()?;
    let request = if args.watch { Request::Watch } else { Request::View };
    let attached = background::attach(socket, request)?;
    let dataset = load(args, &attached.welcome)?;
    let attachment = attachment(&attached, args.watch);
    let folder = parent_of(&attached.welcome.run);
    let Attached { recording, worker, .. } = attached;
    let shown = Shown { dataset, folder, worker, attached: Some((attachment, recording)) };
    let exit = show(args, config, &signals, shown)?;
    // The terminal may be gone.
    let _ = print(&exit.summary);
    Ok(match exit.outcome.as_ref().map(|outcome| outcome.state) {
        Some(State::Diverged | State::Failed) => Status::Failed,
        _ => ended_by(&signals, &exit),
    })
}

/// What a screen shows.
struct Shown {
    dataset: Arc<Dataset>,
    /// Folder of the runs.
    folder: PathBuf,
    worker: Worker,
    attached: Option<(Attachment, Vec<Event>)>,
}

fn show(args: &AttachArgs, config: Config, signals: &Signals, shown: Shown) -> anyhow::Result<tui::Exit> {
    let Shown { dataset, folder, worker, attached } = shown;
    let simd = args.engine.simd()?;
    let threads = args.engine.threads();
    let engine = move || Engine::with_simd(threads, simd);
    // For a run that this process trains itself, once the one in the background has ended.
    let start = screen::starter(Arc::clone(&dataset), folder.clone(), engine, signals.clone(), || None);
    let link = tui::Link {
        worker: Some(worker),
        is_attached: attached.is_some(),
        start: Some(start),
        sweep: None,
        start_sweep: Some(side_by_side::start::starter(&dataset, simd, signals)),
        write_report: Some(report::writer(&dataset, simd)),
        background: Some(background_runs(&dataset, signals)),
    };
    let flags = |folder| Flags::of(&args.dataset, dataset.id.kind, folder, &config.defaults);
    let (resume, sweep) = (flags(Some(&folder)).and_engine(&args.engine), flags(None).and_simd(&args.engine.simd));
    let options = args.screen.options(config, folder, screen::read_table(None), resume, sweep);
    Ok(tui::run(dataset, link, tui::Options { attached, ..options })?)
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

/// Loads the data set of the run: from where the flags say, else from where the trainer found it, else from where this
/// user keeps it.
fn load(args: &AttachArgs, welcome: &Welcome) -> anyhow::Result<Arc<Dataset>> {
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
            "{error:#}; to show the run, this computer needs its data set, {}: lenet-monitor attach {} --data-dir DIR \
             names the folder; the run continues, and `lenet-monitor sessions` says how it is doing",
            dataset_label(&welcome.dataset),
            shell_quoted(name.as_ref())
        )
    })
}

fn load_from(source: &DatasetArgs, welcome: &Welcome) -> anyhow::Result<Arc<Dataset>> {
    let dataset = source.load_like(&welcome.dataset)?;
    if dataset.id.fingerprint != welcome.dataset.fingerprint {
        let (theirs, here) = (dataset_label(&welcome.dataset), dataset_label(&dataset.id));
        bail!("the run is trained on {theirs}, found {here}");
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
    let checkpoint = Checkpoint::read(&path)?;
    let dataset = args.dataset.load_like(&checkpoint.spec.dataset)?;
    checkpoint.spec.check(&dataset)?;
    let signals = Signals::watch()?;
    let folder = parent_of(&parent_of(&path));
    let options = WorkerOptions { checkpoint_dir: folder.clone(), engine: args.engine.engine()? };
    let worker = Worker::spawn(Arc::clone(&dataset), Start::Load(path), options);
    signals.guard(&worker);
    let exit = show(args, config, &signals, Shown { dataset, folder, worker, attached: None })?;
    let _ = print(&exit.summary);
    Ok(ended_by(&signals, &exit))
}
