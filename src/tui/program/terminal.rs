//! The real terminal: raw mode and the alternate screen, frames in one piece, and the way back from both, which must work
//! from any thread and on a terminal that takes nothing any more.

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

/// Alternate screen, cleared, no cursor, pasted text marked as such.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[2J\x1b[H\x1b[?25l\x1b[?2004h";
/// Presses, releases and moves of a held button, in a form without a largest column.
const CAPTURE_MOUSE: &[u8] = b"\x1b[?1002h\x1b[?1006h";
const RELEASE_MOUSE: &[u8] = b"\x1b[?1006l\x1b[?1002l";
/// All of that undone, and an update that was cut short ended. Not every terminal has an alternate screen (GNU screen as it
/// comes, mosh, a serial line): the line feed on the last row leaves the cursor below the frame there.
/// The first byte ends an escape sequence that was cut short.
const LEAVE: &[u8] = b"\x18\x1b[?2026l\x1b[0m\x1b[?1006l\x1b[?1002l\x1b[?2004l\x1b[?25h\x1b[999;1H\r\n\x1b[?1049l";
const BEGIN_FRAME: &[u8] = b"\x1b[?2026h";
const END_FRAME: &[u8] = b"\x1b[?2026l";
/// How long [`restore`] waits for a frame that is being written, and for the terminal.
const PATIENCE: Duration = Duration::from_millis(300);
/// How long it waits for a terminal that takes no bytes where the terminal ends with this process: nobody could write later.
const LEADERS_PATIENCE: Duration = Duration::from_secs(8);

/// Whether the screen is up. Nothing is written to the terminal while it is not.
static UP: AtomicBool = AtomicBool::new(false);
/// Whether the program is ending: the screen is not taken again.
static ENDING: AtomicBool = AtomicBool::new(false);
/// Whether the mouse is ours while the screen is up; else the terminal selects text with it.
static MOUSE: AtomicBool = AtomicBool::new(false);
/// Held while a frame is written.
static FRAME: Mutex<()> = Mutex::new(());
/// Held while the terminal changes hands.
static HANDS: Mutex<()> = Mutex::new(());

/// Whether a screen is what the user watches, be it in the background at the moment.
static SHOWN: AtomicBool = AtomicBool::new(false);

/// Says whether a screen is what the user watches from now on.
pub(crate) fn show(shown: bool) {
    SHOWN.store(shown, Ordering::SeqCst);
}

/// Returns whether a screen is what the user watches, be it in the background at the moment.
pub fn is_shown() -> bool {
    SHOWN.load(Ordering::SeqCst)
}

pub fn is_up() -> bool {
    UP.load(Ordering::SeqCst)
}

#[cfg(test)]
pub(crate) fn pretend_to_be_up(up: bool) {
    UP.store(up, Ordering::SeqCst);
}

/// Takes the terminal over; [`restore`] gives it back. Returns whether it did: the terminal is not ours to take while the
/// program is in the background, nor while it is ending.
///
/// # Errors
/// If the terminal refuses.
pub(crate) fn enter() -> io::Result<bool> {
    {
        let _hands = locked(&HANDS);
        if ENDING.load(Ordering::SeqCst) || !is_foreground() {
            return Ok(false);
        }
        // The shell may have changed the modes since they were taken last.
        let _ = disable_raw_mode();
        enable_raw_mode()?;
        UP.store(true, Ordering::SeqCst);
    }
    let mouse: &[u8] = if MOUSE.load(Ordering::SeqCst) { CAPTURE_MOUSE } else { b"" };
    let written = write_if_up(&[ENTER, mouse].concat());
    if written.is_err() {
        restore();
    }
    written.map(|()| true)
}

/// Takes the mouse, or gives it back. [`restore`] gives it back too, and after a suspension it is taken again.
pub(crate) fn capture_mouse(capture: bool) {
    MOUSE.store(capture, Ordering::SeqCst);
    let _ = write_if_up(if capture { CAPTURE_MOUSE } else { RELEASE_MOUSE });
}

fn write_if_up(bytes: &[u8]) -> io::Result<()> {
    let _held = locked(&FRAME);
    if is_up() { output()?.write_all(bytes) } else { Ok(()) }
}

fn locked(lock: &'static Mutex<()>) -> MutexGuard<'static, ()> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says that the program is ending: from now on the screen is not taken again, and the program is not suspended.
pub fn begin_to_end() {
    ENDING.store(true, Ordering::SeqCst);
}

pub(crate) fn is_ending() -> bool {
    ENDING.load(Ordering::SeqCst)
}

/// Gives the terminal back as it was, if it was taken over and is still ours. Safe to call at any time and from any thread,
/// more than once; comes back within a second also when the terminal takes no bytes or is gone, within ten where it ends with this process.
pub fn restore() {
    let _hands = locked(&HANDS);
    if !UP.swap(false, Ordering::SeqCst) || !is_foreground() {
        return;
    }
    let is_leader = is_session_leader();
    let (done, wait) = bounded(1);
    let give_back = move || {
        let until = Instant::now() + PATIENCE;
        let _frame = frame_within(until);
        let mut rest = write_within(until + PATIENCE / 2, LEAVE);
        // After the escapes: in cooked mode a stopped terminal would still hold them back.
        let _ = disable_raw_mode();
        if !rest.is_empty() && is_leader {
            rest = write_within(Instant::now() + LEADERS_PATIENCE, rest);
            // So that it is read: what nobody has read is lost when the session ends.
            thread::sleep(PATIENCE);
        }
        if !rest.is_empty() {
            write_later(rest);
        }
        let _ = done.send(());
    };
    // A write to a stopped terminal blocks for as long as it is stopped: not on the caller's time.
    if thread::Builder::new().name("restore".into()).spawn(give_back).is_ok() {
        let longest = if is_leader { LEADERS_PATIENCE + PATIENCE * 4 } else { PATIENCE * 3 };
        let _ = wait.recv_timeout(longest);
    }
}

/// Leaves `bytes` to a process that outlives this one, and writes them when the terminal takes bytes again.
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

/// Returns what the terminal did not take, although it may take it later.
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

/// Standard output without the lock and the line buffer of [`io::stdout`]: a thread that is stuck in a write must not
/// keep others from it.
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

/// The terminal opened once more, so that not waiting for it is this descriptor's property alone.
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

/// Bytes of a frame, until it is whole.
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

/// crossterm's backend, its frames written in one piece as synchronized updates, and nothing written where nothing changed.
pub(crate) struct TerminalScreen<W: Write> {
    backend: CrosstermBackend<Pending>,
    pending: Pending,
    output: W,
    cursor_hidden: bool,
}

impl TerminalScreen<File> {
    /// On standard output, which [`enter`] has taken over.
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
        let frame = self.pending.0.take();
        let _held = locked(&FRAME);
        if frame.is_empty() || !is_up() || !is_foreground() {
            return Ok(());
        }
        self.output.write_all(&[BEGIN_FRAME, &frame, END_FRAME].concat())?;
        self.output.flush()
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
        // ratatui asks before it clears. The terminal's answer would come in with the keys, on another thread; the cursor
        // is hidden, so that its place is of no interest.
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

/// Returns the terminal's size: 80x24 where it does not say, and at most what [`bounded_size`] leaves.
/// (crossterm would run `tput` where it does not say, whose answer is no better.)
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
