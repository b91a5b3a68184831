//! Pictures as SVG. Text is drawn as outlines, so that it looks the same without the font, and has an accessible label.

use std::{collections::BTreeSet, fmt::Write};

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::format::is_safe;

use super::{
    MARK,
    font::{self, BOLD, Piece, Step},
    picture::{Anchor, Colour, Form, Mark, Picture, Stroke, Text},
    png,
};

/// Returns the picture as an SVG file.
pub(crate) fn file(picture: &Picture) -> String {
    let mut svg = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let namespaces = "xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" ";
    open(&mut svg, picture, namespaces);
    writeln!(svg, "<title>{}</title>\n<!-- {MARK} -->", escaped(&picture.title)).expect(INFALLIBLE);
    svg += &glyph_definitions([picture]);
    marks(&mut svg, picture);
    svg
}

/// Returns the picture as part of a page, which has the [`glyph_definitions`] of all its pictures.
pub(crate) fn part(picture: &Picture) -> String {
    let mut svg = String::new();
    open(&mut svg, picture, "");
    marks(&mut svg, picture);
    svg
}

const INFALLIBLE: &str = "writing to a string cannot fail";

fn open(svg: &mut String, picture: &Picture, namespaces: &str) {
    let (title, width, height) = (escaped(&picture.title), number(picture.width), number(picture.height));
    writeln!(
        svg,
        "<svg {namespaces}role=\"img\" aria-label=\"{title}\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} \
         {height}\">"
    )
    .expect(INFALLIBLE);
}

fn marks(svg: &mut String, picture: &Picture) {
    let (width, height) = (number(picture.width), number(picture.height));
    writeln!(svg, "<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>").expect(INFALLIBLE);
    for Mark { form, tip } in &picture.marks {
        let (start, end) = match tip {
            Some(tip) => (format!("<g><title>{}</title>", escaped(tip)), "</g>"),
            None => (String::new(), ""),
        };
        writeln!(svg, "{start}{}{end}", drawn(form)).expect(INFALLIBLE);
    }
    *svg += "</svg>\n";
}

/// Returns the outlines of all letters in these pictures, for use by [`part`]s.
pub(crate) fn glyph_definitions<'a>(pictures: impl IntoIterator<Item = &'a Picture>) -> String {
    let mut glyphs = BTreeSet::new();
    for mark in pictures.into_iter().flat_map(|picture| &picture.marks) {
        if let Form::Text(text) = &mark.form {
            glyphs.extend(font::pieces(&text.text).iter().filter_map(|piece| match piece {
                Piece::Glyph { glyph, .. } => Some(*glyph),
                Piece::Missing { .. } => None,
            }));
        }
    }
    let mut svg = String::from("<defs>\n");
    for glyph in glyphs {
        let outline = font::outline(glyph);
        if !outline.is_empty() {
            writeln!(svg, "<path id=\"g{glyph}\" d=\"{}\"/>", steps(&outline)).expect(INFALLIBLE);
        }
    }
    svg + "</defs>\n"
}

fn steps(outline: &[Step]) -> String {
    let step = |step: &Step| match step {
        Step::Move(x, y) => format!("M{x} {y}"),
        Step::Line(x, y) => format!("L{x} {y}"),
        Step::Curve(x1, y1, x, y) => format!("Q{x1} {y1} {x} {y}"),
        Step::Close => "Z".into(),
    };
    outline.iter().map(step).collect()
}

fn drawn(form: &Form) -> String {
    match form {
        Form::Rect([left, top, width, height], fill) => format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{}/>",
            number(*left),
            number(*top),
            number(*width),
            number(*height),
            filled(Some(*fill))
        ),
        Form::Line(points, stroke) => {
            format!("<polyline points=\"{}\" fill=\"none\"{}/>", corners(points), stroked(Some(*stroke)))
        }
        Form::Polygon(points, fill, stroke) => {
            format!("<polygon points=\"{}\"{}{}/>", corners(points), filled(*fill), stroked(*stroke))
        }
        Form::Circle((x, y), radius, fill, stroke) => {
            let (x, y, radius) = (number(*x), number(*y), number(*radius));
            format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"{}{}/>", filled(*fill), stroked(*stroke))
        }
        Form::Text(text) => lettered(text),
        Form::Digit([left, top, side], pixels) => {
            let (left, top, side) = (number(*left), number(*top), number(*side));
            let png = BASE64_STANDARD.encode(png::digit(pixels));
            format!(
                "<image x=\"{left}\" y=\"{top}\" width=\"{side}\" height=\"{side}\" image-rendering=\"optimizeSpeed\" style=\"image-rendering:pixelated\" \
                 xlink:href=\"data:image/png;base64,{png}\"/>"
            )
        }
    }
}

fn lettered(text: &Text) -> String {
    let units = font::units_per_em();
    let scale = text.size / units;
    let turn = if text.is_turned { " rotate(-90)" } else { "" };
    let shift = match text.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => -font::width(&text.text, text.size) / 2.0,
        Anchor::End => -font::width(&text.text, text.size),
    };
    let bold = match text.is_bold {
        true => stroked(Some(Stroke::solid(text.colour, BOLD / 1000.0 * units))),
        false => String::new(),
    };
    let mut svg = format!(
        "<g aria-label=\"{}\" transform=\"translate({} {}){turn} scale({scale:.6})\"{}{bold}>",
        escaped(&text.text),
        number(text.at.0),
        number(text.at.1),
        filled(Some(text.colour))
    );
    for piece in font::pieces(&text.text) {
        match piece {
            Piece::Glyph { glyph, left } if font::is_drawn(glyph) => {
                write!(svg, "<use xlink:href=\"#g{glyph}\" x=\"{:.0}\"/>", left + shift / scale).expect(INFALLIBLE);
            }
            Piece::Glyph { .. } => {}
            Piece::Missing { text, left, width } => svg += &fallback_text(&text, left + shift / scale, width),
        }
    }
    svg + "</g>"
}

/// Draws letters missing from the font in any font that the reader has, fitted to the estimated width.
fn fallback_text(text: &str, left: f64, width: f64) -> String {
    let size = font::units_per_em();
    let fitted = if width > 0.0 {
        format!(" textLength=\"{width:.0}\" lengthAdjust=\"spacingAndGlyphs\"")
    } else {
        String::new()
    };
    format!("<text x=\"{left:.0}\" font-size=\"{size:.0}\" font-family=\"sans-serif\"{fitted}>{}</text>", escaped(text))
}

fn corners(points: &[(f64, f64)]) -> String {
    points.iter().map(|(x, y)| format!("{},{}", number(*x), number(*y))).collect::<Vec<_>>().join(" ")
}

fn filled(fill: Option<Colour>) -> String {
    painted("fill", fill)
}

fn painted(what: &str, colour: Option<Colour>) -> String {
    match colour {
        None => format!(" {what}=\"none\""),
        Some(Colour(red, green, blue, 255)) => format!(" {what}=\"#{red:02x}{green:02x}{blue:02x}\""),
        Some(Colour(red, green, blue, opacity)) => {
            let opacity = number(f64::from(opacity) / 255.0);
            format!(" {what}=\"#{red:02x}{green:02x}{blue:02x}\" {what}-opacity=\"{opacity}\"")
        }
    }
}

fn stroked(stroke: Option<Stroke>) -> String {
    let Some(Stroke { colour, width, dashes }) = stroke else { return String::new() };
    let mut svg = format!("{} stroke-width=\"{}\"", painted("stroke", Some(colour)), number(width));
    if !dashes.is_empty() {
        let dashes: Vec<_> = dashes.iter().map(|&length| number(length)).collect();
        write!(svg, " stroke-dasharray=\"{}\"", dashes.join(" ")).expect(INFALLIBLE);
    }
    svg
}

/// Formats a number to hundredths of a pixel.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.to_owned() }
}

/// Escapes a text for use as text or attribute in XML and HTML.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // XML does not allow these.
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            character if !is_safe(character) => escaped.push('\u{fffd}'),
            character => escaped.push(character),
        }
    }
    escaped
}
