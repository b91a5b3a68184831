//! Drawing, from the state alone, without any clock, lock or channel.
//!
//! Every screen has a header, a body and a footer. The header always shows the run and its progress, the footer the
//! keys. Each pane has a file of its own.

mod body;
mod footer;
mod header;
pub(crate) mod help;
mod overlay;
mod progress_bar;
mod scene;
mod sweep_progress;
mod title;

use self::header::Header;
pub use self::scene::Help;
pub(crate) use self::{body::body_of, scene::Scene, title::title};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
};

use crate::tui::{
    format,
    keys::Action,
    screen_view::View,
    widgets::{
        area::{CEILING, FLOOR, rows},
        surface::{Surface, Target},
        text::{make_ascii, put, wrap},
    },
};

/// Returns the target drawn at a position on a terminal of `size`, with its area.
pub(crate) fn target(scene: &Scene, size: (u16, u16), at: Position) -> Option<(Target, Rect)> {
    let mut buffer = Buffer::empty(Rect::new(0, 0, size.0, size.1));
    let mut surface = Surface::new(&mut buffer);
    draw(scene, &mut surface);
    surface.at(at)
}

/// Draws the whole screen.
pub(crate) fn draw(scene: &Scene, surface: &mut Surface) {
    let area = surface.area;
    if area.width < FLOOR.0 || area.height < FLOOR.1 {
        too_small(scene, area, surface);
    } else if area.width > CEILING.0 || area.height > CEILING.1 {
        too_large(scene, area, surface);
    } else {
        let header = Header::of(scene, area.width);
        let body = body::body(&header, area);
        header.draw(Rect { height: body.y - area.y, ..area }, surface);
        match scene.help {
            Some(help) => help::draw(scene, help, body, surface),
            None => scene.screen().draw(View { session: scene.session, area: body }, surface),
        }
        if scene.question.is_some() {
            surface.cover(area);
        }
        let footer = Rect { y: body.bottom(), height: area.bottom() - body.bottom(), ..area };
        footer::draw(scene, footer, surface);
        overlay::draw(scene, body, footer::notice_row(area, footer), surface);
    }
    if scene.session.theme.ascii {
        make_ascii(surface);
    }
}

/// Draws a message in the corner, since the reported size, and so the middle, may be wrong.
fn too_large(scene: &Scene, area: Rect, buffer: &mut Buffer) {
    let (columns, lines) = (format::grouped(CEILING.0), format::grouped(CEILING.1));
    let texts = [
        format!("{}, but the terminal's size is too large", title::state(scene)),
        format!("at most {columns} x {lines}; try `stty cols 80 rows 24`"),
        format!("{} quits", scene.session.key(Action::Quit)),
    ];
    for (row, text) in rows(area).zip(texts) {
        put(buffer, row, &Line::raw(text));
    }
}

fn too_small(scene: &Scene, area: Rect, buffer: &mut Buffer) {
    let lines = [
        format!("{}, but the screen is too small", title::state(scene)),
        format!("needs {} x {}, has {} x {}", FLOOR.0, FLOOR.1, area.width, area.height),
    ];
    let lines: Vec<String> = lines.iter().flat_map(|line| wrap(line, usize::from(area.width))).collect();
    let top = area.y + area.height.saturating_sub(lines.len() as u16) / 2;
    for (row, text) in (top..area.bottom()).zip(lines) {
        let indent = area.width.saturating_sub(text.len() as u16) / 2;
        let rest = Rect { x: area.x + indent, y: row, width: area.width - indent, height: 1 };
        put(buffer, rest, &Line::raw(text));
    }
}
