//! The state of the dashboard, and the dispatch of keys, clicks, events and intents.

mod help;
mod questions;

use crossterm::event::{KeyEvent, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use ratatui::{
    Frame,
    layout::{Position, Rect},
};

use self::questions::Asked;
use crate::{
    data::Gallery,
    train::{Command, Event},
    tui::{
        frame::{self, Help, Scene},
        keys::{Action, Context, Key, keymap::Keymap, line_edit::LineEdit, motion::Motion},
        message::{Effect, Intent, Leave, Message, News, Response, Writing},
        question::Question,
        screen::Screen,
        screen_view::{Cx, ScreenView},
        screens::Screens,
        session::{Session, attachment::Attachment, library::Library, log::Level, sweep::Sweeping},
        theme::{Palette, Theme},
        widgets::{
            area::bounded_size,
            surface::{Surface, Target},
        },
    },
};

/// The state of the dashboard.
#[derive(Debug)]
pub struct App {
    pub session: Session,
    pub screens: Screens,
    pub shown: Screen,
    /// Screens to go back to, each of which led to the next, and the last one to the screen shown.
    trail: Vec<Screen>,
    pub help: Option<Help>,
    asked: Option<Asked>,
    /// Folder typed last to save the run in.
    folder: Option<LineEdit>,
    /// Numbers of steps and of epochs entered last.
    counts: (u32, u32),
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// Whether the mouse is captured.
    has_mouse: bool,
}

/// Updates the state by a message. Returns the effects to carry out, in order.
pub fn update(app: &mut App, message: Message) -> Vec<Effect> {
    let mut effects = app.handle(message);
    if app.help.is_none() {
        effects.extend(app.screens.get_mut(app.shown).inquiry(&mut app.session));
    }
    app.settle();
    if app.has_mouse != app.wants_mouse() {
        app.has_mouse = !app.has_mouse;
        effects.push(Effect::CaptureMouse(app.has_mouse));
    }
    if let Some(started) = &app.session.live.started {
        let lines = app.session.log.take_unwritten();
        // The log of a background run is not this screen's to write.
        if !lines.is_empty() && !app.session.is_attached() {
            effects.insert(0, Effect::WriteLog(started.run_dir.clone(), lines));
        }
    }
    effects
}

/// Takes in what a run's trainer has reported before the screen opened: without bell or notice, and without writing to the
/// log's file.
pub fn replay(app: &mut App, events: impl IntoIterator<Item = Event>) -> Vec<Effect> {
    let mut effects: Vec<Effect> = events.into_iter().flat_map(|event| update(app, Message::Worker(event))).collect();
    effects.retain(|effect| matches!(effect, Effect::CaptureMouse(_)));
    app.session.notice = None;
    effects
}

/// Draws the whole screen.
pub fn view(app: &App, frame: &mut Frame) {
    frame::draw(&app.scene(), &mut Surface::new(frame.buffer_mut()));
}

/// Returns the title of the terminal's window.
pub fn title(app: &App) -> String {
    frame::title(&app.scene())
}

impl App {
    /// Creates the state. `now` is in seconds since 1970, `size` in columns and rows.
    pub fn new(images: impl Into<Gallery>, theme: Theme, now: u64, size: (u16, u16)) -> Self {
        let size = bounded_size(size.0, size.1);
        let mut session = Session::new(images.into(), theme, now);
        session.keymap = Keymap::default();
        Self {
            screens: Screens::new(&session),
            session,
            shown: Screen::Train,
            trail: Vec::new(),
            help: None,
            asked: None,
            folder: None,
            counts: (100, 1),
            size: (size.width, size.height),
            has_mouse: false,
        }
    }

    /// Starts with a sweep, and without a run.
    pub fn watch_sweep(&mut self, sweeping: Sweeping) {
        self.screens.watch_sweep(&sweeping);
        self.session.watch_sweep(sweeping);
        self.shown = Screen::Sweep;
        self.settle();
    }

    /// Returns the current key context.
    pub fn context(&self) -> Context {
        match &self.asked {
            Some(asked) => asked.question.context(),
            None if self.help.is_some() => Context::Help,
            None => self.screens.get(self.shown).context(),
        }
    }

    /// Returns the open question.
    pub fn question(&self) -> Option<&Question> {
        self.asked.as_ref().map(|asked| &asked.question)
    }

    fn scene(&self) -> Scene<'_> {
        Scene {
            session: &self.session,
            screens: &self.screens,
            shown: self.shown,
            help: self.help.as_ref(),
            question: self.question(),
        }
    }

    /// Updates what depends on the rest of the state.
    fn settle(&mut self) {
        self.update_question();
        self.session.context = self.context();
        self.session.is_asking = self.asked.is_some();
    }

    /// Returns whether to capture the mouse. While the user types, the terminal needs it, to paste.
    fn wants_mouse(&self) -> bool {
        self.session.mouse && self.context() != Context::Typing && !self.session.leaving
    }

    /// Lets a screen act on itself and on the session.
    fn on<R>(&mut self, screen: Screen, act: impl FnOnce(&mut dyn ScreenView, &mut Cx) -> R) -> R {
        let area = frame::body_of(&self.scene(), self.size);
        self.on_area(screen, area, act)
    }

    /// Lets a screen act on itself and on the session, with a body that is known already.
    fn on_area<R>(&mut self, screen: Screen, area: Rect, act: impl FnOnce(&mut dyn ScreenView, &mut Cx) -> R) -> R {
        let is_shown = self.shown == screen;
        let is_covered = self.asked.is_some() || self.help.is_some();
        act(self.screens.get_mut(screen), &mut Cx { session: &mut self.session, area, is_shown, is_covered })
    }

    fn handle(&mut self, message: Message) -> Vec<Effect> {
        match message {
            Message::Clock(now) => {
                self.session.set_clock(now);
                return self.session.ask_statuses();
            }
            Message::Resize(columns, rows) => {
                let size = bounded_size(columns, rows);
                self.size = (size.width, size.height);
            }
            Message::Background(colour) => self.session.theme.palette = Palette::on_background(colour),
            Message::Key(key) if key.kind != KeyEventKind::Release => return self.press(&key),
            Message::Key(_) => {}
            Message::Paste(text) => self.paste(&text),
            Message::Mouse(event) => return self.mouse(std::slice::from_ref(&event)),
            Message::Drag(path) => return self.mouse(&path),
            Message::Worker(event) => {
                let response = self.session.take_event(&event);
                let mut effects = self.follow(response);
                // Screens draw the progress, but none reacts to it.
                if !matches!(event, Event::Progress(_)) {
                    effects.extend(self.broadcast(News::Worker(&event)));
                }
                return effects;
            }
            Message::WorkerGone => return self.session.worker_gone(),
            Message::Sweep(snapshot) => {
                let mut effects = self.session.take_snapshot(*snapshot);
                effects.extend(self.broadcast(News::Sweep));
                return effects;
            }
            Message::SweepGone => return self.session.sweep_gone(),
            Message::SweepRefused(reason) => self.session.sweep_refused(&reason),
            Message::SweepStarted(result) => {
                if result.is_err() {
                    self.session.sweep.starting = None;
                }
                return self.broadcast(News::SweepStarted(&result));
            }
            Message::Attached(result) => return self.attached(result),
            Message::Statuses(states) => return self.session.take_statuses(states),
            Message::KnownRuns(path, keys) => return self.broadcast(News::KnownRuns(&path, &keys)),
            Message::Written(Writing::Report(_), result) => self.session.report_written(result),
            Message::Written(Writing::Export(export), result) => {
                return self.broadcast(News::Exported(&export, &result));
            }
            Message::Table(table) => {
                self.session.sweep.take_table(*table);
                return self.broadcast(News::Table);
            }
            Message::Checkpoints(entries) => return self.handle(Message::Library(entries.map(Library::of))),
            Message::Library(library) => {
                self.session.library.fill(library);
                return self.broadcast(News::Library);
            }
            Message::PictureOpened(picture) => return self.broadcast(News::PictureOpened(&picture)),
            Message::PictureSaved(path) => return self.broadcast(News::PictureSaved(&path)),
            Message::LibraryChanged(result) => return self.broadcast(News::LibraryChanged(&result)),
            Message::Evaluated(run, result) => self.session.library.evaluated(&run, result),
            Message::Consulted(id, answers) => return self.broadcast(News::Consulted(id, &answers)),
            Message::Report(text) => self.session.warn(text),
            Message::TerminalGone => return self.session.leave(Leave::TerminalGone),
        }
        Vec::new()
    }

    /// Shows the background run that the screen is attached to now, or reports why it is not.
    fn attached(&mut self, result: Result<Box<(Attachment, Vec<Event>)>, String>) -> Vec<Effect> {
        match result {
            Ok(attached) => {
                let (attachment, recording) = *attached;
                self.session.show_attached(attachment);
                let effects = replay(self, recording);
                self.session.greet();
                effects
            }
            Err(reason) => {
                self.session.announce(Level::Bad, format!("not attached: {reason}"));
                Vec::new()
            }
        }
    }

    fn broadcast(&mut self, news: News) -> Vec<Effect> {
        let area = frame::body_of(&self.scene(), self.size);
        let mut effects = Vec::new();
        for &screen in Screen::ALL {
            let response = self.on_area(screen, area, |screen, cx| screen.on_news(cx, news));
            effects.extend(self.follow(response));
        }
        effects
    }

    /// Carries out the intent of a screen or the session. Returns all effects.
    fn follow(&mut self, response: Response) -> Vec<Effect> {
        let mut effects = response.effects;
        match response.intent {
            None => {}
            Some(Intent::Show(screen)) => effects.extend(self.show(screen)),
            Some(Intent::Ask(question)) => self.ask(question),
            Some(Intent::Quit) => self.ask_after_failed_save(),
            Some(Intent::ReplaceUnsaved(next)) => self.ask_to_lose(next),
            Some(Intent::Mistakes(pair)) => {
                self.screens.confusion.choose(pair);
                self.session.browse(pair);
                effects.extend(self.open(Screen::Mistakes));
            }
            Some(Intent::Inspect(subject)) => {
                self.screens.layers.look_at(subject);
                effects.extend(self.open(Screen::Layers));
            }
            Some(Intent::Edit(values)) => {
                self.screens.parameters.edit(values);
                effects.extend(self.open(Screen::Parameters));
            }
        }
        effects
    }

    fn press(&mut self, key: &KeyEvent) -> Vec<Effect> {
        self.session.notice = None;
        match self.session.keymap.action(self.context(), key) {
            Some(action) => self.act(action),
            None => self.type_in(key),
        }
    }

    fn paste(&mut self, text: &str) {
        if self.context() == Context::Typing {
            for char in text.trim().chars() {
                self.type_in(&Key::Char(char).event());
            }
        }
    }

    fn type_in(&mut self, key: &KeyEvent) -> Vec<Effect> {
        if self.asked.is_some() {
            return self.type_into_question(key);
        }
        if self.help.is_none() {
            self.on(self.shown, |screen, cx| screen.type_in(cx, key));
        }
        Vec::new()
    }

    fn act(&mut self, action: Action) -> Vec<Effect> {
        if let Some(response) = self.act_on_question(action) {
            return self.follow(response);
        }
        if self.help.is_some() {
            if self.act_on_help(action) {
                return Vec::new();
            }
        } else if self.asked.is_none()
            && let Some(response) = self.on(self.shown, |screen, cx| screen.act(cx, action))
        {
            return self.follow(response);
        }
        self.act_anywhere(action)
    }

    /// Carries out an action that is the same on every screen.
    fn act_anywhere(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Show(screen) => return self.show(screen),
            Action::NextScreen => return self.show(self.shown.beside(1)),
            Action::PreviousScreen => return self.show(self.shown.beside(-1)),
            Action::Help => self.help = if self.help.is_some() { None } else { Some(Help::default()) },
            Action::Back => return self.back(),
            Action::Quit => return self.quit(),
            Action::Interrupt => return self.interrupt(),
            Action::Detach => return self.detach(),
            Action::Suspend => return vec![Effect::Suspend],
            Action::Redraw => return vec![Effect::Redraw],
            Action::PauseOrResume => return self.session.pause_or_resume(),
            Action::Step => return self.session.send_to_trainable(Command::RunSteps(1)),
            Action::RunSteps | Action::RunEpochs => self.ask_count(action),
            Action::Save => return self.session.send(Command::Save),
            Action::Edit => return self.open(Screen::Parameters),
            Action::Drawing => self.session.drawing = self.session.drawing.next(),
            _ => debug_assert!(false, "nothing handles {action} in {:?}", self.context()),
        }
        Vec::new()
    }

    /// Shows a screen, after closing everything that is open.
    fn show(&mut self, screen: Screen) -> Vec<Effect> {
        self.trail.clear();
        for &each in Screen::ALL {
            self.screens.get_mut(each).close_all();
        }
        self.go_to(screen)
    }

    /// Shows a screen that the one shown leads to, and remembers the way back.
    fn open(&mut self, screen: Screen) -> Vec<Effect> {
        if screen != self.shown {
            self.trail.push(self.shown);
        }
        self.go_to(screen)
    }

    fn go_to(&mut self, screen: Screen) -> Vec<Effect> {
        self.help = None;
        self.shown = screen;
        self.on(screen, |screen, cx| screen.shown(cx))
    }

    fn back(&mut self) -> Vec<Effect> {
        if self.close_help() || self.screens.get_mut(self.shown).close() {
            return Vec::new();
        }
        if let Some(screen) = self.trail.pop() {
            return self.go_to(screen);
        }
        let has_only_sweep = self.session.sweep.sweeping.is_some() && !self.session.has_run();
        self.show(if has_only_sweep { Screen::Sweep } else { Screen::Train })
    }

    /// Handles mouse events that differ only in their positions: the pad draws along the whole path, elsewhere only its
    /// end counts.
    fn mouse(&mut self, path: &[MouseEvent]) -> Vec<Effect> {
        let (Some(last), wants_mouse) = (path.last(), self.wants_mouse()) else { return Vec::new() };
        if self.on(self.shown, |screen, cx| screen.mouse(cx, path)) || !wants_mouse {
            return Vec::new();
        }
        let at = Position::new(last.column, last.row);
        match last.kind {
            MouseEventKind::Down(MouseButton::Left) => self.click(at),
            MouseEventKind::ScrollUp => self.wheel(at, false),
            MouseEventKind::ScrollDown => self.wheel(at, true),
            _ => Vec::new(),
        }
    }

    fn click(&mut self, at: Position) -> Vec<Effect> {
        self.session.notice = None;
        match frame::target(&self.scene(), self.size, at) {
            None => Vec::new(),
            Some((Target::Action(action), _)) => self.click_action(action),
            Some((target, area)) => self.click_target(target, area, at),
        }
    }

    fn click_action(&mut self, action: Action) -> Vec<Effect> {
        let context = self.context();
        let is_bound = self.session.keymap.on(context).any(|binding| binding.action == action);
        if is_bound { self.act(action) } else { Vec::new() }
    }

    fn click_target(&mut self, target: Target, area: Rect, at: Position) -> Vec<Effect> {
        let response = self.on(self.shown, |screen, cx| screen.click(cx, target, area, at));
        self.follow(response)
    }

    fn wheel(&mut self, at: Position, down: bool) -> Vec<Effect> {
        if self.asked.is_some() {
            return Vec::new();
        }
        if self.help.is_some() {
            self.scroll_help(if down { Motion::Down } else { Motion::Up });
            return Vec::new();
        }
        let response = self.on(self.shown, |screen, cx| screen.wheel(cx, at, down));
        self.follow(response)
    }
}
