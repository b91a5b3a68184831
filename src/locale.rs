//! The user's locale: whether whatever reads our output expects UTF-8.

use std::{env, ffi::OsString};

/// Returns whether the locale's encoding is UTF-8, according to the first of `LC_ALL`, `LC_CTYPE` and `LANG` that is
/// set. If none is set, UTF-8 is by far the likeliest.
pub(crate) fn is_utf8() -> bool {
    cfg!(not(unix)) || is_utf8_by(|name| env::var_os(name))
}

fn is_utf8_by(variable: impl Fn(&str) -> Option<OsString>) -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty());
    set.is_none_or(|locale| {
        let locale = locale.to_string_lossy().to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// Replaces the few non-ASCII characters of our own texts by ASCII, unless the locale is UTF-8. Names stay unchanged:
/// they have to match those on disk.
pub(crate) fn localized(text: &str) -> String {
    if is_utf8() { text.to_owned() } else { in_ascii(text) }
}

/// Replaces the few non-ASCII characters of our own texts by ASCII.
pub(crate) fn in_ascii(text: &str) -> String {
    text.replace(" · ", ", ").replace('·', "-").replace('…', "...").replace('→', "->")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_utf8_with(set: &[(&str, &str)]) -> bool {
        is_utf8_by(|name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into()))
    }

    #[test]
    fn the_first_variable_that_is_set_decides() {
        assert!(is_utf8_with(&[]));
        assert!(is_utf8_with(&[("LANG", "en_US.UTF-8")]));
        assert!(is_utf8_with(&[("LANG", "C"), ("LC_ALL", ""), ("LC_CTYPE", "C.utf8")]));
        assert!(!is_utf8_with(&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "C")]));
        assert!(!is_utf8_with(&[("LANG", "de_DE.ISO-8859-1")]));
        assert!(!is_utf8_with(&[("LANG", "POSIX")]));
        assert!(!is_utf8_with(&[("LC_CTYPE", "ja_JP.eucJP"), ("LANG", "ja_JP.UTF-8")]));
    }

    #[test]
    fn characters_of_our_own_texts_have_an_ascii_form() {
        assert_eq!(in_ascii("MNIST · relu · adam 0.001, 0.1→0.01 …"), "MNIST, relu, adam 0.001, 0.1->0.01 ...");
    }
}
