//! Drawing: from the state alone, with no clock, lock or channel in it.
//!
//! Every screen is a header, a body and a footer. The header always tells what runs and how far it is; the footer what can
//! be done. A pane is a file.

mod chart;
mod confusion;
mod curves;
mod digit;
mod epochs;
mod facts;
mod footer;
mod header;
mod help;
mod layers;
mod log;
mod mistakes;
mod network;
mod overlay;
mod pad;
mod parameters;
mod plate;
mod runs;
mod spark;
mod surface;
mod sweep;
mod train;
mod trouble;

use ratatui::{
    Frame,
    backend::{Backend, CrosstermBackend},
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
    text::{Line, Span},
    widgets::{Block, BorderType, Widget},
};

pub(super) use curves::{whole as plot_whole, window as plot_window};
pub(super) use help::lines as help_lines;
pub(super) use mistakes::grid as mistakes_grid;
pub(super) use pad::area as pad_area;
pub(super) use runs::page as runs_page;
pub(super) use surface::Target;
pub(super) use sweep::page as sweep_page;

use surface::Surface;

use super::{
    app::{App, Screen},
    theme::{Theme, to_ascii},
};
use crate::format;

/// Below this nothing of use can be shown.
pub const FLOOR: (u16, u16) = (40, 12);

/// Draws the whole screen.
pub fn view(app: &App, frame: &mut Frame) {
    let mut surface = Surface::new(frame.buffer_mut());
    draw(app, &mut surface);
}

/// The screen that the state believes in.
pub(super) fn drawn(app: &App) -> Buffer {
    let mut buffer = empty(app);
    draw(app, &mut Surface::new(&mut buffer));
    buffer
}

fn empty(app: &App) -> Buffer {
    let (width, height) = app.size;
    Buffer::empty(Rect::new(0, 0, width, height))
}

/// What is drawn at a place of the screen that the state believes in, and the whole area that it takes.
pub(super) fn target(app: &App, at: Position) -> Option<(Target, Rect)> {
    let mut buffer = empty(app);
    let mut surface = Surface::new(&mut buffer);
    draw(app, &mut surface);
    surface.at(at)
}

fn draw(app: &App, surface: &mut Surface) {
    let area = surface.area;
    if area.width < FLOOR.0 || area.height < FLOOR.1 {
        too_small(app, area, surface);
    } else {
        let body = body(app, area);
        header::draw(app, Rect { height: body.y - area.y, ..area }, surface);
        if app.help.is_some() {
            help::draw(app, body, surface);
        } else {
            match app.screen {
                Screen::Train if app.plot.full => curves::draw_full(app, body, surface),
                Screen::Train => train::draw(app, body, surface),
                Screen::Mistakes => mistakes::draw(app, body, surface),
                Screen::Parameters => parameters::draw(app, body, surface),
                Screen::Runs if app.shelf.comparing => runs::compare(app, body, surface),
                Screen::Runs => runs::draw(app, body, surface),
                Screen::Sweep => sweep::draw(app, body, surface),
                Screen::Confusion => confusion::screen(app, body, surface),
                Screen::Layers => layers::draw(app, body, surface),
                Screen::Draw => pad::draw(app, body, surface),
            }
        }
        if app.screen == Screen::Train && app.help.is_none() {
            trouble::draw(app, body, surface);
        }
        if app.prompt.is_some() {
            surface.cover(area);
        }
        footer::draw(app, Rect { y: body.bottom(), height: area.bottom() - body.bottom(), ..area }, surface);
        overlay::draw(app, body, surface);
    }
    if app.theme.ascii {
        make_ascii(surface);
    }
}

/// What header and footer leave.
fn body(app: &App, area: Rect) -> Rect {
    let (header, footer) = (header::height(app, area), footer::height(area));
    Rect { y: area.y + header, height: area.height.saturating_sub(header + footer), ..area }
}

/// What a terminal is sent to show `after` where it shows `before`.
pub(super) fn bytes_between(before: &Buffer, after: &Buffer) -> usize {
    let mut bytes = Vec::new();
    // A vector takes everything.
    let _ = CrosstermBackend::new(&mut bytes).draw(before.diff(after).into_iter());
    bytes.len()
}

/// The body on the screen that the state believes in: for movements by rows and pages.
fn body_of_size(app: &App) -> Rect {
    let (width, height) = app.size;
    body(app, Rect::new(0, 0, width.max(FLOOR.0), height.max(FLOOR.1)))
}

fn too_small(app: &App, area: Rect, buffer: &mut Buffer) {
    let state =
        if sweep::is_shown(app) { sweep::word(app) } else { app.live.state.map_or("starting", |state| state.name()) };
    let lines = [
        format!("{state}, but the screen is too small"),
        format!("needs {} x {}, has {} x {}", FLOOR.0, FLOOR.1, area.width, area.height),
    ];
    let top = area.y + area.height.saturating_sub(lines.len() as u16) / 2;
    for (row, text) in (top..area.bottom()).zip(lines) {
        let indent = area.width.saturating_sub(text.len() as u16) / 2;
        let rest = Rect { x: area.x + indent, y: row, width: area.width - indent, height: 1 };
        put(buffer, rest, &Line::raw(text));
    }
}

fn make_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() {
            let symbol = to_ascii(cell.symbol());
            cell.set_symbol(symbol);
        }
    }
}

/// Writes a line at the top of `area`, cut at its right edge.
fn put(buffer: &mut Buffer, area: Rect, line: &Line) {
    let area = area.intersection(buffer.area);
    if area.height > 0 {
        buffer.set_line(area.x, area.y, line, area.width);
    }
}

/// Writes a line so that it ends at the right edge.
fn put_right(buffer: &mut Buffer, area: Rect, line: &Line) {
    let width = (line.width() as u16).min(area.width);
    put(buffer, Rect { x: area.right() - width, width, ..area }, line);
}

/// An area's left part of so many columns, and what is right of it.
fn beside(area: Rect, width: u16) -> (Rect, Rect) {
    let width = width.min(area.width);
    (Rect { width, ..area }, Rect { x: area.x + width, width: area.width - width, ..area })
}

/// An area's upper part of so many rows, and what is below it.
fn above(area: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(area.height);
    (Rect { height, ..area }, Rect { y: area.y + height, height: area.height - height, ..area })
}

/// The rows of an area, one by one.
fn rows(area: Rect) -> impl Iterator<Item = Rect> {
    (area.y..area.bottom()).map(move |y| Rect { y, height: 1, ..area })
}

/// Draws a frame with a title and returns what is inside, one column in from the sides.
fn panel(buffer: &mut Buffer, area: Rect, theme: Theme, title: Vec<Span>, right: Vec<Span>) -> Rect {
    let area = area.intersection(buffer.area);
    let mut block = Block::bordered().border_type(BorderType::Rounded).border_style(theme.dim());
    let title = padded(title);
    let room = usize::from(area.width.saturating_sub(3)).saturating_sub(title.width());
    block = block.title_top(title);
    let right = padded(right);
    if right.width() > 2 && right.width() < room {
        block = block.title_top(right.right_aligned());
    }
    let inner = block.inner(area);
    block.render(area, buffer);
    inner
}

fn padded(spans: Vec<Span>) -> Line {
    if spans.is_empty() {
        return Line::default();
    }
    let mut all = vec![Span::raw(" ")];
    all.extend(spans);
    all.push(Span::raw(" "));
    Line::from(all)
}

/// A line of as many parts as fit whole, from the first on.
fn fitting(parts: Vec<Vec<Span>>, width: u16) -> Line {
    let mut room = usize::from(width);
    let fitting = parts.into_iter().take_while(|part| {
        let wide = part.iter().map(Span::width).sum::<usize>();
        let fits = wide <= room;
        room = room.saturating_sub(wide);
        fits
    });
    Line::from(fitting.flatten().collect::<Vec<_>>())
}

/// Breaks text at spaces into lines of `width` columns at most.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if format::width(line) + 1 + format::width(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Cuts text to `width` columns, an ellipsis in place of what is gone.
fn cut(text: &str, width: usize) -> String {
    if format::width(text) <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for char in text.chars() {
        kept.push(char);
        if format::width(&kept) >= width {
            kept.pop();
            break;
        }
    }
    if width > 0 {
        kept.push('…');
    }
    kept
}

fn span<'a>(text: impl Into<std::borrow::Cow<'a, str>>, style: Style) -> Span<'a> {
    Span::styled(text, style)
}
