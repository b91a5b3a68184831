//! Accuracy and loss over the epochs, with the run before dim beneath.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{
    chart::{self, Axis, Curve, Look, round_up},
    panel, put_right, rows, span,
};
use crate::{
    train::EpochRecord,
    tui::{
        app::App,
        format,
        live::{Climb, Curves},
    },
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    Accuracy,
    Loss,
}

impl Metric {
    fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::Loss => "loss",
        }
    }

    fn train(self, record: &EpochRecord) -> f64 {
        match self {
            Self::Accuracy => record.train_accuracy,
            Self::Loss => record.train_loss,
        }
    }

    fn test(self, record: &EpochRecord) -> f64 {
        match self {
            Self::Accuracy => record.test_accuracy,
            Self::Loss => record.test_loss,
        }
    }

    fn climb(self, climb: &Climb) -> f64 {
        match self {
            Self::Accuracy => climb.accuracy,
            Self::Loss => climb.loss,
        }
    }

    fn text(self, value: f64) -> String {
        match self {
            Self::Accuracy => format::share(value),
            Self::Loss => format::loss(value),
        }
    }
}

pub fn draw(app: &App, metric: Metric, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme;
    let log = metric == Metric::Loss && app.log_scale;
    let mut title = vec![span(metric.name(), theme.title())];
    let notes = [(app.zoom, " late part"), (log, " log scale")];
    title.extend(notes.into_iter().filter(|(on, _)| *on).map(|(_, text)| span(text, theme.dim())));
    let legend = legend(app, metric);
    let beside: Vec<Span> = legend.iter().flat_map(|line| line.spans.iter().cloned().chain(["  ".into()])).collect();
    let beside = beside[..beside.len().saturating_sub(1)].to_vec();
    let room = usize::from(area.width).saturating_sub(metric.name().len() + 12);
    let in_title = beside.iter().map(Span::width).sum::<usize>() < room;
    let inner = panel(buffer, area, theme, title, if in_title { beside } else { Vec::new() });
    let x = epochs_axis(app);
    let y = values_axis(app, metric, &x, log);
    let plot = chart::draw(buffer, inner, theme, &curves(app, metric), &x, &y);
    if app.live.curves.is_empty() {
        let row = Rect { y: inner.y + inner.height / 2, height: 1.min(inner.height), ..inner };
        let text = "no batch trained yet";
        let indent = inner.width.saturating_sub(text.len() as u16) / 2;
        let row = Rect { x: row.x + indent, width: row.width - indent, ..row };
        super::put(buffer, row, &Line::styled(text, theme.dim()));
    }
    if !in_title {
        legend_inside(metric, plot, &legend, buffer);
    }
}

/// In the corner that the curves leave free.
fn legend_inside(metric: Metric, plot: Rect, legend: &[Line], buffer: &mut Buffer) {
    let width = legend.iter().map(Line::width).max().unwrap_or(0).min(usize::from(plot.width)) as u16;
    let height = (legend.len() as u16).min(plot.height);
    if plot.height < 4 {
        return;
    }
    let (left, right) = (plot.x, plot.right() - width);
    let (top, bottom) = (plot.y, plot.bottom() - height);
    // Where both do, accuracy rises away from the lower right corner, and loss falls away from the upper right.
    let corners = match metric {
        Metric::Accuracy => [(right, bottom), (right, top), (left, top), (left, bottom)],
        Metric::Loss => [(right, top), (right, bottom), (left, bottom), (left, top)],
    };
    let areas = corners.map(|(x, y)| Rect { x, y, width, height });
    let drawn = |area: &Rect| area.positions().filter(|&at| buffer[at].symbol() != " ").count();
    let Some(area) = areas.into_iter().min_by_key(drawn) else { return };
    for (row, line) in rows(area).zip(legend) {
        put_right(buffer, row, line);
    }
}

/// Names and newest values of the curves.
fn legend(app: &App, metric: Metric) -> Vec<Line<'static>> {
    let theme = app.theme;
    let live = &app.live;
    let entry = |look: Look, name: &str, value: Option<f64>| {
        let style = look.style(theme);
        let value = value.map_or_else(|| "     -".into(), |value| metric.text(value));
        Line::from(vec![
            span(format!("{} {name:<5} ", look.mark(theme)), style),
            span(value, style.patch(theme.bold())),
        ])
    };
    let train = live.last_epoch().map(|record| metric.train(record)).or_else(|| {
        let climb = live.curves.climb.last()?;
        Some(metric.climb(climb))
    });
    let mut lines = vec![
        entry(Look::Train, "train", train),
        entry(Look::Test, "test", live.last_epoch().map(|record| metric.test(record))),
    ];
    if let Some(before) = &live.previous {
        let style = theme.dim();
        let value = before.history.last().map_or_else(String::new, |record| metric.text(metric.test(record)));
        lines.push(Line::styled(format!("{} before {value}", Look::Before.mark(theme)), style));
    }
    lines
}

fn curves(app: &App, metric: Metric) -> Vec<Curve> {
    let live = &app.live;
    let mut all = Vec::new();
    if let Some(before) = &live.previous {
        all.push(Curve { look: Look::Before, points: tested(before, metric) });
    }
    all.push(Curve { look: Look::Train, points: trained(&live.curves, metric) });
    all.push(Curve { look: Look::Test, points: tested(&live.curves, metric) });
    all
}

/// The first epoch's running means lead to its end, where the running mean is the epoch's.
fn trained(curves: &Curves, metric: Metric) -> Vec<(f64, f64)> {
    let climb = curves.climb.iter().map(|climb| (climb.epoch, metric.climb(climb)));
    let epochs = curves.history.iter().map(|record| (f64::from(record.epoch), metric.train(record)));
    climb.filter(|(at, _)| curves.history.is_empty() || *at < 1.0).chain(epochs).collect()
}

fn tested(curves: &Curves, metric: Metric) -> Vec<(f64, f64)> {
    curves.history.iter().map(|record| (f64::from(record.epoch), metric.test(record))).collect()
}

fn epochs_axis(app: &App) -> Axis {
    let (done, epochs) = (f64::from(app.live.epochs_done()), f64::from(app.live.epochs()));
    // The axis grows with the run, in few steps; the run before is seen as far as this one will go.
    let before =
        app.live.previous.iter().flat_map(|before| before.history.last()).map(|record| f64::from(record.epoch));
    let high = round_up(done + 1.0).max(before.fold(0.0, f64::max)).min(epochs).max(done).max(1.0);
    if app.zoom && done >= 3.0 {
        return Axis { low: (done / 2.0).floor(), high: done, logarithmic: false };
    }
    Axis { low: 0.0, high, logarithmic: false }
}

fn values_axis(app: &App, metric: Metric, x: &Axis, logarithmic: bool) -> Axis {
    let history = &app.live.curves.history;
    let seen = |record: &&EpochRecord| f64::from(record.epoch) >= x.low;
    let mut values: Vec<f64> = history.iter().filter(seen).map(|record| metric.test(record)).collect();
    // The first epoch's mean counts its clumsy beginning: the later ones decide the scale once there are some.
    let first = if history.len() >= 4 { 1 } else { 0 };
    values.extend(history.iter().skip(first).filter(seen).map(|record| metric.train(record)));
    if history.len() < 2 && !app.zoom {
        values.extend(app.live.curves.climb.iter().filter(|climb| climb.epoch > 0.02).map(|climb| metric.climb(climb)));
    }
    values.retain(|value| value.is_finite());
    let (low, high) = bounds(&values);
    // The run before widens the view as far as that leaves this run half of it.
    let before = app.live.previous.iter().flat_map(|before| before.history.iter().filter(seen));
    let before: Vec<f64> = before.map(|record| metric.test(record)).filter(|value| value.is_finite()).collect();
    let (low, high) = if values.is_empty() { bounds(&before) } else { widened(low, high, &before) };
    match metric {
        _ if logarithmic => {
            let low = 10f64.powf(low.clamp(1e-6, 1e11).log10().floor());
            Axis { low, high: 10f64.powf(high.clamp(1e-5, 1e12).log10().ceil()).max(low * 10.0), logarithmic }
        }
        Metric::Accuracy => accuracy_axis(low, high),
        Metric::Loss if app.zoom => {
            let span = round_up((high - low).max(1e-4));
            let low = (low / (span / 2.0)).floor() * (span / 2.0);
            Axis { low, high: low + if low + span >= high { span } else { span * 1.5 }, logarithmic }
        }
        Metric::Loss => Axis { low: 0.0, high: round_up(high.max(1e-4)), logarithmic },
    }
}

pub(super) fn accuracy_axis(low: f64, high: f64) -> Axis {
    let (low, high) = (low.clamp(0.0, 1.0), high.clamp(0.0, 1.0));
    let mut span = round_up((high - low).max(0.002));
    loop {
        let half = span / 2.0;
        let top = ((high / half - 1e-9).ceil() * half).min(1.0);
        if top - span <= low + 1e-9 || span >= 1.0 {
            return Axis { low: (top - span).max(0.0), high: top.max(half), logarithmic: false };
        }
        span = round_up(span * 1.1);
    }
}

fn bounds(values: &[f64]) -> (f64, f64) {
    if values.is_empty() {
        return (0.0, 1.0);
    }
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    (low, values.iter().copied().fold(f64::NEG_INFINITY, f64::max))
}

fn widened(low: f64, high: f64, others: &[f64]) -> (f64, f64) {
    let span = (high - low).max(1e-3);
    let fitting = others.iter().copied().filter(|value| *value > low - span && *value < high + span);
    fitting.fold((low, high), |(low, high), value| (low.min(value), high.max(value)))
}
