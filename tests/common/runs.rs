//! Small runs: data sets in memory that are learned within a few steps, and checkpoints made up or trained on them.

use std::{fs, path::Path, sync::Arc};

use lenet_monitor::{
    data::{Dataset, DatasetId, Fingerprint, Kind, Split},
    nn::{Architecture, OptimizerKind},
    train::{
        ChosenBy, Confusion, EpochRecord, Hyperparameters, LearningRateChange, Limits, Prediction, RunSpec,
        checkpoint::{Best, Checkpoint, ComputedWith, OptimizerState, Position, TestResult},
    },
};

/// The made-up bars of [`super::made_up_images`], in memory.
pub fn bars(train: usize, test: usize) -> Arc<Dataset> {
    let split = |count: usize| {
        Split::new((0..count).flat_map(super::bar).collect(), (0..count).map(|index| (index % 10) as u8).collect())
    };
    let id = DatasetId { kind: Kind::Other, name: "bars".into(), fingerprint: Fingerprint([7; 32]) };
    Arc::new(Dataset { id, train: split(train), test: split(test) })
}

/// A run on `dataset` with `hyper` and no limits.
pub fn spec(dataset: &Dataset, hyper: Hyperparameters) -> RunSpec {
    RunSpec::new(hyper, Limits::default(), dataset.id.clone())
}

/// A checkpoint that no training made, of two epochs and a part of the third, with something in every field.
pub fn made_up_checkpoint(optimizer: OptimizerKind) -> Checkpoint {
    let numbers = |seed: usize| {
        (0..Architecture::LeNet5.parameters()).map(|i| ((i * seed) % 1000) as f32 / 1000.0 - 0.5).collect()
    };
    let moments = match optimizer {
        OptimizerKind::Adam => vec![numbers(3), numbers(7)],
        OptimizerKind::Rmsprop => vec![numbers(5)],
        OptimizerKind::Sgd => Vec::new(),
    };
    let hyper = Hyperparameters { optimizer, batch_size: 8, epochs: 3, ..Hyperparameters::default() };
    Checkpoint {
        written_by: "0.1.0".into(),
        saved_at: 1_795_000_000,
        spec: RunSpec::new(hyper, Limits { train: Some(100), test: Some(30), holdout: 10 }, bars(1, 1).id.clone()),
        learning_rate: 0.0005,
        learning_rate_changes: vec![LearningRateChange { epoch: 1, step: 4, learning_rate: 0.0005 }],
        position: Position {
            epoch: 2,
            step: 3,
            loss_sum: 1.5,
            correct: 20,
            images: 24,
            train_seconds: 0.25,
            elapsed: 7.5,
        },
        parameters: numbers(11),
        optimizer: OptimizerState { steps: 27, moments, average: None },
        computed_with: ComputedWith { threads: 2, simd: "avx2".into() },
        history: (1..=2).map(record).collect(),
        evaluation: Some(test_result()),
        best: Some(Best { chosen_by: ChosenBy::Validation, epoch: 2, loss: 0.3, accuracy: 0.9 }),
    }
}

/// Makes so many run folders, `run-00000` the oldest, each with `last.ckpt` and `best.ckpt`: links to a few files, so that
/// thousands take no room.
pub fn many_runs(folder: &Path, runs: usize) {
    const VARIANTS: usize = 40;
    let variants = folder.join("variants");
    fs::create_dir_all(&variants).unwrap();
    let files: Vec<_> = (0..VARIANTS.min(runs)).map(|variant| variants.join(variant.to_string())).collect();
    for (variant, file) in files.iter().enumerate() {
        let mut checkpoint = made_up_checkpoint(OptimizerKind::ALL[variant % OptimizerKind::ALL.len()]);
        checkpoint.saved_at += variant as u64 * 3_600;
        checkpoint.spec.hyper.seed = variant as u64;
        checkpoint.write(file).unwrap();
    }
    for run in 0..runs {
        let path = folder.join(format!("run-{run:05}"));
        fs::create_dir(&path).unwrap();
        for name in ["last.ckpt", "best.ckpt"] {
            fs::hard_link(&files[run * files.len() / runs], path.join(name)).unwrap();
        }
    }
}

fn record(epoch: u32) -> EpochRecord {
    EpochRecord {
        epoch,
        learning_rate: 0.001,
        train_loss: 0.5 / f64::from(epoch),
        train_accuracy: 0.8,
        test_loss: 0.4,
        test_accuracy: 0.85,
        validation: Some((0.3, 0.9)),
        seconds: 1.25,
        train_seconds: 1.0,
        steps: 12,
        images: 90,
    }
}

fn test_result() -> TestResult {
    let mut confusion = Confusion::default();
    let mut mistakes = Vec::new();
    for index in 0..30 {
        let label = (index % 10) as u8;
        let digit = if index % 7 == 3 { (label + 1) % 10 } else { label };
        confusion.add(label, digit);
        if digit != label {
            let mut probabilities = [0.02; 10];
            probabilities[usize::from(digit)] = 0.82;
            mistakes.push(Prediction { index, label, digit, probabilities });
        }
    }
    TestResult { epoch: 2, loss: 0.4, confusion, mistakes }
}

/// Bytes of a checkpoint's header.
pub const HEADER: usize = 24;

/// A checkpoint of LeNet-5 without later hyperparameters, with this text in place of its own.
pub fn with_text(plain: &[u8], text: &str) -> Vec<u8> {
    sealed([&plain[..HEADER], &[text.len() as u8], text.as_bytes(), &plain[HEADER + 8..]].concat())
}

/// Puts the right length and checksum over contents that were changed.
pub fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let length = (bytes.len() - HEADER) as u64;
    bytes[12..20].copy_from_slice(&length.to_le_bytes());
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&bytes[8..20]);
    hasher.update(&bytes[HEADER..]);
    bytes[20..24].copy_from_slice(&hasher.finalize().to_le_bytes());
    bytes
}
