//! Drawing of the screen: what is watched, the charts, what the curves are, what is wrong with the files, and the keys.
//!
//! ```text
//!  lenet-monitor   watching 2 runs, 1,284 rows                         ● new rows
//!  step 12,750  epoch 3.40  0:04    along steps  smoothed over 1 %
//! ╭ loss ─────────────────────────────────────────── a 0.0338  b 0.0422 ╮
//! ╰──────────────────────────────────────────────────────────────────────╯
//!  a first   b second
//!  ! second: ends in half a line; waiting for the rest
//!  b columns  + in  - out  m smoother  ? help  q quit
//! ```

use std::collections::BTreeSet;

use ratatui::{
    Frame,
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
};

use super::{Board, charts, figure::Figure, list};
use crate::{
    format::{cut, cut_middle, padded, sanitized, width},
    tui::{
        axis_unit::X,
        format,
        keys::{Action, Binding},
        widgets::{
            area::{CEILING, FLOOR, rows},
            buttons::Buttons,
            panel::panel,
            surface::{Surface, Target},
            text::{fitting, make_ascii, put, put_right, span, wrap},
        },
    },
    watch::Watch,
};

/// Seconds without new rows after which it is said for how long.
const QUIET: u64 = 5;
/// Columns of the names of keys in help.
const KEYS: usize = 14;
/// Maximum number of rows about files.
const MAX_NOTES: usize = 3;
/// Longest name of a file in a line, in columns.
const LABEL: usize = 40;

/// Draws the whole screen.
pub fn view(board: &Board, watch: &Watch, frame: &mut Frame) {
    let mut surface = Surface::new(frame.buffer_mut());
    whole(board, watch, &mut surface);
    if board.theme.ascii {
        make_ascii(&mut surface);
    }
}

fn whole(board: &Board, watch: &Watch, surface: &mut Surface) {
    let area = surface.area;
    let fits = area.width >= FLOOR.0 && area.height >= FLOOR.1 && area.width <= CEILING.0 && area.height <= CEILING.1;
    if fits {
        draw(board, watch, area, surface);
        return;
    }
    let text = format!("watching; needs {} x {}, has {} x {}", FLOOR.0, FLOOR.1, area.width, area.height);
    for (row, line) in rows(area).zip(wrap(&text, usize::from(area.width))) {
        put(surface, row, &Line::raw(line));
    }
}

/// Returns the target drawn at a position, with its area.
pub(super) fn target(board: &Board, watch: &Watch, at: Position) -> Option<(Target, Rect)> {
    let mut buffer = Buffer::empty(Rect::new(0, 0, board.size.0, board.size.1));
    let mut surface = Surface::new(&mut buffer);
    whole(board, watch, &mut surface);
    surface.at(at)
}

fn draw(board: &Board, watch: &Watch, area: Rect, surface: &mut Surface) {
    let figure = Figure::new(board, watch);
    let inside = Rect { x: area.x + 1, width: area.width - 2, ..area };
    let mut lines = rows(inside);
    let (Some(first), Some(second)) = (lines.next(), lines.next()) else { return };
    header(board, watch, first, surface);
    let legend = legend(board, &figure, inside.width, usize::from(area.height / 6));
    let notes = notes(board, watch, inside.width);
    let below = (legend.len() + notes.len() + 1) as u16;
    let body = Rect { y: second.bottom(), height: area.height.saturating_sub(2 + below), ..area };
    put(surface, second, &status(board, watch, &figure, body, second.width));
    match (board.help, board.list) {
        (Some(scroll), _) => help(board, scroll, body, surface),
        (None, Some(selected)) => list::draw(board, &figure, selected, body, surface),
        (None, None) if figure.charts(board).is_empty() => nothing(board, watch, &figure, body, surface),
        (None, None) => charts::draw(board, &figure, body, surface),
    }
    let under = Rect { y: body.bottom(), height: below, ..inside };
    let mut rows = rows(under);
    for (line, row) in legend.into_iter().chain(notes).zip(&mut rows) {
        put(surface, row, &line);
    }
    if let Some(row) = rows.next() {
        footer(board, inside.width).draw(row, surface);
    }
}

fn header(board: &Board, watch: &Watch, row: Rect, buffer: &mut Buffer) {
    let theme = board.theme;
    let rows: u64 = watch.runs().iter().map(|run| run.rows()).sum();
    let runs = match watch.runs() {
        [run] if run.split().is_none() => cut_middle(&sanitized(&run.label), LABEL),
        [run] => format!(
            "{}, {}",
            cut_middle(&sanitized(&run.label), LABEL),
            format::counted(run.curves().len() as u64, "run")
        ),
        runs => format::counted(runs.iter().map(|run| run.curves().len().max(1) as u64).sum::<u64>(), "run"),
    };
    let rows = format::counted(rows, "row");
    let state = match (board.reading, board.idle) {
        (true, _) => {
            let parts = watch.runs().iter().map(|run| run.part());
            let part = parts.sum::<f64>() / watch.runs().len().max(1) as f64;
            span(format!("◆ reading {} %", format::percent(part, 0)), theme.test())
        }
        (false, None) => span("○ waiting", theme.dim()),
        (false, Some(..QUIET)) => span("● new rows", theme.good()),
        (false, Some(seconds)) => span(format!("○ no new rows for {}", format::clock(seconds as f64)), theme.dim()),
    };
    let room = usize::from(row.width).saturating_sub(state.width() + 2);
    let name = "lenet-monitor   ";
    let texts = [format!("watching {runs}, {rows}"), format!("watching {runs}"), rows];
    let fitting = texts.into_iter().find(|text| width(name) + width(text) <= room);
    let what = span(fitting.unwrap_or_default(), theme.text());
    put(buffer, row, &Line::from(vec![span(name, theme.bold()), what]));
    put_right(buffer, row, &Line::from(state));
}

/// Returns `step 12,750  epoch 3.40  0:04   along steps   smoothed over 1 %   zoomed`.
fn status(board: &Board, watch: &Watch, figure: &Figure, body: Rect, width: u16) -> Line<'static> {
    let theme = board.theme;
    let messages = [(&board.notice, theme.bad()), (&board.answer, theme.bold())];
    if let Some((message, style)) = messages.into_iter().find_map(|(text, style)| Some((text.as_ref()?, style))) {
        return Line::styled(cut(&sanitized(message), usize::from(width)), style);
    }
    let mut parts = Vec::new();
    match board.cursor {
        Some(at) => parts.push(vec![span(at_axis(figure.x, at), theme.accent())]),
        None => {
            let newest = watch.runs().iter().map(|run| run.newest());
            let of = |x: X| newest.clone().map(|place| place.on(x)).filter(|at| at.is_finite()).reduce(f64::max);
            let known = [X::Steps, X::Epochs, X::Time].into_iter().filter_map(|x| Some((x, of(x)?)));
            parts.extend(known.map(|(x, at)| vec![span(format!("{}  ", at_axis(x, at)), theme.text())]));
        }
    }
    parts.push(vec![span(format!("  along {}", figure.x.name()), theme.dim())]);
    if board.smoothing() > 0.0 {
        parts.push(vec![span(format!("   smoothed over {} %", board.smoothing() * 100.0), theme.dim())]);
    }
    if board.window.is_some() {
        parts.push(vec![span("   zoomed", theme.dim())]);
    } else if board.late {
        parts.push(vec![span("   second half", theme.dim())]);
    }
    let splits = watch.runs().iter().filter_map(|run| run.split()).collect::<BTreeSet<_>>();
    if !splits.is_empty() {
        let columns = splits.into_iter().map(sanitized).collect::<Vec<_>>().join(", ");
        parts.push(vec![span(format!("   split by {columns}"), theme.dim())]);
    }
    let (shown, all) = charts::counts(board, figure, body);
    if shown < all {
        parts.push(vec![span(format!("   {shown} of {all} charts"), theme.warn())]);
    }
    let left_out = figure.measures.iter().filter(|measure| !measure.is_shown).count();
    if left_out > 0 && board.alone.is_none() {
        parts.push(vec![span(format!("   {} not drawn", format::counted(left_out as u64, "column")), theme.dim())]);
    }
    fitting(parts, width)
}

fn at_axis(x: X, at: f64) -> String {
    match x {
        X::Epochs => format!("epoch {at:.2}"),
        X::Steps => format!("step {}", format::grouped(at.clamp(0.0, 1e15).round() as u64)),
        X::Time => format::clock(at),
    }
}

/// Returns what the letters of the curves stand for, in columns.
fn legend(board: &Board, figure: &Figure, width: u16, most: usize) -> Vec<Line<'static>> {
    let theme = board.theme;
    let entries = figure.lines.iter().filter_map(|line| {
        let label = &line.label;
        let style = if line.is_shown { line.look.style(theme) } else { theme.dim() };
        Some(span(format!("{} {label}{}", line.tag?, if line.is_shown { "" } else { " (hidden)" }), style))
    });
    let entries: Vec<Span> = entries.collect();
    let Some(widest) = entries.iter().map(|entry| entry.width() + 3).max() else { return Vec::new() };
    let columns = (usize::from(width) / widest).max(1);
    let shown = entries.len().min(columns * most.max(1));
    let mut lines: Vec<Line> = Vec::new();
    for row in entries[..shown].chunks(columns) {
        let padded = row.iter().map(|entry| span(padded(&entry.content, widest), entry.style));
        lines.push(Line::from(padded.collect::<Vec<_>>()));
    }
    let left = entries.len() - shown + figure.left_out;
    if let Some(last) = lines.last_mut().filter(|_| left > 0) {
        last.spans.push(span(format!("and {left} more"), theme.dim()));
    }
    lines
}

/// Returns what there is to know about the files, a row for each run.
fn notes(board: &Board, watch: &Watch, width: u16) -> Vec<Line<'static>> {
    let theme = board.theme;
    let all = watch.runs().iter().filter_map(|run| {
        let notes = run.notes();
        (!notes.is_empty()).then(|| format!("! {}: {}", cut_middle(&sanitized(&run.label), LABEL), notes.join("; ")))
    });
    let all: Vec<String> = all.collect();
    let shown = if all.len() > MAX_NOTES { MAX_NOTES - 1 } else { all.len() };
    let line = |text: &String| Line::styled(cut(&sanitized(text), usize::from(width)), theme.warn());
    let mut lines: Vec<Line> = all[..shown].iter().map(line).collect();
    if all.len() > shown {
        lines.push(Line::styled(
            format!("! and notes on {} more", format::counted((all.len() - shown) as u64, "run")),
            theme.warn(),
        ));
    }
    lines
}

/// Draws why there is no chart.
fn nothing(board: &Board, watch: &Watch, figure: &Figure, area: Rect, buffer: &mut Buffer) {
    let key = board.keymap.first_key(Action::Others);
    let roots: Vec<String> = watch.roots().iter().map(|root| root.display().to_string()).collect();
    let text = match (watch.runs().is_empty(), figure.measures.is_empty()) {
        (true, _) => format!(
            "no log in {} yet: it is searched for .csv, .tsv, .jsonl and .ndjson files, trainer_state.json and \
             TensorBoard's event files",
            roots.join(", ")
        ),
        (false, true) => "no row with numbers yet".into(),
        (false, false) => format!("no column is chosen: {key} lists them"),
    };
    let lines = wrap(&sanitized(&text), usize::from(area.width.saturating_sub(8)).max(1));
    let top = area.y + (area.height.saturating_sub(lines.len() as u16)) / 2;
    for (row, line) in
        rows(Rect { x: area.x + 4, y: top, width: area.width.saturating_sub(8), height: area.bottom() - top })
            .zip(lines)
    {
        put(buffer, row, &Line::styled(line, board.theme.dim()));
    }
}

/// Returns as many keys as fit, always with help and quit.
fn footer(board: &Board, room: u16) -> Buttons {
    let theme = board.theme;
    let shown = board.keymap.footer(board.context());
    let (last, first): (Vec<&Binding>, Vec<&Binding>) =
        shown.into_iter().partition(|binding| matches!(binding.action, Action::Help | Action::Quit));
    let label = |binding: &Binding| match binding.action {
        Action::LogScale if board.log_scale => "linear",
        Action::Zoom if board.late || board.window.is_some() => "whole run",
        _ => binding.label,
    };
    let columns = |binding: &&Binding| width(&binding.first_key()) + width(label(binding)) + 3;
    let mut left = usize::from(room).saturating_sub(last.iter().map(columns).sum());
    let fitting = first.into_iter().take_while(|binding| {
        let fits = columns(binding) <= left;
        left = left.saturating_sub(columns(binding));
        fits
    });
    let mut keys = Buttons::default();
    for binding in fitting.chain(last) {
        let label = format!(" {}  ", label(binding));
        keys.push(binding.action, vec![span(binding.first_key(), theme.accent()), span(label, theme.dim())]);
    }
    keys
}

fn help_body(board: &Board) -> (usize, usize) {
    (usize::from(board.size.0.saturating_sub(4)), usize::from(board.size.1.saturating_sub(6)))
}

/// Returns the number of lines of help, and of those visible at a time.
pub(super) fn help_lines(board: &Board) -> (usize, usize) {
    let (width, page) = help_body(board);
    (help_text(board, width).len(), page)
}

fn help_text(board: &Board, room: usize) -> Vec<Line<'static>> {
    let theme = board.theme;
    let mut lines = Vec::new();
    for binding in board.keymap.bindings().iter().filter(|binding| !binding.keys.is_empty()) {
        for (place, text) in wrap(binding.doc, room.saturating_sub(KEYS + 2).max(10)).into_iter().enumerate() {
            let names = if place == 0 { binding.key_names() } else { String::new() };
            lines.push(Line::from(vec![
                span(format!(" {}", padded(&names, KEYS.max(width(&names) + 1))), theme.accent()),
                span(text, theme.text()),
            ]));
        }
    }
    lines
}

fn help(board: &Board, scroll: usize, area: Rect, buffer: &mut Buffer) {
    let theme = board.theme;
    let lines = help_text(board, usize::from(area.width.saturating_sub(4)));
    let left = lines.len().saturating_sub(scroll + usize::from(area.height.saturating_sub(2)));
    let right = if left > 0 { vec![span(format!("↓ {left} more"), theme.accent())] } else { Vec::new() };
    let inner = panel(buffer, area, theme, vec![span("keys", theme.title())], right);
    for (row, line) in rows(inner).zip(lines.iter().skip(scroll)) {
        put(buffer, row, line);
    }
}
