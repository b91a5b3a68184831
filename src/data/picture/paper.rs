//! The paper's shade, which differs over a photograph, and the ink that stands out from it.

use super::{Ink, Page};

/// The page is looked at in at most so many cells each way.
const CELLS: usize = 64;
/// Shades closer than this are never told apart, in steps of 255.
const FINEST: f32 = 10.0;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Polarity {
    DarkOnLight,
    LightOnDark,
}

/// Finds the paper's shade and takes it off.
pub(super) fn take_off(page: Page) -> (Ink, Polarity) {
    let paper = Paper::under(&page);
    let places = (0..page.height).flat_map(|y| (0..page.width).map(move |x| (x, y)));
    let (x_step, y_step) = (2.0 / page.width as f32, 2.0 / page.height as f32);
    let shades: Vec<f32> = places
        .map(|(x, y)| paper.surface.at((x as f32 + 0.5) * x_step - 1.0, (y as f32 + 0.5) * y_step - 1.0))
        .map(|shade| shade.clamp(0.0, 255.0))
        .collect();

    let (mut dark, mut light) = (0.0, 0.0);
    for (&grey, &shade) in page.grey.iter().zip(&shades) {
        let difference = f32::from(grey) - shade;
        dark += f64::from((-difference - paper.tolerance).max(0.0));
        light += f64::from((difference - paper.tolerance).max(0.0));
    }
    let polarity = if light > dark { Polarity::LightOnDark } else { Polarity::DarkOnLight };

    // In a shadow ink loses as much light as paper does: what counts is the share that it takes.
    let lift = |(&grey, &shade): (&u8, &f32)| match polarity {
        Polarity::DarkOnLight => (shade - f32::from(grey)) / shade.max(48.0),
        Polarity::LightOnDark => (f32::from(grey) - shade) / (255.0 - shade).max(48.0),
    };
    let ink: Vec<f32> = page.grey.iter().zip(&shades).map(lift).collect();
    let noise = noise(&ink, page.width, page.height);
    (Ink { width: page.width, height: page.height, ink, noise }, polarity)
}

/// Standard deviation of bare paper, from the middle half of its shades: over the page or along its border, whichever
/// is less inked.
fn noise(ink: &[f32], width: usize, height: usize) -> f32 {
    let ring = ring_width(width.min(height));
    let on_ring = |place: usize| {
        let (x, y) = (place % width, place / width);
        x.min(width - 1 - x).min(y).min(height - 1 - y) < ring
    };
    let all = ink.iter().map(|ink| ink.abs()).collect();
    let border = (0..ink.len()).filter(|&place| on_ring(place)).map(|place| ink[place].abs()).collect();
    1.4826 * median(all).min(median(border))
}

/// How broad a border tells the paper's shade: broader than the line that a scan may have around it.
fn ring_width(side: usize) -> usize {
    (side / 32).max(1)
}

struct Paper {
    surface: Surface,
    /// How far from the surface paper still is paper.
    tolerance: f32,
}

/// The shade at one place. Coordinates go from -1 to 1.
#[derive(Clone, Copy)]
struct Sample {
    x: f32,
    y: f32,
    shade: f32,
    on_border: bool,
}

impl Paper {
    /// The border tells the shade first, for a digit is seldom there; what fits in with it further inside then helps to
    /// tell how the shade changes over the page.
    fn under(page: &Page) -> Self {
        let samples = samples(page);
        let border: Vec<Sample> = samples.iter().copied().filter(|sample| sample.on_border).collect();
        let mut surface = Surface::level(median(border.iter().map(|sample| sample.shade).collect()));
        let mut tolerance = tolerance(&surface, &border);
        for (terms, samples) in [(3, &border), (6, &border), (6, &border), (6, &samples), (6, &samples), (6, &samples)]
        {
            let paper: Vec<Sample> =
                samples.iter().copied().filter(|sample| surface.distance(sample) <= tolerance).collect();
            // A surface through a few samples of a small picture would bend to their every whim.
            if paper.len() < 6 * terms {
                break;
            }
            surface = Surface::fit(&paper, terms).unwrap_or(surface);
            tolerance = self::tolerance(&surface, &border);
        }
        Self { surface, tolerance }
    }
}

fn tolerance(surface: &Surface, border: &[Sample]) -> f32 {
    (3.0 * 1.4826 * median(border.iter().map(|sample| surface.distance(sample)).collect())).max(FINEST)
}

/// The median of each cell, which thin strokes and specks do not sway.
fn samples(page: &Page) -> Vec<Sample> {
    let (columns, rows) = (page.width.min(CELLS), page.height.min(CELLS));
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

/// Weights of 1, x, y, x^2, xy and y^2: light that falls from one side, and a lens that is darker towards the corners.
#[derive(Clone, Copy)]
struct Surface([f32; 6]);

impl Surface {
    fn level(shade: f32) -> Self {
        Self([shade, 0.0, 0.0, 0.0, 0.0, 0.0])
    }

    fn terms(x: f32, y: f32) -> [f32; 6] {
        [1.0, x, y, x * x, x * y, y * y]
    }

    fn at(&self, x: f32, y: f32) -> f32 {
        Self::terms(x, y).iter().zip(&self.0).map(|(term, weight)| term * weight).sum()
    }

    fn distance(&self, sample: &Sample) -> f32 {
        (self.at(sample.x, sample.y) - sample.shade).abs()
    }

    /// Least squares over the first `count` terms, by Gaussian elimination on the normal equations. `None` where the
    /// samples leave a weight open.
    fn fit(samples: &[Sample], count: usize) -> Option<Self> {
        let mut rows = [[0.0_f64; 7]; 6];
        for sample in samples {
            let terms = Self::terms(sample.x, sample.y);
            for (row, term) in rows.iter_mut().zip(terms).take(count) {
                for (sum, other) in row.iter_mut().zip(terms) {
                    *sum += f64::from(term) * f64::from(other);
                }
                row[6] += f64::from(term) * f64::from(sample.shade);
            }
        }
        for pivot in 0..count {
            let best = (pivot..count).max_by(|&a, &b| rows[a][pivot].abs().total_cmp(&rows[b][pivot].abs()))?;
            rows.swap(pivot, best);
            if rows[pivot][pivot].abs() < 1e-6 * samples.len() as f64 {
                return None;
            }
            let pivot_row = rows[pivot];
            for (_, row) in rows.iter_mut().enumerate().take(count).filter(|&(number, _)| number != pivot) {
                let factor = row[pivot] / pivot_row[pivot];
                row.iter_mut().zip(pivot_row).for_each(|(value, above)| *value -= factor * above);
            }
        }
        let mut weights = [0.0; 6];
        for (term, weight) in weights.iter_mut().enumerate().take(count) {
            *weight = (rows[term][6] / rows[term][term]) as f32;
        }
        Some(Self(weights))
    }
}
