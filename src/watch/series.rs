//! A curve of bounded size: neighbouring values are merged as it grows.

use crate::train::Place;

/// Neighbouring values of a curve, merged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// Place of the last value.
    pub place: Place,
    /// Mean of the finite values; NaN if there are none.
    pub mean: f64,
    pub low: f64,
    pub high: f64,
    /// Number of finite values.
    pub values: u64,
    /// Number of values, of any kind.
    taken: u64,
}

impl Bin {
    fn of(place: Place, value: f64) -> Self {
        let values = u64::from(value.is_finite());
        let mean = if value.is_finite() { value } else { f64::NAN };
        Self { place, mean, low: mean, high: mean, values, taken: 1 }
    }

    /// Merges this bin with the one after it.
    fn merged(self, after: Self) -> Self {
        let taken = self.taken + after.taken;
        match (self.values, after.values) {
            (_, 0) => Self { place: after.place, taken, ..self },
            (0, _) => Self { taken, ..after },
            (before, more) => {
                let (a, b) = (before as f64, more as f64);
                Self {
                    place: after.place,
                    mean: self.mean * (a / (a + b)) + after.mean * (b / (a + b)),
                    low: self.low.min(after.low),
                    high: self.high.max(after.high),
                    values: before + more,
                    taken,
                }
            }
        }
    }
}

/// A curve: the values of a column, in order.
#[derive(Clone, Debug, Default)]
pub struct Series {
    bins: Vec<Bin>,
    /// Values that a bin takes.
    per_bin: u64,
    newest: Option<f64>,
}

impl Series {
    pub fn bins(&self) -> &[Bin] {
        &self.bins
    }

    /// Returns the value added last.
    pub fn newest(&self) -> Option<f64> {
        self.newest
    }

    /// Returns the number of values.
    pub fn count(&self) -> u64 {
        self.bins.iter().map(|bin| bin.taken).sum()
    }

    /// Adds a value, and merges bins until there are at most `most`. Returns whether the curve went back: then the
    /// values that lie after this one are dropped, since the run was resumed from an earlier place.
    pub(super) fn push(&mut self, place: Place, value: f64, most: usize) -> bool {
        let goes_back = self.bins.last().is_some_and(|last| is_before(place, last.place));
        if goes_back {
            self.bins.retain(|bin| is_before(bin.place, place));
        }
        let bin = Bin::of(place, value);
        match self.bins.last_mut() {
            Some(last) if last.taken < self.per_bin => *last = last.merged(bin),
            _ => self.bins.push(bin),
        }
        self.per_bin = self.per_bin.max(1);
        while self.bins.len() > most.max(2) {
            self.bins =
                self.bins.chunks(2).map(|pair| pair.iter().copied().reduce(Bin::merged).expect("one")).collect();
            self.per_bin *= 2;
        }
        self.newest = Some(value);
        goes_back
    }
}

/// Returns whether a place comes before another, by the finest unit that both have.
fn is_before(place: Place, other: Place) -> bool {
    if place.steps.is_finite() && other.steps.is_finite() {
        place.steps < other.steps
    } else {
        place.epochs < other.epochs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(step: u32) -> Place {
        Place { epochs: f64::NAN, steps: f64::from(step), seconds: f64::NAN }
    }

    fn series(values: impl IntoIterator<Item = f64>, most: usize) -> Series {
        let mut series = Series::default();
        for (step, value) in (0..).zip(values) {
            series.push(at(step), value, most);
        }
        series
    }

    #[test]
    fn a_million_values_keep_their_mean_their_extremes_and_their_number() {
        let mut values: Vec<f64> = (0..1_000_000).map(|step| f64::from(step % 100)).collect();
        (values[123_456], values[654_321]) = (-7.0, 900.0);
        let series = series(values.iter().copied(), 1_000);
        assert!((500..=1_000).contains(&series.bins().len()), "{}", series.bins().len());
        assert_eq!(series.count(), 1_000_000);
        let of = |get: fn(&Bin) -> f64, best: fn(f64, f64) -> f64| series.bins().iter().map(get).reduce(best).unwrap();
        assert_eq!((of(|bin| bin.low, f64::min), of(|bin| bin.high, f64::max)), (-7.0, 900.0));
        let mean = series.bins().iter().map(|bin| bin.mean * bin.values as f64).sum::<f64>() / 1e6;
        assert!((mean - values.iter().sum::<f64>() / 1e6).abs() < 1e-6, "{mean}");
    }

    #[test]
    fn values_that_are_not_finite_break_the_curve_and_spoil_no_mean() {
        let few = series([1.0, f64::NAN, 3.0, f64::INFINITY], 10);
        let means: Vec<f64> = few.bins().iter().map(|bin| bin.mean).collect();
        assert!(means[1].is_nan() && means[3].is_nan() && (means[0], means[2]) == (1.0, 3.0), "{means:?}");
        let merged = series([1.0, f64::NAN, 3.0, f64::INFINITY], 2);
        assert!(merged.bins().iter().all(|bin| bin.mean.is_finite()), "{merged:?}");
    }

    #[test]
    fn a_run_that_is_resumed_from_an_earlier_step_replaces_what_came_after_it() {
        let mut series = series([5.0, 4.0, 3.0, 2.0], 10);
        assert!(series.push(at(2), 9.0, 10));
        assert!(!series.push(at(3), 8.0, 10));
        let means: Vec<f64> = series.bins().iter().map(|bin| bin.mean).collect();
        assert_eq!(means, [5.0, 4.0, 9.0, 8.0]);
    }
}
