//! `checkpoints`: lists and shows saved checkpoints.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
    time::SystemTime,
};

use clap::Args;

use super::{
    Status, folders,
    output::{notify, print},
    saved::CheckpointArg,
};
use crate::{
    format::{self, padded, sanitized, shown, width},
    train::{
        Checkpoint, ChosenBy, Hyperparameter, Limits,
        checkpoint::{self, Best, Found, Listing, Summary, is_in_the_future, seconds},
        dataset_label,
    },
    tui::format::hyperparameters,
};

/// Bytes of checkpoints that `list` reads completely: about a second on a slow disk.
const CHECKED: u64 = 128 << 20;

#[derive(Debug, Args)]
pub(crate) struct CheckpointsArgs {
    #[command(subcommand)]
    action: Subcommand,
}

#[derive(Debug, clap::Subcommand)]
enum Subcommand {
    /// List the checkpoints of all runs, the most recently saved first, damaged ones last with the reason
    ///
    /// If they exceed 128 MB, the weights of the older ones are not read; damage to them is found only on use, or by
    /// --check.
    List(ListArgs),
    /// Show everything about one checkpoint except its weights
    Show(ShowArgs),
}

#[derive(Debug, Args)]
struct ListArgs {
    /// Folder that holds the runs' folders [default: the configuration's, else checkpoints]
    #[arg(long, value_name = "DIR")]
    checkpoint_dir: Option<PathBuf>,
    /// Read every checkpoint completely, to find damage to the weights in any of them; may take long
    #[arg(long)]
    check: bool,
}

#[derive(Debug, Args)]
struct ShowArgs {
    #[command(flatten)]
    checkpoint: CheckpointArg,
}

pub(crate) fn run(args: CheckpointsArgs) -> anyhow::Result<Status> {
    match args.action {
        Subcommand::List(args) => list(args),
        Subcommand::Show(args) => show(&args.checkpoint),
    }
}

fn list(args: ListArgs) -> anyhow::Result<Status> {
    let folder = folders::checkpoints(args.checkpoint_dir)?;
    let budget = if args.check { u64::MAX } else { CHECKED };
    let Listing { found, checked } = checkpoint::list(&folder, budget)?;
    if found.is_empty() {
        notify(&format!("no checkpoints in {}", folder.display()));
        return Ok(Status::Done);
    }
    let header = ["saved", "checkpoint", "epochs", "best", "last", "data", "hyperparameters"].map(str::to_owned);
    let readable = found.iter().filter_map(|found| Some((&found.path, found.checkpoint.as_ref().ok()?)));
    let rows: Vec<[String; 7]> = readable.map(|(path, summary)| row(path, summary)).collect();
    let mut text = if rows.is_empty() { String::new() } else { aligned(std::iter::once(header).chain(rows).collect()) };
    for Found { path, checkpoint, .. } in &found {
        if let Err(error) = checkpoint {
            let fault = sanitized(&error.fault.to_string());
            writeln!(text, "DAMAGED  {}: {fault}", shown(path)).expect("writing to a string cannot fail");
        }
    }
    print(&text)?;
    if checked < found.len() {
        let count = |count: usize| format::grouped(count as u64);
        notify(&format!(
            "the newest {} of {} checkpoints were read completely; of the others, everything but the weights \
             (--check reads those too)",
            count(checked),
            count(found.len())
        ));
    }
    Ok(Status::Done)
}

fn row(path: &Path, checkpoint: &Summary) -> [String; 7] {
    let accuracy = |value: Option<f64>| format::share(value.unwrap_or(f64::NAN)).trim_start().to_owned();
    let (epoch, step) = (checkpoint.position.epoch, checkpoint.position.step);
    let origins: String = checkpoint.spec.origins().map(|origin| format!(", {origin}")).collect();
    // A plus marks a partial epoch.
    let epochs = format!("{epoch}{}/{}", if step > 0 { "+" } else { "" }, checkpoint.spec.hyper.epochs);
    [
        saved_at(checkpoint.saved_at),
        shown(path),
        epochs,
        accuracy(checkpoint.best.map(|best| best.accuracy)),
        accuracy(checkpoint.history.last().map(|record| record.test_accuracy)),
        checkpoint.spec.dataset.name.clone(),
        hyperparameters(&checkpoint.spec.hyper, checkpoint.learning_rate) + &origins,
    ]
}

fn saved_at(at: u64) -> String {
    let is_in_future = is_in_the_future(at, seconds(SystemTime::now()));
    format!("{}{}", format::moment(at), if is_in_future { " (in the future)" } else { "" })
}

/// Aligns columns to their widest cells, two spaces apart.
fn aligned(rows: Vec<[String; 7]>) -> String {
    let widest = |column: usize| rows.iter().map(|row| width(&row[column])).max().unwrap_or(0);
    let widths: [usize; 7] = std::array::from_fn(widest);
    let mut text = String::new();
    for row in &rows {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| padded(cell, width)).collect();
        writeln!(text, "{}", cells.join("  ").trim_end()).expect("writing to a string cannot fail");
    }
    text
}

fn show(argument: &CheckpointArg) -> anyhow::Result<Status> {
    let checkpoint = argument.read()?;
    let mut text = String::new();
    for (name, value) in facts(&argument.file(), &checkpoint) {
        writeln!(text, "{name:18}{value}").expect("writing to a string cannot fail");
    }
    print(&text)?;
    Ok(Status::Done)
}

/// Returns what the run of a checkpoint was trained with.
pub(super) fn setup(path: &Path, checkpoint: &Checkpoint) -> Vec<(&'static str, String)> {
    let Checkpoint { spec, position, optimizer, computed_with, .. } = checkpoint;
    let hyper = &spec.hyper;
    let mut facts = vec![
        ("checkpoint", shown(path)),
        ("saved", format!("{}, by lenet-monitor {}", saved_at(checkpoint.saved_at), checkpoint.written_by)),
        ("data", dataset_label(&spec.dataset)),
        ("images", images(&spec.limits)),
    ];
    facts.extend(spec.transfer.as_ref().map(|transfer| ("begun with", transfer.to_string())));
    facts.extend(spec.teacher().map(|teacher| ("taught by", teacher.to_string())));
    let parameters = Hyperparameter::starting_with(&[Hyperparameter::Activation, Hyperparameter::Pooling]);
    facts.extend(parameters.filter(|&which| hyper.mentions(which)).map(|which| {
        let value = match which {
            Hyperparameter::LearningRate => learning_rates(checkpoint),
            Hyperparameter::Epochs => format!("{} of {}", checkpoint.place(), hyper.epochs),
            Hyperparameter::Pooling => which.words(hyper.get(which)),
            _ => hyper.get(which).readable(),
        };
        (which.name(), value)
    }));
    facts.extend([
        ("steps in all", format::grouped(optimizer.steps)),
        ("total time", format::clock(position.elapsed)),
        ("trained with", format!("{}, {}", format::counted(computed_with.threads, "thread"), computed_with.simd)),
        ("parameters", format::grouped(checkpoint.parameters.len() as u64)),
    ]);
    facts
}

fn facts(path: &Path, checkpoint: &Checkpoint) -> Vec<(&'static str, String)> {
    let mut facts = setup(path, checkpoint);
    if let Some(last) = checkpoint.history.last() {
        facts.push(("training, last", result(last.train_loss, last.train_accuracy, last.epoch)));
        facts.push(("test, last", result(last.test_loss, last.test_accuracy, last.epoch)));
        if let Some((loss, accuracy)) = last.validation {
            facts.push(("validation, last", result(loss, accuracy, last.epoch)));
        }
    }
    if let Some(Best { chosen_by, epoch, loss, accuracy }) = checkpoint.best {
        let by = match chosen_by {
            ChosenBy::Test => "chosen by the test set",
            ChosenBy::Validation => "chosen by the validation set",
        };
        facts.push(("best", format!("{}, {by}", result(loss, accuracy, epoch))));
    }
    if let Some(evaluation) = &checkpoint.evaluation {
        let mistakes = evaluation.mistakes.len() as u64;
        let images = format::counted(evaluation.confusion.total(), "test image");
        facts.push(("mistakes", format!("{} of {images}", format::grouped(mistakes))));
    }
    facts
}

fn images(limits: &Limits) -> String {
    let limit = |limit: Option<u32>, set: &str| match limit {
        Some(1) => format!("the first {set} image"),
        Some(count) => format!("the first {} {set} images", format::grouped(count)),
        None => format!("all {set} images"),
    };
    let holdout = match limits.holdout {
        0 => String::new(),
        1 => " (the last of them held out for validation)".to_owned(),
        count => format!(" (the last {} of them held out for validation)", format::grouped(count)),
    };
    format!("{}{holdout}, {}", limit(limits.train, "training"), limit(limits.test, "test"))
}

/// Returns the learning rate at the start, and its changes since.
fn learning_rates(checkpoint: &Checkpoint) -> String {
    let mut text = format::rate(checkpoint.spec.hyper.learning_rate);
    for change in &checkpoint.learning_rate_changes {
        let (epoch, step) = (change.epoch + 1, change.step);
        write!(text, ", {} since epoch {epoch}, step {step}", format::rate(change.learning_rate))
            .expect("writing to a string cannot fail");
    }
    text
}

fn result(loss: f64, accuracy: f64, epoch: u32) -> String {
    format!(
        "loss {}, accuracy {} (epoch {epoch})",
        format::loss(loss).trim_start(),
        format::share(accuracy).trim_start()
    )
}
