//! The part of a chart's horizontal axis that is shown, and how keys and the mouse move it and a cursor.

use ratatui::layout::{Position, Rect};

/// Smallest part of the whole axis that can be shown.
const CLOSEST: f64 = 1.0 / 4_096.0;

/// The part of the axis that is shown, and the number of columns that it takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub low: f64,
    pub high: f64,
    pub columns: u16,
    /// Beginning and end of the whole axis.
    pub whole: (f64, f64),
}

impl Window {
    /// Returns the place at a position along its width, 0 to 1.
    pub(crate) fn at(&self, part: f64) -> f64 {
        self.low + part * self.span()
    }

    pub(crate) fn has(&self, at: f64) -> bool {
        (self.low..=self.high).contains(&at)
    }

    fn span(&self) -> f64 {
        self.high - self.low
    }

    /// Returns the index of the stop that a step of the cursor leads to: the next one that is at least a column away.
    /// Without a cursor, that is the last one in view. Stops are in order.
    pub(crate) fn step(&self, stops: &[f64], cursor: Option<f64>, right: bool) -> Option<usize> {
        let column = self.span() / f64::from(self.columns.max(1));
        let last = stops.len().checked_sub(1)?;
        Some(match cursor {
            None => stops.iter().rposition(|stop| *stop <= self.high).unwrap_or(0),
            Some(cursor) if right => stops.iter().position(|stop| *stop >= cursor + column).unwrap_or(last),
            Some(cursor) => stops.iter().rposition(|stop| *stop <= cursor - column).unwrap_or(0),
        })
    }

    /// Returns the index of the stop in view that is nearest to a position along the width, 0 to 1.
    pub(crate) fn nearest(&self, stops: &[f64], part: f64) -> Option<usize> {
        let at = self.at(part);
        let in_view = stops.iter().enumerate().filter(|(_, stop)| self.has(**stop));
        in_view.min_by(|(_, a), (_, b)| (*a - at).abs().total_cmp(&(*b - at).abs())).map(|(index, _)| index)
    }

    /// Returns the range moved so that a place is in view; `None` if it is already.
    pub(crate) fn showing(&self, at: f64) -> Option<(f64, f64)> {
        let by = if at < self.low {
            at - self.low
        } else if at > self.high {
            at - self.high
        } else {
            return None;
        };
        Some((self.low + by, self.high + by))
    }

    /// Returns the range moved by half its width; `None` at the end of the axis.
    pub(crate) fn panned(&self, right: bool) -> Option<(f64, f64)> {
        let (half, (first, last)) = (self.span() / 2.0, self.whole);
        let by = if right { half.min(last - self.high).max(0.0) } else { -half.min(self.low - first).max(0.0) };
        (by != 0.0).then_some((self.low + by, self.high + by))
    }

    /// Returns the range that shows `by` times as much around the cursor or, without one in view, with the newest place
    /// still in view; `None` if that is the whole axis.
    pub(crate) fn zoomed(&self, by: f64, cursor: Option<f64>, newest: f64) -> Option<(f64, f64)> {
        let newest = newest.min(self.high);
        let cursor = cursor.filter(|at| self.has(*at));
        self.zoomed_from(by, |span| match cursor {
            Some(at) => at - span * 0.5,
            // A tenth of the span stays free for new values.
            None => newest - span * 0.9,
        })
    }

    /// Returns the range after a notch of the mouse wheel at a position along the width, 0 to 1, which stays where it is;
    /// `None` if that is the whole axis.
    pub(crate) fn zoomed_at(&self, part: f64, closer: bool) -> Option<(f64, f64)> {
        let at = self.at(part);
        self.zoomed_from(if closer { 0.8 } else { 1.25 }, |span| at - part * span)
    }

    /// Returns the range that shows `by` times as much, from the start that `low` returns for the new span.
    fn zoomed_from(&self, by: f64, low: impl Fn(f64) -> f64) -> Option<(f64, f64)> {
        let (first, last) = self.whole;
        let span = (self.span() * by).max((last - first) * CLOSEST);
        if span >= (last - first) * 0.999 {
            return None;
        }
        let low = low(span).min(last - span).max(first);
        Some((low, low + span))
    }
}

/// Returns a position along an area's width, 0 to 1.
pub(crate) fn part(at: Position, area: Rect) -> f64 {
    (f64::from(at.x) - f64::from(area.x) + 0.5) / f64::from(area.width.max(1))
}
