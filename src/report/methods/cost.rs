//! What each method costs: a table, and the same as bars.

use super::table::{Methods, Run, summary, title};
use crate::{
    format::grouped,
    report::{
        Table, font,
        picture::{Picture, Text},
        style::{Heading, INK, MUTED, SMALL, Series},
        words::share,
    },
    sweep::survey::Summary,
};

const MARGIN: f64 = 24.0;
const ROW: f64 = 22.0;
/// Width of the longest bar.
const BAR: f64 = 92.0;
/// Distance from one column to the next.
const COLUMN: f64 = 190.0;

/// A measure: its name, its value of a run, and its text.
type Measure = (&'static str, fn(&Run) -> Option<f64>, fn(f64) -> String);

const MEASURES: [Measure; 5] = [
    ("seconds an epoch", |run| run.seconds_per_epoch, seconds),
    ("images a second", |run| run.speed, whole),
    ("parameters", |run| run.parameters, whole),
    ("memory", |run| run.memory, bytes),
    ("epochs until 98 %", |run| run.epochs_to_98, epochs),
];

fn seconds(value: f64) -> String {
    format!("{value:.2}")
}

fn whole(value: f64) -> String {
    grouped(value.round().max(0.0) as u64)
}

fn bytes(value: f64) -> String {
    format!("{:.1} MB", value / 1e6)
}

fn epochs(value: f64) -> String {
    format!("{value:.1}")
}

/// Returns the number as text, with the number of runs that have it if some lack it.
fn text(found: Option<Summary>, runs: usize, text: fn(f64) -> String) -> String {
    match found {
        None => "–".into(),
        Some(found) if found.count < runs => format!("{} ({} of {runs} runs)", text(found.mean), found.count),
        Some(found) => text(found.mean),
    }
}

/// Builds the table of accuracies and costs of each method, the means over the seeds.
pub(super) fn table(methods: &Methods) -> Table {
    let row = |network: &String| {
        let runs = methods.plain_of(network).count();
        let accuracy = summary(methods.plain_of(network), |run| Some(run.accuracy));
        let number =
            |number: fn(&Summary) -> f64| accuracy.as_ref().map_or_else(|| "–".into(), |each| share(number(each)));
        let costs = MEASURES.map(|(_, number, form)| text(summary(methods.plain_of(network), number), runs, form));
        let accuracies = [number(|each| each.mean), number(|each| each.min), number(|each| each.max)];
        [title(network)].into_iter().chain(accuracies).chain([runs.to_string()]).chain(costs).collect()
    };
    let header = ["network", "test accuracy", "lowest", "highest", "runs"].into_iter();
    Table {
        caption: "Methods, trained on all images: means over the seeds".into(),
        header: header.chain(MEASURES.map(|(name, ..)| name)).map(str::to_owned).collect(),
        rows: methods.networks.iter().filter(|network| methods.plain_of(network).next().is_some()).map(row).collect(),
    }
}

/// Draws the costs as bars, each measure on a scale of its own; `None` if nothing was measured.
pub(super) fn draw(methods: &Methods) -> Option<Picture> {
    let networks: Vec<&String> = methods.networks.iter().collect();
    let value = |network: &str, number: fn(&Run) -> Option<f64>| summary(methods.plain_of(network), number);
    let measured = |measure: &Measure| networks.iter().any(|network| value(network, measure.1).is_some());
    let measures: Vec<Measure> = MEASURES.into_iter().filter(measured).collect();
    if measures.is_empty() {
        return None;
    }
    let names = networks.iter().map(|network| font::width(&title(network), SMALL)).fold(0.0, f64::max) + 16.0;
    let heading = Heading { title: "Cost of each method".into(), about: methods.about.clone() };
    let width = 2.0 * MARGIN + names + measures.len() as f64 * COLUMN;
    let mut picture = Picture::new(&heading.title, width, 100.0);
    let top = heading.draw(&mut picture, MARGIN) + 34.0;
    for (row, network) in networks.iter().enumerate() {
        let y = top + row as f64 * ROW;
        picture.text(Text::new(title(network), (MARGIN, y), SMALL, INK));
    }
    for (column, (name, number, form)) in measures.iter().enumerate() {
        let left = MARGIN + names + column as f64 * COLUMN;
        picture.text(Text::new(*name, (left, top - 22.0), SMALL, MUTED));
        let largest = networks.iter().filter_map(|network| value(network, *number)).map(|each| each.mean);
        let largest = largest.fold(f64::MIN_POSITIVE, f64::max);
        for (row, network) in networks.iter().enumerate() {
            let y = top + row as f64 * ROW;
            let found = value(network, *number);
            let length = found.map_or(0.0, |found| found.mean.max(0.0) / largest * BAR);
            picture.rect(left, y - 9.0, length, 11.0, Series::number(row).colour);
            let runs = methods.plain_of(network).count();
            picture.text(Text::new(text(found, runs, *form), (left + length + 5.0, y), SMALL, INK));
        }
    }
    picture.height = (top + networks.len() as f64 * ROW + 8.0).round();
    Some(picture)
}
