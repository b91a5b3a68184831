//! The list of runs.

use ratatui::{
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use crate::{
    format::{cut, cut_start, padded, sanitized, width},
    tui::{
        format,
        screens::runs::{
            order::Row,
            state::{RunsScreen, letter},
            update::{is_here, state_in_background, state_name},
            view::parts::{IN_BACKGROUND, IN_USE, look},
        },
        session::{
            Session,
            library::{
                run::{Contents, NO_CHECKPOINT, SavedRun},
                widths::{data, epochs, short},
            },
        },
        widgets::{
            area::rows,
            chart::Look,
            surface::{Surface, Target},
            text::{fitting, put, span},
        },
    },
};

/// Columns of the cursor, a mark and a gap.
const MARGIN: usize = 3;
/// Columns of a run's letter on the chart and a gap.
const LETTER: usize = 2;
const ACCURACY: usize = 6;
/// Columns to which a run's name is cut before another column is left out.
const SHORTEST_NAME: usize = 9;

pub(super) fn title(runs: &RunsScreen, session: &Session) -> Vec<Span<'static>> {
    let theme = session.theme;
    let listed = runs.rows().iter().filter(|row| !matches!(row, Row::Damaged(..))).count() as u64;
    let mut title = vec![span("runs", theme.title()), span(format!(" {}", format::grouped(listed)), theme.dim())];
    if !runs.filter.is_empty() {
        let all = session.library.runs().iter().filter(|run| run.newest().is_some() || run.is_begun()).count() as u64;
        title.push(span(format!(" of {} with ", format::grouped(all)), theme.dim()));
        title.push(span(runs.filter.clone(), theme.accent()));
    }
    title
}

/// The widths of the columns; a column of 0 is left out.
#[derive(Clone, Copy, Default)]
struct Columns {
    /// Columns before the name.
    margin: usize,
    name: usize,
    data: usize,
    parameters: usize,
    /// Whether all parameters are listed, not only the most important ones.
    full: bool,
    epochs: usize,
    saved: usize,
}

impl Columns {
    fn of(session: &Session, margin: usize, width: usize) -> Self {
        let widths = session.library.widths();
        let mut columns = Self {
            margin,
            name: widths.name.max(3),
            data: widths.data.max(4),
            parameters: widths.parameters.max(10),
            full: true,
            epochs: widths.epochs.max(6),
            saved: widest_age(session).max(5),
        };
        let name = columns.name;
        if columns.others() + name <= width {
            return columns;
        }
        columns.full = false;
        columns.parameters = widths.short_parameters.max(10);
        // In little room the name is cut, then the least useful columns are left out.
        for drop in 0..4 {
            match drop {
                1 => columns.saved = 0,
                2 => columns.parameters = 0,
                3 => columns.data = 0,
                _ => {}
            }
            let room = width.saturating_sub(columns.others());
            columns.name = name.min(room).max(3);
            if room >= name.min(SHORTEST_NAME) {
                break;
            }
        }
        columns
    }

    /// Returns the width of all columns but the name, with a gap before each.
    fn others(&self) -> usize {
        let gap = |width: usize| if width > 0 { width + 1 } else { 0 };
        self.margin + gap(self.data) + gap(self.parameters) + gap(self.epochs) + 2 * (ACCURACY + 1) + gap(self.saved)
    }

    fn line(&self, cells: [(String, Style); 7]) -> Vec<Span<'static>> {
        let [name, data, parameters, epochs, best, last, saved] = cells;
        let mut spans = vec![span(padded(&name.0, self.name), name.1)];
        for ((text, style), width) in [(data, self.data), (parameters, self.parameters)] {
            spans.push(span(if width > 0 { format!(" {}", padded(&text, width)) } else { String::new() }, style));
        }
        for ((text, style), width) in [(epochs, self.epochs), (best, ACCURACY), (last, ACCURACY), (saved, self.saved)] {
            spans.push(span(if width > 0 { format!(" {text:>width$}") } else { String::new() }, style));
        }
        spans
    }
}

/// Draws the list; `plotted` are the places of the runs on the chart, which have letters.
pub(super) fn draw(runs: &RunsScreen, session: &Session, plotted: &[usize], area: Rect, surface: &mut Surface) {
    let theme = session.theme;
    let margin = if plotted.is_empty() { MARGIN } else { MARGIN + LETTER };
    let columns = Columns::of(session, margin, usize::from(area.width.saturating_sub(1)));
    let mut all = rows(area);
    let Some(head) = all.next() else { return };
    let heads = ["run", "data", "parameters", "epochs", "best", "last", "saved"];
    let mut spans = vec![Span::raw(" ".repeat(margin))];
    spans.extend(columns.line(heads.map(|head| (head.to_owned(), theme.dim()))));
    put(surface, head, &Line::from(spans));
    let all_runs = session.library.runs();
    let first = first_listed(runs, page(area));
    for (row, (place, &entry)) in all.zip(runs.rows().iter().enumerate().skip(first)) {
        let chosen = place == runs.place;
        let line = match entry {
            Row::Run(run) => {
                let place = plotted.contains(&place).then_some(place);
                run_line(session, &all_runs[run], place, chosen, &columns)
            }
            Row::Begun(run) => begun(session, &all_runs[run], chosen, row.width),
            Row::Damaged(run, file) => {
                damaged(session, &all_runs[run], file, chosen, usize::from(row.width).saturating_sub(MARGIN))
            }
        };
        put(surface, row, &line);
        surface.target(row, Target::Row(place));
    }
}

/// Returns the number of rows of the list, below its head.
pub(super) fn page(area: Rect) -> usize {
    usize::from(area.height.saturating_sub(1)).max(1)
}

/// Returns the place of the first visible row.
pub(super) fn first_listed(runs: &RunsScreen, page: usize) -> usize {
    runs.place / page * page
}

fn margin(session: &Session, run: &SavedRun, chosen: bool) -> Vec<Span<'static>> {
    let theme = session.theme;
    let (mark, style) = if session.library.marked.contains(&run.path) {
        ("◆", theme.accent())
    } else if is_here(session, run) {
        ("●", theme.good())
    } else if run.background().is_some() {
        (IN_BACKGROUND, theme.good())
    } else if run.holder().is_some() {
        (IN_USE, theme.warn())
    } else {
        (" ", theme.text())
    };
    vec![span(if chosen { "▸" } else { " " }, theme.accent()), span(mark, style), Span::raw(" ")]
}

/// Returns the line of a run; `place` is its row, if it is on the chart.
fn run_line(session: &Session, run: &SavedRun, place: Option<usize>, chosen: bool, columns: &Columns) -> Line<'static> {
    let theme = session.theme;
    let mut spans = margin(session, run, chosen);
    if columns.margin > MARGIN {
        let tag = place.map_or_else(|| "  ".into(), |place| format!("{} ", letter(place)));
        let look = place.map_or(Look::Test, |place| look(place, chosen));
        spans.push(span(tag, look.style(theme).patch(theme.bold())));
    }
    let Some(contents) = run.newest() else { return Line::from(spans) };
    let parameters = if columns.full {
        format::hyperparameters(&contents.spec.hyper, contents.learning_rate)
    } else {
        short(&contents.spec.hyper, contents.learning_rate)
    };
    let accuracy = |record: Option<f64>| record.map_or_else(|| "-".into(), format::share);
    let best = accuracy(contents.best_epoch().map(|best| best.test_accuracy));
    let last = accuracy(contents.last().map(|last| last.test_accuracy));
    let live = state_in_background(session, run);
    let last = live.and_then(|state| state.test_accuracy).map_or(last, format::share);
    let (epochs, saved) = match live {
        Some(state) => (format!("{}/{}", state.epoch, state.epochs), state_name(state).into()),
        None => (epochs(contents), saved(contents, session.now)),
    };
    let saved_style = if live.is_some() { theme.good() } else { theme.dim() };
    spans.extend(columns.line([
        (cut_name(&sanitized(&run.short_name()), columns.name), if chosen { theme.accent() } else { theme.text() }),
        (data(contents), if contents.is_synthetic() { theme.warn() } else { theme.text() }),
        (parameters, theme.text()),
        (epochs, if contents.is_finished() { theme.good() } else { theme.text() }),
        (best, theme.test().patch(theme.bold())),
        (last, theme.test()),
        (saved, saved_style),
    ]));
    Line::from(spans)
}

/// Returns the line of a run without a checkpoint: `RUN  no checkpoint yet  training, epoch 1 of 10`.
fn begun(session: &Session, run: &SavedRun, chosen: bool, width: u16) -> Line<'static> {
    let theme = session.theme;
    let name = span(sanitized(&run.name), if chosen { theme.accent() } else { theme.text() });
    let mut parts = vec![margin(session, run, chosen), vec![name]];
    parts.push(vec![span(format!("  {NO_CHECKPOINT}"), theme.dim())]);
    if let Some(state) = state_in_background(session, run) {
        let epochs = format!("  {}, epoch {} of {}", state_name(state), state.epoch, state.epochs);
        parts.push(vec![span(epochs, theme.good())]);
    }
    fitting(parts, width)
}

fn damaged(session: &Session, run: &SavedRun, file: usize, chosen: bool, room: usize) -> Line<'static> {
    let theme = session.theme;
    let entry = &run.files[file];
    let mut spans = margin(session, run, chosen);
    let what = cut(&sanitized(&format!("{}/{}", run.name, entry.name)), room * 2 / 5);
    let reason = entry.contents.as_ref().err().map_or_else(String::new, |reason| sanitized(reason));
    let reason = cut(&reason, room.saturating_sub(width(&what) + 11));
    spans.push(span("damaged  ", theme.bad()));
    spans.push(span(what, if chosen { theme.accent() } else { theme.text() }));
    spans.push(span(format!("  {reason}"), theme.bad()));
    Line::from(spans)
}

/// Cuts a name. The end of a date is more useful than its beginning.
pub(super) fn cut_name(text: &str, room: usize) -> String {
    if width(text) <= room || !text.starts_with(|char: char| char.is_ascii_digit()) {
        return cut(text, room);
    }
    cut_start(text, room)
}

/// Returns how long ago the run was saved, without the word `ago`, or the day.
fn saved(contents: &Contents, now: u64) -> String {
    format::ago(contents.saved_at, now).trim_end_matches(" ago").to_owned()
}

/// Returns the largest width of the last column, without formatting ages in every frame.
fn widest_age(session: &Session) -> usize {
    let runs = session.library.runs().iter();
    let widths = runs.filter_map(|run| match state_in_background(session, run) {
        Some(state) => Some(state_name(state).len()),
        None => Some(format::ago_width(run.newest()?.saved_at, session.now)),
    });
    widths.max().unwrap_or(0)
}
