//! The log of a run without a screen: the lines that a screen of its own would write.

use std::{io, sync::Arc, thread};

use crossbeam_channel::{Receiver, bounded};

use crate::{
    data::Dataset,
    train::{Event, Observer},
    tui::{
        app::{App, update},
        message::{Effect, Message},
        program::{jobs::write_log, now},
        theme::{Depth, Palette, Theme},
    },
};

/// Number of events that may wait for the disk. Further ones are missing in the log: the run never waits.
const MAX_WAITING: usize = 10_000;
/// Theme and size of the screen, which nobody sees.
const THEME: Theme = Theme { palette: Palette::Mono, depth: Depth::Indexed, ascii: true };
const SIZE: (u16, u16) = (80, 24);

/// Starts a thread that writes a run's log. Returns the function that passes the worker's events to it, and a channel
/// that is disconnected once that function is dropped and everything is written. `notes` are the log's first lines.
///
/// # Errors
/// If no thread can be started.
pub fn keep_log(dataset: &Arc<Dataset>, notes: Vec<(String, Vec<String>)>) -> io::Result<(Observer, Receiver<()>)> {
    let (sender, events) = bounded::<Event>(MAX_WAITING);
    let (alive, is_written) = bounded(0);
    let dataset = Arc::clone(dataset);
    thread::Builder::new().name("log".into()).spawn(move || {
        let _alive = alive;
        let mut app = App::new(dataset, THEME, now(), SIZE);
        app.session.explain_data(notes);
        events.iter().for_each(|event| take(&mut app, event));
    })?;
    let observer = move |event: &Event| {
        if is_logged(event) {
            let _ = sender.try_send(event.clone());
        }
        None
    };
    Ok((Box::new(observer), is_written))
}

/// Returns whether an event may lead to a line. Answers concern only the screens that asked.
fn is_logged(event: &Event) -> bool {
    !matches!(
        event,
        Event::Evaluated { .. } | Event::Refused { .. } | Event::Predicted { .. } | Event::Inspected { .. }
    )
}

fn take(app: &mut App, event: Event) {
    update(app, Message::Clock(now()));
    for effect in update(app, Message::Worker(event)) {
        if let Effect::WriteLog(folder, lines) = effect {
            // A run is worth more than its log.
            let _ = write_log(&folder, &lines);
        }
    }
}
