//! `lenet-monitor train` without the dashboard, from the user's side.

mod common;

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, SystemTime},
};

use common::{
    cli::{command, folder, outcome},
    first_images, made_up_images, mnist,
};
use lenet_monitor::{
    nn::Simd,
    train::{
        Checkpoint,
        checkpoint::{BEST, LAST},
    },
};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_lenet-monitor");

/// Runs the program, and returns its exit code, stdout and stderr.
fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    outcome(command(folder, arguments).output().unwrap())
}

/// Trains with these options, and returns the JSON lines.
fn json(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let (code, stdout, stderr) = run(folder, &[&["train", "--json"], arguments].concat());
    assert_eq!(code, Some(0), "{stderr}");
    stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn checkpoint_of(folder: &Path, lines: &[Value]) -> PathBuf {
    folder.join(lines.last().unwrap()["checkpoint"].as_str().unwrap())
}

fn runs(folder: &Path) -> Vec<PathBuf> {
    let mut runs: Vec<_> =
        fs::read_dir(folder.join("checkpoints")).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    runs.sort();
    runs
}

#[test]
fn prints_one_line_per_epoch_in_fixed_columns() {
    let folder = folder();
    let (code, stdout, stderr) = run(folder.path(), &["train", "--epochs", "3", "--holdout", "20"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(!stdout.contains(['\x1b', '\x08', '\r']), "{stdout:?}");
    let lines: Vec<_> = stdout.lines().collect();
    assert_eq!(lines[0], "LeNet-5 on data: 300 images for training, 100 for testing, 20 for validation");
    assert!(lines[1].starts_with("relu, adam 0.001, batch 16, avg pooling, 3 epochs, seed 1, "), "{}", lines[1]);
    assert!(lines[2].starts_with("run checkpoints/"), "{}", lines[2]);
    let table = &lines[3..7];
    assert!(table[0].contains("train loss  train acc  test loss  test acc  valid loss  valid acc"));
    assert!(table.iter().all(|line| line.len() == table[0].len()), "{table:#?}");
    let epochs: Vec<_> = table[1..].iter().map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!(epochs, ["1", "2", "3"]);
    assert!(
        lines[7].starts_with("finished after 3 epochs: test loss 0.") && lines[7].contains(" on data; checkpoint ")
    );
    assert_eq!(lines.len(), 8);
}

#[test]
fn prints_json_lines_with_the_documented_fields() {
    let folder = folder();
    // It also trains without a subcommand.
    let (code, stdout, stderr) = run(folder.path(), &["--json", "--epochs", "2"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("LeNet-5 on data"), "{stderr}");
    let lines: Vec<Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    for (epoch, line) in (1..).zip(&lines[..2]) {
        assert_eq!((&line["event"], &line["epoch"]), (&"epoch".into(), &epoch.into()));
        for field in [
            "train_loss",
            "train_accuracy",
            "test_loss",
            "test_accuracy",
            "seconds",
            "ms_per_step",
            "images_per_second",
        ] {
            assert!(line[field].as_f64().unwrap() >= 0.0, "{field}: {line}");
        }
        let layers: Vec<_> = line["layers"].as_array().unwrap().iter().map(|layer| layer["layer"].clone()).collect();
        assert_eq!(layers, ["C1", "C3", "C5", "F6", "output"]);
        for field in ["gradient_norm", "update_to_weight", "dead", "saturated"] {
            assert!(line["layers"][0][field].as_f64().unwrap() >= 0.0, "{field}: {line}");
        }
    }
    let last = &lines[2];
    assert_eq!((&last["event"], &last["epochs"], &last["dataset"]), (&"finished".into(), &2.into(), &"data".into()));
    assert_eq!((&last["test_loss"], &last["test_accuracy"]), (&lines[1]["test_loss"], &lines[1]["test_accuracy"]));
    let checkpoint = Checkpoint::read(&checkpoint_of(folder.path(), &lines)).unwrap();
    assert_eq!(checkpoint.history[1].test_loss, last["test_loss"].as_f64().unwrap());
    assert!(checkpoint_of(folder.path(), &lines).with_file_name(BEST).exists());
}

#[test]
fn a_run_that_learns_nothing_says_so() {
    let folder = folder();
    let arguments = ["train", "--json", "--epochs", "2", "--optimizer", "sgd", "--lr", "10"];
    let (code, stdout, stderr) = run(folder.path(), &arguments);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("warning: the run learns nothing: "), "{stderr}");
    for line in stdout.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert!(line["learns_nothing"].as_str().unwrap().ends_with("the learning rate is probably too high"), "{line}");
    }
}

#[test]
fn learns_digits() {
    let Some(mnist) = mnist() else { return };
    let folder = tempfile::tempdir().unwrap();
    first_images(&mnist, &folder.path().join("data"), 2000, 500);
    let lines = json(folder.path(), &["--epochs", "3", "--limit-test", "400"]);
    let accuracy = lines.last().unwrap()["test_accuracy"].as_f64().unwrap();
    assert!(accuracy > 0.8, "{accuracy}");
    assert_eq!((accuracy * 400.0).round() / 400.0, accuracy, "not of 400 images");
}

#[test]
fn says_when_digits_are_synthetic() {
    let folder = tempfile::tempdir().unwrap();
    let limits = ["--dataset", "synthetic", "--limit-train", "64", "--limit-test", "50", "--epochs", "1"];
    let (code, stdout, _) = run(folder.path(), &[&["train"], &limits[..]].concat());
    assert_eq!(code, Some(0));
    assert!(stdout.starts_with("LeNet-5 on SYNTHETIC (digits generated by this program): 64 images"), "{stdout}");
    assert!(stdout.lines().last().unwrap().contains("SYNTHETIC"), "{stdout}");
    let lines = json(folder.path(), &limits);
    assert!(lines.iter().all(|line| line["dataset"] == "SYNTHETIC"), "{lines:?}");
}

#[test]
fn invalid_arguments_end_with_2_and_say_what_was_expected() {
    let folder = folder();
    for (arguments, expected) in [
        (&["--lr", "0"][..], "learning rate must be above 0"),
        (&["--lr", "-1"], "learning rate must be above 0"),
        (&["--lr", "nan"], "learning rate must be above 0"),
        (&["--lr", "11"], "at most 10"),
        (&["--batch-size", "0"], "batch size must be 1 to 4096"),
        (&["--batch-size", "4097"], "batch size must be 1 to 4096"),
        (&["--epochs", "0"], "epochs must be 1 to 10000"),
        (&["--limit-train", "0"], "1 or more"),
        (&["--limit-test", "0"], "1 or more"),
        (&["--limit-train", "50", "--holdout", "50"], "fewer than 50, found 50"),
        (&["--holdout", "320"], "fewer than 320, found 320"),
        (&["--threads", "0"], "--threads"),
        (&["--simd", "mmx"], "auto, avx512, avx2, baseline"),
        (&["--fps", "61"], "--fps"),
        (&["--optimizer", "lion"], "adam, rmsprop, sgd"),
        (&["--activation", "gelu"], "relu, tanh, sigmoid"),
    ] {
        let (code, stdout, stderr) = run(folder.path(), &[&["train", "--headless"], arguments].concat());
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{arguments:?}: {stderr}");
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
    }
    assert_eq!(runs(folder.path()), [] as [PathBuf; 0]);
}

/// Each set that this machine has can be chosen and is reported; any other is an invalid argument.
#[test]
fn simd_forces_an_instruction_set() {
    let folder = folder();
    let available: Vec<_> = Simd::available().into_iter().map(Simd::name).collect();
    for name in ["avx512", "avx2", "baseline"] {
        let (code, stdout, stderr) = run(folder.path(), &["train", "--headless", "--epochs", "1", "--simd", name]);
        if available.contains(&name) {
            assert_eq!(code, Some(0), "{stderr}");
            assert!(stdout.lines().nth(1).unwrap().ends_with(name), "{stdout}");
        } else {
            assert_eq!(code, Some(2), "{stderr}");
            assert!(stderr.contains(&format!("--simd {name}")) && stderr.contains(&available.join(", ")), "{stderr}");
        }
    }
}

#[test]
fn a_run_that_diverges_ends_with_1_and_names_the_last_good_checkpoint() {
    let folder = folder();
    let last = checkpoint_of(folder.path(), &json(folder.path(), &["--epochs", "1"]));
    let mut checkpoint = Checkpoint::read(&last).unwrap();
    // Finite, but any result computed from them is not.
    checkpoint.parameters.fill(1e38);
    checkpoint.write(&last).unwrap();
    for json in [true, false] {
        let form = if json { "--json" } else { "--headless" };
        let (code, stdout, stderr) = run(folder.path(), &["train", form, "--resume", "--epochs", "2"]);
        assert_eq!(code, Some(1), "{stderr}");
        let end = stdout.lines().last().unwrap();
        assert!(
            end.starts_with(if json { "{\"event\":\"diverged\",\"epochs\":1," } else { "diverged after 1 epoch" }),
            "{end}"
        );
        let kept = last.strip_prefix(folder.path()).unwrap().to_str().unwrap();
        assert!(
            end.contains(kept) && stderr.contains("not finite in step 1 of epoch 2") && stderr.contains(kept),
            "{stderr}"
        );
        assert_eq!(Checkpoint::read(&last).unwrap(), checkpoint);
    }
}

#[test]
fn a_resumed_run_continues_in_its_folder_bit_for_bit() {
    let folder = folder();
    let path = folder.path();
    let whole = checkpoint_of(path, &json(path, &["--epochs", "3"]));
    let part = checkpoint_of(path, &json(path, &["--epochs", "1"]));
    assert_ne!(whole, part);
    // A finished run is extended; the newest run is the one of one epoch.
    let lines = json(path, &["--resume", "--epochs", "2"]);
    assert_eq!(lines.iter().map(|line| &line["event"]).collect::<Vec<_>>(), ["epoch", "finished"]);
    assert_eq!((&lines[0]["epoch"], checkpoint_of(path, &lines)), (&2.into(), part.clone()));
    // Resumed by its folder, with flags that repeat the checkpoint's values.
    let run_folder = part.parent().unwrap().to_str().unwrap();
    let repeated = ["--resume", run_folder, "--lr", "0.001", "--batch-size", "16", "--seed", "1", "--holdout", "0"];
    let lines = json(path, &[&repeated[..], &["--optimizer", "adam", "--data-dir", "data", "--epochs", "3"]].concat());
    assert_eq!((lines.len(), checkpoint_of(path, &lines)), (2, part.clone()));
    let (whole, part) = (Checkpoint::read(&whole).unwrap(), Checkpoint::read(&part).unwrap());
    assert!(whole.parameters == part.parameters && whole.optimizer == part.optimizer);
    assert_eq!(runs(path).len(), 2);
    // With nothing left to train it finishes immediately.
    let lines = json(path, &["--resume"]);
    assert_eq!((lines.len(), &lines[0]["event"], &lines[0]["epochs"]), (1, &"finished".into(), &3.into()));
}

/// An alias may set flags that later ones override.
#[test]
fn of_a_flag_given_twice_the_last_counts() {
    let folder = folder();
    let twice =
        ["--epochs", "20", "--epochs", "1", "--lr", "0.1", "--lr", "0.25", "--headless", "--headless", "--json"];
    let lines = json(folder.path(), &twice);
    assert_eq!((lines.len(), &lines[0]["learning_rate"]), (2, &0.25.into()));
    let (code, stdout, stderr) = run(folder.path(), &["--json", "--epochs", "9", "--epochs", "1"]);
    assert_eq!((code, stdout.lines().count()), (Some(0), 2), "{stderr}");
    let last = checkpoint_of(folder.path(), &lines);
    let last = last.to_str().unwrap();
    assert_eq!(run(folder.path(), &["history", last, "--json", "--json"]).0, Some(0));
    assert_eq!(run(folder.path(), &["history", last, "--json", "--csv"]).0, Some(2), "these do not go together");
    let eval = ["eval", last, "--limit-test", "5", "--limit-test", "7", "--json"];
    assert!(run(folder.path(), &eval).1.contains("\"total\":7"));
    let sweep = ["sweep", "--dry-run", "--epochs", "5", "--epochs", "2", "--seeds", "1,2"];
    let (code, stdout, stderr) = run(folder.path(), &sweep);
    assert!(code == Some(0) && stdout.contains("162 runs of 2 epochs"), "{stdout}{stderr}");
}

#[test]
fn choices_are_accepted_in_any_case() {
    let folder = folder();
    let choices = ["--activation", "ReLU", "--optimizer", "ADAM", "--pooling", "Max", "--simd", "Baseline"];
    let others = ["--dataset", "AUTO", "--theme", "Dark", "--colours", "TRUE", "--epochs", "1"];
    json(folder.path(), &[&choices[..], &others].concat());
    assert_eq!(run(folder.path(), &["completions", "Bash"]).0, Some(0));
    let sweep = ["sweep", "--dry-run", "--activations", "ReLU,TANH", "--optimizers", "Sgd"];
    assert_eq!(run(folder.path(), &sweep).0, Some(0));
}

#[test]
fn a_folder_of_runs_is_resumed_with_its_newest() {
    let folder = folder();
    let path = folder.path();
    json(path, &["--epochs", "1", "--seed", "7"]);
    let newest = checkpoint_of(path, &json(path, &["--epochs", "1"]));
    for runs in ["checkpoints", "checkpoints/"] {
        let lines = json(path, &["--resume", runs, "--checkpoint-dir", "elsewhere"]);
        assert_eq!(checkpoint_of(path, &lines), newest, "{runs}");
    }
}

/// Saves a checkpoint as if the clock had been `late` seconds ahead, optionally with the file's time too.
fn save_late(path: &Path, late: u64, is_file_late: bool) {
    let then = SystemTime::now() + Duration::from_secs(late);
    let mut checkpoint = Checkpoint::read(path).unwrap();
    checkpoint.saved_at = then.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    checkpoint.write(path).unwrap();
    if is_file_late {
        fs::File::options().write(true).open(path).unwrap().set_modified(then).unwrap();
    }
}

#[test]
fn a_run_from_the_future_is_reported_and_does_not_count_as_the_newest() {
    const YEAR: u64 = 365 * 86_400;
    let folder = folder();
    let path = folder.path();
    let early = checkpoint_of(path, &json(path, &["--epochs", "1"]));
    // With the slash, since another run of the same second has the same name followed by a number.
    let name = |file: &Path| format!("{}/", file.parent().unwrap().file_name().unwrap().display());
    for is_file_late in [true, false] {
        for file in [LAST, BEST] {
            save_late(&early.with_file_name(file), YEAR, is_file_late);
        }
        if is_file_late {
            // If it is the only one, it is resumed and reported.
            let (code, stdout, stderr) = run(path, &["train", "--json", "--resume"]);
            assert!(code == Some(0) && stdout.contains(&name(&early)), "{stdout}{stderr}");
            assert!(stderr.contains("saved in the future"), "{stderr}");
        }
        let newer = checkpoint_of(path, &json(path, &["--epochs", "1"]));
        let (code, stdout, stderr) = run(path, &["train", "--json", "--resume"]);
        assert!(code == Some(0) && stdout.contains(&name(&newer)), "{stdout}{stderr}");
        assert!(stderr.contains("saved in the future") && stderr.contains(&name(&early)), "{stderr}");
        let (_, listed, _) = run(path, &["checkpoints", "list"]);
        assert!(!listed.lines().nth(1).unwrap().contains(&name(&early)), "{listed}");
        assert!(listed.contains("(in the future)"), "{listed}");
    }
}

#[test]
fn more_threads_than_cores_are_reported_and_not_used() {
    let folder = folder();
    let arguments = ["train", "--headless", "--threads", "256", "--epochs", "1", "--limit-train", "64"];
    let (code, stdout, stderr) = run(folder.path(), &arguments);
    assert_eq!(code, Some(0), "{stderr}");
    let cores = thread::available_parallelism().unwrap().get();
    if cores < 256 {
        assert!(stderr.contains("--threads 256"), "{stderr}");
        let threads = if cores == 1 { "1 thread,".to_owned() } else { format!("{cores} threads,") };
        assert!(stdout.contains(&threads), "{stdout}");
    }
}

#[test]
fn resume_errors_name_both_sides() {
    let folder = folder();
    let path = folder.path();
    let (code, _, stderr) = run(path, &["train", "--headless", "--resume"]);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("no run to resume in checkpoints"), "{stderr}");
    let last = checkpoint_of(path, &json(path, &["--epochs", "2", "--limit-train", "200"]));
    made_up_images(&path.join("other"), 200, 50);
    for (arguments, parts) in [
        (&["--lr", "0.5"][..], ["--lr 0.5", "0.001"]),
        (&["--optimizer", "sgd"], ["sgd", "adam"]),
        (&["--activation", "tanh"], ["tanh", "relu"]),
        (&["--pooling", "max"], ["max", "avg"]),
        (&["--batch-size", "32"], ["32", "16"]),
        (&["--seed", "2"], ["--seed 2", "has 1"]),
        (&["--limit-train", "100"], ["100", "200"]),
        (&["--limit-test", "10"], ["10", "all"]),
        (&["--holdout", "7"], ["7", "0"]),
        (&["--epochs", "1"], ["1", "2 or more"]),
        (&["--dataset", "synthetic"], ["synthetic", "data ("]),
        (&["--data-dir", "other"], ["other (", "data ("]),
    ] {
        let (code, stdout, stderr) = run(path, &[&["train", "--json", "--resume"], arguments].concat());
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{arguments:?}: {stderr}");
        assert!(parts.iter().all(|part| stderr.contains(part)), "{arguments:?}: {stderr}");
    }
    // A damaged checkpoint is reported before data are looked for.
    let bytes = fs::read(&last).unwrap();
    fs::write(&last, &bytes[..bytes.len() - 1]).unwrap();
    for resume in [&["--resume"][..], &["--resume", last.to_str().unwrap()], &["--resume", "data"]] {
        let (code, _, stderr) = run(path, &[&["train", "--json", "--data-dir", "nowhere"], resume].concat());
        assert_eq!(code, Some(1), "{stderr}");
        let expected = if resume.contains(&"data") { "data/last.ckpt" } else { "truncated" };
        assert!(stderr.contains(expected) && !stderr.contains("nowhere"), "{stderr}");
    }
}

#[test]
fn a_run_begins_with_the_weights_of_another() {
    let folder = folder();
    let path = folder.path();
    let source = ["--dataset", "synthetic", "--limit-train", "200", "--limit-test", "50", "--epochs", "1"];
    let lines = json(path, &[&source[..], &["--activation", "tanh", "--checkpoint-dir", "sources"]].concat());
    let from = checkpoint_of(path, &lines);
    let run_dir = from.parent().unwrap();
    let name = run_dir.file_name().unwrap().to_str().unwrap();
    // The configuration's network does not replace that of the weights; its optimizer applies.
    fs::create_dir_all(path.join(".config/lenet-monitor")).unwrap();
    let defaults = "[defaults]\nnetwork = \"mlp\"\nactivation = \"relu\"\noptimizer = \"rmsprop\"\n";
    fs::write(path.join(".config/lenet-monitor/config.toml"), defaults).unwrap();
    let run_dir = run_dir.to_str().unwrap();
    let begin = ["train", "--headless", "--epochs", "1", "--from", run_dir, "--freeze", "C3,c1"];
    let (code, stdout, stderr) = run(path, &begin);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let lines: Vec<_> = stdout.lines().collect();
    assert!(lines[1].starts_with("tanh, rmsprop 0.001, "), "{stdout}");
    let said = format!("the weights of {name} after epoch 1 on SYNTHETIC, C1 and C3 frozen");
    assert_eq!(lines[2], format!("begun with {said}"));

    let [begun] = &runs(path)[..] else { panic!("one run") };
    let begun = begun.to_str().unwrap();
    for arguments in [&["checkpoints", "show", begun][..], &["checkpoints", "list"]] {
        let (_, shown, _) = run(path, arguments);
        assert!(shown.contains(&format!("{said}\n")), "{shown}");
    }
    let [before, after] = [from.as_path(), &Path::new(begun).join(LAST)].map(|path| Checkpoint::read(path).unwrap());
    let (before, after) = (before.parameters.split_at(156 + 2_416), after.parameters.split_at(156 + 2_416));
    assert!(before.0 == after.0 && before.1 != after.1);
    // The other run may be gone when this one is resumed.
    fs::remove_dir_all(run_dir).unwrap();
    let (code, stdout, stderr) = run(path, &["train", "--headless", "--resume", begun, "--epochs", "2"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(stdout.contains(&said), "{stdout}");
    let (code, _, stderr) = run(path, &["report", begun, "--out", "report"]);
    assert_eq!(code, Some(0), "{stderr}");
    let pages = fs::read_dir(path.join("report")).unwrap().map(|entry| entry.unwrap().path());
    let mut pages = pages.filter(|path| path.extension().is_some_and(|extension| extension == "html"));
    assert!(pages.any(|page| fs::read_to_string(page).unwrap().contains(&said)));

    let (code, _, stderr) = run(path, &["train", "--headless", "--epochs", "1", "--from", begun, "--pooling", "max"]);
    assert_eq!(code, Some(0));
    assert!(stderr.contains("begins with pooling max instead of avg"), "{stderr}");
    for (arguments, code, parts) in [
        (&["--from", begun, "--freeze", "c1,s2"][..], 2, &["C1, C3, C5, F6, output", "`s2`"][..]),
        (&["--from", begun, "--freeze", "c1,c3,c5,f6,output"], 2, &["nothing is left to train"]),
        (&["--from", begun, "--network", "mlp"], 2, &["lenet-5", "mlp", begun]),
        (&["--freeze", "c1"], 2, &["--from"]),
        (&["--from", begun, "--resume"], 2, &["cannot be used with"]),
        (&["--from", "nowhere"], 1, &["nowhere"]),
    ] {
        let (found, _, stderr) = run(path, &[&["train", "--headless"], arguments].concat());
        assert_eq!(found, Some(code), "{arguments:?}: {stderr}");
        assert!(parts.iter().all(|part| stderr.contains(part)), "{arguments:?}: {stderr}");
    }
}

/// The value of `--resume` is optional, so that what follows may be meant as something else.
#[test]
fn ambiguous_lines_are_understood_or_explained() {
    let folder = folder();
    let path = folder.path();
    json(path, &["--epochs", "1"]);
    for arguments in
        [&["--resume", "--headless"][..], &["train", "--headless", "--resume"], &["--headless", "--resume"]]
    {
        let (code, _, stderr) = run(path, arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {stderr}");
    }
    for name in ["train", "predict", "eval"] {
        let (code, _, stderr) = run(path, &["--resume", name]);
        assert_eq!(code, Some(2), "{stderr}");
        assert!(stderr.contains("subcommand"), "{stderr}");
    }
    let (code, _, stderr) = run(path, &["--resume", "no-such-run"]);
    assert_eq!(code, Some(1));
    assert_eq!(stderr.matches("No such file").count(), 1, "{stderr}");
    let (code, _, stderr) = run(path, &["--resume", "predict", "some.ckpt", "digit.png"]);
    assert_eq!(code, Some(2), "{stderr}");
    // A run may be called like a subcommand.
    fs::rename(&runs(path)[0], path.join("eval")).unwrap();
    let (code, _, stderr) = run(path, &["--headless", "--resume", "eval"]);
    assert_eq!(code, Some(0), "{stderr}");
}

#[test]
fn a_run_that_cannot_be_saved_fails() {
    let folder = folder();
    fs::write(folder.path().join("checkpoints"), "in the way").unwrap();
    let (code, stdout, stderr) = run(folder.path(), &["train", "--json", "--epochs", "1"]);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("warning: not saved"), "{stderr}");
    assert!(stderr.contains("checkpoints: expected a folder, found a file"), "{stderr}");
    let last: Value = serde_json::from_str(stdout.lines().last().unwrap()).unwrap();
    assert_eq!((&last["event"], &last["checkpoint"]), (&"finished".into(), &Value::Null));
    assert_eq!(last["saved_epoch"], Value::Null);
    assert!(last["save_error"].is_string(), "{last}");
    let (code, stdout, _) = run(folder.path(), &["train", "--epochs", "1"]);
    assert_eq!(code, Some(1));
    assert!(stdout.contains("NOT SAVED: ") && stdout.contains("there is no checkpoint"), "{stdout}");
}

/// Simulates a disk that becomes full: the older file stays intact.
#[cfg(target_os = "linux")]
#[test]
fn the_end_reports_what_is_saved_and_why_the_rest_is_not() {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let folder = folder();
    let (child, mut stdout) = endless(command(folder.path(), &["train", "--json", "--epochs", "60"]));
    let pid = Pid::from_raw(child.id() as i32);
    prlimit(pid, Resource::Fsize, Rlimit { current: Some(1_000), maximum: None }).unwrap();
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut stdout, &mut rest).unwrap();
    let (code, _, stderr) = outcome(child.wait_with_output().unwrap());
    let last: Value = serde_json::from_str(rest.lines().last().unwrap()).unwrap();
    assert_eq!((code, &last["event"], &last["epochs"]), (Some(1), &"finished".into(), &60.into()), "{stderr}");
    assert!(last["save_error"].as_str().unwrap().contains("File too large"), "{last}");
    let on_disk = Checkpoint::read(&folder.path().join(last["checkpoint"].as_str().unwrap())).unwrap();
    assert_eq!(last["saved_epoch"], on_disk.position.epoch);
    assert!(on_disk.position.epoch < 60);
}

#[test]
fn a_run_folder_that_is_renamed_during_the_run_is_created_again() {
    let folder = folder();
    let (child, mut stdout) = endless(command(folder.path(), &["train", "--json", "--epochs", "100"]));
    // In one step, since the run is writing to it.
    fs::rename(&runs(folder.path())[0], folder.path().join("renamed")).unwrap();
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut stdout, &mut rest).unwrap();
    let (code, _, stderr) = outcome(child.wait_with_output().unwrap());
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("removed, renamed or replaced"), "{stderr}");
    let last: Value = serde_json::from_str(rest.lines().last().unwrap()).unwrap();
    let on_disk = Checkpoint::read(&folder.path().join(last["checkpoint"].as_str().unwrap())).unwrap();
    assert_eq!((on_disk.position.epoch, &last["save_error"]), (100, &Value::Null));
}

/// A log on a full disk, or a closed pipe.
#[cfg(target_os = "linux")]
#[test]
fn messages_that_cannot_be_written_do_not_end_the_run() {
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    for (arguments, expected) in [
        (&["train", "--json", "--epochs", "1"][..], 0),
        (&["sweep", "--json", "--epochs", "1", "--lrs", "0.01", "--optimizers", "adam", "--batch-sizes", "64"], 0),
        (&["eval", "nothing"], 1),
        (&["checkpoints", "list", "--checkpoint-dir", "nothing"], 0),
        (&["data", "status"], 0),
        (&["train", "--epochs", "0"], 2),
    ] {
        let folder = folder();
        let (code, ..) = outcome(command(folder.path(), arguments).stderr(full()).output().unwrap());
        assert_eq!(code, Some(expected), "{arguments:?}");
    }
}

/// Starts a run without an end, and waits for its first epoch.
fn endless(mut command: Command) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("\"event\":\"epoch\"") {
        line.clear();
        assert!(stdout.read_line(&mut line).unwrap() > 0, "it ended");
    }
    (child, stdout)
}

const ENDLESS: [&str; 4] = ["train", "--json", "--epochs", "10000"];

#[test]
fn a_closed_pipe_ends_the_run_quietly() {
    let folder = folder();
    let (child, stdout) = endless(command(folder.path(), &ENDLESS));
    drop(stdout);
    let (code, _, stderr) = outcome(child.wait_with_output().unwrap());
    assert_eq!(code, Some(0), "{stderr}");
    assert!(!stderr.contains("ipe"), "{stderr}");
    assert!(stderr.contains("standard output was closed; stopped after "), "{stderr}");
    assert!(Checkpoint::read(&runs(folder.path())[0].join(LAST)).unwrap().optimizer.steps >= 20);
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_error_after_the_run_is_saved() {
    let folder = folder();
    let mut command = command(folder.path(), &["train", "--json", "--epochs", "5000"]);
    let (code, _, stderr) =
        outcome(command.stdout(fs::File::options().write(true).open("/dev/full").unwrap()).output().unwrap());
    assert_eq!(code, Some(1));
    assert!(stderr.contains("standard output"), "{stderr}");
    assert!(Checkpoint::read(&runs(folder.path())[0].join(LAST)).unwrap().optimizer.steps >= 20);
}

#[test]
fn a_run_in_use_is_not_resumed() {
    let folder = folder();
    let (mut child, _stdout) = endless(command(folder.path(), &ENDLESS));
    let (code, _, stderr) = run(folder.path(), &["train", "--headless", "--resume"]);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(code, Some(1));
    assert!(stderr.contains(&format!("another lenet-monitor (process {})", child.id())), "{stderr}");
    // A killed run is unlocked again.
    let (code, _, stderr) = run(folder.path(), &["train", "--headless", "--resume", "--limit-test", "99"]);
    assert_eq!(code, Some(2), "{stderr}");
}

#[cfg(unix)]
mod signals {
    use rustix::process::{Pid, Signal, kill_process};

    use super::*;

    fn send(child: &Child, signal: Signal) {
        kill_process(Pid::from_child(child), signal).unwrap();
    }

    #[test]
    fn a_signal_ends_the_run_after_it_is_saved() {
        for (signal, number) in [(Signal::INT, 2), (Signal::TERM, 15), (Signal::HUP, 1)] {
            let folder = folder();
            let (child, mut stdout) = endless(command(folder.path(), &ENDLESS));
            send(&child, signal);
            let mut rest = String::new();
            stdout.read_to_string(&mut rest).unwrap();
            let (code, _, stderr) = outcome(child.wait_with_output().unwrap());
            assert_eq!(code, Some(128 + number), "{stderr}");
            let last: Value = serde_json::from_str(rest.lines().last().unwrap()).unwrap();
            assert_eq!(last["event"], "stopped");
            let checkpoint = Checkpoint::read(&folder.path().join(last["checkpoint"].as_str().unwrap())).unwrap();
            assert_eq!(checkpoint.position.epoch, last["epochs"].as_u64().unwrap() as u32);
            // No scratch file is left, and the run resumes.
            let run_folder = &runs(folder.path())[0];
            let mut names: Vec<_> = fs::read_dir(run_folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            names.sort();
            assert_eq!(names, [".run.lock", BEST, LAST]);
            let begun = (checkpoint.position.epoch + 1).to_string();
            let (code, _, stderr) = run(folder.path(), &["train", "--json", "--resume", "--epochs", &begun]);
            assert_eq!(code, Some(0), "{stderr}");
        }
    }

    #[test]
    fn a_signal_while_data_are_loaded_ends_the_program_immediately() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = command(folder.path(), &["train", "--json", "--dataset", "synthetic"]);
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        assert!(line.contains("SYNTHETIC"), "{line}");
        send(&child, Signal::TERM);
        assert_eq!(child.wait().unwrap().code(), Some(143));
    }

    #[test]
    fn a_blocked_pipe_stops_neither_training_nor_saving() {
        let folder = folder();
        let tiny = ["--limit-train", "8", "--limit-test", "8"];
        let (mut child, stdout) = endless(command(folder.path(), &[&ENDLESS[..], &tiny].concat()));
        let last = runs(folder.path())[0].join(LAST);
        // More lines than fit into a pipe.
        while Checkpoint::read(&last).unwrap().position.epoch < 600 {
            thread::sleep(Duration::from_millis(20));
        }
        send(&child, Signal::TERM);
        assert_eq!(child.wait().unwrap().code(), Some(143));
        drop(stdout);
        assert!(Checkpoint::read(&last).unwrap().position.epoch >= 600);
    }

    /// Only Linux shows whether a signal was ignored from the start.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_run_under_nohup_survives_a_hang_up() {
        let folder = folder();
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap '' HUP; exec \"$0\" \"$@\"", PROGRAM]).args(ENDLESS).current_dir(folder.path());
        shell.stdin(Stdio::null()).env_remove("LENET_MONITOR_DATA");
        let (child, mut stdout) = endless(shell);
        send(&child, Signal::HUP);
        let mut line = String::new();
        for _ in 0..3 {
            line.clear();
            assert!(stdout.read_line(&mut line).unwrap() > 0, "it ended");
        }
        assert!(line.contains("\"event\":\"epoch\""), "{line}");
        send(&child, Signal::TERM);
        drop(stdout);
        assert_eq!(outcome(child.wait_with_output().unwrap()).0, Some(143));
    }
}

#[test]
fn flags_before_the_subcommand_mean_the_same_as_after_it() {
    let folder = folder();
    let flags = ["--epochs", "1", "--limit-train", "64", "--theme=dark", "--no-mouse", "--data-dir", "data"];
    let orders = [[&flags[..], &["train", "--headless"]].concat(), [&["train", "--headless"], &flags[..]].concat()];
    for arguments in orders {
        let (code, stdout, stderr) = run(folder.path(), &arguments);
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(stdout.starts_with("LeNet-5 on data: 64 images for training"), "{arguments:?}: {stdout}");
        assert!(stdout.contains("avg pooling, 1 epoch, seed 1"), "{arguments:?}: {stdout}");
    }
    for (arguments, said) in [
        // A value may have the name of a subcommand, and a subcommand one of its own.
        (&["--data-dir", "data", "data", "status"][..], "data (by --data-dir)"),
        (&["--lrs", "0.1", "sweep", "--dry-run"], "27 runs"),
        (&["--epochs", "3", "train", "--headless", "--epochs", "1"], "1 epoch,"),
    ] {
        let (code, stdout, stderr) = run(folder.path(), arguments);
        assert!(code == Some(0) && stdout.contains(said), "{arguments:?}: {stdout}{stderr}");
    }
    for (arguments, said) in [
        (&["--theme", "dark", "eval", "x.ckpt"][..], "unexpected argument '--theme'"),
        (&["--thme", "dark", "train"], "unexpected argument '--thme'"),
    ] {
        let (code, _, stderr) = run(folder.path(), arguments);
        assert!(code == Some(2) && stderr.contains(said), "{arguments:?}: {stderr}");
    }
    assert!(run(folder.path(), &["--help"]).1.contains("Usage: lenet-monitor [OPTIONS] [COMMAND]"));
}
