//! What the Sweep screen knows: a sweep that this program trains, or the table of another.

mod act;
mod board;
mod course;

use std::path::PathBuf;

pub(super) use act::{
    accept_stop, ask_to_stop, drop_or_restore, go, make_way, open, pause_or_resume, take, take_table,
};
pub use board::{Axis, Board, Cell, Layout, Standing, mean};
pub use course::{Course, Point};

use self::course::Courses;
use crate::{
    choice::choice,
    sweep::{
        Run, Snapshot,
        survey::{Observation, Reading, Survey},
    },
    train::{Hyperparameters, Images, Limits},
};

/// A sweep of this program.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweeping {
    pub limits: Limits,
    pub images: Images,
    /// The table.
    pub out: PathBuf,
}

/// What was found where a table was looked for; `Ok(None)` is that there is none.
pub type TableRead = Result<Option<Table>, String>;

/// A sweep's CSV.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub path: PathBuf,
    pub reading: Reading,
}

choice! {
    /// Where the keys go on the Sweep screen, and what is shown where not all have room.
    #[derive(Default)]
    Pane {
        #[default]
        Map = "map",
        Rank = "rank",
        Effects = "effects",
    }
}

/// Everything the Sweep screen shows.
#[derive(Debug, Default)]
pub struct Watch {
    /// `None`: a table is looked at.
    pub sweeping: Option<Sweeping>,
    /// As the sweep stood last.
    pub snapshot: Option<Snapshot>,
    /// None of the sweep's threads is at work any more.
    pub gone: bool,
    /// Asked for and not yet seen: `true` is pause.
    pub pausing: Option<bool>,
    /// `None` until it was looked for once.
    pub table: Option<TableRead>,
    pub board: Board,
    pub survey: Option<Survey>,
    /// Cells in the order of [`Survey::ranking`], those without an accuracy last.
    pub rank: Vec<usize>,
    /// The cell that is looked at.
    pub chosen: usize,
    /// The cursor goes along with what is being trained.
    pub follows: bool,
    pub pane: Pane,
    courses: Courses,
    /// Rows that the survey has.
    surveyed: usize,
}

impl Watch {
    /// Of a sweep that begins.
    pub fn of(sweeping: Sweeping) -> Self {
        Self { sweeping: Some(sweeping), follows: true, ..Self::default() }
    }

    /// Runs are being trained, or will be.
    pub fn is_under_way(&self) -> bool {
        self.sweeping.is_some() && !self.gone && self.snapshot.as_ref().is_none_or(|snapshot| !snapshot.is_over)
    }

    pub fn is_paused(&self) -> bool {
        let paused = self.snapshot.as_ref().is_some_and(|snapshot| snapshot.is_paused);
        self.is_under_way() && self.pausing.unwrap_or(paused)
    }

    pub fn cell(&self) -> Option<&Cell> {
        self.board.cells.get(self.chosen)
    }

    /// What there is to show: faults and all.
    pub fn reading(&self) -> Option<&Table> {
        self.table.as_ref()?.as_ref().ok()?.as_ref()
    }

    /// The run of a cell that is looked at: the one that is being trained, else the first.
    pub fn run_of(&self, cell: &Cell) -> Option<(usize, &Hyperparameters, &Run)> {
        let runs = &self.snapshot.as_ref()?.runs;
        let all = || cell.runs.iter().filter_map(|&number| runs.get(number).map(|(hyper, run)| (number, hyper, run)));
        all().find(|(_, _, run)| matches!(run, Run::Running(_))).or_else(|| all().next())
    }

    pub fn course_of(&self, cell: &Cell) -> Option<&Course> {
        let (number, ..) = self.run_of(cell)?;
        let seen = self.courses.of(number).or_else(|| cell.runs.iter().find_map(|&number| self.courses.of(number)));
        seen.filter(|course| !course.train.is_empty() || !course.test.is_empty())
    }

    pub fn course(&self, number: usize) -> Option<&Course> {
        self.courses.of(number)
    }

    /// Numbers of the runs that are being trained.
    pub fn running(&self) -> impl Iterator<Item = usize> {
        let runs = self.snapshot.iter().flat_map(|snapshot| snapshot.runs.iter().enumerate());
        runs.filter(|(_, (_, run))| matches!(run, Run::Running(_))).map(|(number, _)| number)
    }

    /// From 1, among those with a result; and how many those are.
    pub fn place(&self, cell: usize) -> Option<(usize, usize)> {
        let has_result = |cell: &&usize| self.board.cells.get(**cell).is_some_and(|cell| !cell.accuracies.is_empty());
        let place = self.rank.iter().filter(has_result).position(|&each| each == cell)?;
        Some((place + 1, self.rank.iter().filter(has_result).count()))
    }

    fn take_snapshot(&mut self, snapshot: Snapshot) {
        let same = self.snapshot.as_ref().is_some_and(|before| {
            before.runs.len() == snapshot.runs.len() && before.runs.iter().zip(&snapshot.runs).all(|(a, b)| a.0 == b.0)
        });
        if same {
            self.board.refresh(&snapshot);
        } else {
            self.board = Board::of_runs(&snapshot);
            (self.courses, self.survey, self.chosen) = (Courses::default(), None, 0);
        }
        self.courses.take(&snapshot);
        let rows = snapshot.rows().count();
        if self.survey.is_none() || rows != self.surveyed {
            self.surveyed = rows;
            self.look_over(Survey::of(snapshot.rows().map(Observation::from)));
        }
        self.pausing = None;
        self.snapshot = Some(snapshot);
        if self.follows {
            self.follow();
        }
    }

    fn take_table(&mut self, table: TableRead) {
        let before = self.reading().map(|table| table.path.clone());
        self.table = Some(table);
        let Some(table) = self.reading() else {
            (self.board, self.survey, self.rank) = Default::default();
            return;
        };
        let survey = table.reading.survey.clone();
        let same = before.as_ref() == Some(&table.path);
        let (turned, looked_at) = (self.board.turned(), self.labels());
        self.board = Board::of_table(&survey);
        self.chosen = 0;
        if same {
            self.board.turn_to(turned);
            let labels: Vec<&str> = looked_at.iter().map(String::as_str).collect();
            self.chosen = self.board.find(&labels).unwrap_or(0);
        }
        self.look_over(survey);
        if !same {
            self.chosen = self.rank.first().copied().unwrap_or(0);
        }
    }

    /// Of the cell that is looked at.
    fn labels(&self) -> Vec<String> {
        let Some(cell) = self.cell() else { return Vec::new() };
        self.board.axes.iter().zip(&cell.values).map(|(axis, &value)| axis.values[value].clone()).collect()
    }

    fn look_over(&mut self, survey: Survey) {
        let labels = |configuration| {
            let axes = self.board.axes.iter();
            axes.map(|axis| survey.value(configuration, axis.factor)).collect::<Vec<_>>()
        };
        self.rank = survey.ranking().into_iter().filter_map(|it| self.board.find(&labels(it))).collect();
        self.survey = Some(survey);
    }

    pub fn set_following(&mut self, follows: bool) {
        self.follows = follows;
        if follows {
            self.follow();
        }
    }

    /// Goes to a run that is being trained, unless there already.
    fn follow(&mut self) {
        let running = |cell: &Cell| !cell.running.is_empty();
        if self.cell().is_some_and(running) {
            return;
        }
        if let Some(cell) = self.board.cells.iter().position(running) {
            self.chosen = cell;
        }
    }
}
