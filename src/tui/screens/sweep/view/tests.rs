//! The tests of the chosen network of a comparison of methods: its accuracy on disturbed images, and what it cost.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use crate::{
    format::grouped,
    sweep::{Measurements, TESTS, survey::Summary},
    tui::{
        format,
        screens::sweep::{
            state::{Pane, SweepScreen},
            view::map::grade_style,
        },
        session::Session,
        theme::Theme,
        widgets::{
            area::rows,
            panel::panel,
            text::{put, span},
        },
    },
};

/// Rows of the pane with its frame: a head and a line for each kind of test, and two lines below them.
pub(super) const HEIGHT: u16 = 16;
/// Columns of the kinds' names.
const NAME: usize = 8;
/// Columns of an accuracy with tenths of a percent.
const TENTHS: usize = 6;
/// Columns of an accuracy in whole percent.
const WHOLE: usize = 4;

/// A kind of test, such as `moved`, with its strengths and mean accuracies.
struct Kind {
    name: &'static str,
    results: Vec<(&'static str, f64)>,
}

pub(super) fn draw(sweep: &SweepScreen, session: &Session, area: Rect, buffer: &mut Buffer) {
    let theme = session.theme;
    let style = if sweep.pane == Pane::Effects { theme.accent() } else { theme.title() };
    let runs = sweep.cell().map_or(&[][..], |cell| &cell.runs);
    let all = session.sweep.measurements(runs);
    let what =
        if all.len() > 1 { format!(" accuracy in %, mean of {} runs", all.len()) } else { " accuracy in %".into() };
    let title = vec![span("tests", style), span(what, theme.dim())];
    let inner = panel(buffer, area, theme, title, Vec::new());
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let kinds = kinds(&all);
    let mut lines = Vec::new();
    if all.is_empty() {
        lines.push(Line::styled("it is tested once it is trained", theme.dim()));
    } else if kinds.is_empty() {
        lines.push(Line::styled("trained with permuted pixels: not tested further", theme.dim()));
    }
    let widest = kinds.iter().map(|kind| kind.results.len()).max().unwrap_or(0);
    let room = usize::from(inside.width).saturating_sub(NAME);
    let column = if widest * TENTHS <= room { TENTHS } else { WHOLE };
    let has_heads = usize::from(inside.height) >= 2 * kinds.len();
    for kind in &kinds {
        lines.extend(kind.lines(theme, column, has_heads));
    }
    lines.extend(cost(theme, &all));
    for (row, line) in rows(inside).zip(lines) {
        put(buffer, row, &line);
    }
}

/// Returns the tests that apply, by kind.
fn kinds(all: &[&Measurements]) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    for test in TESTS {
        let accuracies: Vec<f64> = all.iter().filter_map(|measurements| measurements.test(test)).collect();
        let (Some((name, strength)), Some(accuracy)) = (test.split_once(' '), Summary::of(&accuracies)) else {
            continue;
        };
        match kinds.last_mut().filter(|kind| kind.name == name) {
            Some(kind) => kind.results.push((strength, accuracy.mean)),
            None => kinds.push(Kind { name, results: vec![(strength, accuracy.mean)] }),
        }
    }
    kinds
}

impl Kind {
    /// Returns the accuracies in a line, below their strengths if `has_heads`.
    fn lines(&self, theme: Theme, column: usize, has_heads: bool) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        let mut name = format!("{:<NAME$}", self.name);
        if has_heads {
            let strengths = self.results.iter().map(|(strength, _)| format!("{strength:>column$}"));
            lines.push(Line::styled(name + &strengths.collect::<String>(), theme.dim()));
            name = " ".repeat(NAME);
        }
        let cell = |&(_, accuracy): &(&str, f64)| {
            let text = format::percent(accuracy, usize::from(column == TENTHS));
            [Span::raw(" "), span(format!("{text:>width$}", width = column - 1), grade_style(theme, accuracy))]
        };
        let name = span(name, theme.dim());
        lines.push(Line::from_iter([name].into_iter().chain(self.results.iter().flat_map(cell))));
        lines
    }
}

/// Returns what the training cost, and how far back a recurrent network's gradient reaches.
fn cost(theme: Theme, all: &[&Measurements]) -> Vec<Line<'static>> {
    let Some(first) = all.first() else { return Vec::new() };
    let speeds: Vec<f64> = all.iter().filter_map(|each| each.images_per_second).collect();
    let speed = Summary::of(&speeds).map_or_else(|| "-".to_owned(), |speed| grouped(speed.mean.round() as u64));
    let learned: Vec<f64> = all.iter().filter_map(|each| each.epochs_to_98).map(f64::from).collect();
    let learned = match Summary::of(&learned) {
        Some(epochs) if epochs.count == all.len() => {
            format!("98 % after {} epochs", format!("{:.1}", epochs.mean).trim_end_matches(".0"))
        }
        _ => "98 % not reached".to_owned(),
    };
    let parameters = grouped(first.parameters);
    let mut lines = vec![Line::styled(format!("{speed} images/s  {learned}  {parameters} parameters"), theme.text())];
    let steps = &first.gradient_by_step;
    if let (Some(start), Some(end)) = (steps.first(), steps.last()) {
        let text = format!("gradient {start:.1e} at the first row, {end:.1e} at the last");
        lines.push(Line::styled(text, Style::from(theme.dim())));
    }
    lines
}
