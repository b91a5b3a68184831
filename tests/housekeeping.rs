//! Runs are renamed and deleted only while nobody trains them, and no other file is deleted with them.

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
};

use common::runs::made_up_checkpoint;
use lenet_monitor::{
    nn::OptimizerKind,
    train::{
        BackgroundRun, Checkpoint, Holder, HousekeepingError, LOG, RunFolder,
        checkpoint::{BEST, LAST},
        housekeeping::{MAX_NAME, delete, delete_file, rename},
    },
};
use tempfile::TempDir;

/// Creates a checkpoint folder with one run, and returns it with the run's folder.
fn a_run() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    fs::create_dir(&run).unwrap();
    for name in [LAST, BEST] {
        made_up_checkpoint(OptimizerKind::Sgd).write(&run.join(name)).unwrap();
    }
    fs::write(run.join(LOG), "a line\n").unwrap();
    fs::write(run.join(".last.ckpt.123.partial"), "half").unwrap();
    (folder, run)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_renamed_run_is_complete_under_its_new_name() {
    let (folder, run) = a_run();
    let before = Checkpoint::read(&run.join(LAST)).unwrap();
    let renamed = rename(&run, "the good one").unwrap();
    assert_eq!(renamed, folder.path().join("the good one"));
    assert_eq!(names(folder.path()), ["the good one"]);
    assert_eq!(Checkpoint::read(&renamed.join(LAST)).unwrap(), before);
    RunFolder::take(&renamed).unwrap();
}

#[test]
fn invalid_and_taken_names_are_refused() {
    let (folder, run) = a_run();
    fs::create_dir(folder.path().join("other")).unwrap();
    let long = "x".repeat(MAX_NAME + 1);
    for name in ["", ".", "..", ".hidden", "a/b", "a\\b", "a\nb", " a", "a ", &long] {
        let error = rename(&run, name).unwrap_err();
        assert!(matches!(error, HousekeepingError::Name { .. }), "{name:?}: {error}");
    }
    let error = rename(&run, "other").unwrap_err();
    assert_eq!(error.to_string(), "`other` already exists; choose another name");
    assert_eq!(names(folder.path()), ["other", "run"]);
}

#[test]
fn a_deleted_run_leaves_nothing() {
    let (folder, run) = a_run();
    assert_eq!(delete(&run).unwrap(), 0);
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn other_files_stay_and_are_counted() {
    let (_folder, run) = a_run();
    fs::write(run.join("notes.md"), "mine").unwrap();
    fs::create_dir(run.join("pictures.ckpt")).unwrap();
    assert_eq!(delete(&run).unwrap(), 2);
    assert_eq!(names(&run), ["notes.md", "pictures.ckpt"]);
    assert_eq!(fs::read_to_string(run.join("notes.md")).unwrap(), "mine");
}

#[test]
fn one_checkpoint_is_deleted_and_the_others_stay() {
    let (_folder, run) = a_run();
    delete_file(&run.join(BEST)).unwrap();
    let left = names(&run);
    assert!(left.contains(&LAST.into()) && !left.contains(&BEST.into()), "{left:?}");
}

#[test]
fn a_run_in_training_is_left_alone() {
    let (folder, run) = a_run();
    let held = RunFolder::take(&run).unwrap();
    let before = names(&run);
    for result in [rename(&run, "new").map(drop), delete(&run).map(drop), delete_file(&run.join(BEST))] {
        let error = result.unwrap_err();
        assert!(matches!(error, HousekeepingError::Busy(_)), "{error}");
        assert!(error.to_string().contains("is being trained by another lenet-monitor"), "{error}");
    }
    assert_eq!((names(&run), names(folder.path())), (before, vec!["run".to_owned()]));
    drop(held);
    delete(&run).unwrap();
}

#[test]
fn looking_for_the_holder_of_a_run_changes_nothing() {
    let (_folder, run) = a_run();
    let before = names(&run);
    assert_eq!(RunFolder::holder(&run), None);
    assert_eq!(names(&run), before);
    let held = RunFolder::take(&run).unwrap();
    assert_eq!(RunFolder::holder(&run), None, "no other program holds it");
    fs::write(run.join(".run.lock"), "1").unwrap();
    assert_eq!(RunFolder::holder(&run), Some(Holder { process: Some(1), background: None }));
    fs::write(run.join(".run.lock"), "").unwrap();
    assert_eq!(RunFolder::holder(&run), Some(Holder::default()), "it has not written its ID yet");
    drop(held);
    assert_eq!(RunFolder::holder(&run), None);
    RunFolder::take(&run).unwrap();
}

#[test]
fn the_lock_of_a_background_run_names_it_and_reads_as_before() {
    let (_folder, run) = a_run();
    let process = std::process::id();
    let socket = "/run/user/1000/lenet-monitor/7.sock".into();
    let background = BackgroundRun { process, since: 1_795_000_000, version: "0.2.0".into(), socket, run: run.clone() };
    background.sign().unwrap_err();
    let held = RunFolder::take(&run).unwrap();
    background.sign().unwrap();
    assert!(!held.is_lost());
    let text = fs::read_to_string(run.join(".run.lock")).unwrap();
    assert_eq!(text[..11].parse(), Ok(process), "what version 0.1.0 reads");
    // As another process writes it.
    let other = BackgroundRun { process: 1, ..background.clone() };
    fs::write(run.join(".run.lock"), text.replace(&process.to_string(), "1")).unwrap();
    assert_eq!(RunFolder::holder(&run), Some(Holder { process: Some(1), background: Some(other) }));
    background.sign().unwrap_err();
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_not_followed() {
    let (folder, run) = a_run();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&run, &link).unwrap();
    for result in [rename(&link, "new").map(drop), delete(&link).map(drop)] {
        assert!(matches!(result, Err(HousekeepingError::Link { .. })), "{result:?}");
    }
    assert!(run.join(LAST).is_file());
}

#[test]
fn a_missing_run_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let error = delete(&folder.path().join("none")).unwrap_err().to_string();
    assert!(error.contains("none") && error.contains("No such file"), "{error}");
    assert_eq!(names(folder.path()), [""; 0], "and nothing is created");
}
