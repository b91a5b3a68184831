//! The report of a comparison of methods: what it draws, what it says about the original report's sentences, and tables
//! with gaps.

mod common;

use std::fs;

use common::cli::{command, outcome};
use lenet_monitor::report::{Section, Source, Table, methods_section};

/// Columns of the hyperparameters and results that every run has.
const COLUMNS: &str = "Network,Seed,Epochs,Seconds,Validation Accuracy,Data Set,Training Images,Delay,Pixels,Parameters,\
                       Images per Second,Memory,Epochs to 98%,Accuracy by Epoch,moved 2,moved 6,rotated 15,scaled 0.8,\
                       noise 0.3,lines 1,delay 28,Gradient by Step";

/// A row of a network: accuracy, training images, delay, pixels, and the accuracy when moved by two pixels.
struct Row {
    network: &'static str,
    seed: u32,
    accuracy: f64,
    images: u32,
    delay: u32,
    pixels: &'static str,
    moved: f64,
}

impl Row {
    fn new(network: &'static str, seed: u32, accuracy: f64) -> Self {
        Self { network, seed, accuracy, images: 60_000, delay: 0, pixels: "in place", moved: accuracy - 0.1 }
    }

    fn line(&self) -> String {
        let Self { network, seed, accuracy, images, delay, pixels, moved } = self;
        let is_recurrent = ["rnn", "lstm", "gru"].contains(network);
        let seconds = if *network == "mlp" { 5 } else { 20 };
        let speed = if *network == "rnn" { 20_000 } else { 10_000 };
        let delayed = if is_recurrent { (accuracy - 0.3).to_string() } else { String::new() };
        let gradient = if is_recurrent { "0.001 0.01 0.1" } else { "" };
        let to_98 = if *accuracy > 0.98 { "2" } else { "" };
        let epochs = if *images == 300 { 100 } else { 10 };
        format!(
            "{network},{seed},{epochs},{seconds},{accuracy},MNIST,{images},{delay},{pixels},61000,{speed},5000000,{to_98},0.9 \
             0.95 {accuracy},{moved},0.3,0.8,0.7,0.6,0.5,{delayed},{gradient}\n"
        )
    }
}

fn table(rows: &[Row]) -> String {
    format!("{COLUMNS}\n{}", rows.iter().map(Row::line).collect::<String>())
}

/// Returns rows by which every sentence that can be measured is borne out.
fn rows() -> Vec<Row> {
    let networks =
        [("lenet-5", 0.99), ("mlp", 0.978), ("rnn", 0.96), ("lstm", 0.985), ("gru", 0.986), ("resnet", 0.993)];
    let mut rows = Vec::new();
    for seed in [1, 2] {
        for (network, accuracy) in networks {
            let accuracy = accuracy - f64::from(seed) / 1000.0;
            let moved = if network == "lenet-5" { 0.95 } else { 0.8 };
            rows.push(Row { moved, ..Row::new(network, seed, accuracy) });
        }
        for (network, few, permuted) in [("lenet-5", 0.8, 0.9), ("mlp", 0.7, 0.978)] {
            rows.push(Row { images: 300, ..Row::new(network, seed, few) });
            rows.push(Row { pixels: "permuted", ..Row::new(network, seed, permuted) });
        }
        for (network, delayed) in [("rnn", 0.2), ("lstm", 0.97), ("gru", 0.98)] {
            rows.push(Row { images: 10_000, delay: 56, ..Row::new(network, seed, delayed) });
        }
        rows.push(Row { images: 10_000, ..Row::new("rnn", seed, 0.94) });
    }
    rows
}

fn section(table: &str) -> Section {
    match Source::read(table.as_bytes(), "methods.csv").unwrap() {
        Source::Methods(methods) => methods_section("methods", "methods.csv", &methods),
        other => panic!("{other:?}"),
    }
}

fn figures(section: &Section) -> Vec<&str> {
    section.figures.iter().map(|figure| figure.name.as_str()).collect()
}

/// Returns the verdict on the sentence that begins so, and its numbers.
fn sentence<'a>(section: &'a Section, start: &str) -> (&'a str, &'a str) {
    let row = section.summary[1].rows.iter().find(|row| row[0].starts_with(start));
    let row = row.unwrap_or_else(|| panic!("{start}"));
    (&row[1], &row[2])
}

const ALL_FIGURES: [&str; 13] = [
    "accuracy",
    "moved",
    "rotated",
    "scaled",
    "noise",
    "lines",
    "images",
    "permuted",
    "delay",
    "delay-trained",
    "gradient",
    "epochs",
    "cost",
];

#[test]
fn every_test_has_a_figure() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("methods.csv"), table(&rows())).unwrap();
    let arguments = ["report", "methods.csv", "--out", "out"];
    let (code, stdout, stderr) = outcome(command(folder.path(), &arguments).output().unwrap());
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    for name in ALL_FIGURES {
        for kind in ["svg", "png"] {
            let file = format!("methods-{name}.{kind}");
            assert!(stdout.contains(&file) && folder.path().join("out").join(&file).is_file(), "{file}\n{stdout}");
        }
    }
    let page = fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    for text in
        ["MNIST · 2 seeds · 10 epochs", "RNN: far dependencies are lost", "borne out", "Test accuracy on moved images"]
    {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn accuracies_are_means_of_the_seeds_with_their_range() {
    let section = section(&table(&rows()));
    assert_eq!(figures(&section), ALL_FIGURES);
    assert_eq!(section.missing, Vec::<String>::new());
    let Table { header, rows, .. } = &section.summary[0];
    let row = |network: &str| rows.iter().find(|row| row[0] == network).unwrap();
    let cell =
        |network: &str, column: &str| row(network)[header.iter().position(|name| name == column).unwrap()].as_str();
    // Those on fewer images, on permuted pixels and with a delay do not count.
    let accuracy = ["test accuracy", "lowest", "highest", "runs"].map(|column| cell("LeNet-5", column));
    assert_eq!(accuracy, ["0.9885", "0.9880", "0.9890", "2"]);
    let costs = ["seconds an epoch", "images a second", "parameters", "memory", "epochs until 98 %"];
    assert_eq!(costs.map(|column| cell("RNN", column)), ["2.00", "20,000", "61,000", "5.0 MB", "–"]);
    assert_eq!(cell("LSTM", "epochs until 98 %"), "2.0");
}

#[test]
fn sentences_are_borne_out_by_numbers() {
    let section = section(&table(&rows()));
    let measured = [
        ("MLP: simple", "MLP 0.50, LeNet-5 2.00"),
        ("MLP: limited", "moved 2: MLP 0.8000, LeNet-5 0.9500"),
        ("MLP: many", "MLP 0.9765 with 61,000 parameters, LeNet-5 0.9885 with 61,000"),
        ("MLP: overfits", "with 300 instead of 60,000 training images MLP loses 0.2765, LeNet-5 0.1885"),
        ("CNN: shares", "permuted pixels cost LeNet-5 0.0885, MLP -0.0015"),
        ("CNN: needs data", "moved 2: 0.7000 with 300 images, 0.9500 with 60,000"),
        ("RNN: far", "0.9400, 0.2000 trained and tested with 56 empty rows; the gradient at the first row is 1.0e-2"),
        ("LSTM and GRU: keep", "LSTM 0.9700, GRU 0.9800, RNN 0.2000"),
        ("LSTM and GRU: cost", "LSTM 10,000, GRU 10,000, RNN 20,000 images a second"),
        ("Deeper", "resnet 0.9915, LeNet-5 0.9885"),
    ];
    for (start, numbers) in measured {
        let (verdict, found) = sentence(&section, start);
        assert!(found.to_lowercase().contains(&numbers.to_lowercase()), "{start}: {found}");
        let is_equal_here = ["MLP: limited", "CNN: needs"].iter().any(|equal| start.starts_with(equal));
        // Rotated and scaled images are read equally well by all networks of this table.
        assert_eq!(verdict, if is_equal_here { "not borne out" } else { "borne out" }, "{start}: {found}");
    }
    for start in ["CNN: no good", "RNN: hard"] {
        assert_eq!(sentence(&section, start).0, "not measured", "{start}");
    }
}

#[test]
fn ranges_of_seeds_that_meet_are_mentioned() {
    let mut rows = rows();
    let clear = section(&table(&rows));
    let (verdict, numbers) = sentence(&clear, "Deeper");
    assert!(verdict == "borne out" && !numbers.contains("meet"), "{numbers}");
    rows.push(Row::new("resnet", 3, 0.9885));
    let close = section(&table(&rows));
    let (verdict, numbers) = sentence(&close, "Deeper");
    assert!(verdict == "borne out" && numbers.ends_with("; the ranges of the seeds meet"), "{numbers}");
    rows.extend([4, 5].map(|seed| Row::new("resnet", seed, 0.98)));
    assert_eq!(sentence(&section(&table(&rows)), "Deeper").0, "not borne out");
    let without: Vec<Row> = self::rows().into_iter().filter(|row| row.network != "resnet").collect();
    let section = section(&table(&without));
    assert_eq!(sentence(&section, "Deeper"), ("not measured", "the table lacks the runs"));
}

#[test]
fn a_delay_in_the_test_only_is_used_where_none_was_trained() {
    let rows: Vec<Row> = rows().into_iter().filter(|row| row.delay == 0).collect();
    let section = section(&table(&rows));
    let (verdict, numbers) = sentence(&section, "RNN: far");
    assert_eq!(verdict, "borne out");
    assert!(numbers.contains("RNN: 0.9585, 0.6585 with 28 empty rows"), "{numbers}");
    assert!(!figures(&section).contains(&"delay-trained"));
}

#[test]
fn a_table_with_gaps_is_drawn_as_far_as_it_goes() {
    let one = table(&[Row::new("mlp", 1, 0.97)]);
    let drawn = section(&one);
    for name in ["accuracy", "moved", "epochs", "cost"] {
        assert!(figures(&drawn).contains(&name), "{name}: {:?}", figures(&drawn));
    }
    for name in ["images", "permuted", "delay", "gradient"] {
        assert!(drawn.missing.contains(&format!("no figure `{name}`: the table has no such results")), "{name}");
    }
    assert_eq!(sentence(&drawn, "MLP: simple").0, "not measured");

    // Other columns are not needed, cells may be wrong, and a network may be unknown.
    let bare = "network;validation accuracy;pixels;accuracy by epoch;moved 1;Seed\n\
                perceptron;0.5;in place;0.4 x 0.5;wrong;1\nmlp;;in place;;;1\nmlp;2;in place;;0.9;2\n";
    let drawn = section(bare);
    assert_eq!(figures(&drawn), ["accuracy", "epochs"]);
    assert_eq!(drawn.summary[0].rows[0][..3], ["perceptron", "0.5000", "0.5000"].map(str::to_owned));
    for line in ["line 3: the run has no accuracy", "line 4: the run has no accuracy"] {
        assert!(drawn.missing.contains(&line.to_owned()), "{:?}", drawn.missing);
    }
    let empty = section(&format!("{COLUMNS}\n"));
    assert!(empty.figures.is_empty());
    assert_eq!(empty.missing, ["no run has a result, so nothing is drawn"]);
}

/// Without the columns of methods, a table is that of a sweep.
#[test]
fn a_sweep_is_still_a_sweep() {
    let table = "Network,Activation,Learning Rate,Validation Accuracy\nmlp,relu,0.1,0.9\nrnn,relu,0.1,0.8\n";
    assert!(matches!(Source::read(table.as_bytes(), "a.csv").unwrap(), Source::Sweep(_)));
}
