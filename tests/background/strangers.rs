//! Processes of another user. Only root can play one: elsewhere these tests do nothing, and say so.

#![cfg(target_os = "linux")]

use std::{
    fs::{self, Permissions},
    io::Read,
    os::unix::{
        fs::PermissionsExt,
        net::{UnixListener, UnixStream},
    },
    path::Path,
    thread,
};

use lenet_monitor::background::{
    CannotAttach, Listener, RuntimeFolder, Unusable, attach, list, status,
    wire::{Greeting, Request, TO_TRAINER, encode},
};
use rustix::{
    process::{Uid, geteuid},
    thread::set_thread_res_uid,
};

use crate::trainer::{Trainer, until};

const STRANGER: u32 = 12_345;

/// Does something as another user, on a thread of its own. `None` if this user may not become another.
fn as_a_stranger<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    if !geteuid().is_root() {
        eprintln!("skipped: only root can become another user");
        return None;
    }
    // On Linux each thread has a user of its own; the other threads of the process stay what they are.
    let stranger = Uid::from_raw(STRANGER);
    let become_one = || set_thread_res_uid(stranger, stranger, stranger).is_ok();
    thread::scope(|scope| scope.spawn(|| become_one().then(work)).join().unwrap())
}

/// Lets everybody in, as a mistake of its owner would.
fn open_to_all(path: &Path) {
    fs::set_permissions(path, Permissions::from_mode(0o777)).unwrap();
}

#[test]
fn a_folder_of_another_user_is_refused() {
    let outer = tempfile::tempdir().unwrap();
    open_to_all(outer.path());
    let folder = RuntimeFolder::at(outer.path().join("lenet-monitor"));
    let listener = Listener::bind(&folder).unwrap();
    let refusals = as_a_stranger(|| {
        let listed = list(std::slice::from_ref(&folder)).unwrap_err();
        (listed, Listener::bind(&folder).unwrap_err().to_string(), attach(listener.socket(), Request::View).map(|_| ()))
    });
    let Some((listed, bound, attached)) = refusals else { return };
    assert!(matches!(listed, Unusable::Foreign { expected: STRANGER, found: 0, .. }), "{listed}");
    assert!(bound.contains("expected a folder of user 12345, found one of user 0"), "{bound}");
    let error = attached.unwrap_err().to_string();
    assert!(error.contains("Permission denied"), "{error}");
}

#[test]
fn a_trainer_answers_no_other_user_even_if_its_socket_is_open_to_all() {
    let trainer = Trainer::start();
    let socket = trainer.socket();
    [trainer.folder.path(), trainer.runtime().path(), &socket].into_iter().for_each(open_to_all);
    let answer = as_a_stranger(|| {
        let mut stream = UnixStream::connect(&socket).unwrap();
        let _ = Greeting::own().write(&mut stream);
        let _ = std::io::Write::write_all(&mut stream, &encode(&Request::View, TO_TRAINER).unwrap());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        (answer, status(&socket).unwrap_err())
    });
    let Some((answer, error)) = answer else { return };
    assert!(answer.is_empty(), "not even a greeting");
    assert!(matches!(error, CannotAttach::Foreign { .. }), "{error}");
    assert_eq!(trainer.server.viewers(), 0);
    // The trainer's own user is still served.
    let viewer = trainer.view();
    until("a viewer", || trainer.server.viewers() == 1);
    drop(viewer);
}

#[test]
fn a_viewer_speaks_to_no_process_of_another_user() {
    let folder = tempfile::tempdir().unwrap();
    open_to_all(folder.path());
    let socket = folder.path().join("4711.sock");
    let listener = as_a_stranger(|| UnixListener::bind(&socket).unwrap());
    let Some(listener) = listener else { return };
    let served = thread::spawn(move || {
        let mut heard = Vec::new();
        let _ = listener.accept().unwrap().0.read_to_end(&mut heard);
        heard
    });
    let error = attach(&socket, Request::View).map(|_| ()).unwrap_err();
    assert!(matches!(error, CannotAttach::Foreign { .. }), "{error}");
    assert!(error.to_string().contains("another user's process"), "{error}");
    assert!(served.join().unwrap().is_empty(), "not even a greeting");
}
