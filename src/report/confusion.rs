//! The confusion matrix.

use super::{
    picture::{Colour, Picture, Stroke, Text},
    style::{EDGE, Heading, INK, MUTED, SMALL, TEXT, WHITE, ramp},
    words,
};
use crate::{data::CLASSES, train::Confusion};

const MARGIN: f64 = 24.0;
const CELL: f64 = 48.0;
/// Fractions of a row that the colour scale labels.
const SHARES: [f64; 6] = [0.0, 0.001, 0.01, 0.1, 0.5, 1.0];

/// Draws counts by true and predicted digit, coloured by their fraction of the row.
pub(super) fn draw(confusion: &Confusion, title: &str, about: &str) -> Picture {
    let heading = Heading { title: title.to_owned(), about: about.to_owned() };
    let side = CLASSES as f64 * CELL;
    let mut picture = Picture::new(title, MARGIN + 62.0 + side + 190.0, 100.0);
    let below = heading.draw(&mut picture, MARGIN);
    let (left, top) = (MARGIN + 62.0, below + 52.0);
    picture.text(Text::new("predicted digit", (left + side / 2.0, top - 30.0), TEXT, INK).middle());
    picture.text(Text::new("true digit", (MARGIN + 16.0, top + side / 2.0), TEXT, INK).middle().turned());
    for class in 0..CLASSES {
        let along = (class as f64 + 0.5) * CELL;
        picture.text(Text::new(class.to_string(), (left + along, top - 10.0), TEXT, INK).middle());
        picture.text(Text::new(class.to_string(), (left - 12.0, top + along + 4.0), TEXT, INK).end());
        row(&mut picture, confusion, class, (left, top));
        edges(&mut picture, confusion, class, (left, top));
    }
    let edge = Stroke::solid(EDGE, 1.0);
    for (from, to) in [
        ((left, top), (left + side, top)),
        ((left, top + side), (left + side, top + side)),
        ((left, top), (left, top + side)),
        ((left + side, top), (left + side, top + side)),
    ] {
        picture.line(from, to, edge);
    }
    picture.text(Text::new("recall", (left + side + 12.0, top - 10.0), SMALL, MUTED));
    picture.text(Text::new("precision", (left - 10.0, top + side + 18.0), SMALL, MUTED).end());
    key(&mut picture, (left + side + 92.0, top), side);
    picture.height = (top + side + 44.0).round();
    picture
}

fn row(picture: &mut Picture, confusion: &Confusion, class: usize, (left, top): (f64, f64)) {
    let images: u32 = confusion.0[class].iter().sum();
    for (predicted, &count) in confusion.0[class].iter().enumerate() {
        let (x, y) = (left + predicted as f64 * CELL, top + class as f64 * CELL);
        let share = f64::from(count) / f64::from(images.max(1));
        let tip = format!("{count} of {images} images of {class} predicted as {predicted}");
        picture.rect(x, y, CELL, CELL, shade(share)).tip(tip);
        let text = if count == 0 { "·".into() } else { words::grouped(count as usize) };
        let colour = match count {
            0 => MUTED,
            _ if share > 0.25 => WHITE,
            _ => INK,
        };
        picture.text(Text::new(text, (x + CELL / 2.0, y + CELL / 2.0 + 4.0), TEXT, colour).middle());
    }
}

/// Draws recall to the right of a row, and precision under a column.
fn edges(picture: &mut Picture, confusion: &Confusion, class: usize, (left, top): (f64, f64)) {
    let side = CLASSES as f64 * CELL;
    let along = (class as f64 + 0.5) * CELL;
    let text = |share: Option<f64>| share.map_or_else(|| "–".into(), words::share);
    picture.text(Text::new(text(confusion.recall(class)), (left + side + 12.0, top + along + 4.0), SMALL, INK));
    picture.text(Text::new(text(confusion.precision(class)), (left + along, top + side + 18.0), SMALL, INK).middle());
}

/// Returns a fraction's colour. It is not proportional, so that one hundredth of a row is visible.
fn shade(share: f64) -> Colour {
    // The fourth root: 0.01 becomes 0.32.
    ramp(share.clamp(0.0, 1.0).sqrt().sqrt())
}

/// Draws the colour scale.
fn key(picture: &mut Picture, (left, top): (f64, f64), height: f64) {
    let depth = |share: f64| share.sqrt().sqrt();
    let steps = 96;
    let step = height / f64::from(steps);
    for number in 0..steps {
        let share = (1.0 - (f64::from(number) + 0.5) / f64::from(steps)).powi(4);
        picture.rect(left, top + f64::from(number) * step, 16.0, step, shade(share));
    }
    for share in SHARES {
        let y = top + height * (1.0 - depth(share));
        picture.line((left + 16.0, y), (left + 20.0, y), Stroke::solid(EDGE, 1.0));
        picture.text(Text::new(format!("{share}"), (left + 24.0, y + 4.0), SMALL, INK));
    }
    picture.text(Text::new("fraction of the row", (left + 68.0, top + height / 2.0), SMALL, MUTED).middle().turned());
}
