//! The Runs screen: every saved run, details of the chosen one, and two of them side by side.
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
mod parts;

use ratatui::{layout::Rect, style::Style, text::Line};

use crate::{
    format::sanitized,
    tui::{
        keys::Action,
        screens::runs::{state::RunsScreen, view::parts::chart},
        session::{
            Session,
            library::{Unread, run::SavedRun},
            series::Metric,
        },
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
/// Minimum size for a chart beside it; both are then higher.
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

/// Returns the number of visible lines of the list.
pub(super) fn page(area: Rect) -> usize {
    usize::from(layout(area).list.height.saturating_sub(3)).max(1)
}

pub(super) fn draw(runs: &RunsScreen, session: &Session, area: Rect, surface: &mut Surface) {
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
        let newest = runs.current_run(&session.library).and_then(SavedRun::newest);
        let history = newest.map_or(&[][..], |newest| &newest.history);
        chart(session.theme, Metric::Accuracy, &[history], area, surface);
    }
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
