//! The lines of a run without a screen. The JSON lines are forms of their own: other programs read them, and they change
//! only on purpose.

use serde::Serialize;

use crate::{
    data::{DatasetId, Kind},
    format::{counted, grouped, sanitized, shown},
    train::{EpochRecord, Hyperparameter, Hyperparameters, Outcome, Started},
};

/// What runs.
pub(super) fn header(started: &Started) -> String {
    let hyper = &started.spec.hyper;
    let synthetic = if started.spec.dataset.kind == Kind::Synthetic { " (digits drawn by this program)" } else { "" };
    let validation = match started.validation_images {
        0 => String::new(),
        images => format!(", {} for validation", grouped(images)),
    };
    let done = match (started.history.len(), started.step) {
        (0, 0) => String::new(),
        (epochs, 0) => format!("\ngoing on after epoch {epochs}"),
        (epochs, step) => format!("\ngoing on after step {} of epoch {}", grouped(step), epochs + 1),
    };
    format!(
        "{} on {}{synthetic}: {} to train, {} to test{validation}\n\
         {}, {}, {}\n\
         run {}{done}",
        started.network.title(),
        sanitized(&started.spec.dataset.name),
        counted(started.train_images, "image"),
        grouped(started.test_images),
        hyperparameters(hyper, started.learning_rate),
        counted(started.threads, "thread"),
        started.simd,
        shown(&started.run_dir),
    )
}

/// `relu, adam 0.001, batch 16, avg pooling, 10 epochs, seed 1`
fn hyperparameters(hyper: &Hyperparameters, learning_rate: f32) -> String {
    use Hyperparameter::{Activation, BatchSize, Epochs, LearningRate, Optimizer, Pooling};
    let all = Hyperparameter::starting_with(&[Activation, Optimizer, LearningRate, BatchSize, Pooling]);
    let words = all.filter(|&which| hyper.mentions(which)).map(|which| match which {
        Activation => hyper.activation.to_string(),
        LearningRate => format!(" {learning_rate}"),
        Pooling => format!(", {} pooling", hyper.pooling),
        Epochs => format!(", {}", counted(hyper.epochs, "epoch")),
        Optimizer => format!(", {}", hyper.optimizer),
        _ => format!(", {} {}", which.short_name(), hyper.get(which)),
    });
    words.collect()
}

/// What stands over the columns of [`epoch`].
pub(super) fn columns(started: &Started) -> String {
    let validation = if started.validation_images > 0 { "  valid loss  valid acc" } else { "" };
    format!("epoch  train loss  train acc  test loss  test acc{validation}  seconds  ms/step  images/s")
}

/// An epoch's numbers, in columns.
pub(super) fn epoch(record: &EpochRecord) -> String {
    let EpochRecord { epoch, train_accuracy, test_accuracy, seconds, .. } = record;
    let (train_loss, test_loss) = (loss(record.train_loss), loss(record.test_loss));
    let validation = match record.validation {
        Some((validation, accuracy)) => format!("  {:>10}  {accuracy:9.4}", loss(validation)),
        None => String::new(),
    };
    format!(
        "{epoch:5}  {train_loss:>10}  {train_accuracy:9.4}  {test_loss:>9}  {test_accuracy:8.4}{validation}  \
         {seconds:7.2}  {:7.3}  {:>8}",
        record.ms_per_step(),
        grouped(record.images_per_second().round() as u32),
    )
}

/// How the run ended.
pub(super) fn end(outcome: &Outcome, dataset: Option<&DatasetId>) -> String {
    let epochs = counted(outcome.epochs, "epoch");
    let result = match (outcome.test_loss, outcome.test_accuracy) {
        (Some(loss), Some(accuracy)) => format!(": test loss {}, test accuracy {accuracy:.4}", self::loss(loss)),
        _ => String::new(),
    };
    let dataset = dataset.map_or_else(String::new, |id| format!(" on {}", sanitized(&id.name)));
    let checkpoint = match (outcome.unsaved_warning(true), outcome.checkpoint()) {
        (Some(loss), _) => sanitized(&loss),
        (None, Some(path)) => format!("checkpoint {}", shown(path)),
        (None, None) => "no checkpoint was saved".to_owned(),
    };
    format!("{} after {epochs}{result}{dataset}; {checkpoint}", outcome.state.name())
}

#[derive(Serialize)]
struct EpochLine<'a> {
    event: &'static str,
    epoch: u32,
    train_loss: f64,
    train_accuracy: f64,
    test_loss: f64,
    test_accuracy: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    validation_loss: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    validation_accuracy: Option<f64>,
    learning_rate: f32,
    seconds: f64,
    ms_per_step: f64,
    images_per_second: f64,
    dataset: &'a str,
}

pub(super) fn json_epoch(record: &EpochRecord, dataset: &DatasetId) -> String {
    json(&EpochLine {
        event: "epoch",
        epoch: record.epoch,
        train_loss: record.train_loss,
        train_accuracy: record.train_accuracy,
        test_loss: record.test_loss,
        test_accuracy: record.test_accuracy,
        validation_loss: record.validation.map(|(loss, _)| loss),
        validation_accuracy: record.validation.map(|(_, accuracy)| accuracy),
        learning_rate: record.learning_rate,
        seconds: record.seconds,
        ms_per_step: record.ms_per_step(),
        images_per_second: record.images_per_second(),
        dataset: &dataset.name,
    })
}

#[derive(Serialize)]
struct EndLine<'a> {
    /// `finished`, `diverged`, `stopped`, or `failed` where the program itself is at fault.
    event: &'static str,
    epochs: u32,
    test_loss: Option<f64>,
    test_accuracy: Option<f64>,
    checkpoint: Option<String>,
    /// Epochs complete in that checkpoint.
    saved_epoch: Option<u32>,
    /// Why the newest state is not in it.
    save_error: Option<&'a str>,
    dataset: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

pub(super) fn json_end(outcome: &Outcome, dataset: Option<&DatasetId>) -> String {
    json(&EndLine {
        event: outcome.state.name(),
        epochs: outcome.epochs,
        test_loss: outcome.test_loss,
        test_accuracy: outcome.test_accuracy,
        checkpoint: outcome.checkpoint().map(|path| path.display().to_string()),
        saved_epoch: outcome.kept.as_ref().map(|kept| kept.epoch),
        save_error: outcome.save_error.as_deref(),
        dataset: dataset.map(|id| id.name.as_str()),
        reason: outcome.reason.as_deref(),
    })
}

/// One line. JSON has no NaN: serde_json writes `null` for it.
fn json(line: &impl Serialize) -> String {
    crate::format::json(line).expect("numbers, strings and nothing else")
}

/// In at most nine characters, also where a run goes wrong.
fn loss(value: f64) -> String {
    if value < 1000.0 { format!("{value:.4}") } else { format!("{value:.2e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_hold_also_where_a_run_goes_wrong() {
        let record = |train_loss, validation| EpochRecord {
            epoch: 7,
            learning_rate: 10.0,
            train_loss,
            train_accuracy: 0.1,
            test_loss: train_loss,
            test_accuracy: 1.0,
            validation,
            seconds: 1234.5,
            train_seconds: 1200.0,
            steps: 10,
            images: 160,
        };
        assert_eq!(
            epoch(&record(0.1737, None)),
            "    7      0.1737     0.1000     0.1737    1.0000  1234.50  120000.000         0"
        );
        assert_eq!(
            epoch(&record(43_328_913_941.977_1, Some((1e38, 0.0)))),
            "    7     4.33e10     0.1000    4.33e10    1.0000     1.00e38     0.0000  1234.50  120000.000         0"
        );
    }

    #[test]
    fn json_has_null_where_a_number_is_none() {
        let outcome = Outcome {
            state: crate::train::State::Stopped,
            reason: None,
            epochs: 0,
            test_loss: Some(f64::NAN),
            test_accuracy: None,
            kept: None,
            save_error: None,
        };
        assert_eq!(
            json_end(&outcome, None),
            r#"{"event":"stopped","epochs":0,"test_loss":null,"test_accuracy":null,"checkpoint":null,"saved_epoch":null,"save_error":null,"dataset":null}"#
        );
    }

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!([0_u32, 999, 1_000, 58_412, 1_234_567].map(grouped), ["0", "999", "1,000", "58,412", "1,234,567"]);
    }
}
