//! The list of hyperparameters.

use std::ops::{Bound, RangeBounds};

use super::{Hyperparameters, Value};
use crate::{
    choice::{UnknownName, choice},
    format::{grouped, listed},
};

choice! {
    #[derive(PartialOrd, Ord)]
    /// A hyperparameter, with its name in sentences. Flags, forms, tables and texts loop over [`Hyperparameter::ALL`],
    /// in this order unless an older order has to stay.
    Hyperparameter {
        Network = "network",
        Delay = "delay",
        Activation = "activation",
        Optimizer = "optimizer",
        LearningRate = "learning rate",
        Momentum = "momentum",
        BatchSize = "batch size",
        Epochs = "epochs",
        Pooling = "pooling",
        Seed = "seed",
        Schedule = "schedule",
        WarmUp = "warm-up",
        WeightDecay = "weight decay",
        Clipping = "clipping",
        LabelSmoothing = "label smoothing",
        TeacherWeight = "teacher weight",
        TeacherTemperature = "teacher temperature",
        Dropout = "dropout",
        Ema = "EMA",
        Rotation = "rotation",
        Shift = "shift",
        Scaling = "scaling",
        Shear = "shear",
        Elastic = "elastic",
        Patience = "patience",
        StopAt = "stop at",
    }
}

/// Error for a hyperparameter outside its range.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{name} must be {expected}, not {found}")]
pub struct InvalidHyperparameter {
    pub name: &'static str,
    pub expected: String,
    pub found: String,
}

/// Command-line flag.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// Name without the dashes.
    pub name: &'static str,
    /// Placeholder of the value.
    pub value: &'static str,
    /// Help text without range and default.
    pub help: &'static str,
}

/// Set of values that a hyperparameter accepts.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Names(&'static [&'static str]),
    Real {
        range: (Bound<f32>, Bound<f32>),
        /// Example value for error messages.
        example: f32,
        /// Round values, ascending, which keys step through.
        steps: &'static [f32],
    },
    Whole {
        range: (u64, u64),
        /// Next value up or down, possibly outside the range.
        next: fn(u64, bool) -> u64,
    },
}

/// Hyperparameters of version 0.1.0.
const ORIGINAL: [Hyperparameter; 7] = [
    Hyperparameter::Activation,
    Hyperparameter::Pooling,
    Hyperparameter::Optimizer,
    Hyperparameter::LearningRate,
    Hyperparameter::BatchSize,
    Hyperparameter::Epochs,
    Hyperparameter::Seed,
];

impl Hyperparameter {
    /// Returns all hyperparameters, beginning with those in `first`.
    pub fn starting_with(first: &'static [Self]) -> impl Iterator<Item = Self> {
        let others = Self::ALL.iter().filter(|each| !first.contains(each));
        first.iter().chain(others).copied()
    }

    pub fn kind(self) -> Kind {
        self.info().kind
    }

    /// Returns a one-line description.
    pub fn doc(self) -> &'static str {
        self.info().doc
    }

    /// Returns the flag for a single value.
    pub fn flag(self) -> Flag {
        self.info().flag
    }

    /// Returns the flag for several values in a sweep; `None` if a sweep has only one.
    pub fn swept_flag(self) -> Option<Flag> {
        self.info().swept
    }

    /// Returns whether a sweep may have several values of it.
    pub fn is_swept(self) -> bool {
        self.swept_flag().is_some()
    }

    /// Returns whether it was added after version 0.1.0. Tables, keys and names mention such a hyperparameter only
    /// where it is not the default, so that those of version 0.1.0 stay valid.
    pub fn is_later(self) -> bool {
        !ORIGINAL.contains(&self)
    }

    /// Returns the name of its column in a sweep's table.
    pub fn column(self) -> &'static str {
        self.info().column
    }

    /// Returns the choices of another hyperparameter without which runs ignore this one; `None` if all runs use it.
    pub fn needs(self) -> Option<(Self, &'static [&'static str])> {
        self.info().needs
    }

    /// Returns whether forms leave it out where runs ignore it.
    pub fn is_optional(self) -> bool {
        matches!(self, Self::Delay | Self::WarmUp | Self::Dropout)
    }

    /// Returns a short name for narrow places.
    pub fn short_name(self) -> &'static str {
        self.info().short
    }

    /// Returns the names to choose from; `None` for a number.
    pub fn names(self) -> Option<&'static [&'static str]> {
        if let Kind::Names(names) = self.kind() { Some(names) } else { None }
    }

    /// Returns the default value.
    pub fn default_value(self) -> Value {
        Hyperparameters::default().get(self)
    }

    /// Describes a value in a word or two: `relu`, `0.001`, `batch 16`, `average pooling`, `seed 1`.
    pub fn words(self, value: Value) -> String {
        match (self, value) {
            (Self::Pooling, Value::Name("avg")) => "average pooling".to_owned(),
            (Self::Pooling, pooling) => format!("{pooling} pooling"),
            (Self::LearningRate, value) | (_, value @ Value::Name(_)) => value.readable(),
            (Self::BatchSize, Value::Whole(size)) => format!("batch {}", grouped(size)),
            (_, value) => format!("{} {}", self.short_name(), value.readable()),
        }
    }

    /// Describes the range, if there is one.
    pub fn range(self) -> Option<String> {
        match self.kind() {
            Kind::Names([]) | Kind::Whole { range: (0, u64::MAX), .. } => None,
            Kind::Names(names) => Some(listed(names, "or")),
            Kind::Real { range: (least, most), .. } => {
                let least = match least {
                    Bound::Included(least) => format!("{least} or more and "),
                    Bound::Excluded(least) => format!("above {least} and "),
                    Bound::Unbounded => String::new(),
                };
                Some(match most {
                    Bound::Included(most) => format!("{least}at most {most}"),
                    Bound::Excluded(most) => format!("{least}below {most}"),
                    Bound::Unbounded => least,
                })
            }
            Kind::Whole { range: (least, most), .. } => Some(format!("{least} to {most}")),
        }
    }

    /// Checks that a value is in its range.
    ///
    /// # Errors
    /// If the value is outside.
    pub fn check(self, value: impl Into<Value>) -> Result<(), InvalidHyperparameter> {
        let value = value.into();
        let holds = match (self.kind(), value) {
            (Kind::Names(names), Value::Name(name)) => names.contains(&name),
            (Kind::Real { range, .. }, Value::Real(value)) => range.contains(&value),
            (Kind::Whole { range: (least, most), .. }, Value::Whole(value)) => (least..=most).contains(&value),
            _ => false,
        };
        holds.then_some(()).ok_or_else(|| InvalidHyperparameter {
            name: self.name(),
            expected: self.range().unwrap_or_default(),
            found: value.to_string(),
        })
    }

    /// Parses a value as tables store it, without checking its range.
    ///
    /// # Errors
    /// Returns what was expected and what was found.
    pub fn parse(self, text: &str) -> Result<Value, String> {
        let number = match self.kind() {
            Kind::Names(names) => return named(names, text).map_err(|error| error.to_string()),
            Kind::Real { .. } => text.parse().ok().map(Value::Real),
            Kind::Whole { range: (_, most), .. } => {
                let fits = |value: &u64| u32::try_from(*value).is_ok() || most > u32::MAX.into();
                text.parse().ok().filter(fits).map(Value::Whole)
            }
        };
        number.ok_or_else(|| format!("expected a number, found `{text}`"))
    }

    /// Parses a value as people type it, and checks its range.
    ///
    /// # Errors
    /// Returns what was expected and what was typed.
    pub fn typed(self, text: &str) -> Result<Value, String> {
        let value = match self.kind() {
            Kind::Names(names) => named(names, text).map_err(|error| error.to_string())?,
            Kind::Real { example, .. } => {
                Value::Real(text.parse().map_err(|_| format!("a number such as {example}, not `{text}`"))?)
            }
            Kind::Whole { range: (_, most), .. } => match whole(text)? {
                value if value > most && value > u32::MAX.into() => return Err(format!("at most {most}, not {value}")),
                value => Value::Whole(value),
            },
        };
        self.check(value).map_err(|error| format!("{}, not {}", error.expected, error.found))?;
        Ok(value)
    }

    /// Returns the next value up or down.
    pub fn step(self, value: Value, up: bool) -> Value {
        match (self.kind(), value) {
            (Kind::Names(names), Value::Name(name)) => {
                let place = names.iter().position(|&each| each == name).unwrap_or(0);
                Value::Name(names[(place + if up { 1 } else { names.len() - 1 }) % names.len()])
            }
            (Kind::Real { steps, .. }, Value::Real(value)) => Value::Real(next_of(steps, value, up)),
            (Kind::Whole { range: (least, most), next }, Value::Whole(value)) => {
                Value::Whole(next(value, up).clamp(least, most))
            }
            (_, value) => value,
        }
    }
}

/// Finds a name, ignoring case.
fn named(names: &[&'static str], text: &str) -> Result<Value, UnknownName> {
    let found = names.iter().find(|name| name.eq_ignore_ascii_case(text));
    found.map(|name| Value::Name(name)).ok_or_else(|| UnknownName { expected: names.to_vec(), found: text.to_owned() })
}

/// Parses a whole number whose digits may be grouped.
///
/// # Errors
/// If `text` is not a whole number.
pub fn whole(text: &str) -> Result<u64, String> {
    let digits: String = text.chars().filter(|&char| char != ',' && char != '_').collect();
    digits.parse().map_err(|_| format!("a whole number, not `{text}`"))
}

/// Returns the next value up or down in `steps`, which ascend.
fn next_of(steps: &[f32], value: f32, up: bool) -> f32 {
    let next = match up {
        true => steps.iter().find(|&&step| step > value * 1.000_1),
        false => steps.iter().rfind(|&&step| step < value * 0.999_9),
    };
    next.copied().unwrap_or(value)
}
