//! Panics while the screen is up: none of their text may reach it.

use std::{
    panic::{self, PanicHookInfo},
    sync::Arc,
    thread,
};

use crossbeam_channel::Sender;

use super::{app::Message, terminal};

type Hook = dyn Fn(&PanicHookInfo<'_>) + Send + Sync;

/// While it lives: a panic on the thread that made it gives the terminal back before it is told of; one on any other thread
/// becomes a line of the log.
pub struct PanicReports {
    before: Arc<Hook>,
}

impl PanicReports {
    pub fn to(reports: Sender<Message>) -> Self {
        let before: Arc<Hook> = panic::take_hook().into();
        let (hook, screen_thread) = (before.clone(), thread::current().id());
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
        Self { before }
    }
}

impl Drop for PanicReports {
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        let before = self.before.clone();
        panic::set_hook(Box::new(move |info| before(info)));
    }
}

fn text(info: &PanicHookInfo) -> String {
    let place = info.location().map_or_else(String::new, |place| format!(" ({}:{})", place.file(), place.line()));
    let payload = info.payload();
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    format!("{}{place}", text.unwrap_or("no message"))
}
