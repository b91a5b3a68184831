//! Drawing: from the state alone, with no clock, lock or channel in it.
//!
//! Every screen is a header, a body and a footer. The header always tells what runs and how far it is; the footer what can
//! be done. A pane is a file.

pub(crate) mod footer;
pub(crate) mod header;
pub(crate) mod help;
pub(crate) mod overlay;
pub(crate) mod sweep_progress;

use ratatui::{
    Frame,
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
};

use crate::tui::screens::{
    confusion, draw as pad, layers, mistakes, parameters, runs, sweep,
    train::{self, curves, trouble},
};
use crate::tui::widgets::{
    area::{CEILING, FLOOR, rows},
    surface::Target,
    text::put,
};
use crate::{
    format::visible,
    tui::{app::App, format, keys::Action, screen::Screen, theme::to_ascii, widgets::surface::Surface},
};

/// Draws the whole screen.
pub fn view(app: &App, frame: &mut Frame) {
    let mut surface = Surface::new(frame.buffer_mut());
    draw(app, &mut surface);
}

/// The screen that the state believes in.
pub(crate) fn drawn(app: &App) -> Buffer {
    let mut buffer = empty(app);
    draw(app, &mut Surface::new(&mut buffer));
    buffer
}

fn empty(app: &App) -> Buffer {
    let (width, height) = app.size;
    Buffer::empty(Rect::new(0, 0, width, height))
}

/// What is drawn at a place of the screen that the state believes in, and the whole area that it takes.
pub(crate) fn target(app: &App, at: Position) -> Option<(Target, Rect)> {
    let mut buffer = empty(app);
    let mut surface = Surface::new(&mut buffer);
    draw(app, &mut surface);
    surface.at(at)
}

fn draw(app: &App, surface: &mut Surface) {
    let area = surface.area;
    if area.width < FLOOR.0 || area.height < FLOOR.1 {
        too_small(app, area, surface);
    } else if area.width > CEILING.0 || area.height > CEILING.1 {
        too_large(app, area, surface);
    } else {
        let body = body(app, area);
        header::draw(app, Rect { height: body.y - area.y, ..area }, surface);
        if app.help.is_some() {
            help::draw(app, body, surface);
        } else {
            match app.screen {
                Screen::Train if app.plot.full => curves::full::draw(app, body, surface),
                Screen::Train => train::view::draw(app, body, surface),
                Screen::Mistakes => mistakes::view::draw(app, body, surface),
                Screen::Parameters => parameters::view::draw(app, body, surface),
                Screen::Runs if app.shelf.comparing => runs::view::compare::draw(app, body, surface),
                Screen::Runs => runs::view::draw(app, body, surface),
                Screen::Sweep => sweep::view::draw(app, body, surface),
                Screen::Confusion => confusion::view::draw(app, body, surface),
                Screen::Layers => layers::view::draw(app, body, surface),
                Screen::Draw => pad::view::draw(app, body, surface),
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
    hide_invisible(surface);
    if app.theme.ascii {
        make_ascii(surface);
    }
}

/// Takes out of the cells what a terminal would obey and nobody would see, wherever a text may have come from.
fn hide_invisible(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if cell.symbol().len() > 1 {
            let safe = visible(cell.symbol());
            if safe.len() < cell.symbol().len() {
                cell.set_symbol(if safe.is_empty() { "?" } else { &safe });
            }
        }
    }
}

/// What header and footer leave.
fn body(app: &App, area: Rect) -> Rect {
    let (header, footer) = (header::height(app, area), footer::height(area));
    Rect { y: area.y + header, height: area.height.saturating_sub(header + footer), ..area }
}

/// The body on the screen that the state believes in: for movements by rows and pages.
pub(crate) fn body_of_size(app: &App) -> Rect {
    let (width, height) = app.size;
    body(app, Rect::new(0, 0, width.max(FLOOR.0), height.max(FLOOR.1)))
}

fn state(app: &App) -> &'static str {
    if sweep_progress::is_shown(app) {
        sweep_progress::word(app)
    } else {
        app.live.state.map_or("starting", |state| state.name())
    }
}

/// In the corner: where the middle is, nobody knows.
fn too_large(app: &App, area: Rect, buffer: &mut Buffer) {
    let (columns, lines) = (format::grouped(CEILING.0), format::grouped(CEILING.1));
    let told = [
        format!("{}, but the terminal's size is too large", state(app)),
        format!("at most {columns} x {lines}; try `stty cols 80 rows 24`"),
        format!("{} quits", app.key(Action::Quit)),
    ];
    for (row, text) in rows(area).zip(told) {
        put(buffer, row, &Line::raw(text));
    }
}

fn too_small(app: &App, area: Rect, buffer: &mut Buffer) {
    let lines = [
        format!("{}, but the screen is too small", state(app)),
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
