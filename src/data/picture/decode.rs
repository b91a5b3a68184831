//! Bytes to a page of greys, within bounds.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, metadata::Orientation};

use super::{MAX_PIXELS, MAX_SIDE, Page, PictureError};

/// What decoding may hold in memory.
const MAX_BYTES: u64 = 8 * MAX_PIXELS;
/// Pages are brought down to this before anything is looked for in them: a digit is 20 pixels high in the end.
const WORKING_SIDE: usize = 2_048;

pub(super) fn decode(bytes: &[u8]) -> Result<Page, PictureError> {
    let format = Format::of(bytes)?;
    format.check_end(bytes)?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format.image);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_BYTES);
    reader.limits(limits);

    let mut decoder = reader.into_decoder().map_err(|error| format.damaged(error))?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MAX_PIXELS || width.max(height) > MAX_SIDE || decoder.total_bytes() > MAX_BYTES {
        return Err(PictureError::TooLarge { width, height });
    }
    if pixels == 0 {
        return Err(format.damaged("no pixels"));
    }
    // Nothing is allocated for pixels that so few bytes cannot hold.
    if pixels > bytes.len() as u64 * format.pixels_a_byte {
        return Err(format.damaged(format!("{} bytes, too few for its {width}x{height} pixels", bytes.len())));
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(|error| format.damaged(error))?;
    image.apply_orientation(orientation);
    Ok(reduce(greys(image)))
}

struct Format {
    name: &'static str,
    image: ImageFormat,
    /// At the very best compression that the format has.
    pixels_a_byte: u64,
}

impl Format {
    fn of(bytes: &[u8]) -> Result<Self, PictureError> {
        let (name, image, pixels_a_byte) = match image::guess_format(bytes) {
            _ if bytes.is_empty() => return Err(PictureError::Empty),
            // Deflate packs 1,032 to one, and 8 pixels into a byte.
            Ok(image @ ImageFormat::Png) => ("PNG", image, 1_032 * 8),
            Ok(image @ ImageFormat::Jpeg) => ("JPEG", image, 1 << 14),
            Ok(image @ ImageFormat::Pnm) => ("PGM", image, 8),
            Ok(other) => return Err(PictureError::UnknownFormat { found: format!("{other:?}") }),
            Err(_) => return Err(PictureError::UnknownFormat { found: beginning(bytes) }),
        };
        Ok(Self { name, image, pixels_a_byte })
    }

    fn damaged(&self, found: impl ToString) -> PictureError {
        PictureError::Damaged { format: self.name, found: found.to_string() }
    }

    /// Decoders fill up with grey what a file that was cut off lacks; a reading of that would be a guess.
    fn check_end(&self, bytes: &[u8]) -> Result<(), PictureError> {
        let whole = match self.image {
            ImageFormat::Jpeg => jpeg_ends(bytes),
            ImageFormat::Png => bytes.windows(8).any(|window| window == b"IEND\xae\x42\x60\x82"),
            _ => true,
        };
        if whole { Ok(()) } else { Err(self.damaged(format!("it breaks off after {} bytes", bytes.len()))) }
    }
}

/// Whether the end marker follows the first scan. (A thumbnail before it has one of its own.)
fn jpeg_ends(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some(&[0xff, marker, high, low]) = bytes.get(at..at + 4) {
        const START_OF_SCAN: u8 = 0xda;
        if marker == START_OF_SCAN {
            return bytes[at..].windows(2).any(|window| window == [0xff, 0xd9]);
        }
        at += 2 + usize::from(u16::from_be_bytes([high, low]));
    }
    // Not as expected: the decoder will know better.
    at < bytes.len()
}

fn beginning(bytes: &[u8]) -> String {
    let start = &bytes[..bytes.len().min(8)];
    format!("{} bytes that begin with \"{}\"", bytes.len(), start.escape_ascii())
}

fn greys(image: DynamicImage) -> Page {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let grey = if image.color().has_alpha() {
        let pixels = image.into_luma_alpha8().into_raw();
        over_opposite(pixels.as_chunks().0)
    } else {
        image.into_luma8().into_raw()
    };
    Page { width, height, grey }
}

/// Lays transparent pixels over a shade that they stand out from.
fn over_opposite(pixels: &[[u8; 2]]) -> Vec<u8> {
    let under = u32::from(shade_under(pixels));
    let lay = |&[grey, alpha]: &[u8; 2]| {
        let (grey, alpha) = (u32::from(grey), u32::from(alpha));
        ((grey * alpha + under * (255 - alpha) + 127) / 255) as u8
    };
    pixels.iter().map(lay).collect()
}

/// Strokes of one shade on nothing go over the opposite of that shade. A picture that has its own contrast (a card cut
/// out, say) goes over the shade that most of it has.
fn shade_under(pixels: &[[u8; 2]]) -> u8 {
    const SOLID: u8 = 230;
    let mut solid: Vec<u8> = pixels.iter().filter(|pixel| pixel[1] >= SOLID).map(|pixel| pixel[0]).collect();
    if solid.is_empty() {
        solid = pixels.iter().filter(|pixel| pixel[1] > 0).map(|pixel| pixel[0]).collect();
    }
    if solid.is_empty() {
        return 255;
    }
    solid.sort_unstable();
    let at = |share: usize| solid[(solid.len() - 1) * share / 100];
    match at(50) {
        median if at(98) - at(2) > 64 => median,
        0..128 => 255,
        128.. => 0,
    }
}

/// Takes means of squares so that the page is at most [`WORKING_SIDE`] on a side.
fn reduce(page: Page) -> Page {
    let step = page.width.max(page.height).div_ceil(WORKING_SIDE);
    if step <= 1 {
        return page;
    }
    let (width, height) = (page.width.div_ceil(step), page.height.div_ceil(step));
    let mut grey = Vec::with_capacity(width * height);
    for rows in page.grey.chunks(page.width * step) {
        for left in (0..page.width).step_by(step) {
            let right = (left + step).min(page.width);
            let square = rows.chunks_exact(page.width).flat_map(|row| &row[left..right]);
            let (sum, count) = square.fold((0, 0), |(sum, count), &grey| (sum + u32::from(grey), count + 1));
            grey.push(((sum + count / 2) / count) as u8);
        }
    }
    Page { width, height, grey }
}
