//! The Runs screen: every run on the disk, more of the chosen one, and two of them side by side.
//!
//! ```text
//! ╭ runs 6 ──────────────────────────────────── newest first ╮
//! │   run              data  parameters          epochs  best │
//! │▸● 20261124-120000  MNIST relu adam 0.001 b16   3/10 ...   │
//! ╰───────────────────────────────────────────────────────────╯
//! ╭ 20261124-120000-relu-adam-0.001-b16 ──────────────────────╮
//! │ files  last, best ...                                     │
//! ╰───────────────────────────────────────────────────────────╯
//! ```

pub(super) mod compare;
mod detail;
mod list;

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};

use crate::{
    format::sanitized,
    train::EpochRecord,
    tui::{
        axis_unit::X,
        format,
        keys::Action,
        screens::runs::RunsScreen,
        session::{
            Session,
            library::{
                Unread,
                run::{Contents, Run},
            },
            series::{Metric, of_history, xy},
        },
        theme::Theme,
        widgets::{
            area::rows,
            chart::{
                Chart, Curve, Look,
                axis::{self, Axis, round_up},
            },
            panel::panel,
            surface::Surface,
            text::{put, span, wrap},
        },
    },
};

/// Of a run that another program holds.
const IN_USE: &str = "○";
/// Rows of the pane that tells more of the chosen one.
const DETAIL: u16 = 8;
/// From here on there is a chart beside it, and both are higher.
const WITH_CHART: (u16, u16) = (110, 30);
const CHART_HEIGHT: u16 = 14;
const CHART_WIDTH: u16 = 50;

struct Layout {
    list: Rect,
    detail: Option<Rect>,
    chart: Option<Rect>,
}

fn layout(area: Rect) -> Layout {
    let has_chart = area.width >= WITH_CHART.0 && area.height >= WITH_CHART.1;
    let below = match area.height {
        _ if has_chart => CHART_HEIGHT,
        0..12 => 0,
        height => DETAIL.min(height - 6),
    };
    let list = Rect { height: area.height - below, ..area };
    let lower = Rect { y: list.bottom(), height: below, ..area };
    let width = if has_chart { lower.width - CHART_WIDTH.max(lower.width / 3) } else { lower.width };
    Layout {
        list,
        detail: (below > 0).then_some(Rect { width, ..lower }),
        chart: has_chart.then_some(Rect { x: lower.x + width, width: lower.width - width, ..lower }),
    }
}

/// Returns the lines of the list that are seen at once.
pub fn page(area: Rect) -> usize {
    usize::from(layout(area).list.height.saturating_sub(3)).max(1)
}

pub fn draw(runs: &RunsScreen, session: &Session, area: Rect, surface: &mut Surface) {
    let layout = layout(area);
    let order = vec![span(runs.sort.name(), session.theme.dim())];
    let inner = panel(surface, layout.list, session.theme, list::title(runs, session), order);
    match message(runs, session) {
        Some((text, style)) => {
            let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
            for (row, line) in rows(inside).skip(1).zip(wrap(&text, usize::from(inside.width))) {
                put(surface, row, &Line::styled(line, style));
            }
        }
        None => list::draw(runs, session, inner, surface),
    }
    if let Some(area) = layout.detail {
        detail::draw(runs, session, area, surface);
    }
    if let Some(area) = layout.chart {
        let newest = runs.current_run(&session.library).and_then(Run::newest);
        let history = newest.map_or(&[][..], |newest| &newest.history);
        chart(session.theme, Metric::Accuracy, &[history], area, surface);
    }
}

/// Returns why there is no list.
fn message(runs: &RunsScreen, session: &Session) -> Option<(String, Style)> {
    let theme = session.theme;
    match session.library.unread() {
        Some(Unread::Reading) => Some(("the checkpoint folder is being read".into(), theme.dim())),
        Some(Unread::Failed(reason)) => Some((sanitized(reason), theme.bad())),
        None if session.library.runs().is_empty() => {
            Some((format!("none yet: {} saves the present one now", session.key(Action::Save)), theme.dim()))
        }
        None if runs.rows().is_empty() => Some((
            format!("none has `{}`: {} lifts the filter", runs.filter, session.key(Action::ClearFilter)),
            theme.dim(),
        )),
        None => None,
    }
}

/// Draws one metric of the test set, of one run or of several, which have the tags `a`, `b`, ...
fn chart(theme: Theme, metric: Metric, runs: &[&[EpochRecord]], area: Rect, buffer: &mut Buffer) {
    let name = match metric {
        Metric::Accuracy => "test accuracy",
        Metric::Loss => "test loss",
    };
    let inner = panel(buffer, area, theme, vec![span(name, theme.title())], vec![span("epochs", theme.dim())]);
    let mut curves = Vec::new();
    for (history, place) in runs.iter().zip(0..) {
        let points = xy(&of_history(history, |record| metric.test(record)), X::Epochs);
        let alone = runs.len() == 1;
        let look = if alone { Look::Test } else { Look::Other(place) };
        curves.push(Curve { look, points, tag: (!alone).then_some(char::from(b'a' + place)) });
    }
    let values = curves.iter().flat_map(|curve| curve.points.iter().map(|(_, value)| *value));
    let values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    if values.is_empty() {
        put(buffer, Rect { x: inner.x + 1, ..inner }, &Line::styled("no epoch is complete", theme.dim()));
        return;
    }
    let epochs = curves.iter().flat_map(|curve| curve.points.last()).map(|(at, _)| *at).fold(1.0, f64::max);
    let (low, high) = (
        values.iter().copied().fold(f64::INFINITY, f64::min),
        values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    );
    let y = match metric {
        Metric::Accuracy => axis::accuracy(low, high),
        Metric::Loss => Axis::linear(0.0, round_up(high.max(1e-4))),
    };
    let x = Axis::linear(0.0, epochs);
    Chart { curves: &curves, x, unit: X::Epochs, y, gutter: 0, cursor: None }.draw(inner, theme, buffer);
}

/// `3 + 2,000 steps of 10 epochs`
fn place(contents: &Contents) -> String {
    let steps = match contents.step {
        0 => String::new(),
        steps => format!(" + {} steps", format::grouped(steps)),
    };
    format!(
        "{}{steps} of {} epochs",
        format::grouped(contents.epochs_done),
        format::grouped(contents.spec.hyper.epochs)
    )
}
