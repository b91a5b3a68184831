//! Which files belong to which run, and what distinguishes the runs.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use crate::format::file_name;

/// Depth of folders that are searched.
const DEEPEST: usize = 8;
/// Maximum number of files and folders that are looked at.
const MAX_ENTRIES: usize = 20_000;
/// Name of the file that the Trainer of Hugging Face writes into each checkpoint.
const TRAINER_STATE: &str = "trainer_state.json";
const CHECKPOINT: &str = "checkpoint-";

/// A run and its files, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub path: PathBuf,
    pub files: Vec<PathBuf>,
}

/// Returns the runs in a folder, or the one of a file, which need not be there yet.
pub(super) fn runs(root: &Path) -> Vec<Found> {
    if !root.is_dir() {
        return vec![Found { path: root.to_owned(), files: vec![root.to_owned()] }];
    }
    let mut files = Vec::new();
    search(root, 0, &mut MAX_ENTRIES.clone(), &mut files);
    files.sort();
    let mut runs: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for file in files {
        runs.entry(run_of(&file)).or_default().push(file);
    }
    let runs = runs.into_iter().map(|(path, mut files)| {
        if files.iter().any(|file| file.file_name() == Some(OsStr::new(TRAINER_STATE))) {
            // Each checkpoint has the whole history up to it.
            files.sort_by_key(|file| checkpoint_of(file).map_or(u64::MAX, |(_, number)| number));
            files.drain(..files.len() - 1);
        }
        Found { path, files }
    });
    runs.collect()
}

fn search(folder: &Path, depth: usize, left: &mut usize, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if *left == 0 || name.starts_with('.') {
            continue;
        }
        *left -= 1;
        let Ok(metadata) = fs::metadata(&path) else { continue };
        if metadata.is_dir() && depth < DEEPEST {
            search(&path, depth + 1, left, files);
        } else if metadata.is_file() && is_log(&name) {
            files.push(path);
        }
    }
}

fn is_log(name: &str) -> bool {
    let lower = name.to_lowercase();
    let has_ending = [".csv", ".tsv", ".jsonl", ".ndjson"].iter().any(|ending| lower.ends_with(ending));
    has_ending || lower.contains(".tfevents.") || name == TRAINER_STATE
}

/// Returns what a file's run is known by: its folder, if all event files in it are one run, or a folder of checkpoints.
fn run_of(file: &Path) -> PathBuf {
    let folder = file.parent().unwrap_or(file);
    match checkpoint_of(file) {
        Some((folder, _)) => folder.to_owned(),
        None if file_name(file).contains("tfevents") => folder.to_owned(),
        None => file.to_owned(),
    }
}

/// Returns the folder of the checkpoints and the number of the checkpoint that a `trainer_state.json` is in.
fn checkpoint_of(file: &Path) -> Option<(&Path, u64)> {
    if file.file_name()? != TRAINER_STATE {
        return None;
    }
    let folder = file.parent()?;
    let number = folder.file_name()?.to_str()?.strip_prefix(CHECKPOINT)?.parse().ok();
    match number {
        Some(number) => Some((folder.parent()?, number)),
        None => Some((folder, u64::MAX)),
    }
}

/// Returns what distinguishes each path from the others: its parts without those that all have in common at the
/// beginning and at the end.
pub(super) fn labels(paths: &[&Path]) -> Vec<String> {
    let parts: Vec<Vec<String>> = paths
        .iter()
        .map(|path| path.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect())
        .collect();
    let Some((first, rest)) = parts.split_first() else { return Vec::new() };
    let shortest = parts.iter().map(Vec::len).min().unwrap_or(0);
    let is_common = |at: usize| rest.iter().all(|other| other[at] == first[at]);
    let before = (0..shortest).take_while(|&at| is_common(at)).count();
    let from_end = |parts: &[String], at: usize| parts[parts.len() - 1 - at].clone();
    let is_common = |at: &usize| rest.iter().all(|other| from_end(other, *at) == from_end(first, *at));
    let after = (0..shortest - before.min(shortest)).take_while(is_common).count();
    let label = |(parts, path): (&Vec<String>, &&Path)| {
        let label = parts[before.min(parts.len())..parts.len() - after].join("/");
        if label.is_empty() { file_name(path) } else { label }
    };
    parts.iter().zip(paths).map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_leave_out_what_all_paths_have_in_common() {
        let labels = |paths: &[&str]| labels(&paths.iter().map(Path::new).collect::<Vec<_>>());
        assert_eq!(labels(&["logs/a/metrics.csv", "logs/b/metrics.csv"]), ["a", "b"]);
        assert_eq!(labels(&["logs/train", "logs/validation"]), ["train", "validation"]);
        assert_eq!(labels(&["logs", "logs/train"]), ["logs", "train"]);
        assert_eq!(labels(&["a/b/x.csv", "a/c/y.csv"]), ["b/x.csv", "c/y.csv"]);
        assert_eq!(labels(&["logs/training.csv"]), ["training.csv"]);
        assert_eq!(labels(&["a/a", "a"]), ["a", "a"]);
        assert_eq!(labels(&[]), [""; 0]);
    }
}
