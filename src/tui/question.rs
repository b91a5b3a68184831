//! Questions to the user. The answer goes to whoever asked.

use crate::{
    format::sanitized,
    tui::keys::{Action, Context, line_edit::LineEdit},
};

/// The style of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Dim,
    Bold,
    Bad,
}

/// A sentence of a question, on one or more lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    pub text: String,
    pub tone: Tone,
    /// Maximum number of its lines.
    pub lines: usize,
}

impl Sentence {
    pub(crate) fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { text: text.into(), tone, lines: usize::MAX }
    }

    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self::new(Tone::Plain, text)
    }

    /// Limits the sentence to this many lines.
    pub(crate) fn within(self, lines: usize) -> Self {
        Self { lines, ..self }
    }
}

/// What a question asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Yes or no.
    Decision {
        /// Whether a yes cannot be undone.
        is_final: bool,
    },
    /// One of the ten digits.
    Digit,
    /// One of a few things, by its number from 1.
    Choice(Vec<&'static str>),
    Text(TextEntry),
    /// Words to filter by, applied as they are typed; on the last line, so that the list stays visible.
    Search(LineEdit),
}

/// A text to type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextEntry {
    /// Label in front of the text, on the same line.
    pub before: &'static str,
    pub line: LineEdit,
    /// Reason why the last text was rejected.
    pub error: Option<String>,
    /// Whether a row is reserved for the error.
    pub has_error_row: bool,
}

/// Answers side by side: actions and their labels.
pub(super) type Answers = Vec<(Action, &'static str)>;

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub title: &'static str,
    pub text: Vec<Sentence>,
    pub entry: Entry,
    /// Rows of answers.
    pub answers: Vec<Answers>,
}

impl Question {
    /// Creates a yes-or-no question.
    pub(crate) fn decision(title: &'static str, text: Vec<Sentence>, yes: &'static str, no: &'static str) -> Self {
        let answers = vec![vec![(Action::Accept, yes), (Action::Cancel, no)]];
        Self { title, text, entry: Entry::Decision { is_final: false }, answers }
    }

    /// Marks the question as one whose yes cannot be undone.
    pub(crate) fn irreversible(self) -> Self {
        Self { entry: Entry::Decision { is_final: true }, ..self }
    }

    /// Creates a question for a digit.
    pub(crate) fn digit(title: &'static str, text: impl Into<String>, answers: Answers) -> Self {
        Self { title, text: vec![Sentence::plain(text)], entry: Entry::Digit, answers: vec![answers] }
    }

    /// Creates a question for one of a few things.
    pub(crate) fn choice(title: &'static str, text: Vec<Sentence>, choices: Vec<&'static str>) -> Self {
        Self { title, text, entry: Entry::Choice(choices), answers: Vec::new() }
    }

    /// Creates a question for a text; `before` is the label on its line.
    pub(crate) fn text(title: &'static str, text: Vec<Sentence>, before: &'static str, line: LineEdit) -> Self {
        let entry = Entry::Text(TextEntry { before, line, error: None, has_error_row: true });
        Self { title, text, entry, answers: Vec::new() }
    }

    /// Adds the reason why the text was rejected.
    pub(crate) fn with_error(mut self, reason: impl Into<String>) -> Self {
        if let Entry::Text(entry) = &mut self.entry {
            entry.error = Some(sanitized(&reason.into()));
        }
        self
    }

    /// Creates a question for words to filter by.
    pub(crate) fn search(line: LineEdit) -> Self {
        Self { title: "filter", text: Vec::new(), entry: Entry::Search(line), answers: Vec::new() }
    }

    /// Returns whether an action is among its answers.
    pub(crate) fn offers(&self, action: Action) -> bool {
        self.answers.iter().flatten().any(|(each, _)| *each == action)
    }

    /// Returns whether a digit is an answer.
    pub(crate) fn has_digit(&self, digit: u32) -> bool {
        match &self.entry {
            Entry::Digit => true,
            Entry::Choice(choices) => (1..=choices.len()).contains(&(digit as usize)),
            _ => false,
        }
    }

    /// Returns the key context while the question is open.
    pub fn context(&self) -> Context {
        match self.entry {
            Entry::Decision { is_final: false } => Context::Asking,
            Entry::Decision { is_final: true } => Context::Confirming,
            Entry::Digit | Entry::Choice(_) => Context::Digit,
            Entry::Text(_) | Entry::Search(_) => Context::Typing,
        }
    }

    /// Returns the line that is being typed, if any.
    pub fn line(&self) -> Option<&LineEdit> {
        match &self.entry {
            Entry::Text(entry) => Some(&entry.line),
            Entry::Search(line) => Some(line),
            Entry::Decision { .. } | Entry::Digit | Entry::Choice(_) => None,
        }
    }

    /// Returns the reason why the last text was rejected.
    pub fn error(&self) -> Option<&str> {
        match &self.entry {
            Entry::Text(entry) => entry.error.as_deref(),
            _ => None,
        }
    }
}

/// The user's answer to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Yes,
    /// No, or cancelled: nothing changes.
    No,
    /// A digit, `None` for any; or the number of a choice, from 1.
    Digit(Option<u8>),
    Text(LineEdit),
}
