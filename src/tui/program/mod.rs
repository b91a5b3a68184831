//! The loop: messages in, effects out, a frame when something changed. The same loop runs under a test's backend.

pub(crate) mod burst;
pub(crate) mod foreground;
pub(crate) mod job_control;
pub(crate) mod jobs;
pub(crate) mod panics;
pub(crate) mod pictures;
pub(crate) mod reader;
pub(crate) mod summary;
pub(crate) mod terminal;

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::PathBuf,
    sync::Arc,
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use crossbeam_channel::{Receiver, Sender, at, never, select, unbounded};
use ratatui::{Terminal, backend::Backend, layout::Size};

use crate::{
    data::Dataset,
    sweep::{Snapshot, Sweep, SweepCommand},
    train::{Command, Event, Outcome, Start, Worker},
    tui::{
        app::{App, update, view},
        keys::keymap::Keymap,
        message::{Effect, Leave, Message},
        program::{
            job_control::Keys,
            jobs::{Job, Jobs, write_log},
            panics::PanicReports,
            summary::summary,
        },
        session::{
            sweep::{Sweeping, TableRead},
            tried::Preset,
        },
        theme::Theme,
    },
};

/// Messages that may wait for the loop before no further ones are read from the terminal, which holds them back then.
const MAX_WAITING: usize = 100_000;

/// Starts a worker.
pub type StartWorker = Box<dyn Fn(Start) -> Worker + Send>;

/// The ways to and from whatever trains.
#[derive(Default)]
pub struct Link {
    pub worker: Option<Worker>,
    /// For a session that has no worker at first, or none any more.
    pub start: Option<StartWorker>,
    pub sweep: Option<Sweep>,
}

impl Link {
    pub fn to(worker: Worker) -> Self {
        Self { worker: Some(worker), ..Self::default() }
    }

    /// Returns what rings when its events wait.
    fn start(&mut self, start: Start) -> Receiver<()> {
        self.worker = self.start.as_ref().map(|begin| begin(start));
        self.events()
    }

    fn send(&self, command: Command) {
        if let Some(worker) = &self.worker {
            let _ = worker.commands.send(command);
        }
    }

    fn send_to_sweep(&self, command: SweepCommand) {
        if let Some(sweep) = &self.sweep {
            sweep.send(command);
        }
    }

    /// Rings when events wait.
    fn events(&self) -> Receiver<()> {
        self.worker.as_ref().map_or_else(never, |worker| worker.events.ready().clone())
    }

    fn drain(&self) -> Vec<Event> {
        self.worker.as_ref().map_or_else(Vec::new, |worker| worker.events.drain())
    }

    /// Comes back when everything has ended and is saved.
    fn wait(&self) {
        if let Some(sweep) = &self.sweep {
            let _ = sweep.ended().recv();
        }
        if let Some(worker) = &self.worker {
            let _ = worker.ended.recv();
        }
    }
}

/// Reads a sweep's table, or looks for one.
pub type ReadTable = Box<dyn Fn() -> TableRead + Send>;

/// What the command line hands to the screen.
pub struct Options {
    /// Frames a second at most.
    pub fps: u8,
    pub theme: Theme,
    /// The mouse may be used.
    pub mouse: bool,
    pub keymap: Keymap,
    /// The user's own.
    pub presets: Vec<Preset>,
    /// Where runs have their folders.
    pub checkpoint_dir: PathBuf,
    pub read_table: ReadTable,
    /// The sweep that [`Link::sweep`] is.
    pub sweeping: Option<Sweeping>,
    /// Flags that a command which resumes a run of this session needs, see [`Session::resume_flags`](super::Session::resume_flags).
    pub resume_flags: String,
}

/// How the screen was left, and what the run came to.
#[derive(Debug)]
pub struct Exit {
    pub leave: Leave,
    /// `Finished`, `Diverged`, `Failed` or `Stopped`; `None` where no run came to an end.
    pub outcome: Option<Outcome>,
    /// How the sweep stands, where there was one.
    pub sweep: Option<Snapshot>,
    /// A few lines for standard output; none where no run was begun beside a sweep.
    pub summary: String,
}

impl Exit {
    /// Returns whether the run has a state that could not be saved.
    pub fn is_unsaved(&self) -> bool {
        self.outcome.as_ref().is_some_and(|outcome| outcome.save_error.is_some())
    }
}

/// Shows what is trained on the terminal until the user leaves, and waits until everything is saved.
///
/// # Errors
/// If the terminal cannot be taken over. Everything is stopped then.
pub fn run(dataset: Arc<Dataset>, mut link: Link, options: Options) -> std::io::Result<Exit> {
    let (sender, input) = unbounded();
    let reports = PanicReports::to(sender.clone());
    let size = terminal::size();
    let mut app = App::new(dataset, options.theme, now(), (size.width, size.height));
    app.session.mouse = options.mouse;
    app.session.keymap = options.keymap;
    app.session.presets.extend(options.presets);
    app.session.resume_flags = options.resume_flags;
    if let Some(sweeping) = options.sweeping {
        app.watch_sweep(sweeping);
    }
    terminal::show(true);
    let left = terminal::enter().and_then(|_| terminal::TerminalScreen::on_stdout()).map(|mut screen| {
        let continued = job_control::continuations();
        listen(&sender);
        let given = Loop {
            link: &mut link,
            input: &input,
            sender: &sender,
            continued: &continued,
            checkpoint_dir: options.checkpoint_dir,
            read_table: options.read_table,
            fps: options.fps,
        };
        catch_unwind(AssertUnwindSafe(|| run_loop(&mut app, &mut screen, &mut Real, given)))
    });
    terminal::restore();
    // From here on the main thread reports how it ended.
    terminal::show(false);
    drop(reports);
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
    link.send_to_sweep(SweepCommand::Stop);
    link.wait();
}

/// Keys, sizes and hang-ups, each on a thread that may wait for ever.
fn listen(sender: &Sender<Message>) {
    let keys = sender.clone();
    thread::spawn(move || while listen_to_keys(&keys) {});
    let sizes = sender.clone();
    let resizes = job_control::resizes();
    thread::spawn(move || {
        for () in resizes {
            let Size { width, height } = terminal::size();
            if sizes.send(Message::Resize(width, height)).is_err() {
                return;
            }
        }
    });
    // crossterm does not come back from a terminal that vanishes while it reads.
    let sender = sender.clone();
    thread::spawn(move || {
        if job_control::wait_for_hangup() {
            let _ = sender.send(Message::TerminalGone);
        }
    });
}

/// Returns the next event of a burst, if there is one.
fn read_event() -> Option<io::Result<crossterm::event::Event>> {
    matches!(crossterm::event::poll(BETWEEN_KEYS), Ok(true)).then(crossterm::event::read)
}

/// How long more keys of one burst are waited for. (With no time at all crossterm reads nothing.)
const BETWEEN_KEYS: Duration = Duration::from_millis(20);

/// Passes on what was typed. Returns whether there may be more.
fn listen_to_keys(keys: &Sender<Message>) -> bool {
    if job_control::wait_for_keys() == Keys::Gone {
        let _ = keys.send(Message::TerminalGone);
        return false;
    }
    while let Some(read) = job_control::while_in_foreground(read_event).flatten() {
        let message = match read {
            Ok(crossterm::event::Event::Key(key)) => Message::Key(key),
            Ok(crossterm::event::Event::Paste(text)) => Message::Paste(text),
            Ok(crossterm::event::Event::Mouse(event)) => Message::Mouse(event),
            Ok(crossterm::event::Event::Resize(columns, rows)) => Message::Resize(columns, rows),
            Ok(_) => continue,
            Err(_) => Message::TerminalGone,
        };
        let gone = matches!(message, Message::TerminalGone);
        while keys.len() > MAX_WAITING {
            thread::sleep(Duration::from_millis(1));
        }
        if keys.send(message).is_err() || gone {
            return false;
        }
    }
    true
}

/// What the loop wants of the terminal beyond drawing.
pub trait Host {
    /// Gives the terminal to the shell, and comes back when the process continues.
    fn suspend(&mut self, continued: &Receiver<()>);
    /// Takes the mouse, or leaves it to the terminal.
    fn capture_mouse(&mut self, capture: bool);
    /// Returns whether the terminal is ours; if not, [`Host::resume`] is tried from time to time.
    fn has_terminal(&self) -> bool;
    /// Takes the terminal over again, unless the process is in the background.
    fn resume(&mut self);
}

struct Real;

impl Host for Real {
    fn suspend(&mut self, continued: &Receiver<()>) {
        job_control::suspend(continued);
    }

    fn capture_mouse(&mut self, capture: bool) {
        terminal::capture_mouse(capture);
    }

    fn has_terminal(&self) -> bool {
        terminal::is_up() && foreground::is_foreground()
    }

    fn resume(&mut self) {
        // Where it fails the terminal is going: that comes as a hang-up.
        let _ = terminal::enter();
    }
}

/// What the loop is given.
pub struct Loop<'a> {
    pub link: &'a mut Link,
    /// Keys, sizes, and news from other threads.
    pub input: &'a Receiver<Message>,
    /// The other end of `input`.
    pub sender: &'a Sender<Message>,
    /// Rings when the process goes on after it was stopped.
    pub continued: &'a Receiver<()>,
    /// Where runs have their folders.
    pub checkpoint_dir: PathBuf,
    pub read_table: ReadTable,
    /// Frames a second at most.
    pub fps: u8,
}

/// Shows `app` until the user leaves.
pub fn run_loop<B: Backend>(app: &mut App, terminal: &mut Terminal<B>, host: &mut dyn Host, given: Loop) -> Leave {
    let jobs = Jobs::start(given.sender.clone(), given.checkpoint_dir, given.read_table);
    let link = given.link;
    let mut events = link.events();
    let mut sweep = SweepNews::of(link);
    let mut effects = sweep.tell(app, link);
    let frame_time = Duration::from_secs(1) / u32::from(given.fps.max(1));
    let (mut next_frame, mut next_look) = (Instant::now(), Instant::now());
    let mut changed = true;
    loop {
        let is_here = host.has_terminal();
        let due = if changed && is_here { at(next_frame) } else { never() };
        let look = if is_here { never() } else { at(next_look) };
        let mut messages = Vec::new();
        select! {
            recv(given.input) -> message => messages.extend(message),
            recv(events) -> rung => {
                messages.extend(link.drain().into_iter().map(Message::Worker));
                if rung.is_err() {
                    events = never();
                    messages.push(Message::WorkerGone);
                }
            }
            recv(sweep.rung) -> _ => {
                sweep.is_new = true;
                changed = true;
            }
            recv(sweep.ended) -> _ => {
                sweep.ended = never();
                effects.extend(sweep.tell(app, link));
                messages.push(Message::SweepGone);
            }
            recv(given.continued) -> _ => changed = come_back(host, terminal),
            recv(look) -> _ => {
                changed |= come_back(host, terminal);
                next_look = Instant::now() + job_control::BETWEEN_LOOKS;
            }
            recv(due) -> _ => {
                if let Ok(size) = terminal.size() {
                    effects.extend(update(app, Message::Resize(size.width, size.height)));
                }
                if std::mem::take(&mut sweep.is_new) {
                    effects.extend(sweep.tell(app, link));
                }
                if terminal.draw(|frame| view(app, frame)).is_err() {
                    messages.push(Message::TerminalGone);
                }
                changed = false;
                next_frame = Instant::now() + frame_time;
            }
        }
        // Not more than wait now: whoever sends without end would keep us here.
        messages.extend(given.input.try_iter().take(given.input.len()));
        let messages = burst::merged(messages);
        if !messages.is_empty() {
            changed = true;
            effects.extend(update(app, Message::Clock(now())));
            effects.extend(messages.into_iter().flat_map(|message| update(app, message)));
        }
        for effect in effects.drain(..) {
            match effect {
                Effect::Send(command) => link.send(command),
                Effect::Start(spec) => events = link.start(Start::New(spec)),
                Effect::StartFrom(checkpoint) => events = link.start(Start::Load(checkpoint)),
                Effect::SendToSweep(order) => link.send_to_sweep(order),
                Effect::ReadTable => jobs.run(Job::ReadTable),
                Effect::ListCheckpoints => jobs.run(Job::ListCheckpoints),
                Effect::Rename(run, name) => jobs.run(Job::Rename(run, name)),
                Effect::Remove(removal) => jobs.run(Job::Remove(removal)),
                Effect::WriteLog(folder, lines) => jobs.run(Job::WriteLog(folder, lines)),
                Effect::OpenPicture(path) => jobs.run(Job::OpenPicture(path)),
                Effect::SavePicture(path, png) => jobs.run(Job::SavePicture(path, png)),
                Effect::CaptureMouse(capture) => host.capture_mouse(capture),
                Effect::Suspend => {
                    host.suspend(given.continued);
                    changed |= come_back(host, terminal);
                }
                Effect::Redraw => drop(terminal.clear()),
                Effect::Quit(leave) => return leave,
            }
        }
    }
}

/// Takes the terminal again, if the shell has brought the program to the foreground. Returns whether a frame is due.
fn come_back<B: Backend>(host: &mut dyn Host, terminal: &mut Terminal<B>) -> bool {
    host.resume();
    let is_here = host.has_terminal();
    if is_here {
        let _ = terminal.clear();
    }
    is_here
}

/// What the loop knows of the sweep. Its bell may ring for each step of many runs: they are looked at once a frame.
struct SweepNews {
    rung: Receiver<()>,
    ended: Receiver<()>,
    is_new: bool,
}

impl SweepNews {
    fn of(link: &Link) -> Self {
        let (rung, ended) = match &link.sweep {
            Some(sweep) => (sweep.bell().clone(), sweep.ended().clone()),
            None => (never(), never()),
        };
        Self { rung, ended, is_new: false }
    }

    fn tell(&self, app: &mut App, link: &Link) -> Vec<Effect> {
        let snapshot = link.sweep.as_ref().map(Sweep::snapshot);
        snapshot.map_or_else(Vec::new, |snapshot| update(app, Message::Sweep(Box::new(snapshot))))
    }
}

/// Waits until everything is saved, and takes the last words in.
pub fn wind_up(app: &mut App, link: &Link, leave: Leave) -> Exit {
    link.wait();
    update(app, Message::Clock(now()));
    let mut lines: Vec<(PathBuf, Vec<String>)> = Vec::new();
    for event in link.drain() {
        for effect in update(app, Message::Worker(event)) {
            if let Effect::WriteLog(folder, more) = effect {
                lines.push((folder, more));
            }
        }
    }
    for (folder, lines) in &lines {
        let _ = write_log(folder, lines);
    }
    let sweep = link.sweep.as_ref().map(Sweep::snapshot);
    let summary = if sweep.is_some() && !app.session.has_run() { String::new() } else { summary(&app.session) };
    Exit { leave, outcome: app.session.live.outcome.clone(), sweep, summary }
}

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
