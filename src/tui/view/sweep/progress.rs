//! How far the sweep is: its part of the header.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};

use super::super::{header, put, span};
use crate::{
    format::sanitized,
    sweep::{Run, RunState, Snapshot, survey::Factor},
    train::Hyperparameter,
    tui::{
        app::{App, Screen},
        format,
        sweep::Watch,
    },
};

/// The header is the sweep's, not a run's.
pub fn is_shown(app: &App) -> bool {
    app.sweep.sweeping.is_some() && (app.screen == Screen::Sweep || !app.has_run())
}

/// `sweeping`
pub fn word(app: &App) -> &'static str {
    standing(app).1
}

/// `● sweeping`
pub fn state(app: &App) -> Line<'static> {
    let (mark, word, style) = standing(app);
    Line::styled(format!("{mark} {word}"), style)
}

fn standing(app: &App) -> (&'static str, &'static str, Style) {
    let theme = app.theme;
    let watch = &app.sweep;
    match &watch.snapshot {
        _ if app.leaving => ("○", "stopping", theme.dim()),
        _ if watch.is_paused() => ("‖", "paused", theme.warn()),
        _ if watch.is_under_way() => ("●", "sweeping", theme.good()),
        Some(snapshot) if snapshot.is_complete() => ("✓", "complete", theme.good().patch(theme.bold())),
        Some(snapshot) if snapshot.fault.is_some() => ("✗", "failed", theme.bad()),
        _ => ("○", "stopped", theme.dim()),
    }
}

/// What is swept, in parts: data, runs, epochs, pooling.
pub fn spans(app: &App) -> Vec<(String, Style)> {
    let theme = app.theme;
    let watch = &app.sweep;
    let named = |name: &str| if name == "SYNTHETIC" { theme.shout() } else { theme.dim() };
    let plain = |text: String| (text, theme.dim());
    if let (Some(_), Some(snapshot)) = (&watch.sweeping, &watch.snapshot) {
        let name = &app.dataset.id.name;
        let mut parts = vec![(sanitized(name), named(name))];
        if let Some((hyper, _)) = snapshot.runs.first() {
            parts.push(plain(format::counted(u64::from(hyper.epochs), "epoch")));
            parts.push(plain(Hyperparameter::Pooling.words(hyper.pooling.into())));
        }
        return parts;
    }
    let Some(survey) = &watch.survey else { return Vec::new() };
    let fixed = survey.fixed();
    let label = |factor| fixed.iter().find(|(each, _)| *each == factor).map(|(_, label)| sanitized(label));
    let mut parts = Vec::new();
    parts.extend(label(Factor::DataSet).map(|name| (name.clone(), named(&name))));
    parts.extend(
        label(Factor::EPOCHS)
            .map(|epochs| plain(format!("{epochs} {}", if epochs == "1" { "epoch" } else { "epochs" }))),
    );
    parts.push(plain(format::counted(survey.runs() as u64, "run")));
    parts
}

/// The same in words, for where a run's hyperparameters would be.
pub fn plan(app: &App) -> String {
    let runs = app.sweep.snapshot.as_ref().map_or(0, |snapshot| snapshot.runs.len());
    let mut parts = vec![format::counted(runs as u64, "run")];
    parts.extend(spans(app).into_iter().skip(1).map(|(text, _)| text));
    parts.join(" · ")
}

/// Runs that ended, and the time that is left; or what came of it all.
pub fn bar(app: &App, row: Rect, buffer: &mut Buffer) {
    let theme = app.theme;
    let Some(snapshot) = &app.sweep.snapshot else { return };
    if !app.sweep.is_under_way() {
        put(buffer, row, &verdict(app, snapshot));
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
    let style = if app.sweep.is_paused() { theme.warn() } else { theme.test() };
    header::bar(app, row, buffer, left, snapshot.part_done(), &Line::from(right), style);
}

fn verdict(app: &App, snapshot: &Snapshot) -> Line<'static> {
    let theme = app.theme;
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
            best(&app.sweep).map(|accuracy| span(format!("  best {}", format::share(accuracy).trim()), theme.test())),
        );
        if let Some(sweeping) = &app.sweep.sweeping {
            let more = if snapshot.is_complete() { "" } else { "  the same command goes on" };
            spans.push(span(format!("  in {}{more}", sanitized(&sweeping.out.display().to_string())), theme.dim()));
        }
    }
    Line::from(spans)
}

fn best(watch: &Watch) -> Option<f64> {
    Some(watch.survey.as_ref()?.best()?.accuracy()?.mean)
}
