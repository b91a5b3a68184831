//! Greys to a file.

use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

/// A PNG of greys, `width` a row, that [`super::read_digit`] reads as [`super::read_page`] reads the greys.
///
/// # Panics
/// If they do not fill their rows.
pub fn png(width: usize, grey: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (columns, rows) = (width as u32, (grey.len() / width) as u32);
    let written = PngEncoder::new(&mut bytes).write_image(grey, columns, rows, ExtendedColorType::L8);
    written.expect("rows are full, and memory takes every byte");
    bytes
}
