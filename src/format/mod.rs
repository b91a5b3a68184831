//! Text for people, shells and other programs: what comes from outside (names, cells, messages) made safe for whoever reads
//! it, and numbers and times.

mod numbers;

use std::{
    ffi::OsStr,
    fmt::Write,
    path::{Component, Path},
};

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

pub use numbers::is_in_the_future;
pub(crate) use numbers::{ago, ago_width, clock, counted, grouped, loss, moment, rate, share, time};

/// The command that brings MNIST into the data folder.
pub(crate) const FETCH: &str = "lenet-monitor data fetch";

const TAKES_ALL: &str = "a string takes all";

/// Makes one line of `text` that is safe to write to a terminal, a log or a summary: white space other than a blank becomes a
/// blank, and whatever a terminal would obey or a reader could not see (escapes and other controls, marks that turn the
/// direction of writing, invisible separators) becomes `?`.
pub(crate) fn sanitized(text: &str) -> String {
    text.chars()
        .map(|char| match char {
            '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
            char if !is_safe(char) => '?',
            char => char,
        })
        .collect()
}

/// Returns `text` without what [`sanitized`] makes a question mark, for places where every column counts.
pub(crate) fn visible(text: &str) -> String {
    text.chars().filter(|&char| is_safe(char)).collect()
}

/// Returns a path as it is shown to people, see [`sanitized`].
pub(crate) fn shown(path: &Path) -> String {
    sanitized(&path.display().to_string())
}

/// Makes every line of `text` safe, see [`sanitized`]. For text of several lines, whose parts were made safe before: a line
/// feed within a name cannot be distinguished from one of ours here.
pub(crate) fn sanitized_lines(text: &str) -> String {
    text.split('\n').map(sanitized).collect::<Vec<_>>().join("\n")
}

/// Returns `value` as one line of JSON in which nothing is left that a terminal would obey or that could not be seen: the
/// same values, as escapes.
///
/// # Errors
/// If `value` has no form in JSON.
pub(crate) fn json(value: &impl serde::Serialize) -> serde_json::Result<String> {
    let mut line = String::new();
    for char in serde_json::to_string(value)?.chars() {
        // Outside of strings JSON is ASCII without controls.
        if sanitized(char.encode_utf8(&mut [0; 4])).contains(char) {
            line.push(char);
        } else {
            char.encode_utf16(&mut [0; 2]).iter().for_each(|unit| write!(line, "\\u{unit:04x}").expect(TAKES_ALL));
        }
    }
    Ok(line)
}

/// Returns `text` as a basic string of TOML, quotes included.
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
                write!(quoted, "\\U{:08X}", u32::from(char)).expect(TAKES_ALL);
            }
            char => quoted.push(char),
        }
    }
    quoted + "\""
}

/// Returns a word that a shell reads as `text`: bare where it may be, else in single quotes, and as `$'...'` where there is
/// something in it that would not survive being shown and pasted.
pub(crate) fn shell_quoted(text: &OsStr) -> String {
    let bytes = text.as_encoded_bytes();
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-+,:@%".contains(byte);
    match text.to_str() {
        Some(plain) if !plain.is_empty() && bytes.iter().all(is_plain) => plain.to_owned(),
        Some(shown) if sanitized(shown) == shown => format!("'{}'", shown.replace('\'', "'\\''")),
        _ => escaped_for_shells(bytes),
    }
}

/// Returns the command that brings MNIST into a data folder, ready to be pasted.
pub(crate) fn fetch_command(folder: &Path) -> String {
    format!("{FETCH} --data-dir {}", shell_quoted_path(folder))
}

/// Returns a word that a shell reads as `path`, and that a program takes for a path and not for a flag.
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
            // Three digits always, so that no digit of the text is taken for one of them.
            byte => write!(quoted, "\\{byte:03o}").expect(TAKES_ALL),
        }
    }
    quoted + "'"
}

/// Whether a terminal shows `char` and does nothing else.
pub(crate) fn is_safe(char: char) -> bool {
    !char.is_control() && !is_invisible(char)
}

/// Bidirectional marks and overrides, separators of lines and without width, and tags. Joiners stay: emoji and some scripts need them.
fn is_invisible(char: char) -> bool {
    matches!(char,
        '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Returns the columns that a terminal takes for `text`: two for each letter of Chinese and the like, and for an emoji.
pub(crate) fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// Fills `text` up with blanks to `width` columns.
pub(crate) fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(self::width(text))))
}

/// Cuts `text` to `width` columns, an ellipsis in place of what is gone. No letter is cut in two.
pub(crate) fn cut(text: &str, width: usize) -> String {
    if self::width(text) <= width {
        return text.to_owned();
    }
    let ellipsis = if width > 0 { "…" } else { "" };
    format!("{}{ellipsis}", fitting(text.graphemes(true), width.saturating_sub(1)).concat())
}

/// As [`cut`], at the beginning of `text`.
pub(crate) fn cut_start(text: &str, width: usize) -> String {
    if self::width(text) <= width {
        return text.to_owned();
    }
    let mut kept = fitting(text.graphemes(true).rev(), width.saturating_sub(1));
    kept.reverse();
    format!("{}{}", if width > 0 { "…" } else { "" }, kept.concat())
}

/// Cuts `text` into pieces of `width` columns at most; a letter that is wider has a piece of its own.
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
        pieces.last_mut().expect("there is one at first").push_str(grapheme);
    }
    pieces
}

/// The first graphemes that have room in `width` columns.
fn fitting<'a>(graphemes: impl Iterator<Item = &'a str>, width: usize) -> Vec<&'a str> {
    let mut room = width;
    let fits = |grapheme: &&str| {
        let left = room.checked_sub(self::width(grapheme));
        room = left.unwrap_or(0);
        left.is_some()
    };
    graphemes.take_while(fits).collect()
}

/// Returns the last part of a path, or the whole of one that has none.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// Returns the last two parts of a path: the run and the file.
pub(crate) fn path_tail(path: &str) -> String {
    let parts: Vec<_> = Path::new(path).iter().map(|part| part.to_string_lossy().into_owned()).collect();
    parts[parts.len().saturating_sub(2)..].join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_and_filled_by_columns() {
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
    fn nothing_that_a_terminal_obeys_remains() {
        assert_eq!(sanitized("red\x1b[31m\x1b]0;title\x07"), "red?[31m?]0;title?");
        assert_eq!(sanitized("two\nlines\r\n\tand\u{2028}more"), "two lines   and more");
        assert_eq!(sanitized("gpj.\u{202e}exe \u{9b}31m \u{200b}\u{feff}\u{e0041}"), "gpj.?exe ?31m ???");
        assert_eq!(sanitized("straße 数字 👩\u{200d}💻"), "straße 数字 👩\u{200d}💻");
    }

    #[test]
    fn json_keeps_its_values_and_shows_no_control() {
        let text = "a \u{9b}31m\u{7f}\u{202e}\x1b\n\u{e0041} ü 数字";
        let line = json(&text).unwrap();
        assert_eq!(sanitized(&line), line);
        assert!(line.contains("\\u009b31m") && line.contains("ü 数字"), "{line}");
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
    }

    #[test]
    fn toml_reads_back_what_was_quoted() {
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
    fn words_for_a_shell_are_quoted_where_they_have_to_be() {
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
