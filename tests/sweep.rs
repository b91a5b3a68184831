//! `lenet-monitor sweep` and `sweep merge`, tested from the command line.

mod common;

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::Stdio,
};

use common::{
    cli::{command, folder, outcome},
    made_up_images,
};
use lenet_monitor::{
    sweep::{Grid, SweepPlan},
    train::{Hyperparameter, Limits, Pooling},
};
use serde_json::Value;

const REPORTS_COLUMNS: &str = "Activation,Learning Rate,Optimizer,Batch Size,Validation Accuracy";
/// Two short runs.
const TWO: [&str; 10] =
    ["--activations", "relu", "--lrs", "0.01,0.001", "--optimizers", "adam", "--batch-sizes", "16", "--epochs", "1"];
/// Eight short runs.
const SMALL: [&str; 10] = [
    "--activations",
    "relu,tanh",
    "--lrs",
    "0.01,0.001",
    "--optimizers",
    "adam,sgd",
    "--batch-sizes",
    "16",
    "--epochs",
    "1",
];

/// Runs `sweep ARGUMENTS`, and returns exit code, stdout and stderr.
fn sweep(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    outcome(command(folder, &[&["sweep"], arguments].concat()).output().unwrap())
}

fn table(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

/// Returns the cells of all rows without the seconds, which differ between runs.
fn results(folder: &Path, name: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().from_path(folder.join(name)).unwrap();
    let seconds = reader.headers().unwrap().iter().position(|column| column == "Seconds").unwrap();
    let cells = |record: csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    let rows = reader.records().map(|record| {
        let mut row = cells(record.unwrap());
        row.remove(seconds);
        row
    });
    rows.collect()
}

fn sorted(mut rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    rows.sort();
    rows
}

#[test]
fn the_default_grid_is_the_reports() {
    let runs = Grid::default().runs();
    assert_eq!(runs.len(), 81);
    assert!(runs.iter().all(|run| run.epochs == 3));
    let different: BTreeSet<String> = runs.iter().map(|run| format!("{run:?}")).collect();
    assert_eq!(different.len(), 81);
    let folder = folder();
    let (code, stdout, _) = sweep(folder.path(), &["--dry-run"]);
    assert_eq!(code, Some(0));
    assert!(stdout.contains("81 runs of 3 epochs on data, 320 images for training and 100 for measuring"), "{stdout}");
    let configurations: Vec<Vec<&str>> =
        stdout.lines().skip(1).take(81).map(|line| line.split_whitespace().skip(1).collect()).collect();
    for factor in ["tanh", "relu", "sigmoid", "0.01", "0.001", "0.0001", "sgd", "adam", "rmsprop", "16", "32", "64"] {
        assert_eq!(configurations.iter().filter(|values| values.contains(&factor)).count(), 27, "{factor}");
    }
    assert!(!folder.path().join("sweep.csv").exists(), "a dry run wrote a table");
}

#[test]
fn results_do_not_depend_on_the_number_of_jobs() {
    let folder = folder();
    for (jobs, out) in [("1", "one.csv"), ("3", "three.csv")] {
        let (code, stdout, stderr) = sweep(folder.path(), &[&SMALL[..], &["--jobs", jobs, "--out", out]].concat());
        assert_eq!(code, Some(0), "{stderr}");
        assert!(stdout.contains(&format!("8 of 8 runs on data are in {out}")), "{stdout}");
    }
    assert!(table(folder.path(), "one.csv").starts_with(&format!("{REPORTS_COLUMNS},")));
    let one = results(folder.path(), "one.csv");
    assert_eq!(one.len(), 8);
    assert_eq!(sorted(one), sorted(results(folder.path(), "three.csv")));
}

#[test]
fn a_row_has_the_result_of_train() {
    let folder = folder();
    let one = ["--activations", "tanh", "--lrs", "0.01", "--optimizers", "rmsprop", "--batch-sizes", "32"];
    let more =
        ["--epochs", "2", "--seeds", "7", "--pooling", "max", "--limit-train", "200", "--holdout", "40", "--json"];
    let (code, stdout, stderr) = sweep(folder.path(), &[&one[..], &more[..]].concat());
    assert_eq!(code, Some(0), "{stderr}");
    let line: Value = serde_json::from_str(stdout.lines().next().unwrap()).unwrap();

    let same = [
        "train",
        "--json",
        "--activation",
        "tanh",
        "--lr",
        "0.01",
        "--optimizer",
        "rmsprop",
        "--batch-size",
        "32",
        "--epochs",
        "2",
        "--seed",
        "7",
        "--pooling",
        "max",
        "--limit-train",
        "200",
        "--holdout",
        "40",
        "--threads",
        "1",
    ];
    let (code, stdout, stderr) = outcome(command(folder.path(), &same).output().unwrap());
    assert_eq!(code, Some(0), "{stderr}");
    let epoch: Value = serde_json::from_str(stdout.lines().nth(1).unwrap()).unwrap();
    assert_eq!((&line["accuracy"], &line["loss"]), (&epoch["validation_accuracy"], &epoch["validation_loss"]));
    let row = &results(folder.path(), "sweep.csv")[0];
    assert_eq!(row[..4], ["tanh", "0.01", "rmsprop", "32"]);
    assert_eq!(row[4].parse().ok(), line["accuracy"].as_f64());
    assert!(row.contains(&"validation".to_owned()) && row.contains(&"max".to_owned()), "{row:?}");
}

#[test]
fn a_killed_sweep_continues_with_the_missing_runs() {
    let folder = folder();
    let arguments = [&SMALL[..], &["--jobs", "2", "--out", "whole.csv"]].concat();
    assert_eq!(sweep(folder.path(), &arguments).0, Some(0));
    let arguments = [&["sweep"], &SMALL[..], &["--jobs", "1", "--out", "killed.csv"]].concat();
    for kept in [1, 3] {
        let mut child = command(folder.path(), &arguments).stdout(Stdio::piped()).spawn().unwrap();
        let ends = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let seen = ends.filter(|line| line.contains("/8  ")).take(kept).count();
        assert_eq!(seen, kept);
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let before = table(folder.path(), "killed.csv");
    assert!(before.lines().count() > 4, "{before}");
    let (code, _, stderr) = outcome(command(folder.path(), &arguments).output().unwrap());
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("of 8 runs are already in killed.csv"), "{stderr}");
    let after = table(folder.path(), "killed.csv");
    assert!(after.starts_with(before.trim_end()), "rows were changed");
    assert_eq!(sorted(results(folder.path(), "killed.csv")), sorted(results(folder.path(), "whole.csv")));
    // Nothing is missing, so nothing is done.
    assert_eq!(outcome(command(folder.path(), &arguments).output().unwrap()).0, Some(0));
    assert_eq!(table(folder.path(), "killed.csv"), after);
}

#[test]
fn a_truncated_last_line_is_repaired_or_trained_again() {
    let folder = folder();
    assert_eq!(sweep(folder.path(), &TWO).0, Some(0));
    let whole = table(folder.path(), "sweep.csv");
    let expected = sorted(results(folder.path(), "sweep.csv"));
    let first_row_ends = whole.match_indices('\n').nth(1).unwrap().0 + 1;
    // Within the header, within a row, and a row that lacks only its newline.
    for length in
        [0, 1, 40, first_row_ends - 1, first_row_ends + 1, first_row_ends + 30, whole.len() - 5, whole.len() - 1]
    {
        fs::write(folder.path().join("sweep.csv"), &whole[..length]).unwrap();
        let (code, _, stderr) = sweep(folder.path(), &TWO);
        assert_eq!(code, Some(0), "cut to {length}: {stderr}");
        assert_eq!(stderr.contains("the last line of sweep.csv"), length > 0, "cut to {length}: {stderr}");
        assert_eq!(sorted(results(folder.path(), "sweep.csv")), expected, "cut to {length}");
    }
}

#[test]
fn a_damaged_or_foreign_table_is_refused_and_left_alone() {
    let folder = folder();
    assert_eq!(sweep(folder.path(), &TWO).0, Some(0));
    let whole = table(folder.path(), "sweep.csv");
    let lines: Vec<&str> = whole.lines().collect();
    let rows = |changed: &str| format!("{}\n{changed}\n{}\n", lines[0], lines[2]);
    let cases = [
        (
            rows(&lines[1].replacen("relu", "elu", 1)),
            "sweep.csv, line 2: Activation: `elu` is not one of relu, tanh, sigmoid",
        ),
        (rows(&lines[1].replacen(",0.0", ",x", 1)), "sweep.csv, line 2: Learning Rate: expected a number, found `x"),
        (rows("relu,0.01,adam"), "sweep.csv, line 2: expected 16 columns, found 3"),
        (rows(lines[2]), "line 3: a second row with the key"),
        ("a,b\n1,2\n".into(), "expected a sweep's table"),
        ("no table at all".into(), "expected a sweep's table"),
    ];
    for (text, expected) in cases {
        fs::write(folder.path().join("sweep.csv"), &text).unwrap();
        let (code, _, stderr) = sweep(folder.path(), &TWO);
        assert_eq!(code, Some(1), "{text}");
        assert!(stderr.contains(expected), "{stderr}");
        assert_eq!(table(folder.path(), "sweep.csv"), text);
    }
    fs::remove_file(folder.path().join("sweep.csv")).unwrap();
    fs::create_dir(folder.path().join("sweep.csv")).unwrap();
    let (code, _, stderr) = sweep(folder.path(), &TWO);
    assert!(code == Some(1) && stderr.contains("sweep.csv"), "{stderr}");
}

#[test]
fn shards_merge_to_the_complete_table() {
    let folder = folder();
    assert_eq!(sweep(folder.path(), &[&SMALL[..], &["--out", "whole.csv"]].concat()).0, Some(0));
    for shard in ["0/3", "1/3", "2/3"] {
        assert_eq!(sweep(folder.path(), &[&SMALL[..], &["--shard", shard]].concat()).0, Some(0));
    }
    let names = ["sweep-0-of-3.csv", "sweep-1-of-3.csv", "sweep-2-of-3.csv"];
    assert_eq!(names.map(|name| results(folder.path(), name).len()), [3, 3, 2]);
    let merge =
        |tables: &[&str], out: &str| sweep(folder.path(), &[&["merge"], tables, &["--out", out], &SMALL[..]].concat());

    // One given twice.
    let (code, _, stderr) = merge(&[names[0], names[1], names[2], names[1]], "merged.csv");
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        stderr.contains("8 of 8 runs are in merged.csv") && stderr.contains("3 rows were duplicated; one copy is kept"),
        "{stderr}"
    );
    assert_eq!(
        sweep(folder.path(), &[&["merge", "whole.csv", "--out", "ordered.csv"], &SMALL[..]].concat()).0,
        Some(0)
    );
    assert_eq!(results(folder.path(), "merged.csv"), results(folder.path(), "ordered.csv"));

    // One missing.
    let (code, _, stderr) = merge(&[names[0], names[2]], "gaps.csv");
    assert_eq!(code, Some(1));
    assert!(stderr.contains("5 of 8 runs") && stderr.contains("3 runs are missing"), "{stderr}");
    for row in results(folder.path(), names[1]) {
        let named = |line: &str| row[..4].iter().all(|value| line.split_whitespace().any(|word| word == value));
        assert!(stderr.lines().any(named), "{row:?} is not named in {stderr}");
    }
    // A merged table can be continued like any other.
    assert_eq!(sweep(folder.path(), &[&SMALL[..], &["--out", "gaps.csv"]].concat()).0, Some(0));
    assert_eq!(sorted(results(folder.path(), "gaps.csv")), sorted(results(folder.path(), "whole.csv")));
}

#[test]
fn tables_of_other_data_are_not_merged() {
    let folder = folder();
    made_up_images(&folder.path().join("other"), 300, 100);
    let arguments =
        ["--activations", "relu", "--lrs", "0.01", "--optimizers", "adam", "--batch-sizes", "16", "--epochs", "1"];
    for (data, out) in [("data", "a.csv"), ("other", "b.csv")] {
        assert_eq!(sweep(folder.path(), &[&arguments[..], &["--data-dir", data, "--out", out]].concat()).0, Some(0));
    }
    let (code, _, stderr) = sweep(folder.path(), &["merge", "a.csv", "b.csv", "--out", "c.csv"]);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("a.csv and b.csv come from different data: the data set differs"), "{stderr}");
    assert!(!folder.path().join("c.csv").exists());
    // Both can be in one table: the key distinguishes them.
    let (code, _, stderr) =
        sweep(folder.path(), &[&arguments[..], &["--data-dir", "other", "--out", "a.csv"]].concat());
    assert_eq!(code, Some(0));
    assert!(stderr.contains("a.csv also has 1 row for other configurations or data; kept"), "{stderr}");
    assert_eq!(results(folder.path(), "a.csv").len(), 2);
}

#[test]
fn a_run_that_diverges_is_a_result() {
    let folder = folder();
    // Steps so large that some runs compute a NaN before their neurons die.
    let seeds: Vec<String> = (1..=16).map(|seed: u32| seed.to_string()).collect();
    let grid =
        ["--activations", "relu", "--lrs", "10", "--optimizers", "sgd", "--batch-sizes", "1", "--pooling", "max"];
    let seeds = seeds.join(",");
    let arguments = [&grid[..], &["--epochs", "2", "--seeds", &seeds]].concat();
    let (code, stdout, stderr) = sweep(folder.path(), &arguments);
    assert_eq!(code, Some(0), "{stderr}");
    let rows = results(folder.path(), "sweep.csv");
    let diverged: Vec<_> = rows.iter().filter(|row| row[8] == "diverged").collect();
    assert!(!diverged.is_empty(), "{stdout}");
    assert!(diverged.iter().all(|row| row[4].is_empty() && row[5].is_empty()), "{diverged:?}");
    assert!(
        stdout.contains(&format!("16 of 16 runs on data are in sweep.csv, {} diverged", diverged.len())),
        "{stdout}"
    );
    // They are not trained again.
    let before = table(folder.path(), "sweep.csv");
    assert_eq!(sweep(folder.path(), &arguments).0, Some(0));
    assert_eq!(table(folder.path(), "sweep.csv"), before);
}

#[test]
fn invalid_arguments_are_reported_before_anything_is_done() {
    let folder = folder();
    let cases: [(&[&str], &str); 9] = [
        (&["--activations", "elu"], "`elu` is not one of relu, tanh, sigmoid"),
        (&["--lrs", "0.1,0.1"], "learning rates: 0.1 is given twice"),
        (&["--lrs", "0"], "learning rate must be above 0"),
        (&["--batch-sizes", "16,0"], "batch size must be 1 to 4096"),
        (&["--shard", "3/3"], "K/N with K from 0 to N-1"),
        (&["--shard", "one"], "K/N with K from 0 to N-1"),
        (&["--jobs", "0"], "--jobs"),
        (&["--holdout", "320"], "holdout must leave a training image"),
        (&["merge", "--out", "x.csv"], "FILES"),
    ];
    for (arguments, expected) in cases {
        let (code, _, stderr) = sweep(folder.path(), arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
    }
    assert!(!folder.path().join("sweep.csv").exists());
}

#[test]
fn json_lines_report_every_run() {
    let folder = folder();
    let (code, stdout, _) = sweep(folder.path(), &[&SMALL[..], &["--json"]].concat());
    assert_eq!(code, Some(0));
    let lines: Vec<Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (end, runs) = lines.split_last().unwrap();
    assert_eq!(runs.len(), 8);
    assert!(runs.iter().all(|run| run["event"] == "run" && run["state"] == "done" && run["dataset"] == "data"));
    assert_eq!(runs.iter().map(|run| run["done"].as_u64().unwrap()).collect::<Vec<_>>(), (1..=8).collect::<Vec<_>>());
    assert_eq!((&end["event"], &end["done"], &end["missing"]), (&"finished".into(), &8.into(), &0.into()));
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_and_a_second_sweep_has_to_wait() {
    use rustix::process::{Pid, Signal, kill_process};

    let folder = folder();
    let long = ["--activations", "relu", "--lrs", "0.01,0.001", "--optimizers", "adam", "--batch-sizes", "16"];
    let endless = [&["sweep"], &long[..], &["--epochs", "10000", "--jobs", "1"]].concat();
    let mut child = command(folder.path(), &endless).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // The header of the columns: the table is open.
    lines.next().unwrap().unwrap();
    let (code, _, stderr) = sweep(folder.path(), &[&long[..], &["--epochs", "1"]].concat());
    assert_eq!(code, Some(1));
    assert!(stderr.contains("sweep.csv is being written by another sweep"), "{stderr}");
    kill_process(Pid::from_raw(child.id() as i32).unwrap(), Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(143));
    assert_eq!(table(folder.path(), "sweep.csv").lines().count(), 1);
}

#[test]
fn the_flags_of_a_plan_start_the_same_sweep_from_a_shell() {
    let grid = Grid::default()
        .with(Hyperparameter::LearningRate, [0.003_f32, 1e-5])
        .with(Hyperparameter::BatchSize, [32_u32])
        .with(Hyperparameter::Epochs, [2_u32])
        .with(Hyperparameter::Pooling, [Pooling::Max]);
    let limits = Limits { train: Some(200), test: Some(50), holdout: 20 };
    let runs = grid.runs().len();
    let plan = SweepPlan { grid, limits, jobs: Some(1), out: "my table.csv".into() };
    let flags = plan.flags();
    for flag in ["--lrs 0.003,1e-5", "--batch-sizes 32", "--epochs 2", "--pooling max", "--jobs 1", "'my table.csv'"] {
        assert!(flags.contains(&format!(" {flag}")), "{flag}: {flags}");
    }
    let folder = folder();
    let arguments: Vec<&str> = flags.split(" --out ").next().unwrap().split_whitespace().collect();
    let (code, stdout, stderr) = sweep(folder.path(), &[&arguments[..], &["--dry-run"]].concat());
    assert_eq!(code, Some(0), "{stderr}");
    let expected =
        format!("{runs} runs of 2 epochs on data, 180 images for training and 20 for measuring, 1 at a time");
    assert!(stdout.contains(&expected), "{stdout}");
    assert_eq!(
        SweepPlan { grid: Grid::default(), limits: Limits::default(), jobs: None, out: "a.csv".into() }.flags(),
        " --out a.csv"
    );
}
