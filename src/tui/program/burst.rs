//! Bursts: what a mouse, a wheel or a window being resized sends faster than it can be shown is merged, so that no key waits
//! behind it.

use crossterm::event::{MouseEvent, MouseEventKind};

use crate::tui::message::Message;

/// Places kept of a path of the held button: more than a frame's worth of any hand.
const MAX_PATH: usize = 200;
/// Turns of the wheel in one direction that one frame can show.
const MAX_TURNS: usize = 50;

/// Returns what `messages` amount to: of sizes in a row the last one, of places of a held button a path of few points, of turns of
/// the wheel a few. Everything else stays, and all stay in their order.
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
            && !is_repeated(&kept, &message)
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

/// Takes `message` into the one before it, or returns it.
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

/// The same button, held with the same keys.
fn continues(path: &[MouseEvent], event: &MouseEvent) -> bool {
    path.last().is_some_and(|last| last.kind == event.kind && last.modifiers == event.modifiers)
}

fn add(path: &mut Vec<MouseEvent>, event: MouseEvent) {
    if path.last() != Some(&event) {
        path.push(event);
    }
    // So that a path of millions takes no memory.
    if path.len() >= MAX_PATH * MAX_PATH {
        thin(path);
    }
}

/// Keeps the ends, and of the points between them as many at even distances as are to be kept.
fn thin(path: &mut Vec<MouseEvent>) {
    let (last, most) = (path.len().saturating_sub(1), MAX_PATH - 1);
    if last > most {
        *path = (0..=most).map(|point| path[point * last / most]).collect();
    }
}

/// A move without a button after another, or one more turn of the wheel at the same place than can be shown.
fn is_repeated(kept: &[Message], message: &Message) -> bool {
    let Message::Mouse(event) = message else { return false };
    let most = match event.kind {
        MouseEventKind::Moved => 1,
        MouseEventKind::ScrollUp | MouseEventKind::ScrollDown => MAX_TURNS,
        MouseEventKind::ScrollLeft | MouseEventKind::ScrollRight => MAX_TURNS,
        _ => return false,
    };
    let same = |message: &&Message| matches!(message, Message::Mouse(other) if other.kind == event.kind);
    kept.iter().rev().take(most).take_while(same).count() == most
}
