//! `attach`: the dashboard on a run that trains in the background, or on the result of one that has ended.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{anyhow, bail};
use rustix::process::setpriority_process;

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
    data::{Dataset, ELSEWHERE, Gallery},
    format::{file_name, sanitized, shell_quoted, shown},
    nn::Engine,
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
    // Inherited by all threads of this process, which must not take the processor from the trainer.
    let _ = setpriority_process(None, NICENESS);
    let signals = Signals::watch()?;
    let request = if args.watch { Request::Watch } else { Request::View };
    let attached = background::attach(socket, request)?;
    let images = images(args, &attached)?;
    let attachment = attachment(&attached, args.watch);
    let folder = parent_of(&attached.welcome.run);
    let Attached { recording, worker, .. } = attached;
    let shown = Shown { images, folder, worker, attached: Some((attachment, recording)) };
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
    images: Gallery,
    /// Folder of the runs.
    folder: PathBuf,
    worker: Worker,
    attached: Option<(Attachment, Vec<Event>)>,
}

fn show(args: &AttachArgs, config: Config, signals: &Signals, shown: Shown) -> anyhow::Result<tui::Exit> {
    let Shown { images, folder, worker, attached } = shown;
    let dataset = Arc::clone(images.dataset());
    let simd = args.engine.simd()?;
    let threads = args.engine.threads();
    let engine = move || Engine::with_simd(threads, simd);
    let link = tui::Link {
        worker: Some(worker),
        is_attached: attached.is_some(),
        background: Some(background_runs(&dataset.id, signals)),
        ..tui::Link::default()
    };
    let link = match images.is_here() {
        true => tui::Link {
            // For a run that this process trains itself, once the one in the background has ended.
            start: Some(screen::starter(Arc::clone(&dataset), folder.clone(), engine, signals.clone(), || None)),
            start_sweep: Some(side_by_side::start::starter(&dataset, simd, signals)),
            write_report: Some(report::writer(&dataset, simd)),
            ..link
        },
        false => tui::Link {
            start: Some(Box::new(|_| Worker::failed(ELSEWHERE))),
            start_sweep: Some(Arc::new(|_| Err(ELSEWHERE.to_owned()))),
            write_report: Some(Arc::new(|_| Err(ELSEWHERE.to_owned()))),
            ..link
        },
    };
    let flags = |folder| Flags::of(&args.dataset, dataset.id.kind, folder, &config.defaults);
    let (resume, sweep) = (flags(Some(&folder)).and_engine(&args.engine), flags(None).and_simd(&args.engine.simd));
    let options = args.screen.options(config, folder, screen::read_table(None), resume, sweep);
    Ok(tui::run(images, link, tui::Options { attached, ..options })?)
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

/// Returns the images of the run: from where the flags say, else from where the trainer found them, else from where this
/// user keeps them, else from the trainer as they are looked at.
fn images(args: &AttachArgs, attached: &Attached) -> anyhow::Result<Gallery> {
    let welcome = &attached.welcome;
    if args.dataset.dataset.is_some() || args.dataset.data_dir.is_some() {
        let loaded = load_from(&args.dataset, welcome).map_err(|error| {
            let name = file_name(&welcome.run);
            let attach = format!("lenet-monitor attach {}", shell_quoted(name.as_ref()));
            anyhow!(
                "{error:#}; without --dataset and --data-dir, `{attach}` shows the run with the images that the \
                 trainer sends; the run continues"
            )
        })?;
        return Ok(loaded.into());
    }
    let theirs = Some(welcome.loaded_from.clone()).filter(|folder| !folder.as_os_str().is_empty());
    let named = theirs.map(|folder| DatasetArgs { data_dir: Some(folder), ..args.dataset.clone() });
    let loaded = named.and_then(|source| load_from(&source, welcome).ok());
    let loaded = loaded.or_else(|| DatasetArgs::find_here(&welcome.dataset));
    let remote = || Gallery::elsewhere(welcome.dataset.clone(), Arc::clone(&attached.images));
    Ok(loaded.map_or_else(remote, Gallery::from))
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
    let exit = show(args, config, &signals, Shown { images: dataset.into(), folder, worker, attached: None })?;
    let _ = print(&exit.summary);
    Ok(ended_by(&signals, &exit))
}
