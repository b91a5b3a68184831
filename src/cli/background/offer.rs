//! `train --resume` of a run that trains in the background already: attaching to it is what its user wants.

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
    let name = shown(Path::new(&name));
    write_err(&format!("{name} trains in the background (process {}). Attach to it? [Y/n] ", run.process));
    let mut answer = String::new();
    let is_answered = io::stdin().read_line(&mut answer)? > 0;
    Ok(is_answered && ["", "y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}
