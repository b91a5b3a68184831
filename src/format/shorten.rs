//! Names made short so that what differs between them stays visible.

use unicode_segmentation::UnicodeSegmentation;

use super::{cut_start, fitting, width};

const ELLIPSIS: &str = "…";

/// Shortens `text` to `width` columns like [`super::cut`], but removes its middle.
pub(crate) fn cut_middle(text: &str, width: usize) -> String {
    if self::width(text) <= width || width < 3 {
        return super::cut(text, width);
    }
    let start = fitting(text.graphemes(true), (width - 1) / 2).concat();
    let rest = &text[start.len()..];
    start.clone() + &cut_start(rest, width - self::width(&start))
}

/// Shortens names of which one is wider than `width` columns: what all have in common at the beginning, at the end and
/// between becomes an ellipsis, as far as is necessary. What is then still too wide loses its middle.
pub(crate) fn shortened(names: &[String], width: usize) -> Vec<String> {
    let are_short = |names: &[String]| names.iter().all(|name| self::width(name) <= width);
    if are_short(names) {
        return names.to_vec();
    }
    let mut words: Vec<Vec<&str>> = names.iter().map(|name| words(name)).collect();
    let mut short = names.to_vec();
    for common in [Common::Start, Common::End, Common::Between] {
        if names.len() > 1 && !are_short(&short) {
            common.remove(&mut words);
            short = words.iter().map(|words| words.concat()).collect();
        }
    }
    short.iter().map(|name| cut_middle(name, width)).collect()
}

/// Splits a name after its separators.
fn words(name: &str) -> Vec<&str> {
    name.split_inclusive(['-', '_', '/', '.', ',', ' ', '=']).collect()
}

/// Where words of all names are the same.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Common {
    Start,
    End,
    /// Between words that differ, in names of as many words.
    Between,
}

impl Common {
    /// Replaces words that all names have by an ellipsis.
    fn remove(self, names: &mut [Vec<&str>]) {
        let shortest = names.iter().map(Vec::len).min().unwrap_or(0);
        // One word is left of each.
        let most = shortest.saturating_sub(1);
        let is_common = |at: usize| names.iter().all(|name| name[at] == names[0][at]);
        let from_end = |name: &Vec<&'_ str>, at: usize| name[name.len() - 1 - at].to_owned();
        let is_common_from_end = |at: usize| names.iter().all(|name| from_end(name, at) == from_end(&names[0], at));
        match self {
            Self::Start => {
                let count = (0..most).take_while(|&at| is_common(at)).count();
                replace_all(names, |_| 0..count);
            }
            Self::End => {
                let count = (0..most).take_while(|&at| is_common_from_end(at)).count();
                replace_all(names, |length| length - count..length);
            }
            Self::Between => {
                if names.iter().any(|name| name.len() != shortest) {
                    return;
                }
                let mut at = 0;
                while at < names[0].len() {
                    let length = names[0].len();
                    let count =
                        (at..length).take_while(|&at| names.iter().all(|name| name[at] == names[0][at])).count();
                    replace_all(names, |_| at..at + count);
                    at += 1;
                }
            }
        }
    }
}

/// Replaces words of each name by an ellipsis, if that is shorter.
fn replace_all(names: &mut [Vec<&str>], range: impl Fn(usize) -> std::ops::Range<usize>) {
    for name in names {
        let range = range(name.len());
        if width(&name[range.clone()].concat()) > 1 {
            name.splice(range, [ELLIPSIS]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(names: &[&str], width: usize) -> Vec<String> {
        shortened(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), width)
    }

    #[test]
    fn names_that_fit_stay_and_a_single_one_loses_its_middle() {
        assert_eq!(short(&["run-a", "run-b"], 5), ["run-a", "run-b"]);
        assert_eq!(short(&["20261124-relu-adam"], 9), ["2026…adam"]);
        assert_eq!(short(&[], 9), [""; 0]);
    }

    #[test]
    fn what_differs_is_kept_wherever_it_is() {
        let ends = ["resnet50-imagenet-b256-seed1", "resnet50-imagenet-b256-seed2"];
        assert_eq!(short(&ends, 12), ["…seed1", "…seed2"]);
        let starts = ["a-resnet50-imagenet-b256", "b-resnet50-imagenet-b256"];
        assert_eq!(short(&starts, 12), ["a-…", "b-…"]);
        let both = ["a-resnet50-imagenet-1", "b-resnet50-imagenet-2"];
        assert_eq!(short(&both, 12), ["a-…1", "b-…2"]);
        let middle = ["long-beginning-x-long-end", "long-beginning-yy-long-end"];
        assert_eq!(short(&middle, 11), ["…x-…", "…yy-…"]);
        let lengths = ["long-beginning-x", "long-beginning-x-and-more"];
        assert_eq!(short(&lengths, 12), ["…x", "…x-and-more"]);
        let one_word = ["experiment00000000001", "experiment00000000002"];
        assert_eq!(short(&one_word, 12), ["exper…000001", "exper…000002"]);
    }

    #[test]
    fn only_as_much_is_removed_as_is_necessary() {
        let names = ["group-one-relu-run", "group-two-relu-run"];
        assert_eq!(short(&names, 13), ["…one-relu-run", "…two-relu-run"]);
        assert_eq!(short(&names, 12), ["…one-…", "…two-…"]);
    }

    #[test]
    fn columns_are_counted_not_bytes() {
        assert_eq!(cut_middle("手写数字手写", 7), "手…手写");
        assert_eq!(["abc", "abcd", "abcdef"].map(|text| cut_middle(text, 3)), ["abc", "a…d", "a…f"]);
        assert_eq!([cut_middle("abcdef", 2), cut_middle("abcdef", 0)], ["a…", ""]);
    }
}
