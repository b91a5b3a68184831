//! What touches the disk for the screen, on a thread of its own: a slow disk must not hold up a key.

use std::{
    collections::HashSet,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use crate::{
    disk,
    train::{HousekeepingError, LOG, housekeeping},
    tui::{
        format,
        message::Message,
        program::{ReadTable, pictures, reader::Reader},
        session::library::{
            Library,
            run::{Removal, Tidied},
        },
    },
};

const PATIENCE: Duration = Duration::from_secs(1);

pub(crate) enum Job {
    ListCheckpoints,
    ReadTable,
    Rename(PathBuf, String),
    Remove(Removal),
    WriteLog(PathBuf, Vec<String>),
    OpenPicture(PathBuf),
    SavePicture(PathBuf, Vec<u8>),
}

/// The way to the thread. Dropped, it waits a little for what is not done yet, but not for a disk that hangs.
pub(crate) struct Jobs {
    jobs: Option<Sender<Job>>,
    /// Disconnected once everything was done.
    done: Receiver<()>,
}

impl Jobs {
    pub(crate) fn start(answers: Sender<Message>, checkpoint_dir: PathBuf, read_table: ReadTable) -> Self {
        let (jobs, waiting) = unbounded();
        let (end, done) = bounded::<()>(0);
        let ask = list_on_a_thread(answers.clone(), checkpoint_dir);
        let work = move || {
            let _end = end;
            let mut refusals = HashSet::new();
            for job in waiting {
                let answer = match job {
                    Job::ListCheckpoints => {
                        let _ = ask.try_send(());
                        continue;
                    }
                    Job::Rename(run, name) => Message::Tidied(told(rename(run, &name))),
                    Job::Remove(removal) => Message::Tidied(told(remove(removal))),
                    Job::WriteLog(folder, lines) => {
                        let failed = write_log(&folder, &lines).err();
                        match failed.and_then(|error| refused(folder, &error, &mut refusals)) {
                            Some(answer) => answer,
                            None => continue,
                        }
                    }
                    Job::ReadTable => Message::Table(Box::new(read_table())),
                    Job::OpenPicture(path) => Message::PictureOpened(pictures::open(&path)),
                    Job::SavePicture(path, png) => Message::PictureSaved(pictures::save(&path, &png)),
                };
                let _ = answers.send(answer);
            }
        };
        // Without the thread the screen has no list and no log, and is of use all the same.
        let _ = thread::Builder::new().name("jobs".into()).spawn(work);
        Self { jobs: Some(jobs), done }
    }

    pub(crate) fn run(&self, job: Job) {
        if let Some(jobs) = &self.jobs {
            let _ = jobs.send(job);
        }
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        self.jobs = None;
        let _ = self.done.recv_timeout(PATIENCE);
    }
}

/// Lists checkpoints each time it is asked, once for all that ask while it reads: thousands may take a while, which must hold up
/// nothing else.
fn list_on_a_thread(answers: Sender<Message>, checkpoint_dir: PathBuf) -> Sender<()> {
    let (ask, asked) = bounded(1);
    let work = move || {
        let mut reader = Reader::new(checkpoint_dir);
        for () in asked {
            let _ = answers.send(Message::Library(reader.read().map(Library::of)));
            if let Some(entries) = reader.check() {
                let _ = answers.send(Message::Library(Ok(Library::of(entries))));
            }
        }
    };
    let _ = thread::Builder::new().name("library".into()).spawn(work);
    ask
}

fn told(result: Result<Tidied, HousekeepingError>) -> Result<Tidied, String> {
    result.map_err(|error| error.to_string())
}

fn rename(run: PathBuf, name: &str) -> Result<Tidied, HousekeepingError> {
    housekeeping::rename(&run, name).map(|to| Tidied::Renamed { from: run, to })
}

fn remove(removal: Removal) -> Result<Tidied, HousekeepingError> {
    let left = match &removal {
        Removal::Run(run) => housekeeping::delete(run)?,
        Removal::File(file) => housekeeping::delete_file(file).map(|()| 0)?,
    };
    Ok(Tidied::Removed { removal, left })
}

/// Adds lines to the log file of a run. A run continues without its log where it cannot be written.
///
/// # Errors
/// If it cannot be, or there is a link or a pipe in its place.
pub(crate) fn write_log(folder: &Path, lines: &[String]) -> io::Result<()> {
    let mut file = disk::open_own(&folder.join(LOG), fs::File::options().append(true).create(true))?;
    let time = format::time(crate::tui::program::now());
    let text: String = lines.iter().map(|line| format!("{time}  {line}\n")).collect();
    file.write_all(text.as_bytes())
}

/// What is to be said where something else has the log's place: once for each run, since saying it is a line for the log.
fn refused(folder: PathBuf, error: &io::Error, told: &mut HashSet<PathBuf>) -> Option<Message> {
    let text = format!("no log is kept: {}: {error}; remove it to have one", folder.join(LOG).display());
    (disk::is_refusal(error) && told.insert(folder)).then_some(Message::Report(text))
}
