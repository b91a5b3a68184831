//! Signals that end the program: the run is saved first, even if other threads are busy.

use std::{
    ffi::OsString,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crossbeam_channel::{Receiver, TryRecvError};

use crate::{
    sweep::{Sweep, SweepCommand, SweepContinuation},
    train::{Command, LastOutcome, Worker},
};

/// Handler of the signals that end the program, on its own thread. On systems without these signals it does nothing.
#[derive(Clone, Default)]
pub(crate) struct Signals {
    watch: Arc<Mutex<Watch>>,
    /// Locked while it is done.
    on_hang_up: Arc<Mutex<Option<OnHangUp>>>,
    at_end: Arc<Mutex<Option<AtEnd>>>,
}

/// What is done last before a signal ends the program. Returns a message if it fails.
pub(super) type AtEnd = Arc<dyn Fn() -> Option<String> + Send + Sync>;

/// What happens with saved work when its terminal hangs up: at the loss of a connection, for example.
pub(super) type OnHangUp = Arc<dyn Fn(&Saved) + Send + Sync>;

/// Work that is saved, and that another process may continue.
#[derive(Clone)]
pub(super) enum Saved {
    Run(Arc<LastOutcome>),
    /// Sweep that these arguments of the program start.
    Sweep(Sweep, Vec<OsString>),
}

impl Saved {
    /// Returns how to continue it, if it is a sweep that was interrupted.
    pub(super) fn interrupted_sweep(&self) -> Option<(&[OsString], SweepContinuation)> {
        match self {
            Self::Sweep(sweep, arguments) => Some((arguments, sweep.snapshot().continuation()?)),
            Self::Run(_) => None,
        }
    }
}

/// Time for the thread of a saved run to end.
const TIME_TO_END: Duration = Duration::from_secs(1);

/// Work to save before the program ends.
#[derive(Clone)]
struct Guarded {
    /// What another process may continue of it.
    saved: Option<Saved>,
    stop: Arc<dyn Fn() + Send + Sync>,
    /// Disconnected once everything is saved, or saving has failed.
    ended: Receiver<()>,
    /// Returns a message about what is not on disk, if anything.
    unsaved: Arc<dyn Fn(Ended) -> Option<String> + Send + Sync>,
}

/// Whether the work that was stopped has ended in time.
pub(crate) type Ended = bool;

impl Guarded {
    fn is_run(&self) -> bool {
        matches!(self.saved, Some(Saved::Run(_)))
    }

    fn has_ended(&self) -> bool {
        self.ended.try_recv() == Err(TryRecvError::Disconnected)
    }
}

#[derive(Default)]
struct Watch {
    /// Number of the first signal.
    caught: Option<u8>,
    guarded: Vec<Guarded>,
}

impl Signals {
    /// Starts to handle signals: from here on they end the program with exit code 128 plus their number.
    ///
    /// # Errors
    /// If the handler cannot be installed.
    pub(crate) fn watch() -> io::Result<Self> {
        let signals = Self::default();
        #[cfg(unix)]
        unix::watch(&signals)?;
        Ok(signals)
    }

    /// Has `worker` save its run before a signal ends the program.
    pub(crate) fn guard(&self, worker: &Worker) {
        let (commands, last) = (worker.commands.clone(), Arc::clone(&worker.last_outcome));
        let unsaved = move |has_ended| last.outcome().unsaved_warning(has_ended);
        self.add(Guarded {
            saved: Some(Saved::Run(Arc::clone(&worker.last_outcome))),
            stop: Arc::new(move || drop(commands.send(Command::Stop))),
            ended: worker.ended.clone(),
            unsaved: Arc::new(unsaved),
        });
    }

    /// Has `sweep`, which these arguments of the program start, end in order before a signal ends the program. `ended` is
    /// disconnected then.
    pub(crate) fn guard_sweep(&self, sweep: &Sweep, arguments: Vec<OsString>, ended: Receiver<()>) {
        let (stopped, table) = (sweep.clone(), sweep.clone());
        let unsaved = move |has_ended: bool| {
            if !has_ended {
                return Some(
                    "the sweep could not be stopped in time: the disk is too slow to write its rows".to_owned(),
                );
            }
            let kept = table.check_table();
            let messages: Vec<String> = kept.notes.into_iter().chain(kept.fault).collect();
            (!messages.is_empty()).then(|| messages.join("; "))
        };
        self.add(Guarded {
            saved: Some(Saved::Sweep(sweep.clone(), arguments)),
            stop: Arc::new(move || stopped.send(SweepCommand::Interrupt)),
            ended,
            unsaved: Arc::new(unsaved),
        });
    }

    /// Guards any work: `stop` stops it, `ended` is disconnected at its end, and `unsaved` returns what is lost.
    pub(crate) fn guard_with(
        &self,
        stop: impl Fn() + Send + Sync + 'static,
        ended: Receiver<()>,
        unsaved: impl Fn(Ended) -> Option<String> + Send + Sync + 'static,
    ) {
        self.add(Guarded { saved: None, stop: Arc::new(stop), ended, unsaved: Arc::new(unsaved) });
    }

    fn add(&self, guarded: Guarded) {
        let mut watch = self.lock();
        if watch.caught.is_some() {
            (guarded.stop)();
        }
        watch.guarded.push(guarded);
    }

    /// Sets what happens with saved work when the terminal hangs up.
    pub(crate) fn set_on_hang_up(&self, on_hang_up: OnHangUp) {
        *self.on_hang_up.lock().unwrap_or_else(PoisonError::into_inner) = Some(on_hang_up);
    }

    /// Does what was set to happen when the terminal hangs up, unless that is done; waits if another thread does it.
    pub(crate) fn hang_up(&self) {
        let mut on_hang_up = self.on_hang_up.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(on_hang_up) = on_hang_up.take() {
            self.saved().iter().for_each(|saved| on_hang_up(saved));
        }
    }

    /// Returns what another process may continue once it has ended.
    pub(super) fn saved(&self) -> Vec<Saved> {
        self.lock().guarded.iter().filter_map(|guarded| guarded.saved.clone()).collect()
    }

    /// Sets what is done last before a signal ends the program.
    pub(super) fn set_at_end(&self, at_end: AtEnd) {
        *self.at_end.lock().unwrap_or_else(PoisonError::into_inner) = Some(at_end);
    }

    /// Forgets the runs that have ended or are just ending, and are saved.
    pub(super) fn forget_ended_runs(&self) {
        let guarded = self.lock().guarded.clone();
        for run in guarded.iter().filter(|guarded| guarded.is_run()) {
            let _ = run.ended.recv_timeout(TIME_TO_END);
        }
        self.lock().guarded.retain(|guarded| !guarded.is_run() || !guarded.has_ended());
    }

    /// Returns the signal that is ending the program.
    pub(crate) fn caught(&self) -> Option<u8> {
        self.lock().caught
    }

    fn lock(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes a write beyond the file size limit fail instead of ending the program.
pub(crate) fn survive_file_size_limits() {
    #[cfg(unix)]
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
}

#[cfg(unix)]
mod unix {
    use std::{fs, io, process, sync::PoisonError, thread, time::Instant};

    use crossbeam_channel::{RecvTimeoutError, bounded};
    #[cfg(target_os = "linux")]
    use rustix::process::Signal;
    use rustix::process::{Resource, getrlimit};
    use signal_hook::{
        consts::{SIGABRT, SIGALRM, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU, SIGXFSZ},
        iterator::Signals as Incoming,
    };

    use super::{Duration, Guarded, Signals};
    use crate::{cli::output::notify, disk, tui};

    /// Signals that end the program. If several arrive together, the first of this list counts: a hang-up comes along
    /// with the signal that caused it.
    const ENDING: &[i32] = &[
        SIGTERM,
        SIGINT,
        SIGQUIT,
        SIGUSR1,
        SIGUSR2,
        SIGXCPU,
        SIGALRM,
        SIGABRT,
        #[cfg(target_os = "linux")]
        Signal::POWER.as_raw(),
        SIGXFSZ,
        SIGHUP,
    ];

    /// Time limit for a save.
    const SAVE_TIMEOUT: Duration = Duration::from_secs(30);
    /// Time limit for a save that makes no progress.
    const STALL_TIMEOUT: Duration = Duration::from_secs(15);
    /// Time after which a message says that the save is still in progress.
    const QUIET_TIME: Duration = Duration::from_millis(1_500);
    const POLL_INTERVAL: Duration = Duration::from_millis(50);
    /// Time for the main thread to print its last messages and to end the program itself.
    const TIME_TO_PRINT: Duration = Duration::from_millis(300);
    /// The same without the dashboard, where the last messages may have to be read from disk.
    const TIME_TO_REPORT: Duration = Duration::from_secs(2);
    /// Time within which a second Ctrl-C counts as an echo of the first.
    const ECHO_TIME: Duration = Duration::from_millis(300);

    pub(super) fn watch(signals: &Signals) -> io::Result<()> {
        // With `nohup` hang-ups are ignored: the run is meant to outlive its terminal.
        let wanted: Vec<i32> =
            ENDING.iter().copied().filter(|&signal| signal != SIGHUP || !is_ignored(signal)).collect();
        let mut incoming = Incoming::new(wanted)?;
        let signals = signals.clone();
        thread::Builder::new().name("signals".into()).spawn(move || {
            let mut interrupted: Option<Instant> = None;
            loop {
                let pending: Vec<i32> = incoming.wait().filter(|&signal| ends_program(signal)).collect();
                if let Some(&first) = ENDING.iter().find(|signal| pending.contains(signal)) {
                    begin_shutdown(&signals, first);
                }
                if pending.contains(&SIGINT) && interrupted.get_or_insert_with(Instant::now).elapsed() >= ECHO_TIME {
                    let guarded = signals.lock().guarded.clone();
                    conclude(&signals, &guarded, tui::is_shown());
                }
            }
        })?;
        Ok(())
    }

    /// Returns whether the signal ends the program. SIGXFSZ under a file size limit only means that a write has failed.
    fn ends_program(signal: i32) -> bool {
        signal != SIGXFSZ || getrlimit(Resource::Fsize).current.is_none()
    }

    /// Starts the shutdown on the first signal; later ones change nothing.
    fn begin_shutdown(signals: &Signals, signal: i32) {
        let mut watch = signals.lock();
        if watch.caught.is_none() {
            watch.caught = u8::try_from(signal).ok();
            tui::begin_shutdown();
            let signals = signals.clone();
            thread::spawn(move || end(&signals));
        }
    }

    fn end(signals: &Signals) -> ! {
        let guarded = signals.lock().guarded.clone();
        let on_screen = tui::is_shown();
        for guarded in guarded.clone() {
            // Stopping may have to wait for the disk.
            thread::spawn(move || (guarded.stop)());
        }
        wait_until_saved(&guarded, QUIET_TIME);
        if !has_ended(&guarded) {
            tui::restore();
            notify_briefly(vec!["still saving; press Ctrl-C twice to give up".into()]);
            wait_until_saved(&guarded, SAVE_TIMEOUT - QUIET_TIME);
        }
        if !guarded.is_empty() && !on_screen {
            thread::sleep(TIME_TO_REPORT);
        }
        conclude(signals, &guarded, on_screen)
    }

    fn has_ended(guarded: &[Guarded]) -> bool {
        guarded.iter().all(Guarded::has_ended)
    }

    /// Waits until everything is saved, for `longest` at most, and gives up when the disk makes no progress.
    fn wait_until_saved(guarded: &[Guarded], longest: Duration) {
        let since = Instant::now();
        let (mut seen, mut changed) = (disk::activity(), since);
        for guarded in guarded {
            while let Err(RecvTimeoutError::Timeout) = guarded.ended.recv_timeout(POLL_INTERVAL) {
                if disk::activity() != seen {
                    (seen, changed) = (disk::activity(), Instant::now());
                }
                if since.elapsed() >= longest || changed.elapsed() >= STALL_TIMEOUT {
                    return;
                }
            }
        }
    }

    /// Restores the terminal, reports what is lost, and ends the program with the first signal's exit code.
    fn conclude(signals: &Signals, guarded: &[Guarded], on_screen: bool) -> ! {
        tui::restore();
        if signals.caught() == Some(SIGHUP as u8) {
            signals.hang_up();
        }
        let at_end = signals.at_end.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let fault = at_end.and_then(|at_end| at_end());
        let losses = guarded.iter().filter_map(|guarded| loss(guarded, on_screen));
        notify_briefly(losses.chain(fault).collect());
        process::exit(128 + i32::from(signals.caught().unwrap_or_default()))
    }

    /// Writes messages, but does not wait long for a blocked terminal.
    fn notify_briefly(messages: Vec<String>) {
        if !tui::may_write() {
            return;
        }
        let (done, wait) = bounded::<()>(0);
        thread::spawn(move || {
            let _done = done;
            messages.iter().for_each(|message| notify(message));
        });
        let _ = wait.recv_timeout(TIME_TO_PRINT);
    }

    /// Returns what is lost. Without the dashboard the main thread itself reports work that has ended.
    fn loss(guarded: &Guarded, on_screen: bool) -> Option<String> {
        let has_ended = guarded.has_ended();
        if has_ended && !on_screen { None } else { (guarded.unsaved)(has_ended) }
    }

    /// Returns whether the program was started with this signal ignored, on systems that show it.
    fn is_ignored(signal: i32) -> bool {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
    }
}
