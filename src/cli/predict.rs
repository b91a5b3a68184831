//! `predict`: reads digits from pictures.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow, bail};
use clap::Args;
use serde::Serialize;

use super::{
    Status, UsageError,
    engine::EngineArgs,
    output::{notify, print, write_err},
    saved::{self, CheckpointArg, Saved},
    shifts::ShiftArgs,
};
use crate::{
    data::{
        CLASSES, Kind, PIXELS, SIDE,
        picture::{self, Cell, Mark, Reading, Survey},
    },
    disk,
    format::{json, padded, shown, width},
    train::{Ensemble, JointAnswer, Prediction},
};

/// Size limit of an image file, in bytes; no image that [`picture`] accepts is larger.
const MAX_BYTES: u64 = 1 << 29;
/// Ratio of the second to the first probability from which the second digit is reported as near.
const NEAR: f32 = 0.3;
/// Columns in which a page is shown.
const COLUMNS: usize = 58;
const STDIN: &str = "-";

#[derive(Debug, Args)]
pub(crate) struct PredictArgs {
    #[command(flatten)]
    checkpoint: CheckpointArg,
    /// Pictures of one digit each: PNG, JPEG or PGM; `-` for standard input
    ///
    /// Up to 210 megapixels, dark on light or light on dark, anywhere on the page. Shadows, reflections, frames, punch
    /// holes and underlines are ignored, and so is the table around a sheet of paper. A 28x28 picture, light on dark,
    /// is used unchanged.
    #[arg(value_name = "IMAGE", required = true)]
    images: Vec<PathBuf>,
    /// Let this checkpoint answer, too: the mean of the probabilities counts; may be repeated
    #[arg(long = "with", value_name = "CHECKPOINT", action = clap::ArgAction::Append)]
    others: Vec<PathBuf>,
    #[command(flatten)]
    shifts: ShiftArgs,
    #[command(flatten)]
    engine: EngineArgs,
    /// Print one JSON object per picture on stdout
    #[arg(long)]
    json: bool,
    /// Show each digit as it reached the network, at 28x28, and which strokes on the page were used or left out
    #[arg(long)]
    show: bool,
}

pub(crate) fn run(args: PredictArgs) -> anyhow::Result<Status> {
    let engine = args.engine.engine()?;
    let mut members = vec![args.checkpoint.saved()?];
    for path in &args.others {
        members.push(Saved::read(path)?);
    }
    saved::check_distinct(&members)?;
    if args.images.iter().filter(|path| is_stdin(path)).count() > 1 {
        bail!(UsageError("standard input (`-`) can be read only once".into()));
    }
    let networks = members.iter().map(|member| member.checkpoint.network(engine.clone()));
    let ensemble = Ensemble::new(networks.collect(), args.shifts.test_time_shifts);
    let mut readers = Readers { ensemble, members: &members };
    for member in members.iter().filter(|member| member.checkpoint.spec.dataset.kind == Kind::Synthetic) {
        let which = if members.len() > 1 { member.file.display().to_string() } else { "this network".into() };
        notify(&format!("{which} was trained on SYNTHETIC digits"));
    }
    let mut table = Table::of(&args.images);
    let mut status = Status::Done;
    for path in &args.images {
        match read(path).and_then(|reading| Answer::by(&mut readers, reading)) {
            Ok(answer) if args.json => {
                if args.show {
                    write_err(&answer.drawing());
                }
                print(&(json(&Line::new(path, &answer, &members))? + "\n"))?;
            }
            Ok(answer) => {
                let drawing = if args.show { answer.drawing() } else { String::new() };
                print(&(table.line(path, &answer, &members) + &drawing))?;
            }
            Err(error) => {
                notify(&format!("{}: {error:#}", name(path)));
                status = Status::Failed;
            }
        }
    }
    Ok(status)
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == STDIN
}

fn name(path: &Path) -> String {
    if is_stdin(path) { "standard input".into() } else { path.display().to_string() }
}

fn read(path: &Path) -> anyhow::Result<Reading> {
    let source: Box<dyn Read> = if is_stdin(path) {
        Box::new(io::stdin().lock())
    } else {
        let why = if disk::obstacle(path).is_some() { "cannot read" } else { "cannot open" };
        Box::new(disk::open(path).context(why)?)
    };
    let mut bytes = Vec::new();
    source.take(MAX_BYTES + 1).read_to_end(&mut bytes).context("cannot read")?;
    if bytes.len() as u64 > MAX_BYTES {
        bail!("expected an image file of at most {MAX_BYTES} bytes, found more");
    }
    Ok(picture::read(&bytes)?)
}

/// The networks that answer, and their checkpoints.
struct Readers<'a> {
    ensemble: Ensemble,
    members: &'a [Saved],
}

impl Readers<'_> {
    fn read(&mut self, pixels: &[u8; PIXELS]) -> anyhow::Result<JointAnswer> {
        let answer = self.ensemble.predict(pixels);
        answer.map_err(|place| match self.members {
            [_] => {
                anyhow!(
                    "the network in this checkpoint gives no finite answer; use a checkpoint from before it diverged"
                )
            }
            members => anyhow!("the network in {} gives no finite answer; leave it out", shown(&members[place].file)),
        })
    }
}

/// The answer for one picture: a network's, or the mean of several.
struct Answer {
    reading: Reading,
    joint: JointAnswer,
    /// Prediction for other strokes on the page that might be the digit.
    rival: Option<Prediction>,
}

impl Answer {
    fn by(readers: &mut Readers, reading: Reading) -> anyhow::Result<Self> {
        let joint = readers.read(&reading.digit)?;
        let rival = reading.rival.as_ref().map(|rival| readers.read(rival)).transpose()?;
        Ok(Self { reading, joint, rival: rival.map(|rival| rival.mean) })
    }

    fn prediction(&self) -> &Prediction {
        &self.joint.mean
    }

    /// Returns the second most probable digit, if it is near the first.
    fn near(&self) -> Option<usize> {
        let shares = &self.prediction().probabilities;
        let others = (0..CLASSES).filter(|&digit| digit != usize::from(self.prediction().digit));
        let second = others.max_by(|&a, &b| shares[a].total_cmp(&shares[b]))?;
        (shares[second] >= NEAR * self.prediction().confidence()).then_some(second)
    }

    /// Returns what else the picture may show, and which networks read something else; empty if nothing is near.
    fn doubts(&self, members: &[Saved]) -> String {
        let near = self.near().map(|digit| format!("  near: {digit} ({:.4})", self.prediction().probabilities[digit]));
        let rival = self
            .rival
            .as_ref()
            .map(|rival| format!("  other strokes on the page read: {} ({:.4})", rival.digit, rival.confidence()));
        let dissenters = self.joint.dissenters().map(|(place, other)| {
            format!("  {} reads: {} ({:.4})", shown(&members[place].file), other.digit, other.confidence())
        });
        near.into_iter().chain(rival).chain(dissenters).collect()
    }

    fn drawing(&self) -> String {
        drawing(&self.reading.digit) + &self.reading.survey.as_ref().map(page).unwrap_or_default()
    }
}

/// Output of `predict --json`.
#[derive(Serialize)]
struct Line {
    path: String,
    digit: u8,
    confidence: f32,
    probabilities: [f32; CLASSES],
    /// Second most probable digit, if it is near the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    near: Option<usize>,
    /// Prediction for other strokes on the page that might be the digit.
    #[serde(skip_serializing_if = "Option::is_none")]
    rival: Option<Rival>,
    /// Each network's own answer, if several answered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    members: Vec<Member>,
    /// Whether all of them read the same digit.
    #[serde(skip_serializing_if = "Option::is_none")]
    unanimous: Option<bool>,
}

#[derive(Serialize)]
struct Member {
    checkpoint: String,
    digit: u8,
    confidence: f32,
    probabilities: [f32; CLASSES],
}

#[derive(Serialize)]
struct Rival {
    digit: u8,
    confidence: f32,
}

impl Line {
    fn new(path: &Path, answer: &Answer, members: &[Saved]) -> Self {
        let prediction = answer.prediction();
        let rival = |rival: &Prediction| Rival { digit: rival.digit, confidence: rival.confidence() };
        let is_joint = members.len() > 1;
        let member = |(saved, own): (&Saved, &Prediction)| Member {
            checkpoint: saved.file.display().to_string(),
            digit: own.digit,
            confidence: own.confidence(),
            probabilities: own.probabilities,
        };
        Self {
            path: path.display().to_string(),
            digit: prediction.digit,
            confidence: prediction.confidence(),
            probabilities: prediction.probabilities,
            near: answer.near(),
            rival: answer.rival.as_ref().map(rival),
            members: members.iter().zip(&answer.joint.members).filter(|_| is_joint).map(member).collect(),
            unanimous: is_joint.then(|| answer.joint.is_unanimous()),
        }
    }
}

struct Table {
    path_width: usize,
    has_header: bool,
}

impl Table {
    fn of(paths: &[PathBuf]) -> Self {
        let widest = paths.iter().map(|path| width(&shown(path))).max();
        Self { path_width: widest.unwrap_or(0).clamp("image".len(), 60), has_header: false }
    }

    fn header(&self) -> String {
        let digits: String = (0..CLASSES).map(|digit| format!("{digit:>7}")).collect();
        format!("{:width$}  digit  confidence{digits}\n", "image", width = self.path_width)
    }

    /// Returns one line, preceded by the header if it is the first.
    fn line(&mut self, path: &Path, answer: &Answer, members: &[Saved]) -> String {
        let header = if self.has_header { String::new() } else { self.header() };
        self.has_header = true;
        let (path, prediction) = (shown(path), answer.prediction());
        let probabilities: String = prediction.probabilities.map(|share| format!("{share:>7.4}")).concat();
        let (digit, confidence) = (prediction.digit, prediction.confidence());
        let path = padded(&path, self.path_width);
        format!("{header}{path}  {digit:>5}  {confidence:>10.4}{probabilities}{}\n", answer.doubts(members))
    }
}

/// Draws the page in characters: the digit, and what was left out.
fn page(survey: &Survey) -> String {
    let (width, height) = survey.size();
    // Characters are twice as tall as wide.
    let rows = (height * COLUMNS / (2 * width)).clamp(1, COLUMNS);
    let row = |cells: &[Cell]| -> String {
        let symbol = |cell: &Cell| match cell {
            Cell::Paper => '.',
            Cell::Digit => '#',
            Cell::LeftOut => 'x',
        };
        cells.iter().map(symbol).chain(['\n']).collect()
    };
    let map: String = survey.cells(COLUMNS, rows).chunks(COLUMNS).map(row).collect();
    format!("the page: # digit, x left out{}\n{map}", left_out(&survey.marks))
}

/// Lists the marks that were left out.
fn left_out(marks: &[Mark]) -> String {
    let kinds = [
        (Mark::Frame, "frame", "frames"),
        (Mark::Spot, "spot", "spots"),
        (Mark::Rule, "line", "lines"),
        (Mark::Margin, "mark at the edge", "marks at the edge"),
    ];
    let named =
        kinds.iter().filter_map(|&(kind, one, several)| match marks.iter().filter(|&&mark| mark == kind).count() {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {several}")),
        });
    let named: Vec<String> = named.collect();
    if named.is_empty() { String::new() } else { format!(" ({})", named.join(", ")) }
}

/// Draws a digit with two characters per pixel, since characters are taller than wide.
fn drawing(pixels: &[u8; PIXELS]) -> String {
    const SHADES: &[u8; 10] = b" .:-=+*#%@";
    let shade = |&grey: &u8| SHADES[usize::from(grey) * (SHADES.len() - 1) / 255] as char;
    let edge = format!("+{}+\n", "-".repeat(2 * SIDE));
    let rows = pixels.chunks_exact(SIDE).map(|row| {
        let row: String = row.iter().map(shade).flat_map(|shade| [shade, shade]).collect();
        format!("|{row}|\n")
    });
    format!("{edge}{}{edge}", rows.collect::<String>())
}
