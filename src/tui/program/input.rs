//! The threads that read the terminal: keys, the mouse, sizes, and whether it is still there.

use std::{io, thread, time::Duration};

use crossbeam_channel::Sender;
use ratatui::layout::Size;

use crate::tui::{
    message::Message,
    program::{
        background::Answers,
        job_control::{self, Keys},
        terminal,
    },
};

/// Number of messages that may wait for the loop. Beyond it no more are read from the terminal, which buffers them.
const MAX_WAITING: usize = 100_000;

/// Starts the threads that wait for keys, sizes and a hang-up, each possibly forever.
pub(crate) fn listen(sender: &Sender<Message>) {
    let keys = sender.clone();
    let mut answers = Answers::default();
    thread::spawn(move || while forward_keys(&keys, &mut answers) {});
    let sizes = sender.clone();
    let resizes = job_control::resizes();
    thread::spawn(move || {
        for () in resizes {
            let Size { width, height } = terminal::size();
            if sizes.send(Message::Resize(width, height)).is_err() {
                return;
            }
        }
    });
    // crossterm never returns if the terminal vanishes while it reads.
    let sender = sender.clone();
    thread::spawn(move || {
        if job_control::wait_for_hangup() {
            let _ = sender.send(Message::TerminalGone);
        }
    });
}

/// Returns the next event of a burst, if there is one.
fn read_event() -> Option<io::Result<crossterm::event::Event>> {
    matches!(crossterm::event::poll(BETWEEN_KEYS), Ok(true)).then(crossterm::event::read)
}

/// How long to wait for the next key of a burst. (With a timeout of zero, crossterm reads nothing.)
const BETWEEN_KEYS: Duration = Duration::from_millis(20);

/// Forwards one burst of input. Returns whether there may be more.
fn forward_keys(keys: &Sender<Message>, answers: &mut Answers) -> bool {
    if job_control::wait_for_keys() == Keys::Gone {
        let _ = keys.send(Message::TerminalGone);
        return false;
    }
    while let Some(read) = job_control::while_in_foreground(read_event).flatten() {
        let messages = match read {
            Ok(crossterm::event::Event::Key(key)) => answers.sift(key),
            Ok(crossterm::event::Event::Paste(text)) => vec![Message::Paste(text)],
            Ok(crossterm::event::Event::Mouse(event)) => vec![Message::Mouse(event)],
            Ok(crossterm::event::Event::Resize(columns, rows)) => vec![Message::Resize(columns, rows)],
            Ok(_) => continue,
            Err(_) => vec![Message::TerminalGone],
        };
        if !forward(messages, keys) {
            return false;
        }
    }
    forward(answers.end_of_burst(), keys)
}

/// Forwards messages. Returns whether there may be more.
fn forward(messages: Vec<Message>, receiver: &Sender<Message>) -> bool {
    messages.into_iter().all(|message| {
        let is_gone = matches!(message, Message::TerminalGone);
        while receiver.len() > MAX_WAITING {
            thread::sleep(Duration::from_millis(1));
        }
        receiver.send(message).is_ok() && !is_gone
    })
}
