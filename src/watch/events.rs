//! TensorBoard's event files: records with checksums, each an `Event` message.

use super::{
    proto::{self, Field},
    record::{Pass, Record, Waiting},
};
use crate::interop::tensorboard::masked_crc;

/// Bytes of a record before its data: length and checksum of the length.
const BEFORE: usize = 12;
/// Bytes of a record after its data: checksum of the data.
const AFTER: usize = 4;
/// Longest record that is read, in bytes; longer ones have pictures or graphs, no curves.
const LONGEST: u64 = 16 << 20;

/// Reader of the records of an event file.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// Bytes of a record that is too long, still to be skipped.
    to_skip: u64,
    /// Whether the beginning of the next record is being looked for.
    is_lost: bool,
}

/// Result of reading the record at the beginning of some bytes.
enum Read {
    Whole(usize),
    Damaged(usize),
    TooLong(u64),
    /// The record continues beyond the bytes.
    Cut,
    /// No record begins here.
    Lost,
}

impl Events {
    /// Reads the records in `bytes`, and returns the number of bytes used.
    pub(super) fn read(&mut self, bytes: &[u8], is_end: bool, pass: &mut Pass) -> usize {
        let mut used = 0;
        loop {
            let skipped = self.to_skip.min((bytes.len() - used) as u64);
            self.to_skip -= skipped;
            used += skipped as usize;
            let rest = &bytes[used..];
            if rest.is_empty() {
                pass.waiting = (is_end && self.to_skip > 0).then_some(Waiting::HalfRecord);
                return used;
            }
            match record(rest, pass) {
                Read::Whole(length) => used += length,
                // The last record may still be written.
                Read::Damaged(length) if used + length == bytes.len() => {
                    pass.waiting = is_end.then_some(Waiting::DamagedEnd);
                    return used;
                }
                Read::Damaged(length) => {
                    pass.damaged += 1;
                    used += length;
                }
                Read::TooLong(length) => self.to_skip = length,
                Read::Cut => {
                    pass.waiting =
                        is_end.then_some(if self.is_lost { Waiting::DamagedEnd } else { Waiting::HalfRecord });
                    return used;
                }
                Read::Lost => match (1..=rest.len().saturating_sub(BEFORE)).find(|&at| length(&rest[at..]).is_some()) {
                    Some(next) => {
                        pass.damaged += u64::from(!std::mem::take(&mut self.is_lost));
                        used += next;
                    }
                    None if is_end && rest.len() < LONGEST as usize => {
                        pass.waiting = Some(Waiting::DamagedEnd);
                        return used;
                    }
                    None => {
                        pass.damaged += u64::from(!self.is_lost);
                        self.is_lost = true;
                        return bytes.len() - (BEFORE - 1);
                    }
                },
            }
        }
    }
}

fn record(bytes: &[u8], pass: &mut Pass) -> Read {
    if bytes.len() < BEFORE {
        return Read::Cut;
    }
    let Some(length) = length(bytes) else { return Read::Lost };
    if length > LONGEST {
        return Read::TooLong(length.saturating_add((BEFORE + AFTER) as u64));
    }
    let end = BEFORE + length as usize;
    let Some(checksum) = bytes.get(end..end + AFTER) else { return Read::Cut };
    let data = &bytes[BEFORE..end];
    if masked_crc(data).to_le_bytes() != checksum {
        return Read::Damaged(end + AFTER);
    }
    match event(data) {
        Some(record) => {
            pass.add(&record);
            Read::Whole(end + AFTER)
        }
        None => {
            pass.damaged += 1;
            Read::Whole(end + AFTER)
        }
    }
}

/// Returns the length of the record that begins here, if one does.
fn length(bytes: &[u8]) -> Option<u64> {
    let (length, checksum) = (bytes.get(..8)?, bytes.get(8..BEFORE)?);
    (masked_crc(length).to_le_bytes() == checksum).then(|| u64::from_le_bytes(length.try_into().expect("eight bytes")))
}

/// Returns the scalars of an `Event`; `None` if it is not one.
fn event(bytes: &[u8]) -> Option<Record> {
    let mut record = Record { step: Some(0.0), ..Record::default() };
    for field in proto::fields(bytes) {
        match field? {
            (1, Field::Fixed64(bits)) => record.clock = Some(f64::from_bits(bits)),
            (2, Field::Varint(step)) => record.step = Some(step as i64 as f64),
            (5, Field::Bytes(summary)) => summary_values(summary, &mut record)?,
            _ => {}
        }
    }
    Some(record)
}

fn summary_values(bytes: &[u8], record: &mut Record) -> Option<()> {
    for field in proto::fields(bytes) {
        if let (1, Field::Bytes(value)) = field?
            && let (tag, Some(number)) = tagged(value)?
        {
            record.numbers.push((tag.into(), number));
        }
    }
    Some(())
}

/// Returns the tag and the number of a value; the number is `None` if it is a picture, a histogram or a text.
fn tagged(bytes: &[u8]) -> Option<(String, Option<f64>)> {
    let (mut tag, mut number) = (String::new(), None);
    for field in proto::fields(bytes) {
        match field? {
            (1, Field::Bytes(name)) => tag = String::from_utf8_lossy(name).into_owned(),
            (2, Field::Fixed32(bits)) => number = Some(f32::from_bits(bits).into()),
            (8, Field::Bytes(tensor)) => number = scalar(tensor)?,
            _ => {}
        }
    }
    Some((tag, number))
}

/// Returns the number in a tensor of one number.
fn scalar(bytes: &[u8]) -> Option<Option<f64>> {
    let (mut kind, mut content, mut numbers) = (0, &[][..], Vec::new());
    for field in proto::fields(bytes) {
        match field? {
            (1, Field::Varint(value)) => kind = value,
            (4, Field::Bytes(value)) => content = value,
            (5, Field::Fixed32(bits)) => numbers.push(f64::from(f32::from_bits(bits))),
            (5, Field::Bytes(packed)) => {
                numbers.extend(
                    packed
                        .chunks_exact(4)
                        .map(|part| f64::from(f32::from_le_bytes(part.try_into().expect("of this length")))),
                );
            }
            (6, Field::Fixed64(bits)) => numbers.push(f64::from_bits(bits)),
            (6, Field::Bytes(packed)) => {
                numbers.extend(
                    packed.chunks_exact(8).map(|part| f64::from_le_bytes(part.try_into().expect("of this length"))),
                );
            }
            (7 | 10, Field::Varint(value)) => numbers.push(value as i64 as f64),
            (7 | 10, Field::Bytes(packed)) => numbers.extend(proto::varints(packed)?.map(|value| value as i64 as f64)),
            _ => {}
        }
    }
    // DT_FLOAT, DT_DOUBLE, DT_INT32, DT_INT64.
    let from_content = match (kind, content) {
        (1, &[a, b, c, d]) => Some(f32::from_le_bytes([a, b, c, d]).into()),
        (3, &[a, b, c, d]) => Some(i32::from_le_bytes([a, b, c, d]).into()),
        (2, content) => content.try_into().ok().map(f64::from_le_bytes),
        (9, content) => content.try_into().ok().map(|bytes| i64::from_le_bytes(bytes) as f64),
        _ => None,
    };
    Some(from_content.or(if let [number] = numbers[..] { Some(number) } else { None }))
}
