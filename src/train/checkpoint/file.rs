//! The file format: a header, then the contents in bincode: a text that names the network and later hyperparameters that
//! are not at their default (`lenet-5`, `rnn delay 56`), then the run with whose weights it began, if any, and on a line of
//! its own its teacher, if any; the rest of the checkpoint; and the mean of the weights if the run has one. All numbers
//! are little-endian.
//!
//! ```text
//!  0   8   magic
//!  8   4   format version
//! 12   8   length of the contents in bytes
//! 20   4   CRC-32 of bytes 8 to 20 and of the contents
//! 24       contents
//! ```

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek},
    path::Path,
};

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use serde::{Deserialize, de::DeserializeOwned};

use super::{Best, Checkpoint, ComputedWith, Fault, OptimizerState, Position, TestResult, v1};
use crate::{
    disk,
    nn::Architecture,
    train::{EpochRecord, Hyperparameter, Hyperparameters, LearningRateChange, RunSpec, Teacher, Transfer},
};

/// Bytes that no text file begins with, and that a transfer breaks if it converts line endings or drops the eighth bit.
const MAGIC: [u8; 8] = *b"\x89LeNet\r\n";
/// Format version that is written. Older ones can be read.
const VERSION: u32 = 2;
const HEADER: usize = 24;
/// Size limit of the contents: far above 0.75 MB of numbers, a record per epoch and 53 bytes per mistake.
const MAX_CONTENTS: usize = 64 << 20;

/// Bytes read at a time where numbers are skipped: more than the parts before, between and usually after them.
const BUFFER_SIZE: usize = 4 << 10;

const CONFIG: Configuration<LittleEndian, Varint, Limit<MAX_CONTENTS>> =
    bincode::config::standard().with_limit::<MAX_CONTENTS>();

pub(super) fn encode(checkpoint: &Checkpoint) -> Result<Vec<u8>, Fault> {
    let mut bytes = vec![0; HEADER];
    let written = bincode::serde::encode_into_std_write((text(&checkpoint.spec), checkpoint), &mut bytes, CONFIG);
    let written = written.and_then(|_| match &checkpoint.optimizer.average {
        Some(average) => bincode::serde::encode_into_std_write(average, &mut bytes, CONFIG),
        None => Ok(0),
    });
    written.map_err(|error| Fault::Io(io::Error::other(error)))?;
    let length = bytes.len() - HEADER;
    if length > MAX_CONTENTS {
        return Err(Fault::TooLarge { limit: MAX_CONTENTS as u64, found: length as u64 });
    }
    bytes[..8].copy_from_slice(&MAGIC);
    bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
    bytes[12..20].copy_from_slice(&(length as u64).to_le_bytes());
    let checksum = disk::checksum(&bytes[8..20], &bytes[HEADER..]);
    bytes[20..24].copy_from_slice(&checksum.to_le_bytes());
    Ok(bytes)
}

/// Hyperparameters that are stored as text, besides the network.
fn in_text() -> impl Iterator<Item = Hyperparameter> {
    use Hyperparameter::{Momentum, Network};
    Hyperparameter::ALL.iter().copied().filter(|which| which.is_later() && ![Network, Momentum].contains(which))
}

/// Precedes the run with whose weights this one began, which is the rest of the text and may contain blanks.
const FROM: &str = " from ";

/// Precedes the teacher.
const TEACHER: &str = "\nteacher ";

/// Returns the text of the network, the other hyperparameters [`in_text`], the transfer and the teacher.
fn text(spec: &RunSpec) -> String {
    let hyper = &spec.hyper;
    let others = in_text().filter(|&which| hyper.get(which) != which.default_value());
    let others = others.map(|which| format!(" {} {}", which.flag().name, hyper.get(which)));
    let transfer = spec.transfer.as_ref().map(|transfer| format!("{FROM}{}", transfer.to_text()));
    let teacher = spec.teacher.as_ref().and_then(Teacher::to_text).map(|teacher| format!("{TEACHER}{teacher}"));
    std::iter::once(hyper.network.to_string()).chain(others).chain(transfer).chain(teacher).collect()
}

/// Reads what [`text`] returns into `spec`.
fn parse_text(text: &str, spec: &mut RunSpec) -> Result<(), Fault> {
    let split = |text, separator| match str::split_once(text, separator) {
        Some((text, rest)) => (text, Some(rest)),
        None => (text, None),
    };
    let (text, teacher) = split(text, TEACHER);
    let (text, transfer) = split(text, FROM);
    parse_hyper(text, &mut spec.hyper)?;
    let parse = |transfer: &str| {
        Transfer::from_text(spec.hyper.network, transfer)
            .ok_or_else(|| Fault::UnknownHyperparameter(format!("from {transfer}")))
    };
    spec.transfer = transfer.map(parse).transpose()?;
    let parse = |teacher: &str| {
        Teacher::from_text(teacher).ok_or_else(|| Fault::UnknownHyperparameter(format!("teacher {teacher}")))
    };
    spec.teacher = teacher.map(parse).transpose()?;
    Ok(())
}

fn parse_hyper(text: &str, hyper: &mut Hyperparameters) -> Result<(), Fault> {
    let mut words = text.split(' ');
    let network = words.next().unwrap_or_default();
    hyper.network = network.parse().map_err(Fault::UnknownNetwork)?;
    in_text().for_each(|which| hyper.set(which, which.default_value()));
    while let Some(name) = words.next() {
        let value = words.next().unwrap_or_default();
        let which = in_text().find(|which| which.flag().name == name);
        let known = which.and_then(|which| Some((which, which.parse(value).ok()?)));
        let (which, value) = known.ok_or_else(|| Fault::UnknownHyperparameter(format!("{name} {value}")))?;
        hyper.set(which, value);
    }
    Ok(())
}

/// Checks header and checksum, then decodes. Allocates memory for the bytes found, not for the length that is claimed.
pub(super) fn read(path: &Path) -> Result<Checkpoint, Fault> {
    let Opened { reader, header, version, length } = open(path, |_| ())?;
    let contents = read_contents(reader, length)?;
    let expected = u32::from_le_bytes(part(&header, 20));
    let found = disk::checksum(&header[8..20], &contents);
    if found != expected {
        return Err(Fault::Checksum { expected, found });
    }
    decode(version, &contents)
}

/// Open checkpoint file with a valid header, positioned after it.
struct Opened {
    reader: BufReader<File>,
    header: [u8; HEADER],
    version: u32,
    /// Length of the contents, and of the rest of the file.
    length: u64,
}

fn open(path: &Path, prepare: fn(&File)) -> Result<Opened, Fault> {
    if let Some(found) = disk::obstacle(path) {
        return Err(Fault::NotACheckpoint { found });
    }
    let file = disk::open(path)?;
    // The length of the open file: the one at `path` may be replaced at any moment.
    let found = file.metadata()?.len();
    prepare(&file);
    let mut reader = BufReader::with_capacity(BUFFER_SIZE, file);
    let mut header = Vec::with_capacity(HEADER);
    reader.by_ref().take(HEADER as u64).read_to_end(&mut header)?;
    let Ok(header) = <[u8; HEADER]>::try_from(header.as_slice()) else {
        return Err(match MAGIC.starts_with(&header[..header.len().min(8)]) && !header.is_empty() {
            true => Fault::Truncated { expected: HEADER as u64, found },
            false => Fault::NotACheckpoint { found: describe(&header) },
        });
    };
    if header[..8] != MAGIC {
        return Err(Fault::NotACheckpoint { found: describe(&header) });
    }
    let version = u32::from_le_bytes(part(&header, 8));
    if !(v1::VERSION..=VERSION).contains(&version) {
        return Err(Fault::Version { expected: VERSION, found: version });
    }
    let length = u64::from_le_bytes(part(&header, 12));
    check_length(length, found)?;
    Ok(Opened { reader, header, version, length })
}

/// Checks that a file of `found` bytes consists of the header and `claimed` bytes.
fn check_length(claimed: u64, found: u64) -> Result<(), Fault> {
    let expected = claimed.saturating_add(HEADER as u64);
    if found < expected {
        return Err(Fault::Truncated { expected, found });
    }
    if found > expected {
        return Err(Fault::TrailingBytes { expected, found });
    }
    if claimed > MAX_CONTENTS as u64 {
        return Err(Fault::TooLarge { limit: MAX_CONTENTS as u64, found: claimed });
    }
    Ok(())
}

fn read_contents(reader: BufReader<File>, length: u64) -> Result<Vec<u8>, Fault> {
    let mut contents = Vec::new();
    reader.take(length).read_to_end(&mut contents)?;
    if (contents.len() as u64) < length {
        let (expected, found) = (length + HEADER as u64, (HEADER + contents.len()) as u64);
        return Err(Fault::Truncated { expected, found });
    }
    Ok(contents)
}

/// Part of the contents between the text that names the network and the parameters.
#[derive(Deserialize)]
struct Front<Spec = RunSpec> {
    written_by: String,
    saved_at: u64,
    spec: Spec,
    learning_rate: f32,
    learning_rate_changes: Vec<LearningRateChange>,
    position: Position,
}

impl Front {
    fn with_text(mut self, text: &str) -> Result<Self, Fault> {
        parse_text(text, &mut self.spec)?;
        Ok(self)
    }
}

impl From<Front<v1::RunSpec>> for Front {
    fn from(front: Front<v1::RunSpec>) -> Self {
        Self {
            written_by: front.written_by,
            saved_at: front.saved_at,
            spec: front.spec.into(),
            learning_rate: front.learning_rate,
            learning_rate_changes: front.learning_rate_changes,
            position: front.position,
        }
    }
}

/// Part of the contents after the moments.
#[derive(Deserialize)]
struct Back {
    computed_with: ComputedWith,
    history: Vec<EpochRecord>,
    evaluation: Option<TestResult>,
    best: Option<Best>,
}

fn assemble(front: Front, parameters: Vec<f32>, optimizer: OptimizerState, back: Back) -> Checkpoint {
    Checkpoint {
        written_by: front.written_by,
        saved_at: front.saved_at,
        spec: front.spec,
        learning_rate: front.learning_rate,
        learning_rate_changes: front.learning_rate_changes,
        position: front.position,
        parameters,
        optimizer,
        computed_with: back.computed_with,
        history: back.history,
        evaluation: back.evaluation,
        best: back.best,
    }
}

/// Reads a checkpoint without the numbers of its parameters and moments, which are nearly all of the file; they are
/// missing from the result. `None` if anything is not as expected; the checksum is not verified.
pub(super) fn read_without_numbers(path: &Path) -> Option<Checkpoint> {
    let Opened { mut reader, version, length, .. } = open(path, disable_read_ahead).ok()?;
    let front = match version {
        v1::VERSION => decode_next::<Front<v1::RunSpec>>(&mut reader)?.into(),
        _ => {
            let text = decode_next::<String>(&mut reader)?;
            decode_next::<Front>(&mut reader)?.with_text(&text).ok()?
        }
    };
    let network = front.spec.hyper.network;
    skip_numbers(&mut reader, network)?;
    let steps = decode_next(&mut reader)?;
    let moments: u64 = decode_next(&mut reader)?;
    if moments != front.spec.hyper.update_rule().moments() as u64 {
        return None;
    }
    (0..moments).try_for_each(|_| skip_numbers(&mut reader, network))?;
    let back: Back = decode_next(&mut reader)?;
    if front.spec.hyper.ema > 0.0 {
        skip_numbers(&mut reader, network)?;
    }
    if reader.stream_position().ok()? != HEADER as u64 + length {
        return None;
    }
    Some(assemble(front, Vec::new(), OptimizerState { steps, ..OptimizerState::default() }, back))
}

/// Prevents the system from reading ahead into the numbers.
#[cfg(target_os = "linux")]
fn disable_read_ahead(file: &File) {
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::Random);
}

#[cfg(not(target_os = "linux"))]
fn disable_read_ahead(_: &File) {}

fn decode_next<T: DeserializeOwned>(reader: &mut BufReader<File>) -> Option<T> {
    bincode::serde::decode_from_std_read(reader, CONFIG).ok()
}

fn skip_numbers(reader: &mut BufReader<File>, network: Architecture) -> Option<()> {
    let count: u64 = decode_next(reader)?;
    if count != network.parameters() as u64 {
        return None;
    }
    reader.seek_relative(count as i64 * size_of::<f32>() as i64).ok()
}

fn decode(version: u32, mut contents: &[u8]) -> Result<Checkpoint, Fault> {
    let front = match version {
        v1::VERSION => next_part::<Front<v1::RunSpec>>(&mut contents)?.into(),
        _ => {
            let text = next_part::<String>(&mut contents)?;
            next_part::<Front>(&mut contents)?.with_text(&text)?
        }
    };
    let parameters = next_part(&mut contents)?;
    let mut checkpoint = assemble(front, parameters, next_part(&mut contents)?, next_part(&mut contents)?);
    if checkpoint.spec.hyper.ema > 0.0 {
        checkpoint.optimizer.average = Some(next_part(&mut contents)?);
    }
    if !contents.is_empty() {
        return Err(Fault::Undecodable(format!("{} bytes remain after the contents", contents.len())));
    }
    Ok(checkpoint)
}

fn next_part<T: DeserializeOwned>(contents: &mut &[u8]) -> Result<T, Fault> {
    let (part, used) =
        bincode::serde::decode_from_slice(contents, CONFIG).map_err(|error| Fault::Undecodable(error.to_string()))?;
    *contents = &contents[used..];
    Ok(part)
}

/// Removes the scratch files of killed processes in `folder`.
pub fn remove_scratch(folder: &Path) {
    disk::remove_scratch(folder, is_checkpoint);
}

/// Returns whether this is the name of a checkpoint's scratch file.
pub fn is_scratch(name: &str) -> bool {
    disk::scratch_target(name).is_some_and(is_checkpoint)
}

fn is_checkpoint(name: &str) -> bool {
    name.ends_with(".ckpt")
}

fn part<const N: usize>(header: &[u8; HEADER], start: usize) -> [u8; N] {
    std::array::from_fn(|byte| header[start + byte])
}

/// Describes a file that is not a checkpoint by its first bytes.
fn describe(bytes: &[u8]) -> &'static str {
    match bytes {
        [] => "an empty file",
        [0x1f, 0x8b, ..] => "gzip data",
        [b'P', b'K', ..] => "a ZIP archive (as Keras and PyTorch write)",
        [0x89, b'H', b'D', b'F', ..] => "an HDF5 file (as Keras writes)",
        [0x89, b'P', b'N', b'G', ..] => "a PNG image",
        [0xff, 0xd8, 0xff, ..] => "a JPEG image",
        [0, 0, 8, 1 | 3, ..] => "an IDX file (a part of MNIST)",
        [0x80, 2..=5, ..] => "a Python pickle",
        _ if bytes.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) => "text",
        _ if bytes.iter().all(|byte| *byte == 0) => "zeros",
        _ => "other bytes",
    }
}
