//! Questions that wait for an answer.

use std::path::PathBuf;

use crate::{
    train::Command,
    tui::{keys::line_edit::Line, message::Effect, session::library::run::Removal},
};

/// A number of these is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    Steps,
    Epochs,
}

/// A run that is to take the place of the present one.
#[derive(Clone, Debug, PartialEq)]
pub struct Next {
    /// For a worker that is there.
    pub(crate) command: Command,
    /// Where there is none.
    pub(crate) start: Effect,
    /// Once it is there.
    pub(crate) rate: Option<f32>,
    /// It is to be trained on at once.
    pub(crate) goes_on: bool,
}

/// What waits for an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Prompt {
    Count {
        what: Count,
        line: Line,
        error: Option<String>,
    },
    /// A digit to filter by: the true one, or the predicted one.
    Digit {
        predicted: bool,
    },
    /// The digit that the next test image is to show.
    NextOf,
    /// A picture's file.
    Path {
        /// To be written; else to be read.
        save: bool,
        line: Line,
        error: Option<String>,
    },
    /// The folder to save the run in, where its own takes nothing.
    Folder {
        line: Line,
        error: Option<String>,
    },
    /// Another name for the run in this folder.
    Rename {
        run: PathBuf,
        line: Line,
        error: Option<String>,
    },
    /// Words that runs are filtered by, at once, and those before.
    Filter {
        line: Line,
        before: String,
    },
    Delete(Removal),
    /// The present run could not be saved, and is to give way.
    Lose(Box<Next>),
    Quit,
    StopSweep,
}
