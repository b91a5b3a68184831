//! A line that is being typed.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use unicode_segmentation::UnicodeSegmentation;

/// Longer than any number this program asks for.
const NUMBER: usize = 24;
/// Longer than most paths.
const LONG: usize = 512;

/// Text with a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineEdit {
    pub text: String,
    /// The byte that it stands on: a character's first, or the text's end.
    pub cursor: usize,
    /// The most bytes it takes.
    room: usize,
    /// It takes any character but control characters, not ASCII alone.
    takes_all: bool,
}

impl LineEdit {
    /// For a number. Only printable ASCII gets in.
    pub fn new(text: impl Into<String>) -> Self {
        Self { takes_all: false, ..Self::with_room(text, NUMBER) }
    }

    /// For a name or words, of so many bytes. No control character gets in.
    pub fn with_room(text: impl Into<String>, room: usize) -> Self {
        let text = text.into();
        Self { cursor: text.len(), text, room, takes_all: true }
    }

    /// For a path. No control character gets in.
    pub fn long(text: impl Into<String>) -> Self {
        Self::with_room(text, LONG)
    }

    /// Edits the line; a key that edits nothing is left alone.
    pub fn press(&mut self, key: &KeyEvent) {
        let plain = !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        match key.code {
            KeyCode::Char('u') if key.modifiers == KeyModifiers::CONTROL => {
                self.text.clear();
                self.cursor = 0;
            }
            KeyCode::Char(char) if plain => self.insert(char),
            KeyCode::Backspace if self.cursor > 0 => {
                let start = self.before();
                self.text.drain(start..self.cursor);
                self.cursor = start;
            }
            KeyCode::Delete if self.cursor < self.text.len() => drop(self.text.drain(self.cursor..self.after())),
            KeyCode::Left => self.cursor = self.before(),
            KeyCode::Right => self.cursor = self.after(),
            KeyCode::Home => self.cursor = 0,
            KeyCode::End => self.cursor = self.text.len(),
            _ => {}
        }
    }

    pub fn insert(&mut self, char: char) {
        let fits = if self.takes_all { !char.is_control() } else { char.is_ascii_graphic() || char == ' ' };
        if fits && self.text.len() + char.len_utf8() <= self.room {
            self.text.insert(self.cursor, char);
            self.cursor += char.len_utf8();
        }
    }

    /// Behind the letter that the cursor stands on, with its accents and joined parts.
    pub fn after(&self) -> usize {
        self.cursor + self.text[self.cursor..].graphemes(true).next().map_or(0, str::len)
    }

    fn before(&self) -> usize {
        self.cursor - self.text[..self.cursor].graphemes(true).next_back().map_or(0, str::len)
    }
}
