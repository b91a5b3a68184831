//! `train`: one run, with or without the dashboard.

mod headless;
mod lines;
mod resume;
mod transfer;

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::bail;
use clap::Args;

use self::resume::Found;
use super::{
    DatasetArgs, Loaded, Status, UsageError,
    background::{self, AttachArgs},
    config::{CHECKPOINTS, Config, OnHangup},
    engine::EngineArgs,
    hyper::HyperArgs,
    on_end::{OnEnd, Output},
    output::{notify, print},
    pasted::Flags,
    screen::{self, ScreenArgs},
    side_by_side,
    signals::Signals,
    teacher::{DEFAULT_WEIGHT, TeacherArgs, check_weights},
    writer::writer,
};
use crate::{
    data::Dataset,
    disk,
    interop::tensorboard::EventLog,
    nn::Engine,
    train::{BackgroundRun, Busy, Hyperparameter, Limits, Observer, Recipe, RunSpec, Start, State, Transfer},
    tui,
};

/// Number of the signal that a process gets when its terminal hangs up.
const HANG_UP: u8 = 1;

#[derive(Debug, Args)]
pub(crate) struct TrainArgs {
    #[command(flatten)]
    dataset: DatasetArgs,
    /// Hold out the last N training images as a validation set, and choose the best checkpoint by it [default: 0]
    #[arg(long, value_name = "N")]
    holdout: Option<u32>,
    /// Use only the first N training images [default: all]
    #[arg(long, value_name = "N")]
    limit_train: Option<u32>,
    /// Use only the first N test images [default: all]
    #[arg(long, value_name = "N")]
    limit_test: Option<u32>,
    /// Begin with a named set of hyperparameters; other flags change single ones: report, fast or best
    ///
    /// The default is the configuration's recipe, else report: the report's run. Hyperparameters of the configuration
    /// do not change a recipe that this flag names. fast and best train with augmentation, a one-cycle schedule and a mean
    /// of the weights, for 40 and 120 epochs. The first line of the output lists all values.
    #[arg(long, value_name = "NAME", conflicts_with = "resume")]
    recipe: Option<Recipe>,
    /// Begin with the weights of another run, trained on any data set: its checkpoint, or its folder
    ///
    /// The run takes the network, its delay, activation and pooling from the checkpoint unless flags name others, and
    /// everything else from flags. It begins with the mean of the weights if the other run has one.
    #[arg(long, value_name = "CHECKPOINT", conflicts_with = "resume")]
    from: Option<PathBuf>,
    /// Layers that keep the weights of --from, by their names on the Layers screen: for example c1,c3
    #[arg(long, value_name = "LAYERS", requires = "from")]
    freeze: Option<String>,
    #[command(flatten)]
    teacher: TeacherArgs,
    #[command(flatten)]
    hyper: HyperArgs,
    #[command(flatten)]
    engine: EngineArgs,
    /// Folder in which each run creates its own folder [default: the configuration's, else checkpoints]
    #[arg(long, value_name = "DIR")]
    checkpoint_dir: Option<PathBuf>,
    /// Folder given by the flag itself, without the configuration's default.
    #[arg(skip)]
    named_checkpoint_dir: Option<PathBuf>,
    /// Continue a saved run. PATH is a checkpoint, a run's folder, or a folder of runs, whose most recently saved run is
    /// used [default: the checkpoint folder]
    ///
    /// The run continues in its own folder, exactly as if it had never stopped. Other flags need not be repeated. From
    /// any checkpoint but the folder's newest it continues in a new folder, so that nothing is overwritten.
    #[arg(long, value_name = "PATH", num_args = 0..=1, conflicts_with = "teacher")]
    resume: Option<Option<PathBuf>>,
    /// Train in the background: print the name of the run, and return to the shell once it trains
    ///
    /// `attach` shows the dashboard on it, from any terminal of this computer; `sessions` lists such runs; `stop`,
    /// `pause` and `resume` need no screen. On Unix only.
    #[arg(long, conflicts_with_all = ["headless", "json"])]
    detach: bool,
    /// When the terminal hangs up, as at the loss of a connection: stop, or detach, which continues the run in the
    /// background [default: the configuration's, else stop]
    #[arg(long, value_name = "WHAT")]
    on_hangup: Option<OnHangup>,
    /// Run this shell command when the run is done, has diverged, has failed or was stopped [default: the configuration's]
    ///
    /// It gets a line of JSON on its standard input: state, accuracy, loss, epochs, checkpoint, run, dataset, seconds and
    /// reason. Nothing waits for it. A run that moves to the background takes it along. Empty: no command.
    #[arg(long, value_name = "COMMAND")]
    on_end: Option<String>,
    /// Write curves for TensorBoard to this folder, a folder for each run: train, test and, with --holdout, validation
    #[arg(long, value_name = "DIR")]
    tensorboard: Option<PathBuf>,
    /// Marks the process of a background run.
    #[arg(long, hide = true)]
    background: bool,
    /// Begins a resumed background run paused.
    #[arg(long, hide = true, requires = "background")]
    paused: bool,
    /// No dashboard: print one line per epoch
    #[arg(long)]
    headless: bool,
    /// Print one JSON object per line on stdout (implies --headless); messages for people go to stderr
    #[arg(long)]
    json: bool,
    /// Show this table on the Sweep screen, and offer it as the file of a new sweep [default: sweep.csv]
    #[arg(long, value_name = "FILE")]
    sweep: Option<PathBuf>,
    #[command(flatten)]
    screen: ScreenArgs,
}

impl TrainArgs {
    /// Fills in the user's defaults where no flag is given.
    fn with_defaults(mut self, config: &Config) -> Self {
        let defaults = config.defaults.clone();
        self.named_checkpoint_dir.clone_from(&self.checkpoint_dir);
        self.checkpoint_dir = self.checkpoint_dir.or(defaults.checkpoint_dir);
        // A resumed run keeps its own hyperparameters, and a recipe named by flag precedes all of the user's defaults.
        if self.resume.is_none() && self.recipe.is_none() {
            self.recipe = defaults.values.recipe;
            // What the weights of another run compute comes with them.
            let left_out = if self.from.is_some() { Transfer::COMES_WITH } else { &[] };
            self.hyper = self.hyper.or(defaults.values.hyper.without(left_out));
        }
        self
    }

    fn checkpoint_dir(&self) -> PathBuf {
        self.checkpoint_dir.clone().unwrap_or_else(|| CHECKPOINTS.into())
    }

    fn limits(&self) -> Limits {
        Limits { train: self.limit_train, test: self.limit_test, holdout: self.holdout.unwrap_or(0) }
    }

    fn wants_screen(&self) -> bool {
        !self.headless && !self.json && screen::is_possible()
    }

    /// Returns where the output of commands goes that this run starts.
    fn output_of_commands(&self) -> Output {
        match self {
            Self { background: true, .. } => Output::OfBackground,
            Self { json: true, .. } => Output::ToStderr,
            _ => Output::Inherited,
        }
    }

    /// Makes the paths that viewers learn of mean the same in other folders.
    fn with_absolute_paths(mut self) -> Self {
        self.checkpoint_dir = Some(disk::absolute(&self.checkpoint_dir()));
        self.resume = self.resume.map(|path| path.as_deref().map(disk::absolute));
        self.tensorboard = self.tensorboard.as_deref().map(disk::absolute);
        self
    }

    /// Returns the flags with which a sweep of this screen is started from a shell.
    fn flags_of_sweep(&self, dataset: &Dataset, config: &Config) -> Flags {
        Flags::of(&self.dataset, dataset.id.kind, None, &config.defaults).and_simd(&self.engine.simd)
    }

    /// Returns the flags with which the run continues in the background.
    fn flags_in_background(&self, dataset: &Dataset, config: &Config) -> Vec<OsString> {
        let flags = Flags::of(&self.dataset, dataset.id.kind, Some(&self.checkpoint_dir()), &config.defaults);
        let flags = flags.and_engine(&self.engine).and_on_end(self.on_end.as_deref());
        flags.and_tensorboard(self.tensorboard.as_deref()).arguments()
    }
}

pub(crate) fn run(args: TrainArgs) -> anyhow::Result<Status> {
    if args.detach {
        return background::launch_this();
    }
    let config = Config::load()?;
    let args = args.with_defaults(&config);
    let prepared = args.background.then(background::Prepared::new).transpose()?;
    let args = if args.background { args.with_absolute_paths() } else { args };
    let (threads, simd) = (args.engine.threads(), args.engine.simd()?);
    let resumable = match args.resume.as_ref().map(|path| resume::find(&args, path.as_deref())).transpose()? {
        Some(Found::InBackground(busy, run)) => return attach_instead(args, config, busy, &run),
        Some(Found::Resumable(resumable)) => Some(resumable),
        None => None,
    };
    let signals = Signals::watch()?;
    let (Loaded { dataset, notes }, start) = match resumable {
        None => begin(&args)?,
        Some(resumable) => {
            let (dataset, start) = resumable.load(&args)?;
            (Loaded { dataset, notes: Vec::new() }, start)
        }
    };
    let engine = move || Engine::with_simd(threads, simd);
    let on_end = OnEnd::new(args.on_end.clone().or_else(|| config.on_end.clone()), args.output_of_commands());
    signals.set_at_end(on_end.at_end());
    let log = args.background.then(|| tui::keep_log(&dataset, notes.clone())).transpose()?;
    let (log, log_is_written) = log.unzip();
    let observer = on_end.observer_after(both(log, args.tensorboard.as_deref().map(writer_of_events)));
    let begin = screen::starter(Arc::clone(&dataset), args.checkpoint_dir(), engine, signals.clone(), observer);
    let start = match start {
        Start::Resume { path, .. } if args.paused => Start::Load(path),
        start => start,
    };
    let worker = begin(start);
    if args.on_hangup.or(config.on_hangup) == Some(OnHangup::Detach) && !args.background {
        background::detach_on_hang_up(&signals, args.flags_in_background(&dataset, &config), on_end.clone());
    }
    if let (Some(prepared), Some(log_is_written)) = (prepared, log_is_written) {
        signals.guard_with(|| (), log_is_written.clone(), |_| None);
        let folder = args.dataset.folder_of(&dataset)?;
        let status = background::serve(prepared, worker, dataset, folder, &signals);
        let _ = log_is_written.recv();
        return status;
    }
    let stopped = on_end.conclude_later();
    let status = if args.wants_screen() {
        let start_sweep =
            Some(side_by_side::start::starter(&dataset, simd, &signals, args.flags_of_sweep(&dataset, &config)));
        let write = Some(writer(Some(&dataset), simd));
        let link = tui::Link {
            worker: Some(worker),
            is_attached: false,
            start: Some(begin),
            sweep: None,
            is_sweep_attached: false,
            start_sweep,
            write,
            background: Some(background::background_runs(&dataset.id, &signals)),
        };
        show(Loaded { dataset, notes }, link, &args, config, &signals, &on_end)?
    } else {
        headless::run(&worker, args.json, &signals)?
    };
    if status == Status::Signal(HANG_UP) {
        signals.hang_up();
    }
    drop(stopped);
    Ok(status)
}

/// Returns a function that writes a run's epochs for TensorBoard.
fn writer_of_events(folder: &Path) -> Observer {
    let mut log = EventLog::new(folder);
    Box::new(move |event| log.observe(event))
}

/// Joins two functions that see each event.
fn both(first: Option<Observer>, second: Option<Observer>) -> Option<Observer> {
    match (first, second) {
        (Some(mut first), Some(mut second)) => Some(Box::new(move |event| {
            let note = first(event);
            second(event).or(note)
        })),
        (first, second) => first.or(second),
    }
}

/// Shows a run that trains in the background instead of resuming it, if the user agrees.
fn attach_instead(args: TrainArgs, config: Config, busy: Busy, run: &BackgroundRun) -> anyhow::Result<Status> {
    if !background::offers_to_attach(run)? {
        bail!(busy);
    }
    background::attach_to(&AttachArgs::of(args.dataset, args.engine, args.screen), config, &run.socket)
}

/// Checks the flags before it loads data for a new run.
fn begin(args: &TrainArgs) -> anyhow::Result<(Loaded, Start)> {
    let recipe = args.recipe.unwrap_or(Recipe::Report);
    let limits = args.limits();
    let (mut hyper, transfer) = match &args.from {
        Some(from) => transfer::transfer(args, from, recipe)?,
        None => (args.hyper.filled(recipe.hyperparameters()), None),
    };
    if args.teacher.is_given() && args.hyper.get(Hyperparameter::TeacherWeight).is_none() {
        hyper.teacher_weight = DEFAULT_WEIGHT;
    }
    hyper.validate().map_err(UsageError::new)?;
    limits.validate().map_err(UsageError::new)?;
    check_weights("--teacher-weight", hyper.teacher_weight > 0.0, args.teacher.is_given())?;
    let teachers = args.teacher.read()?;
    let mut loaded = args.dataset.load()?;
    let teacher = teachers.as_ref().map(|teachers| teachers.teacher(&args.checkpoint_dir()));
    let spec = RunSpec { transfer, teacher, ..RunSpec::new(hyper, limits, loaded.dataset.id.clone()) };
    let images = spec.check(&loaded.dataset).map_err(UsageError::new)?;
    if let Some(teachers) = teachers {
        let warnings = teachers.warnings(&loaded.dataset, images);
        warnings.iter().for_each(|warning| notify(warning));
        loaded.notes.extend(warnings.into_iter().map(|warning| (warning, Vec::new())));
    }
    Ok((loaded, Start::New(Box::new(spec))))
}

fn show(
    Loaded { dataset, notes }: Loaded,
    link: tui::Link,
    args: &TrainArgs,
    config: Config,
    signals: &Signals,
    on_end: &OnEnd,
) -> anyhow::Result<Status> {
    let read_table = screen::read_table(args.sweep.clone());
    let kind = dataset.id.kind;
    let checkpoint_dir = args.named_checkpoint_dir.as_deref();
    let flags = |folder| Flags::of(&args.dataset, kind, folder, &config.defaults);
    let (resume, sweep) = (flags(checkpoint_dir).and_engine(&args.engine), args.flags_of_sweep(&dataset, &config));
    let flags_in_background = args.flags_in_background(&dataset, &config);
    let options = tui::Options {
        notes,
        sweep_file: args.sweep.clone(),
        ..args.screen.options(config, args.checkpoint_dir(), read_table, resume, sweep)
    };
    let name = dataset.id.name.clone();
    let exit = tui::run(dataset, link, options)?;
    let is_unsaved = exit.is_unsaved();
    let continues = background::continue_after(&exit, &flags_in_background, signals, on_end)?;
    let sweep = side_by_side::conclude(exit.sweep, &name);
    if continues {
        return Ok(if sweep.has_failed { Status::Failed } else { Status::Done });
    }
    // The terminal may be gone. The run is saved all the same.
    let _ = print(&format!("{}{}", exit.summary, sweep.summary));
    let state = exit.outcome.map(|outcome| outcome.state);
    Ok(match (signals.caught(), exit.leave, state) {
        (Some(signal), ..) => Status::Signal(signal),
        (None, tui::Leave::TerminalGone, _) => Status::Signal(HANG_UP),
        (None, _, Some(State::Diverged | State::Failed)) => Status::Failed,
        _ if is_unsaved || sweep.has_failed => Status::Failed,
        _ => Status::Done,
    })
}
