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
        panel::{foot, panel},
        surface::{Surface, Target},
        text::{put_right, span, spans_width},
    },
};

pub(crate) fn name(metric: Metric) -> &'static str {
    match metric {
        Metric::Accuracy => "accuracy",
        Metric::Loss => "loss",
        Metric::Rate => "learning rate",
    }
}

pub(crate) fn text(metric: Metric, value: f64) -> String {
    match metric {
        Metric::Accuracy => format::share(value),
        Metric::Loss => format::loss(value),
        Metric::Rate => format::rate(format::rounded(value as f32)),
    }
}

pub(super) fn draw(plot: &Plot, session: &Session, metric: Metric, area: Rect, surface: &mut Surface) {
    let theme = session.theme;
    let mut title = vec![span(name(metric), theme.title())];
    title.extend(notes(plot, metric, area.width).into_iter().map(|note| span(note, theme.dim())));
    let drawn = Drawn::small(plot, session, metric);
    let legend = legend(session, metric, drawn.train());
    let mut beside: Vec<Span> = legend.iter().flat_map(|line| line.iter().cloned().chain(["  ".into()])).collect();
    beside.pop();
    let room = usize::from(area.width).saturating_sub(name(metric).len() + 12);
    let in_title = spans_width(&beside) < room;
    let inner = panel(surface, area, theme, title, if in_title { std::mem::take(&mut beside) } else { Vec::new() });
    surface.target(area, Target::Action(Action::FullChart));
    let x = window::small_x(plot, session);
    let y = ranges::small_y(plot, metric, &x, &drawn);
    let rates = rates(session, plot.x);
    let chart = Chart { curves: &drawn.curves, x, unit: plot.x, y, gutter: 0, cursor: None, events: &rates };
    let plot = chart.draw(inner, theme, surface);
    if session.live.curves.is_empty() {
        nothing(session, inner, surface);
    }
    if !in_title && !legend_inside(metric, plot, &legend, surface) {
        let room = usize::from(area.width).saturating_sub(4);
        let texts = [beside, values(&legend), values(&legend[1..2])];
        let in_frame = texts.into_iter().find(|spans| spans_width(spans) <= room);
        foot(surface, area, in_frame.unwrap_or_default());
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

/// Returns the marks and values of a legend, without its names.
fn values(legend: &[Line<'static>]) -> Vec<Span<'static>> {
    let entry = |line: &Line<'static>| {
        let [mark, _, value] = &line.spans[..] else { return Vec::new() };
        vec![mark.clone(), " ".into(), span(value.content.trim().to_owned(), value.style)]
    };
    legend.iter().map(entry).collect::<Vec<_>>().join(&Span::raw("  "))
}

/// Draws the legend in a corner without curves, and returns whether there is one.
fn legend_inside(metric: Metric, plot: Rect, legend: &[Line], surface: &mut Surface) -> bool {
    let width = legend.iter().map(Line::width).max().unwrap_or(0) as u16;
    let height = legend.len() as u16;
    if plot.height < height || plot.width < width {
        return false;
    }
    let (left, right) = (plot.x, plot.right() - width);
    let (top, bottom) = (plot.y, plot.bottom() - height);
    // Of equally free corners the first is used: accuracy rises away from the lower right, loss falls away from the
    // upper right.
    let corners = match metric {
        Metric::Accuracy => [(right, bottom), (right, top), (left, top), (left, bottom)],
        Metric::Loss | Metric::Rate => [(right, top), (right, bottom), (left, bottom), (left, top)],
    };
    let areas = corners.map(|(x, y)| Rect { x, y, width, height });
    let is_free = |area: &Rect| area.positions().all(|at| surface[at].symbol() == " ");
    let Some(area) = areas.into_iter().find(is_free) else { return false };
    for (row, line) in rows(area).zip(legend) {
        put_right(surface, row, line);
    }
    true
}

/// Returns the changes of the learning rate along the axis.
fn rates(session: &Session, x: X) -> Vec<(f64, String)> {
    let changes = &session.live.curves.rate_changes;
    changes.iter().map(|(place, rate)| (place.on(x), format!("rate {}", format::rate(*rate)))).collect()
}

/// Returns the names and newest values of the curves.
fn legend(session: &Session, metric: Metric, train: Option<f64>) -> Vec<Line<'static>> {
    let live = &session.live;
    let mut lines = vec![
        entry(session, Look::Train, "train", train, metric),
        entry(session, Look::Test, "test", live.last_epoch().map(|record| metric.test(record)), metric),
    ];
    if let Some(before) = &live.previous {
        let style = session.theme.dim();
        let value = before.history.last().map_or_else(String::new, |record| text(metric, metric.test(record)));
        let mark = span(Look::Before.mark(session.theme), style);
        lines.push(Line::from(vec![mark, span(" before ", style), span(value, style)]));
    }
    lines
}

fn entry(session: &Session, look: Look, name: &str, value: Option<f64>, metric: Metric) -> Line<'static> {
    let style = look.style(session.theme);
    let value = value.map_or_else(|| "     -".into(), |value| text(metric, value));
    Line::from(vec![
        span(look.mark(session.theme), style),
        span(format!(" {name:<5} "), style),
        span(value, style.patch(session.theme.bold())),
    ])
}
