//! Source text as words and marks, without comments and strings.

/// A word (identifier, keyword or number), `::`, or one other mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    /// From 1
    pub line: usize,
}

impl Token {
    pub fn is(&self, text: &str) -> bool {
        self.text == text
    }

    pub fn is_word(&self) -> bool {
        self.text.starts_with(is_of_word)
    }
}

fn is_of_word(char: char) -> bool {
    char == '_' || char.is_alphanumeric()
}

/// Splits source text.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(first) = rest.chars().next() {
        let length = length(rest, first);
        let piece = &rest[..length];
        let is_code =
            !(piece.starts_with("//") || piece.starts_with("/*") || is_literal(piece) || first.is_whitespace());
        if is_code {
            tokens.push(Token { text: piece.trim_start_matches("r#").to_owned(), line });
        }
        line += piece.matches('\n').count();
        rest = &rest[length..];
    }
    tokens
}

fn is_literal(piece: &str) -> bool {
    piece.ends_with(['"', '#', '\'']) && piece.len() > 1
}

/// Returns the bytes of the comment, literal, word or mark that `text` begins with.
fn length(text: &str, first: char) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return block_comment(text);
    }
    if let Some(length) = string(text) {
        return length;
    }
    if text.starts_with('\'') {
        return character(text);
    }
    if text.starts_with("::") {
        return 2;
    }
    let word = text.strip_prefix("r#").unwrap_or(text);
    match word.find(|char| !is_of_word(char)).unwrap_or(word.len()) {
        0 => first.len_utf8(),
        length => text.len() - word.len() + length,
    }
}

/// Comments may lie in comments.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut place) = (0, 0);
    while let Some(found) = text[place..].find(['/', '*']) {
        place += found;
        let change = match text.get(place..place + 2) {
            Some("/*") => 1,
            Some("*/") => -1,
            _ => 0,
        };
        depth += change;
        place += if change == 0 { 1 } else { 2 };
        if depth == 0 {
            return place;
        }
    }
    text.len()
}

/// `"…"`, `b"…"`, `r#"…"#`, `br"…"`, `c"…"`
fn string(text: &str) -> Option<usize> {
    let start = text.trim_start_matches(['b', 'c']);
    if let Some(raw) = start.strip_prefix('r') {
        let opened = raw.trim_start_matches('#');
        let end = format!("\"{}", "#".repeat(raw.len() - opened.len()));
        let body = opened.strip_prefix('"')?;
        let length = body.find(&end).map_or(body.len(), |place| place + end.len());
        return Some(text.len() - body.len() + length);
    }
    let body = start.strip_prefix('"').filter(|_| text.len() - start.len() < 2)?;
    Some(text.len() - body.len() + closed(body, '"'))
}

/// A character, or the mark of a lifetime.
fn character(text: &str) -> usize {
    let body = &text[1..];
    let mut chars = body.chars();
    match (chars.next(), chars.next()) {
        (Some('\\'), _) => 1 + closed(body, '\''),
        (Some(char), Some('\'')) => 2 + char.len_utf8(),
        _ => 1,
    }
}

/// Returns the length of a literal's body with its closing mark.
fn closed(body: &str, mark: char) -> usize {
    let mut is_escaped = false;
    for (place, char) in body.char_indices() {
        if char == mark && !is_escaped {
            return place + 1;
        }
        is_escaped = char == '\\' && !is_escaped;
    }
    body.len()
}
