//! Surveys of a sweep's results, read from any CSV or given in memory.

use lenet_monitor::{
    sweep::{
        MeasuredOn, Row, RunState,
        survey::{Factor, NotASweep, Observation, Outcome, Reading, Survey},
    },
    train::{Hyperparameters, OptimizerKind, Pooling},
};

fn read(text: &str) -> Reading {
    Survey::read(text.as_bytes()).unwrap()
}

/// Returns line and reason of each fault.
fn faults(reading: &Reading) -> Vec<(usize, &str)> {
    reading.faults.iter().map(|fault| (fault.line, fault.reason.as_str())).collect()
}

/// Returns activation, optimizer and mean accuracy, best first.
fn ranked(survey: &Survey) -> Vec<(String, String, Option<f64>)> {
    let ranking = survey.ranking().into_iter();
    ranking
        .map(|it| {
            let value = |factor| survey.value(it, factor).to_owned();
            (value(Factor::ACTIVATION), value(Factor::OPTIMIZER), it.accuracy().map(|accuracy| accuracy.mean))
        })
        .collect()
}

fn ranking(rows: &[(&str, &str, Option<f64>)]) -> Vec<(String, String, Option<f64>)> {
    rows.iter().map(|&(activation, optimizer, accuracy)| (activation.into(), optimizer.into(), accuracy)).collect()
}

const HEADER: &str = "Activation,Learning Rate,Optimizer,Batch Size,Validation Accuracy";

#[test]
fn the_reports_own_csv_is_read() {
    let reading = read(&format!("{HEADER}\nrelu,0.01,adam,16,0.98\ntanh,0.001,sgd,32,0.4\n"));
    assert_eq!(faults(&reading), []);
    let survey = &reading.survey;
    assert_eq!(ranked(survey), ranking(&[("relu", "adam", Some(0.98)), ("tanh", "sgd", Some(0.4))]));
    assert_eq!(survey.values(Factor::LEARNING_RATE), ["0.001", "0.01"]);
    assert_eq!(survey.values(Factor::ACTIVATION), ["relu", "tanh"]);
    assert_eq!(survey.varying(), Factor::SWEPT);
    assert_eq!(survey.fixed(), []);
}

#[test]
fn columns_are_found_by_name_whatever_their_order_case_and_company() {
    let same = [
        "\u{feff}Activation,Optimizer,Validation Accuracy\r\nrelu,adam,0.9\r\ntanh,sgd,0.8\r\n",
        "validation_accuracy;OPTIMIZER; activation \n0.9;adam;relu\n0.8;sgd;tanh",
        "optimiser\tNotes\tval_accuracy\tActivation\nadam\t\t0.9\trelu\nsgd\tx\t0.8\ttanh\n",
        "Activation,Optimizer,Accuracy,Test Accuracy,,\nrelu,adam,0.1,0.9,,\n\ntanh,sgd,0.2,0.8,,\n",
        "Activation,Optimizer,Validation Accuracy\rrelu,adam,0.9\rtanh,sgd,0.8\r",
        "Activation,Optimizer,Validation Accuracy\n\"relu\",\"adam\",\"0.9\",\n tanh , sgd , 8e-1 \n",
    ];
    for text in same {
        let reading = read(text);
        let expected = ranking(&[("relu", "adam", Some(0.9)), ("tanh", "sgd", Some(0.8))]);
        assert_eq!(ranked(&reading.survey), expected, "{text:?}");
        assert!(reading.faults.iter().any(|fault| fault.reason.contains("`Batch Size`")), "{text:?}");
    }
}

#[test]
fn missing_cells_are_reported_and_the_rest_is_kept() {
    let text = format!(
        "{HEADER},State\n\
         relu,0.01,adam,16,0.9,done\n\
         relu,,adam,16,0.8,done\n\
         relu,NaN,adam,16,0.7,done\n\
         relu,0.01,adam,32,NaN,done\n\
         relu,0.01,adam,32,,done\n\
         relu,0.01,adam,32,98.5,done\n\
         relu,0.01,adam,32,much,done\n\
         relu,0.01,adam,16\n\
         relu,0.01,\"adam,16,0.6,done\n\
         relu,0.01,ad\0m,16,0.6,done\n\
         relu,0.001,adam,16,,diverged\n\
         tanh,0.001,adam,16,,failed\n\
         tanh,0.001,sgd,16,0.5,waiting\n\
         tanh,0.001,sgd,64,0.55,do"
    );
    let reading = read(&text);
    let out = |reason: &str| format!("{reason}; ignored");
    let expected = [
        (3, "Learning Rate is empty".to_owned()),
        (4, "Learning Rate is NaN".into()),
        (5, out("the accuracy is NaN")),
        (6, out("no accuracy")),
        (7, out("expected an accuracy from 0 to 1, found 98.5")),
        (8, out("expected an accuracy from 0 to 1, found `much`")),
        (9, out("expected 6 cells, found 4")),
        (10, out("expected 6 cells, found 3")),
        (11, out("it contains bytes that are not UTF-8")),
        (13, "the run failed and has no result".into()),
        (14, "expected done, diverged or failed as State, found `waiting`".into()),
        (15, out("the line is truncated")),
    ];
    let expected: Vec<_> = expected.iter().map(|(line, reason)| (*line, reason.as_str())).collect();
    assert_eq!(faults(&reading), expected);

    let survey = &reading.survey;
    let accuracies: Vec<_> = survey.ranking().iter().map(|it| it.accuracy().map(|it| it.mean)).collect();
    // The rows without a learning rate are two runs of a configuration with an unknown one.
    assert_eq!(accuracies, [Some(0.9), Some(0.75), Some(0.5), None, None]);
    assert_eq!(survey.value(survey.ranking()[1], Factor::LEARNING_RATE), "?");
    let effects = survey.effects(Factor::LEARNING_RATE);
    assert_eq!(effects.iter().map(|effect| effect.configurations).collect::<Vec<_>>(), [3, 1]);
}

#[test]
fn binary_bytes_invalidate_only_their_line() {
    let mut bytes = format!("{HEADER}\nrelu,0.01,ad\u{e4}m,16,0.9\n").into_bytes();
    bytes.extend(b"relu,0.01,ad\xe4m,16,0.8\nrelu,0.01,sgd,16,0.7\n");
    bytes.extend([0; 300]);
    let reading = Survey::read(&bytes).unwrap();
    assert_eq!(reading.survey.runs(), 2);
    assert_eq!(reading.faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [3, 5]);
}

#[test]
fn a_last_line_without_a_newline_is_kept_if_it_can_be_complete() {
    let reading = read(&format!("{HEADER}\nrelu,0.01,adam,16,0.9\nrelu,0.01,adam,32,0.9"));
    assert_eq!(reading.survey.runs(), 2);
    assert_eq!(faults(&reading), [(3, "the line has no newline; its accuracy may be truncated")]);
    let reading = read(&format!("{HEADER}\nrelu,0.01,adam,16,0.9\nrelu,0.01,ad"));
    assert_eq!(reading.survey.runs(), 1);
    assert_eq!(faults(&reading), [(3, "expected 5 cells, found 3: the line is truncated; ignored")]);
}

#[test]
fn other_files_are_rejected_with_what_was_found() {
    let header = |text: &str| match Survey::read(text.as_bytes()) {
        Err(NotASweep::Header { found }) => found,
        other => panic!("{other:?}"),
    };
    assert_eq!(header(""), "an empty file");
    assert_eq!(header("\n \n"), "an empty file");
    assert_eq!(header("relu,0.01,adam,16,0.9\n"), "`relu,0.01,adam,16,0.9`");
    assert_eq!(header("Seconds,Validation Accuracy\n1,0.5\n"), "`Seconds,Validation Accuracy`");
    assert!(header(&"x".repeat(10_000)).len() < 100);
    assert_eq!(Survey::read(b"Activation\0,"), Err(NotASweep::Encoding("binary data")));
    let history = Survey::read(b"epoch,loss,val_accuracy\n1,0.5,0.9\n");
    assert!(matches!(history, Err(NotASweep::History { .. })), "{history:?}");
}

#[test]
fn runs_with_different_seeds_are_one_configuration() {
    let text = "Activation,Optimizer,Validation Accuracy,Loss,Seed\n\
                relu,adam,0.90,0.3,1\nrelu,adam,0.96,0.1,2\nrelu,adam,0.93,NaN,3\n\
                relu,adam,0.90,0.3,1\nrelu,adam,0.91,0.3,1\ntanh,adam,0.5,0.7,1\n";
    let reading = read(text);
    assert_eq!(
        faults(&reading)[2..],
        [
            (5, "repeats the configuration and seed of line 2; ignored"),
            (6, "repeats the configuration and seed of line 2 with another result; both are kept"),
        ]
    );
    let best = reading.survey.best().unwrap();
    let accuracy = best.accuracy().unwrap();
    assert!((accuracy.mean - 0.925).abs() < 1e-12);
    assert_eq!((accuracy.min, accuracy.max, accuracy.count), (0.90, 0.96, 4));
    assert_eq!(best.losses, [0.3, 0.1, 0.3]);
    assert_eq!(reading.survey.seeds(), ["1", "2", "3"]);
}

#[test]
fn concatenated_tables_are_one() {
    let table = format!("{HEADER}\nrelu,0.01,adam,16,0.9\n");
    let reading = read(&format!("{table}{table}"));
    assert_eq!(faults(&reading), []);
    assert_eq!((reading.survey.runs(), reading.survey.configurations().len()), (2, 1));
}

#[test]
fn values_have_a_uniform_spelling() {
    let reading = read(&format!(
        "{HEADER}\nReLU,0.010,adam,16.0,0.9\nrelu,1e-2,Adam,16,0.8\nrelu,0.00001,adam,128,0.7\nrelu,.01,adam,016,0.6\n"
    ));
    let survey = &reading.survey;
    assert_eq!(survey.values(Factor::ACTIVATION), ["ReLU"]);
    assert_eq!(survey.values(Factor::LEARNING_RATE), ["1e-5", "0.01"]);
    assert_eq!(survey.values(Factor::BATCH_SIZE), ["16", "128"]);
    assert_eq!(survey.configurations().len(), 2);
    assert_eq!(survey.find(Factor::ACTIVATION, "RELU"), Some(0));
    assert_eq!(survey.find(Factor::LEARNING_RATE, "1e-2"), Some(1));
    assert_eq!(survey.find(Factor::LEARNING_RATE, "0.1"), None);
}

/// Surveys relu and tanh at three rates, with outcomes by `outcome(activation, rate)`.
fn grid(outcome: impl Fn(&str, &str) -> Outcome) -> Survey {
    let mut observations = Vec::new();
    for activation in ["tanh", "relu"] {
        for rate in ["0.1", "0.01", "10"] {
            let observation = Observation::new(outcome(activation, rate));
            observations.push(observation.with(Factor::ACTIVATION, activation).with(Factor::LEARNING_RATE, rate));
        }
    }
    Survey::of(observations)
}

#[test]
fn effects_are_over_the_configurations_with_a_result() {
    let survey = grid(|activation, rate| match (activation, rate) {
        (_, "10") => Outcome::Diverged,
        ("relu", "0.1") => Outcome::Accuracy(0.9),
        ("relu", _) => Outcome::Accuracy(0.8),
        (_, "0.1") => Outcome::Accuracy(0.5),
        _ => Outcome::Accuracy(0.1),
    });
    let effects_of = |factor| -> Vec<_> {
        let effects = survey.effects(factor).into_iter();
        effects
            .map(|effect| {
                let accuracy = effect.accuracy.map(|it| ((it.mean * 1e6).round() / 1e6, it.min, it.max, it.count));
                (survey.values(factor)[effect.value].as_str(), effect.configurations, accuracy)
            })
            .collect()
    };
    assert_eq!(
        effects_of(Factor::ACTIVATION),
        [("tanh", 3, Some((0.3, 0.1, 0.5, 2))), ("relu", 3, Some((0.85, 0.8, 0.9, 2)))]
    );
    assert_eq!(
        effects_of(Factor::LEARNING_RATE),
        [("0.01", 2, Some((0.45, 0.1, 0.8, 2))), ("0.1", 2, Some((0.7, 0.5, 0.9, 2))), ("10", 2, None)]
    );

    let names = |configurations: Vec<&lenet_monitor::sweep::survey::Configuration>| -> Vec<String> {
        let name = |it| format!("{} {}", survey.value(it, Factor::ACTIVATION), survey.value(it, Factor::LEARNING_RATE));
        configurations.into_iter().map(name).collect()
    };
    // An accuracy at the threshold fails too.
    assert_eq!(names(survey.failing(0.5)), ["tanh 0.01", "tanh 0.1", "tanh 10", "relu 10"]);
    assert_eq!(names(survey.failing(0.05)), ["tanh 10", "relu 10"]);
    assert_eq!(names(survey.best().into_iter().collect()), ["relu 0.1"]);
    assert_eq!(names(survey.worst().into_iter().collect()), ["tanh 0.01"]);
    assert_eq!(names(survey.above(0.5).ranking()), ["relu 0.1", "relu 0.01"]);
    assert_eq!(names(survey.only(Factor::LEARNING_RATE, |rate| rate == "0.1").ranking()), ["relu 0.1", "tanh 0.1"]);
}

#[test]
fn a_filtered_survey_keeps_the_indices_of_values() {
    let survey = grid(|activation, _| Outcome::Accuracy(if activation == "relu" { 0.9 } else { 0.2 }));
    let over = survey.above(0.5);
    assert_eq!(over.values(Factor::ACTIVATION), survey.values(Factor::ACTIVATION));
    assert_eq!(over.effects(Factor::ACTIVATION)[0].value, survey.find(Factor::ACTIVATION, "relu").unwrap());
    assert_eq!(over.varying(), [Factor::LEARNING_RATE]);
    assert_eq!(over.fixed(), [(Factor::ACTIVATION, "relu")]);
}

fn row(state: RunState, accuracy: Option<f64>, epochs: u32) -> Row {
    Row {
        hyper: Hyperparameters {
            learning_rate: 0.0001,
            optimizer: OptimizerKind::Rmsprop,
            batch_size: 64,
            epochs,
            pooling: Pooling::Max,
            seed: 7,
            ..Hyperparameters::default()
        },
        accuracy,
        loss: accuracy,
        seconds: 1.5,
        state,
        dataset: "MNIST".into(),
        key: "key".into(),
        measured_on: MeasuredOn::Validation,
        training_images: 50_000,
        test_images: 10_000,
        measurements: None,
    }
}

#[test]
fn rows_in_memory_give_the_same_survey_as_their_csv() {
    let rows = [row(RunState::Done, Some(0.75), 3), row(RunState::Diverged, None, 1), row(RunState::Failed, None, 0)];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sweep.csv");
    lenet_monitor::sweep::write_rows(&path, &rows).unwrap();
    let read = Survey::read(&std::fs::read(&path).unwrap()).unwrap().survey;
    let survey = Survey::of(rows.iter().map(Observation::from));
    assert_eq!(survey, read);
    // The epochs of a diverged run do not make it a configuration of its own.
    let [configuration] = survey.configurations() else { panic!("{survey:?}") };
    assert_eq!(
        (configuration.accuracies.as_slice(), configuration.diverged, configuration.failed),
        (&[0.75][..], 1, 1)
    );
    assert_eq!(survey.value(configuration, Factor::EPOCHS), "3");
    assert_eq!(survey.value(configuration, Factor::LEARNING_RATE), "0.0001");
}
