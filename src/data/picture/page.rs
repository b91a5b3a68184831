//! A page, the ink on it, and samples of its paper.

/// A page of greys, row by row: 0 is black, 255 is white.
pub(super) struct Page {
    pub width: usize,
    pub height: usize,
    pub grey: Vec<u8>,
}

/// Ink on a page, row by row: 0 is bare paper, 1 is the greatest possible contrast to it.
pub(super) struct Ink {
    pub width: usize,
    pub height: usize,
    pub ink: Vec<f32>,
    /// Standard deviation of bare paper.
    pub noise: f32,
}

/// Whether strokes are darker or lighter than paper.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Polarity {
    DarkOnLight,
    LightOnDark,
}

/// The shade at a point of the page. Coordinates range from -1 to 1.
#[derive(Clone, Copy)]
pub(super) struct Sample {
    pub x: f32,
    pub y: f32,
    pub shade: f32,
    pub on_border: bool,
}
