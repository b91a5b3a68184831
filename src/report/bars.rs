//! The ranking: one bar per configuration, best first, with its values in columns beside it.

use super::{
    axis::Scale,
    font,
    picture::{Colour, Picture, Stroke, Text},
    style::{ALARM, EDGE, GRID, Heading, INK, Key, MUTED, SMALL, Series, TEXT, THRESHOLD, WHITE, legend},
    words,
};
use crate::sweep::survey::{Configuration, Factor, Survey};

/// Number of bars per picture; any more go into further pictures.
const PER_PICTURE: usize = 120;
/// Total number of bars.
pub(super) const MOST: usize = 10 * PER_PICTURE;
const ROW: f64 = 15.0;
const MARGIN: f64 = 24.0;
/// Length of a bar of accuracy 1.
const LONGEST: f64 = 470.0;
const GAP: f64 = 16.0;
/// Limit of a column's width in pixels.
const WIDEST: f64 = 150.0;

/// Draws up to [`MOST`] configurations: those with a result, then those that diverged.
pub(super) fn draw(survey: &Survey, threshold: f64) -> Vec<Picture> {
    let shown: Vec<_> = survey
        .ranking()
        .into_iter()
        .filter(|configuration| configuration.accuracies.len() + configuration.diverged > 0)
        .collect();
    let count = shown.len();
    let pages = shown.chunks(PER_PICTURE).take(MOST / PER_PICTURE).enumerate();
    pages.map(|(page, shown)| Ranking::new(survey, threshold, shown).draw(page * PER_PICTURE, count)).collect()
}

struct Ranking<'a> {
    survey: &'a Survey,
    threshold: f64,
    shown: &'a [&'a Configuration],
    columns: Vec<Column>,
    /// Factor whose values have colours.
    coloured: Option<Factor>,
}

struct Column {
    factor: Factor,
    left: f64,
}

impl<'a> Ranking<'a> {
    fn new(survey: &'a Survey, threshold: f64, shown: &'a [&'a Configuration]) -> Self {
        let varying = survey.varying();
        let factors = if varying.is_empty() { &Factor::SWEPT } else { varying };
        let few = |factor: &&Factor| (2..=7).contains(&survey.values(**factor).len());
        let coloured = factors.iter().find(|factor| **factor == Factor::OPTIMIZER).filter(few);
        let coloured = coloured.or_else(|| factors.iter().find(few)).copied();
        let mut left = MARGIN + font::width("000", SMALL) + GAP;
        let columns = factors.iter().map(|&factor| {
            let texts = shown.iter().map(|configuration| survey.value(configuration, factor)).chain([factor.name()]);
            let widest = texts.map(|text| font::width(text, SMALL)).fold(0.0, f64::max);
            let column = Column { factor, left };
            left += widest.min(WIDEST) + GAP;
            column
        });
        Self { survey, threshold, shown, columns: columns.collect(), coloured }
    }

    /// Returns the left end of the bars.
    fn left(&self) -> f64 {
        let last = self.columns.last().expect("there is a factor");
        let texts = self
            .shown
            .iter()
            .map(|configuration| self.survey.value(configuration, last.factor))
            .chain([last.factor.name()]);
        last.left + texts.map(|text| font::width(text, SMALL)).fold(0.0, f64::max).min(WIDEST) + 1.5 * GAP
    }

    fn draw(&self, before: usize, count: usize) -> Picture {
        let accuracy = words::accuracy(self.survey);
        let rank = |place: usize| words::grouped(before + place);
        let range = match self.shown.len() {
            all if all == count => String::new(),
            some => format!(" ({} to {} of {})", rank(1), rank(some), words::grouped(count)),
        };
        let subject = if count == 1 {
            "the only configuration".into()
        } else {
            format!("all {} configurations", words::grouped(count))
        };
        let title = format!("{} of {subject}, best first{range}", capital(accuracy));
        let heading = Heading { title, about: words::common(self.survey) };

        let left = self.left();
        let scale = Scale::exact(0.0, 1.0).between(left, left + LONGEST);
        let width = left + LONGEST + self.result_width() + MARGIN;

        let mut picture = Picture::new(&heading.title, width, 100.0);
        let below = heading.draw(&mut picture, MARGIN);
        let below = legend(&mut picture, (MARGIN, below), width - 2.0 * MARGIN, &self.keys());
        let top = below + 46.0;
        let bottom = top + self.shown.len() as f64 * ROW + 4.0;
        self.axis(&mut picture, scale, (top, bottom), accuracy);
        for (place, configuration) in self.shown.iter().enumerate() {
            let middle = top + 4.0 + (place as f64 + 0.5) * ROW;
            self.row(&mut picture, scale, middle, &rank(place + 1), configuration);
        }
        picture.height = (bottom + 46.0).round();
        picture
    }

    fn keys(&self) -> Vec<Key> {
        let mut keys = Vec::new();
        if let Some(factor) = self.coloured {
            keys.push(Key::Name(factor.name().into()));
            let values = self.survey.values(factor).iter().enumerate();
            keys.extend(values.map(|(value, label)| Key::Fill(Series::number(value).colour, label.clone())));
        }
        keys.push(Key::Line(THRESHOLD, format!("threshold {} (red: at or below it)", self.threshold)));
        if self.shown.iter().any(|configuration| configuration.accuracies.len() > 1) {
            keys.push(Key::Whisker("lowest and highest of several seeds; the bar is their mean".into()));
        }
        keys
    }

    fn axis(&self, picture: &mut Picture, scale: Scale, (top, bottom): (f64, f64), accuracy: &str) {
        for column in &self.columns {
            picture.text(Text::new(column.factor.name(), (column.left, top - 8.0), SMALL, MUTED));
        }
        for tick in 0..=10 {
            let (tick, text) = (f64::from(tick) / 10.0, format!("{:.1}", f64::from(tick) / 10.0));
            let x = scale.at(tick);
            picture.line((x, top), (x, bottom), Stroke::solid(GRID, 1.0));
            picture.text(Text::new(&text, (x, top - 8.0), SMALL, INK).middle());
            picture.text(Text::new(&text, (x, bottom + 16.0), SMALL, INK).middle());
        }
        let middle = f64::midpoint(scale.start, scale.end);
        let name = format!("{accuracy} (fraction of the images, 0 to 1)");
        picture.text(Text::new(&name, (middle, top - 26.0), TEXT, INK).middle());
        picture.text(Text::new(&name, (middle, bottom + 34.0), TEXT, INK).middle());
        picture.line((scale.start, top), (scale.start, bottom), Stroke::solid(EDGE, 1.0));
        let threshold = scale.at(self.threshold.clamp(0.0, 1.0));
        picture.line((threshold, top), (threshold, bottom), THRESHOLD);
    }

    fn row(&self, picture: &mut Picture, scale: Scale, y: f64, rank: &str, configuration: &Configuration) {
        let baseline = y + 4.0;
        let first = self.columns.first().map_or(0.0, |column| column.left);
        picture.text(Text::new(rank, (first - GAP, baseline), SMALL, MUTED).end());
        for column in &self.columns {
            let value = font::clipped(self.survey.value(configuration, column.factor), SMALL, WIDEST);
            picture.text(Text::new(value, (column.left, baseline), SMALL, INK));
        }
        let name = words::configuration(self.survey, configuration);
        let result = self.result(configuration);
        let Some(accuracy) = configuration.accuracy() else {
            picture.text(Text::new(result, (scale.start + 6.0, baseline), SMALL, ALARM));
            return;
        };
        let end = scale.at(accuracy.mean);
        let bar = picture.rect(scale.start, y - 5.5, (end - scale.start).max(0.5), 11.0, self.colour(configuration));
        bar.tip(format!("{name}: {result}"));
        let mut right = end;
        if accuracy.count > 1 {
            right = scale.at(accuracy.max);
            self.range(picture, (scale.at(accuracy.min), right), y);
        }
        let colour = if configuration.failing(self.threshold) > 0 { ALARM } else { INK };
        // White, since the grid and the threshold's line would cross the number.
        let wide = font::width(&result, SMALL);
        picture.rect(right + 4.0, y - 6.5, wide + 4.0, 13.0, WHITE);
        picture.text(Text::new(result, (right + 6.0, baseline), SMALL, colour));
    }

    fn range(&self, picture: &mut Picture, (from, to): (f64, f64), y: f64) {
        let stroke = Stroke::solid(INK, 1.2);
        picture.line((from, y), (to, y), stroke);
        picture.line((from, y - 3.0), (from, y + 3.0), stroke);
        picture.line((to, y - 3.0), (to, y + 3.0), stroke);
    }

    fn colour(&self, configuration: &Configuration) -> Colour {
        let value = self.coloured.and_then(|factor| configuration.value(factor));
        value.map_or(MUTED, |value| Series::number(value).colour)
    }

    fn result(&self, configuration: &Configuration) -> String {
        let diverged = match (configuration.diverged, configuration.runs()) {
            (0, _) => String::new(),
            (1, 1) => "diverged".into(),
            (some, all) => format!("{some} of {all} diverged"),
        };
        match configuration.accuracy() {
            None => diverged,
            Some(accuracy) if diverged.is_empty() => words::share(accuracy.mean),
            Some(accuracy) => format!("{}, {diverged}", words::share(accuracy.mean)),
        }
    }

    fn result_width(&self) -> f64 {
        let widest =
            self.shown.iter().map(|configuration| font::width(&self.result(configuration), SMALL)).fold(0.0, f64::max);
        widest + 16.0
    }
}

pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
