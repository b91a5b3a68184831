//! Ends of a connection that are of another version, silent, or no lenet-monitor.

use std::{
    io::{Read, Write},
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    thread::{self, JoinHandle},
};

use lenet_monitor::{
    background::{
        CannotAttach, attach,
        wire::{Greeting, Request, TO_TRAINER, TO_VIEWER, ToTrainer, ToViewer, WIRE, encode, read_frame},
    },
    train::{Command, Event, State},
};

use crate::{
    samples,
    trainer::{Trainer, Viewer, connection, next, until},
};

#[test]
fn a_viewer_of_another_version_learns_that_of_the_trainer() {
    let trainer = Trainer::start();
    for wire in [0, WIRE - 1, WIRE + 1, u32::MAX] {
        let mut stream = UnixStream::connect(trainer.socket()).unwrap();
        Greeting { wire, version: "9.9.9".into() }.write(&mut stream).unwrap();
        let _ = stream.write_all(&encode(&Request::View, TO_TRAINER).unwrap());
        assert_eq!(Greeting::read(&mut stream).unwrap(), Greeting::own());
        assert_eq!(stream.read(&mut [0]).unwrap_or(0), 0, "nothing follows");
    }
    assert_eq!(trainer.server.viewers(), 0);
}

/// Something that listens on a socket, and treats one connection as given.
fn impostor(folder: &Path, serve: impl FnOnce(UnixStream) + Send + 'static) -> (PathBuf, JoinHandle<()>) {
    let socket = folder.join("4711.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let thread = thread::spawn(move || serve(listener.accept().unwrap().0));
    (socket, thread)
}

fn refused(socket: &Path) -> CannotAttach {
    attach(socket, Request::View).map(|_| ()).unwrap_err()
}

#[test]
fn a_trainer_of_another_version_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let (socket, served) = impostor(folder.path(), |mut stream| {
        Greeting { wire: 7, version: "9.9.9".into() }.write(&mut stream).unwrap();
    });
    let error = refused(&socket);
    assert!(matches!(error, CannotAttach::OtherVersion { .. }), "{error}");
    let text = error.to_string();
    for part in ["9.9.9", env!("CARGO_PKG_VERSION"), "/proc/4711/exe attach"] {
        assert!(text.contains(part), "{text}");
    }
    served.join().unwrap();
}

#[test]
fn who_does_not_answer_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let (socket, served) = impostor(folder.path(), |mut stream| {
        // Until the other end closes.
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let error = refused(&socket);
    assert!(matches!(error, CannotAttach::Silent { .. }), "{error}");
    assert!(error.to_string().contains("kill -CONT 4711"), "{error}");
    served.join().unwrap();
}

#[test]
fn other_programs_and_nobody_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let (socket, served) = impostor(folder.path(), |mut stream| {
        let _ = stream.write_all(b"220 mail.example.org ESMTP at your service\r\n");
    });
    assert!(refused(&socket).to_string().contains("greeting of a lenet-monitor"));
    served.join().unwrap();
    for nobody in [socket, folder.path().join("none.sock")] {
        let error = refused(&nobody);
        assert!(matches!(error, CannotAttach::NoRun { .. }), "{error}");
    }
}

/// Serves a connection as a trainer would, up to the events.
fn welcome(stream: &mut UnixStream) {
    Greeting::own().write(stream).unwrap();
    Greeting::read(stream).unwrap();
    read_frame(stream, TO_TRAINER).unwrap();
    let started = samples::events().swap_remove(0);
    let welcome = ToViewer::Welcome(Box::new(samples::welcome(4_711)));
    for message in [welcome, ToViewer::Event(started), ToViewer::Recorded] {
        stream.write_all(&encode(&message, TO_VIEWER).unwrap()).unwrap();
    }
}

#[test]
fn a_trainer_that_vanishes_is_reported_as_a_failure() {
    let half: fn(&mut UnixStream) = |stream| {
        let frame = encode(&ToViewer::Event(Event::Note("a note".into())), TO_VIEWER).unwrap();
        stream.write_all(&frame[..frame.len() - 3]).unwrap();
    };
    let garbage: fn(&mut UnixStream) = |stream| stream.write_all(&[5, 0, 0, 0, 200, 1, 2, 3, 4]).unwrap();
    let huge: fn(&mut UnixStream) = |stream| stream.write_all(&[255; 4]).unwrap();
    let nothing: fn(&mut UnixStream) = |_| ();
    for (last, expected) in [(nothing, "is gone"), (half, "is gone"), (garbage, "decoded"), (huge, "at most")] {
        let folder = tempfile::tempdir().unwrap();
        let (socket, served) = impostor(folder.path(), move |mut stream| {
            welcome(&mut stream);
            last(&mut stream);
        });
        let mut viewer = Viewer::of(attach(&socket, Request::View).unwrap());
        viewer.watch.until_state(State::Failed);
        let outcome = viewer.watch.until_ended();
        let reason = outcome.reason.unwrap();
        assert!(outcome.state == State::Failed && reason.contains(expected) && reason.contains("4711"), "{reason}");
        assert!(viewer.watch.next().is_none());
        served.join().unwrap();
    }
}

#[test]
fn garbage_is_refused_with_a_reason_and_the_run_goes_on() {
    let trainer = Trainer::start();
    let mut witness = trainer.view();
    let huge = (1_u32 << 30).to_le_bytes();
    let command = encode(&ToTrainer::Command(Command::Save), TO_TRAINER).unwrap();
    let trailing = [&[3, 0, 0, 0][..], &command[4..], &[0][..]].concat();
    assert_eq!(command.len(), 6);
    let garbage: [(&[u8], &str); 4] = [
        (&huge, "at most 65536 bytes"),
        (&[1, 0, 0, 0, 250], "decoded"),
        (&[0; 4], "decoded"),
        (&trailing, "1 bytes remain"),
    ];
    for (bytes, expected) in garbage {
        let mut stream = connection(&trainer.socket(), Request::View);
        stream.write_all(bytes).unwrap();
        let mut farewell = None;
        while let Some(message) = next(&mut stream) {
            if let ToViewer::Farewell(reason) = message {
                farewell = Some(reason);
            }
        }
        let farewell = farewell.expect("a reason");
        assert!(farewell.contains(expected), "{farewell}");
    }
    // Before the greeting is over, nothing is said.
    for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0; 1_000], &huge] {
        let mut stream = UnixStream::connect(trainer.socket()).unwrap();
        let _ = stream.write_all(bytes);
        let mut found = Vec::new();
        let _ = stream.read_to_end(&mut found);
        assert!(found.len() <= 32, "{found:?}");
    }
    // A greeting, and no request.
    let mut stream = UnixStream::connect(trainer.socket()).unwrap();
    Greeting::own().write(&mut stream).unwrap();
    stream.write_all(&[255; 4]).unwrap();
    let mut found = Vec::new();
    let _ = stream.read_to_end(&mut found);
    assert_eq!(found.len(), 32);
    // Half a frame, and silence.
    let mut silent = connection(&trainer.socket(), Request::View);
    silent.write_all(&command[..3]).unwrap();
    witness.watch.until("progress", |event| matches!(event, Event::Progress(_)).then_some(()));
    witness.watch.send(Command::Pause);
    witness.watch.until_state(State::Paused);
    drop(silent);
    until("all leave", || trainer.server.viewers() == 1);
}
