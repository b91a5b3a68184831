//! Bursts of mouse, wheel and resize events, which come faster than frames can be drawn, are merged, so that no key
//! waits behind them.

use crossterm::event::{MouseEvent, MouseEventKind};

use crate::tui::message::Message;

/// Points kept of a path drawn with a held button: more than any hand draws within a frame.
const MAX_PATH: usize = 200;
/// Number of consecutive wheel events in one direction that one frame can show.
const MAX_TURNS: usize = 50;

/// Returns `messages` with bursts merged: the last of consecutive sizes, a path of few points for the moves of a held
/// button, a limited number of wheel events. Everything else is kept, in the original order.
pub(crate) fn merged(messages: Vec<Message>) -> Vec<Message> {
    let mut kept: Vec<Message> = Vec::new();
    let mut size = None;
    for message in messages {
        if let Message::Resize(columns, rows) = message
            && size.replace((columns, rows)) == Some((columns, rows))
        {
            continue;
        }
        if let Some(message) = merge(kept.last_mut(), message)
            && !is_redundant(&kept, &message)
        {
            kept.push(message);
        }
    }
    for message in &mut kept {
        if let Message::Drag(path) = message {
            thin(path);
        }
    }
    kept
}

/// Merges `message` into the one before it, or returns it.
fn merge(before: Option<&mut Message>, message: Message) -> Option<Message> {
    match (before, message) {
        (Some(before @ Message::Resize(..)), size @ Message::Resize(..)) => *before = size,
        (Some(Message::Drag(path)), Message::Mouse(event)) if continues(path, &event) => add(path, event),
        (_, Message::Mouse(event)) if is_drag(&event) => return Some(Message::Drag(vec![event])),
        (_, message) => return Some(message),
    }
    None
}

fn is_drag(event: &MouseEvent) -> bool {
    matches!(event.kind, MouseEventKind::Drag(_))
}

/// Returns whether `event` continues the path: the same button, held with the same modifier keys.
fn continues(path: &[MouseEvent], event: &MouseEvent) -> bool {
    path.last().is_some_and(|last| last.kind == event.kind && last.modifiers == event.modifiers)
}

fn add(path: &mut Vec<MouseEvent>, event: MouseEvent) {
    if path.last() != Some(&event) {
        path.push(event);
    }
    // Bounds the memory of a path of millions of points.
    if path.len() >= MAX_PATH * MAX_PATH {
        thin(path);
    }
}

/// Reduces a path to [`MAX_PATH`] evenly spaced points, both ends included.
fn thin(path: &mut Vec<MouseEvent>) {
    let (last, max) = (path.len().saturating_sub(1), MAX_PATH - 1);
    if last > max {
        *path = (0..=max).map(|point| path[point * last / max]).collect();
    }
}

/// Returns whether `message` adds nothing: another move without a button, or a wheel event beyond those that can be
/// shown.
fn is_redundant(kept: &[Message], message: &Message) -> bool {
    let Message::Mouse(event) = message else { return false };
    let max = match event.kind {
        MouseEventKind::Moved => 1,
        MouseEventKind::ScrollUp | MouseEventKind::ScrollDown => MAX_TURNS,
        MouseEventKind::ScrollLeft | MouseEventKind::ScrollRight => MAX_TURNS,
        _ => return false,
    };
    let same = |message: &&Message| matches!(message, Message::Mouse(other) if other.kind == event.kind);
    kept.iter().rev().take(max).take_while(same).count() == max
}
