//! `history`: prints a run's epochs.

use std::fmt::Write;

use clap::Args;
use serde::Serialize;

use super::{
    Status,
    output::{notify, print},
    saved::{self, CheckpointArg},
};
use crate::{
    format::{self, shown},
    sheet::guarded,
    train::{Checkpoint, EpochRecord},
};

#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    #[command(flatten)]
    checkpoint: CheckpointArg,
    /// Print comma-separated values, with a header
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// Print one JSON object per epoch
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: HistoryArgs) -> anyhow::Result<Status> {
    let checkpoint = args.checkpoint.read()?;
    if checkpoint.history.is_empty() {
        notify(&format!("{} has no complete epoch yet", shown(&args.checkpoint.file())));
    }
    let text = if args.json {
        json(&checkpoint)?
    } else if args.csv {
        csv(&checkpoint)?
    } else {
        format!("{}\n\n{}", saved::summary(&checkpoint), table(&checkpoint.history))
    };
    print(&text)?;
    Ok(Status::Done)
}

/// One epoch, with the field names of `train --json`.
#[derive(Serialize)]
struct Line<'a> {
    epoch: u32,
    train_loss: f64,
    train_accuracy: f64,
    test_loss: f64,
    test_accuracy: f64,
    validation_loss: Option<f64>,
    validation_accuracy: Option<f64>,
    seconds: f64,
    ms_per_step: f64,
    images_per_second: f64,
    learning_rate: f32,
    dataset: &'a str,
}

impl<'a> Line<'a> {
    fn all(checkpoint: &'a Checkpoint) -> impl Iterator<Item = Self> {
        let dataset = checkpoint.spec.dataset.name.as_str();
        checkpoint.history.iter().map(move |record| Self {
            epoch: record.epoch,
            train_loss: record.train_loss,
            train_accuracy: record.train_accuracy,
            test_loss: record.test_loss,
            test_accuracy: record.test_accuracy,
            validation_loss: record.validation.map(|(loss, _)| loss),
            validation_accuracy: record.validation.map(|(_, accuracy)| accuracy),
            seconds: record.seconds,
            ms_per_step: record.ms_per_step(),
            images_per_second: record.images_per_second(),
            learning_rate: record.learning_rate,
            dataset,
        })
    }
}

fn json(checkpoint: &Checkpoint) -> serde_json::Result<String> {
    Line::all(checkpoint).map(|line| Ok(format::json(&line)? + "\n")).collect()
}

fn csv(checkpoint: &Checkpoint) -> anyhow::Result<String> {
    const HEADER: &str = "epoch,train_loss,train_accuracy,test_loss,test_accuracy,validation_loss,validation_accuracy,\
                          seconds,ms_per_step,images_per_second,learning_rate,dataset\n";
    // The header is written even without epochs.
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(HEADER.as_bytes().to_vec());
    for line in Line::all(checkpoint) {
        writer.serialize(Line { dataset: &guarded(line.dataset), ..line })?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// Formats the epochs as a table, with the original report's columns first.
fn table(history: &[EpochRecord]) -> String {
    let validated = history.iter().any(|record| record.validation.is_some());
    let validation = if validated { "   val loss   val acc" } else { "" };
    let mut text =
        format!("epoch     loss  accuracy  test loss  test acc{validation}  seconds  ms/step  images/s  rate\n");
    for record in history {
        let validation = record.validation.unwrap_or((f64::NAN, f64::NAN));
        let validation = match validated {
            true => format!("{:>11}{:>10}", format::loss(validation.0), format::share(validation.1)),
            false => String::new(),
        };
        writeln!(
            text,
            "{:>5}{:>9}{:>10}{:>11}{:>10}{validation}{:>9.2}{:>9.3}{:>10}  {}",
            record.epoch,
            format::loss(record.train_loss),
            format::share(record.train_accuracy),
            format::loss(record.test_loss),
            format::share(record.test_accuracy),
            record.seconds,
            record.ms_per_step(),
            format::grouped(record.images_per_second() as u64),
            format::rate(record.learning_rate)
        )
        .expect("writing to a string cannot fail");
    }
    text
}
