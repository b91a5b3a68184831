//! The loop: keys and changes of the files come in, frames go out. The files are read on a thread of their own, since a
//! network file system may take its time.

use ratatui::{Terminal, backend::Backend};
use std::{
    io,
    panic::resume_unwind,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::{Board, Reply, view::view};
use crate::{
    tui::{
        keys::keymap::Keymap,
        message::Message,
        program::{
            burst::merged,
            host::{Host, on_terminal, take_back},
            job_control::BETWEEN_LOOKS,
            terminal,
        },
        theme::{Palette, Theme},
    },
    watch::{Found, Watch},
};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, at, bounded, never, select, unbounded};

/// Time between two looks at the files.
const BETWEEN_POLLS: Duration = Duration::from_millis(250);
/// Time between two searches for new files.
const BETWEEN_SEARCHES: Duration = Duration::from_secs(2);
/// Longest time that the files are read without news.
const HOLD: Duration = Duration::from_millis(50);
/// Longest time that the screen waits for the thread that reads.
const LONG: Duration = Duration::from_millis(300);
/// Shortest time between frames that answer a key.
const BETWEEN_ANSWERS: Duration = Duration::from_millis(16);

/// Settings of the screen.
pub struct WatchOptions {
    pub theme: Theme,
    /// Whether to choose the palette by the terminal's background, if the terminal reports it.
    pub asks_background: bool,
    /// Whether the title of the terminal's window says what is watched.
    pub title: bool,
    /// Whether the mouse may be used.
    pub mouse: bool,
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
    let size = terminal::size();
    let mut board = Board::new(options.theme, &options.keymap, (size.width, size.height));
    let shared = Arc::new(Shared {
        roots: watch.roots().to_vec(),
        watch: Mutex::new(watch),
        wanted: AtomicBool::new(false),
        reading: AtomicBool::new(false),
    });
    let left = on_terminal(&sender, options.asks_background, options.title, |mut taken| {
        if options.mouse {
            taken.host.capture_mouse(true);
        }
        let reader = Reader::start(Arc::clone(&shared));
        let channels = Channels { input: &input, news: &reader.news, continued: &taken.continued };
        let frame_time = Duration::from_secs(1) / u32::from(options.fps.max(1));
        let times = (taken.first_frame, frame_time);
        show(&mut board, &shared, &mut taken.screen, &mut taken.host, &channels, times)
    });
    left?.or_else(|panic| resume_unwind(panic))
}

/// What the loop waits for.
struct Channels<'a> {
    input: &'a Receiver<Message>,
    news: &'a Receiver<()>,
    continued: &'a Receiver<()>,
}

/// Shows the runs until the user quits. Returns whether the terminal has vanished.
fn show<B: Backend>(
    board: &mut Board,
    shared: &Shared,
    screen: &mut Terminal<B>,
    host: &mut dyn Host,
    channels: &Channels,
    (mut next_frame, frame_time): (Instant, Duration),
) -> bool {
    let (mut changed, mut last_frame) = (true, Instant::now());
    let mut last_news: Option<Instant> = None;
    let mut waiting: Vec<Message> = Vec::new();
    let mut next_check = Instant::now();
    loop {
        let has_terminal = host.has_terminal();
        let frame_due = if changed && has_terminal { at(next_frame) } else { never() };
        // Also to say for how long nothing has changed.
        let check_due = at(if has_terminal { last_frame + Duration::from_secs(1) } else { next_check });
        let mut messages = Vec::new();
        select! {
            recv(channels.input) -> message => messages.extend(message),
            recv(channels.news) -> _ => {
                last_news = Some(Instant::now());
                changed = true;
            }
            recv(channels.continued) -> _ => changed |= take_back(host, screen),
            recv(check_due) -> _ => {
                changed = if has_terminal { true } else { changed | take_back(host, screen) };
                next_check = Instant::now() + BETWEEN_LOOKS;
            }
            recv(frame_due) -> _ => {
                let size = terminal::size();
                board.resize(size.width, size.height);
                board.reading = shared.reading.load(Ordering::SeqCst);
                board.idle = last_news.map(|at| at.elapsed().as_secs());
                // Otherwise a file system does not answer, and the frame comes later.
                if let Some(watch) = shared.take() {
                    if screen.draw(|frame| view(board, &watch, frame)).is_err() {
                        return true;
                    }
                    changed = false;
                }
                host.set_title("watching - lenet-monitor".into());
                last_frame = Instant::now();
                next_frame = last_frame + frame_time;
            }
        }
        messages.extend(channels.input.try_iter().take(channels.input.len()));
        for message in merged(messages) {
            changed = true;
            next_frame = next_frame.min(last_frame + BETWEEN_ANSWERS);
            match message {
                Message::Key(key) if board.quits(&key) => return false,
                Message::Key(_) | Message::Mouse(_) | Message::Drag(_) => waiting.push(message),
                Message::Background(colour) => {
                    board.set_theme(Theme { palette: Palette::on_background(colour), ..board.theme() });
                }
                Message::Report(text) => board.notice = Some(text),
                Message::TerminalGone => return true,
                _ => {}
            }
        }
        // Keys wait, too, while a file system does not answer.
        let replies: Vec<Reply> = match waiting.is_empty() {
            true => Vec::new(),
            false => shared.take().map_or_else(Vec::new, |mut watch| {
                waiting.drain(..).filter_map(|message| answer(board, &message, &mut watch)).collect()
            }),
        };
        for reply in replies {
            match reply {
                Reply::Quit => return false,
                Reply::Suspend => {
                    host.suspend(channels.continued);
                    take_back(host, screen);
                }
                Reply::Redraw => drop(screen.clear()),
                // Carried out already.
                Reply::Split(_) => {}
            }
        }
    }
}

/// Carries out what a key or the mouse asks for.
fn answer(board: &mut Board, message: &Message, watch: &mut Watch) -> Option<Reply> {
    let reply = match message {
        Message::Key(key) => board.press(key, watch),
        Message::Mouse(event) => board.mouse(event, watch),
        // Only the end of a path counts.
        Message::Drag(path) => board.mouse(path.last()?, watch),
        _ => None,
    };
    match reply {
        Some(Reply::Split(split)) => {
            watch.split_by(split);
            None
        }
        reply => reply,
    }
}

/// The runs, which one thread reads and the other draws.
struct Shared {
    roots: Vec<PathBuf>,
    watch: Mutex<Watch>,
    /// Whether the screen waits for them.
    wanted: AtomicBool,
    /// Whether there is more to read at once.
    reading: AtomicBool,
}

impl Shared {
    /// Takes the runs for the screen, before the thread that reads takes them again; `None` if that thread keeps them
    /// for long.
    fn take(&self) -> Option<MutexGuard<'_, Watch>> {
        self.wanted.store(true, Ordering::SeqCst);
        let since = Instant::now();
        let watch = loop {
            match self.watch.try_lock() {
                Ok(watch) => break Some(watch),
                Err(TryLockError::Poisoned(watch)) => break Some(watch.into_inner()),
                Err(TryLockError::WouldBlock) if since.elapsed() > LONG => break None,
                Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(1)),
            }
        };
        self.wanted.store(false, Ordering::SeqCst);
        watch
    }

    fn lock(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads for a limited time. Returns whether there is more.
    fn poll(&self, searched: &mut Instant, news: &Sender<()>) -> bool {
        let found = (searched.elapsed() >= BETWEEN_SEARCHES).then(|| Found::below(&self.roots));
        let begun = Instant::now();
        let mut watch = self.lock();
        let mut changed = false;
        if let Some(found) = found {
            changed |= watch.take(found);
            *searched = begun;
        }
        loop {
            let polled = watch.poll(&mut |_| {});
            changed |= polled.changed;
            if !polled.more || begun.elapsed() >= HOLD || self.wanted.load(Ordering::SeqCst) {
                drop(watch);
                self.reading.store(polled.more, Ordering::SeqCst);
                if changed {
                    let _ = news.try_send(());
                }
                return polled.more;
            }
        }
    }
}

/// The thread that reads the files; it ends when this is dropped.
struct Reader {
    news: Receiver<()>,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Reader {
    fn start(shared: Arc<Shared>) -> Self {
        let (sender, news) = bounded(1);
        let (stop, stopped) = bounded(0);
        let thread = thread::spawn(move || {
            let mut searched = Instant::now();
            loop {
                let more = shared.poll(&mut searched, &sender);
                let pause = match (more, shared.wanted.load(Ordering::SeqCst)) {
                    (true, true) => Duration::from_millis(1),
                    (true, false) => Duration::ZERO,
                    (false, _) => BETWEEN_POLLS,
                };
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
