//! The one way to write to people: results to stdout, everything else to stderr. Neither ever panics.

use std::{
    env,
    io::{self, IsTerminal, Write},
};

use crate::{
    format::{sanitized, sanitized_lines},
    locale::localized,
};

/// Prints lines to stdout in one piece, each of them made safe. A reader that has seen enough (`| head -1`) is no failure.
///
/// # Errors
/// If stdout cannot be written for any other reason: a full disk must not pass for success.
pub(super) fn print(text: &str) -> io::Result<()> {
    print_raw(&sanitized_lines(text))
}

/// Prints text of our own as it is, see [`print`].
///
/// # Errors
/// As [`print`].
pub(super) fn print_raw(text: &str) -> io::Result<()> {
    match write_out(&localized(text)) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Writes text to stdout as it is, for whoever has to know that its reader has gone.
///
/// # Errors
/// If stdout cannot be written, or nobody reads it any more.
pub(super) fn write_out(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())
}

/// Writes a message to stderr as one line, whatever it quotes. Where stderr takes nothing (a full disk, a closed pipe), the
/// message is lost: that is no reason to end a run.
pub(super) fn tell(message: &str) {
    tell_raw(&format!("lenet-monitor: {}\n", sanitized(message)));
}

/// Returns whether somebody looks at stderr, on a terminal that can draw a progress bar.
pub(super) fn is_watched() -> bool {
    io::stderr().is_terminal() && !is_dumb()
}

/// Returns whether the terminal takes nothing but lines.
pub(super) fn is_dumb() -> bool {
    env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// Writes text of our own to stderr as it is, line feeds included.
pub(super) fn tell_raw(text: &str) {
    let _ = io::stderr().write_all(localized(text).as_bytes());
}
