//! Soft targets: what teacher networks answer for each training image, computed once and kept as a file.
//!
//! ```text
//!  0   8   magic
//!  8   4   format version
//! 12  32   fingerprint of the networks and the data set
//! 44   8   number of images
//! 52   4   CRC-32 of bytes 8 to 52 and of the contents
//! 56       ten log-probabilities per image
//! ```
//!
//! All numbers are little-endian.

use std::{io::Read, path::Path};

use sha2::{Digest, Sha256};

use super::{CannotRun, Checkpoint, Teacher, hyper::PREFIX};
use crate::{
    data::{CLASSES, Dataset, Fingerprint, PIXELS},
    disk,
    format::{counted, shown},
    nn::Engine,
};

const MAGIC: [u8; 8] = *b"\x89Soft\r\n\x1a";
const VERSION: u32 = 1;
const HEADER: usize = 56;
/// Images that a network answers at a time.
const SLICE: usize = 1_000;

type Row = [f32; CLASSES];

/// Answers of a teacher for all training images of a data set: the logarithm of the mean of its networks' probabilities.
#[derive(Debug)]
pub(super) struct SoftTargets(Vec<Row>);

impl Teacher {
    /// Computes and keeps the soft targets unless their file exists. Fills in the fingerprint. Returns a note if they
    /// were computed.
    ///
    /// # Errors
    /// If the checkpoints cannot be read, or are not those of the fingerprint.
    pub fn prepare(&mut self, dataset: &Dataset, engine: &Engine) -> Result<Option<String>, CannotRun> {
        SoftTargets::of(self, dataset, engine).map(|(_, note)| note)
    }
}

impl SoftTargets {
    /// Returns the rows of some images.
    pub(super) fn rows(&self, images: &[u32]) -> Vec<Row> {
        images.iter().map(|&image| self.0[image as usize]).collect()
    }

    /// Reads a teacher's soft targets, or computes and keeps them. Fills in the teacher's fingerprint. Returns a note,
    /// too, if they were computed.
    ///
    /// # Errors
    /// If there is no file of them and the checkpoints cannot be read, or are not those of the fingerprint.
    pub(super) fn of(
        teacher: &mut Teacher,
        dataset: &Dataset,
        engine: &Engine,
    ) -> Result<(Self, Option<String>), CannotRun> {
        let kept =
            |teacher: &Teacher, fingerprint| read(&teacher.file(fingerprint), fingerprint, dataset.train.len()).ok();
        if let Some(targets) = teacher.fingerprint.and_then(|fingerprint| kept(teacher, fingerprint)) {
            return Ok((targets, None));
        }
        let networks = networks(teacher)?;
        let fingerprint = fingerprint(dataset, &networks);
        if let Some(expected) = teacher.fingerprint.filter(|&expected| expected != fingerprint) {
            return Err(CannotRun::OtherTeacher { file: teacher.file(expected), found: fingerprint });
        }
        teacher.fingerprint = Some(fingerprint);
        if let Some(targets) = kept(teacher, fingerprint) {
            return Ok((targets, None));
        }
        let targets = Self::compute(dataset, &networks, engine)?;
        let file = teacher.file(fingerprint);
        let count = counted(networks.len() as u64, "network");
        let note = match targets.write(&file, fingerprint) {
            Ok(()) => format!("the soft targets of {count} are kept in {}", shown(&file)),
            Err(error) => format!("the soft targets of {count} cannot be kept in {}: {error}", shown(&file)),
        };
        Ok((targets, Some(note)))
    }

    /// Computes the soft targets.
    fn compute(dataset: &Dataset, networks: &[Checkpoint], engine: &Engine) -> Result<Self, CannotRun> {
        let mut sums = vec![[f64::NEG_INFINITY; CLASSES]; dataset.train.len()];
        for checkpoint in networks {
            let mut network = checkpoint.network(engine.clone());
            let slices = sums.chunks_mut(SLICE).zip(dataset.train.pixels().chunks(SLICE * PIXELS));
            for (sums, pixels) in slices {
                for (sums, logits) in sums.iter_mut().zip(network.logits(pixels)) {
                    let logs = log_softmax(&logits);
                    sums.iter_mut().zip(logs).for_each(|(sum, log)| *sum = log_sum(*sum, log));
                }
            }
        }
        let count = (networks.len() as f64).ln();
        let rows: Vec<Row> = sums.into_iter().map(|sums| sums.map(|sum| (sum - count) as f32)).collect();
        if rows.as_flattened().iter().any(|value| !value.is_finite()) {
            return Err(CannotRun::Teacher { reason: "its networks compute no finite numbers".to_owned() });
        }
        Ok(Self(rows))
    }

    fn write(&self, file: &Path, fingerprint: Fingerprint) -> std::io::Result<()> {
        let contents: Vec<u8> = self.0.as_flattened().iter().flat_map(|value| value.to_le_bytes()).collect();
        let mut bytes = MAGIC.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(fingerprint.0);
        bytes.extend((self.0.len() as u64).to_le_bytes());
        bytes.extend(disk::checksum(&bytes[8..], &contents).to_le_bytes());
        bytes.extend(contents);
        let folder = disk::folder_of(file);
        std::fs::create_dir_all(folder)?;
        disk::remove_scratch(folder, |name| name.starts_with(PREFIX));
        disk::write_atomically(file, &bytes)
    }
}

/// Reads a file, and checks that it has the soft targets of this fingerprint for `images` images.
fn read(file: &Path, fingerprint: Fingerprint, images: usize) -> std::io::Result<SoftTargets> {
    let wrong = || std::io::Error::other("the file does not have these soft targets");
    let length = HEADER + images * size_of::<Row>();
    let mut bytes = Vec::new();
    disk::open(file)?.take(length as u64 + 1).read_to_end(&mut bytes)?;
    let (header, contents) = bytes.split_at_checked(HEADER).filter(|_| bytes.len() == length).ok_or_else(wrong)?;
    let mut expected = MAGIC.to_vec();
    expected.extend(VERSION.to_le_bytes());
    expected.extend(fingerprint.0);
    expected.extend((images as u64).to_le_bytes());
    expected.extend(disk::checksum(&expected[8..], contents).to_le_bytes());
    if header != expected {
        return Err(wrong());
    }
    let value = |bytes: &[u8; 4]| f32::from_le_bytes(*bytes);
    let values: Vec<f32> = contents.as_chunks().0.iter().map(value).collect();
    Ok(SoftTargets(values.as_chunks().0.to_vec()))
}

fn networks(teacher: &Teacher) -> Result<Vec<Checkpoint>, CannotRun> {
    let read = |path| Checkpoint::read(path).map_err(|error| CannotRun::Teacher { reason: error.to_string() });
    teacher.paths.iter().map(|path| read(path)).collect()
}

/// Returns the fingerprint of everything that soft targets depend on.
fn fingerprint(dataset: &Dataset, networks: &[Checkpoint]) -> Fingerprint {
    let mut sum = Sha256::new();
    sum.update(dataset.id.fingerprint.0);
    for checkpoint in networks {
        let hyper = &checkpoint.spec.hyper;
        for which in super::Transfer::COMES_WITH {
            sum.update(format!("{} ", hyper.get(*which)));
        }
        let bytes: Vec<u8> = checkpoint.tested_parameters().iter().flat_map(|value| value.to_le_bytes()).collect();
        sum.update(bytes);
    }
    Fingerprint(sum.finalize().into())
}

/// Returns `x_i - ln sum exp(x_j)` in double precision.
fn log_softmax(logits: &Row) -> [f64; CLASSES] {
    let logits = logits.map(f64::from);
    let sum = logits.into_iter().fold(f64::NEG_INFINITY, log_sum);
    logits.map(|logit| logit - sum)
}

/// Returns `ln(exp a + exp b)`.
fn log_sum(a: f64, b: f64) -> f64 {
    let (least, most) = (a.min(b), a.max(b));
    if least == f64::NEG_INFINITY { most } else { most + (least - most).exp().ln_1p() }
}
