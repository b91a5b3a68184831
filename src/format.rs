//! Text for people that comes from outside: names, cells, other programs' messages.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Makes one line of `text` that is safe to write to a terminal, a log or a summary: white space other than a blank becomes a
/// blank, and whatever a terminal would obey or a reader could not see (escapes and other controls, marks that turn the
/// direction of writing, invisible separators) becomes `?`.
pub fn sanitized(text: &str) -> String {
    text.chars()
        .map(|char| match char {
            '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
            char if char.is_control() || is_invisible(char) => '?',
            char => char,
        })
        .collect()
}

/// Bidirectional marks and overrides, zero-width separators, and tags. Joiners stay: emoji and some scripts need them.
fn is_invisible(char: char) -> bool {
    matches!(char,
        '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Returns the columns that a terminal takes for `text`: two for each letter of Chinese and the like, and for an emoji.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// Fills `text` up with blanks to `width` columns.
pub fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(self::width(text))))
}

/// Cuts `text` to `width` columns, an ellipsis in place of what is gone. No letter is cut in two.
pub fn cut(text: &str, width: usize) -> String {
    if self::width(text) <= width {
        return text.to_owned();
    }
    let ellipsis = if width > 0 { "…" } else { "" };
    format!("{}{ellipsis}", fitting(text.graphemes(true), width.saturating_sub(1)).concat())
}

/// As [`cut`], at the beginning of `text`.
pub fn cut_start(text: &str, width: usize) -> String {
    if self::width(text) <= width {
        return text.to_owned();
    }
    let mut kept = fitting(text.graphemes(true).rev(), width.saturating_sub(1));
    kept.reverse();
    format!("{}{}", if width > 0 { "…" } else { "" }, kept.concat())
}

/// Cuts `text` into pieces of `width` columns at most; a letter that is wider has a piece of its own.
pub fn pieces(text: &str, width: usize) -> Vec<String> {
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
}
