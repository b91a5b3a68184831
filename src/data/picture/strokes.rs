//! Which of the ink is the digit: not specks, not ruled lines, not a frame.

use super::{Ink, Page, PictureError, lines};

/// Ink fainter than this share is paper, however even the paper is.
const FAINTEST: f32 = 0.04;

/// The digit alone, cut out: full strokes are 1.
pub(super) struct Strokes {
    pub width: usize,
    pub height: usize,
    pub ink: Vec<f32>,
}

/// A digit, and where on the page its upper left corner was.
pub(super) struct Found {
    pub strokes: Strokes,
    pub left: usize,
    pub top: usize,
    pub touches_border: bool,
}

impl Found {
    /// Whether this is no digit but a sheet of paper that lies on something else: a large block with little missing.
    pub(super) fn is_sheet(&self, page: &Page) -> bool {
        let ink = &self.strokes.ink;
        ink.iter().filter(|&&ink| ink > 0.5).count() * 10 >= ink.len() * 8 && ink.len() * 5 >= page.grey.len()
    }
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

pub(super) fn digit(mut page: Ink) -> Result<Found, PictureError> {
    let floor = (4.0 * page.noise).max(FAINTEST);
    let mut above: Vec<f32> = page.ink.iter().copied().filter(|&ink| ink > floor).collect();
    if above.is_empty() {
        return Err(PictureError::Blank { found: "one shade all over" });
    }
    // Not the very strongest, which are noise's, and not the middle, which may be pale lines'.
    let place = above.len() * 19 / 20;
    let full = *above.select_nth_unstable_by(place, f32::total_cmp).1;
    if full < 1.5 * floor {
        return Err(PictureError::Blank { found: "only the paper's own unevenness" });
    }

    let (faint, firm) = (floor.max(0.1 * full), floor.max(0.3 * full));
    lines::erase(&mut page, faint);
    let (pieces, mut piece_of) = pieces(&page, firm);
    let kept = choose(&page, &pieces, 0.5 * full);
    soften(&page, &mut piece_of, faint);
    let whole = kept.iter().map(|&piece| pieces[piece]).reduce(around);
    let Some(whole) = whole.filter(|whole| whole.side() >= smallest(&page)) else {
        return Err(PictureError::Blank { found: "nothing larger than a speck" });
    };
    let is_kept = |place: usize| piece_of[place].is_some_and(|piece| kept.contains(&(piece as usize)));
    Ok(cut_out(&page, &whole, |place| if is_kept(place) { (page.ink[place] / full).min(1.0) } else { 0.0 }))
}

/// Takes the pieces' soft edges in: a pixel all around, where there is ink at all.
fn soften(page: &Ink, piece_of: &mut [Option<u32>], faint: f32) {
    let firm = piece_of.to_vec();
    for place in (0..page.ink.len()).filter(|&place| firm[place].is_none() && page.ink[place] > faint) {
        piece_of[place] = neighbours(page, place).find_map(|neighbour| firm[neighbour]);
    }
}

/// A piece's box and its soft edge.
fn cut_out(page: &Ink, whole: &Piece, ink: impl Fn(usize) -> f32) -> Found {
    let (left, right) = (whole.left.saturating_sub(1), (whole.right + 1).min(page.width - 1));
    let (top, bottom) = (whole.top.saturating_sub(1), (whole.bottom + 1).min(page.height - 1));
    let places = (top..=bottom).flat_map(|y| (left..=right).map(move |x| y * page.width + x));
    Found {
        strokes: Strokes { width: right - left + 1, height: bottom - top + 1, ink: places.map(ink).collect() },
        left,
        top,
        touches_border: left == 0 || top == 0 || right == page.width - 1 || bottom == page.height - 1,
    }
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

/// The pixels around a pixel, and itself.
fn neighbours(page: &Ink, place: usize) -> impl Iterator<Item = usize> {
    let (x, y, width) = (place % page.width, place / page.width, page.width);
    let columns = x.saturating_sub(1)..(x + 2).min(page.width);
    let rows = y.saturating_sub(1)..(y + 2).min(page.height);
    rows.flat_map(move |y| columns.clone().map(move |x| y * width + x))
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
            for neighbour in neighbours(page, place) {
                if page.ink[neighbour] > low && piece_of[neighbour].is_none() {
                    piece_of[neighbour] = number;
                    waiting.push(neighbour);
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
