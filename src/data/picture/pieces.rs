//! Connected pieces of ink, and their shapes.

use super::Ink;

/// A connected piece of ink. Its bounding box includes the first and the last pixel.
pub(super) struct Piece {
    pub left: usize,
    pub right: usize,
    pub top: usize,
    pub bottom: usize,
    /// Indices of its pixels on the page.
    pub places: Vec<u32>,
    /// Total ink.
    pub mass: f32,
    /// Strongest ink.
    pub peak: f32,
    /// Distance from the innermost pixel to the outline: half the greatest thickness.
    pub half: f32,
}

/// The principal axis of a piece.
pub(super) struct Axis {
    /// Extent along the axis.
    pub length: f32,
    /// Extent across the axis.
    pub breadth: f32,
    /// Angle between the axis and the horizontal, 0 to 90 degrees.
    pub angle: f32,
}

impl Piece {
    pub(super) fn width(&self) -> usize {
        self.right - self.left + 1
    }

    pub(super) fn height(&self) -> usize {
        self.bottom - self.top + 1
    }

    pub(super) fn side(&self) -> usize {
        self.width().max(self.height())
    }

    pub(super) fn pixels(&self) -> usize {
        self.places.len()
    }

    /// Returns the number of empty pixels between the two boxes, in the direction of the wider gap.
    pub(super) fn gap(&self, other: &Self) -> usize {
        let gap = |from: usize, to: usize| from.saturating_sub(to + 1);
        let x = gap(other.left, self.right).max(gap(self.left, other.right));
        let y = gap(other.top, self.bottom).max(gap(self.top, other.bottom));
        x.max(y)
    }

    pub(super) fn contains(&self, other: &Self) -> bool {
        self.left <= other.left && self.right >= other.right && self.top <= other.top && self.bottom >= other.bottom
    }

    pub(super) fn axis(&self, page_width: usize) -> Axis {
        let points = || {
            let point = |&place: &u32| (place as usize % page_width, place as usize / page_width);
            self.places.iter().map(point).map(|(x, y)| (x as f64, y as f64))
        };
        let count = self.places.len() as f64;
        let (x, y) = points().fold((0.0, 0.0), |sum, point| (sum.0 + point.0 / count, sum.1 + point.1 / count));
        let (xx, xy, yy) = points().fold((0.0, 0.0, 0.0), |sum, point| {
            let (dx, dy) = (point.0 - x, point.1 - y);
            (sum.0 + dx * dx, sum.1 + dx * dy, sum.2 + dy * dy)
        });
        let angle = 0.5 * (2.0 * xy).atan2(xx - yy);
        let (sin, cos) = angle.sin_cos();
        let extent = |across: f64, down: f64| {
            let along = points().map(|(x, y)| x * across + y * down);
            let (low, high) = along.fold((f64::MAX, f64::MIN), |(low, high), at| (low.min(at), high.max(at)));
            (high - low + 1.0) as f32
        };
        let degrees = angle.to_degrees().abs();
        Axis { length: extent(cos, sin), breadth: extent(-sin, cos), angle: degrees.min(180.0 - degrees) as f32 }
    }
}

/// Returns the indices of a pixel and of those around it.
pub(super) fn neighbours(page: &Ink, place: usize) -> impl Iterator<Item = usize> {
    let (x, y, width) = (place % page.width, place / page.width, page.width);
    let columns = x.saturating_sub(1)..(x + 2).min(page.width);
    let rows = y.saturating_sub(1)..(y + 2).min(page.height);
    rows.flat_map(move |y| columns.clone().map(move |x| y * width + x))
}

/// Finds the connected pieces of ink above `low`. Also returns for each pixel the number of its piece.
pub(super) fn pieces(page: &Ink, low: f32) -> (Vec<Piece>, Vec<Option<u32>>) {
    let depth = depths(page, low);
    let (mut pieces, mut piece_of) = (Vec::new(), vec![None; page.ink.len()]);
    for start in 0..page.ink.len() {
        if page.ink[start] <= low || piece_of[start].is_some() {
            continue;
        }
        let number = Some(pieces.len() as u32);
        piece_of[start] = number;
        let mut places = vec![start as u32];
        let mut next = 0;
        while let Some(&place) = places.get(next) {
            next += 1;
            for neighbour in neighbours(page, place as usize) {
                if page.ink[neighbour] > low && piece_of[neighbour].is_none() {
                    piece_of[neighbour] = number;
                    places.push(neighbour as u32);
                }
            }
        }
        pieces.push(piece(page, &depth, places));
    }
    (pieces, piece_of)
}

fn piece(page: &Ink, depth: &[u16], places: Vec<u32>) -> Piece {
    let mut piece =
        Piece { left: usize::MAX, right: 0, top: usize::MAX, bottom: 0, places, mass: 0.0, peak: 0.0, half: 0.0 };
    for &place in &piece.places {
        let place = place as usize;
        let (x, y) = (place % page.width, place / page.width);
        (piece.left, piece.right) = (piece.left.min(x), piece.right.max(x));
        (piece.top, piece.bottom) = (piece.top.min(y), piece.bottom.max(y));
        piece.mass += page.ink[place];
        piece.peak = piece.peak.max(page.ink[place]);
        piece.half = piece.half.max(f32::from(depth[place]) / 3.0);
    }
    piece
}

/// Returns each inked pixel's distance to the nearest without ink, in thirds of a pixel: a diagonal step counts as 4.
fn depths(page: &Ink, low: f32) -> Vec<u16> {
    let (width, height) = (page.width, page.height);
    let mut depth: Vec<u16> = page.ink.iter().map(|&ink| if ink > low { u16::MAX / 2 } else { 0 }).collect();
    let mut look = |place: usize, ways: [(isize, isize, u16); 4]| {
        if depth[place] == 0 {
            return;
        }
        let (x, y) = ((place % width) as isize, (place / width) as isize);
        for (dx, dy, step) in ways {
            let (x, y) = (x + dx, y + dy);
            let inside = (0..width as isize).contains(&x) && (0..height as isize).contains(&y);
            let beside = if inside { depth[y as usize * width + x as usize] } else { 0 };
            depth[place] = depth[place].min(beside + step);
        }
    };
    (0..width * height).for_each(|place| look(place, [(-1, 0, 3), (0, -1, 3), (-1, -1, 4), (1, -1, 4)]));
    (0..width * height).rev().for_each(|place| look(place, [(1, 0, 3), (0, 1, 3), (1, 1, 4), (-1, 1, 4)]));
    depth
}
