//! Conversion of a picture of a digit, from any source, to MNIST's format.
//!
//! The bytes are decoded into a page of greys (`decode`), or identified as something else (`foreign`). The paper's
//! shade is removed, which leaves ink (`paper`), also if there are shadows (`light`) or the paper is a sheet on another
//! background (`sheet`). Connected ink (`pieces`) that is not part of the digit is left out: ruled lines (`lines`),
//! frames, punch holes and underlines (`marks`, `underline`), specks (`strokes`). The rest is scaled into a 20x20 box
//! and placed by its centre of mass (`fit`).

mod decode;
mod encode;
mod fit;
mod foreign;
mod light;
mod lines;
mod marks;
mod page;
mod paper;
mod pieces;
mod sheet;
mod strokes;
mod surface;
mod underline;

use self::{
    light::{Grid, Shades},
    page::{Ink, Page, Polarity},
    paper::EvenlyLit,
    sheet::Sheet,
    strokes::Found,
};
use super::{PIXELS, SIDE};

pub use encode::png;
pub use marks::Mark;
pub use strokes::{Cell, Survey};

/// Maximum width and height, in pixels.
pub const MAX_SIDE: u32 = 30_000;
/// Maximum number of pixels, slightly more than phones with the highest resolution produce.
pub const MAX_PIXELS: u64 = 210_000_000;

/// Distances to both sides of a stroke within which paper is searched for: the page's side divided by these numbers.
const REACHES: [usize; 2] = [8, 18];

/// Why a picture cannot be read as a digit.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    #[error("expected a PNG, JPEG or PGM image, found an empty file")]
    Empty,
    #[error("expected a PNG, JPEG or PGM image, found {found}")]
    UnknownFormat { found: String },
    #[error("damaged {format} image: {found}")]
    Damaged { format: &'static str, found: String },
    #[error(
        "expected an image of at most {MAX_PIXELS} pixels and {MAX_SIDE} on a side, found one of {width}x{height}; \
         scale it down first"
    )]
    TooLarge { width: u32, height: u32 },
    #[error(
        "expected an image that takes less than 850 MB in memory, found one of {width}x{height}; save it as an \
         ordinary JPEG (not progressive), or scale it down first"
    )]
    TooMuchMemory { width: u32, height: u32 },
    #[error("expected a digit that stands out from its background, found {found}")]
    Blank { found: &'static str },
}

/// A digit read from a page, and what else was on the page.
#[derive(Debug)]
pub struct Reading {
    /// The digit in MNIST's format.
    pub digit: [u8; PIXELS],
    /// Other strokes that might be the digit instead, in MNIST's format.
    pub rival: Option<[u8; PIXELS]>,
    /// What was used and what was left out. `None` if the picture was used unchanged.
    pub survey: Option<Survey>,
}

/// Decodes a PNG, JPEG or PGM image and converts the digit in it to MNIST's format: fitted into a 20x20 box, which is
/// placed so that the centre of mass is in the middle of 28x28, light on dark.
///
/// A picture that is already 28x28 and light on dark is used unchanged.
///
/// # Errors
/// If the bytes are not an image in one of these formats, or if the image is damaged, too large or blank.
pub fn read_digit(bytes: &[u8]) -> Result<[u8; PIXELS], PictureError> {
    read(bytes).map(|reading| reading.digit)
}

/// Like [`read_digit`], and also returns what else was on the page.
///
/// # Errors
/// Those of [`read_digit`].
pub fn read(bytes: &[u8]) -> Result<Reading, PictureError> {
    reading(decode::decode(bytes)?)
}

/// Like [`read_digit`], for greys that need no decoding: `width` per row, 0 is black.
///
/// # Errors
/// If the page is blank.
///
/// # Panics
/// If there are no greys, or the last row is incomplete.
pub fn read_page(width: usize, grey: Vec<u8>) -> Result<[u8; PIXELS], PictureError> {
    assert!(width > 0 && !grey.is_empty() && grey.len().is_multiple_of(width), "{} greys, {width} per row", grey.len());
    reading(Page { width, height: grey.len() / width, grey }).map(|reading| reading.digit)
}

fn reading(page: Page) -> Result<Reading, PictureError> {
    let even = EvenlyLit::of(&page);
    let is_one_shade = page.grey.iter().all(|&grey| grey == page.grey[0]);
    if page.width == SIDE && page.height == SIDE && !is_one_shade && even.polarity == Polarity::LightOnDark {
        let digit = page.grey.try_into().expect("its sides were checked");
        return Ok(Reading { digit, rival: None, survey: None });
    }
    let found = find(&page, even)?;
    Ok(Reading { digit: fit::fit(found.strokes), rival: found.rival.map(fit::fit), survey: Some(found.survey) })
}

/// Finds the digit. Most pages are evenly lit. If that explains too little, there may be shadows, or the page may be a
/// sheet on another background: the reading with the fewest faults is used.
fn find(page: &Page, even: EvenlyLit) -> Result<Found, PictureError> {
    let shade_at = even.shades();
    let (polarity, plain) = (even.polarity, strokes::find_digit(even.ink, None));
    if page.has_plain_border() && plain.as_ref().is_ok_and(|digit| digit.faults() == 0) {
        return plain;
    }
    let grid = Grid::of(page);
    let shades = Shades::of(&grid, REACHES[0]);
    let is_even = shades.agree(polarity, shade_at);
    if is_even && plain.as_ref().map_or(true, |digit| digit.faults() == 0) {
        return plain;
    }
    let sheet = Sheet::find(&grid);
    let on_page = |reach: usize| lit(page, &Shades::of(&grid, reach), sheet.as_ref());
    let on_sheet = || {
        let sheet = sheet.as_ref()?;
        let found = lit(page, &Shades::of(&sheet.shades(), REACHES[0]), Some(sheet))?;
        // What looked like a sheet may have been a patch of light.
        (!sheet.cuts(&found.survey.digit, page.width)).then_some(found)
    };
    let is_whole = sheet.as_ref().is_some_and(|sheet| sheet.is_whole);
    let readings: [&dyn Fn() -> Option<Found>; 4] =
        [&|| is_whole.then(on_sheet).flatten(), &|| on_page(REACHES[0]), &|| on_page(REACHES[1]), &|| {
            (!is_whole).then(on_sheet).flatten()
        }];
    let mut best = plain;
    // If nothing stands out, only a flawless reading counts.
    let mut faults = best.as_ref().map_or(1, |digit| digit.faults() + u32::from(!is_even));
    for found in readings.iter().filter_map(|reading| reading()) {
        if found.faults() < faults {
            faults = found.faults();
            best = Ok(found);
        }
        if faults == 0 {
            break;
        }
    }
    best
}

/// Finds the digit, given the paper's shades under uneven light.
fn lit(page: &Page, shades: &Shades, sheet: Option<&Sheet>) -> Option<Found> {
    strokes::find_digit(paper::flatten(page, shades, shades.polarity()), sheet).ok()
}

impl Page {
    /// Whether all pixels along the page's border have the same shade: the page was drawn, not photographed.
    fn has_plain_border(&self) -> bool {
        let shade = self.grey[0];
        let rows = [&self.grey[..self.width], &self.grey[self.grey.len() - self.width..]];
        let sides = self.grey.chunks_exact(self.width).all(|row| row[0] == shade && row[self.width - 1] == shade);
        sides && rows.iter().all(|row| row.iter().all(|&grey| grey == shade))
    }
}
