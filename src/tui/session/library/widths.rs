//! Texts of a run in the list, and the column widths over all runs: measured when runs are read, not in each frame.

use crate::{
    format::{cut, sanitized, width},
    train::{Hyperparameter, Hyperparameters, Pooling},
    tui::{
        format,
        session::library::run::{Contents, SavedRun},
    },
};

/// Maximum width of a data set's name.
const MAX_DATA_WIDTH: usize = 12;

/// Greatest width of each text, in terminal columns.
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
    cut(&sanitized(&contents.spec.dataset.name), MAX_DATA_WIDTH)
}

/// Returns the epochs done and in total: `3/10`, or `3+/10` if part of the next epoch is done.
pub(crate) fn epochs(contents: &Contents) -> String {
    let more = if contents.step > 0 { "+" } else { "" };
    format!("{}{more}/{}", contents.epochs_done, contents.spec.hyper.epochs)
}

/// Returns the hyperparameters in short: `relu adam 0.001 b16`, and those that are not the default.
pub(crate) fn short(hyper: &Hyperparameters, rate: f32) -> String {
    let parts = format::words(hyper, rate).filter_map(|(which, words)| match which {
        Hyperparameter::BatchSize => Some(format!("b{}", hyper.batch_size)),
        Hyperparameter::Pooling => (hyper.pooling == Pooling::Max).then(|| hyper.pooling.to_string()),
        Hyperparameter::Seed => None,
        _ => Some(words),
    });
    parts.collect::<Vec<_>>().join(" ")
}
