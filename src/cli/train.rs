//! `train`: the run itself, on a screen or without one.

mod headless;
mod lines;
mod resume;

use std::{
    io::{self, Write},
    path::PathBuf,
    sync::Arc,
};

use clap::Args;

use super::{
    DatasetArgs, DatasetChoice, Status, Usage,
    config::Config,
    engine::EngineArgs,
    screen::{self, ScreenArgs},
    signals::Signals,
};
use crate::{
    data::Dataset,
    train::{
        Activation, Hyperparameters, Limits, OptimizerKind, Pooling, RunSpec, Start, State, Worker, WorkerOptions,
    },
    tui,
};

/// Hyperparameters are optional so that a resumed run can tell what was asked for from what is merely the default.
#[derive(Debug, Args)]
pub struct TrainArgs {
    #[command(flatten)]
    dataset: DatasetArgs,
    /// Set the last N training images apart as a validation set, and choose the best checkpoint by them [default: 0]
    #[arg(long, value_name = "N")]
    holdout: Option<u32>,
    /// Use only the first N training images [default: all]
    #[arg(long, value_name = "N")]
    limit_train: Option<u32>,
    /// Use only the first N test images [default: all]
    #[arg(long, value_name = "N")]
    limit_test: Option<u32>,
    /// Activation function: relu, tanh or sigmoid [default: relu]
    #[arg(long, value_name = "NAME")]
    activation: Option<Activation>,
    /// Optimizer: adam, rmsprop or sgd [default: adam]
    #[arg(long, value_name = "NAME")]
    optimizer: Option<OptimizerKind>,
    /// Learning rate, above 0 and at most 10 [default: 0.001]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    lr: Option<f32>,
    /// Images a step, 1 to 4096 [default: 16]
    #[arg(long, value_name = "N")]
    batch_size: Option<u32>,
    /// Epochs in all, those of a resumed run included, 1 to 10000 [default: 10, or the checkpoint's]
    #[arg(long, value_name = "N")]
    epochs: Option<u32>,
    /// Pooling: avg or max [default: avg]
    #[arg(long, value_name = "NAME")]
    pooling: Option<Pooling>,
    /// Seed of the initial weights and of the order of the images [default: 1]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    #[command(flatten)]
    engine: EngineArgs,
    /// Folder in which each run makes a folder of its own [default: checkpoints]
    #[arg(long, value_name = "DIR")]
    checkpoint_dir: Option<PathBuf>,
    /// Go on with a saved run: this checkpoint or run folder, or the most recently saved run in the checkpoint folder
    ///
    /// The run goes on in its own folder, exactly as if it had never stopped. Other flags need not be repeated. From an
    /// earlier checkpoint than the folder's last one it goes on in a new folder, so that nothing is overwritten.
    #[arg(long, value_name = "PATH", num_args = 0..=1)]
    resume: Option<Option<PathBuf>>,
    /// No screen: one line an epoch
    #[arg(long)]
    headless: bool,
    /// One JSON object a line on stdout (implies --headless); what is for people goes to stderr
    #[arg(long)]
    json: bool,
    /// Show this sweep's table on the screen [default: sweep.csv, if there is one]
    #[arg(long, value_name = "FILE")]
    sweep: Option<PathBuf>,
    #[command(flatten)]
    screen: ScreenArgs,
}

impl TrainArgs {
    /// Flags first, then the user's defaults.
    fn with_defaults(mut self, config: &Config) -> Self {
        let defaults = config.defaults.clone();
        self.checkpoint_dir = self.checkpoint_dir.or(defaults.checkpoint_dir);
        if self.dataset.dataset != Some(DatasetChoice::Synthetic) {
            self.dataset.data_dir = self
                .dataset
                .data_dir
                .or_else(|| defaults.data_dir.filter(|_| std::env::var_os("LENET_MONITOR_DATA").is_none()));
        }
        // A resumed run has its own.
        if self.resume.is_none() {
            self.activation = self.activation.or(defaults.activation);
            self.optimizer = self.optimizer.or(defaults.optimizer);
            self.pooling = self.pooling.or(defaults.pooling);
            self.lr = self.lr.or(defaults.lr);
            self.batch_size = self.batch_size.or(defaults.batch_size);
            self.epochs = self.epochs.or(defaults.epochs);
            self.seed = self.seed.or(defaults.seed);
        }
        self
    }

    fn checkpoint_dir(&self) -> PathBuf {
        self.checkpoint_dir.clone().unwrap_or_else(|| "checkpoints".into())
    }

    fn hyperparameters(&self) -> Hyperparameters {
        let default = Hyperparameters::default();
        Hyperparameters {
            activation: self.activation.unwrap_or(default.activation),
            pooling: self.pooling.unwrap_or(default.pooling),
            optimizer: self.optimizer.unwrap_or(default.optimizer),
            learning_rate: self.lr.unwrap_or(default.learning_rate),
            batch_size: self.batch_size.unwrap_or(default.batch_size),
            epochs: self.epochs.unwrap_or(default.epochs),
            seed: self.seed.unwrap_or(default.seed),
        }
    }

    fn limits(&self) -> Limits {
        Limits { train: self.limit_train, test: self.limit_test, holdout: self.holdout.unwrap_or(0) }
    }

    fn wants_screen(&self) -> bool {
        !self.headless && !self.json && screen::is_possible()
    }
}

pub fn run(args: TrainArgs) -> anyhow::Result<Status> {
    let config = Config::load()?;
    let args = args.with_defaults(&config);
    let engine = args.engine.engine()?;
    let signals = Signals::watch()?;
    let (dataset, start) = match &args.resume {
        None => begin(&args)?,
        Some(path) => resume::resume(&args, path.as_deref())?,
    };
    let options = WorkerOptions { checkpoint_dir: args.checkpoint_dir(), engine };
    let worker = Worker::spawn(Arc::clone(&dataset), start, options);
    signals.guard(&worker);
    if args.wants_screen() {
        show(dataset, worker, &args, config, &signals)
    } else {
        headless::run(&worker, args.json, &signals)
    }
}

/// Whatever can be wrong with the flags is told before data are loaded.
fn begin(args: &TrainArgs) -> anyhow::Result<(Arc<Dataset>, Start)> {
    let (hyper, limits) = (args.hyperparameters(), args.limits());
    hyper.validate().map_err(usage)?;
    limits.validate().map_err(usage)?;
    let dataset = args.dataset.load()?;
    let spec = RunSpec { hyper, limits, dataset: dataset.id.clone() };
    spec.check(&dataset).map_err(usage)?;
    Ok((dataset, Start::New(Box::new(spec))))
}

fn usage(error: impl std::fmt::Display) -> Usage {
    Usage(error.to_string())
}

fn show(
    dataset: Arc<Dataset>,
    worker: Worker,
    args: &TrainArgs,
    config: Config,
    signals: &Signals,
) -> anyhow::Result<Status> {
    let read_table = screen::read_table(args.sweep.clone());
    let options = args.screen.options(config, args.checkpoint_dir(), read_table, None);
    let exit = tui::run(dataset, tui::Link::to(worker), options)?;
    // The terminal may be gone: the run is saved, and there is nobody to tell.
    let _ = io::stdout().write_all(exit.summary.as_bytes());
    let state = exit.outcome.map(|outcome| outcome.state);
    Ok(match (signals.caught(), exit.leave, state) {
        (Some(signal), ..) => Status::Signal(signal),
        // What a hang-up would have done.
        (None, tui::Leave::TerminalGone, _) => Status::Signal(1),
        (None, _, Some(State::Diverged | State::Failed)) => Status::Failed,
        _ => Status::Done,
    })
}
