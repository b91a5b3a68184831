//! What a run is given, as people read it; with the numbers and times of [`crate::format`].

use crate::train::{Hyperparameters, Pooling, Value};

pub use crate::format::{ago, ago_width, clock, counted, grouped, loss, moment, rate, share, time};

/// A hyperparameter's value by itself.
pub fn value(value: Value) -> String {
    if let Value::Real(value) = value { rate(value) } else { value.to_string() }
}

pub fn pooling(pooling: Pooling) -> &'static str {
    match pooling {
        Pooling::Avg => "average pooling",
        Pooling::Max => "max pooling",
    }
}

/// `relu · adam 0.001 · batch 16 · average pooling · seed 1`
pub fn hyperparameters(hyper: &Hyperparameters, learning_rate: f32) -> String {
    format!(
        "{} · {} {} · batch {} · {} · seed {}",
        hyper.activation,
        hyper.optimizer,
        rate(learning_rate),
        grouped(hyper.batch_size),
        pooling(hyper.pooling),
        hyper.seed
    )
}
