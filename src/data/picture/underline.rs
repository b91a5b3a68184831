//! Detection of an underline that the digit touches.

use super::Ink;

/// Minimum length by which an underline extends beyond the digit on either side: its length divided by this. The foot
/// of a two does so on one side at most.
const OVERHANG: usize = 10;

/// Returns the pixels of a straight line at the bottom of the digit, if it extends beyond the rest on both sides.
pub(super) fn below(page: &Ink, digit: &[u32]) -> Option<Vec<u32>> {
    let place = |&place: &u32| (place as usize % page.width, place as usize / page.width);
    let (left, right) =
        digit.iter().map(place).fold((usize::MAX, 0), |(left, right), (x, _)| (left.min(x), right.max(x)));
    let mut columns = vec![Vec::new(); (right + 1).checked_sub(left)?];
    digit.iter().map(place).for_each(|(x, y)| columns[x - left].push(y));
    let runs: Vec<Run> = columns.iter_mut().map(|rows| Run::lowest(rows)).collect::<Option<_>>()?;

    let least = (runs.len() / OVERHANG).max(2);
    let ends = |runs: &mut dyn Iterator<Item = &Run>| runs.take_while(|run| run.is_alone).count();
    if runs.len() < 3 * least || ends(&mut runs.iter()) < least || ends(&mut runs.iter().rev()) < least {
        return None;
    }
    let mut thickness: Vec<usize> =
        runs.iter().filter(|run| run.is_alone).map(|run| run.bottom - run.top + 1).collect();
    thickness.sort_unstable();
    let thick = thickness[thickness.len() / 2];
    let (first, last) = (runs[least / 2].middle(), runs[runs.len() - 1 - least / 2].middle());
    let slope = (last - first) / (runs.len() - 1 - 2 * (least / 2)) as f32;
    let line = |column: usize| first + slope * (column as f32 - (least / 2) as f32);
    let half = thick as f32 / 2.0;
    let fits = |(column, run): (usize, &Run)| (run.bottom as f32 - half - line(column)).abs() <= half.max(1.0) + 0.5;
    if thick * 8 > runs.len() || slope.abs() > 0.35 || !runs.iter().enumerate().all(fits) {
        return None;
    }
    let on_line = |&&at: &&u32| {
        let (x, y) = place(&at);
        (y as f32 - line(x - left)).abs() <= half + 1.0
    };
    Some(digit.iter().filter(on_line).copied().collect())
}

/// The lowest connected pixels of a column.
struct Run {
    top: usize,
    bottom: usize,
    /// Whether there are no other pixels in the column.
    is_alone: bool,
}

impl Run {
    fn lowest(rows: &mut [usize]) -> Option<Self> {
        rows.sort_unstable_by(|a, b| b.cmp(a));
        let bottom = *rows.first()?;
        let length = rows.iter().enumerate().take_while(|&(number, &row)| row + number == bottom).count();
        Some(Self { top: bottom + 1 - length, bottom, is_alone: length == rows.len() })
    }

    fn middle(&self) -> f32 {
        (self.top + self.bottom) as f32 / 2.0
    }
}
