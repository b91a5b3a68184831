//! The user's locale: whether what reads our output expects UTF-8.

use std::{env, ffi::OsString};

/// Returns whether the locale's characters are UTF-8: by `LC_ALL`, else `LC_CTYPE`, else `LANG`, whichever is set first. Where
/// none is set nothing is known, and UTF-8 is by far the likeliest.
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

/// Puts ASCII in place of the few signs that our own texts have beyond it, where the locale is not UTF-8. Names stay as they
/// are: they have to fit those on the disk.
pub(crate) fn localized(text: &str) -> String {
    if is_utf8() { text.to_owned() } else { in_ascii(text) }
}

/// Puts ASCII in place of the few signs that our own texts have beyond it.
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
    fn our_own_signs_have_a_form_in_ascii() {
        assert_eq!(in_ascii("MNIST · relu · adam 0.001, 0.1→0.01 …"), "MNIST, relu, adam 0.001, 0.1->0.01 ...");
    }
}
