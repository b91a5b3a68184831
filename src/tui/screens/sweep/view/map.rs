//! The heat map: a cell for each configuration, accuracies in percent.

use ratatui::{
    layout::Rect,
    style::{Modifier, Style},
    text::{Line, Span},
};

use crate::{
    format::{cut, sanitized, width as width_of},
    sweep::survey::Factor,
    tui::{
        format,
        screens::sweep::{
            board::{Axis, Board, Cell, CellState},
            state::{Pane, SweepScreen},
        },
        session::{Session, sweep::SweepStatus},
        theme::Theme,
        widgets::{
            area::rows,
            panel::panel,
            progress::progress,
            surface::{Surface, Target},
            text::{put, span, spans_width},
        },
    },
};

/// Minimum rows: a frame, two heads and two rows of cells.
pub(super) const MIN_HEIGHT: u16 = 6;
/// Columns of a cell: at least two digits and a gap; with more room, three digits and a point.
const CELL: std::ops::RangeInclusive<u16> = 3..=11;
/// Minimum columns of a cell for tenths of a percent.
const TENTHS: u16 = 5;
/// Lowest accuracy of each step of the scale.
const STEPS: [f64; Theme::GRADES as usize + 1] = [0.0, 0.5, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99];

/// Returns the step of an accuracy on the scale, for [`Theme::grade`].
fn grade(accuracy: f64) -> u8 {
    STEPS.iter().rposition(|&lowest| accuracy >= lowest).unwrap_or(0) as u8
}

/// Returns the colours of an accuracy.
pub(super) fn grade_style(theme: Theme, accuracy: f64) -> Style {
    theme.grade(grade(accuracy))
}

/// The dimensions of the map in its frame.
struct Measure {
    /// Columns of the labels of each row axis, with a gap.
    labels: Vec<u16>,
    /// Columns of a cell.
    cell: u16,
    /// Rows of a cell.
    tall: u16,
    /// Rows of heads, one for each column axis.
    heads: u16,
    /// Number of visible rows of configurations.
    rows: usize,
    /// Number of visible columns of configurations.
    columns: usize,
    /// First visible row.
    first_row: usize,
    /// First visible column.
    first_column: usize,
}

impl Measure {
    /// Returns the dimensions of a map in its frame that shows the cell `chosen`.
    fn of(board: &Board, chosen: Option<usize>, area: Rect) -> Self {
        let inner = Rect { width: area.width.saturating_sub(2), height: area.height.saturating_sub(2), ..area };
        let layout = &board.layout;
        let labels = layout.row_axes.iter().map(|&axis| widest(&board.axes[axis]).min(10) + 1);
        let mut labels: Vec<u16> = labels.collect();
        if labels.is_empty() {
            labels.push(8);
        }
        let room = inner.width.saturating_sub(labels.iter().sum::<u16>());
        let gaps = gaps(board, 0..layout.columns.len());
        let count = layout.columns.len().max(1) as u16;
        let even = room.saturating_sub(gaps) / count;
        let cell = if even >= *CELL.start() { even.min(*CELL.end()) } else { TENTHS };
        let columns = if even >= *CELL.start() { count } else { (room / cell).max(1) };
        let heads = (layout.column_axes.len() as u16).max(1);
        let height = inner.height.saturating_sub(heads).max(1);
        let all = layout.rows.len().max(1) as u16;
        let tall = (height / all).clamp(1, (cell / 2).clamp(1, 3));
        let (rows, columns) = (usize::from(height / tall).max(1), usize::from(columns));
        let (row, column) = chosen.and_then(|cell| layout.place(cell)).unwrap_or_default();
        Self {
            labels,
            cell,
            tall,
            heads,
            rows,
            columns,
            first_row: row / rows * rows,
            first_column: column / columns * columns,
        }
    }

    fn label_width(&self) -> u16 {
        self.labels.iter().sum()
    }
}

fn widest(axis: &Axis) -> u16 {
    axis.values.iter().map(|value| width_of(&sanitized(value))).max().unwrap_or(0).min(99) as u16
}

/// Returns whether a group of columns begins here, with a gap before it.
fn begins_group(board: &Board, column: usize) -> bool {
    let columns = &board.layout.columns;
    let outer = |column: usize| columns[column].split_last().map(|(_, outer)| outer.to_vec());
    column > 0 && outer(column) != outer(column - 1)
}

/// Returns the number of gaps between groups of columns.
fn gaps(board: &Board, columns: std::ops::Range<usize>) -> u16 {
    columns.skip(1).filter(|&column| begins_group(board, column)).count() as u16
}

/// Returns the rows of the map with its frame in this width, up to `most` if that makes its cells larger.
pub(super) fn height(sweep: &SweepScreen, width: u16, most: u16) -> u16 {
    let measure = Measure::of(&sweep.board, Some(sweep.chosen), Rect::new(0, 0, width, most));
    let rows = sweep.board.layout.rows.len().max(1) as u16;
    rows.saturating_mul(measure.tall).saturating_add(measure.heads + 2)
}

/// Returns the number of visible rows of configurations.
pub(super) fn page(sweep: &SweepScreen, area: Rect) -> usize {
    Measure::of(&sweep.board, Some(sweep.chosen), area).rows
}

pub(super) fn draw(sweep: &SweepScreen, session: &Session, area: Rect, surface: &mut Surface) {
    draw_board(&sweep.board, Some(sweep.chosen), title(sweep, session, area.width), session.theme, area, surface);
    scale(session.theme, area, surface);
}

/// Draws the map that a sweep of these configurations will have.
pub(super) fn draw_preview(board: &Board, session: &Session, area: Rect, surface: &mut Surface) {
    if board.cells.is_empty() || area.height < MIN_HEIGHT {
        return;
    }
    let title = vec![span("preview of the map", session.theme.title())];
    draw_board(board, None, title, session.theme, area, surface);
}

fn draw_board(
    board: &Board,
    chosen: Option<usize>,
    title: Vec<Span<'static>>,
    theme: Theme,
    area: Rect,
    surface: &mut Surface,
) {
    let measure = Measure::of(board, chosen, area);
    let inner = panel(surface, area, theme, title, part(board, &measure));
    let layout = &board.layout;
    let chosen_place = chosen.and_then(|cell| layout.place(cell));
    let places = column_places(board, &measure, inner);
    heads(theme, board, inner, &measure, &places, chosen_place.map(|(_, column)| column), surface);
    let cells = Rect { y: inner.y + measure.heads, height: inner.height.saturating_sub(measure.heads), ..inner };
    let end = (measure.first_row + measure.rows).min(layout.rows.len());
    for (place, row) in (measure.first_row..end).enumerate() {
        let y = cells.y + place as u16 * measure.tall;
        if y + measure.tall > cells.bottom() {
            break;
        }
        let line = Rect { y, height: measure.tall, ..cells };
        let is_chosen = chosen_place.is_some_and(|(chosen, _)| chosen == row);
        labels(theme, board, line, &measure, row, is_chosen, surface);
        for &(column, x) in &places {
            let Some(number) = layout.cell(row, column) else { continue };
            let area = Rect { x, width: measure.cell, ..line };
            draw_cell(theme, &board.cells[number], Some(number) == chosen, area, surface);
            surface.target(area, Target::Configuration(number));
        }
    }
}

/// Returns the visible columns, each with its left edge.
fn column_places(board: &Board, measure: &Measure, inner: Rect) -> Vec<(usize, u16)> {
    let end = (measure.first_column + measure.columns).min(board.layout.columns.len());
    let mut places = Vec::new();
    let mut x = inner.x + measure.label_width();
    for column in measure.first_column..end {
        x += u16::from(column > measure.first_column && begins_group(board, column));
        if x + measure.cell <= inner.right() {
            places.push((column, x));
        }
        x += measure.cell;
    }
    places
}

/// Returns `test accuracy, %   MNIST · 3 epochs`.
fn title(sweep: &SweepScreen, session: &Session, width: u16) -> Vec<Span<'static>> {
    let theme = session.theme;
    let style = if sweep.pane == Pane::Map { theme.accent() } else { theme.title() };
    let mut spans = vec![span(measured_on(&session.sweep), style), span(", %  ", theme.dim())];
    let mut room = usize::from(width).saturating_sub(spans_width(&spans) + 24);
    for (place, (text, style)) in plan(session).into_iter().enumerate() {
        let text = if place > 0 { format!(" · {text}") } else { text };
        let wide = width_of(&text);
        if wide > room {
            break;
        }
        room -= wide;
        spans.push(span(text, style));
    }
    spans
}

/// Returns what is swept: the data set, then what all runs share.
fn plan(session: &Session) -> Vec<(String, Style)> {
    let theme = session.theme;
    let plan = session.sweep.plan(&session.dataset.id.name);
    let data = plan.data.map(|name| {
        let style = if name == "SYNTHETIC" { theme.shout() } else { theme.dim() };
        (name, style)
    });
    data.into_iter().chain(plan.shared.into_iter().map(|text| (text, theme.dim()))).collect()
}

/// Returns the name of the accuracies, by the images that they were measured on.
pub(super) fn measured_on(status: &SweepStatus) -> &'static str {
    let fixed = status.survey.as_ref().and_then(|survey| {
        let fixed = survey.fixed();
        fixed.iter().find(|(factor, _)| *factor == Factor::MeasuredOn).map(|(_, label)| (*label).to_owned())
    });
    match (&status.sweeping, fixed.as_deref()) {
        (Some(sweeping), _) if sweeping.limits.holdout > 0 => "validation accuracy",
        (Some(_), _) | (None, Some("test")) => "test accuracy",
        (None, Some("validation")) => "validation accuracy",
        _ => "accuracy",
    }
}

/// Returns which part is visible, unless all is.
fn part(board: &Board, measure: &Measure) -> Vec<Span<'static>> {
    let layout = &board.layout;
    let mut parts = Vec::new();
    for (what, first, seen, all) in [
        ("rows", measure.first_row, measure.rows, layout.rows.len()),
        ("columns", measure.first_column, measure.columns, layout.columns.len()),
    ] {
        if seen < all {
            parts.push(format!("{what} {}–{} of {all}", first + 1, (first + seen).min(all)));
        }
    }
    if parts.is_empty() { Vec::new() } else { vec![span(parts.join(", "), Style::new())] }
}

/// Returns a short name of a factor, for the corner.
pub(super) fn short(factor: Factor) -> &'static str {
    match factor {
        Factor::Of(which) => which.short_name(),
        Factor::TrainingImages => "images",
        factor => factor.name(),
    }
}

fn heads(
    theme: Theme,
    board: &Board,
    inner: Rect,
    measure: &Measure,
    places: &[(usize, u16)],
    chosen: Option<usize>,
    surface: &mut Surface,
) {
    let axes = &board.layout.column_axes;
    for (depth, (&axis, row)) in axes.iter().zip(rows(inner)).enumerate() {
        let name = cut(short(board.axes[axis].factor), usize::from(measure.label_width().saturating_sub(1)));
        put(surface, row, &Line::styled(name, theme.dim()));
        let values = |column: usize| &board.layout.columns[column][..=depth];
        let mut from = 0;
        while from < places.len() {
            let (column, x) = places[from];
            let group = places[from..].iter().take_while(|(other, _)| values(*other) == values(column)).count();
            let last = places[from + group - 1];
            let width = last.1 + measure.cell - x;
            let holds_chosen = chosen.is_some_and(|chosen| (column..=last.0).contains(&chosen));
            let style = if holds_chosen { theme.accent() } else { theme.dim() };
            let label = sanitized(&board.axes[axis].values[values(column)[depth]]);
            put(surface, Rect { x, width, ..row }, &Line::styled(centred(&label, width), style));
            from += group;
        }
    }
}

/// Centres a text in `width` columns, rounded to the right, where the digits of cells are.
fn centred(text: &str, width: u16) -> String {
    let text = cut(text, usize::from(width));
    let left = usize::from(width).saturating_sub(width_of(&text)).div_ceil(2);
    format!("{}{text}", " ".repeat(left))
}

fn labels(theme: Theme, board: &Board, line: Rect, measure: &Measure, row: usize, chosen: bool, surface: &mut Surface) {
    let layout = &board.layout;
    let mut x = line.x;
    for (depth, (&axis, &width)) in layout.row_axes.iter().zip(&measure.labels).enumerate() {
        let values = |row: usize| &layout.rows[row][..=depth];
        let again = row > measure.first_row && values(row) == values(row - 1);
        let style = if chosen { theme.accent() } else { theme.text() };
        if !again || chosen {
            let label = cut(&sanitized(&board.axes[axis].values[layout.rows[row][depth]]), usize::from(width - 1));
            put(surface, Rect { x, width, ..middle(line) }, &Line::styled(label, style));
        }
        x += width;
    }
}

/// Returns the middle row of an area.
fn middle(area: Rect) -> Rect {
    Rect { y: area.y + area.height.saturating_sub(1) / 2, height: 1.min(area.height), ..area }
}

fn draw_cell(theme: Theme, cell: &Cell, chosen: bool, area: Rect, surface: &mut Surface) {
    let (text, mut style) = content(theme, cell, area.width);
    if chosen {
        style = style.add_modifier(Modifier::REVERSED | Modifier::BOLD);
    }
    let seen = area.intersection(surface.area);
    surface.set_style(seen, style);
    let mark = if chosen {
        "▸"
    } else if matches!(cell.state(), CellState::Result(_)) && cell.is_partial() {
        "*"
    } else {
        ""
    };
    // Numbers are aligned, marks centred.
    let columns = if text.chars().count() > 1 { 4.max(text.chars().count() as u16) } else { 1 };
    let right = area.width.saturating_sub(columns) / 2;
    let text = format!("{text:>width$}", width = usize::from(area.width - right));
    let row = middle(area);
    put(surface, row, &Line::styled(text, style));
    if !mark.is_empty() && area.width > *CELL.start() {
        put(surface, Rect { width: 1, ..row }, &Line::styled(mark, style));
    }
}

fn content(theme: Theme, cell: &Cell, width: u16) -> (String, Style) {
    match cell.state() {
        // A bar, since a number would look like an accuracy.
        CellState::Running(part) => {
            let (done, rest) = progress(part, if width < TENTHS { 2 } else { 4 });
            (done + &rest, theme.accent())
        }
        CellState::Result(accuracy) => {
            (format::percent(accuracy, usize::from(width >= TENTHS)), grade_style(theme, accuracy))
        }
        // In ASCII the dot would become a dash.
        CellState::Waiting => (if theme.ascii { "." } else { "·" }.into(), theme.dim()),
        CellState::Diverged => ("div".into(), theme.bad()),
        CellState::Failed => ("!".into(), theme.bad()),
        CellState::Dropped => ("-".into(), theme.dim()),
    }
}

/// Draws what the colours mean on the lower edge of the frame.
fn scale(theme: Theme, area: Rect, surface: &mut Surface) {
    let mut spans = vec![span(" from ", theme.dim())];
    spans.extend(STEPS.iter().map(|&lowest| span(format!(" {:.0} ", lowest * 100.0), grade_style(theme, lowest))));
    spans.push(span(" ", theme.dim()));
    let line = Line::from(spans);
    let width = line.width() as u16;
    if width + 4 <= area.width {
        put(surface, Rect { x: area.right() - width - 2, y: area.bottom() - 1, width, height: 1 }, &line);
    }
}
