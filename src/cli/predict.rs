//! `predict`: reads digits from pictures.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use clap::Args;
use serde::Serialize;

use super::{
    Status, Usage,
    engine::EngineArgs,
    output::{print, tell, tell_raw},
    saved::CheckpointArg,
};
use crate::{
    data::{CLASSES, Kind, PIXELS, SIDE, Split, picture},
    format::{json, shown},
    nn::Network,
    train::{Prediction, evaluate},
};

/// Files beyond this are not read: no picture within the bounds of [`picture`] is larger.
const MAX_BYTES: u64 = 1 << 29;
const STDIN: &str = "-";

#[derive(Debug, Args)]
pub struct PredictArgs {
    #[command(flatten)]
    checkpoint: CheckpointArg,
    /// Pictures of one digit each: PNG, JPEG or PGM; `-` for standard input
    ///
    /// Any size, dark on light or light on dark, anywhere on the page. A picture of 28x28, light on dark, is taken as it is.
    #[arg(value_name = "IMAGE", required = true)]
    images: Vec<PathBuf>,
    #[command(flatten)]
    engine: EngineArgs,
    /// One JSON object for each picture on stdout
    #[arg(long)]
    json: bool,
    /// Show each digit as it reached the network, 28x28
    #[arg(long)]
    show: bool,
}

pub fn run(args: PredictArgs) -> anyhow::Result<Status> {
    let engine = args.engine.engine()?;
    let checkpoint = args.checkpoint.read()?;
    if args.images.iter().filter(|path| is_stdin(path)).count() > 1 {
        bail!(Usage("standard input (`-`) can be read only once".into()));
    }
    let mut network = checkpoint.network(engine);
    if checkpoint.spec.dataset.kind == Kind::Synthetic {
        tell("this network was trained on SYNTHETIC digits");
    }
    let table = Table::of(&args.images);
    if !args.json {
        print(&table.head())?;
    }

    let mut status = Status::Done;
    for path in &args.images {
        match read(path).and_then(|pixels| Ok((pixels, predict(&mut network, &pixels)?))) {
            Ok((pixels, prediction)) if args.json => {
                if args.show {
                    tell_raw(&drawing(&pixels));
                }
                print(&(json(&Line::new(path, &prediction))? + "\n"))?;
            }
            Ok((pixels, prediction)) => {
                let drawing = if args.show { drawing(&pixels) } else { String::new() };
                print(&(table.line(path, &prediction) + &drawing))?;
            }
            Err(error) => {
                tell(&format!("{}: {error:#}", name(path)));
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

fn read(path: &Path) -> anyhow::Result<[u8; PIXELS]> {
    let source: Box<dyn Read> =
        if is_stdin(path) { Box::new(io::stdin().lock()) } else { Box::new(File::open(path).context("cannot open")?) };
    let mut bytes = Vec::new();
    source.take(MAX_BYTES + 1).read_to_end(&mut bytes).context("cannot read")?;
    if bytes.len() as u64 > MAX_BYTES {
        bail!("expected an image file of at most {MAX_BYTES} bytes, found more");
    }
    Ok(picture::read_digit(&bytes)?)
}

/// The same way through the network as a test image's, so that the answers are the same.
fn predict(network: &mut Network, pixels: &[u8; PIXELS]) -> anyhow::Result<Prediction> {
    let unlabelled = Split::new(pixels.to_vec(), vec![0]);
    let prediction = evaluate(network, &unlabelled).predictions[0];
    if prediction.probabilities.iter().any(|probability| !probability.is_finite()) {
        bail!("the checkpoint's network gives no finite answer; take one from before it diverged");
    }
    Ok(prediction)
}

/// `predict --json`.
#[derive(Serialize)]
struct Line {
    path: String,
    digit: u8,
    confidence: f32,
    probabilities: [f32; CLASSES],
}

impl Line {
    fn new(path: &Path, prediction: &Prediction) -> Self {
        Self {
            path: path.display().to_string(),
            digit: prediction.digit,
            confidence: prediction.confidence(),
            probabilities: prediction.probabilities,
        }
    }
}

struct Table {
    path_width: usize,
}

impl Table {
    fn of(paths: &[PathBuf]) -> Self {
        let widest = paths.iter().map(|path| shown(path).chars().count()).max();
        Self { path_width: widest.unwrap_or(0).clamp("image".len(), 60) }
    }

    fn head(&self) -> String {
        let digits: String = (0..CLASSES).map(|digit| format!("{digit:>7}")).collect();
        format!("{:width$}  digit  confidence{digits}\n", "image", width = self.path_width)
    }

    fn line(&self, path: &Path, prediction: &Prediction) -> String {
        let probabilities: String = prediction.probabilities.map(|share| format!("{share:>7.4}")).concat();
        let (path, digit, confidence) = (shown(path), prediction.digit, prediction.confidence());
        format!("{path:width$}  {digit:>5}  {confidence:>10.4}{probabilities}\n", width = self.path_width)
    }
}

/// In plain characters, two for each pixel, since characters are higher than wide.
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
