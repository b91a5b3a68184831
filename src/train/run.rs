//! Starting and resuming a run in its folder.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use super::{
    RunFolder, RunSpec, SavedCheckpoint, Started, Trainer, WorkerOptions,
    checkpoint::{self, BEST, Checkpoint, LAST, Position},
    housekeeping,
    trainer::continuation_note,
};
use crate::{data::Dataset, disk, nn::Engine};

/// Run with its folder and the state of its saves.
pub(super) struct Run {
    pub(super) trainer: Trainer,
    pub(super) folder: RunFolder,
    /// Newest checkpoint that was written.
    pub(super) saved: Option<SavedCheckpoint>,
    /// Reason that the newest state could not be saved.
    pub(super) unsaved: Option<String>,
    /// Position of a best state that could not be saved, and the reason.
    pub(super) unsaved_best: Option<(Position, String)>,
    /// Whether the run has changed since the newest checkpoint.
    pub(super) is_dirty: bool,
    /// Messages to post when the run starts.
    pub(super) notes: Vec<String>,
}

impl Run {
    fn new(trainer: Trainer, folder: RunFolder, saved: Option<SavedCheckpoint>, notes: Vec<String>) -> Self {
        Self { trainer, folder, saved, unsaved: None, unsaved_best: None, is_dirty: false, notes }
    }

    /// Describes the run as it starts or is resumed.
    pub(super) fn started(&self) -> Started {
        let trainer = &self.trainer;
        let images = trainer.images();
        Started {
            spec: trainer.spec().clone(),
            run_dir: self.folder.path().to_owned(),
            history: trainer.history().to_vec(),
            step: trainer.position().step,
            steps_per_epoch: trainer.steps_per_epoch(),
            learning_rate: trainer.learning_rate(),
            train_images: images.train,
            validation_images: images.validation,
            test_images: images.test,
            threads: trainer.engine().threads(),
            simd: trainer.engine().simd().name().to_owned(),
        }
    }
}

/// Starts a new run in its own folder.
///
/// # Errors
/// If the run is not possible on this data set.
pub(super) fn new_run(dataset: &Arc<Dataset>, spec: RunSpec, options: &WorkerOptions) -> Result<Run, String> {
    let begun = Trainer::begin(Arc::clone(dataset), spec, options.engine.clone());
    let (trainer, notes) = begun.map_err(|error| error.to_string())?;
    housekeeping::tidy(&options.checkpoint_dir);
    let folder = new_folder(&trainer, &options.checkpoint_dir).0;
    Ok(Run::new(trainer, folder, None, notes))
}

/// Creates a folder for the run. If that fails, the first save reports it.
pub(super) fn new_folder(trainer: &Trainer, checkpoint_dir: &Path) -> (RunFolder, io::Result<()>) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    RunFolder::create(checkpoint_dir, &trainer.spec().hyper, now)
}

/// Reads a checkpoint for this data set, and returns it with its path.
///
/// # Errors
/// If it cannot be read, or belongs to another data set.
pub(super) fn read(dataset: &Dataset, path: &Path) -> Result<(Checkpoint, PathBuf), String> {
    let path = checkpoint::resolve(path);
    let checkpoint = Checkpoint::read(&path).map_err(|error| error.to_string())?;
    checkpoint.spec.check(dataset).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok((checkpoint, path))
}

/// Resumes the run of a checkpoint, in its folder unless that would overwrite something there. `held` is the folder
/// that this worker already holds.
///
/// # Errors
/// If the run is not possible on this data set, or another program is training it.
pub(super) fn resumed_run(
    dataset: &Arc<Dataset>,
    mut checkpoint: Checkpoint,
    path: &Path,
    options: &WorkerOptions,
    held: Option<&mut RunFolder>,
) -> Result<Run, String> {
    let home = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
    let saved = Some(SavedCheckpoint::new(path.to_owned(), &checkpoint.position));
    let mut notes: Vec<String> = continuation(&checkpoint, &options.engine).into_iter().collect();
    let needs_new_folder = would_overwrite(&checkpoint, &home);
    let best = checkpoint.best;
    if let Some(teacher) = &mut checkpoint.spec.teacher {
        teacher.look_in(&[disk::folder_of(&home), &options.checkpoint_dir]);
    }
    let trainer = Trainer::resume(Arc::clone(dataset), checkpoint, options.engine.clone());
    let trainer = trainer.map_err(|error| error.to_string())?;
    if needs_new_folder {
        let folder = new_folder(&trainer, &options.checkpoint_dir).0;
        copy_best(best, &home, &folder);
        notes.push(format!(
            "{} holds another state of the run and is kept; continuing in {}",
            home.join(LAST).display(),
            folder.path().display()
        ));
        return Ok(Run::new(trainer, folder, None, notes));
    }
    let folder = match held {
        Some(held) if is_same_folder(held.path(), &home) => held.hand_over(),
        _ => RunFolder::take(&home).map_err(|error| error.to_string())?,
    };
    housekeeping::tidy(&options.checkpoint_dir);
    Ok(Run::new(trainer, folder, saved, notes))
}

/// Returns whether continuing from `checkpoint` in its folder would overwrite another state of the run, or another run.
fn would_overwrite(checkpoint: &Checkpoint, home: &Path) -> bool {
    // `last.ckpt` itself may have changed since it was read: this run may have been saved into it before loading it.
    Checkpoint::read(&home.join(LAST)).is_ok_and(|last| {
        last.position.epoch != checkpoint.position.epoch
            || last.position.step != checkpoint.position.step
            || last.parameters != checkpoint.parameters
    })
}

/// Copies the best checkpoint into the new folder of a run.
fn copy_best(best: Option<checkpoint::Best>, home: &Path, folder: &RunFolder) {
    if let Some(saved) = Checkpoint::read(&home.join(BEST)).ok().filter(|saved| saved.best == best && best.is_some()) {
        // If it cannot be written, the save of the last state fails too and is reported.
        let _ = saved.write(&folder.path().join(BEST));
    }
}

fn is_same_folder(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

fn continuation(checkpoint: &Checkpoint, engine: &Engine) -> Option<String> {
    let now = checkpoint::ComputedWith { threads: engine.threads(), simd: engine.simd().name().to_owned() };
    continuation_note(&checkpoint.computed_with, &now)
}
