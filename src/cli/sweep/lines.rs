//! The lines that a sweep prints. Other programs read the JSON lines, so their format changes only on purpose.

use std::fmt::Write;

use serde::{Serialize, Serializer};

use crate::{
    format,
    sweep::{Row, RunState, RunStatus, Snapshot, TableStatus},
    train::{Hyperparameter, Hyperparameters, Images, Kind},
};

/// Returns the output of `--dry-run`.
pub(super) fn plan(runs: &[Hyperparameters], dataset: &str, images: Images, jobs: usize, seconds: f64) -> String {
    let factors = factors(runs);
    let mut text = format!("{:>5}  {}\n", "run", configuration_header(&factors));
    for (number, run) in runs.iter().enumerate() {
        writeln!(text, "{:>5}  {}", number + 1, configuration(run, &factors)).expect("writing to a string cannot fail");
    }
    let epochs = runs.first().map_or(0, |run| run.epochs);
    writeln!(
        text,
        "{} of {} on {dataset}, {} for training and {} for measuring, {jobs} at a time: about {}",
        format::counted(runs.len() as u64, "run"),
        format::counted(epochs, "epoch"),
        format::counted(images.train, "image"),
        format::grouped(if images.validation > 0 { images.validation } else { images.test }),
        duration(seconds)
    )
    .expect("writing to a string cannot fail");
    text
}

/// Returns the hyperparameters that distinguish the runs: the columns of [`configuration`].
pub(super) fn factors<'a>(runs: impl IntoIterator<Item = &'a Hyperparameters> + Clone) -> Vec<Hyperparameter> {
    use Hyperparameter::{Activation, BatchSize, LearningRate, Optimizer, Seed};
    let all = Hyperparameter::starting_with(&[Activation, LearningRate, Optimizer, BatchSize, Seed]);
    let is_mentioned = |which: &Hyperparameter| runs.clone().into_iter().any(|run| run.mentions(*which));
    all.filter(|which| which.is_swept()).filter(is_mentioned).collect()
}

fn snapshot_factors(snapshot: &Snapshot) -> Vec<Hyperparameter> {
    factors(snapshot.runs.iter().map(|(hyper, _)| hyper))
}

fn configuration_header(factors: &[Hyperparameter]) -> String {
    aligned(factors, |which| which.short_name().to_owned())
}

pub(super) fn configuration(run: &Hyperparameters, factors: &[Hyperparameter]) -> String {
    aligned(factors, |which| run.readable(which))
}

/// Aligns names to the left and counts to the right, in columns that fit the longest value.
fn aligned(factors: &[Hyperparameter], text: impl Fn(Hyperparameter) -> String) -> String {
    let cell = |&which: &Hyperparameter| {
        let (text, width) = (text(which), which.short_name().len());
        match which.kind() {
            Kind::Names(_) => format!("{text:width$}"),
            Kind::Real { .. } => format!("{text:width$}", width = width.max(7)),
            Kind::Whole { .. } => format!("{text:>width$}"),
        }
    };
    factors.iter().map(cell).collect::<Vec<_>>().join("  ")
}

/// Returns the heading, with the columns of [`ended`].
pub(super) fn columns(snapshot: &Snapshot, dataset: &str) -> String {
    let digits = snapshot.runs.len().to_string().len();
    format!(
        "{} on {dataset}, {} at a time\n{:>width$}  {}  accuracy      loss  seconds",
        format::counted(snapshot.runs.len() as u64, "run"),
        snapshot.jobs,
        "ended",
        configuration_header(&snapshot_factors(snapshot)),
        width = 2 * digits + 1
    )
}

/// Returns the line of a run that ended: progress, configuration and result.
pub(super) fn ended(hyper: &Hyperparameters, row: &Row, done: usize, snapshot: &Snapshot) -> String {
    let all = snapshot.runs.len();
    let width = 2 * all.to_string().len() + 1;
    let result = match (row.state, row.accuracy, row.loss) {
        (RunState::Done, Some(accuracy), Some(loss)) => format!("{accuracy:8.4}  {:>8}", format::loss(loss)),
        (state, ..) => format!("{:<18}", state.name()),
    };
    format!(
        "{:>width$}  {}  {result}  {:7.2}",
        format!("{done}/{all}"),
        configuration(hyper, &snapshot_factors(snapshot)),
        row.seconds,
        width = width.max(5)
    )
}

/// Returns whether the table on disk has a row for every run that was not dropped.
pub(super) fn is_complete(snapshot: &Snapshot, kept: &TableStatus) -> bool {
    let dropped = snapshot.count(|run| matches!(run, RunStatus::Dropped));
    snapshot.is_complete() && kept.fault.is_none() && kept.runs + dropped >= snapshot.runs.len()
}

/// Summarises the sweep by the rows of the table on disk.
pub(super) fn summary(snapshot: &Snapshot, dataset: &str, kept: &TableStatus, command: &str) -> String {
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
        if let Some((hyper, accuracy)) = place {
            writeln!(text, "{name:5}  {accuracy:.4}  {}", configuration(hyper, &snapshot_factors(snapshot)).trim_end())
                .expect("writing to a string cannot fail");
        }
    }
    if !snapshot.is_complete() && kept.fault.is_none() {
        writeln!(text, "continue with: {command}").expect("writing to a string cannot fail");
    }
    text
}

fn results(snapshot: &Snapshot) -> impl Iterator<Item = (&Hyperparameters, f64)> {
    snapshot.runs.iter().filter_map(|(hyper, run)| match run {
        RunStatus::Ended(row) => row.accuracy.map(|accuracy| (hyper, accuracy)),
        _ => None,
    })
}

fn best(snapshot: &Snapshot) -> Option<(&Hyperparameters, f64)> {
    results(snapshot).max_by(|(_, a), (_, b)| a.total_cmp(b))
}

fn worst(snapshot: &Snapshot) -> Option<(&Hyperparameters, f64)> {
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
    done: usize,
    runs: usize,
    /// Seconds left, estimated.
    remaining: Option<f64>,
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
