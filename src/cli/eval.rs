//! `eval`: evaluates a checkpoint on the test set, or on changed images of it.

use std::fmt::Write;

use clap::Args;
use serde::Serialize;

use super::{
    DatasetArgs, Status, UsageError,
    engine::EngineArgs,
    output::{notify, print},
    saved::{self, CheckpointArg},
};
use crate::{
    data::{CLASSES, Dataset, Disturbance, DisturbanceError, Kind, PIXELS, Split},
    format::{self, json, shown},
    train::{Checkpoint, Confusion, Evaluation, Hyperparameter, Hyperparameters, dataset_label, evaluate},
};

const OWN_DATA: &str = "Where images come from [default: the checkpoint's own kind of data]";

#[derive(Debug, Args)]
#[command(mut_arg("dataset", |arg| arg.help(OWN_DATA)))]
pub(crate) struct EvalArgs {
    #[command(flatten)]
    checkpoint: CheckpointArg,
    #[command(flatten)]
    dataset: DatasetArgs,
    /// Use only the first N test images [default: as many as the run used; all of any other data set]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit_test: Option<u32>,
    /// Empty rows that a recurrent network reads after each image [default: as in training]
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u32).range(..=i64::from(Hyperparameters::MAX_DELAY)))]
    delay: Option<u32>,
    #[command(flatten)]
    engine: EngineArgs,
    /// Print one JSON object on stdout
    #[arg(long)]
    json: bool,
    // Last, since its heading is that of all flags after it.
    #[command(flatten)]
    disturbances: DisturbanceArgs,
}

/// Changes to the test images, made in the order of the fields.
#[derive(Debug, Args)]
#[command(next_help_heading = "Changes to the images")]
struct DisturbanceArgs {
    /// Move each image by this number of pixels up, down, left or right
    #[arg(long, value_name = "PIXELS", value_parser = change("moved"))]
    moved: Option<Disturbance>,
    /// Rotate each image by this angle, clockwise or counterclockwise
    #[arg(long, value_name = "DEGREES", value_parser = change("rotated"))]
    rotated: Option<Disturbance>,
    /// Enlarge each image by this factor
    #[arg(long, value_name = "FACTOR", value_parser = change("scaled"))]
    scaled: Option<Disturbance>,
    /// Add Gaussian noise of this standard deviation, where 1 is full ink
    #[arg(long, value_name = "DEVIATION", value_parser = change("noise"))]
    noise: Option<Disturbance>,
    /// Draw this number of straight lines across each image
    #[arg(long, value_name = "N", value_parser = change("lines"))]
    lines: Option<Disturbance>,
    /// Reorder the pixels of each image, all images in the same way
    #[arg(long)]
    permuted: bool,
}

/// Returns a parser of the values of a change.
fn change(name: &'static str) -> impl Fn(&str) -> Result<Disturbance, DisturbanceError> + Clone {
    move |value| format!("{name} {value}").parse()
}

impl DisturbanceArgs {
    fn chosen(&self) -> Vec<Disturbance> {
        let Self { moved, rotated, scaled, noise, lines, permuted } = *self;
        let permuted = permuted.then_some(Disturbance::Permuted);
        [moved, rotated, scaled, noise, lines, permuted].into_iter().flatten().collect()
    }
}

pub(crate) fn run(args: EvalArgs) -> anyhow::Result<Status> {
    let engine = args.engine.engine()?;
    // Before data are loaded, which may mean a download.
    let checkpoint = args.checkpoint.read()?;
    let hyper = &checkpoint.spec.hyper;
    if let (Some(delay), false) = (args.delay, hyper.uses(Hyperparameter::Delay)) {
        let title = hyper.network.title();
        return Err(UsageError::new(format!("--delay {delay}: {title} is not recurrent and has no delay")).into());
    }
    let dataset = args.dataset.load_like(&checkpoint.spec.dataset)?;
    let is_own = dataset.id.fingerprint == checkpoint.spec.dataset.fingerprint;
    let limit = args.limit_test.or(if is_own { checkpoint.spec.limits.test } else { None });
    let changes = args.disturbances.chosen();
    let test = changes.iter().fold(first(&dataset.test, limit), |test, change| change.apply(&test));
    let mut network = checkpoint.network(engine);
    args.delay.into_iter().for_each(|delay| network.set_delay(delay));
    let evaluation = evaluate(&mut network, &test);
    let changes: Vec<String> = changes.iter().map(Disturbance::to_string).collect();

    if args.json {
        note_dataset(&checkpoint, &dataset);
        let line = Line { disturbances: changes, delay: args.delay, ..Line::new(&evaluation, &dataset) };
        print(&(json(&line)? + "\n"))?;
    } else {
        let path = args.checkpoint.file();
        let images = format!(
            "{} of {}",
            format::grouped(test.len() as u64),
            format::counted(dataset.test.len() as u64, "image")
        );
        let mut head = format!(
            "checkpoint  {}\ntrained on  {}\ntest set    {}, {images}\n",
            shown(&path),
            saved::summary(&checkpoint),
            dataset_label(&dataset.id)
        );
        if !changes.is_empty() {
            head += &format!("changes     {}\n", changes.join(", "));
        }
        if let Some(delay) = args.delay {
            head += &format!("delay       {} after each image\n", format::counted(u64::from(delay), "empty row"));
        }
        print(&(head + "\n" + &report(&evaluation)))?;
    }
    Ok(Status::Done)
}

/// Returns the first `limit` images, or all.
pub(super) fn first(split: &Split, limit: Option<u32>) -> Split {
    let count = limit.map_or(split.len(), |limit| split.len().min(limit as usize));
    Split::new(split.pixels()[..count * PIXELS].to_vec(), split.labels()[..count].to_vec())
}

/// Notes on stderr whether the data set differs from the run's or is synthetic.
fn note_dataset(checkpoint: &Checkpoint, dataset: &Dataset) {
    let trained_on = &checkpoint.spec.dataset;
    if trained_on.fingerprint != dataset.id.fingerprint {
        notify(&format!("trained on {}, evaluated on {}", trained_on.name, dataset.id.name));
    } else if dataset.id.kind == Kind::Synthetic {
        notify("trained and evaluated on SYNTHETIC digits");
    }
}

/// Output of `eval --json`.
#[derive(Serialize)]
struct Line<'a> {
    test_loss: f64,
    test_accuracy: f64,
    correct: u32,
    total: u32,
    /// Images by true (row) and predicted (column) digit.
    confusion: &'a [[u32; CLASSES]; CLASSES],
    classes: [Class; CLASSES],
    dataset: &'a str,
    /// What was done to the images, in this order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    disturbances: Vec<String>,
    /// Empty rows after each image, if given.
    #[serde(skip_serializing_if = "Option::is_none")]
    delay: Option<u32>,
}

/// Scores of one digit; `null` where undefined.
#[derive(Serialize)]
struct Class {
    precision: Option<f64>,
    recall: Option<f64>,
    f1: Option<f64>,
}

impl<'a> Line<'a> {
    fn new(evaluation: &'a Evaluation, dataset: &'a Dataset) -> Self {
        let Evaluation { loss, confusion, .. } = evaluation;
        Self {
            test_loss: *loss,
            test_accuracy: evaluation.accuracy(),
            correct: evaluation.correct(),
            total: evaluation.total(),
            confusion: &confusion.0,
            classes: std::array::from_fn(|class| Class {
                precision: confusion.precision(class),
                recall: confusion.recall(class),
                f1: confusion.f1(class),
            }),
            dataset: &dataset.id.name,
            disturbances: Vec::new(),
            delay: None,
        }
    }
}

fn report(evaluation: &Evaluation) -> String {
    let confusion = &evaluation.confusion;
    let mut text = format!(
        "test loss {}   test accuracy {}   {} of {} right\n\n",
        format::loss(evaluation.loss).trim_start(),
        format::share(evaluation.accuracy()).trim_start(),
        format::grouped(evaluation.correct()),
        format::grouped(evaluation.total())
    );
    text += "digit  images  precision  recall      F1\n";
    for class in 0..CLASSES {
        let images: u32 = confusion.0[class].iter().sum();
        let share = |value: Option<f64>| format::share(value.unwrap_or(f64::NAN));
        let (precision, recall, f1) = (confusion.precision(class), confusion.recall(class), confusion.f1(class));
        let (precision, recall, f1) = (share(precision), share(recall), share(f1));
        writeln!(text, "{class:>5}{:>8}{precision:>11}{recall:>8}{f1:>8}", format::grouped(images))
            .expect("writing to a string cannot fail");
    }
    text + "\nconfusion: one row per true digit, one column per predicted digit\n" + &matrix(confusion)
}

/// Formats the confusion matrix, with dots for zeros so that mistakes stand out.
fn matrix(confusion: &Confusion) -> String {
    let widest = confusion.0.iter().flatten().map(|count| count.to_string().len()).max().unwrap_or(1) + 2;
    let heads: String = (0..CLASSES).map(|class| format!("{class:>widest$}")).collect();
    let mut text = format!("     {heads}\n");
    for (class, row) in confusion.0.iter().enumerate() {
        let counts = row.iter().map(|&count| if count == 0 { ".".to_owned() } else { count.to_string() });
        let counts: String = counts.map(|count| format!("{count:>widest$}")).collect();
        writeln!(text, "{class:>5}{counts}").expect("writing to a string cannot fail");
    }
    text
}
