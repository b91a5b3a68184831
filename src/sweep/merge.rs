//! Tables of shards, brought together.

use std::path::PathBuf;

use super::{grid::Grid, table::Row};
use crate::train::Hyperparameters;

/// Tables that do not belong together.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{} and {} are of different data: {what} differs (keys {first_key} and {second_key}); merge tables of one data set only", first.display(), second.display())]
pub struct MergeError {
    pub first: PathBuf,
    pub second: PathBuf,
    pub what: &'static str,
    first_key: String,
    second_key: String,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Merged {
    /// Those of the grid in its order, then any others as they were found.
    pub rows: Vec<Row>,
    /// Runs of the grid without a row.
    pub missing: Vec<Hyperparameters>,
    /// Rows that were there already.
    pub duplicates: usize,
    /// Keys of duplicates whose results differ; the first was kept.
    pub contradictions: Vec<String>,
    /// Rows of runs that the grid does not have.
    pub others: usize,
}

/// Brings the rows of `tables` together, each run once.
///
/// # Errors
/// If they were not measured on the same images of the same data set.
pub fn merge(tables: &[(PathBuf, Vec<Row>)], grid: &Grid) -> Result<Merged, MergeError> {
    check_data(tables)?;
    let mut merged = Merged::default();
    let mut kept: Vec<&Row> = Vec::new();
    for row in tables.iter().flat_map(|(_, rows)| rows) {
        match kept.iter().find(|known| known.key == row.key) {
            None => kept.push(row),
            Some(known) => {
                merged.duplicates += 1;
                let result = |row: &Row| (row.state, row.accuracy, row.loss);
                if result(known) != result(row) {
                    merged.contradictions.push(row.key.clone());
                }
            }
        }
    }
    for run in grid.runs() {
        match kept.iter().position(|row| is_of(row, &run)) {
            Some(place) => merged.rows.push(kept.remove(place).clone()),
            None => merged.missing.push(run),
        }
    }
    merged.others = kept.len();
    merged.rows.extend(kept.into_iter().cloned());
    Ok(merged)
}

/// By configuration, for the key cannot be told without the data set.
fn is_of(row: &Row, run: &Hyperparameters) -> bool {
    row.activation == run.activation
        && row.learning_rate == run.learning_rate
        && row.optimizer == run.optimizer
        && row.batch_size == run.batch_size
        && row.seed == run.seed
        && row.pooling == run.pooling
        && row.epochs == run.epochs
}

fn check_data(tables: &[(PathBuf, Vec<Row>)]) -> Result<(), MergeError> {
    let mut rows = tables.iter().flat_map(|(path, rows)| rows.iter().map(move |row| (path, row)));
    let Some((first_path, first)) = rows.next() else { return Ok(()) };
    let fingerprint = |row: &Row| row.key.split('-').next().unwrap_or_default().to_owned();
    for (path, row) in rows {
        let what = match row {
            _ if row.dataset != first.dataset || fingerprint(row) != fingerprint(first) => "the data set",
            _ if row.training_images != first.training_images => "the number of training images",
            _ if row.test_images != first.test_images => "the number of test images",
            _ if row.measured_on != first.measured_on => "what was measured on",
            _ => continue,
        };
        return Err(MergeError {
            first: first_path.clone(),
            second: path.clone(),
            what,
            first_key: first.key.clone(),
            second_key: row.key.clone(),
        });
    }
    Ok(())
}
