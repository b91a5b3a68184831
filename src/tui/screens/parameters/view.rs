//! The Parameters screen: the form, how it differs from the current run, and what that needs.

use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    train::{Hyperparameter, State},
    tui::{
        format,
        keys::Action,
        screens::parameters::{
            form::{EPOCHS, Editor, Field, RATE},
            network,
        },
        session::Session,
        widgets::{
            area::{above, rows},
            buttons::Buttons,
            form::{self, FormLine, NAME},
            line_edit::typed,
            panel::panel,
            surface::Surface,
            text::{put, span, wrap},
        },
    },
};

const VALUE: u16 = 23;
const RUNNING: u16 = 10;
/// Minimum columns of a note beside its field.
const MIN_NOTE: usize = 20;
/// Minimum columns to describe every field beside it.
const DOC: usize = 66;

/// Returns the areas of the form and, if there is room below or beside it, of the network.
fn split(session: &Session, area: Rect) -> (Rect, Option<Rect>) {
    const FORM: (u16, u16) = (78, 20);
    if area.width >= FORM.0 + network::WIDTH {
        let form = Rect { width: area.width - network::WIDTH, ..area };
        return (form, Some(Rect { x: form.right(), width: network::WIDTH, ..area }));
    }
    let height = network::height(session);
    if area.height >= FORM.1 + height {
        let form = Rect { height: area.height - height, ..area };
        return (form, Some(Rect { y: form.bottom(), height, ..area }));
    }
    (area, None)
}

pub(super) fn draw(editor: &Editor, recalled: Option<usize>, session: &Session, area: Rect, surface: &mut Surface) {
    let theme = session.theme;
    let (area, network) = split(session, area);
    if let Some(area) = network {
        network::draw(session, &editor.spec.hyper, area, surface);
    }
    let inner = panel(surface, area, theme, vec![span("parameters", theme.title())], Vec::new());
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let closing = closing(editor, session, usize::from(inside.width));
    let closing_height = closing.len() as u16 + 1;
    let (form, below) = above(inside, inside.height.saturating_sub(closing_height));
    let form = Rect { height: form.height.saturating_sub(1), ..form };
    let used = fields(editor, session, form, surface);
    // A blank row, if the list has room below it.
    let used = used + u16::from(form.height > used + 2);
    let free = Rect { y: form.y + used, height: form.height.saturating_sub(used), ..form };
    tried(session, recalled, free, surface);
    let (lines, last) = above(below, below.height.saturating_sub(1));
    for (row, line) in rows(lines).zip(&closing) {
        put(surface, row, line);
    }
    possible_actions(editor, session, usize::from(inside.width)).draw(last, surface);
}

/// Draws the fields. Returns the number of rows used.
fn fields(editor: &Editor, session: &Session, area: Rect, surface: &mut Surface) -> u16 {
    let theme = session.theme;
    let mut head =
        format!("  {:<name$}{:<value$}", "", "value", name = usize::from(NAME) - 2, value = usize::from(VALUE));
    let narrow = area.width < NAME + VALUE + RUNNING;
    if !narrow {
        head += if session.has_run() { "this run" } else { "default" };
    }
    let mut lines: Vec<FormLine> = vec![(None, Line::styled(head, theme.dim()))];
    let mut end_of_chosen = 0;
    for field in Field::all() {
        lines.extend(
            field_lines(editor, session, field, area.width).into_iter().map(|line| (Some(field.place()), line)),
        );
        if field == editor.field {
            end_of_chosen = lines.len();
        }
    }
    form::draw(&lines, end_of_chosen, |place| Field::at(place)?.choices(), area, surface)
}

/// Draws what was tried in this session, the newest first.
fn tried(session: &Session, recalled: Option<usize>, area: Rect, surface: &mut Surface) {
    let theme = session.theme;
    if session.tried.is_empty() || area.height < 2 {
        return;
    }
    let mut head = Buttons::default();
    head.text(span("tried before   ", theme.dim()));
    head.key(theme, Action::Recall, session.key(Action::Recall), " recalls");
    head.draw(area, surface);
    let list = Rect { y: area.y + 1, height: area.height - 1, ..area };
    for (row, (place, tried)) in rows(list).zip(session.tried.iter().enumerate().rev()) {
        let (mark, style) = if recalled == Some(place) { ("▸ ", theme.accent()) } else { ("  ", theme.text()) };
        let hyper = &tried.spec.hyper;
        let words = format::words(hyper, hyper.learning_rate).filter(|(which, _)| *which != Hyperparameter::Pooling);
        let words: Vec<String> = words.map(|(_, words)| words).collect();
        let what = format!("{mark}{}", words.join(" "));
        let accuracy = tried.test_accuracy.map_or_else(|| "     -".into(), format::share);
        let how = match tried.state {
            Some(State::Diverged) => "diverged after",
            _ => "after",
        };
        let result = format!("  test {accuracy} {how} {} of {}", tried.epochs, hyper.epochs);
        put(surface, row, &Line::from(vec![span(format!("{what:<44}"), style), span(result, theme.dim())]));
    }
}

/// Estimates the duration of a restart from the rate measured so far.
fn cost(editor: &Editor, session: &Session) -> Option<String> {
    let spec = &editor.spec;
    let images = spec.limits.train.map_or(session.dataset.train.len(), |limit| limit as usize);
    let images = images.saturating_sub(spec.limits.holdout as usize) as f64;
    let seconds = f64::from(spec.hyper.epochs) * session.seconds_per_epoch(images)?;
    let epochs = format::grouped(spec.hyper.epochs);
    Some(format!("a restart takes about {} for {epochs} epochs, at the current rate", format::clock(seconds)))
}

/// Returns the lines of a field with its note beside it, or below it in little room.
fn field_lines(editor: &Editor, session: &Session, field: Field, width: u16) -> Vec<Line<'static>> {
    let beside = usize::from(NAME + VALUE + RUNNING);
    let room = usize::from(width).saturating_sub(beside);
    let values = name_and_values(editor, session, field, width < NAME + VALUE + RUNNING);
    if room < MIN_NOTE {
        let notes = note(editor, session, field, usize::from(width).saturating_sub(6)).into_iter();
        let notes = notes.map(|note| Line::from(vec![Span::raw("      "), note]));
        return std::iter::once(Line::from(values)).chain(notes).collect();
    }
    let mut notes = note(editor, session, field, room).into_iter();
    let first = values.into_iter().chain(notes.next()).collect::<Vec<_>>();
    let more = notes.map(|note| Line::from(vec![Span::raw(" ".repeat(beside)), note]));
    std::iter::once(Line::from(first)).chain(more).collect()
}

fn name_and_values(editor: &Editor, session: &Session, field: Field, narrow: bool) -> Vec<Span<'static>> {
    let theme = session.theme;

    let here = field == editor.field;
    let mut spans = vec![form::name(theme, field.name(), here)];
    let value = field.value(&editor.spec);
    let differs = editor.differs(field);
    let value_style = if differs { theme.warn() } else { theme.bold() };
    let before: usize = spans.iter().map(Span::width).sum();
    match (&editor.typing, field.choices()) {
        (Some(line), _) if here => spans.extend(typed(theme, line)),
        (_, Some(names)) => spans.extend(form::choices(theme, names, &value, value_style)),
        _ => spans.push(span(format!(" {value}"), value_style)),
    }
    let used = spans.iter().map(Span::width).sum::<usize>() - before;
    spans.push(Span::raw(" ".repeat(usize::from(VALUE).saturating_sub(used))));
    if !narrow {
        let style = if differs { theme.text() } else { theme.dim() };
        spans.push(span(format!("{:<width$}", field.value(&editor.running), width = usize::from(RUNNING)), style));
    }
    spans
}

/// Returns what is wrong with a field, or what its change needs, or a description if there is room.
fn note(editor: &Editor, session: &Session, field: Field, width: usize) -> Vec<Span<'static>> {
    let theme = session.theme;

    let (text, style) = match &editor.error {
        Some(reason) if field == editor.field => (format!("✗ {reason}"), theme.bad()),
        _ if editor.differs(field) && !session.has_run() => ("not the default".to_owned(), theme.warn()),
        _ if editor.differs(field) && [RATE, EPOCHS].contains(&field) => (
            format!("{} applies it, {} restarts", session.key(Action::Apply), session.key(Action::Restart)),
            theme.warn(),
        ),
        _ if editor.differs(field) => (format!("needs a restart: {}", session.key(Action::Restart)), theme.warn()),
        _ if width >= DOC => (field.doc().to_owned(), theme.dim()),
        _ => return Vec::new(),
    };
    wrap(&text, width.max(10)).into_iter().map(|line| span(line, style)).collect()
}

/// Returns the description of the field and the duration of a restart.
fn closing(editor: &Editor, session: &Session, width: usize) -> Vec<Line<'static>> {
    let theme = session.theme;

    let mut lines = Vec::new();
    if width < usize::from(NAME + VALUE + RUNNING) + DOC {
        let doc = format!("{}: {}", editor.field.name(), editor.field.doc());
        lines.extend(wrap(&doc, width).into_iter().map(|line| Line::styled(line, theme.dim())));
    }
    if session.has_run() && editor.differences() > 0 {
        let cost = cost(editor, session).unwrap_or_default();
        lines.extend(wrap(&cost, width).into_iter().map(|line| Line::styled(line, theme.dim())));
    }
    lines
}

/// Returns the possible actions.
fn possible_actions(editor: &Editor, session: &Session, width: usize) -> Buttons {
    let theme = session.theme;
    let mut buttons = Buttons::default();
    match editor.differences() {
        _ if !session.has_run() => {
            let starts = if width >= 60 { " starts a run with these values, on all cores" } else { " starts a run" };
            buttons.key(theme, Action::Restart, session.key(Action::Restart), starts);
        }
        0 => buttons.text(span("matches the current run", theme.dim())),
        count => {
            let what = if count == 1 { "1 value differs".to_owned() } else { format!("{count} values differ") };
            let from = if width >= 60 { " from this run" } else { "" };
            buttons.text(span(what, theme.warn()));
            buttons.text(span(format!("{from}   "), theme.text()));
            buttons.key(theme, Action::Restart, session.key(Action::Restart), " restarts   ");
            buttons.key(theme, Action::Undo, session.key(Action::Undo), " undoes");
        }
    }
    buttons
}
