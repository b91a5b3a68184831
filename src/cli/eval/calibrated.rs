//! The calibration of evaluated networks, and the temperature fitted on their held-out images.

use std::ops::Range;

use crate::{
    data::Dataset,
    nn::Network,
    train::{Calibration, Checkpoint, Evaluation, NoTemperature, Temperature, evaluate_range},
};

/// Calibration on the test images, as it is and with a fitted temperature.
pub(super) struct Calibrated {
    pub calibration: Option<Calibration>,
    /// `None` if none was to be fitted.
    pub scaled: Option<Result<Scaled, NoTemperature>>,
}

/// Results with a fitted temperature.
pub(super) struct Scaled {
    pub temperature: f64,
    /// Number of held-out images that it was fitted on.
    pub held_out: usize,
    pub test_loss: f64,
    pub calibration: Option<Calibration>,
}

impl Calibrated {
    /// Fits a temperature on held-out images, which `evaluate` evaluates, and applies it to the test images.
    pub(super) fn new(
        test: &Evaluation,
        held_out: Result<Range<usize>, NoTemperature>,
        evaluate: impl FnOnce(Range<usize>) -> Evaluation,
    ) -> Self {
        let scaled = held_out.and_then(|images| {
            let held_out = images.len();
            let temperature = Temperature::fit(&evaluate(images))?;
            let test = temperature.apply(test);
            let (test_loss, calibration) = (test.loss, Calibration::of(&test));
            Ok(Scaled { temperature: temperature.value(), held_out, test_loss, calibration })
        });
        Self { scaled: Some(scaled), ..Self::without_temperature(test) }
    }

    pub(super) fn without_temperature(test: &Evaluation) -> Self {
        Self { calibration: Calibration::of(test), scaled: None }
    }
}

/// Returns the images that all of some runs held out.
pub(super) fn common(
    ranges: impl Iterator<Item = Result<Range<usize>, NoTemperature>>,
) -> Result<Range<usize>, NoTemperature> {
    let mut common = 0..usize::MAX;
    for range in ranges {
        let range = range?;
        common = common.start.max(range.start)..common.end.min(range.end);
    }
    if common.is_empty() { Err(NoTemperature::NoCommonHoldout) } else { Ok(common) }
}

/// Fits a run's temperature on its held-out images.
///
/// # Errors
/// If there are none, or see [`Temperature::fit`].
pub(in crate::cli) fn temperature(
    checkpoint: &Checkpoint,
    network: &mut Network,
    dataset: &Dataset,
) -> Result<Temperature, NoTemperature> {
    let images = checkpoint.spec.held_out(dataset)?;
    Temperature::fit(&evaluate_range(network, &dataset.train, images))
}
