//! Ranges of the numbers in a message. What the types alone admit, such as a class of 255 or a step beyond the epoch, must
//! not reach a screen. Losses and probabilities may be no numbers: those of a run that diverges are not.

use std::fmt::Display;

use super::{Request, TestImage, ToTrainer, ToViewer};
use crate::{
    data::CLASSES,
    sweep::{RunStatus, SweepEvent},
    train::{
        Activations, Batches, EpochRecord, Evaluation, Event, Health, Hyperparameters, Progress, Started, Symptom,
    },
};

/// Longest duration of a run in seconds.
const MAX_TIME: f64 = 1e12;

type Check = Result<(), String>;

/// Message whose numbers have ranges.
pub trait Ranged {
    /// Checks the ranges that the types do not have.
    ///
    /// # Errors
    /// If a number is out of range, with what was expected and found.
    fn check(&self) -> Check {
        Ok(())
    }
}

impl Ranged for Request {}

/// The trainer itself refuses what is out of range, and says why.
impl Ranged for ToTrainer {}

impl Ranged for ToViewer {
    fn check(&self) -> Check {
        match self {
            Self::Event(event) => check_event(event),
            Self::Sweep(event) => check_sweep(event),
            Self::Images(images) => images.iter().try_for_each(|TestImage { label, .. }| class("label", *label)),
            _ => Ok(()),
        }
    }
}

fn check_event(event: &Event) -> Check {
    match event {
        Event::Started(started) => check_started(started),
        Event::Progress(progress) => check_progress(progress),
        Event::EpochEnded(record) => check_record(record),
        Event::Evaluated { epoch, evaluation } => {
            within("epoch", *epoch, 0, Hyperparameters::MAX_EPOCHS).and_then(|()| check_evaluation(evaluation))
        }
        Event::Health(health) => check_health(health),
        Event::LearningRateChanged(rate) => amount("learning rate", f64::from(*rate)),
        Event::EpochsChanged(epochs) => within("epochs", *epochs, 1, Hyperparameters::MAX_EPOCHS),
        Event::Predicted { probabilities, .. } => fractions("probability", probabilities),
        Event::Inspected { activations, .. } => check_activations(activations),
        Event::Recalled(batches) => check_batches(batches),
        Event::Ended(outcome) => within("epochs", outcome.epochs, 0, Hyperparameters::MAX_EPOCHS),
        Event::State(_)
        | Event::Saved { .. }
        | Event::SaveFailed { .. }
        | Event::FolderChanged(_)
        | Event::Refused { .. }
        | Event::Note(_) => Ok(()),
    }
}

fn check_sweep(event: &SweepEvent) -> Check {
    match event {
        SweepEvent::Begun { jobs, .. } => within("runs at a time", *jobs, 1, usize::MAX),
        SweepEvent::Runs(runs) => runs.iter().try_for_each(|run| {
            run.hyper.validate().map_err(|error| error.to_string())?;
            check_run(&run.status)
        }),
        SweepEvent::Run(_, status) => check_run(status),
        SweepEvent::Curves(..) | SweepEvent::State { .. } | SweepEvent::Table(_) | SweepEvent::Refused(_) => Ok(()),
    }
}

fn check_run(status: &RunStatus) -> Check {
    match status {
        RunStatus::Running(progress) => {
            within("epoch", progress.epoch, 1, Hyperparameters::MAX_EPOCHS)?;
            within("part of a run", progress.share, 0.0, 1.0)?;
            time("time", progress.seconds)?;
            progress.history.iter().try_for_each(check_record)
        }
        RunStatus::Ended(row) => {
            row.hyper.validate().map_err(|error| error.to_string())?;
            row.accuracy.map_or(Ok(()), |accuracy| within("accuracy", accuracy, 0.0, 1.0))?;
            time("time", row.seconds)
        }
        RunStatus::Waiting | RunStatus::Dropped => Ok(()),
    }
}

fn check_started(started: &Started) -> Check {
    started.spec.hyper.validate().map_err(|error| error.to_string())?;
    started.spec.limits.validate().map_err(|error| error.to_string())?;
    within("batches in an epoch", started.steps_per_epoch, 1, u32::MAX)?;
    within("step", started.step, 0, started.steps_per_epoch)?;
    amount("learning rate", f64::from(started.learning_rate))?;
    let images = [started.train_images, started.validation_images, started.test_images];
    let images: u64 = images.into_iter().map(u64::from).sum();
    within("images", images, 1, u64::from(u32::MAX))?;
    within("threads", started.threads, 1, u32::MAX)?;
    within("epochs recorded", started.history.len(), 0, Hyperparameters::MAX_EPOCHS as usize)?;
    started.history.iter().try_for_each(check_record)
}

fn check_progress(progress: &Progress) -> Check {
    within("epoch", progress.epoch, 1, Hyperparameters::MAX_EPOCHS)?;
    within("batches in an epoch", progress.steps_per_epoch, 1, u32::MAX)?;
    within("step", progress.step, 0, progress.steps_per_epoch)?;
    amount("learning rate", f64::from(progress.learning_rate))?;
    time("time", progress.elapsed)
}

fn check_record(record: &EpochRecord) -> Check {
    within("epoch", record.epoch, 1, Hyperparameters::MAX_EPOCHS)?;
    amount("learning rate", f64::from(record.learning_rate))?;
    time("time of an epoch", record.seconds)?;
    time("time of training", record.train_seconds)
}

fn check_evaluation(evaluation: &Evaluation) -> Check {
    let images: u64 = evaluation.confusion.0.iter().flatten().map(|&count| u64::from(count)).sum();
    within("images in the confusion matrix", images, 0, u64::from(u32::MAX))?;
    evaluation.predictions.iter().try_for_each(|prediction| {
        class("label", prediction.label)?;
        class("digit", prediction.digit)?;
        fractions("probability", &prediction.probabilities)
    })
}

fn check_health(health: &Health) -> Check {
    within("epoch", health.epoch, 1, Hyperparameters::MAX_EPOCHS)?;
    for layer in &health.layers {
        within("inactive units of a layer", layer.dead, 0, layer.units())?;
        within("saturated units of a layer", layer.saturated, 0, layer.units())?;
    }
    match health.stall.as_ref().map(|stall| &stall.symptom) {
        Some(Symptom::Constant { digit }) => within("digit", *digit, 0, CLASSES - 1),
        _ => Ok(()),
    }
}

fn check_activations(activations: &Activations) -> Check {
    fractions("probability", &activations.probabilities)?;
    within("layers", activations.layers.len(), 1, usize::MAX)
}

fn check_batches(batches: &Batches) -> Check {
    let places = batches.history.means().iter().map(|mean| mean.place);
    for place in places {
        time("time of a batch", place.seconds)?;
        within("epoch of a batch", place.epochs, 0.0, f64::from(Hyperparameters::MAX_EPOCHS))?;
        amount("steps before a batch", place.steps)?;
    }
    batches.rate_changes.iter().try_for_each(|(_, rate)| amount("learning rate", f64::from(*rate)))
}

fn class(what: &str, found: u8) -> Check {
    within(what, usize::from(found), 0, CLASSES - 1)
}

fn fractions(what: &str, found: &[f32]) -> Check {
    // Rounding may make a sum slightly larger than 1.
    let known = found.iter().filter(|found| !found.is_nan());
    known.copied().try_for_each(|found| within(what, found, 0.0, 1.000_01))
}

fn amount(what: &str, found: f64) -> Check {
    match found.is_finite() && found >= 0.0 {
        true => Ok(()),
        false => Err(format!("{what}: expected a finite number, 0 or more, found {found}")),
    }
}

fn time(what: &str, found: f64) -> Check {
    within(what, found, 0.0, MAX_TIME)
}

fn within<T: PartialOrd + Display>(what: &str, found: T, least: T, most: T) -> Check {
    // Without a text for each of the 100,000 numbers in an evaluation.
    match least <= found && found <= most {
        true => Ok(()),
        false => Err(format!("{what}: expected {least} to {most}, found {found}")),
    }
}
