//! Job control: sharing the terminal with a shell, giving it up and taking it back. The system stops a background
//! process that changes the terminal's modes or reads its keys, so this program must not even try.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crossbeam_channel::Receiver;

use crate::tui::program::{foreground::is_foreground, terminal};

/// How often a background process checks whether it owns the terminal again: `fg` sends no signal to a running job.
pub(crate) const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// Held while keys are read. A process stopped in the middle of reading would continue to read in the background, and
/// be stopped again.
static READING: Mutex<()> = Mutex::new(());

/// Runs `read`, which reads keys, and returns its result; `None` if the keys belong to the shell.
pub(crate) fn while_in_foreground<T>(read: impl FnOnce() -> T) -> Option<T> {
    let _reading = READING.lock().unwrap_or_else(PoisonError::into_inner);
    is_foreground().then(read)
}

/// Stops this process group, as Ctrl-Z does in a shell, and returns when it continues. A program that is shutting down
/// is not stopped: it has a run to save.
#[cfg(unix)]
pub(crate) fn suspend(continued: &Receiver<()>) {
    use rustix::process::{Signal, kill_current_process_group};
    if terminal::is_shutting_down() {
        return;
    }
    // Once the shell's screen is back, keys belong to the shell.
    let _reading = READING.lock().unwrap_or_else(PoisonError::into_inner);
    terminal::restore();
    while continued.try_recv().is_ok() {}
    if terminal::is_shutting_down() {
        return;
    }
    let _ = kill_current_process_group(Signal::TSTP);
    // Without a shell that could continue it, the system ignores the signal: then no continuation arrives.
    if continued.recv_timeout(Duration::from_millis(500)).is_err() {
        // The timeout may have passed while the process was stopped: then its continuation is only now being reported.
        let _ = continued.recv_timeout(Duration::from_millis(100));
    }
}

#[cfg(not(unix))]
pub fn suspend(_continued: &Receiver<()>) {}

/// Returns a channel that receives a message each time the process continues after being stopped.
#[cfg(unix)]
pub(crate) fn continuations() -> Receiver<()> {
    messages_on(signal_hook::consts::SIGCONT)
}

/// Returns a channel that receives a message each time the terminal's size changes.
#[cfg(unix)]
pub(crate) fn resizes() -> Receiver<()> {
    messages_on(signal_hook::consts::SIGWINCH)
}

#[cfg(unix)]
fn messages_on(signal: i32) -> Receiver<()> {
    use crossbeam_channel::{TrySendError, bounded, never};
    let (sender, receiver) = bounded(1);
    match signal_hook::iterator::Signals::new([signal]) {
        Ok(mut signals) => {
            let notify = move |()| !matches!(sender.try_send(()), Err(TrySendError::Disconnected(())));
            std::thread::spawn(move || signals.forever().map(drop).take_while(|()| notify(())).for_each(drop));
            receiver
        }
        Err(_) => never(),
    }
}

#[cfg(not(unix))]
pub fn continuations() -> Receiver<()> {
    crossbeam_channel::never()
}

#[cfg(not(unix))]
pub fn resizes() -> Receiver<()> {
    crossbeam_channel::never()
}

/// Result of [`wait_for_keys`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    /// Keys can be read.
    Waiting,
    /// The terminal has vanished.
    Gone,
}

/// Waits until this program can read keys, which belong to the shell while it is in the background, or until the
/// terminal has hung up.
#[cfg(unix)]
pub(crate) fn wait_for_keys() -> Keys {
    use rustix::event::{PollFd, PollFlags, poll};
    let stdin = std::io::stdin();
    loop {
        let mut watched = [PollFd::new(&stdin, PollFlags::IN)];
        let polled = poll(&mut watched, None);
        let seen = watched[0].revents();
        match polled {
            Ok(_) if seen.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) => return Keys::Gone,
            Ok(_) if is_foreground() => return Keys::Waiting,
            Ok(_) => std::thread::sleep(BETWEEN_LOOKS),
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return Keys::Gone,
        }
    }
}

#[cfg(not(unix))]
pub fn wait_for_keys() -> Keys {
    match crossterm::event::poll(Duration::MAX) {
        Ok(_) => Keys::Waiting,
        Err(_) => Keys::Gone,
    }
}

/// Waits until the terminal has hung up. Returns `false` if that cannot be detected.
#[cfg(unix)]
pub(crate) fn wait_for_hangup() -> bool {
    use rustix::event::{PollFd, PollFlags, poll};
    let stdin = std::io::stdin();
    let mut watched = [PollFd::new(&stdin, PollFlags::empty())];
    loop {
        match poll(&mut watched, None) {
            Ok(_) => return watched[0].revents().intersects(PollFlags::HUP | PollFlags::ERR),
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

#[cfg(not(unix))]
pub fn wait_for_hangup() -> bool {
    false
}
