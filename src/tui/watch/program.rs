//! The loop: keys and changes of the files come in, frames go out. The files are read on a thread of their own, since a
//! network file system may take its time.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, at, bounded, never, select, unbounded};

use super::{Board, Reply, view::view};
use crate::{
    tui::{
        keys::keymap::Keymap,
        message::Message,
        program::{
            foreground::is_foreground,
            input::listen,
            job_control::{self, BETWEEN_LOOKS},
            panics::PanicReports,
            terminal,
        },
        theme::{Palette, Theme},
    },
    watch::Watch,
};

/// Time between two looks at the files.
const BETWEEN_POLLS: Duration = Duration::from_millis(250);
/// Time between two searches for new files.
const BETWEEN_SEARCHES: Duration = Duration::from_secs(2);
/// Longest time that the files are read without a frame in between.
const HOLD: Duration = Duration::from_millis(15);
/// Shortest time between frames that answer a key.
const BETWEEN_ANSWERS: Duration = Duration::from_millis(16);
/// How long the first frame waits for the terminal to report its background colour.
const PATIENCE: Duration = Duration::from_millis(100);

/// Settings of the screen.
pub struct WatchOptions {
    pub theme: Theme,
    /// Whether to choose the palette by the terminal's background, if the terminal reports it.
    pub asks_background: bool,
    /// Whether the title of the terminal's window says what is watched.
    pub title: bool,
    pub keymap: Keymap,
    /// Maximum number of frames per second.
    pub fps: u8,
}

/// Shows the runs until the user quits. Returns whether the terminal has vanished.
///
/// # Errors
/// If the terminal cannot be taken over.
pub fn run(watch: Watch, options: WatchOptions) -> io::Result<bool> {
    let (sender, input) = unbounded();
    let reports = PanicReports::to(sender.clone());
    let size = terminal::size();
    let mut board = Board::new(options.theme, &options.keymap, (size.width, size.height));
    let shared = Arc::new(Mutex::new(watch));
    terminal::set_shown(true);
    let mut first_frame = Instant::now();
    if options.asks_background {
        terminal::ask_for_background();
        first_frame += PATIENCE;
    }
    let left = terminal::enter().and_then(|_| terminal::TerminalScreen::on_stdout()).map(|mut screen| {
        let continued = job_control::continuations();
        listen(&sender);
        if options.title {
            terminal::set_title("watching - lenet-monitor");
        }
        let reader = Reader::start(Arc::clone(&shared));
        let channels = Channels { input: &input, news: &reader.news, continued: &continued };
        let frame_time = Duration::from_secs(1) / u32::from(options.fps.max(1));
        catch_unwind(AssertUnwindSafe(|| show(&mut board, &shared, &mut screen, &channels, (first_frame, frame_time))))
    });
    terminal::await_answer();
    terminal::restore();
    terminal::set_shown(false);
    drop(reports);
    match left? {
        Ok(is_gone) => Ok(is_gone),
        Err(panic) => resume_unwind(panic),
    }
}

/// What the loop waits for.
struct Channels<'a> {
    input: &'a Receiver<Message>,
    /// Whether there is more to read at once, after each change.
    news: &'a Receiver<bool>,
    continued: &'a Receiver<()>,
}

type Screen = ratatui::Terminal<terminal::TerminalScreen<std::fs::File>>;

/// Shows the runs until the user quits. Returns whether the terminal has vanished.
fn show(
    board: &mut Board,
    watch: &Mutex<Watch>,
    screen: &mut Screen,
    channels: &Channels,
    (mut next_frame, frame_time): (Instant, Duration),
) -> bool {
    let (mut changed, mut last_frame) = (true, Instant::now());
    let mut last_news: Option<Instant> = None;
    let mut next_check = Instant::now();
    loop {
        let has_terminal = terminal::is_up() && is_foreground();
        let frame_due = if changed && has_terminal { at(next_frame) } else { never() };
        // Also to say for how long nothing has changed.
        let check_due = at(if has_terminal { last_frame + Duration::from_secs(1) } else { next_check });
        let mut messages = Vec::new();
        select! {
            recv(channels.input) -> message => messages.extend(message),
            recv(channels.news) -> more => {
                board.reading = more.unwrap_or(false);
                last_news = Some(Instant::now());
                changed = true;
            }
            recv(channels.continued) -> _ => changed |= take_back(screen),
            recv(check_due) -> _ => {
                changed = if has_terminal { true } else { changed | take_back(screen) };
                next_check = Instant::now() + BETWEEN_LOOKS;
            }
            recv(frame_due) -> _ => {
                let size = terminal::size();
                board.resize(size.width, size.height);
                board.idle = last_news.map(|at| at.elapsed().as_secs());
                let watch = locked(watch);
                if screen.draw(|frame| view(board, &watch, frame)).is_err() {
                    return true;
                }
                drop(watch);
                changed = false;
                last_frame = Instant::now();
                next_frame = last_frame + frame_time;
            }
        }
        messages.extend(channels.input.try_iter().take(channels.input.len()));
        for message in messages {
            changed = true;
            next_frame = next_frame.min(last_frame + BETWEEN_ANSWERS);
            let reply = match message {
                Message::Key(key) => board.press(&key, &locked(watch)),
                Message::Background(colour) => {
                    board.set_theme(Theme { palette: Palette::on_background(colour), ..board.theme() });
                    None
                }
                Message::Report(text) => {
                    board.notice = Some(text);
                    None
                }
                Message::TerminalGone => return true,
                _ => None,
            };
            match reply {
                Some(Reply::Quit) => return false,
                Some(Reply::Suspend) => {
                    job_control::suspend(channels.continued);
                    take_back(screen);
                }
                Some(Reply::Redraw) => drop(screen.clear()),
                None => {}
            }
        }
    }
}

/// Takes the terminal back if the shell has brought the program to the foreground. Returns whether a frame is due.
fn take_back(screen: &mut Screen) -> bool {
    // If this fails the terminal is vanishing, which is reported as a hang-up.
    let _ = terminal::enter();
    let has_terminal = terminal::is_up() && is_foreground();
    if has_terminal {
        let _ = screen.clear();
    }
    has_terminal
}

fn locked(watch: &Mutex<Watch>) -> MutexGuard<'_, Watch> {
    watch.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The thread that reads the files; it ends when this is dropped.
struct Reader {
    news: Receiver<bool>,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Reader {
    fn start(watch: Arc<Mutex<Watch>>) -> Self {
        let (sender, news) = bounded(1);
        let (stop, stopped) = bounded(0);
        let thread = thread::spawn(move || {
            let mut searched = Instant::now();
            loop {
                let more = poll(&watch, &mut searched, &sender);
                // So that a frame can be drawn in between.
                let pause = if more { Duration::from_millis(1) } else { BETWEEN_POLLS };
                if stopped.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        });
        Self { news, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        drop(self.stop.take());
        // A file system that no longer answers must not keep the program: its thread ends with the process.
        drop(self.thread.take());
    }
}

/// Reads for a limited time. Returns whether there is more.
fn poll(watch: &Mutex<Watch>, searched: &mut Instant, news: &Sender<bool>) -> bool {
    let begun = Instant::now();
    let mut watch = locked(watch);
    let mut changed = false;
    if searched.elapsed() >= BETWEEN_SEARCHES {
        changed |= watch.search();
        *searched = Instant::now();
    }
    loop {
        let polled = watch.poll(&mut |_| {});
        changed |= polled.changed;
        if !polled.more || begun.elapsed() >= HOLD {
            drop(watch);
            if changed {
                let _ = news.try_send(polled.more);
            }
            return polled.more;
        }
    }
}
