//! Training without a screen: one line an epoch, for people or as JSON.

use std::io;

use super::lines;
use crate::{
    cli::{
        Status,
        output::{tell, tell_raw, write_out},
        signals::Signals,
    },
    format::{sanitized_lines, shown},
    train::{Command, Event, Outcome, Started, State, Worker},
};

/// Tells of the worker's run until it is over and saved.
pub(super) fn run(worker: &Worker, json: bool, signals: &Signals) -> anyhow::Result<Status> {
    let mut report = Report { json, started: None, outcome: None, output: Ok(()) };
    loop {
        let events = worker.events.wait();
        if events.is_empty() {
            break;
        }
        for event in events {
            if report.take(event) {
                let _ = worker.commands.send(Command::Stop);
            }
        }
    }
    report.conclude();
    report.say_if_unread();
    let is_saved = report.outcome.as_ref().is_some_and(|outcome| outcome.save_error.is_none());
    match (report.output, signals.caught(), report.outcome.map(|outcome| outcome.state)) {
        (_, Some(signal), _) => Ok(Status::Signal(signal)),
        // Whoever read has seen enough; the run is saved.
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
    /// How the run ended, and with which checkpoint.
    outcome: Option<Outcome>,
    /// The first thing that went wrong in writing to stdout; nothing is written after it.
    output: io::Result<()>,
}

impl Report {
    /// Returns whether there is nothing more to train for.
    fn take(&mut self, event: Event) -> bool {
        match event {
            Event::Started(started) => {
                let header = lines::header(&started);
                if self.json {
                    tell_raw(&format!("{header}\n"));
                } else {
                    self.print(&format!("{header}\n{}", lines::columns(&started)));
                }
                self.started = Some(*started);
            }
            Event::EpochEnded(record) => {
                if let Some(started) = &self.started {
                    let dataset = &started.spec.dataset;
                    self.print(&if self.json { lines::json_epoch(&record, dataset) } else { lines::epoch(&record) });
                }
            }
            Event::SaveFailed { path, reason, .. } => {
                tell(&format!("warning: not saved: {}: {reason}", shown(&path)));
            }
            Event::FolderChanged(folder) => {
                if let Some(started) = &mut self.started {
                    started.run_dir = folder;
                }
            }
            Event::Note(note) => tell(&note),
            Event::Ended(outcome) => return self.end(*outcome),
            _ => {}
        }
        self.output.is_err()
    }

    /// What the run came to is what counts, not that the worker was stopped then.
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
            tell(&format!("{}: {reason}", outcome.state.name()));
        }
        let dataset = self.started.as_ref().map(|started| &started.spec.dataset);
        let text = if self.json { lines::json_end(&outcome, dataset) } else { lines::end(&outcome, dataset) };
        self.print(&text);
    }

    /// A reader that has seen enough (`| head -3`) ends the run: that is said, since nobody sees its last line.
    fn say_if_unread(&self) {
        let is_unread = self.output.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
        if let (true, Some(started), Some(outcome)) = (is_unread, &self.started, &self.outcome)
            && outcome.epochs < started.spec.hyper.epochs
        {
            let (done, all) = (outcome.epochs, started.spec.hyper.epochs);
            tell(&format!("nobody reads standard output any more: stopped after {done} of {all} epochs"));
        }
    }

    fn print(&mut self, line: &str) {
        if self.output.is_ok() {
            self.output = write_out(&(sanitized_lines(line) + "\n"));
        }
    }
}
