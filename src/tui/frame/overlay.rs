//! What lies over the screen: questions, and news until the next key.

use std::path::Path;

use ratatui::{
    layout::Rect,
    text::{Line, Span},
};
use unicode_segmentation::UnicodeSegmentation;

use crate::{
    format::{cut, file_name, path_tail as tail, sanitized},
    train::Command,
    tui::{
        app::App,
        keys::{Action, Context, line_edit as input},
        question::{Count, Next, Prompt},
        screen::Screen,
        session::{library::run::Removal, log::Level},
        theme::Theme,
        widgets::{
            area::rows,
            panel::panel,
            surface::{Buttons, Surface},
            text::{clear, put, span, wrap},
        },
    },
};

pub fn draw(app: &App, body: Rect, surface: &mut Surface) {
    if let Some((level, text)) = &app.notice {
        // Train's own pane says in full what failed, and what can be done about it, which must not be covered.
        let most = if app.screen == Screen::Train { 1 } else { body.height.div_ceil(3) };
        notice(app.theme, *level, text, most, body, surface);
    }
    if app.leaving {
        dialog(app, "quit", vec![Line::raw(leaving(app)), Line::default()], &[], body, surface);
        return;
    }
    let theme = app.theme;
    match &app.prompt {
        None => {}
        Some(Prompt::Quit) if app.is_unsaved() => quit_unsaved(app, body, surface),
        Some(Prompt::Folder { line, error }) => {
            let question = Line::raw("Save the run in a new folder within this one, then quit:");
            let room = usize::from(body.width.saturating_sub(8)).min(70);
            let error = Line::styled(error.clone().unwrap_or_default(), theme.bad());
            let folder = Line::from(typed_within(theme, line, room));
            dialog(app, "save elsewhere", vec![question, folder, error], &[], body, surface);
        }
        Some(Prompt::Quit) => {
            let mut lines = Vec::new();
            if app.sweep.is_under_way() {
                lines.push(Line::raw("The sweep is under way. Runs that have ended are kept in the table."));
                lines.push(Line::raw("The same command goes on with the others."));
            }
            if app.live.is_under_way() {
                lines.push(Line::raw("The run is under way. It is saved first."));
            }
            let yes = if app.live.is_under_way() { "save and quit" } else { "stop and quit" };
            let answers: [Answers; 2] = [
                &[(Action::Accept, yes), (Action::Cancel, "stay")],
                &[(Action::Interrupt, "again: save and leave at once")],
            ];
            dialog(app, "quit?", lines, &answers, body, surface);
        }
        Some(Prompt::StopSweep) => {
            let lines = vec![
                Line::raw("Runs that have ended are kept in the table."),
                Line::raw("Those in training are given up; the same command goes on later."),
            ];
            let answers: Answers = &[(Action::Accept, "stop the sweep"), (Action::Cancel, "go on")];
            dialog(app, "stop the sweep?", lines, &[answers], body, surface);
        }
        Some(Prompt::Count { what, line, error }) => {
            let (title, question) = match what {
                Count::Steps => ("run steps", "Steps to train, then pause:   "),
                Count::Epochs => ("run epochs", "Epochs to complete, then pause:   "),
            };
            let mut spans = vec![Span::raw(question)];
            spans.extend(typed(theme, line));
            let error = error.as_deref().unwrap_or_default();
            let lines = vec![Line::from(spans), Line::styled(error.to_owned(), theme.bad())];
            dialog(app, title, lines, &[], body, surface);
        }
        Some(Prompt::Rename { run, line, error }) => rename(app, run, line, error.as_deref(), body, surface),
        Some(Prompt::Filter { line, .. }) => filter(app, line, body, surface),
        Some(Prompt::Delete(removal)) => delete(app, removal, body, surface),
        Some(Prompt::Lose(next)) => lose(app, next, body, surface),
        Some(Prompt::Digit { predicted }) => {
            let what = if *predicted { "predicted" } else { "true" };
            let question = format!("Show only images whose {what} digit is ...");
            let answers: Answers = &[(Action::ClearFilter, "any"), (Action::Cancel, "leave it")];
            dialog(app, "filter", vec![Line::raw(question), digits(theme)], &[answers], body, surface);
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
            dialog(app, title, vec![Line::raw(question), path, Line::styled(error, theme.bad())], &[], body, surface);
        }
        Some(Prompt::NextOf) => {
            let question = Line::raw("Go to the next test image that shows ...");
            let answers: Answers = &[(Action::Cancel, "leave it")];
            dialog(app, "next", vec![question, digits(theme)], &[answers], body, surface);
        }
    }
}

fn quit_unsaved(app: &App, body: Rect, surface: &mut Surface) {
    let reason = app.live.unsaved.as_deref().unwrap_or_default();
    let kept = match &app.live.kept {
        Some(kept) => format!("The checkpoint on the disk is from {}.", kept.place()),
        None => "There is no checkpoint of this run on the disk.".to_owned(),
    };
    let width = usize::from(body.width.saturating_sub(8)).clamp(20, 70);
    let texts = [format!("The last save failed: {}.", sanitized(reason)), kept];
    let lines = texts.iter().flat_map(|text| wrap(text, width)).map(Line::raw).collect();
    let answers: [Answers; 3] = [
        &[(Action::Accept, "try again, and quit in any case")],
        &[(Action::SaveElsewhere, "save in another folder")],
        &[(Action::Cancel, "stay")],
    ];
    dialog(app, "quit?", lines, &answers, body, surface);
}

fn digits(theme: Theme) -> Line<'static> {
    Line::from(vec![span("0-9", theme.accent()), "  this digit".into()])
}

fn leaving(app: &App) -> &'static str {
    if app.has_run() { "saving the run, then leaving" } else { "stopping the sweep, then leaving" }
}

fn rename(app: &App, run: &Path, line: &input::Line, error: Option<&str>, body: Rect, surface: &mut Surface) {
    let theme = app.theme;
    let question = "is to be called  ";
    let room = usize::from(body.width).saturating_sub(question.len() + 8);
    let mut lines = vec![
        Line::styled(sanitized(&file_name(run)), theme.dim()),
        Line::from([vec![Span::raw(question)], typed_within(theme, line, room)].concat()),
    ];
    let error = wrap(&sanitized(error.unwrap_or_default()), usize::from(body.width.clamp(20, 70)) - 10);
    lines.extend(error.into_iter().map(|line| Line::styled(line, theme.bad())));
    dialog(app, "rename", lines, &[], body, surface);
}

/// Over the list's lower frame, so that what it leaves is seen.
fn filter(app: &App, line: &input::Line, body: Rect, surface: &mut Surface) {
    let row = Rect { y: body.bottom().saturating_sub(1), height: 1, ..body };
    clear(surface, row);
    let spans = [vec![span("/", app.theme.accent())], typed(app.theme, line)].concat();
    put(surface, Rect { x: row.x + 1, width: row.width.saturating_sub(1), ..row }, &Line::from(spans));
}

fn delete(app: &App, removal: &Removal, body: Rect, surface: &mut Surface) {
    let theme = app.theme;
    let path = sanitized(&tail(&removal.path().display().to_string()));
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
    ];
    let answers: Answers = &[(Action::Accept, "delete"), (Action::Cancel, "leave it")];
    dialog(app, "delete?", lines, &[answers], body, surface);
}

fn lose(app: &App, next: &Next, body: Rect, surface: &mut Surface) {
    let theme = app.theme;
    let (what, yes) = match next.command {
        Command::Load(_) => ("Load the other one", "load, and lose this one"),
        _ => ("Start the new one", "start, and lose this one"),
    };
    let width = usize::from(body.width.clamp(20, 76)) - 8;
    let reason = sanitized(app.live.unsaved.as_deref().unwrap_or_default());
    let kept = match &app.live.kept {
        Some(kept) => format!("Its checkpoint on the disk is from {}.", kept.place()),
        None => "Nothing of it is on the disk.".into(),
    };
    let save = app.keymap.first_key(Action::Save);
    let question = format!("{kept} {what} anyway, and lose this one? {save}, on any screen, tries to save it.");
    let reason = wrap(&format!("The run could not be saved: {reason}"), width);
    let mut lines: Vec<Line> = reason.into_iter().take(5).map(|line| Line::styled(line, theme.bad())).collect();
    lines.extend(wrap(&question, width).into_iter().map(Line::raw));
    lines.push(Line::default());
    let answers: Answers = &[(Action::Accept, yes), (Action::Cancel, "stay")];
    dialog(app, "lose the run?", lines, &[answers], body, surface);
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
        let first = shown.text.graphemes(true).next().map_or(0, str::len);
        let last = shown.text.graphemes(true).next_back().map_or(0, str::len);
        if shown.cursor >= first && shown.after() + room / 4 >= shown.text.len() {
            shown.text.drain(..first);
            shown.cursor -= first;
        } else {
            shown.text.truncate(shown.text.len() - last);
            shown.cursor = shown.cursor.min(shown.text.len());
        }
        if shown.text.is_empty() {
            break;
        }
    }
    typed(theme, &shown)
}

fn notice(theme: Theme, level: Level, text: &str, most: u16, body: Rect, surface: &mut Surface) {
    let style = match level {
        Level::Plain => theme.bold(),
        Level::Good => theme.good().patch(theme.bold()),
        Level::Warn => theme.warn(),
        Level::Bad => theme.bad(),
    };
    let width = usize::from(body.width).saturating_sub(4).max(1);
    let lines = wrap(text, width);
    let height = (lines.len() as u16).min(most).min(body.height);
    let area = Rect { y: body.bottom().saturating_sub(height), height, ..body };
    clear(surface, area);
    for (number, (line, row)) in lines.iter().zip(rows(area)).enumerate() {
        let is_cut = number + 1 == usize::from(height) && lines.len() > usize::from(height);
        let line = if is_cut { cut(&format!("{line} {}", lines[number + 1]), width) } else { line.clone() };
        let mark = if number == 0 { '▸' } else { ' ' };
        let row = Rect { x: row.x + 1, width: row.width.saturating_sub(1), ..row };
        put(surface, row, &Line::styled(format!("{mark} {line}"), style));
    }
}

/// What can be done about a question, side by side.
type Answers<'a> = &'a [(Action, &'static str)];

fn dialog(app: &App, title: &'static str, lines: Vec<Line>, answers: &[Answers], body: Rect, surface: &mut Surface) {
    let answers: Vec<Buttons> = answers.iter().map(|answers| buttons(app, answers)).collect();
    let widths = lines.iter().map(Line::width).chain(answers.iter().map(Buttons::width));
    let wide = widths.max().unwrap_or(0).max(36) as u16 + 6;
    let (width, height) = (wide.min(body.width), ((lines.len() + answers.len()) as u16 + 2).min(body.height));
    let area = Rect { x: body.x + (body.width - width) / 2, y: body.y + (body.height - height) / 2, width, height };
    // A wider clearing keeps the box apart from the panes under it.
    clear(surface, Rect { x: area.x.saturating_sub(1), width: area.width + 2, ..area }.intersection(body));
    let inner = panel(surface, area, app.theme, vec![span(title, app.theme.accent())], Vec::new());
    let mut rows = rows(inner).map(|row| Rect { x: row.x + 2, width: row.width.saturating_sub(3), ..row });
    for (line, row) in lines.iter().zip(&mut rows) {
        put(surface, row, line);
    }
    for (answers, row) in answers.into_iter().zip(rows) {
        answers.draw(row, surface);
    }
}

/// Each with the last of its keys: a letter, where there is one.
fn buttons(app: &App, answers: Answers) -> Buttons {
    let context = app.context();
    let mut buttons = Buttons::default();
    for (place, &(action, what)) in answers.iter().enumerate() {
        let binding = app.keymap.on(context).find(|binding| binding.action == action);
        let Some(key) = binding.and_then(|binding| binding.keys.last()) else { continue };
        let warns = context == Context::Confirming && action == Action::Accept;
        let style = if warns { app.theme.bad() } else { app.theme.accent() };
        let gap = if place + 1 < answers.len() { "    " } else { "" };
        buttons.push(action, vec![span(key.name(), style), format!("  {what}{gap}").into()]);
    }
    buttons
}
