//! Images whose answer changed from one evaluation to the next.

use crate::train::Evaluation;

/// Numbers of images whose answer changed from one evaluation to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AnswerChanges {
    /// Number of images that changed from wrong to right.
    pub right: u32,
    /// Number of images that changed from right to wrong.
    pub wrong: u32,
    /// Number of images that are wrong in both.
    pub still_wrong: u32,
}

impl AnswerChanges {
    /// Returns the changes, or `None` if predictions are missing: a loaded run has only its mistakes at first.
    pub fn between(before: &Evaluation, now: &Evaluation) -> Option<Self> {
        let images = now.predictions.len();
        if images != before.predictions.len() || images != now.total() as usize || images != before.total() as usize {
            return None;
        }
        let mut changes = Self::default();
        for (before, now) in before.predictions.iter().zip(&now.predictions) {
            match (before.is_correct(), now.is_correct()) {
                (false, true) => changes.right += 1,
                (true, false) => changes.wrong += 1,
                (false, false) => changes.still_wrong += 1,
                (true, true) => {}
            }
        }
        Some(changes)
    }
}
