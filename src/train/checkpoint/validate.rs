//! Checks of a checkpoint's contents. A checksum shows that a file is unchanged, not that its contents are possible.

use std::fmt::Display;

use super::{Best, Checkpoint, Invalid, OptimizerState, Position, TestResult};
use crate::{
    data::CLASSES,
    nn::UpdateRule,
    train::{EpochRecord, Hyperparameter, Hyperparameters, LearningRateChange, Limits, Prediction},
};

type Check = Result<(), Invalid>;

/// Maximum characters of a data set's name: those of a folder's name, 255, and room for a suffix.
const MAX_NAME: usize = 300;
/// Maximum characters of a path.
const MAX_PATH: usize = 4_096;
/// Maximum characters of a version or an instruction set.
const MAX_WORD: usize = 100;
/// Maximum duration in seconds: 30 years.
const MAX_TIME: f64 = 1e9;

pub(super) fn validate(checkpoint: &Checkpoint) -> Check {
    settings(checkpoint)?;
    let expected = checkpoint.spec.hyper.network.parameters();
    numbers("parameters", &checkpoint.parameters, expected)?;
    optimizer(checkpoint.spec.hyper.update_rule(), &checkpoint.optimizer, expected)?;
    progress(checkpoint)
}

/// Validates everything but parameters and moments.
pub(super) fn validate_without_numbers(checkpoint: &Checkpoint) -> Check {
    settings(checkpoint)?;
    progress(checkpoint)
}

fn settings(checkpoint: &Checkpoint) -> Check {
    texts(checkpoint)?;
    range(checkpoint.spec.hyper.validate())?;
    let has_teacher = checkpoint.spec.teacher.is_some() || checkpoint.spec.hyper.teacher_weight == 0.0;
    require(has_teacher, "teacher", "one, since its weight is above 0", "none")?;
    limits(&checkpoint.spec.limits)?;
    range(Hyperparameter::LearningRate.check(checkpoint.learning_rate))?;
    learning_rate_changes(checkpoint)?;
    require(checkpoint.computed_with.threads > 0, "threads", "1 or more", 0)
}

fn progress(checkpoint: &Checkpoint) -> Check {
    position(&checkpoint.position, checkpoint.spec.hyper.batch_size)?;
    history(&checkpoint.history, checkpoint.position.epoch)?;
    steps(checkpoint)?;
    checkpoint.evaluation.as_ref().map_or(Ok(()), |result| test_result(result, checkpoint.position.epoch))?;
    checkpoint.best.as_ref().map_or(Ok(()), |best| self::best(best, checkpoint.position.epoch))
}

/// Checks that texts are short enough to show.
fn texts(checkpoint: &Checkpoint) -> Check {
    let short = |what: &str, text: &str, most: usize| {
        let length = text.chars().count();
        require(length <= most, what, format!("at most {most} characters"), length)
    };
    short("name of the data set", &checkpoint.spec.dataset.name, MAX_NAME)?;
    if let Some(transfer) = &checkpoint.spec.transfer {
        short("name of the data set of the first weights", &transfer.dataset, MAX_NAME)?;
        short("path of the first weights", &transfer.path.to_string_lossy(), MAX_PATH)?;
    }
    if let Some(teacher) = &checkpoint.spec.teacher {
        for path in teacher.paths.iter().chain([&teacher.folder]) {
            short("path of a teacher", &path.to_string_lossy(), MAX_PATH)?;
        }
    }
    short("version that wrote it", &checkpoint.written_by, MAX_WORD)?;
    short("instruction set", &checkpoint.computed_with.simd, MAX_WORD)
}

/// Checks the optimizer's steps against those of the epochs.
fn steps(checkpoint: &Checkpoint) -> Check {
    let (least, steps) = (u64::from(checkpoint.position.step), checkpoint.optimizer.steps);
    let most = least + checkpoint.history.iter().map(|record| u64::from(record.steps)).sum::<u64>();
    require((least..=most).contains(&steps), "optimizer steps", format!("{least} to {most}"), steps)
}

fn require(holds: bool, what: &str, expected: impl Display, found: impl Display) -> Check {
    if holds {
        return Ok(());
    }
    Err(Invalid { what: what.to_owned(), expected: expected.to_string(), found: found.to_string() })
}

fn range(result: Result<(), crate::train::InvalidHyperparameter>) -> Check {
    result.map_err(|error| Invalid { what: error.name.to_owned(), expected: error.expected, found: error.found })
}

fn limits(limits: &Limits) -> Check {
    require(limits.train != Some(0), "limit of training images", "1 or more", 0)?;
    require(limits.test != Some(0), "limit of test images", "1 or more", 0)?;
    let most = limits.train.unwrap_or(u32::MAX);
    require(limits.holdout < most, "holdout", format!("fewer than the {most} training images"), limits.holdout)
}

fn learning_rate_changes(checkpoint: &Checkpoint) -> Check {
    let changes = &checkpoint.learning_rate_changes;
    for change in changes {
        range(Hyperparameter::LearningRate.check(change.learning_rate))?;
    }
    let place = |change: &LearningRateChange| (change.epoch, change.step);
    require(changes.is_sorted_by_key(place), "learning rate changes", "in the order of steps", "another order")?;
    let now = (checkpoint.position.epoch, checkpoint.position.step);
    let newest = changes.last();
    let ahead = newest.is_some_and(|change| place(change) > now);
    require(!ahead, "learning rate changes", "none after the current step", "one")?;
    let in_force = newest.map_or(checkpoint.spec.hyper.learning_rate, |change| change.learning_rate);
    require(in_force == checkpoint.learning_rate, "learning rate in force", in_force, checkpoint.learning_rate)
}

/// Checks that there are `expected` numbers, all of them finite.
fn numbers(what: &str, values: &[f32], expected: usize) -> Check {
    require(values.len() == expected, what, format!("{expected} numbers"), values.len())?;
    require(values.iter().all(|value| value.is_finite()), what, "finite numbers", "a NaN or an infinity")
}

fn optimizer(rule: UpdateRule, state: &OptimizerState, parameters: usize) -> Check {
    let (kind, expected) = (rule.kind, rule.moments());
    require(state.moments.len() == expected, &format!("{kind}'s moments"), expected, state.moments.len())?;
    state.moments.iter().try_for_each(|moment| numbers(&format!("{kind}'s moments"), moment, parameters))?;
    match &state.average {
        Some(average) if rule.ema > 0.0 => numbers("mean of the parameters", average, parameters),
        None if rule.ema == 0.0 => Ok(()),
        found => require(false, "mean of the parameters", u8::from(rule.ema > 0.0), usize::from(found.is_some())),
    }
}

fn position(position: &Position, batch_size: u32) -> Check {
    require(position.epoch <= Hyperparameters::MAX_EPOCHS, "epochs done", Hyperparameters::MAX_EPOCHS, position.epoch)?;
    let (images, most) = (u64::from(position.images), u64::from(position.step) * u64::from(batch_size));
    // All batches are full except the last of an epoch, which has at least one image.
    let least = most.saturating_sub(u64::from(batch_size) - 1);
    require((least..=most).contains(&images), "images of the epoch", format!("{least} to {most}"), images)?;
    require(position.correct <= position.images, "correct images", format!("at most {images}"), position.correct)?;
    amount("loss of the epoch", position.loss_sum)?;
    time("training time", position.train_seconds)?;
    time("elapsed time", position.elapsed)
}

fn history(history: &[EpochRecord], epochs: u32) -> Check {
    require(history.len() as u64 == u64::from(epochs), "epochs recorded", epochs, history.len())?;
    for (record, epoch) in history.iter().zip(1_u32..) {
        require(record.epoch == epoch, "recorded epoch", epoch, record.epoch)?;
        range(Hyperparameter::LearningRate.check(record.learning_rate))?;
        let validation = record.validation.unwrap_or_default();
        for loss in [record.train_loss, record.test_loss, validation.0] {
            amount("recorded loss", loss)?;
        }
        for seconds in [record.seconds, record.train_seconds] {
            time("recorded time", seconds)?;
        }
        for accuracy in [record.train_accuracy, record.test_accuracy, validation.1] {
            fraction("recorded accuracy", accuracy)?;
        }
    }
    Ok(())
}

fn test_result(result: &TestResult, epochs: u32) -> Check {
    require((1..=epochs).contains(&result.epoch), "evaluated epoch", format!("1 to {epochs}"), result.epoch)?;
    amount("test loss", result.loss)?;
    let total: u64 = result.confusion.0.iter().flatten().map(|&count| u64::from(count)).sum();
    let most = u64::from(u32::MAX);
    require((1..=most).contains(&total), "images in the confusion matrix", format!("1 to {most}"), total)?;
    let wrong = total - u64::from(result.confusion.correct());
    require(result.mistakes.len() as u64 == wrong, "mistakes", wrong, result.mistakes.len())?;
    let in_order = result.mistakes.windows(2).all(|pair| pair[0].index < pair[1].index);
    require(in_order, "mistakes", "in the set's order", "another order")?;
    result.mistakes.iter().try_for_each(|mistake| prediction(mistake, total))
}

fn prediction(prediction: &Prediction, images: u64) -> Check {
    require(u64::from(prediction.index) < images, "mistake's index", format!("under {images}"), prediction.index)?;
    for digit in [prediction.label, prediction.digit] {
        require(usize::from(digit) < CLASSES, "mistake's digit", "0 to 9", digit)?;
    }
    require(!prediction.is_correct(), "mistake", "two different digits", prediction.digit)?;
    prediction.probabilities.iter().try_for_each(|&p| fraction("mistake's probability", f64::from(p)))
}

fn best(best: &Best, epochs: u32) -> Check {
    require((1..=epochs).contains(&best.epoch), "best epoch", format!("1 to {epochs}"), best.epoch)?;
    amount("best epoch's loss", best.loss)?;
    fraction("best epoch's accuracy", best.accuracy)
}

fn amount(what: &str, value: f64) -> Check {
    require(value.is_finite() && value >= 0.0, what, "a finite number, 0 or more", value)
}

fn time(what: &str, seconds: f64) -> Check {
    require((0.0..=MAX_TIME).contains(&seconds), what, format!("0 to {MAX_TIME} seconds"), seconds)
}

fn fraction(what: &str, value: f64) -> Check {
    // Rounding may make a sum slightly larger than 1.
    require((0.0..=1.000_01).contains(&value), what, "0 to 1", value)
}
