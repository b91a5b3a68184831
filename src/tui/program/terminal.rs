//! The real terminal: raw mode, the alternate screen and frames written in one piece, and restoring the terminal, which
//! must work from any thread and even if the terminal no longer accepts output.

use std::{
    cell::RefCell,
    fs::File,
    io::{self, Write},
    rc::Rc,
    sync::{
        Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::bounded;
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use ratatui::{
    Terminal,
    backend::{Backend, ClearType, CrosstermBackend, WindowSize},
    buffer::Cell,
    layout::{Position, Size},
};

use crate::tui::program::foreground::{is_foreground, is_session_leader};
use crate::tui::widgets::area::bounded_size;

/// Escape sequences for the alternate screen, cleared, without a cursor, with bracketed paste.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[2J\x1b[H\x1b[?25l\x1b[?2004h";
/// Escape sequences that report presses, releases and moves of a held button, for any number of columns.
const CAPTURE_MOUSE: &[u8] = b"\x1b[?1002h\x1b[?1006h";
/// Escape sequence that asks for the background colour.
const ASK_BACKGROUND: &[u8] = b"\x1b]11;?\x1b\\";
const RELEASE_MOUSE: &[u8] = b"\x1b[?1006l\x1b[?1002l";
/// Escape sequences that undo all of these and end an interrupted update; the first byte ends an interrupted escape
/// sequence. Not every terminal has an alternate screen (GNU screen by default, mosh, a serial line): there, the
/// newline on the last row leaves the cursor below the frame.
const LEAVE: &[u8] = b"\x18\x1b[?2026l\x1b[0m\x1b[?1006l\x1b[?1002l\x1b[?2004l\x1b[?25h\x1b[999;1H\r\n\x1b[?1049l";
/// Escape sequence that keeps the title of the window, and those that bring it back: where terminals cannot keep it, an
/// empty one stands for their own.
const KEEP_TITLE: &str = "\x1b[22;2t";
const RESTORE_TITLE: &[u8] = b"\x1b]2;\x1b\\\x1b[23;2t";
const BEGIN_FRAME: &[u8] = b"\x1b[?2026h";
const END_FRAME: &[u8] = b"\x1b[?2026l";
/// How long [`restore`] waits for a frame that is being written, and for the terminal to accept output.
const PATIENCE: Duration = Duration::from_millis(300);
/// How long the first frame waits for the terminal to report its background colour.
const BACKGROUND_PATIENCE: Duration = Duration::from_millis(100);
/// How long [`restore`] waits for the terminal if its session ends with this process, so that nothing can be written
/// later.
const LEADERS_PATIENCE: Duration = Duration::from_secs(8);

/// Whether the screen is up. Nothing is written to the terminal otherwise.
static UP: AtomicBool = AtomicBool::new(false);
/// Whether the program is shutting down and must not take the terminal again.
static SHUTTING_DOWN: AtomicBool = AtomicBool::new(false);
/// Whether the program captures the mouse while the screen is up; otherwise the terminal selects text with it.
static MOUSE: AtomicBool = AtomicBool::new(false);
/// Whether to ask for the background colour when the terminal is taken over.
static ASK: AtomicBool = AtomicBool::new(false);
/// Time by which the answer is expected, from the question to the answer.
static ANSWER_DUE: Mutex<Option<Instant>> = Mutex::new(None);
/// Whether the title of the window is this program's.
static TITLED: AtomicBool = AtomicBool::new(false);
/// Held while a frame is written.
static FRAME: Mutex<()> = Mutex::new(());
/// Held while the terminal is taken or restored.
static OWNERSHIP: Mutex<()> = Mutex::new(());

/// Whether the user is watching a screen, even if it is currently in the background.
static SHOWN: AtomicBool = AtomicBool::new(false);

/// Sets whether the user is watching a screen, see [`is_shown`].
pub(crate) fn set_shown(shown: bool) {
    SHOWN.store(shown, Ordering::SeqCst);
}

/// Returns whether the user is watching a screen, even if it is currently in the background.
pub fn is_shown() -> bool {
    SHOWN.load(Ordering::SeqCst)
}

/// Returns whether the screen is up, so that the terminal's contents are its own.
pub fn is_up() -> bool {
    UP.load(Ordering::SeqCst)
}

#[cfg(test)]
pub(crate) fn pretend_to_be_up(up: bool) {
    UP.store(up, Ordering::SeqCst);
}

/// Takes over the terminal, until [`restore`]. Returns whether it did: a program in the background, or one that is
/// shutting down, must not.
///
/// # Errors
/// If the terminal reports an error.
pub(crate) fn enter() -> io::Result<bool> {
    {
        let _owner = locked(&OWNERSHIP);
        if SHUTTING_DOWN.load(Ordering::SeqCst) || !is_foreground() {
            return Ok(false);
        }
        // The shell may have changed the modes since the last time.
        let _ = disable_raw_mode();
        enable_raw_mode()?;
        UP.store(true, Ordering::SeqCst);
    }
    let mouse: &[u8] = if MOUSE.load(Ordering::SeqCst) { CAPTURE_MOUSE } else { b"" };
    let question: &[u8] = if ASK.swap(false, Ordering::SeqCst) {
        *locked(&ANSWER_DUE) = Some(Instant::now() + PATIENCE);
        ASK_BACKGROUND
    } else {
        b""
    };
    let written = write_if_up(&[ENTER, mouse, question].concat());
    if written.is_err() {
        restore();
    }
    written.map(|()| true)
}

/// Marks the screen as shown, and lets the next [`enter`] ask for the background colour if wanted; the answer comes among
/// the keys. Returns when to draw the first frame.
pub(crate) fn begin(asks_background: bool) -> Instant {
    set_shown(true);
    let now = Instant::now();
    if !asks_background {
        return now;
    }
    ASK.store(true, Ordering::SeqCst);
    now + BACKGROUND_PATIENCE
}

/// Notes that the answer has come. Returns whether this program asked for it, rather than one before it.
pub(crate) fn take_answer() -> bool {
    locked(&ANSWER_DUE).take().is_some()
}

/// Waits for the answer while it is due: after [`restore`] the shell would read it as typed.
pub(crate) fn await_answer() {
    while locked(&ANSWER_DUE).is_some_and(|due| Instant::now() < due) {
        thread::sleep(Duration::from_millis(5));
    }
}

/// Captures or releases the mouse. [`restore`] releases it too, and after a suspension it is captured again.
pub(crate) fn capture_mouse(capture: bool) {
    MOUSE.store(capture, Ordering::SeqCst);
    let _ = write_if_up(if capture { CAPTURE_MOUSE } else { RELEASE_MOUSE });
}

/// Sets the title of the window, until [`restore`].
pub(crate) fn set_title(title: &str) {
    // The Linux console has no title, and may print it.
    if is_up() && std::env::var_os("TERM").is_none_or(|name| name != "linux") {
        let keep = if TITLED.swap(true, Ordering::SeqCst) { "" } else { KEEP_TITLE };
        let _ = write_if_up(format!("{keep}\x1b]2;{title}\x1b\\").as_bytes());
    }
}

pub(crate) fn ring_bell() {
    if is_foreground() {
        let _ = write_if_up(b"\x07");
    }
}

/// Sends a notification, as OSC 9 and as OSC 777: terminals that know one of them seldom know the other. Sequences of other
/// terminals are ignored, but not by the Linux console.
pub(crate) fn notify(text: &str) {
    if is_foreground() && std::env::var_os("TERM").is_none_or(|name| name != "linux") {
        let _ = write_if_up(format!("\x1b]9;{text}\x07\x1b]777;notify;lenet-monitor;{text}\x07").as_bytes());
    }
}

fn write_if_up(bytes: &[u8]) -> io::Result<()> {
    let _held = locked(&FRAME);
    if is_up() { output()?.write_all(bytes) } else { Ok(()) }
}

fn locked<T>(lock: &'static Mutex<T>) -> MutexGuard<'static, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Marks the program as shutting down: from now on it neither takes the terminal again nor suspends.
pub fn begin_shutdown() {
    SHUTTING_DOWN.store(true, Ordering::SeqCst);
}

pub(crate) fn is_shutting_down() -> bool {
    SHUTTING_DOWN.load(Ordering::SeqCst)
}

/// Restores the terminal to its original state, if this program has taken it over and still owns it. Safe to call
/// repeatedly, at any time and from any thread. Returns within a second even if the terminal accepts no output or has
/// vanished; within ten if its session ends with this process.
pub fn restore() {
    let _owner = locked(&OWNERSHIP);
    if !UP.swap(false, Ordering::SeqCst) || !is_foreground() {
        return;
    }
    let is_leader = is_session_leader();
    let (done, wait) = bounded(1);
    let give_back = move || {
        let until = Instant::now() + PATIENCE;
        let _frame = frame_within(until);
        let mut rest = write_within(until + PATIENCE / 2, LEAVE);
        if rest.is_empty() && TITLED.swap(false, Ordering::SeqCst) {
            rest = write_within(until + PATIENCE / 2, RESTORE_TITLE);
        }
        // Only after the escape sequences: in cooked mode a stopped terminal would hold them back.
        let _ = disable_raw_mode();
        if !rest.is_empty() && is_leader {
            rest = write_within(Instant::now() + LEADERS_PATIENCE, rest);
            // Output that nobody has read is lost when the session ends.
            thread::sleep(PATIENCE);
        }
        if !rest.is_empty() {
            write_later(rest);
        }
        let _ = done.send(());
    };
    // On another thread, since a write to a stopped terminal blocks until it is continued.
    if thread::Builder::new().name("restore".into()).spawn(give_back).is_ok() {
        let longest = if is_leader { LEADERS_PATIENCE + PATIENCE * 4 } else { PATIENCE * 3 };
        let _ = wait.recv_timeout(longest);
    }
}

/// Hands `bytes` to a process that outlives this one and writes them once the terminal accepts output again.
#[cfg(unix)]
fn write_later(bytes: &[u8]) {
    use std::process::{Command, Stdio};
    let Ok(terminal) = output() else { return };
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "printf %s \"$0\""]).arg(String::from_utf8_lossy(bytes).as_ref());
    let _ = shell.stdin(Stdio::null()).stdout(terminal).stderr(Stdio::null()).spawn();
}

#[cfg(not(unix))]
fn write_later(_bytes: &[u8]) {}

fn frame_within(until: Instant) -> Option<MutexGuard<'static, ()>> {
    loop {
        match FRAME.try_lock() {
            Ok(guard) => return Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) if Instant::now() >= until => return None,
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(5)),
        }
    }
}

/// Writes `bytes` and returns the rest that the terminal has not accepted but may accept later.
fn write_within(until: Instant, bytes: &'static [u8]) -> &'static [u8] {
    let Ok(mut terminal) = unblocked_output() else { return &[] };
    let mut rest = bytes;
    while !rest.is_empty() {
        match terminal.write(rest) {
            Ok(0) => return &[],
            Ok(written) => rest = &rest[written..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && Instant::now() < until => {
                thread::sleep(Duration::from_millis(10));
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return rest,
            Err(_) => return &[],
        }
    }
    &[]
}

/// Returns standard output without the lock and the line buffer of [`io::stdout`]: a thread that is stuck in a write
/// must not block others.
#[cfg(unix)]
fn output() -> io::Result<File> {
    use std::os::fd::AsFd;
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
}

#[cfg(windows)]
fn output() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    Ok(File::from(io::stdout().as_handle().try_clone_to_owned()?))
}

/// Returns the terminal opened again in non-blocking mode, which then affects only this descriptor.
#[cfg(unix)]
fn unblocked_output() -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let path = rustix::termios::ttyname(io::stdout(), Vec::new())?;
    let path = path.to_str().map_err(io::Error::other)?.to_owned();
    File::options().write(true).custom_flags(flags.bits() as i32).open(path).or_else(|_| output())
}

#[cfg(not(unix))]
fn unblocked_output() -> io::Result<File> {
    output()
}

/// Buffered bytes of a frame that is not complete yet.
#[derive(Clone, Default)]
struct Pending(Rc<RefCell<Vec<u8>>>);

impl Write for Pending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Wrapper of crossterm's backend that writes each frame in one piece, as a synchronized update, and nothing if nothing
/// changed.
pub(crate) struct TerminalScreen<W: Write> {
    backend: CrosstermBackend<Pending>,
    pending: Pending,
    output: W,
    cursor_hidden: bool,
}

impl TerminalScreen<File> {
    /// Returns a terminal on standard output, which [`enter`] has taken over.
    pub(crate) fn on_stdout() -> io::Result<Terminal<Self>> {
        Terminal::new(Self::new(output()?))
    }
}

impl<W: Write> TerminalScreen<W> {
    pub(crate) fn new(output: W) -> Self {
        let pending = Pending::default();
        Self { backend: CrosstermBackend::new(pending.clone()), pending, output, cursor_hidden: true }
    }

    fn commit(&mut self) -> io::Result<()> {
        let mut frame = self.pending.0.borrow_mut();
        let _held = locked(&FRAME);
        let written = if frame.is_empty() || !is_up() || !is_foreground() {
            Ok(())
        } else {
            self.output.write_all(&[BEGIN_FRAME, &frame, END_FRAME].concat()).and_then(|()| self.output.flush())
        };
        frame.clear();
        written
    }
}

impl<W: Write> Backend for TerminalScreen<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut content = content.peekable();
        if content.peek().is_some() { self.backend.draw(content) } else { Ok(()) }
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.cursor_hidden, true) { Ok(()) } else { self.backend.hide_cursor() }
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.cursor_hidden = false;
        self.backend.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        // ratatui asks before it clears. The terminal's answer would arrive among the keys, on another thread; the
        // cursor is hidden, so its position does not matter.
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.backend.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.backend.clear()
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        self.backend.clear_region(clear_type)
    }

    fn size(&self) -> io::Result<Size> {
        Ok(size())
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: size(), pixels: Size::default() })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.commit()
    }
}

/// Returns the terminal's size, limited by [`bounded_size`], or 80x24 if the terminal does not report one. (crossterm
/// would run `tput` then, whose answer is no better.)
#[cfg(unix)]
pub(crate) fn size() -> Size {
    match rustix::termios::tcgetwinsize(io::stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => bounded_size(size.ws_col, size.ws_row),
        _ => Size { width: 80, height: 24 },
    }
}

#[cfg(not(unix))]
pub fn size() -> Size {
    crossterm::terminal::size().map_or(Size { width: 80, height: 24 }, |(width, height)| bounded_size(width, height))
}
