//! Frames: a length, and that many bytes of bincode. Both are read as from an enemy: the memory grows with the bytes
//! that arrive, not with the length that is claimed, and nothing may remain.

use std::io::{self, Read};

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use serde::{Serialize, de::DeserializeOwned};

use super::Ranged;

/// Size limit of a frame to the trainer in bytes: far above a command with an image.
pub const TO_TRAINER: usize = 64 << 10;
/// Size limit of a frame to a viewer in bytes: above the predictions for 300,000 images.
pub const TO_VIEWER: usize = 16 << 20;

/// Limits of what bincode may allocate for a frame, from small to large.
const SMALL: Configuration<LittleEndian, Varint, Limit<TO_TRAINER>> =
    bincode::config::standard().with_limit::<TO_TRAINER>();
const LARGE: Configuration<LittleEndian, Varint, Limit<TO_VIEWER>> =
    bincode::config::standard().with_limit::<TO_VIEWER>();

/// Error in a frame.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    #[error("expected a message of at most {limit} bytes, found one of {found}")]
    TooLong { limit: usize, found: usize },
    #[error("expected {expected} bytes of a message, found the end after {found}")]
    Truncated { expected: usize, found: usize },
    #[error("the message cannot be decoded: {0}")]
    Undecodable(String),
    #[error("the message cannot be encoded: {0}")]
    Unencodable(String),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Encodes a message as a frame.
///
/// # Errors
/// If it is longer than `limit`, or mentions what no other process knows.
pub fn encode(message: &impl Serialize, limit: usize) -> Result<Vec<u8>, FrameError> {
    let mut frame = vec![0; 4];
    bincode::serde::encode_into_std_write(message, &mut frame, bincode::config::standard())
        .map_err(|error| FrameError::Unencodable(error.to_string()))?;
    let found = frame.len() - 4;
    if found > limit {
        return Err(FrameError::TooLong { limit, found });
    }
    frame[..4].copy_from_slice(&(found as u32).to_le_bytes());
    Ok(frame)
}

/// Reads the payload of the next frame. `None` if the other end has closed the connection before it.
///
/// # Errors
/// If it is longer than `limit`, or the connection ends within it.
pub fn read_frame(from: &mut impl Read, limit: usize) -> Result<Option<Vec<u8>>, FrameError> {
    let Some(length) = read_length(from)? else { return Ok(None) };
    if length > limit {
        return Err(FrameError::TooLong { limit, found: length });
    }
    let mut payload = Vec::new();
    from.take(length as u64).read_to_end(&mut payload)?;
    match payload.len() {
        found if found < length => Err(FrameError::Truncated { expected: length, found }),
        _ => Ok(Some(payload)),
    }
}

fn read_length(from: &mut impl Read) -> Result<Option<usize>, FrameError> {
    let mut bytes = Vec::with_capacity(4);
    from.take(4).read_to_end(&mut bytes)?;
    match <[u8; 4]>::try_from(bytes) {
        Ok(length) => Ok(Some(u32::from_le_bytes(length) as usize)),
        Err(bytes) if bytes.is_empty() => Ok(None),
        Err(bytes) => Err(FrameError::Truncated { expected: 4, found: bytes.len() }),
    }
}

/// Decodes a frame's payload.
///
/// # Errors
/// If it is no such message, bytes remain after it, or a number in it is out of range.
pub fn decode<T: DeserializeOwned + Ranged>(payload: &[u8]) -> Result<T, FrameError> {
    let decoded = match payload.len() {
        ..=TO_TRAINER => bincode::serde::decode_from_slice(payload, SMALL),
        _ => bincode::serde::decode_from_slice(payload, LARGE),
    };
    let (message, used): (T, usize) = decoded.map_err(|error| FrameError::Undecodable(error.to_string()))?;
    match payload.len() - used {
        0 => message.check().map(|()| message).map_err(FrameError::Undecodable),
        left => Err(FrameError::Undecodable(format!("{left} bytes remain after it"))),
    }
}
