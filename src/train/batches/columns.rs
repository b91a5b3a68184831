//! Means over a fraction of a second each: the columns of a sparkline.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::train::Progress;

/// Number of columns kept.
const MAX_COLUMNS: usize = 1_024;
/// Seconds of training that share one column.
const SECONDS_PER_COLUMN: f64 = 0.2;

/// Mean over some batches: one column of the sparklines.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    pub loss: f64,
    pub accuracy: f64,
    pub batches: u32,
    since: f64,
}

/// The newest columns, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Columns {
    columns: VecDeque<Column>,
    /// Whether the newest column is closed.
    is_closed: bool,
}

impl Columns {
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Column> {
        self.columns.iter()
    }

    pub fn len(&self) -> usize {
        self.columns.len()
    }

    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Closes the newest column, as a pause does: then each single step gets its own column.
    pub fn close(&mut self) {
        self.is_closed = true;
    }

    pub fn push(&mut self, progress: &Progress) {
        let is_closed = std::mem::take(&mut self.is_closed);
        if let Some(last) = self.columns.back_mut()
            && !is_closed
            && (0.0..SECONDS_PER_COLUMN).contains(&(progress.elapsed - last.since))
        {
            let (old, new) = (f64::from(last.batches), f64::from(progress.batches));
            last.loss = (last.loss * old + progress.batch_loss * new) / (old + new);
            last.accuracy = (last.accuracy * old + progress.batch_accuracy * new) / (old + new);
            last.batches = last.batches.saturating_add(progress.batches);
            return;
        }
        if self.columns.len() == MAX_COLUMNS {
            self.columns.pop_front();
        }
        self.columns.push_back(Column {
            loss: progress.batch_loss,
            accuracy: progress.batch_accuracy,
            batches: progress.batches,
            since: progress.elapsed,
        });
    }
}
