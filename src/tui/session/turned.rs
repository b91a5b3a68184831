//! Images whose answer changed from one evaluation to the next.

use crate::train::Evaluation;

/// Images whose answer changed from one evaluation to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turned {
    /// From wrong to right.
    pub right: u32,
    /// From right to wrong.
    pub wrong: u32,
    /// Wrong before and now.
    pub still_wrong: u32,
}

impl Turned {
    /// `None` where either has not all of its predictions: of a loaded run the mistakes alone are kept at first.
    pub fn between(before: &Evaluation, now: &Evaluation) -> Option<Self> {
        let images = now.predictions.len();
        if images != before.predictions.len() || images != now.total() as usize || images != before.total() as usize {
            return None;
        }
        let mut turned = Self::default();
        for (before, now) in before.predictions.iter().zip(&now.predictions) {
            match (before.is_correct(), now.is_correct()) {
                (false, true) => turned.right += 1,
                (true, false) => turned.wrong += 1,
                (false, false) => turned.still_wrong += 1,
                (true, true) => {}
            }
        }
        Some(turned)
    }
}
