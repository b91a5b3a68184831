//! The section of a comparison of methods.

mod cost;
mod plot;
mod sentences;
mod table;

use super::{Figure, Section, words};
use crate::sweep::survey::Summary;
use plot::{Line, Plot};
use table::{Run, sorted, summary, title};

pub use table::Methods;

const ACCURACY: &str = "test accuracy (fraction of the images, 0 to 1)";

/// A test: its name in the table, the strength that changes nothing, its axis, and the caption of its figure.
const TESTS: [(&str, f64, &str, &str); 5] = [
    ("moved", 0.0, "moved by (pixels)", "The test images moved up, down, left or right."),
    ("rotated", 0.0, "rotated by (degrees)", "The test images rotated, clockwise or counterclockwise."),
    ("scaled", 1.0, "scaled by (factor)", "The test images enlarged or reduced about their centre."),
    ("noise", 0.0, "noise (standard deviation, 1 is full ink)", "The test images with Gaussian noise."),
    ("lines", 0.0, "lines across the image", "The test images with straight lines across them."),
];

/// Builds the section of a comparison of methods. Without results it has no figures.
pub fn methods_section(slug: &str, name: &str, methods: &Methods) -> Section {
    let mut missing = methods.faults.clone();
    let mut section = Section {
        slug: slug.into(),
        title: name.into(),
        about: methods.about.clone(),
        summary: Vec::new(),
        findings: Vec::new(),
        figures: Vec::new(),
        tables: Vec::new(),
        missing: Vec::new(),
    };
    if methods.runs.is_empty() {
        missing.push("no run has a result, so nothing is drawn".into());
    } else {
        section.summary = vec![cost::table(methods), sentences::table(methods)];
        section.figures = figures(methods, &mut missing);
    }
    Section { missing, ..section }
}

fn figures(methods: &Methods, missing: &mut Vec<String>) -> Vec<Figure> {
    let mut figures = Vec::new();
    let mut add = |name: &str, plot: Plot, caption: &str| match plot.draw() {
        Some(picture) => figures.push(Figure { name: name.into(), picture, caption: caption.into() }),
        None => missing.push(format!("no figure `{name}`: the table has no such results")),
    };
    let new = |title: &str| Plot {
        title: title.into(),
        about: &methods.about,
        across: "",
        up: ACCURACY,
        lines: Vec::new(),
        places: Vec::new(),
        across_is_logarithmic: false,
        up_is_logarithmic: false,
    };
    add("accuracy", accuracy(methods, new("Test accuracy by method")), "Each method, trained on all images.");
    for (kind, none, across, caption) in TESTS {
        let lines = tested(methods, kind, none);
        add(kind, Plot { across, lines, ..new(&format!("Test accuracy on {}", subject(kind))) }, caption);
    }
    let images = lines(methods, |run| !run.is_permuted && run.delay == 0, |run| run.images.map(|images| images as f64));
    let images = if images.iter().any(|line| line.points.len() > 1) { images } else { Vec::new() };
    add(
        "images",
        Plot {
            across: "training images",
            lines: images,
            across_is_logarithmic: true,
            ..new("Test accuracy by training images")
        },
        "Trained on the first images of the training set only; small sets may be trained for more epochs.",
    );
    add(
        "permuted",
        permuted(methods, new("Pixels in place and permuted")),
        "Trained and tested on pixels in their \
        places, and on pixels in a fixed other order.",
    );
    let across = "empty rows after the image";
    let delayed =
        Plot { across, lines: tested(methods, "delay", 0.0), ..new("Test accuracy with a delay in the test only") };
    add(
        "delay",
        delayed,
        "Recurrent networks that were trained without a delay, tested with empty rows after the digit.",
    );
    let trained = lines(
        methods,
        |run| !run.is_permuted && run.images == methods.images_of_delays(),
        |run| Some(run.delay as f64),
    );
    let trained: Vec<Line> = trained.into_iter().filter(|line| line.points.len() > 1).collect();
    if !trained.is_empty() {
        add(
            "delay-trained",
            Plot { across, lines: trained, ..new("Test accuracy with a delay in training and test") },
            "Recurrent networks that were trained and tested with the same number of empty rows after the digit.",
        );
    }
    add(
        "gradient",
        Plot {
            across: "time step",
            up: "norm of the gradient, logarithmic",
            lines: by_place(methods, |run| &run.gradient),
            up_is_logarithmic: true,
            ..new("Gradient by time step")
        },
        "Norm of the gradient of an image's loss with respect to the states after each row: how much the first rows can \
         still change the answer.",
    );
    let curves = Plot { across: "epoch", lines: by_place(methods, |run| &run.curve), ..new("Test accuracy by epoch") };
    add("epochs", curves, "Test accuracy after each epoch, trained on all images.");
    match cost::draw(methods) {
        Some(picture) => figures.push(Figure {
            name: "cost".into(),
            picture,
            caption: "Means over the seeds; each measure on a scale of its own. Speed is that of one thread.".into(),
        }),
        None => missing.push("no figure `cost`: the table has no such results".into()),
    }
    figures
}

fn subject(kind: &str) -> &'static str {
    match kind {
        "moved" => "moved images",
        "rotated" => "rotated images",
        "scaled" => "scaled images",
        "noise" => "images with noise",
        _ => "images with lines",
    }
}

/// Returns a line for each network, without points.
fn networks(methods: &Methods) -> impl Iterator<Item = (usize, &String)> {
    methods.networks.iter().enumerate()
}

/// Returns a point for each network, beside each other.
fn accuracy<'a>(methods: &Methods, plot: Plot<'a>) -> Plot<'a> {
    let line = |(number, network): (usize, &String)| {
        let found = summary(methods.plain_of(network), |run| Some(run.accuracy))?;
        Some((number, title(network), found))
    };
    let found: Vec<_> = networks(methods).filter_map(line).collect();
    let places = found.iter().map(|(_, name, _)| name.clone()).collect();
    let line = |(place, (number, name, found)): (usize, (usize, String, Summary))| Line {
        number,
        name: format!("{name} {}", words::share(found.mean)),
        points: vec![(place as f64, found)],
    };
    Plot { lines: found.into_iter().enumerate().map(line).collect(), places, across: "network", ..plot }
}

/// Returns two series, pixels in place and permuted, of the networks that have both.
fn permuted<'a>(methods: &Methods, plot: Plot<'a>) -> Plot<'a> {
    let of = |network: &String| {
        let permuted = methods.runs.iter().filter(|run| run.network == *network && run.is_permuted && run.delay == 0);
        let permuted = permuted.filter(|run| run.images == methods.most_images());
        let plain = summary(methods.plain_of(network), |run| Some(run.accuracy))?;
        Some((title(network), [plain, summary(permuted, |run| Some(run.accuracy))?]))
    };
    let found: Vec<_> = methods.networks.iter().filter_map(of).collect();
    let line = |number: usize, name: &str| Line {
        number,
        name: name.into(),
        points: found.iter().enumerate().map(|(place, (_, both))| (place as f64, both[number])).collect(),
    };
    let lines = vec![line(0, "in place"), line(1, "permuted")];
    Plot { lines, places: found.iter().map(|(name, _)| name.clone()).collect(), across: "network", ..plot }
}

/// Returns the accuracies of a test by its strength, those of the unchanged test set at `none`.
fn tested(methods: &Methods, kind: &str, none: f64) -> Vec<Line> {
    let strengths = sorted(methods.strengths(kind).into_iter().chain([none]));
    let line = |(number, network): (usize, &String)| {
        let at = |strength: f64| {
            let accuracy = |run: &Run| if strength == none { Some(run.accuracy) } else { run.test(kind, strength) };
            Some((strength, summary(methods.plain_of(network), accuracy)?))
        };
        let points: Vec<_> = strengths.iter().copied().filter_map(at).collect();
        let has_test = points.iter().any(|(strength, _)| *strength != none);
        has_test.then(|| Line { number, name: title(network), points })
    };
    networks(methods).filter_map(line).collect()
}

/// Returns the accuracies of the chosen runs by a number of each run.
fn lines(methods: &Methods, chosen: impl Fn(&Run) -> bool, place: impl Fn(&Run) -> Option<f64>) -> Vec<Line> {
    let line = |(number, network): (usize, &String)| {
        let runs = || methods.runs.iter().filter(|run| run.network == *network && chosen(run));
        let at = |x: f64| Some((x, summary(runs().filter(|run| place(run) == Some(x)), |run| Some(run.accuracy))?));
        let points: Vec<_> = sorted(runs().filter_map(&place)).into_iter().filter_map(at).collect();
        (!points.is_empty()).then(|| Line { number, name: title(network), points })
    };
    networks(methods).filter_map(line).collect()
}

/// Returns lists of numbers by their place, from 1.
fn by_place(methods: &Methods, list: impl Fn(&Run) -> &Vec<f64>) -> Vec<Line> {
    let line = |(number, network): (usize, &String)| {
        let longest = methods.plain_of(network).map(|run| list(run).len()).max().unwrap_or(0);
        let at = |place: usize| {
            let found = summary(methods.plain_of(network), |run| list(run).get(place).copied())?;
            Some(((place + 1) as f64, found))
        };
        let points: Vec<_> = (0..longest).filter_map(at).collect();
        (!points.is_empty()).then(|| Line { number, name: title(network), points })
    };
    networks(methods).filter_map(line).collect()
}
