//! States of saved runs that train in the background, as they report them.

use std::{collections::HashMap, path::PathBuf};

use crate::{background::wire::Status, train::BackgroundRun, tui::session::library::run::SavedRun};

/// Minimum seconds between two questions.
const SECONDS_BETWEEN: u64 = 1;

/// States of the runs that train in the background.
#[derive(Clone, Debug, Default)]
pub(crate) struct BackgroundStates {
    /// Last answers, by socket; `None` before the first.
    states: HashMap<PathBuf, Option<Result<Status, String>>>,
    /// Time of the last question, in seconds since 1970.
    asked_at: u64,
    /// Whether the answers are pending.
    is_asking: bool,
}

impl BackgroundStates {
    /// Sets the runs that train in the background.
    pub(crate) fn list(&mut self, runs: &[SavedRun]) {
        let mut before = std::mem::take(&mut self.states);
        let sockets = runs.iter().filter_map(SavedRun::background).map(|run| run.socket.clone());
        self.states = sockets.map(|socket| (socket.clone(), before.remove(&socket).flatten())).collect();
    }

    /// Returns the state of a run, once it has reported it.
    pub(crate) fn state(&self, run: &BackgroundRun) -> Option<&Status> {
        self.states.get(&run.socket)?.as_ref()?.as_ref().ok().filter(|status| status.process == run.process)
    }

    /// Returns the time of the next question, unless there is nothing to ask, or answers are pending.
    pub(crate) fn due_at(&self) -> Option<u64> {
        (!self.states.is_empty() && !self.is_asking).then_some(self.asked_at + SECONDS_BETWEEN)
    }

    /// Begins a question, and returns the sockets of those to ask.
    pub(crate) fn ask(&mut self, now: u64) -> Vec<PathBuf> {
        (self.asked_at, self.is_asking) = (now, true);
        let mut sockets: Vec<PathBuf> = self.states.keys().cloned().collect();
        sockets.sort();
        sockets
    }

    /// Stores the answers. Returns whether a run no longer answers.
    pub(crate) fn answered(&mut self, answers: Vec<(PathBuf, Result<Status, String>)>) -> bool {
        self.is_asking = false;
        let mut is_any_lost = false;
        for (socket, answer) in answers {
            if let Some(state) = self.states.get_mut(&socket) {
                is_any_lost |= answer.is_err() && !matches!(state, Some(Err(_)));
                *state = Some(answer);
            }
        }
        is_any_lost
    }
}
