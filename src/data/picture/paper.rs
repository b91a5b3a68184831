//! The paper's shade, which varies across a photograph, and the ink that stands out from it.

use super::{
    light::Shades,
    page::{Ink, Page, Polarity, Sample},
    surface::Surface,
};

/// Maximum number of cells in each direction into which the page is divided.
const CELLS: usize = 64;
/// Difference of shades, of 255, below which they are always the same paper.
const FINEST: f32 = 10.0;
/// Difference of shades above which they are never the same paper, however uneven the border is.
const COARSEST: f32 = 40.0;
/// Maximum noise of bare paper: a higher estimate means that strokes were mistaken for paper.
const NOISIEST: f32 = 0.06;

/// A page whose light changes slowly, if at all.
pub(super) struct EvenlyLit {
    surface: Surface,
    pub polarity: Polarity,
    pub ink: Ink,
}

impl EvenlyLit {
    /// Estimates the paper's shade and removes it.
    pub(super) fn of(page: &Page) -> Self {
        let surface = surface(&samples(page));
        let (x_step, y_step) = (2.0 / page.width as f32, 2.0 / page.height as f32);
        let places = (0..page.height).flat_map(|y| (0..page.width).map(move |x| (x as f32 + 0.5, y as f32 + 0.5)));
        let shades: Vec<f32> =
            places.map(|(x, y)| surface.at(x * x_step - 1.0, y * y_step - 1.0).clamp(0.0, 255.0)).collect();
        let polarity = polarity(page, &shades);
        Self { surface, polarity, ink: subtract(page, &shades, polarity) }
    }

    /// Returns a function from a point to the paper's shade there. Coordinates range from -1 to 1.
    pub(super) fn shades(&self) -> impl Fn(f32, f32) -> f32 + use<> {
        let surface = self.surface;
        move |x, y| surface.at(x, y).clamp(0.0, 255.0)
    }
}

/// Removes the paper's shades under uneven light. Pixels outside the sheet get no ink.
pub(super) fn flatten(page: &Page, shades: &Shades, polarity: Polarity) -> Ink {
    let mut ink = subtract(page, &shades.at_pixels(page, polarity), polarity);
    let known: Vec<f32> = ink.ink.iter().copied().filter(|ink| !ink.is_nan()).collect();
    if known.is_empty() {
        return Ink { ink: vec![0.0; ink.ink.len()], ..ink };
    }
    // The shades are the lightest (or darkest) of the paper's grain nearby, which biases the ink.
    let bias = median(known.clone()).clamp(0.0, NOISIEST);
    ink.noise = (1.4826 * median(known.iter().map(|ink| (ink - bias).abs()).collect())).min(NOISIEST);
    ink.ink.iter_mut().for_each(|ink| *ink = if ink.is_nan() { 0.0 } else { *ink - bias });
    ink
}

/// Determines whether more stands out darker or lighter than the paper.
fn polarity(page: &Page, shades: &[f32]) -> Polarity {
    let (mut dark, mut light) = (0.0, 0.0);
    for (&grey, shade) in page.grey.iter().zip(shades) {
        dark += f64::from((shade - f32::from(grey) - FINEST).max(0.0));
        light += f64::from((f32::from(grey) - shade - FINEST).max(0.0));
    }
    if light > dark { Polarity::LightOnDark } else { Polarity::DarkOnLight }
}

/// Removes the given shades of the paper. A shadow darkens ink and paper alike, so ink is relative to the shade.
fn subtract(page: &Page, shades: &[f32], polarity: Polarity) -> Ink {
    let share = |(&grey, &shade): (&u8, &f32)| match polarity {
        Polarity::DarkOnLight => (shade - f32::from(grey)) / shade.max(48.0),
        Polarity::LightOnDark => (f32::from(grey) - shade) / (255.0 - shade).max(48.0),
    };
    let ink: Vec<f32> = page.grey.iter().zip(shades).map(share).collect();
    let noise = noise(&ink, page.width, page.height);
    Ink { width: page.width, height: page.height, ink, noise }
}

/// Estimates the standard deviation of bare paper from the median over the page or its border, whichever is smaller.
fn noise(ink: &[f32], width: usize, height: usize) -> f32 {
    let ring = (width.min(height) / 32).max(1);
    let on_ring = |place: usize| {
        let (x, y) = (place % width, place / width);
        x.min(width - 1 - x).min(y).min(height - 1 - y) < ring
    };
    let all = ink.iter().map(|ink| ink.abs()).collect();
    let border = (0..ink.len()).filter(|&place| on_ring(place)).map(|place| ink[place].abs()).collect();
    (1.4826 * median(all).min(median(border))).min(NOISIEST)
}

/// Fits a surface to the paper's shades. It starts from the border, where the digit rarely is; interior samples that
/// agree with it then show how the shade varies across the page.
fn surface(samples: &[Sample]) -> Surface {
    let border: Vec<Sample> = samples.iter().copied().filter(|sample| sample.on_border).collect();
    let mut surface = Surface::level(median(border.iter().map(|sample| sample.shade).collect()));
    for (terms, inside) in [(3, false), (6, false), (6, false), (6, true), (6, true), (6, true)] {
        let tolerance = tolerance(&surface, &border);
        let among = if inside { samples } else { &border };
        let paper: Vec<Sample> = among.iter().copied().filter(|sample| surface.distance(sample) <= tolerance).collect();
        // The few samples of a small picture would overfit.
        if paper.len() < 6 * terms {
            break;
        }
        surface = Surface::fit(&paper, terms).unwrap_or(surface);
    }
    surface
}

fn tolerance(surface: &Surface, border: &[Sample]) -> f32 {
    let spread = median(border.iter().map(|sample| surface.distance(sample)).collect());
    (3.0 * 1.4826 * spread).clamp(FINEST, COARSEST)
}

/// Returns the median of each cell of the page, row by row, which thin strokes and specks do not affect.
fn samples(page: &Page) -> Vec<Sample> {
    let (columns, rows) = (page.width.min(CELLS), page.height.min(CELLS));
    // Broader than the line that a scan may have along its border.
    let ring = |cells: usize| if cells < 16 { 1 } else { 2 };
    let mut samples = Vec::with_capacity(columns * rows);
    for row in 0..rows {
        let (top, bottom) = (row * page.height / rows, (row + 1) * page.height / rows);
        for column in 0..columns {
            let (left, right) = (column * page.width / columns, (column + 1) * page.width / columns);
            let cell = page.grey[top * page.width..bottom * page.width].chunks_exact(page.width);
            let cell = cell.flat_map(|line| &line[left..right]).map(|&grey| f32::from(grey)).collect();
            samples.push(Sample {
                x: (left + right) as f32 / page.width as f32 - 1.0,
                y: (top + bottom) as f32 / page.height as f32 - 1.0,
                shade: median(cell),
                on_border: column.min(columns - 1 - column) < ring(columns) || row.min(rows - 1 - row) < ring(rows),
            });
        }
    }
    samples
}

fn median(mut values: Vec<f32>) -> f32 {
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f32::total_cmp).1
}
