//! Small digits in rows, with their labels below.

use ratatui::{layout::Rect, style::Style, text::Line};

use crate::{
    data::{Gallery, SIDE},
    train::Prediction,
    tui::{
        theme::{Theme, drawing::Drawing},
        widgets::{
            digit::{self, Picture},
            surface::{Surface, Target},
            text::{put, span},
        },
    },
};

const FULL: (u16, u16) = (SIDE as u16, SIDE as u16 / 2);
const HALF: (u16, u16) = (SIDE as u16 / 2, SIDE as u16 / 4);
/// Number of digits that must fit at full resolution; otherwise they are drawn at half.
const ENOUGH: u16 = 12;
/// Number of lines below each digit, for its labels; one if there is no room for a digit otherwise.
const NAMES: u16 = 2;

/// Layout of digits in an area.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grid {
    area: Rect,
    /// Width and height of a digit.
    thumb: (u16, u16),
    /// Number of lines below each digit.
    names: u16,
    pub columns: u16,
    pub rows: u16,
}

impl Grid {
    /// Returns the grid of a page, with at least one digit.
    pub(crate) fn of_page(area: Rect) -> Self {
        let grid = Self::in_area(area);
        Self { columns: grid.columns.max(1), rows: grid.rows.max(1), ..grid }
    }

    /// Returns whether at least one digit fits.
    pub(crate) fn has_room(&self) -> bool {
        self.area.width >= self.thumb.0 && self.area.height >= self.thumb.1 + self.names
    }

    /// Returns the grid of a strip, in the middle of `inner`.
    pub(crate) fn of_strip(inner: Rect) -> Self {
        let page = Rect { x: inner.x + 1, y: inner.y, width: inner.width.saturating_sub(1), height: inner.height };
        let grid = Self::in_area(page);
        let spare = page.width.saturating_sub(grid.columns * (grid.thumb.0 + 2));
        Self { area: Rect { x: page.x + spare / 2, width: page.width - spare / 2, ..page }, ..grid }
    }

    fn in_area(area: Rect) -> Self {
        let names = if area.height < HALF.1 + NAMES { 1 } else { NAMES };
        let thumbs = |thumb: (u16, u16)| ((area.width + 1) / (thumb.0 + 2), area.height / (thumb.1 + names));
        let full = thumbs(FULL);
        let thumb = if full.0 * full.1 >= ENOUGH { FULL } else { HALF };
        let (columns, rows) = thumbs(thumb);
        Self { area, thumb, names, columns, rows }
    }
}

/// Predictions to draw, and their images.
#[derive(Clone, Copy)]
pub(crate) struct Thumbnails<'a> {
    pub theme: Theme,
    pub drawing: Drawing,
    pub images: &'a Gallery,
    pub shown: &'a [Prediction],
    /// Index of the highlighted one.
    pub chosen: Option<usize>,
}

impl Thumbnails<'_> {
    /// Draws as many digits as fit, from the index `first` on.
    pub(crate) fn draw(&self, grid: Grid, first: usize, surface: &mut Surface) {
        let (width, height) = (grid.thumb.0 + 2, grid.thumb.1 + grid.names);
        let places = (0..grid.rows).flat_map(|row| (0..grid.columns).map(move |column| (column, row)));
        for ((column, row), (place, prediction)) in places.zip(self.shown.iter().enumerate().skip(first)) {
            let (x, y) = (grid.area.x + column * width, grid.area.y + row * height);
            let area = Rect { x, y, width: grid.thumb.0, height }.intersection(grid.area);
            if area.height < height {
                continue;
            }
            self.thumb(prediction, area, grid.thumb, self.chosen == Some(place), surface);
            surface.target(area, Target::Digit(place));
        }
    }

    fn thumb(&self, prediction: &Prediction, area: Rect, size: (u16, u16), chosen: bool, surface: &mut Surface) {
        let theme = self.theme;
        let image = digit::image(self.images, prediction);
        let picture =
            if size == FULL { Picture::fitting(&image, FULL.0, FULL.1) } else { Some(Picture::halved(&image)) };
        if let Some(picture) = picture {
            picture.draw(surface, area, self.drawing, theme);
        }
        let predicted = if prediction.is_correct() { theme.good() } else { theme.bad() };
        let under = Rect { y: area.y + size.1, height: 1, ..area };
        let (mark, style) = if chosen { ("▸", theme.accent()) } else { (" ", theme.dim()) };
        let bold = |digit: u8, style: Style| span(digit.to_string(), style.patch(theme.bold()));
        if area.height == size.1 + 1 {
            let names =
                [bold(prediction.label, theme.good()), span(" read as ", style), bold(prediction.digit, predicted)];
            put(surface, under, &Line::from([vec![span(mark, style)], names.to_vec()].concat()));
            return;
        }
        let names = [("Predicted ", prediction.digit, predicted), ("True      ", prediction.label, theme.good())];
        for (row, (name, digit, of_digit)) in (under.y..).zip(names) {
            let line = Line::from(vec![span(mark, style), span(name, style), bold(digit, of_digit)]);
            put(surface, Rect { y: row, ..under }, &line);
        }
    }
}
