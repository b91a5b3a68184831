//! The one font of all pictures, in the binary, so that they look the same on a machine without fonts.

use std::sync::LazyLock;

use ttf_parser::{Face, GlyphId, OutlineBuilder};

/// DejaVu Sans, the part that `assets/README.md` tells.
static FACE: LazyLock<Face<'static>> = LazyLock::new(|| {
    Face::parse(include_bytes!("../../assets/DejaVuSans-subset.ttf"), 0).expect("the embedded font is sound")
});

/// A step of an outline, in units of the font; y grows downwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Step {
    Move(f32, f32),
    Line(f32, f32),
    /// Control point, end.
    Curve(f32, f32, f32, f32),
    Close,
}

/// Units to an em.
pub(super) fn units_per_em() -> f64 {
    f64::from(FACE.units_per_em())
}

/// The glyphs of a line, each with its left edge in units of the font. What the font has not is an empty box.
pub(super) fn glyphs(text: &str) -> Vec<(u16, f64)> {
    let mut x = 0.0;
    let place = |character| {
        let glyph = FACE.glyph_index(character).unwrap_or(GlyphId(0));
        let left = x;
        x += f64::from(FACE.glyph_hor_advance(glyph).unwrap_or(0));
        (glyph.0, left)
    };
    text.chars().map(place).collect()
}

/// The width of a line in pixels.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let advance = |character| {
        let glyph = FACE.glyph_index(character).unwrap_or(GlyphId(0));
        f64::from(FACE.glyph_hor_advance(glyph).unwrap_or(0))
    };
    text.chars().map(advance).sum::<f64>() * size / units_per_em()
}

/// The text, with an ellipsis in place of what goes beyond `width` pixels.
pub(super) fn clipped(text: &str, size: f64, width: f64) -> String {
    if self::width(text, size) <= width {
        return text.to_owned();
    }
    let mut clipped = String::new();
    for character in text.chars() {
        clipped.push(character);
        if self::width(&clipped, size) + self::width("…", size) > width {
            clipped.pop();
            break;
        }
    }
    clipped + "…"
}

/// The text in lines of at most `width` pixels, broken at spaces where that is possible.
pub(super) fn wrapped(text: &str, size: f64, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if self::width(&format!("{line} {word}"), size) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(clipped(word, size, width)),
        }
    }
    lines
}

/// A glyph's outline; empty for a space.
pub(super) fn outline(glyph: u16) -> Vec<Step> {
    let mut outline = Outline(Vec::new());
    FACE.outline_glyph(GlyphId(glyph), &mut outline);
    outline.0
}

struct Outline(Vec<Step>);

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.push(Step::Move(x, -y));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.push(Step::Line(x, -y));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.push(Step::Curve(x1, -y1, x, -y));
    }

    fn curve_to(&mut self, _: f32, _: f32, _: f32, _: f32, _: f32, _: f32) {
        unreachable!("a TrueType font has quadratic curves only");
    }

    fn close(&mut self) {
        self.0.push(Step::Close);
    }
}
