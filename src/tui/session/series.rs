//! Curves as points: where they lie on each axis, and how they are smoothed.

use crate::{
    train::EpochRecord,
    tui::axis_unit::X,
    tui::session::{batch_history::BatchHistory, live::Curves, place::Place},
};

/// What a chart shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    Accuracy,
    Loss,
}

impl Metric {
    pub fn train(self, record: &EpochRecord) -> f64 {
        match self {
            Self::Accuracy => record.train_accuracy,
            Self::Loss => record.train_loss,
        }
    }

    pub fn test(self, record: &EpochRecord) -> f64 {
        match self {
            Self::Accuracy => record.test_accuracy,
            Self::Loss => record.test_loss,
        }
    }
}

/// A measured value. One that is not finite breaks the curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub place: Place,
    pub value: f64,
    /// Batches it stands for, in whatever unit: only their ratio counts.
    pub weight: f64,
}

const BREAK: f64 = f64::NAN;

/// The ends of the epochs.
pub(crate) fn places(history: &[EpochRecord]) -> impl Iterator<Item = Place> {
    let mut at = Place::default();
    history.iter().map(move |record| {
        at.epochs = f64::from(record.epoch);
        at.steps += f64::from(record.steps);
        at.seconds += if record.seconds.is_finite() { record.seconds.max(0.0) } else { 0.0 };
        at
    })
}

/// A point for each epoch.
pub(crate) fn of_history(history: &[EpochRecord], value: impl Fn(&EpochRecord) -> f64) -> Vec<Point> {
    let points = places(history).zip(history);
    points.map(|(place, record)| Point { place, value: value(record), weight: 1.0 }).collect()
}

/// What training brought, as finely as it is known: batches, and before those the epochs of which only the means are known.
pub(crate) fn trained(curves: &Curves, metric: Metric) -> Vec<Point> {
    let mut points = of_history(&curves.history, |record| metric.train(record));
    if let Some(first) = curves.trail.spots().first() {
        points.retain(|point| point.place.epochs < first.place.epochs);
        // An epoch's mean and a batch are not of one curve.
        points.extend(points.last().map(|last| Point { value: BREAK, ..*last }));
        points.extend(of_trail(&curves.trail, metric));
    }
    points
}

fn of_trail(trail: &BatchHistory, metric: Metric) -> Vec<Point> {
    let mut points = Vec::with_capacity(trail.spots().len());
    for (at, spot) in trail.spots().iter().enumerate() {
        let value = match metric {
            Metric::Accuracy => spot.accuracy,
            Metric::Loss => spot.loss,
        };
        if trail.has_gap_before(at) {
            points.push(Point { place: spot.place, value: BREAK, weight: 0.0 });
        }
        points.push(Point { place: spot.place, value, weight: f64::from(spot.batches) });
    }
    points
}

/// Each value becomes the mean of those up to it, the later ones weighing more: by a factor of e for each `epochs`. It is
/// the values that are smoothed, whatever scale they are drawn on. With the weights' own sum beneath, the curve begins at
/// its first value and not at zero, and ends at the last.
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

/// For a chart.
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
    fn smoothing_takes_the_mean_of_values_not_of_their_logarithms() {
        let smooth = values(&smoothed(&points(&[1.0, 0.01]), 1.0));
        let kept = (-1.0_f64).exp();
        assert!((smooth[1] - (kept + 0.01) / (kept + 1.0)).abs() < 1e-12, "{smooth:?}");
        let geometric = 10f64.powf((0.0 * kept - 2.0) / (kept + 1.0));
        assert!(smooth[1] > 2.0 * geometric, "a mean of logarithms would be {geometric}");
    }

    #[test]
    fn smoothing_begins_at_the_first_value_and_leaves_a_constant_alone() {
        assert_eq!(values(&smoothed(&points(&[0.5; 9]), 5.0)), [0.5; 9]);
        assert_eq!(values(&smoothed(&points(&[2.3, 0.1]), 5.0))[0], 2.3);
    }

    #[test]
    fn smoothing_never_leaves_the_values_it_is_made_of() {
        let raw = [0.9, 0.2, 0.7, 0.1, 0.4];
        for over in [0.1, 1.0, 10.0, 1e9] {
            let smooth = smoothed(&points(&raw), over);
            assert_eq!(smooth.len(), raw.len());
            assert!(values(&smooth).iter().all(|value| (0.1..=0.9).contains(value)), "{over}");
        }
    }

    #[test]
    fn what_was_not_measured_is_not_made_up() {
        let smooth = values(&smoothed(&points(&[1.0, f64::NAN, 0.5, f64::INFINITY]), 1.0));
        assert!(smooth[1].is_nan() && smooth[3].is_infinite(), "{smooth:?}");
        assert!((0.5..1.0).contains(&smooth[2]), "and what comes after is smoothed on: {smooth:?}");
    }

    #[test]
    fn more_batches_weigh_more() {
        let mut points = points(&[1.0, 0.0]);
        points[1].weight = 9.0;
        assert!((values(&smoothed(&points, 1e9))[1] - 0.1).abs() < 1e-6);
    }

    #[test]
    fn distances_are_in_epochs_not_in_points() {
        let mut near = points(&[1.0, 0.0]);
        near[1].place.epochs = near[0].place.epochs + 0.1;
        let far = points(&[1.0, 0.0]);
        assert!(values(&smoothed(&near, 1.0))[1] > values(&smoothed(&far, 1.0))[1]);
    }
}
