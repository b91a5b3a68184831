//! Every hyperparameter has its flags and its line of the configuration, and appears in the keys and names of runs.

mod common;

use std::collections::HashSet;

use common::{
    cli::{command, outcome},
    runs::{bars, spec},
};
use lenet_monitor::{
    sweep::{
        Grid, key,
        survey::{Factor, Survey},
    },
    train::{Hyperparameter, Hyperparameters, RunFolder, Value, short_name},
    tui::Field,
};

/// Returns the default hyperparameters with one changed.
fn changed(which: Hyperparameter) -> Hyperparameters {
    let mut hyper = Hyperparameters::default();
    hyper.step(which, true);
    assert_ne!(hyper.get(which), which.default_value(), "{which}");
    hyper
}

#[test]
fn each_can_be_set_without_changing_another() {
    for &which in Hyperparameter::ALL {
        let hyper = changed(which);
        for &each in Hyperparameter::ALL {
            assert_eq!(hyper.get(each) == each.default_value(), each != which, "{each} after a change of {which}");
        }
        hyper.validate().unwrap();
        let mut again = Hyperparameters::default();
        again.set(which, which.parse(&hyper.get(which).to_string()).unwrap());
        assert_eq!(again, hyper);
        again.step(which, false);
        assert_eq!(again, Hyperparameters::default(), "down again");
    }
}

#[test]
fn runs_with_one_difference_differ_in_key_and_factor() {
    let dataset = bars(4, 4);
    for &which in Hyperparameter::ALL {
        let mut default = spec(&dataset, Hyperparameters::default());
        let mut changed = spec(&dataset, changed(which));
        if let Some((other, choices)) = which.needs() {
            let names = other.names().expect("a choice");
            let without = names.iter().find(|name| !choices.contains(name)).expect("some runs ignore it");
            for (choice, is_used) in [(without, false), (&choices[0], true)] {
                default.hyper.set(other, Value::Name(choice));
                changed.hyper.set(other, Value::Name(choice));
                assert_eq!(key(&default) != key(&changed), is_used, "{which} with {choice}");
            }
        }
        assert_ne!(key(&default), key(&changed), "{which}");
        assert_eq!(Factor::of(which).is_none(), which == Hyperparameter::Seed, "{which}");
        assert!(Field::all().any(|field| field == Field::Of(which)), "{which} is not in the form");
    }
}

#[test]
fn a_sweep_varies_a_hyperparameter_only_where_it_is_used() {
    let grid = Grid::default()
        .with(Hyperparameter::Activation, ["relu"].map(Value::Name))
        .with(Hyperparameter::LearningRate, [0.01_f32])
        .with(Hyperparameter::Optimizer, ["adam", "sgd"].map(Value::Name))
        .with(Hyperparameter::BatchSize, [16_u32])
        .with(Hyperparameter::Momentum, [0.9_f32, 0.0]);
    grid.validate().unwrap();
    let runs = grid.runs();
    let values = |run: &Hyperparameters| (run.optimizer.to_string(), run.momentum);
    let expected = [("adam".to_owned(), 0.0), ("sgd".to_owned(), 0.9), ("sgd".to_owned(), 0.0)];
    assert_eq!(runs.iter().map(values).collect::<Vec<_>>(), expected);
    grid.with(Hyperparameter::Optimizer, ["adam"].map(Value::Name))
        .with(Hyperparameter::Momentum, [2.0_f32])
        .validate()
        .unwrap_err();
}

#[test]
fn the_effect_of_a_hyperparameter_is_that_on_runs_that_use_it() {
    let table = "Activation,Optimizer,Learning Rate,Batch Size,Validation Accuracy,Momentum\n\
                 relu,adam,0.01,16,0.9,0.9\n\
                 relu,sgd,0.01,16,0.5,0.9\n\
                 relu,sgd,0.01,16,0.25,0\n";
    let survey = Survey::read(table.as_bytes()).unwrap().survey;
    let momentum = Factor::of(Hyperparameter::Momentum).unwrap();
    let effects = survey.effects(momentum).into_iter();
    let means: Vec<_> =
        effects.map(|effect| (&*survey.values(momentum)[effect.value], effect.accuracy.unwrap().mean)).collect();
    assert_eq!(means, [("0", 0.25), ("0.9", 0.5)]);
    assert_eq!(survey.value(survey.best().unwrap(), momentum), "-");
}

#[test]
fn folder_names_are_shortened_to_their_time() {
    let folder = tempfile::tempdir().unwrap();
    for &which in Hyperparameter::ALL {
        let hyper = changed(which);
        let (run, made) = RunFolder::create(folder.path(), &hyper, 1_795_518_120);
        made.unwrap();
        let name = run.path().file_name().unwrap().to_str().unwrap().to_owned();
        assert!(short_name(&name, &hyper).starts_with("20261124-110200"), "{name}");
        assert!(!short_name(&name, &hyper).contains("relu"), "{name}");
    }
}

#[test]
fn each_has_a_flag_and_a_line_in_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let print = |arguments: &[&str]| outcome(command(folder.path(), arguments).output().unwrap()).1;
    let (train, sweep) = (print(&["train", "--help"]), print(&["sweep", "--help"]));
    let config = print(&["config", "show"]);
    let (mut flags, mut columns) = (HashSet::new(), HashSet::new());
    for &which in Hyperparameter::ALL {
        let flag = which.flag();
        assert!(train.contains(&format!("--{} <{}>", flag.name, flag.value)), "{which}");
        let flag = which.swept_flag().unwrap_or(flag);
        assert!(sweep.contains(&format!("--{} <{}>", flag.name, flag.value)), "{which}");
        let value = match which.default_value() {
            Value::Name(name) => format!("\"{name}\""),
            value => value.to_string(),
        };
        assert!(config.contains(&format!("\n{} = {value}\n", which.flag().name)), "{which}:\n{config}");
        assert!(flags.insert(which.flag().name) && columns.insert(which.column()), "{which} twice");
        assert!(!Grid::default().values(which).is_empty(), "{which}");
    }
}

#[test]
fn a_run_resumes_only_with_its_own_values() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| outcome(command(folder.path(), arguments).output().unwrap());
    let begin = ["train", "--headless", "--dataset", "synthetic", "--limit-train", "64", "--limit-test", "20"];
    let (code, stdout, stderr) =
        run(&[&begin[..], &["--epochs", "1", "--optimizer", "sgd", "--momentum", "0.9"]].concat());
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("relu, sgd 0.001, batch 16, avg pooling, momentum 0.9, 1 epoch, seed 1"), "{stdout}");
    assert!(stdout.contains("-relu-sgd-0.001-momentum0.9-b16"), "{stdout}");
    let (_, shown, _) = run(&["checkpoints", "list"]);
    assert!(shown.contains("relu · sgd 0.001 · momentum 0.9 · batch 16 · average pooling · seed 1"), "{shown}");
    for &which in Hyperparameter::ALL.iter().filter(|&&which| which != Hyperparameter::Epochs) {
        let flag = format!("--{}", which.flag().name);
        let mut own =
            Hyperparameters { optimizer: "sgd".parse().unwrap(), momentum: 0.9, ..Hyperparameters::default() };
        let value = own.get(which).to_string();
        own.step(which, true);
        let other = own.get(which).to_string();
        let (code, _, stderr) = run(&["train", "--headless", "--resume", "--epochs", "1", &flag, &other]);
        assert_eq!(code, Some(2), "{which}: {stderr}");
        assert!(stderr.contains(&format!("{flag} {other} contradicts ")) && stderr.contains(&value), "{stderr}");
        let (code, _, stderr) = run(&["train", "--headless", "--resume", "--epochs", "1", &flag, &value]);
        assert_eq!(code, Some(0), "{which}: {stderr}");
    }
    let (code, _, stderr) = run(&["train", "--headless", "--momentum", "1"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("momentum must be 0 or more and below 1, not 1"), "{stderr}");
}
