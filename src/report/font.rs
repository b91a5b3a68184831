//! The one font of all pictures, in the binary, so that they look the same on a machine without fonts.

use std::sync::LazyLock;

use ttf_parser::{Face, GlyphId, OutlineBuilder};

/// DejaVu Sans, the part that `assets/README.md` tells.
static FACE: LazyLock<Face<'static>> = LazyLock::new(|| {
    Face::parse(include_bytes!("../../assets/DejaVuSans-subset.ttf"), 0).expect("the embedded font is sound")
});

/// How thick the strokes are that make letters bold, in thousandths of an em.
pub(super) const BOLD: f64 = 36.0;

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

/// A part of a line.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    /// A letter of the font, and its left edge in units of the font
    Glyph { glyph: u16, left: f64 },
    /// Letters that the font has not, with their left edge and width in units of the font
    Lacking { text: String, left: f64, width: f64 },
}

/// Widths of a letter that the font has not, in ems: narrow ones, and CJK and emoji
const NARROW: f64 = 0.7;
const WIDE: f64 = 1.05;

/// Returns the pieces of a line. Neighbours that the font has not stay together: they may be one emoji.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut x = 0.0;
    for character in text.chars() {
        if let Some(glyph) = FACE.glyph_index(character) {
            pieces.push(Piece::Glyph { glyph: glyph.0, left: x });
            x += f64::from(FACE.glyph_hor_advance(glyph).unwrap_or(0));
        } else if let Some(Piece::Lacking { text, left, width }) = pieces.last_mut() {
            text.push(character);
            *width = lacking(text);
            x = *left + *width;
        } else {
            let (text, left) = (character.to_string(), x);
            let width = lacking(&text);
            x += width;
            pieces.push(Piece::Lacking { text, left, width });
        }
    }
    pieces
}

/// The width of letters that the font has not.
fn lacking(text: &str) -> f64 {
    let wide = text.chars().filter(|char| crate::format::width(char.encode_utf8(&mut [0; 4])) > 1).count() as f64;
    let columns = crate::format::width(text) as f64;
    // Of an emoji of several parts, one is seen.
    let wide = wide.min((columns / 2.0).ceil());
    (wide * WIDE + (columns - 2.0 * wide).max(0.0) * NARROW) * units_per_em()
}

/// The width of a line in pixels.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let end = match pieces(text).last() {
        None => 0.0,
        Some(Piece::Glyph { glyph, left }) => left + f64::from(FACE.glyph_hor_advance(GlyphId(*glyph)).unwrap_or(0)),
        Some(Piece::Lacking { left, width, .. }) => left + width,
    };
    end * size / units_per_em()
}

/// Hexadecimal digits in a box, in place of a letter that the font has not: `left` and `width` are of the box. The steps are
/// in units of the font.
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

/// A rectangle between two corners; one that runs the other way round is cut out of another.
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

/// Whether there is anything to see of a glyph: not of a space.
pub(super) fn is_drawn(glyph: u16) -> bool {
    !outline(glyph).is_empty()
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
