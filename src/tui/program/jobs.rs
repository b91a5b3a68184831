//! Disk access for the screen, on its own thread: a slow disk must not delay the response to a key.

use std::{
    collections::HashSet,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use crate::{
    data::{Dataset, ELSEWHERE},
    disk,
    sweep::{self, Format, TableError},
    train::{Checkpoint, HousekeepingError, LOG, Member, Panel, housekeeping},
    tui::{
        format,
        message::Message,
        program::{ReadTable, pictures, reader::Reader},
        session::{
            inquiry::Image,
            library::{
                Library,
                run::{LibraryChange, Removal},
            },
        },
    },
};

/// Time that dropping [`Jobs`] waits for unfinished jobs.
const PATIENCE: Duration = Duration::from_secs(1);

/// A task for the jobs thread.
pub(crate) enum Job {
    ListCheckpoints,
    Evaluate { run: PathBuf, file: PathBuf, dataset: Arc<Dataset> },
    Consult { id: u64, members: Vec<Member>, pixels: Image },
    ReadTable,
    ReadKnownRuns(PathBuf),
    Rename(PathBuf, String),
    Remove(Removal),
    WriteLog(PathBuf, Vec<String>),
    OpenPicture(PathBuf),
    SavePicture(PathBuf, Vec<u8>),
}

/// Handle of the jobs thread. Dropping it waits briefly for unfinished jobs, but not for a disk that hangs.
pub(crate) struct Jobs {
    jobs: Option<Sender<Job>>,
    /// Disconnected once every job is done.
    done: Receiver<()>,
}

impl Jobs {
    pub(crate) fn start(answers: Sender<Message>, checkpoint_dir: PathBuf, read_table: ReadTable) -> Self {
        let (jobs, waiting) = unbounded();
        let (end, done) = bounded::<()>(0);
        let list = start_library_thread(answers.clone(), checkpoint_dir);
        let evaluate = start_evaluation_thread(answers.clone());
        let consult = start_panel_thread(answers.clone());
        let work = move || {
            let _end = end;
            let mut reported = HashSet::new();
            for job in waiting {
                let answer = match job {
                    Job::ListCheckpoints => {
                        let _ = list.try_send(());
                        continue;
                    }
                    Job::Evaluate { run, file, dataset } => {
                        let _ = evaluate.send((run, file, dataset));
                        continue;
                    }
                    Job::Consult { id, members, pixels } => {
                        let _ = consult.send((id, members, pixels));
                        continue;
                    }
                    Job::Rename(run, name) => Message::LibraryChanged(described(rename(run, &name))),
                    Job::Remove(removal) => Message::LibraryChanged(described(remove(removal))),
                    Job::WriteLog(folder, lines) => {
                        let error = write_log(&folder, &lines).err();
                        match error.and_then(|error| refusal(folder, &error, &mut reported)) {
                            Some(answer) => answer,
                            None => continue,
                        }
                    }
                    Job::ReadTable => Message::Table(Box::new(read_table())),
                    Job::ReadKnownRuns(path) => {
                        let keys = known_runs(&path);
                        Message::KnownRuns(path, keys)
                    }
                    Job::OpenPicture(path) => Message::PictureOpened(pictures::open(&path)),
                    Job::SavePicture(path, png) => Message::PictureSaved(pictures::save(&path, &png)),
                };
                let _ = answers.send(answer);
            }
        };
        // Without this thread the screen has no list of runs and no log, but is still useful.
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

/// Starts a thread that reads the checkpoint folder whenever it is asked to; requests during a reading are merged into
/// one. Thousands of checkpoints may take a while, which must not delay other jobs.
fn start_library_thread(answers: Sender<Message>, checkpoint_dir: PathBuf) -> Sender<()> {
    let (list, requests) = bounded(1);
    let work = move || {
        let mut reader = Reader::new(checkpoint_dir);
        for () in requests {
            let _ = answers.send(Message::Library(reader.read().map(Library::of)));
            if let Some(entries) = reader.check() {
                let _ = answers.send(Message::Library(Ok(Library::of(entries))));
            }
        }
    };
    let _ = thread::Builder::new().name("library".into()).spawn(work);
    list
}

/// Returns the keys of the runs in a sweep's table; none if there is no file.
fn known_runs(path: &Path) -> Result<HashSet<String>, String> {
    match sweep::read_table(path, Format::Sweep) {
        Ok((rows, _)) => Ok(rows.into_iter().map(|row| row.key).collect()),
        Err(TableError::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => Ok(HashSet::new()),
        Err(error) => Err(error.to_string()),
    }
}

/// Run in a folder, one of its checkpoints, and the data set to evaluate it on.
type ToEvaluate = (PathBuf, PathBuf, Arc<Dataset>);

/// Starts a thread that evaluates checkpoints. An evaluation takes about a second, which must not delay other jobs.
fn start_evaluation_thread(answers: Sender<Message>) -> Sender<ToEvaluate> {
    let (requests, waiting) = unbounded::<ToEvaluate>();
    let work = move || {
        for (run, file, dataset) in waiting {
            let result = match dataset.test.is_empty() {
                true => Err(ELSEWHERE.to_owned()),
                false => Checkpoint::read(&file).map_err(|error| error.to_string()),
            };
            let result = result.map(|checkpoint| Arc::new(checkpoint.evaluate(&dataset.test)));
            let _ = answers.send(Message::Evaluated(run, result));
        }
    };
    let _ = thread::Builder::new().name("evaluation".into()).spawn(work);
    requests
}

/// Number of a question, whom it is to, and the image.
type Question = (u64, Vec<Member>, Image);

/// Starts a thread that asks the networks of saved runs about images, and keeps them in memory.
fn start_panel_thread(answers: Sender<Message>) -> Sender<Question> {
    let (questions, waiting) = unbounded::<Question>();
    let work = move || {
        let mut panel = Panel::default();
        for (id, members, pixels) in waiting {
            let _ = answers.send(Message::Consulted(id, panel.ask(&members, &pixels)));
        }
    };
    let _ = thread::Builder::new().name("panel".into()).spawn(work);
    questions
}

/// Turns an error into its text.
fn described(result: Result<LibraryChange, HousekeepingError>) -> Result<LibraryChange, String> {
    result.map_err(|error| error.to_string())
}

fn rename(run: PathBuf, name: &str) -> Result<LibraryChange, HousekeepingError> {
    housekeeping::rename(&run, name).map(|to| LibraryChange::Renamed { from: run, to })
}

fn remove(removal: Removal) -> Result<LibraryChange, HousekeepingError> {
    let left = match &removal {
        Removal::Run(run) => housekeeping::delete(run)?,
        Removal::File(file) => housekeeping::delete_file(file).map(|()| 0)?,
    };
    Ok(LibraryChange::Removed { removal, left })
}

/// Appends lines to the log file of a run. The run continues if that fails.
///
/// # Errors
/// If the log cannot be written, or if a link or a pipe is in its place.
pub(crate) fn write_log(folder: &Path, lines: &[String]) -> io::Result<()> {
    let mut file = disk::open_own(&folder.join(LOG), fs::File::options().append(true).create(true))?;
    let time = format::time(crate::tui::program::now());
    let text: String = lines.iter().map(|line| format!("{time}  {line}\n")).collect();
    file.write_all(text.as_bytes())
}

/// Returns a message that something else is in the log's place: only once per run, since the message itself is a line
/// for the log.
fn refusal(folder: PathBuf, error: &io::Error, reported: &mut HashSet<PathBuf>) -> Option<Message> {
    let text = format!("no log is kept: {}: {error}; remove it to keep a log", folder.join(LOG).display());
    (disk::is_refusal(error) && reported.insert(folder)).then_some(Message::Report(text))
}
