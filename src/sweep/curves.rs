//! Curves of the runs of a sweep, as an observer sees them.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::snapshot::{Progress, RunStatus, Snapshot};

/// Number of points kept for a run's running means.
const MAX_POINTS: usize = 256;
/// Fraction of an epoch whose running mean is left out, since it is dominated by the poor first batches.
const WARM_UP: f64 = 0.04;

/// A point of a curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Number of epochs done, including the fraction of the current one.
    pub epoch: f64,
    pub loss: f64,
    pub accuracy: f64,
}

/// A run's curves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunCurves {
    /// Running means over the epoch's images.
    pub train: Vec<Point>,
    /// Means at the end of each epoch, on the set that the sweep measures with.
    pub test: Vec<Point>,
    /// Number of epochs reached so far.
    reached: f64,
}

impl RunCurves {
    fn take(&mut self, progress: &Progress) {
        let part = f64::from(progress.step) / f64::from(progress.steps_per_epoch.max(1));
        let epoch = f64::from(progress.epoch.saturating_sub(1)) + part;
        if epoch < self.reached {
            // The run was dropped and started again.
            *self = Self::default();
        }
        self.reached = epoch;
        let is_new = self.train.last().is_none_or(|last| last.epoch < epoch);
        if part >= WARM_UP && is_new {
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

/// Curves by the run's number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SweepCurves(HashMap<usize, RunCurves>);

impl SweepCurves {
    /// Adds what a snapshot says.
    pub fn take(&mut self, snapshot: &Snapshot) {
        for (number, (hyper, run)) in snapshot.runs.iter().enumerate() {
            match run {
                RunStatus::Running(progress) => self.0.entry(number).or_default().take(progress),
                RunStatus::Ended(row) => {
                    let Some(curves) = self.0.get_mut(&number) else { continue };
                    let end = f64::from(hyper.epochs);
                    let is_new = curves.test.last().is_none_or(|last| last.epoch < end);
                    if let (true, Some(loss), Some(accuracy)) = (is_new, row.loss, row.accuracy) {
                        curves.test.push(Point { epoch: end, loss, accuracy });
                    }
                }
                // Discarded when the sweep stopped, or dropped.
                RunStatus::Waiting | RunStatus::Dropped => drop(self.0.remove(&number)),
            }
        }
    }

    /// Replaces the curves of a run.
    pub fn set(&mut self, number: usize, curves: RunCurves) {
        self.0.insert(number, curves);
    }

    pub fn of(&self, number: usize) -> Option<&RunCurves> {
        self.0.get(&number)
    }
}

/// Keeps every second point; the last one too if their number is even.
fn thin_out<T>(points: &mut Vec<T>) {
    let mut place = 0;
    points.retain(|_| {
        place += 1;
        place % 2 == 0
    });
}
