//! Text for people that comes from outside: names, cells, other programs' messages.

use unicode_width::UnicodeWidthStr;

/// Returns the columns that `text` takes on a terminal: two for most of CJK and for emoji, none for marks on other letters.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Fills `text` up with blanks to `columns`.
pub fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_remains() {
        assert_eq!(sanitized("red\x1b[31m\x1b]0;title\x07"), "red?[31m?]0;title?");
        assert_eq!(sanitized("two\nlines\r\n\tand\u{2028}more"), "two lines   and more");
        assert_eq!(sanitized("gpj.\u{202e}exe \u{9b}31m \u{200b}\u{feff}\u{e0041}"), "gpj.?exe ?31m ???");
        assert_eq!(sanitized("straße 数字 👩\u{200d}💻"), "straße 数字 👩\u{200d}💻");
    }
}
