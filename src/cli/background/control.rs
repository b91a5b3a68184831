//! `sessions` lists the background runs; `stop`, `pause` and `resume` need no screen.

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
        Found, attach,
        wire::{Request, Status as RunStatus},
    },
    cli::{
        Status,
        output::{notify, print},
    },
    format::{self, file_name, sanitized},
    train::{Command, Event, Outcome, State},
};

/// Time limit for a run to follow an order: for a large network on a slow disk.
const PATIENCE: Duration = Duration::from_secs(60);

/// Line of `sessions --json`.
#[derive(Serialize)]
struct Line<'a> {
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
}

impl<'a> Line<'a> {
    fn of(status: &'a RunStatus) -> Self {
        Self {
            run: status.run.to_string_lossy().into_owned(),
            pid: status.process,
            state: state_name(status.state),
            epoch: status.epoch,
            epochs: status.epochs,
            test_accuracy: status.test_accuracy,
            dataset: &status.dataset,
            viewers: status.viewers,
            since: status.since,
            images_per_second: status.images_per_second,
        }
    }
}

fn state_name(state: Option<State>) -> &'static str {
    state.map_or("starting", State::name)
}

/// Lists the background runs.
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
        notify("no run trains in the background; `lenet-monitor train --detach` starts one");
    }
    print(&text)?;
    Ok(Status::Done)
}

fn row(status: &RunStatus) -> String {
    let accuracy = status
        .test_accuracy
        .map_or_else(String::new, |accuracy| format!("  test accuracy {}", format::share(accuracy).trim()));
    let rate = status.images_per_second.filter(|_| status.state.is_some_and(State::is_running));
    let rate = rate.map_or_else(String::new, |rate| format!("  {} images/s", format::grouped(rate as u64)));
    format!(
        "{}  {:10}  epoch {} of {}{accuracy}{rate}  {}  {}  process {}  in the background since {}",
        sanitized(&file_name(&status.run)),
        state_name(status.state),
        status.epoch,
        status.epochs,
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
            "{}: no run of this name trains in the background; `lenet-monitor sessions` lists those that do",
            sanitized(wanted)
        ),
        (None, None) => bail!("no run trains in the background"),
    }
}

/// Stops background runs, each after a save.
pub(in crate::cli) fn stop(args: &StopArgs) -> anyhow::Result<Status> {
    let runs = args.runs.iter().map(|run| existing(Some(run))).collect::<anyhow::Result<Vec<_>>>()?;
    let mut status = Status::Done;
    for run in runs {
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

/// Pauses or resumes a background run.
pub(in crate::cli) fn order(args: &ControlArgs, order: Order) -> anyhow::Result<Status> {
    let run = existing(args.run.as_deref())?;
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
