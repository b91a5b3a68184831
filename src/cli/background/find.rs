//! Finding the background run or sweep that a user means.

use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::{
    background::{CannotAttach, Found, RuntimeFolder, list, wire::Status},
    cli::UsageError,
    format::{file_name, sanitized},
};

/// Background run or sweep that answers, with its socket.
pub(super) struct Answering {
    pub(super) socket: PathBuf,
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

/// Background run or sweep that a user may mean.
struct Candidate {
    run: PathBuf,
    process: u32,
    found: Result<Answering, CannotAttach>,
}

impl Candidate {
    fn of(Found { socket, note, status }: Found) -> Self {
        let (run, process) = match (&status, note) {
            (Ok(status), _) => (status.run.clone(), status.process),
            (Err(_), Some(note)) => (note.run, note.process),
            (Err(_), None) => (PathBuf::new(), 0),
        };
        Self { run, process, found: status.map(|status| Answering { socket, status }) }
    }

    /// Returns whether it is meant: by its folder or table, by its name or the beginning of that, or by its process ID.
    fn is_meant(&self, wanted: &str) -> bool {
        let name = file_name(&self.run);
        !name.is_empty() && name.starts_with(wanted) || self.process.to_string() == wanted || self.is_at(wanted)
    }

    /// Returns whether this is the path of the run, of a file in it, or of the sweep's table.
    fn is_at(&self, wanted: &str) -> bool {
        let canonical = |path: &Path| path.canonicalize().ok();
        let wanted = Path::new(wanted);
        let run = canonical(&self.run);
        run.is_some() && (canonical(wanted) == run || wanted.parent().and_then(canonical) == run)
    }
}

/// Finds the background run that `wanted` names, or the only one. `None` if none is meant.
///
/// # Errors
/// If several are meant, or the one that is does not answer.
pub(super) fn find(wanted: Option<&str>) -> anyhow::Result<Option<Answering>> {
    let mut candidates: Vec<Candidate> = all()?.into_iter().map(Candidate::of).collect();
    if let Some(wanted) = wanted {
        candidates.retain(|run| run.is_meant(wanted));
        // A whole name is meant, even if another one begins with it.
        if candidates.iter().any(|run| file_name(&run.run) == wanted) {
            candidates.retain(|run| file_name(&run.run) == wanted);
        }
        // Of tables with the same name, the one in this folder.
        if candidates.len() > 1 && candidates.iter().any(|run| run.is_at(wanted)) {
            candidates.retain(|run| run.is_at(wanted));
        }
    }
    let (mut runs, mut silent) = (Vec::new(), None);
    for candidate in candidates {
        match candidate.found {
            Ok(run) => runs.push(run),
            Err(error) => silent = Some(error),
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
