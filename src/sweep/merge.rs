//! Merging the tables of shards.

use std::{
    collections::{HashMap, hash_map::Entry},
    path::PathBuf,
};

use super::{grid::Grid, table::Row};
use crate::train::{Hyperparameter, Hyperparameters};

/// Error for tables that do not belong together.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "{} and {} come from different data: {what} differs (keys {first_key} and {second_key}); merge only tables of the \
     same data set",
    first.display(),
    second.display()
)]
pub struct MergeError {
    pub first: PathBuf,
    pub second: PathBuf,
    pub what: &'static str,
    first_key: String,
    second_key: String,
}

/// Result of a merge.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Merged {
    /// Rows of the grid in its order, then any others in the order found.
    pub rows: Vec<Row>,
    /// Runs of the grid without a row.
    pub missing: Vec<Hyperparameters>,
    /// Number of rows that repeat an earlier one.
    pub duplicates: usize,
    /// Keys of duplicates with different results; the first row was kept.
    pub contradictions: Vec<String>,
    /// Number of rows of runs that are not in the grid.
    pub others: usize,
}

/// Merges the rows of `tables`, each run once.
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

/// Text of each hyperparameter. Unlike the key, it does not depend on the data set.
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
            _ if row.measured_on != first.measured_on => "the set measured on",
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
