//! The form of a new sweep: its values, its runs and their duration, the command that starts the same from a shell, and
//! a preview of the map.

use ratatui::{
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use crate::{
    format::{cut, cut_start, sanitized, width as width_of},
    train::Hyperparameter,
    tui::{
        format,
        keys::Action,
        screens::sweep::{
            form::{CURRENT_RUN, SweepField, SweepForm},
            view::map,
        },
        session::Session,
        widgets::{
            area::{above, beside, rows},
            folds::Foldable,
            form::{self, FormLine, NAME},
            line_edit::typed_within,
            panel::panel,
            surface::Surface,
            text::{put, span, wrap},
        },
    },
};

/// Minimum columns for a preview beside the form, and columns of the form there.
const BESIDE: (u16, u16) = (112, 64);
/// Minimum rows for a preview below the form, and rows of the form there.
const BELOW: (u16, u16) = (36, 22);
/// Maximum rows of the command.
const COMMAND: usize = 3;
/// Minimum rows of fields for a description above them.
const MIN_FIELDS: u16 = 10;
/// Columns of the indentation below a field.
const INDENT: usize = 4;

pub(super) fn draw(form: &SweepForm, session: &Session, area: Rect, surface: &mut Surface) {
    let (area, preview) = match area {
        area if area.width >= BESIDE.0 => beside(area, BESIDE.1),
        area if area.height >= BELOW.0 => above(area, BELOW.1),
        area => (area, Rect::ZERO),
    };
    map::draw_preview(form.board(), session, preview, surface);
    let theme = session.theme;
    let inner = panel(surface, area, theme, vec![span("new sweep", theme.title())], Vec::new());
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let width = usize::from(inside.width);
    let command = command(form, session, width);
    let cursor = form.cursor(session);
    let of_field = |field| (field, field_lines(form, session, field, width));
    let fields: Vec<_> = form.shown(session).into_iter().map(of_field).collect();
    let needed = fields.iter().map(|(_, lines)| lines.len() as u16).sum();
    // The field under the cursor is described in a place of its own, so that nothing moves.
    let described = described_rows(needed, inside);
    let has_gaps = inside.height >= needed + described + command.len() as u16 + 4;
    let (about_area, body) = above(inside, described + u16::from(has_gaps && described > 0));
    description(form, session, Rect { height: described, ..about_area }, surface);
    let mut lines: Vec<FormLine> = Vec::new();
    let mut chosen = 0..0;
    for (field, of_field) in fields {
        if has_gaps && matches!(field, SweepField::Of(Hyperparameter::Epochs) | SweepField::Start) {
            lines.push((None, Line::default()));
        }
        let start = lines.len();
        lines.extend(of_field.into_iter().map(|line| (Some(field.place()), line)));
        if field == cursor {
            chosen = start..lines.len();
        } else if chosen.end > 0 && field.shares_group(cursor) {
            // The rest of an open group is visible, too.
            chosen.end = lines.len();
        }
    }
    let current_run = SweepField::CurrentRun.place();
    let used = form::draw(theme, &lines, chosen, |place| (place == current_run).then_some(&CURRENT_RUN), body, surface);
    let (_, foot) = above(body, used + u16::from(has_gaps));
    if usize::from(foot.height) >= command.len() {
        for (row, line) in rows(foot).zip(command) {
            put(surface, row, &line);
        }
    }
}

/// Returns the rows for a description above a number of lines. They are as many as the longest description needs, or
/// fewer if all lines are visible then.
fn described_rows(lines: u16, area: Rect) -> u16 {
    let longest = SweepField::all().map(|field| wrap(&field.doc(), usize::from(area.width)).len()).max();
    let longest = longest.unwrap_or(0) as u16;
    match area.height {
        height if height < longest + MIN_FIELDS => 0,
        height if height >= lines => longest.min(height - lines),
        _ => longest,
    }
}

/// Draws the description of the field under the cursor, as far as it fits.
fn description(form: &SweepForm, session: &Session, area: Rect, surface: &mut Surface) {
    let field = form.cursor(session);
    let mut text = field.doc();
    if field.is_group() {
        text += &format!("; {} {}s them", session.key(Action::Edit), form.folds.label(field));
    }
    let mut lines = wrap(&text, usize::from(area.width));
    if lines.len() > usize::from(area.height)
        && let Some(last) = lines.get_mut(usize::from(area.height).saturating_sub(1))
    {
        *last = cut(&format!("{last} …"), usize::from(area.width));
    }
    for (row, line) in rows(area).zip(lines) {
        put(surface, row, &Line::styled(line, session.theme.dim()));
    }
}

fn field_lines(form: &SweepForm, session: &Session, field: SweepField, width: usize) -> Vec<Line<'static>> {
    let theme = session.theme;
    let is_chosen = field == form.cursor(session);
    let mut lines = Vec::new();
    if field == SweepField::Start {
        lines.extend(start(form, session, width));
    } else if let SweepField::Group(group) = field {
        let is_open = form.folds.is_open(field);
        let mut spans = form::group_name(theme, &field.name(), is_chosen, is_open);
        if !is_open {
            let values = form::folded(&form.words(group), "off", width.saturating_sub(usize::from(NAME)));
            spans.push(span(values, theme.bold()));
        }
        lines.push(Line::from(spans));
    } else {
        let room = width.saturating_sub(usize::from(NAME) + 1);
        let mut spans = form::name(theme, &field.name(), is_chosen, field.group().is_some());
        // Choices begin with their own bracket.
        spans.extend((field != SweepField::CurrentRun).then(|| Span::raw(" ")));
        spans.extend(match (field, &form.typing) {
            (_, Some(line)) if is_chosen => typed_within(theme, line, room),
            (SweepField::CurrentRun, _) => {
                form::choices(theme, &CURRENT_RUN, CURRENT_RUN[usize::from(!form.pauses_run)], theme.bold())
            }
            _ => vec![span(cut_start(&value(form, session, field), room), theme.bold())],
        });
        lines.push(Line::from(spans));
    }
    lines.extend(error_lines(form, session, is_chosen, width));
    if let (SweepField::File, Some(reason), None) = (field, form.file_error(), &form.error) {
        lines.extend(wrapped(&format!("✗ {}", sanitized(reason)), width, theme.bad()));
    }
    lines
}

/// Returns what is wrong with the chosen field.
fn error_lines(form: &SweepForm, session: &Session, is_chosen: bool, width: usize) -> Vec<Line<'static>> {
    let error = form.error.as_ref().filter(|_| is_chosen);
    error.map_or_else(Vec::new, |error| wrapped(&format!("✗ {}", sanitized(error)), width, session.theme.bad()))
}

fn wrapped(text: &str, width: usize, style: Style) -> Vec<Line<'static>> {
    let lines = wrap(text, width.saturating_sub(INDENT).max(10)).into_iter();
    lines.map(|line| Line::from(vec![Span::raw(" ".repeat(INDENT)), span(line, style)])).collect()
}

fn value(form: &SweepForm, session: &Session, field: SweepField) -> String {
    match field {
        SweepField::Of(which) => form.grid.text(which).replace(',', ", "),
        SweepField::Jobs => form.jobs.unwrap_or(session.cores).to_string(),
        SweepField::File => sanitized(&form.out.display().to_string()),
        SweepField::Group(_) | SweepField::CurrentRun | SweepField::Start => String::new(),
    }
}

/// Returns the line that starts the sweep, with the number of runs and their duration: beside it if there is room.
fn start(form: &SweepForm, session: &Session, width: usize) -> Vec<Line<'static>> {
    let theme = session.theme;
    let is_chosen = form.cursor(session) == SweepField::Start;
    let (all, done) = form.counts();
    let left = all - done;
    let (mark, style) = if is_chosen { ("▸ ", theme.chosen()) } else { ("  ", theme.bold()) };
    let label = match session.sweep.starting {
        Some(_) => "starting",
        None => form.start_label().1,
    };
    let mut text = format::counted(all as u64, "run");
    if done > 0 {
        text += &format!(", {} in the file, {} left", format::grouped(done as u64), format::grouped(left as u64));
    }
    let duration = session.sweep_duration(&form.plan(session), left).filter(|_| left > 0);
    let mut line = Line::from(vec![span(mark, theme.accent()), span(format!(" {label} "), style)]);
    // As much as fits beside the label: all, or the numbers of runs.
    let mut rest: Vec<String> = std::iter::once(text).chain(duration).collect();
    for count in (1..=rest.len()).rev() {
        let beside = rest[..count].join(", ");
        if line.width() + 2 + width_of(&beside) <= width {
            line.push_span(span(format!("  {beside}"), theme.text()));
            rest.drain(..count);
            break;
        }
    }
    [vec![line], wrapped(&rest.join(", "), width, theme.text())].concat()
}

/// Returns the command that starts the same sweep from a shell.
fn command(form: &SweepForm, session: &Session, width: usize) -> Vec<Line<'static>> {
    let theme = session.theme;
    let text = format!("from a shell: {}", session.sweep_command(&form.plan(session)));
    wrap(&sanitized(&text), width).into_iter().take(COMMAND).map(|line| Line::styled(line, theme.dim())).collect()
}
