//! The terminal's background colour. Its answer to the question (OSC 11) comes as input among the keys: at once, late
//! over a slow connection, or never.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::tui::{message::Message, program::terminal, theme::Rgb};

/// Beginning of an answer.
const START: &str = "\x1b]11;";
/// Ends of an answer: BEL or ST.
const ENDS: [&str; 2] = ["\x07", "\x1b\\"];
/// Maximum length of an answer in bytes.
const LONGEST: usize = 64;

/// Separates the terminal's answer from the keys.
#[derive(Default)]
pub(crate) struct Answers {
    /// Beginning of an answer, if the last keys were one.
    text: String,
    /// Keys that are withheld, since they may belong to an answer.
    held: Vec<KeyEvent>,
}

impl Answers {
    /// Returns the messages that a key completes: itself, unless it may belong to an answer.
    pub(crate) fn sift(&mut self, key: KeyEvent) -> Vec<Message> {
        let text = sent(key);
        let mut messages = Vec::new();
        if !may_be_answer(&format!("{}{text}", self.text)) {
            messages = self.release();
        }
        if !may_be_answer(&format!("{}{text}", self.text)) {
            messages.push(Message::Key(key));
            return messages;
        }
        self.text += &text;
        self.held.push(key);
        if let Some(answer) = ENDS.iter().find_map(|end| self.text.strip_prefix(START)?.strip_suffix(end)) {
            let was_asked = terminal::take_answer();
            messages.extend(colour(answer).filter(|_| was_asked).map(Message::Background));
            self.release();
        }
        messages
    }

    /// Returns the keys that are too few to be a part of an answer, at the end of a burst of input.
    pub(crate) fn end_of_burst(&mut self) -> Vec<Message> {
        if self.held.is_empty() || self.text.starts_with(START) { Vec::new() } else { self.release() }
    }

    /// Forgets what was withheld and returns it, unless it was an answer.
    fn release(&mut self) -> Vec<Message> {
        let was_answer = std::mem::take(&mut self.text).starts_with(START);
        let held = std::mem::take(&mut self.held);
        if was_answer { Vec::new() } else { held.into_iter().map(Message::Key).collect() }
    }
}

fn may_be_answer(text: &str) -> bool {
    START.starts_with(text) || (text.starts_with(START) && text.len() <= LONGEST)
}

/// Returns what a terminal sends for a key that may belong to an answer; else something that does not.
fn sent(key: KeyEvent) -> String {
    match (key.code, key.modifiers.difference(KeyModifiers::SHIFT)) {
        (KeyCode::Esc, KeyModifiers::NONE) => "\x1b".into(),
        (KeyCode::Char(char), KeyModifiers::NONE) => char.into(),
        (KeyCode::Char(char), KeyModifiers::ALT) => format!("\x1b{char}"),
        (KeyCode::Char('g'), KeyModifiers::CONTROL) => "\x07".into(),
        _ => "\0".repeat(LONGEST),
    }
}

/// Reads `rgb:RRRR/GGGG/BBBB`, with one to four hexadecimal digits for each part, and perhaps a fourth part.
fn colour(answer: &str) -> Option<Rgb> {
    let (kind, parts) = answer.split_once(':')?;
    let parts: Vec<u8> = parts.split('/').map(part).collect::<Option<_>>()?;
    match (kind, parts.as_slice()) {
        ("rgb", &[red, green, blue]) | ("rgba", &[red, green, blue, _]) => Some((red, green, blue)),
        _ => None,
    }
}

fn part(digits: &str) -> Option<u8> {
    let value = u32::from_str_radix(digits, 16).ok()?;
    let most = (1..=4).contains(&digits.len()).then(|| (1u32 << (4 * digits.len())) - 1)?;
    u8::try_from(value * 255 / most).ok()
}
