//! Limits of the terminal's size, and parts of areas.

use ratatui::layout::{Rect, Size};

/// Smallest useful size, in columns and rows.
pub const FLOOR: (u16, u16) = (40, 12);

/// Largest plausible size, in columns and rows: screens have at most 1,000 columns, and 65,535 by 65,535 cells would
/// take 200 GB.
pub const CEILING: (u16, u16) = (1_000, 500);

/// Returns the size that memory is allocated for: at most one column and one row more than [`CEILING`].
pub(crate) fn bounded_size(width: u16, height: u16) -> Size {
    Size { width: width.min(CEILING.0 + 1), height: height.min(CEILING.1 + 1) }
}

/// Splits an area into its left `width` columns and the rest.
pub(crate) fn beside(area: Rect, width: u16) -> (Rect, Rect) {
    let width = width.min(area.width);
    (Rect { width, ..area }, Rect { x: area.x + width, width: area.width - width, ..area })
}

/// Splits an area into its upper `height` rows and the rest.
pub(crate) fn above(area: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(area.height);
    (Rect { height, ..area }, Rect { y: area.y + height, height: area.height - height, ..area })
}

/// Returns the rows of an area, from the top.
pub(crate) fn rows(area: Rect) -> impl Iterator<Item = Rect> {
    (area.y..area.bottom()).map(move |y| Rect { y, height: 1, ..area })
}
