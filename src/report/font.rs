//! The font of all pictures, embedded in the binary so that they look the same on a machine without fonts.

use std::sync::LazyLock;

use ttf_parser::{Face, GlyphId, OutlineBuilder};

/// Subset of DejaVu Sans, see `assets/README.md`.
static FACE: LazyLock<Face<'static>> = LazyLock::new(|| {
    Face::parse(include_bytes!("../../assets/DejaVuSans-subset.ttf"), 0).expect("the embedded font is valid")
});

/// Width of the stroke that makes letters bold, in thousandths of an em.
pub(super) const BOLD: f64 = 36.0;

/// Step of an outline, in font units; y grows downwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Step {
    Move(f32, f32),
    Line(f32, f32),
    /// Control point and end.
    Curve(f32, f32, f32, f32),
    Close,
}

/// Returns the font units per em.
pub(super) fn units_per_em() -> f64 {
    f64::from(FACE.units_per_em())
}

/// Part of a line.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    /// Letter of the font, with its left edge in font units.
    Glyph { glyph: u16, left: f64 },
    /// Letters missing from the font, with their left edge and width in font units.
    Missing { text: String, left: f64, width: f64 },
}

/// Width of a narrow letter missing from the font, in ems.
const NARROW: f64 = 0.7;
/// Width of a CJK character or an emoji, in ems.
const WIDE: f64 = 1.05;

/// Returns the pieces of a line. Adjacent missing letters stay together, since they may form one emoji.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut x = 0.0;
    for character in text.chars() {
        if let Some(glyph) = FACE.glyph_index(character) {
            pieces.push(Piece::Glyph { glyph: glyph.0, left: x });
            x += f64::from(FACE.glyph_hor_advance(glyph).unwrap_or(0));
        } else if let Some(Piece::Missing { text, left, width }) = pieces.last_mut() {
            text.push(character);
            *width = missing_width(text);
            x = *left + *width;
        } else {
            let (text, left) = (character.to_string(), x);
            let width = missing_width(&text);
            x += width;
            pieces.push(Piece::Missing { text, left, width });
        }
    }
    pieces
}

/// Estimates the width of letters missing from the font.
fn missing_width(text: &str) -> f64 {
    let wide = text.chars().filter(|char| crate::format::width(char.encode_utf8(&mut [0; 4])) > 1).count() as f64;
    let columns = crate::format::width(text) as f64;
    // An emoji of several parts is shown as one.
    let wide = wide.min((columns / 2.0).ceil());
    (wide * WIDE + (columns - 2.0 * wide).max(0.0) * NARROW) * units_per_em()
}

/// Returns the width of a line in pixels.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let end = match pieces(text).last() {
        None => 0.0,
        Some(Piece::Glyph { glyph, left }) => left + f64::from(FACE.glyph_hor_advance(GlyphId(*glyph)).unwrap_or(0)),
        Some(Piece::Missing { left, width, .. }) => left + width,
    };
    end * size / units_per_em()
}

/// Returns a box with hexadecimal digits, in place of a letter missing from the font. `left`, `width` and the steps are
/// in font units.
pub(super) fn code(character: char, left: f64, width: f64) -> Vec<Step> {
    let em = units_per_em();
    let digits = format!("{:04X}", u32::from(character));
    let (frame, gap) = (0.03 * em, 0.05 * em);
    let (outer, inner) = ((left + gap, -0.82 * em), (left + width - gap, 0.18 * em));
    let mut steps = rectangle(outer, inner, false);
    steps.extend(rectangle((outer.0 + frame, outer.1 + frame), (inner.0 - frame, inner.1 - frame), true));
    let row = digits.len().div_ceil(2);
    let cell = (inner.0 - outer.0 - 4.0 * frame) / row as f64;
    let scale = (cell / (0.636 * em)).min(0.5);
    for (place, digit) in digits.chars().enumerate() {
        let x = outer.0 + 2.0 * frame + (place % row) as f64 * cell + (cell - 0.636 * em * scale) / 2.0;
        let y = if place < row { -0.37 * em } else { 0.1 * em };
        let glyph = FACE.glyph_index(digit).unwrap_or(GlyphId(0));
        steps.extend(outline(glyph.0).into_iter().map(|step| step.moved(scale, x, y)));
    }
    steps
}

/// Returns a rectangle between two corners; in reverse order it cuts a hole.
fn rectangle((left, top): (f64, f64), (right, bottom): (f64, f64), is_hole: bool) -> Vec<Step> {
    let mut corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
    if is_hole {
        corners.reverse();
    }
    let corners = corners.map(|(x, y)| (x as f32, y as f32));
    let lines = corners[1..].iter().map(|&(x, y)| Step::Line(x, y));
    [Step::Move(corners[0].0, corners[0].1)].into_iter().chain(lines).chain([Step::Close]).collect()
}

impl Step {
    fn moved(self, scale: f64, x: f64, y: f64) -> Self {
        let at = |px: f32, py: f32| ((f64::from(px) * scale + x) as f32, (f64::from(py) * scale + y) as f32);
        match self {
            Self::Move(px, py) => {
                let (px, py) = at(px, py);
                Self::Move(px, py)
            }
            Self::Line(px, py) => {
                let (px, py) = at(px, py);
                Self::Line(px, py)
            }
            Self::Curve(x1, y1, px, py) => {
                let ((x1, y1), (px, py)) = (at(x1, y1), at(px, py));
                Self::Curve(x1, y1, px, py)
            }
            Self::Close => Self::Close,
        }
    }
}

/// Truncates the text to `width` pixels, with an ellipsis.
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

/// Wraps the text into lines of at most `width` pixels, at spaces where possible.
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

/// Returns whether a glyph is visible, unlike a space.
pub(super) fn is_drawn(glyph: u16) -> bool {
    !outline(glyph).is_empty()
}

/// Returns a glyph's outline; empty for a space.
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
