//! The configurations of a sweep, arranged in rows and columns.

use std::collections::{HashMap, HashSet};

use crate::{
    format::grouped,
    sweep::{
        MethodRun, Pixels, Row, RunState, RunStatus,
        survey::{Factor, Survey, sort_by_size},
    },
    train::{Hyperparameter, Hyperparameters},
};

/// A factor and its values: numbers by size, names in order of appearance.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    pub factor: Factor,
    pub values: Vec<String>,
}

/// A configuration: runs that differ only in their seeds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    /// Index of its value on each of [`Board::axes`].
    pub values: Vec<usize>,
    /// Numbers of its runs in the snapshot; empty for a table.
    pub runs: Vec<usize>,
    /// Accuracies of the runs that are done.
    pub accuracies: Vec<f64>,
    /// Losses of the runs that are done.
    pub losses: Vec<f64>,
    /// Durations of all runs that have ended, in seconds.
    pub seconds: Vec<f64>,
    /// Progress of each running run, 0 to 1.
    pub running: Vec<f64>,
    pub waiting: usize,
    pub diverged: usize,
    pub failed: usize,
    pub dropped: usize,
}

/// What a cell shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CellState {
    /// Mean progress of the running runs, 0 to 1.
    Running(f64),
    /// Mean accuracy.
    Result(f64),
    Waiting,
    Diverged,
    Failed,
    Dropped,
}

impl Cell {
    pub fn state(&self) -> CellState {
        match self {
            _ if !self.running.is_empty() => CellState::Running(mean(&self.running)),
            _ if !self.accuracies.is_empty() => CellState::Result(mean(&self.accuracies)),
            _ if self.waiting > 0 => CellState::Waiting,
            _ if self.diverged > 0 => CellState::Diverged,
            _ if self.failed > 0 => CellState::Failed,
            _ => CellState::Dropped,
        }
    }

    /// Returns whether some of its runs have no result.
    pub fn is_partial(&self) -> bool {
        self.waiting + self.diverged + self.failed + self.dropped + self.running.len() > 0
    }

    /// Returns the number of its runs, in any state.
    pub fn run_count(&self) -> usize {
        self.accuracies.len() + self.running.len() + self.waiting + self.diverged + self.failed + self.dropped
    }

    /// Returns whether one of its runs has ended.
    pub fn has_ended(&self) -> bool {
        self.accuracies.len() + self.diverged + self.failed > 0
    }

    /// Returns the mean accuracy; -1 if no run has a result.
    pub fn mean_accuracy(&self) -> f64 {
        if self.accuracies.is_empty() { -1.0 } else { mean(&self.accuracies) }
    }

    fn clear(&mut self) {
        let (values, runs) = (std::mem::take(&mut self.values), std::mem::take(&mut self.runs));
        *self = Self { values, runs, ..Self::default() };
    }

    fn add(&mut self, run: &RunStatus) {
        match run {
            RunStatus::Waiting => self.waiting += 1,
            RunStatus::Dropped => self.dropped += 1,
            RunStatus::Running(progress) => self.running.push(progress.share),
            RunStatus::Ended(row) => {
                self.seconds.push(row.seconds);
                match (row.state, row.accuracy) {
                    (RunState::Done, Some(accuracy)) => {
                        self.accuracies.push(accuracy);
                        self.losses.extend(row.loss);
                    }
                    (RunState::Diverged, _) => self.diverged += 1,
                    (RunState::Done | RunState::Failed, _) => self.failed += 1,
                }
            }
        }
    }
}

/// Returns the mean; NaN if there are no numbers.
pub(crate) fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

/// The axes of the rows and of the columns, the outermost first, and the cells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    pub row_axes: Vec<usize>,
    pub column_axes: Vec<usize>,
    /// Indices of each row's values on `row_axes`.
    pub rows: Vec<Vec<usize>>,
    pub columns: Vec<Vec<usize>>,
    /// Cells, row by row; `None` if no run has these values.
    cells: Vec<Option<usize>>,
}

impl Layout {
    pub fn cell(&self, row: usize, column: usize) -> Option<usize> {
        self.cells.get(row * self.columns.len() + column).copied().flatten()
    }

    /// Returns the row and the column of a cell.
    pub fn place(&self, cell: usize) -> Option<(usize, usize)> {
        let place = self.cells.iter().position(|&each| each == Some(cell))?;
        Some((place / self.columns.len(), place % self.columns.len()))
    }
}

/// The axes of rows and of columns. Every second arrangement is the transpose of the one before.
const ARRANGEMENTS: [([Factor; 2], [Factor; 2]); 6] = {
    const A: Factor = Factor::ACTIVATION;
    const B: Factor = Factor::BATCH_SIZE;
    const L: Factor = Factor::LEARNING_RATE;
    const O: Factor = Factor::OPTIMIZER;
    [([A, O], [L, B]), ([L, B], [A, O]), ([A, L], [O, B]), ([O, B], [A, L]), ([O, L], [A, B]), ([A, B], [O, L])]
};

/// All configurations, and their arrangement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Board {
    /// Axes of the report's sweep, preceded by any other factors that vary.
    pub axes: Vec<Axis>,
    pub cells: Vec<Cell>,
    pub layout: Layout,
    /// Axes of rows and of columns, for each arrangement.
    arrangements: Vec<(Vec<usize>, Vec<usize>)>,
    /// Index of the current arrangement.
    arrangement: usize,
    /// Whether methods are compared: then the axes are networks and ways of training.
    pub is_of_methods: bool,
}

const NETWORK: Factor = Factor::Of(Hyperparameter::Network);

/// Returns the network, and the way it is trained: the images, or what is done to them.
fn method_labels(run: &MethodRun) -> Vec<String> {
    let training = match (run.pixels, run.train) {
        (Pixels::Permuted, _) => "permuted".to_owned(),
        (Pixels::InPlace, None) => "all".to_owned(),
        (Pixels::InPlace, Some(images)) => grouped(images),
    };
    vec![run.hyper.network.title().to_owned(), training]
}

/// Returns the place of a run among rows and among columns.
fn method_order(run: &MethodRun) -> [u64; 2] {
    let training = match (run.pixels, run.train) {
        (Pixels::InPlace, None) => 0,
        (Pixels::Permuted, _) => 1,
        (Pixels::InPlace, Some(images)) => 2 + u64::from(images),
    };
    [run.hyper.network as u64, training]
}

impl Board {
    /// Creates the board of a sweep's runs.
    pub fn of_runs(runs: &[(Hyperparameters, RunStatus)]) -> Self {
        let label = |hyper: &Hyperparameters, factor: &Factor| {
            factor.hyperparameter().map_or_else(String::new, |which| hyper.readable(which))
        };
        let varies = |factor: &Factor| {
            let mentions = |which| runs.iter().any(|(hyper, _)| hyper.mentions(which));
            if !factor.hyperparameter().is_some_and(mentions) {
                return false;
            }
            let mut labels = runs.iter().map(|(hyper, _)| label(hyper, factor));
            labels.next().is_some_and(|first| labels.any(|other| other != first))
        };
        let others = Factor::ALL.into_iter().filter(|factor| !Factor::SWEPT.contains(factor)).filter(varies);
        let factors: Vec<Factor> = others.chain(Factor::SWEPT).collect();
        let labels = runs.iter().map(|(hyper, _)| factors.iter().map(|factor| label(hyper, factor)).collect());
        let labels: Vec<Vec<String>> = labels.collect();
        let mut board = Self::new(factors, &labels);
        board.refresh(runs);
        board
    }

    /// Creates the board of a comparison of methods: a row for each network, a column for each way of training.
    pub fn of_methods(methods: &[MethodRun], runs: &[(Hyperparameters, RunStatus)]) -> Self {
        let mut labels: Vec<Vec<String>> = methods.iter().map(method_labels).collect();
        let mut known = HashSet::new();
        // Limits may leave the same images for several ways of training, which then differ in their epochs.
        if !methods.iter().zip(&labels).all(|(run, labels)| known.insert((labels.clone(), run.hyper.seed))) {
            labels.iter_mut().zip(methods).for_each(|(labels, run)| labels[1] += &format!(" {}e", run.hyper.epochs));
        }
        let axis = |(place, factor)| {
            let mut values: Vec<(u64, &String)> =
                methods.iter().zip(&labels).map(|(run, labels)| (method_order(run)[place], &labels[place])).collect();
            values.sort();
            values.dedup();
            Axis { factor, values: values.into_iter().map(|(_, label)| label.clone()).collect() }
        };
        let axes = [NETWORK, Factor::TrainingImages].into_iter().enumerate().map(axis).collect();
        let mut board = Self::with_axes(axes, &labels);
        (board.is_of_methods, board.arrangements) = (true, vec![(vec![0], vec![1]), (vec![1], vec![0])]);
        board.arrange(0);
        board.refresh(runs);
        board
    }

    /// Creates the board of a table of methods.
    pub fn of_method_rows(rows: &[Row]) -> Self {
        let in_place = |row: &&Row| row.pixels() == Some(Pixels::InPlace);
        let all = rows.iter().filter(in_place).map(|row| row.training_images).max();
        let method = |row: &Row| MethodRun {
            hyper: row.hyper.clone(),
            train: Some(row.training_images).filter(|images| all.is_some_and(|all| *images < all)),
            pixels: row.pixels().unwrap_or(Pixels::InPlace),
        };
        let methods: Vec<_> = rows.iter().map(method).collect();
        let runs: Vec<_> = rows.iter().map(|row| (row.hyper.clone(), RunStatus::Ended(row.clone()))).collect();
        Self::of_methods(&methods, &runs)
    }

    /// Creates the board of a table.
    pub fn of_table(survey: &Survey) -> Self {
        let others = survey.varying().iter().copied().filter(|factor| !Factor::SWEPT.contains(factor));
        let factors: Vec<Factor> = others.chain(Factor::SWEPT).collect();
        let labels = survey.configurations().iter().map(|configuration| {
            factors.iter().map(|&factor| survey.value(configuration, factor).to_owned()).collect()
        });
        let labels: Vec<Vec<String>> = labels.collect();
        let mut board = Self::new(factors, &labels);
        for cell in &mut board.cells {
            for number in std::mem::take(&mut cell.runs) {
                let configuration = &survey.configurations()[number];
                cell.accuracies.extend(&configuration.accuracies);
                cell.losses.extend(&configuration.losses);
                cell.seconds.extend(&configuration.seconds);
                cell.diverged += configuration.diverged;
                cell.failed += configuration.failed;
            }
        }
        board
    }

    /// Creates a cell for each distinct list of labels; `labels` has a list for each run, in the order of `factors`.
    fn new(factors: Vec<Factor>, labels: &[Vec<String>]) -> Self {
        let axis = |(place, factor)| Axis { factor, values: distinct(labels.iter().map(|labels| &labels[place])) };
        Self::with_axes(factors.into_iter().enumerate().map(axis).collect(), labels)
    }

    fn with_axes(axes: Vec<Axis>, labels: &[Vec<String>]) -> Self {
        let mut cells: Vec<Cell> = Vec::new();
        let mut known: HashMap<&[String], usize> = HashMap::new();
        for (number, labels) in labels.iter().enumerate() {
            let place = *known.entry(labels).or_insert_with(|| {
                let value = |(axis, label): (&Axis, &String)| axis.values.iter().position(|each| each == label);
                let values = axes.iter().zip(labels).filter_map(value).collect();
                cells.push(Cell { values, ..Cell::default() });
                cells.len() - 1
            });
            cells[place].runs.push(number);
        }
        let mut board = Self { arrangements: arrangements(&axes), axes, cells, ..Self::default() };
        let sides = |arrangement: &usize| {
            let layout = board.layout_of(*arrangement);
            layout.rows.len().max(layout.columns.len())
        };
        let squarest = (0..board.arrangements.len()).min_by_key(sides).unwrap_or(0);
        board.arrange(squarest);
        board
    }

    /// Updates the cells from the same runs.
    pub fn refresh(&mut self, runs: &[(Hyperparameters, RunStatus)]) {
        for cell in &mut self.cells {
            cell.clear();
            for number in cell.runs.clone() {
                cell.add(&runs[number].1);
            }
        }
    }

    /// Returns the index of the current arrangement.
    pub fn arrangement(&self) -> usize {
        self.arrangement
    }

    /// Returns the number of arrangements.
    pub fn arrangement_count(&self) -> usize {
        self.arrangements.len()
    }

    /// Takes an arrangement by its index, modulo their number.
    pub fn arrange(&mut self, arrangement: usize) {
        self.arrangement = arrangement % self.arrangement_count().max(1);
        self.layout = self.layout_of(self.arrangement);
    }

    fn layout_of(&self, arrangement: usize) -> Layout {
        let (row_axes, column_axes) = self.arrangements.get(arrangement).cloned().unwrap_or_default();
        let of = |cell: &Cell, axes: &[usize]| axes.iter().map(|&axis| cell.values[axis]).collect::<Vec<_>>();
        let sorted = |axes: &[usize]| {
            let mut all: Vec<_> = self.cells.iter().map(|cell| of(cell, axes)).collect();
            all.sort();
            all.dedup();
            all
        };
        let (rows, columns) = (sorted(&row_axes), sorted(&column_axes));
        let mut cells = vec![None; rows.len() * columns.len()];
        for (number, cell) in self.cells.iter().enumerate() {
            let place =
                rows.binary_search(&of(cell, &row_axes)).ok().zip(columns.binary_search(&of(cell, &column_axes)).ok());
            if let Some((row, column)) = place {
                cells[row * columns.len() + column] = Some(number);
            }
        }
        Layout { row_axes, column_axes, rows, columns, cells }
    }

    /// Returns the cell with these values: one label for each axis.
    pub fn find(&self, labels: &[&str]) -> Option<usize> {
        let value = |(axis, label): (&Axis, &&str)| axis.values.iter().position(|each| each == label);
        let values: Vec<usize> = self.axes.iter().zip(labels).map(value).collect::<Option<_>>()?;
        self.cells.iter().position(|cell| cell.values == values)
    }

    /// Returns the label of a cell's value.
    pub fn label(&self, cell: &Cell, factor: Factor) -> Option<&str> {
        let axis = self.axes.iter().position(|axis| axis.factor == factor)?;
        Some(&self.axes[axis].values[*cell.values.get(axis)?])
    }

    /// Returns the axes on which cells differ.
    pub fn varying(&self) -> impl Iterator<Item = &Axis> {
        self.axes.iter().filter(|axis| axis.values.len() > 1)
    }
}

fn distinct<'a>(labels: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for label in labels {
        if !values.contains(label) {
            values.push(label.clone());
        }
    }
    sort_by_size(&mut values);
    values
}

/// Returns those of [`ARRANGEMENTS`] that differ visibly, without axes of a single value. Factors that the report did
/// not sweep become rows.
fn arrangements(axes: &[Axis]) -> Vec<(Vec<usize>, Vec<usize>)> {
    let place = |factor: Factor| axes.iter().position(|axis| axis.factor == factor && axis.values.len() > 1);
    let others = axes.iter().filter(|axis| !Factor::SWEPT.contains(&axis.factor));
    let others: Vec<usize> = others.filter_map(|axis| place(axis.factor)).collect();
    let mut all: Vec<(Vec<usize>, Vec<usize>)> = Vec::new();
    for (rows, columns) in ARRANGEMENTS {
        let rows = others.iter().copied().chain(rows.into_iter().filter_map(place)).collect();
        let columns = columns.into_iter().filter_map(place).collect();
        let arrangement = (rows, columns);
        if !all.contains(&arrangement) {
            all.push(arrangement);
        }
    }
    all
}
