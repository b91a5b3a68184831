//! The tests of the chosen network of a comparison of methods: its accuracy on disturbed images, and what it cost.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
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
/// Columns of the kinds' names with the first and the last strength.
const NAME_AND_RANGE: usize = 16;
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
    let width = usize::from(inside.width);
    let has_heads = usize::from(inside.height) >= 2 * kinds.len();
    let name = if has_heads || width < NAME_AND_RANGE + widest * WHOLE { NAME } else { NAME_AND_RANGE };
    let column = if name + widest * TENTHS <= width { TENTHS } else { WHOLE };
    for kind in &kinds {
        lines.extend(kind.lines(theme, name, column, has_heads));
    }
    lines.extend(cost(theme, &all, width));
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
    /// Returns the accuracies in a line, after a name of `width` columns, and below their strengths if `has_heads`.
    fn lines(&self, theme: Theme, width: usize, column: usize, has_heads: bool) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        let mut name = match (self.results.first(), self.results.last()) {
            (Some((first, _)), Some((last, _))) if width == NAME_AND_RANGE => format!("{} {first}-{last}", self.name),
            _ => self.name.to_owned(),
        };
        name = format!("{name:<width$}");
        if has_heads {
            let strengths = self.results.iter().map(|(strength, _)| format!("{strength:>column$}"));
            lines.push(Line::styled(name + &strengths.collect::<String>(), theme.dim()));
            name = " ".repeat(width);
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

/// Returns what the training cost, as far as it fits, and how far back a recurrent network's gradient reaches.
fn cost(theme: Theme, all: &[&Measurements], width: usize) -> Vec<Line<'static>> {
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
    let mut text = format!("{speed} images/s");
    for part in [learned, format!("{} parameters", grouped(first.parameters))] {
        if text.len() + 2 + part.len() <= width {
            text += &format!("  {part}");
        }
    }
    let mut lines = vec![Line::styled(text, theme.text())];
    let steps = &first.gradient_by_step;
    if let (Some(start), Some(end)) = (steps.first(), steps.last()) {
        let text = format!("gradient {start:.1e} at the first row, {end:.1e} at the last");
        lines.push(Line::styled(text, theme.dim()));
    }
    lines
}
