//! Which curves a chart has, and which of their values decide its scale.

use crate::tui::{
    axis_unit::X,
    screens::train::{overlaid::Other, plot::Plot},
    session::Session,
    session::{
        place::Place,
        series::{Metric, Point, of_history, smoothed, trained, xy},
    },
    widgets::chart::{Curve, Look},
};

/// Part of a noisy curve's values, at either end, that may be outside the chart.
const TRIMMED: f64 = 0.05;
/// Minimum number of epochs over which a small chart smooths the training curve.
const SMOOTH: f64 = 0.1;
/// Part of the run so far, at its beginning, that may be outside a small chart: the curve is steep there.
const BEGINNING: f64 = 0.1;

/// The curves of a chart, and the values that decide its scale.
pub(super) struct Drawn {
    /// Curves from back to front.
    pub curves: Vec<Curve>,
    /// Values that must be visible, with their places.
    pub main: Vec<(f64, f64)>,
    /// Noisy values, most of which must be visible.
    pub noisy: Vec<(f64, f64)>,
    /// Values of other runs, which are visible if that leaves this run half of the chart.
    pub aside: Vec<(f64, f64)>,
}

impl Drawn {
    fn new() -> Self {
        Self { curves: Vec::new(), main: Vec::new(), noisy: Vec::new(), aside: Vec::new() }
    }

    /// Returns the curves of a small chart: batches and epochs.
    pub(super) fn small(plot: &Plot, session: &Session, metric: Metric) -> Self {
        let (curves, x, over) = (&session.live.curves, plot.x, plot.smoothing());
        let mut drawn = Self::new();
        drawn.add_before(plot, session, metric);
        let train = smoothed(&trained(curves, metric), over.max(SMOOTH));
        let begins = curves.newest().epochs * BEGINNING;
        let late = train.iter().filter(|point| point.place.epochs >= begins);
        drawn.main.extend(late.map(|point| (point.place.on(x), point.value)));
        drawn.curves.push(Curve::new(Look::Train, xy(&train, x)));
        drawn.add_test(&of_history(&curves.history, |record| metric.test(record)), over, x);
        drawn
    }

    /// Returns the curves of a full-screen chart: batches, epochs and other runs.
    pub(super) fn full(plot: &Plot, session: &Session, metric: Metric, others: &[Other]) -> Self {
        let (curves, plot) = (&session.live.curves, plot);
        // A learning rate is exact.
        let (x, over) = (plot.x, if metric == Metric::Rate { 0.0 } else { plot.smoothing() });
        let mut drawn = Self::new();
        for (other, place) in others.iter().zip(0..) {
            let history = &other.contents.history;
            let value = |record: &_| if plot.sets.has_test() { metric.test(record) } else { metric.train(record) };
            let points = xy(&smoothed(&of_history(history, value), over), x);
            drawn.aside.extend_from_slice(&points);
            drawn.curves.push(Curve { look: Look::Other(place), points, tag: Some(other.tag) });
        }
        drawn.add_before(plot, session, metric);
        if metric == Metric::Rate {
            let planned = planned_rates(session);
            drawn.main.extend(xy(&planned, x));
            drawn.curves.push(Curve::new(Look::Raw, xy(&planned, x)));
        }
        if plot.sets.has_train() || metric == Metric::Rate {
            let raw = trained(curves, metric);
            let train = smoothed(&raw, over);
            if over > 0.0 {
                drawn.curves.push(Curve::new(Look::Raw, xy(&raw, x)));
            }
            drawn.noisy.extend(xy(&train, x));
            drawn.curves.push(Curve::new(Look::Train, xy(&train, x)));
        }
        if plot.sets.has_test() && metric != Metric::Rate {
            drawn.add_test(&of_history(&curves.history, |record| metric.test(record)), over, x);
        }
        drawn
    }

    /// Returns the newest value of the training curve.
    pub(super) fn train(&self) -> Option<f64> {
        let train = self.curves.iter().find(|curve| curve.look == Look::Train)?;
        train.points.iter().rev().map(|&(_, value)| value).find(|value| !value.is_nan())
    }

    fn add_before(&mut self, plot: &Plot, session: &Session, metric: Metric) {
        let Some(before) = &session.live.previous else { return };
        let points = xy(&of_history(&before.history, |record| metric.test(record)), plot.x);
        self.aside.extend_from_slice(&points);
        self.curves.push(Curve::new(Look::Before, points));
    }

    /// Adds the test curve. Its marks show the measured values, even if its line is smoothed.
    fn add_test(&mut self, test: &[Point], over: f64, x: X) {
        self.main.extend(xy(test, x));
        if over > 0.0 {
            self.curves.push(Curve::new(Look::TestLine, xy(&smoothed(test, over), x)));
            self.curves.push(Curve::new(Look::TestMarks, xy(test, x)));
        } else {
            self.curves.push(Curve::new(Look::Test, xy(test, x)));
        }
    }

    /// Returns the lowest and the highest value to show from `low` to `high` on the axis.
    pub(super) fn bounds(&self, low: f64, high: f64) -> (f64, f64) {
        let seen = |points: &[(f64, f64)]| -> Vec<f64> {
            let inside = points.iter().filter(|(at, value)| (low..=high).contains(at) && value.is_finite());
            inside.map(|(_, value)| *value).collect()
        };
        let mut main = seen(&self.main);
        main.extend(ends(seen(&self.noisy)));
        let aside = seen(&self.aside);
        if main.is_empty() { bounds(&aside) } else { widened(bounds(&main), &aside) }
    }

    /// Returns the lowest value above zero to show, for a logarithmic axis.
    pub(super) fn least_above_zero(&self, low: f64, high: f64) -> Option<f64> {
        let all = self.main.iter().chain(&self.noisy);
        let seen = all.filter(|(at, value)| (low..=high).contains(at) && value.is_finite() && *value > 0.0);
        seen.map(|(_, value)| *value).min_by(f64::total_cmp)
    }
}

/// Number of points of a planned curve.
const PLANNED: u32 = 200;

/// Returns the learning rates of the rest of the run, while it follows its schedule; empty along time, which is not
/// known beforehand.
fn planned_rates(session: &Session) -> Vec<Point> {
    let live = &session.live;
    let Some(started) = &live.started else { return Vec::new() };
    let (hyper, per_epoch) = (&started.spec.hyper, u64::from(started.steps_per_epoch));
    let steps = per_epoch * u64::from(hyper.epochs);
    let rate = |step| hyper.scheduled_rate(step, steps);
    let newest = live.curves.newest().steps as u64;
    if !live.curves.rate_changes.is_empty() || live.current_rate() != rate(newest) {
        return Vec::new();
    }
    let point = |part| {
        let step = newest + (steps - newest.min(steps)) * u64::from(part) / u64::from(PLANNED);
        let (epochs, steps) = (step as f64 / per_epoch as f64, step as f64);
        Point { place: Place { epochs, steps, seconds: f64::NAN }, value: rate(step).into(), weight: 1.0 }
    };
    (0..=PLANNED).map(point).collect()
}

/// Returns the lowest and the highest of noisy values, without a few at either end.
fn ends(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    let trimmed = (values.len() as f64 * TRIMMED) as usize;
    let kept = &values[trimmed..values.len() - trimmed];
    kept.first().into_iter().chain(kept.last()).copied().collect()
}

fn bounds(values: &[f64]) -> (f64, f64) {
    if values.is_empty() {
        return (0.0, 1.0);
    }
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    (low, values.iter().copied().fold(f64::NEG_INFINITY, f64::max))
}

fn widened((low, high): (f64, f64), others: &[f64]) -> (f64, f64) {
    let span = (high - low).max(1e-3);
    let fitting = others.iter().copied().filter(|value| *value > low - span && *value < high + span);
    fitting.fold((low, high), |(low, high), value| (low.min(value), high.max(value)))
}
