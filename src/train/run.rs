//! A run and its place on the disk, begun or taken up again.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use super::{
    Kept, RunFolder, RunSpec, Trainer, WorkerOptions,
    checkpoint::{self, BEST, Checkpoint, LAST, Position},
    housekeeping,
    trainer::continuation_note,
};
use crate::{data::Dataset, nn::Engine};

/// A run and its place on the disk.
pub(super) struct Run {
    pub(super) trainer: Trainer,
    pub(super) folder: RunFolder,
    /// The newest checkpoint that was written.
    pub(super) saved: Option<Kept>,
    /// Why the newest state could not be saved.
    pub(super) unsaved: Option<String>,
    /// The place of a best state that could not be saved as such, and why.
    pub(super) best_due: Option<(Position, String)>,
    /// Something has changed since the newest checkpoint.
    pub(super) is_dirty: bool,
    /// What is to be said when the run begins.
    pub(super) notes: Vec<String>,
}

impl Run {
    fn new(trainer: Trainer, folder: RunFolder, saved: Option<Kept>, notes: Vec<String>) -> Self {
        Self { trainer, folder, saved, unsaved: None, best_due: None, is_dirty: false, notes }
    }
}

/// A new run, in a folder of its own.
///
/// # Errors
/// If the run cannot be on this data set.
pub(super) fn new_run(dataset: &Arc<Dataset>, spec: RunSpec, options: &WorkerOptions) -> Result<Run, String> {
    let trainer = Trainer::new(Arc::clone(dataset), spec, options.engine.clone());
    let trainer = trainer.map_err(|error| error.to_string())?;
    housekeeping::tidy(&options.checkpoint_dir);
    let folder = new_folder(&trainer, &options.checkpoint_dir).0;
    Ok(Run::new(trainer, folder, None, Vec::new()))
}

/// Makes a folder for the run. Where that fails the first save reports it.
pub(super) fn new_folder(trainer: &Trainer, checkpoint_dir: &Path) -> (RunFolder, io::Result<()>) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    RunFolder::create(checkpoint_dir, &trainer.spec().hyper, now)
}

/// A checkpoint of this data set, and its file.
///
/// # Errors
/// If it cannot be read, or is of other data.
pub(super) fn read(dataset: &Dataset, path: &Path) -> Result<(Checkpoint, PathBuf), String> {
    let path = checkpoint::resolve(path);
    let checkpoint = Checkpoint::read(&path).map_err(|error| error.to_string())?;
    checkpoint.spec.check(dataset).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok((checkpoint, path))
}

/// The run of a checkpoint, in its folder where nothing is overwritten there. `held` is the folder that this worker holds
/// already.
///
/// # Errors
/// If the run cannot be on this data set, or another program trains it.
pub(super) fn resumed_run(
    dataset: &Arc<Dataset>,
    checkpoint: Checkpoint,
    path: &Path,
    options: &WorkerOptions,
    held: Option<&mut RunFolder>,
) -> Result<Run, String> {
    let home = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
    let saved = Some(Kept::of(path.to_owned(), &checkpoint.position));
    let mut notes: Vec<String> = continuation(&checkpoint, &options.engine).into_iter().collect();
    let leaves_more = would_overwrite(&checkpoint, &home);
    let best = checkpoint.best;
    let trainer = Trainer::resume(Arc::clone(dataset), checkpoint, options.engine.clone());
    let trainer = trainer.map_err(|error| error.to_string())?;
    if leaves_more {
        let folder = new_folder(&trainer, &options.checkpoint_dir).0;
        take_best_along(best, &home, &folder);
        notes.push(format!(
            "{} holds another state of the run, which is left as it is: going on in {}",
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

/// Whether going on from `checkpoint` in its folder would overwrite another state of the run, or another run.
fn would_overwrite(checkpoint: &Checkpoint, home: &Path) -> bool {
    // Also `last.ckpt` itself may have changed since it was read, when this very run was left for it.
    Checkpoint::read(&home.join(LAST)).is_ok_and(|last| {
        last.position.epoch != checkpoint.position.epoch
            || last.position.step != checkpoint.position.step
            || last.parameters != checkpoint.parameters
    })
}

/// A run that goes on in a new folder has its best checkpoint there, too.
fn take_best_along(best: Option<checkpoint::Best>, home: &Path, folder: &RunFolder) {
    if let Some(kept) = Checkpoint::read(&home.join(BEST)).ok().filter(|kept| kept.best == best && best.is_some()) {
        // Where it cannot be written, saving the last state tells.
        let _ = kept.write(&folder.path().join(BEST));
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
