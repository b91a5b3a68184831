//! Files written by version 0.1.0 can be read, and are continued as that version would have. `fixtures/old-files.md`
//! says how they were made.

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
};

use common::cli::{command, outcome};
use lenet_monitor::{
    data::Kind,
    nn::{Activation, OptimizerKind, Pooling},
    sweep::{MeasuredOn, Row, RunState, read_rows},
    train::{Checkpoint, ChosenBy, EpochRecord, Hyperparameters, LearningRateChange, Limits},
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

const ADAM: &str = "checkpoint-v1.ckpt";
const SGD: &str = "checkpoint-v1-sgd.ckpt";
const TABLE: &str = "sweep-v1.csv";
/// Grid of the runs in the table that ended with a result.
const GRID: [&str; 17] = [
    "--dataset",
    "synthetic",
    "--limit-train",
    "400",
    "--limit-test",
    "200",
    "--holdout",
    "80",
    "--activations",
    "relu,tanh",
    "--lrs",
    "0.01,10",
    "--batch-sizes",
    "16",
    "--epochs",
    "2",
    "--optimizers",
];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// Returns a folder with a copy of a file under `copy`.
fn folder_with(name: &str, copy: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join(copy);
    fs::create_dir_all(copy.parent().unwrap()).unwrap();
    fs::copy(fixture(name), copy).unwrap();
    folder
}

/// Returns stdout and stderr of a command that succeeds.
#[track_caller]
fn run(folder: &Path, arguments: &[&str]) -> (String, String) {
    let (code, stdout, stderr) = outcome(command(folder, arguments).output().unwrap());
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    (stdout, stderr)
}

/// Returns the first twelve digits of a hash of numbers.
fn sum(numbers: &[f32]) -> String {
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    Sha256::digest(bytes).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Compares numbers that are nearly the same on every machine whose system has the same mathematical functions, since a
/// later version may round in another place, and less so elsewhere.
#[track_caller]
fn assert_number(found: &Value, expected: f64) {
    let tolerance = if cfg!(all(target_arch = "x86_64", target_os = "linux")) { 1e-6 } else { 0.02 };
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() <= tolerance, "expected {expected}, found {found}");
}

fn record(epoch: u32, train: (f64, f64), test: (f64, f64), validation: (f64, f64)) -> EpochRecord {
    EpochRecord {
        epoch,
        learning_rate: 0.002,
        train_loss: train.0,
        train_accuracy: train.1,
        test_loss: test.0,
        test_accuracy: test.1,
        validation: Some(validation),
        seconds: 0.0,
        train_seconds: 0.0,
        steps: 50,
        images: 800,
    }
}

#[test]
fn a_checkpoint_keeps_its_values() {
    let checkpoint = Checkpoint::read(&fixture(ADAM)).unwrap();
    assert_eq!((checkpoint.written_by.as_str(), checkpoint.saved_at), ("0.1.0", 1_795_648_859));
    assert_eq!(
        checkpoint.spec.hyper,
        Hyperparameters {
            activation: Activation::Tanh,
            pooling: Pooling::Max,
            optimizer: OptimizerKind::Adam,
            learning_rate: 0.002,
            batch_size: 16,
            epochs: 5,
            seed: 7,
            ..Hyperparameters::default()
        }
    );
    assert_eq!(checkpoint.spec.limits, Limits { train: Some(1000), test: Some(300), holdout: 200 });
    let data = &checkpoint.spec.dataset;
    assert_eq!((data.kind, data.name.as_str()), (Kind::Synthetic, "SYNTHETIC"));
    assert_eq!(data.fingerprint.to_string(), "73fb872f28b1ee0c");
    assert_eq!(checkpoint.learning_rate, 0.0005);
    let change = LearningRateChange { epoch: 2, step: 20, learning_rate: 0.0005 };
    assert_eq!(checkpoint.learning_rate_changes, [change]);

    let position = checkpoint.position;
    assert_eq!((position.epoch, position.step, position.correct, position.images), (2, 32, 473, 512));
    assert_eq!((position.loss_sum, checkpoint.optimizer.steps), (151.1417875289917, 132));
    assert_eq!((checkpoint.parameters.len(), sum(&checkpoint.parameters).as_str()), (61_706, "8676a0448467"));
    assert_eq!(
        checkpoint.optimizer.moments.iter().map(|moments| sum(moments)).collect::<Vec<_>>(),
        ["6d25d81d9bd5", "fb79366fa8ba"]
    );
    assert_eq!((checkpoint.computed_with.threads, checkpoint.computed_with.simd.as_str()), (1, "baseline"));
}

#[test]
fn a_checkpoint_keeps_its_history_and_evaluation() {
    let checkpoint = Checkpoint::read(&fixture(ADAM)).unwrap();
    let mut history = checkpoint.history.clone();
    for record in &mut history {
        assert!(record.seconds > record.train_seconds && record.train_seconds > 2.0, "{record:?}");
        (record.seconds, record.train_seconds) = (0.0, 0.0);
    }
    let first =
        record(1, (1.1839070117473602, 0.6325), (0.6629376212748428, 0.7633333333333333), (0.7247461975507128, 0.73));
    let second =
        record(2, (0.48328905522823334, 0.845), (0.4594793494836585, 0.8366666666666667), (0.4436757540976237, 0.845));
    assert_eq!(history, [first, second]);

    let best = checkpoint.best.unwrap();
    assert_eq!((best.chosen_by, best.epoch, best.accuracy), (ChosenBy::Validation, 2, 0.845));
    let evaluation = checkpoint.evaluation.unwrap();
    assert_eq!((evaluation.epoch, evaluation.confusion.correct(), evaluation.confusion.total()), (2, 251, 300));
    assert_eq!(evaluation.mistakes.len(), 49);
    let mistake = &evaluation.mistakes[0];
    assert_eq!((mistake.index, mistake.label, mistake.digit, mistake.probabilities[6]), (3, 5, 6, 0.48715955));
}

#[test]
fn a_checkpoint_of_sgd_has_no_moments() {
    let checkpoint = Checkpoint::read(&fixture(SGD)).unwrap();
    assert_eq!(
        checkpoint.spec.hyper,
        Hyperparameters {
            activation: Activation::Relu,
            pooling: Pooling::Avg,
            optimizer: OptimizerKind::Sgd,
            learning_rate: 0.05,
            batch_size: 8,
            epochs: 1,
            seed: 4,
            ..Hyperparameters::default()
        }
    );
    assert_eq!((checkpoint.position.epoch, checkpoint.position.step), (1, 0));
    assert_eq!((checkpoint.optimizer.steps, checkpoint.optimizer.moments.len()), (100, 0));
    assert_eq!(sum(&checkpoint.parameters), "6622ac06a721");
}

#[test]
fn checkpoints_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    for (name, expected) in [
        (
            ADAM,
            &[
                "by lenet-monitor 0.1.0",
                "data              SYNTHETIC (73fb872f28b1ee0c)\n",
                "activation        tanh\n",
                "pooling           max pooling\n",
                "optimizer         adam\n",
                "learning rate     0.002, 0.0005 since epoch 3, step 20\n",
                "batch size        16\n",
                "epochs            after step 32 of epoch 3 of 5\n",
                "seed              7\n",
                "steps in all      132\n",
                "parameters        61,706\n",
                "validation, last  loss 0.4437, accuracy 0.8450 (epoch 2)\n",
                "mistakes          49 of 300 test images\n",
            ][..],
        ),
        (SGD, &["optimizer         sgd\n", "learning rate     0.05\n", "epochs            after epoch 1 of 1\n"]),
    ] {
        let (stdout, _) = run(folder.path(), &["checkpoints", "show", fixture(name).to_str().unwrap()]);
        for line in expected {
            assert!(stdout.contains(line), "{line:?} is not in\n{stdout}");
        }
    }
}

#[test]
fn a_checkpoint_is_evaluated_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = fixture(SGD);
    let arguments = ["eval", path.to_str().unwrap(), "--json", "--threads", "1", "--simd", "baseline"];
    let (stdout, _) = run(folder.path(), &arguments);
    let line: Value = serde_json::from_str(&stdout).unwrap();
    assert_number(&line["test_accuracy"], 0.5);
    assert_number(&line["test_loss"], 1.443014278200825);
    let kept = Checkpoint::read(&path).unwrap().evaluation.unwrap();
    assert_eq!(serde_json::from_value::<[[u32; 10]; 10]>(line["confusion"].clone()).unwrap(), kept.confusion.0);
}

/// Continues a checkpoint by one epoch, and returns the epoch.
fn continued(name: &str, epochs: &str) -> Value {
    let folder = folder_with(name, "run/last.ckpt");
    let arguments = ["train", "--resume", "run", "--json", "--epochs", epochs, "--threads", "1", "--simd", "baseline"];
    let (stdout, _) = run(folder.path(), &arguments);
    assert_eq!(stdout.lines().count(), 2, "{stdout}");
    serde_json::from_str(stdout.lines().next().unwrap()).unwrap()
}

#[test]
fn runs_continue_as_in_the_version_that_saved_them() {
    let epoch = continued(ADAM, "3");
    assert_eq!(
        (&epoch["event"], &epoch["epoch"], &epoch["learning_rate"]),
        (&"epoch".into(), &3.into(), &0.0005.into())
    );
    assert_number(&epoch["train_loss"], 0.2669729283452034);
    assert_number(&epoch["train_accuracy"], 0.93625);
    assert_number(&epoch["test_loss"], 0.34876547812655334);
    assert_number(&epoch["test_accuracy"], 0.89);
    assert_number(&epoch["validation_loss"], 0.4169756538838647);

    let epoch = continued(SGD, "2");
    assert_number(&epoch["train_loss"], 1.0881490330398083);
    assert_number(&epoch["test_loss"], 0.8692771647096454);
    assert_number(&epoch["validation_loss"], 0.857317406003959);
}

/// Returns a row of the table, without its seconds.
fn row(activation: Activation, learning_rate: f32, optimizer: OptimizerKind, result: (f64, f64), key: &str) -> Row {
    Row {
        hyper: Hyperparameters { activation, learning_rate, optimizer, epochs: 2, ..Hyperparameters::default() },
        accuracy: Some(result.0),
        loss: Some(result.1),
        seconds: 0.0,
        state: RunState::Done,
        dataset: "SYNTHETIC".into(),
        key: format!("73fb872f-{key}"),
        measured_on: MeasuredOn::Validation,
        training_images: 320,
        test_images: 200,
        measurements: None,
    }
}

#[test]
fn a_table_keeps_its_values() {
    use {Activation::*, OptimizerKind::*};
    let mut rows = read_rows(&fixture(TABLE)).unwrap();
    for row in &mut rows {
        assert!(row.seconds > 0.0, "{row:?}");
        row.seconds = 0.0;
    }
    let ended = |state, row: Row| Row { accuracy: None, loss: None, state, ..row };
    let expected = [
        row(Relu, 0.01, Sgd, (0.1125, 2.297148204368228), "3cca63837a61"),
        row(Relu, 0.01, Rmsprop, (0.6, 1.223420276510449), "20baa156b44c"),
        row(Relu, 10.0, Sgd, (0.1375, 2.6185116071113046), "27c7b1605951"),
        row(Relu, 10.0, Rmsprop, (0.1125, 12.787342761843139), "8bf9ae6d66c0"),
        row(Tanh, 0.01, Sgd, (0.2375, 2.2211940920342497), "02f2d3de929b"),
        row(Tanh, 0.01, Rmsprop, (0.1375, 2.378882296446346), "6c3fa0767e67"),
        row(Tanh, 10.0, Sgd, (0.075, 376.5319500923157), "55777d1332f2"),
        row(Tanh, 10.0, Rmsprop, (0.1375, 1005.2812316894531), "0f28b58057e2"),
        ended(RunState::Diverged, row(Relu, 1.0, Sgd, (0.0, 0.0), "876407a2d913")),
        ended(RunState::Failed, row(Tanh, 1.0, Adam, (0.0, 0.0), "396415538517")),
    ];
    assert_eq!(rows, expected);
}

#[test]
fn a_sweep_trains_only_what_is_missing_from_its_old_table() {
    let folder = folder_with(TABLE, "sweep.csv");
    let old = fs::read_to_string(fixture(TABLE)).unwrap();
    let sweep = |optimizers| {
        let arguments = [&["sweep", "--json", "--simd", "baseline", "--out", "sweep.csv"], &GRID[..], &[optimizers]];
        run(folder.path(), &arguments.concat())
    };
    let (stdout, _) = sweep("sgd,rmsprop");
    assert_eq!(stdout.lines().count(), 1, "nothing is trained again: {stdout}");
    assert_eq!(fs::read_to_string(folder.path().join("sweep.csv")).unwrap(), old);

    let (_, stderr) = sweep("sgd,rmsprop,adam");
    assert!(stderr.contains("8 of 12 runs are already in sweep.csv"), "{stderr}");
    let table = fs::read_to_string(folder.path().join("sweep.csv")).unwrap();
    let added: Vec<&str> = table.strip_prefix(&old).expect("rows are appended").lines().collect();
    assert_eq!(added.len(), 4, "{added:?}");
    assert!(added.iter().all(|row| row.contains(",adam,16,") && row.contains(",SYNTHETIC,73fb872f-")), "{added:?}");
    let result = added.iter().find(|row| row.starts_with("tanh,0.01,")).unwrap().split(',').nth(5).unwrap();
    assert_number(&serde_json::from_str(result).unwrap(), 0.7275560693769318);
}

#[test]
fn an_old_table_gets_a_column_for_a_later_hyperparameter() {
    let folder = folder_with(TABLE, "sweep.csv");
    let old = read_rows(&fixture(TABLE)).unwrap();
    let grid = &GRID[..GRID.len() - 1];
    let sweep = [&["sweep", "--json", "--simd", "baseline", "--out", "sweep.csv"], grid].concat();
    let (stdout, stderr) = run(folder.path(), &[&sweep[..], &["--optimizers", "sgd", "--momentums", "0,0.9"]].concat());
    assert!(stderr.contains("4 of 8 runs are already in sweep.csv"), "{stderr}");
    assert_eq!(stdout.matches(r#""momentum":0.9"#).count(), 4, "{stdout}");

    let table = fs::read_to_string(folder.path().join("sweep.csv")).unwrap();
    assert!(table.lines().next().unwrap().ends_with(",Test Images,Momentum"), "{table}");
    let rows = read_rows(&folder.path().join("sweep.csv")).unwrap();
    assert_eq!(rows[..old.len()], old);
    assert!(rows[old.len()..].iter().all(|row| row.hyper.momentum == 0.9), "{rows:?}");

    // An old table and a new one can be merged.
    fs::copy(fixture(TABLE), folder.path().join("old.csv")).unwrap();
    let merge = [&["sweep", "merge", "old.csv", "sweep.csv", "--out", "all.csv"], &GRID[8..GRID.len() - 1]].concat();
    let (_, stderr) = run(folder.path(), &[&merge[..], &["--optimizers", "sgd", "--momentums", "0,0.9"]].concat());
    assert!(stderr.contains("8 of 8 runs are in all.csv"), "{stderr}");
    run(folder.path(), &["report", "all.csv", "--out", "report"]);
    let page = fs::read_to_string(folder.path().join("report/report.html")).unwrap();
    assert!(page.contains("momentum 0.9"), "the page does not distinguish momentums");
}

#[test]
fn an_old_table_is_merged() {
    let folder = folder_with(TABLE, "old.csv");
    let grid = &GRID[8..];
    let (_, stderr) =
        run(folder.path(), &[&["sweep", "merge", "old.csv", "--out", "all.csv"], grid, &["sgd,rmsprop"]].concat());
    assert!(stderr.contains("8 of 8 runs are in all.csv"), "{stderr}");
    assert!(stderr.contains("2 rows are not in this grid"), "{stderr}");
    let rows = |name: &str| read_rows(&folder.path().join(name)).unwrap();
    assert_eq!(rows("all.csv"), rows("old.csv"));
}

#[test]
fn old_files_are_reported() {
    let folder = folder_with(TABLE, "sweep.csv");
    fs::copy(fixture(SGD), folder.path().join("run.ckpt")).unwrap();
    run(folder.path(), &["report", "sweep.csv", "run.ckpt", "--out", "report"]);
    let page = fs::read_to_string(folder.path().join("report/report.html")).unwrap();
    for text in [
        "10 configurations in 10 runs, 1 diverged, 1 failed without a result.",
        r#"<td>relu</td><td>rmsprop</td><td class="number">0.01</td><td class="number">0.6000</td><td class="number">1.2234</td>"#,
        "image 48: predicted 4 with probability 0.570, true 4",
    ] {
        assert!(page.contains(text), "{text:?} is not in the page");
    }
}

#[test]
fn an_old_history_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let (stdout, _) = run(folder.path(), &["history", fixture(ADAM).to_str().unwrap(), "--json"]);
    let epochs: Vec<Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(epochs.len(), 2);
    assert_eq!(epochs[1]["test_loss"], 0.4594793494836585);
    assert_eq!((&epochs[1]["learning_rate"], &epochs[1]["dataset"]), (&0.002.into(), &"SYNTHETIC".into()));
}
