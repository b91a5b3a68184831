//! Signals that end the program: the run is saved first, whatever the other threads are busy with.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crossbeam_channel::Receiver;

use crate::train::{Command, Worker};

/// The watch over the signals that end the program, on a thread of its own. Where there are no such signals it sees none.
#[derive(Clone, Default)]
pub(crate) struct Signals(Arc<Mutex<Watch>>);

/// Something to save before the program ends.
#[derive(Clone)]
struct Guarded {
    stop: Arc<dyn Fn() + Send + Sync>,
    /// Disconnected once everything is saved, or cannot be.
    ended: Receiver<()>,
    /// Says what the disk does not hold, if anything.
    unsaved: Arc<dyn Fn(Ended) -> Option<String> + Send + Sync>,
}

/// Whether something that was stopped has ended in time.
pub(crate) type Ended = bool;

#[derive(Default)]
struct Watch {
    /// The number of the first signal.
    caught: Option<u8>,
    guarded: Vec<Guarded>,
}

impl Signals {
    /// From here on a signal ends the program with 128 and its number.
    ///
    /// # Errors
    /// If the system allows no handler.
    pub(crate) fn watch() -> io::Result<Self> {
        let signals = Self::default();
        #[cfg(unix)]
        unix::watch(&signals)?;
        Ok(signals)
    }

    /// A signal from here on has `worker` save first, as well as whatever else is guarded.
    pub(crate) fn guard(&self, worker: &Worker) {
        let (commands, last) = (worker.commands.clone(), Arc::clone(&worker.last_outcome));
        let unsaved = move |has_ended| last.outcome().loss(has_ended);
        self.guard_with(move || drop(commands.send(Command::Stop)), worker.ended.clone(), unsaved);
    }

    /// As [`Signals::guard`], for whatever `stop` stops, `ended` reports the end of, and `unsaved` knows what is lost of.
    pub(crate) fn guard_with(
        &self,
        stop: impl Fn() + Send + Sync + 'static,
        ended: Receiver<()>,
        unsaved: impl Fn(Ended) -> Option<String> + Send + Sync + 'static,
    ) {
        let mut watch = self.lock();
        if watch.caught.is_some() {
            stop();
        }
        watch.guarded.push(Guarded { stop: Arc::new(stop), ended, unsaved: Arc::new(unsaved) });
    }

    /// Returns the signal that is ending the program.
    pub(crate) fn caught(&self) -> Option<u8> {
        self.lock().caught
    }

    fn lock(&self) -> MutexGuard<'_, Watch> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes writing beyond a limit on the size of files an error of the write instead of the program's end.
pub(crate) fn survive_file_size_limits() {
    #[cfg(unix)]
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
}

#[cfg(unix)]
mod unix {
    use std::{
        fs, io, process, thread,
        time::{Duration, Instant},
    };

    use crossbeam_channel::{RecvTimeoutError, TryRecvError, bounded};
    #[cfg(target_os = "linux")]
    use rustix::process::Signal;
    use rustix::process::{Resource, getrlimit};
    use signal_hook::{
        consts::{SIGABRT, SIGALRM, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU, SIGXFSZ},
        iterator::Signals as Arriving,
    };

    use super::{Guarded, Signals};
    use crate::{cli::output::tell, disk, tui};

    /// Signals that end the program. Of several that arrive at once the one that stands first counts: a hang-up comes along
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

    /// The longest that a save is waited for.
    const TIME_TO_SAVE: Duration = Duration::from_secs(30);
    /// The longest that a save is waited for while it makes no progress.
    const TIME_TO_MOVE: Duration = Duration::from_secs(15);
    /// The time that a save may take before a message says that it takes long.
    const TIME_UNNOTICED: Duration = Duration::from_millis(1_500);
    const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
    /// How long the main thread has for its last words and to end the program itself.
    const TIME_TO_SPEAK: Duration = Duration::from_millis(300);
    /// The same without a screen, where its last words may have to be read from the disk.
    const TIME_TO_REPORT: Duration = Duration::from_secs(2);
    /// A second Ctrl-C within this time is the first one's echo, not impatience.
    const BETWEEN_INTERRUPTS: Duration = Duration::from_millis(300);

    pub(super) fn watch(signals: &Signals) -> io::Result<()> {
        // `nohup` ignores hang-ups: the run is to outlive its terminal.
        let wanted: Vec<i32> =
            ENDING.iter().copied().filter(|&signal| signal != SIGHUP || !is_ignored(signal)).collect();
        let mut arriving = Arriving::new(wanted)?;
        let signals = signals.clone();
        thread::Builder::new().name("signals".into()).spawn(move || {
            let mut interrupted: Option<Instant> = None;
            loop {
                let pending: Vec<i32> = arriving.wait().filter(|&signal| is_meant(signal)).collect();
                if let Some(&first) = ENDING.iter().find(|signal| pending.contains(signal)) {
                    begin_shutdown(&signals, first);
                }
                if pending.contains(&SIGINT)
                    && interrupted.get_or_insert_with(Instant::now).elapsed() >= BETWEEN_INTERRUPTS
                {
                    let guarded = signals.lock().guarded.clone();
                    conclude(&signals, &guarded, tui::is_shown());
                }
            }
        })?;
        Ok(())
    }

    /// A write beyond a limit on the size of files brings SIGXFSZ, too: then the write has failed, and that is all.
    fn is_meant(signal: i32) -> bool {
        signal != SIGXFSZ || getrlimit(Resource::Fsize).current.is_none()
    }

    /// Later signals change nothing: whatever they mean is under way.
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
            // It may have to wait for a disk.
            thread::spawn(move || (guarded.stop)());
        }
        wait_until_saved(&guarded, TIME_UNNOTICED);
        if !has_ended(&guarded) {
            tui::restore();
            tell_briefly(vec!["saving takes long; Ctrl-C twice gives up".into()]);
            wait_until_saved(&guarded, TIME_TO_SAVE - TIME_UNNOTICED);
        }
        if !guarded.is_empty() && !on_screen {
            thread::sleep(TIME_TO_REPORT);
        }
        conclude(signals, &guarded, on_screen)
    }

    fn has_ended(guarded: &[Guarded]) -> bool {
        guarded.iter().all(|guarded| guarded.ended.try_recv() == Err(TryRecvError::Disconnected))
    }

    /// Waits for `longest` at most, and not where nothing moves.
    fn wait_until_saved(guarded: &[Guarded], longest: Duration) {
        let since = Instant::now();
        let (mut seen, mut moved) = (disk::activity(), since);
        for guarded in guarded {
            while let Err(RecvTimeoutError::Timeout) = guarded.ended.recv_timeout(BETWEEN_LOOKS) {
                if disk::activity() != seen {
                    (seen, moved) = (disk::activity(), Instant::now());
                }
                if since.elapsed() >= longest || moved.elapsed() >= TIME_TO_MOVE {
                    return;
                }
            }
        }
    }

    /// Gives the terminal back, says what is lost, and ends the program with the first signal's exit code.
    fn conclude(signals: &Signals, guarded: &[Guarded], on_screen: bool) -> ! {
        tui::restore();
        tell_briefly(guarded.iter().filter_map(|guarded| loss(guarded, on_screen)).collect());
        process::exit(128 + i32::from(signals.caught().unwrap_or_default()))
    }

    /// Writes messages, but does not wait for a terminal that takes no bytes.
    fn tell_briefly(messages: Vec<String>) {
        if !tui::may_write() {
            return;
        }
        let (told, wait) = bounded::<()>(0);
        thread::spawn(move || {
            let _told = told;
            messages.iter().for_each(|message| tell(message));
        });
        let _ = wait.recv_timeout(TIME_TO_SPEAK);
    }

    /// Without a screen the main thread reports what has ended.
    fn loss(guarded: &Guarded, on_screen: bool) -> Option<String> {
        let has_ended = guarded.ended.try_recv() == Err(TryRecvError::Disconnected);
        if has_ended && !on_screen { None } else { (guarded.unsaved)(has_ended) }
    }

    /// Returns whether the program was started with this signal ignored, where the system tells.
    fn is_ignored(signal: i32) -> bool {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
    }
}
