//! The runs at work: several at once, one thread each.
//!
//! A run's result depends on the run alone, not on how many are trained beside it. Whoever watches is rung for and looks at
//! a [`Snapshot`]: nothing is queued, so a watcher that does not look costs nothing.

use std::{
    any::Any,
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::{
    grid::key,
    kept::Kept,
    table::{Row, RunState, Table},
};
use crate::{
    data::Dataset,
    nn::{Engine, Simd},
    train::{EpochRecord, Hyperparameters, Limits, RunSpec, Trainer, message, trainer::Advance},
};

/// A running run says so often how far it is.
const BETWEEN_REPORTS: Duration = Duration::from_millis(100);

/// What the sweep is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SweepCommand {
    /// Hold every run after its present step.
    Pause,
    Resume,
    /// Leave out the run of this number, also where it is being trained.
    Drop(usize),
    /// Train a run after all that was left out.
    Restore(usize),
    /// Give up the runs being trained, and begin no more. What has ended is in the table.
    Stop,
}

/// How far a running run is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// The epoch under way, from 1.
    pub epoch: u32,
    /// Steps done in it.
    pub step: u32,
    pub steps_per_epoch: u32,
    /// Running means over the epoch's images so far.
    pub train_loss: f64,
    pub train_accuracy: f64,
    /// Part of the whole run that is done, 0 to 1.
    pub share: f64,
    /// Of training and evaluation so far.
    pub seconds: f64,
    /// Epochs complete.
    pub history: Vec<EpochRecord>,
}

/// Where a run stands.
#[derive(Clone, Debug, PartialEq)]
pub enum RunStatus {
    Waiting,
    Running(Progress),
    Ended(Row),
    Dropped,
}

/// The whole sweep at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// In the grid's order.
    pub runs: Vec<(Hyperparameters, RunStatus)>,
    /// Numbers of the runs that ended while this program watched, in the order of their ends.
    pub ended: Vec<usize>,
    pub jobs: usize,
    pub is_paused: bool,
    /// No run is being trained, and none will be.
    pub is_over: bool,
    /// Why the sweep ended early: the table could not be written.
    pub fault: Option<String>,
}

impl Snapshot {
    /// How many runs stand like this.
    pub fn count(&self, which: impl Fn(&RunStatus) -> bool) -> usize {
        self.runs.iter().filter(|(_, run)| which(run)).count()
    }

    /// Runs that have a row.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.runs.iter().filter_map(|(_, run)| match run {
            RunStatus::Ended(row) => Some(row),
            _ => None,
        })
    }

    /// Rows of runs that ended like this.
    pub fn ended_as(&self, state: RunState) -> usize {
        self.rows().filter(|row| row.state == state).count()
    }

    /// Of the runs that are wanted, 0 to 1.
    pub fn part_done(&self) -> f64 {
        let parts = self.runs.iter().filter_map(|(_, run)| match run {
            RunStatus::Waiting => Some(0.0),
            RunStatus::Running(progress) => Some(progress.share),
            RunStatus::Ended(_) => Some(1.0),
            RunStatus::Dropped => None,
        });
        let (sum, count) = parts.fold((0.0, 0), |(sum, count), part| (sum + part, count + 1));
        sum / f64::from(count.max(1))
    }

    /// Every run that is wanted has its row.
    pub fn is_complete(&self) -> bool {
        self.runs.iter().all(|(_, run)| matches!(run, RunStatus::Ended(_) | RunStatus::Dropped))
    }

    /// Seconds to the end, at the rate of the runs so far; `None` where nothing has been trained yet.
    pub fn remaining(&self) -> Option<f64> {
        let (mut seconds, mut done, mut left) = (0.0, 0.0, 0.0);
        for (_, run) in &self.runs {
            match run {
                RunStatus::Waiting => left += 1.0,
                RunStatus::Running(progress) => {
                    seconds += progress.seconds;
                    done += progress.share;
                    left += 1.0 - progress.share;
                }
                // A run that diverged ended early.
                RunStatus::Ended(row) if row.state == RunState::Done => {
                    seconds += row.seconds;
                    done += 1.0;
                }
                RunStatus::Ended(_) | RunStatus::Dropped => {}
            }
        }
        let waiting = self.count(|run| matches!(run, RunStatus::Waiting | RunStatus::Running(_)));
        (done > 0.02).then(|| seconds / done * left / self.jobs.min(waiting.max(1)) as f64)
    }
}

/// A sweep under way on threads of its own.
#[derive(Debug)]
pub struct Sweep {
    shared: Arc<Shared>,
    bell: Receiver<()>,
    ended: Receiver<()>,
}

#[derive(Debug)]
struct Shared {
    dataset: Arc<Dataset>,
    limits: Limits,
    simd: Simd,
    /// Each run's key
    keys: Vec<String>,
    state: Mutex<State>,
    /// Pause, resume and stop.
    changed: Condvar,
    bell: Sender<()>,
    /// Some run may have to be held or given up: looked at after each step.
    orders: AtomicBool,
}

#[derive(Debug)]
struct State {
    snapshot: Snapshot,
    table: Table,
    stopping: bool,
    /// Threads that are still there.
    jobs: usize,
    /// How often each run was begun: who trains a run that was dropped and begun anew elsewhere gives up.
    begun: Vec<u32>,
}

/// A run as a thread has taken it.
#[derive(Clone, Copy, Debug)]
struct Ticket {
    number: usize,
    begun: u32,
}

impl State {
    /// The run's place, as long as it is trained by whoever holds the ticket.
    fn held(&mut self, ticket: Ticket) -> Option<&mut RunStatus> {
        let run = &mut self.snapshot.runs[ticket.number].1;
        (self.begun[ticket.number] == ticket.begun && matches!(run, RunStatus::Running(_))).then_some(run)
    }

    /// A thread has no more to do.
    fn leave(&mut self) {
        self.jobs -= 1;
        if self.jobs > 0 {
            return;
        }
        self.snapshot.is_over = true;
        if let Err(error) = self.table.settle() {
            self.snapshot.fault.get_or_insert(error.to_string());
        }
        for (_, run) in &mut self.snapshot.runs {
            if let RunStatus::Running(_) = run {
                *run = RunStatus::Waiting;
            }
        }
    }
}

impl Sweep {
    /// Trains those of `runs` that `table` has no row for, `jobs` at once.
    ///
    /// # Panics
    /// If a run cannot be on this data set: check first, with [`RunSpec::check`].
    pub fn start(
        dataset: Arc<Dataset>,
        runs: Vec<Hyperparameters>,
        limits: Limits,
        table: Table,
        jobs: usize,
        simd: Simd,
    ) -> Self {
        let spec = |hyper: &Hyperparameters| RunSpec { hyper: hyper.clone(), limits, dataset: dataset.id.clone() };
        let keys: Vec<String> = runs.iter().map(|hyper| key(&spec(hyper))).collect();
        let known: HashMap<&str, &Row> = table.rows().iter().map(|row| (row.key.as_str(), row)).collect();
        let place = |(hyper, key): (Hyperparameters, &String)| {
            let row = known.get(key.as_str());
            (hyper, row.map_or(RunStatus::Waiting, |&row| RunStatus::Ended(row.clone())))
        };
        let runs: Vec<_> = runs.into_iter().zip(&keys).map(place).collect();
        let jobs = jobs.clamp(1, runs.len().max(1));
        let snapshot = Snapshot { runs, ended: Vec::new(), jobs, is_paused: false, is_over: false, fault: None };
        let (bell, rung) = bounded(1);
        let (alive, ended) = bounded(0);
        let shared = Arc::new(Shared {
            limits,
            simd,
            keys,
            state: Mutex::new(State { begun: vec![0; snapshot.runs.len()], snapshot, table, stopping: false, jobs }),
            changed: Condvar::new(),
            bell,
            orders: AtomicBool::new(false),
            dataset,
        });
        for job in 0..jobs {
            let (working, alive) = (Arc::clone(&shared), alive.clone());
            let work = move || {
                let _alive: Sender<()> = alive;
                working.work();
            };
            if let Err(error) = thread::Builder::new().name(format!("sweep-{job}")).spawn(work) {
                shared.lock().snapshot.fault = Some(format!("no thread for a run: {error}"));
                shared.lock().leave();
            }
        }
        Self { shared, bell: rung, ended }
    }

    /// Rings when there is something new to see.
    pub fn bell(&self) -> &Receiver<()> {
        &self.bell
    }

    /// Disconnected once no thread is at work any more.
    pub fn ended(&self) -> &Receiver<()> {
        &self.ended
    }

    pub fn snapshot(&self) -> Snapshot {
        self.shared.lock().snapshot.clone()
    }

    pub fn send(&self, command: SweepCommand) {
        self.shared.send(command);
    }

    /// Takes what there is to say of the table: how it was found, and what others did to it.
    pub fn take_notes(&self) -> Vec<String> {
        self.shared.lock().table.take_notes()
    }

    /// Says what the table has, also when the sweep itself is elsewhere: rows that others took away are put back first.
    pub fn keeper(&self) -> impl Fn() -> Kept + Send + Sync + use<> {
        let shared = Arc::clone(&self.shared);
        move || shared.kept()
    }

    /// Gives orders from elsewhere.
    pub fn handle(&self) -> impl Fn(SweepCommand) + Send + Sync + use<> {
        let shared = Arc::clone(&self.shared);
        move |command| shared.send(command)
    }
}

/// What becomes of a run's training after a step.
enum Outlook {
    GoOn,
    GiveUp,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ring(&self) {
        let _ = self.bell.try_send(());
    }

    fn send(&self, command: SweepCommand) {
        let mut state = self.lock();
        match command {
            SweepCommand::Pause => state.snapshot.is_paused = !state.snapshot.is_over,
            SweepCommand::Resume => state.snapshot.is_paused = false,
            SweepCommand::Stop => state.stopping = true,
            SweepCommand::Drop(number) => {
                if let Some((_, run @ (RunStatus::Waiting | RunStatus::Running(_)))) =
                    state.snapshot.runs.get_mut(number)
                {
                    *run = RunStatus::Dropped;
                }
            }
            SweepCommand::Restore(number) => {
                let is_over = state.snapshot.is_over;
                if let Some((_, run @ RunStatus::Dropped)) = state.snapshot.runs.get_mut(number)
                    && !is_over
                {
                    *run = RunStatus::Waiting;
                }
            }
        }
        self.orders.store(true, Ordering::Release);
        self.changed.notify_all();
        drop(state);
        self.ring();
    }

    fn kept(&self) -> Kept {
        let mut state = self.lock();
        let ended = state.snapshot.count(|run| matches!(run, RunStatus::Ended(_)));
        Kept::of(&mut state.table, &self.keys, ended)
    }

    /// One thread's work: run after run, until none is left.
    fn work(&self) {
        while let Some((ticket, hyper)) = self.next() {
            let spec = RunSpec { hyper, limits: self.limits, dataset: self.dataset.id.clone() };
            let trained = catch_unwind(AssertUnwindSafe(|| self.train(ticket, &spec)));
            let row = trained.unwrap_or_else(|panic| Some(self.failed(ticket, &spec, &*panic)));
            if let Some(row) = row {
                self.end(ticket, row);
            }
        }
        self.ring();
    }

    /// The next waiting run, once the sweep is not paused. `None`: this thread has left.
    fn next(&self) -> Option<(Ticket, Hyperparameters)> {
        let mut state = self.lock();
        while state.snapshot.is_paused && !state.stopping {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let waiting = state.snapshot.runs.iter().position(|(_, run)| *run == RunStatus::Waiting);
        let Some(number) = waiting.filter(|_| !state.stopping) else {
            state.leave();
            return None;
        };
        let (hyper, run) = &mut state.snapshot.runs[number];
        *run = RunStatus::Running(Progress { epoch: 1, ..Progress::default() });
        let hyper = hyper.clone();
        state.begun[number] += 1;
        let ticket = Ticket { number, begun: state.begun[number] };
        drop(state);
        self.ring();
        Some((ticket, hyper))
    }

    /// `None` where the run was given up.
    fn train(&self, ticket: Ticket, spec: &RunSpec) -> Option<Row> {
        let engine = Engine::with_simd(1, self.simd);
        let mut trainer = Trainer::new(Arc::clone(&self.dataset), spec.clone(), engine).expect("checked before");
        let mut reported = Instant::now();
        while !trainer.is_finished() {
            let ended = match trainer.advance() {
                Ok(advance) => matches!(advance, Advance::EpochEnded { .. }),
                Err(_) => return Some(self.row(spec, &trainer, RunState::Diverged)),
            };
            if ended || reported.elapsed() >= BETWEEN_REPORTS {
                reported = Instant::now();
                self.report(ticket, &trainer);
            }
            if self.orders.load(Ordering::Acquire)
                && let Outlook::GiveUp = self.obey(ticket)
            {
                return None;
            }
        }
        Some(self.row(spec, &trainer, RunState::Done))
    }

    fn obey(&self, ticket: Ticket) -> Outlook {
        let mut state = self.lock();
        loop {
            if state.stopping || state.held(ticket).is_none() {
                return Outlook::GiveUp;
            }
            if !state.snapshot.is_paused {
                return Outlook::GoOn;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn report(&self, ticket: Ticket, trainer: &Trainer) {
        let position = trainer.position();
        let images = f64::from(position.images.max(1));
        let part = f64::from(position.step) / f64::from(trainer.steps_per_epoch());
        let epochs = trainer.spec().hyper.epochs;
        let progress = Progress {
            epoch: (position.epoch + 1).min(epochs),
            step: position.step,
            steps_per_epoch: trainer.steps_per_epoch(),
            train_loss: position.loss_sum / images,
            train_accuracy: f64::from(position.correct) / images,
            share: (f64::from(position.epoch) + part) / f64::from(epochs),
            seconds: position.elapsed,
            history: trainer.history().to_vec(),
        };
        if let Some(run) = self.lock().held(ticket) {
            *run = RunStatus::Running(progress);
        }
        self.ring();
    }

    fn row(&self, spec: &RunSpec, trainer: &Trainer, state: RunState) -> Row {
        let images = trainer.images();
        let position = trainer.position();
        let mut row = Row::without_result(spec, state, position.elapsed, (images.train, images.test));
        if let (RunState::Done, Some(last)) = (state, trainer.history().last()) {
            let (loss, accuracy) = last.judged();
            (row.accuracy, row.loss) = (Some(accuracy), Some(loss));
        }
        row
    }

    fn failed(&self, ticket: Ticket, spec: &RunSpec, panic: &(dyn Any + Send)) -> Row {
        let images = spec.check(&self.dataset).map_or((0, 0), |images| (images.train, images.test));
        let mut state = self.lock();
        let seconds = match state.held(ticket) {
            Some(RunStatus::Running(progress)) => progress.seconds,
            _ => 0.0,
        };
        state.snapshot.fault = Some(format!("a run failed: {}", message(panic)));
        Row::without_result(spec, RunState::Failed, seconds, images)
    }

    /// Into the table first: what a snapshot shows as ended is on the disk.
    fn end(&self, ticket: Ticket, row: Row) {
        let mut state = self.lock();
        if state.held(ticket).is_none() {
            return;
        }
        match state.table.append(row.clone()) {
            Ok(()) => {
                state.snapshot.runs[ticket.number].1 = RunStatus::Ended(row);
                state.snapshot.ended.push(ticket.number);
            }
            Err(error) => {
                state.snapshot.runs[ticket.number].1 = RunStatus::Waiting;
                state.snapshot.fault = Some(error.to_string());
                state.stopping = true;
                self.orders.store(true, Ordering::Release);
                self.changed.notify_all();
            }
        }
        drop(state);
        self.ring();
    }
}
