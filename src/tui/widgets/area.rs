//! Areas: the terminal's size, and parts of it.

use ratatui::layout::{Rect, Size};

/// Below this nothing of use can be shown.
pub const FLOOR: (u16, u16) = (40, 12);

/// Above this something is wrong with the terminal's size: screens have 1,000 columns at most, and 65,535 by 65,535
/// cells would take 200 GB.
pub const CEILING: (u16, u16) = (1_000, 500);

/// A size that memory is taken for: where more is claimed than [`CEILING`] has, one column or row more than that.
pub(crate) fn bounded_size(width: u16, height: u16) -> Size {
    Size { width: width.min(CEILING.0 + 1), height: height.min(CEILING.1 + 1) }
}

/// An area's left part of so many columns, and what is right of it.
pub(crate) fn beside(area: Rect, width: u16) -> (Rect, Rect) {
    let width = width.min(area.width);
    (Rect { width, ..area }, Rect { x: area.x + width, width: area.width - width, ..area })
}

/// An area's upper part of so many rows, and what is below it.
pub(crate) fn above(area: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(area.height);
    (Rect { height, ..area }, Rect { y: area.y + height, height: area.height - height, ..area })
}

/// The rows of an area, one by one.
pub(crate) fn rows(area: Rect) -> impl Iterator<Item = Rect> {
    (area.y..area.bottom()).map(move |y| Rect { y, height: 1, ..area })
}
