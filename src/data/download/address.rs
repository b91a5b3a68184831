//! Mirrors' addresses and messages, made safe to display: without passwords, on one line, and bounded in length.

use crate::format::sanitized;

/// Maximum number of characters of an address or a message that are displayed.
const MAX_CHARS: usize = 200;

/// Returns the address without the user name and password that may precede its `@`.
pub(super) fn shown(address: &str) -> String {
    bounded(&without_password(address))
}

/// Returns a message about a request to `url` without the user name and password of this or any other address in it.
pub(super) fn cleaned(message: &str, url: &str) -> String {
    let mut message = message.replace(url, &without_password(url));
    if let Some((secret, _)) = url.rsplit_once('@') {
        let secret = secret.split_once("://").map_or(secret, |(_, secret)| secret);
        let password = secret.split_once(':').map_or(secret, |(_, password)| password);
        for part in [secret, password] {
            if !part.is_empty() {
                message = message.replace(part, "***");
            }
        }
    }
    let words =
        message.split(' ').map(|word| if word.contains("://") { without_password(word) } else { word.to_owned() });
    bounded(&words.collect::<Vec<_>>().join(" "))
}

/// Hides the user name and password. A password may contain an unescaped `@`, so the last one counts.
fn without_password(address: &str) -> String {
    let Some((before, host)) = address.rsplit_once('@') else { return address.to_owned() };
    let scheme = before.split_once("://").map_or(String::new(), |(scheme, _)| format!("{scheme}://"));
    format!("{scheme}***@{host}")
}

pub(super) fn bounded(text: &str) -> String {
    let text = sanitized(text);
    match text.char_indices().nth(MAX_CHARS) {
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
        for message in
            ["bad uri: http://user:secret@host/a.gz", "secret is no port", "went to http://me:word@other/ then"]
        {
            let cleaned = cleaned(message, url);
            assert!(!cleaned.contains("secret") && !cleaned.contains("word"), "{cleaned}");
        }
    }

    #[test]
    fn long_addresses_and_control_characters_are_not_shown() {
        let long = shown(&format!("https://host/\u{1b}[31m{}", "x".repeat(100_000)));
        assert!(long.len() < 300 && !long.contains('\u{1b}'), "{long}");
    }
}
