//! The command line: one file per subcommand. Arguments become calls, errors become exit codes.

mod arguments;
mod background;
mod checkpoints;
mod completions;
mod config;
mod data;
mod dataset;
mod engine;
mod eval;
mod export;
mod folders;
mod history;
mod hyper;
mod import;
mod methods;
mod on_end;
mod output;
mod pasted;
mod predict;
mod report;
mod saved;
mod screen;
mod shifts;
mod side_by_side;
mod signals;
mod sweep;
mod teacher;
mod train;
mod watch;
mod writer;

use std::{env, fmt, process::ExitCode};

use clap::{CommandFactory, Parser, Subcommand};

pub use dataset::{DatasetArgs, DatasetChoice, Loaded};

const EXIT_CODES: &str = "\
Exit codes:
  0        finished, or quit by key
  1        failed, training diverged, or the run could not be saved
  2        invalid arguments
  128+N    ended by signal N (SIGINT, SIGTERM, SIGHUP, ...); the run was saved first, or a message says why not";

/// Train LeNet-5 on MNIST in front of your eyes.
///
/// Without a subcommand it trains: with a live dashboard on a terminal, otherwise printing one line per epoch. Flags may
/// stand before or after the subcommand.
#[derive(Debug, Parser)]
#[command(name = "lenet-monitor", version, after_help = EXIT_CODES, args_conflicts_with_subcommands = true)]
#[command(override_usage = "lenet-monitor [OPTIONS] [COMMAND]")]
// The last of repeated flags counts: earlier ones may come from an alias.
#[command(args_override_self = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Subcommands>,
    #[command(flatten)]
    train: train::TrainArgs,
}

#[derive(Debug, Subcommand)]
enum Subcommands {
    /// Train, with or without the dashboard (the default)
    #[command(after_help = EXIT_CODES)]
    Train(train::TrainArgs),
    /// Show the dashboard on a run or a sweep that trains in the background
    ///
    /// Any number of screens can be attached to it, each with its own size, colours and keys. `q` or Ctrl-\ closes the
    /// screen; the run continues. If RUN has ended, its result is shown from its folder.
    Attach(background::AttachArgs),
    /// List the runs and sweeps that train in the background
    Sessions(background::SessionsArgs),
    /// Stop runs and sweeps that train in the background, each after a save
    Stop(background::StopArgs),
    /// Pause a run or a sweep that trains in the background
    Pause(background::ControlArgs),
    /// Resume a run or a sweep that is paused in the background
    Resume(background::ControlArgs),
    /// Train every combination of hyperparameters and keep a table of results
    Sweep(Box<sweep::SweepArgs>),
    /// Compare the networks: train each, test it on disturbed images, and keep a table of results
    Methods(Box<methods::MethodsArgs>),
    /// Evaluate checkpoints on the test set, one by one or together
    Eval(eval::EvalArgs),
    /// Read digits from image files
    Predict(predict::PredictArgs),
    /// Write a network or a run's curves in other programs' formats: safetensors, npz, ONNX; TensorBoard
    Export(export::ExportArgs),
    /// Make a checkpoint of a network in another program's file
    Import(import::ImportArgs),
    /// Show the curves of other programs' runs as they train: JSON lines, CSV, TensorBoard's event files
    Watch(watch::WatchArgs),
    /// Print a run's epochs as a table
    History(history::HistoryArgs),
    /// Draw charts of a sweep or a run, as pictures and an HTML page
    Report(report::ReportArgs),
    /// Inspect, download and verify data: status, fetch, verify
    Data(data::DataArgs),
    /// List and show checkpoints
    Checkpoints(checkpoints::CheckpointsArgs),
    /// Inspect the configuration file: show, path, check
    Config(config::ConfigArgs),
    /// Print a shell's completion script
    Completions(completions::CompletionsArgs),
}

/// Default limit of frames per second.
const DEFAULT_FPS: u8 = 10;

/// Outcome of a subcommand that did not end with an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Done,
    Failed,
    Signal(u8),
}

/// Error in the arguments that parsing does not find, such as flags that contradict each other: exit code 2.
#[derive(Debug)]
struct UsageError(String);

impl UsageError {
    fn new(error: impl fmt::Display) -> Self {
        Self(error.to_string())
    }
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

/// Parses the arguments, runs the subcommand and returns the exit code.
pub fn main() -> ExitCode {
    signals::survive_file_size_limits();
    let cli = Cli::parse_from(arguments::with_subcommand_first(env::args_os().collect(), &Cli::command()));
    let result = match cli.command {
        None => train::run(cli.train),
        Some(Subcommands::Train(args)) => train::run(args),
        Some(Subcommands::Attach(args)) => background::attach(args),
        Some(Subcommands::Sessions(args)) => background::list(&args),
        Some(Subcommands::Stop(args)) => background::stop(&args),
        Some(Subcommands::Pause(args)) => background::order(&args, background::Order::Pause),
        Some(Subcommands::Resume(args)) => background::order(&args, background::Order::Resume),
        Some(Subcommands::Sweep(args)) => sweep::run(*args),
        Some(Subcommands::Methods(args)) => methods::run(*args),
        Some(Subcommands::Eval(args)) => eval::run(args),
        Some(Subcommands::Predict(args)) => predict::run(args),
        Some(Subcommands::Export(args)) => export::run(args),
        Some(Subcommands::Import(args)) => import::run(args),
        Some(Subcommands::Watch(args)) => watch::run(args),
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
            match error.downcast_ref::<config::ConfigError>() {
                Some(error) => error.messages().iter().for_each(|message| output::notify(message)),
                None => output::notify(&format!("{error:#}")),
            }
            if error.is::<UsageError>() { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}
