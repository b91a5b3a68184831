//! A line of text that is being typed.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use unicode_segmentation::UnicodeSegmentation;

/// Maximum bytes of a number: more than any that this program asks for.
const NUMBER: usize = 24;
/// Maximum bytes of a path.
const LONG: usize = 512;

/// Characters that can be typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Characters {
    Digits,
    Ascii,
    /// Any except control characters.
    Any,
}

impl Characters {
    fn contain(self, char: char) -> bool {
        match self {
            Self::Digits => char.is_ascii_digit(),
            Self::Ascii => char.is_ascii_graphic() || char == ' ',
            Self::Any => !char.is_control(),
        }
    }
}

/// Text with a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineEdit {
    pub text: String,
    /// Byte offset of the cursor: the first byte of a character, or the end of the text.
    pub cursor: usize,
    /// Maximum bytes of the text.
    room: usize,
    characters: Characters,
    /// Whether the text is a suggestion, which the first character replaces.
    pub is_suggested: bool,
}

impl LineEdit {
    /// Creates a line for a number: only printable ASCII can be typed.
    pub fn new(text: impl Into<String>) -> Self {
        Self { characters: Characters::Ascii, ..Self::with_room(text, NUMBER) }
    }

    /// Creates a line for a number of things, with a suggestion: only digits can be typed.
    pub fn count(suggestion: u32) -> Self {
        Self { characters: Characters::Digits, is_suggested: true, ..Self::new(suggestion.to_string()) }
    }

    /// Creates a line for a name or words of at most `room` bytes, without control characters.
    pub fn with_room(text: impl Into<String>, room: usize) -> Self {
        let text = text.into();
        Self { cursor: text.len(), text, room, characters: Characters::Any, is_suggested: false }
    }

    /// Creates a line for a path, without control characters.
    pub fn long(text: impl Into<String>) -> Self {
        Self::with_room(text, LONG)
    }

    /// Edits the line; ignores keys that do not edit. Returns `false` for a character that cannot be typed here.
    pub fn press(&mut self, key: &KeyEvent) -> bool {
        let plain = !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        match key.code {
            KeyCode::Char('u') if key.modifiers == KeyModifiers::CONTROL => {
                self.text.clear();
                self.cursor = 0;
            }
            KeyCode::Char(char) if plain => return self.insert(char),
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
            _ => return true,
        }
        self.is_suggested = false;
        true
    }

    /// Types a character. Returns `false` if it cannot be typed here.
    pub fn insert(&mut self, char: char) -> bool {
        if !self.characters.contain(char) {
            return false;
        }
        if std::mem::take(&mut self.is_suggested) {
            self.text.clear();
            self.cursor = 0;
        }
        if self.text.len() + char.len_utf8() <= self.room {
            self.text.insert(self.cursor, char);
            self.cursor += char.len_utf8();
        }
        true
    }

    /// Returns the offset after the letter at the cursor, with its accents and joined parts.
    pub fn after(&self) -> usize {
        self.cursor + self.text[self.cursor..].graphemes(true).next().map_or(0, str::len)
    }

    fn before(&self) -> usize {
        self.cursor - self.text[..self.cursor].graphemes(true).next_back().map_or(0, str::len)
    }
}
