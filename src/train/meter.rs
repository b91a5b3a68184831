//! How fast a run is, and what its batches bring, as progress reports tell it.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{
    Progress,
    trainer::{StepDone, Trainer},
};

/// Reports are at least so far apart.
const BETWEEN_REPORTS: Duration = Duration::from_millis(33);
/// Rates are taken over so many seconds of training.
const WINDOW: f64 = 1.0;

/// Sums of the steps of this session.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    steps: u32,
    images: u64,
    correct: u64,
    loss: f64,
    seconds: f64,
}

pub(super) struct Meter {
    now: Sums,
    at_last_report: Sums,
    last_report: Option<Instant>,
    /// The sums at earlier reports, over about the last [`WINDOW`], oldest first.
    window: VecDeque<Sums>,
}

impl Meter {
    pub(super) fn new() -> Self {
        Self {
            now: Sums::default(),
            at_last_report: Sums::default(),
            last_report: None,
            window: VecDeque::from([Sums::default()]),
        }
    }

    pub(super) fn add(&mut self, step: &StepDone) {
        self.now.steps += 1;
        self.now.images += u64::from(step.images);
        self.now.correct += u64::from(step.correct);
        self.now.loss += step.loss * f64::from(step.images);
        self.now.seconds += step.seconds;
    }

    /// Enough time has gone by since the last report.
    pub(super) fn is_due(&self) -> bool {
        self.last_report.is_none_or(|last| last.elapsed() >= BETWEEN_REPORTS)
    }

    /// What was trained since the last report; `None` where nothing was.
    pub(super) fn report(&mut self, trainer: &Trainer) -> Option<Progress> {
        let (before, now) = (self.at_last_report, self.now);
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

/// Seconds for the images that are left to train at this rate, and for an evaluation after each epoch.
fn remaining(trainer: &Trainer, images_per_second: f64) -> Option<f64> {
    let position = trainer.position();
    let epochs = trainer.spec().hyper.epochs.saturating_sub(position.epoch);
    let images = f64::from(epochs) * f64::from(trainer.images().train) - f64::from(position.images);
    let evaluation = trainer.history().last().map_or(0.0, |record| record.seconds - record.train_seconds);
    (images_per_second > 0.0).then(|| images.max(0.0) / images_per_second + f64::from(epochs) * evaluation)
}
