//! Runs trained side by side into a table, by `sweep` or `methods`: on the screen, or headless.

mod args;
mod lines;
mod merge;
mod names;
mod progress;
pub(super) mod start;

use std::{path::PathBuf, sync::Arc};

use self::args::Execution;
pub(super) use self::{
    args::SideBySideArgs,
    merge::{MergeTablesArgs, run as merge},
    names::RunNames,
};
use super::{
    Loaded, Status, UsageError,
    background::background_runs,
    config::Config,
    engine::cores,
    output::{notify, print},
    pasted::{self, Flags},
    report, screen,
    signals::Signals,
};
use crate::{
    nn::Engine,
    sweep::{Format, RunState, Sweep, SweepRun, estimate},
    train::Images,
    tui,
};

/// Returns the notes below the help of a command that trains `runs`.
pub(super) fn notes(runs: &str) -> String {
    format!(
        "{runs}
Each run uses one thread, so results do not depend on --jobs. A row is on disk as soon as its run ends: after any
interruption, the same command continues with the missing runs.

Exit codes:
  0      all runs finished (a diverged run is a result too), or quit by key
  1      a run failed, or the table could not be read or written; merge: runs are missing
  2      invalid arguments
  128+N  ended by signal N"
    )
}

impl Execution<'_> {
    /// Trains the runs, or prints what they are. `loaded` is the data set of the screen.
    pub(super) fn run(self, loaded: Loaded, runs: Vec<SweepRun>) -> anyhow::Result<Status> {
        let images = runs.iter().map(SweepRun::images).collect::<Result<Vec<_>, _>>().map_err(UsageError::new)?;
        if self.args.dry_run {
            return self.dry_run(&runs, &images);
        }
        let has_screen = !self.args.headless && !self.args.json && screen::is_possible();
        // Errors in it are reported before the first run begins.
        let config = if has_screen { Some(Config::load()?) } else { None };
        let signals = Signals::watch()?;
        let first = runs.first().zip(images.first()).map(|(run, images)| (run.limits, *images));
        let (sweep, notes) = start::start(runs, self.format, &self.out, self.jobs, self.simd, &signals)?;
        notes.iter().for_each(|note| notify(note));
        let (Some(config), Some((limits, images))) = (config, first) else {
            return progress::watch(&sweep, &loaded.dataset.id.name, self.args.json, &signals);
        };
        let command = pasted::this_command();
        let sweeping = tui::sweep::Sweeping { limits, images, out: self.out.clone(), command };
        self.show(config, loaded, sweep, sweeping, &signals)
    }

    /// Returns the folder of runs trained in full.
    pub(super) fn checkpoint_dir(&self) -> anyhow::Result<PathBuf> {
        match &self.args.checkpoint_dir {
            Some(folder) => Ok(folder.clone()),
            None => Ok(Config::load()?.defaults.checkpoint_dir()),
        }
    }

    /// Returns an engine that uses all cores.
    pub(super) fn engine(&self) -> Engine {
        Engine::with_simd(cores(), self.simd)
    }

    /// Shows the sweep on the screen until the user leaves.
    fn show(
        &self,
        config: Config,
        Loaded { dataset, notes }: Loaded,
        sweep: Sweep,
        sweeping: tui::sweep::Sweeping,
        signals: &Signals,
    ) -> anyhow::Result<Status> {
        let (args, simd) = (self.args, self.simd);
        let name = dataset.id.name.clone();
        let folder = args.checkpoint_dir.clone().unwrap_or_else(|| config.defaults.checkpoint_dir());
        // Runs trained in full use all cores.
        let engine = move || Engine::with_simd(cores(), simd);
        let start = screen::starter(Arc::clone(&dataset), folder.clone(), engine, signals.clone(), || None);
        let flags = |folder| Flags::of(self.dataset_args, dataset.id.kind, folder, &config.defaults);
        let (resume, again) = (flags(args.checkpoint_dir.as_deref()), flags(None).and_simd(&args.simd));
        let mut options = args.screen.options(config, folder, screen::read_table(None), resume, again);
        options.sweep_file = (self.format == Format::Sweep).then(|| self.out.clone());
        (options.sweeping, options.notes) = (Some(sweeping), notes);
        let start_sweep = Some(start::starter(&dataset, simd, signals));
        let write_report = Some(report::writer(&dataset, simd));
        let link = tui::Link {
            worker: None,
            is_attached: false,
            start: Some(start),
            sweep: Some(sweep),
            start_sweep,
            write_report,
            background: Some(background_runs(&dataset.id, signals)),
        };
        let exit = tui::run(dataset, link, options)?;
        let is_unsaved = exit.is_unsaved();
        let sweep = conclude(exit.sweep, &name);
        // The terminal may be gone. The rows are in the table all the same.
        let _ = print(&format!("{}{}", exit.summary, sweep.summary));
        Ok(match (signals.caught(), exit.leave) {
            (Some(signal), _) => Status::Signal(signal),
            // As after a hang-up.
            (None, tui::Leave::TerminalGone) => Status::Signal(1),
            (None, _) if is_unsaved || sweep.has_failed => Status::Failed,
            _ => Status::Done,
        })
    }

    fn dry_run(&self, runs: &[SweepRun], images: &[Images]) -> anyhow::Result<Status> {
        let seconds = estimate(runs, self.jobs, self.simd);
        print(&lines::plan(&RunNames::of_runs(runs), runs, images, self.jobs, seconds))?;
        Ok(Status::Done)
    }
}

/// What remains of a sweep once the screen is closed.
#[derive(Debug, Default)]
pub(super) struct Conclusion {
    pub(super) summary: String,
    /// Whether a run failed, or rows are missing from the table.
    pub(super) has_failed: bool,
}

/// Reports on stderr what happened to the table of the session's sweep, if there was one, and summarises its runs.
pub(super) fn conclude(sweep: Option<tui::SweepOutcome>, dataset: &str) -> Conclusion {
    let Some(tui::SweepOutcome { snapshot, kept, command }) = sweep else { return Conclusion::default() };
    kept.notes.iter().chain(&kept.fault).for_each(|note| notify(note));
    let has_failed = snapshot.fault.is_some() || kept.fault.is_some() || snapshot.ended_as(RunState::Failed) > 0;
    Conclusion { summary: lines::summary(&RunNames::of(&snapshot), &snapshot, dataset, &kept, &command), has_failed }
}
