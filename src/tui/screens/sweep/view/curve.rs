//! The curves of the chosen run, live while it is in training.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    sweep::{Point, RunCurves},
    tui::{
        axis_unit::X,
        format,
        screens::sweep::{board::CellState, state::SweepScreen},
        session::Session,
        theme::Theme,
        widgets::{
            area::{above, beside, rows},
            chart::{
                Chart, Curve, Look,
                axis::{Axis, accuracy as accuracy_axis},
            },
            panel::panel,
            text::{put, span, wrap},
        },
    },
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Metric {
    Accuracy,
    Loss,
}

impl Metric {
    fn of(self, point: &Point) -> f64 {
        match self {
            Self::Accuracy => point.accuracy,
            Self::Loss => point.loss,
        }
    }

    fn text(self, value: f64) -> String {
        match self {
            Self::Accuracy => format::share(value),
            Self::Loss => format::loss(value),
        }
    }
}

/// Draws the accuracy and, if there is room, the loss beside or below it.
pub(super) fn draw(sweep: &SweepScreen, session: &Session, area: Rect, buffer: &mut Buffer) {
    if area.width >= 66 {
        let (a, b) = beside(area, area.width / 2);
        pane(sweep, session, Metric::Accuracy, a, buffer);
        pane(sweep, session, Metric::Loss, b, buffer);
    } else if area.height >= 16 {
        let (a, b) = above(area, area.height.div_ceil(2));
        pane(sweep, session, Metric::Accuracy, a, buffer);
        pane(sweep, session, Metric::Loss, b, buffer);
    } else {
        pane(sweep, session, Metric::Accuracy, area, buffer);
    }
}

fn pane(sweep: &SweepScreen, session: &Session, metric: Metric, area: Rect, buffer: &mut Buffer) {
    let theme = session.theme;
    let status = &session.sweep;
    let name = if metric == Metric::Accuracy { "accuracy" } else { "loss" };
    let course = sweep.cell().and_then(|cell| status.curves_of(&cell.runs));
    let legend = course.map_or_else(Vec::new, |course| legend(theme, metric, course));
    let inner = panel(buffer, area, theme, vec![span(name, theme.title())], legend);
    let Some(course) = course else {
        let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
        let text = nothing(sweep);
        for (row, line) in rows(inside).zip(wrap(text, usize::from(inside.width))) {
            put(buffer, row, &Line::styled(line, theme.dim()));
        }
        return;
    };
    let epochs = sweep.cell().and_then(|cell| status.run_of(&cell.runs)).map_or(1, |(_, hyper, _)| hyper.epochs);
    plot(theme, metric, course, epochs, inner, buffer);
}

/// Draws the accuracy of a run of the sweep, without a frame.
pub(super) fn chart_of(session: &Session, number: usize, course: &RunCurves, area: Rect, buffer: &mut Buffer) {
    let epochs =
        session.sweep.snapshot.as_ref().and_then(|all| all.runs.get(number)).map_or(1, |(hyper, _)| hyper.epochs);
    plot(session.theme, Metric::Accuracy, course, epochs, area, buffer);
}

fn plot(theme: Theme, metric: Metric, course: &RunCurves, epochs: u32, area: Rect, buffer: &mut Buffer) {
    let points = |points: &[Point]| points.iter().map(|point| (point.epoch, metric.of(point))).collect::<Vec<_>>();
    let curves = [Curve::new(Look::Train, points(&course.train)), Curve::new(Look::Test, points(&course.test))];
    let x = Axis::linear(0.0, f64::from(epochs.max(1)));
    let y = value_axis(metric, course);
    Chart { curves: &curves, x, unit: X::Epochs, y, gutter: 0, cursor: None, events: &[] }.draw(area, theme, buffer);
}

/// Returns `━ train 0.9713 • test 0.9686`.
fn legend(theme: Theme, metric: Metric, course: &RunCurves) -> Vec<Span<'static>> {
    let entry = |look: Look, name: &str, points: &[Point]| {
        let value = points.last().map_or_else(|| "-".into(), |point| metric.text(metric.of(point)).trim().to_owned());
        span(format!("{} {name} {value} ", look.mark(theme)), look.style(theme))
    };
    let mut both = vec![entry(Look::Train, "train", &course.train), entry(Look::Test, "test", &course.test)];
    if let Some(last) = both.last_mut() {
        last.content = last.content.trim_end().to_owned().into();
    }
    both
}

fn value_axis(metric: Metric, course: &RunCurves) -> Axis {
    // The first running means are far from all that follow, and would decide the scale alone.
    let settled = course.train.iter().skip(course.train.len() / 10);
    let values: Vec<f64> =
        settled.chain(&course.test).map(|point| metric.of(point)).filter(|value| value.is_finite()).collect();
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    match metric {
        _ if values.is_empty() => Axis::linear(0.0, 1.0),
        Metric::Accuracy => accuracy_axis(low, high),
        Metric::Loss => Axis::linear(0.0, ceiling(high.clamp(1e-4, 1e12))),
    }
}

/// Returns the next round number above, in finer steps than a growing axis would need: runs are short.
fn ceiling(value: f64) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0]
        .map(|step| step * power)
        .into_iter()
        .find(|round| *round >= value)
        .unwrap_or(value)
}

fn nothing(sweep: &SweepScreen) -> &'static str {
    match sweep.cell().map(|cell| cell.state()) {
        Some(CellState::Waiting | CellState::Dropped) => "its curve appears once it is trained",
        Some(CellState::Running(_)) => "its training is starting",
        _ => "it was trained in an earlier session: its curve was not kept",
    }
}
