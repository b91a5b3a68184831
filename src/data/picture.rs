//! A picture of a digit, from anywhere, brought into MNIST's form.
//!
//! The way of a picture: bytes are decoded into a page of greys (`decode`); the paper's shade is taken off, which leaves
//! ink (`paper`); specks, ruled lines and frames are left out (`strokes`); what remains is scaled into a 20x20 box and
//! placed by its centre of mass (`fit`).

mod decode;
mod encode;
mod fit;
mod lines;
mod paper;
mod shadow;
mod strokes;
mod surface;

use self::{
    paper::{Light, Polarity},
    strokes::Found,
};
use super::{PIXELS, SIDE};

pub use encode::png;

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
    digit_on(decode::decode(bytes)?)
}

/// As [`read_digit`], of greys that need no decoding: `width` a row, 0 is black.
///
/// # Errors
/// If nothing stands out.
///
/// # Panics
/// If there are no greys, or they do not fill their rows.
pub fn read_page(width: usize, grey: Vec<u8>) -> Result<[u8; PIXELS], PictureError> {
    assert!(width > 0 && !grey.is_empty() && grey.len().is_multiple_of(width), "{} greys, {width} a row", grey.len());
    digit_on(Page { width, height: grey.len() / width, grey })
}

fn digit_on(page: Page) -> Result<[u8; PIXELS], PictureError> {
    if page.width == SIDE && page.height == SIDE && !page.is_one_shade() {
        let (_, polarity) = paper::take_off(&page, Light::Even);
        if polarity == Polarity::LightOnDark {
            return Ok(page.grey.try_into().expect("its sides were checked"));
        }
    }
    let found = find(&page);
    if let Ok(sheet) = &found
        && sheet.is_sheet(&page)
        && let Some(inside) = page.within(sheet)
        && let Ok(digit) = find(&inside)
    {
        return Ok(fit::fit(digit.strokes));
    }
    found.map(|digit| fit::fit(digit.strokes))
}

/// Most pages are evenly lit. Where that leads to a digit that reaches over the page's border, it may have been a shadow.
fn find(page: &Page) -> Result<Found, PictureError> {
    let found = strokes::digit(paper::take_off(page, Light::Even).0);
    if found.as_ref().is_ok_and(|digit| !digit.touches_border) {
        return found;
    }
    match strokes::digit(paper::take_off(page, Light::Shadowed).0) {
        Ok(digit) if !digit.touches_border => Ok(digit),
        _ => found,
    }
}

impl Page {
    fn is_one_shade(&self) -> bool {
        self.grey.iter().all(|&grey| grey == self.grey[0])
    }

    /// What lies on a sheet of paper, without the sheet's edges. `None` where they leave nothing.
    fn within(&self, sheet: &Found) -> Option<Self> {
        let inner = |from: usize, length: usize| {
            let edge = 1 + length / 32;
            from + edge..from + length.saturating_sub(edge)
        };
        let (columns, rows) = (inner(sheet.left, sheet.strokes.width), inner(sheet.top, sheet.strokes.height));
        if columns.is_empty() || rows.is_empty() {
            return None;
        }
        let (width, height) = (columns.len(), rows.len());
        let lines = rows.map(|row| &self.grey[row * self.width..][columns.clone()]);
        Some(Self { width, height, grey: lines.flatten().copied().collect() })
    }
}
