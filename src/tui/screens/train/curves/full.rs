//! The full-screen charts: batches and epochs, a cursor that reads values, and other runs with a legend.
//!
//! ```text
//! ╭ accuracy ─────────────────────────────── ━ train 0.9898  • test 0.9866 ╮
//! │                                                                         │
//! ╰─────────────────────────────────────────────────────────────────────────╯
//! ╭ loss log scale ────────────────────────── ━ train 0.0338  • test 0.0422 ╮
//! │                                                                         │
//! ╰─────────────────────────────────────────────────────────────────────────╯
//!  epoch 3.40  step 12,750  0:04    along epochs  smoothed over 0.1 epochs
//!  a tanh rmsprop   0.9812  0.0612        b relu sgd   0.9523  0.1630
//! ```

use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    format::{cut, padded, sanitized, width},
    tui::{
        format,
        screens::train::{
            curves::{Drawn, entry, name, nothing, ranges, rates, text},
            overlaid::{Other, Overlaid, overlaid},
            plot::{Charts, Others, Plot},
            window,
        },
        session::{Session, library::Unread},
        session::{
            place::Place,
            series::{Metric, Point, of_history, smoothed, trained},
        },
        widgets::{
            area::rows,
            chart::{Chart, Look, axis::Axis, gutter_of},
            panel::panel,
            surface::{Surface, Target},
            text::{fitting, put, span, spans_width},
        },
    },
};

/// Maximum columns of a run's label in the legend.
const LABEL: usize = 56;
/// Maximum columns of a label if entries are side by side.
const LABEL_OF_MANY: usize = 36;
/// Minimum columns for entries side by side.
const WIDE: u16 = 112;

pub(crate) fn draw(plot: &Plot, session: &Session, area: Rect, surface: &mut Surface) {
    let overlaid = overlaid(plot, session);
    let legend = legend(plot, session, &overlaid, area);
    let foot = (1 + legend.len() as u16).min(area.height / 3);
    let upper = Rect { height: area.height - foot, ..area };
    charts(plot, session, &overlaid, upper, surface);
    let below = Rect { x: area.x + 1, y: upper.bottom(), width: area.width.saturating_sub(2), height: foot };
    let lines = std::iter::once(status(plot, session, below.width)).chain(legend);
    for (row, line) in rows(below).zip(lines) {
        put(surface, row, &line);
    }
}

fn charts(plot: &Plot, session: &Session, overlaid: &Overlaid, area: Rect, surface: &mut Surface) {
    // One chart is better than two that are too low.
    let metrics = match plot.charts.metrics() {
        both @ [_, _] if area.height < 12 => &both[1..],
        metrics => metrics,
    };
    let x = window::full_x(plot, session, overlaid);
    let drawn: Vec<Drawn> =
        metrics.iter().map(|&metric| Drawn::full(plot, session, metric, &overlaid.others)).collect();
    let axes: Vec<Axis> =
        metrics.iter().zip(&drawn).map(|(&metric, drawn)| ranges::full_y(plot, metric, &x, drawn)).collect();
    let each = area.height / metrics.len() as u16;
    // Both charts' curves begin in the same column.
    let gutter = axes.iter().map(|y| gutter_of(y, each.saturating_sub(2))).max().unwrap_or(0);
    let mut y = area.y;
    for (place, ((&metric, drawn), axis)) in metrics.iter().zip(&drawn).zip(axes).enumerate() {
        let height = if place + 1 == metrics.len() { area.bottom() - y } else { area.height.div_ceil(2) };
        let pane = Rect { y, height, ..area };
        let inner = panel(surface, pane, session.theme, title(plot, session, metric), reading(plot, session, metric));
        let cursor = plot.cursor.map(|cursor| cursor.on(plot.x));
        let rates = rates(session, plot.x);
        let chart =
            Chart { curves: &drawn.curves, x: x.clone(), unit: plot.x, y: axis, gutter, cursor, events: &rates };
        let plot = chart.draw(inner, session.theme, surface);
        surface.target(plot, Target::Chart);
        if session.live.curves.is_empty() && overlaid.others.is_empty() {
            nothing(session, inner, surface);
        }
        y += height;
    }
}

fn title(plot: &Plot, session: &Session, metric: Metric) -> Vec<Span<'static>> {
    let mut title = vec![span(name(metric), session.theme.title())];
    if metric == Metric::Loss && plot.log_scale {
        title.push(span(" log scale", session.theme.dim()));
    }
    title
}

/// Returns the values of the curves at the cursor, or the newest.
fn reading(plot: &Plot, session: &Session, metric: Metric) -> Vec<Span<'static>> {
    let (curves, plot) = (&session.live.curves, plot);
    let value = |points: Vec<Point>| value_at(&smoothed(&points, plot.smoothing()), plot.cursor);
    let mut spans = Vec::new();
    if metric == Metric::Rate {
        return entry(session, Look::Train, "rate", value_at(&trained(curves, metric), plot.cursor), metric).spans;
    }
    if plot.sets.has_train() {
        spans.extend(entry(session, Look::Train, "train", value(trained(curves, metric)), metric).spans);
    }
    if plot.sets.has_test() {
        let test = of_history(&curves.history, |record| metric.test(record));
        spans.extend((!spans.is_empty()).then(|| "  ".into()));
        spans.extend(entry(session, Look::Test, "test", value(test), metric).spans);
    }
    spans
}

/// Returns the last value measured up to the cursor.
fn value_at(points: &[Point], cursor: Option<Place>) -> Option<f64> {
    let until = cursor.map_or(f64::INFINITY, |cursor| cursor.epochs + 1e-9);
    let known = points.iter().take_while(|point| point.place.epochs <= until);
    known.filter(|point| !point.value.is_nan()).last().map(|point| point.value)
}

/// Returns `epoch 3.40  step 12,750  0:04   along epochs   smoothed over 0.1 epochs   newest runs: accuracy, loss`.
fn status(plot: &Plot, session: &Session, width: u16) -> Line<'static> {
    let (theme, plot) = (session.theme, plot);
    let curves = &session.live.curves;
    let place = plot.cursor.unwrap_or_else(|| curves.newest());
    let style = if plot.cursor.is_some() { theme.accent() } else { theme.text() };
    let steps = format::grouped(place.steps.clamp(0.0, 1e15).round() as u64);
    let mut parts = vec![
        vec![span(format!("epoch {:.2}", place.epochs), style)],
        vec![span(format!("  step {steps}"), style)],
        vec![span(format!("  {}", format::clock(place.seconds)), style)],
        vec![span(format!("   along {}", plot.x.name()), theme.dim())],
    ];
    if plot.smoothing() > 0.0 && plot.charts != Charts::Rate {
        let epochs = if plot.smoothing() == 1.0 { "epoch" } else { "epochs" };
        parts.push(vec![span(format!("   smoothed over {} {epochs}", plot.smoothing()), theme.dim())]);
    }
    if plot.window.is_some() {
        parts.push(vec![span("   zoomed", theme.dim())]);
    } else if plot.late {
        parts.push(vec![span("   late part", theme.dim())]);
    }
    if plot.others != Others::None {
        parts.push(vec![span(format!("   {}", plot.others.name()), theme.dim())]);
    }
    fitting(parts, width)
}

/// Returns what distinguishes the runs, and their accuracy and loss at the cursor, or their last, in columns.
fn legend(plot: &Plot, session: &Session, overlaid: &Overlaid, area: Rect) -> Vec<Line<'static>> {
    let theme = session.theme;
    let rows = usize::from(area.height / 4);
    let most = if area.width < WIDE || overlaid.others.len() + 2 <= rows { LABEL } else { LABEL_OF_MANY };
    let mut entries: Vec<Vec<Span>> = Vec::new();
    let has_others = !overlaid.others.is_empty() || overlaid.before.is_some();
    if has_others && !overlaid.own.is_empty() {
        let label = cut(&sanitized(&overlaid.own), most);
        entries.push(vec![span("this run  ", theme.bold()), span(label, theme.test())]);
    }
    if let Some(label) = &overlaid.before {
        let what = if label.is_empty() { String::new() } else { format!("  {}", cut(&sanitized(label), most)) };
        entries.push(vec![span(format!("{} before{what}", Look::Before.mark(theme)), theme.dim())]);
    }
    let labels = overlaid.others.iter().map(|other| cut(&sanitized(&other.label), most));
    let labels: Vec<String> = labels.collect();
    let longest = labels.iter().map(|label| width(label)).max().unwrap_or(0);
    entries.extend(overlaid.others.iter().zip(labels).map(|(other, label)| run(plot, session, other, &label, longest)));
    if plot.others != Others::None && overlaid.others.is_empty() {
        entries.push(vec![span(no_others(session), theme.dim())]);
    }
    in_columns(entries, usize::from(area.width.saturating_sub(2)), rows)
}

fn run(plot: &Plot, session: &Session, other: &Other, label: &str, longest: usize) -> Vec<Span<'static>> {
    let theme = session.theme;
    let place = other.tag as u8 - b'a';
    let x = plot.x;
    let record = match plot.cursor {
        Some(cursor) => other.record_at(x, cursor.on(x)),
        None => other.contents.last(),
    };
    let style = Look::Other(place).style(theme);
    let mut spans = vec![span(format!("{} {}", other.tag, padded(label, longest)), style)];
    for metric in [Metric::Accuracy, Metric::Loss] {
        let value = |record| if plot.sets.has_test() { metric.test(record) } else { metric.train(record) };
        let value = record.map_or_else(|| "     -".into(), |record| text(metric, value(record)));
        spans.push(span(format!("  {value}"), style));
    }
    spans
}

fn no_others(session: &Session) -> &'static str {
    match session.library.unread() {
        Some(Unread::Reading) => "the checkpoint folder is being read",
        Some(Unread::Failed(_)) => "the checkpoint folder cannot be read",
        None => "no other run on this data set has a checkpoint",
    }
}

/// Arranges entries in as many columns as fit and at most `max_rows` rows; the rest are only counted.
fn in_columns(entries: Vec<Vec<Span<'static>>>, width: usize, max_rows: usize) -> Vec<Line<'static>> {
    let widest = entries.iter().map(|entry| spans_width(entry)).max().unwrap_or(0) + 3;
    let columns = (width / widest).max(1);
    let shown = entries.len().min(columns * max_rows.max(1));
    let left = entries.len() - shown;
    let mut lines: Vec<Line> = Vec::new();
    for row in entries[..shown].chunks(columns) {
        let mut spans = Vec::new();
        for entry in row {
            spans.extend_from_slice(entry);
            spans.push(Span::raw(" ".repeat(widest - spans_width(entry))));
        }
        lines.push(Line::from(spans));
    }
    if let Some(last) = lines.last_mut().filter(|_| left > 0) {
        last.spans.push(Span::raw(format!("and {left} more")));
    }
    lines
}
