//! A picture of a digit, from anywhere, brought into MNIST's form.
//!
//! The way of a picture: bytes are decoded into a page of greys (`decode`), or it is said what they are instead (`foreign`).
//! The paper's shade is taken off, which leaves ink (`paper`), also where the light has edges (`light`) or the paper is a
//! sheet on something else (`sheet`). Connected ink (`pieces`) that is no digit is left out: ruled lines (`lines`), frames,
//! punch holes and underlines (`marks`, `underline`), specks (`strokes`). What remains is scaled into a 20x20 box and placed by its centre
//! of mass (`fit`).

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
    paper::Even,
    sheet::Sheet,
    strokes::Found,
};
use super::{PIXELS, SIDE};

pub use encode::png;
pub use marks::Mark;
pub use strokes::{Cell, Survey};

/// Longest width or height that is read, in pixels.
pub const MAX_SIDE: u32 = 30_000;
/// Most pixels that are read: as many as the telephones with the finest cameras make, and a little more.
pub const MAX_PIXELS: u64 = 210_000_000;

/// Parts of the page's side within which paper is looked for to both sides of a stroke.
const REACHES: [usize; 2] = [8, 18];

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
    #[error(
        "expected an image that takes less than 850 MB in memory, found one of {width}x{height}; save it as an ordinary JPEG (not progressive), or scale it down first"
    )]
    TooMuch { width: u32, height: u32 },
    #[error("expected a digit that stands out from its background, found {found}")]
    Blank { found: &'static str },
}

/// A digit from a page, and what else was there.
#[derive(Debug)]
pub struct Reading {
    /// In MNIST's form.
    pub digit: [u8; PIXELS],
    /// Other strokes that might be the digit as well, in the same form.
    pub rival: Option<[u8; PIXELS]>,
    /// What was taken and what was left out. `None` where the picture was taken as it is.
    pub survey: Option<Survey>,
}

/// Decodes PNG, JPEG or PGM bytes and brings the digit in them into MNIST's form: fitted into a 20x20 box, the box placed
/// so that the centre of mass lies in the middle of 28x28, light on dark.
///
/// A picture that already is 28x28 and light on dark is taken as it is.
///
/// # Errors
/// Bytes that are no such image, a damaged or too large one, or one in which nothing stands out.
pub fn read_digit(bytes: &[u8]) -> Result<[u8; PIXELS], PictureError> {
    read(bytes).map(|reading| reading.digit)
}

/// As [`read_digit`], and says what else was on the page.
///
/// # Errors
/// As [`read_digit`].
pub fn read(bytes: &[u8]) -> Result<Reading, PictureError> {
    reading(decode::decode(bytes)?)
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
    reading(Page { width, height: grey.len() / width, grey }).map(|reading| reading.digit)
}

fn reading(page: Page) -> Result<Reading, PictureError> {
    let even = Even::of(&page);
    let is_one_shade = page.grey.iter().all(|&grey| grey == page.grey[0]);
    if page.width == SIDE && page.height == SIDE && !is_one_shade && even.polarity == Polarity::LightOnDark {
        let digit = page.grey.try_into().expect("its sides were checked");
        return Ok(Reading { digit, rival: None, survey: None });
    }
    let found = find(&page, even)?;
    Ok(Reading { digit: fit::fit(found.strokes), rival: found.rival.map(fit::fit), survey: Some(found.survey) })
}

/// Most pages are evenly lit. Where that explains too little, the light may have edges, or the page may be a sheet on something
/// else: the first reading of which nothing looks wrong is taken.
fn find(page: &Page, even: Even) -> Result<Found, PictureError> {
    let shade_at = even.shades();
    let (polarity, plain) = (even.polarity, strokes::digit(even.ink, None));
    if page.has_plain_border() && plain.as_ref().is_ok_and(|digit| digit.faults() == 0) {
        return plain;
    }
    let grid = Grid::of(page);
    let shades = Shades::of(&grid, REACHES[0]);
    let is_even = shades.agree(polarity, shade_at);
    if is_even && plain.as_ref().map_or(true, |digit| digit.faults() == 0) {
        return plain;
    }
    let sheet = Sheet::on(&grid);
    let on_page = |reach: usize| lit(page, &Shades::of(&grid, reach), sheet.as_ref());
    let on_sheet = || {
        let sheet = sheet.as_ref()?;
        let found = lit(page, &Shades::of(&sheet.shades(), REACHES[0]), Some(sheet))?;
        // What looked like a sheet may have been light.
        (!sheet.cuts(&found.survey.digit, page.width)).then_some(found)
    };
    let is_whole = sheet.as_ref().is_some_and(|sheet| sheet.is_whole);
    let readings: [&dyn Fn() -> Option<Found>; 4] =
        [&|| is_whole.then(on_sheet).flatten(), &|| on_page(REACHES[0]), &|| on_page(REACHES[1]), &|| {
            (!is_whole).then(on_sheet).flatten()
        }];
    let mut best = plain;
    // Where nothing stands out, only a flawless reading counts.
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

/// The digit by the light's own shades.
fn lit(page: &Page, shades: &Shades, sheet: Option<&Sheet>) -> Option<Found> {
    strokes::digit(paper::flatten(page, shades, shades.polarity()), sheet).ok()
}

impl Page {
    /// Whether the page's edge is of one shade, to the last pixel: drawn, not photographed.
    fn has_plain_border(&self) -> bool {
        let shade = self.grey[0];
        let rows = [&self.grey[..self.width], &self.grey[self.grey.len() - self.width..]];
        let sides = self.grey.chunks_exact(self.width).all(|row| row[0] == shade && row[self.width - 1] == shade);
        sides && rows.iter().all(|row| row.iter().all(|&grey| grey == shade))
    }
}
