//! Thousands of runs: how much is read of each, and which damage is found.

mod common;

use std::{fs, io::Read, path::Path, process::Stdio};

use common::{
    cli::{command, outcome},
    runs::{made_up_checkpoint, many_runs},
};
use lenet_monitor::{
    nn::OptimizerKind,
    train::{
        Checkpoint,
        checkpoint::{Fault, Summary, find, list},
    },
};
use unicode_width::UnicodeWidthStr;

const LIST: [&str; 4] = ["checkpoints", "list", "--checkpoint-dir", "."];

/// Flips a bit among the parameters.
fn damage(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    // Not in place, since other names link to the same file.
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_summary_agrees_with_its_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    for (optimizer, evaluated) in OptimizerKind::ALL.iter().zip([true, false, true]) {
        let path = folder.path().join(format!("{optimizer}.ckpt"));
        let mut checkpoint = made_up_checkpoint(*optimizer);
        checkpoint.evaluation = checkpoint.evaluation.filter(|_| evaluated);
        checkpoint.spec.dataset.name = "数字".repeat(100);
        checkpoint.write(&path).unwrap();
        assert_eq!(Summary::read(&path).unwrap(), Summary::from(Checkpoint::read(&path).unwrap()));
    }
}

/// The header, the length and everything but the weights are always checked.
#[test]
fn damage_outside_the_weights_is_found_without_reading_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ckpt");
    made_up_checkpoint(OptimizerKind::Adam).write(&path).unwrap();
    let bytes = fs::read(&path).unwrap();
    let fault = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        Summary::read(&path).expect_err("was read").fault
    };
    assert!(matches!(fault(&bytes[..bytes.len() - 1]), Fault::Truncated { .. }));
    assert!(matches!(fault(&[&bytes[..], &[0]].concat()), Fault::TrailingBytes { .. }));
    assert!(matches!(fault(b"\x89LeNet\r\n"), Fault::Truncated { .. }));
    assert!(matches!(fault(b"PK\x03\x04 and so forth, longer than a header"), Fault::NotACheckpoint { .. }));
    let mut zeros = bytes.clone();
    zeros[24..].fill(0);
    assert!(matches!(fault(&zeros), Fault::Checksum { .. }));
    let mut count = bytes.clone();
    let end = count.len() - 400;
    count[end..].fill(0xff);
    assert!(matches!(fault(&count), Fault::Checksum { .. }));
}

#[test]
fn a_few_checkpoints_are_read_completely() {
    let folder = tempfile::tempdir().unwrap();
    many_runs(folder.path(), 5);
    damage(&folder.path().join("run-00002/last.ckpt"));
    let (_, text, stderr) = outcome(command(folder.path(), &LIST).output().unwrap());
    assert_eq!(text.lines().count(), 11, "{text}");
    let last = text.lines().last().unwrap();
    assert!(last.starts_with("DAMAGED") && last.contains("run-00002/last.ckpt: expected checksum"), "{last}");
    assert_eq!(stderr, "");
}

#[test]
fn unread_checkpoints_are_not_reported_as_undamaged() {
    let folder = tempfile::tempdir().unwrap();
    many_runs(folder.path(), 400);
    damage(&folder.path().join("run-00000/last.ckpt"));
    damage(&folder.path().join("run-00399/best.ckpt"));
    let listed = |more: &[&str]| {
        let (_, text, stderr) = outcome(command(folder.path(), &LIST).args(more).output().unwrap());
        (text.lines().filter(|line| line.starts_with("DAMAGED")).count(), stderr)
    };
    let (damaged, stderr) = listed(&[]);
    assert_eq!(damaged, 1, "that of the newest run");
    assert!(stderr.contains("of 800 checkpoints were read completely") && stderr.contains("--check"), "{stderr}");
    assert_eq!(listed(&["--check"]), (2, String::new()));
}

/// Counts bytes instead of seconds, which depend on the machine.
#[cfg(target_os = "linux")]
#[test]
fn little_is_read_of_thousands_of_runs() {
    let folder = tempfile::tempdir().unwrap();
    many_runs(folder.path(), 1_000);
    let mut child = command(folder.path(), &LIST);
    let mut child = child.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text.lines().count(), 2_001);
    assert!(text.lines().nth(1).unwrap().contains("run-00"), "{text}");
    let process = format!("/proc/{}", child.id());
    let state = || fs::read_to_string(format!("{process}/stat")).unwrap();
    while !state().contains(") Z ") {
        std::thread::yield_now();
    }
    let read = fs::read_to_string(format!("{process}/io")).unwrap();
    child.wait().unwrap();
    let read: u64 = read.lines().find_map(|line| line.strip_prefix("rchar: ")).unwrap().parse().unwrap();
    let all: u64 = find_sizes(folder.path());
    assert!(all > 800 << 20, "{all} bytes of checkpoints");
    assert!(read < 200 << 20, "{read} of {all} bytes were read");
}

#[cfg(target_os = "linux")]
fn find_sizes(folder: &Path) -> u64 {
    let files = lenet_monitor::train::checkpoint::files(folder).unwrap();
    files.iter().map(|file| fs::metadata(file).unwrap().len()).sum()
}

#[test]
fn a_listing_is_in_the_same_order_as_with_check() {
    let folder = tempfile::tempdir().unwrap();
    many_runs(folder.path(), 60);
    damage(&folder.path().join("run-00007/last.ckpt"));
    let paths = |budget| {
        let listing = list(folder.path(), budget).unwrap();
        (
            listing.found.into_iter().map(|found| (found.path, found.checkpoint.is_ok())).collect::<Vec<_>>(),
            listing.checked,
        )
    };
    let whole: Vec<_> =
        find(folder.path()).unwrap().into_iter().map(|found| (found.path, found.checkpoint.is_ok())).collect();
    assert_eq!(paths(u64::MAX), (whole.clone(), 120));
    let (unchecked, checked) = paths(0);
    assert_eq!((unchecked.len(), checked), (120, 0));
    assert!(unchecked.iter().all(|(_, whole)| *whole));
}

#[test]
fn the_newest_of_many_runs_is_not_resumed_if_it_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    many_runs(folder.path(), 300);
    damage(&folder.path().join("run-00299/last.ckpt"));
    let resume = ["train", "--headless", "--checkpoint-dir", ".", "--resume"];
    let (code, _, stderr) = outcome(command(folder.path(), &resume).output().unwrap());
    assert_eq!(code, Some(1), "{stderr}");
    assert!(
        stderr.contains("the most recently saved run cannot be resumed") && stderr.contains("run-00299"),
        "{stderr}"
    );
}

/// Also with characters that are two columns wide.
#[test]
fn columns_stay_aligned() {
    let folder = tempfile::tempdir().unwrap();
    for (run, data) in [("plain", "bars"), ("手写数字", "数字データ"), ("👩\u{200d}💻", "🇰🇷")] {
        let mut checkpoint = made_up_checkpoint(OptimizerKind::Sgd);
        checkpoint.spec.dataset.name = data.into();
        let path = folder.path().join(run);
        fs::create_dir(&path).unwrap();
        checkpoint.write(&path.join("last.ckpt")).unwrap();
    }
    let (_, text, _) = outcome(command(folder.path(), &LIST).output().unwrap());
    for words in ["2+/3", "relu ·"] {
        let columns = text.lines().skip(1).map(|line| line.split_once(words).unwrap().0.width());
        let columns: Vec<usize> = columns.collect();
        assert!(columns.len() == 3 && columns.iter().all(|column| *column == columns[0]), "{columns:?}\n{text}");
    }
}
