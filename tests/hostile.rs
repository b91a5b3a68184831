//! What may lie on a disk or stand in a name, and must do no harm: links, pipes, escapes, lengths, leftovers.
#![cfg(unix)]

mod common;

use std::{
    ffi::OsStr,
    fs::{self, File},
    os::unix::{
        fs::{PermissionsExt, symlink},
        net::UnixListener,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use common::{
    cli::{command, folder, outcome},
    runs::made_up_checkpoint,
};
use lenet_monitor::{
    nn::OptimizerKind,
    train::{
        Checkpoint, RunFolder,
        checkpoint::{BEST, LAST},
        housekeeping::{delete, delete_file, tidy},
    },
};

/// Far longer than anything here takes: whoever waits for a pipe waits for ever.
const PATIENCE: Duration = Duration::from_secs(120);
const LOCK: &str = ".run.lock";
/// A folder's name that writes to a terminal's title, turns text red and right to left, and has two lines.
const EVIL: &str = "red\u{1b}[31m\u{1b}]0;title\u{7}two\nlines\u{202e}\u{9b}7m";

/// Exit code, stdout and stderr of a command that ends.
fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = command(folder, arguments);
    finished(command.stdout(Stdio::piped()).stderr(Stdio::piped()))
}

fn finished(command: &mut Command) -> (Option<i32>, String, String) {
    let mut child = command.spawn().unwrap();
    let since = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if since.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("{command:?} waits for ever");
        }
        thread::sleep(Duration::from_millis(10));
    }
    outcome(child.wait_with_output().unwrap())
}

/// A folder with a data set and a run of an epoch, and that run's folder.
fn trained() -> (tempfile::TempDir, PathBuf) {
    let folder = folder();
    let (code, _, stderr) = run(folder.path(), &["train", "--headless", "--epochs", "1", "--threads", "1"]);
    assert_eq!(code, Some(0), "{stderr}");
    let run = fs::read_dir(folder.path().join("checkpoints")).unwrap().next().unwrap().unwrap().path();
    (folder, run)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Nothing in it that a terminal would obey, but for line feeds.
fn assert_harmless(text: &str) {
    let bad = |char: char| (char.is_control() && char != '\n') || char == '\u{202e}';
    assert!(!text.contains(bad), "{text:?}");
}

#[test]
fn a_lock_that_is_a_link_is_neither_written_nor_passed_over() {
    let (folder, run_folder) = trained();
    let precious = folder.path().join("precious");
    let lock = run_folder.join(LOCK);
    let hard = |lock: &Path| fs::hard_link(&precious, lock).unwrap();
    let soft = |lock: &Path| symlink(&precious, lock).unwrap();
    let loose = |lock: &Path| symlink(folder.path().join("nothing"), lock).unwrap();
    let makers: [&dyn Fn(&Path); 3] = [&hard, &soft, &loose];
    for make in makers {
        fs::write(&precious, "for nobody else\n").unwrap();
        fs::remove_file(&lock).unwrap();
        make(&lock);
        let (code, stdout, stderr) = run(folder.path(), &["train", "--headless", "--resume", "--epochs", "2"]);
        assert_eq!((code, stdout.as_str()), (Some(1), ""), "{stderr}");
        assert!(stderr.contains(LOCK) && stderr.contains("link") && stderr.contains("remove"), "{stderr}");
        assert_eq!(RunFolder::holder(&run_folder), None);
        for refused in [delete(&run_folder).map(drop), delete_file(&run_folder.join(BEST))] {
            assert!(refused.unwrap_err().to_string().contains("link"));
        }
        assert_eq!(fs::read_to_string(&precious).unwrap(), "for nobody else\n");
        assert!(!folder.path().join("nothing").exists());
    }
    fs::remove_file(&lock).unwrap();
    let (code, _, stderr) = run(folder.path(), &["train", "--headless", "--resume", "--epochs", "2"]);
    assert_eq!(code, Some(0), "{stderr}");
}

#[test]
fn a_checkpoint_that_is_a_link_is_replaced_and_what_it_leads_to_stays() {
    let (folder, run_folder) = trained();
    let (last, elsewhere) = (run_folder.join(LAST), folder.path().join("kept.ckpt"));
    fs::rename(&last, &elsewhere).unwrap();
    symlink(&elsewhere, &last).unwrap();
    let before = fs::read(&elsewhere).unwrap();
    let (code, _, stderr) = run(folder.path(), &["train", "--headless", "--resume", "--epochs", "2"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(Checkpoint::read(&last).unwrap().position.epoch, 2);
    assert!(fs::read(&elsewhere).unwrap() == before && !last.is_symlink());
}

/// Whoever may read a file may lock it.
#[test]
fn only_who_may_write_a_runs_folder_may_open_its_lock() {
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for (of_folder, of_lock) in [(0o755, 0o600), (0o700, 0o600), (0o775, 0o660), (0o777, 0o666)] {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(of_folder)).unwrap();
        // As an earlier version left it, and where there is none.
        for before in [Some("4711"), None] {
            let lock = folder.path().join(LOCK);
            let _ = fs::remove_file(&lock);
            if let Some(text) = before {
                fs::write(&lock, text).unwrap();
                fs::set_permissions(&lock, fs::Permissions::from_mode(0o644)).unwrap();
            }
            let held = RunFolder::take(folder.path()).unwrap();
            assert_eq!(mode(&lock), of_lock, "in a folder of {of_folder:o}");
            drop(held);
        }
    }
    let (folder, run_folder) = trained();
    let lock = run_folder.join(LOCK);
    assert_eq!(mode(&lock) & 0o044, 0);
    // Another user's: whether the run is being trained cannot be known.
    fs::set_permissions(&lock, fs::Permissions::from_mode(0o000)).unwrap();
    if File::open(&lock).is_ok() {
        eprintln!("skipped: this user may open any file");
        return;
    }
    let (code, _, stderr) = run(folder.path(), &["train", "--headless", "--resume", "--epochs", "2"]);
    assert!(code == Some(1) && stderr.contains(LOCK) && stderr.contains("another user"), "{stderr}");
    assert!(RunFolder::holder(&run_folder).unwrap().to_string().contains("another user"));
    assert!(delete(&run_folder).is_err() && run_folder.join(LAST).exists());
}

fn make_pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn pipes_and_sockets_are_refused_at_once_wherever_a_file_is_read() {
    let (folder, run_folder) = trained();
    let path = folder.path();
    let other = path.join("checkpoints/other");
    fs::create_dir(&other).unwrap();
    make_pipe(&other.join(LAST));
    let _socket = UnixListener::bind(other.join(BEST)).unwrap();
    let pipe = other.join(LAST).to_str().unwrap().to_owned();
    let socket = other.join(BEST).to_str().unwrap().to_owned();
    let picture = path.join("7.png").to_str().unwrap().to_owned();
    for (file, found) in [(&pipe, "a named pipe"), (&socket, "a socket"), (&"/dev/zero".to_owned(), "a device")] {
        for arguments in [
            &["eval", file][..],
            &["history", file],
            &["checkpoints", "show", file],
            &["predict", file, &picture],
            &["train", "--headless", "--resume", file],
        ] {
            let (code, _, stderr) = run(path, arguments);
            assert!(code == Some(1) && stderr.contains(found), "{arguments:?}: {code:?} {stderr}");
        }
    }
    let (code, stdout, _) = run(path, &["checkpoints", "list"]);
    assert_eq!(code, Some(0));
    for (file, found) in [("other/last.ckpt", "a named pipe"), ("other/best.ckpt", "a socket")] {
        let told = |line: &str| line.starts_with("DAMAGED") && line.contains(file) && line.contains(found);
        assert!(stdout.lines().any(told), "{stdout}");
    }
    // In the lock's place.
    fs::remove_file(run_folder.join(LOCK)).unwrap();
    make_pipe(&run_folder.join(LOCK));
    assert_eq!(RunFolder::holder(&run_folder), None);
    let (code, _, stderr) =
        run(path, &["train", "--headless", "--resume", run_folder.to_str().unwrap(), "--epochs", "2"]);
    assert!(code == Some(1) && stderr.contains(LOCK) && stderr.contains("a named pipe"), "{stderr}");
    // In the configuration's.
    make_pipe(&path.join("config.toml"));
    let mut command = command(path, &["config", "check"]);
    command.env("LENET_MONITOR_CONFIG", "config.toml").stdout(Stdio::piped()).stderr(Stdio::piped());
    let (code, _, stderr) = finished(&mut command);
    assert!(code == Some(1) && stderr.contains("config.toml") && stderr.contains("a named pipe"), "{stderr}");
}

#[test]
fn names_of_folders_reach_the_terminal_only_cleaned() {
    let (folder, run_folder) = trained();
    let path = folder.path();
    let evil = run_folder.with_file_name(EVIL);
    fs::rename(&run_folder, &evil).unwrap();
    fs::create_dir(path.join("checkpoints/damaged\n\u{1b}[2J")).unwrap();
    fs::write(path.join("checkpoints/damaged\n\u{1b}[2J").join(LAST), "no checkpoint").unwrap();
    let evil = evil.to_str().unwrap();
    for arguments in [
        &["checkpoints", "list"][..],
        &["checkpoints", "show", evil],
        &["history", evil],
        &["history", evil, "--json"],
        &["eval", evil],
        &["eval", evil, "--json"],
        &["predict", evil, EVIL],
        &["report", evil, "--out", "out"],
        &["train", "--headless", "--resume", evil, "--epochs", "2"],
        &["train", "--json", "--resume", evil, "--epochs", "3"],
        &["train", "--headless", "--checkpoint-dir", EVIL, "--epochs", "1"],
        &["data", "status", "--data-dir", EVIL],
        &["sweep", "--dry-run", "--out", EVIL],
        &["eval", &format!("{evil}/none.ckpt")],
    ] {
        let (_, stdout, stderr) = run(path, arguments);
        assert_harmless(&stdout);
        assert_harmless(&stderr);
        assert!(!stdout.lines().chain(stderr.lines()).any(|line| line.starts_with("lines")), "{stdout}{stderr}");
    }
    let page = fs::read_to_string(path.join("out/report.html")).unwrap();
    assert!(!page.contains(['\u{1b}', '\u{202e}', '\u{9b}']), "{page}");
    // Programs get the name as it is.
    let (_, stdout, _) = run(path, &["train", "--json", "--resume", evil, "--epochs", "4"]);
    let end: serde_json::Value = serde_json::from_str(stdout.lines().last().unwrap()).unwrap();
    assert_eq!(Path::new(end["checkpoint"].as_str().unwrap()), Path::new(evil).join(LAST));
}

#[test]
fn texts_in_checkpoints_reach_the_terminal_only_cleaned() {
    let folder = folder();
    let path = folder.path();
    let mut checkpoint = made_up_checkpoint(OptimizerKind::Sgd);
    checkpoint.spec.dataset.name = EVIL.into();
    checkpoint.written_by = "0.1\u{1b}[31m".into();
    checkpoint.computed_with.simd = "avx\u{9b}31m\n".into();
    fs::create_dir_all(path.join("checkpoints/run")).unwrap();
    checkpoint.write(&path.join("checkpoints/run").join(LAST)).unwrap();
    let file = "checkpoints/run";
    for arguments in [
        &["checkpoints", "list"][..],
        &["checkpoints", "show", file],
        &["history", file],
        &["history", file, "--json"],
        &["history", file, "--csv"],
        &["eval", file],
        &["report", file, "--out", "out"],
        &["train", "--headless", "--resume"],
    ] {
        let (_, stdout, stderr) = run(path, arguments);
        assert_harmless(&stdout);
        assert_harmless(&stderr);
    }
    let (_, stdout, _) = run(path, &["checkpoints", "list"]);
    assert_eq!(stdout.lines().count(), 2, "{stdout}");
    checkpoint.spec.dataset.name = "=1+2".into();
    checkpoint.write(&path.join("checkpoints/run").join(LAST)).unwrap();
    let (_, stdout, _) = run(path, &["history", file, "--csv"]);
    assert!(stdout.lines().skip(1).all(|line| line.ends_with(",'=1+2")), "a spreadsheet would run it: {stdout}");
}

/// The checksum is right in these.
#[test]
fn texts_of_any_length_in_checkpoints_are_an_error_and_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("checkpoints/run").join(LAST);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    made_up_checkpoint(OptimizerKind::Sgd).write(&file).unwrap();
    let whole = fs::read(&file).unwrap();
    let place = whole.windows(5).position(|bytes| bytes == b"\x04bars").unwrap();
    for length in [301_u32, 65_535, 65_536, 1_000_000] {
        let name = [&[0xfc][..], &length.to_le_bytes(), &vec![b'A'; length as usize]].concat();
        let contents = [&whole[24..place], &name, &whole[place + 5..]].concat();
        let header = [&whole[8..12], &(contents.len() as u64).to_le_bytes()].concat();
        let sum = crc32fast::hash(&[&header[..], &contents].concat());
        fs::write(&file, [&whole[..8], &header, &sum.to_le_bytes(), &contents].concat()).unwrap();
        let (code, stdout, stderr) = run(folder.path(), &["checkpoints", "list"]);
        assert_eq!(code, Some(0), "{stderr}");
        assert!(stdout.starts_with("DAMAGED") && stdout.contains("name of the data set"), "{stdout:.300}");
        assert!(stdout.len() < 300, "{stdout:.300}");
        let (code, _, stderr) = run(folder.path(), &["history", "checkpoints/run"]);
        assert!(code == Some(1) && stderr.contains("at most 300 characters"), "{stderr:.300}");
    }
}

#[test]
fn configurations_are_quoted_only_cleaned_and_in_part() {
    let folder = tempfile::tempdir().unwrap();
    let long = "x".repeat(100_000);
    for text in [
        "theme = \"\u{9b}31m\u{202e}\"\n",
        "theme = \"a\\u001b[31m\\nb\"\n",
        "\"\\u001b]0;title\\u0007\" = 1\n",
        "\u{1b}[2J = 1\n",
        "[keys]\n\"\\u001b[2J\" = \"q\"\n",
        "[keys.train]\nzoom = \"\\u001b[2J\"\n",
        &format!("{long} = 1\n"),
        &format!("theme = \"{long}\"\n"),
    ] {
        fs::write(folder.path().join("config.toml"), text).unwrap();
        let mut command = command(folder.path(), &["config", "check"]);
        let (code, _, stderr) = outcome(command.env("LENET_MONITOR_CONFIG", "config.toml").output().unwrap());
        assert_eq!(code, Some(1), "{text:.80}");
        assert_harmless(&stderr);
        assert!(stderr.lines().count() == 1 && stderr.len() < 2_000, "{stderr:.2000}");
    }
}

#[test]
fn scratch_files_of_killed_writers_are_removed_and_those_of_others_are_not() {
    let (folder, run_folder) = trained();
    let path = folder.path();
    let report = || assert_eq!(run(path, &["report", run_folder.to_str().unwrap(), "--out", "out"]).0, Some(0));
    report();
    let before = names(&path.join("out"));
    let file = before.iter().find(|name| name.ends_with(".html")).unwrap();
    let scratch = |random: &str| path.join("out").join(format!(".{file}.{random}.partial"));
    // One that was killed, one that is being written, and others.
    for name in ["aB3dE6", "held00", "toolong1", "short", "with_a"] {
        fs::write(scratch(name), "half of one").unwrap();
    }
    symlink(path.join("data"), scratch("link00")).unwrap();
    fs::write(path.join("out/.notes.txt.aB3dE6.partial"), "somebody's own").unwrap();
    let held = File::options().write(true).open(scratch("held00")).unwrap();
    held.lock().unwrap();
    report();
    let left: Vec<String> = names(&path.join("out")).into_iter().filter(|name| !before.contains(name)).collect();
    let mut expected: Vec<String> =
        ["held00", "toolong1", "short", "with_a", "link00"].map(|name| format!(".{file}.{name}.partial")).to_vec();
    expected.push(".notes.txt.aB3dE6.partial".into());
    expected.sort();
    assert_eq!(left, expected);
}

#[test]
fn what_killed_deletions_left_is_removed_when_a_run_begins() {
    let (folder, run_folder) = trained();
    let runs = folder.path().join("checkpoints");
    let make = |name: &str, files: &[&str]| {
        let made = runs.join(name);
        fs::create_dir(&made).unwrap();
        files.iter().for_each(|file| fs::write(made.join(file), "").unwrap());
        made
    };
    make("20261124-110200-relu-adam-0.001-b16", &[]);
    make("20261124-110201-relu-adam-0.001-b16", &[LOCK]);
    make("renamed", &[LOCK]);
    make("20261124-110202-relu-adam-0.001-b16", &[LOCK, ".last.ckpt.aB3dE6.partial"]);
    let held = RunFolder::take(&make("held", &[])).unwrap();
    make("somebody's own", &[]);
    make("with notes", &[LOCK, "notes.txt"]);
    make("20261124-110203-relu-adam-0.001-b16", &["notes.txt"]);
    let outside = folder.path().join("20261124-110204-outside");
    fs::create_dir(&outside).unwrap();
    symlink(&outside, runs.join("20261124-110204-link")).unwrap();
    let (code, _, stderr) = run(folder.path(), &["train", "--headless", "--resume", "--epochs", "2"]);
    assert_eq!(code, Some(0), "{stderr}");
    let mut expected = vec![run_folder.file_name().and_then(OsStr::to_str).unwrap().to_owned()];
    expected.extend(
        ["20261124-110203-relu-adam-0.001-b16", "20261124-110204-link", "held", "somebody's own", "with notes"]
            .map(String::from),
    );
    expected.sort();
    assert_eq!(names(&runs), expected);
    assert!(outside.is_dir());
    drop(held);
    tidy(&runs);
    assert!(!runs.join("held").exists());
}
