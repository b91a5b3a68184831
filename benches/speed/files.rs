//! Reading data sets, and reading and writing checkpoints.

use std::sync::Arc;

use criterion::Criterion;
use lenet_monitor::{
    data::{Choice, Dataset, Request, load_named},
    nn::Engine,
    train::{Checkpoint, Hyperparameters, Limits, RunSpec, Trainer},
};

use crate::{board::Board, data_folder};

/// Measures files. MNIST is read from `$LENET_MONITOR_DATA`, else `data`.
pub fn bench(criterion: &mut Criterion, board: &Board) {
    let mut group = criterion.benchmark_group("files");
    let request = Request { choice: Choice::Mnist, folder: data_folder() };
    let read = |choice| load_named(&Request { choice, ..request.clone() }, &mut |_| {});
    let has_mnist = request.folder.read_dir().is_ok_and(|mut files| files.next().is_some());
    if has_mnist {
        board.bench(&mut group, "reading MNIST, all checks included", None, || {
            read(Choice::Mnist).expect("MNIST's four files");
        });
    } else {
        println!("no MNIST in {}: reading it is not measured (set LENET_MONITOR_DATA)", request.folder.display());
    }
    board.bench(&mut group, "generating the synthetic digits", None, || {
        read(Choice::Synthetic).expect("synthetic digits need no files");
    });

    let dataset: Arc<Dataset> = Arc::new(read(Choice::Synthetic).expect("synthetic digits need no files"));
    let limits = Limits { train: Some(1_600), test: Some(1_600), holdout: 0 };
    let spec = RunSpec::new(Hyperparameters::default(), limits, dataset.id.clone());
    let mut trainer = Trainer::new(dataset, spec, Engine::default()).expect("a valid run");
    while trainer.history().is_empty() {
        trainer.advance().expect("finite numbers");
    }
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let path = folder.path().join("bench.ckpt");
    board.bench(&mut group, "saving a checkpoint", None, || {
        trainer.checkpoint().write(&path).expect("room for a checkpoint");
    });
    board.bench(&mut group, "loading a checkpoint", None, || {
        Checkpoint::read(&path).expect("the checkpoint just written");
    });
    group.finish();
}
