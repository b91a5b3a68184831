//! Speed and batch results of a run, for progress reports.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{
    Progress,
    trainer::{StepDone, Trainer},
};

/// Minimum time between reports.
const REPORT_INTERVAL: Duration = Duration::from_millis(33);
/// Seconds of training over which speeds are measured.
const WINDOW: f64 = 1.0;

/// Sums over the steps of this session.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    steps: u32,
    images: u64,
    correct: u64,
    loss: f64,
    seconds: f64,
}

pub(super) struct Meter {
    total: Sums,
    at_last_report: Sums,
    last_report: Option<Instant>,
    /// Sums at earlier reports, over about the last [`WINDOW`], oldest first.
    window: VecDeque<Sums>,
}

impl Meter {
    pub(super) fn new() -> Self {
        Self {
            total: Sums::default(),
            at_last_report: Sums::default(),
            last_report: None,
            window: VecDeque::from([Sums::default()]),
        }
    }

    pub(super) fn add(&mut self, step: &StepDone) {
        self.total.steps += 1;
        self.total.images += u64::from(step.images);
        self.total.correct += u64::from(step.correct);
        self.total.loss += step.loss * f64::from(step.images);
        self.total.seconds += step.seconds;
    }

    /// Returns whether enough time has passed since the last report.
    pub(super) fn is_due(&self) -> bool {
        self.last_report.is_none_or(|last| last.elapsed() >= REPORT_INTERVAL)
    }

    /// Reports what was trained since the last report; `None` if nothing was.
    pub(super) fn report(&mut self, trainer: &Trainer) -> Option<Progress> {
        let (before, now) = (self.at_last_report, self.total);
        if now.steps == before.steps {
            return None;
        }
        self.at_last_report = now;
        self.last_report = Some(Instant::now());
        self.window.push_back(now);
        while self.window.len() > 2 && now.seconds - self.window[1].seconds >= WINDOW {
            self.window.pop_front();
        }
        let start = self.window[0];
        let seconds = (now.seconds - start.seconds).max(1e-9);
        let images_per_second = (now.images - start.images) as f64 / seconds;
        let (images, position) = ((now.images - before.images) as f64, trainer.position());
        let trained = f64::from(position.images.max(1));
        Some(Progress {
            epoch: position.epoch + 1,
            step: position.step,
            steps_per_epoch: trainer.steps_per_epoch(),
            learning_rate: trainer.current_rate(),
            batch_loss: (now.loss - before.loss) / images,
            batch_accuracy: (now.correct - before.correct) as f64 / images,
            batches: now.steps - before.steps,
            train_loss: position.loss_sum / trained,
            train_accuracy: f64::from(position.correct) / trained,
            images_per_second,
            ms_per_step: seconds * 1e3 / f64::from(now.steps - start.steps),
            elapsed: position.elapsed,
            remaining: remaining(trainer, images_per_second),
        })
    }
}

/// Estimates the seconds to train the remaining images at this speed and to evaluate after each epoch.
fn remaining(trainer: &Trainer, images_per_second: f64) -> Option<f64> {
    let position = trainer.position();
    let epochs = trainer.spec().hyper.epochs.saturating_sub(position.epoch);
    let images = f64::from(epochs) * f64::from(trainer.images().train) - f64::from(position.images);
    let evaluation = trainer.history().last().map_or(0.0, |record| record.seconds - record.train_seconds);
    (images_per_second > 0.0).then(|| images.max(0.0) / images_per_second + f64::from(epochs) * evaluation)
}
