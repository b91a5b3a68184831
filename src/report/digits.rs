//! Pages of 5x5 digits with their true and predicted labels.

use super::{
    picture::{Form, Picture, Stroke, Text},
    style::{ALARM, EDGE, Heading, INK, TEXT},
};
use crate::{
    data::{PIXELS, Split},
    train::Prediction,
};

const MARGIN: f64 = 24.0;
/// Side of a digit: four SVG pixels per pixel.
const SIDE: f64 = 112.0;
const ACROSS: usize = 5;
/// Number of digits on a page.
pub(super) const PAGE: usize = ACROSS * ACROSS;
const PITCH: (f64, f64) = (148.0, 168.0);

/// Draws a page with up to [`PAGE`] of the predicted images.
pub(super) fn draw(images: &Split, predictions: &[&Prediction], title: &str, about: &str) -> Picture {
    let heading = Heading { title: title.to_owned(), about: about.to_owned() };
    let mut picture = Picture::new(title, 2.0 * MARGIN + 5.0 * PITCH.0 - (PITCH.0 - SIDE), 100.0);
    let top = heading.draw(&mut picture, MARGIN) + 14.0;
    for (place, prediction) in predictions.iter().take(PAGE).enumerate() {
        let left = MARGIN + (place % ACROSS) as f64 * PITCH.0;
        let top = top + (place / ACROSS) as f64 * PITCH.1;
        digit(&mut picture, images, prediction, (left, top));
    }
    let rows = predictions.len().min(PAGE).div_ceil(ACROSS);
    picture.height = (top + rows as f64 * PITCH.1 + 8.0).round();
    picture
}

fn digit(picture: &mut Picture, images: &Split, prediction: &Prediction, (left, top): (f64, f64)) {
    let Prediction { index, label, digit, .. } = *prediction;
    let pixels: [u8; PIXELS] = images.image(index as usize).try_into().expect("every image has the same size");
    let tip = format!("image {index}: predicted {digit} with probability {:.3}, true {label}", prediction.confidence());
    picture.add(Form::Digit([left, top, SIDE], Box::new(pixels))).tip(tip);
    let (right, bottom) = (left + SIDE, top + SIDE);
    let corners = vec![(left, top), (right, top), (right, bottom), (left, bottom)];
    picture.add(Form::Polygon(corners, None, Some(Stroke::solid(EDGE, 1.0))));
    let colour = if prediction.is_correct() { INK } else { ALARM };
    let middle = left + SIDE / 2.0;
    picture.text(Text::new(format!("Predicted {digit}"), (middle, bottom + 17.0), TEXT, colour).middle());
    picture.text(Text::new(format!("True {label}"), (middle, bottom + 33.0), TEXT, INK).middle());
}
