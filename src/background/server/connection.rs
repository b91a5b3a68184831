//! One connection: greeting, request, and then commands in one direction and events in the other.

use std::{io::Write, net::Shutdown, os::unix::net::UnixStream, sync::Arc, thread, time::Duration};

use super::{
    Shared,
    mailbox::Mailbox,
    subject::Subject,
    viewers::{Viewer, is_viewer},
};
use crate::background::{
    socket::{PATIENCE, Timed, is_own},
    wire::{FrameError, Greeting, Request, TO_TRAINER, TO_VIEWER, ToTrainer, ToViewer, decode, encode, read_frame},
};

/// Bytes that may wait for a viewer, beyond what it gets at first.
const MAX_WAITING: usize = 8 << 20;

/// Pause of a viewer's thread while the trainer has many commands to follow.
const PACE: Duration = Duration::from_millis(5);

/// Serves a connection until it ends.
pub(super) fn serve<S: Subject>(stream: &UnixStream, shared: &Arc<Shared<S>>) {
    // One of another version, or silent, or no lenet-monitor: it has our greeting, and that is all that can be said.
    let Some(request) = greet(stream) else { return };
    if request == Request::Status {
        let status = ToViewer::Status(Box::new(shared.status()));
        if let Ok(frame) = encode(&status, TO_VIEWER) {
            let _ = Timed::new(stream, PATIENCE).write_all(&frame);
        }
        return;
    }
    let _ = stream.set_read_timeout(None).and_then(|()| stream.set_write_timeout(None));
    let mailbox = Arc::new(Mailbox::default());
    let Some(viewer) = join(stream, request, &mailbox, shared) else { return mailbox.close() };
    let farewell = listen(stream, viewer, shared).err();
    if let Some(error) = farewell {
        let text = format!("{error}; the trainer has closed the connection");
        if let Ok(frame) = encode(&ToViewer::Farewell(text), TO_VIEWER) {
            mailbox.push(None, frame.into());
        }
        mailbox.close();
    } else {
        mailbox.discard();
    }
    shared.leave(viewer);
}

fn greet(stream: &UnixStream) -> Option<Request> {
    if !is_own(stream) {
        return None;
    }
    let mut timed = Timed::new(stream, PATIENCE);
    Greeting::own().write(&mut timed).ok()?;
    if Greeting::read(&mut timed).ok()?.wire != Greeting::own().wire {
        return None;
    }
    let payload = read_frame(&mut timed, TO_TRAINER).ok()??;
    decode(&payload).ok()
}

/// Adds the viewer, with all that it gets at first in its mailbox. No event comes twice or is lost in between.
fn join<S: Subject>(
    stream: &UnixStream,
    request: Request,
    mailbox: &Arc<Mailbox>,
    shared: &Arc<Shared<S>>,
) -> Option<u64> {
    let closing = stream.try_clone().ok()?;
    start_writer(stream.try_clone().ok()?, mailbox)?;
    let mut hub = shared.hub();
    if shared.is_closing() {
        return None;
    }
    hub.settle();
    let id = hub.viewers_mut().number();
    let viewers = hub.viewers().count() + u32::from(is_viewer(request));
    let welcome = ToViewer::Welcome(Box::new(shared.welcome(&hub, viewers)));
    mailbox.push(None, encode(&welcome, TO_VIEWER).ok()?.into());
    let mut waiting = 0;
    for frame in hub.everything(request) {
        waiting = mailbox.push(None, frame);
    }
    mailbox.push(None, encode(&ToViewer::Recorded, TO_VIEWER).ok()?.into());
    let limit = waiting + shared.options.max_waiting.unwrap_or(MAX_WAITING);
    hub.viewers_mut().join(Viewer { id, request, mailbox: Arc::clone(mailbox), stream: closing, limit });
    Some(id)
}

fn start_writer(mut stream: UnixStream, mailbox: &Arc<Mailbox>) -> Option<()> {
    let mailbox = Arc::clone(mailbox);
    let write = move || {
        while let Some(frame) = mailbox.next() {
            if stream.write_all(&frame).is_err() {
                mailbox.discard();
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
        let _ = stream.shutdown(Shutdown::Write);
    };
    thread::Builder::new().name("to viewer".into()).spawn(write).ok().map(drop)
}

/// Passes on the viewer's commands until it closes the connection.
///
/// # Errors
/// If it sends anything else.
fn listen<S: Subject>(mut stream: &UnixStream, viewer: u64, shared: &Shared<S>) -> Result<(), FrameError> {
    loop {
        match read_frame(&mut stream, TO_TRAINER) {
            Ok(Some(payload)) => {
                let message: ToTrainer = decode(&payload)?;
                while shared.hub().is_busy() && !shared.is_closing() {
                    thread::sleep(PACE);
                }
                match message {
                    ToTrainer::Images(indices) => shared.send_images(viewer, &indices),
                    message => shared.hub().obey(viewer, message),
                }
            }
            Ok(None) | Err(FrameError::Io(_) | FrameError::Truncated { .. }) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}
