//! Keys and news of the form of a new sweep.

use crate::tui::{
    keys::{Action, motion::Motion},
    message::{Effect, News, Response},
    screens::sweep::{
        form::{CURRENT_RUN, SweepField},
        state::SweepScreen,
    },
    session::{Session, log::Level},
    widgets::{folds::Foldable, surface::Target},
};

impl SweepScreen {
    /// Opens the form, unless a sweep is under way.
    pub(super) fn open_form(&mut self, session: &mut Session) -> Response {
        if session.sweep.is_under_way() {
            let stop = session.key(Action::StopSweep);
            session.notify(Level::Warn, format!("a sweep is under way: {stop} stops it first"));
            return Response::none();
        }
        self.form.open(session).into()
    }

    /// Writes the report of the table that is shown.
    pub(super) fn write_report(&self, session: &mut Session) -> Response {
        let status = &session.sweep;
        let of_sweep = status.sweeping.as_ref().map(|sweeping| sweeping.out.clone());
        let Some(table) = of_sweep.or_else(|| status.reading().map(|table| table.path.clone())) else {
            session.notify(Level::Warn, "there is no table to report on");
            return Response::none();
        };
        session.write_report(table).into()
    }

    /// Carries out an action on the form. Returns `None` if it is none of the form's.
    pub(super) fn act_on_form(&mut self, session: &mut Session, action: Action) -> Option<Response> {
        if let Some(motion) = Motion::of(action) {
            self.form.go(motion, session);
            return Some(Response::none());
        }
        match action {
            Action::Edit if self.form.cursor(session) == SweepField::Start => return Some(self.start(session)),
            Action::Edit => self.form.edit(session),
            Action::Accept => {
                let is_other_file = self.form.accept(session);
                return Some(is_other_file.then(|| self.form.read_file()).into_iter().collect::<Vec<_>>().into());
            }
            Action::Cancel => self.form.cancel(),
            Action::Undo => self.form.undo(session),
            Action::Refresh => return Some(vec![Effect::ReadTable, self.form.read_file()].into()),
            _ => return None,
        }
        Some(Response::none())
    }

    fn start(&mut self, session: &mut Session) -> Response {
        if session.sweep.starting.is_some() {
            return Response::none();
        }
        let plan = self.form.checked(session);
        plan.map(|plan| session.start_sweep(plan)).into_iter().collect::<Vec<_>>().into()
    }

    pub(super) fn click_on_form(&mut self, session: &mut Session, target: Target) -> Response {
        let (Target::Field(place) | Target::Choice(place, _)) = target else { return Response::none() };
        let Some(field) = SweepField::all().nth(place) else { return Response::none() };
        let acts = self.form.cursor(session) == field || field.is_group();
        self.form.choose(field);
        match target {
            Target::Choice(_, name) => self.form.pauses_run = name == CURRENT_RUN[0],
            _ if acts => return self.act_on_form(session, Action::Edit).unwrap_or_default(),
            _ => {}
        }
        Response::none()
    }

    /// Reacts to news about the file and about the sweep that was requested.
    pub(super) fn form_news(&mut self, session: &mut Session, news: News) -> Vec<Effect> {
        match news {
            News::KnownRuns(path, keys) => self.form.take_known(path, keys, session),
            News::SweepStarted(Ok(notes)) => {
                (self.form.is_open, self.has_no_table, self.follows) = (false, false, true);
                return session.sweep_started(notes, self.form.pauses_run);
            }
            News::SweepStarted(Err(reason)) => self.form.refuse(reason),
            News::Table if self.has_no_table && !self.form.is_open => return vec![self.form.prepare(session)],
            _ => {}
        }
        Vec::new()
    }
}
