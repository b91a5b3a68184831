//! The answer of several runs together, as parts of a line.

use ratatui::text::Span;

use crate::{
    format::{cut, width},
    train::JointAnswer,
    tui::{theme::Theme, widgets::text::span},
};

/// Returns `3 marked runs together: 4 0.972   2 of 3 agree`. The digit is green or red if the true one is known.
pub(crate) fn summary(joint: &JointAnswer, label: Option<u8>, theme: Theme) -> Vec<Vec<Span<'static>>> {
    let (members, mean) = (joint.members.len(), &joint.mean);
    let style = match label {
        None => theme.accent(),
        Some(label) if label == mean.digit => theme.good(),
        Some(_) => theme.bad(),
    };
    let agreement = match joint.agreeing() {
        agreeing if agreeing == members => span("   all agree", theme.good()),
        agreeing => span(format!("   {agreeing} of {members} agree"), theme.warn()),
    };
    vec![
        vec![
            span(format!("{members} marked runs: "), theme.text()),
            span(mean.digit.to_string(), style.patch(theme.bold())),
            span(format!(" {:.3}", mean.confidence()), theme.text()),
        ],
        vec![agreement],
    ]
}

/// Returns `seed 2: 9 0.612   seed 5: 7 0.501` about the runs that disagree. Long labels are cut to fit into `room`
/// columns.
pub(crate) fn dissent(joint: &JointAnswer, labels: &[String], room: usize, theme: Theme) -> Vec<Vec<Span<'static>>> {
    const GAP: usize = 3;
    const ANSWER: usize = ": 9 0.612".len();
    const SHORTEST: usize = 6;
    let dissenters: Vec<_> = joint.dissenters().collect();
    let count = dissenters.len().max(1);
    let label = |member: usize| labels.get(member).map_or("", String::as_str);
    let wide: usize = dissenters.iter().map(|&(member, _)| width(label(member)) + ANSWER + GAP).sum();
    let each = if wide <= room + GAP { usize::MAX } else { ((room + GAP) / count).saturating_sub(ANSWER + GAP) };
    let parts = dissenters.iter().enumerate().map(|(place, &(member, own))| {
        let gap = if place == 0 { 0 } else { GAP };
        vec![
            span(" ".repeat(gap) + &cut(label(member), each.max(SHORTEST)), theme.text()),
            span(": ", theme.dim()),
            span(own.digit.to_string(), theme.warn()),
            span(format!(" {:.3}", own.confidence()), theme.dim()),
        ]
    });
    parts.collect()
}
