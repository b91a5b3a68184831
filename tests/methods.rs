//! `lenet-monitor methods` and `methods merge`, tested from the command line.

mod common;

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::Stdio,
};

use common::cli::{command, folder, outcome};
use lenet_monitor::{
    data::Disturbance,
    sweep::{RunState, TESTS, read_rows},
    train::Architecture,
};
use serde_json::Value;

/// Ten short runs of two networks.
const SMALL: [&str; 8] =
    ["--networks", "lenet-5,mlp", "--seeds", "1", "--epochs", "1", "--only", "whole,permuted,small"];
const SWEEPS_COLUMNS: &str = "Activation,Learning Rate,Optimizer,Batch Size,Validation Accuracy,Loss,Seed,Epochs,Seconds,\
                              State,Data Set,Key,Pooling,Measured On,Training Images,Test Images,Network";

/// Runs `methods ARGUMENTS`, and returns exit code, stdout and stderr.
fn methods(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    outcome(command(folder, &[&["methods"], arguments].concat()).output().unwrap())
}

fn table(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

/// Returns the cells of each row by column.
fn cells(folder: &Path, name: &str) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_path(folder.join(name)).unwrap().deserialize().map(Result::unwrap).collect()
}

/// Returns the rows without what differs between runs of the program, sorted.
fn results(folder: &Path, name: &str) -> Vec<BTreeMap<String, String>> {
    let mut rows = cells(folder, name);
    for row in &mut rows {
        row.retain(|column, _| !["Seconds", "Images per Second"].contains(&column.as_str()));
    }
    rows.sort();
    rows
}

#[test]
fn every_network_is_trained_in_every_way() {
    let folder = folder();
    let (code, stdout, stderr) = methods(folder.path(), &["--dry-run"]);
    assert_eq!(code, Some(0), "{stderr}");
    let lines: Vec<Vec<&str>> = stdout.lines().map(|line| line.split_whitespace().skip(1).collect()).collect();
    for name in Architecture::NAMES {
        let is_recurrent = ["rnn", "lstm", "gru"].contains(name);
        let no_delay = if is_recurrent { "0" } else { "-" };
        for (settings, is_planned) in [
            (format!("{name} in place all {no_delay} 10 1"), true),
            (format!("{name} permuted all {no_delay} 10 2"), true),
            (format!("{name} in place 300 {no_delay} 100 3"), true),
            (format!("{name} in place 1,000 {no_delay} 50 1"), true),
            (format!("{name} in place 10,000 {no_delay} 20 1"), true),
            (format!("{name} in place 10,000 28 20 1"), is_recurrent),
            (format!("{name} in place 10,000 84 20 2"), is_recurrent),
            (format!("{name} in place 10,000 168 20 3"), is_recurrent),
        ] {
            let line: Vec<&str> = settings.split(' ').collect();
            assert_eq!(lines.contains(&line), is_planned, "{settings}: {stdout}");
        }
    }
    assert!(stdout.contains(" on data, 100 images for testing, "), "{stdout}");
    assert!(!folder.path().join("methods.csv").exists(), "a dry run wrote a table");
}

#[test]
fn a_row_has_the_result_of_train_and_of_every_test() {
    let folder = folder();
    let (code, stdout, stderr) = methods(folder.path(), &[&SMALL[..], &["--json"]].concat());
    assert_eq!(code, Some(0), "{stderr}");
    assert!(table(folder.path(), "methods.csv").starts_with(SWEEPS_COLUMNS));
    let rows = cells(folder.path(), "methods.csv");
    assert_eq!(rows.len(), 10);
    let find = |network: &str, pixels: &str, epochs: &str| {
        let wanted = [("Network", network), ("Pixels", pixels), ("Epochs", epochs)];
        rows.iter().find(|row| wanted.iter().all(|(column, value)| row[*column] == *value)).unwrap()
    };

    let train = ["train", "--json", "--epochs", "5", "--limit-train", "300", "--threads", "1"];
    let (_, trained, _) = outcome(command(folder.path(), &train).output().unwrap());
    // The data set has 320 images, of which the run on 1,000 images uses all.
    let row = find("lenet-5", "in place", "5");
    assert_eq!(row["Training Images"], "320");
    let row = find("lenet-5", "in place", "10");
    assert_eq!(row["Training Images"], "300");
    let accuracies: Vec<&str> = row["Accuracy by Epoch"].split(' ').collect();
    assert_eq!(accuracies.len(), 10);
    for (line, accuracy) in trained.lines().take(5).zip(&accuracies) {
        let epoch: Value = serde_json::from_str(line).unwrap();
        assert_eq!(epoch["test_accuracy"].as_f64(), accuracy.parse().ok(), "{line}");
    }
    assert_eq!(Some(&row["Validation Accuracy"].as_str()), accuracies.last());
    let learned = accuracies.iter().position(|accuracy| accuracy.parse::<f64>().unwrap() >= 0.98);
    assert_eq!(row["Epochs to 98%"], learned.map_or_else(String::new, |place| (place + 1).to_string()));
    // 61,706 parameters, their gradients and Adam's two moments; 16 times the outputs of all layers.
    let outputs = 6 * 28 * 28 + 6 * 14 * 14 + 16 * 10 * 10 + 16 * 5 * 5 + 120 + 84 + 10;
    assert_eq!(
        (row["Parameters"].as_str(), row["Memory"].clone()),
        ("61706", (4 * (4 * 61_706 + 16 * outputs)).to_string())
    );
    assert!(row["Images per Second"].parse::<f64>().unwrap() > 0.0);

    for row in &rows {
        for test in TESTS {
            let applies = row["Pixels"] == "in place" && !test.starts_with("delay");
            let accuracy = row[test].parse::<f64>().ok();
            assert_eq!(accuracy.is_some_and(|accuracy| (0.0..=1.0).contains(&accuracy)), applies, "{test}: {row:?}");
        }
    }
    let [first, second] = ["in place", "permuted"].map(|pixels| find("mlp", pixels, "1"));
    assert_eq!((first["Data Set"].as_str(), second["Data Set"].as_str()), ("data", "data permuted"));
    assert_ne!(first["Key"][..8], second["Key"][..8], "the fingerprints are equal");

    let line: Value = stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .find(|line| line["key"] == find("lenet-5", "in place", "10")["Key"].as_str())
        .unwrap();
    assert_eq!(line["tests"]["moved 3"].as_f64(), find("lenet-5", "in place", "10")["moved 3"].parse().ok());
    assert_eq!(
        (&line["event"], &line["pixels"], &line["network"]),
        (&"run".into(), &"in place".into(), &"lenet-5".into())
    );
}

#[test]
fn recurrent_networks_are_tested_with_delays() {
    let folder = folder();
    let flags = ["--networks", "gru,mlp", "--seeds", "1", "--epochs", "1", "--only", "whole,delayed"];
    assert_eq!(methods(folder.path(), &flags).0, Some(0));
    let rows = cells(folder.path(), "methods.csv");
    assert_eq!(rows.len(), 5);
    for row in &rows {
        let steps = row["Gradient by Step"].split_whitespace().map(|norm| norm.parse::<f64>().unwrap());
        let steps: Vec<f64> = steps.collect();
        if row["Network"] == "mlp" {
            assert!(steps.is_empty() && row["delay 28"].is_empty(), "{row:?}");
            continue;
        }
        let delay: usize = row["Delay"].parse().unwrap();
        assert_eq!(steps.len(), 28 + delay, "{row:?}");
        assert!(steps.iter().all(|norm| *norm > 0.0), "{row:?}");
        // Tested with the delay that it was trained with, it has the result of its training.
        if delay > 0 {
            assert_eq!(row[&format!("delay {delay}")], row["Validation Accuracy"]);
        }
    }
    // The outputs of one batch: states after each row, and ten logits.
    let memory = |delay: &str| {
        rows.iter().find(|row| row["Delay"] == delay && row["Network"] == "gru").unwrap()["Memory"].clone()
    };
    assert_eq!(memory("0"), (4 * (4 * 61_962 + 16 * (28 * 128 + 10))).to_string());
    assert_eq!(memory("84"), (4 * (4 * 61_962 + 16 * ((28 + 84) * 128 + 10))).to_string());
}

#[test]
fn tests_agree_with_eval() {
    let folder = folder();
    let flags = ["--networks", "lstm", "--seeds", "4", "--epochs", "1", "--only", "whole", "--limit-test", "90"];
    assert_eq!(methods(folder.path(), &flags).0, Some(0));
    let row = &cells(folder.path(), "methods.csv")[0];
    let train = ["train", "--headless", "--network", "lstm", "--seed", "4", "--epochs", "1", "--threads", "1"];
    assert_eq!(outcome(command(folder.path(), &train).output().unwrap()).0, Some(0));
    let mut runs = fs::read_dir(folder.path().join("checkpoints")).unwrap().map(|entry| entry.unwrap().path());
    let checkpoint = runs.find(|path| path.is_dir()).unwrap().join("last.ckpt");
    for (test, flag, value) in [
        ("moved 2", "--moved", "2"),
        ("rotated 45", "--rotated", "45"),
        ("scaled 0.7", "--scaled", "0.7"),
        ("noise 0.5", "--noise", "0.5"),
        ("lines 3", "--lines", "3"),
        ("delay 56", "--delay", "56"),
    ] {
        let eval = ["eval", "--json", flag, value, "--limit-test", "90", checkpoint.to_str().unwrap()];
        let (code, stdout, stderr) = outcome(command(folder.path(), &eval).output().unwrap());
        assert_eq!(code, Some(0), "{stderr}");
        let line: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!(line["test_accuracy"].as_f64(), row[test].parse().ok(), "{test}");
    }
}

/// Tests are disturbances, or delays of recurrent networks.
#[test]
fn every_test_has_a_meaning() {
    for test in TESTS {
        let delay = test.strip_prefix("delay ").map(|rows| rows.parse::<u32>().is_ok());
        let disturbance = test.parse::<Disturbance>().map(|disturbance| disturbance.to_string() == test);
        assert!(delay.unwrap_or(disturbance.unwrap_or(false)), "{test}");
    }
}

#[test]
fn results_do_not_depend_on_jobs_or_shards() {
    let folder = folder();
    for (jobs, out) in [("1", "one.csv"), ("3", "three.csv")] {
        let (code, _, stderr) = methods(folder.path(), &[&SMALL[..], &["--jobs", jobs, "--out", out]].concat());
        assert_eq!(code, Some(0), "{stderr}");
    }
    let one = results(folder.path(), "one.csv");
    assert_eq!(one, results(folder.path(), "three.csv"));
    for shard in ["0/3", "1/3", "2/3"] {
        let (code, _, stderr) = methods(folder.path(), &[&SMALL[..], &["--shard", shard]].concat());
        assert_eq!(code, Some(0), "{stderr}");
    }
    let names = ["methods-0-of-3.csv", "methods-1-of-3.csv", "methods-2-of-3.csv"];
    let merge =
        |tables: &[&str], out| methods(folder.path(), &[&["merge"], tables, &SMALL[..], &["--out", out]].concat());
    let (code, _, stderr) = merge(&[names[2], names[0], names[1], names[2]], "merged.csv");
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        stderr.contains("10 of 10 runs are in merged.csv") && stderr.contains("3 rows were duplicated"),
        "{stderr}"
    );
    assert_eq!(results(folder.path(), "merged.csv"), one);
    // In the order of the runs, whichever ended first.
    let order: Vec<String> = cells(folder.path(), "merged.csv")
        .iter()
        .map(|row| format!("{} {} {}", row["Network"], row["Pixels"], row["Epochs"]))
        .collect();
    assert_eq!(
        order[..5],
        ["lenet-5 in place 1", "mlp in place 1", "lenet-5 permuted 1", "mlp permuted 1", "lenet-5 in place 10"]
    );
    let (code, _, stderr) = merge(&names[..2], "gaps.csv");
    assert_eq!(code, Some(1));
    assert!(stderr.contains("7 of 10 runs are in gaps.csv") && stderr.contains("3 runs are missing:"), "{stderr}");
    assert!(stderr.contains("lenet-5    permuted     all       1     1"), "{stderr}");
}

#[test]
fn a_killed_comparison_continues_with_the_missing_runs() {
    let folder = folder();
    assert_eq!(methods(folder.path(), &[&SMALL[..], &["--out", "whole.csv"]].concat()).0, Some(0));
    let arguments = [&["methods"], &SMALL[..], &["--jobs", "1", "--out", "killed.csv"]].concat();
    for kept in [1, 3] {
        let mut child = command(folder.path(), &arguments).stdout(Stdio::piped()).spawn().unwrap();
        let ends = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        assert_eq!(ends.filter(|line| line.contains("/10  ")).take(kept).count(), kept);
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let before = table(folder.path(), "killed.csv");
    assert!(before.lines().count() > 4, "{before}");
    let (code, _, stderr) = outcome(command(folder.path(), &arguments).output().unwrap());
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("of 10 runs are already in killed.csv"), "{stderr}");
    let after = table(folder.path(), "killed.csv");
    assert!(after.starts_with(before.trim_end()), "rows were changed");
    assert_eq!(results(folder.path(), "killed.csv"), results(folder.path(), "whole.csv"));
    // Nothing is missing, so nothing is done.
    assert_eq!(outcome(command(folder.path(), &arguments).output().unwrap()).0, Some(0));
    assert_eq!(table(folder.path(), "killed.csv"), after);
}

#[test]
fn a_truncated_table_is_repaired() {
    let folder = folder();
    let two = ["--networks", "mlp", "--seeds", "1,2", "--epochs", "1", "--only", "whole"];
    assert_eq!(methods(folder.path(), &two).0, Some(0));
    let whole = table(folder.path(), "methods.csv");
    let expected = results(folder.path(), "methods.csv");
    let row_ends: Vec<usize> = whole.match_indices('\n').map(|(place, _)| place + 1).collect();
    // Within the sweep's columns and the others, within a row, and without the last newline.
    for length in [0, 30, 200, row_ends[0] - 1, row_ends[0], row_ends[0] + 60, row_ends[1] - 1, whole.len() - 1] {
        fs::write(folder.path().join("methods.csv"), &whole[..length]).unwrap();
        let (code, _, stderr) = methods(folder.path(), &two);
        assert_eq!(code, Some(0), "cut to {length}: {stderr}");
        assert_eq!(results(folder.path(), "methods.csv"), expected, "cut to {length}");
    }
}

#[test]
fn a_table_of_the_other_command_is_refused_and_left_alone() {
    let folder = folder();
    let methods_flags = ["--networks", "mlp", "--seeds", "1", "--epochs", "1", "--only", "whole"];
    let sweep_flags =
        ["--activations", "relu", "--lrs", "0.01", "--optimizers", "adam", "--batch-sizes", "16", "--epochs", "1"];
    let run = |words: &[&str], flags: &[&str], table: &str| {
        outcome(command(folder.path(), &[words, flags, &["--out", table]].concat()).output().unwrap())
    };
    assert_eq!(run(&["methods"], &methods_flags, "methods.csv").0, Some(0));
    assert_eq!(run(&["sweep"], &sweep_flags, "sweep.csv").0, Some(0));
    let before = ["methods.csv", "sweep.csv"].map(|name| table(folder.path(), name));
    let of_methods = "expected a table of `lenet-monitor sweep`, found one of `lenet-monitor methods`";
    let of_sweep = "expected a table of `lenet-monitor methods`, found one of `lenet-monitor sweep`";
    for (words, flags, out, expected) in [
        (&["sweep"][..], &sweep_flags[..], "methods.csv", of_methods),
        (&["methods"], &methods_flags, "sweep.csv", of_sweep),
        (&["sweep", "merge", "methods.csv"], &sweep_flags, "new.csv", of_methods),
        (&["methods", "merge", "sweep.csv"], &methods_flags, "new.csv", of_sweep),
        (&["sweep", "merge", "sweep.csv"], &sweep_flags, "methods.csv", of_methods),
        (&["methods", "merge", "methods.csv"], &methods_flags, "sweep.csv", of_sweep),
    ] {
        let (code, _, stderr) = run(words, flags, out);
        assert_eq!(code, Some(1), "{words:?} {out}");
        assert!(stderr.contains(expected), "{stderr}");
    }
    assert_eq!(before, ["methods.csv", "sweep.csv"].map(|name| table(folder.path(), name)));
    assert!(!folder.path().join("new.csv").exists());
}

#[test]
fn rows_can_be_read_back() {
    let folder = folder();
    assert_eq!(methods(folder.path(), &SMALL).0, Some(0));
    let path = folder.path().join("methods.csv");
    let rows = read_rows(&path).unwrap();
    assert!(rows.iter().all(|row| row.state == RunState::Done && row.measurements.is_some()));
    let copy = folder.path().join("copy.csv");
    lenet_monitor::sweep::write_rows(&copy, &rows).unwrap();
    assert_eq!(fs::read(path).unwrap(), fs::read(copy).unwrap());
    let damaged = table(folder.path(), "methods.csv").replacen(",in place,", ",upside down,", 1);
    fs::write(folder.path().join("methods.csv"), damaged).unwrap();
    let (code, _, stderr) = methods(folder.path(), &SMALL);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("line 2: Pixels: `upside down` is not one of in place, permuted"), "{stderr}");
}

#[test]
fn wrong_flags_are_refused_before_anything_is_trained() {
    let folder = folder();
    for (arguments, expected) in [
        (&["--networks", "alexnet"][..], "`alexnet` is not one of lenet-5, mlp, rnn"),
        (&["--networks", "mlp,mlp"], "network mlp is given twice"),
        (&["--seeds", "1,1"], "seed 1 is given twice"),
        (&["--epochs", "0"], "0 is not in 1..=1000"),
        (&["--only", "half"], "`half` is not one of whole, permuted, small, delayed"),
        (&["--networks", "mlp", "--only", "delayed"], "none of these networks is recurrent"),
        (&["--limit-train", "0"], "the number of training images must be 1 or more"),
        (&["--shard", "4/4"], "expected K/N"),
        (&["--holdout", "10"], "unexpected argument '--holdout'"),
    ] {
        let (code, _, stderr) = methods(folder.path(), arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
    }
    assert!(!folder.path().join("methods.csv").exists());
}
