//! Marks on a page that are not part of the digit: frames, punch holes, rules, and ink that extends from the edge.

use super::{pieces::Piece, sheet::Sheet};

/// A kind of ink that is not part of the digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Ink that extends from the page's edge, or lies along a sheet's edge.
    Margin,
    /// A box or a circle around something else.
    Frame,
    /// A solid round or square spot, such as a punch hole.
    Spot,
    /// A straight line.
    Rule,
}

/// The page on which the pieces lie.
pub(super) struct Ground<'a> {
    pub width: usize,
    pub height: usize,
    pub sheet: Option<&'a Sheet>,
}

/// Determines for each piece whether it looks like a mark. A frame must be around something else, a rule next to
/// something else.
pub(super) fn marks(ground: &Ground, pieces: &[Piece]) -> Vec<Option<Mark>> {
    let mut marks: Vec<Option<Mark>> = pieces.iter().map(|piece| by_itself(ground, piece)).collect();
    for (number, piece) in pieces.iter().enumerate() {
        let mut others = (0..pieces.len()).filter(|&other| other != number && marks[other].is_none());
        if marks[number].is_none() && others.any(|other| is_frame(ground, piece, &pieces[other])) {
            marks[number] = Some(Mark::Frame);
        }
    }
    let heaviest = |skip: usize, marks: &[Option<Mark>]| {
        let others = (0..pieces.len()).filter(|&other| other != skip && marks[other].is_none());
        others.max_by(|&a, &b| pieces[a].mass.total_cmp(&pieces[b].mass))
    };
    for number in 0..pieces.len() {
        if marks[number].is_none()
            && let Some(other) = heaviest(number, &marks)
            && is_rule(ground, &pieces[number], &pieces[other])
        {
            marks[number] = Some(Mark::Rule);
        }
    }
    marks
}

/// Returns the kind of mark that a piece is, regardless of the others.
fn by_itself(ground: &Ground, piece: &Piece) -> Option<Mark> {
    if is_margin(ground, piece) {
        Some(Mark::Margin)
    } else if is_spot(piece) {
        Some(Mark::Spot)
    } else {
        None
    }
}

/// Whether a piece is the frame of a scan, or extends from the edge of the page or the sheet.
fn is_margin(ground: &Ground, piece: &Piece) -> bool {
    let touches = [piece.left == 0, piece.top == 0, piece.right + 1 == ground.width, piece.bottom + 1 == ground.height];
    let touched = touches.iter().filter(|&&touches| touches).count();
    let side = ground.width.max(ground.height);
    let crosses = (touches[0] && touches[2]) || (touches[1] && touches[3]);
    // The thickness of a line with this length and amount of ink.
    let thin = piece.pixels() * 25 <= piece.side() * side;
    let hollow = piece.pixels() * 4 <= piece.width() * piece.height();
    let band = |low: usize, high: usize, length: usize| high * 8 < length || (length - 1 - low) * 8 < length;
    let outside = band(piece.left, piece.right, ground.width) || band(piece.top, piece.bottom, ground.height);
    let on_edge = ground.sheet.is_some_and(|sheet| sheet.share_on_edge(&piece.places, ground.width) > 0.6);
    (touched > 0 && outside) || (crosses && thin) || (touched >= 3 && hollow) || on_edge
}

/// Whether a piece is almost as thick as its box, unlike strokes.
fn is_spot(piece: &Piece) -> bool {
    let (short, long) = (piece.width().min(piece.height()), piece.side());
    short * 10 >= long * 7 && piece.half >= 0.38 * long as f32 && piece.pixels() * 10 >= long * short * 6
}

/// Whether `piece` surrounds `other`: it is on nearly all sides of it, and nowhere within its box.
fn is_frame(ground: &Ground, piece: &Piece, other: &Piece) -> bool {
    const SIDES: usize = 36;
    let large = other.side() as f32 >= (3.0 * piece.half).max(0.12 * piece.side() as f32);
    if !piece.contains(other) || !large {
        return false;
    }
    let (x, y) = ((other.left + other.right) as f32 / 2.0, (other.top + other.bottom) as f32 / 2.0);
    let mut sides = [false; SIDES];
    for &place in &piece.places {
        let (column, row) = (place as usize % ground.width, place as usize / ground.width);
        if (other.left..=other.right).contains(&column) && (other.top..=other.bottom).contains(&row) {
            return false;
        }
        let turn = (row as f32 - y).atan2(column as f32 - x) / std::f32::consts::TAU + 0.5;
        sides[((turn * SIDES as f32) as usize).min(SIDES - 1)] = true;
    }
    sides.iter().filter(|&&side| side).count() * 100 >= SIDES * 78
}

/// Whether a piece is a straight line that is not part of the digit: it is horizontal but not where the digit would
/// have a bar, or much longer than the digit.
fn is_rule(ground: &Ground, piece: &Piece, digit: &Piece) -> bool {
    let axis = piece.axis(ground.width);
    if axis.breadth > 0.16 * axis.length || digit.side() as f32 <= 0.2 * axis.length {
        return false;
    }
    let below = piece.top + piece.bottom > 2 * digit.bottom;
    // The bar of a five may be slightly wider than the rest of it.
    let wide = piece.width() as f32 > 1.7 * digit.width() as f32;
    let long = axis.length > 1.8 * digit.side() as f32;
    // A box that the digit partly covers is split into its sides.
    let fine = piece.half < 0.55 * digit.half && axis.length > 0.8 * digit.side() as f32;
    (axis.angle < 20.0 && (below || wide)) || (long && piece.half < 0.7 * digit.half) || fine
}
