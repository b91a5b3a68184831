//! The loop: takes messages in, carries effects out, and draws a frame when something has changed. Tests run the same
//! loop with another backend.

pub(crate) mod background;
pub(crate) mod burst;
pub(crate) mod foreground;
pub(crate) mod host;
pub(crate) mod input;
pub(crate) mod job_control;
pub(crate) mod jobs;
pub(crate) mod link;
pub(crate) mod panics;
pub(crate) mod pictures;
pub(crate) mod reader;
pub(crate) mod run_log;
pub(crate) mod summary;
mod sweep_updates;
pub(crate) mod terminal;

use std::{
    panic::resume_unwind,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use crossbeam_channel::{Receiver, Sender, TryRecvError, after, at, never, select, unbounded};
use crossterm::event::MouseEventKind;
use ratatui::{Terminal, backend::Backend};

use crate::{
    data::Gallery,
    sweep::{Snapshot, SweepCommand, SweepCurves, TableStatus},
    train::{Command, Continuation, Event, Outcome, Start},
    tui::{
        app::{App, replay, title, update, view},
        keys::keymap::Keymap,
        message::{Effect, Leave, Message},
        program::{
            host::{Host, on_terminal, take_back},
            jobs::{Job, Jobs, write_log},
            link::Link,
            summary::{farewell, summary, sweep_farewell},
            sweep_updates::SweepUpdates,
        },
        session::{
            attachment::Attachment,
            log::Level,
            sweep::{Sweeping, TableRead},
            tried::Preset,
        },
        theme::Theme,
    },
};

/// Line of the log where the data set is elsewhere.
const FROM_TRAINER: &str = "the trainer sends the images: this computer does not have the data set";
/// Minimum time between frames that answer a key.
const BETWEEN_ANSWERS: Duration = Duration::from_millis(16);

/// Function that looks for a sweep's table and reads it.
pub type ReadTable = Box<dyn Fn() -> TableRead + Send>;

/// Settings of the screen, from the command line.
pub struct Options {
    /// Maximum number of frames per second.
    pub fps: u8,
    pub theme: Theme,
    /// Whether to choose the palette by the terminal's background, if the terminal reports it.
    pub asks_background: bool,
    /// Whether the mouse may be used.
    pub mouse: bool,
    /// Whether the title of the terminal's window says what runs.
    pub title: bool,
    /// Whether the terminal's bell rings when the run or the sweep ends.
    pub bell: bool,
    /// Whether the terminal sends a notification then.
    pub notify: bool,
    pub keymap: Keymap,
    /// The user's own presets.
    pub presets: Vec<Preset>,
    /// Folder with the runs' folders.
    pub checkpoint_dir: PathBuf,
    pub read_table: ReadTable,
    /// File of a new sweep's table; `None` is the form's default.
    pub sweep_file: Option<PathBuf>,
    /// Settings of [`Link::sweep`].
    pub sweeping: Option<Sweeping>,
    /// Flags that a command needs to resume a run of this session, each preceded by a blank and quoted for a shell.
    pub resume_flags: String,
    /// Flags that a command needs to sweep on the same data, likewise.
    pub sweep_flags: String,
    /// Number of cores that this process may use.
    pub cores: u32,
    /// Background run that the screen is attached to, and what has happened in it.
    pub attached: Option<(Attachment, Vec<Event>)>,
    /// Where [`Link::sweep`] is trained, if it is in the background, and the curves of its runs from before.
    pub attached_sweep: Option<(Attachment, SweepCurves)>,
    /// Warnings about the data set, the first lines of the log, each with shorter texts for narrow panes.
    pub notes: Vec<(String, Vec<String>)>,
}

/// How the screen was left, and the results.
#[derive(Debug)]
pub struct Exit {
    pub leave: Leave,
    /// Outcome of the run; `None` if no run has ended.
    pub outcome: Option<Outcome>,
    /// Checkpoint from which the run can continue exactly where it was stopped, and how.
    pub continuation: Option<(PathBuf, Continuation)>,
    /// The last sweep, if there was one.
    pub sweep: Option<SweepOutcome>,
    /// A few lines for standard output; empty if only a sweep was trained.
    pub summary: String,
}

/// Last state of a sweep.
#[derive(Debug)]
pub struct SweepOutcome {
    pub snapshot: Snapshot,
    /// Rows that are in the table on disk.
    pub kept: TableStatus,
    /// Command that continues the sweep from a shell.
    pub command: String,
}

impl Exit {
    /// Returns whether the run's last state could not be saved.
    pub fn is_unsaved(&self) -> bool {
        self.outcome.as_ref().is_some_and(|outcome| outcome.save_error.is_some())
    }
}

/// Shows the training on the terminal until the user leaves, and waits until everything is saved.
///
/// # Errors
/// If the terminal cannot be taken over; all training is stopped then.
pub fn run(images: impl Into<Gallery>, mut link: Link, options: Options) -> std::io::Result<Exit> {
    let (sender, input) = unbounded();
    let size = terminal::size();
    let mut app = App::new(images, options.theme, now(), (size.width, size.height));
    app.session.mouse = options.mouse;
    app.session.bell = options.bell;
    app.session.notifies = options.notify;
    app.session.keymap = options.keymap;
    app.session.presets.extend(options.presets);
    app.session.resume_flags = options.resume_flags;
    app.session.sweep_flags = options.sweep_flags;
    app.session.cores = options.cores;
    if let Some(file) = options.sweep_file {
        app.screens.sweep.form.out = file;
    }
    if let Some(sweeping) = options.sweeping {
        app.watch_sweep(sweeping);
    }
    if let (Some((attachment, curves)), Some(sweep)) = (options.attached_sweep, &link.sweep) {
        app.session.recall_sweep(attachment, sweep.snapshot(), curves);
        link.is_sweep_attached = true;
    }
    app.session.explain_data(options.notes);
    let mut replayed = Vec::new();
    if let Some((attachment, recording)) = options.attached {
        app.session.attachment = Some(attachment);
        link.is_attached = true;
        replayed = replay(&mut app, recording);
        if !app.session.images.is_here() {
            app.session.say(Level::Plain, FROM_TRAINER);
        }
    }
    let left = on_terminal(&sender, options.asks_background, options.title, |mut taken| {
        let setup = Loop {
            link: &mut link,
            input: &input,
            sender: &sender,
            continued: &taken.continued,
            checkpoint_dir: options.checkpoint_dir,
            read_table: options.read_table,
            fps: options.fps,
            first_frame: taken.first_frame,
            effects: replayed,
        };
        run_loop(&mut app, &mut taken.screen, &mut taken.host, setup)
    });
    match left {
        Ok(Ok(leave)) => Ok(wind_up(&mut app, &link, leave)),
        Ok(Err(panic)) => {
            stop(&link);
            resume_unwind(panic)
        }
        Err(error) => {
            stop(&link);
            Err(error)
        }
    }
}

fn stop(link: &Link) {
    link.send(Command::Stop);
    if !link.is_sweep_attached {
        link.send_to_sweep(SweepCommand::Interrupt);
    }
    link.wait();
}

/// Channels and settings of the loop.
pub struct Loop<'a> {
    pub link: &'a mut Link,
    /// Messages from the terminal and from other threads.
    pub input: &'a Receiver<Message>,
    /// Sending end of `input`.
    pub sender: &'a Sender<Message>,
    /// Receives a message when the process continues after being stopped.
    pub continued: &'a Receiver<()>,
    /// Folder with the runs' folders.
    pub checkpoint_dir: PathBuf,
    pub read_table: ReadTable,
    /// Maximum number of frames per second.
    pub fps: u8,
    /// Latest time of the first frame, unless the terminal reports its background earlier.
    pub first_frame: Instant,
    /// Effects to carry out first.
    pub effects: Vec<Effect>,
}

/// Shows `app` until the user leaves.
pub fn run_loop<B: Backend>(app: &mut App, terminal: &mut Terminal<B>, host: &mut dyn Host, setup: Loop) -> Leave {
    let jobs = Jobs::start(setup.sender.clone(), setup.checkpoint_dir, setup.read_table);
    let link = setup.link;
    let mut events = link.events();
    let mut sweep = SweepUpdates::of(link);
    let (mut starting, mut attaching) = (never(), never());
    let mut effects = setup.effects;
    effects.extend(sweep.update(app, link));
    let frame_time = Duration::from_secs(1) / u32::from(setup.fps.max(1));
    let (mut next_frame, mut last_frame, mut next_check) = (setup.first_frame, Instant::now(), Instant::now());
    let mut changed = true;
    loop {
        let has_terminal = host.has_terminal();
        // Until the next frame is due, the worker's events wait: the thread wakes up once for all of them.
        let waits = has_terminal && (changed || (Instant::now() < next_frame && !app.session.leaving));
        let frame_due = if waits { at(next_frame) } else { never() };
        let check_due = if has_terminal { never() } else { at(next_check) };
        let wakes_at = app.session.wakes_at();
        let wake_due = wakes_at.map_or_else(never, |at| after(Duration::from_secs(at.saturating_sub(now()))));
        let mut messages = Vec::new();
        let mut is_due = false;
        select! {
            recv(setup.input) -> message => {
                // A key acts on the newest state.
                messages = news(link, &mut events, false);
                messages.extend(message);
            }
            recv(if waits { never() } else { events.clone() }) -> rung => {
                messages = news(link, &mut events, rung.is_err());
                // The number of viewers is no event.
                changed |= link.is_attached;
            }
            recv(sweep.bell) -> _ => {
                (sweep.has_changed, changed) = (true, true);
                messages.extend(SweepUpdates::refusal(link));
            }
            recv(sweep.ended) -> _ => {
                sweep.ended = never();
                effects.extend(sweep.update(app, link));
                messages.push(Message::SweepGone);
            }
            recv(starting) -> started => {
                starting = never();
                // The thread itself can only fail to start the sweep by a panic.
                let started = started.unwrap_or_else(|_| Err("the sweep could not be started".into()));
                messages.push(Message::SweepStarted(started.map(|(started, notes)| {
                    (link.sweep, link.is_sweep_attached) = (Some(started), false);
                    sweep = SweepUpdates { has_changed: true, ..SweepUpdates::of(link) };
                    notes
                })));
            }
            recv(attaching) -> reached => {
                attaching = never();
                messages.push(link.take(reached.unwrap_or_else(|_| Err("the run could not be reached".into()))));
                events = link.events();
            }
            recv(setup.continued) -> _ => changed = take_back(host, terminal),
            recv(wake_due) -> _ => {
                changed = true;
                effects.extend(update(app, Message::Clock(now())));
            }
            recv(check_due) -> _ => {
                changed |= take_back(host, terminal);
                next_check = Instant::now() + job_control::BETWEEN_LOOKS;
            }
            recv(frame_due) -> _ => {
                is_due = true;
                let rung = events.try_recv();
                messages = news(link, &mut events, rung == Err(TryRecvError::Disconnected));
                changed |= link.is_attached && rung.is_ok();
            }
        }
        // Only those waiting now: an endless sender would keep the loop here.
        messages.extend(setup.input.try_iter().take(setup.input.len()));
        let messages = burst::merged(messages);
        if !messages.is_empty() {
            changed = true;
            if messages.iter().any(is_answered_at_once) {
                next_frame = next_frame.min(last_frame + BETWEEN_ANSWERS);
            }
            effects.extend(update(app, Message::Clock(now())));
            effects.extend(messages.into_iter().flat_map(|message| update(app, message)));
        }
        if is_due && changed {
            // Even if the size is the same: an image that has arrived may be what a screen waits for to inquire.
            if let Ok(size) = terminal.size() {
                effects.extend(update(app, Message::Resize(size.width, size.height)));
            }
            if std::mem::take(&mut sweep.has_changed) {
                effects.extend(sweep.update(app, link));
            }
            if terminal.draw(|frame| view(app, frame)).is_err() {
                effects.extend(update(app, Message::TerminalGone));
            }
            host.set_title(title(app));
            changed = false;
            last_frame = Instant::now();
            next_frame = last_frame + frame_time;
        }
        for effect in effects.drain(..) {
            match effect {
                Effect::Send(command) => link.send(command),
                Effect::Start(spec) => events = link.start(Start::New(spec)),
                Effect::StartFrom(checkpoint) => events = link.start(Start::Load(checkpoint)),
                Effect::SendToSweep(command) => link.send_to_sweep(command),
                Effect::StartSweep(plan) => starting = link.start_sweep(*plan),
                Effect::Attach(socket) => attaching = link.attach(socket),
                Effect::AskStatuses(sockets) => link.ask_statuses(sockets, setup.sender.clone()),
                Effect::Write(writing) => link.write(writing, setup.sender.clone()),
                Effect::ReadTable => jobs.run(Job::ReadTable),
                Effect::ReadKnownRuns(path) => jobs.run(Job::ReadKnownRuns(path)),
                Effect::ListCheckpoints => jobs.run(Job::ListCheckpoints),
                Effect::Evaluate { run, file } => {
                    jobs.run(Job::Evaluate { run, file, dataset: Arc::clone(&app.session.dataset) });
                }
                Effect::Consult { id, members, pixels } => jobs.run(Job::Consult { id, members, pixels }),
                Effect::Rename(run, name) => jobs.run(Job::Rename(run, name)),
                Effect::Remove(removal) => jobs.run(Job::Remove(removal)),
                Effect::WriteLog(folder, lines) => jobs.run(Job::WriteLog(folder, lines)),
                Effect::OpenPicture(path) => jobs.run(Job::OpenPicture(path)),
                Effect::SavePicture(path, png) => jobs.run(Job::SavePicture(path, png)),
                Effect::CaptureMouse(capture) => host.capture_mouse(capture),
                Effect::RingBell => host.ring_bell(),
                Effect::Notify(text) => host.notify(&text),
                Effect::Suspend => {
                    host.suspend(setup.continued);
                    changed |= take_back(host, terminal);
                }
                Effect::Redraw => drop(terminal.clear()),
                Effect::Quit(leave) => return leave,
            }
        }
    }
}

/// Returns the worker's newest events and, last, that the worker is gone; `events` is then not listened to any more.
fn news(link: &Link, events: &mut Receiver<()>, is_gone: bool) -> Vec<Message> {
    let mut messages: Vec<_> = link.drain().into_iter().map(Message::Worker).collect();
    if is_gone {
        *events = never();
        messages.push(Message::WorkerGone);
    }
    messages
}

/// Returns whether the user waits for the screen to answer this message, and not for the next frame.
fn is_answered_at_once(message: &Message) -> bool {
    match message {
        Message::Key(_) | Message::Paste(_) | Message::Background(_) => true,
        Message::Mouse(event) => matches!(event.kind, MouseEventKind::Down(_)),
        _ => false,
    }
}

/// Waits until everything is saved, processes the last events and returns the results.
pub fn wind_up(app: &mut App, link: &Link, leave: Leave) -> Exit {
    link.wait();
    update(app, Message::Clock(now()));
    let mut lines: Vec<(PathBuf, Vec<String>)> = Vec::new();
    for event in link.drain() {
        for effect in update(app, Message::Worker(event)) {
            if let Effect::WriteLog(folder, new_lines) = effect {
                lines.push((folder, new_lines));
            }
        }
    }
    for (folder, lines) in &lines {
        let _ = write_log(folder, lines);
    }
    let command = app.session.sweep.sweeping.as_ref().map(|sweeping| sweeping.command.clone()).unwrap_or_default();
    // Of a background sweep that continues, nothing is kept here.
    let sweep = link.sweep.as_ref().filter(|_| !app.session.sweep.is_attached());
    let sweep = sweep.map(|sweep| SweepOutcome { snapshot: sweep.snapshot(), kept: sweep.check_table(), command });
    let of_run = match leave {
        Leave::Detached if app.session.is_attached() => farewell(&app.session),
        _ if link.sweep.is_some() && !app.session.has_run() => String::new(),
        _ => summary(&app.session),
    };
    let summary = of_run + &sweep_farewell(&app.session);
    let continuation = link.worker.as_ref().filter(|_| !link.is_attached);
    let continuation = continuation.and_then(|worker| worker.last_outcome.continuation());
    Exit { leave, continuation, outcome: app.session.live.outcome.clone(), sweep, summary }
}

/// Returns the seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
