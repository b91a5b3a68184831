//! What is drawn: one chart per measure, with one curve per run and set of images.

use std::{collections::BTreeSet, path::PathBuf};

use crate::{
    train::Place,
    tui::{
        axis_unit::X,
        session::series::{Point, smoothed},
        widgets::chart::Look,
    },
    watch::{Bin, Column, Set, Watch, is_usual, rank},
};

use super::Board;

/// Number of charts of measures whose names are not usual, if there are no others.
const UNUSUAL: usize = 4;
/// Number of points up to which each has a mark.
const MARKED: usize = 60;
/// Maximum number of curves in a chart: as many as letters can distinguish.
const MAX_LINES: usize = 26;

/// Curves of a run on one set of images, one in each chart.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub path: PathBuf,
    run: usize,
    pub set: Set,
    /// Letter at the ends of its curves and in the legend; `None` if colours suffice.
    pub tag: Option<char>,
    pub label: String,
    pub look: Look,
    pub is_shown: bool,
}

/// A measure, with the columns that have it.
#[derive(Clone, Debug)]
pub(super) struct Measure<'a> {
    pub name: String,
    pub is_shown: bool,
    /// Columns, with the indices of their lines.
    pub columns: Vec<(usize, &'a Column)>,
}

impl Measure<'_> {
    /// Returns the number of values in all its columns.
    pub(super) fn count(&self) -> u64 {
        self.columns.iter().map(|(_, column)| column.series.count()).sum()
    }
}

/// All lines and measures.
#[derive(Clone, Debug)]
pub(super) struct Figure<'a> {
    pub lines: Vec<Line>,
    /// Number of lines that are left out.
    pub left_out: usize,
    pub measures: Vec<Measure<'a>>,
    pub x: X,
}

impl<'a> Figure<'a> {
    pub(super) fn new(board: &Board, watch: &'a Watch) -> Self {
        let (lines, left_out) = lines(board, watch);
        let measures = measures(board, watch, &lines);
        let mut figure = Self { lines, left_out, measures, x: X::Epochs };
        figure.x = board.x.unwrap_or_else(|| figure.usual_axis());
        figure
    }

    /// Returns the measures that have a chart.
    pub(super) fn charts(&self, board: &Board) -> Vec<&Measure<'a>> {
        let shown = self.measures.iter().filter(|measure| measure.is_shown);
        match &board.alone {
            Some(alone) => self.measures.iter().filter(|measure| measure.name == *alone).collect(),
            None => shown.collect(),
        }
    }

    /// Returns the columns of a chart that are drawn, with their lines.
    pub(super) fn drawn<'b>(&'b self, measure: &'b Measure<'a>) -> impl Iterator<Item = (&'b Line, &'a Column)> {
        let columns = measure.columns.iter().map(|&(line, column)| (&self.lines[line], column));
        columns.filter(|(line, _)| line.is_shown)
    }

    /// Returns every bin that is drawn.
    fn bins(&self, board: &Board) -> impl Iterator<Item = &'a Bin> {
        let charts = self.charts(board);
        let columns: Vec<&Column> =
            charts.iter().flat_map(|measure| self.drawn(measure).map(|(_, column)| column)).collect();
        columns.into_iter().flat_map(|column| column.series.bins())
    }

    /// Returns the axis on which most points have a place.
    fn usual_axis(&self) -> X {
        let columns = self.measures.iter().filter(|measure| measure.is_shown).flat_map(|measure| &measure.columns);
        let places: Vec<Place> =
            columns.filter_map(|(_, column)| column.series.bins().last()).map(|bin| bin.place).collect();
        let count = |x: X| places.iter().filter(|place| place.on(x).is_finite()).count();
        // Of equally good ones the last.
        [X::Epochs, X::Steps].into_iter().max_by_key(|&x| count(x)).unwrap_or_default()
    }

    /// Returns the first and the last place of what is drawn.
    pub(super) fn whole(&self, board: &Board) -> (f64, f64) {
        let places = self.bins(board).map(|bin| bin.place.on(self.x)).filter(|at| at.is_finite());
        let (low, high) =
            places.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), at| (low.min(at), high.max(at)));
        match high - low {
            span if span > 0.0 => (low, high),
            0.0 => (low, low + 1.0),
            _ => (0.0, 1.0),
        }
    }

    /// Returns the part of the axis that is shown.
    pub(super) fn range(&self, board: &Board) -> (f64, f64) {
        let (low, high) = self.whole(board);
        let late = board.late.then(|| (f64::midpoint(low, high), high));
        board.window.or(late).unwrap_or((low, high))
    }

    /// Returns the places at which something was measured, in order.
    pub(super) fn stops(&self, board: &Board) -> Vec<f64> {
        let mut stops: Vec<f64> =
            self.bins(board).map(|bin| bin.place.on(self.x)).filter(|at| at.is_finite()).collect();
        stops.sort_by(f64::total_cmp);
        stops.dedup();
        stops
    }

    /// Returns the points of a column, smoothed over a part of the whole axis.
    pub(super) fn smoothed(&self, column: &Column, whole: (f64, f64), over: f64) -> Vec<(f64, f64)> {
        let points = column.series.bins().iter().filter_map(|bin| {
            let at = bin.place.on(self.x);
            let place = Place { epochs: (at - whole.0) / (whole.1 - whole.0), steps: at, seconds: f64::NAN };
            at.is_finite().then_some(Point { place, value: bin.mean, weight: bin.values as f64 })
        });
        let points: Vec<Point> = points.collect();
        smoothed(&points, over).iter().map(|point| (point.place.steps, point.value)).collect()
    }

    /// Returns the measured values of a column: of merged ones the lowest and the highest.
    pub(super) fn raw(&self, column: &Column) -> Vec<(f64, f64)> {
        let ends = |bin: &Bin| {
            let at = bin.place.on(self.x);
            if bin.values > 1 { vec![(at, bin.low), (at, bin.high)] } else { vec![(at, bin.mean)] }
        };
        column.series.bins().iter().flat_map(ends).collect()
    }
}

/// Returns the lines, and the number of those that are left out.
fn lines(board: &Board, watch: &Watch) -> (Vec<Line>, usize) {
    let mut all: Vec<(usize, Set)> = Vec::new();
    for (index, run) in watch.runs().iter().enumerate() {
        let sets: BTreeSet<Set> = run.columns().iter().map(|column| column.set).collect();
        all.extend(sets.into_iter().map(|set| (index, set)));
    }
    let left_out = all.len().saturating_sub(MAX_LINES);
    all.truncate(MAX_LINES);
    let are_few = all.len() <= 2;
    let lines = all.iter().enumerate().map(|(place, &(index, set))| {
        let run = &watch.runs()[index];
        let has_sets = all.iter().filter(|(other, _)| *other == index).count() > 1;
        let label = match (watch.runs().len() > 1, has_sets) {
            (true, true) => format!("{} {}", run.label, set.name()),
            (true, false) => run.label.clone(),
            (false, _) => set.name().to_owned(),
        };
        let look = match (are_few, place) {
            (true, 0) => Look::Train,
            (true, _) => Look::Test,
            (false, place) => Look::Run(place as u8),
        };
        let tag = (!are_few).then(|| char::from(b'a' + place as u8));
        let is_shown = !board.hidden.contains(&(run.path.clone(), set));
        Line { path: run.path.clone(), run: index, set, tag, label, look, is_shown }
    });
    (lines.collect(), left_out)
}

/// Returns every measure: the usual ones first, and these shown unless the user chose otherwise.
fn measures<'a>(board: &Board, watch: &'a Watch, lines: &[Line]) -> Vec<Measure<'a>> {
    let mut measures: Vec<Measure> = Vec::new();
    for (index, run) in watch.runs().iter().enumerate() {
        for column in run.columns() {
            let Some(line) = lines.iter().position(|line| (line.run, line.set) == (index, column.set)) else {
                continue;
            };
            match measures.iter_mut().find(|measure| measure.name == column.metric) {
                Some(measure) => measure.columns.push((line, column)),
                None => measures.push(Measure {
                    name: column.metric.clone(),
                    is_shown: false,
                    columns: vec![(line, column)],
                }),
            }
        }
    }
    measures.sort_by_key(|measure| rank(&measure.name).unwrap_or(usize::MAX));
    let any_usual = measures.iter().any(|measure| is_usual(&measure.name));
    let any_like = measures.iter().any(|measure| rank(&measure.name).is_some());
    for (place, measure) in measures.iter_mut().enumerate() {
        let is_drawn = match (any_usual, any_like) {
            (true, _) => is_usual(&measure.name),
            (false, true) => rank(&measure.name).is_some(),
            (false, false) => place < UNUSUAL,
        };
        measure.is_shown = board.chosen.get(&measure.name).copied().unwrap_or(is_drawn);
    }
    measures
}

/// Returns the look of a line that has this many points: few are marked.
pub(super) fn look_of(look: Look, points: usize) -> Look {
    if look == Look::Test && points > MARKED { Look::TestLine } else { look }
}
