//! The Sweep screen: the configurations of a sweep as a map and as a rank, and how each of them went.

pub(crate) mod board;
mod cursor;
pub(crate) mod keys;
mod opening;
mod orders;
mod view;

use std::path::PathBuf;

use ratatui::layout::{Position, Rect};

use self::board::{Board, Cell};
use crate::{
    sweep::Order,
    tui::{
        keys::{Action, Context, motion::Motion},
        message::{Effect, News, Response},
        question::Answer,
        screen::Screen,
        screen_view::{Cx, ScreenView, View},
        session::{Session, sweep::SweepStatus},
        widgets::surface::{Surface, Target},
    },
};

/// Where the keys go, and what is shown where not everything has room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    #[default]
    Map,
    Rank,
    Effects,
}

impl Pane {
    /// Returns the pane that the same key shows next.
    pub fn next(self) -> Self {
        match self {
            Self::Map => Self::Rank,
            Self::Rank => Self::Effects,
            Self::Effects => Self::Map,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Map => "map",
            Self::Rank => "rank",
            Self::Effects => "effects",
        }
    }
}

/// The state of the Sweep screen.
#[derive(Debug, Default)]
pub struct SweepScreen {
    pub board: Board,
    /// Cells in the order of [`Survey::ranking`](crate::sweep::survey::Survey::ranking), those without an accuracy last.
    pub rank: Vec<usize>,
    /// Cell under the cursor.
    pub chosen: usize,
    /// Whether the cursor moves along with what is being trained.
    pub follows: bool,
    pub pane: Pane,
    /// [`SweepStatus::plans`] when the board was made.
    plans: usize,
    /// [`SweepStatus::surveys`] when the rank was made.
    surveys: usize,
    /// Path of the table on the board.
    table: Option<PathBuf>,
}

impl SweepScreen {
    /// Returns the cell under the cursor.
    pub fn cell(&self) -> Option<&Cell> {
        self.board.cells.get(self.chosen)
    }

    /// Returns a cell's place, 1 for the best, among those with a result, and the number of those.
    pub fn place(&self, cell: usize) -> Option<(usize, usize)> {
        let has_result = |cell: &&usize| self.board.cells.get(**cell).is_some_and(|cell| !cell.accuracies.is_empty());
        let place = self.rank.iter().filter(has_result).position(|&each| each == cell)?;
        Some((place + 1, self.rank.iter().filter(has_result).count()))
    }

    fn set_following(&mut self, follows: bool) {
        self.follows = follows;
        if follows {
            self.follow();
        }
    }

    /// Moves to a run that is being trained, unless the cursor is on one.
    fn follow(&mut self) {
        let running = |cell: &Cell| !cell.running.is_empty();
        if self.cell().is_some_and(running) {
            return;
        }
        if let Some(cell) = self.board.cells.iter().position(running) {
            self.chosen = cell;
        }
    }

    /// Shows how the sweep of this program stands now.
    fn show_snapshot(&mut self, status: &SweepStatus) {
        let Some(snapshot) = &status.snapshot else { return };
        let is_new = self.plans != status.plans;
        if is_new {
            (self.board, self.chosen) = (Board::of_runs(snapshot), 0);
            self.plans = status.plans;
        } else {
            self.board.refresh(snapshot);
        }
        if is_new || self.surveys != status.surveys {
            self.rank_cells(status);
        }
        if self.follows {
            self.follow();
        }
    }

    /// Shows a table. The cursor stays on its configuration where it is the same table as before, else it is on the best one.
    fn show_table(&mut self, status: &SweepStatus) {
        let path = status.reading().map(|table| table.path.clone());
        let is_same = self.table == path;
        self.table = path;
        let Some(table) = status.reading() else {
            (self.board, self.rank) = Default::default();
            return;
        };
        let (turned, labels) = (self.board.turned(), self.labels());
        self.board = Board::of_table(&table.reading.survey);
        self.rank_cells(status);
        self.chosen = if is_same {
            self.board.turn_to(turned);
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            self.board.find(&labels).unwrap_or(0)
        } else {
            self.rank.first().copied().unwrap_or(0)
        };
    }

    /// Returns the labels of the cell under the cursor.
    fn labels(&self) -> Vec<String> {
        let Some(cell) = self.cell() else { return Vec::new() };
        self.board.axes.iter().zip(&cell.values).map(|(axis, &value)| axis.values[value].clone()).collect()
    }

    fn rank_cells(&mut self, status: &SweepStatus) {
        self.surveys = status.surveys;
        let Some(survey) = &status.survey else { return };
        let labels = |configuration| {
            let axes = self.board.axes.iter();
            axes.map(|axis| survey.value(configuration, axis.factor)).collect::<Vec<_>>()
        };
        self.rank = survey.ranking().into_iter().filter_map(|each| self.board.find(&labels(each))).collect();
    }

    fn move_cursor(&mut self, session: &Session, motion: Motion, area: Rect) {
        self.follows = false;
        let page = view::page(self, session, area);
        let to = match self.pane {
            Pane::Rank => cursor::in_rank(&self.rank, self.chosen, motion, page),
            Pane::Map | Pane::Effects => cursor::on_board(&self.board, self.chosen, motion, page),
        };
        self.chosen = to.unwrap_or(self.chosen);
    }
}

impl ScreenView for SweepScreen {
    fn context(&self) -> Context {
        Context::Screen(Screen::Sweep)
    }

    fn act(&mut self, cx: &mut Cx, action: Action) -> Option<Response> {
        if let Some(motion) = Motion::of(action) {
            self.move_cursor(cx.session, motion, cx.area);
            return Some(Response::none());
        }
        match action {
            Action::OpenInEditor => return Some(self.open(cx.session)),
            Action::DropRun => return Some(self.drop_or_restore(cx.session).into()),
            Action::StopSweep => return Some(orders::ask_to_stop(cx.session)),
            Action::Refresh => return Some(Effect::ReadTable.into()),
            Action::PauseOrResume => return cx.session.pause_or_resume_sweep().map(Response::from),
            Action::TurnRound => self.board.turn_to(self.board.turned() + 1),
            Action::NextPane => self.pane = self.pane.next(),
            Action::Follow => self.set_following(!self.follows),
            _ => return None,
        }
        Some(Response::none())
    }

    fn draw(&self, view: View, surface: &mut Surface) {
        view::draw(self, view.session, view.area, surface);
    }

    /// Moves the cursor to a configuration, or opens the one under it.
    fn click(&mut self, cx: &mut Cx, target: Target, _area: Rect, _at: Position) -> Response {
        let Target::Configuration(cell) = target else { return Response::none() };
        let is_chosen = self.chosen == cell;
        (self.chosen, self.follows) = (cell, false);
        if is_chosen { self.open(cx.session) } else { Response::none() }
    }

    fn shown(&mut self, cx: &mut Cx) -> Vec<Effect> {
        if cx.session.sweep.sweeping.is_none() { vec![Effect::ReadTable] } else { Vec::new() }
    }

    fn heed(&mut self, cx: &mut Cx, news: News) -> Vec<Effect> {
        let status = &cx.session.sweep;
        match news {
            News::Sweep => self.show_snapshot(status),
            News::Table if status.sweeping.is_none() => self.show_table(status),
            _ => {}
        }
        Vec::new()
    }

    fn answered(&mut self, cx: &mut Cx, answer: Answer) -> Response {
        let stops = answer == Answer::Yes && cx.session.sweep.is_under_way();
        if stops { Effect::Order(Order::Stop).into() } else { Response::none() }
    }

    fn offers(&self, session: &Session, action: Action) -> Option<bool> {
        let is_under_way = session.sweep.is_under_way();
        Some(match action {
            Action::PauseOrResume if is_under_way => true,
            Action::StopSweep | Action::DropRun => is_under_way,
            Action::Follow => is_under_way && !self.follows,
            Action::OpenInEditor | Action::NextPane => self.cell().is_some(),
            Action::TurnRound => self.board.ways() > 1,
            Action::Refresh => session.sweep.sweeping.is_none(),
            _ => return None,
        })
    }

    fn label(&self, session: &Session, action: Action) -> Option<&'static str> {
        match action {
            Action::PauseOrResume if session.sweep.is_under_way() => {
                Some(if session.sweep.is_paused() { "go on" } else { "pause" })
            }
            Action::NextPane => Some(self.pane.next().name()),
            _ => None,
        }
    }
}
