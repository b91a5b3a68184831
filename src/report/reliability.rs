//! The reliability curve: accuracy by confidence, and the number of images.

use super::{
    axis::Scale,
    picture::{Form, Picture, Stroke, Text},
    style::{EDGE, Heading, INK, Key, MUTED, SMALL, Series, TEXT, legend, ramp},
    words,
};
use crate::train::{Calibration, bin_range};

const MARGIN: f64 = 24.0;
const SIDE: f64 = 380.0;
/// Space left of the plot for its axis.
const BESIDE: f64 = 66.0;
/// Height of the bars that show the number of images.
const BARS: f64 = 64.0;
const EDGE_LINE: Stroke = Stroke::solid(EDGE, 1.0);
/// Accuracy equal to confidence.
const DIAGONAL: Stroke = Stroke { colour: MUTED, width: 1.2, dashes: &[5.0, 3.0] };

/// Draws the curve, and that with a temperature.
pub(super) fn draw(plain: &Calibration, scaled: Option<(f64, &Calibration)>, about: &str) -> Picture {
    let heading = Heading { title: "Reliability: accuracy by confidence".into(), about: about.to_owned() };
    let width = 2.0 * MARGIN + BESIDE + SIDE + 120.0;
    let mut picture = Picture::new(&heading.title, width, 100.0);
    let below = heading.draw(&mut picture, MARGIN);
    let error = |calibration: &Calibration| words::share(calibration.expected_error());
    let mut curves = vec![(format!("as trained: expected error {}", error(plain)), plain)];
    if let Some((temperature, scaled)) = scaled {
        curves.push((format!("temperature {temperature:.3}: expected error {}", error(scaled)), scaled));
    }
    let mut keys: Vec<Key> =
        (0..).map(Series::number).zip(&curves).map(|(look, (name, _))| Key::Series(look, name.clone())).collect();
    keys.push(Key::Line(DIAGONAL, "accuracy equal to confidence".into()));
    let below = legend(&mut picture, (MARGIN, below), width - 2.0 * MARGIN, &keys);
    let (left, top) = (MARGIN + BESIDE, below + 14.0);
    let (right, bottom) = (left + SIDE, top + SIDE);
    let scale = Scale::exact(0.0, 1.0);
    let (across, up) = (scale.between(left, right), scale.between(bottom, top));
    up.draw_vertical(&mut picture, left, right, "accuracy (fraction of the images, 0 to 1)");
    picture.line((left, bottom), (right, bottom), EDGE_LINE);
    picture.line((left, bottom), (right, top), DIAGONAL);
    for (number, (name, calibration)) in curves.iter().enumerate() {
        curve(&mut picture, calibration, name, Series::number(number), |confidence, accuracy| {
            (across.at(confidence), up.at(accuracy))
        });
    }
    let bars_top = bottom + 14.0;
    bars(&mut picture, plain, across, bars_top);
    let bars_bottom = bars_top + BARS;
    for (tick, text) in across.ticks() {
        let x = across.at(tick);
        picture.line((x, bars_bottom), (x, bars_bottom + 4.0), EDGE_LINE);
        picture.text(Text::new(text, (x, bars_bottom + 17.0), SMALL, INK).middle());
    }
    let name = "confidence (probability of the predicted digit)";
    picture.text(Text::new(name, ((left + right) / 2.0, bars_bottom + 38.0), TEXT, INK).middle());
    picture.height = (bars_bottom + 52.0).round();
    picture
}

fn curve(
    picture: &mut Picture,
    calibration: &Calibration,
    name: &str,
    series: Series,
    at: impl Fn(f64, f64) -> (f64, f64),
) {
    let bins = calibration.bins.iter().filter_map(|bin| Some((bin, bin.confidence()?, bin.accuracy()?)));
    let bins: Vec<_> = bins.collect();
    let points = bins.iter().map(|&(_, confidence, accuracy)| at(confidence, accuracy)).collect();
    picture.add(Form::Line(points, series.stroke()));
    for (bin, confidence, accuracy) in bins {
        let images = words::counted(bin.images as usize, "image");
        let tip = format!("{name}; {images} of mean confidence {confidence:.4}: accuracy {accuracy:.4}");
        series.mark(picture, at(confidence, accuracy), 4.0, tip);
    }
}

/// Draws a bar for each bin, as high as the fraction of the images in it, with their number.
fn bars(picture: &mut Picture, calibration: &Calibration, across: Scale, top: f64) {
    let bottom = top + BARS;
    let most = calibration.bins.iter().map(|bin| bin.images).max().unwrap_or(0).max(1);
    for (place, bin) in calibration.bins.iter().enumerate().filter(|(_, bin)| bin.images > 0) {
        let (from, to) = bin_range(place);
        let (left, right) = (across.at(from), across.at(to));
        let height = (f64::from(bin.images) / f64::from(most) * (BARS - 16.0)).max(1.0);
        let count = words::grouped(bin.images as usize);
        let tip = format!("{} above {from:.1} and up to {to:.1}", words::counted(bin.images as usize, "image"));
        picture.rect(left + 2.0, bottom - height, right - left - 4.0, height, ramp(0.5)).tip(tip);
        let middle = ((left + right) / 2.0, bottom - height - 4.0);
        picture.text(Text::new(count, middle, SMALL, INK).middle());
    }
    picture.line((across.start, bottom), (across.end, bottom), EDGE_LINE);
    picture.text(Text::new("images", (across.end + 10.0, bottom), SMALL, MUTED));
}
