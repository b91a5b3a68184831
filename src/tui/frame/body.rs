//! The body: the area between header and footer.

use ratatui::layout::Rect;

use crate::tui::{
    frame::{footer, header, scene::Scene},
    widgets::area::FLOOR,
};

/// Returns the body within `area`.
pub(super) fn body(scene: &Scene, area: Rect) -> Rect {
    let (header, footer) = (header::height(scene, area), footer::height(area));
    Rect { y: area.y + header, height: area.height.saturating_sub(header + footer), ..area }
}

/// Returns the body on a terminal of `size`, for moving by rows and pages.
pub(crate) fn body_of(scene: &Scene, size: (u16, u16)) -> Rect {
    body(scene, Rect::new(0, 0, size.0.max(FLOOR.0), size.1.max(FLOOR.1)))
}
