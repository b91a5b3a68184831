//! Text for people, shells and other programs: outside text (names, cells, messages) made safe for its reader, and
//! numbers and times.

mod numbers;
mod shorten;
mod typed_path;
mod words;

use std::{
    ffi::OsStr,
    fmt::Write,
    path::{Component, Path},
};

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

pub use numbers::is_in_the_future;
pub(crate) use numbers::{ago, ago_width, clock, counted, grouped, loss, moment, percent, rate, rounded, share, time};
pub(crate) use shorten::{cut_middle, shortened};
pub(crate) use typed_path::typed_path;
pub(crate) use words::words;

/// Command that downloads MNIST into the data folder.
pub(crate) const FETCH: &str = "lenet-monitor data fetch";

const INFALLIBLE: &str = "writing to a string cannot fail";

/// Returns `text` as one line that is safe to write to a terminal, a log or a summary: every kind of white space
/// becomes a blank, and whatever a terminal would obey or a reader could not see (escape sequences and other control
/// characters, bidirectional marks, invisible separators) becomes `?`.
pub(crate) fn sanitized(text: &str) -> String {
    text.chars()
        .map(|char| match char {
            '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
            char if !is_safe(char) => '?',
            char => char,
        })
        .collect()
}

/// Returns `text` without the characters that [`sanitized`] replaces by `?`, for places where every column counts.
pub(crate) fn visible(text: &str) -> String {
    text.chars().filter(|&char| is_safe(char)).collect()
}

/// Returns a path as text for people, see [`sanitized`].
pub(crate) fn shown(path: &Path) -> String {
    sanitized(&path.display().to_string())
}

/// Returns `text` with every line made safe, see [`sanitized`]. The parts of such a text must be sanitized beforehand:
/// here a newline within a name cannot be distinguished from one of ours.
pub(crate) fn sanitized_lines(text: &str) -> String {
    text.split('\n').map(sanitized).collect::<Vec<_>>().join("\n")
}

/// Returns `value` as one line of JSON in which characters that are not safe on a terminal are escaped.
///
/// # Errors
/// If `value` cannot be represented in JSON.
pub(crate) fn json(value: &impl serde::Serialize) -> serde_json::Result<String> {
    let mut line = String::new();
    for char in serde_json::to_string(value)?.chars() {
        // Outside of strings, JSON is ASCII without control characters.
        if sanitized(char.encode_utf8(&mut [0; 4])).contains(char) {
            line.push(char);
        } else {
            char.encode_utf16(&mut [0; 2]).iter().for_each(|unit| write!(line, "\\u{unit:04x}").expect(INFALLIBLE));
        }
    }
    Ok(line)
}

/// Returns `text` as a basic TOML string, quotes included.
pub(crate) fn toml_quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for char in text.chars() {
        match char {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            char if !is_safe(char) => {
                write!(quoted, "\\U{:08X}", u32::from(char)).expect(INFALLIBLE);
            }
            char => quoted.push(char),
        }
    }
    quoted + "\""
}

/// Returns a word that a shell reads as `text`: bare if possible, else in single quotes, and as `$'...'` if it contains
/// anything that would not survive being displayed and pasted.
pub(crate) fn shell_quoted(text: &OsStr) -> String {
    let bytes = text.as_encoded_bytes();
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-+,:@%".contains(byte);
    match text.to_str() {
        Some(plain) if !plain.is_empty() && bytes.iter().all(is_plain) => plain.to_owned(),
        Some(shown) if sanitized(shown) == shown => format!("'{}'", shown.replace('\'', "'\\''")),
        _ => escaped_for_shells(bytes),
    }
}

/// Returns the command that downloads MNIST into a data folder, ready to be pasted.
pub(crate) fn fetch_command(folder: &Path) -> String {
    format!("{FETCH} --data-dir {}", shell_quoted_path(folder))
}

/// Returns a word that a shell reads as `path`, and that a program does not mistake for a flag.
pub(crate) fn shell_quoted_path(path: &Path) -> String {
    let looks_like_a_flag = matches!(path.components().next(), Some(Component::Normal(first))
        if first.as_encoded_bytes().starts_with(b"-"));
    let path = if looks_like_a_flag { Path::new(".").join(path) } else { path.to_owned() };
    shell_quoted(path.as_os_str())
}

fn escaped_for_shells(bytes: &[u8]) -> String {
    let mut quoted = String::from("$'");
    for byte in bytes {
        match byte {
            b'\'' | b'\\' => quoted.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => quoted.push(char::from(*byte)),
            // Always three digits, so that no digit of the text is read as one of them.
            byte => write!(quoted, "\\{byte:03o}").expect(INFALLIBLE),
        }
    }
    quoted + "'"
}

/// Returns whether a terminal only displays `char`, and neither obeys nor hides it.
pub(crate) fn is_safe(char: char) -> bool {
    !char.is_control() && !is_invisible(char)
}

/// Returns whether `char` is a bidirectional mark or override, a line or zero-width separator, or a tag. Joiners are
/// allowed: emoji and some scripts need them.
fn is_invisible(char: char) -> bool {
    matches!(char,
        '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Returns the number of columns that `text` occupies on a terminal: wide characters, such as Chinese and emoji, count
/// as two.
pub(crate) fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// Pads `text` with blanks to `width` columns.
pub(crate) fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(self::width(text))))
}

/// Shortens `text` to `width` columns, with an ellipsis for the removed end. Graphemes stay whole.
pub(crate) fn cut(text: &str, width: usize) -> String {
    if self::width(text) <= width {
        return text.to_owned();
    }
    let ellipsis = if width > 0 { "…" } else { "" };
    format!("{}{ellipsis}", fitting(text.graphemes(true), width.saturating_sub(1)).concat())
}

/// Shortens `text` like [`cut`], but removes its beginning.
pub(crate) fn cut_start(text: &str, width: usize) -> String {
    if self::width(text) <= width {
        return text.to_owned();
    }
    let mut kept = fitting(text.graphemes(true).rev(), width.saturating_sub(1));
    kept.reverse();
    format!("{}{}", if width > 0 { "…" } else { "" }, kept.concat())
}

/// Splits `text` into pieces of at most `width` columns; a wider grapheme gets its own piece.
pub(crate) fn pieces(text: &str, width: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut room = width;
    for grapheme in text.graphemes(true) {
        let wide = self::width(grapheme);
        if wide > room && room < width {
            pieces.push(String::new());
            room = width;
        }
        room = room.saturating_sub(wide);
        pieces.last_mut().expect("never empty").push_str(grapheme);
    }
    pieces
}

/// Returns the first graphemes that fit into `width` columns.
fn fitting<'a>(graphemes: impl Iterator<Item = &'a str>, width: usize) -> Vec<&'a str> {
    let mut room = width;
    let fits = |grapheme: &&str| {
        let left = room.checked_sub(self::width(grapheme));
        room = left.unwrap_or(0);
        left.is_some()
    };
    graphemes.take_while(fits).collect()
}

/// Returns `A`, `A and B` or `A, B and C`, with this conjunction.
pub(crate) fn listed<S: AsRef<str>>(names: &[S], conjunction: &str) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} {conjunction} {last}", others.join(", ")),
    }
}

/// Returns the last component of a path, or the whole path if it has none.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// Returns the last two components of a path: the run and the file.
pub(crate) fn path_tail(path: &str) -> String {
    let parts: Vec<_> = Path::new(path).iter().map(|part| part.to_string_lossy().into_owned()).collect();
    parts[parts.len().saturating_sub(2)..].join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_and_padded_by_columns() {
        assert_eq!([width("run"), width("数字"), width("👩\u{200d}💻"), width("e\u{301}")], [3, 4, 2, 1]);
        assert_eq!([padded("数", 4), padded("abcd", 2)], ["数  ", "abcd"]);
        assert_eq!([cut("手写数字", 8), cut("手写数字", 7), cut("手写数字", 6)], ["手写数字", "手写数…", "手写…"]);
        assert_eq!([cut("abc", 2), cut("abc", 1), cut("abc", 0)], ["a…", "…", ""]);
        assert_eq!([cut_start("手写数字", 6), cut_start("abc", 2), cut_start("abc", 3)], ["…数字", "…c", "abc"]);
        assert_eq!(pieces("手写a数字", 5), ["手写a", "数字"]);
        assert_eq!([pieces("数字", 1).len(), pieces("", 5).len()], [2, 1]);
        assert_eq!(cut("x👩\u{200d}💻y", 3), "x…");
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
    }

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        assert_eq!(sanitized("red\x1b[31m\x1b]0;title\x07"), "red?[31m?]0;title?");
        assert_eq!(sanitized("two\nlines\r\n\tand\u{2028}more"), "two lines   and more");
        assert_eq!(sanitized("gpj.\u{202e}exe \u{9b}31m \u{200b}\u{feff}\u{e0041}"), "gpj.?exe ?31m ???");
        assert_eq!(sanitized("straße 数字 👩\u{200d}💻"), "straße 数字 👩\u{200d}💻");
    }

    #[test]
    fn json_keeps_its_values_and_contains_no_control_character() {
        let text = "a \u{9b}31m\u{7f}\u{202e}\x1b\n\u{e0041} ü 数字";
        let line = json(&text).unwrap();
        assert_eq!(sanitized(&line), line);
        assert!(line.contains("\\u009b31m") && line.contains("ü 数字"), "{line}");
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
    }

    #[test]
    fn quoted_toml_reads_back_unchanged() {
        for text in [
            "",
            "plain",
            "C:\\runs\\new",
            "\"'\"",
            "\0\x01\x1b\x7f\u{85}\u{2028}\u{202e}\n\t\r",
            "e\u{301} 数字",
            "\\u0041",
        ] {
            let table: toml::Table = toml::from_str(&format!("key = {}", toml_quoted(text))).unwrap();
            assert_eq!(table["key"].as_str(), Some(text));
            assert_eq!(sanitized(&toml_quoted(text)), toml_quoted(text));
        }
    }

    #[test]
    fn words_for_a_shell_are_quoted_only_where_necessary() {
        let quoted = |text: &str| shell_quoted(OsStr::new(text));
        assert_eq!(quoted("checkpoints/20261124-110200-relu-adam-0.001-b16/last.ckpt").find(['\'', '$']), None);
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("my runs"), "'my runs'");
        assert_eq!(quoted("it's $(x) `y` !z ~ * ;\\"), "'it'\\''s $(x) `y` !z ~ * ;\\'");
        assert_eq!(quoted("~/runs"), "'~/runs'");
        assert_eq!(quoted("a\nb\x1b['1"), "$'a\\012b\\033[\\'1'");
        assert_eq!(quoted("\u{202e}7"), "$'\\342\\200\\2567'");
        assert_eq!(shell_quoted_path(Path::new("-x/last.ckpt")), "./-x/last.ckpt");
        assert_eq!(shell_quoted_path(Path::new("/-x")), "/-x");
    }
}
