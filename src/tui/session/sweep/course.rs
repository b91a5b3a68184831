//! How the runs went that were trained while the screen watched: their curves.

use std::collections::HashMap;

use crate::{
    sweep::{Progress, RunStatus, Snapshot},
    tui::session::place::thin_out,
};

/// Points kept of a run's running means.
const MAX_POINTS: usize = 256;
/// An epoch's running mean counts its clumsy beginning: it is left out.
const CLUMSY: f64 = 0.04;

/// A moment of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Epochs done, with the part of the one under way.
    pub epoch: f64,
    pub loss: f64,
    pub accuracy: f64,
}

/// A run's curves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// Running means over the epoch's images.
    pub train: Vec<Point>,
    /// At the epochs' ends, on what the sweep measures with.
    pub test: Vec<Point>,
    /// As far as it was seen.
    reached: f64,
}

impl Course {
    fn take(&mut self, progress: &Progress) {
        let part = f64::from(progress.step) / f64::from(progress.steps_per_epoch.max(1));
        let epoch = f64::from(progress.epoch.saturating_sub(1)) + part;
        if epoch < self.reached {
            // The run was dropped and begun anew.
            *self = Self::default();
        }
        self.reached = epoch;
        let is_new = self.train.last().is_none_or(|last| last.epoch < epoch);
        if part >= CLUMSY && is_new {
            self.train.push(Point { epoch, loss: progress.train_loss, accuracy: progress.train_accuracy });
        }
        if self.train.len() > MAX_POINTS {
            thin_out(&mut self.train);
        }
        let tested = progress.history.iter().map(|record| {
            let (loss, accuracy) = record.judged();
            Point { epoch: f64::from(record.epoch), loss, accuracy }
        });
        self.test = tested.collect();
    }
}

/// The curves by the run's number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Courses(HashMap<usize, Course>);

impl Courses {
    pub(crate) fn take(&mut self, snapshot: &Snapshot) {
        for (number, (hyper, run)) in snapshot.runs.iter().enumerate() {
            match run {
                RunStatus::Running(progress) => self.0.entry(number).or_default().take(progress),
                RunStatus::Ended(row) => {
                    let Some(course) = self.0.get_mut(&number) else { continue };
                    let end = f64::from(hyper.epochs);
                    let is_new = course.test.last().is_none_or(|last| last.epoch < end);
                    if let (true, Some(loss), Some(accuracy)) = (is_new, row.loss, row.accuracy) {
                        course.test.push(Point { epoch: end, loss, accuracy });
                    }
                }
                // Given up with the sweep, or dropped.
                RunStatus::Waiting | RunStatus::Dropped => drop(self.0.remove(&number)),
            }
        }
    }

    pub(crate) fn of(&self, number: usize) -> Option<&Course> {
        self.0.get(&number)
    }
}
