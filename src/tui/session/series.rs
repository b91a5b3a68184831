//! Curves as points, with their places on each axis, and smoothing.

use crate::{
    train::{BatchHistory, EpochRecord},
    tui::axis_unit::X,
    tui::session::{
        live::Curves,
        place::{Place, places},
    },
};

/// Quantity that a chart shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    Accuracy,
    Loss,
    /// The learning rate, which is no measure of a set of images.
    Rate,
}

impl Metric {
    pub fn train(self, record: &EpochRecord) -> f64 {
        match self {
            Self::Accuracy => record.train_accuracy,
            Self::Loss => record.train_loss,
            Self::Rate => record.learning_rate.into(),
        }
    }

    pub fn test(self, record: &EpochRecord) -> f64 {
        match self {
            Self::Accuracy => record.test_accuracy,
            Self::Loss => record.test_loss,
            Self::Rate => record.learning_rate.into(),
        }
    }
}

/// A measured value. One that is not finite interrupts the curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub place: Place,
    pub value: f64,
    /// Number of batches it represents, in any unit: only ratios matter.
    pub weight: f64,
}

/// Value that interrupts a curve.
const BREAK: f64 = f64::NAN;

/// Returns one point per epoch.
pub(crate) fn of_history(history: &[EpochRecord], value: impl Fn(&EpochRecord) -> f64) -> Vec<Point> {
    let points = places(history).zip(history);
    points.map(|(place, record)| Point { place, value: value(record), weight: 1.0 }).collect()
}

/// Returns the training curve as finely as it is known: per batch, and per epoch before the first known batch.
pub(crate) fn trained(curves: &Curves, metric: Metric) -> Vec<Point> {
    let mut points = of_history(&curves.history, |record| metric.train(record));
    if let Some(first) = curves.batch_history.means().first() {
        points.retain(|point| point.place.epochs < first.place.epochs);
        // Means over epochs and over batches are not one curve.
        points.extend(points.last().map(|last| Point { value: BREAK, ..*last }));
        points.extend(of_batches(&curves.batch_history, metric));
    }
    points
}

fn of_batches(history: &BatchHistory, metric: Metric) -> Vec<Point> {
    let mut points = Vec::with_capacity(history.means().len());
    for (index, mean) in history.means().iter().enumerate() {
        let value = match metric {
            Metric::Accuracy => mean.accuracy,
            Metric::Loss => mean.loss,
            Metric::Rate => mean.learning_rate,
        };
        if history.has_gap_before(index) {
            points.push(Point { place: mean.place, value: BREAK, weight: 0.0 });
        }
        points.push(Point { place: mean.place, value, weight: f64::from(mean.batches) });
    }
    points
}

/// Returns the exponential moving average of `points`: weights fall by a factor of e per `epochs`. The values
/// themselves are smoothed, whatever scale they are drawn on. Dividing by the sum of the weights lets the curve begin
/// at its first value, not at zero.
pub(crate) fn smoothed(points: &[Point], epochs: f64) -> Vec<Point> {
    if epochs <= 0.0 {
        return points.to_vec();
    }
    let (mut sum, mut weight, mut before) = (0.0, 0.0, 0.0);
    let smooth = |point: &Point| {
        if !point.value.is_finite() {
            return *point;
        }
        let kept = (-(point.place.epochs - before).max(0.0) / epochs).exp();
        sum = sum * kept + point.value * point.weight;
        weight = weight * kept + point.weight;
        before = point.place.epochs;
        Point { value: sum / weight, ..*point }
    };
    points.iter().map(smooth).collect()
}

/// Returns points as coordinates for a chart.
pub(crate) fn xy(points: &[Point], x: X) -> Vec<(f64, f64)> {
    points.iter().map(|point| (point.place.on(x), point.value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(values: &[f64]) -> Vec<Point> {
        let place = |at: usize| Place { epochs: at as f64 + 1.0, steps: 0.0, seconds: 0.0 };
        values.iter().enumerate().map(|(at, &value)| Point { place: place(at), value, weight: 1.0 }).collect()
    }

    fn values(points: &[Point]) -> Vec<f64> {
        points.iter().map(|point| point.value).collect()
    }

    #[test]
    fn smoothing_averages_values_not_their_logarithms() {
        let smooth = values(&smoothed(&points(&[1.0, 0.01]), 1.0));
        let kept = (-1.0_f64).exp();
        assert!((smooth[1] - (kept + 0.01) / (kept + 1.0)).abs() < 1e-12, "{smooth:?}");
        let geometric = 10f64.powf((0.0 * kept - 2.0) / (kept + 1.0));
        assert!(smooth[1] > 2.0 * geometric, "a mean of logarithms would be {geometric}");
    }

    #[test]
    fn smoothing_begins_at_the_first_value_and_keeps_a_constant() {
        assert_eq!(values(&smoothed(&points(&[0.5; 9]), 5.0)), [0.5; 9]);
        assert_eq!(values(&smoothed(&points(&[2.3, 0.1]), 5.0))[0], 2.3);
    }

    #[test]
    fn smoothed_values_stay_within_the_range_of_the_raw_ones() {
        let raw = [0.9, 0.2, 0.7, 0.1, 0.4];
        for over in [0.1, 1.0, 10.0, 1e9] {
            let smooth = smoothed(&points(&raw), over);
            assert_eq!(smooth.len(), raw.len());
            assert!(values(&smooth).iter().all(|value| (0.1..=0.9).contains(value)), "{over}");
        }
    }

    #[test]
    fn values_that_are_not_finite_are_not_replaced() {
        let smooth = values(&smoothed(&points(&[1.0, f64::NAN, 0.5, f64::INFINITY]), 1.0));
        assert!(smooth[1].is_nan() && smooth[3].is_infinite(), "{smooth:?}");
        assert!((0.5..1.0).contains(&smooth[2]), "smoothing continues after them: {smooth:?}");
    }

    #[test]
    fn points_weigh_by_their_number_of_batches() {
        let mut points = points(&[1.0, 0.0]);
        points[1].weight = 9.0;
        assert!((values(&smoothed(&points, 1e9))[1] - 0.1).abs() < 1e-6);
    }

    #[test]
    fn distances_are_measured_in_epochs_not_in_points() {
        let mut near = points(&[1.0, 0.0]);
        near[1].place.epochs = near[0].place.epochs + 0.1;
        let far = points(&[1.0, 0.0]);
        assert!(values(&smoothed(&near, 1.0))[1] > values(&smoothed(&far, 1.0))[1]);
    }
}
