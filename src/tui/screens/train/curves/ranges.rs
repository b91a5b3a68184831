//! The ranges of the vertical axes, in large steps so that they seldom change.

use crate::tui::{
    screens::train::{curves::drawn::Drawn, plot::Plot},
    session::series::Metric,
    widgets::chart::axis::{Axis, accuracy, round_up},
};

pub(super) fn small_y(plot: &Plot, metric: Metric, x: &Axis, drawn: &Drawn) -> Axis {
    y(plot, metric, x, drawn, plot.late)
}

pub(super) fn full_y(plot: &Plot, metric: Metric, x: &Axis, drawn: &Drawn) -> Axis {
    y(plot, metric, x, drawn, plot.late || plot.window.is_some())
}

/// Returns the vertical axis. `close` shows a part of the run, so that the loss need not begin at zero.
fn y(plot: &Plot, metric: Metric, x: &Axis, drawn: &Drawn, close: bool) -> Axis {
    let (low, high) = drawn.bounds(x.low, x.high);
    match metric {
        Metric::Loss if plot.log_scale => {
            let least = drawn.least_above_zero(x.low, x.high).unwrap_or(high / 10.0);
            Axis::logarithmic(least.max(low), high.max(least))
        }
        Metric::Accuracy => accuracy(low, high),
        Metric::Loss if close => {
            let span = round_up((high - low).max(1e-4));
            let low = (low / (span / 2.0)).floor() * (span / 2.0);
            Axis::linear(low, low + if low + span >= high { span } else { span * 1.5 })
        }
        Metric::Loss => Axis::linear(0.0, round_up(high.max(1e-4))),
        Metric::Rate => Axis::linear(0.0, round_up(high.max(1e-9))),
    }
}
