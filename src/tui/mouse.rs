//! What the mouse does: a click is on what is drawn there, and the wheel turns what the screen is about.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use crate::tui::{
    app::App,
    keys::{Action, Context, motion::Motion},
    message::Effect,
    screen::Screen,
    screens::{confusion as matrix, draw as pad, layers::Layer, parameters::form::Field, train::plot},
    update::{act, go},
    widgets::surface::Target,
};

pub(crate) fn take(app: &mut App, event: &MouseEvent) -> Vec<Effect> {
    if pad::mouse(app, std::slice::from_ref(event)) || !app.wants_mouse() {
        return Vec::new();
    }
    let at = Position::new(event.column, event.row);
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => return click(app, at),
        MouseEventKind::Drag(MouseButton::Left) if app.context() == Context::Curves => {
            if let Some(part) = on_chart(app, at) {
                plot::point_at(app, part);
            }
        }
        MouseEventKind::ScrollUp => return wheel(app, at, false),
        MouseEventKind::ScrollDown => return wheel(app, at, true),
        _ => {}
    }
    Vec::new()
}

/// On the pad the whole path counts, elsewhere only where it has led.
pub(crate) fn take_path(app: &mut App, path: &[MouseEvent]) -> Vec<Effect> {
    match path.last() {
        Some(last) if !pad::mouse(app, path) => take(app, last),
        _ => Vec::new(),
    }
}

fn on_chart(app: &App, at: Position) -> Option<f64> {
    let (target, area) = crate::tui::frame::target(app, at)?;
    (target == Target::Chart).then(|| part(at, area))
}

/// Along the area's columns, 0 to 1.
fn part(at: Position, area: Rect) -> f64 {
    (f64::from(at.x) - f64::from(area.x) + 0.5) / f64::from(area.width.max(1))
}

fn click(app: &mut App, at: Position) -> Vec<Effect> {
    app.notice = None;
    let context = app.context();
    let Some((target, area)) = crate::tui::frame::target(app, at) else { return Vec::new() };
    match target {
        Target::Action(action) if app.keymap.on(context).any(|binding| binding.action == action) => {
            return act(app, context, action);
        }
        Target::Action(_) => {}
        Target::Digit(place) => {
            let again = app.browser.listing().place == place;
            let listing = if context == Context::Train { &mut app.browser.mistakes } else { app.browser.listing_mut() };
            listing.place = place;
            if again && context == Context::Mistakes {
                return act(app, context, Action::LookInside);
            }
        }
        Target::Confusion(cell) => {
            let again = app.matrix.cursor(app.live.evaluation.as_deref()) == cell;
            app.matrix.choose(cell);
            if again || app.screen != Screen::Confusion {
                return matrix::act(app, Action::OpenCell);
            }
        }
        Target::Field(field) if app.editor.field == field && field.choices().is_none() => app.editor.edit(),
        Target::Field(field) => choose_field(app, field),
        Target::Choice(field, name) => {
            choose_field(app, field);
            app.editor.choose(name);
        }
        Target::Run(place) => app.shelf.go_to(place),
        Target::Configuration(cell) => {
            let again = app.sweep.chosen == cell;
            (app.sweep.chosen, app.sweep.follows) = (cell, false);
            if again {
                return act(app, context, Action::OpenInEditor);
            }
        }
        Target::Layer(layer) => {
            app.layers.layer = if app.layers.layer == layer { Layer::All } else { layer };
        }
        Target::Chart => plot::point_at(app, part(at, area)),
    }
    Vec::new()
}

fn choose_field(app: &mut App, field: Field) {
    if app.editor.field != field {
        (app.editor.field, app.editor.error) = (field, None);
    }
}

/// Through whatever the screen has in rows or in a row; on charts it zooms, on the pad it is the brush.
fn wheel(app: &mut App, at: Position, down: bool) -> Vec<Effect> {
    let context = app.context();
    match context {
        Context::Train | Context::Layers => go(app, context, if down { Motion::Right } else { Motion::Left }),
        Context::Curves => {
            if let Some(part) = on_chart(app, at) {
                plot::zoom_at(app, part, !down);
            }
        }
        Context::Confusion => go(app, context, if down { Motion::PageDown } else { Motion::PageUp }),
        Context::Draw => return act(app, context, if down { Action::Thinner } else { Action::Wider }),
        Context::Typing | Context::Digit | Context::Asking | Context::Confirming => {}
        _ => go(app, context, if down { Motion::Down } else { Motion::Up }),
    }
    Vec::new()
}
