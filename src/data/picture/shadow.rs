//! Paper under light that has edges.
//!
//! A shadow's edge has shadow on one side, a stroke has paper on both: filling in whatever is darker than its neighbours on
//! both sides (a closing, as image processing calls it) leaves the one and takes the other.

use super::{Page, paper::Cells};

/// What is narrower than twice this many cells is a stroke.
const REACH: usize = 8;

/// The paper's shade at each pixel if strokes are darker, and if they are lighter.
pub(super) fn shades(page: &Page, cells: &Cells) -> [Vec<f32>; 2] {
    let grid: Vec<f32> = cells.samples.iter().map(|sample| sample.shade).collect();
    let lightest = |grid: &[f32]| spread(grid, cells, f32::max);
    let darkest = |grid: &[f32]| spread(grid, cells, f32::min);
    [darkest(&lightest(&grid)), lightest(&darkest(&grid))].map(|grid| stretch(&grid, cells, page))
}

/// Each cell takes what `choose` picks of the square around it.
fn spread(grid: &[f32], cells: &Cells, choose: fn(f32, f32) -> f32) -> Vec<f32> {
    let pick = |line: usize, length: usize, at: &dyn Fn(usize) -> f32| {
        let around = line.saturating_sub(REACH)..(line + REACH + 1).min(length);
        around.map(at).reduce(choose).expect("a cell is around itself")
    };
    let (columns, rows) = (cells.columns, cells.rows);
    let places = || (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
    let across: Vec<f32> =
        places().map(|(row, column)| pick(column, columns, &|column| grid[row * columns + column])).collect();
    places().map(|(row, column)| pick(row, rows, &|row| across[row * columns + column])).collect()
}

/// Straight lines between the cells' middles.
fn stretch(grid: &[f32], cells: &Cells, page: &Page) -> Vec<f32> {
    let mut shades = Vec::with_capacity(page.grey.len());
    for y in 0..page.height {
        let (upper, lower, down) = between(y, page.height, cells.rows);
        for x in 0..page.width {
            let (left, right, along) = between(x, page.width, cells.columns);
            let on = |row: usize| {
                let row = &grid[row * cells.columns..];
                row[left] + (row[right] - row[left]) * along
            };
            shades.push(on(upper) + (on(lower) - on(upper)) * down);
        }
    }
    shades
}

/// The two cells that a pixel lies between, and how far it is on the way from the first to the second.
fn between(pixel: usize, pixels: usize, cells: usize) -> (usize, usize, f32) {
    let place = (pixel as f32 + 0.5) * cells as f32 / pixels as f32 - 0.5;
    let first = place.max(0.0) as usize;
    (first, (first + 1).min(cells - 1), (place - first as f32).clamp(0.0, 1.0))
}
