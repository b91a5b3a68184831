//! Questions that wait for an answer. Whoever asked gets the answer.

use crate::tui::keys::{Action, Context, line_edit::LineEdit};

/// How a sentence is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Dim,
    Bold,
    Bad,
}

/// How a sentence that is too long is brought into its room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    Cut,
    /// Into lines of this many columns at most, and into this many lines.
    Wrap {
        columns: u16,
        lines: usize,
    },
}

/// A line of a question, or a few.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    pub text: String,
    pub tone: Tone,
    pub fit: Fit,
}

impl Sentence {
    pub(crate) fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { text: text.into(), tone, fit: Fit::Cut }
    }

    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self::new(Tone::Plain, text)
    }

    /// Breaks it into lines of `columns` at most.
    pub(crate) fn wrapped(self, columns: u16) -> Self {
        self.wrapped_into(columns, usize::MAX)
    }

    pub(crate) fn wrapped_into(self, columns: u16, lines: usize) -> Self {
        Self { fit: Fit::Wrap { columns, lines }, ..self }
    }
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Yes or no.
    Decision {
        /// Whether a yes cannot be taken back.
        is_final: bool,
    },
    /// One of the ten digits.
    Digit,
    Text(TextEntry),
    /// Words to filter by, which count as they are typed: on the last line, so that what they leave is seen.
    Search(LineEdit),
}

/// A text that is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextEntry {
    /// What stands before it on its line.
    pub before: &'static str,
    pub line: LineEdit,
    /// What is wrong with the text that was taken last.
    pub error: Option<String>,
    /// Whether a row is kept for the error before there is one.
    pub has_error_row: bool,
}

/// What can be done about a question, side by side: actions and their names.
pub(super) type Answers = Vec<(Action, &'static str)>;

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub title: &'static str,
    pub text: Vec<Sentence>,
    pub entry: Entry,
    /// A row each.
    pub answers: Vec<Answers>,
}

impl Question {
    /// Makes a question for a yes or a no.
    pub(crate) fn decision(title: &'static str, text: Vec<Sentence>, yes: &'static str, no: &'static str) -> Self {
        let answers = vec![vec![(Action::Accept, yes), (Action::Cancel, no)]];
        Self { title, text, entry: Entry::Decision { is_final: false }, answers }
    }

    /// Makes the question one whose yes cannot be taken back.
    pub(crate) fn finally(self) -> Self {
        Self { entry: Entry::Decision { is_final: true }, ..self }
    }

    /// Makes a question for a digit.
    pub(crate) fn digit(title: &'static str, text: impl Into<String>, answers: Answers) -> Self {
        Self { title, text: vec![Sentence::plain(text)], entry: Entry::Digit, answers: vec![answers] }
    }

    /// Makes a question for a text; `before` stands before it on its line.
    pub(crate) fn text(title: &'static str, text: Vec<Sentence>, before: &'static str, line: LineEdit) -> Self {
        let entry = Entry::Text(TextEntry { before, line, error: None, has_error_row: true });
        Self { title, text, entry, answers: Vec::new() }
    }

    /// Says what is wrong with the text.
    pub(crate) fn with_error(mut self, reason: impl Into<String>) -> Self {
        if let Entry::Text(entry) = &mut self.entry {
            entry.error = Some(reason.into());
        }
        self
    }

    /// Makes a question for words to filter by.
    pub(crate) fn search(line: LineEdit) -> Self {
        Self { title: "filter", text: Vec::new(), entry: Entry::Search(line), answers: Vec::new() }
    }

    /// Returns whether an action is among its answers.
    pub(crate) fn offers(&self, action: Action) -> bool {
        self.answers.iter().flatten().any(|(each, _)| *each == action)
    }

    /// Returns where the keys go while it is open.
    pub fn context(&self) -> Context {
        match self.entry {
            Entry::Decision { is_final: false } => Context::Asking,
            Entry::Decision { is_final: true } => Context::Confirming,
            Entry::Digit => Context::Digit,
            Entry::Text(_) | Entry::Search(_) => Context::Typing,
        }
    }

    /// Returns the text under the hand, if one is typed.
    pub fn line(&self) -> Option<&LineEdit> {
        match &self.entry {
            Entry::Text(entry) => Some(&entry.line),
            Entry::Search(line) => Some(line),
            Entry::Decision { .. } | Entry::Digit => None,
        }
    }

    /// Returns what is wrong with the text that was taken last.
    pub fn error(&self) -> Option<&str> {
        match &self.entry {
            Entry::Text(entry) => entry.error.as_deref(),
            _ => None,
        }
    }
}

/// What the user says to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Yes,
    /// Nothing is to change.
    No,
    /// `None` is any digit.
    Digit(Option<u8>),
    Text(LineEdit),
}
