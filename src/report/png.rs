//! Pictures as PNG: the same marks as in the SVG, on white, at twice the resolution.

use image::{
    ExtendedColorType, ImageEncoder,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};
use tiny_skia::{
    FillRule, FilterQuality, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, PixmapPaint, PremultipliedColorU8,
    Rect, Shader, StrokeDash, Transform,
};

use super::{
    MARK,
    font::{self, BOLD, Piece, Step},
    picture::{Anchor, Colour, Form, Picture, Point, Stroke, Text},
};
use crate::data::{PIXELS, SIDE};

/// PNG pixels per SVG pixel.
pub(crate) const SCALE: f64 = 2.0;

/// Returns the picture as a PNG file.
///
/// # Panics
/// If the picture has no size.
pub(crate) fn file(picture: &Picture) -> Vec<u8> {
    let size = |length: f64| (length * SCALE) as u32;
    let mut canvas = Pixmap::new(size(picture.width), size(picture.height)).expect("a picture has a size");
    canvas.fill(tiny_skia::Color::WHITE);
    for mark in &picture.marks {
        draw(&mut canvas, &mark.form);
    }
    let rgb: Vec<u8> = canvas.pixels().iter().flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]).collect();
    marked(encoded(&rgb, canvas.width(), canvas.height(), ExtendedColorType::Rgb8))
}

/// Adds a text chunk after the header that names this program.
fn marked(mut file: Vec<u8>) -> Vec<u8> {
    /// Length of the signature and the header chunk.
    const HEADER: usize = 8 + 25;
    let mut chunk = [b"tEXtSoftware\0", MARK.as_bytes()].concat();
    let length = (chunk.len() - 4) as u32;
    chunk.extend(crc32fast::hash(&chunk).to_be_bytes());
    file.splice(HEADER..HEADER, length.to_be_bytes().into_iter().chain(chunk));
    file
}

/// Returns a digit as a PNG file of 28x28 pixels, dark on white.
pub(super) fn digit(pixels: &[u8; PIXELS]) -> Vec<u8> {
    encoded(&pixels.map(|ink| 255 - ink), SIDE as u32, SIDE as u32, ExtendedColorType::L8)
}

fn encoded(pixels: &[u8], width: u32, height: u32, colours: ExtendedColorType) -> Vec<u8> {
    let mut file = Vec::new();
    PngEncoder::new_with_quality(&mut file, CompressionType::Default, FilterType::NoFilter)
        .write_image(pixels, width, height, colours)
        .expect("writing to memory cannot fail");
    file
}

fn draw(canvas: &mut Pixmap, form: &Form) {
    let scaled = Transform::from_scale(SCALE as f32, SCALE as f32);
    match form {
        Form::Rect([left, top, width, height], fill) => {
            let rect = Rect::from_xywh(*left as f32, *top as f32, *width as f32, *height as f32);
            if let Some(rect) = rect {
                canvas.fill_rect(rect, &paint(*fill), scaled, None);
            }
        }
        Form::Line(points, stroke) => outlined(canvas, corners(points, false), None, Some(*stroke), scaled),
        Form::Polygon(points, fill, stroke) => outlined(canvas, corners(points, true), *fill, *stroke, scaled),
        Form::Circle((x, y), radius, fill, stroke) => {
            let circle = PathBuilder::from_circle(*x as f32, *y as f32, *radius as f32);
            outlined(canvas, circle, *fill, *stroke, scaled);
        }
        Form::Text(text) => letters(canvas, text),
        Form::Digit([left, top, side], pixels) => {
            let scale = (side * SCALE / SIDE as f64) as f32;
            let (left, top) = ((left * SCALE) as f32, (top * SCALE) as f32);
            let paint = PixmapPaint { quality: FilterQuality::Nearest, ..PixmapPaint::default() };
            let transform = Transform::from_row(scale, 0.0, 0.0, scale, left, top);
            canvas.draw_pixmap(0, 0, ink(pixels).as_ref(), &paint, transform, None);
        }
    }
}

/// Fills and strokes a path. Without a path, which means without extent, there is nothing to see.
fn outlined(canvas: &mut Pixmap, path: Option<Path>, fill: Option<Colour>, stroke: Option<Stroke>, at: Transform) {
    let Some(path) = path else { return };
    if let Some(fill) = fill {
        canvas.fill_path(&path, &paint(fill), FillRule::Winding, at, None);
    }
    if let Some(Stroke { colour, width, dashes }) = stroke {
        let dash = StrokeDash::new(dashes.iter().map(|&length| length as f32).collect(), 0.0);
        let (line_cap, line_join) = (LineCap::Butt, LineJoin::Miter);
        let stroke = tiny_skia::Stroke { width: width as f32, dash, line_cap, line_join, ..Default::default() };
        canvas.stroke_path(&path, &paint(colour), &stroke, at, None);
    }
}

fn letters(canvas: &mut Pixmap, text: &Text) {
    let scale = text.size / font::units_per_em();
    let shift = match text.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => -font::width(&text.text, text.size) / 2.0,
        Anchor::End => -font::width(&text.text, text.size),
    };
    let (mut builder, mut codes) = (PathBuilder::new(), PathBuilder::new());
    for piece in font::pieces(&text.text) {
        match piece {
            Piece::Glyph { glyph, left } => {
                let place = |x: f32, y: f32| ((f64::from(x) + left + shift / scale) as f32, y);
                font::outline(glyph).into_iter().for_each(|step| push(&mut builder, step, place));
            }
            Piece::Missing { text, left, width } => {
                for step in boxes(&text, left + shift / scale, width) {
                    push(&mut codes, step, |x, y| (x, y));
                }
            }
        }
    }
    let (x, y) = (text.at.0 * SCALE, text.at.1 * SCALE);
    let turn = if text.is_turned { -90.0 } else { 0.0 };
    let at = Transform::from_translate(x as f32, y as f32)
        .pre_rotate(turn)
        .pre_scale((scale * SCALE) as f32, (scale * SCALE) as f32);
    let bold = text.is_bold.then(|| Stroke::solid(text.colour, BOLD / 1000.0 * font::units_per_em()));
    outlined(canvas, builder.finish(), Some(text.colour), bold, at);
    outlined(canvas, codes.finish(), Some(text.colour), None, at);
}

/// Returns boxes with the codes of letters missing from the font, side by side. Joiners and combining marks get none.
fn boxes(text: &str, left: f64, width: f64) -> Vec<Step> {
    let is_visible = |char: &char| crate::format::width(char.encode_utf8(&mut [0; 4])) > 0;
    let visible: Vec<char> = text.chars().filter(is_visible).collect();
    let each = width / visible.len().max(1) as f64;
    visible.iter().enumerate().flat_map(|(place, &char)| font::code(char, left + place as f64 * each, each)).collect()
}

fn push(builder: &mut PathBuilder, step: Step, place: impl Fn(f32, f32) -> (f32, f32)) {
    match step {
        Step::Move(x, y) => {
            let (x, y) = place(x, y);
            builder.move_to(x, y);
        }
        Step::Line(x, y) => {
            let (x, y) = place(x, y);
            builder.line_to(x, y);
        }
        Step::Curve(x1, y1, x, y) => {
            let ((x1, y1), (x, y)) = (place(x1, y1), place(x, y));
            builder.quad_to(x1, y1, x, y);
        }
        Step::Close => builder.close(),
    }
}

fn corners(points: &[Point], is_closed: bool) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for (place, &(x, y)) in points.iter().enumerate() {
        match place {
            0 => builder.move_to(x as f32, y as f32),
            _ => builder.line_to(x as f32, y as f32),
        }
    }
    if is_closed {
        builder.close();
    }
    builder.finish()
}

fn paint(Colour(red, green, blue, opacity): Colour) -> Paint<'static> {
    let shader = Shader::SolidColor(tiny_skia::Color::from_rgba8(red, green, blue, opacity));
    Paint { shader, anti_alias: true, ..Paint::default() }
}

fn ink(pixels: &[u8; PIXELS]) -> Pixmap {
    let mut digit = Pixmap::new(SIDE as u32, SIDE as u32).expect("a digit has a size");
    for (pixel, ink) in digit.pixels_mut().iter_mut().zip(pixels) {
        let grey = 255 - ink;
        *pixel = PremultipliedColorU8::from_rgba(grey, grey, grey, 255).expect("no colour is above its opacity");
    }
    digit
}
