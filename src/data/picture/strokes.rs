//! Which of the ink is the digit: not specks, not ruled lines, not a frame.

use super::{Ink, PictureError};

/// Ink fainter than this share is paper, however even the paper is.
const FAINTEST: f32 = 0.04;

/// The digit alone, cut out: full strokes are 1.
pub(super) struct Strokes {
    pub width: usize,
    pub height: usize,
    pub ink: Vec<f32>,
}

/// A connected piece of ink. Its box goes from the first to the last pixel, both included.
#[derive(Clone, Copy)]
struct Piece {
    left: usize,
    right: usize,
    top: usize,
    bottom: usize,
    pixels: usize,
    /// Sum of its ink.
    mass: f32,
    /// Its strongest ink.
    peak: f32,
}

impl Piece {
    fn width(&self) -> usize {
        self.right - self.left + 1
    }

    fn height(&self) -> usize {
        self.bottom - self.top + 1
    }

    fn side(&self) -> usize {
        self.width().max(self.height())
    }

    /// Empty pixels between the two boxes, along the wider gap.
    fn gap(&self, other: &Self) -> usize {
        let gap = |from: usize, to: usize| from.saturating_sub(to + 1);
        let x = gap(other.left, self.right).max(gap(self.left, other.right));
        let y = gap(other.top, self.bottom).max(gap(self.top, other.bottom));
        x.max(y)
    }
}

pub(super) fn digit(page: &Ink) -> Result<Strokes, PictureError> {
    let floor = (4.0 * page.noise).max(FAINTEST);
    let mut above: Vec<f32> = page.ink.iter().copied().filter(|&ink| ink > floor).collect();
    if above.is_empty() {
        return Err(PictureError::Blank { found: "one shade all over" });
    }
    let place = above.len() * 4 / 5;
    let full = *above.select_nth_unstable_by(place, f32::total_cmp).1;
    if full < 1.5 * floor {
        return Err(PictureError::Blank { found: "only the paper's own unevenness" });
    }

    let (pieces, piece_of) = pieces(page, floor.max(0.1 * full));
    let kept = choose(page, &pieces, 0.5 * full);
    let whole = kept.iter().map(|&piece| pieces[piece]).reduce(around);
    let Some(whole) = whole.filter(|whole| whole.side() >= smallest(page)) else {
        return Err(PictureError::Blank { found: "nothing larger than a speck" });
    };
    let is_kept = |place: usize| piece_of[place].is_some_and(|piece| kept.contains(&(piece as usize)));
    let mut ink = Vec::with_capacity(whole.width() * whole.height());
    for y in whole.top..=whole.bottom {
        let places = (whole.left..=whole.right).map(|x| y * page.width + x);
        ink.extend(places.map(|place| if is_kept(place) { (page.ink[place] / full).min(1.0) } else { 0.0 }));
    }
    Ok(Strokes { width: whole.width(), height: whole.height(), ink })
}

/// Longest side of the smallest digit: anything less is a speck.
fn smallest(page: &Ink) -> usize {
    3.max(page.width.max(page.height) / 200)
}

fn around(a: Piece, b: Piece) -> Piece {
    Piece {
        left: a.left.min(b.left),
        right: a.right.max(b.right),
        top: a.top.min(b.top),
        bottom: a.bottom.max(b.bottom),
        pixels: a.pixels + b.pixels,
        mass: a.mass + b.mass,
        peak: a.peak.max(b.peak),
    }
}

/// Connected pieces of ink above `low`, and which one each pixel belongs to.
fn pieces(page: &Ink, low: f32) -> (Vec<Piece>, Vec<Option<u32>>) {
    let (mut pieces, mut piece_of) = (Vec::new(), vec![None; page.ink.len()]);
    let mut waiting = Vec::new();
    for start in 0..page.ink.len() {
        if page.ink[start] <= low || piece_of[start].is_some() {
            continue;
        }
        let (x, y) = (start % page.width, start / page.width);
        let mut piece = Piece { left: x, right: x, top: y, bottom: y, pixels: 0, mass: 0.0, peak: 0.0 };
        let number = Some(pieces.len() as u32);
        piece_of[start] = number;
        waiting.push(start);
        while let Some(place) = waiting.pop() {
            let (x, y) = (place % page.width, place / page.width);
            let ink = page.ink[place];
            let pixel = Piece { left: x, right: x, top: y, bottom: y, pixels: 1, mass: ink, peak: ink };
            piece = around(piece, pixel);
            for y in y.saturating_sub(1)..(y + 2).min(page.height) {
                for x in x.saturating_sub(1)..(x + 2).min(page.width) {
                    let neighbour = y * page.width + x;
                    if page.ink[neighbour] > low && piece_of[neighbour].is_none() {
                        piece_of[neighbour] = number;
                        waiting.push(neighbour);
                    }
                }
            }
        }
        pieces.push(piece);
    }
    (pieces, piece_of)
}

/// The numbers of the pieces that make the digit: the largest, and what belongs to it by size or nearness.
fn choose(page: &Ink, pieces: &[Piece], strong: f32) -> Vec<usize> {
    let mut strong: Vec<usize> = (0..pieces.len()).filter(|&piece| pieces[piece].peak >= strong).collect();
    strong.sort_by(|&a, &b| pieces[b].mass.total_cmp(&pieces[a].mass));
    let (margins, inner): (Vec<usize>, Vec<usize>) = strong.iter().partition(|&&piece| is_margin(page, &pieces[piece]));
    let heaviest = |of: &[usize]| of.first().map_or(0.0, |&piece| pieces[piece].mass);
    // What looks like a margin is the digit where there is nothing else to speak of.
    let candidates = if heaviest(&inner) >= 0.05 * heaviest(&margins) { inner } else { strong };

    let Some(&main) = candidates.first() else { return candidates };
    let main = pieces[main];
    let belongs = |piece: &Piece| {
        let share = piece.mass / main.mass;
        let near = piece.gap(&main) * 6 <= main.side();
        share >= 0.05 || (share >= 0.015 && near && piece.pixels > 1)
    };
    candidates.into_iter().filter(|&piece| belongs(&pieces[piece])).collect()
}

/// Whether a piece is a ruled line, a scan's frame or something that reaches in from the edge of the page.
fn is_margin(page: &Ink, piece: &Piece) -> bool {
    let touches = [piece.left == 0, piece.top == 0, piece.right + 1 == page.width, piece.bottom + 1 == page.height];
    let touched = touches.iter().filter(|&&touches| touches).count();
    let side = page.width.max(page.height);
    let crosses = (touches[0] && touches[2]) || (touches[1] && touches[3]);
    // As thick as a piece of its length and ink would be.
    let thin = piece.pixels * 25 <= piece.side() * side;
    let hollow = piece.pixels * 4 <= piece.width() * piece.height();
    let band = |low: usize, high: usize, length: usize| high * 8 < length || (length - 1 - low) * 8 < length;
    let outside = band(piece.left, piece.right, page.width) || band(piece.top, piece.bottom, page.height);
    (touched > 0 && outside) || (crosses && thin) || (touched >= 3 && hollow)
}
