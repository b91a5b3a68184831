//! The Confusion screen.
//!
//! ```text
//! ╭ confusion true ↓ predicted → ────── counts ╮╭ each digit ────────────╮
//! │      0    1    2    3  ...                 ││   precision recall  F1 │
//! │ 0  973    ·    1    ·                      ││ 0    0.9878 0.9929 ... │
//! ╰────────────────────────────────────────────╯╰────────────────────────╯
//! ╭ true 4, predicted 9 ────────────────────────────────── Enter images ─╮
//! │ 23 images, 2.3 % of the 4s ...                                       │
//! ╰──────────────────────────────────────────────────────────────────────╯
//! ```
//!
//! The reliability curve can take the place of the table of digits. With more room cells are wider and show changes, and
//! the chosen cell's images are below; with less room the table of digits is left out, then the summary.

use ratatui::{layout::Rect, text::Line};

use crate::{
    data::CLASSES,
    tui::{
        keys::Action,
        screens::confusion::{classes, reliability, state::ConfusionScreen, summary},
        session::Session,
        widgets::{
            confusion::{
                HEIGHT, WIDTH,
                cells::{CELL, Cells, MARGIN, WITH_CHANGE},
            },
            panel::panel,
            surface::{Surface, Target},
            text::{put, span},
            thumbnails::{Grid, Thumbnails},
        },
    },
};

/// Minimum columns of the table beside the matrix, with its frame.
const CLASSES_WIDTH: u16 = 25;
/// Columns of the reliability curve with its frame, where there is room for the largest cells beside it.
const RELIABILITY_WIDTH: u16 = 64;
/// Maximum width of a cell.
const LARGEST: u16 = 16;
/// Rows of the summary, with its frame.
const SUMMARY: u16 = 7;
/// Rows of a line of images with their names and the frame.
const IMAGES: u16 = 11;

pub(super) fn draw(confusion: &ConfusionScreen, session: &Session, area: Rect, surface: &mut Surface) {
    let summary_rows = match area.height.saturating_sub(HEIGHT) {
        0..3 => 0,
        rows => rows.min(SUMMARY),
    };
    let upper = Rect { height: area.height - summary_rows, ..area };
    let has_images = upper.height >= HEIGHT + IMAGES;
    let beside = match area.width {
        width if confusion.reliability && width >= WIDTH + 2 * RELIABILITY_WIDTH => RELIABILITY_WIDTH,
        width if width >= WIDTH + CLASSES_WIDTH => CLASSES_WIDTH,
        _ => 0,
    };
    let width = cell_width(area.width - beside);
    let room = upper.height - if has_images { IMAGES } else { 0 };
    let height = cell_height(room, width);
    let rows = HEIGHT + CLASSES as u16 * (height - 1);
    let images = if has_images { upper.height - rows } else { 0 };
    let upper = Rect { height: (upper.height - images).min(rows), ..upper };
    // One column more than the cells need, for the bracket after the last.
    let matrix = if beside > 0 { MARGIN + CLASSES as u16 * width + 3 } else { area.width };
    matrix_pane(confusion, session, Rect { width: matrix, ..upper }, (width, height), surface);
    if beside > 0 {
        let classes = Rect { x: upper.x + matrix, width: area.width - matrix, ..upper };
        match confusion.reliability {
            true => reliability::draw(session, height, classes, surface),
            false => classes::draw(confusion, session, height, classes, surface),
        }
    }
    let summary_area = Rect { y: upper.bottom(), height: summary_rows, ..area };
    summary::draw(confusion, session, summary_area, surface);
    if images > 0 {
        images_pane(
            confusion,
            session,
            Rect { y: summary_area.bottom(), height: area.bottom() - summary_area.bottom(), ..area },
            surface,
        );
    }
}

/// Returns the largest useful width of a cell that fits.
fn cell_width(room: u16) -> u16 {
    let each = room.saturating_sub(MARGIN + 3) / CLASSES as u16;
    match each {
        WITH_CHANGE.. => each.min(LARGEST),
        each => each.clamp(3, CELL + 1),
    }
}

/// Returns the height of a cell, at most a third of its width, so that all ten rows fit.
fn cell_height(room: u16, width: u16) -> u16 {
    (room.saturating_sub(HEIGHT - CLASSES as u16) / CLASSES as u16).min(width / 3).max(1)
}

fn matrix_pane(
    confusion: &ConfusionScreen,
    session: &Session,
    area: Rect,
    (width, height): (u16, u16),
    surface: &mut Surface,
) {
    let theme = session.theme;
    let live = &session.live;
    let before = live.evaluation_before.as_ref();
    let title = vec![span("confusion", theme.title()), span(" true ↓ predicted →", theme.dim())];
    let mode = match (confusion.changes, confusion.percent, before) {
        (true, _, None) => "no earlier epoch".to_owned(),
        (true, false, Some((epoch, _))) => format!("since epoch {epoch}"),
        (true, true, Some((epoch, _))) => format!("% since epoch {epoch}"),
        (false, false, _) => "counts".into(),
        (false, true, _) => "% of the true digit".into(),
    };
    let inner = panel(surface, area, theme, title, vec![span(mode, theme.test())]);
    let Some(evaluation) = &live.evaluation else {
        let row = Rect { x: inner.x + 1, width: inner.width.saturating_sub(1), ..inner };
        put(surface, row, &Line::styled("appears after the first epoch's evaluation", theme.dim()));
        return;
    };
    let cells = Cells {
        confusion: &evaluation.confusion,
        before: before.map(|(_, before)| &before.confusion),
        percent: confusion.percent,
        changes: confusion.changes,
        cursor: Some(confusion.cursor(Some(evaluation))),
        quiet: false,
        width,
        height,
    };
    cells.draw(theme, inner, surface);
}

/// Draws the first of the chosen cell's images.
fn images_pane(confusion: &ConfusionScreen, session: &Session, area: Rect, surface: &mut Surface) {
    let theme = session.theme;
    let Some(evaluation) = session.live.evaluation.as_deref() else { return };
    let cell = confusion.cursor(Some(evaluation));
    let shown = evaluation.predictions.iter().filter(|image| (image.label, image.digit) == (cell.label, cell.digit));
    let shown: Vec<_> = shown.copied().take(200).collect();
    let inner = panel(surface, area, theme, vec![span("its images", theme.title())], Vec::new());
    let (drawing, images) = (session.drawing, &session.images);
    Thumbnails { theme, drawing, images, shown: &shown, chosen: None }.draw(Grid::of_strip(inner), 0, surface);
    surface.target(area, Target::Action(Action::OpenCell));
}
