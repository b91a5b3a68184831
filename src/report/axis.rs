//! Scales from numbers to pixels, and the round numbers that an axis shows.

use super::{
    font,
    picture::{Picture, Stroke, Text},
    style::{EDGE, GRID, INK, SMALL, TEXT},
};

/// Scale of an axis: a range of numbers, and the pixels that show it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    pub from: f64,
    pub to: f64,
    /// Pixel of `from`.
    pub start: f64,
    /// Pixel of `to`.
    pub end: f64,
    /// Distance between ticks; `None` for a logarithmic scale.
    step: Option<f64>,
}

impl Scale {
    /// Returns a scale from `from` to `to`.
    pub(super) fn exact(from: f64, to: f64) -> Self {
        Self { from, to, start: 0.0, end: 1.0, step: Some(step(to - from)) }
    }

    /// Returns a scale between round numbers that includes all of these, within `bounds`.
    pub(super) fn around(numbers: impl IntoIterator<Item = f64>, bounds: (f64, f64)) -> Self {
        let (min, max) = extremes(numbers).unwrap_or((0.0, 1.0));
        let margin = ((max - min) * 0.02).max(max.abs() * 1e-3).max(1e-6);
        let step = step(max - min + 2.0 * margin);
        let from = ((min - margin) / step).floor() * step;
        let to = ((max + margin) / step).ceil() * step;
        Self { step: Some(step), ..Self::exact(from.max(bounds.0), to.min(bounds.1)) }
    }

    /// Returns a logarithmic scale, for numbers above 0 that differ too much for equal steps.
    pub(super) fn logarithmic(numbers: impl IntoIterator<Item = f64>) -> Self {
        let (min, max) = extremes(numbers).unwrap_or((0.1, 1.0));
        let (from, to) = (10.0_f64.powf(min.log10().floor()), 10.0_f64.powf(max.log10().ceil()));
        let to = if to > from { to } else { from * 10.0 };
        Self { step: None, ..Self::exact(from, to) }
    }

    #[must_use]
    pub(super) fn between(self, start: f64, end: f64) -> Self {
        Self { start, end, ..self }
    }

    /// Returns the pixel of a number.
    pub(super) fn at(self, number: f64) -> f64 {
        let share = if self.step.is_none() {
            (number.log10() - self.from.log10()) / (self.to.log10() - self.from.log10())
        } else {
            (number - self.from) / (self.to - self.from)
        };
        self.start + share * (self.end - self.start)
    }

    /// Returns round numbers along the scale, with their labels.
    pub(super) fn ticks(self) -> Vec<(f64, String)> {
        let Some(step) = self.step else { return self.powers() };
        let decimals = (-step.log10().floor()).max(0.0) as usize;
        let first = (self.from / step - 1e-6).ceil() as i64;
        let last = (self.to / step + 1e-6).floor() as i64;
        (first..=last).map(|count| count as f64 * step).map(|tick| (tick, format!("{tick:.decimals$}"))).collect()
    }

    fn powers(self) -> Vec<(f64, String)> {
        let (first, last) = (self.from.log10().round() as i32, self.to.log10().round() as i32);
        let skip = ((last - first) / 8 + 1) as usize;
        let text = |power: i32| match power {
            -3..=4 => 10.0_f64.powi(power).to_string(),
            _ => format!("1e{power}"),
        };
        (first..=last).step_by(skip).map(|power| (10.0_f64.powi(power), text(power))).collect()
    }

    /// Draws this scale vertically: lines across a plot at the ticks, with their numbers to the left.
    pub(super) fn draw_vertical(self, picture: &mut Picture, left: f64, right: f64, name: &str) {
        let mut widest: f64 = 0.0;
        for (tick, text) in self.ticks() {
            let y = self.at(tick);
            picture.line((left, y), (right, y), Stroke::solid(GRID, 1.0));
            widest = widest.max(font::width(&text, SMALL));
            picture.text(Text::new(text, (left - 6.0, y + 4.0), SMALL, INK).end());
        }
        picture.line((left, self.start), (left, self.end), Stroke::solid(EDGE, 1.0));
        let middle = (self.start + self.end) / 2.0;
        picture.text(Text::new(name, (left - widest - 16.0, middle), TEXT, INK).middle().turned());
    }
}

/// Returns the smallest and the largest of the finite numbers.
fn extremes(numbers: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    numbers.into_iter().filter(|number| number.is_finite()).fold(None, |extremes, number| {
        let (min, max) = extremes.unwrap_or((number, number));
        Some((number.min(min), number.max(max)))
    })
}

/// Returns a step of 1, 2 or 5 times a power of ten that divides the range into about five.
fn step(range: f64) -> f64 {
    let rough = range / 5.0;
    let power = 10.0_f64.powf(rough.log10().floor());
    match rough / power {
        part if part < 1.5 => power,
        part if part < 3.5 => 2.0 * power,
        part if part < 7.5 => 5.0 * power,
        _ => 10.0 * power,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(scale: Scale) -> Vec<String> {
        scale.ticks().into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn ticks_are_round_numbers_that_span_the_data() {
        assert_eq!(texts(Scale::exact(0.0, 1.0)), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        let scale = Scale::around([0.9474, 0.9897], (0.0, 1.0));
        assert!((scale.from - 0.94).abs() < 1e-12 && (scale.to - 1.0).abs() < 1e-12, "{scale:?}");
        assert_eq!(texts(scale), ["0.94", "0.95", "0.96", "0.97", "0.98", "0.99", "1.00"]);
    }

    #[test]
    fn equal_numbers_have_a_scale() {
        for number in [0.0, 0.5, 1.0, 1e9] {
            let scale = Scale::around([number], (f64::NEG_INFINITY, f64::INFINITY)).between(100.0, 0.0);
            assert!(scale.from < number && number < scale.to, "{scale:?}");
            assert!(scale.at(number).is_finite());
            assert!(scale.ticks().len() > 1);
        }
    }

    #[test]
    fn powers_of_ten_are_evenly_spaced() {
        let scale = Scale::logarithmic([0.03, 2e6]).between(0.0, 90.0);
        assert_eq!((scale.from, scale.to), (0.01, 1e7));
        assert!((scale.at(10.0) - 30.0).abs() < 1e-9);
        assert_eq!(texts(scale)[0], "0.01");
    }
}
