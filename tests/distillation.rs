//! Runs that learn a teacher's answers beside the labels, and the file that keeps these.

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use common::{
    runs::{bars, made_up_checkpoint, spec, with_text},
    watch::Watch,
};
use lenet_monitor::{
    data::{Dataset, Fingerprint, Split},
    nn::{Activation, Architecture, Engine, Network, OptimizerKind, softmax},
    train::{
        CannotRun, Checkpoint, Command, Event, Hyperparameters, Limits, RunSpec, State, Teacher, Trainer, argmax,
        checkpoint::{Fault, Summary},
        trainer::Advance,
    },
};
use serde_json::Value;
use tempfile::TempDir;

/// Bytes before the numbers of a file of soft targets.
const SOFT_HEADER: usize = 56;

fn dataset() -> Arc<Dataset> {
    bars(170, 40)
}

fn new(dataset: &Arc<Dataset>, spec: RunSpec) -> Result<Trainer, CannotRun> {
    Trainer::new(Arc::clone(dataset), spec, Engine::new(1))
}

fn train(mut trainer: Trainer) -> Trainer {
    while !trainer.is_finished() {
        trainer.advance().unwrap();
    }
    trainer
}

fn steps(trainer: &mut Trainer, steps: u32) {
    let mut left = steps;
    while left > 0 {
        left -= u32::from(matches!(trainer.advance().unwrap(), Advance::Step(_)));
    }
}

/// Trains a run on `dataset`, and returns its checkpoint in a folder of its own.
fn taught(folder: &Path, name: &str, dataset: &Arc<Dataset>, hyper: Hyperparameters) -> PathBuf {
    let trainer = train(new(dataset, spec(dataset, hyper)).unwrap());
    let path = folder.join(name).join("last.ckpt");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    trainer.checkpoint().write(&path).unwrap();
    path
}

/// Trains two different networks, one of which is tested with the mean of its weights.
fn two_teachers(folder: &Path) -> Vec<PathBuf> {
    let hyper = Hyperparameters { epochs: 2, seed: 5, ..Hyperparameters::default() };
    let tanh = Hyperparameters { activation: Activation::Tanh, ema: 0.9, ..hyper.clone() };
    let mlp = Hyperparameters { network: Architecture::Mlp, ..hyper };
    vec![taught(folder, "tanh", &dataset(), tanh), taught(folder, "mlp", &dataset(), mlp)]
}

/// Specifies a run with a teacher.
fn pupil(teachers: &[PathBuf], folder: &Path, hyper: Hyperparameters) -> RunSpec {
    let hyper = Hyperparameters { teacher_weight: 0.7, epochs: 2, ..hyper };
    RunSpec { teacher: Some(Teacher::new(teachers, folder)), ..spec(&dataset(), hyper) }
}

/// Returns the files of soft targets in a folder.
fn kept(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("soft-targets-")).collect()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn parameters(trainer: &Trainer) -> Vec<u32> {
    bits(&trainer.checkpoint().parameters)
}

#[test]
fn soft_targets_are_the_logarithm_of_the_mean_probability() {
    let folder = tempfile::tempdir().unwrap();
    let teachers = two_teachers(folder.path());
    let mut teacher = Teacher::new(&teachers, folder.path());
    let note = teacher.prepare(&dataset(), &Engine::new(2)).unwrap().expect("they were computed");
    assert!(note.starts_with("the soft targets of 2 networks are kept in "), "{note}");
    let [file] = &kept(folder.path())[..] else { panic!("one file") };
    assert_eq!(teacher.file(teacher.fingerprint.unwrap()), *file);
    let bytes = fs::read(file).unwrap();
    let values: Vec<f32> = bytes[SOFT_HEADER..].as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    assert_eq!(values.len(), 1_700);
    let networks = teachers.iter().map(|path| Checkpoint::read(path).unwrap().network(Engine::new(1)));
    let answers: Vec<Vec<[f32; 10]>> = networks.map(|mut network| network.logits(dataset().train.pixels())).collect();
    for (image, row) in values.as_chunks::<10>().0.iter().enumerate() {
        let [a, b] = [&answers[0][image], &answers[1][image]].map(softmax);
        for digit in 0..10 {
            let mean = f64::midpoint(a[digit].into(), b[digit].into());
            let difference = (f64::from(row[digit]).exp() - mean).abs();
            assert!(difference < 1e-6, "image {image}, digit {digit}: {row:?}");
        }
    }
    assert_eq!(teacher.prepare(&dataset(), &Engine::new(1)).unwrap(), None, "the file is read");
}

/// Labels that are wrong, and a teacher that is right.
#[test]
fn a_pupil_learns_what_its_teacher_answers() {
    let folder = tempfile::tempdir().unwrap();
    let hyper = Hyperparameters { epochs: 4, ..Hyperparameters::default() };
    let teachers = [taught(folder.path(), "teacher", &dataset(), hyper.clone())];
    let shifted = dataset().train.labels().iter().map(|label| (label + 1) % 10).collect();
    let train_split = Split::new(dataset().train.pixels().to_vec(), shifted);
    let wrong = Arc::new(Dataset { train: train_split, ..Arc::unwrap_or_clone(dataset()) });
    for (teacher_weight, teacher_temperature, follows) in [(1.0, 1.0, true), (1.0, 4.0, true), (0.05, 1.0, false)] {
        let hyper = Hyperparameters { teacher_weight, teacher_temperature, ..hyper.clone() };
        let teacher = Some(Teacher::new(&teachers, &folder.path().join(teacher_temperature.to_string())));
        let mut trainer = train(new(&wrong, RunSpec { teacher, ..spec(&wrong, hyper) }).unwrap());
        let answers = |network: &mut Network| -> Vec<usize> {
            network.logits(dataset().test.pixels()).iter().map(|logits| usize::from(argmax(logits))).collect()
        };
        let theirs = answers(&mut Checkpoint::read(&teachers[0]).unwrap().network(Engine::new(1)));
        let agreeing = answers(trainer.network()).iter().zip(&theirs).filter(|(ours, theirs)| ours == theirs).count();
        assert_eq!(agreeing > 30, follows, "{agreeing} of 40 with a weight of {teacher_weight}");
    }
}

#[test]
fn a_resumed_run_is_the_unbroken_one_even_without_the_teachers() {
    let folder = tempfile::tempdir().unwrap();
    let teachers = two_teachers(folder.path());
    let hyper = Hyperparameters { rotation: 10.0, ema: 0.9, ..Hyperparameters::default() };
    let run = pupil(&teachers, folder.path(), hyper.clone());
    let unbroken = train(new(&dataset(), run.clone()).unwrap());
    let alone = Hyperparameters { epochs: 2, ..hyper };
    let without = train(new(&dataset(), spec(&dataset(), alone)).unwrap());
    assert!(parameters(&unbroken) != parameters(&without), "the teacher counts");
    let mut broken = new(&dataset(), run).unwrap();
    teachers.iter().for_each(|path| fs::remove_file(path).unwrap());
    for (done, threads) in [(0, 1), (4, 2), (8, 3)] {
        steps(&mut broken, done);
        let saved = folder.path().join("last.ckpt");
        broken.checkpoint().write(&saved).unwrap();
        let checkpoint = Checkpoint::read(&saved).unwrap();
        broken = Trainer::resume(dataset(), checkpoint, Engine::new(threads)).unwrap();
        assert_eq!(broken.spec(), unbroken.spec());
    }
    assert!(parameters(&train(broken)) == parameters(&unbroken));
}

#[test]
fn the_file_is_made_again_or_missed_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let teachers = two_teachers(folder.path());
    let run = pupil(&teachers, folder.path(), Hyperparameters::default());
    let mut trainer = new(&dataset(), run).unwrap();
    steps(&mut trainer, 3);
    let checkpoint = trainer.checkpoint();
    let expected = parameters(&train(trainer));
    let [file] = &kept(folder.path())[..] else { panic!("one file") };
    let intact = fs::read(file).unwrap();
    let resume = || Trainer::resume(dataset(), checkpoint.clone(), Engine::new(1));
    // Damaged, cut, of another version, emptied or removed.
    let flipped = |place: usize| {
        let mut bytes = intact.clone();
        bytes[place] ^= 1;
        Some(bytes)
    };
    let damages = [flipped(SOFT_HEADER + 5), flipped(9), flipped(20), Some(intact[..100].to_vec()), Some(vec![]), None];
    for damage in damages {
        match &damage {
            Some(bytes) => fs::write(file, bytes).unwrap(),
            None => fs::remove_file(file).unwrap(),
        }
        assert!(parameters(&train(resume().unwrap())) == expected);
        assert!(fs::read(file).unwrap() == intact, "made again");
    }
    // Without the file, the teachers must be the same.
    fs::remove_file(file).unwrap();
    let first = fs::read(&teachers[0]).unwrap();
    fs::copy(&teachers[1], &teachers[0]).unwrap();
    let reason = resume().err().unwrap().to_string();
    assert!(reason.contains(file.to_str().unwrap()) && reason.contains("have changed"), "{reason}");
    fs::remove_file(&teachers[0]).unwrap();
    let reason = resume().err().unwrap().to_string();
    assert!(reason.contains("teacher") && reason.contains(teachers[0].to_str().unwrap()), "{reason}");
    fs::write(&teachers[0], first).unwrap();
    assert!(parameters(&train(resume().unwrap())) == expected);
}

#[test]
fn a_moved_folder_of_runs_brings_its_soft_targets() {
    let folder = tempfile::tempdir().unwrap();
    let teachers = two_teachers(folder.path());
    let runs = folder.path().join("runs");
    let mut watch = Watch::train(&dataset(), pupil(&teachers, &runs, Hyperparameters::default()), &runs);
    let started = watch.until_started();
    assert_eq!(started.spec.teacher.as_ref().unwrap().to_string(), "the mean of tanh and mlp");
    watch.until("a note", |event| {
        let Event::Note(note) = event else { return None };
        note.contains("soft targets of 2 networks").then_some(())
    });
    watch.send(Command::RunEpochs(1));
    watch.until_state(State::Paused);
    watch.send(Command::Stop);
    watch.until_state(State::Stopped);
    drop(watch);
    teachers.iter().for_each(|path| fs::remove_file(path).unwrap());
    let moved = folder.path().join("moved");
    fs::rename(&runs, &moved).unwrap();
    let run = moved.join(started.run_dir.file_name().unwrap());
    let mut watch = Watch::resume(&dataset(), &run.join("last.ckpt"), &moved);
    assert_eq!(watch.until_started().run_dir, run);
    watch.until_state(State::Finished);
}

#[test]
fn a_checkpoint_names_its_teacher() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("last.ckpt");
    let mut checkpoint = made_up_checkpoint(OptimizerKind::Adam);
    checkpoint.write(&path).unwrap();
    let plain = fs::read(&path).unwrap();
    let teacher = Teacher {
        paths: vec!["/runs/a from b/last.ckpt".into(), "/runs/c/best.ckpt".into()],
        folder: "/runs".into(),
        fingerprint: Some(Fingerprint([0xab; 32])),
    };
    assert_eq!(teacher.to_string(), "the mean of a from b and c");
    assert_eq!(teacher.file(Fingerprint([0xab; 32])), Path::new("/runs/soft-targets-abababababababab.bin"));
    checkpoint.spec.hyper.teacher_weight = 0.25;
    checkpoint.spec.teacher = Some(teacher.clone());
    checkpoint.write(&path).unwrap();
    assert_eq!(Checkpoint::read(&path).unwrap(), checkpoint);
    assert_eq!(Summary::read(&path).unwrap().spec, checkpoint.spec);
    assert!(checkpoint.spec.origins().eq(["taught by the mean of a from b and c".to_owned()]));

    checkpoint.spec.teacher = None;
    let fault = checkpoint.encode().unwrap_err().to_string();
    assert!(fault.contains("teacher"), "{fault}");
    checkpoint.spec.teacher = Some(Teacher { paths: vec![format!("/{}", "p".repeat(4_096)).into()], ..teacher });
    let fault = checkpoint.encode().unwrap_err().to_string();
    assert!(fault.contains("path of a teacher") && fault.contains("at most"), "{fault}");

    let digits = "ab".repeat(32);
    for damaged in [
        String::new(),
        digits.clone(),
        format!("{digits}\t/runs"),
        format!("{}\t/runs\t/a/b", &digits[..62]),
        format!("{}xy\t/runs\t/a/b", &digits[..62]),
        "\x1b[2J".to_owned(),
    ] {
        let text = format!("lenet-5\nteacher {damaged}");
        fs::write(&path, with_text(&plain, &text)).unwrap();
        let error = Checkpoint::read(&path).unwrap_err();
        assert!(matches!(error.fault, Fault::UnknownHyperparameter(_)), "{damaged:?}: {error}");
        assert!(error.to_string().contains("`teacher ") && !error.to_string().contains('\x1b'), "{error}");
    }
}

#[test]
fn a_weight_without_a_teacher_is_refused() {
    let hyper = Hyperparameters { teacher_weight: 0.5, ..Hyperparameters::default() };
    let reason = new(&dataset(), spec(&dataset(), hyper)).err().unwrap().to_string();
    assert!(reason.contains("found 0.5") && reason.contains("--teacher"), "{reason}");
    let limits = Limits { train: Some(100), ..Limits::default() };
    assert!(new(&dataset(), RunSpec { limits, ..spec(&dataset(), Hyperparameters::default()) }).is_ok());
}

/// A folder with a data set and two saved runs.
struct Bench(TempDir);

impl Bench {
    fn new() -> Self {
        let bench = Self(common::cli::folder());
        for seed in ["1", "2"] {
            bench.run(&["train", "--headless", "--epochs", "1", "--seed", seed, "--checkpoint-dir", seed], 0);
            let runs = fs::read_dir(bench.0.path().join(seed)).unwrap();
            let run = runs.map(|entry| entry.unwrap().path()).find(|path| path.is_dir()).unwrap();
            fs::rename(run, bench.0.path().join(format!("run{seed}"))).unwrap();
        }
        bench
    }

    #[track_caller]
    fn run(&self, arguments: &[&str], code: i32) -> (String, String) {
        let output = common::cli::command(self.0.path(), arguments).output().unwrap();
        let (found, out, err) = common::cli::outcome(output);
        assert_eq!(found, Some(code), "{arguments:?}\nstdout:\n{out}\nstderr:\n{err}");
        (out, err)
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

#[test]
fn the_command_line_names_teachers() {
    let bench = Bench::new();
    let train = ["train", "--headless", "--epochs", "2", "--checkpoint-dir", "runs", "--teacher", "run1,run2"];
    let (out, _) = bench.run(&train, 0);
    assert!(out.contains("taught by the mean of run1 and run2\n"), "{out}");
    assert!(out.contains("teacher 0.5"), "{out}");
    assert_eq!(kept(&bench.folder("runs")).len(), 1);
    let (out, _) = bench.run(&["checkpoints", "list", "--checkpoint-dir", "runs"], 0);
    assert!(out.contains("taught by the mean of run1 and run2") && out.lines().count() >= 2, "{out}");
    // Its run continues without another word about the teacher.
    let (out, _) = bench.run(&["train", "--headless", "--checkpoint-dir", "runs", "--resume", "--epochs", "3"], 0);
    assert!(out.contains("taught by the mean of run1 and run2\n") && out.contains("after epoch 2"), "{out}");

    let warning = "run1/last.ckpt was trained on images that this run holds out";
    let (_, err) = bench.run(&[&train[..], &["--holdout", "20"]].concat(), 0);
    assert!(err.contains(warning), "{err}");
    let held_out = ["train", "--headless", "--epochs", "1", "--holdout", "20", "--checkpoint-dir", "held"];
    bench.run(&held_out, 0);
    let run = fs::read_dir(bench.folder("held")).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.is_dir());
    let taught = ["--teacher", run.as_ref().unwrap().to_str().unwrap(), "--holdout", "20"];
    let (_, err) = bench.run(&[&["train", "--headless", "--epochs", "1"], &taught[..]].concat(), 0);
    assert!(!err.contains("holds out"), "{err}");

    let refused = |arguments: &[&str], code, parts: &[&str]| {
        let (_, err) = bench.run(&[&["train", "--headless", "--epochs", "1"], arguments].concat(), code);
        assert!(parts.iter().all(|part| err.contains(part)), "{parts:?} in {err}");
    };
    refused(&["--teacher-weight", "0.5"], 2, &["--teacher-weight above 0 needs --teacher CHECKPOINTS"]);
    refused(&["--teacher", "run1", "--teacher-weight", "0"], 2, &["--teacher needs a --teacher-weight above 0"]);
    refused(&["--teacher", "run1", "--teacher-weight", "1.5"], 2, &["teacher weight must be 0 or more"]);
    refused(&["--teacher", "run1", "--teacher-temperature", "0"], 2, &["teacher temperature must be above 0"]);
    refused(&["--teacher", "run1,run1/last.ckpt"], 2, &["twice"]);
    refused(&["--teacher", "run3"], 1, &["run3"]);
    refused(&["--teacher", "run1", "--resume", "runs"], 2, &["--teacher", "--resume"]);
}

#[test]
fn a_sweep_has_a_teacher_for_the_runs_in_which_it_has_a_weight() {
    let bench = Bench::new();
    let grid = "sweep --json --activations relu --lrs 0.001 --optimizers adam --batch-sizes 16 --epochs 1 --seeds 1";
    let grid: Vec<&str> = grid.split(' ').chain(["--teacher-weights", "0,0.5"]).collect();
    let run = |teacher: &str| {
        let (out, err) = bench.run(&[&grid[..], &["--teacher", teacher]].concat(), 0);
        let lines = out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        (lines.filter(|line| line["event"] == "run").count(), err)
    };
    let (runs, err) = run("run1");
    assert_eq!(runs, 2);
    assert!(err.contains("the soft targets of 1 network are kept in ") && err.contains("soft-targets-"), "{err}");
    let table = || fs::read_to_string(bench.folder("sweep.csv")).unwrap();
    assert!(table().lines().next().unwrap().contains("Teacher Weight"), "{}", table());
    assert_eq!(run("run1").0, 0, "the rows are there");
    // Another teacher is another run; the one without a teacher is the same.
    assert_eq!(run("run2").0, 1);
    assert_eq!(table().lines().count(), 4);
    let (_, err) = bench.run(&grid, 2);
    assert!(err.contains("--teacher-weights above 0 needs --teacher"), "{err}");
    let (_, err) = bench.run(&["sweep", "--headless", "--epochs", "1", "--teacher", "run1"], 2);
    assert!(err.contains("--teacher needs a --teacher-weights above 0"), "{err}");
}
