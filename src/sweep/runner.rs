//! Training the runs of a sweep, several at a time with one thread each. The result of a run does not depend on how many
//! others are trained at the same time.

use std::{
    collections::{HashMap, HashSet},
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Sender, bounded};

use super::{
    Measurements, Sweep, SweepRun,
    handle::Sweeper,
    snapshot::{Progress, RunStatus, Snapshot, SweepCommand, SweepContinuation},
    table::{Row, RunState, Table},
    table_status::TableStatus,
};
use crate::{
    nn::{Engine, Simd},
    train::{Trainer, panic_message, trainer::Advance},
};

/// Time between progress reports of a run.
const REPORT_INTERVAL: Duration = Duration::from_millis(100);

#[derive(Debug)]
struct Shared {
    runs: Vec<SweepRun>,
    simd: Simd,
    /// Key of each run.
    keys: Vec<String>,
    state: Mutex<State>,
    /// Signalled after a command.
    changed: Condvar,
    bell: Sender<()>,
    /// Whether there was a command, after which each run checks its status after every step.
    has_commands: AtomicBool,
}

#[derive(Debug)]
struct State {
    snapshot: Snapshot,
    table: Table,
    stopping: bool,
    /// Threads that have not ended.
    jobs: usize,
    /// Attempts at each run. A thread gives up a run that was dropped, restored and started by another thread.
    attempts: Vec<u32>,
}

/// Run that a thread is training.
#[derive(Clone, Copy, Debug)]
struct Assignment {
    number: usize,
    attempt: u32,
}

impl State {
    /// Returns the run's status, as long as the run is assigned to this thread.
    fn assigned(&mut self, assignment: Assignment) -> Option<&mut RunStatus> {
        let run = &mut self.snapshot.runs[assignment.number].1;
        let is_current = self.attempts[assignment.number] == assignment.attempt;
        (is_current && matches!(run, RunStatus::Running(_))).then_some(run)
    }

    /// Records that a thread has ended. The last one checks the table and releases it.
    fn end_thread(&mut self) {
        self.jobs -= 1;
        if self.jobs > 0 {
            return;
        }
        self.snapshot.is_over = true;
        if let Err(error) = self.table.restore() {
            self.snapshot.fault.get_or_insert(error.to_string());
        }
        self.table.release();
        for (_, run) in &mut self.snapshot.runs {
            if let RunStatus::Running(_) = run {
                *run = RunStatus::Waiting;
            }
        }
    }
}

impl Sweep {
    /// Trains the `runs` that have no row in `table`, `jobs` at a time.
    ///
    /// # Panics
    /// If a run is not possible on its data set: check with [`RunSpec::check`](crate::train::RunSpec::check) first.
    pub fn start(runs: Vec<SweepRun>, table: Table, jobs: usize, simd: Simd) -> Self {
        Self::start_as(runs, table, jobs, simd, &SweepContinuation::default())
    }

    /// As [`Self::start`], in the state in which another process has left the sweep.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub fn start_as(
        runs: Vec<SweepRun>,
        table: Table,
        jobs: usize,
        simd: Simd,
        continuation: &SweepContinuation,
    ) -> Self {
        let keys: Vec<String> = runs.iter().map(SweepRun::key).collect();
        let known: HashMap<&str, &Row> = table.rows().iter().map(|row| (row.key.as_str(), row)).collect();
        let dropped: HashSet<usize> = continuation.dropped.iter().copied().collect();
        let status = |(number, key): (usize, &String)| match known.get(key.as_str()) {
            Some(&row) => RunStatus::Ended(row.clone()),
            None if dropped.contains(&number) => RunStatus::Dropped,
            None => RunStatus::Waiting,
        };
        let statuses = keys.iter().enumerate().map(status);
        let jobs = jobs.clamp(1, runs.len().max(1));
        let snapshot = Snapshot {
            runs: runs.iter().map(|run| run.hyper.clone()).zip(statuses).collect(),
            jobs,
            is_paused: continuation.is_paused,
            methods: runs.iter().map(SweepRun::method).collect(),
            ..Snapshot::default()
        };
        let (bell, rung) = bounded(1);
        let (alive, ended) = bounded(0);
        let shared = Arc::new(Shared {
            simd,
            keys,
            state: Mutex::new(State { attempts: vec![0; runs.len()], snapshot, table, stopping: false, jobs }),
            changed: Condvar::new(),
            bell,
            has_commands: AtomicBool::new(false),
            runs,
        });
        for job in 0..jobs {
            let (worker, alive) = (Arc::clone(&shared), alive.clone());
            let work = move || {
                let _alive: Sender<()> = alive;
                worker.work();
            };
            if let Err(error) = thread::Builder::new().name(format!("sweep-{job}")).spawn(work) {
                shared.lock().snapshot.fault = Some(format!("cannot start a thread for a run: {error}"));
                shared.lock().end_thread();
            }
        }
        Self::of(shared, rung, ended)
    }
}

impl Sweeper for Shared {
    fn snapshot(&self) -> Snapshot {
        self.lock().snapshot.clone()
    }

    fn send(&self, command: SweepCommand) {
        let mut state = self.lock();
        match command {
            SweepCommand::Pause => state.snapshot.is_paused = !state.snapshot.is_over,
            SweepCommand::Resume => state.snapshot.is_paused = false,
            SweepCommand::Stop => state.stopping = true,
            SweepCommand::Interrupt => {
                state.snapshot.is_interrupted |= !state.stopping && !state.snapshot.is_over;
                state.stopping = true;
            }
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
        self.has_commands.store(true, Ordering::Release);
        self.changed.notify_all();
        drop(state);
        self.ring();
    }

    fn check_table(&self) -> TableStatus {
        let mut state = self.lock();
        let ended = state.snapshot.count(|run| matches!(run, RunStatus::Ended(_)));
        TableStatus::check(&mut state.table, &self.keys, ended)
    }

    fn take_notes(&self) -> Vec<String> {
        self.lock().table.take_notes()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ring(&self) {
        let _ = self.bell.try_send(());
    }

    /// Trains one run after another on this thread, until none is waiting.
    fn work(&self) {
        while let Some(assignment) = self.next() {
            let run = &self.runs[assignment.number];
            let result = catch_unwind(AssertUnwindSafe(|| self.train(assignment, run)));
            let row = result.unwrap_or_else(|panic| Some(self.failed(assignment, run, panic_message(&*panic))));
            if let Some(row) = row {
                self.end(assignment, row);
            }
        }
        self.ring();
    }

    /// Takes the next waiting run, once the sweep is not paused. `None` if there is none; the thread then ends.
    fn next(&self) -> Option<Assignment> {
        let mut state = self.lock();
        while state.snapshot.is_paused && !state.stopping {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let waiting = state.snapshot.runs.iter().position(|(_, run)| *run == RunStatus::Waiting);
        let Some(number) = waiting.filter(|_| !state.stopping) else {
            state.end_thread();
            return None;
        };
        state.snapshot.runs[number].1 = RunStatus::Running(Progress { epoch: 1, ..Progress::default() });
        state.attempts[number] += 1;
        let assignment = Assignment { number, attempt: state.attempts[number] };
        drop(state);
        self.ring();
        Some(assignment)
    }

    /// Trains a run, and measures the network in a comparison of methods. Returns `None` if it was given up.
    fn train(&self, assignment: Assignment, run: &SweepRun) -> Option<Row> {
        let engine = Engine::with_simd(1, self.simd);
        let mut trainer = match Trainer::new(Arc::clone(&run.dataset), run.spec(), engine) {
            Ok(trainer) => trainer,
            // The soft targets of its teacher may have been removed.
            Err(error) => return Some(self.failed(assignment, run, &error.to_string())),
        };
        let mut reported = Instant::now();
        let proceeds = || !self.has_commands.load(Ordering::Acquire) || self.follow_commands(assignment).is_continue();
        while !trainer.is_finished() {
            let ended = match trainer.advance() {
                Ok(advance) => matches!(advance, Advance::EpochEnded { .. }),
                Err(_) => return Some(row(run, &trainer, RunState::Diverged)),
            };
            if ended || reported.elapsed() >= REPORT_INTERVAL {
                reported = Instant::now();
                self.report(assignment, &trainer);
            }
            if !proceeds() {
                return None;
            }
        }
        let mut row = row(run, &trainer, RunState::Done);
        if let Some(pixels) = run.pixels {
            row.measurements = Some(Box::new(Measurements::of(run, pixels, &mut trainer, proceeds)?));
        }
        Some(row)
    }

    /// Waits while the sweep is paused. Breaks if the run is to be given up.
    fn follow_commands(&self, assignment: Assignment) -> ControlFlow<()> {
        let mut state = self.lock();
        loop {
            if state.stopping || state.assigned(assignment).is_none() {
                return ControlFlow::Break(());
            }
            if !state.snapshot.is_paused {
                return ControlFlow::Continue(());
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn report(&self, assignment: Assignment, trainer: &Trainer) {
        let position = trainer.position();
        let images = f64::from(position.images.max(1));
        let epoch_share = f64::from(position.step) / f64::from(trainer.steps_per_epoch());
        let epochs = trainer.spec().hyper.epochs;
        let progress = Progress {
            epoch: (position.epoch + 1).min(epochs),
            step: position.step,
            steps_per_epoch: trainer.steps_per_epoch(),
            train_loss: position.loss_sum / images,
            train_accuracy: f64::from(position.correct) / images,
            share: (f64::from(position.epoch) + epoch_share) / f64::from(epochs),
            seconds: position.elapsed,
            history: trainer.history().to_vec(),
        };
        if let Some(run) = self.lock().assigned(assignment) {
            *run = RunStatus::Running(progress);
        }
        self.ring();
    }

    /// Returns the row of a run that failed for this reason.
    fn failed(&self, assignment: Assignment, run: &SweepRun, reason: &str) -> Row {
        let images = run.images().map_or((0, 0), |images| (images.train, images.test));
        let mut state = self.lock();
        let seconds = match state.assigned(assignment) {
            Some(RunStatus::Running(progress)) => progress.seconds,
            _ => 0.0,
        };
        state.snapshot.fault = Some(format!("a run failed: {reason}"));
        Row::without_result(run, RunState::Failed, seconds, images)
    }

    /// Adds the row to the table and then to the snapshot, so that a run shown as ended is on disk.
    fn end(&self, assignment: Assignment, row: Row) {
        let mut state = self.lock();
        if state.assigned(assignment).is_none() {
            return;
        }
        match state.table.append(row.clone()) {
            Ok(()) => {
                state.snapshot.runs[assignment.number].1 = RunStatus::Ended(row);
                state.snapshot.ended.push(assignment.number);
            }
            Err(error) => {
                state.snapshot.runs[assignment.number].1 = RunStatus::Waiting;
                state.snapshot.fault = Some(error.to_string());
                state.stopping = true;
                self.has_commands.store(true, Ordering::Release);
                self.changed.notify_all();
            }
        }
        drop(state);
        self.ring();
    }
}

fn row(run: &SweepRun, trainer: &Trainer, state: RunState) -> Row {
    let images = trainer.images();
    let mut row = Row::without_result(run, state, trainer.position().elapsed, (images.train, images.test));
    if let (RunState::Done, Some(last)) = (state, trainer.history().last()) {
        let (loss, accuracy) = last.judged();
        (row.accuracy, row.loss) = (Some(accuracy), Some(loss));
    }
    row
}
