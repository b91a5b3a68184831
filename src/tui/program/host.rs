//! The terminal around a loop: taking it over and giving it back, and what can be done with it besides drawing.

use std::{
    fs::File,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::Instant,
};

use crossbeam_channel::{Receiver, Sender};
use ratatui::{Terminal, backend::Backend};

use crate::tui::{
    message::Message,
    program::{
        foreground,
        input::listen,
        job_control,
        panics::PanicReports,
        terminal::{self, TerminalScreen},
    },
};

/// Terminal operations of the loop other than drawing.
pub trait Host {
    /// Returns the terminal to the shell, and waits until the process continues.
    fn suspend(&mut self, continued: &Receiver<()>);
    /// Captures the mouse, or releases it to the terminal.
    fn capture_mouse(&mut self, capture: bool);
    /// Sets the title of the terminal's window, if the user wants that.
    fn set_title(&mut self, _title: String) {}
    /// Rings the terminal's bell.
    fn ring_bell(&mut self) {}
    /// Sends a notification through the terminal.
    fn notify(&mut self, _text: &str) {}
    /// Returns whether this program owns the terminal; if not, [`Host::resume`] is tried repeatedly.
    fn has_terminal(&self) -> bool;
    /// Takes the terminal back, unless the process is in the background.
    fn resume(&mut self);
}

/// The terminal of this process.
pub(crate) struct RealTerminal {
    /// Title set last; `None` if none is to be set.
    title: Option<String>,
}

impl Host for RealTerminal {
    fn suspend(&mut self, continued: &Receiver<()>) {
        job_control::suspend(continued);
    }

    fn capture_mouse(&mut self, capture: bool) {
        terminal::capture_mouse(capture);
    }

    fn set_title(&mut self, title: String) {
        if self.title.as_ref().is_some_and(|before| *before != title) {
            terminal::set_title(&title);
            self.title = Some(title);
        }
    }

    fn ring_bell(&mut self) {
        terminal::ring_bell();
    }

    fn notify(&mut self, text: &str) {
        terminal::notify(text);
    }

    fn has_terminal(&self) -> bool {
        terminal::is_up() && foreground::is_foreground()
    }

    fn resume(&mut self) {
        // If this fails the terminal is vanishing, which is reported as a hang-up.
        let _ = terminal::enter();
        // Another program may have changed it.
        if let Some(title) = &mut self.title {
            title.clear();
        }
    }
}

/// Takes the terminal back if the shell has brought the program to the foreground. Returns whether a frame is due.
pub(crate) fn take_back<B: Backend>(host: &mut dyn Host, terminal: &mut Terminal<B>) -> bool {
    host.resume();
    let has_terminal = host.has_terminal();
    if has_terminal {
        let _ = terminal.clear();
    }
    has_terminal
}

/// The terminal once it has been taken over.
pub(crate) struct Taken {
    pub screen: Terminal<TerminalScreen<File>>,
    pub host: RealTerminal,
    /// Receives a message when the process continues after being stopped.
    pub continued: Receiver<()>,
    /// Latest time of the first frame, unless the terminal reports its background earlier.
    pub first_frame: Instant,
}

/// Takes the terminal over for `show`, and gives it back even after a panic, which is the inner error. What is typed is
/// sent to `sender`.
///
/// # Errors
/// If the terminal cannot be taken over.
pub(crate) fn on_terminal<R>(
    sender: &Sender<Message>,
    asks_background: bool,
    sets_title: bool,
    show: impl FnOnce(Taken) -> R,
) -> io::Result<thread::Result<R>> {
    let reports = PanicReports::to(sender.clone());
    let first_frame = terminal::begin(asks_background);
    let left = terminal::enter().and_then(|_| TerminalScreen::on_stdout()).map(|screen| {
        let continued = job_control::continuations();
        listen(sender);
        let host = RealTerminal { title: sets_title.then(String::new) };
        catch_unwind(AssertUnwindSafe(|| show(Taken { screen, host, continued, first_frame })))
    });
    terminal::await_answer();
    terminal::restore();
    // From here on the main thread reports the outcome.
    terminal::set_shown(false);
    drop(reports);
    left
}
