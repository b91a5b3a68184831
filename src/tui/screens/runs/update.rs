//! Actions on saved runs.

use std::path::PathBuf;

use crate::{
    background::wire::Status,
    format::{file_name, path_tail, sanitized},
    train::{
        BackgroundRun, State, dataset_label,
        housekeeping::{MAX_NAME, check_name},
    },
    tui::{
        format,
        keys::{Action, line_edit::LineEdit},
        message::{Effect, Intent, Response},
        question::{Entry, Question, Sentence, TextEntry, Tone},
        screen::Screen,
        screen_view::Cx,
        screens::runs::{
            order::Row,
            state::{Asked, RunsScreen},
        },
        session::{
            Session,
            attachment::attach_command,
            library::{
                SavedRuns,
                run::{self, LibraryChange, Removal, SavedRun},
            },
            log::Level,
        },
    },
};

/// Maximum bytes of a filter.
const MAX_FILTER: usize = 40;

impl RunsScreen {
    pub(super) fn load(&mut self, session: &mut Session) -> Response {
        if let Some(run) = self.attachable(session).cloned() {
            return self.attach(session, run);
        }
        match self.readable_file(session, "load") {
            Some(entry) => session.load(entry.path, false),
            None => Response::none(),
        }
    }

    /// Returns the chosen run, if it trains in the background and not an older file of it is chosen.
    pub(super) fn attachable<'a>(&self, session: &'a Session) -> Option<&'a BackgroundRun> {
        let is_run = self.file == 0 && matches!(self.rows().get(self.place), Some(Row::Run(_) | Row::Begun(_)));
        self.current_run(&session.library)?.background().filter(|_| is_run)
    }

    /// Attaches the screen to a background run, after asking if a run of this process is to be stopped for that.
    fn attach(&mut self, session: &mut Session, run: BackgroundRun) -> Response {
        if session.shows(&run) {
            return Intent::Show(Screen::Train).into();
        }
        let name = file_name(&run.run);
        let dataset = self.current_run(&session.library).and_then(SavedRun::newest).map(|newest| &newest.spec.dataset);
        if let Some(theirs) = dataset.filter(|theirs| theirs.fingerprint != session.dataset.id.fingerprint) {
            let (theirs, ours) = (dataset_label(theirs), dataset_label(&session.dataset.id));
            let command = attach_command(&name);
            session
                .notify(Level::Warn, format!("{command} shows it: it is trained on {theirs}, this screen has {ours}"));
            return Response::none();
        }
        if !session.has_own_run() {
            return session.attach(run.socket).into();
        }
        let question = attach_question(session, &name);
        self.ask(Asked::Attach(run.socket), question)
    }

    /// Loads the chosen file, and trains on from it.
    pub(super) fn resume(&self, session: &mut Session) -> Response {
        let Some(entry) = self.readable_file(session, "resume") else { return Response::none() };
        if let Ok(contents) = &entry.contents
            && contents.is_finished()
        {
            let epochs = format::counted(contents.epochs_done, "epoch");
            let (load, train) = (session.key(Action::Load), session.key(Action::RunEpochs));
            let text = format!("finished after {epochs}: {load} loads it, then {train} trains more");
            session.notify(Level::Warn, text);
            return Response::none();
        }
        session.load(entry.path, true)
    }

    pub(super) fn write_report(&self, session: &mut Session) -> Response {
        match self.readable_file(session, "report on") {
            Some(entry) => session.write_report(entry.path).into(),
            None => Response::none(),
        }
    }

    /// Returns the chosen file, or reports why it cannot be read.
    pub(super) fn readable_file(&self, session: &mut Session, what: &str) -> Option<run::Entry> {
        let entry = self.current(&session.library)?.clone();
        if let Err(reason) = &entry.contents {
            session.notify(Level::Bad, format!("cannot {what} it: {reason}"));
            return None;
        }
        Some(entry)
    }

    /// Returns the chosen run, or reports that it is open here.
    fn idle(&self, session: &mut Session, what: &str) -> Option<PathBuf> {
        let run = self.current_run(&session.library)?.path.clone();
        if self.current_run(&session.library).is_some_and(|run| is_here(session, run)) && !session.live.gone {
            session.notify(Level::Warn, format!("this run is open here; load another run before {what} it"));
            return None;
        }
        Some(run)
    }

    pub(super) fn ask_name(&mut self, session: &mut Session) -> Response {
        let Some(run) = self.idle(session, "renaming") else { return Response::none() };
        let line = LineEdit::with_room(sanitized(&file_name(&run)), MAX_NAME);
        self.ask_name_again(run, line, None)
    }

    fn ask_name_again(&mut self, run: PathBuf, line: LineEdit, error: Option<String>) -> Response {
        let question = Question {
            title: "rename",
            text: vec![Sentence::new(Tone::Dim, sanitized(&file_name(&run)))],
            entry: Entry::Text(TextEntry { before: "new name  ", line, error, has_error_row: false }),
            answers: Vec::new(),
        };
        self.ask(Asked::Rename(run), question)
    }

    /// Renames the run in this folder to the name that was typed.
    pub(super) fn rename(&mut self, run: PathBuf, line: LineEdit) -> Response {
        let name = line.text.trim().to_owned();
        if name == file_name(&run) {
            return Response::none();
        }
        match check_name(&name) {
            Ok(()) => {
                self.renaming = Some((run.clone(), line));
                Effect::Rename(run, name).into()
            }
            Err(error) => self.ask_name_again(run, line, Some(sanitized(&error.to_string()))),
        }
    }

    /// Asks whether to delete only the damaged file, if one is chosen among other files, or else the whole run.
    pub(super) fn ask_removal(&mut self, session: &mut Session) -> Response {
        let Some(path) = self.idle(session, "deleting") else { return Response::none() };
        let library = &session.library;
        let Some(run) = self.current_run(library) else { return Response::none() };
        let removal = match (self.rows()[self.place], self.current(library)) {
            (Row::Damaged(..), Some(file)) if run.files.len() > 1 => Removal::File(file.path.clone()),
            _ => Removal::Run(path),
        };
        let question = deletion_question(&removal, run);
        self.ask(Asked::Delete(removal), question)
    }

    pub(super) fn ask_filter(&mut self) -> Response {
        let line = LineEdit::with_room(self.filter.clone(), MAX_FILTER);
        self.ask(Asked::Filter { before: self.filter.clone() }, Question::search(line))
    }

    pub(super) fn ask(&mut self, asked: Asked, question: Question) -> Response {
        self.asked = Some(asked);
        Intent::Ask(question).into()
    }

    /// Marks the chosen run to be overlaid on the charts and compared, or removes the mark.
    pub(super) fn mark(&self, library: &mut SavedRuns) {
        let Some(path) = self.comparable(library) else { return };
        if !library.marked.remove(&path) {
            library.marked.insert(path);
        }
    }

    /// Shows the marked runs and the chosen one side by side. If that is only one run, marks it.
    pub(super) fn compare(&mut self, session: &mut Session) {
        self.images = None;
        if std::mem::take(&mut self.comparing) {
            return;
        }
        self.comparing = self.compared(&session.library).len() > 1;
        if self.comparing {
            return;
        }
        let Some(path) = self.comparable(&session.library) else { return };
        if session.library.marked.insert(path) {
            let key = session.key(Action::Compare);
            session.notify(Level::Plain, format!("marked: {key} on another run compares the two"));
        } else {
            session.notify(Level::Warn, "mark another run first");
        }
    }

    /// Returns the folder of the chosen run, if it has a checkpoint that can be read.
    fn comparable(&self, library: &SavedRuns) -> Option<PathBuf> {
        self.current_run(library).filter(|run| run.newest().is_some()).map(|run| run.path.clone())
    }

    /// Reports what was done to saved runs, and reads them again. Asks again for a name that could not be given.
    pub(super) fn tidied(&mut self, cx: &mut Cx, result: &Result<LibraryChange, String>) -> Response {
        let session = &mut *cx.session;
        let mut response = Response::none();
        match (result, self.renaming.take()) {
            (Ok(LibraryChange::Renamed { from, to }), _) => {
                session.run_moved(from, to);
                self.remember_choice(&session.library);
                session.notify(Level::Good, format!("{} is now {}", file_name(from), file_name(to)));
            }
            (Ok(LibraryChange::Removed { removal, left }), _) => {
                session.notify(Level::Good, deletion_notice(removal, *left))
            }
            (Err(reason), Some((run, line))) if cx.is_shown && !cx.is_covered => {
                response = self.ask_name_again(run, line, Some(sanitized(reason)));
            }
            (Err(reason), _) => session.notify(Level::Bad, reason),
        }
        response.effects.extend(session.list_checkpoints());
        response
    }
}

/// Returns whether the run is open here.
pub(super) fn is_here(session: &Session, run: &SavedRun) -> bool {
    let is_open = session.live.started.as_ref().is_some_and(|started| started.run_dir == run.path);
    // The trainer names its folder by another path.
    is_open || run.background().is_some_and(|run| session.shows(run))
}

/// Returns what a run that trains in the background has reported of itself.
pub(super) fn state_in_background<'a>(session: &'a Session, run: &SavedRun) -> Option<&'a Status> {
    session.library.background.state(run.background()?)
}

pub(super) fn state_name(state: &Status) -> &'static str {
    state.state.map_or("starting", State::name)
}

fn attach_question(session: &Session, name: &str) -> Question {
    let (resume, detach) = (session.key(Action::ResumeFrom), session.keymap.first_key(Action::Detach));
    let own = session.live.run_name();
    let text = [
        Sentence::new(Tone::Bold, sanitized(name)),
        Sentence::plain(format!(
            "This screen shows one run: {} is saved and stopped first. {resume} on it in this list resumes it later.",
            sanitized(&own)
        )),
        Sentence::plain(format!("To let it train on in the background, stay, and detach it with {detach}.")),
    ];
    Question::decision("attach?", text.into(), "save, stop, attach", "stay")
}

fn deletion_question(removal: &Removal, run: &SavedRun) -> Question {
    let path = sanitized(&path_tail(&removal.path().display().to_string()));
    let what = match (removal, run.files.len()) {
        (Removal::File(_), _) => "only this file".into(),
        (Removal::Run(_), 1) => "with 1 checkpoint and its log".into(),
        (Removal::Run(_), files) => format!("with {files} checkpoints and its log"),
    };
    let text = vec![Sentence::new(Tone::Bold, path), Sentence::plain(format!("{what}, for good?"))];
    Question::decision("delete?", text, "delete", "cancel").irreversible()
}

fn deletion_notice(removal: &Removal, left: usize) -> String {
    let what = match removal {
        Removal::Run(run) => file_name(run),
        Removal::File(file) => path_tail(&file.display().to_string()),
    };
    let stays = match left {
        0 => String::new(),
        1 => "; another file stays in its folder".into(),
        left => format!("; {left} other files stay in its folder"),
    };
    format!("deleted {what}{stays}")
}
