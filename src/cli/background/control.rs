//! `sessions` lists the background runs and sweeps; `stop`, `pause` and `resume` need no screen.

use std::time::{Duration, Instant};

use anyhow::bail;
use crossbeam_channel::RecvTimeoutError;
use serde::Serialize;

use super::{
    args::{ControlArgs, Order, SessionsArgs, StopArgs},
    find::{Answering, all, find},
};
use crate::{
    background::{
        Found, attach, attach_to_sweep,
        wire::{Request, Status as RunStatus},
    },
    cli::{
        Status,
        output::{notify, print},
    },
    format::{self, file_name, sanitized},
    sweep::{Snapshot, SweepCommand, TableStatus},
    train::{Command, Event, Outcome, State},
};

/// Time limit for a run to follow an order: for a large network on a slow disk.
const PATIENCE: Duration = Duration::from_secs(60);

/// Line of `sessions --json`.
#[derive(Serialize)]
struct Line<'a> {
    kind: &'static str,
    run: String,
    pid: u32,
    state: &'a str,
    epoch: u32,
    epochs: u32,
    test_accuracy: Option<f64>,
    dataset: &'a str,
    viewers: u32,
    since: u64,
    images_per_second: Option<f64>,
    /// Number of the runs of a sweep that have ended, and of all its runs.
    runs_ended: Option<u32>,
    runs: Option<u32>,
}

impl<'a> Line<'a> {
    fn of(status: &'a RunStatus) -> Self {
        Self {
            kind: if status.sweep.is_some() { "sweep" } else { "run" },
            run: status.run.to_string_lossy().into_owned(),
            pid: status.process,
            state: state_name(status),
            epoch: status.epoch,
            epochs: status.epochs,
            test_accuracy: status.test_accuracy,
            dataset: &status.dataset,
            viewers: status.viewers,
            since: status.since,
            images_per_second: status.images_per_second,
            runs_ended: status.sweep.map(|sweep| sweep.ended),
            runs: status.sweep.map(|sweep| sweep.runs),
        }
    }
}

/// Returns the state in the words of the screen.
fn state_name(status: &RunStatus) -> &'static str {
    match (status.sweep, status.state) {
        (Some(_), Some(State::Training)) => "sweeping",
        (Some(_), Some(State::Finished)) => "complete",
        (_, state) => state.map_or("starting", State::name),
    }
}

/// Lists the background runs and sweeps.
pub(in crate::cli) fn list(args: &SessionsArgs) -> anyhow::Result<Status> {
    let mut text = String::new();
    for Found { status, note, .. } in all()? {
        match (status, args.json) {
            (Ok(status), true) => text += &(format::json(&Line::of(&status))? + "\n"),
            (Ok(status), false) => text += &(row(&status) + "\n"),
            (Err(error), _) => {
                let run = note.map_or_else(String::new, |note| format!("{}: ", sanitized(&file_name(&note.run))));
                notify(&format!("{run}{error}"));
            }
        }
    }
    if text.is_empty() && !args.json {
        notify(
            "nothing trains in the background; `lenet-monitor train --detach` starts a run, and \
             `lenet-monitor sweep --detach` a sweep",
        );
    }
    print(&text)?;
    Ok(Status::Done)
}

fn row(status: &RunStatus) -> String {
    let (done, kind) = match status.sweep {
        Some(sweep) => (format!("{} of {} runs", sweep.ended, sweep.runs), "best"),
        None => (format!("epoch {} of {}", status.epoch, status.epochs), "test"),
    };
    let accuracy = status
        .test_accuracy
        .map_or_else(String::new, |accuracy| format!("  {kind} accuracy {}", format::share(accuracy).trim()));
    let rate = status.images_per_second.filter(|_| status.state.is_some_and(State::is_running));
    let rate = rate.map_or_else(String::new, |rate| format!("  {} images/s", format::grouped(rate as u64)));
    format!(
        "{}  {:10}  {done}{accuracy}{rate}  {}  {}  process {}  in the background since {}",
        sanitized(&file_name(&status.run)),
        state_name(status),
        sanitized(&status.dataset),
        format::counted(status.viewers, "viewer"),
        status.process,
        format::moment(status.since),
    )
}

fn existing(wanted: Option<&str>) -> anyhow::Result<Answering> {
    match (find(wanted)?, wanted) {
        (Some(run), _) => Ok(run),
        (None, Some(wanted)) => bail!(
            "{}: no run of this name trains in the background, and no sweep; `lenet-monitor sessions` lists those that do",
            sanitized(wanted)
        ),
        (None, None) => bail!("nothing trains in the background"),
    }
}

/// Stops background runs and sweeps, each after a save.
pub(in crate::cli) fn stop(args: &StopArgs) -> anyhow::Result<Status> {
    let runs = args.runs.iter().map(|run| existing(Some(run))).collect::<anyhow::Result<Vec<_>>>()?;
    let mut status = Status::Done;
    for run in runs {
        if run.status.sweep.is_some() {
            status = stop_sweep(&run)?;
            continue;
        }
        let outcome = follow(&run, Command::Stop, |event| match event {
            Event::Ended(outcome) if outcome.state != State::Finished => Some(outcome.clone()),
            _ => None,
        })?;
        match outcome.unsaved_warning(true) {
            Some(warning) => {
                notify(&format!("{}: stopped; {warning}", run.name()));
                status = Status::Failed;
            }
            None => print(&stopped(&run, &outcome))?,
        }
    }
    Ok(status)
}

fn stopped(run: &Answering, outcome: &Outcome) -> String {
    let kept = outcome.kept.as_ref();
    let kept = kept.map_or_else(String::new, |kept| {
        format!(" {}; saved as {}", kept.place(), sanitized(&kept.path.display().to_string()))
    });
    format!("{} stopped{kept}\n", run.name())
}

/// Stops a background sweep. The rows of the runs that have ended are in its table.
fn stop_sweep(run: &Answering) -> anyhow::Result<Status> {
    let (snapshot, kept) = follow_sweep(run, SweepCommand::Stop, |snapshot| snapshot.is_over)?;
    if let Some(fault) = kept.fault.or(snapshot.fault) {
        notify(&format!("{}: stopped; {fault}", run.name()));
        return Ok(Status::Failed);
    }
    let (runs, table) = (snapshot.runs.len(), sanitized(&kept.path.display().to_string()));
    print(&format!("{} stopped; {} of {runs} runs are in {table}\n", run.name(), kept.runs))?;
    Ok(Status::Done)
}

/// Pauses or resumes a background run or sweep.
pub(in crate::cli) fn order(args: &ControlArgs, order: Order) -> anyhow::Result<Status> {
    let run = existing(args.run.as_deref())?;
    if run.status.sweep.is_some() {
        return order_sweep(&run, order);
    }
    let command = match order {
        Order::Pause => Command::Pause,
        Order::Resume => Command::Resume,
    };
    let state = follow(&run, command, |event| match (order, event) {
        (Order::Pause, Event::State(state)) if !state.is_running() => Some(*state),
        (Order::Resume, Event::State(state)) if state.is_running() => Some(*state),
        _ => None,
    })?;
    print(&format!("{} {}\n", run.name(), state.name()))?;
    Ok(Status::Done)
}

fn order_sweep(run: &Answering, order: Order) -> anyhow::Result<Status> {
    let (command, word) = match order {
        Order::Pause => (SweepCommand::Pause, "paused"),
        Order::Resume => (SweepCommand::Resume, "sweeping"),
    };
    let is_followed = |snapshot: &Snapshot| snapshot.is_over || snapshot.is_paused == (command == SweepCommand::Pause);
    let (snapshot, _) = follow_sweep(run, command, is_followed)?;
    if snapshot.is_over {
        bail!("{}: the sweep has ended meanwhile", run.name());
    }
    print(&format!("{} {word}\n", run.name()))?;
    Ok(Status::Done)
}

/// Sends a command to a sweep, and waits until it is followed; if it ends the sweep, also for what is said of its table.
fn follow_sweep(
    run: &Answering,
    command: SweepCommand,
    is_followed: impl Fn(&Snapshot) -> bool,
) -> anyhow::Result<(Snapshot, TableStatus)> {
    let sweep = attach_to_sweep(&run.socket, Request::Control)?.sweep;
    sweep.send(command);
    let until = Instant::now() + PATIENCE;
    loop {
        let snapshot = sweep.snapshot();
        if snapshot.is_over {
            let _ = sweep.ended().recv_deadline(until);
        }
        if is_followed(&snapshot) {
            return Ok((snapshot, sweep.check_table()));
        }
        if sweep.bell().recv_deadline(until) == Err(RecvTimeoutError::Timeout) {
            bail!("{}: no answer within {} s; it may be writing to a slow disk", run.name(), PATIENCE.as_secs());
        }
    }
}

/// Sends a command to a run, and waits for the event that answers it.
fn follow<T>(run: &Answering, command: Command, answer: impl Fn(&Event) -> Option<T>) -> anyhow::Result<T> {
    let attached = attach(&run.socket, Request::Control)?;
    let worker = attached.worker;
    let _ = worker.commands.send(command);
    let until = Instant::now() + PATIENCE;
    loop {
        let rung = worker.events.ready().recv_deadline(until);
        for event in worker.events.drain() {
            if let Event::Refused { reason } = &event {
                bail!("{}: {reason}", run.name());
            }
            if let Some(answer) = answer(&event) {
                return Ok(answer);
            }
        }
        match rung {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => {
                bail!("{}: no answer within {} s; it may be saving to a slow disk", run.name(), PATIENCE.as_secs())
            }
            Err(RecvTimeoutError::Disconnected) => bail!("{}: the run has ended meanwhile", run.name()),
        }
    }
}
