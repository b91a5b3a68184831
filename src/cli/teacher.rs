//! `--teacher`: saved runs whose answers new runs learn.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{
    UsageError,
    saved::{Saved, check_distinct},
};
use crate::{
    data::Dataset,
    format::{sanitized, shown},
    train::{CheckpointError, Images, Teacher},
};

#[derive(Debug, Args)]
pub(super) struct TeacherArgs {
    /// Learn the answers of saved runs beside the labels: their checkpoints or folders, separated by commas
    ///
    /// Their mean answer for each training image is computed once and kept in the checkpoint folder (distillation).
    #[arg(long, value_name = "CHECKPOINTS", value_delimiter = ',')]
    teacher: Vec<PathBuf>,
}

/// Weight of the teacher's answers unless a flag sets it.
pub(super) const DEFAULT_WEIGHT: f32 = 0.5;

impl TeacherArgs {
    pub(super) fn is_given(&self) -> bool {
        !self.teacher.is_empty()
    }

    /// Reads the runs. `None` without the flag.
    ///
    /// # Errors
    /// If a checkpoint cannot be read, or a run is named twice.
    pub(super) fn read(&self) -> anyhow::Result<Option<Teachers>> {
        if !self.is_given() {
            return Ok(None);
        }
        let runs = self.teacher.iter().map(|path| Saved::read(path)).collect::<Result<Vec<_>, CheckpointError>>()?;
        check_distinct(&runs)?;
        Ok(Some(Teachers(runs)))
    }
}

/// Saved runs that teach.
pub(super) struct Teachers(Vec<Saved>);

impl Teachers {
    /// Describes the teacher, whose soft targets are to be kept in `folder`.
    pub(super) fn teacher(&self, folder: &Path) -> Teacher {
        let paths: Vec<PathBuf> = self.0.iter().map(|run| run.file.clone()).collect();
        Teacher::new(&paths, folder)
    }

    /// Returns warnings about runs that have learned other images than the run that they teach, which is trained on
    /// `images` of `dataset`.
    pub(super) fn warnings(&self, dataset: &Dataset, images: Images) -> Vec<String> {
        let warning = |run: &Saved| {
            let (file, spec) = (shown(&run.file), &run.checkpoint.spec);
            if spec.dataset.fingerprint != dataset.id.fingerprint {
                let (theirs, here) = (sanitized(&spec.dataset.name), sanitized(&dataset.id.name));
                return Some(format!("the teacher {file} was trained on {theirs}, not on {here}"));
            }
            let learned = Images::of(&spec.limits, dataset).map_or(0, |images| images.train);
            (images.validation > 0 && learned > images.train).then(|| {
                format!(
                    "the teacher {file} was trained on images that this run holds out: accuracy on them will be too \
                     high to choose by"
                )
            })
        };
        self.0.iter().filter_map(warning).collect()
    }
}

/// Checks that a teacher is given if and only if its answers have a weight.
///
/// # Errors
/// If not.
pub(super) fn check_weights(flag: &str, has_weight: bool, is_given: bool) -> Result<(), UsageError> {
    match (has_weight, is_given) {
        (true, false) => Err(UsageError(format!("{flag} above 0 needs --teacher CHECKPOINTS"))),
        (false, true) => Err(UsageError(format!("--teacher needs a {flag} above 0, found 0"))),
        _ => Ok(()),
    }
}
