//! `eval`: evaluates checkpoints on the test set, or on changed images of it, one by one or as an ensemble.

mod calibrated;
mod line;
mod text;

use std::{path::PathBuf, sync::Arc};

use anyhow::bail;
use clap::Args;

use self::{
    calibrated::Calibrated,
    line::{Line, Together},
};
use super::{
    DatasetArgs, Status, UsageError,
    engine::EngineArgs,
    output::{notify, print},
    saved::{self, Saved},
    shifts::ShiftArgs,
};
use crate::{
    data::{Dataset, Disturbance, DisturbanceError, Kind, Split},
    format::{self, json, shown},
    nn::{Engine, Network},
    train::{Ensemble, Evaluation, Hyperparameter, Hyperparameters, JointEvaluation, Shifts, dataset_label},
};

pub(super) use self::calibrated::temperature;

const OWN_DATA: &str = "Where images come from [default: the checkpoint's own kind of data]";

#[derive(Debug, Args)]
#[command(mut_arg("dataset", |arg| arg.help(OWN_DATA)))]
pub(crate) struct EvalArgs {
    /// Checkpoints, or runs' folders (their last.ckpt, else their best.ckpt)
    ///
    /// Of several, one line each is printed, on the same test images.
    #[arg(value_name = "CHECKPOINT", required = true)]
    checkpoints: Vec<PathBuf>,
    /// Let the networks answer together: the mean of their probabilities counts
    #[arg(long)]
    ensemble: bool,
    /// Evaluate the weights themselves, of runs that test a mean of them (--ema)
    #[arg(long)]
    raw: bool,
    #[command(flatten)]
    shifts: ShiftArgs,
    #[command(flatten)]
    dataset: DatasetArgs,
    /// Use only the first N test images [default: as many as the runs used; all of any other data set]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit_test: Option<u32>,
    /// Empty rows that a recurrent network reads after each image [default: as in training]
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u32).range(..=i64::from(Hyperparameters::MAX_DELAY)))]
    delay: Option<u32>,
    #[command(flatten)]
    engine: EngineArgs,
    /// Print JSON on stdout: one object for each checkpoint, or one for an ensemble
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
    let mut members = args.checkpoints.iter().map(|path| Saved::read(path)).collect::<Result<Vec<_>, _>>()?;
    check(&args, &members)?;
    if args.raw {
        members.iter_mut().for_each(|member| member.checkpoint.optimizer.average = None);
    }
    let dataset = load(&args.dataset, &members)?;
    let limit = args.limit_test.or_else(|| own_limit(&members, &dataset));
    let changes = args.disturbances.chosen();
    let test = changes.iter().fold(first(&dataset.test, limit), |test, change| change.apply(&test));
    let run = Run {
        dataset,
        test,
        changes: changes.iter().map(Disturbance::to_string).collect(),
        delay: args.delay,
        shifts: args.shifts.test_time_shifts,
        engine,
        members,
    };
    let lines = if args.ensemble { run.together(args.json)? } else { run.each(args.json)? };
    print(&lines)?;
    Ok(Status::Done)
}

/// Checks what can be checked before the data are loaded.
fn check(args: &EvalArgs, members: &[Saved]) -> Result<(), UsageError> {
    for Saved { checkpoint, .. } in members {
        let hyper = &checkpoint.spec.hyper;
        if let (Some(delay), false) = (args.delay, hyper.uses(Hyperparameter::Delay)) {
            let title = hyper.network.title();
            return Err(UsageError(format!("--delay {delay}: {title} is not recurrent and has no delay")));
        }
        if args.raw && checkpoint.optimizer.average.is_none() {
            return Err(UsageError("--raw: the run has no mean of its weights; leave the flag out".into()));
        }
    }
    if args.ensemble {
        if members.len() < 2 {
            return Err(UsageError("--ensemble: expected two checkpoints or more, found one".into()));
        }
        saved::check_distinct(members)?;
    }
    Ok(())
}

/// Loads the data set that the flags name, or else that of all members.
fn load(args: &DatasetArgs, members: &[Saved]) -> anyhow::Result<Arc<Dataset>> {
    let (first, others) = members.split_first().expect("one checkpoint at least is required");
    let own = &first.checkpoint.spec.dataset;
    let is_named = args.dataset.is_some() || args.data_dir.is_some();
    let other = others.iter().find(|other| other.checkpoint.spec.dataset.fingerprint != own.fingerprint);
    if let (Some(other), false) = (other, is_named) {
        bail!(
            "the runs have different data sets: {} was trained on {}, {} on {}; name the one to use with --dataset or \
             --data-dir",
            shown(&first.file),
            dataset_label(own),
            shown(&other.file),
            dataset_label(&other.checkpoint.spec.dataset)
        );
    }
    args.load_like(own)
}

/// Returns the number of test images that every run on this data set used.
fn own_limit(members: &[Saved], dataset: &Dataset) -> Option<u32> {
    let own = members.iter().map(|member| &member.checkpoint.spec);
    let own = own.filter(|spec| spec.dataset.fingerprint == dataset.id.fingerprint);
    let limits: Vec<Option<u32>> = own.map(|spec| spec.limits.test).collect();
    let least = limits.iter().flatten().min().copied();
    if let Some(least) = least.filter(|_| limits.iter().any(|limit| *limit != limits[0])) {
        let images = format::counted(least, "test image");
        notify(&format!("the runs used different numbers of test images; evaluating on the first {images}"));
    }
    least
}

/// What is evaluated, and on what.
struct Run {
    dataset: Arc<Dataset>,
    test: Split,
    changes: Vec<String>,
    delay: Option<u32>,
    shifts: Option<Shifts>,
    engine: Engine,
    members: Vec<Saved>,
}

impl Run {
    fn network(&self, member: &Saved) -> Network {
        let mut network = member.checkpoint.network(self.engine.clone());
        self.delay.into_iter().for_each(|delay| network.set_delay(delay));
        network
    }

    /// Evaluates each checkpoint alone.
    fn each(&self, as_json: bool) -> anyhow::Result<String> {
        let mut evaluated = Vec::new();
        for member in &self.members {
            let mut network = Ensemble::new(vec![self.network(member)], self.shifts);
            let mut evaluate = |split: &Split, images| network.evaluate(split, images).evaluation;
            let evaluation = evaluate(&self.test, 0..self.test.len());
            let range = member.checkpoint.spec.held_out(&self.dataset);
            let calibrated = Calibrated::new(&evaluation, range, |images| evaluate(&self.dataset.train, images));
            evaluated.push((member, evaluation, calibrated));
        }
        if as_json {
            let line = |(member, evaluation, calibrated): &(&Saved, _, _)| {
                self.note_dataset(member);
                Ok(json(&self.line(evaluation, calibrated, Some(member.file.display().to_string())))? + "\n")
            };
            return evaluated.iter().map(line).collect();
        }
        if let [(member, evaluation, calibrated)] = &evaluated[..] {
            let saved =
                format!("checkpoint  {}\ntrained on  {}\n", shown(&member.file), saved::summary(&member.checkpoint));
            return Ok(saved + &self.head() + "\n" + &text::report(evaluation) + &text::calibration(calibrated));
        }
        let rows: Vec<_> = evaluated
            .iter()
            .map(|(member, evaluation, calibrated)| text::Row {
                evaluation,
                calibrated,
                dissents: None,
                checkpoint: Some(member),
            })
            .collect();
        Ok(self.head() + "\n" + &text::table(&rows))
    }

    /// Evaluates the mean of the checkpoints' probabilities.
    fn together(&self, as_json: bool) -> anyhow::Result<String> {
        let mut ensemble = Ensemble::new(self.members.iter().map(|member| self.network(member)).collect(), self.shifts);
        let joint = ensemble.evaluate(&self.test, 0..self.test.len());
        self.check_finite(&joint)?;
        let spec = |member: &Saved| member.checkpoint.spec.held_out(&self.dataset);
        let range = calibrated::common(self.members.iter().map(spec));
        let calibrated = Calibrated::new(&joint.evaluation, range, |images| {
            ensemble.evaluate(&self.dataset.train, images).evaluation
        });
        if as_json {
            self.members.iter().for_each(|member| self.note_dataset(member));
            let together = Together::new(&self.members, &joint);
            let mut line = self.line(&joint.evaluation, &calibrated, None);
            line.ensemble = Some(together);
            return Ok(json(&line)? + "\n");
        }
        let alone: Vec<Calibrated> = joint.members.iter().map(Calibrated::without_temperature).collect();
        let rows = self.members.iter().zip(&joint.members).zip(&alone).zip(&joint.dissents);
        let rows = rows.map(|(((member, evaluation), calibrated), &dissents)| text::Row {
            evaluation,
            calibrated,
            dissents: Some(dissents),
            checkpoint: Some(member),
        });
        let mean =
            text::Row { evaluation: &joint.evaluation, calibrated: &calibrated, dissents: None, checkpoint: None };
        let rows: Vec<_> = rows.chain([mean]).collect();
        Ok(format!("ensemble    {} networks, the mean of their probabilities\n", joint.members.len())
            + &self.head()
            + "\n"
            + &text::table(&rows)
            + &text::disputes(&joint)
            + "\n"
            + &text::report(&joint.evaluation)
            + &text::calibration(&calibrated))
    }

    /// # Errors
    /// If a network diverged: its answers would make those of all undefined.
    fn check_finite(&self, joint: &JointEvaluation) -> anyhow::Result<()> {
        let diverged = self.members.iter().zip(&joint.members).find(|(_, alone)| !alone.loss.is_finite());
        if let Some((member, _)) = diverged {
            bail!("{}: the network in this checkpoint gives no finite answer; leave it out", shown(&member.file));
        }
        Ok(())
    }

    /// Describes the test images.
    fn head(&self) -> String {
        let images = format!(
            "{} of {}",
            format::grouped(self.test.len() as u64),
            format::counted(self.dataset.test.len() as u64, "image")
        );
        let mut head = format!("test set    {}, {images}\n", dataset_label(&self.dataset.id));
        if !self.changes.is_empty() {
            head += &format!("changes     {}\n", self.changes.join(", "));
        }
        if let Some(delay) = self.delay {
            head += &format!("delay       {} after each image\n", format::counted(u64::from(delay), "empty row"));
        }
        if let Some(Shifts { pixels }) = self.shifts {
            let unit = if pixels == 1.0 { "pixel" } else { "pixels" };
            head += &format!("positions   9 of each image, {pixels} {unit} apart, the mean of the probabilities\n");
        }
        head
    }

    fn line<'a>(&'a self, evaluation: &'a Evaluation, calibrated: &Calibrated, checkpoint: Option<String>) -> Line<'a> {
        let mut line = Line::new(evaluation, calibrated, &self.dataset);
        (line.disturbances, line.delay, line.checkpoint) = (&self.changes, self.delay, checkpoint);
        line.test_time_shifts = self.shifts.map(|shifts| shifts.pixels);
        line
    }

    /// Notes on stderr whether the data set differs from the run's or is synthetic.
    fn note_dataset(&self, member: &Saved) {
        let (trained_on, here) = (&member.checkpoint.spec.dataset, &self.dataset.id);
        if trained_on.fingerprint != here.fingerprint {
            notify(&format!("trained on {}, evaluated on {}", trained_on.name, here.name));
        } else if here.kind == Kind::Synthetic {
            notify("trained and evaluated on SYNTHETIC digits");
        }
    }
}

/// Returns the first `limit` images, or all.
pub(super) fn first(split: &Split, limit: Option<u32>) -> Split {
    split.first(limit.map_or(split.len(), |limit| limit as usize))
}
