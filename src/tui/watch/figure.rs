//! What is drawn: one chart per measure, with one curve per run and set of images.

use std::{collections::BTreeSet, path::PathBuf};

use crate::{
    format::{sanitized, shortened},
    train::Place,
    tui::{
        axis_unit::X,
        session::series::{Point, smoothed},
        widgets::chart::{Look, window::Window},
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

/// What identifies a line: the file, the run in it, and the set of images.
pub(super) type LineKey = (PathBuf, String, Set);

/// Longest label, in columns.
const LABEL: usize = 40;
/// Columns of the name of a set behind a label.
const SET: usize = 11;

/// Curves of a run on one set of images, one in each chart.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub key: LineKey,
    /// Indices of the file and of the run in it.
    run: (usize, usize),
    set: Set,
    /// Letter at the ends of its curves and in the legend; `None` if colours suffice.
    pub tag: Option<char>,
    pub label: String,
    /// The label before it was shortened.
    pub full_label: String,
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

    /// Returns that part with the columns it takes.
    pub(super) fn window(&self, board: &Board) -> Window {
        let (low, high) = self.range(board);
        Window { low, high, columns: board.size.0, whole: self.whole(board) }
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
    let mut all: Vec<((usize, usize), Set)> = Vec::new();
    for (file, run) in watch.runs().iter().enumerate() {
        for (place, curves) in run.curves().iter().enumerate() {
            let sets: BTreeSet<Set> = curves.columns.iter().map(|column| column.set).collect();
            all.extend(sets.into_iter().map(|set| ((file, place), set)));
        }
    }
    let left_out = all.len().saturating_sub(MAX_LINES);
    all.truncate(MAX_LINES);
    let are_few = all.len() <= 2;
    let has_sets = |run: (usize, usize)| all.iter().filter(|(other, _)| *other == run).count() > 1;
    let full: Vec<String> = all.iter().map(|&(run, _)| name(watch, run)).collect();
    let room = LABEL.min(usize::from(board.size.0).saturating_sub(6));
    let short =
        shortened(&full, if all.iter().any(|&(run, _)| has_sets(run)) { room.saturating_sub(SET) } else { room });
    let lines = all.iter().enumerate().map(|(place, &(run, set))| {
        let label = |name: &str| match (name.is_empty(), has_sets(run)) {
            (true, _) => set.name().to_owned(),
            (false, true) => format!("{name} {}", set.name()),
            (false, false) => name.to_owned(),
        };
        let look = match (are_few, place) {
            (true, 0) => Look::Train,
            (true, _) => Look::Test,
            (false, place) => Look::Run(place as u8),
        };
        let tag = (!are_few).then(|| char::from(b'a' + place as u8));
        let file = &watch.runs()[run.0];
        let key = (file.path.clone(), file.curves()[run.1].name.clone(), set);
        let is_shown = !board.hidden.contains(&key);
        Line { key, run, set, tag, label: label(&short[place]), full_label: label(&full[place]), look, is_shown }
    });
    (lines.collect(), left_out)
}

/// Returns what distinguishes a run from the others: its file, its name in the file, both, or nothing.
fn name(watch: &Watch, (file, place): (usize, usize)) -> String {
    let run = &watch.runs()[file];
    let own = run.split().map(|_| match run.curves()[place].name.as_str() {
        "" => "without a name",
        name => name,
    });
    match (watch.runs().len() > 1, own) {
        (true, Some(own)) => format!("{} {}", sanitized(&run.label), sanitized(own)),
        (true, None) => sanitized(&run.label),
        (false, own) => sanitized(own.unwrap_or_default()),
    }
}

/// Returns every measure: the usual ones first, and these shown unless the user chose otherwise.
fn measures<'a>(board: &Board, watch: &'a Watch, lines: &[Line]) -> Vec<Measure<'a>> {
    let mut measures: Vec<Measure> = Vec::new();
    let curves =
        watch.runs().iter().enumerate().flat_map(|(file, run)| {
            run.curves().iter().enumerate().map(move |(place, curves)| ((file, place), curves))
        });
    for (run, curves) in curves {
        for column in &curves.columns {
            let Some(line) = lines.iter().position(|line| (line.run, line.set) == (run, column.set)) else { continue };
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
