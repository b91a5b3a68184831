//! The lines that a sweep prints. Other programs read the JSON lines, so their format changes only on purpose.

use std::fmt::Write;

use serde::{Serialize, Serializer};

use super::names::RunNames;
use crate::{
    format,
    sweep::{Measurements, Row, RunState, RunStatus, Snapshot, SweepRun, TESTS, TableStatus},
    train::{Hyperparameter, Hyperparameters, Images},
};

/// Returns the output of `--dry-run`.
pub(super) fn plan(names: &RunNames, runs: &[SweepRun], images: &[Images], jobs: usize, seconds: f64) -> String {
    let mut text = format!("{:>5}  {}\n", "run", names.heading);
    for (number, name) in names.names.iter().enumerate() {
        writeln!(text, "{:>5}  {name}", number + 1).expect("writing to a string cannot fail");
    }
    let count = format::counted(runs.len() as u64, "run");
    if let (Some(run), Some(images)) = (runs.first(), images.first()) {
        let measuring = format::grouped(if images.validation > 0 { images.validation } else { images.test });
        let dataset = &run.dataset.id.name;
        let what = if run.pixels.is_some() {
            format!("{count} on {dataset}, {measuring} images for testing")
        } else {
            let epochs = format::counted(run.hyper.epochs, "epoch");
            let training = format::counted(images.train, "image");
            format!("{count} of {epochs} on {dataset}, {training} for training and {measuring} for measuring")
        };
        writeln!(text, "{what}, {jobs} at a time: about {}", duration(seconds))
            .expect("writing to a string cannot fail");
    }
    text
}

/// Returns the heading, with the columns of [`ended`].
pub(super) fn columns(names: &RunNames, snapshot: &Snapshot, dataset: &str) -> String {
    let digits = snapshot.runs.len().to_string().len();
    format!(
        "{} on {dataset}, {} at a time\n{:>width$}  {}  accuracy      loss  seconds",
        format::counted(snapshot.runs.len() as u64, "run"),
        snapshot.jobs,
        "ended",
        names.heading,
        width = 2 * digits + 1
    )
}

/// Returns the line of a run that ended: progress, configuration and result.
pub(super) fn ended(name: &str, row: &Row, done: usize, snapshot: &Snapshot) -> String {
    let all = snapshot.runs.len();
    let width = 2 * all.to_string().len() + 1;
    let result = match (row.state, row.accuracy, row.loss) {
        (RunState::Done, Some(accuracy), Some(loss)) => format!("{accuracy:8.4}  {:>8}", format::loss(loss)),
        (state, ..) => format!("{:<18}", state.name()),
    };
    format!("{:>width$}  {name}  {result}  {:7.2}", format!("{done}/{all}"), row.seconds, width = width.max(5))
}

/// Returns whether the table on disk has a row for every run that was not dropped.
pub(super) fn is_complete(snapshot: &Snapshot, kept: &TableStatus) -> bool {
    let dropped = snapshot.count(|run| matches!(run, RunStatus::Dropped));
    snapshot.is_complete() && kept.fault.is_none() && kept.runs + dropped >= snapshot.runs.len()
}

/// Summarises the sweep by the rows of the table on disk.
pub(super) fn summary(
    names: &RunNames,
    snapshot: &Snapshot,
    dataset: &str,
    kept: &TableStatus,
    command: &str,
) -> String {
    let (ended, all) = (kept.runs, format::counted(snapshot.runs.len() as u64, "run"));
    let mut text = format!("{ended} of {all} on {dataset} are in {}", kept.path.display());
    for (count, what) in
        [(snapshot.ended_as(RunState::Diverged), "diverged"), (snapshot.ended_as(RunState::Failed), "failed")]
    {
        if count > 0 {
            write!(text, ", {count} {what}").expect("writing to a string cannot fail");
        }
    }
    if !is_complete(snapshot, kept) && kept.fault.is_none() {
        text.push_str("; the same command continues with the rest");
    }
    text.push('\n');
    for (name, place) in [("best", best(snapshot)), ("worst", worst(snapshot))] {
        if let Some((number, accuracy)) = place {
            writeln!(text, "{name:5}  {accuracy:.4}  {}", names.names[number].trim_end())
                .expect("writing to a string cannot fail");
        }
    }
    if !snapshot.is_complete() && kept.fault.is_none() {
        writeln!(text, "continue with: {command}").expect("writing to a string cannot fail");
    }
    text
}

/// Returns the numbers and accuracies of the runs with a result.
fn results(snapshot: &Snapshot) -> impl Iterator<Item = (usize, f64)> {
    snapshot.runs.iter().enumerate().filter_map(|(number, (_, run))| match run {
        RunStatus::Ended(row) => row.accuracy.map(|accuracy| (number, accuracy)),
        _ => None,
    })
}

fn best(snapshot: &Snapshot) -> Option<(usize, f64)> {
    results(snapshot).max_by(|(_, a), (_, b)| a.total_cmp(b))
}

fn worst(snapshot: &Snapshot) -> Option<(usize, f64)> {
    results(snapshot).min_by(|(_, a), (_, b)| a.total_cmp(b))
}

/// Formats a duration: `12 s`, `3:07 min`, `1:02:03 h`.
fn duration(seconds: f64) -> String {
    match seconds {
        seconds if seconds < 1.0 => "a second".into(),
        seconds if seconds < 60.0 => format!("{seconds:.0} s"),
        seconds if seconds < 3_600.0 => format!("{} min", format::clock(seconds)),
        seconds => format!("{} h", format::clock(seconds)),
    }
}

#[derive(Serialize)]
struct RunLine<'a> {
    event: &'static str,
    /// Factors of the original report.
    #[serde(flatten)]
    factors: Named<'a>,
    accuracy: Option<f64>,
    loss: Option<f64>,
    #[serde(flatten)]
    others: Named<'a>,
    seconds: f64,
    state: &'static str,
    dataset: &'a str,
    key: &'a str,
    #[serde(flatten)]
    measurements: Option<MeasurementsLine<'a>>,
    done: usize,
    runs: usize,
    /// Seconds left, estimated.
    remaining: Option<f64>,
}

/// Measurements of a comparison of methods.
#[derive(Serialize)]
struct MeasurementsLine<'a> {
    pixels: &'static str,
    training_images: u32,
    test_images: u32,
    parameters: u32,
    images_per_second: Option<f64>,
    memory: u64,
    epochs_to_98: Option<u32>,
    accuracy_by_epoch: &'a [f64],
    tests: Tests<'a>,
    gradient_by_step: &'a [f64],
}

impl<'a> MeasurementsLine<'a> {
    fn of(row: &Row, all: &'a Measurements) -> Self {
        Self {
            pixels: all.pixels.name(),
            training_images: row.training_images,
            test_images: row.test_images,
            parameters: all.parameters,
            images_per_second: all.images_per_second,
            memory: all.memory,
            epochs_to_98: all.epochs_to_98,
            accuracy_by_epoch: &all.accuracy_by_epoch,
            tests: Tests(&all.tests),
            gradient_by_step: &all.gradient_by_step,
        }
    }
}

/// Accuracies under the names of [`TESTS`], without those that do not apply.
struct Tests<'a>(&'a [Option<f64>]);

impl Serialize for Tests<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(TESTS.iter().zip(self.0).filter_map(|(test, accuracy)| Some((test, (*accuracy)?))))
    }
}

/// Hyperparameters under the names of their columns, such as `learning_rate`.
struct Named<'a>(&'a Hyperparameters, Vec<Hyperparameter>);

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let name = |which: Hyperparameter| which.column().to_lowercase().replace(' ', "_");
        serializer.collect_map(self.1.iter().map(|&which| (name(which), self.0.get(which))))
    }
}

/// Returns the JSON line of a run that ended.
pub(super) fn json_run(row: &Row, done: usize, snapshot: &Snapshot) -> String {
    use Hyperparameter::{Activation, BatchSize, Epochs, LearningRate, Optimizer, Pooling, Seed};
    let factors = vec![Activation, LearningRate, Optimizer, BatchSize];
    let others = Hyperparameter::starting_with(&[Seed, Epochs]).filter(|which| !factors.contains(which));
    // The format has never included the pooling.
    let others: Vec<_> = others.filter(|which| *which != Pooling).collect();
    json(&RunLine {
        event: "run",
        factors: Named(&row.hyper, factors),
        accuracy: row.accuracy,
        loss: row.loss,
        others: Named(&row.hyper, others),
        seconds: row.seconds,
        state: row.state.name(),
        dataset: &row.dataset,
        key: &row.key,
        measurements: row.measurements.as_deref().map(|all| MeasurementsLine::of(row, all)),
        done,
        runs: snapshot.runs.len(),
        remaining: snapshot.remaining(),
    })
}

#[derive(Serialize)]
struct EndLine<'a> {
    event: &'static str,
    done: usize,
    diverged: usize,
    failed: usize,
    missing: usize,
    out: &'a str,
}

pub(super) fn json_end(snapshot: &Snapshot, kept: &TableStatus) -> String {
    json(&EndLine {
        event: if is_complete(snapshot, kept) { "finished" } else { "stopped" },
        done: snapshot.ended_as(RunState::Done),
        diverged: snapshot.ended_as(RunState::Diverged),
        failed: snapshot.ended_as(RunState::Failed),
        missing: snapshot.runs.len() - kept.runs,
        out: &kept.path.display().to_string(),
    })
}

fn json(line: &impl Serialize) -> String {
    format::json(line).expect("numbers, strings and nothing else")
}
