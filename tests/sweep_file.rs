//! A sweep's table that others replace, change or remove while the sweep writes it; links, full disks, and names that a
//! spreadsheet would execute.
#![cfg(unix)]

mod common;

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Command, Stdio},
};

use common::{
    cli::{command, folder, outcome},
    made_up_images,
};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

const GRID: [&str; 8] =
    ["--activations", "relu,tanh", "--lrs", "0.01,0.001", "--optimizers", "adam,sgd", "--batch-sizes", "16"];
/// Two short runs.
const TWO: [&str; 10] =
    ["--activations", "relu", "--lrs", "0.01,0.001", "--optimizers", "adam", "--batch-sizes", "16", "--epochs", "1"];

fn sweep(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    outcome(command(folder, &[&["sweep"], arguments].concat()).output().unwrap())
}

/// Returns the keys in a table.
fn keys(path: &Path) -> BTreeSet<String> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let key = reader.headers().unwrap().iter().position(|column| column == "Key").expect("a sweep's table");
    reader.records().map(|record| record.unwrap()[key].to_owned()).collect()
}

/// Runs a sweep of eight runs, disturbs its table after three of them, and returns exit code, stdout and stderr.
fn disturbed(folder: &Path, disturb: impl FnOnce(&Path)) -> (Option<i32>, String, String) {
    disturbed_at(folder, "sweep.csv", disturb)
}

fn disturbed_at(folder: &Path, name: &str, disturb: impl FnOnce(&Path)) -> (Option<i32>, String, String) {
    let arguments = [&["sweep", "--headless", "--jobs", "1", "--epochs", "5", "--out", name], &GRID[..]].concat();
    let mut child = command(folder, &arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let (mut seen, mut out) = (0, String::new());
    while seen < 3 {
        let mut line = String::new();
        assert!(stdout.read_line(&mut line).unwrap() > 0, "{out}");
        seen += usize::from(line.contains("/8  "));
        out += &line;
    }
    let pid = Pid::from_raw(child.id() as i32).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    disturb(&folder.join(name));
    kill_process(pid, Signal::CONT).unwrap();
    stdout.read_to_string(&mut out).unwrap();
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert!(!err.contains("panicked"), "{err}");
    (child.wait().unwrap().code(), out, err)
}

type Disturbance = (&'static str, fn(&Path), &'static str, &'static str);

const DISTURBANCES: [Disturbance; 9] = [
    ("removed", |table| fs::remove_file(table).unwrap(), "was removed", "sweep.csv"),
    (
        "replaced by an older copy",
        |table| {
            let text = fs::read_to_string(table).unwrap();
            let first: String = text.split_inclusive('\n').take(2).collect();
            fs::write(table.with_file_name("new"), first).unwrap();
            fs::rename(table.with_file_name("new"), table).unwrap();
        },
        "was replaced",
        "sweep.csv",
    ),
    (
        "shortened in place",
        |table| {
            let text = fs::read_to_string(table).unwrap();
            fs::write(table, text.split_inclusive('\n').take(2).collect::<String>()).unwrap();
        },
        "was changed",
        "sweep.csv",
    ),
    ("emptied", |table| fs::write(table, "").unwrap(), "was changed", "sweep.csv"),
    (
        "cut within a row",
        |table| {
            let text = fs::read(table).unwrap();
            fs::write(table, &text[..text.len() - 9]).unwrap();
        },
        "was changed",
        "sweep.csv",
    ),
    (
        "overwritten",
        |table| fs::write(table, "Dear diary,\n").unwrap(),
        "is now something other than a sweep's table",
        "sweep-2.csv",
    ),
    (
        "replaced by something else",
        |table| {
            fs::remove_file(table).unwrap();
            fs::write(table, "Dear diary,\n").unwrap();
        },
        "is now something other than a sweep's table",
        "sweep-2.csv",
    ),
    (
        "replaced by a folder",
        |table| {
            fs::remove_file(table).unwrap();
            fs::create_dir(table).unwrap();
        },
        "is now a folder",
        "sweep-2.csv",
    ),
    (
        "replaced by a link",
        |table| {
            fs::remove_file(table).unwrap();
            fs::write(table.with_file_name("victim"), "not yours\n").unwrap();
            std::os::unix::fs::symlink("victim", table).unwrap();
        },
        "is now a symbolic link",
        "sweep-2.csv",
    ),
];

#[test]
fn no_row_is_lost_whatever_happens_to_the_table() {
    for (what, disturb, note, out) in DISTURBANCES {
        let folder = folder();
        let (code, stdout, stderr) = disturbed(folder.path(), disturb);
        assert_eq!(code, Some(0), "{what}: {stderr}");
        assert!(stdout.contains(&format!("8 of 8 runs on data are in {out}")), "{what}: {stdout}");
        assert!(stderr.contains(note), "{what}: {stderr}");
        assert_eq!(keys(&folder.path().join(out)).len(), 8, "{what}");
        for (name, text) in [("victim", "not yours\n"), ("sweep.csv", "Dear diary,\n")] {
            if let Ok(found) = fs::read_to_string(folder.path().join(name)).as_deref()
                && out != name
                && !fs::symlink_metadata(folder.path().join(name)).unwrap().is_symlink()
            {
                assert_eq!(found, text, "{what}");
            }
        }
    }
}

#[test]
fn rows_that_cannot_be_restored_are_reported_with_exit_code_1() {
    let folder = folder();
    let (code, stdout, stderr) = disturbed_at(folder.path(), "below/sweep.csv", |table| {
        fs::remove_dir_all(table.parent().unwrap()).unwrap();
        fs::write(table.parent().unwrap(), "in the way").unwrap();
    });
    assert_eq!(code, Some(1), "{stdout}{stderr}");
    assert!(stdout.contains("0 of 8 runs on data are in below/sweep.csv"), "{stdout}");
    assert!(stderr.contains("3 of 3 rows are missing from below/sweep.csv: "), "{stderr}");
}

#[test]
fn rows_added_by_others_stay() {
    let folder = folder();
    assert_eq!(sweep(folder.path(), &[&TWO[..], &["--out", "other.csv"]].concat()).0, Some(0));
    let others = keys(&folder.path().join("other.csv"));
    let (code, _, stderr) = disturbed(folder.path(), |table| {
        fs::copy(table.with_file_name("other.csv"), table.with_file_name("new")).unwrap();
        fs::rename(table.with_file_name("new"), table).unwrap();
    });
    assert_eq!(code, Some(0), "{stderr}");
    let all = keys(&folder.path().join("sweep.csv"));
    assert_eq!(all.len(), 10);
    assert!(all.is_superset(&others));
}

#[test]
fn a_replacement_with_rows_of_later_runs_gets_each_row_once() {
    let folder = folder();
    let whole = [&GRID[..], &["--epochs", "5", "--out", "other.csv"]].concat();
    assert_eq!(sweep(folder.path(), &whole).0, Some(0));
    let (code, stdout, stderr) =
        disturbed(folder.path(), |table| fs::rename(table.with_file_name("other.csv"), table).unwrap());
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("8 of 8 runs"), "{stdout}");
    let text = fs::read_to_string(folder.path().join("sweep.csv")).unwrap();
    assert_eq!((keys(&folder.path().join("sweep.csv")).len(), text.lines().count()), (8, 9), "{text}");
}

#[test]
fn merge_does_not_replace_a_table_that_is_being_written() {
    let folder = folder();
    assert_eq!(sweep(folder.path(), &[&TWO[..], &["--out", "other.csv"]].concat()).0, Some(0));
    let (code, stdout, stderr) = disturbed(folder.path(), |table| {
        let folder = table.parent().unwrap();
        for tables in [["sweep.csv", "sweep.csv"], ["other.csv", "other.csv"]] {
            let (code, _, stderr) = sweep(folder, &[&["merge"], &tables[..], &["--out", "sweep.csv"], &GRID].concat());
            assert_eq!(code, Some(1));
            assert!(stderr.contains("sweep.csv is being written by another sweep"), "{stderr}");
        }
        // Another file can be written.
        sweep(folder, &[&["merge", "sweep.csv", "--out", "so-far.csv"], &GRID[..]].concat());
        assert_eq!(keys(&folder.join("so-far.csv")).len(), keys(table).len());
    });
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(stdout.contains("8 of 8 runs on data are in sweep.csv"), "{stdout}");
    assert_eq!(keys(&folder.path().join("sweep.csv")).len(), 8);
}

#[test]
fn merge_replaces_only_tables() {
    let folder = folder();
    assert_eq!(sweep(folder.path(), &TWO).0, Some(0));
    fs::write(folder.path().join("notes.txt"), "Dear diary,\n").unwrap();
    let (code, _, stderr) = sweep(folder.path(), &[&["merge", "sweep.csv", "--out", "notes.txt"], &TWO[..]].concat());
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("notes.txt: expected a sweep's table"), "{stderr}");
    assert_eq!(fs::read_to_string(folder.path().join("notes.txt")).unwrap(), "Dear diary,\n");
}

#[test]
fn a_last_row_without_a_newline_is_merged() {
    let folder = folder();
    assert_eq!(sweep(folder.path(), &TWO).0, Some(0));
    let text = fs::read_to_string(folder.path().join("sweep.csv")).unwrap();
    let merge = |text: &str| {
        fs::write(folder.path().join("cut.csv"), text).unwrap();
        sweep(folder.path(), &[&["merge", "cut.csv", "--out", "merged.csv"], &TWO[..]].concat())
    };
    let (code, _, stderr) = merge(text.trim_end());
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("the last line of cut.csv has no newline; its row was kept"), "{stderr}");
    assert_eq!(keys(&folder.path().join("merged.csv")).len(), 2);
    // A row with a truncated number of images is not complete.
    let (code, _, stderr) = merge(&text[..text.len() - 2]);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("the last line of cut.csv is incomplete and was left out"), "{stderr}");
    // Lines may end with a carriage return alone.
    assert_eq!(merge(&text.replace('\n', "\r")).0, Some(0));
    fs::write(folder.path().join("sweep.csv"), text.trim_end().replace('\n', "\r")).unwrap();
    assert_eq!(sweep(folder.path(), &[&TWO[..], &["--seeds", "1,2"]].concat()).0, Some(0));
    assert_eq!(keys(&folder.path().join("sweep.csv")).len(), 4);
}

#[test]
fn a_link_to_a_table_is_followed_with_a_note_or_not_at_all() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("victim"), "").unwrap();
    std::os::unix::fs::symlink("victim", path("sweep.csv")).unwrap();
    let (code, _, stderr) = sweep(folder.path(), &TWO);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("sweep.csv is a symbolic link; give --out sweep.csv"), "{stderr}");
    assert_eq!(fs::read_to_string(path("victim")).unwrap(), "");

    let (code, _, stderr) = sweep(folder.path(), &[&TWO[..], &["--out", "sweep.csv"]].concat());
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        stderr.contains("sweep.csv is a symbolic link; rows are written to") && stderr.contains("victim"),
        "{stderr}"
    );
    assert_eq!(keys(&path("victim")).len(), 2);
    let (code, _, stderr) = sweep(folder.path(), &[&["merge", "victim", "--out", "sweep.csv"], &TWO[..]].concat());
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("sweep.csv is a symbolic link; writing to") && path("sweep.csv").is_symlink(), "{stderr}");

    std::os::unix::fs::symlink("nowhere", path("dangling")).unwrap();
    let (code, _, stderr) = sweep(folder.path(), &[&TWO[..], &["--out", "dangling"]].concat());
    assert_eq!(code, Some(1));
    assert!(stderr.contains("dangling: expected a file, found a broken symbolic link"), "{stderr}");
    assert!(!path("nowhere").exists());

    fs::hard_link(path("victim"), path("twin.csv")).unwrap();
    let before = fs::read(path("victim")).unwrap();
    let (code, _, stderr) = sweep(folder.path(), &[&TWO[..], &["--out", "twin.csv", "--seeds", "2"]].concat());
    assert_eq!(code, Some(1));
    assert!(stderr.contains("twin.csv: expected a file, found a file with another hard link"), "{stderr}");
    assert_eq!(fs::read(path("victim")).unwrap(), before);
}

#[test]
fn a_full_disk_is_reported_with_the_number_of_rows_written() {
    let folder = folder();
    let program = env!("CARGO_BIN_EXE_lenet-monitor");
    // A file-size limit, in units of 512 or 1024 bytes, stands in for a full disk.
    let script = format!(
        "trap '' XFSZ; ulimit -f 1; exec '{program}' sweep --headless --jobs 1 --epochs 1 {} --seeds 1,2",
        GRID.join(" ")
    );
    let mut limited = Command::new("sh");
    limited.args(["-c", &script]).current_dir(folder.path()).env("HOME", folder.path()).stdin(Stdio::null());
    let (code, stdout, stderr) = outcome(limited.output().unwrap());
    assert_eq!(code, Some(1), "{stdout}{stderr}");
    assert!(stderr.contains("sweep.csv: File too large"), "{stderr}");
    let count = keys(&folder.path().join("sweep.csv")).len();
    assert!(stdout.contains(&format!("{count} of 16 runs on data are in sweep.csv")), "{stdout}");
    // The file ends with a complete row.
    let arguments = [&GRID[..], &["--epochs", "1", "--seeds", "1,2"]].concat();
    let (code, _, stderr) = sweep(folder.path(), &arguments);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains(&format!("{count} of 16 runs are already in sweep.csv")), "{stderr}");
}

#[test]
fn names_that_a_spreadsheet_would_execute_are_written_as_text() {
    for name in ["=1+1", "+1", "-1", "@sum", "'=1"] {
        let folder = TempDir::new().unwrap();
        made_up_images(&folder.path().join(name), 100, 50);
        let data = format!("--data-dir={name}");
        let (code, stdout, stderr) = sweep(folder.path(), &[&TWO[..], &[&data, "--json"]].concat());
        assert_eq!(code, Some(0), "{stderr}");
        let cell = |csv: &str, column: &str| {
            let mut reader = csv::Reader::from_reader(csv.as_bytes());
            let place = reader.headers().unwrap().iter().position(|it| it == column).unwrap();
            reader.records().next().unwrap().unwrap()[place].to_owned()
        };
        let table = fs::read_to_string(folder.path().join("sweep.csv")).unwrap();
        assert_eq!(cell(&table, "Data Set"), format!("'{name}"));
        // JSON is not escaped, and the table is recognised as that of the same data.
        let line: serde_json::Value = serde_json::from_str(stdout.lines().next().unwrap()).unwrap();
        assert_eq!(line["dataset"], name);
        let (_, _, stderr) = sweep(folder.path(), &[&TWO[..], &[&data]].concat());
        assert!(stderr.contains("2 of 2 runs are already in sweep.csv"), "{stderr}");
        let report = |source: &str, out: &str| {
            let (code, _, stderr) =
                outcome(command(folder.path(), &["report", source, "--out", out]).output().unwrap());
            assert_eq!(code, Some(0), "{stderr}");
            fs::read_to_string(folder.path().join(out).join("report.html")).unwrap()
        };
        let about = format!("<p class=\"about\">{name}");
        assert!(report("sweep.csv", "of-sweep").contains(&about));

        let arguments = ["train", "--headless", "--epochs", "1", "--checkpoint-dir", "runs", &data];
        assert_eq!(outcome(command(folder.path(), &arguments).output().unwrap()).0, Some(0));
        let run = fs::read_dir(folder.path().join("runs")).unwrap().next().unwrap().unwrap().path();
        let (_, csv, _) =
            outcome(command(folder.path(), &["history", run.to_str().unwrap(), "--csv"]).output().unwrap());
        assert_eq!(cell(&csv, "dataset"), format!("'{name}"));
        fs::write(folder.path().join("history.csv"), csv).unwrap();
        assert!(report("history.csv", "of-history").contains(&about));
    }
}
