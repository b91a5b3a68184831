//! Training without the dashboard: one line per epoch, for people or as JSON.

use std::io;

use super::lines;
use crate::{
    cli::{
        Status,
        output::{notify, write_err, write_out},
        signals::Signals,
    },
    format::{sanitized_lines, shown},
    train::{Command, Event, Health, Outcome, Started, State, Worker},
};

/// Reports the worker's run until it has ended and is saved.
pub(super) fn run(worker: &Worker, json: bool, signals: &Signals) -> anyhow::Result<Status> {
    let mut report = Report { json, started: None, health: None, outcome: None, output: Ok(()) };
    loop {
        let events = worker.events.wait();
        if events.is_empty() {
            break;
        }
        for event in events {
            if report.handle(event) {
                let _ = worker.commands.send(Command::Stop);
            }
        }
    }
    report.conclude();
    report.report_closed_output();
    let is_saved = report.outcome.as_ref().is_some_and(|outcome| outcome.save_error.is_none());
    match (report.output, signals.caught(), report.outcome.map(|outcome| outcome.state)) {
        (_, Some(signal), _) => Ok(Status::Signal(signal)),
        // The reader closed the pipe; the run is saved.
        (Err(error), ..) if error.kind() == io::ErrorKind::BrokenPipe && is_saved => Ok(Status::Done),
        (Err(error), ..) => {
            let run = if is_saved { "the run is saved" } else { "the run could not be saved either" };
            Err(anyhow::Error::new(error).context(format!("cannot write to standard output; {run}")))
        }
        (Ok(()), _, Some(State::Finished | State::Stopped)) if is_saved => Ok(Status::Done),
        (Ok(()), ..) => Ok(Status::Failed),
    }
}

struct Report {
    json: bool,
    started: Option<Started>,
    /// Measures after the newest complete epoch.
    health: Option<Box<Health>>,
    /// Result of the run, with its last checkpoint.
    outcome: Option<Outcome>,
    /// First error in writing to stdout; nothing is written after it.
    output: io::Result<()>,
}

impl Report {
    /// Handles an event, and returns whether to stop the worker.
    fn handle(&mut self, event: Event) -> bool {
        match event {
            Event::Started(started) => {
                let header = lines::header(&started);
                if self.json {
                    write_err(&format!("{header}\n"));
                } else {
                    self.print(&format!("{header}\n{}", lines::columns(&started)));
                }
                self.started = Some(*started);
            }
            Event::Health(health) => self.health = Some(health),
            Event::EpochEnded(record) => {
                if let Some(started) = &self.started {
                    let dataset = &started.spec.dataset;
                    let line = match self.json {
                        true => lines::json_epoch(&record, self.health.as_deref(), dataset),
                        false => lines::epoch(&record),
                    };
                    self.print(&line);
                }
            }
            Event::SaveFailed { path, reason, .. } => {
                notify(&format!("warning: not saved: {}: {reason}", shown(&path)));
            }
            Event::FolderChanged(folder) => {
                if let Some(started) = &mut self.started {
                    started.run_dir = folder;
                }
            }
            Event::Note(note) => notify(&note),
            Event::Ended(outcome) => return self.end(*outcome),
            _ => {}
        }
        self.output.is_err()
    }

    /// Keeps the run's own outcome: that the worker was then stopped does not replace it.
    fn end(&mut self, outcome: Outcome) -> bool {
        match &mut self.outcome {
            Some(known) => known.update_saved(outcome),
            None => self.outcome = Some(outcome),
        }
        true
    }

    fn conclude(&mut self) {
        let Some(outcome) = self.outcome.clone() else { return };
        if let Some(reason) = &outcome.reason {
            notify(&format!("{}: {reason}", outcome.state.name()));
        }
        let dataset = self.started.as_ref().map(|started| &started.spec.dataset);
        let stall = self.health.as_ref().and_then(|health| health.stall.as_ref());
        let stall = stall.filter(|_| matches!(outcome.state, State::Finished | State::Stopped));
        if let Some(stall) = stall {
            notify(&format!("warning: the run learns nothing: {stall}"));
        }
        let text = if self.json { lines::json_end(&outcome, stall, dataset) } else { lines::end(&outcome, dataset) };
        self.print(&text);
    }

    /// Reports that a closed pipe (`| head -3`) ended the run early, since its last line is not seen.
    fn report_closed_output(&self) {
        let is_closed = self.output.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
        if let (true, Some(started), Some(outcome)) = (is_closed, &self.started, &self.outcome)
            && outcome.epochs < started.spec.hyper.epochs
        {
            let (done, all) = (outcome.epochs, started.spec.hyper.epochs);
            notify(&format!("standard output was closed; stopped after {done} of {all} epochs"));
        }
    }

    fn print(&mut self, line: &str) {
        if self.output.is_ok() {
            self.output = write_out(&(sanitized_lines(line) + "\n"));
        }
    }
}
