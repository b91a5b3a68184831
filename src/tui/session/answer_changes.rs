//! Images whose answer changed from one evaluation to the next.

use std::collections::HashSet;

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
    /// Returns the changes, or `None` if mistakes are missing or the sets differ in size. Other predictions are not
    /// needed: a loaded run has only its mistakes.
    pub fn between(before: &Evaluation, now: &Evaluation) -> Option<Self> {
        let (before_wrong, now_wrong) = (wrong(before)?, wrong(now)?);
        if before.total() != now.total() {
            return None;
        }
        let count = |number: usize| number as u32;
        Some(Self {
            right: count(before_wrong.difference(&now_wrong).count()),
            wrong: count(now_wrong.difference(&before_wrong).count()),
            still_wrong: count(now_wrong.intersection(&before_wrong).count()),
        })
    }
}

/// Returns the indices of all misclassified images; `None` if some are missing.
fn wrong(evaluation: &Evaluation) -> Option<HashSet<u32>> {
    let wrong: HashSet<u32> = evaluation.mistakes().map(|prediction| prediction.index).collect();
    (wrong.len() as u64 == u64::from(evaluation.total()) - u64::from(evaluation.correct())).then_some(wrong)
}
