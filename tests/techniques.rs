//! Training techniques from the command line: recipes, the mean of the weights, early stopping, sweeps.

mod common;

use std::{fs, path::Path};

use common::cli::{command, outcome};
use serde_json::Value;

const SMALL: [&str; 6] = ["--dataset", "synthetic", "--limit-train", "300", "--limit-test", "100"];

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    outcome(command(folder, arguments).output().unwrap())
}

/// Returns the folder of the only run.
fn only_run(folder: &Path) -> String {
    let mut runs = fs::read_dir(folder.join("checkpoints")).unwrap();
    let run = runs.next().unwrap().unwrap().path();
    assert!(runs.next().is_none());
    run.display().to_string()
}

#[test]
fn a_recipe_is_shown_in_full_and_single_flags_change_it() {
    let folder = tempfile::tempdir().unwrap();
    let recipe = ["train", "--headless", "--recipe", "best", "--epochs", "2", "--elastic", "0.7"];
    let (code, stdout, stderr) = run(folder.path(), &[&recipe[..], &SMALL].concat());
    assert_eq!(code, Some(0), "{stderr}");
    for value in [
        "adam 0.004",
        "batch 64",
        "2 epochs",
        "schedule one-cycle",
        "warm-up 0.15",
        "decay 0.02",
        "clipping 1",
        "ema 0.999",
        "rotation 12",
        "shift 2.2",
        "scaling 0.15",
        "shear 0.15",
        "elastic 0.7",
    ] {
        assert!(stdout.lines().nth(1).unwrap().contains(value), "{value}: {stdout}");
    }
    // The folder's name counts what it does not list.
    assert!(only_run(folder.path()).ends_with("-relu-adam-0.004-b64-and-10-more"), "{}", only_run(folder.path()));
    let (code, _, stderr) = run(folder.path(), &["train", "--headless", "--recipe", "bst"]);
    assert!(code == Some(2) && stderr.contains("`bst` is not one of report, fast, best"), "{stderr}");
}

#[test]
fn the_mean_of_the_weights_is_evaluated_unless_the_weights_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    // So slow a mean is still near the initial weights.
    let train = ["train", "--json", "--epochs", "1", "--ema", "0.9"];
    let (code, stdout, stderr) = run(folder.path(), &[&train[..], &SMALL].concat());
    assert_eq!(code, Some(0), "{stderr}");
    let epoch: Value =
        stdout.lines().map(|line| serde_json::from_str(line).unwrap()).find(|line: &Value| line["epoch"] == 1).unwrap();
    let checkpoint = only_run(folder.path());
    let loss = |raw: &[&str]| {
        let (code, stdout, stderr) = run(folder.path(), &[&["eval", &checkpoint, "--json"], raw].concat());
        assert_eq!(code, Some(0), "{stderr}");
        serde_json::from_str::<Value>(&stdout).unwrap()["test_loss"].as_f64().unwrap()
    };
    assert_eq!(Some(loss(&[])), epoch["test_loss"].as_f64());
    assert!((loss(&[]) - loss(&["--raw"])).abs() > 1e-3);

    let other = tempfile::tempdir().unwrap();
    run(other.path(), &[&["train", "--headless", "--epochs", "1"], &SMALL[..]].concat());
    let (code, _, stderr) = run(other.path(), &["eval", &only_run(other.path()), "--raw"]);
    assert!(code == Some(2) && stderr.contains("no mean of its weights"), "{stderr}");
}

#[test]
fn early_stopping_is_reported_and_needs_a_holdout() {
    let folder = tempfile::tempdir().unwrap();
    let train = ["train", "--headless", "--epochs", "50", "--stop-at", "0.5"];
    let (code, _, stderr) = run(folder.path(), &[&train[..], &SMALL].concat());
    assert!(code == Some(2) && stderr.contains("stop at needs held-out images"), "{stderr}");
    let (code, stdout, stderr) = run(folder.path(), &[&train[..], &SMALL, &["--holdout", "50"]].concat());
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        format!("{stdout}{stderr}").contains("stopped early: the accuracy on the held-out images"),
        "{stdout}{stderr}"
    );
    assert!(!stdout.contains("\n   50 "), "{stdout}");
}

#[test]
fn a_sweep_begins_with_a_recipe_and_varies_techniques() {
    let folder = tempfile::tempdir().unwrap();
    // One run at a time, so that the rows are in the order of the grid.
    let sweep = [
        "sweep",
        "--headless",
        "--jobs",
        "1",
        "--recipe",
        "fast",
        "--epochs",
        "1",
        "--emas",
        "0,0.99",
        "--shifts",
        "0,2",
    ];
    let (code, _, stderr) = run(folder.path(), &[&sweep[..], &SMALL].concat());
    assert_eq!(code, Some(0), "{stderr}");
    let table = fs::read_to_string(folder.path().join("sweep.csv")).unwrap();
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 1 + 4, "{table}");
    let column = |name: &str| {
        let place = rows[0].iter().position(|head| *head == name).unwrap_or_else(|| panic!("no {name}: {table}"));
        rows[1..].iter().map(|row| row[place]).collect::<Vec<_>>()
    };
    assert_eq!((column("Batch Size"), column("Schedule")), (vec!["64"; 4], vec!["one-cycle"; 4]));
    assert_eq!((column("EMA"), column("Shift")), (vec!["0", "0", "0.99", "0.99"], vec!["0", "2", "0", "2"]));
    // The same command finds all runs in the table.
    let (code, stdout, stderr) = run(folder.path(), &[&sweep[..], &SMALL].concat());
    assert_eq!(code, Some(0), "{stderr}");
    assert!(format!("{stdout}{stderr}").contains("4 of 4 runs"), "{stdout}{stderr}");
}
