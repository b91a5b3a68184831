//! Who has the terminal: this program, or the shell around it.

/// Returns whether the terminal is ours at the moment. One that is not the controlling terminal knows no background.
#[cfg(unix)]
pub(crate) fn is_foreground() -> bool {
    use rustix::{io::Errno, process::getpgrp, termios::tcgetpgrp};
    match tcgetpgrp(std::io::stdout()) {
        Ok(group) => group == getpgrp(),
        Err(Errno::NOTTY) => true,
        // No group at all has it, or it has hung up.
        Err(_) => false,
    }
}

#[cfg(not(unix))]
pub fn is_foreground() -> bool {
    true
}

/// Returns whether messages may be written: in the background a terminal may be set to stop whoever writes.
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

/// Returns whether the terminal's session ends with this process, as where no shell is around it.
#[cfg(unix)]
pub(crate) fn is_session_leader() -> bool {
    rustix::process::getsid(None).is_ok_and(|leader| leader == rustix::process::getpid())
}

#[cfg(not(unix))]
pub fn is_session_leader() -> bool {
    false
}
