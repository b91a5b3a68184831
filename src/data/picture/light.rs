//! The light on a page, whatever edges it has: shadows, reflections, a sheet on a table.
//!
//! An edge of light has another shade on one side, a stroke has paper on both: filling in whatever is darker than its
//! neighbours on both sides (a closing, as image processing calls it) leaves the one and takes the other. For light strokes
//! it is the other way round (an opening).

use super::page::{Page, Polarity};

/// Longest side of the grid that shades are looked for in.
const SIDE: usize = 320;
/// From this side on, single cells are noise.
const LARGE: usize = 32;

/// Shades of paper, a cell of the page each, row by row.
#[derive(Clone)]
pub(super) struct Grid {
    pub width: usize,
    pub height: usize,
    /// Pixels that a cell is wide and high.
    pub step: usize,
    pub shades: Vec<f32>,
}

/// The paper's shades under strokes, if these are darker and if they are lighter.
pub(super) struct Shades {
    pub under_dark: Grid,
    pub under_light: Grid,
    /// How far to both sides paper is looked for, in cells.
    reach: usize,
}

impl Shades {
    /// Looks under the strokes of a page, or of a part of it: shades that are no number belong to nothing.
    /// `reach` is the page's mean side by the distance to both sides that paper is looked for.
    pub(super) fn of(grid: &Grid, reach: usize) -> Self {
        let reach = ((grid.width + grid.height) / (2 * reach)).max(1);
        let (lighter, darker) = (f32::max as Choose, f32::min as Choose);
        let fill = |first, then| grid.spread(reach, first).where_known(grid).spread(reach, then).where_known(grid);
        Self { under_dark: fill(lighter, darker), under_light: fill(darker, lighter), reach }
    }

    /// Strokes that are filled in leave a smooth page; what lies between them, filled in, leaves a blot with sharp edges.
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

    /// Whether these shades are the same paper: all but a hundredth of them.
    pub(super) fn agree(&self, polarity: Polarity, shade_at: impl Fn(f32, f32) -> f32) -> bool {
        let grid = self.under(polarity);
        let differs = |place: usize| {
            let (x, y) = grid.middle(place);
            let shade = shade_at(x, y);
            (grid.shades[place] - shade).abs() > (0.08 * shade).max(12.0)
        };
        (0..grid.shades.len()).filter(|&place| differs(place)).count() * 100 <= grid.shades.len()
    }

    /// A shade for each pixel. Along an edge of light it is the shade on the side where strokes would be seen wrongly.
    pub(super) fn at_pixels(&self, page: &Page, polarity: Polarity) -> Vec<f32> {
        let choose = if polarity == Polarity::DarkOnLight { f32::min as Choose } else { f32::max };
        self.under(polarity).spread(1, choose).stretch(page)
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

    /// The middle shade of each cell and those around it.
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

    /// These shades where the other grid's are numbers.
    fn where_known(mut self, other: &Self) -> Self {
        for (shade, other) in self.shades.iter_mut().zip(&other.shades).filter(|(_, other)| other.is_nan()) {
            *shade = *other;
        }
        self
    }

    /// The middle of a cell in the page. Coordinates go from -1 to 1.
    fn middle(&self, place: usize) -> (f32, f32) {
        let along = |cell: usize, cells: usize| (2 * cell + 1) as f32 / cells as f32 - 1.0;
        (along(place % self.width, self.width), along(place / self.width, self.height))
    }

    /// Each cell takes what `choose` picks of the square around it.
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

    /// Sum of the squares of steps between neighbours, away from the edge.
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

    /// Straight lines between the cells' middles.
    fn stretch(&self, page: &Page) -> Vec<f32> {
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

    /// The two cells that a pixel lies between, and how far it is on the way from the first to the second.
    fn between(&self, pixel: usize, cells: usize) -> (usize, usize, f32) {
        let place = ((pixel as f32 + 0.5) / self.step as f32 - 0.5).max(0.0);
        let first = (place as usize).min(cells - 1);
        (first, (first + 1).min(cells - 1), (place - first as f32).clamp(0.0, 1.0))
    }
}

/// Appends what `choose` picks around each cell of a line, by its picks from both ends of blocks (van Herk's way), so that the
/// reach costs no time.
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
        // A window that is cut off at the end of the line may lie within one block.
        let picked = if to - from + 1 == block || from / block != to / block {
            choose(behind[from], before[to])
        } else {
            line[from..=to].iter().copied().reduce(choose).expect("a cell is around itself")
        };
        into.push(picked);
    }
}
