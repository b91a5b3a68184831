//! Curves of accuracy and loss over epochs.

use super::{
    axis::Scale,
    history::{Counter, Epoch, Measure},
    picture::{Form, Picture, Stroke, Text},
    style::{EDGE, Heading, INK, Key, SMALL, Series, TEXT, legend},
};

const MARGIN: f64 = 24.0;
const PANEL: (f64, f64) = (430.0, 330.0);
/// Space left of each panel for its axis.
const BESIDE: f64 = 66.0;
/// Limit of markers on a line, so that they do not overlap.
const MOST_MARKERS: usize = 40;
/// Ratio of losses from which their scale is logarithmic.
const STEEP: f64 = 200.0;

/// Sets of images, each with the index of its line and series.
const KINDS: [(&str, usize); 3] = [("training", 0), ("test", 1), ("validation", 2)];

/// Draws two panels. Returns `None` without any number to draw.
pub(super) fn draw(history: &[Epoch], counter: Counter, about: &str) -> Option<Picture> {
    let heading = Heading { title: format!("Accuracy and loss over {}s", counter.name()), about: about.to_owned() };
    let panels = [Panel::accuracy(history, counter), Panel::loss(history, counter)];
    if panels.iter().all(Panel::is_empty) {
        return None;
    }
    let width = MARGIN + 2.0 * (BESIDE + PANEL.0) + 1.5 * MARGIN;
    let mut picture = Picture::new(&heading.title, width, 100.0);
    let below = heading.draw(&mut picture, MARGIN);
    let below = legend(&mut picture, (MARGIN, below), width - 2.0 * MARGIN, &keys(&panels));
    let top = below + 14.0;
    for (place, panel) in panels.iter().enumerate() {
        let left = MARGIN + BESIDE + place as f64 * (BESIDE + PANEL.0 + MARGIN / 2.0);
        panel.draw(&mut picture, left, top);
    }
    picture.height = (top + PANEL.1 + 52.0).round();
    Some(picture)
}

/// Returns the legend, with the results of the last epoch.
fn keys(panels: &[Panel; 2]) -> Vec<Key> {
    let mut keys = Vec::new();
    for (name, kind) in KINDS {
        let last: Vec<String> = panels
            .iter()
            .filter_map(|panel| Some(format!("{} {:.4}", panel.measure, panel.lines[kind].last()?.1)))
            .collect();
        if !last.is_empty() {
            keys.push(Key::Series(Series::number(kind), format!("{name}: {} at the end", last.join(", "))));
        }
    }
    keys
}

struct Panel {
    measure: &'static str,
    axis: &'static str,
    counter: Counter,
    /// Points of training, test and validation: epoch and number.
    lines: [Vec<(f64, f64)>; 3],
    scale: Scale,
}

impl Panel {
    fn accuracy(history: &[Epoch], counter: Counter) -> Self {
        let lines = lines(history, |measure| measure.accuracy);
        let scale = Scale::around(numbers(&lines), (0.0, 1.0));
        Self { measure: "accuracy", axis: "accuracy (fraction of the images, 0 to 1)", counter, lines, scale }
    }

    fn loss(history: &[Epoch], counter: Counter) -> Self {
        let lines = lines(history, |measure| measure.loss);
        let max = numbers(&lines).fold(0.0, f64::max);
        let least = numbers(&lines).filter(|&loss| loss > 0.0).fold(f64::INFINITY, f64::min);
        let (scale, axis) = if max > STEEP * least {
            let positive = numbers(&lines).filter(|&loss| loss > 0.0);
            (Scale::logarithmic(positive), "loss (cross-entropy in nats, logarithmic)")
        } else {
            (Scale::around(numbers(&lines).chain([0.0]), (0.0, f64::INFINITY)), "loss (cross-entropy in nats)")
        };
        Self { measure: "loss", axis, counter, lines, scale }
    }

    fn is_empty(&self) -> bool {
        self.lines.iter().all(Vec::is_empty)
    }

    fn draw(&self, picture: &mut Picture, left: f64, top: f64) {
        let (width, height) = PANEL;
        let scale = self.scale.between(top + height, top);
        scale.draw_vertical(picture, left, left + width, self.axis);
        let epochs = epochs(&self.lines).between(left, left + width);
        picture.line((left, top + height), (left + width, top + height), Stroke::solid(EDGE, 1.0));
        for (tick, text) in epochs.ticks().into_iter().filter(|(tick, _)| tick.fract() == 0.0) {
            let x = epochs.at(tick);
            picture.line((x, top + height), (x, top + height + 4.0), Stroke::solid(EDGE, 1.0));
            let text = text.split('.').next().unwrap_or_default().to_owned();
            picture.text(Text::new(text, (x, top + height + 17.0), SMALL, INK).middle());
        }
        picture.text(Text::new(self.counter.name(), (left + width / 2.0, top + height + 38.0), TEXT, INK).middle());
        if self.is_empty() {
            let middle = (left + width / 2.0, top + height / 2.0);
            picture.text(Text::new(format!("no {} recorded", self.measure), middle, TEXT, INK).middle());
        }
        for (name, kind) in KINDS {
            self.draw_line(picture, name, kind, |(epoch, number)| (epochs.at(epoch), scale.at(number)));
        }
    }

    fn draw_line(&self, picture: &mut Picture, name: &str, kind: usize, at: impl Fn((f64, f64)) -> (f64, f64)) {
        // A logarithmic scale has no place for 0.
        let shown = self.lines[kind].iter().copied().filter(|&point| at(point).1.is_finite());
        let shown: Vec<_> = shown.collect();
        let series = Series::number(kind);
        picture.add(Form::Line(shown.iter().map(|&point| at(point)).collect(), series.stroke()));
        let skip = shown.len().div_ceil(MOST_MARKERS).max(1);
        for &(epoch, number) in shown.iter().step_by(skip) {
            let tip = format!("{} {epoch}: {name} {} {number:.4}", self.counter.name(), self.measure);
            series.mark(picture, at((epoch, number)), 4.0, tip);
        }
    }
}

/// Returns the points of training, test and validation, without numbers that are not finite.
fn lines(history: &[Epoch], number: impl Fn(&Measure) -> Option<f64>) -> [Vec<(f64, f64)>; 3] {
    let points = |measure: fn(&Epoch) -> &Measure| {
        let points = history.iter().filter_map(|epoch| Some((epoch.epoch, number(measure(epoch))?)));
        points.filter(|(_, number)| number.is_finite()).collect()
    };
    [points(|epoch| &epoch.training), points(|epoch| &epoch.test), points(|epoch| &epoch.validation)]
}

fn numbers(lines: &[Vec<(f64, f64)>; 3]) -> impl Iterator<Item = f64> {
    lines.iter().flatten().map(|&(_, number)| number)
}

/// Returns a scale from the first epoch to the last, with a margin at each end.
fn epochs(lines: &[Vec<(f64, f64)>; 3]) -> Scale {
    let epochs = || lines.iter().flatten().map(|&(epoch, _)| epoch);
    let (first, last) = (epochs().fold(f64::INFINITY, f64::min), epochs().fold(f64::NEG_INFINITY, f64::max));
    if first > last {
        return Scale::exact(0.0, 1.0);
    }
    let margin = ((last - first) * 0.03).max(0.3);
    Scale::exact(first - margin, last + margin)
}
