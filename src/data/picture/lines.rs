//! Lined and squared paper.

use super::Ink;

/// Erases the lines of lined paper except where strokes cross them: rows or columns that are inked almost from edge to
/// edge. There must be several: a single one may be a digit's bar in a closely cropped picture. Returns the erased
/// pixels.
pub(super) fn erase(page: &mut Ink, faint: f32) -> Vec<u32> {
    let (width, height) = (page.width, page.height);
    let mut erased = erase_along(&mut page.ink, height, width, |row, x| row * width + x, faint);
    erased.extend(erase_along(&mut page.ink, width, height, |column, y| y * width + column, faint));
    erased
}

fn erase_along(
    ink: &mut [f32],
    lines: usize,
    length: usize,
    at: impl Fn(usize, usize) -> usize,
    faint: f32,
) -> Vec<u32> {
    let is_inked = |line: usize| (0..length).filter(|&along| ink[at(line, along)] > faint).count() * 10 >= length * 7;
    let inked: Vec<bool> = (0..lines).map(is_inked).collect();
    let ruled = groups(&inked);
    let thickest = (lines / 40).max(1);
    if ruled.len() < 2 || ruled.iter().any(|(from, to)| to - from > thickest) {
        return Vec::new();
    }
    let mut erased = Vec::new();
    for (from, to) in ruled {
        // Includes the line's soft edges.
        let (from, to) = (from.saturating_sub(1), (to + 1).min(lines));
        for along in 0..length {
            let crossed = (from > 0 && ink[at(from - 1, along)] > faint) || (to < lines && ink[at(to, along)] > faint);
            if !crossed {
                for place in (from..to).map(|line| at(line, along)) {
                    ink[place] = 0.0;
                    erased.push(place as u32);
                }
            }
        }
    }
    erased
}

/// Returns the start and the end (exclusive) of each run of `true`.
fn groups(inked: &[bool]) -> Vec<(usize, usize)> {
    let mut groups = Vec::new();
    let mut line = 0;
    for run in inked.chunk_by(|a, b| a == b) {
        if run[0] {
            groups.push((line, line + run.len()));
        }
        line += run.len();
    }
    groups
}
