//! `--resume`: which checkpoint is meant, and whether the flags are its own.

use std::{
    collections::HashSet,
    fmt::Display,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use anyhow::bail;
use clap::CommandFactory;

use super::{TrainArgs, Usage};
use crate::{
    cli::{Cli, DatasetChoice, output::tell},
    data::{Dataset, Kind},
    format,
    train::{
        Checkpoint, Hyperparameter, Limits, RunFolder, Start,
        checkpoint::{self, BEST, Found, LAST, Summary, files, is_in_the_future, resolve, seconds},
        dataset_label,
    },
};

/// The run to go on with, and its data. Whatever can be wrong with checkpoint and flags is told before data are loaded.
pub(super) fn resume(args: &TrainArgs, path: Option<&Path>) -> anyhow::Result<(Arc<Dataset>, Start)> {
    let path = match path {
        Some(path) => match named_by_user(path)? {
            Some(runs) => newest(runs)?,
            None => resolve(path),
        },
        None => newest(&args.checkpoint_dir())?,
    };
    let mut checkpoint = Checkpoint::read(&path)?;
    if is_in_the_future(checkpoint.saved_at, seconds(SystemTime::now())) {
        tell(&format!("{}: a clock was wrong then, or is now", from_the_future(&path, checkpoint.saved_at)));
    }
    check_flags(args, &checkpoint, &path)?;
    extend(args, &mut checkpoint)?;
    if path.ends_with(LAST) {
        // The worker takes hold of the folder; here it is only to be told before data are loaded.
        RunFolder::check_free(path.parent().unwrap_or(Path::new(".")))?;
    }
    let dataset = load(args, &checkpoint)?;
    checkpoint.spec.check(&dataset)?;
    Ok((dataset, Start::Resume { checkpoint: Box::new(checkpoint), path }))
}

fn from_the_future(path: &Path, saved_at: u64) -> String {
    format!("saved in the future: {} ({})", path.display(), format::moment(saved_at))
}

/// Returns the folder of runs that was named in place of a run, if so. An optional value takes whatever comes next, also
/// what was meant as a subcommand.
fn named_by_user(path: &Path) -> anyhow::Result<Option<&Path>> {
    if !path.exists() && Cli::command().get_subcommands().any(|command| path == Path::new(command.get_name())) {
        let name = path.display();
        bail!(Usage(format!(
            "`{name}` after --resume is taken for a checkpoint, and there is no such file; write a subcommand first: \
             lenet-monitor {name} ..., and --resume after `train`"
        )));
    }
    let is_run = resolve(path).symlink_metadata().is_ok();
    Ok(if is_run || files(path)?.is_empty() { None } else { Some(path) })
}

/// The most recently saved run in `folder`. One that was saved in the future may be older than all others, and is only told.
fn newest(folder: &Path) -> anyhow::Result<PathBuf> {
    let now = seconds(SystemTime::now());
    let mut runs = checkpoint::list(folder, 0)?.found;
    // A run without its last state goes on from its best.
    let lasts: HashSet<PathBuf> =
        runs.iter().map(|found| found.path.clone()).filter(|path| path.ends_with(LAST)).collect();
    runs.retain(|found| {
        found.path.ends_with(LAST) || (found.path.ends_with(BEST) && !lasts.contains(&found.path.with_file_name(LAST)))
    });
    find_whole(&mut runs);
    let folder = folder.display();
    let Some(newest) = runs.iter().find(|found| found.checkpoint.is_ok()).or(runs.first()) else {
        bail!("no run to resume in {folder}; name a checkpoint: --resume PATH, or its folder: --checkpoint-dir DIR");
    };
    // Passing over the very run that is meant would be worse than an error.
    let is_newer = |found: &&Found<Summary>| {
        let is_dated = !is_in_the_future(seconds(found.modified), now);
        found.checkpoint.is_err() && is_dated && found.modified >= newest.modified
    };
    if let Some(Err(error)) = runs.iter().find(is_newer).map(|found| &found.checkpoint) {
        bail!("the most recently saved run cannot be resumed: {error}; name another one: --resume PATH");
    }
    for found in runs.iter().filter(|found| found.path != newest.path) {
        let saved_at = found.checkpoint.as_ref().map_or(0, |summary| summary.saved_at);
        if is_in_the_future(saved_at, now) {
            let told = from_the_future(&found.path, saved_at);
            tell(&format!("{told}, so that it is not taken for the newest; name it if it is meant: --resume PATH"));
        }
    }
    Ok(newest.path.clone())
}

/// Reads one after the other whole, until one proves undamaged.
fn find_whole(runs: &mut [Found<Summary>]) {
    for found in runs.iter_mut().filter(|found| found.checkpoint.is_ok()) {
        match Checkpoint::read(&found.path) {
            Ok(_) => return,
            Err(error) => found.checkpoint = Err(error),
        }
    }
}

/// Flags may repeat what the checkpoint says. What differs is an error.
fn check_flags(args: &TrainArgs, checkpoint: &Checkpoint, path: &Path) -> Result<(), Usage> {
    let (hyper, limits) = (&checkpoint.spec.hyper, &checkpoint.spec.limits);
    let same = |flag: &str, asked: Option<String>, kept: String| match asked {
        Some(asked) if asked != kept => Err(differs(path, flag, &asked, &kept)),
        _ => Ok(()),
    };
    // Of a run that goes on, more epochs may be asked for.
    for &which in Hyperparameter::ALL.iter().filter(|&&which| which != Hyperparameter::Epochs) {
        let asked = args.hyper.get(which);
        // The rate it began with and the one in force now are both its own.
        let is_in_force = which == Hyperparameter::LearningRate && asked == Some(checkpoint.learning_rate.into());
        if !is_in_force {
            same(&format!("--{}", which.flag().name), text(asked), hyper.get(which).to_string())?;
        }
    }
    let Limits { train, test, holdout } = limits;
    let all = |limit: &Option<u32>| text(*limit).unwrap_or_else(|| "all".into());
    same("--limit-train", text(args.limit_train), all(train))?;
    same("--limit-test", text(args.limit_test), all(test))?;
    same("--holdout", text(args.holdout), holdout.to_string())?;
    let id = &checkpoint.spec.dataset;
    match (args.dataset.dataset, id.kind) {
        (Some(DatasetChoice::Synthetic), kind) if kind != Kind::Synthetic => {
            Err(differs(path, "--dataset", "synthetic", &dataset_label(id)))
        }
        (Some(DatasetChoice::Mnist), Kind::Synthetic) => Err(differs(path, "--dataset", "mnist", &dataset_label(id))),
        _ => Ok(()),
    }
}

fn text(value: Option<impl Display>) -> Option<String> {
    value.map(|value| value.to_string())
}

fn differs(path: &Path, what: &str, asked: &str, kept: &str) -> Usage {
    let path = path.display();
    Usage(format!("{what} {asked} differs from {path}, which has {kept}; leave the flag out, or start a new run"))
}

/// `--epochs` is the total.
fn extend(args: &TrainArgs, checkpoint: &mut Checkpoint) -> Result<(), Usage> {
    let Some(epochs) = args.hyper.get(Hyperparameter::Epochs) else { return Ok(()) };
    let position = &checkpoint.position;
    let begun = position.epoch + u32::from(position.step > 0);
    checkpoint.spec.hyper.set(Hyperparameter::Epochs, epochs);
    if checkpoint.spec.hyper.epochs < begun {
        return Err(Usage(format!(
            "--epochs {epochs} is less than the checkpoint has already: it stands {}; expected {begun} or more",
            checkpoint.place()
        )));
    }
    checkpoint.spec.hyper.validate().map_err(Usage::of)
}

fn load(args: &TrainArgs, checkpoint: &Checkpoint) -> anyhow::Result<Arc<Dataset>> {
    let id = &checkpoint.spec.dataset;
    let dataset = args.dataset.load_like(id)?;
    if dataset.id.fingerprint != id.fingerprint {
        bail!(Usage(format!(
            "the data set is {}, but the checkpoint's is {}; a run goes on only with its own",
            dataset_label(&dataset.id),
            dataset_label(id)
        )));
    }
    Ok(dataset)
}
