//! Starting a sweep: from the command line, or from the screen.

use std::{collections::HashSet, path::Path, sync::Arc};

use anyhow::bail;

use crate::{
    cli::{engine::cores, signals::Signals},
    data::Dataset,
    disk, format,
    nn::Simd,
    sweep::{Format, Sweep, SweepCommand, SweepRun, Table},
    tui,
};

/// Starts a sweep that signals stop before they end the program. Returns messages about its table, too.
///
/// # Errors
/// If the table cannot be read or written.
pub(super) fn start(
    runs: Vec<SweepRun>,
    format: Format,
    out: &Path,
    jobs: usize,
    simd: Simd,
    signals: &Signals,
) -> anyhow::Result<(Sweep, Vec<String>)> {
    let mut table = Table::open_as(out, format)?;
    let notes = notes(&runs.iter().map(SweepRun::key).collect(), out, &mut table);
    let sweep = Sweep::start(runs, table, jobs, simd);
    let stop = sweep.command_sender();
    let keeper = sweep.table_checker();
    let unsaved = move |has_ended: bool| {
        if !has_ended {
            return Some("the sweep could not be stopped in time: the disk is too slow to write its rows".to_owned());
        }
        let kept = keeper();
        let messages: Vec<String> = kept.notes.into_iter().chain(kept.fault).collect();
        (!messages.is_empty()).then(|| messages.join("; "))
    };
    signals.guard_with(move || stop(SweepCommand::Stop), sweep.ended().clone(), unsaved);
    Ok((sweep, notes))
}

/// Returns a function that starts the sweeps of the screen.
pub(in crate::cli) fn starter(dataset: &Arc<Dataset>, simd: Simd, signals: &Signals) -> tui::StartSweep {
    let (dataset, signals) = (Arc::clone(dataset), signals.clone());
    Arc::new(move |plan| {
        let jobs = plan.jobs.unwrap_or_else(cores) as usize;
        let runs = SweepRun::of_sweep(plan.grid.runs(), plan.limits, &dataset);
        let possible = runs.iter().try_for_each(|run| run.images().map(drop));
        let checked = check(&plan.out).and_then(|()| possible.map_err(Into::into));
        let started = checked.and_then(|()| start(runs, Format::Sweep, &plan.out, jobs, simd, &signals));
        started.map_err(|error| format!("{error:#}"))
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
