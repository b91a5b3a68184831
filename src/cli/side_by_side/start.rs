//! Starting a sweep: from the command line, or from the screen.

use std::{
    collections::HashSet,
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::bail;
use crossbeam_channel::Receiver;

use crate::{
    cli::{engine::cores, on_end::OnEnd, pasted::Flags, signals::Signals},
    data::Dataset,
    disk, format,
    nn::Simd,
    sweep::{Format, Sweep, SweepContinuation, SweepRun, Table},
    tui,
};

/// Sweep to be started.
pub(super) struct Setup {
    pub(super) runs: Vec<SweepRun>,
    pub(super) format: Format,
    pub(super) out: PathBuf,
    pub(super) jobs: usize,
    pub(super) simd: Simd,
    pub(super) continuation: SweepContinuation,
    /// Arguments of this program that start the same sweep.
    pub(super) arguments: Vec<OsString>,
}

/// Sweep that has started.
pub(super) struct Started {
    pub(super) sweep: Sweep,
    /// Messages about its table.
    pub(super) notes: Vec<String>,
    /// Disconnected once it has ended, and the user's command was called.
    pub(super) concluded: Receiver<()>,
}

/// Starts a sweep that signals interrupt before they end the program.
///
/// # Errors
/// If the table cannot be read or written.
pub(super) fn start(setup: Setup, signals: &Signals, on_end: &OnEnd) -> anyhow::Result<Started> {
    let Setup { runs, format, out, jobs, simd, continuation, arguments } = setup;
    let mut table = Table::open_as(&out, format)?;
    let notes = notes(&runs.iter().map(SweepRun::key).collect(), &out, &mut table);
    let dataset = runs.first().map_or_else(String::new, |run| run.dataset.id.name.clone());
    let sweep = Sweep::start_as(runs, table, jobs, simd, &continuation);
    let concluded = on_end.after(&sweep, &out, &dataset);
    signals.guard_sweep(&sweep, arguments, concluded.clone());
    Ok(Started { sweep, notes, concluded })
}

/// Returns a function that starts the sweeps of the screen, which a shell starts with these flags.
pub(in crate::cli) fn starter(dataset: &Arc<Dataset>, simd: Simd, signals: &Signals, flags: Flags) -> tui::StartSweep {
    let (dataset, signals) = (Arc::clone(dataset), signals.clone());
    Arc::new(move |plan| {
        let jobs = plan.jobs.unwrap_or_else(cores) as usize;
        let runs = SweepRun::of_sweep(plan.grid.runs(), plan.limits, &dataset);
        let possible = runs.iter().try_for_each(|run| run.images().map(drop));
        let arguments = ["sweep".into()].into_iter().chain(flags.arguments()).chain(plan.arguments()).collect();
        let continuation = SweepContinuation::default();
        let setup = Setup { runs, format: Format::Sweep, out: plan.out, jobs, simd, continuation, arguments };
        let checked = check(&setup.out).and_then(|()| possible.map_err(Into::into));
        let started = checked.and_then(|()| start(setup, &signals, &OnEnd::none()));
        started.map(|Started { sweep, notes, .. }| (sweep, notes)).map_err(|error| format!("{error:#}"))
    })
}

/// Rejects what cannot be a table.
pub(super) fn check(out: &Path) -> anyhow::Result<()> {
    if let Some(found) = disk::obstacle(out) {
        bail!("{}: expected a sweep's table, found {found}; name another file", out.display());
    }
    Ok(())
}

/// Returns the messages to show before the first run. `keys` are those of all runs.
fn notes(keys: &HashSet<String>, out: &Path, table: &mut Table) -> Vec<String> {
    let mut notes = table.take_notes();
    let out = out.display();
    let known = table.rows().iter().filter(|row| keys.contains(&row.key)).count();
    let others = table.rows().len() - known;
    if known > 0 {
        let (all, are) = (format::counted(keys.len() as u64, "run"), if known == 1 { "is" } else { "are" });
        notes.push(format!("{known} of {all} {are} already in {out}"));
    }
    if others > 0 {
        let rows = format::counted(others as u64, "row");
        notes.push(format!("{out} also has {rows} for other configurations or data; kept"));
    }
    notes
}
