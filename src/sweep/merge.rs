//! Merging the tables of shards.

use std::{
    collections::{HashMap, hash_map::Entry},
    path::PathBuf,
};

use super::{methods::Pixels, table::Row};
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
    /// Rows of the runs in their order, then any others in the order found.
    pub rows: Vec<Row>,
    /// Indices of the runs without a row.
    pub missing: Vec<usize>,
    /// Number of rows that repeat an earlier one.
    pub duplicates: usize,
    /// Keys of duplicates with different results; the first row was kept.
    pub contradictions: Vec<String>,
    /// Number of rows of other runs.
    pub others: usize,
}

/// Merges the rows of `tables`, each run once. `runs` are those that the tables should have, with the arrangement of
/// pixels in a comparison of methods.
///
/// # Errors
/// If they were not measured on the same images of the same data set.
pub fn merge(tables: &[(PathBuf, Vec<Row>)], runs: &[(Hyperparameters, Option<Pixels>)]) -> Result<Merged, MergeError> {
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
        places.entry(configuration(&row.hyper, row.pixels())).or_insert(place);
    }
    let mut is_other = vec![true; kept.len()];
    for (number, (hyper, pixels)) in runs.iter().enumerate() {
        match places.get(&configuration(hyper, *pixels)) {
            Some(&place) => {
                is_other[place] = false;
                merged.rows.push(kept[place].clone());
            }
            None => merged.missing.push(number),
        }
    }
    let others = kept.into_iter().zip(is_other).filter(|(_, is_other)| *is_other);
    merged.rows.extend(others.map(|(row, _)| row.clone()));
    merged.others = merged.rows.len() + merged.missing.len() - runs.len();
    Ok(merged)
}

/// Text of each hyperparameter, and the arrangement of pixels. Unlike the key, it does not depend on the data set.
type Configuration = (Vec<String>, Option<Pixels>);

fn configuration(hyper: &Hyperparameters, pixels: Option<Pixels>) -> Configuration {
    (Hyperparameter::ALL.iter().map(|&which| hyper.get(which).to_string()).collect(), pixels)
}

/// Compares each row with the first one on the same data.
fn check_data(tables: &[(PathBuf, Vec<Row>)]) -> Result<(), MergeError> {
    let mut firsts: HashMap<_, (&PathBuf, &Row)> = HashMap::new();
    for (path, row) in tables.iter().flat_map(|(path, rows)| rows.iter().map(move |row| (path, row))) {
        // In a comparison of methods, runs with other epochs have other training images.
        let kind = row.pixels().map(|pixels| (pixels, row.hyper.epochs));
        let (first_path, first) = *firsts.entry(kind).or_insert((path, row));
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
