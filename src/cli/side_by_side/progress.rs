//! A sweep without the dashboard: one line per run that ends, and a progress bar on a terminal.

use std::io;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{lines, names::RunNames};
use crate::{
    cli::{
        Status,
        background::Observe,
        output::{is_watched, notify, write_err, write_out},
        pasted,
        signals::Signals,
    },
    format::{self, sanitized_lines},
    sweep::{RunState, RunStatus, Snapshot, Sweep, SweepCommand, TableStatus},
};

/// How the progress of a sweep is reported.
pub(super) struct Reporting<'a> {
    pub(super) dataset: &'a str,
    pub(super) json: bool,
    /// Whether the sweep stops if its output cannot be written.
    pub(super) stops_unread: bool,
}

/// Reports the sweep's progress until it ends, also to `observe`.
pub(super) fn watch(
    sweep: &Sweep,
    reporting: &Reporting,
    signals: &Signals,
    observe: Observe,
) -> anyhow::Result<Status> {
    let mut report = Report::new(&sweep.snapshot(), reporting.dataset, reporting.json);
    let snapshot = loop {
        let wakeup = sweep.bell().recv();
        let snapshot = sweep.snapshot();
        report.show(&snapshot);
        observe(&snapshot, None);
        report.note(&sweep.take_notes());
        if report.output.is_err() && reporting.stops_unread {
            sweep.send(SweepCommand::Stop);
        }
        if snapshot.is_over || wakeup.is_err() {
            break snapshot;
        }
    };
    let kept = sweep.check_table();
    observe(&snapshot, Some(&kept));
    report.conclude(&snapshot, &kept);
    let failed = snapshot.ended_as(RunState::Failed) > 0;
    let is_kept = kept.fault.is_none() && snapshot.fault.is_none();
    let output = if reporting.stops_unread { report.output } else { Ok(()) };
    match (signals.caught(), output) {
        (Some(signal), _) => Ok(Status::Signal(signal)),
        // The reader closed the pipe; the rows are in the table.
        (None, Err(error)) if error.kind() == io::ErrorKind::BrokenPipe && is_kept => Ok(Status::Done),
        (None, Err(error)) => {
            let rows = if is_kept { "the rows are in the table" } else { "the table lacks some rows" };
            Err(anyhow::Error::new(error).context(format!("cannot write to standard output; {rows}")))
        }
        (None, Ok(())) if failed || !lines::is_complete(&snapshot, &kept) => Ok(Status::Failed),
        (None, Ok(())) => Ok(Status::Done),
    }
}

struct Report<'a> {
    names: RunNames,
    dataset: &'a str,
    json: bool,
    bar: ProgressBar,
    /// Number of ended runs that have been reported.
    reported: usize,
    /// Number of rows from earlier sweeps.
    before: usize,
    /// First error in writing to stdout; nothing is written after it.
    output: io::Result<()>,
}

impl<'a> Report<'a> {
    fn new(snapshot: &Snapshot, dataset: &'a str, json: bool) -> Self {
        let before = snapshot.rows().count() - snapshot.ended.len();
        let names = RunNames::of(snapshot);
        let columns = lines::columns(&names, snapshot, dataset);
        let mut report = Self { names, dataset, json, bar: bar(), reported: 0, before, output: Ok(()) };
        if json {
            report.notify(&columns)
        } else {
            report.print(&columns)
        }
        report
    }

    fn show(&mut self, snapshot: &Snapshot) {
        for &number in &snapshot.ended[self.reported..] {
            self.reported += 1;
            let (_, RunStatus::Ended(row)) = &snapshot.runs[number] else { continue };
            let done = self.before + self.reported;
            let line = match self.json {
                true => lines::json_run(row, done, snapshot),
                false => lines::ended(&self.names.names[number], row, done, snapshot),
            };
            self.print(&line);
        }
        self.bar.set_position((snapshot.part_done() * PARTS) as u64);
        let done = snapshot.count(|run| matches!(run, RunStatus::Ended(_)));
        let left = snapshot.remaining().map_or_else(String::new, |seconds| format!("left {}", format::clock(seconds)));
        self.bar.set_message(format!("{done} of {} runs  {left}", snapshot.runs.len()));
    }

    /// Prints notes about the table above the bar.
    fn note<'n>(&self, notes: impl IntoIterator<Item = &'n String>) {
        notes.into_iter().for_each(|note| self.bar.suspend(|| notify(note)));
    }

    fn conclude(&mut self, snapshot: &Snapshot, kept: &TableStatus) {
        self.bar.finish_and_clear();
        self.note(kept.notes.iter().chain(&snapshot.fault).chain(&kept.fault));
        let summary = lines::summary(&self.names, snapshot, self.dataset, kept, &pasted::this_command());
        if self.json {
            self.notify(summary.trim_end());
            self.print(&lines::json_end(snapshot, kept));
        } else {
            self.print(summary.trim_end());
        }
    }

    /// Prints a line on stdout, above the bar.
    fn print(&mut self, line: &str) {
        if self.output.is_ok() {
            self.output = self.bar.suspend(|| write_out(&(sanitized_lines(line) + "\n")));
        }
    }

    /// Prints a line on stderr. Errors are ignored: they are no reason to end a sweep.
    fn notify(&self, line: &str) {
        self.bar.suspend(|| write_err(&format!("{line}\n")));
    }
}

/// Number of steps in which the bar moves.
const PARTS: f64 = 10_000.0;

fn bar() -> ProgressBar {
    if !is_watched() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("[{wide_bar}] {msg}").expect("the template is valid").progress_chars("=> ");
    // A few updates per second are enough over SSH.
    ProgressBar::with_draw_target(Some(PARTS as u64), ProgressDrawTarget::stderr_with_hz(5)).with_style(style)
}
