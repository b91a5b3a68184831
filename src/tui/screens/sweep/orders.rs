//! Commands to a sweep under way.

use crate::{
    sweep::{RunStatus, SweepCommand},
    tui::{
        message::{Effect, Intent, Response},
        question::{Question, Sentence},
        screens::sweep::state::SweepScreen,
        session::{Session, log::Level},
    },
};

/// Asks whether to stop the sweep, if one is under way.
pub(super) fn ask_to_stop(session: &mut Session) -> Response {
    if !session.sweep.is_under_way() {
        session.notify(Level::Warn, "no sweep is running");
        return Response::none();
    }
    let text = [
        "Ended runs stay in the table.",
        "Runs in training are discarded; the same sweep, started again, trains them.",
    ];
    let text = text.map(Sentence::plain).to_vec();
    Intent::Ask(Question::decision("stop the sweep?", text, "stop the sweep", "continue")).into()
}

impl SweepScreen {
    /// Drops the runs of the cell under the cursor that have no row yet, or restores the dropped ones.
    pub(super) fn drop_or_restore(&mut self, session: &mut Session) -> Vec<Effect> {
        if !session.sweep.is_under_way() {
            session.notify(Level::Warn, "runs can be dropped only while the sweep is running");
            return Vec::new();
        }
        // The cursor stays, so that the same key undoes it.
        self.follows = false;
        let (Some(cell), Some(snapshot)) = (self.cell(), &session.sweep.snapshot) else { return Vec::new() };
        let numbers = |which: fn(&RunStatus) -> bool| {
            cell.runs.iter().copied().filter(|&number| which(&snapshot.runs[number].1)).collect::<Vec<_>>()
        };
        let open = numbers(|run| matches!(run, RunStatus::Waiting | RunStatus::Running(_)));
        let dropped = numbers(|run| matches!(run, RunStatus::Dropped));
        match (open.is_empty(), dropped.is_empty()) {
            (true, true) => {
                session.notify(Level::Warn, "it has already ended: its row stays in the table");
                Vec::new()
            }
            (true, false) => {
                dropped.into_iter().map(|number| Effect::SendToSweep(SweepCommand::Restore(number))).collect()
            }
            (false, _) => open.into_iter().map(|number| Effect::SendToSweep(SweepCommand::Drop(number))).collect(),
        }
    }
}
