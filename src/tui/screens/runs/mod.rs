//! The Runs screen: the runs on the disk, in which order they are listed, and the one under the cursor.

pub(crate) mod keys;
pub(crate) mod order;
mod update;
mod view;

use std::path::{Path, PathBuf};

use ratatui::layout::{Position, Rect};

use crate::{
    train::Event,
    tui::{
        keys::{Action, Context, motion::Motion},
        message::{Effect, News, Response},
        question::Answer,
        screen::Screen,
        screen_view::{Cx, ScreenView, View},
        screens::runs::order::{Row, Sort},
        session::{
            Session,
            library::{
                SavedRuns,
                run::{Entry, Removal, Run},
            },
        },
        widgets::surface::{Surface, Target},
    },
};

/// Runs by which a key moves a page while two are compared.
const COMPARED_PAGE: usize = 10;

/// A list of the runs on the disk.
#[derive(Debug, Default)]
pub struct RunsScreen {
    /// What is listed, in order: runs, then damaged files.
    rows: Vec<Row>,
    /// Place of the chosen row.
    pub place: usize,
    /// Path of the chosen row's run or damaged file, by which it is found again in the next list.
    looked_at: Option<PathBuf>,
    /// Place among the chosen run's whole files, of which the state to resume comes first.
    pub file: usize,
    pub sort: Sort,
    /// Words that every listed run has.
    pub filter: String,
    /// Whether the chosen run and the pinned one are shown side by side.
    pub comparing: bool,
    asked: Option<Asked>,
}

/// A question that waits for its answer.
#[derive(Debug)]
enum Asked {
    /// Another name for the run in this folder.
    Rename(PathBuf),
    Delete(Removal),
    /// Words to filter by, in place of those before.
    Filter {
        before: String,
    },
}

impl RunsScreen {
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Lists the runs after a change of order, filter or contents. The chosen row stays so where it is still there.
    fn list(&mut self, library: &SavedRuns) {
        self.rows = order::rows(library.runs(), self.sort, &self.filter, library.asked_at);
        let looked_at = self.looked_at.as_deref();
        let again = looked_at.and_then(|path| self.rows.iter().position(|&row| path_of(row, library) == path));
        self.file = if again.is_some() { self.file } else { 0 };
        self.place = again.unwrap_or(self.place).min(self.rows.len().saturating_sub(1));
        self.file = self.file.min(self.current_run(library).map_or(0, |run| run.whole().count().saturating_sub(1)));
        self.look(library);
    }

    /// Remembers which row is chosen.
    fn look(&mut self, library: &SavedRuns) {
        self.looked_at = self.rows.get(self.place).map(|&row| path_of(row, library).to_owned());
    }

    fn sort_by(&mut self, sort: Sort, library: &SavedRuns) {
        self.sort = sort;
        self.list(library);
    }

    fn filter_by(&mut self, words: &str, library: &SavedRuns) {
        words.clone_into(&mut self.filter);
        self.list(library);
    }

    /// Returns the chosen run; where a damaged file is chosen, the run that it belongs to.
    pub fn current_run<'a>(&self, library: &'a SavedRuns) -> Option<&'a Run> {
        self.rows.get(self.place).and_then(|row| match *row {
            Row::Run(run) | Row::Damaged(run, _) => library.runs().get(run),
        })
    }

    /// Returns the chosen file.
    pub fn current<'a>(&self, library: &'a SavedRuns) -> Option<&'a Entry> {
        let run = self.current_run(library)?;
        match self.rows[self.place] {
            Row::Run(_) => run.whole().nth(self.file),
            Row::Damaged(_, file) => run.files.get(file),
        }
    }

    fn go(&mut self, motion: Motion, cx: &Cx) {
        let library = &cx.session.library;
        match motion {
            Motion::Left if !self.comparing => self.go_file(-1, library),
            Motion::Right if !self.comparing => self.go_file(1, library),
            motion => {
                let page = if self.comparing { COMPARED_PAGE } else { view::page(cx.area) };
                self.go_to(self.place.saturating_add_signed(motion.by(1, page)), library);
            }
        }
    }

    fn go_to(&mut self, place: usize, library: &SavedRuns) {
        let place = place.min(self.rows.len().saturating_sub(1));
        if place != self.place {
            (self.place, self.file) = (place, 0);
            self.look(library);
        }
    }

    /// Chooses another whole file of the chosen run.
    fn go_file(&mut self, by: isize, library: &SavedRuns) {
        if let Some(Row::Run(run)) = self.rows.get(self.place) {
            let files = library.runs()[*run].whole().count();
            self.file = self.file.saturating_add_signed(by).min(files.saturating_sub(1));
        }
    }
}

/// Returns the path of a run, or of a damaged file.
fn path_of(row: Row, library: &SavedRuns) -> &Path {
    match row {
        Row::Run(run) => &library.runs()[run].path,
        Row::Damaged(run, file) => &library.runs()[run].files[file].path,
    }
}

impl ScreenView for RunsScreen {
    fn context(&self) -> Context {
        if self.comparing { Context::Compare } else { Context::Screen(Screen::Runs) }
    }

    fn act(&mut self, cx: &mut Cx, action: Action) -> Option<Response> {
        if let Some(motion) = Motion::of(action) {
            self.go(motion, cx);
            return Some(Response::none());
        }
        let session = &mut *cx.session;
        match action {
            Action::Load => return Some(self.load(session)),
            Action::GoOnFrom => return Some(self.resume(session)),
            Action::Rename => return Some(self.ask_name(session)),
            Action::Delete => return Some(self.ask_removal(session)),
            Action::FilterRuns => return Some(self.ask_filter()),
            Action::Refresh => return Some(session.list_checkpoints().into()),
            Action::ClearFilter => self.filter_by("", &session.library),
            Action::Order => self.sort_by(self.sort.next(), &session.library),
            Action::Mark => self.mark(&mut session.library),
            Action::Compare => self.compare(&mut session.library),
            _ => return None,
        }
        Some(Response::none())
    }

    fn draw(&self, view: View, surface: &mut Surface) {
        if self.comparing {
            view::compare::draw(self, view.session, view.area, surface);
        } else {
            view::draw(self, view.session, view.area, surface);
        }
    }

    fn click(&mut self, cx: &mut Cx, target: Target, _area: Rect, _at: Position) -> Response {
        if let Target::Row(place) = target {
            self.go_to(place, &cx.session.library);
        }
        Response::none()
    }

    fn shown(&mut self, cx: &mut Cx) -> Vec<Effect> {
        cx.session.list_checkpoints()
    }

    fn left(&mut self) {
        self.comparing = false;
    }

    fn close(&mut self) -> bool {
        std::mem::take(&mut self.comparing)
    }

    fn heed(&mut self, cx: &mut Cx, news: News) -> Vec<Effect> {
        match news {
            News::Library => {
                self.list(&cx.session.library);
                self.comparing &= cx.session.library.pinned.is_some();
            }
            News::Tidied(result) => return self.tidied(cx.session, result),
            News::Worker(Event::Saved { kind, .. }) if cx.is_shown => return update::saved(cx.session, *kind),
            _ => {}
        }
        Vec::new()
    }

    fn answered(&mut self, cx: &mut Cx, answer: Answer) -> Response {
        match (self.asked.take(), answer) {
            (Some(Asked::Rename(run)), Answer::Text(line)) => self.rename(run, line),
            (Some(Asked::Delete(removal)), Answer::Yes) => Effect::Remove(removal).into(),
            (Some(Asked::Filter { before }), Answer::No) => {
                self.filter_by(&before, &cx.session.library);
                Response::none()
            }
            _ => Response::none(),
        }
    }

    fn searched(&mut self, cx: &mut Cx, words: &str) {
        if words != self.filter {
            self.filter_by(words, &cx.session.library);
        }
    }

    fn offers(&self, _session: &Session, action: Action) -> Option<bool> {
        (action == Action::ClearFilter).then_some(!self.filter.is_empty())
    }
}
