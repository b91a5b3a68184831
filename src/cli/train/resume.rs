//! `--resume`: finds the checkpoint, and checks the flags against it.

use std::{
    collections::HashSet,
    fmt::Display,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use anyhow::bail;
use clap::CommandFactory;

use super::{TrainArgs, UsageError};
use crate::{
    cli::{Cli, DatasetChoice, output::notify},
    data::{Dataset, Kind},
    format,
    train::{
        BackgroundRun, Busy, Checkpoint, Hyperparameter, Limits, RunFolder, Start,
        checkpoint::{self, BEST, LAST, Summary, files, is_in_the_future, resolve, seconds},
        dataset_label,
    },
};

/// What `--resume` names.
pub(super) enum Found {
    Resumable(Box<Resumable>),
    /// A run that trains in the background already, with the reason why it cannot be resumed.
    InBackground(Busy, BackgroundRun),
}

/// A run to continue.
pub(super) struct Resumable {
    checkpoint: Checkpoint,
    path: PathBuf,
}

/// Returns the run to continue. Errors in the checkpoint and the flags are reported before data are loaded.
pub(super) fn find(args: &TrainArgs, path: Option<&Path>) -> anyhow::Result<Found> {
    let path = match path {
        Some(path) => match runs_folder(path)? {
            Some(runs) => newest(runs)?,
            None => resolve(path),
        },
        None => newest(&args.checkpoint_dir())?,
    };
    let mut checkpoint = Checkpoint::read(&path)?;
    if is_in_the_future(checkpoint.saved_at, seconds(SystemTime::now())) {
        notify(&format!("{}: the clock was wrong then or is wrong now", from_the_future(&path, checkpoint.saved_at)));
    }
    check_flags(args, &checkpoint, &path)?;
    extend(args, &mut checkpoint)?;
    if path.ends_with(LAST) {
        // The worker locks the folder; this check only reports a conflict before data are loaded.
        if let Err(busy) = RunFolder::check_free(path.parent().unwrap_or(Path::new("."))) {
            return match busy.background_run().filter(|_| args.wants_screen()).cloned() {
                Some(run) => Ok(Found::InBackground(busy, run)),
                None => Err(busy.into()),
            };
        }
    }
    Ok(Found::Resumable(Box::new(Resumable { checkpoint, path })))
}

impl Resumable {
    /// Loads the data of the run.
    pub(super) fn load(self, args: &TrainArgs) -> anyhow::Result<(Arc<Dataset>, Start)> {
        let Self { checkpoint, path } = self;
        let dataset = load(args, &checkpoint)?;
        checkpoint.spec.check(&dataset)?;
        Ok((dataset, Start::Resume { checkpoint: Box::new(checkpoint), path }))
    }
}

fn from_the_future(path: &Path, saved_at: u64) -> String {
    format!("saved in the future: {} ({})", path.display(), format::moment(saved_at))
}

/// Returns `path` if it is a folder of runs instead of a run. The optional value of `--resume` may also be a misplaced
/// subcommand, which is an error.
fn runs_folder(path: &Path) -> anyhow::Result<Option<&Path>> {
    if !path.exists() && Cli::command().get_subcommands().any(|command| path == Path::new(command.get_name())) {
        let name = path.display();
        bail!(UsageError(format!(
            "`{name}` after --resume is read as a checkpoint, and no such file exists; put the subcommand first: \
             lenet-monitor {name} ...; --resume belongs after `train`"
        )));
    }
    let is_run = resolve(path).symlink_metadata().is_ok();
    Ok(if is_run || files(path)?.is_empty() { None } else { Some(path) })
}

/// Returns the most recently saved run in `folder`. Runs saved in the future do not count, since they may be older than
/// all others; a message names them.
fn newest(folder: &Path) -> anyhow::Result<PathBuf> {
    let now = seconds(SystemTime::now());
    let mut runs = checkpoint::list(folder, 0)?.found;
    // A run without its last state is resumed from its best.
    let lasts: HashSet<PathBuf> =
        runs.iter().map(|found| found.path.clone()).filter(|path| path.ends_with(LAST)).collect();
    runs.retain(|found| {
        found.path.ends_with(LAST) || (found.path.ends_with(BEST) && !lasts.contains(&found.path.with_file_name(LAST)))
    });
    verify_newest(&mut runs);
    let folder = folder.display();
    let Some(newest) = runs.iter().find(|found| found.checkpoint.is_ok()).or(runs.first()) else {
        bail!("no run to resume in {folder}; name a checkpoint: --resume PATH, or its folder: --checkpoint-dir DIR");
    };
    // Skipping the run that the user means would be worse than an error.
    let is_newer = |found: &&checkpoint::Found<Summary>| {
        let is_dated = !is_in_the_future(seconds(found.modified), now);
        found.checkpoint.is_err() && is_dated && found.modified >= newest.modified
    };
    if let Some(Err(error)) = runs.iter().find(is_newer).map(|found| &found.checkpoint) {
        bail!("the most recently saved run cannot be resumed: {error}; resume another with --resume PATH");
    }
    for found in runs.iter().filter(|found| found.path != newest.path) {
        let saved_at = found.checkpoint.as_ref().map_or(0, |summary| summary.saved_at);
        if is_in_the_future(saved_at, now) {
            let warning = from_the_future(&found.path, saved_at);
            notify(&format!("{warning}, so it does not count as the newest; to resume it, name it: --resume PATH"));
        }
    }
    Ok(newest.path.clone())
}

/// Reads the runs completely, newest first, until one is undamaged.
fn verify_newest(runs: &mut [checkpoint::Found<Summary>]) {
    for found in runs.iter_mut().filter(|found| found.checkpoint.is_ok()) {
        match Checkpoint::read(&found.path) {
            Ok(_) => return,
            Err(error) => found.checkpoint = Err(error),
        }
    }
}

/// Checks that no flag contradicts the checkpoint.
fn check_flags(args: &TrainArgs, checkpoint: &Checkpoint, path: &Path) -> Result<(), UsageError> {
    let (hyper, limits) = (&checkpoint.spec.hyper, &checkpoint.spec.limits);
    let check = |flag: &str, given: Option<String>, saved: String| match given {
        Some(given) if given != saved => Err(contradiction(path, flag, &given, &saved)),
        _ => Ok(()),
    };
    // A resumed run may be extended by more epochs.
    for &which in Hyperparameter::ALL.iter().filter(|&&which| which != Hyperparameter::Epochs) {
        let given = args.hyper.get(which);
        // Both the first learning rate and the one in force are accepted.
        let is_in_force = which == Hyperparameter::LearningRate && given == Some(checkpoint.learning_rate.into());
        if !is_in_force {
            check(&format!("--{}", which.flag().name), text(given), hyper.get(which).to_string())?;
        }
    }
    let Limits { train, test, holdout } = limits;
    let all = |limit: &Option<u32>| text(*limit).unwrap_or_else(|| "all".into());
    check("--limit-train", text(args.limit_train), all(train))?;
    check("--limit-test", text(args.limit_test), all(test))?;
    check("--holdout", text(args.holdout), holdout.to_string())?;
    let id = &checkpoint.spec.dataset;
    match (args.dataset.dataset, id.kind) {
        (Some(DatasetChoice::Synthetic), kind) if kind != Kind::Synthetic => {
            Err(contradiction(path, "--dataset", "synthetic", &dataset_label(id)))
        }
        (Some(DatasetChoice::Mnist), Kind::Synthetic) => {
            Err(contradiction(path, "--dataset", "mnist", &dataset_label(id)))
        }
        _ => Ok(()),
    }
}

fn text(value: Option<impl Display>) -> Option<String> {
    value.map(|value| value.to_string())
}

fn contradiction(path: &Path, what: &str, given: &str, saved: &str) -> UsageError {
    let path = path.display();
    UsageError(format!("{what} {given} contradicts {path}, which has {saved}; omit the flag, or start a new run"))
}

/// Sets the total number of epochs from `--epochs`.
fn extend(args: &TrainArgs, checkpoint: &mut Checkpoint) -> Result<(), UsageError> {
    let Some(epochs) = args.hyper.get(Hyperparameter::Epochs) else { return Ok(()) };
    let begun = checkpoint.position.epochs_begun();
    checkpoint.spec.hyper.set(Hyperparameter::Epochs, epochs);
    if checkpoint.spec.hyper.epochs < begun {
        return Err(UsageError(format!(
            "--epochs {epochs} is less than the checkpoint already has (saved {}); expected {begun} or more",
            checkpoint.place()
        )));
    }
    checkpoint.spec.hyper.validate().map_err(UsageError::new)
}

fn load(args: &TrainArgs, checkpoint: &Checkpoint) -> anyhow::Result<Arc<Dataset>> {
    let id = &checkpoint.spec.dataset;
    let dataset = args.dataset.load_like(id)?;
    if dataset.id.fingerprint != id.fingerprint {
        bail!(UsageError(format!(
            "the data set is {}, but the checkpoint was trained on {}; a run can continue only with its own data set",
            dataset_label(&dataset.id),
            dataset_label(id)
        )));
    }
    Ok(dataset)
}
