//! What lies over the screen: questions, and news until the next key.

use std::path::Path;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::{Clear, Widget},
};

use super::{cut, panel, put, rows, span, wrap};
use crate::tui::{
    app::{App, Count, Prompt},
    input,
    live::file_name,
    log::{Level, one_line, tail},
    shelf::Removal,
    theme::Theme,
};

pub fn draw(app: &App, body: Rect, buffer: &mut Buffer) {
    if let Some((level, text)) = &app.notice {
        notice(app.theme, *level, text, body, buffer);
    }
    if app.leaving {
        dialog(app, "quit", vec![Line::raw(leaving(app)), Line::default()], body, buffer);
        return;
    }
    let theme = app.theme;
    match &app.prompt {
        None => {}
        Some(Prompt::Quit) => {
            let key = |key| span(key, theme.accent());
            let mut lines = Vec::new();
            if app.sweep.is_under_way() {
                lines.push(Line::raw("The sweep is under way. Runs that have ended are kept in the table."));
                lines.push(Line::raw("The same command goes on with the others."));
            }
            if app.live.is_under_way() {
                lines.push(Line::raw("The run is under way. It is saved first."));
            }
            let yes = if app.live.is_under_way() { "  save and quit    " } else { "  stop and quit    " };
            lines.push(Line::from(vec![key("y"), yes.into(), key("n"), "  stay".into()]));
            lines.push(Line::from(vec![key("Ctrl-C"), span("  again: save and leave at once", theme.dim())]));
            dialog(app, "quit?", lines, body, buffer);
        }
        Some(Prompt::StopSweep) => {
            let key = |key| span(key, theme.accent());
            let lines = vec![
                Line::raw("Runs that have ended are kept in the table."),
                Line::raw("Those in training are given up; the same command goes on later."),
                Line::from(vec![key("y"), "  stop the sweep    ".into(), key("n"), "  go on".into()]),
            ];
            dialog(app, "stop the sweep?", lines, body, buffer);
        }
        Some(Prompt::Count { what, line, error }) => {
            let (title, question) = match what {
                Count::Steps => ("run steps", "Steps to train, then pause:   "),
                Count::Epochs => ("run epochs", "Epochs to complete, then pause:   "),
            };
            let mut spans = vec![Span::raw(question)];
            spans.extend(typed(theme, line));
            let error = error.as_deref().unwrap_or_default();
            dialog(app, title, vec![Line::from(spans), Line::styled(error.to_owned(), theme.bad())], body, buffer);
        }
        Some(Prompt::Rename { run, line, error }) => rename(app, run, line, error.as_deref(), body, buffer),
        Some(Prompt::Filter { line, .. }) => filter(app, line, body, buffer),
        Some(Prompt::Delete(removal)) => delete(app, removal, body, buffer),
        Some(Prompt::Digit { predicted }) => {
            let what = if *predicted { "predicted" } else { "true" };
            let question = format!("Show only images whose {what} digit is ...");
            dialog(app, "filter", vec![Line::raw(question), digit_keys(theme, true)], body, buffer);
        }
        Some(Prompt::Path { save, line, error }) => {
            let (title, question) = if *save {
                ("save", "Save the drawing as a new PNG file:")
            } else {
                ("open", "A picture of one digit (PNG, JPEG or PGM):")
            };
            let room = usize::from(body.width.saturating_sub(8)).min(70);
            let path = Line::from(typed_within(theme, line, room));
            let error = error.as_deref().map(|error| format!("expected {error}")).unwrap_or_default();
            dialog(app, title, vec![Line::raw(question), path, Line::styled(error, theme.bad())], body, buffer);
        }
        Some(Prompt::NextOf) => {
            let question = Line::raw("Go to the next test image that shows ...");
            dialog(app, "next", vec![question, digit_keys(theme, false)], body, buffer);
        }
    }
}

fn digit_keys(theme: Theme, with_any: bool) -> Line<'static> {
    let key = |key| span(key, theme.accent());
    let mut spans = vec![key("0-9"), "  this digit   ".into()];
    if with_any {
        spans.extend([key("x"), "  any   ".into()]);
    }
    spans.extend([key("Esc"), "  leave it".into()]);
    Line::from(spans)
}

fn leaving(app: &App) -> &'static str {
    if app.has_run() { "saving the run, then leaving" } else { "stopping the sweep, then leaving" }
}

fn rename(app: &App, run: &Path, line: &input::Line, error: Option<&str>, body: Rect, buffer: &mut Buffer) {
    let theme = app.theme;
    let mut lines = vec![
        Line::styled(one_line(&file_name(run)), theme.dim()),
        Line::from([vec![Span::raw("is to be called  ")], typed(theme, line)].concat()),
    ];
    let error = wrap(&one_line(error.unwrap_or_default()), usize::from(body.width.clamp(20, 70)) - 10);
    lines.extend(error.into_iter().map(|line| Line::styled(line, theme.bad())));
    dialog(app, "rename", lines, body, buffer);
}

/// Over the list's lower frame, so that what it leaves is seen.
fn filter(app: &App, line: &input::Line, body: Rect, buffer: &mut Buffer) {
    let row = Rect { y: body.bottom().saturating_sub(1), height: 1, ..body };
    Clear.render(row, buffer);
    let spans = [vec![span("/", app.theme.accent())], typed(app.theme, line)].concat();
    put(buffer, Rect { x: row.x + 1, width: row.width.saturating_sub(1), ..row }, &Line::from(spans));
}

fn delete(app: &App, removal: &Removal, body: Rect, buffer: &mut Buffer) {
    let theme = app.theme;
    let path = one_line(&tail(&removal.path().display().to_string()));
    let what = match removal {
        Removal::Run(run) => {
            let files = app.shelf.find(run).map_or(0, |run| run.files.len());
            format!("with {files} {} and its log", if files == 1 { "checkpoint" } else { "checkpoints" })
        }
        Removal::File(_) => "this file alone".into(),
    };
    let lines = vec![
        Line::styled(cut(&path, usize::from(body.width).saturating_sub(8)), theme.bold()),
        Line::raw(format!("{what}, for good?")),
        Line::from(vec![span("y", theme.bad()), "  delete    ".into(), span("n", theme.accent()), "  leave it".into()]),
    ];
    dialog(app, "delete?", lines, body, buffer);
}

/// A line under the hand, its cursor as a cell in reverse.
pub fn typed(theme: Theme, line: &input::Line) -> Vec<Span<'static>> {
    let before = line.text[..line.cursor].to_owned();
    let under = match &line.text[line.cursor..line.after()] {
        "" => " ".to_owned(),
        under => under.to_owned(),
    };
    let after = line.text[line.after()..].to_owned();
    vec![span(before, theme.bold()), span(under, theme.chosen()), span(after, theme.bold())]
}

/// As [`typed`], of a long line as much as has room, the cursor in it.
fn typed_within(theme: Theme, line: &input::Line, room: usize) -> Vec<Span<'static>> {
    let mut shown = line.clone();
    while Line::from(typed(theme, &shown)).width() > room {
        // From the end, as long as the cursor does not stand there.
        match shown.text.chars().next() {
            Some(first) if shown.cursor > 0 && shown.after() + room / 4 >= shown.text.len() => {
                shown.text.remove(0);
                shown.cursor -= first.len_utf8();
            }
            _ if shown.text.pop().is_some() => shown.cursor = shown.cursor.min(shown.text.len()),
            _ => break,
        }
    }
    typed(theme, &shown)
}

fn notice(theme: Theme, level: Level, text: &str, body: Rect, buffer: &mut Buffer) {
    let style = match level {
        Level::Plain => theme.bold(),
        Level::Good => theme.good().patch(theme.bold()),
        Level::Warn => theme.warn(),
        Level::Bad => theme.bad(),
    };
    let row = Rect { y: body.bottom().saturating_sub(1), height: 1, ..body };
    Clear.render(row, buffer);
    let text = cut(text, usize::from(row.width).saturating_sub(4));
    put(
        buffer,
        Rect { x: row.x + 1, width: row.width.saturating_sub(1), ..row },
        &Line::styled(format!("▸ {text}"), style),
    );
}

fn dialog(app: &App, title: &'static str, lines: Vec<Line>, body: Rect, buffer: &mut Buffer) {
    let wide = lines.iter().map(Line::width).max().unwrap_or(0).max(36) as u16 + 6;
    let (width, height) = (wide.min(body.width), (lines.len() as u16 + 2).min(body.height));
    let area = Rect { x: body.x + (body.width - width) / 2, y: body.y + (body.height - height) / 2, width, height };
    // A wider clearing keeps the box apart from the panes under it.
    Clear.render(Rect { x: area.x.saturating_sub(1), width: area.width + 2, ..area }.intersection(body), buffer);
    let inner = panel(buffer, area, app.theme, vec![span(title, app.theme.accent())], Vec::new());
    for (row, line) in rows(inner).zip(&lines) {
        put(buffer, Rect { x: row.x + 2, width: row.width.saturating_sub(3), ..row }, line);
    }
}
