//! Curves for TensorBoard: event files with the tags that Keras writes.
//!
//! A run has a folder for each set of images, `train`, `validation` and `test`. An event file is a row of records: the
//! length, its checksum, a message, its checksum (TensorFlow's `record_writer.h`).

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    process,
    time::{SystemTime, UNIX_EPOCH},
};

use super::proto::Message;
use crate::{
    disk,
    format::file_name,
    train::{Checkpoint, EpochRecord, Event},
};

/// Beginning of the name of every event file, by which TensorBoard finds it.
const PREFIX: &str = "events.out.tfevents";
/// Version in the first record of a file.
const VERSION: &str = "brain.Event:2";

/// Event files of a run as it trains.
#[derive(Debug)]
pub struct EventLog {
    /// Folder that holds the runs' folders.
    folder: PathBuf,
    /// Folder of the present run.
    run: PathBuf,
    /// Name of the files that this process writes.
    file: String,
    /// Whether the newest attempt to write failed.
    is_failing: bool,
}

impl EventLog {
    pub fn new(folder: &Path) -> Self {
        let file = format!("{PREFIX}.{:.0}.{}.lenet-monitor", now(), process::id());
        Self { folder: folder.to_owned(), run: folder.to_owned(), file, is_failing: false }
    }

    /// Writes what an event of the run adds. Returns a note if that fails for the first time.
    pub fn observe(&mut self, event: &Event) -> Option<String> {
        let written = match event {
            Event::Started(started) => {
                self.run = self.folder.join(file_name(&started.run_dir));
                if has_events(&self.run) { Ok(()) } else { self.append(&started.history) }
            }
            Event::FolderChanged(path) => {
                self.run = self.folder.join(file_name(path));
                Ok(())
            }
            Event::EpochEnded(record) => self.append(std::slice::from_ref(record)),
            _ => return None,
        };
        let was_failing = self.is_failing;
        self.is_failing = written.is_err();
        let error = written.err().filter(|_| !was_failing)?;
        Some(format!(
            "cannot write events for TensorBoard to {}: {error}; the run continues, without those of this epoch",
            self.run.display()
        ))
    }

    /// Appends epochs, of which the last one ends now.
    fn append(&self, history: &[EpochRecord]) -> io::Result<()> {
        for (set, events) in sets(history, now()) {
            append(&self.run.join(set), &self.file, &events)?;
        }
        Ok(())
    }
}

/// Returns the event files of a saved run: paths within its folder, and contents.
pub fn files(checkpoint: &Checkpoint) -> Vec<(PathBuf, Vec<u8>)> {
    let saved_at = checkpoint.saved_at;
    let file = format!("{PREFIX}.{saved_at}.lenet-monitor");
    let sets = sets(&checkpoint.history, saved_at as f64 - checkpoint.position.train_seconds);
    let file = |(set, events): (&str, Vec<u8>)| {
        let first = record(&version(saved_at as f64));
        (Path::new(set).join(&file), [first, events].concat())
    };
    sets.into_iter().map(file).collect()
}

/// Returns the records of each set of images. The last epoch ended at `end`, in seconds since 1970.
fn sets(history: &[EpochRecord], end: f64) -> Vec<(&'static str, Vec<u8>)> {
    let total: f64 = history.iter().map(|record| record.seconds).sum();
    let (mut train, mut validation, mut test) = (Vec::new(), Vec::new(), Vec::new());
    let mut at = end - total;
    for epoch in history {
        at += epoch.seconds;
        let scalars = |loss: f64, accuracy: f64| vec![("epoch_loss", loss), ("epoch_accuracy", accuracy)];
        let mut trained = scalars(epoch.train_loss, epoch.train_accuracy);
        trained.push(("epoch_learning_rate", epoch.learning_rate.into()));
        train.extend(event(at, epoch.epoch, &trained));
        if let Some((loss, accuracy)) = epoch.validation {
            validation.extend(event(at, epoch.epoch, &scalars(loss, accuracy)));
        }
        test.extend(event(at, epoch.epoch, &scalars(epoch.test_loss, epoch.test_accuracy)));
    }
    let sets = [("train", train), ("validation", validation), ("test", test)];
    sets.into_iter().filter(|(_, events)| !events.is_empty()).collect()
}

/// Returns a record with numbers of an epoch, which Keras counts from 0.
fn event(at: f64, epoch: u32, scalars: &[(&str, f64)]) -> Vec<u8> {
    let mut summary = Message::default();
    for &(tag, value) in scalars {
        let mut scalar = Message::default();
        scalar.text(1, tag);
        scalar.float(2, value as f32);
        summary.message(1, &scalar);
    }
    let mut event = Message::default();
    event.double(1, at);
    event.number(2, u64::from(epoch - 1));
    event.message(5, &summary);
    record(&event)
}

/// Returns the first event of a file.
fn version(at: f64) -> Message {
    let mut event = Message::default();
    event.double(1, at);
    event.text(3, VERSION);
    event
}

fn record(message: &Message) -> Vec<u8> {
    let bytes = message.bytes();
    let length = (bytes.len() as u64).to_le_bytes();
    [&length[..], &masked_crc(&length).to_le_bytes(), bytes, &masked_crc(bytes).to_le_bytes()].concat()
}

/// Returns the CRC-32C, rotated and moved, so that checksums of checksums mean something.
pub(crate) fn masked_crc(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// Appends records to a file, and begins it if there is none. What cannot be written completely is taken back.
fn append(folder: &Path, name: &str, records: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut file = disk::open_own(&folder.join(name), File::options().append(true).create(true))?;
    let before = file.metadata()?.len();
    let first = if before == 0 { record(&version(now())) } else { Vec::new() };
    let written = file.write_all(&[&first[..], records].concat());
    written.inspect_err(|_| drop(file.set_len(before)))
}

/// Returns whether a run's folder has event files already.
fn has_events(run: &Path) -> bool {
    let files = fs::read_dir(run.join("train")).into_iter().flatten().flatten();
    files.into_iter().any(|file| file.file_name().to_string_lossy().starts_with(PREFIX))
}

/// Returns the time in seconds since 1970.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}
