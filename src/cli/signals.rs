//! Signals that end the program: the run is saved first, whatever the other threads are busy with.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crossbeam_channel::Receiver;

use crate::train::{Command, Worker};

/// The watch over SIGINT, SIGTERM and SIGHUP, on a thread of its own. Where there are no such signals it sees none.
#[derive(Clone, Default)]
pub struct Signals(Arc<Mutex<Watch>>);

/// Who has something to save: how to stop it, and what disconnects when it has.
type Guarded = (Arc<dyn Fn() + Send + Sync>, Receiver<()>);

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
    pub fn watch() -> io::Result<Self> {
        let signals = Self::default();
        #[cfg(unix)]
        unix::watch(&signals)?;
        Ok(signals)
    }

    /// A signal from here on has `worker` save first, as well as whatever else is guarded.
    pub fn guard(&self, worker: &Worker) {
        let commands = worker.commands.clone();
        self.guard_with(move || drop(commands.send(Command::Stop)), worker.ended.clone());
    }

    /// As [`Signals::guard`], for whatever `stop` stops and `ended` tells the end of.
    pub fn guard_with(&self, stop: impl Fn() + Send + Sync + 'static, ended: Receiver<()>) {
        let mut watch = self.lock();
        if watch.caught.is_some() {
            stop();
        }
        watch.guarded.push((Arc::new(stop), ended));
    }

    /// The signal that is ending the program.
    pub fn caught(&self) -> Option<u8> {
        self.lock().caught
    }

    fn lock(&self) -> MutexGuard<'_, Watch> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(unix)]
mod unix {
    use std::{
        fs, io, process, thread,
        time::{Duration, Instant},
    };

    use signal_hook::{
        consts::{SIGHUP, SIGINT, SIGTERM},
        iterator::Signals as Iterator,
    };

    use super::Signals;
    use crate::tui;

    /// The worker has so long to save. With the terminal's restoration the whole stays under two seconds.
    const TIME_TO_SAVE: Duration = Duration::from_millis(1_300);
    /// Then the main thread has so long to say its last words and to end the program itself.
    const TIME_TO_SPEAK: Duration = Duration::from_millis(300);

    pub(super) fn watch(signals: &Signals) -> io::Result<()> {
        let mut wanted = vec![SIGINT, SIGTERM];
        // `nohup` asks for this: the run is to outlive its terminal.
        if !is_ignored(SIGHUP) {
            wanted.push(SIGHUP);
        }
        let mut arriving = Iterator::new(wanted)?;
        let signals = signals.clone();
        thread::Builder::new().name("signals".into()).spawn(move || {
            for signal in arriving.forever() {
                let number = u8::try_from(signal).unwrap_or(0);
                if signals.lock().caught.replace(number).is_some() {
                    // The second one will not wait.
                    tui::restore();
                    exit(number);
                }
                let signals = signals.clone();
                thread::spawn(move || end(&signals, number));
            }
        })?;
        Ok(())
    }

    fn end(signals: &Signals, number: u8) -> ! {
        let guarded = signals.lock().guarded.clone();
        let on_screen = tui::is_up();
        guarded.iter().for_each(|(stop, _)| stop());
        let until = Instant::now() + TIME_TO_SAVE;
        for (_, ended) in &guarded {
            let _ = ended.recv_deadline(until);
        }
        tui::restore();
        if !guarded.is_empty() && !on_screen {
            thread::sleep(TIME_TO_SPEAK);
        }
        exit(number)
    }

    fn exit(number: u8) -> ! {
        process::exit(128 + i32::from(number))
    }

    /// Whether the program was started with this signal ignored, where the system tells.
    fn is_ignored(signal: i32) -> bool {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
    }
}
