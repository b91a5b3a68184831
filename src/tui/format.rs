//! Hyperparameters as text for people, besides the numbers and times of [`crate::format`].

use crate::train::{Hyperparameter, Hyperparameters, Limits};

pub(crate) use crate::format::{
    ago, ago_width, clock, counted, grouped, loss, moment, percent, rate, rounded, share, time,
};

/// Returns the learning rate at the beginning of a run and, if different, at its end: `0.001→0.5`.
pub(crate) fn rates(first: f32, last: f32) -> String {
    if first == last { rate(first) } else { format!("{}→{}", rate(first), rate(last)) }
}

/// Returns a run's hyperparameters in words, without the number of epochs and without what goes without saying.
/// `learning_rate` is the one in force at its end.
pub(crate) fn words(hyper: &Hyperparameters, learning_rate: f32) -> impl Iterator<Item = (Hyperparameter, String)> {
    let mentioned =
        Hyperparameter::ALL.iter().filter(|&&which| which != Hyperparameter::Epochs && hyper.mentions(which));
    mentioned.map(move |&which| match which {
        Hyperparameter::LearningRate => (which, rates(hyper.learning_rate, learning_rate)),
        _ => (which, which.words(hyper.get(which))),
    })
}

/// Returns a run's hyperparameters on one line: `relu · adam 0.001 · batch 16 · average pooling · seed 1`.
pub(crate) fn hyperparameters(hyper: &Hyperparameters, learning_rate: f32) -> String {
    let mut text = String::new();
    for (which, words) in words(hyper, learning_rate) {
        text += match which {
            _ if text.is_empty() => "",
            Hyperparameter::LearningRate => " ",
            _ => " · ",
        };
        text += &words;
    }
    text
}

/// Returns each limit of the images in words, and an empty text for one that is not set.
pub(crate) fn limits(limits: &Limits) -> [String; 3] {
    let first = |limit: Option<u32>, what: &str| {
        limit.map_or_else(String::new, |limit| format!("first {} {what}", grouped(limit)))
    };
    let holdout = if limits.holdout > 0 { format!("holdout {}", grouped(limits.holdout)) } else { String::new() };
    [first(limits.train, "images"), first(limits.test, "test images"), holdout]
}
