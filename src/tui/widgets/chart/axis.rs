//! Axes of charts, and their labels.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use crate::tui::{axis_unit::X, format, theme::Theme, widgets::text::put};

/// Number of epochs on an axis above which only whole epochs have labels.
const MANY_EPOCHS: f64 = 1.5;

/// Maximum number of decimals of a label, but for one with a power of ten.
const MAX_DECIMALS: usize = 6;
/// Number of digits that tell any two numbers apart.
const MAX_DIGITS: usize = 17;
/// Part of the axis by which a label may differ from its place.
const CLOSE: f64 = 0.01;

/// Range and scale of an axis.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    pub low: f64,
    pub high: f64,
    pub logarithmic: bool,
}

impl Axis {
    pub(crate) fn linear(low: f64, high: f64) -> Self {
        Self { low, high, logarithmic: false }
    }

    /// Returns a logarithmic axis, with `low` and `high` rounded outwards to 1, 2 or 5 times a power of ten.
    pub(crate) fn logarithmic(low: f64, high: f64) -> Self {
        let low = round_down(low.clamp(1e-9, 1e11));
        Self { low, high: round_up(high.clamp(1e-8, 1e12)).max(low * 2.0), logarithmic: true }
    }

    /// Returns the place of a value: 0 at the low end, 1 at the high, and NaN for a value on a logarithmic axis that is
    /// not positive.
    pub(crate) fn place(&self, value: f64) -> f64 {
        match (self.logarithmic, value > 0.0) {
            (true, true) => (value / self.low).ln() / (self.high / self.low).ln(),
            (true, false) => f64::NAN,
            (false, _) => (value - self.low) / (self.high - self.low),
        }
    }

    /// Returns the value at a place of a linear axis.
    fn at(&self, place: f64) -> f64 {
        self.low + (self.high - self.low) * place
    }

    /// Returns the labels of a vertical axis, with their rows from the top.
    pub(crate) fn labels(&self, rows: u16) -> Vec<(u16, String)> {
        if rows < 2 {
            return Vec::new();
        }
        if self.logarithmic {
            return self.logarithmic_labels(rows);
        }
        let parts: &[f64] = match rows {
            0..5 => &[0.0, 1.0],
            5..13 => &[0.0, 0.5, 1.0],
            _ => &[0.0, 0.25, 0.5, 0.75, 1.0],
        };
        let texts = texts(&parts.iter().map(|&part| self.at(part)).collect::<Vec<_>>());
        parts.iter().map(|&part| row_of(part, rows)).zip(texts).collect()
    }

    /// Returns labels at powers of ten, and at 5 and 2 times those if a row stays free between labels.
    fn logarithmic_labels(&self, rows: u16) -> Vec<(u16, String)> {
        let powers = self.low.log10().floor() as i32..=self.high.log10().ceil() as i32;
        let mut taken: Vec<(u16, String)> = Vec::new();
        for step in [1.0, 5.0, 2.0] {
            let values = powers.clone().map(|power| step * 10f64.powi(power));
            for value in values.filter(|value| (self.low * 0.999..=self.high * 1.001).contains(value)) {
                let row = row_of(self.place(value), rows);
                if taken.iter().all(|(other, _)| other.abs_diff(row) > 1) {
                    let text = if value >= 0.000_9 { format!("{value}") } else { format!("{value:.0e}") };
                    taken.push((row, text));
                }
            }
        }
        taken
    }

    /// Draws the labels of a horizontal axis: round values, centred under their places.
    pub(crate) fn draw_labels(&self, buffer: &mut Buffer, row: Rect, theme: Theme, unit: X) {
        let span = self.high - self.low;
        let longest = label(unit, self.high, span).len() as u16 + 2;
        let mut step = step(unit, span / f64::from(row.width / longest.max(6)).max(1.0));
        if unit == X::Epochs && span > MANY_EPOCHS {
            step = step.max(1.0);
        }
        let mut free_from = row.x;
        // Adding zero turns minus zero into zero.
        let first = (self.low / step - 1e-9).ceil() + 0.0;
        // Multiples of the step, not a running sum: adding one step to a very large value may not change it.
        let all = (0..row.width).map(|place| (first + f64::from(place)) * step);
        for at in all.take_while(|at| *at <= self.high + step * 1e-9) {
            let text = label(unit, at, step);
            let width = text.len() as u16;
            let centre = row.x + (self.place(at).clamp(0.0, 1.0) * f64::from(row.width - 1)).round() as u16;
            let left = centre.saturating_sub(width / 2).clamp(row.x, row.right().saturating_sub(width).max(row.x));
            if left >= free_from {
                put(buffer, Rect { x: left, width, ..row }, &Line::styled(text, theme.dim()));
                free_from = left + width + 1;
            }
        }
    }
}

/// Returns the least round number that is not less than `span`: 1, 2 or 5 times a power of ten.
pub(crate) fn round_up(span: f64) -> f64 {
    if !span.is_finite() || span <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powf(span.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * power).find(|round| *round >= span * 0.999_999).unwrap_or(span)
}

fn round_down(value: f64) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    [5.0, 2.0].into_iter().map(|step| step * power).find(|round| *round <= value * 1.000_001).unwrap_or(power)
}

/// Returns the distance between labels, at least `least`.
fn step(unit: X, least: f64) -> f64 {
    const CLOCK: [f64; 14] =
        [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0];
    match unit {
        X::Epochs => round_up(least).max(0.001),
        X::Steps => round_up(least).max(1.0),
        X::Time => CLOCK.into_iter().find(|step| *step >= least).unwrap_or_else(|| round_up(least)),
    }
}

fn label(unit: X, at: f64, step: f64) -> String {
    match unit {
        X::Epochs => {
            let decimals = if step >= 1.0 { 0 } else { (-step.log10()).ceil().clamp(0.0, 3.0) as usize };
            format!("{at:.decimals$}")
        }
        X::Steps => format::grouped(at.clamp(0.0, 1e15).round() as u64),
        X::Time => format::clock(at),
    }
}

/// Returns the end of a time axis for `seconds`, rounded up to a label.
pub(crate) fn round_up_time(seconds: f64) -> f64 {
    let seconds = seconds.clamp(1.0, 1e12);
    let step = step(X::Time, seconds / 6.0);
    (seconds / step).ceil() * step
}

/// Returns the row, from the top, of a place on an axis (0 to 1).
pub(crate) fn row_of(place: f64, rows: u16) -> u16 {
    ((1.0 - place.clamp(0.0, 1.0)) * f64::from(rows - 1)).round() as u16
}

/// Returns the labels of evenly spaced values, with as many decimals as show them exactly, but at most six. Values that
/// would then look the same have powers of ten.
fn texts(values: &[f64]) -> Vec<String> {
    let span = values.last().zip(values.first()).map_or(0.0, |(last, first)| (last - first).abs());
    let are_close = |texts: &[String]| {
        let read = |text: &String| text.parse::<f64>().unwrap_or(f64::NAN);
        texts.iter().zip(values).all(|(text, value)| (read(text) - value).abs() <= span * CLOSE)
    };
    let fixed = |decimals: usize| values.iter().map(|value| format!("{value:.decimals$}")).collect::<Vec<_>>();
    let are_exact = |decimals: usize| {
        let scale = 10f64.powi(decimals as i32);
        values.iter().all(|value| ((value * scale).round() - value * scale).abs() < 1e-4)
    };
    let exact = (1..6).filter(|&decimals| are_exact(decimals)).chain([MAX_DECIMALS]).map(fixed);
    let powers = (0..MAX_DIGITS).map(|digits| {
        let text = |value: &f64| if *value == 0.0 { "0".to_owned() } else { format!("{value:.digits$e}") };
        values.iter().map(text).collect()
    });
    exact.chain(powers).find(|texts| are_close(texts)).unwrap_or_else(|| fixed(MAX_DECIMALS))
}

/// Returns an axis for accuracies between `low` and `high`, rounded coarsely so that it rarely changes.
pub(crate) fn accuracy(low: f64, high: f64) -> Axis {
    let (low, high) = (low.clamp(0.0, 1.0), high.clamp(0.0, 1.0));
    let mut span = round_up((high - low).max(0.002));
    loop {
        let half = span / 2.0;
        let top = ((high / half - 1e-9).ceil() * half).min(1.0);
        if top - span <= low + 1e-9 || span >= 1.0 {
            return Axis::linear((top - span).max(0.0), top.max(half));
        }
        span = round_up(span * 1.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis, rows: u16) -> Vec<String> {
        axis.labels(rows).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn labels_have_as_many_decimals_as_they_need() {
        assert_eq!(labels(&Axis::linear(0.0, 1.0), 8), ["0.0", "0.5", "1.0"]);
        assert_eq!(labels(&Axis::linear(0.9, 1.0), 8), ["0.90", "0.95", "1.00"]);
        assert_eq!(labels(&Axis::linear(0.0, 0.075), 20), ["0.00000", "0.01875", "0.03750", "0.05625", "0.07500"]);
    }

    #[test]
    fn labels_of_a_small_range_differ() {
        assert_eq!(labels(&Axis::linear(0.0, 1e-9), 8), ["0", "5e-10", "1e-9"]);
        assert_eq!(labels(&Axis::linear(0.001, 0.001 + 1e-9), 8), ["1.0000000e-3", "1.0000005e-3", "1.0000010e-3"]);
        for (low, span) in [(0.001, 1e-9), (1.0, 1e-7), (1e6, 1.0), (-5.0, 2e-6), (1e-12, 1e-12), (3e9, 10.0)] {
            for rows in [4, 8, 20] {
                let labels = labels(&Axis::linear(low, low + span), rows);
                assert!((1..labels.len()).all(|place| !labels[..place].contains(&labels[place])), "{labels:?}");
            }
        }
        for low in [0.001, 1e-9, 5.0, 1e10] {
            let labels = labels(&Axis::logarithmic(low, low), 20);
            assert!((1..labels.len()).all(|place| !labels[..place].contains(&labels[place])), "{labels:?}");
        }
    }
}
