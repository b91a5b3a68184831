//! What a table of methods has beyond a sweep's: the measurements of each run.

use std::fmt::Display;

use serde::{Deserialize, Serialize};

use super::plan::Pixels;

/// Tests of the networks that were trained with their pixels in place: disturbances of the test images, and empty rows
/// behind them for recurrent networks. The names are columns of the table.
pub const TESTS: [&str; 35] = [
    "moved 1",
    "moved 2",
    "moved 3",
    "moved 4",
    "moved 5",
    "moved 6",
    "rotated 5",
    "rotated 10",
    "rotated 15",
    "rotated 20",
    "rotated 30",
    "rotated 45",
    "scaled 0.6",
    "scaled 0.7",
    "scaled 0.8",
    "scaled 0.9",
    "scaled 1.1",
    "scaled 1.2",
    "scaled 1.3",
    "scaled 1.4",
    "noise 0.1",
    "noise 0.2",
    "noise 0.3",
    "noise 0.4",
    "noise 0.5",
    "lines 1",
    "lines 2",
    "lines 3",
    "delay 7",
    "delay 14",
    "delay 28",
    "delay 56",
    "delay 84",
    "delay 112",
    "delay 168",
];

/// Columns before and after those of [`TESTS`].
const BEFORE: [&str; 6] = ["Pixels", "Parameters", "Images per Second", "Memory", "Epochs to 98%", "Accuracy by Epoch"];
const AFTER: &str = "Gradient by Step";

/// Columns of the measurements, in their order.
pub(in crate::sweep) const COLUMNS: [&str; BEFORE.len() + TESTS.len() + 1] = {
    let mut columns = [AFTER; BEFORE.len() + TESTS.len() + 1];
    let mut place = 0;
    while place < BEFORE.len() + TESTS.len() {
        columns[place] = if place < BEFORE.len() { BEFORE[place] } else { TESTS[place - BEFORE.len()] };
        place += 1;
    }
    columns
};

/// Measurements of a run in a comparison of methods. Only the first ones are known of a run that is not done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measurements {
    pub pixels: Pixels,
    /// Number of the network's parameters.
    pub parameters: u32,
    /// Bytes of parameters, gradients, moments, and the layers' outputs for one batch.
    pub memory: u64,
    /// Speed of training on one thread.
    pub images_per_second: Option<f64>,
    /// Epochs until the accuracy on the test set is 98 %.
    pub epochs_to_98: Option<u32>,
    /// Accuracy on the test set after each epoch, 0 to 1.
    pub accuracy_by_epoch: Vec<f64>,
    /// Accuracy on each of [`TESTS`], where it applies.
    #[serde(with = "by_test")]
    pub tests: [Option<f64>; TESTS.len()],
    /// Norm of the loss's gradient by the state after each time step, of a recurrent network.
    pub gradient_by_step: Vec<f64>,
}

impl Measurements {
    /// Returns the accuracy on one of [`TESTS`].
    pub fn test(&self, name: &str) -> Option<f64> {
        self.tests[TESTS.iter().position(|test| *test == name)?]
    }

    /// Returns the text of a column, if it is one of these.
    pub(in crate::sweep) fn cell(&self, column: &str) -> Option<String> {
        Some(match column {
            "Pixels" => self.pixels.to_string(),
            "Parameters" => self.parameters.to_string(),
            "Memory" => self.memory.to_string(),
            "Images per Second" => optional(self.images_per_second),
            "Epochs to 98%" => optional(self.epochs_to_98),
            "Accuracy by Epoch" => joined(&self.accuracy_by_epoch),
            AFTER => joined(&self.gradient_by_step),
            test => optional(self.tests[TESTS.iter().position(|name| *name == test)?]),
        })
    }

    /// Parses the measurements of a row. `cell` returns the text of a column.
    ///
    /// # Errors
    /// Returns the column and its error.
    pub(in crate::sweep) fn parse<'a>(cell: impl Fn(&str) -> &'a str) -> Result<Self, String> {
        let error = |column: &str, reason: String| format!("{column}: {reason}");
        let expected = |column: &str, what: &str| error(column, format!("expected {what}, found `{}`", cell(column)));
        let number = |column: &str| match cell(column) {
            "" => Ok(None),
            text => {
                let number = text.parse().ok().filter(|number: &f64| number.is_finite());
                number.map(Some).ok_or_else(|| expected(column, "a number"))
            }
        };
        let numbers = |column: &str| {
            let all: Option<Vec<f64>> = cell(column).split_whitespace().map(|text| text.parse().ok()).collect();
            all.ok_or_else(|| expected(column, "numbers"))
        };
        let whole = |column: &str| cell(column).parse::<u64>().map_err(|_| expected(column, "a number"));
        let count = |column: &str| {
            whole(column).and_then(|count| u32::try_from(count).map_err(|_| expected(column, "a smaller number")))
        };
        let mut tests = [None; TESTS.len()];
        for (value, column) in tests.iter_mut().zip(TESTS) {
            *value = number(column)?;
        }
        Ok(Self {
            pixels: cell("Pixels")
                .parse()
                .map_err(|unknown: crate::choice::UnknownName| error("Pixels", unknown.to_string()))?,
            parameters: count("Parameters")?,
            memory: whole("Memory")?,
            images_per_second: number("Images per Second")?,
            epochs_to_98: if cell("Epochs to 98%").is_empty() { None } else { Some(count("Epochs to 98%")?) },
            accuracy_by_epoch: numbers("Accuracy by Epoch")?,
            tests,
            gradient_by_step: numbers(AFTER)?,
        })
    }
}

fn optional(value: Option<impl Display>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn joined(numbers: &[f64]) -> String {
    numbers.iter().map(f64::to_string).collect::<Vec<_>>().join(" ")
}

/// Serialises an array that is too long for serde.
mod by_test {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    use super::TESTS;

    type Tests = [Option<f64>; TESTS.len()];

    pub(super) fn serialize<S: Serializer>(tests: &Tests, serializer: S) -> Result<S::Ok, S::Error> {
        tests.as_slice().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tests, D::Error> {
        let tests = Vec::deserialize(deserializer)?;
        let expected = format!("{} tests", TESTS.len());
        Tests::try_from(tests).map_err(|tests| D::Error::invalid_length(tests.len(), &expected.as_str()))
    }
}
