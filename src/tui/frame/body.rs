//! The body: the area between header and footer.

use ratatui::layout::Rect;

use crate::tui::{
    frame::{footer, header::Header, scene::Scene},
    widgets::area::FLOOR,
};

/// Returns the body within `area`, below `header`.
pub(super) fn body(header: &Header, area: Rect) -> Rect {
    let (header, footer) = (header.height(area), footer::height(area));
    Rect { y: area.y + header, height: area.height.saturating_sub(header + footer), ..area }
}

/// Returns the body on a terminal of `size`, for moving by rows and pages.
pub(crate) fn body_of(scene: &Scene, size: (u16, u16)) -> Rect {
    let area = Rect::new(0, 0, size.0.max(FLOOR.0), size.1.max(FLOOR.1));
    body(&Header::of(scene, area.width), area)
}
