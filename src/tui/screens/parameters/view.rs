//! The Parameters screen: the form, how it differs from the current run, what that needs, and the runs tried before.

use std::ops::Range;

use ratatui::{
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use crate::{
    format::padded,
    train::Hyperparameters,
    tui::{
        format,
        keys::Action,
        screens::parameters::{
            ParametersScreen,
            form::{EPOCHS, Editor, Field, RATE},
            network,
            tried::{self, Tried},
        },
        session::Session,
        widgets::{
            area::{above, rows},
            buttons::Buttons,
            folds::Foldable,
            form::{self, CHOICES, FormLine, NAME},
            line_edit::typed,
            panel::{foot, panel},
            surface::Surface,
            text::{put, span, spans_width, wrap},
        },
    },
};

const RUNNING: u16 = 10;
/// Minimum columns of a note beside its field.
const MIN_NOTE: usize = 20;
/// Minimum columns to describe every field beside it.
const DOC: usize = 66;

/// Minimum columns of the form, and of the runs tried before beside it.
const BESIDE: (u16, u16) = (57, 46);
/// Minimum rows of the form above the network.
const FORM: u16 = 21;

/// The panes; one that has no room is `None`.
struct Layout {
    form: Rect,
    network: Option<Rect>,
    tried: Option<Rect>,
}

fn layout(hyper: &Hyperparameters, area: Rect) -> Layout {
    let beside = area.width >= BESIDE.0 + BESIDE.1;
    let width = if beside { area.width - (area.width * 2 / 5).max(BESIDE.1) } else { area.width };
    let height = network::height(hyper);
    let has_network = area.height >= FORM + height;
    let form = Rect { width, height: if has_network { area.height - height } else { area.height }, ..area };
    Layout {
        form,
        network: has_network.then_some(Rect { y: form.bottom(), height, ..form }),
        tried: beside.then_some(Rect { x: form.right(), width: area.width - width, ..area }),
    }
}

/// Returns the number of visible runs that were tried before.
pub(super) fn page(hyper: &Hyperparameters, area: Rect) -> usize {
    let pane = layout(hyper, area).tried.unwrap_or(area);
    usize::from(pane.height.saturating_sub(3)).max(1)
}

pub(super) fn draw(screen: &ParametersScreen, session: &Session, area: Rect, surface: &mut Surface) {
    let tried = tried::ranked(session);
    let layout = layout(&screen.form.spec.hyper, area);
    if let Some(area) = layout.tried.or(screen.recalling.then_some(area)) {
        tried_pane(screen, session, &tried, area, surface);
        if layout.tried.is_none() {
            return;
        }
    }
    if let Some(area) = layout.network {
        network::draw(session, &screen.form.spec.hyper, area, surface);
    }
    let free = form(&screen.form, session, layout.form, surface);
    if layout.tried.is_none() && !tried.is_empty() && free.height > 1 {
        let (head, list) = above(free, 1);
        let mut title = Buttons::default();
        title.text(span("  tried before, the best first   ", session.theme.dim()));
        title.key(session.theme, Action::Recall, session.key(Action::Recall), " chooses one");
        title.draw(head, surface);
        tried::draw(session, &tried, None, list, surface);
    }
}

/// Draws the runs tried before, and the key that chooses one or takes its values.
fn tried_pane(screen: &ParametersScreen, session: &Session, tried: &[Tried], area: Rect, surface: &mut Surface) {
    let theme = session.theme;
    let count = format::grouped(tried.len() as u64);
    let title = vec![span("tried before", theme.title()), span(format!(" {count}"), theme.dim())];
    let inner = panel(surface, area, theme, title, vec![span("best first", theme.dim())]);
    let (action, text) =
        if screen.recalling { (Action::Edit, " takes its values") } else { (Action::Recall, " chooses one") };
    if !tried.is_empty() {
        foot(surface, area, vec![span(session.key(action), theme.accent()), span(text, theme.dim())]);
    }
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let (head, list) = above(inside, u16::from(!tried.is_empty()));
    put(surface, head, &Line::styled(tried::head(tried, head.width), theme.dim()));
    tried::draw(session, tried, screen.place(tried), list, surface);
}

/// Draws the form. Returns the free area below its fields.
fn form(editor: &Editor, session: &Session, area: Rect, surface: &mut Surface) -> Rect {
    let theme = session.theme;
    let inner = panel(surface, area, theme, vec![span("parameters", theme.title())], Vec::new());
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let closing = closing(editor, session, usize::from(inside.width));
    let closing_height = closing.len() as u16 + 1;
    let (form, below) = above(inside, inside.height.saturating_sub(closing_height));
    let (form_lines, chosen) = form_lines(editor, session, form);
    // A blank row, if the fields leave one.
    let gap = u16::from(form_lines.len() < usize::from(form.height));
    let form = Rect { height: form.height - gap, ..form };
    let choices = |place| Field::at(place)?.choices();
    let used = form::draw(session.theme, &form_lines, chosen, choices, form, surface);
    let (lines, last) = above(below, below.height.saturating_sub(1));
    for (row, line) in rows(lines).zip(&closing) {
        put(surface, row, line);
    }
    possible_actions(editor, session, usize::from(inside.width)).draw(last, surface);
    // A blank row, if the list has room below it.
    let used = used + u16::from(form.height > used + 2);
    Rect { y: form.y + used, height: form.height.saturating_sub(used), ..form }
}

/// Returns the lines of the form, and which of them are those of the field under the cursor.
fn form_lines(editor: &Editor, session: &Session, area: Rect) -> (Vec<FormLine>, Range<usize>) {
    let theme = session.theme;
    let mut head =
        format!("  {:<name$}{:<value$}", "", "value", name = usize::from(NAME) - 2, value = usize::from(CHOICES));
    let narrow = area.width < NAME + CHOICES + RUNNING;
    if !narrow {
        head += if session.has_run() { "this run" } else { "default" };
    }
    let mut lines: Vec<FormLine> = vec![(None, Line::styled(head, theme.dim()))];
    let mut chosen = 0..0;
    let (shown, cursor) = (editor.shown(), editor.cursor());
    let is_spacious = usize::from(area.height) >= 2 * shown.len() + 8;
    for field in shown {
        if is_spacious {
            lines.push((None, Line::default()));
        }
        let start = lines.len();
        let of_field = field_lines(editor, session, field, area.width);
        lines.extend(of_field.into_iter().map(|line| (Some(field.place()), line)));
        if field == cursor {
            chosen = start..lines.len();
        } else if chosen.end > 0 && field.shares_group(cursor) {
            // The rest of an open group is visible, too.
            chosen.end = lines.len();
        }
    }
    (lines, chosen)
}

/// Estimates the duration of a restart from the rate measured so far.
fn cost(editor: &Editor, session: &Session) -> Option<String> {
    let spec = &editor.spec;
    let images = spec.limits.train.map_or(session.images.train_images(), |limit| limit as usize);
    let images = images.saturating_sub(spec.limits.holdout as usize) as f64;
    let seconds = f64::from(spec.hyper.epochs) * session.seconds_per_epoch(images)?;
    let epochs = format::grouped(spec.hyper.epochs);
    Some(format!("a restart takes about {} for {epochs} epochs, at the current rate", format::clock(seconds)))
}

/// Returns the lines of a field with its note beside it, or below it in little room.
fn field_lines(editor: &Editor, session: &Session, field: Field, width: u16) -> Vec<Line<'static>> {
    let beside = usize::from(NAME + CHOICES + RUNNING);
    let room = usize::from(width).saturating_sub(beside);
    let mut values = if field.is_group() {
        group(editor, session, field, width)
    } else {
        name_and_values(editor, session, field, width)
    };
    let used = spans_width(&values);
    if used > beside {
        return vec![Line::from(values)];
    }
    if room < MIN_NOTE {
        let notes = remark(editor, session, field).map(|text| wrapped(text, usize::from(width).saturating_sub(6)));
        let notes = notes.into_iter().flatten().map(|note| Line::from(vec![Span::raw("      "), note]));
        return std::iter::once(Line::from(values)).chain(notes).collect();
    }
    values.push(Span::raw(" ".repeat(beside - used)));
    let mut notes = note(editor, session, field, room).map(|note| wrapped(note, room)).unwrap_or_default().into_iter();
    let first = values.into_iter().chain(notes.next()).collect::<Vec<_>>();
    let more = notes.map(|note| Line::from(vec![Span::raw(" ".repeat(beside)), note]));
    std::iter::once(Line::from(first)).chain(more).collect()
}

fn name_and_values(editor: &Editor, session: &Session, field: Field, width: u16) -> Vec<Span<'static>> {
    let theme = session.theme;
    let here = field == editor.cursor();
    let mut spans = form::name(theme, field.name(), here, field.group().is_some());
    let value = field.value(&editor.spec);
    let value_style = match field {
        _ if editor.differs(field) => theme.warn(),
        _ if field.ignored_by(&editor.spec).is_some() => theme.dim(),
        _ => theme.bold(),
    };
    match (&editor.typing, field.choices()) {
        (Some(line), _) if here => spans.extend(typed(theme, line)),
        (_, Some(names)) => spans.extend(form::choices(theme, names, &value, value_style)),
        _ => spans.push(span(format!(" {value}"), value_style)),
    }
    spans.extend(running(editor, session, field, &spans, field.value(&editor.running), width));
    spans
}

/// Returns the line of a group: what it holds, unless it is open.
fn group(editor: &Editor, session: &Session, field: Field, width: u16) -> Vec<Span<'static>> {
    let theme = session.theme;
    let is_open = editor.folds.is_open(field);
    let mut spans = form::group_name(theme, field.name(), field == editor.cursor(), is_open);
    if is_open {
        return spans;
    }
    let style = if editor.differs(field) { theme.warn() } else { theme.bold() };
    let columns = usize::from(width.saturating_sub(NAME));
    spans.push(span(field.folded(&editor.spec, columns), style));
    let value = field.folded(&editor.running, usize::from(RUNNING) - 1);
    spans.extend(running(editor, session, field, &spans, value, width));
    spans
}

/// Returns the value of a field in the current run, in the column beside the form's own, if that leaves room for it.
fn running(
    editor: &Editor,
    session: &Session,
    field: Field,
    before: &[Span],
    value: String,
    width: u16,
) -> Vec<Span<'static>> {
    let used = spans_width(before);
    let room = usize::from(NAME + CHOICES).saturating_sub(used);
    if width < NAME + CHOICES + RUNNING || (field.is_group() && room == 0) {
        return Vec::new();
    }
    let style = if editor.differs(field) { session.theme.text() } else { session.theme.dim() };
    vec![Span::raw(" ".repeat(room)), span(padded(&value, usize::from(RUNNING)), style)]
}

/// Returns what is wrong with a field, or what its change needs.
fn remark(editor: &Editor, session: &Session, field: Field) -> Option<(String, Style)> {
    let theme = session.theme;

    match &editor.error {
        Some(reason) if field == editor.cursor() => Some((format!("✗ {reason}"), theme.bad())),
        // The fields of an open group have remarks of their own, and a folded one says what is not the default.
        _ if field.is_group() && (editor.folds.is_open(field) || !session.has_run()) => None,
        _ if !editor.differs(field) => None,
        _ if !session.has_run() => Some(("not the default".to_owned(), theme.warn())),
        _ if [RATE, EPOCHS].contains(&field) => Some((
            format!("{} applies it, {} restarts", session.key(Action::Apply), session.key(Action::Restart)),
            theme.warn(),
        )),
        _ => Some((format!("needs a restart: {}", session.key(Action::Restart)), theme.warn())),
    }
}

/// Returns the remark on a field, or why it has no effect, or a description if there is room.
fn note(editor: &Editor, session: &Session, field: Field, room: usize) -> Option<(String, Style)> {
    let dim = session.theme.dim();
    remark(editor, session, field)
        .or_else(|| field.ignored_by(&editor.spec).map(|choice| (format!("{choice} does not use it"), dim)))
        .or_else(|| (room >= DOC).then(|| (field.doc().to_owned(), dim)))
}

fn wrapped((text, style): (String, Style), width: usize) -> Vec<Span<'static>> {
    wrap(&text, width.max(10)).into_iter().map(|line| span(line, style)).collect()
}

/// Returns the description of the field and the duration of a restart.
fn closing(editor: &Editor, session: &Session, width: usize) -> Vec<Line<'static>> {
    let theme = session.theme;

    let mut lines = Vec::new();
    if width < usize::from(NAME + CHOICES + RUNNING) + DOC {
        let field = editor.cursor();
        let mut doc = format!("{}: {}", field.name(), field.doc());
        if field.is_group() {
            doc += &format!("; {} {}s them", session.key(Action::Edit), editor.folds.label(field));
        }
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
