//! NumPy's `.npz`: a zip archive of arrays.

use std::io::{Cursor, Read, Write};

use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::{InteropError, NamedTensor, numbers};
use crate::data::npy;

const EXPECTED: &str = "an npz archive of NumPy arrays";
/// NumPy aligns the numbers of an array to this number of bytes.
const ALIGNMENT: usize = 64;
/// Most numbers that are read of an array: far more than any network of this program has.
const MAX_NUMBERS: u64 = 1 << 24;

pub(super) fn encode(tensors: &[NamedTensor]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let write = |archive: &mut ZipWriter<Cursor<Vec<u8>>>, tensor: &NamedTensor| {
        archive.start_file(format!("{}.npy", tensor.name), options)?;
        archive.write_all(&header(&tensor.shape))?;
        archive.write_all(&numbers::bytes(&tensor.values))
    };
    tensors.iter().try_for_each(|tensor| write(&mut archive, tensor)).expect("memory can be written");
    archive.finish().expect("memory can be written").into_inner()
}

/// Returns the start of an array's file, format 1.0.
fn header(shape: &[usize]) -> Vec<u8> {
    let lengths: String = shape.iter().map(|length| format!("{length}, ")).collect();
    // A tuple of one number ends with a comma; of several, NumPy leaves it out.
    let lengths = lengths.trim_end().trim_end_matches(if shape.len() > 1 { ',' } else { ' ' });
    let mut text = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({lengths}), }}");
    const START: usize = 10;
    let padded = (START + text.len() + 1).next_multiple_of(ALIGNMENT) - START;
    text += &" ".repeat(padded - text.len() - 1);
    text.push('\n');
    let mut header = b"\x93NUMPY\x01\x00".to_vec();
    header.extend((text.len() as u16).to_le_bytes());
    header.extend(text.as_bytes());
    header
}

pub(super) fn decode(bytes: &[u8]) -> Result<Vec<NamedTensor>, InteropError> {
    let damaged = |error: &dyn std::fmt::Display| InteropError::damaged(EXPECTED, error);
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    (0..archive.len())
        .map(|index| {
            let mut entry = archive.by_index(index).map_err(|error| damaged(&error))?;
            let name = entry.name().map_err(|error| damaged(&error))?.trim_end_matches(".npy").to_owned();
            array(name, &mut entry)
        })
        .collect()
}

fn array(name: String, entry: &mut impl Read) -> Result<NamedTensor, InteropError> {
    let damaged = |error: &dyn std::fmt::Display| InteropError::damaged(EXPECTED, format!("{name}: {error}"));
    let text = npy::read_header(entry).map_err(|error| damaged(&error))?;
    let header = npy::Header::parse(&text).ok_or_else(|| damaged(&format!("the header {}", text.trim())))?;
    let count = header.shape.iter().try_fold(1_u64, |count, length| count.checked_mul(*length));
    let count = count.filter(|count| *count <= MAX_NUMBERS).ok_or_else(|| damaged(&format!("{:?}", header.shape)))?;
    let bytes = match header.descr {
        "<f4" => 4,
        "<f8" => 8,
        other => return Err(InteropError::number_type(&name, other)),
    };
    let mut body = Vec::new();
    // Reading one byte more detects an array that is too long, and makes the archive verify its checksum.
    entry.take(count * bytes + 1).read_to_end(&mut body).map_err(|error| damaged(&error))?;
    if body.len() as u64 != count * bytes {
        return Err(damaged(&format!("{} bytes, where the header announces {}", body.len(), count * bytes)));
    }
    let values = if bytes == 4 { numbers::single(&body) } else { numbers::double(&body) };
    let shape: Vec<usize> = header.shape.iter().map(|length| *length as usize).collect();
    let values = if header.is_row_major { values } else { row_major(&shape, &values) };
    Ok(NamedTensor { name, shape, values })
}

/// Reorders numbers of which the first index changes fastest.
fn row_major(shape: &[usize], values: &[f32]) -> Vec<f32> {
    let place = |mut row_major: usize| {
        let mut place = 0;
        for (axis, length) in shape.iter().enumerate().rev() {
            place += row_major % length * shape[..axis].iter().product::<usize>();
            row_major /= length;
        }
        place
    };
    (0..values.len()).map(|index| values[place(index)]).collect()
}
