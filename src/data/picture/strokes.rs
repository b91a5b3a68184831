//! Selection of the ink that is the digit, without specks, ruled lines and marks.

use super::{
    Ink, PictureError, lines,
    marks::{self, Ground, Mark},
    pieces::{Piece, neighbours, pieces},
    sheet::Sheet,
    underline,
};

/// Ink below this is paper, however even the paper is.
const FAINTEST: f32 = 0.04;
/// Fraction of a full stroke's ink above which pixels are connected.
const FIRM: f32 = 0.3;
/// The same if something pale is attached to the digit.
const FIRMER: f32 = 0.55;
/// Ratio of thickness to length above which a piece is not a stroke.
const THICK: f32 = 0.4;
/// Weight of a piece that touches the border of the page or is too thick for a stroke.
const ODD: f32 = 0.1;
/// Maximum number of pieces that are examined. A page of noise may have a hundred thousand.
const MOST_PIECES: usize = 200;
/// Weight of a piece outside the sheet.
const OFF_SHEET: f32 = 0.2;
/// Fraction of the digit's weight above which other strokes might be the digit.
const RIVAL: f32 = 0.35;

/// The cut-out digit: full strokes are 1.
pub(super) struct Strokes {
    pub width: usize,
    pub height: usize,
    pub ink: Vec<f32>,
}

/// A digit, and what else was on the page.
pub(super) struct Found {
    pub strokes: Strokes,
    pub touches_border: bool,
    pub is_thick: bool,
    pub lies_on_edge: bool,
    /// Other strokes that might be the digit.
    pub rival: Option<Strokes>,
    pub survey: Survey,
}

impl Found {
    /// Returns a score of what looks wrong: a digit rarely is as thick as it is long, touches the page's border, or
    /// lies along the edge of a sheet or a shadow.
    pub(super) fn faults(&self) -> u32 {
        4 * u32::from(self.is_thick) + 2 * u32::from(self.touches_border) + u32::from(self.lies_on_edge)
    }
}

/// Which of a page's ink was used as the digit and which was left out.
#[derive(Debug)]
pub struct Survey {
    width: usize,
    height: usize,
    /// Indices of the digit's pixels.
    pub(super) digit: Vec<u32>,
    /// Indices of the pixels that were left out.
    left_out: Vec<u32>,
    /// Marks that were recognised and left out.
    pub marks: Vec<Mark>,
}

/// The content of a part of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    Paper,
    /// Part of the digit.
    Digit,
    /// Ink that is not part of the digit.
    LeftOut,
}

impl Survey {
    /// Returns the width and height of the page, in pixels.
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// Divides the page into `rows` rows of `columns` cells, and returns them row by row.
    pub fn cells(&self, columns: usize, rows: usize) -> Vec<Cell> {
        let mut cells = vec![Cell::Paper; columns * rows];
        let left_out = self.left_out.iter().map(|&place| (place, Cell::LeftOut));
        for (place, cell) in left_out.chain(self.digit.iter().map(|&place| (place, Cell::Digit))) {
            let (x, y) = (place as usize % self.width, place as usize / self.width);
            cells[y * rows / self.height * columns + x * columns / self.width] = cell;
        }
        cells
    }
}

/// Finds the digit on a page, without an underline that it touches.
pub(super) fn find_digit(mut page: Ink, sheet: Option<&Sheet>) -> Result<Found, PictureError> {
    let found = read(&mut page, sheet, Vec::new())?;
    let Some(line) = underline::below(&page, &found.survey.digit) else { return Ok(found) };
    line.iter().for_each(|&place| page.ink[place as usize] = 0.0);
    match read(&mut page, sheet, line) {
        Ok(mut above) => {
            above.survey.marks.push(Mark::Rule);
            Ok(above)
        }
        Err(_) => Ok(found),
    }
}

/// Finds the digit on a page from which some pixels have been erased.
fn read(page: &mut Ink, sheet: Option<&Sheet>, mut erased: Vec<u32>) -> Result<Found, PictureError> {
    let floor = (4.0 * page.noise).max(FAINTEST);
    let above: Vec<f32> = page.ink.iter().copied().filter(|&ink| ink > floor).collect();
    if above.is_empty() {
        return Err(PictureError::Blank { found: "a uniform page" });
    }
    // Not the maximum, which may be noise, and not the median, which may be pale lines.
    let full = at_share(above, 0.95);
    if full < 1.5 * floor {
        return Err(PictureError::Blank { found: "only the texture of the paper" });
    }
    erased.extend(lines::erase(page, floor.max(0.1 * full)));
    let page = &*page;
    let search = Search { page, sheet, floor, erased };
    let found = match search.find(full, FIRM)? {
        // Something pale may be attached to it.
        found if found.faults() > 0 => match search.find(full, FIRMER) {
            Ok(other) if other.faults() < found.faults() => other,
            _ => found,
        },
        found => found,
    };
    // Marks may be much darker or paler than the digit.
    let own = at_share(found.survey.digit.iter().map(|&place| page.ink[place as usize]).collect(), 0.8);
    if own < 0.6 * full && own > 1.5 * floor { Ok(search.find(own, FIRM).unwrap_or(found)) } else { Ok(found) }
}

/// Returns the quantile of the values at `share`, from 0 to 1.
fn at_share(mut values: Vec<f32>, share: f32) -> f32 {
    let place = (values.len() as f32 * share) as usize;
    *values.select_nth_unstable_by(place, f32::total_cmp).1
}

/// A search for the digit on a page.
struct Search<'a> {
    page: &'a Ink,
    sheet: Option<&'a Sheet>,
    /// Ink below which pixels are paper.
    floor: f32,
    /// Indices of the pixels of erased lines.
    erased: Vec<u32>,
}

impl Search<'_> {
    /// Finds the digit, given a full stroke's approximate ink and the fraction of it above which pixels are connected.
    fn find(&self, full: f32, firm: f32) -> Result<Found, PictureError> {
        let (faint, firm) = (self.floor.max(0.1 * full), self.floor.max(firm * full));
        let (pieces, mut piece_of) = pieces(self.page, firm);
        let ground = Ground { width: self.page.width, height: self.page.height, sheet: self.sheet };
        let (strong, number_of) = strongest(pieces, 0.5 * full);
        let marks = marks::marks(&ground, &strong);
        let groups = self.groups(&strong, &marks);
        soften(self.page, &mut piece_of, faint);
        let belongs = |place: usize, group: &[usize]| {
            piece_of[place].and_then(|piece| number_of[piece as usize]).is_some_and(|piece| group.contains(&piece))
        };
        let cut_out = |group: &[usize]| self.cut_out(&strong, group, |place| belongs(place, group), full);
        let Some(main) = groups.first().filter(|group| side(&strong, group) >= smallest(self.page)) else {
            return Err(PictureError::Blank { found: "nothing larger than a speck" });
        };
        let (strokes, touches_border) = cut_out(main);
        let rival = groups.get(1).map(|group| cut_out(group).0);
        let is_thick =
            main.iter().any(|&piece| is_thick(&strong[piece]) && strong[piece].side() * 2 > side(&strong, main));
        let digit: Vec<u32> = main.iter().flat_map(|&piece| strong[piece].places.iter().copied()).collect();
        let lies_on_edge = self.sheet.is_some_and(|sheet| sheet.share_on_edge(&digit, self.page.width) > 0.3);
        let left_out = (0..strong.len()).filter(|piece| !main.contains(piece));
        let survey = Survey {
            width: self.page.width,
            height: self.page.height,
            digit,
            left_out: left_out
                .clone()
                .flat_map(|piece| strong[piece].places.iter())
                .chain(&self.erased)
                .copied()
                .collect(),
            marks: left_out.filter_map(|piece| marks[piece]).collect(),
        };
        Ok(Found { strokes, touches_border, is_thick, lies_on_edge, rival, survey })
    }

    /// Returns the indices of the pieces of the digit: the one with the greatest weight and those near it. A second
    /// group may follow: other strokes that might be the digit.
    fn groups(&self, pieces: &[Piece], marks: &[Option<Mark>]) -> Vec<Vec<usize>> {
        let weights: Vec<f32> = pieces.iter().map(|piece| self.weight(piece)).collect();
        let mut order: Vec<usize> = (0..pieces.len()).collect();
        order.sort_by(|&a, &b| weights[b].total_cmp(&weights[a]));
        let (clean, marked): (Vec<usize>, Vec<usize>) = order.iter().partition(|&&piece| marks[piece].is_none());
        let heaviest = |of: &[usize]| of.first().map_or(0.0, |&piece| weights[piece]);
        // What looks like a mark is the digit if there is hardly anything else.
        let mut left = if heaviest(&clean) >= 0.05 * heaviest(&marked) { clean } else { order };
        let mut groups = Vec::new();
        while let Some(&first) = left.first() {
            let group = group(pieces, &left, first);
            left.retain(|piece| !group.contains(piece));
            groups.push(group);
        }
        let weight = |group: &[usize]| group.iter().map(|&piece| weights[piece]).sum::<f32>();
        groups.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
        let least = groups.first().map_or(0.0, |main| RIVAL * weight(main));
        groups.retain(|group| weight(group) >= least);
        groups.truncate(2);
        groups
    }

    fn weight(&self, piece: &Piece) -> f32 {
        let off_sheet = self.sheet.is_some_and(|sheet| sheet.share(&piece.places, self.page.width) < 0.5);
        let on_border = piece.left == 0
            || piece.top == 0
            || piece.right + 1 == self.page.width
            || piece.bottom + 1 == self.page.height;
        let factor = if off_sheet { OFF_SHEET } else { 1.0 };
        if on_border || is_thick(piece) { ODD * factor * piece.mass } else { factor * piece.mass }
    }

    /// Cuts out a group with its soft edges. Also returns whether it touches the page's border.
    fn cut_out(
        &self,
        pieces: &[Piece],
        group: &[usize],
        belongs: impl Fn(usize) -> bool,
        full: f32,
    ) -> (Strokes, bool) {
        let page = self.page;
        let [left, top, right, bottom] = bounds(pieces, group);
        let (left, right) = (left.saturating_sub(1), (right + 1).min(page.width - 1));
        let (top, bottom) = (top.saturating_sub(1), (bottom + 1).min(page.height - 1));
        let places = (top..=bottom).flat_map(|y| (left..=right).map(move |x| y * page.width + x));
        let ink = places.map(|place| if belongs(place) { (page.ink[place] / full).min(1.0) } else { 0.0 }).collect();
        let touches = left == 0 || top == 0 || right == page.width - 1 || bottom == page.height - 1;
        (Strokes { width: right - left + 1, height: bottom - top + 1, ink }, touches)
    }
}

/// Returns the heaviest of the pieces whose peak is at least `strong`, and the index among these of each piece.
fn strongest(pieces: Vec<Piece>, strong: f32) -> (Vec<Piece>, Vec<Option<usize>>) {
    let mut masses: Vec<f32> = pieces.iter().filter(|piece| piece.peak >= strong).map(|piece| piece.mass).collect();
    masses.sort_by(|a, b| b.total_cmp(a));
    let least = masses.get(MOST_PIECES).copied().unwrap_or(0.0);
    let (mut kept, mut number_of) = (Vec::new(), Vec::with_capacity(pieces.len()));
    for piece in pieces {
        let is_kept = piece.peak >= strong && piece.mass > least;
        number_of.push(is_kept.then_some(kept.len()));
        if is_kept {
            kept.push(piece);
        }
    }
    (kept, number_of)
}

fn is_thick(piece: &Piece) -> bool {
    2.0 * piece.half > THICK * piece.side() as f32 && piece.side() > 8
}

/// Returns the pieces that belong to `first`: those near it that are not too small.
fn group(pieces: &[Piece], among: &[usize], first: usize) -> Vec<usize> {
    let main = &pieces[first];
    let mut group = vec![first];
    loop {
        let belongs = |&piece: &usize| {
            let (share, gap) = (pieces[piece].mass / main.mass, nearest(pieces, &group, piece));
            let near = gap * 6 <= main.side();
            (share >= 0.05 && gap * 5 <= 2 * main.side()) || (share >= 0.015 && near && pieces[piece].pixels() > 1)
        };
        let Some(&next) = among.iter().find(|piece| !group.contains(piece) && belongs(piece)) else { return group };
        group.push(next);
    }
}

fn nearest(pieces: &[Piece], group: &[usize], piece: usize) -> usize {
    group.iter().map(|&member| pieces[member].gap(&pieces[piece])).min().unwrap_or(0)
}

/// Returns the left, top, right and bottom of a group of pieces.
fn bounds(pieces: &[Piece], group: &[usize]) -> [usize; 4] {
    let around = |[left, top, right, bottom]: [usize; 4], piece: &Piece| {
        [left.min(piece.left), top.min(piece.top), right.max(piece.right), bottom.max(piece.bottom)]
    };
    group.iter().map(|&piece| &pieces[piece]).fold([usize::MAX, usize::MAX, 0, 0], around)
}

fn side(pieces: &[Piece], group: &[usize]) -> usize {
    let [left, top, right, bottom] = bounds(pieces, group);
    (right - left + 1).max(bottom - top + 1)
}

/// Returns the minimum side of a digit: anything smaller is a speck.
fn smallest(page: &Ink) -> usize {
    3.max(page.width.max(page.height) / 200)
}

/// Adds the pieces' soft edges to them: the adjacent pixels that have any ink.
fn soften(page: &Ink, piece_of: &mut [Option<u32>], faint: f32) {
    let firm = piece_of.to_vec();
    for place in (0..page.ink.len()).filter(|&place| firm[place].is_none() && page.ink[place] > faint) {
        piece_of[place] = neighbours(page, place).find_map(|neighbour| firm[neighbour]);
    }
}
