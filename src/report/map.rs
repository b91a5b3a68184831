//! The heat map of a sweep: a cell for each configuration, with its accuracy in per cent.

use super::{
    bars::capital,
    font,
    picture::{Colour, Picture, Stroke, Text},
    style::{ALARM, Heading, INK, Key, MUTED, SMALL, TEXT, WHITE, legend, ramp},
    words,
};
use crate::{
    format::percent,
    sweep::survey::{Configuration, Factor, Survey},
};

/// Maximum number of rows and of columns.
pub(super) const MOST: usize = 60;
const MARGIN: f64 = 24.0;
const CELL: (f64, f64) = (46.0, 24.0);
/// Space between groups of rows or of columns.
const GROUP: f64 = 6.0;
const GAP: f64 = 12.0;
/// Lowest accuracy of each step of the scale.
const STEPS: [f64; 8] = [0.0, 0.5, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99];

/// Index of a configuration's value on each of some factors; `None` where it is unknown.
type Place = Vec<Option<usize>>;

/// The map's rows and columns.
pub(super) struct HeatMap<'a> {
    survey: &'a Survey,
    row_factors: Vec<Factor>,
    column_factors: Vec<Factor>,
    rows: Vec<Place>,
    columns: Vec<Place>,
}

impl<'a> HeatMap<'a> {
    /// Arranges the configurations: learning rates and batch sizes in columns, all other factors that vary in rows.
    pub(super) fn new(survey: &'a Survey) -> Self {
        let is_column = |factor: &Factor| [Factor::LEARNING_RATE, Factor::BATCH_SIZE].contains(factor);
        let (mut column_factors, mut row_factors): (Vec<_>, Vec<_>) =
            survey.varying().iter().copied().partition(is_column);
        if column_factors.is_empty() {
            column_factors.extend(row_factors.pop());
        } else if row_factors.is_empty() && column_factors.len() > 1 {
            row_factors.push(column_factors.remove(0));
        }
        let places = |factors: &[Factor]| {
            let mut places: Vec<Place> =
                survey.configurations().iter().map(|configuration| place(configuration, factors)).collect();
            places.sort();
            places.dedup();
            places
        };
        let (rows, columns) = (places(&row_factors), places(&column_factors));
        Self { survey, row_factors, column_factors, rows, columns }
    }

    /// Returns the number of rows and of columns.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.rows.len(), self.columns.len())
    }

    pub(super) fn draw(&self) -> Picture {
        let accuracy = words::accuracy(self.survey);
        let title = format!("{} in per cent by configuration", capital(accuracy));
        let heading = Heading { title, about: words::common(self.survey) };
        let labels: Vec<f64> = (0..self.row_factors.len()).map(|depth| self.label_width(depth)).collect();
        let corner = self.column_factors.iter().map(|factor| font::width(factor.name(), SMALL)).fold(0.0, f64::max);
        let left = MARGIN + labels.iter().sum::<f64>().max(corner + GAP);
        let (xs, right) = along(&self.columns, left, CELL.0);
        let width = (right + MARGIN).max(560.0);
        let mut picture = Picture::new(&heading.title, width, 100.0);
        let below = heading.draw(&mut picture, MARGIN);
        let below = legend(&mut picture, (MARGIN, below), width - 2.0 * MARGIN, &keys());
        let top = below + 18.0 * self.column_factors.len() as f64 + 14.0;
        let (ys, bottom) = along(&self.rows, top, CELL.1);
        self.heads(&mut picture, &xs, (left, top));
        self.labels(&mut picture, &ys, &labels, top);
        let best = self.survey.best();
        for configuration in self.survey.configurations() {
            let row = self.rows.binary_search(&place(configuration, &self.row_factors));
            let column = self.columns.binary_search(&place(configuration, &self.column_factors));
            let (Ok(row), Ok(column)) = (row, column) else { continue };
            let is_best = best.is_some_and(|best| std::ptr::eq(best, configuration));
            self.cell(&mut picture, configuration, (xs[column], ys[row]), is_best);
        }
        picture.height = (bottom + MARGIN).round();
        picture
    }

    /// Returns the width of the labels of a row factor, with a gap.
    fn label_width(&self, depth: usize) -> f64 {
        let factor = self.row_factors[depth];
        let values = self.survey.values(factor).iter().map(String::as_str).chain([factor.name()]);
        values.map(|value| font::width(value, TEXT)).fold(0.0, f64::max).min(150.0) + GAP
    }

    /// Draws the names of the column factors, and their values above the columns.
    fn heads(&self, picture: &mut Picture, xs: &[f64], (left, top): (f64, f64)) {
        for (depth, &factor) in self.column_factors.iter().enumerate() {
            let y = top - 8.0 - 18.0 * (self.column_factors.len() - 1 - depth) as f64;
            picture.text(Text::new(factor.name(), (left - GAP, y), SMALL, MUTED).end());
            let mut first = 0;
            while first < self.columns.len() {
                let group = &self.columns[first][..=depth];
                let count = self.columns[first..].iter().take_while(|column| column[..=depth] == *group).count();
                let middle = f64::midpoint(xs[first], xs[first + count - 1] + CELL.0);
                let label = font::clipped(self.survey.text(factor, group[depth]), TEXT, count as f64 * CELL.0 - 4.0);
                picture.text(Text::new(label, (middle, y), TEXT, INK).middle());
                first += count;
            }
        }
    }

    /// Draws the names of the row factors, and their values before the rows in which they change.
    fn labels(&self, picture: &mut Picture, ys: &[f64], widths: &[f64], top: f64) {
        let mut x = MARGIN;
        for (depth, &factor) in self.row_factors.iter().enumerate() {
            // The names of the column factors are in the last line of heads.
            if self.row_factors.len() > 1 && depth + 1 < self.row_factors.len() {
                picture.text(Text::new(factor.name(), (x, top - 8.0), SMALL, MUTED));
            }
            for (number, row) in self.rows.iter().enumerate() {
                if number == 0 || row[..=depth] != self.rows[number - 1][..=depth] {
                    let label = font::clipped(self.survey.text(factor, row[depth]), TEXT, widths[depth] - 4.0);
                    picture.text(Text::new(label, (x, ys[number] + CELL.1 / 2.0 + 4.0), TEXT, INK));
                }
            }
            x += widths[depth];
        }
    }

    fn cell(&self, picture: &mut Picture, configuration: &Configuration, (x, y): (f64, f64), is_best: bool) {
        let name = words::configuration(self.survey, configuration);
        let (text, ground, ink) = match configuration.accuracy() {
            Some(accuracy) => {
                let depth = depth(accuracy.mean);
                (percent(accuracy.mean, 1), ramp(depth), if depth > 0.7 { WHITE } else { INK })
            }
            None if configuration.diverged > 0 => ("div".into(), WHITE, ALARM),
            None => ("!".into(), WHITE, ALARM),
        };
        let result = configuration.accuracy().map_or(text.clone(), |accuracy| words::share(accuracy.mean));
        picture.rect(x + 1.0, y + 1.0, CELL.0 - 2.0, CELL.1 - 2.0, ground).tip(format!("{name}: {result}"));
        let text = Text::new(text, (x + CELL.0 / 2.0, y + CELL.1 / 2.0 + 4.0), TEXT, ink).middle();
        picture.text(if is_best { text.bold() } else { text });
        if is_best {
            let (right, bottom) = (x + CELL.0, y + CELL.1);
            let frame = Stroke::solid(INK, 2.0);
            for (from, to) in [
                ((x, y), (right, y)),
                ((right, y), (right, bottom)),
                ((right, bottom), (x, bottom)),
                ((x, bottom), (x, y)),
            ] {
                picture.line(from, to, frame);
            }
        }
    }
}

fn place(configuration: &Configuration, factors: &[Factor]) -> Place {
    factors.iter().map(|&factor| configuration.value(factor)).collect()
}

/// Returns where each row or column begins, and where the last one ends, with a gap between groups.
fn along(places: &[Place], from: f64, size: f64) -> (Vec<f64>, f64) {
    let outer = |place: &Place| place.split_last().map(|(_, outer)| outer.to_vec());
    let mut at = from;
    let mut begins = Vec::new();
    for (number, place) in places.iter().enumerate() {
        if number > 0 && outer(place) != outer(&places[number - 1]) {
            at += GROUP;
        }
        begins.push(at);
        at += size;
    }
    (begins, at)
}

/// Returns the depth of an accuracy's colour, 0 to 1. Most of the scale is for good results, which differ little.
fn depth(accuracy: f64) -> f64 {
    let step = STEPS.iter().rposition(|&lowest| accuracy >= lowest).unwrap_or(0);
    let next = STEPS.get(step + 1).copied().unwrap_or(1.0);
    let part = ((accuracy - STEPS[step]) / (next - STEPS[step])).clamp(0.0, 1.0);
    (step as f64 + part) / STEPS.len() as f64
}

fn keys() -> Vec<Key> {
    let steps = STEPS.iter().map(|&lowest| Key::Fill(key_colour(lowest), format!("{:.0}", lowest * 100.0)));
    [Key::Name("per cent, from".into())].into_iter().chain(steps).collect()
}

fn key_colour(lowest: f64) -> Colour {
    ramp(depth(lowest) + 0.5 / STEPS.len() as f64)
}
