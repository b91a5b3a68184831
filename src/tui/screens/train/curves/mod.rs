//! Accuracy and loss over the run, with the previous run dim behind.

mod drawn;
pub(crate) mod full;
mod ranges;

use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

use crate::tui::{
    axis_unit::X,
    format,
    keys::Action,
    screens::train::{curves::drawn::Drawn, plot::Plot, window},
    session::Session,
    session::series::Metric,
    widgets::{
        area::rows,
        chart::{Chart, Look},
        panel::panel,
        surface::{Surface, Target},
        text::{put_right, span},
    },
};

pub(crate) fn name(metric: Metric) -> &'static str {
    match metric {
        Metric::Accuracy => "accuracy",
        Metric::Loss => "loss",
    }
}

pub(crate) fn text(metric: Metric, value: f64) -> String {
    match metric {
        Metric::Accuracy => format::share(value),
        Metric::Loss => format::loss(value),
    }
}

pub(super) fn draw(plot: &Plot, session: &Session, metric: Metric, area: Rect, surface: &mut Surface) {
    let theme = session.theme;
    let mut title = vec![span(name(metric), theme.title())];
    title.extend(notes(plot, metric, area.width).into_iter().map(|note| span(note, theme.dim())));
    let legend = legend(session, metric);
    let beside: Vec<Span> = legend.iter().flat_map(|line| line.spans.iter().cloned().chain(["  ".into()])).collect();
    let beside = beside[..beside.len().saturating_sub(1)].to_vec();
    let room = usize::from(area.width).saturating_sub(name(metric).len() + 12);
    let in_title = beside.iter().map(Span::width).sum::<usize>() < room;
    let inner = panel(surface, area, theme, title, if in_title { beside } else { Vec::new() });
    surface.target(area, Target::Action(Action::FullChart));
    let drawn = Drawn::small(plot, session, metric);
    let x = window::small_x(plot, session);
    let y = ranges::small_y(plot, metric, &x, &drawn);
    let chart = Chart { curves: &drawn.curves, x, unit: plot.x, y, gutter: 0, cursor: None };
    let plot = chart.draw(inner, theme, surface);
    if session.live.curves.is_empty() {
        nothing(session, inner, surface);
    }
    if !in_title {
        legend_inside(metric, plot, &legend, surface);
    }
}

fn nothing(session: &Session, inner: Rect, surface: &mut Surface) {
    let row = Rect { y: inner.y + inner.height / 2, height: 1.min(inner.height), ..inner };
    let text = "no batch trained yet";
    let indent = inner.width.saturating_sub(text.len() as u16) / 2;
    let row = Rect { x: row.x + indent, width: row.width - indent, ..row };
    crate::tui::widgets::text::put(surface, row, &Line::styled(text, session.theme.dim()));
}

/// Returns the settings of the chart that differ from the defaults.
fn notes(plot: &Plot, metric: Metric, width: u16) -> Vec<&'static str> {
    let wide = width >= 40;
    let along = match plot.x {
        X::Epochs => "",
        X::Steps => " by steps",
        X::Time => " by time",
    };
    let notes = [
        (plot.late, " late part"),
        (plot.log_scale && metric == Metric::Loss, " log scale"),
        (plot.smoothing() > 0.0 && wide, " smoothed"),
        (wide, along),
    ];
    notes.into_iter().filter(|(on, _)| *on).map(|(_, text)| text).collect()
}

/// Draws the legend in the corner with the fewest curves.
fn legend_inside(metric: Metric, plot: Rect, legend: &[Line], surface: &mut Surface) {
    let width = legend.iter().map(Line::width).max().unwrap_or(0).min(usize::from(plot.width)) as u16;
    let height = (legend.len() as u16).min(plot.height);
    if plot.height < 4 {
        return;
    }
    let (left, right) = (plot.x, plot.right() - width);
    let (top, bottom) = (plot.y, plot.bottom() - height);
    // Of equally free corners the first is used: accuracy rises away from the lower right, loss falls away from the
    // upper right.
    let corners = match metric {
        Metric::Accuracy => [(right, bottom), (right, top), (left, top), (left, bottom)],
        Metric::Loss => [(right, top), (right, bottom), (left, bottom), (left, top)],
    };
    let areas = corners.map(|(x, y)| Rect { x, y, width, height });
    let drawn = |area: &Rect| area.positions().filter(|&at| surface[at].symbol() != " ").count();
    let Some(area) = areas.into_iter().min_by_key(drawn) else { return };
    for (row, line) in rows(area).zip(legend) {
        put_right(surface, row, line);
    }
}

/// Returns the names and newest values of the curves.
fn legend(session: &Session, metric: Metric) -> Vec<Line<'static>> {
    let live = &session.live;
    let train = live.last_epoch().map(|record| metric.train(record)).or_else(|| {
        let climb = live.curves.climb.last()?;
        Some(drawn::climb_value(metric, climb))
    });
    let mut lines = vec![
        entry(session, Look::Train, "train", train, metric),
        entry(session, Look::Test, "test", live.last_epoch().map(|record| metric.test(record)), metric),
    ];
    if let Some(before) = &live.previous {
        let style = session.theme.dim();
        let value = before.history.last().map_or_else(String::new, |record| text(metric, metric.test(record)));
        lines.push(Line::styled(format!("{} before {value}", Look::Before.mark(session.theme)), style));
    }
    lines
}

fn entry(session: &Session, look: Look, name: &str, value: Option<f64>, metric: Metric) -> Line<'static> {
    let style = look.style(session.theme);
    let value = value.map_or_else(|| "     -".into(), |value| text(metric, value));
    Line::from(vec![
        span(format!("{} {name:<5} ", look.mark(session.theme)), style),
        span(value, style.patch(session.theme.bold())),
    ])
}
