//! The Sweep screen.
//!
//! 80x24 shows the whole map, and below it the configuration under the cursor and its curve, or the rank; `v` replaces
//! the map with the rank or the effects. From [`WIDE`] on everything is visible. In less room, a line about the
//! configuration replaces the panes below the map.
//!
//! ```text
//! ╭ test accuracy, % ────────────────────────╮╭ rank ────────────────╮
//! │ rate       0.0001      0.001      0.01   ││ ▸ 1 0.9872  relu ... │
//! │ batch    16  32  64  16  32  64  ...     ││   2 0.9871  relu ... │
//! │ tanh sgd 87  81 ...                      │╰──────────────────────╯
//! ╰──────────────────────────────────────────╯╭ effects ─────────────╮
//! ╭ relu · adam 0.001 · batch 16 ╮╭ accuracy ╮│ relu  0.71 ──●─      │
//! │ done in 5.2 s                ││     ⡠⠒⠉⠉ ││                      │
//! ╰──────────────────────────────╯╰──────────╯╰──────────────────────╯
//! ```

mod about;
mod curve;
mod effects;
mod form;
mod map;
mod nothing;
mod rank;
mod running;
mod tests;

use ratatui::layout::Rect;

use crate::tui::{
    screens::sweep::state::{Pane, SweepScreen},
    session::{Session, sweep::SweepStatus},
    widgets::{
        area::{above, beside},
        surface::Surface,
        text::put,
    },
};

/// Minimum size for two columns of panes.
const WIDE: (u16, u16) = (112, 30);
/// Rows of the map of the report's grid.
const MAP: u16 = 13;
/// Rows of the panes below the map: five lines in a frame.
const BELOW: u16 = 7;

/// The panes' areas.
struct Areas {
    /// The map, or the pane that replaces it.
    main: Rect,
    /// Pane shown in `main`.
    pane: Pane,
    rank: Option<Rect>,
    effects: Option<Rect>,
    /// The configuration under the cursor.
    about: Option<Rect>,
    /// All runs in training.
    running: Option<Rect>,
    /// The configuration's curves, or the table's faults.
    beside: Option<Rect>,
    /// A line about the configuration, instead of the panes below the map.
    line: Option<Rect>,
}

impl Areas {
    fn of(sweep: &SweepScreen, session: &Session, area: Rect) -> Self {
        if area.width >= WIDE.0 && area.height >= WIDE.1 {
            Self::wide(sweep, session, area)
        } else {
            Self::compact(sweep, area)
        }
    }

    fn compact(sweep: &SweepScreen, area: Rect) -> Self {
        let nothing = Self {
            main: area,
            pane: sweep.pane,
            rank: None,
            effects: None,
            about: None,
            running: None,
            beside: None,
            line: None,
        };
        if area.height < map::MIN_HEIGHT + 1 {
            return nothing;
        }
        // Panes below the map are not worth losing rows of the map.
        let needed = map::height(sweep, area.width, 0).min(MAP);
        if area.height < needed + BELOW || area.width < 60 {
            let (main, line) = above(area, area.height - 1);
            return Self { main, line: Some(line), ..nothing };
        }
        let most = area.height - BELOW;
        let wanted = map::height(sweep, area.width, most).min(most);
        let (main, below) = above(area, if sweep.pane == Pane::Map { wanted } else { most });
        let (about, beside) = beside(below, area.width / 2 - 2);
        Self { main, about: Some(about), beside: Some(beside), ..nothing }
    }

    fn wide(sweep: &SweepScreen, session: &Session, area: Rect) -> Self {
        let status = &session.sweep;
        let (left, right) = beside(area, area.width - (area.width * 2 / 5).clamp(50, 80));
        let is_live = status.sweeping.is_some();
        let most = if is_live { left.height * 11 / 20 } else { left.height - BELOW };
        let (main, below) = above(left, map::height(sweep, left.width, most).min(left.height - BELOW));
        let (about, running, beside) =
            if is_live { Self::of_runs(status, below) } else { Self::of_table(status, below) };
        let below_about = about.height.saturating_sub(BELOW);
        // A table has no curves: if there is room, the effects take their place, and the rank a whole column.
        let (about, rank, effects) = if !is_live && beside.is_none() && below_about >= effects_height(sweep) {
            let (about, effects) = above(about, BELOW);
            (about, right, effects)
        } else {
            let (rank, effects) = above(right, right.height.saturating_sub(effects_height(sweep)).max(8));
            (about, rank, effects)
        };
        Self {
            main,
            pane: Pane::Map,
            rank: Some(rank),
            effects: Some(effects).filter(|area| area.height > 2),
            about: Some(about),
            running,
            beside,
            line: None,
        }
    }

    /// Returns the areas of the configuration and of the table's faults.
    fn of_table(status: &SweepStatus, area: Rect) -> (Rect, Option<Rect>, Option<Rect>) {
        if !has_faults(status) {
            return (area, None, None);
        }
        let (about, faults) = above(area, BELOW.min(area.height / 2));
        (about, None, Some(faults))
    }

    /// Returns the areas of the configuration, of the runs in training, and of the curves.
    fn of_runs(status: &SweepStatus, area: Rect) -> (Rect, Option<Rect>, Option<Rect>) {
        let runs = running::is_needed(status);
        if area.width >= 100 {
            let (left, curves) = beside(area, (area.width * 2 / 5).max(50));
            let (about, running) = above(left, if runs { BELOW + 2 } else { left.height });
            return (about, Some(running).filter(|area| runs && area.height > 2), Some(curves));
        }
        if area.height < 2 * BELOW {
            let (about, curves) = beside(area, area.width / 2);
            return (about, None, Some(curves));
        }
        let (about, rest) = above(area, BELOW);
        let running = if runs { running::min_height(status).min(rest.height.saturating_sub(BELOW)) } else { 0 };
        let (running, curves) = above(rest, running);
        (about, Some(running).filter(|area| area.height > 2), Some(curves))
    }
}

pub(super) fn draw(sweep: &SweepScreen, session: &Session, area: Rect, surface: &mut Surface) {
    if sweep.shows_form() {
        form::draw(&sweep.form, session, area, surface);
        return;
    }
    if sweep.board.cells.is_empty() {
        nothing::draw(session, area, surface);
        return;
    }
    let areas = Areas::of(sweep, session, area);
    match areas.pane {
        Pane::Map => map::draw(sweep, session, areas.main, surface),
        Pane::Rank => rank::draw(sweep, session, areas.main, surface),
        Pane::Effects => draw_effects(sweep, session, areas.main, surface),
    }
    if let Some(area) = areas.rank {
        rank::draw(sweep, session, area, surface);
    }
    if let Some(area) = areas.effects {
        draw_effects(sweep, session, area, surface);
    }
    if let Some(area) = areas.about {
        about::draw(sweep, session, area, surface);
    }
    if let Some(area) = areas.running {
        running::draw(sweep, session, area, surface);
    }
    if let Some(area) = areas.beside {
        draw_beside(sweep, session, area, areas.rank.is_some(), surface);
    }
    if let Some(row) = areas.line {
        let inside = Rect { x: row.x + 1, width: row.width.saturating_sub(2), ..row };
        put(surface, inside, &about::line(sweep, session, inside.width));
    }
}

/// Draws the effects of the factors, or the tests of the chosen network in a comparison of methods.
fn draw_effects(sweep: &SweepScreen, session: &Session, area: Rect, surface: &mut Surface) {
    if sweep.board.is_of_methods {
        tests::draw(sweep, session, area, surface);
    } else {
        effects::draw(sweep, session, area, surface);
    }
}

/// Returns the rows that [`draw_effects`] needs.
fn effects_height(sweep: &SweepScreen) -> u16 {
    if sweep.board.is_of_methods { tests::HEIGHT } else { effects::height(&sweep.board) }
}

fn has_faults(status: &SweepStatus) -> bool {
    status.reading().is_some_and(|table| !table.reading.faults.is_empty())
}

/// Draws the table's faults, else the chosen run's curves, else whichever of rank and effects is not shown elsewhere.
fn draw_beside(sweep: &SweepScreen, session: &Session, area: Rect, has_rank: bool, surface: &mut Surface) {
    let status = &session.sweep;
    // In a comparison of methods, the tests of a trained network tell more than its curve.
    let is_tested = || sweep.cell().is_some_and(|cell| !status.measurements(&cell.runs).is_empty());
    let has_course = || !is_tested() && sweep.cell().is_some_and(|cell| status.curves_of(&cell.runs).is_some());
    if has_faults(status) {
        nothing::faults(session, area, surface);
    } else if status.sweeping.is_some() && (has_rank || has_course()) {
        curve::draw(sweep, session, area, surface);
    } else if has_rank || sweep.pane == Pane::Rank || sweep.board.is_of_methods {
        draw_effects(sweep, session, area, surface);
    } else {
        rank::draw(sweep, session, area, surface);
    }
}

/// Returns the number of lines or rows of configurations that are visible at once.
pub(super) fn page(sweep: &SweepScreen, session: &Session, area: Rect) -> usize {
    let areas = Areas::of(sweep, session, area);
    match (sweep.pane, areas.rank) {
        (Pane::Rank, Some(area)) => rank::page(area),
        (Pane::Rank, None) => rank::page(areas.main),
        _ => map::page(sweep, areas.main),
    }
}
