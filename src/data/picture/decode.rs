//! Decoding of bytes to a page of greys, with bounded memory.

use std::io::Cursor;

use image::{
    DynamicImage, ExtendedColorType, GrayImage, ImageDecoder, ImageFormat, ImageReader, Limits, metadata::Orientation,
};
use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use super::{MAX_PIXELS, MAX_SIDE, Page, PictureError, foreign};

/// Maximum memory for a decoded picture, including copies.
const MAX_BYTES: u64 = 850 << 20;
/// Maximum side of a page; larger ones are scaled down, since the digit will be only 20 pixels high.
const WORKING_SIDE: usize = 2_048;

pub(super) fn decode(bytes: &[u8]) -> Result<Page, PictureError> {
    let format = Format::of(bytes)?;
    format.check_end(bytes)?;
    if format.image == ImageFormat::Jpeg
        && let Some(page) = jpeg(bytes, &format)?
    {
        return Ok(page);
    }
    decode_any(bytes, &format)
}

/// Decodes only the brightness of a JPEG, which takes a third of the memory. `None` if brightness and colours are not
/// stored separately.
fn jpeg(bytes: &[u8], format: &Format) -> Result<Option<Page>, PictureError> {
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX)
        .jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let damaged = |error: zune_jpeg::errors::DecodeErrors| format.damaged(format!("{error:?}"));
    decoder.decode_headers().map_err(damaged)?;
    if !matches!(decoder.input_colorspace(), Some(ColorSpace::YCbCr | ColorSpace::Luma)) {
        return Ok(None);
    }
    let (width, height) = decoder.dimensions().unwrap_or_default();
    format.check_size(bytes, width as u32, height as u32)?;
    if progressive_bytes(bytes).is_some_and(|needed| needed > MAX_BYTES) {
        return Err(PictureError::TooMuchMemory { width: width as u32, height: height as u32 });
    }
    let orientation = decoder.exif().and_then(|exif| Orientation::from_exif_chunk(exif));
    let grey = decoder.decode().map_err(damaged)?;
    if grey.len() != width * height {
        return Ok(None);
    }
    Ok(Some(turn(reduce(&grey, width, 1), orientation.unwrap_or(Orientation::NoTransforms))))
}

fn decode_any(bytes: &[u8], format: &Format) -> Result<Page, PictureError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format.image);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_BYTES);
    reader.limits(limits);

    let mut decoder = reader.into_decoder().map_err(|error| format.damaged(error))?;
    let (width, height) = decoder.dimensions();
    format.check_size(bytes, width, height)?;
    let colour = decoder.color_type();
    let is_plain = matches!(colour.into(), ExtendedColorType::L8 | ExtendedColorType::Rgb8);
    let copied = if is_plain { 0 } else { u64::from(width) * u64::from(height) * 2 };
    if decoder.total_bytes() + copied > MAX_BYTES {
        return Err(PictureError::TooMuchMemory { width, height });
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let page = if is_plain {
        let mut pixels = vec![0; decoder.total_bytes() as usize];
        decoder.read_image(&mut pixels).map_err(|error| format.damaged(error))?;
        reduce(&pixels, width as usize, usize::from(colour.channel_count()))
    } else {
        greys(DynamicImage::from_decoder(decoder).map_err(|error| format.damaged(error))?)
    };
    Ok(turn(page, orientation))
}

/// Turns a page upright, according to the camera's orientation.
fn turn(page: Page, orientation: Orientation) -> Page {
    let image = GrayImage::from_raw(page.width as u32, page.height as u32, page.grey).expect("rows are full");
    let mut image = DynamicImage::from(image);
    image.apply_orientation(orientation);
    Page { width: image.width() as usize, height: image.height() as usize, grey: image.into_luma8().into_raw() }
}

struct Format {
    name: &'static str,
    image: ImageFormat,
    /// Maximum number of pixels per byte at the format's best compression.
    max_pixels_per_byte: u64,
}

impl Format {
    fn of(bytes: &[u8]) -> Result<Self, PictureError> {
        let (name, image, max_pixels_per_byte) = match image::guess_format(bytes) {
            _ if bytes.is_empty() => return Err(PictureError::Empty),
            // Deflate compresses 1,032 bytes to one, and a byte may hold 8 pixels.
            Ok(image @ ImageFormat::Png) => ("PNG", image, 1_032 * 8),
            Ok(image @ ImageFormat::Jpeg) => ("JPEG", image, 1 << 14),
            Ok(image @ ImageFormat::Pnm) => ("PGM", image, 8),
            _ => return Err(PictureError::UnknownFormat { found: foreign::identify(bytes) }),
        };
        Ok(Self { name, image, max_pixels_per_byte })
    }

    fn damaged(&self, found: impl ToString) -> PictureError {
        PictureError::Damaged { format: self.name, found: found.to_string() }
    }

    /// Refuses images that are too large or damaged: nothing is allocated for more pixels than the bytes can hold.
    fn check_size(&self, bytes: &[u8], width: u32, height: u32) -> Result<(), PictureError> {
        let pixels = u64::from(width) * u64::from(height);
        if pixels > MAX_PIXELS || width.max(height) > MAX_SIDE {
            return Err(PictureError::TooLarge { width, height });
        }
        if pixels == 0 {
            return Err(self.damaged("no pixels"));
        }
        if pixels > bytes.len() as u64 * self.max_pixels_per_byte {
            return Err(self.damaged(format!("{} bytes, too few for its {width}x{height} pixels", bytes.len())));
        }
        Ok(())
    }

    /// Refuses truncated files: decoders fill the missing part with grey, and reading that would be a guess.
    fn check_end(&self, bytes: &[u8]) -> Result<(), PictureError> {
        let is_complete = match self.image {
            ImageFormat::Jpeg => jpeg_ends(bytes),
            ImageFormat::Png => bytes.windows(8).any(|window| window == b"IEND\xae\x42\x60\x82"),
            _ => true,
        };
        if is_complete { Ok(()) } else { Err(self.damaged(format!("it ends after {} bytes", bytes.len()))) }
    }
}

/// Whether the end marker follows the first scan. (A thumbnail before that has its own end marker.)
fn jpeg_ends(bytes: &[u8]) -> bool {
    const START_OF_SCAN: u8 = 0xda;
    match segments(bytes).find(|&(marker, _)| marker == START_OF_SCAN) {
        Some((_, rest)) => rest.windows(2).any(|window| window == [0xff, 0xd9]),
        // Unexpected structure: left to the decoder.
        None => segments(bytes).last().is_none_or(|(_, rest)| rest.len() > segment_length(rest)),
    }
}

/// Returns the memory for a progressive JPEG, whose coefficients are all kept until the end. `None` for any other JPEG.
fn progressive_bytes(bytes: &[u8]) -> Option<u64> {
    const PROGRESSIVE_FRAME: u8 = 0xc2;
    let frame = segments(bytes).find(|&(marker, _)| marker == PROGRESSIVE_FRAME)?.1;
    let side = |at: usize| Some(u64::from(u16::from_be_bytes([*frame.get(at)?, *frame.get(at + 1)?])));
    let pixels = side(3)? * side(5)?;
    let components = frame.get(8..)?.chunks_exact(3).take(usize::from(frame[7]));
    let samples: Vec<u64> = components.map(|component| u64::from((component[1] >> 4) * (component[1] & 15))).collect();
    let most = samples.iter().max().filter(|&&most| most > 0)?;
    Some(pixels + 2 * pixels * samples.iter().sum::<u64>() / most)
}

/// Returns the markers of a JPEG up to the data of its first scan, each with the bytes that follow it.
fn segments(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = bytes.get(2..).unwrap_or_default();
    std::iter::from_fn(move || {
        let &[0xff, marker, _, _] = rest.get(..4)? else { return None };
        let segment = &rest[2..];
        rest = segment.get(segment_length(segment)..).unwrap_or_default();
        Some((marker, segment))
    })
}

/// Returns a segment's length, which is stored in its first two bytes.
fn segment_length(segment: &[u8]) -> usize {
    segment.get(..2).map_or(0, |length| usize::from(u16::from_be_bytes([length[0], length[1]])))
}

/// Converts a picture with more than 8 bits per channel or with transparency.
fn greys(image: DynamicImage) -> Page {
    let width = image.width() as usize;
    if image.color().has_alpha() {
        let pixels = image.into_luma_alpha8().into_raw();
        reduce(&over_opposite(pixels.as_chunks().0), width, 1)
    } else {
        reduce(&image.into_luma8().into_raw(), width, 1)
    }
}

/// Blends transparent pixels with a background from which they stand out.
fn over_opposite(pixels: &[[u8; 2]]) -> Vec<u8> {
    let under = u32::from(shade_under(pixels));
    let lay = |&[grey, alpha]: &[u8; 2]| {
        let (grey, alpha) = (u32::from(grey), u32::from(alpha));
        ((grey * alpha + under * (255 - alpha) + 127) / 255) as u8
    };
    pixels.iter().map(lay).collect()
}

/// Returns the background for transparent pixels: for strokes of a single shade the opposite of that shade, for a
/// picture with contrast of its own (a cut-out card, for example) its most common shade.
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

/// Averages squares of pixels so that the page is at most [`WORKING_SIDE`] on a side. Pixels have one channel, or red,
/// green and blue.
fn reduce(pixels: &[u8], width: usize, channels: usize) -> Page {
    let height = pixels.len() / channels / width;
    let step = width.max(height).div_ceil(WORKING_SIDE);
    let brightness = |pixel: &[u8]| match *pixel {
        [red, green, blue] => (2_126 * u32::from(red) + 7_152 * u32::from(green) + 722 * u32::from(blue)) / 10_000,
        _ => u32::from(pixel[0]),
    };
    let columns = width.div_ceil(step);
    let mut grey = Vec::with_capacity(columns * height.div_ceil(step));
    for rows in pixels.chunks(width * channels * step) {
        let mut sums = vec![0; columns];
        for row in rows.chunks_exact(width * channels) {
            for (sum, square) in sums.iter_mut().zip(row.chunks(channels * step)) {
                *sum += square.chunks_exact(channels).map(brightness).sum::<u32>();
            }
        }
        let lines = rows.len() / (width * channels);
        let mean = |(column, sum): (usize, u32)| {
            let count = (lines * step.min(width - column * step)) as u32;
            ((sum + count / 2) / count) as u8
        };
        grey.extend(sums.into_iter().enumerate().map(mean));
    }
    Page { width: columns, height: height.div_ceil(step), grey }
}
