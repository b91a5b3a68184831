//! Short summaries of a file's faults.

use super::words;
use crate::sweep::survey::Fault;

/// Number of line ranges listed per fault.
const MOST_LINES: usize = 12;
/// Number of faults listed; any others are only counted.
const MOST_FAULTS: usize = 40;

/// Summarises faults, equal ones together: `lines 2 to 9 and 12: Optimizer is empty`.
pub(super) fn listed(faults: &[Fault]) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<usize>)> = Vec::new();
    let mut more = 0;
    for Fault { line, reason } in faults {
        match reasons.iter().position(|(known, _)| known == reason) {
            Some(place) => reasons[place].1.push(*line),
            None if reasons.len() < MOST_FAULTS => reasons.push((reason, vec![*line])),
            None => more += 1,
        }
    }
    let texts = reasons.into_iter().map(|(reason, lines)| match lines[..] {
        // Line 0 stands for the whole file.
        [0] => reason.to_owned(),
        _ => format!("{}: {reason}", numbered(&lines)),
    });
    let more = (more > 0).then(|| format!("{} in other lines", words::counted(more, "fault")));
    texts.chain(more).collect()
}

/// Formats line numbers: `line 7`, `lines 2 to 9 and 12`.
fn numbered(lines: &[usize]) -> String {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for &line in lines {
        match spans.last_mut() {
            Some(span) if span.1 + 1 == line => span.1 = line,
            _ => spans.push((line, line)),
        }
    }
    let more = spans.len().saturating_sub(MOST_LINES);
    spans.truncate(MOST_LINES);
    let text = |&(from, to): &(usize, usize)| match to - from {
        0 => from.to_string(),
        1 => format!("{from}, {to}"),
        _ => format!("{from} to {to}"),
    };
    let mut texts: Vec<String> = spans.iter().map(text).collect();
    if more > 0 {
        texts.push(format!("{} more", words::grouped(more)));
    }
    format!("line{} {}", if lines.len() == 1 { "" } else { "s" }, words::listed(&texts))
}
