//! Whether this program or the surrounding shell owns the terminal.

/// Returns whether this program currently owns the terminal. A terminal that is not the controlling one has no
/// background.
#[cfg(unix)]
pub(crate) fn is_foreground() -> bool {
    use rustix::{io::Errno, process::getpgrp, termios::tcgetpgrp};
    match tcgetpgrp(std::io::stdout()) {
        Ok(group) => group == getpgrp(),
        Err(Errno::NOTTY) => true,
        // No process group owns it, or it has hung up.
        Err(_) => false,
    }
}

#[cfg(not(unix))]
pub fn is_foreground() -> bool {
    true
}

/// Returns whether messages may be written: a terminal may be set to stop background processes that write (`TOSTOP`).
#[cfg(unix)]
pub fn may_write() -> bool {
    use rustix::termios::{LocalModes, tcgetattr};
    let stops = tcgetattr(std::io::stderr()).is_ok_and(|modes| modes.local_modes.contains(LocalModes::TOSTOP));
    !stops || is_foreground()
}

#[cfg(not(unix))]
pub fn may_write() -> bool {
    true
}

/// Returns whether the terminal's session ends with this process, as it does without a surrounding shell.
#[cfg(unix)]
pub(crate) fn is_session_leader() -> bool {
    rustix::process::getsid(None).is_ok_and(|leader| leader == rustix::process::getpid())
}

#[cfg(not(unix))]
pub fn is_session_leader() -> bool {
    false
}
