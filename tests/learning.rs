//! Full epochs on all images reach the accuracy in docs/measurements.md, with a margin for other machines' rounding.

mod common;

use std::{path::Path, process::Command};

use serde_json::Value;

/// Runs `lenet-monitor ARGUMENTS` in `folder` with MNIST from `mnist`, and returns its last JSON line.
fn last_line(folder: &Path, mnist: &Path, arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_lenet-monitor"))
        .args(arguments)
        .env("LENET_MONITOR_DATA", mnist)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let stdout = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str(stdout.lines().last().unwrap()).unwrap()
}

#[test]
fn one_epoch_of_mnist_reaches_97_percent() {
    let Some(mnist) = common::mnist() else { return };
    let folder = tempfile::tempdir().unwrap();
    let finished = last_line(folder.path(), &mnist, &["train", "--json", "--dataset", "mnist", "--epochs", "1"]);
    let accuracy = finished["test_accuracy"].as_f64().unwrap();
    assert!(accuracy >= 0.97, "{finished}");
}

#[test]
fn three_epochs_of_synthetic_digits_reach_85_percent_on_real_ones() {
    let Some(mnist) = common::mnist() else { return };
    let folder = tempfile::tempdir().unwrap();
    let finished = last_line(folder.path(), &mnist, &["train", "--json", "--dataset", "synthetic", "--epochs", "3"]);
    let checkpoint = finished["checkpoint"].as_str().unwrap();
    let result = last_line(folder.path(), &mnist, &["eval", checkpoint, "--json", "--dataset", "mnist"]);
    let accuracy = result["test_accuracy"].as_f64().unwrap();
    assert!(accuracy >= 0.85, "{result}");
}
