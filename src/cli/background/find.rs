//! Finding the background run or sweep that a user means.

use std::path::Path;

use anyhow::bail;

use crate::{
    background::{CannotAttach, Found, RuntimeFolder, list, wire::Status},
    cli::UsageError,
    format::{file_name, sanitized},
};

/// Background run or sweep that answers, with its socket.
pub(super) struct Answering {
    pub(super) socket: std::path::PathBuf,
    pub(super) status: Status,
}

impl Answering {
    /// Returns the name of the run's folder or of the sweep's table.
    pub(super) fn name(&self) -> String {
        sanitized(&file_name(&self.status.run))
    }

    /// Returns the name for a message: tables in several folders may have the same.
    fn full_name(&self) -> String {
        let process = self.status.sweep.map(|_| format!(" (process {})", self.status.process));
        self.name() + &process.unwrap_or_default()
    }
}

/// Finds the background sweep that writes this table.
pub(super) fn sweep_into(table: &Path) -> anyhow::Result<Option<Answering>> {
    let answering = all()?.into_iter().filter_map(|found| {
        let status = found.status.ok()?;
        Some(Answering { socket: found.socket, status })
    });
    let table = table.canonicalize().ok();
    let is_writer = |run: &Answering| run.status.sweep.is_some() && run.status.run.canonicalize().ok() == table;
    Ok(answering.filter(|_| table.is_some()).find(is_writer))
}

/// Returns all background runs and sweeps of this user that have a process.
pub(super) fn all() -> anyhow::Result<Vec<Found>> {
    let mut found = list(&RuntimeFolder::all_of_user())?;
    found.retain(|found| !matches!(found.status, Err(CannotAttach::NoRun { .. })));
    Ok(found)
}

/// Returns whether a user may mean this run: by its folder, by its name or the beginning of that, or by its process ID. A
/// sweep's folder is the file of its table.
fn is_meant(status: &Status, wanted: &str) -> bool {
    let name = file_name(&status.run);
    name.starts_with(wanted) || status.process.to_string() == wanted || is_path(status, wanted)
}

/// Returns whether this is the path of the run, of a file in it, or of the sweep's table.
fn is_path(status: &Status, wanted: &str) -> bool {
    let canonical = |path: &Path| path.canonicalize().ok();
    let wanted = Path::new(wanted);
    let run = canonical(&status.run);
    run.is_some() && (canonical(wanted) == run || wanted.parent().and_then(canonical) == run)
}

/// Finds the background run that `wanted` names, or the only one. `None` if none is meant.
///
/// # Errors
/// If several are meant, or the one that is does not answer.
pub(super) fn find(wanted: Option<&str>) -> anyhow::Result<Option<Answering>> {
    let mut runs = Vec::new();
    let mut silent = None;
    for Found { socket, note, status } in all()? {
        match (status, note) {
            (Ok(status), _) => runs.push(Answering { socket, status }),
            (Err(error), note) => {
                let is_meant = |wanted: &str| {
                    let note = note.as_ref();
                    note.is_some_and(|note| {
                        file_name(&note.run).starts_with(wanted) || note.process.to_string() == wanted
                    })
                };
                if wanted.is_none_or(is_meant) {
                    silent = Some(error);
                }
            }
        }
    }
    if let Some(wanted) = wanted {
        runs.retain(|run| is_meant(&run.status, wanted));
        // A whole name is meant, even if another one begins with it.
        if runs.iter().any(|run| run.name() == wanted) {
            runs.retain(|run| run.name() == wanted);
        }
        // Of tables with the same name, the one in this folder.
        if runs.len() > 1 && runs.iter().any(|run| is_path(&run.status, wanted)) {
            runs.retain(|run| is_path(&run.status, wanted));
        }
    }
    match (runs.len(), silent) {
        (0, Some(error)) => bail!(error),
        (0, None) => Ok(None),
        (1, _) => Ok(runs.pop()),
        _ => {
            let names: Vec<String> = runs.iter().map(Answering::full_name).collect();
            let what = if runs.iter().any(|run| run.status.sweep.is_some()) { "runs and sweeps" } else { "runs" };
            bail!(UsageError(format!(
                "{} {what} train in the background; name one of them, or its process: {}",
                names.len(),
                names.join(", ")
            )))
        }
    }
}
