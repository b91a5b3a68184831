//! What each message changes, and what is to be done for it.

use std::path::{Path, PathBuf};

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind};

use super::{
    app::{App, Count, Effect, Leave, Message, Next, Prompt, Screen},
    editor::Field,
    input::Line,
    keys::{self, Action, Context},
    layers,
    log::Level,
    matrix, mouse, pad, plot, runs,
    shelf::Library,
    sweep, terminal, view,
};
use crate::train::{Command, Hyperparameter, RunSpec, State};

/// Takes one message in. Effects are to be carried out in their order.
pub fn update(app: &mut App, message: Message) -> Vec<Effect> {
    let mut effects = match message {
        Message::Clock(now) => {
            app.now = app.now.max(now);
            Vec::new()
        }
        Message::Resize(columns, rows) => {
            let size = terminal::bounded_size(columns, rows);
            app.size = (size.width, size.height);
            Vec::new()
        }
        Message::Key(key) if key.kind != KeyEventKind::Release => press(app, &key),
        Message::Key(_) => Vec::new(),
        Message::Paste(text) => {
            paste(app, &text);
            Vec::new()
        }
        Message::Worker(event) => super::events::take(app, event),
        Message::WorkerGone => worker_gone(app),
        Message::Sweep(snapshot) => {
            sweep::take(app, *snapshot);
            Vec::new()
        }
        Message::SweepGone => sweep_gone(app),
        Message::Table(table) => {
            sweep::take_table(app, *table);
            Vec::new()
        }
        Message::Checkpoints(entries) => {
            app.shelf.fill(entries.map(Library::of));
            Vec::new()
        }
        Message::Library(library) => {
            app.shelf.fill(library);
            Vec::new()
        }
        Message::Mouse(event) => mouse::take(app, &event),
        Message::Drag(path) => mouse::take_path(app, &path),
        Message::PictureOpened(picture) => {
            pad::opened(app, picture);
            Vec::new()
        }
        Message::PictureSaved(path) => {
            pad::saved(app, path);
            Vec::new()
        }
        Message::Tidied(result) => runs::tidied(app, result),
        Message::Report(text) => {
            app.say(Level::Warn, text);
            Vec::new()
        }
        Message::TerminalGone => leave(app, Leave::TerminalGone),
    };
    effects.extend(layers::ask(app));
    effects.extend(pad::ask(app));
    if app.has_mouse != app.wants_mouse() {
        app.has_mouse = !app.has_mouse;
        effects.push(Effect::CaptureMouse(app.has_mouse));
    }
    if let Some(started) = &app.live.started {
        let lines = app.log.take_unwritten();
        if !lines.is_empty() {
            effects.insert(0, Effect::WriteLog(started.run_dir.clone(), lines));
        }
    }
    effects
}

fn sweep_gone(app: &mut App) -> Vec<Effect> {
    app.sweep.gone = true;
    if app.leaving && app.live.gone { vec![Effect::Quit(Leave::Key)] } else { Vec::new() }
}

fn worker_gone(app: &mut App) -> Vec<Effect> {
    app.live.gone = true;
    if app.leaving {
        return leave_after_run(app);
    }
    if app.live.outcome.is_none() && app.live.state != Some(State::Stopped) {
        app.live.state = Some(State::Failed);
        app.announce(Level::Bad, "training has ended without a word");
    }
    Vec::new()
}

fn press(app: &mut App, key: &KeyEvent) -> Vec<Effect> {
    let context = app.context();
    app.notice = None;
    match app.keymap.action(context, key) {
        Some(action) => act(app, context, action),
        None => {
            type_in(app, context, key);
            Vec::new()
        }
    }
}

fn type_in(app: &mut App, context: Context, key: &KeyEvent) {
    match (context, &mut app.prompt) {
        (
            Context::Typing,
            Some(
                Prompt::Count { line, error, .. }
                | Prompt::Path { line, error, .. }
                | Prompt::Folder { line, error }
                | Prompt::Rename { line, error, .. },
            ),
        ) => {
            line.press(key);
            *error = None;
        }
        (Context::Typing, Some(Prompt::Filter { line, .. })) => {
            line.press(key);
            if line.text != app.shelf.filter {
                app.shelf.filter_by(&line.text);
            }
        }
        (Context::Typing, _) => {
            if let Some(line) = &mut app.editor.typing {
                line.press(key);
                app.editor.error = None;
            }
        }
        (Context::Digit, prompt) => {
            if let KeyCode::Char(char) = key.code
                && let Some(digit) = char.to_digit(10)
            {
                match prompt {
                    Some(Prompt::Digit { predicted }) => {
                        let predicted = *predicted;
                        filter(app, predicted, Some(digit as u8));
                    }
                    _ => {
                        app.prompt = None;
                        layers::go_next_of(app, digit as u8);
                    }
                }
            }
        }
        _ => {}
    }
}

fn paste(app: &mut App, text: &str) {
    if app.context() == Context::Typing {
        for char in text.trim().chars() {
            type_in(app, Context::Typing, &keys::Key::Char(char).event());
        }
    }
}

pub(super) fn act(app: &mut App, context: Context, action: Action) -> Vec<Effect> {
    match action {
        Action::ShowTrain => return show(app, Screen::Train),
        Action::ShowMistakes => return show(app, Screen::Mistakes),
        Action::ShowParameters => return show(app, Screen::Parameters),
        Action::ShowRuns => return show(app, Screen::Runs),
        Action::ShowSweep => return show(app, Screen::Sweep),
        Action::ShowConfusion => return show(app, Screen::Confusion),
        Action::ShowDraw => return show(app, Screen::Draw),
        Action::Pen | Action::Rubber | Action::Wider | Action::Thinner | Action::Clear => pad::act(app, action),
        Action::Undo if context == Context::Draw => pad::act(app, action),
        Action::OpenPicture => pad::ask_to_open(app),
        Action::SavePicture => pad::ask_to_save(app),
        Action::ShowLayers => return show(app, Screen::Layers),
        Action::LookInside => {
            layers::look_inside(app, context);
            return show(app, Screen::Layers);
        }
        Action::NextScreen => return show(app, app.screen.beside(1)),
        Action::PreviousScreen => return show(app, app.screen.beside(-1)),
        Action::Help => app.help = if app.help.is_some() { None } else { Some(0) },
        Action::Back => return back(app),
        Action::Quit => return quit(app),
        Action::SaveElsewhere => {
            if app.prompt == Some(Prompt::Quit) && app.is_unsaved() {
                app.prompt = Some(Prompt::Folder { line: Line::long(""), error: None });
            }
        }
        Action::Interrupt => return interrupt(app),
        Action::Suspend => return vec![Effect::Suspend],
        Action::Redraw => return vec![Effect::Redraw],
        Action::PauseOrResume => return pause_or_resume(app, context),
        Action::Step => return run_on(app, Command::RunSteps(1)),
        Action::RunSteps => ask_count(app, Count::Steps),
        Action::RunEpochs => ask_count(app, Count::Epochs),
        Action::Save => return send(app, Command::Save),
        Action::Edit if context == Context::Parameters => app.editor.edit(),
        Action::Edit => return show(app, Screen::Parameters),
        Action::Zoom
        | Action::LogScale
        | Action::FullChart
        | Action::Axis
        | Action::Smoother
        | Action::Rougher
        | Action::ZoomIn
        | Action::ZoomOut
        | Action::Charts
        | Action::Sets
        | Action::Others => return plot::act(app, action),
        Action::Drawing => app.drawing = app.drawing.next(),
        Action::Left => go(app, context, Go::Left),
        Action::Right => go(app, context, Go::Right),
        Action::Up => go(app, context, Go::Up),
        Action::Down => go(app, context, Go::Down),
        Action::PageUp => go(app, context, Go::PageUp),
        Action::PageDown => go(app, context, Go::PageDown),
        Action::First => go(app, context, Go::First),
        Action::Last => go(app, context, Go::Last),
        Action::Source => app.layers.source = app.layers.source.next(),
        Action::NextOf => app.prompt = Some(Prompt::NextOf),
        Action::FilterTrue => app.prompt = Some(Prompt::Digit { predicted: false }),
        Action::FilterPredicted => app.prompt = Some(Prompt::Digit { predicted: true }),
        Action::ClearFilter | Action::Order if context == Context::Runs => return runs::act(app, action),
        Action::ClearFilter => clear_filter(app),
        Action::Order => {
            app.browser.order = app.browser.order.next();
            app.browser.list(app.live.evaluation.as_deref());
            app.browser.listing_mut().go_first();
        }
        Action::SwitchSet => app.browser.correct_ones = !app.browser.correct_ones,
        Action::Restart => return restart(app),
        Action::ApplyRate => return apply_rate(app),
        Action::Undo => app.editor.undo(),
        Action::Preset => preset(app),
        Action::Recall => recall(app),
        Action::Recover => return recover(app),
        Action::Percent | Action::Changes | Action::OpenCell => return matrix::act(app, action),
        Action::Load
        | Action::GoOnFrom
        | Action::Rename
        | Action::Delete
        | Action::FilterRuns
        | Action::Mark
        | Action::Compare => return runs::act(app, action),
        Action::Refresh if context == Context::Sweep => return vec![Effect::ReadTable],
        Action::Refresh => return app.list_checkpoints(),
        Action::OpenInEditor => sweep::open(app),
        Action::DropRun => return sweep::drop_or_restore(app),
        Action::StopSweep => sweep::ask_to_stop(app),
        Action::TurnRound => app.sweep.board.turn_to(app.sweep.board.turned() + 1),
        Action::NextPane => app.sweep.pane = app.sweep.pane.next(),
        Action::Follow => app.sweep.set_following(!app.sweep.follows),
        Action::Accept => return accept(app, context),
        Action::Cancel => match app.prompt.take() {
            None => app.editor.cancel(),
            Some(Prompt::Filter { before, .. }) => app.shelf.filter_by(&before),
            Some(_) => {}
        },
    }
    Vec::new()
}

fn show(app: &mut App, screen: Screen) -> Vec<Effect> {
    app.help = None;
    app.screen = screen;
    app.shelf.comparing = false;
    app.plot.full = false;
    match screen {
        Screen::Runs => app.list_checkpoints(),
        Screen::Sweep if app.sweep.sweeping.is_none() => vec![Effect::ReadTable],
        _ => Vec::new(),
    }
}

fn back(app: &mut App) -> Vec<Effect> {
    let closed = app.help.take().is_some()
        || std::mem::take(&mut app.shelf.comparing)
        || (app.plot.full && app.plot.cursor.take().is_some());
    if closed {
        return Vec::new();
    }
    show(app, if app.sweep.sweeping.is_some() && !app.has_run() { Screen::Sweep } else { Screen::Train })
}

fn quit(app: &mut App) -> Vec<Effect> {
    if app.leaving {
        return Vec::new();
    }
    if app.live.is_under_way() || app.sweep.is_under_way() || app.is_unsaved() {
        app.prompt = Some(Prompt::Quit);
        return Vec::new();
    }
    stop_and_leave(app)
}

fn interrupt(app: &mut App) -> Vec<Effect> {
    if app.leaving || app.prompt == Some(Prompt::Quit) { stop_and_leave(app) } else { quit(app) }
}

fn stop_and_leave(app: &mut App) -> Vec<Effect> {
    app.leaving = true;
    leave(app, Leave::Key)
}

/// Everything stops, and the screen closes at once.
fn leave(app: &App, leave: Leave) -> Vec<Effect> {
    let mut effects = stop_all(app);
    effects.push(Effect::Quit(leave));
    effects
}

/// Stops the sweep, if there is one, and closes the screen once the run has ended: only then is it sure that it can.
pub(super) fn leave_after_run(app: &App) -> Vec<Effect> {
    stop_sweep(app).into_iter().chain([Effect::Quit(Leave::Key)]).collect()
}

fn stop_sweep(app: &App) -> Option<Effect> {
    let is_there = app.sweep.sweeping.is_some() && !app.sweep.gone;
    is_there.then_some(Effect::Order(crate::sweep::Order::Stop))
}

fn stop_all(app: &App) -> Vec<Effect> {
    let sweep = stop_sweep(app);
    // Also to a worker that has ended: it takes no harm.
    let run = (app.has_run() || sweep.is_none()).then_some(Effect::Send(Command::Stop));
    run.into_iter().chain(sweep).collect()
}

/// Sends a command, where anybody is there to take it.
pub(super) fn send(app: &mut App, command: Command) -> Vec<Effect> {
    if app.live.gone {
        let text = if app.has_run() {
            format!("training has ended; quit with {} and go on with --resume", app.key(Action::Quit))
        } else {
            format!(
                "there is no run yet: {} on the Parameters screen starts one",
                app.keymap.first_key(Action::Restart)
            )
        };
        app.announce(Level::Warn, text);
        return Vec::new();
    }
    vec![Effect::Send(command)]
}

fn pause_or_resume(app: &mut App, context: Context) -> Vec<Effect> {
    if context == Context::Sweep
        && let Some(effects) = sweep::pause_or_resume(app)
    {
        return effects;
    }
    let pause = match app.live.pausing {
        Some(pausing) => !pausing,
        None => app.live.state != Some(State::Paused),
    };
    let effects = run_on(app, if pause { Command::Pause } else { Command::Resume });
    if !effects.is_empty() {
        app.live.pausing = Some(pause);
    }
    effects
}

/// Sends what only a run that is under way can follow.
fn run_on(app: &mut App, command: Command) -> Vec<Effect> {
    if !app.live.is_under_way() {
        let state = app.live.state.map_or("over", State::name);
        app.announce(Level::Warn, {
            let (new, load) = (app.key(Action::ShowParameters), app.key(Action::ShowRuns));
            format!("the run is {state}: {new} starts a new one, {load} loads a checkpoint")
        });
        return Vec::new();
    }
    send(app, command)
}

fn ask_count(app: &mut App, what: Count) {
    let last = match what {
        Count::Steps => app.counts.0,
        Count::Epochs => app.counts.1,
    };
    app.prompt = Some(Prompt::Count { what, line: Line::new(last.to_string()), error: None });
}

fn accept(app: &mut App, context: Context) -> Vec<Effect> {
    match app.prompt.take() {
        Some(Prompt::Quit) if app.live.gone && !app.sweep.is_under_way() => stop_and_leave(app),
        Some(Prompt::Quit) => {
            app.leaving = true;
            if app.is_unsaved() || app.live.gone { stop_all(app) } else { vec![Effect::Send(Command::StopIfSaved)] }
        }
        Some(Prompt::Folder { line, .. }) => save_elsewhere(app, line),
        Some(Prompt::StopSweep) => sweep::accept_stop(app),
        Some(Prompt::Count { what, line, .. }) => match line.text.trim().parse::<u32>() {
            Ok(count) if count > 0 => match what {
                Count::Steps => {
                    app.counts.0 = count;
                    run_on(app, Command::RunSteps(count))
                }
                Count::Epochs => {
                    app.counts.1 = count;
                    run_on(app, Command::RunEpochs(count))
                }
            },
            _ => {
                let error = Some(format!("a whole number, 1 or more, not `{}`", line.text));
                app.prompt = Some(Prompt::Count { what, line, error });
                Vec::new()
            }
        },
        Some(Prompt::Path { save, line, .. }) => pad::accept_path(app, save, line),
        Some(Prompt::Rename { run, line, .. }) => runs::accept_name(app, run, line),
        Some(Prompt::Delete(removal)) => vec![Effect::Remove(removal)],
        Some(Prompt::Lose(next)) => give_way(app, *next, true),
        Some(Prompt::Filter { .. }) => Vec::new(),
        other => {
            app.prompt = other;
            if context == Context::Typing {
                app.editor.accept();
            }
            Vec::new()
        }
    }
}

/// Saves in the folder that was typed, and leaves if the disk takes the run there.
fn save_elsewhere(app: &mut App, line: Line) -> Vec<Effect> {
    let text = line.text.trim();
    if text.is_empty() {
        app.prompt = Some(Prompt::Folder { line, error: Some("expected a folder, found nothing".into()) });
        return Vec::new();
    }
    let folder = match (text.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(text),
    };
    app.leaving = true;
    // Known again once this has failed, too.
    app.live.unsaved = None;
    vec![Effect::Send(Command::SaveIn(folder)), Effect::Send(Command::StopIfSaved)]
}

fn clear_filter(app: &mut App) {
    match app.prompt {
        Some(Prompt::Digit { predicted }) => filter(app, predicted, None),
        Some(Prompt::NextOf) => app.prompt = None,
        _ => {
            app.browser.filter = Default::default();
            app.browser.list(app.live.evaluation.as_deref());
        }
    }
}

fn filter(app: &mut App, predicted: bool, digit: Option<u8>) {
    let filter = &mut app.browser.filter;
    if predicted {
        filter.digit = digit;
    } else {
        filter.label = digit;
    }
    app.browser.list(app.live.evaluation.as_deref());
    app.prompt = None;
}

#[derive(Clone, Copy)]
pub(super) enum Go {
    Left,
    Right,
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
}

impl Go {
    /// Steps in a list of `columns` columns of which `page` items are seen at once.
    pub(super) fn by(self, columns: usize, page: usize) -> isize {
        let (columns, page) = (columns.max(1) as isize, page.max(1) as isize);
        match self {
            Self::Left => -1,
            Self::Right => 1,
            Self::Up => -columns,
            Self::Down => columns,
            Self::PageUp => -page,
            Self::PageDown => page,
            Self::First => -isize::MAX,
            Self::Last => isize::MAX,
        }
    }
}

pub(super) fn go(app: &mut App, context: Context, way: Go) {
    match context {
        Context::Train => {
            let by = way.by(1, 1);
            app.browser.mistakes.go(by);
        }
        Context::Curves => match way {
            Go::Left => plot::go(app, false),
            Go::Right => plot::go(app, true),
            Go::PageUp => plot::pan(app, false),
            Go::PageDown => plot::pan(app, true),
            Go::First => plot::go_to_end(app, false),
            Go::Last => plot::go_to_end(app, true),
            Go::Up | Go::Down => {}
        },
        Context::Mistakes => {
            let (columns, rows) = view::mistakes_grid(app);
            app.browser.listing_mut().go(way.by(columns, columns * rows));
        }
        Context::Parameters => match way {
            Go::Left => app.editor.change(false),
            Go::Right => app.editor.change(true),
            way => app.editor.go(way.by(1, Field::all().count())),
        },
        Context::Sweep => sweep::go(app, way),
        Context::Confusion => {
            let evaluation = app.live.evaluation.as_deref();
            let cursor = app.matrix.cursor(evaluation);
            match way {
                Go::Left => app.matrix.go(cursor, 0, -1),
                Go::Right => app.matrix.go(cursor, 0, 1),
                Go::Up => app.matrix.go(cursor, -1, 0),
                Go::Down => app.matrix.go(cursor, 1, 0),
                Go::PageUp => app.matrix.go_by_count(evaluation, -1),
                Go::PageDown => app.matrix.go_by_count(evaluation, 1),
                Go::First => app.matrix.go(cursor, 0, -isize::MAX),
                Go::Last => app.matrix.go(cursor, 0, isize::MAX),
            }
        }
        Context::Draw => pad::go(app, way),
        Context::Layers => match way {
            Go::Up => layers::go_layer(app, -1),
            Go::Down => layers::go_layer(app, 1),
            way => layers::go(app, way.by(1, 20)),
        },
        Context::Runs => match way {
            Go::Left => app.shelf.go_file(-1),
            Go::Right => app.shelf.go_file(1),
            way => app.shelf.go(way.by(1, view::runs_page(app))),
        },
        Context::Compare => app.shelf.go(way.by(1, 10)),
        Context::Help => {
            let (lines, page) = view::help_lines(app);
            let scroll = app.help.unwrap_or(0).saturating_add_signed(way.by(1, page));
            app.help = Some(scroll.min(lines.saturating_sub(page)));
        }
        Context::Typing | Context::Digit | Context::Asking | Context::Confirming => {}
    }
}

fn restart(app: &mut App) -> Vec<Effect> {
    if let Err(reason) = app.editor.check() {
        app.editor.error = Some(reason);
        return Vec::new();
    }
    begin(app, app.editor.spec.clone())
}

/// A new run, in place of the one there is.
fn begin(app: &mut App, spec: RunSpec) -> Vec<Effect> {
    let spec = Box::new(spec);
    let (start, command) = (Effect::Start(spec.clone()), Command::Restart(spec));
    take_up(app, Next { command, start, rate: None, goes_on: false })
}

/// What a checkpoint holds, in place of the run there is.
pub(super) fn load(app: &mut App, path: PathBuf, goes_on: bool) -> Vec<Effect> {
    take_up(app, loaded(path, None, goes_on))
}

fn loaded(path: PathBuf, rate: Option<f32>, goes_on: bool) -> Next {
    Next { command: Command::Load(path.clone()), start: Effect::StartFrom(path), rate, goes_on }
}

/// Asks first, where the run there is would be lost.
fn take_up(app: &mut App, next: Next) -> Vec<Effect> {
    if app.live.unsaved.is_some() {
        app.prompt = Some(Prompt::Lose(Box::new(next)));
        return Vec::new();
    }
    give_way(app, next, false)
}

/// By the worker, or by a new one where there is none: at first beside a sweep, or after it has failed.
fn give_way(app: &mut App, next: Next, abandons: bool) -> Vec<Effect> {
    let mut effects = sweep::make_way(app);
    (app.expecting_start, app.going_on) = (true, next.goes_on);
    app.next = (!abandons).then(|| Box::new(next.clone()));
    if app.live.gone || app.live.state == Some(State::Failed) {
        app.live.begin_anew();
        effects.push(next.start);
    } else {
        effects.extend(abandons.then_some(Effect::Send(Command::Abandon)));
        effects.push(Effect::Send(next.command));
    }
    effects.extend(next.rate.map(|rate| Effect::Send(Command::SetLearningRate(rate))));
    effects
}

fn preset(app: &mut App) {
    let Some(preset) = app.presets.get(app.next_preset).cloned() else { return };
    app.next_preset = (app.next_preset + 1) % app.presets.len();
    app.editor.fill(preset.hyper);
    app.notice = Some((Level::Plain, format!("{}; {} restarts with it", preset.name, app.key(Action::Restart))));
}

/// From the newest to the oldest, and round again.
fn recall(app: &mut App) {
    let place = match app.recalled {
        Some(place) if place > 0 => place - 1,
        _ => app.tried.len().wrapping_sub(1),
    };
    let Some(tried) = app.tried.get(place) else {
        app.notice = Some((Level::Warn, "nothing was tried before in this session".into()));
        return;
    };
    app.editor.spec = tried.spec.clone();
    app.editor.error = None;
    app.recalled = Some(place);
}

/// Where there is no checkpoint, the same run begins anew; after a divergence with a lower learning rate.
fn recover(app: &mut App) -> Vec<Effect> {
    if !app.live.can_recover() {
        app.announce(Level::Warn, "there is nothing to recover from: the run has neither diverged nor failed");
        return Vec::new();
    }
    let lower_rate = (app.live.state == Some(State::Diverged)).then(|| app.live.lower_rate());
    if let Some(path) = app.live.outcome.as_ref().and_then(|outcome| outcome.checkpoint().map(Path::to_owned)) {
        return take_up(app, loaded(path, lower_rate, false));
    }
    let mut spec = app.editor.running.clone();
    spec.hyper.learning_rate = lower_rate.unwrap_or(spec.hyper.learning_rate);
    begin(app, spec)
}

fn apply_rate(app: &mut App) -> Vec<Effect> {
    if !app.editor.differs(Field::Of(Hyperparameter::LearningRate)) {
        app.notice = Some((Level::Warn, "this learning rate is in force already".into()));
        return Vec::new();
    }
    run_on(app, Command::SetLearningRate(app.editor.spec.hyper.learning_rate))
}
