//! Encoding of greys to a file.

use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

/// Encodes greys, `width` per row, as a PNG that [`super::read_digit`] reads as [`super::read_page`] reads the greys.
///
/// # Panics
/// If the last row is incomplete.
pub fn png(width: usize, grey: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (columns, rows) = (width as u32, (grey.len() / width) as u32);
    let written = PngEncoder::new(&mut bytes).write_image(grey, columns, rows, ExtendedColorType::L8);
    written.expect("rows are complete, and writing to memory never fails");
    bytes
}
