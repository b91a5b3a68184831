//! Tables of shards, brought together.

use std::{
    collections::{HashMap, hash_map::Entry},
    path::PathBuf,
};

use super::{grid::Grid, table::Row};
use crate::train::{Hyperparameter, Hyperparameters};

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
    let mut known: HashMap<&str, &Row> = HashMap::new();
    for row in tables.iter().flat_map(|(_, rows)| rows) {
        match known.entry(&row.key) {
            Entry::Vacant(place) => {
                place.insert(row);
                kept.push(row);
            }
            Entry::Occupied(known) => {
                merged.duplicates += 1;
                let result = |row: &Row| (row.state, row.accuracy, row.loss);
                if result(known.get()) != result(row) {
                    merged.contradictions.push(row.key.clone());
                }
            }
        }
    }
    let mut places: HashMap<Configuration, usize> = HashMap::new();
    for (place, row) in kept.iter().enumerate() {
        places.entry(configuration(&row.hyper)).or_insert(place);
    }
    let mut is_other = vec![true; kept.len()];
    for run in grid.runs() {
        match places.get(&configuration(&run)) {
            Some(&place) => {
                is_other[place] = false;
                merged.rows.push(kept[place].clone());
            }
            None => merged.missing.push(run),
        }
    }
    let others = kept.into_iter().zip(is_other).filter(|(_, is_other)| *is_other);
    merged.rows.extend(others.map(|(row, _)| row.clone()));
    merged.others = merged.rows.len() + merged.missing.len() - grid.runs().len();
    Ok(merged)
}

/// The text of each hyperparameter. The key depends on the data set, too.
type Configuration = Vec<String>;

fn configuration(run: &Hyperparameters) -> Configuration {
    Hyperparameter::ALL.iter().map(|&which| run.get(which).to_string()).collect()
}

fn check_data(tables: &[(PathBuf, Vec<Row>)]) -> Result<(), MergeError> {
    let mut rows = tables.iter().flat_map(|(path, rows)| rows.iter().map(move |row| (path, row)));
    let Some((first_path, first)) = rows.next() else { return Ok(()) };
    for (path, row) in rows {
        let what = match row {
            _ if row.dataset != first.dataset || row.fingerprint() != first.fingerprint() => "the data set",
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
