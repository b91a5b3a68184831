//! Overlays: questions and notices.

use ratatui::{
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use crate::{
    format::cut,
    tui::{
        frame::scene::Scene,
        keys::{Action, line_edit::LineEdit},
        question::{Answers, Entry, Question, Sentence, TextEntry, Tone},
        screen::Screen,
        session::{Session, log::Level},
        theme::Theme,
        widgets::{
            area::rows,
            buttons::Buttons,
            dialog::dialog,
            line_edit::{typed, typed_within},
            surface::Surface,
            text::{clear, put, span, wrap},
        },
    },
};

/// Columns of the body that a sentence leaves free for the frame and margin of its dialog.
const AROUND: u16 = 8;
/// Maximum columns of a sentence.
const SENTENCE: u16 = 70;
/// Maximum visible columns of a long text.
const TYPED: usize = 70;
/// Columns that a typed number has at least, beyond the usual margin if need be.
const NUMBER: usize = 10;
/// Maximum columns of an error.
const ERROR: u16 = 60;

pub(super) fn draw(scene: &Scene, body: Rect, notice_row: Rect, surface: &mut Surface) {
    let session = scene.session;
    if let Some((level, text)) = &session.notice {
        // Only an error covers more than its line, but not on Train, where a pane shows failures with what to do.
        let is_whole = *level == Level::Bad && scene.shown != Screen::Train;
        let max_rows = if is_whole { body.height.div_ceil(3) } else { 1 };
        notice(session.theme, *level, text, max_rows, notice_row, surface);
    }
    if session.leaving {
        let lines = [Line::raw(leaving(session)), Line::default()];
        dialog(session.theme, "quit", &lines, Vec::new(), body, surface);
        return;
    }
    match scene.question {
        None => {}
        Some(Question { entry: Entry::Search(line), .. }) => search(session.theme, line, body, surface),
        Some(asked) => {
            let answers = asked.answers.iter().map(|answers| buttons(session, asked, answers)).collect();
            dialog(session.theme, asked.title, &lines(session.theme, asked, body.width), answers, body, surface);
        }
    }
}

fn leaving(session: &Session) -> &'static str {
    if session.has_run() { "saving the run, then quitting" } else { "stopping the sweep, then quitting" }
}

/// Draws the search line over the last row of the body.
fn search(theme: Theme, line: &LineEdit, body: Rect, surface: &mut Surface) {
    let row = Rect { y: body.bottom().saturating_sub(1), height: 1, ..body };
    clear(surface, row);
    let spans = [vec![span("/", theme.accent())], typed(theme, line)].concat();
    put(surface, Rect { x: row.x + 1, width: row.width.saturating_sub(1), ..row }, &Line::from(spans));
}

fn lines(theme: Theme, question: &Question, width: u16) -> Vec<Line<'static>> {
    let mut lines: Vec<Line> =
        question.text.iter().flat_map(|sentence| sentence_lines(theme, sentence, width)).collect();
    match &question.entry {
        Entry::Digit => lines.push(Line::from(vec![span("0-9", theme.accent()), "  this digit".into()])),
        Entry::Choice(choices) => {
            lines.extend((1..).zip(choices).map(|(number, choice)| choice_line(theme, number, choice)))
        }
        Entry::Text(entry) => lines.extend(text_entry(theme, entry, width)),
        Entry::Decision { .. } | Entry::Search(_) => {}
    }
    lines
}

fn choice_line(theme: Theme, number: usize, choice: &'static str) -> Line<'static> {
    Line::from(vec![span(number.to_string(), theme.accent()), "  ".into(), choice.into()])
}

fn sentence_lines(theme: Theme, sentence: &Sentence, width: u16) -> Vec<Line<'static>> {
    let style = match sentence.tone {
        Tone::Plain => Style::new(),
        Tone::Dim => theme.dim(),
        Tone::Bold => theme.bold(),
        Tone::Bad => theme.bad(),
    };
    if sentence.text.is_empty() {
        return vec![Line::default()];
    }
    let wrapped = wrap(&sentence.text, usize::from(width.saturating_sub(AROUND).clamp(20, SENTENCE)));
    wrapped.into_iter().take(sentence.lines).map(|line| Line::styled(line, style)).collect()
}

fn text_entry(theme: Theme, entry: &TextEntry, width: u16) -> Vec<Line<'static>> {
    let room = usize::from(width.saturating_sub(AROUND)).saturating_sub(entry.before.len());
    let room = if entry.before.is_empty() { room.min(TYPED) } else { room.max(NUMBER) };
    let line = [vec![Span::raw(entry.before)], typed_within(theme, &entry.line, room)].concat();
    let error = entry.error.as_deref().unwrap_or_default();
    let mut errors = wrap(error, usize::from(width.saturating_sub(AROUND).clamp(20, ERROR)));
    if errors.is_empty() && entry.has_error_row {
        errors.push(String::new());
    }
    let errors = errors.into_iter().map(|line| Line::styled(line, theme.bad()));
    std::iter::once(Line::from(line)).chain(errors).collect()
}

/// Draws a notice on its row, and on as many rows above it as its text takes.
fn notice(theme: Theme, level: Level, text: &str, max_rows: u16, row: Rect, surface: &mut Surface) {
    let style = match level {
        Level::Plain => theme.bold(),
        Level::Good => theme.good().patch(theme.bold()),
        Level::Warn => theme.warn(),
        Level::Bad => theme.bad(),
    };
    let width = usize::from(row.width).saturating_sub(4).max(1);
    let lines = wrap(text, width);
    let height = (lines.len() as u16).min(max_rows);
    let area = Rect { y: row.bottom().saturating_sub(height), height, ..row };
    clear(surface, area);
    surface.cover(area);
    for (number, (line, row)) in lines.iter().zip(rows(area)).enumerate() {
        let is_cut = number + 1 == usize::from(height) && lines.len() > usize::from(height);
        let line = if is_cut { cut(&format!("{line} {}", lines[number + 1]), width) } else { line.clone() };
        let mark = if number == 0 { '▸' } else { ' ' };
        let row = Rect { x: row.x + 1, width: row.width.saturating_sub(1), ..row };
        put(surface, row, &Line::styled(format!("{mark} {line}"), style));
    }
}

/// Returns the answers as buttons, each with the last of its keys: a letter, if it has one.
fn buttons(session: &Session, question: &Question, answers: &Answers) -> Buttons {
    let is_final = question.entry == Entry::Decision { is_final: true };
    let mut buttons = Buttons::default();
    for (place, &(action, what)) in answers.iter().enumerate() {
        let binding = session.keymap.on(session.context).find(|binding| binding.action == action);
        let Some(key) = binding.and_then(|binding| binding.keys.last()) else { continue };
        let warns = is_final && action == Action::Accept;
        let style = if warns { session.theme.bad() } else { session.theme.accent() };
        let gap = if place + 1 < answers.len() { "    " } else { "" };
        buttons.push(action, vec![span(key.name(), style), format!("  {what}{gap}").into()]);
    }
    buttons
}
