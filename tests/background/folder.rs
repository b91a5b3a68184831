//! The folder of the sockets, and what lies in it.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use lenet_monitor::background::{CannotListen, Listener, RuntimeFolder, Unusable, list};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn refusal(path: &Path) -> String {
    let error = Listener::bind(&RuntimeFolder::at(path)).unwrap_err();
    assert!(matches!(error, CannotListen::Folder(_)), "{error}");
    let text = error.to_string();
    assert!(text.contains("XDG_RUNTIME_DIR"), "it does not say what to do: {text}");
    text
}

#[test]
fn only_the_user_may_open_folder_and_socket_and_nothing_is_left() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("lenet-monitor");
    let listener = Listener::bind(&RuntimeFolder::at(&folder)).unwrap();
    let socket = folder.join(format!("{}.sock", std::process::id()));
    assert_eq!((listener.socket(), mode(&folder), mode(&socket)), (&*socket, 0o700, 0o600));
    assert_eq!(mode(&socket.with_extension("run")), 0o600);
    // As a process with the same ID in a container that shares the folder.
    let another = Listener::bind(&RuntimeFolder::at(&folder)).unwrap();
    assert_eq!(another.socket(), folder.join(format!("{}-2.sock", std::process::id())));
    drop(listener);
    assert!(another.socket().exists());
    drop(another);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn folders_that_others_may_change_are_refused() {
    let outer = tempfile::tempdir().unwrap();
    let (real, link, file) = (outer.path().join("real"), outer.path().join("link"), outer.path().join("file"));
    fs::create_dir(&real).unwrap();
    fs::set_permissions(&real, Permissions::from_mode(0o700)).unwrap();
    symlink(&real, &link).unwrap();
    assert!(refusal(&link).contains("found a symbolic link"));
    let error = list(&[RuntimeFolder::at(&link)]).unwrap_err();
    assert!(matches!(error, Unusable::NotAFolder { .. }), "{error}");
    fs::write(&file, "").unwrap();
    assert!(refusal(&file).contains("found a file"));
    for writable in [0o770, 0o707, 0o755, 0o711] {
        fs::set_permissions(&real, Permissions::from_mode(writable)).unwrap();
        assert!(refusal(&real).contains(&format!("found mode {writable:o}")));
    }
    assert_eq!(fs::read_dir(&real).unwrap().count(), 0);
    // Only root can make a folder of another user to try.
    let foreign = outer.path().join("foreign");
    fs::create_dir(&foreign).unwrap();
    fs::set_permissions(&foreign, Permissions::from_mode(0o700)).unwrap();
    if std::os::unix::fs::chown(&foreign, Some(12_345), None).is_ok() {
        assert!(refusal(&foreign).contains("found one of user 12345"));
    }
}

#[test]
fn a_path_too_long_for_a_socket_is_refused() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("a".repeat(100));
    assert!(refusal(&folder).contains("at most 100 bytes"));
}

#[test]
fn a_folder_that_does_not_exist_has_no_runs() {
    let outer = tempfile::tempdir().unwrap();
    assert!(list(&[RuntimeFolder::at(outer.path().join("none"))]).unwrap().is_empty());
}
