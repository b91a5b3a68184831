//! `watch`: the curves of other programs' runs, on a screen or as lines.

use std::{fmt::Write, io, path::PathBuf, thread, time::Duration};

use clap::Args;

use super::{
    Status,
    config::Config,
    output::{notify, write_out},
    screen::{self, LookArgs},
    signals::Signals,
};
use crate::{
    format::{grouped, sanitized, sanitized_lines},
    tui::watch as board,
    watch::{Row, Watch},
};

const FORMATS: &str = "\
Formats, told apart by a file's name and contents:
  JSON lines            one object per line, such as those of `train --json`
  CSV                   Keras's CSVLogger, Lightning's metrics.csv, any table with a header
  trainer_state.json    the Trainer of Hugging Face
  TensorBoard           events.out.tfevents.*; the event files in one folder are one run

A folder is searched, with those below it, for .csv, .tsv, .jsonl and .ndjson files, trainer_state.json and event files.
Nothing is written to any of them. `q` quits, `?` lists the keys.

Exit codes:
  0        quit by key, or the reader of the lines has closed the pipe
  1        failed
  2        invalid arguments
  128+N    ended by signal N (SIGINT, SIGTERM, SIGHUP, ...)";

#[derive(Debug, Args)]
#[command(after_help = FORMATS)]
pub(crate) struct WatchArgs {
    /// Log files, or folders with log files; they need not be there yet
    #[arg(required = true, value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,
    /// Print one line per new row instead of showing a screen [default: without a terminal]
    #[arg(long)]
    headless: bool,
    #[command(flatten)]
    look: LookArgs,
}

pub(crate) fn run(args: WatchArgs) -> anyhow::Result<Status> {
    let config = Config::load()?;
    let signals = Signals::watch()?;
    let watch = Watch::new(args.paths);
    if args.headless || !screen::is_possible() {
        return print_rows(watch, &signals);
    }
    let (theme, asks_background) = args.look.theme(&config);
    let options = board::WatchOptions {
        theme,
        asks_background,
        title: args.look.sets_title(&config),
        mouse: args.look.uses_mouse(&config),
        fps: args.look.fps(&config),
        keymap: config.keymap,
    };
    let is_gone = board::run(watch, options)?;
    Ok(match (signals.caught(), is_gone) {
        (Some(signal), _) => Status::Signal(signal),
        (None, true) => Status::Signal(1),
        (None, false) => Status::Done,
    })
}

/// Time between two looks at the files.
const BETWEEN_POLLS: Duration = Duration::from_millis(250);
/// Number of looks at the files between two searches for new ones.
const POLLS_PER_SEARCH: u32 = 8;

/// Prints a line per row until a signal ends the program, or the reader closes the pipe.
fn print_rows(mut watch: Watch, signals: &Signals) -> anyhow::Result<Status> {
    let mut notes: Vec<Vec<String>> = Vec::new();
    for polls in 1.. {
        let labels: Vec<String> = watch.runs().iter().map(|run| run.label.clone()).collect();
        let mut lines = String::new();
        let polled = watch.poll(&mut |row| line(&row, &labels, &mut lines));
        match write_out(&sanitized_lines(&lines)) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
            result => result?,
        }
        if polled.more {
            continue;
        }
        report_notes(&watch, &mut notes);
        if let Some(signal) = signals.caught() {
            return Ok(Status::Signal(signal));
        }
        thread::sleep(BETWEEN_POLLS);
        if polls % POLLS_PER_SEARCH == 0 {
            watch.search();
        }
    }
    Ok(Status::Done)
}

/// Reports what has become of the files since the last time.
fn report_notes(watch: &Watch, before: &mut Vec<Vec<String>>) {
    before.resize(watch.runs().len(), Vec::new());
    for (run, before) in watch.runs().iter().zip(before) {
        let notes = run.notes();
        for note in notes.iter().filter(|note| !before.contains(note)) {
            notify(&format!("{}: {note}", run.label));
        }
        *before = notes;
    }
}

/// Appends `run-a  step 40  loss 0.25  accuracy 0.9`, without the run if there is only one.
fn line(row: &Row, labels: &[String], text: &mut String) {
    let mut parts = Vec::new();
    if labels.len() > 1 {
        parts.push(sanitized(&labels[row.run]));
    }
    parts.extend(row.name().map(sanitized));
    parts.extend(row.step.map(|step| format!("step {}", grouped(step.max(0.0) as u64))));
    parts.extend(row.numbers.iter().map(|(name, value)| format!("{} {value}", sanitized(name))));
    writeln!(text, "{}", parts.join("  ")).expect("writing to a string succeeds");
}
