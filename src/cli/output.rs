//! Results to stdout.

use std::io::{self, Write};

/// Prints to stdout in one piece. A reader that has seen enough (`| head -1`) is no failure.
///
/// # Errors
/// If stdout cannot be written for any other reason: a full disk must not pass for success.
pub(super) fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
