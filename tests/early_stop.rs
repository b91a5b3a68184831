//! Runs that end before their last epoch.

mod common;

use common::runs::{bars, spec};
use lenet_monitor::{
    nn::Engine,
    train::{CannotRun, EarlyStop, EpochRecord, Hyperparameters, Limits, RunSpec, Trainer},
};

fn run(hyper: Hyperparameters, holdout: u32) -> Result<Trainer, CannotRun> {
    let dataset = bars(150, 40);
    let limits = Limits { train: Some(170), test: None, holdout };
    let spec = RunSpec { limits, ..spec(&dataset, hyper) };
    Trainer::new(dataset, spec, Engine::new(1))
}

fn trained(hyper: Hyperparameters) -> Trainer {
    let mut trainer = run(hyper, 40).unwrap();
    while !trainer.is_finished() {
        trainer.advance().unwrap();
    }
    trainer
}

/// Returns the number of the best epoch up to each one, by the accuracy, then by the loss, on the held-out images.
fn best_so_far(history: &[EpochRecord]) -> Vec<u32> {
    let mut best: Option<&EpochRecord> = None;
    let mut numbers = Vec::new();
    for record in history {
        let (loss, accuracy) = record.validation.unwrap();
        if best.is_none_or(|best| {
            let (best_loss, best_accuracy) = best.validation.unwrap();
            accuracy > best_accuracy || accuracy == best_accuracy && loss < best_loss
        }) {
            best = Some(record);
        }
        numbers.push(best.unwrap().epoch);
    }
    numbers
}

#[test]
fn a_run_ends_after_epochs_without_a_better_one() {
    // A high rate, so that the loss rises now and then.
    let hyper = Hyperparameters { epochs: 200, learning_rate: 0.01, patience: 3, ..Hyperparameters::default() };
    let trainer = trained(hyper);
    let best = best_so_far(trainer.history());
    let last = best.len() as u32;
    assert!(last < 200, "the run ended early");
    let waited = |epoch: u32| epoch - best[epoch as usize - 1];
    assert!((1..last).all(|epoch| waited(epoch) < 3), "and no earlier: {best:?}");
    assert_eq!(waited(last), 3);
    let reason = trainer.early_stop().unwrap();
    assert_eq!(reason, EarlyStop::Patience { epochs: 3, best: last - 3 });
    assert!(reason.to_string().contains(&format!("in the 3 since epoch {}", last - 3)));
}

#[test]
fn a_run_ends_at_an_accuracy() {
    let trainer = trained(Hyperparameters { epochs: 200, stop_at: 0.9, ..Hyperparameters::default() });
    let (last, before) = trainer.history().split_last().unwrap();
    assert!(last.validation.unwrap().1 >= 0.9 && trainer.history().len() < 200);
    assert!(before.iter().all(|record| record.validation.unwrap().1 < 0.9));
    assert!(trainer.early_stop().unwrap().to_string().contains("has reached 0.9"));
}

#[test]
fn ending_early_needs_held_out_images() {
    for hyper in [
        Hyperparameters { patience: 1, ..Hyperparameters::default() },
        Hyperparameters { stop_at: 0.9, ..Hyperparameters::default() },
    ] {
        let error = run(hyper, 0).err().expect("refused");
        assert!(error.to_string().contains("needs held-out images") && error.to_string().contains("--holdout"));
    }
    assert!(run(Hyperparameters::default(), 0).is_ok());
}
