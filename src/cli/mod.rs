//! The command line: one file a subcommand. Arguments become calls, errors become exit codes.

mod checkpoints;
mod completions;
mod config;
mod data;
mod dataset;
mod engine;
mod eval;
mod folders;
mod history;
mod hyper;
mod output;
mod pasted;
mod predict;
mod report;
mod saved;
mod screen;
mod signals;
mod sweep;
mod train;

use std::{fmt, process::ExitCode};

use clap::{Parser, Subcommand};

pub use dataset::{DatasetArgs, DatasetChoice};

const EXIT_CODES: &str = "\
Exit codes:
  0        done, also after quitting by key
  1        failed, or the training diverged, or the run could not be saved
  2        wrong usage
  128+N    ended by signal N (SIGINT, SIGTERM, SIGHUP, ...); the run was saved first";

/// Train LeNet-5 on MNIST in front of your eyes.
///
/// Without a subcommand it trains: on a terminal with a live dashboard, otherwise with one line an epoch.
#[derive(Debug, Parser)]
#[command(name = "lenet-monitor", version, after_help = EXIT_CODES, args_conflicts_with_subcommands = true)]
// The last of several counts: the first ones may come from an alias.
#[command(args_override_self = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Subcommands>,
    #[command(flatten)]
    train: train::TrainArgs,
}

#[derive(Debug, Subcommand)]
enum Subcommands {
    /// Train, on a screen or without one (the default)
    #[command(after_help = EXIT_CODES)]
    Train(train::TrainArgs),
    /// Train every combination of some hyperparameters, and keep a table of the results
    Sweep(Box<sweep::SweepArgs>),
    /// Evaluate a checkpoint on the test set
    Eval(eval::EvalArgs),
    /// Read digits from image files
    Predict(predict::PredictArgs),
    /// Print a run's epochs as a table
    History(history::HistoryArgs),
    /// Draw a sweep or a run: pictures and a page
    Report(report::ReportArgs),
    /// Look after the data: status, fetch, verify
    Data(data::DataArgs),
    /// List and show checkpoints
    Checkpoints(checkpoints::CheckpointsArgs),
    /// Look at the configuration file: show, path, check
    Config(config::ConfigArgs),
    /// Print a shell's completion script
    Completions(completions::CompletionsArgs),
}

/// Frames a second the screen draws at most, unless told otherwise.
const DEFAULT_FPS: u8 = 10;

/// How a subcommand ended, where it was no error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Done,
    Failed,
    Signal(u8),
}

/// The arguments were understood but do not go together: exit code 2.
#[derive(Debug)]
struct Usage(String);

impl Usage {
    fn of(error: impl fmt::Display) -> Self {
        Self(error.to_string())
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// Parses the arguments, does what they say, and tells the exit code.
pub fn main() -> ExitCode {
    signals::survive_file_size_limits();
    let cli = Cli::parse();
    let result = match cli.command {
        None => train::run(cli.train),
        Some(Subcommands::Train(args)) => train::run(args),
        Some(Subcommands::Sweep(args)) => sweep::run(*args),
        Some(Subcommands::Eval(args)) => eval::run(args),
        Some(Subcommands::Predict(args)) => predict::run(args),
        Some(Subcommands::History(args)) => history::run(args),
        Some(Subcommands::Report(args)) => report::run(args),
        Some(Subcommands::Data(args)) => data::run(args),
        Some(Subcommands::Checkpoints(args)) => checkpoints::run(args),
        Some(Subcommands::Config(args)) => config::run(args),
        Some(Subcommands::Completions(args)) => completions::run(args),
    };
    match result {
        Ok(Status::Done) => ExitCode::SUCCESS,
        Ok(Status::Failed) => ExitCode::FAILURE,
        Ok(Status::Signal(signal)) => ExitCode::from(128 + signal),
        Err(error) => {
            output::tell(&format!("{error:#}"));
            if error.is::<Usage>() { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}
