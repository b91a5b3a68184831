//! What a run is given, as people read it; with the numbers and times of [`crate::format`].

use crate::train::{Hyperparameter, Hyperparameters};

pub(crate) use crate::format::{ago, ago_width, clock, counted, grouped, loss, moment, rate, share, time};

/// Returns what was chosen for a run in words, but for the epochs and what goes without saying.
pub(crate) fn words(hyper: &Hyperparameters, learning_rate: f32) -> impl Iterator<Item = (Hyperparameter, String)> {
    let said = Hyperparameter::ALL.iter().filter(|&&which| which != Hyperparameter::Epochs && hyper.mentions(which));
    said.map(move |&which| match which {
        Hyperparameter::LearningRate => (which, which.words(learning_rate.into())),
        _ => (which, which.words(hyper.get(which))),
    })
}

/// `relu · adam 0.001 · batch 16 · average pooling · seed 1`
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
