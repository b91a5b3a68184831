//! A factor's values as lines across all other parameters, and beside them the overall effect of each value.

use super::{
    axis::Scale,
    bars::capital,
    font,
    levels::Levels,
    picture::{Form, Picture, Stroke, Text},
    style::{EDGE, Heading, INK, Key, MUTED, SMALL, Series, TEXT, THRESHOLD, diverged, legend, whisker},
    words::{self, share},
};
use crate::sweep::survey::{Configuration, Effect, Factor, Survey};

const MARGIN: f64 = 24.0;
/// Height of both panels.
const HEIGHT: f64 = 360.0;
/// Space left of the lines for the scale and the levels' names.
const BESIDE: f64 = 110.0;

/// Limit of lines and colours that can be distinguished.
pub(super) const MOST_VALUES: usize = 24;

/// Results shown in a chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shown {
    /// All results, on a scale from 0 to 1 with the threshold marked.
    All { threshold: f64 },
    /// Only results over the threshold, with the axis scaled to them.
    Over { threshold: f64 },
}

/// Draws a line for each value of `factor`, across the combinations of all other factors that vary. `at` names the part
/// of the survey in the title. Returns `None` without an accuracy to draw.
pub(super) fn draw(survey: &Survey, factor: Factor, at: &str, shown: Shown) -> Option<Picture> {
    let whole = survey.only(factor, |_| true);
    let survey = match shown {
        Shown::All { .. } => whole.clone(),
        Shown::Over { threshold } => whole.above(threshold),
    };
    survey.best()?;
    let title = format!("{} by {}{at}", capital(words::accuracy(&survey)), factor.name());
    let title = match shown {
        Shown::All { .. } => title,
        Shown::Over { threshold } => format!("{title}, only results over {threshold}"),
    };
    let heading = Heading { title, about: words::common(&whole) };
    // Includes places without shown results, so that both charts have the same axis.
    let levels = Levels::beside(&whole, factor);
    let chart = Chart { effects: survey.effects(factor), survey: &survey, whole: &whole, factor, shown, levels };
    Some(chart.draw(&heading))
}

struct Chart<'a> {
    survey: &'a Survey,
    /// Survey including the results that are not shown.
    whole: &'a Survey,
    factor: Factor,
    shown: Shown,
    /// Combinations of the other factors.
    levels: Levels<'a>,
    /// Effects of the values that occur.
    effects: Vec<Effect>,
}

impl Chart<'_> {
    fn draw(&self, heading: &Heading) -> Picture {
        let left = MARGIN + BESIDE;
        let right = left + self.levels.width();
        let side_left = if self.levels.is_empty() { left } else { right + 96.0 };
        let side_right = side_left + self.effects.len() as f64 * self.column();
        let width = (side_right + MARGIN).max(640.0);
        let mut picture = Picture::new(&heading.title, width, 100.0);
        let below = heading.draw(&mut picture, MARGIN);
        let below = legend(&mut picture, (MARGIN, below), width - 2.0 * MARGIN, &self.keys());
        let (top, bottom) = (below + 30.0, below + 30.0 + HEIGHT);
        let scale = self.scale().between(bottom, top);
        let name = format!("{} (fraction of the images, 0 to 1)", words::accuracy(self.survey));
        let mut end = bottom;
        if !self.levels.is_empty() {
            scale.draw_vertical(&mut picture, left, right, &name);
            end = self.levels.draw(&mut picture, left, (top, bottom));
            self.draw_threshold(&mut picture, scale, (left, right));
            self.draw_lines(&mut picture, scale, left);
        }
        scale.draw_vertical(&mut picture, side_left, side_right, if self.levels.is_empty() { &name } else { "" });
        self.draw_threshold(&mut picture, scale, (side_left, side_right));
        let side_end = self.draw_effects(&mut picture, scale, (side_left, side_right));
        picture.height = (end.max(side_end) + 16.0).round();
        picture
    }

    fn scale(&self) -> Scale {
        match self.shown {
            Shown::All { .. } => Scale::exact(0.0, 1.0),
            Shown::Over { .. } => {
                let all = self
                    .survey
                    .configurations()
                    .iter()
                    .flat_map(|configuration| configuration.accuracies.iter().copied());
                Scale::around(all, (0.0, 1.0))
            }
        }
    }

    /// Returns the width of an effect's column.
    fn column(&self) -> f64 {
        let labels = self.effects.iter().map(|effect| font::width(&self.label(effect.value), SMALL));
        (labels.fold(0.0, f64::max) + 16.0).max(74.0)
    }

    fn label(&self, value: usize) -> String {
        font::clipped(&self.survey.values(self.factor)[value], SMALL, 140.0)
    }

    fn keys(&self) -> Vec<Key> {
        let mut keys = vec![Key::Name(self.factor.name().into())];
        for effect in &self.effects {
            let (series, label) = (Series::number(effect.value), self.label(effect.value));
            keys.push(if self.levels.is_empty() { Key::Dot(series, label) } else { Key::Series(series, label) });
        }
        if let Shown::All { threshold } = self.shown {
            keys.push(Key::Line(THRESHOLD, format!("threshold {threshold}")));
        }
        let has = |what: fn(&Configuration) -> bool| self.survey.configurations().iter().any(what);
        if has(|configuration| configuration.diverged > 0) && !self.levels.is_empty() {
            keys.push(Key::Diverged);
        }
        if has(|configuration| configuration.accuracies.len() > 1) && !self.levels.is_empty() {
            keys.push(Key::Whisker("lowest and highest of several seeds; the marker is their mean".into()));
        }
        keys
    }

    fn draw_threshold(&self, picture: &mut Picture, scale: Scale, (left, right): (f64, f64)) {
        if let Shown::All { threshold } = self.shown {
            let y = scale.at(threshold);
            picture.line((left, y), (right, y), THRESHOLD);
        }
    }

    /// Draws lines that connect results while only the innermost factor changes, and break at a missing result.
    fn draw_lines(&self, picture: &mut Picture, scale: Scale, left: f64) {
        let spread = (self.levels.step() * 0.16).min(6.0);
        let middle = (self.effects.len() - 1) as f64 / 2.0;
        for (number, effect) in self.effects.iter().enumerate() {
            let series = Series::number(effect.value);
            // Side by side, so that equal results can be seen.
            let x = |place| self.levels.x(left, place) + (number as f64 - middle) * spread;
            let mut found = Vec::new();
            for (first, end) in self.levels.innermost_groups() {
                let mut line = Vec::new();
                for place in first..end {
                    let configuration = self.levels.find(self.survey, place, (self.factor, effect.value));
                    found.extend(configuration.map(|configuration| (x(place), configuration)));
                    match configuration.and_then(Configuration::accuracy) {
                        Some(accuracy) => line.push((x(place), scale.at(accuracy.mean))),
                        None => add_line(picture, std::mem::take(&mut line), series.stroke()),
                    }
                }
                add_line(picture, line, series.stroke());
            }
            for (x, configuration) in found {
                self.draw_point(picture, scale, x, series, configuration);
            }
        }
    }

    fn draw_point(&self, picture: &mut Picture, scale: Scale, x: f64, series: Series, configuration: &Configuration) {
        let name = words::configuration(self.survey, configuration);
        if configuration.diverged > 0 {
            diverged(picture, (x, scale.start - 5.0), series.colour, format!("{name}: diverged"));
        }
        let Some(accuracy) = configuration.accuracy() else { return };
        if accuracy.count > 1 {
            whisker(picture, x, (scale.at(accuracy.max), scale.at(accuracy.min)), series.colour);
        }
        series.mark(picture, (x, scale.at(accuracy.mean)), 4.2, format!("{name}: {}", share(accuracy.mean)));
    }

    /// Draws each configuration as a dot, and the mean, also as a number. Returns the lower edge.
    fn draw_effects(&self, picture: &mut Picture, scale: Scale, (left, right): (f64, f64)) -> f64 {
        let (bottom, middle) = (scale.start, (left + right) / 2.0);
        let what = font::clipped("each configuration and the mean", SMALL, right - left);
        picture.text(Text::new(what, (middle, scale.end - 10.0), SMALL, MUTED).middle());
        picture.line((left, bottom), (right, bottom), Stroke::solid(EDGE, 1.0));
        let shown = match self.shown {
            Shown::All { .. } => "results".into(),
            Shown::Over { threshold } => format!("over {threshold}"),
        };
        for (text, y) in [("mean", 34.0), (&shown, 50.0)] {
            picture.text(Text::new(text, (left - 8.0, bottom + y), SMALL, MUTED).end());
        }
        for (number, effect) in self.effects.iter().enumerate() {
            self.draw_effect(picture, scale, left + (number as f64 + 0.5) * self.column(), effect);
        }
        picture.text(Text::new(self.factor.name(), (middle, bottom + 70.0), TEXT, INK).middle());
        bottom + 78.0
    }

    fn draw_effect(&self, picture: &mut Picture, scale: Scale, middle: f64, effect: &Effect) {
        let bottom = scale.start;
        picture.text(Text::new(self.label(effect.value), (middle, bottom + 16.0), SMALL, INK).middle());
        let Some(accuracy) = effect.accuracy else { return };
        let y = scale.at(accuracy.mean);
        picture.line((middle - 24.0, y), (middle + 24.0, y), Stroke::solid(INK, 2.4));
        picture.text(Text::new(share(accuracy.mean), (middle, bottom + 34.0), SMALL, INK).middle().bold());
        let of = self.whole.effects(self.factor).into_iter().find(|whole| whole.value == effect.value);
        let of = of.map_or(effect.configurations, |whole| whole.configurations);
        let of = format!("{} of {of}", accuracy.count);
        picture.text(Text::new(of, (middle, bottom + 50.0), SMALL, MUTED).middle());

        let series = Series::number(effect.value);
        let dot = Series { colour: series.colour.with_opacity(150), ..series };
        let members = self
            .survey
            .configurations()
            .iter()
            .filter(|configuration| configuration.value(self.factor) == Some(effect.value));
        let means = members.filter_map(|configuration| Some((configuration, configuration.accuracy()?.mean)));
        // Side by side, so that equal results can be seen.
        let columns = accuracy.count.min(9);
        for (place, (configuration, mean)) in means.enumerate() {
            let aside = ((place % columns) as f64 - (columns - 1) as f64 / 2.0) * 4.0;
            let tip = format!("{}: {}", words::configuration(self.survey, configuration), share(mean));
            dot.mark(picture, (middle + aside, scale.at(mean)), 3.0, tip);
        }
    }
}

/// Adds a line. A single point needs none, since it has a marker.
fn add_line(picture: &mut Picture, points: Vec<(f64, f64)>, stroke: Stroke) {
    if points.len() > 1 {
        picture.add(Form::Line(points, stroke));
    }
}
