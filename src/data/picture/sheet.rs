//! A sheet of paper that lies on something else.

use super::light::Grid;

/// Least share of the page that a sheet takes.
const LEAST: usize = 16;
/// Least step in shade between a sheet and what it lies on.
const STEP: f32 = 25.0;
/// Cells to both sides of a sheet's edge that its line may lie in.
const EDGE: isize = 2;

/// Where on the page the sheet lies, cell by cell. (Half a page in a shadow looks the same: nothing is cut by it.)
pub(super) struct Sheet {
    grid: Grid,
    inside: Vec<bool>,
    /// Whether it lies within the page, or nearly so: half a page in a shadow does not.
    pub is_whole: bool,
}

impl Sheet {
    /// The largest piece of the shade that is less along the page's border, if there are two shades.
    pub(super) fn on(grid: &Grid) -> Option<Self> {
        let border = threshold(&grid.shades)?;
        let is_light: Vec<bool> = grid.shades.iter().map(|&shade| shade > border).collect();
        let rim = rim(grid);
        let light = rim.iter().filter(|&&place| is_light[place]).count();
        let wanted = light * 2 <= rim.len();
        let piece = largest(grid, |place| is_light[place] == wanted)?;
        if piece.len() * LEAST < is_light.len() {
            return None;
        }
        let mut inside = vec![false; is_light.len()];
        piece.into_iter().for_each(|place| inside[place] = true);
        // What lies on the sheet belongs to it.
        let around = outside(grid, &inside);
        let on_rim = rim.iter().filter(|&&place| !around[place]).count();
        let inside = around.into_iter().map(|is_outside| !is_outside).collect();
        Some(Self { grid: grid.clone(), inside, is_whole: on_rim * 4 <= rim.len() })
    }

    /// The shades on the sheet, without its edge.
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

    /// Whether any of these pixels lie where the shades on the sheet end.
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

    /// Share of these pixels that lie on the sheet.
    pub(super) fn share(&self, places: &[u32], page_width: usize) -> f32 {
        let on_sheet = |&&place: &&u32| self.is_inside(self.cell(place, page_width)) == Some(true);
        places.iter().filter(on_sheet).count() as f32 / places.len() as f32
    }

    /// Share of these pixels that lie along the sheet's edge.
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

/// Otsu's threshold: between the two shades that explain most of the differences. `None` where they are one.
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
    (best.2 as f32 > STEP).then_some(best.1 as f32 + 0.999)
}

/// The cells that the page's rim is connected with around those inside.
fn outside(grid: &Grid, inside: &[bool]) -> Vec<bool> {
    let mut outside = vec![false; inside.len()];
    let mut cells: Vec<usize> = rim(grid).into_iter().filter(|&place| !inside[place]).collect();
    cells.iter().for_each(|&place| outside[place] = true);
    while let Some(place) = cells.pop() {
        for beside in beside(grid, place) {
            if !inside[beside] && !outside[beside] {
                outside[beside] = true;
                cells.push(beside);
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

/// The cells to the left and right, above and below.
fn beside(grid: &Grid, place: usize) -> impl Iterator<Item = usize> {
    let (x, y, width) = (place % grid.width, place / grid.width, grid.width);
    let across = [(x > 0, place.wrapping_sub(1)), (x + 1 < width, place + 1)];
    let down = [(y > 0, place.wrapping_sub(width)), (y + 1 < grid.height, place + width)];
    across.into_iter().chain(down).filter(|(is_there, _)| *is_there).map(|(_, place)| place)
}

/// The largest connected piece of the cells that are `wanted`.
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
            for beside in beside(grid, place) {
                if !seen[beside] && wanted(beside) {
                    seen[beside] = true;
                    cells.push(beside);
                }
            }
        }
        if best.as_ref().is_none_or(|best| cells.len() > best.len()) {
            best = Some(cells);
        }
    }
    best
}
