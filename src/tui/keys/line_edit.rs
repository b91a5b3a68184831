//! A line of text that is being typed.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use unicode_segmentation::UnicodeSegmentation;

/// Maximum bytes of a number: more than any that this program asks for.
const NUMBER: usize = 24;
/// Maximum bytes of a path.
const LONG: usize = 512;

/// Text with a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineEdit {
    pub text: String,
    /// Byte offset of the cursor: the first byte of a character, or the end of the text.
    pub cursor: usize,
    /// Maximum bytes of the text.
    room: usize,
    /// Whether any character except control characters can be typed, not only ASCII.
    allows_unicode: bool,
}

impl LineEdit {
    /// Creates a line for a number: only printable ASCII can be typed.
    pub fn new(text: impl Into<String>) -> Self {
        Self { allows_unicode: false, ..Self::with_room(text, NUMBER) }
    }

    /// Creates a line for a name or words of at most `room` bytes, without control characters.
    pub fn with_room(text: impl Into<String>, room: usize) -> Self {
        let text = text.into();
        Self { cursor: text.len(), text, room, allows_unicode: true }
    }

    /// Creates a line for a path, without control characters.
    pub fn long(text: impl Into<String>) -> Self {
        Self::with_room(text, LONG)
    }

    /// Edits the line; ignores keys that do not edit.
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
        let fits = if self.allows_unicode { !char.is_control() } else { char.is_ascii_graphic() || char == ' ' };
        if fits && self.text.len() + char.len_utf8() <= self.room {
            self.text.insert(self.cursor, char);
            self.cursor += char.len_utf8();
        }
    }

    /// Returns the offset after the letter at the cursor, with its accents and joined parts.
    pub fn after(&self) -> usize {
        self.cursor + self.text[self.cursor..].graphemes(true).next().map_or(0, str::len)
    }

    fn before(&self) -> usize {
        self.cursor - self.text[..self.cursor].graphemes(true).next_back().map_or(0, str::len)
    }
}
