//! A picture of a digit, from anywhere, brought into MNIST's form.
//!
//! The way of a picture: bytes are decoded into a page of greys ([`decode`]); the paper's shade is taken off, which
//! leaves ink ([`paper`]); specks, ruled lines and frames are left out ([`strokes`]); what remains is scaled into a
//! 20x20 box and placed by its centre of mass ([`fit`]).

mod decode;
mod fit;
mod paper;
mod strokes;

use super::{PIXELS, SIDE};

/// Longest width or height that is read, in pixels.
pub const MAX_SIDE: u32 = 30_000;
/// Most pixels that are read: more than any telephone's camera makes.
pub const MAX_PIXELS: u64 = 1 << 26;

/// Why a picture cannot be read as a digit.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    #[error("expected a PNG, JPEG or PGM image, found nothing: 0 bytes")]
    Empty,
    #[error("expected a PNG, JPEG or PGM image, found {found}")]
    UnknownFormat { found: String },
    #[error("expected a whole {format} image, found a damaged one: {found}")]
    Damaged { format: &'static str, found: String },
    #[error(
        "expected an image of at most {MAX_PIXELS} pixels and {MAX_SIDE} on a side, found one of {width}x{height}; \
         scale it down first"
    )]
    TooLarge { width: u32, height: u32 },
    #[error("expected a digit that stands out from its background, found {found}")]
    Blank { found: &'static str },
}

/// A page of greys, row by row: 0 is black, 255 is white.
struct Page {
    width: usize,
    height: usize,
    grey: Vec<u8>,
}

/// Ink on a page, row by row: 0 is bare paper, 1 is as far from it as can be.
struct Ink {
    width: usize,
    height: usize,
    ink: Vec<f32>,
    /// Standard deviation of bare paper.
    noise: f32,
}

/// Decodes PNG, JPEG or PGM bytes and brings the digit in them into MNIST's form: fitted into a 20x20 box, the box placed
/// so that the centre of mass lies in the middle of 28x28, light on dark.
///
/// A picture that already is 28x28 and light on dark is taken as it is.
///
/// # Errors
/// Bytes that are no such image, a damaged or too large one, or one in which nothing stands out.
pub fn read_digit(bytes: &[u8]) -> Result<[u8; PIXELS], PictureError> {
    let page = decode::decode(bytes)?;
    let has_form = page.width == SIDE && page.height == SIDE;
    if has_form && page.grey.iter().all(|&grey| grey == page.grey[0]) {
        return Err(PictureError::Blank { found: "one shade all over" });
    }
    let original = has_form.then(|| page.grey.clone());
    let (ink, polarity) = paper::take_off(page);
    match original {
        Some(grey) if polarity == paper::Polarity::LightOnDark => Ok(grey.try_into().expect("its sides were checked")),
        _ => Ok(fit::fit(&strokes::digit(&ink)?)),
    }
}
