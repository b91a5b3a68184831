//! `train --on-end`: a command of the user's when a run is over. Unix only.
#![cfg(unix)]

mod common;

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::Stdio,
};

use common::{
    cli::{command, folder, outcome},
    terminal::{Terminal, until},
};
use lenet_monitor::train::Checkpoint;
use rustix::process::{Pid, Signal, getpgid, kill_process, test_kill_process};
use serde_json::Value;

/// Appends the line of each end to a file.
const KEEP: &str = "cat >>ends";

fn train(folder: &Path, flags: &[&str]) -> (Option<i32>, String, String) {
    let flags = [&["train", "--data-dir", "data", "--threads", "1"], flags].concat();
    outcome(command(folder, &flags).output().unwrap())
}

/// Returns what the command was given so far, a value for each call.
fn ends(folder: &Path) -> Vec<Value> {
    let text = fs::read_to_string(folder.join("ends")).unwrap_or_default();
    text.split_inclusive('\n')
        .filter(|line| line.ends_with('\n'))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Waits for the only end.
#[track_caller]
fn end(folder: &Path) -> Value {
    until(|| !ends(folder).is_empty(), || "a call of the command".into());
    let ends = ends(folder);
    assert_eq!(ends.len(), 1, "{ends:?}");
    ends[0].clone()
}

fn path(value: &Value) -> PathBuf {
    let path = PathBuf::from(value.as_str().unwrap());
    assert!(path.is_absolute(), "{}", path.display());
    path
}

#[test]
fn a_finished_run_calls_once_with_its_result() {
    let folder = folder();
    let (code, _, stderr) = train(folder.path(), &["--headless", "--epochs", "2", "--on-end", KEEP]);
    assert_eq!(code, Some(0), "{stderr}");
    let end = end(folder.path());
    assert_eq!((&end["state"], &end["epochs"], &end["dataset"]), (&"finished".into(), &2.into(), &"data".into()));
    assert!(end["reason"].is_null());
    assert!((0.0..=1.0).contains(&end["accuracy"].as_f64().unwrap()) && end["loss"].as_f64().unwrap() > 0.0, "{end}");
    assert!(end["seconds"].as_f64().unwrap() > 0.0, "{end}");
    assert!(path(&end["run"]).is_dir());
    assert_eq!(path(&end["checkpoint"]), path(&end["run"]).join("last.ckpt"));
}

#[test]
fn a_run_that_diverges_calls_with_the_reason() {
    let folder = folder();
    assert_eq!(train(folder.path(), &["--headless", "--epochs", "1"]).0, Some(0));
    let run = fs::read_dir(folder.path().join("checkpoints")).unwrap().next().unwrap().unwrap().path();
    let mut checkpoint = Checkpoint::read(&run.join("last.ckpt")).unwrap();
    // Finite, but any result computed from them is not.
    checkpoint.parameters.fill(1e38);
    checkpoint.write(&run.join("last.ckpt")).unwrap();
    let flags = ["--headless", "--resume", "--epochs", "2", "--on-end", KEEP];
    assert_eq!(train(folder.path(), &flags).0, Some(1));
    let end = end(folder.path());
    assert_eq!(end["state"], "diverged");
    assert!(end["reason"].as_str().unwrap().contains("last good checkpoint"), "{end}");
}

#[test]
fn a_signal_saves_first_and_calls_then() {
    let folder = folder();
    let watching = "ls checkpoints/*/last.ckpt >saved; cat >>ends";
    let flags = ["train", "--headless", "--data-dir", "data", "--epochs", "10000", "--on-end", watching];
    let mut child = command(folder.path(), &flags).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().trim_start().starts_with("1 ")), "an epoch");
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    lines.for_each(drop);
    assert_eq!(child.wait().unwrap().code(), Some(143));
    let end = end(folder.path());
    assert_eq!(end["state"], "stopped");
    let saved = fs::read_to_string(folder.path().join("saved")).unwrap();
    assert_eq!(
        folder.path().join(saved.trim()).canonicalize().unwrap(),
        path(&end["checkpoint"]).canonicalize().unwrap()
    );
}

#[test]
fn a_command_that_does_not_exist_is_reported_and_harms_nothing() {
    let folder = folder();
    let flags = ["--headless", "--epochs", "1", "--on-end", "no-such-command --now"];
    let (code, stdout, stderr) = train(folder.path(), &flags);
    assert_eq!(code, Some(0));
    assert!(stderr.contains("the command of --on-end could not be started"), "{stderr}");
    assert!(stderr.contains("`no-such-command --now` (exit code 127)"), "{stderr}");
    assert!(stdout.contains("finished"), "{stdout}");
}

#[test]
fn a_command_that_hangs_holds_up_nothing_and_is_left_to_itself() {
    let folder = folder();
    let flags = ["train", "--headless", "--data-dir", "data", "--epochs", "1"];
    let hanging = ["--on-end", "echo $$ >pid.new; mv pid.new pid; exec sleep 1000"];
    let mut program = command(folder.path(), &[&flags[..], &hanging].concat());
    let status = program.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(0));
    let file = folder.path().join("pid");
    until(|| file.exists(), || "the command's process".into());
    let process = Pid::from_raw(fs::read_to_string(file).unwrap().trim().parse().unwrap()).unwrap();
    test_kill_process(process).expect("the command runs on");
    assert_eq!(getpgid(Some(process)).unwrap(), process, "keys and hang-ups are not for it");
    kill_process(process, Signal::KILL).unwrap();
}

#[test]
fn the_configuration_may_name_the_command_and_a_flag_precedes_it() {
    let folder = folder();
    let place = folder.path().join(".config/lenet-monitor");
    fs::create_dir_all(&place).unwrap();
    fs::write(place.join("config.toml"), "on-end = \"cat >>ends\"\n").unwrap();
    for (flags, expected) in [(&["--on-end", "cat >other"][..], "other"), (&["--on-end", ""], "none"), (&[], "ends")] {
        let (code, _, stderr) = train(folder.path(), &[&["--headless", "--epochs", "1"], flags].concat());
        assert_eq!(code, Some(0), "{stderr}");
        let written = || fs::metadata(folder.path().join(expected)).is_ok_and(|file| file.len() > 0);
        if expected == "none" {
            assert!(!folder.path().join("ends").exists(), "an empty command is none");
        } else {
            until(written, || expected.into());
        }
    }
    end(folder.path());
}

#[test]
fn lines_of_json_are_not_mixed_with_the_commands_output() {
    let folder = folder();
    let (code, stdout, stderr) = train(folder.path(), &["--json", "--epochs", "1", "--on-end", "echo called"]);
    assert_eq!(code, Some(0));
    assert!(stdout.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{stdout}");
    assert!(stderr.lines().any(|line| line == "called"), "{stderr}");
    let (_, stdout, _) = train(folder.path(), &["--headless", "--epochs", "1", "--on-end", "echo called"]);
    assert!(stdout.lines().any(|line| line == "called"), "{stdout}");
}

#[test]
fn a_run_on_the_dashboard_calls_for_each_end_but_not_when_it_is_left_afterwards() {
    let mut terminal = Terminal::with(&["--epochs", "2", "--on-end", "echo noise; cat >>ends"]);
    terminal.shows("finished after 2 of 2 epochs");
    let folder = terminal.folder.path().to_owned();
    assert_eq!(end(&folder)["epochs"], 2);
    terminal.press(" ");
    terminal.shows("finished after 3 of 3 epochs");
    until(|| ends(&folder).len() == 2, || format!("{:?}", ends(&folder)));
    assert!(!terminal.text().contains("noise"), "{}", terminal.text());
    terminal.press("q");
    assert_eq!(terminal.exit_code(), 0);
    assert!(!terminal.text().contains("noise"), "{}", terminal.text());
    let states: Vec<_> = ends(&folder).iter().map(|end| (end["state"].clone(), end["epochs"].clone())).collect();
    assert_eq!(states, [("finished".into(), 2.into()), ("finished".into(), 3.into())]);
}

#[test]
fn a_run_that_is_quit_calls_as_stopped_and_a_failing_command_is_in_the_log() {
    let mut terminal = Terminal::with(&["--epochs", "10000", "--on-end", KEEP]);
    terminal.shows("training");
    terminal.quits_and_saves();
    assert_eq!(end(terminal.folder.path())["state"], "stopped");
    let terminal = Terminal::with(&["--epochs", "1", "--on-end", "no-such-command"]);
    terminal.shows("the command of --on-end");
}
