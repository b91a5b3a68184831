//! Asking for what trains in the background already, by `train --resume` or `sweep`: attaching to it is what its user
//! wants.

use std::{io, path::Path};

use crate::{
    cli::output::write_err,
    format::{file_name, shown},
    train::BackgroundRun,
};

/// Asks whether to attach to the run. No input is a no.
///
/// # Errors
/// If the terminal cannot be read.
pub(in crate::cli) fn offers_to_attach(run: &BackgroundRun) -> io::Result<bool> {
    let name = file_name(&run.run);
    asks(&shown(Path::new(&name)), run.process)
}

/// Asks whether to attach to what trains in the background. No input is a no.
pub(super) fn asks(what: &str, process: u32) -> io::Result<bool> {
    write_err(&format!("{what} trains in the background (process {process}). Attach to it? [Y/n] "));
    let mut answer = String::new();
    let is_answered = io::stdin().read_line(&mut answer)? > 0;
    Ok(is_answered && ["", "y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}
