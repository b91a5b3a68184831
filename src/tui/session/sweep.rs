//! State of a sweep: one that this program or a background process trains, or the table of another.

use std::{collections::HashSet, path::PathBuf};

pub use crate::sweep::Sweeping;
use crate::{
    format::{file_name, sanitized},
    sweep::{
        Measurements, MethodRun, Row, RunCurves, RunState, RunStatus, Snapshot, SweepCurves, SweepPlan,
        survey::{Factor, Observation, Reading, Survey},
    },
    train::{Hyperparameter, Hyperparameters},
    tui::{format, session::attachment::Attachment},
};

/// Result of looking for a table; `Ok(None)` if there is none.
pub type TableRead = Result<Option<Table>, String>;

/// A sweep's table, read from a CSV file.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub path: PathBuf,
    pub reading: Reading,
    /// Rows of a comparison of methods; empty for a sweep.
    pub methods: Vec<Row>,
}

/// State of a sweep.
#[derive(Debug, Default)]
pub struct SweepStatus {
    /// Sweep that is trained here or in the background; `None` if a table is shown.
    pub sweeping: Option<Sweeping>,
    /// Background process that trains the sweep, if this one does not.
    pub attachment: Option<Attachment>,
    /// Last state of the sweep.
    pub snapshot: Option<Snapshot>,
    /// Sweep that was requested and has not started yet.
    pub starting: Option<SweepPlan>,
    /// Whether all of the sweep's threads have ended.
    pub gone: bool,
    /// Request that has not taken effect yet: `true` is pause.
    pub pausing: Option<bool>,
    /// Last table read; `None` until one was looked for.
    pub table: Option<TableRead>,
    pub survey: Option<Survey>,
    /// Number of plans seen: it rises whenever the sweep has other runs than before.
    pub(crate) plans: usize,
    /// Number of surveys made.
    pub(crate) surveys: usize,
    curves: SweepCurves,
    /// Number of rows in the survey.
    surveyed: usize,
}

impl SweepStatus {
    /// Returns the status of a sweep that begins.
    pub fn of(sweeping: Sweeping) -> Self {
        Self { sweeping: Some(sweeping), ..Self::default() }
    }

    /// Returns the status of a sweep that begins after the current one.
    pub(crate) fn followed_by(&self, sweeping: Sweeping) -> Self {
        Self { plans: self.plans, surveys: self.surveys, ..Self::of(sweeping) }
    }

    /// Returns whether runs are being trained, or will be.
    pub fn is_under_way(&self) -> bool {
        self.sweeping.is_some() && !self.gone && self.snapshot.as_ref().is_none_or(|snapshot| !snapshot.is_over)
    }

    /// Returns the name of the file of the table.
    pub(crate) fn name(&self) -> Option<String> {
        self.sweeping.as_ref().map(|sweeping| file_name(&sweeping.out))
    }

    /// Returns whether another process trains the sweep, which continues when the screen closes.
    pub(crate) fn is_attached(&self) -> bool {
        self.attachment.is_some() && self.is_under_way()
    }

    /// Returns whether this process trains the sweep.
    pub(crate) fn is_trained_here(&self) -> bool {
        self.attachment.is_none() && self.is_under_way()
    }

    pub fn is_paused(&self) -> bool {
        let paused = self.snapshot.as_ref().is_some_and(|snapshot| snapshot.is_paused);
        self.is_under_way() && self.pausing.unwrap_or(paused)
    }

    /// Returns the table to show, including its faults.
    pub fn reading(&self) -> Option<&Table> {
        self.table.as_ref()?.as_ref().ok()?.as_ref()
    }

    /// Returns the row of a run, given by its number in the sweep of this program or in the table of a comparison.
    pub(crate) fn row(&self, number: usize) -> Option<&Row> {
        if self.sweeping.is_none() {
            return self.reading()?.methods.get(number);
        }
        match &self.snapshot.as_ref()?.runs.get(number)?.1 {
            RunStatus::Ended(row) => Some(row),
            _ => None,
        }
    }

    /// Returns the measurements of those of these runs that are done, in a comparison of methods.
    pub(crate) fn measurements(&self, numbers: &[usize]) -> Vec<&Measurements> {
        let rows = numbers.iter().filter_map(|&number| self.row(number));
        rows.filter(|row| row.state == RunState::Done).filter_map(|row| row.measurements.as_deref()).collect()
    }

    /// Returns a run of a comparison of methods that this program trains.
    pub(crate) fn method(&self, number: usize) -> Option<&MethodRun> {
        self.snapshot.as_ref()?.methods.as_ref()?.get(number)
    }

    /// Returns the one of these runs, given by number, that is being trained, else the first.
    pub fn run_of(&self, numbers: &[usize]) -> Option<(usize, &Hyperparameters, &RunStatus)> {
        let runs = &self.snapshot.as_ref()?.runs;
        let all = || numbers.iter().filter_map(|&number| runs.get(number).map(|(hyper, run)| (number, hyper, run)));
        all().find(|(_, _, run)| matches!(run, RunStatus::Running(_))).or_else(|| all().next())
    }

    /// Returns the curves of [`Self::run_of`], else of any of the runs that has curves.
    pub fn curves_of(&self, numbers: &[usize]) -> Option<&RunCurves> {
        let (number, ..) = self.run_of(numbers)?;
        let curves = self.curves.of(number).or_else(|| numbers.iter().find_map(|&number| self.curves.of(number)));
        curves.filter(|curves| !curves.train.is_empty() || !curves.test.is_empty())
    }

    /// Returns the curves of a run.
    pub fn curves(&self, number: usize) -> Option<&RunCurves> {
        self.curves.of(number)
    }

    /// Returns the numbers of the runs that are being trained.
    pub fn running(&self) -> impl Iterator<Item = usize> {
        let runs = self.snapshot.iter().flat_map(|snapshot| snapshot.runs.iter().enumerate());
        runs.filter(|(_, (_, run))| matches!(run, RunStatus::Running(_))).map(|(number, _)| number)
    }

    pub(crate) fn take_snapshot(&mut self, snapshot: Snapshot) {
        let has_same_runs = self.snapshot.as_ref().is_some_and(|before| {
            before.runs.len() == snapshot.runs.len() && before.runs.iter().zip(&snapshot.runs).all(|(a, b)| a.0 == b.0)
        });
        if !has_same_runs {
            self.plans += 1;
            (self.curves, self.survey) = (SweepCurves::default(), None);
        }
        self.curves.take(&snapshot);
        let rows = snapshot.rows().count();
        if self.survey.is_none() || rows != self.surveyed {
            self.surveyed = rows;
            self.set_survey(Survey::of(snapshot.rows().map(Observation::from)));
        }
        self.pausing = None;
        self.snapshot = Some(snapshot);
    }

    /// Adds curves from before the screen opened.
    pub(crate) fn recall(&mut self, curves: SweepCurves) {
        self.curves = curves;
    }

    /// Stores a table that was read, unless a sweep of this program is shown.
    pub(crate) fn take_table(&mut self, table: TableRead) {
        if self.sweeping.is_some() {
            return;
        }
        self.table = Some(table);
        match self.reading().map(|table| table.reading.survey.clone()) {
            Some(survey) => self.set_survey(survey),
            None => self.survey = None,
        }
    }

    fn set_survey(&mut self, survey: Survey) {
        self.surveys += 1;
        self.survey = Some(survey);
    }

    /// Returns a description of the sweep. `data` is the name of this session's data set.
    pub(crate) fn plan(&self, data: &str) -> Plan {
        if let (Some(_), Some(snapshot)) = (&self.sweeping, &self.snapshot) {
            if let Some(methods) = &snapshot.methods {
                let count = |of: fn(&MethodRun) -> u64| methods.iter().map(of).collect::<HashSet<_>>().len() as u64;
                let networks = format::counted(count(|run| run.hyper.network as u64), "network");
                let seeds = format::counted(count(|run| run.hyper.seed), "seed");
                return Plan { data: Some(sanitized(data)), shared: vec![networks, seeds] };
            }
            let first = snapshot.runs.first().map(|(hyper, _)| hyper);
            let shared = first.map(|hyper| {
                vec![
                    format::counted(u64::from(hyper.epochs), "epoch"),
                    Hyperparameter::Pooling.words(hyper.pooling.into()),
                ]
            });
            return Plan { data: Some(sanitized(data)), shared: shared.unwrap_or_default() };
        }
        let Some(survey) = &self.survey else { return Plan::default() };
        let fixed = survey.fixed();
        let label = |factor| fixed.iter().find(|(each, _)| *each == factor).map(|(_, label)| sanitized(label));
        let epochs =
            label(Factor::EPOCHS).map(|epochs| format!("{epochs} {}", if epochs == "1" { "epoch" } else { "epochs" }));
        let runs = format::counted(survey.runs() as u64, "run");
        Plan { data: label(Factor::DataSet), shared: epochs.into_iter().chain([runs]).collect() }
    }

    /// Returns the seconds per image and epoch of the runs that were trained in this session, on one thread each.
    pub(crate) fn thread_seconds_per_image(&self) -> Option<f64> {
        let snapshot = self.snapshot.as_ref()?;
        let rows = snapshot.ended.iter().filter_map(|&number| match &snapshot.runs.get(number)?.1 {
            RunStatus::Ended(row) if row.state == RunState::Done => Some(row),
            _ => None,
        });
        let (seconds, images) = rows.fold((0.0, 0.0), |(seconds, images), row| {
            (seconds + row.seconds, images + f64::from(row.hyper.epochs) * f64::from(row.training_images))
        });
        (images > 0.0).then(|| seconds / images)
    }

    /// Returns the best mean accuracy so far.
    pub(crate) fn best(&self) -> Option<f64> {
        Some(self.survey.as_ref()?.best()?.accuracy()?.mean)
    }
}

/// Properties that all runs of a sweep share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The data set's name.
    pub data: Option<String>,
    /// Epochs, pooling and number of runs in words, as far as known.
    pub shared: Vec<String>,
}
