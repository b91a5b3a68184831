//! Output of `eval` for people.

use std::fmt::Write;

use super::{
    super::saved::{self, Saved},
    calibrated::Calibrated,
};
use crate::{
    data::CLASSES,
    format::{self, padded, shown, width},
    train::{Calibration, Confusion, Evaluation, JointEvaluation, bin_range},
};

const INFALLIBLE: &str = "writing to a string cannot fail";

/// Formats results, those of each digit, and the confusion matrix.
pub(super) fn report(evaluation: &Evaluation) -> String {
    let confusion = &evaluation.confusion;
    let mut text = format!(
        "test loss {}   test accuracy {}   {} of {} right\n\n",
        format::loss(evaluation.loss).trim_start(),
        format::share(evaluation.accuracy()).trim_start(),
        format::grouped(evaluation.correct()),
        format::grouped(evaluation.total())
    );
    text += "digit  images  precision  recall      F1\n";
    for class in 0..CLASSES {
        let images: u32 = confusion.0[class].iter().sum();
        let share = |value: Option<f64>| format::share(value.unwrap_or(f64::NAN));
        let (precision, recall, f1) = (confusion.precision(class), confusion.recall(class), confusion.f1(class));
        let (precision, recall, f1) = (share(precision), share(recall), share(f1));
        writeln!(text, "{class:>5}{:>8}{precision:>11}{recall:>8}{f1:>8}", format::grouped(images)).expect(INFALLIBLE);
    }
    text + "\nconfusion: one row per true digit, one column per predicted digit\n" + &matrix(confusion)
}

/// Formats the confusion matrix, with dots for zeros so that mistakes stand out.
fn matrix(confusion: &Confusion) -> String {
    let widest = confusion.0.iter().flatten().map(|count| count.to_string().len()).max().unwrap_or(1) + 2;
    let heads: String = (0..CLASSES).map(|class| format!("{class:>widest$}")).collect();
    let mut text = format!("     {heads}\n");
    for (class, row) in confusion.0.iter().enumerate() {
        let counts = row.iter().map(|&count| if count == 0 { ".".to_owned() } else { count.to_string() });
        let counts: String = counts.map(|count| format!("{count:>widest$}")).collect();
        writeln!(text, "{class:>5}{counts}").expect(INFALLIBLE);
    }
    text
}

/// Formats the reliability curve, without empty bins, and what a temperature changes.
pub(super) fn calibration(calibrated: &Calibrated) -> String {
    let Some(calibration) = &calibrated.calibration else { return String::new() };
    let mut text = "\ncalibration: how often answers of each confidence are right\n".to_owned();
    text += "confidence  images    mean  accuracy\n";
    for (place, bin) in calibration.bins.iter().enumerate().filter(|(_, bin)| bin.images > 0) {
        let (from, to) = bin_range(place);
        let share = |value: Option<f64>| format::share(value.unwrap_or(f64::NAN));
        let (images, confidence, accuracy) = (bin.images, share(bin.confidence()), share(bin.accuracy()));
        writeln!(text, "{from:>4.1} to {to:.1}{:>8}{confidence:>8}{accuracy:>10}", format::grouped(images))
            .expect(INFALLIBLE);
    }
    let error = format::share(calibration.expected_error());
    let confidence = format::share(calibration.confidence());
    writeln!(text, "\nexpected calibration error {}   mean confidence {}", error.trim_start(), confidence.trim_start())
        .expect(INFALLIBLE);
    match &calibrated.scaled {
        None => {}
        Some(Err(reason)) => writeln!(text, "no temperature: {reason}").expect(INFALLIBLE),
        Some(Ok(scaled)) => writeln!(
            text,
            "temperature {:.3}, fitted on {}: expected calibration error {}, test loss {}",
            scaled.temperature,
            format::counted(scaled.held_out as u64, "held-out image"),
            error_of(scaled.calibration.as_ref()).trim_start(),
            format::loss(scaled.test_loss).trim_start()
        )
        .expect(INFALLIBLE),
    }
    text
}

/// A line of the table of several networks.
pub(super) struct Row<'a> {
    pub evaluation: &'a Evaluation,
    pub calibrated: &'a Calibrated,
    /// Number of images that it reads as another digit than the ensemble.
    pub dissents: Option<u32>,
    /// `None` for the ensemble.
    pub checkpoint: Option<&'a Saved>,
}

/// Formats a line for each network. `ECE` is the expected calibration error, `T` the temperature.
pub(super) fn table(rows: &[Row]) -> String {
    let has_temperature = rows.iter().any(|row| temperature(row).is_some());
    let has_dissents = rows.iter().any(|row| row.dissents.is_some());
    let name = |row: &Row| row.checkpoint.map_or_else(|| "together".into(), |saved| shown(&saved.file));
    let widest = rows.iter().map(|row| width(&name(row))).max().unwrap_or(0);
    let mut text = "accuracy    loss   wrong     ECE".to_owned();
    text += if has_temperature { "      T" } else { "" };
    text += if has_dissents { "  dissents" } else { "" };
    text += "  checkpoint\n";
    for row in rows {
        let Row { evaluation, calibrated, dissents, checkpoint } = row;
        let wrong = format::grouped(evaluation.total() - evaluation.correct());
        let (accuracy, loss) = (format::share(evaluation.accuracy()), format::loss(evaluation.loss));
        let error = error_of(calibrated.calibration.as_ref());
        write!(text, "{accuracy:>8}{loss:>8}{wrong:>8}{error:>8}").expect(INFALLIBLE);
        if has_temperature {
            let temperature = temperature(row).map_or_else(|| "-".into(), |value| format!("{value:.3}"));
            write!(text, "{temperature:>7}").expect(INFALLIBLE);
        }
        if has_dissents {
            write!(text, "{:>10}", dissents.map_or_else(|| "-".into(), format::grouped)).expect(INFALLIBLE);
        }
        let summary = checkpoint.map_or_else(String::new, |saved| saved::summary(&saved.checkpoint));
        writeln!(text, "{}", format!("  {}  {summary}", padded(&name(row), widest)).trim_end()).expect(INFALLIBLE);
    }
    text
}

fn temperature(row: &Row) -> Option<f64> {
    row.calibrated.scaled.as_ref()?.as_ref().ok().map(|scaled| scaled.temperature)
}

/// Returns the expected calibration error in six columns.
fn error_of(calibration: Option<&Calibration>) -> String {
    format::share(calibration.map_or(f64::NAN, Calibration::expected_error))
}

/// Says how often members of an ensemble disagree.
pub(super) fn disputes(joint: &JointEvaluation) -> String {
    let total = joint.evaluation.total();
    let share = f64::from(joint.disputed) / f64::from(total.max(1));
    format!(
        "\nthe networks disagree about {} of {} ({} %), of which they read {} correctly together\n",
        format::grouped(joint.disputed),
        format::counted(total, "image"),
        format::percent(share, 2),
        format::grouped(joint.disputed_correct)
    )
}
