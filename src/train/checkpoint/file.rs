//! The file: a header of our own, then the contents as bincode. All numbers are little-endian.
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
    io::{self, Read},
    path::Path,
};

use bincode::config::{Configuration, Limit, LittleEndian, Varint};

use super::{Checkpoint, Fault};
use crate::disk;

/// No text file begins like this, and a transfer that changes line ends or drops the eighth bit breaks it.
const MAGIC: [u8; 8] = *b"\x89LeNet\r\n";
const VERSION: u32 = 1;
const HEADER: usize = 24;
/// Contents are never larger: 0.75 MB of parameters and moments, a record an epoch, 53 bytes a mistake.
const MAX_CONTENTS: usize = 64 << 20;

const CONFIG: Configuration<LittleEndian, Varint, Limit<MAX_CONTENTS>> =
    bincode::config::standard().with_limit::<MAX_CONTENTS>();

pub(super) fn encode(checkpoint: &Checkpoint) -> Result<Vec<u8>, Fault> {
    let mut bytes = vec![0; HEADER];
    bincode::serde::encode_into_std_write(checkpoint, &mut bytes, CONFIG)
        .map_err(|error| Fault::Io(io::Error::other(error)))?;
    let length = bytes.len() - HEADER;
    if length > MAX_CONTENTS {
        return Err(Fault::TooLarge { limit: MAX_CONTENTS as u64, found: length as u64 });
    }
    bytes[..8].copy_from_slice(&MAGIC);
    bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
    bytes[12..20].copy_from_slice(&(length as u64).to_le_bytes());
    let checksum = checksum(&bytes[8..20], &bytes[HEADER..]);
    bytes[20..24].copy_from_slice(&checksum.to_le_bytes());
    Ok(bytes)
}

/// Reads and checks header and checksum, then decodes. Memory is taken for bytes that are there, not for bytes claimed.
pub(super) fn read(path: &Path) -> Result<Checkpoint, Fault> {
    if let Some(found) = disk::obstacle(path) {
        return Err(Fault::NotACheckpoint { found });
    }
    let mut file = disk::open(path)?;
    // Of the open file: the one at `path` may be replaced by a newer one at any moment.
    let found = file.metadata()?.len();
    let mut header = Vec::with_capacity(HEADER);
    (&mut file).take(HEADER as u64).read_to_end(&mut header)?;
    let Ok(header) = <[u8; HEADER]>::try_from(header.as_slice()) else {
        return Err(match MAGIC.starts_with(&header[..header.len().min(8)]) && !header.is_empty() {
            true => Fault::Truncated { expected: HEADER as u64, found },
            false => Fault::NotACheckpoint { found: appearance(&header) },
        });
    };
    if header[..8] != MAGIC {
        return Err(Fault::NotACheckpoint { found: appearance(&header) });
    }
    let version = u32::from_le_bytes(part(&header, 8));
    if version != VERSION {
        return Err(Fault::Version { expected: VERSION, found: version });
    }
    let contents = read_contents(&mut file, u64::from_le_bytes(part(&header, 12)), found)?;
    let expected = u32::from_le_bytes(part(&header, 20));
    let found = checksum(&header[8..20], &contents);
    if found != expected {
        return Err(Fault::Checksum { expected, found });
    }
    decode(&contents)
}

/// `claimed` bytes, which have to be all of the rest of a file of `length` bytes.
fn read_contents(file: &mut File, claimed: u64, length: u64) -> Result<Vec<u8>, Fault> {
    let expected = claimed.saturating_add(HEADER as u64);
    if length < expected {
        return Err(Fault::Truncated { expected, found: length });
    }
    if length > expected {
        return Err(Fault::TrailingBytes { expected, found: length });
    }
    if claimed > MAX_CONTENTS as u64 {
        return Err(Fault::TooLarge { limit: MAX_CONTENTS as u64, found: claimed });
    }
    let mut contents = Vec::new();
    file.take(claimed).read_to_end(&mut contents)?;
    if (contents.len() as u64) < claimed {
        return Err(Fault::Truncated { expected, found: (HEADER + contents.len()) as u64 });
    }
    Ok(contents)
}

fn decode(contents: &[u8]) -> Result<Checkpoint, Fault> {
    let (checkpoint, used) =
        bincode::serde::decode_from_slice(contents, CONFIG).map_err(|error| Fault::Undecodable(error.to_string()))?;
    if used < contents.len() {
        return Err(Fault::Undecodable(format!("{} bytes are left over", contents.len() - used)));
    }
    Ok(checkpoint)
}

/// Removes what writers that were killed left in `folder`.
pub fn remove_scratch(folder: &Path) {
    disk::remove_scratch(folder, is_checkpoint);
}

/// Whether a file of this name was to become a checkpoint.
pub fn is_scratch(name: &str) -> bool {
    disk::scratch_target(name).is_some_and(is_checkpoint)
}

fn is_checkpoint(name: &str) -> bool {
    name.ends_with(".ckpt")
}

fn checksum(header: &[u8], contents: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(header);
    hasher.update(contents);
    hasher.finalize()
}

fn part<const N: usize>(header: &[u8; HEADER], start: usize) -> [u8; N] {
    std::array::from_fn(|byte| header[start + byte])
}

/// What a file that is no checkpoint seems to be, from its first bytes.
fn appearance(bytes: &[u8]) -> &'static str {
    match bytes {
        [] => "an empty file",
        [0x1f, 0x8b, ..] => "gzip data",
        [b'P', b'K', ..] => "a ZIP archive (Keras's and PyTorch's files are such)",
        [0x89, b'H', b'D', b'F', ..] => "an HDF5 file (Keras's are such)",
        [0x89, b'P', b'N', b'G', ..] => "a PNG image",
        [0xff, 0xd8, 0xff, ..] => "a JPEG image",
        [0, 0, 8, 1 | 3, ..] => "an IDX file (a part of MNIST)",
        [0x80, 2..=5, ..] => "a Python pickle",
        _ if bytes.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) => "text",
        _ if bytes.iter().all(|byte| *byte == 0) => "zeros",
        _ => "other bytes",
    }
}
