//! The configurations by their accuracy, the best first.

use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    format::{cut, padded, sanitized, width},
    tui::{
        format,
        screens::sweep::{
            board::{Board, Cell, CellState, mean},
            state::{Pane, SweepScreen},
            view::map::short,
        },
        session::Session,
        theme::Theme,
        widgets::{
            area::rows,
            panel::panel,
            surface::{Surface, Target},
            text::{put, span},
        },
    },
};

/// Returns the number of lines that are visible at once in this area, with its frame.
pub(super) fn page(area: Rect) -> usize {
    let inside = area.height.saturating_sub(2);
    usize::from(if inside > HEADLESS { inside - 1 } else { inside }).max(1)
}

/// Maximum lines of a list without a head.
const HEADLESS: u16 = 6;

/// The columns that fit, and the widths of those for varying factors.
struct Columns {
    has_head: bool,
    has_names: bool,
    has_loss: bool,
    factors: Vec<usize>,
    gap: usize,
}

impl Columns {
    /// Returns the widest form that fits: with the names of the factors, without them, or without losses.
    fn of(board: &Board, area: Rect) -> Self {
        let widths = |with_name: bool| {
            let axes = board.varying();
            let widths = axes.map(|axis| {
                let value = axis.values.iter().map(|value| width(&sanitized(value))).max().unwrap_or(0).clamp(2, 10);
                if with_name { value.max(short(axis.factor).len()) } else { value }
            });
            widths.collect::<Vec<_>>()
        };
        let has_head = area.height > HEADLESS;
        let forms = [(true, true, 2), (true, false, 2), (false, true, 2), (false, false, 2), (false, false, 1)];
        let mut forms = forms.into_iter().map(|(with_name, has_loss, gap)| Self {
            has_names: with_name && has_head,
            has_head,
            has_loss,
            factors: widths(with_name && has_head),
            gap,
        });
        let last = forms.next_back().expect("there are five");
        forms.find(|form| form.width() <= usize::from(area.width)).unwrap_or(last)
    }

    fn width(&self) -> usize {
        let factors = self.factors.iter().map(|width| width + self.gap).sum::<usize>();
        PLACE + ACCURACY + if self.has_loss { LOSS } else { 0 } + factors
    }

    fn join(&self, values: impl Iterator<Item = String>) -> String {
        let values = values.zip(&self.factors);
        let gap = " ".repeat(self.gap);
        values.map(|(value, &width)| format!("{gap}{}", padded(&cut(&sanitized(&value), width), width))).collect()
    }
}

/// Columns of a mark, the place and a gap.
const PLACE: usize = 5;
const ACCURACY: usize = 6;
const LOSS: usize = 8;

pub(super) fn draw(sweep: &SweepScreen, session: &Session, area: Rect, surface: &mut Surface) {
    let theme = session.theme;
    let style = if sweep.pane == Pane::Rank { theme.accent() } else { theme.title() };
    let count = match sweep.rank.len() {
        0 => String::new(),
        count if count == sweep.board.cells.len() => format!(" {count}"),
        count => {
            let so_far = if session.sweep.is_under_way() { " so far" } else { "" };
            format!(" {count} of {}{so_far}", sweep.board.cells.len())
        }
    };
    let inner = panel(surface, area, theme, vec![span("rank", style), span(count, theme.dim())], Vec::new());
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    if sweep.rank.is_empty() {
        put(surface, inside, &Line::styled("no run has ended yet", theme.dim()));
        return;
    }
    let columns = Columns::of(&sweep.board, inside);
    let mut rows = rows(inside);
    if columns.has_head
        && let Some(head) = rows.next()
    {
        let names = sweep.board.varying().map(|axis| short(axis.factor).to_owned());
        let names = if columns.has_names { columns.join(names) } else { String::new() };
        let loss = if columns.has_loss { "    loss" } else { "" };
        let text = format!("{:>PLACE$}{:>ACCURACY$}{loss}{}", "", "mean", names);
        put(surface, head, &Line::styled(text, theme.dim()));
    }
    let page = page(area);
    let place = sweep.rank.iter().position(|&cell| cell == sweep.chosen).unwrap_or(0);
    let first = place / page * page;
    for (row, (place, &cell)) in rows.zip(sweep.rank.iter().enumerate().skip(first).take(page)) {
        put(
            surface,
            row,
            &line(theme, &sweep.board, place + 1, &sweep.board.cells[cell], cell == sweep.chosen, &columns),
        );
        surface.target(row, Target::Configuration(cell));
    }
}

fn line(theme: Theme, board: &Board, place: usize, cell: &Cell, chosen: bool, columns: &Columns) -> Line<'static> {
    let (mark, style) = if chosen { ("▸", theme.accent()) } else { (" ", theme.text()) };
    let values = board.axes.iter().zip(&cell.values).filter(|(axis, _)| axis.values.len() > 1);
    let values = columns.join(values.map(|(axis, &value)| axis.values[value].clone()));
    if cell.accuracies.is_empty() {
        let word = match cell.state() {
            CellState::Diverged => "div",
            CellState::Failed => "!",
            _ => "-",
        };
        let width = ACCURACY + if columns.has_loss { LOSS } else { 0 };
        return Line::from(vec![
            span(format!("{mark}  - "), style),
            span(format!("{:<width$}", format!("{word:>ACCURACY$}")), theme.bad()),
            span(values, style),
        ]);
    }
    let mut spans: Vec<Span> =
        vec![span(format!("{mark}{place:>3} "), style), span(format::share(mean(&cell.accuracies)), theme.test())];
    if columns.has_loss {
        let loss = if cell.losses.is_empty() { "     -".into() } else { format::loss(mean(&cell.losses)) };
        spans.push(span(format!("  {loss}"), theme.dim()));
    }
    spans.push(span(values, style));
    Line::from(spans)
}
