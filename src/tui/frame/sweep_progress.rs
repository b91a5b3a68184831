//! How far the sweep is: its part of the header.

use crate::tui::frame::Scene;
use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};

use crate::{
    format::sanitized,
    sweep::{Run, RunState, Snapshot, survey::Factor},
    tui::{
        format,
        frame::header,
        screen::Screen,
        session::sweep::Watch,
        widgets::text::{put, span},
    },
};

/// `sweeping`
pub fn word(scene: &Scene) -> &'static str {
    standing(scene).1
}

/// `● sweeping`
pub fn state(scene: &Scene) -> Line<'static> {
    let (mark, word, style) = standing(scene);
    Line::styled(format!("{mark} {word}"), style)
}

fn standing(scene: &Scene) -> (&'static str, &'static str, Style) {
    let theme = scene.session.theme;
    let watch = &scene.session.sweep;
    match &watch.snapshot {
        _ if scene.session.leaving => ("○", "stopping", theme.dim()),
        _ if watch.is_paused() => ("‖", "paused", theme.warn()),
        _ if watch.is_under_way() => ("●", "sweeping", theme.good()),
        Some(snapshot) if snapshot.is_complete() => ("✓", "complete", theme.good().patch(theme.bold())),
        Some(snapshot) if snapshot.fault.is_some() => ("✗", "failed", theme.bad()),
        _ => ("○", "stopped", theme.dim()),
    }
}

/// The same in words, for where a run's hyperparameters would be.
pub fn plan(scene: &Scene) -> String {
    let runs = scene.session.sweep.snapshot.as_ref().map_or(0, |snapshot| snapshot.runs.len());
    let mut parts = vec![format::counted(runs as u64, "run")];
    parts.extend(scene.session.sweep.plan("").shared);
    parts.join(" · ")
}

/// Runs that ended, and the time that is left; or what came of it all.
pub fn bar(scene: &Scene, row: Rect, buffer: &mut Buffer) {
    let theme = scene.session.theme;
    let Some(snapshot) = &scene.session.sweep.snapshot else { return };
    if !scene.session.sweep.is_under_way() {
        put(buffer, row, &verdict(scene, snapshot));
        return;
    }
    let ended = snapshot.count(|run| matches!(run, Run::Ended(_)));
    let all = snapshot.runs.len() - snapshot.count(|run| matches!(run, Run::Dropped));
    let width = all.to_string().len();
    let left =
        Line::from(vec![span(format!("{ended:>width$}"), theme.bold()), span(format!(" of {all} runs"), theme.text())]);
    let mut right = Vec::new();
    if row.width >= 70 {
        let running = snapshot.count(|run| matches!(run, Run::Running(_)));
        right.push(span(format!("{} to go, {running} at once  ", all - ended), theme.dim()));
    }
    let remaining = snapshot.remaining().unwrap_or(f64::NAN);
    right.push(span(format!("{:>5} left", format::clock(remaining)), theme.text()));
    let style = if scene.session.sweep.is_paused() { theme.warn() } else { theme.test() };
    header::bar(scene, row, buffer, left, snapshot.part_done(), &Line::from(right), style);
}

fn verdict(scene: &Scene, snapshot: &Snapshot) -> Line<'static> {
    let theme = scene.session.theme;
    let ended = snapshot.count(|run| matches!(run, Run::Ended(_)));
    let mut spans = vec![span(format!("{ended} of {} runs ended", snapshot.runs.len()), theme.text())];
    for (count, what) in [
        (snapshot.ended_as(RunState::Diverged), "diverged"),
        (snapshot.ended_as(RunState::Failed), "failed"),
        (snapshot.count(|run| matches!(run, Run::Dropped)), "dropped"),
    ] {
        if count > 0 {
            spans.push(span(format!("  {count} {what}"), theme.warn()));
        }
    }
    if let Some(fault) = &snapshot.fault {
        spans.push(span(format!("  {}", sanitized(fault)), theme.bad()));
    } else {
        spans.extend(
            best(&scene.session.sweep).map(|accuracy| span(format!("  best {}", format::share(accuracy).trim()), theme.test())),
        );
        if let Some(sweeping) = &scene.session.sweep.sweeping {
            let more = if snapshot.is_complete() { "" } else { "  the same command goes on" };
            spans.push(span(format!("  in {}{more}", sanitized(&sweeping.out.display().to_string())), theme.dim()));
        }
    }
    Line::from(spans)
}

fn best(watch: &Watch) -> Option<f64> {
    Some(watch.survey.as_ref()?.best()?.accuracy()?.mean)
}
