//! `--on-end`: a command of the user's when a run or a sweep is over.
//!
//! The process that trains calls it, once per end: when the run has finished, diverged or failed, or was stopped; on the
//! worker's thread. One that is stopped may only be moving to the background, which the process knows later: such an end is
//! kept until then.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{ChildStdin, Command, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender, bounded};
use serde::Serialize;

use super::{output::notify, signals::AtEnd};
use crate::{
    disk, format,
    sweep::{Snapshot, Sweep},
    train::{Event, Observer, Outcome, Started, State},
    tui,
};

/// Time in which a command that cannot be started is noticed.
const TIME_TO_START: Duration = Duration::from_millis(100);
/// Exit codes with which a shell reports that there is no such command, or that it is not executable.
const NOT_STARTED: [i32; 2] = [126, 127];

/// Where the output of the command goes while no dashboard is on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Output {
    Inherited,
    /// Standard output is for lines of JSON.
    ToStderr,
    /// Nowhere, as that of a background run, which cannot move elsewhere.
    OfBackground,
}

/// The user's command, if there is one.
#[derive(Clone)]
pub(super) struct OnEnd(Option<Arc<Call>>);

struct Call {
    command: String,
    output: Output,
    /// End of a run that was stopped and may be moving to the background.
    stopped: Mutex<Option<Ending>>,
}

/// What the command gets to know.
#[derive(Clone, Debug, Serialize)]
struct Ending {
    kind: &'static str,
    state: &'static str,
    /// Accuracy and loss of the last test, or of the sweep's best run.
    accuracy: Option<f64>,
    loss: Option<f64>,
    /// Epochs completed, by all runs of a sweep.
    epochs: u32,
    /// Absolute path of the newest checkpoint.
    checkpoint: Option<String>,
    /// Absolute path of the run's folder, or of the sweep's table; `None` if the run could not begin.
    run: Option<String>,
    dataset: Option<String>,
    /// Duration of training and evaluation.
    seconds: f64,
    /// Why it diverged or failed, or why its newest state is not saved.
    reason: Option<String>,
}

impl OnEnd {
    /// Takes the command; an empty one stands for none.
    pub(super) fn new(command: Option<String>, output: Output) -> Self {
        let command = command.filter(|command| !command.trim().is_empty());
        Self(command.map(|command| Arc::new(Call { command, output, stopped: Mutex::default() })))
    }

    /// Returns a function that makes observers of workers. The first also passes each event to `first`, before it calls.
    pub(super) fn observer_after(&self, first: Option<Observer>) -> impl Fn() -> Option<Observer> + Send + use<> {
        let (call, first) = (self.0.clone(), Mutex::new(first));
        move || {
            let mut first = first.lock().unwrap_or_else(PoisonError::into_inner).take();
            let mut watch = call.clone().map(|call| (call, Watched::new()));
            if first.is_none() && watch.is_none() {
                return None;
            }
            Some(Box::new(move |event| {
                let note = first.as_mut().and_then(|first| first(event));
                let called = watch.as_mut().and_then(|(call, watched)| call.take(watched.take(event)?));
                called.or(note)
            }))
        }
    }

    /// Returns no command.
    pub(super) fn none() -> Self {
        Self(None)
    }

    /// Calls once the sweep is over. Returns a channel that is disconnected then.
    pub(super) fn after(&self, sweep: &Sweep, table: &Path, dataset: &str) -> Receiver<()> {
        let Some(call) = self.0.clone() else { return sweep.ended().clone() };
        let (alive, called) = bounded(0);
        let (table, dataset) = (disk::absolute(table), dataset.to_owned());
        let (sweep, ended) = (sweep.clone(), sweep.ended().clone());
        let wait = move || {
            let _alive: Sender<()> = alive;
            let _ = sweep.ended().recv();
            let fault = call.take(Ending::of_sweep(&sweep.snapshot(), &table, dataset));
            if let Some(fault) = fault.filter(|_| !tui::is_shown()) {
                notify(&fault);
            }
        };
        match thread::Builder::new().name("end of sweep".into()).spawn(wait) {
            Ok(_) => called,
            Err(_) => ended,
        }
    }

    /// Forgets the end of a stopped run, since it continues in another process, which knows the command.
    pub(super) fn leave_to_another_process(&self) {
        if let Some(call) = &self.0 {
            *call.stopped() = None;
        }
    }

    /// Returns a guard that calls for a stopped run when it is dropped.
    pub(super) fn conclude_later(&self) -> Concluding {
        Concluding(self.clone())
    }

    /// Returns what calls for a stopped run before a signal ends the program.
    pub(super) fn at_end(&self) -> AtEnd {
        let on_end = self.clone();
        Arc::new(move || on_end.conclude())
    }

    /// Calls for a run that was stopped and did not move to the background. Returns a message if that fails.
    fn conclude(&self) -> Option<String> {
        let call = self.0.as_ref()?;
        // Held until the command has started: another thread that concludes ends the program.
        let mut stopped = call.stopped();
        call.start(&stopped.take()?)
    }
}

impl Ending {
    fn of_sweep(snapshot: &Snapshot, table: &Path, dataset: String) -> Self {
        let best = snapshot.best();
        let state = match snapshot.fault {
            _ if snapshot.is_complete() => State::Finished,
            Some(_) => State::Failed,
            None => State::Stopped,
        };
        Self {
            kind: "sweep",
            state: state.name(),
            accuracy: best.and_then(|row| row.accuracy),
            loss: best.and_then(|row| row.loss),
            epochs: snapshot.epochs_done(),
            checkpoint: None,
            run: Some(table.display().to_string()),
            dataset: Some(dataset),
            seconds: snapshot.rows().map(|row| row.seconds).sum(),
            reason: snapshot.fault.clone(),
        }
    }
}

/// Guard that calls for a stopped run when it is dropped.
pub(super) struct Concluding(OnEnd);

impl Drop for Concluding {
    fn drop(&mut self) {
        if let Some(fault) = self.0.conclude() {
            notify(&fault);
        }
    }
}

impl Call {
    fn stopped(&self) -> MutexGuard<'_, Option<Ending>> {
        self.stopped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, ending: Ending) -> Option<String> {
        if ending.state == State::Stopped.name() && self.output != Output::OfBackground {
            *self.stopped() = Some(ending);
            return None;
        }
        self.start(&ending)
    }

    /// Starts the command, and leaves it to itself. Returns a message if it cannot be started.
    fn start(&self, ending: &Ending) -> Option<String> {
        let mut command = Command::new("sh");
        command.arg("-c").arg(&self.command).stdin(Stdio::piped());
        match self.output {
            Output::OfBackground => command.stdout(Stdio::null()).stderr(Stdio::null()),
            _ if tui::is_shown() => command.stdout(Stdio::null()).stderr(Stdio::null()),
            Output::ToStderr => command.stdout(std::io::stderr()),
            Output::Inherited => &mut command,
        };
        // Keys such as Ctrl-C, and the end of the terminal, are not for it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => return Some(format!("cannot start a shell for the command of --on-end: {error}")),
        };
        if let (Some(input), Ok(line)) = (child.stdin.take(), format::json(ending)) {
            write(input, &(line + "\n"));
        }
        let (sender, ended) = bounded(1);
        let _ = thread::Builder::new().name("on-end".into()).spawn(move || sender.send(child.wait()));
        let code = ended.recv_timeout(TIME_TO_START).ok()?.ok()?.code()?;
        let command = &self.command;
        NOT_STARTED.contains(&code).then(|| {
            format!(
                "the command of --on-end could not be started: expected a command that the shell finds, found \
                 `{command}` (exit code {code})"
            )
        })
    }
}

/// Writes as much as fits into the pipe, without waiting for the command to read it.
fn write(mut input: ChildStdin, line: &str) {
    #[cfg(unix)]
    let _ = rustix::fs::fcntl_setfl(&input, rustix::fs::OFlags::NONBLOCK);
    // The command need not read it.
    let _ = input.write_all(line.as_bytes());
}

/// What the events of a worker say about its run.
struct Watched {
    run: PathBuf,
    dataset: Option<String>,
    /// Durations of training and evaluation: of all epochs, and as reported last.
    seconds: (f64, f64),
    /// Whether an end would be news: the worker's first run has not ended, or the run was trained since its last end.
    is_due: bool,
}

impl Watched {
    fn new() -> Self {
        Self { run: PathBuf::new(), dataset: None, seconds: (0.0, 0.0), is_due: true }
    }

    /// Returns the end that the event reports, if any.
    fn take(&mut self, event: &Event) -> Option<Ending> {
        match event {
            Event::Started(started) => self.start(started),
            Event::State(state) => self.is_due |= state.is_running(),
            Event::FolderChanged(folder) => self.run.clone_from(folder),
            Event::EpochEnded(record) => self.seconds.0 += record.seconds,
            Event::Progress(progress) => self.seconds.1 = progress.elapsed,
            Event::Ended(outcome) if self.is_due => {
                self.is_due = false;
                return Some(self.ending(outcome));
            }
            _ => {}
        }
        None
    }

    fn start(&mut self, started: &Started) {
        // A run that the user only loads is not over when it is left.
        self.is_due &= self.dataset.is_none();
        self.run.clone_from(&started.run_dir);
        self.dataset = Some(started.spec.dataset.name.clone());
        self.seconds = (started.history.iter().map(|record| record.seconds).sum(), 0.0);
    }

    fn ending(&self, outcome: &Outcome) -> Ending {
        let absolute = |path: &Path| disk::absolute(path).display().to_string();
        Ending {
            kind: "run",
            state: outcome.state.name(),
            accuracy: outcome.test_accuracy,
            loss: outcome.test_loss,
            epochs: outcome.epochs,
            checkpoint: outcome.checkpoint().map(absolute),
            run: self.dataset.is_some().then(|| absolute(&self.run)),
            dataset: self.dataset.clone(),
            seconds: self.seconds.0.max(self.seconds.1),
            reason: outcome.reason.clone().or_else(|| outcome.unsaved_warning(true)),
        }
    }
}
