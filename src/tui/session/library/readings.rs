//! How saved runs read the test images, and which images some of them read and others do not.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    train::Evaluation,
    tui::session::library::{SavedRuns, run::SavedRun},
};

/// Evaluation of a saved run on the test images of this data set.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// Checkpoint that is evaluated.
    file: PathBuf,
    /// Time of its saving, in seconds since 1970.
    saved_at: u64,
    /// Result, or why there is none; `None` while the checkpoint is being evaluated.
    result: Option<Result<Arc<Evaluation>, String>>,
}

/// Images that not all of some runs read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Differences {
    /// Their indices.
    pub images: Vec<usize>,
    /// For each run, the number of images that only it reads, and of those that only it misreads.
    pub alone: Vec<[u32; 2]>,
}

impl SavedRuns {
    /// Returns those of the runs that were not evaluated since they were saved, with the file to evaluate. They then
    /// count as being evaluated.
    pub(crate) fn request_evaluation(&mut self, runs: &[PathBuf]) -> Vec<(PathBuf, PathBuf)> {
        let mut requested = Vec::new();
        for path in runs {
            let Some(file) = self.find(path).and_then(SavedRun::newest_file) else { continue };
            let Ok(contents) = &file.contents else { continue };
            let (file, saved_at) = (file.path.clone(), contents.saved_at);
            if self.readings.get(path).is_some_and(|known| (&known.file, known.saved_at) == (&file, saved_at)) {
                continue;
            }
            requested.push((path.clone(), file.clone()));
            let before = self.readings.remove(path).and_then(|known| known.result);
            self.readings.insert(path.clone(), Reading { file, saved_at, result: before });
        }
        requested
    }

    /// Stores the evaluation of a run, or why there is none.
    pub(crate) fn evaluated(&mut self, run: &Path, result: Result<Arc<Evaluation>, String>) {
        if let Some(reading) = self.readings.get_mut(run) {
            reading.result = Some(result);
        }
    }

    /// Returns the evaluation of a run, or why there is none; `None` before it is known.
    pub(crate) fn reading(&self, run: &Path) -> Option<Result<&Evaluation, &str>> {
        let result = self.readings.get(run)?.result.as_ref()?;
        Some(result.as_ref().map(Arc::as_ref).map_err(String::as_str))
    }

    /// Returns how the runs differ on the test images, once all of them have been evaluated.
    pub(crate) fn differences(&self, runs: &[&SavedRun]) -> Option<Differences> {
        let evaluations = runs.iter().map(|run| self.reading(&run.path)?.ok()).collect::<Option<Vec<_>>>()?;
        let images = evaluations.iter().map(|evaluation| evaluation.predictions.len()).min()?;
        let mut differences = Differences { images: Vec::new(), alone: vec![[0; 2]; runs.len()] };
        for image in 0..images {
            let is_read = |evaluation: &&Evaluation| evaluation.predictions[image].is_correct();
            let readers = evaluations.iter().filter(|evaluation| is_read(evaluation)).count();
            if readers == 0 || readers == runs.len() {
                continue;
            }
            differences.images.push(image);
            for (alone, evaluation) in differences.alone.iter_mut().zip(&evaluations) {
                alone[0] += u32::from(is_read(evaluation) && readers == 1);
                alone[1] += u32::from(!is_read(evaluation) && readers == runs.len() - 1);
            }
        }
        Some(differences)
    }
}
