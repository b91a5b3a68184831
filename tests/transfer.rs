//! A run that begins with the weights of another one, and the layers that keep them.

mod common;

use std::{
    fs,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use common::{
    runs::{HEADER, bars, made_up_checkpoint, spec, with_text},
    watch::Watch,
};
use lenet_monitor::{
    data::{Dataset, DatasetId, Fingerprint},
    nn::{Activation, Architecture, Engine, Network, Optimizer, OptimizerKind, Pooling, UpdateRule},
    train::{
        CannotFreeze, CannotRun, Checkpoint, Command, Hyperparameters, RunSpec, State, Trainer, Transfer, argmax,
        checkpoint::{Fault, Summary},
        trainer::Advance,
    },
};
use tempfile::TempDir;

const LENET_5: Architecture = Architecture::LeNet5;

fn dataset() -> Arc<Dataset> {
    bars(170, 40)
}

/// The same images under another name.
fn other_dataset() -> Arc<Dataset> {
    let Dataset { id, train, test } = Arc::unwrap_or_clone(dataset());
    let id = DatasetId { name: "other bars".into(), fingerprint: Fingerprint([8; 32]), ..id };
    Arc::new(Dataset { id, train, test })
}

fn new(dataset: &Arc<Dataset>, spec: RunSpec) -> Result<Trainer, CannotRun> {
    Trainer::new(Arc::clone(dataset), spec, Engine::new(1))
}

fn train(trainer: &mut Trainer) {
    while !trainer.is_finished() {
        trainer.advance().unwrap();
    }
}

fn steps(trainer: &mut Trainer, steps: u32) {
    let mut left = steps;
    while left > 0 {
        left -= u32::from(matches!(trainer.advance().unwrap(), Advance::Step(_)));
    }
}

/// Trains a run for an epoch on another data set, and returns its checkpoint in a folder of its own.
fn source(folder: &TempDir, hyper: Hyperparameters) -> (PathBuf, Checkpoint) {
    let dataset = other_dataset();
    let mut trainer = new(&dataset, spec(&dataset, Hyperparameters { epochs: 1, ..hyper })).unwrap();
    train(&mut trainer);
    let path = folder.path().join("the source/last.ckpt");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    trainer.checkpoint().write(&path).unwrap();
    (path.clone(), Checkpoint::read(&path).unwrap())
}

/// Specifies a run that begins with the weights of a checkpoint.
fn begun(path: &Path, checkpoint: &Checkpoint, hyper: Hyperparameters, freeze: &str) -> RunSpec {
    let network = checkpoint.spec.hyper.network;
    let frozen = if freeze.is_empty() { Vec::new() } else { Transfer::layers(network, freeze).unwrap() };
    let transfer = Some(Transfer { frozen, ..checkpoint.transfer(path) });
    RunSpec { transfer, ..spec(&dataset(), Hyperparameters { network, ..hyper }) }
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// Returns each layer that has parameters, and where these are.
fn layers(network: Architecture) -> Vec<(&'static str, Range<usize>)> {
    let mut start = 0;
    let with_parameters = network.layers().iter().filter(|layer| layer.parameters > 0);
    with_parameters
        .map(|layer| {
            start += layer.parameters;
            (layer.name, start - layer.parameters..start)
        })
        .collect()
}

#[test]
fn frozen_layers_keep_every_bit_with_every_optimizer() {
    let folder = tempfile::tempdir().unwrap();
    let (path, checkpoint) = source(&folder, Hyperparameters::default());
    for (optimizer, momentum, learning_rate) in [
        (OptimizerKind::Adam, 0.0, 0.001),
        (OptimizerKind::Rmsprop, 0.0, 0.001),
        (OptimizerKind::Sgd, 0.0, 0.1),
        (OptimizerKind::Sgd, 0.9, 0.1),
    ] {
        for (freeze, frozen) in [("c1,c3", &["C1", "C3"][..]), ("F6, C1", &["C1", "F6"]), ("OUTPUT", &["output"])] {
            let hyper = Hyperparameters {
                optimizer,
                momentum,
                learning_rate,
                weight_decay: 0.1,
                clipping: 0.5,
                ema: 0.9,
                dropout: 0.1,
                epochs: 2,
                ..Hyperparameters::default()
            };
            let mut trainer = new(&dataset(), begun(&path, &checkpoint, hyper, freeze)).unwrap();
            train(&mut trainer);
            let after = trainer.checkpoint();
            let mean = after.optimizer.average.as_ref().unwrap();
            for (name, range) in layers(LENET_5) {
                let keeps =
                    |values: &[f32]| bits(&values[range.clone()]) == bits(&checkpoint.parameters[range.clone()]);
                let is_frozen = frozen.contains(&name);
                let found = (keeps(&after.parameters), keeps(mean));
                assert_eq!(found, (is_frozen, is_frozen), "{name} of {freeze} with {optimizer} {momentum}");
                for moments in &after.optimizer.moments {
                    assert_eq!(moments[range.clone()].iter().all(|moment| moment.to_bits() == 0), is_frozen, "{name}");
                }
            }
        }
    }
}

#[test]
fn layers_of_every_network_can_be_frozen() {
    let folder = tempfile::tempdir().unwrap();
    for &network in Architecture::ALL {
        let (path, checkpoint) = source(&folder, Hyperparameters { network, ..Hyperparameters::default() });
        let layers = layers(network);
        let (first, range) = &layers[0];
        let hyper = Hyperparameters { epochs: 1, ..Hyperparameters::default() };
        let mut trainer = new(&dataset(), begun(&path, &checkpoint, hyper, &first.to_uppercase())).unwrap();
        train(&mut trainer);
        let after = trainer.checkpoint();
        let [now, then] = [&after, &checkpoint].map(|of| bits(&of.parameters[range.clone()]));
        assert!(now == then, "{network}");
        for (name, range) in &layers[1..] {
            assert!(after.parameters[range.clone()] != checkpoint.parameters[range.clone()], "{name} of {network}");
        }
    }
}

/// SGD with a clipped gradient changes the weights by the learning rate times the largest norm.
#[test]
fn the_clipped_gradient_is_that_of_the_trained_layers() {
    let dataset = dataset();
    let batch: Vec<u32> = (0..16).collect();
    for freeze in ["c1,c3", "c5"] {
        let frozen: Vec<_> = Transfer::layers(LENET_5, freeze).unwrap();
        let ranges = layers(LENET_5).into_iter().filter(|(name, _)| frozen.contains(name)).map(|(_, range)| range);
        let mut network = Network::new(LENET_5, Activation::Tanh, Pooling::Avg, 1, Engine::new(2));
        let rule = UpdateRule { clipping: 0.01, ..OptimizerKind::Sgd.into() };
        let mut optimizer = Optimizer::new(rule, LENET_5.parameters());
        optimizer.freeze(ranges.collect());
        for _ in 0..2 {
            let before = network.parameters();
            network.train_step(&dataset.train, &batch, &mut optimizer, 1.0).unwrap();
            let after = network.parameters();
            let change = before.iter().zip(&after).map(|(before, after)| f64::from(after - before).powi(2));
            let norm = change.sum::<f64>().sqrt();
            assert!((norm - 0.01).abs() < 1e-5, "{norm} without {freeze}");
        }
        // The gradient of the frozen layers is not added to that of later steps.
        let (_, gradient) = network.gradients(&dataset.train, &batch);
        let mut fresh = Network::new(LENET_5, Activation::Tanh, Pooling::Avg, 1, Engine::new(2));
        fresh.set_parameters(&network.parameters()).unwrap();
        assert!(bits(&gradient) == bits(&fresh.gradients(&dataset.train, &batch).1), "{freeze}");
    }
}

#[test]
fn a_run_begins_with_what_the_other_one_tests() {
    let folder = tempfile::tempdir().unwrap();
    let test = &dataset().test;
    for ema in [0.0, 0.9] {
        let hyper =
            Hyperparameters { ema, activation: Activation::Tanh, pooling: Pooling::Max, ..Hyperparameters::default() };
        let (path, checkpoint) = source(&folder, hyper.clone());
        let mut trainer = new(&dataset(), begun(&path, &checkpoint, hyper, "c1")).unwrap();
        let evaluation = checkpoint.evaluate(test);
        let digits: Vec<_> =
            trainer.network().logits(test.pixels()).iter().map(|logits| argmax(logits) as u8).collect();
        assert_eq!(digits, evaluation.predictions.iter().map(|prediction| prediction.digit).collect::<Vec<_>>());
        let logits = |network: &mut Network| bits(network.logits(test.pixels()).as_flattened());
        let (ours, theirs) = (logits(trainer.network()), logits(&mut checkpoint.network(Engine::new(1))));
        assert!(ours == theirs);
        let mut trained = checkpoint.network(Engine::new(1));
        trained.set_parameters(&checkpoint.parameters).unwrap();
        let is_mean = ours != logits(&mut trained);
        assert_eq!(is_mean, ema > 0.0);
    }
}

#[test]
fn a_resumed_run_is_the_unbroken_one_even_without_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let (path, checkpoint) = source(&folder, Hyperparameters::default());
    let hyper = Hyperparameters { ema: 0.9, weight_decay: 0.1, epochs: 2, ..Hyperparameters::default() };
    let run = begun(&path, &checkpoint, hyper, "c3");
    let mut unbroken = new(&dataset(), run.clone()).unwrap();
    let mut broken = new(&dataset(), run).unwrap();
    fs::remove_file(&path).unwrap();
    train(&mut unbroken);
    for done in [0, 4, 8] {
        steps(&mut broken, done);
        let saved = folder.path().join("last.ckpt");
        broken.checkpoint().write(&saved).unwrap();
        broken = Trainer::resume(dataset(), Checkpoint::read(&saved).unwrap(), Engine::new(2)).unwrap();
        assert_eq!(broken.spec(), unbroken.spec());
    }
    train(&mut broken);
    let [unbroken, broken] = [unbroken, broken].map(|trainer| trainer.checkpoint());
    assert!(bits(&unbroken.parameters) == bits(&broken.parameters));
    assert!(unbroken.optimizer == broken.optimizer);
}

#[test]
fn impossible_beginnings_are_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let (path, checkpoint) = source(&folder, Hyperparameters::default());
    for (list, found) in [("c1,s2", "`s2`"), ("", "``"), ("c1,,c3", "``"), ("c1;c3", "`c1;c3`"), ("\x1b[2J", "`?[2J`")]
    {
        let error = Transfer::layers(LENET_5, list).unwrap_err();
        assert!(matches!(error, CannotFreeze::Unknown { .. }));
        let text = error.to_string();
        assert!(text.contains("(C1, C3, C5, F6, output)") && text.ends_with(found), "{text}");
    }
    let error = Transfer::layers(LENET_5, "c1,c3,c5,f6,output").unwrap_err();
    assert_eq!(error, CannotFreeze::All { network: LENET_5 });
    assert_eq!(Transfer::layers(LENET_5, "f6, C1,c1").unwrap(), ["C1", "F6"], "in the network's order, once");

    let reason = |spec: RunSpec| new(&dataset(), spec).err().expect("refused").to_string();
    let mut other = begun(&path, &checkpoint, Hyperparameters::default(), "c1");
    other.hyper.network = Architecture::Mlp;
    let text = reason(other.clone());
    assert!(["lenet-5", "mlp", path.to_str().unwrap()].iter().all(|part| text.contains(part)), "{text}");
    // The file may have been replaced since.
    other.transfer.as_mut().unwrap().network = Architecture::Mlp;
    assert_eq!(reason(other), text);
    let run = begun(&path, &checkpoint, Hyperparameters::default(), "c1");
    fs::write(&path, &fs::read(&path).unwrap()[..1000]).unwrap();
    assert!(reason(run.clone()).contains("truncated"));
    fs::remove_file(&path).unwrap();
    let text = reason(run);
    assert!(text.contains("weights of another run") && text.contains(path.to_str().unwrap()), "{text}");
}

#[test]
fn a_checkpoint_says_what_its_run_began_with() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("last.ckpt");
    let mut checkpoint = made_up_checkpoint(OptimizerKind::Adam);
    checkpoint.write(&path).unwrap();
    let plain = fs::read(&path).unwrap();
    let transfer = Transfer {
        path: "/the runs/one from here/last.ckpt".into(),
        network: LENET_5,
        epoch: 20,
        step: 0,
        dataset: "SYNTHETIC from 1".into(),
        frozen: vec!["C1", "C3"],
    };
    assert_eq!(
        transfer.to_string(),
        "the weights of one from here after epoch 20 on SYNTHETIC from 1, C1 and C3 frozen"
    );
    checkpoint.spec.hyper.delay = 3;
    for frozen in [vec!["C1", "C3"], Vec::new()] {
        checkpoint.spec.transfer = Some(Transfer { frozen, ..transfer.clone() });
        checkpoint.write(&path).unwrap();
        assert_eq!(Checkpoint::read(&path).unwrap(), checkpoint);
        assert_eq!(Summary::read(&path).unwrap().spec, checkpoint.spec);
    }
    let bytes = fs::read(&path).unwrap();
    let text = b"lenet-5 delay 3 from 20\t0\t\tSYNTHETIC from 1\t/the runs/one from here/last.ckpt";
    assert_eq!(bytes[HEADER], text.len() as u8);
    assert_eq!(bytes[HEADER + 1..][..text.len()], text[..]);
    assert_eq!(bytes[HEADER + 1 + text.len()..], plain[HEADER + 8..], "nothing else differs");

    // A name is safe to show, whatever it was.
    checkpoint.spec.transfer =
        Some(Transfer { dataset: "a\tb\x1b[2J".into(), path: "/x\ty\u{202e}/last.ckpt".into(), ..transfer.clone() });
    checkpoint.write(&path).unwrap();
    let read = Checkpoint::read(&path).unwrap().spec.transfer.unwrap();
    assert_eq!((read.dataset.as_str(), read.run().as_str()), ("a b?[2J", "x y?"));
    for (dataset, path, what) in [
        ("n".repeat(301), "/a/b".into(), "name of the data set"),
        ("n".into(), format!("/{}", "p".repeat(4_096)), "path"),
    ] {
        checkpoint.spec.transfer = Some(Transfer { dataset, path: path.into(), ..transfer.clone() });
        let fault = checkpoint.encode().unwrap_err().to_string();
        assert!(fault.contains(what) && fault.contains("at most"), "{fault}");
    }

    for damaged in [
        "from ",
        "from 20",
        "from x\t0\t\tSYNTHETIC\t/a/b",
        "from 20\t-1\t\tSYNTHETIC\t/a/b",
        "from 20\t0\tc1;c3\tSYNTHETIC\t/a/b",
        "from 20\t0\thidden\tSYNTHETIC\t/a/b",
        "from 20\t0\tC1,C3,C5,F6,output\tSYNTHETIC\t/a/b",
        "from 20\t0\t\tSYNTHETIC",
        "from 20\t0\t\tSYNTHETIC\t/a/b\tmore",
        "from \x1b[2J",
    ] {
        let text = format!("lenet-5 {damaged}");
        fs::write(&path, with_text(&plain, &text)).unwrap();
        let error = Checkpoint::read(&path).unwrap_err();
        assert!(matches!(error.fault, Fault::UnknownHyperparameter(_)), "{damaged:?}: {error}");
        assert!(error.to_string().contains("`from ") && !error.to_string().contains('\x1b'), "{error}");
        assert!(Summary::read(&path).is_err());
    }
}

#[test]
fn a_restart_begins_with_the_same_weights() {
    let folder = tempfile::tempdir().unwrap();
    let (path, checkpoint) = source(&folder, Hyperparameters::default());
    let hyper = Hyperparameters { activation: Activation::Tanh, epochs: 1, ..Hyperparameters::default() };
    let run = begun(&path, &checkpoint, hyper, "c1,c3");
    let mut watch = Watch::train(&dataset(), run, &folder.path().join("runs"));
    let first = watch.until_started();
    assert_eq!(first.spec.transfer.as_ref().unwrap().run(), "the source");
    watch.until("a note", |event| {
        let lenet_monitor::train::Event::Note(note) = event else { return None };
        assert!(note.contains("activation tanh instead of relu"), "{note}");
        Some(())
    });
    watch.until_state(State::Finished);
    let weights = |folder: &Path| Checkpoint::read(&folder.join("last.ckpt")).unwrap().parameters;
    watch.send(Command::Restart(Box::new(first.spec.clone())));
    let second = watch.until_started();
    assert_eq!(second.spec, first.spec);
    watch.until_state(State::Finished);
    assert_ne!(second.run_dir, first.run_dir);
    assert!(bits(&weights(&first.run_dir)) == bits(&weights(&second.run_dir)));
    fs::remove_file(&path).unwrap();
    watch.send(Command::Restart(Box::new(first.spec)));
    let reason = watch.until_refused();
    assert!(reason.contains("weights of another run") && reason.contains("the source"), "{reason}");
}

/// Units that never answer are no sign of a wrong learning rate where nothing learns.
#[test]
fn nothing_is_said_about_the_health_of_a_frozen_layer() {
    let folder = tempfile::tempdir().unwrap();
    let (path, mut checkpoint) = source(&folder, Hyperparameters::default());
    checkpoint.parameters[..156].fill(-1.0);
    checkpoint.write(&path).unwrap();
    for (freeze, is_dead) in [("c1", false), ("c3", true)] {
        let hyper = Hyperparameters { epochs: 1, learning_rate: 1e-6, ..Hyperparameters::default() };
        let mut trainer = new(&dataset(), begun(&path, &checkpoint, hyper, freeze)).unwrap();
        let health = loop {
            if let Advance::EpochEnded { health, .. } = trainer.advance().unwrap() {
                break health;
            }
        };
        let names: Vec<_> = health.layers.iter().map(|measures| measures.info.name).collect();
        let trained = layers(LENET_5).into_iter().map(|(name, _)| name).filter(|name| *name != freeze.to_uppercase());
        assert_eq!(names, trained.collect::<Vec<_>>());
        let text = health.stall.map(|stall| stall.to_string()).unwrap_or_default();
        assert_eq!(text.contains("units of C1 are dead"), is_dead, "{text}");
    }
}
