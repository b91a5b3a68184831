//! Mirrors' addresses and words, made fit to show: without passwords, in one line, and not endless.

use crate::format::sanitized;

/// Characters of an address or an answer that are shown.
const SHOWN: usize = 200;

/// Returns the address without the name and password that may stand before its `@`.
pub(super) fn shown(address: &str) -> String {
    bounded(&without_password(address))
}

/// Returns what is said about a request to `url`, without its name and password or those of any other address in it.
pub(super) fn cleaned(said: &str, url: &str) -> String {
    let mut said = said.replace(url, &without_password(url));
    if let Some((secret, _)) = url.rsplit_once('@') {
        let secret = secret.split_once("://").map_or(secret, |(_, secret)| secret);
        let password = secret.split_once(':').map_or(secret, |(_, password)| password);
        for part in [secret, password] {
            if !part.is_empty() {
                said = said.replace(part, "***");
            }
        }
    }
    let words = said.split(' ').map(|word| if word.contains("://") { without_password(word) } else { word.to_owned() });
    bounded(&words.collect::<Vec<_>>().join(" "))
}

/// A password may hold any character unless it is escaped: the last `@` counts.
fn without_password(address: &str) -> String {
    let Some((before, host)) = address.rsplit_once('@') else { return address.to_owned() };
    let scheme = before.split_once("://").map_or(String::new(), |(scheme, _)| format!("{scheme}://"));
    format!("{scheme}***@{host}")
}

pub(super) fn bounded(text: &str) -> String {
    let text = sanitized(text);
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown() {
        for (address, expected) in [
            ("https://host/mnist/", "https://host/mnist/"),
            ("https://user:secret@host/mnist/", "https://***@host/mnist/"),
            ("https://user:se/cr@t@host:81/mnist", "https://***@host:81/mnist"),
            ("user:secret@host/mnist", "***@host/mnist"),
        ] {
            assert_eq!(shown(address), expected);
        }
        let url = "http://user:secret@host/a.gz";
        for said in ["bad uri: http://user:secret@host/a.gz", "secret is no port", "went to http://me:word@other/ then"]
        {
            let cleaned = cleaned(said, url);
            assert!(!cleaned.contains("secret") && !cleaned.contains("word"), "{cleaned}");
        }
    }

    #[test]
    fn nothing_endless_or_obeyed_by_a_terminal_is_shown() {
        let long = shown(&format!("https://host/\u{1b}[31m{}", "x".repeat(100_000)));
        assert!(long.len() < 300 && !long.contains('\u{1b}'), "{long}");
    }
}
