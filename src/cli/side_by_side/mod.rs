//! Runs trained side by side into a table, by `sweep` or `methods`: on the screen, or headless.

mod args;
mod lines;
mod merge;
mod names;
mod progress;
pub(super) mod start;

use std::{env, ffi::OsString, path::PathBuf, sync::Arc};

use self::{
    args::Execution,
    start::{Setup, Started},
};
pub(super) use self::{
    args::SideBySideArgs,
    merge::{MergeTablesArgs, run as merge},
    names::RunNames,
};
use super::{
    Loaded, Status, UsageError, arguments,
    background::{
        AttachArgs, Observe, Prepared, attach_to_sweep_into, background_runs, continue_after, detach_on_hang_up,
        serve_sweep,
    },
    config::{Config, OnHangup},
    engine::{EngineArgs, cores},
    on_end::OnEnd,
    output::{notify, print},
    pasted::{self, Flags},
    screen,
    signals::Signals,
    writer::writer,
};
use crate::{
    data::Dataset,
    format::shell_quoted_path,
    nn::Engine,
    sweep::{Format, RunState, Sweep, SweepRun, Sweeping, TableError, estimate},
    train::Images,
    tui,
};

/// Number of the signal that a process gets when its terminal hangs up.
const HANG_UP: u8 = 1;

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
    pub(super) fn run(mut self, loaded: Loaded, runs: Vec<SweepRun>) -> anyhow::Result<Status> {
        let images = runs.iter().map(SweepRun::images).collect::<Result<Vec<_>, _>>().map_err(UsageError::new)?;
        if self.args.dry_run {
            return self.dry_run(&runs, &images);
        }
        // Errors in it are reported before the first run begins.
        let config = Config::load()?;
        let prepared = self.prepared.take();
        let signals = Signals::watch()?;
        let on_end = self.args.on_end.clone().or_else(|| config.on_end.clone());
        let on_end = OnEnd::new(on_end, self.args.output_of_commands());
        signals.set_at_end(on_end.at_end());
        if self.args.on_hangup.or(config.on_hangup) == Some(OnHangup::Detach) && !self.args.background {
            detach_on_hang_up(&signals, self.flags_in_background(&loaded.dataset, &config), on_end.clone());
        }
        let first = runs.first().zip(images.first()).map(|(run, images)| (run.limits, *images));
        let started = match start::start(self.setup(runs), &signals, &on_end) {
            Ok(started) => started,
            Err(error) => {
                drop(prepared);
                return self.attach_instead(config, error);
            }
        };
        let Started { sweep, notes, concluded } = started;
        notes.iter().for_each(|note| notify(note));
        let stopped = on_end.conclude_later();
        let sweeping =
            first.map(|(limits, images)| Sweeping { limits, images, out: self.out.clone(), command: self.command() });
        let status = match (prepared, sweeping) {
            (Some(prepared), Some(sweeping)) => self.serve(prepared, &loaded.dataset, &sweep, sweeping, &signals),
            (None, Some(sweeping)) if self.has_screen() => {
                self.show(config, loaded, sweep, sweeping, &signals, &on_end)
            }
            _ => self.report(&loaded.dataset, &sweep, &signals, &mut |_, _| ()),
        }?;
        let _ = concluded.recv();
        if status == Status::Signal(HANG_UP) {
            signals.hang_up();
        }
        drop(stopped);
        Ok(status)
    }

    /// Returns the command that starts the sweep. Viewers of a background sweep may be in another folder.
    fn command(&self) -> String {
        let command = pasted::this_command();
        match env::current_dir() {
            Ok(folder) if self.args.background => format!("cd {} && {command}", shell_quoted_path(&folder)),
            _ => command,
        }
    }

    fn has_screen(&self) -> bool {
        !self.args.headless && !self.args.json && !self.args.background && screen::is_possible()
    }

    fn setup(&self, runs: Vec<SweepRun>) -> Setup {
        let (format, out, jobs, simd) = (self.format, self.out.clone(), self.jobs, self.simd);
        Setup { runs, format, out, jobs, simd, continuation: self.args.continuation(), arguments: arguments::own() }
    }

    /// Returns the flags with which a run that is trained in full continues in the background.
    fn flags_in_background(&self, dataset: &Dataset, config: &Config) -> Vec<OsString> {
        let folder = self.args.checkpoint_dir.clone().unwrap_or_else(|| config.defaults.checkpoint_dir());
        let flags = Flags::of(self.dataset_args, dataset.id.kind, Some(&folder), &config.defaults);
        flags.and_simd(&self.args.simd).arguments()
    }

    /// Shows the background sweep that writes the table instead, if there is one and the user agrees.
    fn attach_instead(&self, config: Config, error: anyhow::Error) -> anyhow::Result<Status> {
        let Some(TableError::Busy { path }) = error.downcast_ref() else { return Err(error) };
        let args = || {
            let engine = EngineArgs::with_simd(self.args.simd.clone());
            (AttachArgs::of(self.dataset_args.clone(), engine, self.args.screen.clone()), config)
        };
        attach_to_sweep_into(path, self.has_screen().then(args))?.ok_or(error)
    }

    fn report(&self, dataset: &Dataset, sweep: &Sweep, signals: &Signals, observe: Observe) -> anyhow::Result<Status> {
        let (dataset, args) = (dataset.id.name.as_str(), self.args);
        let json = args.json && !args.background;
        let reporting = progress::Reporting { dataset, json, stops_unread: !args.background };
        progress::watch(sweep, &reporting, signals, observe)
    }

    fn serve(
        &self,
        prepared: Prepared,
        dataset: &Arc<Dataset>,
        sweep: &Sweep,
        sweeping: Sweeping,
        signals: &Signals,
    ) -> anyhow::Result<Status> {
        let loaded_from = self.dataset_args.folder_of(dataset)?;
        let watch = |observe: Observe| self.report(dataset, sweep, signals, observe);
        serve_sweep(prepared, sweep, sweeping, Arc::clone(dataset), loaded_from, watch)
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
        sweeping: Sweeping,
        signals: &Signals,
        on_end: &OnEnd,
    ) -> anyhow::Result<Status> {
        let (args, simd) = (self.args, self.simd);
        let name = dataset.id.name.clone();
        let folder = args.checkpoint_dir.clone().unwrap_or_else(|| config.defaults.checkpoint_dir());
        // Runs trained in full use all cores.
        let engine = move || Engine::with_simd(cores(), simd);
        let start = screen::starter(Arc::clone(&dataset), folder.clone(), engine, signals.clone(), || None);
        let flags = |folder| Flags::of(self.dataset_args, dataset.id.kind, folder, &config.defaults);
        let (resume, again) = (flags(args.checkpoint_dir.as_deref()), flags(None).and_simd(&args.simd));
        let flags_in_background = self.flags_in_background(&dataset, &config);
        let start_sweep = Some(start::starter(&dataset, simd, signals, again.clone()));
        let mut options = args.screen.options(config, folder, screen::read_table(None), resume, again);
        options.sweep_file = (self.format == Format::Sweep).then(|| self.out.clone());
        (options.sweeping, options.notes) = (Some(sweeping), notes);
        let write = Some(writer(Some(&dataset), simd));
        let link = tui::Link {
            worker: None,
            is_attached: false,
            start: Some(start),
            sweep: Some(sweep),
            is_sweep_attached: false,
            start_sweep,
            write,
            background: Some(background_runs(&dataset.id, signals)),
        };
        let exit = tui::run(dataset, link, options)?;
        let continues = continue_after(&exit, &flags_in_background, signals, on_end)?;
        let is_unsaved = exit.is_unsaved();
        let sweep = conclude(exit.sweep, &name);
        if continues {
            return Ok(if sweep.has_failed { Status::Failed } else { Status::Done });
        }
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
