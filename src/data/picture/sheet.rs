//! A sheet of paper on another background.

use super::light::Grid;

/// Minimum size of a sheet: the page divided by this.
const MIN_PART: usize = 16;
/// Minimum difference in shade between a sheet and the background.
const MIN_STEP: f32 = 25.0;
/// Number of cells to both sides of a sheet's edge that belong to the edge.
const EDGE: isize = 2;

/// The cells of the page that belong to the sheet. (Half a page in a shadow looks the same.)
pub(super) struct Sheet {
    grid: Grid,
    inside: Vec<bool>,
    /// Whether the sheet is almost entirely within the page, unlike half a page in a shadow.
    pub is_whole: bool,
}

impl Sheet {
    /// Finds the sheet: if there are two shades, the largest area of the one that is rarer along the page's border.
    pub(super) fn find(grid: &Grid) -> Option<Self> {
        let border = threshold(&grid.shades)?;
        let is_light: Vec<bool> = grid.shades.iter().map(|&shade| shade > border).collect();
        let rim = rim(grid);
        let light = rim.iter().filter(|&&place| is_light[place]).count();
        let wanted = light * 2 <= rim.len();
        let piece = largest(grid, |place| is_light[place] == wanted)?;
        if piece.len() * MIN_PART < is_light.len() {
            return None;
        }
        let mut inside = vec![false; is_light.len()];
        piece.into_iter().for_each(|place| inside[place] = true);
        // Anything surrounded by the sheet belongs to it.
        let around = outside(grid, &inside);
        let on_rim = rim.iter().filter(|&&place| !around[place]).count();
        let inside = around.into_iter().map(|is_outside| !is_outside).collect();
        Some(Self { grid: grid.clone(), inside, is_whole: on_rim * 4 <= rim.len() })
    }

    /// Returns the shades on the sheet without its edge; those elsewhere are NaN.
    pub(super) fn shades(&self) -> Grid {
        let mut grid = self.grid.clone();
        let margin = [
            (-EDGE, -EDGE),
            (0, -EDGE),
            (EDGE, -EDGE),
            (-EDGE, 0),
            (0, 0),
            (EDGE, 0),
            (-EDGE, EDGE),
            (0, EDGE),
            (EDGE, EDGE),
        ];
        for (place, shade) in grid.shades.iter_mut().enumerate() {
            let (x, y) = ((place % self.grid.width) as isize, (place / self.grid.width) as isize);
            if margin.iter().any(|(dx, dy)| self.is_inside((x + dx, y + dy)) == Some(false)) {
                *shade = f32::NAN;
            }
        }
        grid
    }

    /// Whether any of these pixels are at the border of the sheet's known shades.
    pub(super) fn cuts(&self, places: &[u32], page_width: usize) -> bool {
        let reach = EDGE + 2;
        places.iter().any(|&place| {
            let (x, y) = self.cell(place, page_width);
            let around = [(-reach, 0), (reach, 0), (0, -reach), (0, reach)];
            around.iter().any(|(dx, dy)| self.is_inside((x + dx, y + dy)) == Some(false))
        })
    }

    fn cell(&self, place: u32, page_width: usize) -> (isize, isize) {
        let place = place as usize;
        ((place % page_width / self.grid.step) as isize, (place / page_width / self.grid.step) as isize)
    }

    fn is_inside(&self, (x, y): (isize, isize)) -> Option<bool> {
        let within = (0..self.grid.width as isize).contains(&x) && (0..self.grid.height as isize).contains(&y);
        within.then(|| self.inside[y as usize * self.grid.width + x as usize])
    }

    /// Returns the fraction of these pixels that are on the sheet.
    pub(super) fn share(&self, places: &[u32], page_width: usize) -> f32 {
        let on_sheet = |&&place: &&u32| self.is_inside(self.cell(place, page_width)) == Some(true);
        places.iter().filter(on_sheet).count() as f32 / places.len() as f32
    }

    /// Returns the fraction of these pixels that are along the sheet's edge.
    pub(super) fn share_on_edge(&self, places: &[u32], page_width: usize) -> f32 {
        let on_edge = |&&place: &&u32| {
            let (x, y) = self.cell(place, page_width);
            let corners = [(-EDGE, -EDGE), (EDGE, -EDGE), (-EDGE, EDGE), (EDGE, EDGE)];
            let mut around = corners.iter().filter_map(|(dx, dy)| self.is_inside((x + dx, y + dy)));
            around.next().is_some_and(|first| around.any(|other| other != first))
        };
        places.iter().filter(on_edge).count() as f32 / places.len() as f32
    }
}

/// Returns Otsu's threshold between the two shades that explain most of the variance, or `None` if they are too close.
fn threshold(shades: &[f32]) -> Option<f32> {
    let mut counts = [0.0_f64; 256];
    shades.iter().for_each(|&shade| counts[shade as usize] += 1.0);
    let total: f64 = counts.iter().sum();
    let sum: f64 = counts.iter().enumerate().map(|(shade, count)| shade as f64 * count).sum();
    let (mut below, mut below_sum, mut best) = (0.0, 0.0, (0.0, 0, 0.0));
    for (shade, count) in counts.iter().enumerate() {
        below += count;
        below_sum += shade as f64 * count;
        if below > 0.0 && below < total {
            let step = (sum - below_sum) / (total - below) - below_sum / below;
            let between = below * (total - below) * step * step;
            if between > best.0 {
                best = (between, shade, step);
            }
        }
    }
    (best.2 as f32 > MIN_STEP).then_some(best.1 as f32 + 0.999)
}

/// Returns the cells that are connected to the page's rim without crossing those inside.
fn outside(grid: &Grid, inside: &[bool]) -> Vec<bool> {
    let mut outside = vec![false; inside.len()];
    let mut cells: Vec<usize> = rim(grid).into_iter().filter(|&place| !inside[place]).collect();
    cells.iter().for_each(|&place| outside[place] = true);
    while let Some(place) = cells.pop() {
        for neighbour in adjacent(grid, place) {
            if !inside[neighbour] && !outside[neighbour] {
                outside[neighbour] = true;
                cells.push(neighbour);
            }
        }
    }
    outside
}

fn rim(grid: &Grid) -> Vec<usize> {
    let on_rim = |place: &usize| {
        let (x, y) = (place % grid.width, place / grid.width);
        x == 0 || y == 0 || x + 1 == grid.width || y + 1 == grid.height
    };
    (0..grid.shades.len()).filter(on_rim).collect()
}

/// Returns the cells to the left and right, above and below.
fn adjacent(grid: &Grid, place: usize) -> impl Iterator<Item = usize> {
    let (x, y, width) = (place % grid.width, place / grid.width, grid.width);
    let across = [(x > 0, place.wrapping_sub(1)), (x + 1 < width, place + 1)];
    let down = [(y > 0, place.wrapping_sub(width)), (y + 1 < grid.height, place + width)];
    across.into_iter().chain(down).filter(|(is_there, _)| *is_there).map(|(_, place)| place)
}

/// Returns the largest connected area of the cells that are `wanted`.
fn largest(grid: &Grid, wanted: impl Fn(usize) -> bool) -> Option<Vec<usize>> {
    let mut seen = vec![false; grid.shades.len()];
    let mut best: Option<Vec<usize>> = None;
    for start in 0..seen.len() {
        if seen[start] || !wanted(start) {
            continue;
        }
        seen[start] = true;
        let mut cells = vec![start];
        let mut next = 0;
        while let Some(&place) = cells.get(next) {
            next += 1;
            for neighbour in adjacent(grid, place) {
                if !seen[neighbour] && wanted(neighbour) {
                    seen[neighbour] = true;
                    cells.push(neighbour);
                }
            }
        }
        if best.as_ref().is_none_or(|best| cells.len() > best.len()) {
            best = Some(cells);
        }
    }
    best
}
