//! The Runs screen: every saved run, its curve among the others', details of the chosen one, and runs side by side.
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
pub(super) mod images;
mod list;
mod parts;

use ratatui::{
    layout::{Margin, Rect},
    style::Style,
    text::Line,
};

use crate::{
    format::sanitized,
    tui::{
        keys::Action,
        screens::runs::{
            order::Row,
            state::{LETTERS, RunsScreen, letter},
            view::parts::{Plotted, chart, look},
        },
        session::{Session, library::Unread, series::Metric},
        widgets::{
            area::rows,
            panel::panel,
            surface::Surface,
            text::{put, span, wrap},
        },
    },
};

/// Rows of the pane with details.
const DETAIL: u16 = 8;
/// Minimum size for a chart of the listed runs.
const WITH_CHART: (u16, u16) = (110, 30);
/// Rows of the details with a chart beside them.
const CHART_HEIGHT: u16 = 14;
const CHART_WIDTH: u16 = 50;
/// Minimum rows of the details with charts of accuracy and loss below them.
const WITH_BOTH: u16 = DETAIL + 14;

struct Layout {
    list: Rect,
    detail: Option<Rect>,
    charts: Vec<(Metric, Rect)>,
}

/// Returns the panes for a list of `rows` rows.
fn layout(area: Rect, rows: usize) -> Layout {
    let has_chart = area.width >= WITH_CHART.0 && area.height >= WITH_CHART.1;
    let unlisted = area.height.saturating_sub((rows + 3).min(usize::from(area.height)) as u16);
    let below = match area.height {
        _ if has_chart => unlisted.clamp(CHART_HEIGHT, area.height - DETAIL),
        0..12 => 0,
        height => DETAIL.min(height - 6),
    };
    let list = Rect { height: area.height - below, ..area };
    let lower = Rect { y: list.bottom(), height: below, ..area };
    if !has_chart {
        return Layout { list, detail: (below > 0).then_some(lower), charts: Vec::new() };
    }
    if below < WITH_BOTH {
        let width = lower.width - CHART_WIDTH.max(lower.width / 3);
        let chart = Rect { x: lower.x + width, width: lower.width - width, ..lower };
        return Layout { list, detail: Some(Rect { width, ..lower }), charts: vec![(Metric::Accuracy, chart)] };
    }
    let detail = Rect { height: DETAIL, ..lower };
    let left = Rect { y: detail.bottom(), width: lower.width / 2, height: below - DETAIL, ..lower };
    let right = Rect { x: left.right(), width: lower.width - left.width, ..left };
    Layout { list, detail: Some(detail), charts: vec![(Metric::Accuracy, left), (Metric::Loss, right)] }
}

/// Returns the number of visible lines of the list.
pub(super) fn page(area: Rect, rows: usize) -> usize {
    list::page(inside(layout(area, rows).list))
}

/// Returns the area within the frame of a pane.
fn inside(pane: Rect) -> Rect {
    pane.inner(Margin::new(1, 1))
}

/// Returns the places of the runs on this page of the list, as many as there are letters.
fn listed(runs: &RunsScreen, page: usize) -> Vec<usize> {
    let rows = runs.rows().iter().enumerate().skip(list::first_listed(runs, page)).take(page.min(LETTERS));
    rows.filter(|(_, row)| matches!(row, Row::Run(_))).map(|(place, _)| place).collect()
}

pub(super) fn draw(runs: &RunsScreen, session: &Session, area: Rect, surface: &mut Surface) {
    let layout = layout(area, runs.rows().len());
    let order = vec![span(runs.sort.name(), session.theme.dim())];
    let inner = panel(surface, layout.list, session.theme, list::title(runs, session), order);
    let plotted = if layout.charts.is_empty() { Vec::new() } else { listed(runs, list::page(inner)) };
    match message(runs, session) {
        Some((text, style)) => {
            let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
            for (row, line) in rows(inside).skip(1).zip(wrap(&text, usize::from(inside.width))) {
                put(surface, row, &Line::styled(line, style));
            }
        }
        None => list::draw(runs, session, &plotted, inner, surface),
    }
    if let Some(area) = layout.detail {
        detail::draw(runs, session, area, surface);
    }
    let plotted = curves(runs, session, &plotted);
    for (metric, area) in layout.charts {
        chart(session.theme, metric, &plotted, area, surface);
    }
}

/// Returns the curves of runs, that of the chosen run in front.
fn curves<'a>(runs: &RunsScreen, session: &'a Session, plotted: &[usize]) -> Vec<Plotted<'a>> {
    let curve = |&place: &usize| {
        let Row::Run(run) = runs.rows()[place] else { return None };
        let is_chosen = place == runs.place;
        let history = &session.library.runs()[run].newest()?.history[..];
        Some((is_chosen, Plotted { history, look: look(place, is_chosen), tag: letter(place) }))
    };
    let mut curves: Vec<(bool, Plotted)> = plotted.iter().filter_map(curve).collect();
    curves.sort_by_key(|(is_chosen, _)| *is_chosen);
    curves.into_iter().map(|(_, curve)| curve).collect()
}

/// Returns why there is no list, if there is none.
fn message(runs: &RunsScreen, session: &Session) -> Option<(String, Style)> {
    let theme = session.theme;
    match session.library.unread() {
        Some(Unread::Reading) => Some(("the checkpoint folder is being read".into(), theme.dim())),
        Some(Unread::Failed(reason)) => Some((sanitized(reason), theme.bad())),
        None if session.library.runs().is_empty() => {
            Some((format!("none yet: {} saves the current run now", session.key(Action::Save)), theme.dim()))
        }
        None if runs.rows().is_empty() => Some((
            format!("none matches `{}`: {} clears the filter", runs.filter, session.key(Action::ClearFilter)),
            theme.dim(),
        )),
        None => None,
    }
}
