//! Panics while the screen is up: their messages must not be printed over it.

use std::{
    panic::{self, PanicHookInfo},
    sync::Arc,
    thread,
};

use crossbeam_channel::Sender;

use crate::{
    train::panic_message,
    tui::{message::Message, program::terminal},
};

type Hook = dyn Fn(&PanicHookInfo<'_>) + Send + Sync;

/// Guard that handles panics: one on the thread that created the guard restores the terminal before it is reported; one
/// on any other thread becomes a line of the log.
pub(crate) struct PanicReports {
    previous: Arc<Hook>,
}

impl PanicReports {
    pub(crate) fn to(reports: Sender<Message>) -> Self {
        let previous: Arc<Hook> = panic::take_hook().into();
        let (hook, screen_thread) = (previous.clone(), thread::current().id());
        panic::set_hook(Box::new(move |info| {
            if thread::current().id() == screen_thread {
                terminal::restore();
            }
            if terminal::is_up() {
                let name = thread::current().name().unwrap_or("unnamed").to_owned();
                let _ = reports.send(Message::Report(format!("panic on thread {name}: {}", text(info))));
            } else {
                hook(info);
            }
        }));
        Self { previous }
    }
}

impl Drop for PanicReports {
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        let previous = self.previous.clone();
        panic::set_hook(Box::new(move |info| previous(info)));
    }
}

fn text(info: &PanicHookInfo) -> String {
    let place = info.location().map_or_else(String::new, |place| format!(" ({}:{})", place.file(), place.line()));
    format!("{}{place}", panic_message(info.payload()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_another_thread_becomes_a_line_of_the_log_while_the_screen_is_up() {
        let (sender, reports) = crossbeam_channel::unbounded();
        let hook = PanicReports::to(sender);
        terminal::pretend_to_be_up(true);
        let panicked =
            thread::Builder::new().name("trainer".into()).spawn(|| panic!("index {} of 3", 7)).unwrap().join();
        terminal::pretend_to_be_up(false);
        drop(hook);
        assert!(panicked.is_err());
        let Ok(Message::Report(text)) = reports.try_recv() else { panic!("no report") };
        assert!(text.starts_with("panic on thread trainer: index 7 of 3 ("), "{text}");
    }
}
