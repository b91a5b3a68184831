//! Movements of the cursor from cell to cell.

use crate::tui::{keys::motion::Motion, screens::sweep::board::Board};

/// Returns the next better or worse cell by rank.
pub(super) fn in_rank(rank: &[usize], chosen: usize, motion: Motion, page: usize) -> Option<usize> {
    let last = rank.len().checked_sub(1)?;
    let Some(place) = rank.iter().position(|&cell| cell == chosen) else {
        // The chosen cell has no result yet.
        return rank.first().copied();
    };
    rank.get(place.saturating_add_signed(motion.by(1, page)).min(last)).copied()
}

/// Returns the next cell in a direction of the map, skipping combinations that no run has.
pub(super) fn on_board(board: &Board, chosen: usize, motion: Motion, page: usize) -> Option<usize> {
    let layout = &board.layout;
    let (row, column) = layout.place(chosen)?;
    let by = |rows: isize, columns: isize, most: usize| {
        let step = |step: isize| {
            let row = row.checked_add_signed(rows.signum() * step)?;
            let column = column.checked_add_signed(columns.signum() * step)?;
            (row < layout.rows.len() && column < layout.columns.len()).then_some((row, column))
        };
        let all = (1..=most as isize).map_while(step).filter_map(|(row, column)| layout.cell(row, column));
        all.collect::<Vec<_>>()
    };
    let all = layout.rows.len().max(layout.columns.len());
    match motion {
        Motion::Left => by(0, -1, all).first().copied(),
        Motion::Right => by(0, 1, all).first().copied(),
        Motion::Up => by(-1, 0, all).first().copied(),
        Motion::Down => by(1, 0, all).first().copied(),
        Motion::PageUp => by(-1, 0, page).last().copied(),
        Motion::PageDown => by(1, 0, page).last().copied(),
        Motion::First => by(0, -1, all).last().copied(),
        Motion::Last => by(0, 1, all).last().copied(),
    }
}
