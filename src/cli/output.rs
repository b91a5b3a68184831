//! All output outside the dashboard: results to stdout, messages to stderr. Neither ever panics.

use std::{
    env,
    io::{self, IsTerminal, Write},
};

use crate::{
    format::{sanitized, sanitized_lines},
    locale::localized,
};

/// Prints sanitised lines to stdout in one piece. A reader that closes the pipe (`| head -1`) is not an error.
///
/// # Errors
/// If stdout cannot be written for any other reason: a full disk must not look like success.
pub(super) fn print(text: &str) -> io::Result<()> {
    print_raw(&sanitized_lines(text))
}

/// Prints trusted text without sanitising it, see [`print`].
///
/// # Errors
/// As [`print`].
pub(super) fn print_raw(text: &str) -> io::Result<()> {
    match write_out(&localized(text)) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Writes text to stdout unchanged, and reports a closed pipe as an error.
///
/// # Errors
/// If stdout cannot be written, or its reader has closed the pipe.
pub(super) fn write_out(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())
}

/// Writes a message to stderr as one sanitised line. If stderr cannot be written (a full disk, a closed pipe), the
/// message is lost: that is no reason to end a run.
pub(super) fn notify(message: &str) {
    write_err(&format!("lenet-monitor: {}\n", sanitized(message)));
}

/// Returns whether stderr is a terminal that can draw a progress bar.
pub(super) fn is_watched() -> bool {
    io::stderr().is_terminal() && !is_dumb()
}

/// Returns whether the terminal can print nothing but lines.
pub(super) fn is_dumb() -> bool {
    env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// Writes trusted text to stderr unchanged, newlines included.
pub(super) fn write_err(text: &str) {
    let _ = io::stderr().write_all(localized(text).as_bytes());
}
