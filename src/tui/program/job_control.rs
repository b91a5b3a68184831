//! The terminal as it is shared with a shell: who has it, and how it is given up and taken again. A program in the background
//! that changes a terminal's modes or reads its keys is stopped by the system, so it must not even try.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crossbeam_channel::Receiver;

use crate::tui::program::{foreground::is_foreground, terminal};

/// How often a program in the background looks whether it has the terminal again: `fg` on a job that runs sends no signal.
pub(crate) const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// Held while keys are read. A process that is stopped in the midst of it would read on in the background, and be stopped there.
static READING: Mutex<()> = Mutex::new(());

/// Runs `read`, which reads keys, unless they are the shell's. Returns `None` then.
pub(crate) fn while_in_foreground<T>(read: impl FnOnce() -> T) -> Option<T> {
    let _reading = READING.lock().unwrap_or_else(PoisonError::into_inner);
    is_foreground().then(read)
}

/// Stops this process and what runs with it, as Ctrl-Z does in a shell, and comes back when it continues. A program that is
/// ending is not stopped: it has a run to save.
#[cfg(unix)]
pub(crate) fn suspend(continued: &Receiver<()>) {
    use rustix::process::{Signal, kill_current_process_group};
    if terminal::is_ending() {
        return;
    }
    // From the moment the shell's screen is back, keys are the shell's.
    let _reading = READING.lock().unwrap_or_else(PoisonError::into_inner);
    terminal::restore();
    while continued.try_recv().is_ok() {}
    if terminal::is_ending() {
        return;
    }
    let _ = kill_current_process_group(Signal::TSTP);
    // Without a shell to bring it back the system ignores the signal: then nobody says anything, and the program continues.
    if continued.recv_timeout(Duration::from_millis(500)).is_err() {
        // The time may have passed while the process was stopped: then its continuation is being told of just now.
        let _ = continued.recv_timeout(Duration::from_millis(100));
    }
}

#[cfg(not(unix))]
pub fn suspend(_continued: &Receiver<()>) {}

/// Returns a channel that rings each time the process continues after it was stopped.
#[cfg(unix)]
pub(crate) fn continuations() -> Receiver<()> {
    rings_at(signal_hook::consts::SIGCONT)
}

/// Returns a channel that rings each time the terminal's size changes.
#[cfg(unix)]
pub(crate) fn resizes() -> Receiver<()> {
    rings_at(signal_hook::consts::SIGWINCH)
}

#[cfg(unix)]
fn rings_at(signal: i32) -> Receiver<()> {
    use crossbeam_channel::{TrySendError, bounded, never};
    let (sender, receiver) = bounded(1);
    match signal_hook::iterator::Signals::new([signal]) {
        Ok(mut signals) => {
            let ring = move |()| !matches!(sender.try_send(()), Err(TrySendError::Disconnected(())));
            std::thread::spawn(move || signals.forever().map(drop).take_while(|()| ring(())).for_each(drop));
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

/// What [`wait_for_keys`] waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    /// Some can be read.
    Waiting,
    /// The terminal has vanished.
    Gone,
}

/// Waits until keys can be read, or the terminal has hung up. While the program is in the background keys are the shell's.
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

/// Returns once the terminal has hung up; not where that cannot be known.
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
