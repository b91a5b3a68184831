//! What an observer in another process learns of a sweep: all of it at first, then what changes.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{
    MethodRun,
    curves::{RunCurves, SweepCurves},
    snapshot::{RunStatus, Snapshot},
    table_status::TableStatus,
};
use crate::train::{Hyperparameters, Images, Limits};

/// Number of runs in an event.
const MAX_RUNS: usize = 1_000;
/// Number of runs whose curves an observer gets: those in training, and those that ended last.
const MAX_CURVES: usize = 300;

/// Settings of a sweep that is being trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sweeping {
    pub limits: Limits,
    pub images: Images,
    /// File of the table.
    #[serde(with = "crate::train::path_bytes")]
    pub out: PathBuf,
    /// Command that starts the same sweep from a shell.
    pub command: String,
}

/// News of a sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SweepEvent {
    /// Settings, number of runs trained at the same time, and the runs that have ended. First.
    Begun { sweeping: Box<Sweeping>, jobs: usize, ended: Vec<usize> },
    /// The next runs in the order of the grid.
    Runs(Vec<ListedRun>),
    /// Curves of the run of this number so far.
    Curves(usize, Box<RunCurves>),
    /// Status of the run of this number.
    Run(usize, Box<RunStatus>),
    /// State of the sweep.
    State { is_paused: bool, is_over: bool, fault: Option<String> },
    /// Rows in the table on disk, once the sweep is over.
    Table(Box<TableStatus>),
    /// A command is refused for this reason.
    Refused(String),
}

/// A run with its status.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListedRun {
    #[serde(with = "crate::train::hyper_by_name")]
    pub hyper: Hyperparameters,
    pub status: RunStatus,
    /// The same run, if methods are compared.
    pub method: Option<MethodRun>,
}

impl Snapshot {
    /// Returns the events that tell an observer everything.
    pub fn events(&self, sweeping: Sweeping, curves: &SweepCurves) -> Vec<SweepEvent> {
        let begun = SweepEvent::Begun { sweeping: Box::new(sweeping), jobs: self.jobs, ended: self.ended.clone() };
        let listed = self.runs.iter().enumerate().map(|(number, (hyper, status))| ListedRun {
            hyper: hyper.clone(),
            status: status.clone(),
            method: self.methods.as_ref().and_then(|methods| methods.get(number).cloned()),
        });
        let listed: Vec<ListedRun> = listed.collect();
        let runs = listed.chunks(MAX_RUNS).map(|runs| SweepEvent::Runs(runs.to_vec()));
        let running = self.runs.iter().enumerate().filter(|(_, (_, run))| matches!(run, RunStatus::Running(_)));
        let newest = running.map(|(number, _)| number).chain(self.ended.iter().rev().copied()).take(MAX_CURVES);
        let curves = newest.filter_map(|number| Some(SweepEvent::Curves(number, Box::new(curves.of(number)?.clone()))));
        std::iter::once(begun).chain(runs).chain(curves).chain([self.state()]).collect()
    }

    /// Returns the events by which an observer who has the state `before` gets to this one.
    pub fn events_since(&self, before: &Self) -> Vec<SweepEvent> {
        let runs = self.runs.iter().zip(&before.runs).enumerate();
        let changed = runs.filter(|(_, ((_, run), (_, before)))| run != before);
        // An observer learns in which order runs have ended.
        let ended = self.ended.get(before.ended.len()..).unwrap_or_default();
        let others = changed.map(|(number, _)| number).filter(|number| !ended.contains(number));
        let numbers = ended.iter().copied().chain(others);
        let runs = numbers.map(|number| SweepEvent::Run(number, Box::new(self.runs[number].1.clone())));
        let state = (self.state() != before.state()).then(|| self.state());
        runs.chain(state).collect()
    }

    fn state(&self) -> SweepEvent {
        SweepEvent::State { is_paused: self.is_paused, is_over: self.is_over, fault: self.fault.clone() }
    }

    /// Takes in an event that another process has sent. Numbers of runs that do not exist are ignored.
    pub fn take(&mut self, event: &SweepEvent) {
        match event {
            SweepEvent::Begun { jobs, ended, .. } => {
                *self = Self { jobs: *jobs, ended: ended.clone(), ..Self::default() };
            }
            SweepEvent::Runs(runs) => {
                let known = self.methods.iter().flat_map(|methods| methods.iter());
                let methods: Vec<_> = known.chain(runs.iter().flat_map(|run| &run.method)).cloned().collect();
                self.runs.extend(runs.iter().map(|run| (run.hyper.clone(), run.status.clone())));
                self.methods = (methods.len() == self.runs.len()).then(|| methods.into());
            }
            SweepEvent::Run(number, status) => {
                let Some((_, run)) = self.runs.get_mut(*number) else { return };
                let has_ended = |run: &RunStatus| matches!(run, RunStatus::Ended(_));
                if has_ended(status) && !has_ended(run) {
                    self.ended.push(*number);
                }
                run.clone_from(status);
            }
            SweepEvent::State { is_paused, is_over, fault } => {
                (self.is_paused, self.is_over) = (*is_paused, *is_over);
                self.fault.clone_from(fault);
            }
            SweepEvent::Curves(..) | SweepEvent::Table(_) | SweepEvent::Refused(_) => {}
        }
    }
}
