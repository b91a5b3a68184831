//! What touches the disk for the screen, on a thread of its own: a slow disk must not hold up a key.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    thread,
};

use crossbeam_channel::{Sender, unbounded};

use super::{app::Message, format, run::ListCheckpoints};

/// In the run's folder.
const LOG_FILE: &str = "log.txt";

pub enum Errand {
    ListCheckpoints,
    WriteLog(PathBuf, Vec<String>),
}

/// The way to the thread, which ends when this is dropped and everything was done.
pub struct Errands {
    errands: Option<Sender<Errand>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Errands {
    pub fn start(answers: Sender<Message>, list: ListCheckpoints) -> Self {
        let (errands, waiting) = unbounded();
        let work = move || {
            for errand in waiting {
                match errand {
                    Errand::ListCheckpoints => {
                        let _ = answers.send(Message::Checkpoints(list()));
                    }
                    Errand::WriteLog(folder, lines) => write_log(&folder, &lines),
                }
            }
        };
        let thread = thread::Builder::new().name("errands".into()).spawn(work).ok();
        Self { errands: Some(errands), thread }
    }

    pub fn run(&self, errand: Errand) {
        if let Some(errands) = &self.errands {
            let _ = errands.send(errand);
        }
    }
}

impl Drop for Errands {
    fn drop(&mut self) {
        self.errands = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Adds lines to the log file of a run. A run goes on without its log where it cannot be written.
pub fn write_log(folder: &Path, lines: &[String]) {
    let Ok(mut file) = fs::File::options().append(true).create(true).open(folder.join(LOG_FILE)) else { return };
    let time = format::time(super::run::now());
    let text: String = lines.iter().map(|line| format!("{time}  {line}\n")).collect();
    let _ = file.write_all(text.as_bytes());
}
