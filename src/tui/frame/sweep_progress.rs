//! The sweep's part of the header: its state and progress.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use crate::{
    format::{path_tail, sanitized},
    sweep::{RunState, RunStatus, Snapshot},
    tui::{
        format,
        frame::{progress_bar::bar as progress_bar, scene::Scene},
        widgets::text::{put, span, spans_width},
    },
};

/// Returns the sweep's state in a word, such as `sweeping`.
pub(super) fn word(scene: &Scene) -> &'static str {
    marked_state(scene).1
}

/// Returns the sweep's state with its mark, such as `● sweeping`.
pub(super) fn state(scene: &Scene) -> Line<'static> {
    let (mark, word, style) = marked_state(scene);
    Line::styled(format!("{mark} {word}"), style)
}

/// Returns the sweep's state and its runs, such as `● sweeping 3/36`, for the header of a run.
pub(super) fn brief(scene: &Scene) -> Span<'static> {
    let (mark, word, style) = marked_state(scene);
    let word = if scene.session.sweep.is_paused() { "sweep paused" } else { word };
    let runs = scene.session.sweep.snapshot.as_ref().map(counts);
    let runs = runs.map_or_else(String::new, |(ended, all)| format!(" {ended}/{all}"));
    span(format!("{mark} {word}{runs}"), style)
}

/// Returns the number of runs that have ended, and of all runs without the dropped ones.
fn counts(snapshot: &Snapshot) -> (usize, usize) {
    let ended = snapshot.count(|run| matches!(run, RunStatus::Ended(_)));
    (ended, snapshot.runs.len() - snapshot.count(|run| matches!(run, RunStatus::Dropped)))
}

fn marked_state(scene: &Scene) -> (&'static str, &'static str, Style) {
    let theme = scene.session.theme;
    let sweep = &scene.session.sweep;
    match &sweep.snapshot {
        _ if scene.session.leaving => ("○", "stopping", theme.dim()),
        _ if sweep.is_paused() => ("‖", "paused", theme.warn()),
        _ if sweep.is_under_way() => ("●", "sweeping", theme.good()),
        Some(snapshot) if snapshot.is_complete() => ("✓", "complete", theme.good().patch(theme.bold())),
        Some(snapshot) if snapshot.fault.is_some() => ("✗", "failed", theme.bad()),
        _ => ("○", "stopped", theme.dim()),
    }
}

/// Describes what is swept, in place of a run's hyperparameters.
pub(super) fn plan(scene: &Scene) -> String {
    let sweep = &scene.session.sweep;
    let runs = sweep.snapshot.as_ref().map_or(0, |snapshot| snapshot.runs.len());
    let mut parts = vec![format::counted(runs as u64, "run")];
    parts.extend(sweep.plan(&scene.session.dataset.id.name).shared);
    parts.join(" · ")
}

/// Draws the number of runs that have ended and the time left, or the result of the sweep.
pub(super) fn bar(scene: &Scene, row: Rect, buffer: &mut Buffer) {
    let (theme, sweep) = (scene.session.theme, &scene.session.sweep);
    let Some(snapshot) = &sweep.snapshot else { return };
    if !sweep.is_under_way() {
        put(buffer, row, &verdict(scene, snapshot, row.width));
        return;
    }
    let (ended, all) = counts(snapshot);
    let width = all.to_string().len();
    let left =
        Line::from(vec![span(format!("{ended:>width$}"), theme.bold()), span(format!(" of {all} runs"), theme.text())]);
    let mut right = Vec::new();
    if row.width >= 70 {
        let running = snapshot.count(|run| matches!(run, RunStatus::Running(_)));
        right.push(span(format!("{} to go, {running} running  ", all - ended), theme.dim()));
    }
    let remaining = snapshot.remaining().unwrap_or(f64::NAN);
    right.push(span(format!("{:>5} left", format::clock(remaining)), theme.text()));
    let style = if sweep.is_paused() { theme.warn() } else { theme.test() };
    progress_bar(scene.session.theme, row, buffer, left, snapshot.part_done(), &Line::from(right), style);
}

fn verdict(scene: &Scene, snapshot: &Snapshot, width: u16) -> Line<'static> {
    let (theme, sweep) = (scene.session.theme, &scene.session.sweep);
    let ended = snapshot.count(|run| matches!(run, RunStatus::Ended(_)));
    let mut spans = vec![span(format!("{ended} of {} runs ended", snapshot.runs.len()), theme.text())];
    for (count, what) in [
        (snapshot.ended_as(RunState::Diverged), "diverged"),
        (snapshot.ended_as(RunState::Failed), "failed"),
        (snapshot.count(|run| matches!(run, RunStatus::Dropped)), "dropped"),
    ] {
        if count > 0 {
            spans.push(span(format!("  {count} {what}"), theme.warn()));
        }
    }
    if let Some(fault) = &snapshot.fault {
        spans.push(span(format!("  {}", sanitized(fault)), theme.bad()));
    } else {
        spans.extend(
            sweep.best().map(|accuracy| span(format!("  best {}", format::share(accuracy).trim()), theme.test())),
        );
        if let Some(sweeping) = &sweep.sweeping {
            let table = path_tail(&sweeping.out.display().to_string());
            spans.push(span(format!("  in {}", sanitized(&table)), theme.dim()));
            let more = span("  start it again to continue".to_owned(), theme.dim());
            let used = spans_width(&spans);
            spans.extend((!snapshot.is_complete() && used + more.width() <= usize::from(width)).then_some(more));
        }
    }
    Line::from(spans)
}
