//! The value of a hyperparameter.

use std::fmt;

use serde::Serialize;

use crate::{
    format::rate,
    nn::{Activation, Architecture, OptimizerKind, Pooling},
    train::Schedule,
};

/// Value of a hyperparameter. Its text can be parsed by [`Hyperparameter::parse`](super::Hyperparameter::parse).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    Name(&'static str),
    Real(f32),
    Whole(u64),
}

const WRONG_KIND: &str = "a value of the hyperparameter's kind";

impl Value {
    /// Returns the value without trailing zeros: `0.001`, `1e-7`.
    pub fn readable(self) -> String {
        if let Self::Real(value) = self { rate(value) } else { self.to_string() }
    }

    pub(super) fn choice<T: std::str::FromStr>(self) -> T {
        if let Self::Name(name) = self { name.parse().ok() } else { None }.expect(WRONG_KIND)
    }

    pub(super) fn real(self) -> f32 {
        if let Self::Real(value) = self { Some(value) } else { None }.expect(WRONG_KIND)
    }

    pub(super) fn whole(self) -> u64 {
        if let Self::Whole(value) = self { Some(value) } else { None }.expect(WRONG_KIND)
    }

    /// Returns the value, or [`u32::MAX`], which no range includes, if it is larger.
    pub(super) fn count(self) -> u32 {
        u32::try_from(self.whole()).unwrap_or(u32::MAX)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(f),
            Self::Real(value) => value.fmt(f),
            Self::Whole(value) => value.fmt(f),
        }
    }
}

impl From<Architecture> for Value {
    fn from(value: Architecture) -> Self {
        Self::Name(value.name())
    }
}

impl From<Activation> for Value {
    fn from(value: Activation) -> Self {
        Self::Name(value.name())
    }
}

impl From<Pooling> for Value {
    fn from(value: Pooling) -> Self {
        Self::Name(value.name())
    }
}

impl From<OptimizerKind> for Value {
    fn from(value: OptimizerKind) -> Self {
        Self::Name(value.name())
    }
}

impl From<Schedule> for Value {
    fn from(value: Schedule) -> Self {
        Self::Name(value.name())
    }
}

impl From<f32> for Value {
    fn from(value: f32) -> Self {
        Self::Real(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Whole(value.into())
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Whole(value)
    }
}
