//! The paper's shades under uneven light: shadows, reflections, a sheet on a table.
//!
//! The edge of a shadow has a different shade on one side only, whereas a stroke has paper on both sides: filling in
//! whatever is darker than its neighbours on both sides (a morphological closing) keeps shadows and removes strokes.
//! For light strokes it is the opposite (an opening).

use super::page::{Page, Polarity};

/// Maximum side of the grid, in cells.
const SIDE: usize = 320;
/// Side from which on single cells are treated as noise.
const LARGE: usize = 32;

/// Shades of paper, one per cell of the page, row by row.
#[derive(Clone)]
pub(super) struct Grid {
    pub width: usize,
    pub height: usize,
    /// Side of a cell, in pixels.
    pub step: usize,
    pub shades: Vec<f32>,
}

/// The paper's shades under the strokes, for strokes darker and lighter than the paper.
pub(super) struct Shades {
    pub under_dark: Grid,
    pub under_light: Grid,
    /// Distance to both sides within which paper is searched for, in cells.
    reach: usize,
}

impl Shades {
    /// Estimates the shades under the strokes of a page, or of a part of it: NaN marks cells outside the part. Paper is
    /// searched for within one `reach`-th of the page's mean side.
    pub(super) fn of(grid: &Grid, reach: usize) -> Self {
        let reach = ((grid.width + grid.height) / (2 * reach)).max(1);
        let (lighter, darker) = (f32::max as Choose, f32::min as Choose);
        let fill = |first, then| grid.spread(reach, first).where_known(grid).spread(reach, then).where_known(grid);
        Self { under_dark: fill(lighter, darker), under_light: fill(darker, lighter), reach }
    }

    /// Returns the likelier polarity: filling in the strokes leaves a smooth page, filling in the space between them
    /// leaves a blot with sharp edges.
    pub(super) fn polarity(&self) -> Polarity {
        let [dark, light] = [&self.under_dark, &self.under_light].map(|grid| grid.roughness(self.reach));
        if light < dark { Polarity::LightOnDark } else { Polarity::DarkOnLight }
    }

    pub(super) fn under(&self, polarity: Polarity) -> &Grid {
        match polarity {
            Polarity::DarkOnLight => &self.under_dark,
            Polarity::LightOnDark => &self.under_light,
        }
    }

    /// Whether at least 99 % of these shades are close to those of `shade_at`.
    pub(super) fn agree(&self, polarity: Polarity, shade_at: impl Fn(f32, f32) -> f32) -> bool {
        let grid = self.under(polarity);
        let differs = |place: usize| {
            let (x, y) = grid.middle(place);
            let shade = shade_at(x, y);
            (grid.shades[place] - shade).abs() > (0.08 * shade).max(12.0)
        };
        (0..grid.shades.len()).filter(|&place| differs(place)).count() * 100 <= grid.shades.len()
    }

    /// Returns a shade for each pixel. Along the edge of a shadow it is the one that cannot be mistaken for a stroke.
    pub(super) fn at_pixels(&self, page: &Page, polarity: Polarity) -> Vec<f32> {
        let choose = if polarity == Polarity::DarkOnLight { f32::min as Choose } else { f32::max };
        self.under(polarity).spread(1, choose).interpolate(page)
    }
}

type Choose = fn(f32, f32) -> f32;

impl Grid {
    pub(super) fn of(page: &Page) -> Self {
        let step = page.width.max(page.height).div_ceil(SIDE);
        let (width, height) = (page.width.div_ceil(step), page.height.div_ceil(step));
        let mut shades = Vec::with_capacity(width * height);
        for rows in page.grey.chunks(page.width * step) {
            for left in (0..page.width).step_by(step) {
                let right = (left + step).min(page.width);
                let cell = rows.chunks_exact(page.width).flat_map(|row| &row[left..right]);
                let (sum, count) = cell.fold((0, 0), |(sum, count), &grey| (sum + u32::from(grey), count + 1));
                shades.push(sum as f32 / count as f32);
            }
        }
        let grid = Self { width, height, step, shades };
        if width.min(height) < LARGE { grid } else { grid.medians() }
    }

    /// Replaces each shade by the median of the cell and those around it.
    fn medians(self) -> Self {
        let around = |at: usize, end: usize| [at.saturating_sub(1), at, (at + 1).min(end - 1)];
        let mut shades = Vec::with_capacity(self.shades.len());
        for y in 0..self.height {
            let rows = around(y, self.height);
            for x in 0..self.width {
                let columns = around(x, self.width);
                let mut cells = [0.0; 9];
                for (place, cell) in cells.iter_mut().enumerate() {
                    *cell = self.shades[rows[place / 3] * self.width + columns[place % 3]];
                }
                shades.push(*cells.select_nth_unstable_by(4, f32::total_cmp).1);
            }
        }
        Self { shades, ..self }
    }

    /// Replaces the shades of cells that are NaN in the other grid by NaN.
    fn where_known(mut self, other: &Self) -> Self {
        for (shade, other) in self.shades.iter_mut().zip(&other.shades).filter(|(_, other)| other.is_nan()) {
            *shade = *other;
        }
        self
    }

    /// Returns the middle of a cell on the page, with coordinates from -1 to 1.
    fn middle(&self, place: usize) -> (f32, f32) {
        let along = |cell: usize, cells: usize| (2 * cell + 1) as f32 / cells as f32 - 1.0;
        (along(place % self.width, self.width), along(place / self.width, self.height))
    }

    /// Replaces each shade by the one that `choose` picks from the square around it.
    fn spread(&self, reach: usize, choose: Choose) -> Self {
        let mut across = Vec::with_capacity(self.shades.len());
        for row in self.shades.chunks_exact(self.width) {
            spread_along(row, reach, choose, &mut across);
        }
        let mut down = Vec::with_capacity(self.shades.len());
        for column in 0..self.width {
            let column: Vec<f32> = across.iter().skip(column).step_by(self.width).copied().collect();
            spread_along(&column, reach, choose, &mut down);
        }
        let shades = (0..self.shades.len()).map(|place| down[place % self.width * self.height + place / self.width]);
        Self { shades: shades.collect(), ..*self }
    }

    /// Returns the sum of the squared differences between neighbours, except near the border.
    fn roughness(&self, margin: usize) -> f64 {
        let mut sum = 0.0;
        for y in margin..self.height.saturating_sub(margin + 1) {
            for x in margin..self.width.saturating_sub(margin + 1) {
                let place = y * self.width + x;
                for neighbour in [place + 1, place + self.width] {
                    let step = self.shades[neighbour] - self.shades[place];
                    sum += if step.is_nan() { 0.0 } else { f64::from(step).powi(2) };
                }
            }
        }
        sum
    }

    /// Interpolates linearly between the cells' middles.
    fn interpolate(&self, page: &Page) -> Vec<f32> {
        let mut shades = Vec::with_capacity(page.grey.len());
        for y in 0..page.height {
            let (upper, lower, down) = self.between(y, self.height);
            for x in 0..page.width {
                let (left, right, along) = self.between(x, self.width);
                let on = |row: usize| {
                    let row = &self.shades[row * self.width..];
                    row[left] + (row[right] - row[left]) * along
                };
                shades.push(on(upper) + (on(lower) - on(upper)) * down);
            }
        }
        shades
    }

    /// Returns the two cells between whose middles a pixel lies, and its position between them from 0 to 1.
    fn between(&self, pixel: usize, cells: usize) -> (usize, usize, f32) {
        let place = ((pixel as f32 + 0.5) / self.step as f32 - 0.5).max(0.0);
        let first = (place as usize).min(cells - 1);
        (first, (first + 1).min(cells - 1), (place - first as f32).clamp(0.0, 1.0))
    }
}

/// Appends what `choose` picks around each cell of a line. By van Herk's algorithm, which combines picks from both ends
/// of blocks, the time does not depend on the reach.
fn spread_along(line: &[f32], reach: usize, choose: Choose, into: &mut Vec<f32>) {
    let block = 2 * reach + 1;
    let mut before = line.to_vec();
    let mut behind = line.to_vec();
    for at in 1..line.len() {
        if at % block != 0 {
            before[at] = choose(before[at], before[at - 1]);
        }
    }
    for at in (0..line.len() - 1).rev() {
        if (at + 1) % block != 0 {
            behind[at] = choose(behind[at], behind[at + 1]);
        }
    }
    for at in 0..line.len() {
        let (from, to) = (at.saturating_sub(reach), (at + reach).min(line.len() - 1));
        // A window that is truncated at the end of the line may lie within one block.
        let picked = if to - from + 1 == block || from / block != to / block {
            choose(behind[from], before[to])
        } else {
            line[from..=to].iter().copied().reduce(choose).expect("a window includes its own cell")
        };
        into.push(picked);
    }
}
