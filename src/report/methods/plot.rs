//! Lines of means with their ranges over several seeds.

use crate::{
    report::{
        axis::Scale,
        font,
        picture::{Form, Picture, Stroke, Text},
        style::{EDGE, Heading, INK, Key, SMALL, Series, TEXT, legend, whisker},
    },
    sweep::survey::Summary,
};

const MARGIN: f64 = 24.0;
/// Columns and rows of pixels inside the axes.
const INSIDE: (f64, f64) = (640.0, 340.0);
/// Space left of the axis.
const BESIDE: f64 = 66.0;
/// Maximum number of ticks at the points' own places.
const MOST_TICKS: usize = 12;
/// Maximum number of points of a line that have markers.
const MOST_MARKERS: usize = 40;

pub(super) struct Line {
    /// Number of its series: the same network has the same look in all pictures.
    pub number: usize,
    pub name: String,
    /// Points from left to right.
    pub points: Vec<(f64, Summary)>,
}

pub(super) struct Plot<'a> {
    pub title: String,
    pub about: &'a str,
    /// Name of the horizontal axis.
    pub across: &'a str,
    /// Name of the vertical axis.
    pub up: &'a str,
    pub lines: Vec<Line>,
    /// Names of the places 0, 1, ... instead of numbers along the horizontal axis.
    pub places: Vec<String>,
    pub across_is_logarithmic: bool,
    pub up_is_logarithmic: bool,
}

impl Plot<'_> {
    /// Draws the lines; `None` without a point.
    pub(super) fn draw(&self) -> Option<Picture> {
        let points = || self.lines.iter().flat_map(|line| &line.points);
        points().next()?;
        let mut picture = Picture::new(&self.title, MARGIN + BESIDE + INSIDE.0 + MARGIN, 100.0);
        let width = picture.width;
        let heading = Heading { title: self.title.clone(), about: self.about.to_owned() };
        let below = heading.draw(&mut picture, MARGIN);
        let below = legend(&mut picture, (MARGIN, below), width - 2.0 * MARGIN, &self.keys());
        let (left, top) = (MARGIN + BESIDE, below + 14.0);
        let (right, bottom) = (left + INSIDE.0, top + INSIDE.1);
        let numbers = points().flat_map(|(_, summary)| [summary.min, summary.max]);
        let up = if self.up_is_logarithmic {
            Scale::logarithmic(numbers.filter(|&number| number > 0.0))
        } else {
            Scale::around(numbers, (0.0, 1.0))
        };
        let up = up.between(bottom, top);
        up.draw_vertical(&mut picture, left, right, self.up);
        picture.line((left, bottom), (right, bottom), Stroke::solid(EDGE, 1.0));
        let across = self.across_scale().between(left, right);
        for (x, text) in self.ticks(across) {
            let x = across.at(self.place(x));
            picture.line((x, bottom), (x, bottom + 4.0), Stroke::solid(EDGE, 1.0));
            picture.text(Text::new(text, (x, bottom + 17.0), SMALL, INK).middle());
        }
        picture.text(Text::new(self.across, ((left + right) / 2.0, bottom + 38.0), TEXT, INK).middle());
        let middle = (self.lines.len() - 1) as f64 / 2.0;
        // Side by side, so that equal results can be seen.
        let step = match self.places.is_empty() {
            true => 1.2,
            false if self.lines.iter().any(|line| line.points.len() > 1) => 10.0,
            false => 0.0,
        };
        for (number, line) in self.lines.iter().enumerate() {
            let aside = (number as f64 - middle) * step;
            self.line(&mut picture, line, |x| across.at(self.place(x)) + aside, up);
        }
        picture.height = (bottom + 52.0).round();
        Some(picture)
    }

    fn keys(&self) -> Vec<Key> {
        let series = |line: &Line| match self.places.is_empty() {
            true => Key::Series(Series::number(line.number), line.name.clone()),
            false => Key::Dot(Series::number(line.number), line.name.clone()),
        };
        let mut keys: Vec<Key> = self.lines.iter().filter(|line| !line.points.is_empty()).map(series).collect();
        if self.lines.iter().flat_map(|line| &line.points).any(|(_, summary)| summary.count > 1) {
            keys.push(Key::Whisker("lowest and highest of several seeds; the marker is their mean".into()));
        }
        keys
    }

    /// Returns where a number is on the horizontal scale.
    fn place(&self, x: f64) -> f64 {
        if self.across_is_logarithmic { x.log10() } else { x }
    }

    fn xs(&self) -> Vec<f64> {
        super::table::sorted(self.lines.iter().flat_map(|line| &line.points).map(|(x, _)| *x))
    }

    fn across_scale(&self) -> Scale {
        let xs = self.xs();
        let (first, last) = match self.places.len() {
            0 => (self.place(xs[0]), self.place(xs[xs.len() - 1])),
            places => (0.0, (places - 1) as f64),
        };
        let margin = if self.places.is_empty() { ((last - first) * 0.03).max(1e-6) } else { 0.5 };
        Scale::exact(first - margin, last + margin)
    }

    fn ticks(&self, across: Scale) -> Vec<(f64, String)> {
        let xs = self.xs();
        if !self.places.is_empty() {
            let width = INSIDE.0 / self.places.len() as f64 - 6.0;
            let name = |(place, name): (usize, &String)| (place as f64, font::clipped(name, SMALL, width));
            return self.places.iter().enumerate().map(name).collect();
        }
        if xs.len() <= MOST_TICKS {
            let text = |x: f64| if x >= 1000.0 { crate::format::grouped(x as u64) } else { x.to_string() };
            return xs.into_iter().map(|x| (x, text(x))).collect();
        }
        let is_between = |tick: &f64| xs[0] <= *tick && *tick <= xs[xs.len() - 1];
        across.ticks().into_iter().filter(|(tick, _)| is_between(tick)).collect()
    }

    fn line(&self, picture: &mut Picture, line: &Line, x: impl Fn(f64) -> f64, up: Scale) {
        let series = Series::number(line.number);
        // A logarithmic scale has no place for 0.
        let points = line.points.iter().filter(|(_, summary)| !self.up_is_logarithmic || summary.min > 0.0);
        let points: Vec<_> = points.collect();
        if points.len() > 1 && self.places.is_empty() {
            picture
                .add(Form::Line(points.iter().map(|(at, each)| (x(*at), up.at(each.mean))).collect(), series.stroke()));
        }
        for (at, summary) in points.iter().step_by(points.len().div_ceil(MOST_MARKERS).max(1)) {
            if summary.count > 1 {
                whisker(picture, x(*at), (up.at(summary.max), up.at(summary.min)), series.colour);
            }
            let number =
                if self.up_is_logarithmic { format!("{:.2e}", summary.mean) } else { format!("{:.4}", summary.mean) };
            let place = self.places.get(*at as usize).cloned().unwrap_or_else(|| format!("{} {at}", self.across));
            series.mark(picture, (x(*at), up.at(summary.mean)), 4.0, format!("{}, {place}: {number}", line.name));
        }
    }
}
