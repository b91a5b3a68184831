//! From numbers to places: scales, and the round numbers that an axis shows.

use super::{
    font,
    picture::{Picture, Stroke, Text},
    style::{EDGE, GRID, INK, SMALL, TEXT},
};

/// Numbers along an axis, and the pixels they stand at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    pub from: f64,
    pub to: f64,
    /// Where `from` and `to` are.
    pub start: f64,
    pub end: f64,
    /// Between ticks; `None` by powers of ten.
    step: Option<f64>,
}

impl Scale {
    /// From `from` to `to`.
    pub(super) fn exact(from: f64, to: f64) -> Self {
        Self { from, to, start: 0.0, end: 1.0, step: Some(step(to - from)) }
    }

    /// Around all of these numbers, to round ones; never outside of `bounds`.
    pub(super) fn around(numbers: impl IntoIterator<Item = f64>, bounds: (f64, f64)) -> Self {
        let (min, max) = extremes(numbers).unwrap_or((0.0, 1.0));
        let margin = ((max - min) * 0.02).max(max.abs() * 1e-3).max(1e-6);
        let step = step(max - min + 2.0 * margin);
        let from = ((min - margin) / step).floor() * step;
        let to = ((max + margin) / step).ceil() * step;
        Self { step: Some(step), ..Self::exact(from.max(bounds.0), to.min(bounds.1)) }
    }

    /// Around numbers above 0 that differ too much for equal steps: by powers of ten.
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

    /// The pixel of a number.
    pub(super) fn at(self, number: f64) -> f64 {
        let share = if self.step.is_none() {
            (number.log10() - self.from.log10()) / (self.to.log10() - self.from.log10())
        } else {
            (number - self.from) / (self.to - self.from)
        };
        self.start + share * (self.end - self.start)
    }

    /// Round numbers along it, with their texts.
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

    /// Lines across a plot at the ticks of this upright scale, with their numbers left of it.
    pub(super) fn draw_upright(self, picture: &mut Picture, left: f64, right: f64, name: &str) {
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

/// The least and the greatest of the finite ones.
fn extremes(numbers: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    numbers.into_iter().filter(|number| number.is_finite()).fold(None, |extremes, number| {
        let (min, max) = extremes.unwrap_or((number, number));
        Some((number.min(min), number.max(max)))
    })
}

/// 1, 2 or 5 times a power of ten: about five steps to the range.
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
    fn equal_numbers_still_have_a_scale() {
        for number in [0.0, 0.5, 1.0, 1e9] {
            let scale = Scale::around([number], (f64::NEG_INFINITY, f64::INFINITY)).between(100.0, 0.0);
            assert!(scale.from < number && number < scale.to, "{scale:?}");
            assert!(scale.at(number).is_finite());
            assert!(scale.ticks().len() > 1);
        }
    }

    #[test]
    fn powers_of_ten_stand_at_equal_distances() {
        let scale = Scale::logarithmic([0.03, 2e6]).between(0.0, 90.0);
        assert_eq!((scale.from, scale.to), (0.01, 1e7));
        assert!((scale.at(10.0) - 30.0).abs() < 1e-9);
        assert_eq!(texts(scale)[0], "0.01");
    }
}
