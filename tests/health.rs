//! Whether a run learns: the measures of its layers, and the signs and causes of learning nothing.

mod common;

use std::sync::Arc;

use common::{
    runs::{bars, spec},
    watch::Watch,
};
use lenet_monitor::{
    data::{Dataset, PIXELS},
    nn::{Activation, Engine, LayerMeasures, Network, Optimizer, OptimizerKind, Pooling},
    train::{Cause, Event, Health, Hyperparameters, Start, State, Symptom, Trainer, trainer::Advance},
};

fn dataset() -> Arc<Dataset> {
    bars(1_600, 200)
}

/// Trains these epochs, and returns the state after each.
fn trained(dataset: &Arc<Dataset>, hyper: Hyperparameters) -> Vec<Health> {
    let mut trainer = Trainer::new(Arc::clone(dataset), spec(dataset, hyper), Engine::new(1)).unwrap();
    let mut states = Vec::new();
    while !trainer.is_finished() {
        if let Advance::EpochEnded { health, .. } = trainer.advance().unwrap() {
            states.push(health);
        }
    }
    states
}

fn norm(values: &[f32]) -> f64 {
    values.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt()
}

fn assert_near(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() <= 1e-6 * expected.abs(), "{what}: expected {expected}, found {found}");
}

#[test]
fn the_measures_are_those_of_the_gradient_the_update_and_the_outputs() {
    let dataset = dataset();
    // A full group of sixteen images, and a part of another.
    let sample: Vec<u32> = (0..21).map(|number| number * 31).collect();
    for activation in [Activation::Relu, Activation::Tanh, Activation::Sigmoid] {
        let mut network = Network::new(Default::default(), activation, Pooling::Max, 1, Engine::new(2));
        let mut optimizer = Optimizer::new(OptimizerKind::Adam, network.parameters().len());
        let batch: Vec<u32> = (0..32).collect();
        // Large steps, so that some units stop learning.
        for _ in 0..8 {
            network.train_step(&dataset.train, &batch, &mut optimizer, 0.05).unwrap();
        }
        let before = network.parameters();
        network.train_step(&dataset.train, &batch, &mut optimizer, 0.05).unwrap();
        let after = network.parameters();
        let (_, gradient) = network.gradients(&dataset.train, &sample);
        let outputs: Vec<_> = sample
            .iter()
            .map(|&index| network.inspect(dataset.train.image(index as usize).first_chunk::<PIXELS>().unwrap()).layers)
            .collect();
        let all = network.measures(&dataset.train, &sample, Some(&before));
        let mut start = 0;
        for LayerMeasures { info, gradient: found, update, dead, saturated } in &all {
            let layer = start..start + info.parameters;
            start = layer.end;
            let what = format!("{activation} {}", info.name);
            assert_near(*found, norm(&gradient[layer.clone()]), &what);
            let changes: Vec<f32> = layer.clone().map(|place| after[place] - before[place]).collect();
            assert_near(update.unwrap(), norm(&changes) / norm(&before[layer]), &what);
            let stopped = |value: f32| match activation {
                Activation::Relu => value == 0.0,
                Activation::Tanh => value.abs() > 0.99,
                Activation::Sigmoid => !(0.005..=0.995).contains(&value),
            };
            let size = info.kind.values() / info.kind.count();
            let units = (0..info.kind.count()).filter(|unit| {
                outputs.iter().all(|layers| {
                    let layer = layers.iter().find(|layer| layer.info == *info).unwrap();
                    layer.values[unit * size..][..size].iter().all(|value| stopped(*value))
                })
            });
            let units = if info.name == "output" { 0 } else { units.count() };
            let expected = if activation == Activation::Relu { (units, 0) } else { (0, units) };
            assert_eq!((*dead, *saturated), expected, "{what}");
        }
        assert_eq!(
            all.iter().map(|measures| measures.info.name).collect::<Vec<_>>(),
            ["C1", "C3", "C5", "F6", "output"]
        );
        assert!(all.iter().any(|measures| measures.dead + measures.saturated > 0), "{activation}: {all:?}");
        assert!(network.measures(&dataset.train, &sample, None).iter().all(|measures| measures.update.is_none()));
        assert!(network.parameters() == after, "measuring changes nothing");
        assert!(network.gradients(&dataset.train, &sample).1 == gradient, "measuring changes nothing");
    }
}

#[test]
fn a_run_that_learns_has_measures_and_no_symptom() {
    let states = trained(&dataset(), Hyperparameters { epochs: 3, ..Hyperparameters::default() });
    assert_eq!(states.iter().map(|health| health.epoch).collect::<Vec<_>>(), [1, 2, 3]);
    for health in states {
        assert_eq!(health.stall, None);
        assert!(
            health.layers.iter().all(|layer| layer.gradient > 0.0 && layer.update.is_some_and(|update| update > 0.0))
        );
    }
}

#[test]
fn too_high_a_learning_rate_is_named() {
    let hyper =
        Hyperparameters { optimizer: OptimizerKind::Sgd, learning_rate: 10.0, epochs: 2, ..Hyperparameters::default() };
    for (epoch, health) in (1..).zip(trained(&dataset(), hyper)) {
        let stall = health.stall.unwrap();
        assert!(matches!(stall.symptom, Symptom::Exploded { .. } | Symptom::Dead { .. }), "epoch {epoch}: {stall}");
        assert_eq!(stall.cause, Some(Cause::LargeUpdates));
    }
}

#[test]
fn a_vanishing_gradient_is_named_within_two_epochs() {
    for learning_rate in [0.01, 0.001, 0.0001] {
        let hyper = Hyperparameters {
            activation: Activation::Sigmoid,
            optimizer: OptimizerKind::Sgd,
            learning_rate,
            epochs: 2,
            ..Hyperparameters::default()
        };
        let stall = trained(&dataset(), hyper).pop().unwrap().stall.unwrap();
        assert!(matches!(stall.symptom, Symptom::Constant { .. } | Symptom::Chance { .. }), "{stall}");
        assert!(matches!(stall.cause, Some(Cause::VanishingGradient { layer: "C1", .. })), "{stall}");
    }
}

#[test]
fn a_loaded_run_is_judged_as_when_it_was_trained() {
    let (dataset, folder) = (dataset(), tempfile::tempdir().unwrap());
    let hyper = Hyperparameters {
        activation: Activation::Sigmoid,
        optimizer: OptimizerKind::Sgd,
        learning_rate: 0.001,
        epochs: 2,
        ..Hyperparameters::default()
    };
    let health = |watch: &mut Watch| {
        watch.until("measures", |event| if let Event::Health(health) = event { Some(health) } else { None })
    };
    let mut watch = Watch::train(&dataset, spec(&dataset, hyper), folder.path());
    health(&mut watch);
    let trained = health(&mut watch);
    let path = watch.until_ended().kept.unwrap().path;
    watch.stop();
    let mut watch = Watch::start(&dataset, Start::Load(path), folder.path());
    let loaded = health(&mut watch);
    watch.until_state(State::Finished);
    watch.stop();
    assert!(loaded.stall.is_some());
    assert_eq!((loaded.stall, loaded.epoch, loaded.images), (trained.stall, trained.epoch, trained.images));
}
