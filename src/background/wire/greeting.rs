//! The first bytes in both directions: what speaks, and in which version.
//!
//! ```text
//!  0   8   magic
//!  8   4   number of the wire, little-endian
//! 12  20   version of the program, UTF-8, padded with zeros
//! ```

use std::io::{self, Read, Write};

use super::WIRE;
use crate::format::sanitized;

const MAGIC: [u8; 8] = *b"\x89LNwire\n";
const VERSION_LENGTH: usize = 20;
const LENGTH: usize = 12 + VERSION_LENGTH;

/// First bytes in both directions. Their form is the same in all versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Greeting {
    pub wire: u32,
    /// Version of the program.
    pub version: String,
}

/// Error when the other end of a socket does not begin with a [`Greeting`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the greeting of a lenet-monitor, found other bytes")]
pub struct NotALenetMonitor;

impl Greeting {
    /// Returns the greeting of this program.
    pub fn own() -> Self {
        Self { wire: WIRE, version: env!("CARGO_PKG_VERSION").to_owned() }
    }

    /// Writes the greeting.
    ///
    /// # Errors
    /// If that fails.
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let mut bytes = [0; LENGTH];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&self.wire.to_le_bytes());
        let version = self.version.as_bytes();
        let length = version.len().min(VERSION_LENGTH);
        bytes[12..12 + length].copy_from_slice(&version[..length]);
        to.write_all(&bytes)
    }

    /// Reads a greeting.
    ///
    /// # Errors
    /// If reading fails, or something else is found, with [`NotALenetMonitor`] inside.
    pub fn read(from: &mut impl Read) -> io::Result<Self> {
        let mut magic = [0; 8];
        from.read_exact(&mut magic)?;
        if magic != MAGIC {
            return Err(io::Error::new(io::ErrorKind::InvalidData, NotALenetMonitor));
        }
        let (mut wire, mut version) = ([0; 4], [0; VERSION_LENGTH]);
        from.read_exact(&mut wire)?;
        from.read_exact(&mut version)?;
        let version = String::from_utf8_lossy(&version);
        let version = sanitized(version.trim_end_matches('\0'));
        Ok(Self { wire: u32::from_le_bytes(wire), version })
    }
}
