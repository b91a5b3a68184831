//! The table of compared methods: a row per run.

use std::collections::BTreeSet;

use crate::{
    format::{counted, sanitized},
    nn::Architecture,
    sheet::{Row, Sheet},
    sweep::survey::Summary,
};

/// A run of the comparison. Numbers that the table lacks are `None` or empty.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Run {
    pub network: String,
    pub accuracy: f64,
    /// Number of training images.
    pub images: Option<u64>,
    /// Whether it was trained and tested on permuted pixels.
    pub is_permuted: bool,
    /// Empty rows after each image, in training and in the test.
    pub delay: u64,
    pub epochs: Option<f64>,
    pub seconds_per_epoch: Option<f64>,
    /// Training images per second on one thread.
    pub speed: Option<f64>,
    pub parameters: Option<f64>,
    /// In bytes.
    pub memory: Option<f64>,
    /// First epoch with an accuracy of 98 %, if there was one.
    pub epochs_to_98: Option<f64>,
    /// Accuracy after each epoch.
    pub curve: Vec<f64>,
    /// Accuracy by test: its kind, its strength, and the accuracy.
    pub tests: Vec<(String, f64, f64)>,
    /// Norm of the gradient by time step.
    pub gradient: Vec<f64>,
}

/// Table of compared methods.
#[derive(Clone, Debug, PartialEq)]
pub struct Methods {
    pub(super) runs: Vec<Run>,
    /// Networks that occur, in their usual order; unknown ones last.
    pub(super) networks: Vec<String>,
    /// What all runs have in common.
    pub(super) about: String,
    /// Lines that are not included, and why.
    pub(super) faults: Vec<String>,
}

/// Columns by which the table is recognised.
const RECOGNISED_BY: [&str; 3] = ["Validation Accuracy", "Pixels", "Accuracy by Epoch"];
/// A column, and how to write a value of it.
type Common = (&'static str, fn(&str) -> String);
/// Columns named in the first line of the section where all rows agree.
const COMMON: [Common; 5] = [
    ("Data Set", str::to_owned),
    ("Optimizer", str::to_owned),
    ("Learning Rate", |rate| format!("rate {rate}")),
    ("Batch Size", |size| format!("batch {size}")),
    ("Seed", |seed| format!("seed {seed}")),
];

impl Methods {
    /// Reads a table; `None` if it is of another kind.
    pub(crate) fn of(sheet: &Sheet) -> Option<Self> {
        if !RECOGNISED_BY.iter().all(|name| column(sheet, name).is_some()) {
            return None;
        }
        let mut faults: Vec<String> =
            sheet.faults.iter().map(|(line, reason)| format!("line {line}: {reason}")).collect();
        let mut runs = Vec::new();
        for row in &sheet.rows {
            match run(sheet, row) {
                Some(run) => runs.push(run),
                None => faults.push(format!("line {}: the run has no accuracy", row.line)),
            }
        }
        let known = Architecture::NAMES.iter().map(|&name| name.to_owned());
        let mut networks: Vec<String> = known.filter(|name| runs.iter().any(|run| run.network == *name)).collect();
        for run in &runs {
            if !networks.contains(&run.network) {
                networks.push(run.network.clone());
            }
        }
        let common = COMMON.iter().filter_map(|(name, text)| {
            let values = sheet.distinct(column(sheet, name)?);
            match values.iter().next() {
                Some(value) if values.len() == 1 => Some(text(&sanitized(value))),
                Some(_) if *name == "Seed" => Some(format!("{} seeds", values.len())),
                _ => None,
            }
        });
        let common: Vec<String> = common.collect();
        let mut methods = Self { runs, networks, about: String::new(), faults };
        // Small training sets may be trained for more epochs.
        let epochs = sorted(methods.plain().filter_map(|run| run.epochs));
        let epochs = (epochs.len() == 1).then(|| counted(epochs[0] as u64, "epoch"));
        methods.about = common.into_iter().chain(epochs).collect::<Vec<_>>().join(" · ");
        Some(methods)
    }

    /// Returns the number of training images of the runs with a delay, the largest if there are several.
    pub(super) fn images_of_delays(&self) -> Option<u64> {
        self.runs.iter().filter(|run| run.delay > 0).filter_map(|run| run.images).max()
    }

    /// Returns the runs on all images, with pixels in place and without a delay.
    pub(super) fn plain(&self) -> impl Iterator<Item = &Run> {
        let most = self.most_images();
        self.runs.iter().filter(move |run| run.images == most && !run.is_permuted && run.delay == 0)
    }

    pub(super) fn plain_of(&self, network: &str) -> impl Iterator<Item = &Run> {
        self.plain().filter(move |run| run.network == network)
    }

    /// Returns the largest number of training images.
    pub(super) fn most_images(&self) -> Option<u64> {
        self.runs.iter().filter_map(|run| run.images).max()
    }

    /// Returns the strengths of a test, ascending.
    pub(super) fn strengths(&self, kind: &str) -> Vec<f64> {
        let tests = self.plain().flat_map(|run| &run.tests).filter(|test| test.0 == kind);
        sorted(tests.map(|test| test.1))
    }
}

impl Run {
    pub(super) fn test(&self, kind: &str, strength: f64) -> Option<f64> {
        self.tests.iter().find(|test| test.0 == kind && test.1 == strength).map(|test| test.2)
    }
}

/// Returns distinct finite numbers in ascending order.
pub(super) fn sorted(numbers: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut numbers: Vec<f64> = numbers.filter(|number| number.is_finite()).collect();
    numbers.sort_by(f64::total_cmp);
    numbers.dedup();
    numbers
}

/// Summarizes a number of some runs; `None` if no run has it.
pub(super) fn summary<'a>(
    runs: impl Iterator<Item = &'a Run>,
    number: impl Fn(&Run) -> Option<f64>,
) -> Option<Summary> {
    Summary::of(&runs.filter_map(number).collect::<Vec<_>>())
}

/// Returns the name of a network for people.
pub(super) fn title(network: &str) -> String {
    network.parse().map_or_else(|_| network.to_owned(), |known: Architecture| known.title().to_owned())
}

fn column(sheet: &Sheet, name: &str) -> Option<usize> {
    sheet.names.iter().position(|column| column.eq_ignore_ascii_case(name))
}

fn run(sheet: &Sheet, row: &Row) -> Option<Run> {
    const TESTS: [&str; 6] = ["moved", "rotated", "scaled", "noise", "lines", "delay"];
    let text = |name: &str| row.cells.get(column(sheet, name)?).map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
    let number = |name: &str| sheet.number(text(name)?).filter(|number| number.is_finite());
    let share = |name: &str| number(name).filter(|share| (0.0..=1.0).contains(share));
    let list = |name: &str| -> Vec<f64> {
        let numbers = text(name).unwrap_or_default().split_whitespace().map(str::parse::<f64>);
        numbers.map_while(Result::ok).take_while(|number| number.is_finite()).collect()
    };
    let test = |name: &String| {
        let (kind, strength) = name.split_once(' ')?;
        let kind = TESTS.iter().find(|test| test.eq_ignore_ascii_case(kind))?;
        Some(((*kind).to_owned(), strength.parse().ok()?, share(name)?))
    };
    let distinct: BTreeSet<&String> = sheet.names.iter().collect();
    let (epochs, seconds) = (number("Epochs"), number("Seconds"));
    Some(Run {
        network: text("Network")
            .map_or_else(|| Architecture::default().to_string(), |name| sanitized(name).to_lowercase()),
        accuracy: share("Validation Accuracy")?,
        images: number("Training Images").map(|images| images as u64),
        is_permuted: text("Pixels").is_some_and(|pixels| pixels.eq_ignore_ascii_case("permuted")),
        delay: number("Delay").map_or(0, |delay| delay as u64),
        epochs,
        seconds_per_epoch: epochs.zip(seconds).filter(|(epochs, _)| *epochs > 0.0).map(|(epochs, all)| all / epochs),
        speed: number("Images per Second"),
        parameters: number("Parameters"),
        memory: number("Memory"),
        epochs_to_98: number("Epochs to 98%"),
        curve: list("Accuracy by Epoch"),
        tests: distinct.into_iter().filter_map(test).collect(),
        gradient: list("Gradient by Step"),
    })
}
