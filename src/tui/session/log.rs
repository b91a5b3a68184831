//! The lines of the log pane.

use std::collections::VecDeque;

use crate::{format::sanitized, train::EpochRecord, tui::format};

/// Number of lines kept; the file in the run's folder has all of them.
const MAX_LINES: usize = 500;

/// Tone of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Plain,
    Good,
    Warn,
    Bad,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Seconds that the run has been trained; without a run, since the screen opened.
    pub at: u64,
    pub level: Level,
    pub text: String,
    /// Shorter texts for narrow panes, the longest first.
    pub shorter: Vec<String>,
    /// Names of the checkpoints saved with it: `last`, `best`.
    pub saved: Vec<&'static str>,
}

#[derive(Clone, Debug, Default)]
pub struct Log {
    pub entries: VecDeque<Entry>,
    /// Lines that still have to be written to the file.
    unwritten: Vec<String>,
}

impl Log {
    pub fn say(&mut self, at: u64, level: Level, text: impl Into<String>) {
        self.push(Entry { at, level, text: sanitized(&text.into()), shorter: Vec::new(), saved: Vec::new() });
    }

    /// Adds a line that has shorter texts for narrow panes, the longest first.
    pub fn say_short(&mut self, at: u64, level: Level, text: impl Into<String>, shorter: Vec<String>) {
        let shorter = shorter.iter().map(|text| sanitized(text)).collect();
        self.push(Entry { at, level, text: sanitized(&text.into()), shorter, saved: Vec::new() });
    }

    pub fn epoch(&mut self, at: u64, record: &EpochRecord) {
        let EpochRecord { epoch, train_loss, train_accuracy, test_loss, test_accuracy, seconds, .. } = record;
        let part = |of: &str, loss: f64, accuracy: f64, name: &str| {
            format!("  {of} loss {} {name} {}", format::loss(loss).trim(), format::share(accuracy).trim())
        };
        let trained = part("training", *train_loss, *train_accuracy, "accuracy");
        let held_out = record.validation;
        let held_out = held_out.map(|(loss, accuracy)| part("validation", loss, accuracy, "accuracy"));
        let tested = part("test", *test_loss, *test_accuracy, "accuracy");
        self.push(Entry {
            at,
            level: Level::Plain,
            text: format!("epoch {epoch:>2}{trained}{}{tested}  in {seconds:.1} s", held_out.unwrap_or_default()),
            shorter: vec![
                format!("epoch {epoch:>2}{tested}  in {seconds:.1} s"),
                format!("epoch {epoch:>2}{}", part("test", *test_loss, *test_accuracy, "acc")),
            ],
            saved: Vec::new(),
        });
    }

    /// Notes that a checkpoint was saved: on the newest line if that is an epoch's, else on a new line.
    pub fn saved(&mut self, at: u64, name: &'static str, path: &str) {
        let path = sanitized(path);
        self.unwritten.push(format!("saved {path}"));
        match self.entries.back_mut() {
            Some(entry) if entry.text.starts_with("epoch ") && !entry.saved.contains(&name) => entry.saved.push(name),
            _ => {
                self.push(Entry {
                    at,
                    level: Level::Plain,
                    text: format!("saved {path}"),
                    shorter: vec![format!("saved {name}.ckpt")],
                    saved: Vec::new(),
                });
                self.unwritten.pop();
            }
        }
    }

    fn push(&mut self, entry: Entry) {
        if self.entries.len() == MAX_LINES {
            self.entries.pop_front();
        }
        self.unwritten.push(entry.text.clone());
        self.entries.push_back(entry);
    }

    /// Takes the lines that still have to be written to the file.
    pub fn take_unwritten(&mut self) -> Vec<String> {
        std::mem::take(&mut self.unwritten)
    }
}
