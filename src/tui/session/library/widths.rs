//! What the list shows of a run as text, and how wide that is over all runs: measured when they are read, not in each frame.

use crate::{
    format::{cut, sanitized, width},
    train::{Hyperparameter, Hyperparameters, Pooling},
    tui::{
        format,
        session::library::run::{Contents, SavedRun},
    },
};

const LONGEST_DATA: usize = 12;

/// The widest of each column, in the terminal's columns.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Widths {
    pub name: usize,
    pub data: usize,
    pub parameters: usize,
    pub short_parameters: usize,
    pub epochs: usize,
}

impl Widths {
    pub(crate) fn of(runs: &[SavedRun]) -> Self {
        let mut widest = Self::default();
        for (run, contents) in runs.iter().filter_map(|run| Some((run, run.newest()?))) {
            let (hyper, rate) = (&contents.spec.hyper, contents.learning_rate);
            widest = Self {
                name: widest.name.max(width(&sanitized(&run.short_name()))),
                data: widest.data.max(width(&data(contents))),
                parameters: widest.parameters.max(width(&format::hyperparameters(hyper, rate))),
                short_parameters: widest.short_parameters.max(width(&short(hyper, rate))),
                epochs: widest.epochs.max(width(&epochs(contents))),
            };
        }
        widest
    }
}

pub(crate) fn data(contents: &Contents) -> String {
    cut(&sanitized(&contents.spec.dataset.name), LONGEST_DATA)
}

/// A plus: some of the next epoch, too.
pub(crate) fn epochs(contents: &Contents) -> String {
    let more = if contents.step > 0 { "+" } else { "" };
    format!("{}{more}/{}", contents.epochs_done, contents.spec.hyper.epochs)
}

/// `relu adam 0.001 b16`, and what is not the default.
pub(crate) fn short(hyper: &Hyperparameters, rate: f32) -> String {
    let words = format::words(hyper, rate).filter_map(|(which, words)| match which {
        Hyperparameter::BatchSize => Some(format!("b{}", hyper.batch_size)),
        Hyperparameter::Pooling => (hyper.pooling == Pooling::Max).then(|| hyper.pooling.to_string()),
        Hyperparameter::Seed => None,
        _ => Some(words),
    });
    words.collect::<Vec<_>>().join(" ")
}
