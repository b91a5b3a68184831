//! Painted photographs of a page with a digit: the marks on the page, the light, the camera's grain.

use image::{GrayImage, Luma};
use lenet_monitor::data::{PIXELS, SIDE};

/// Random numbers that are the same in every run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        let mut dice = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        (0..8).for_each(|_| _ = dice.unit());
        dice
    }

    /// Returns a number from 0 to 1.
    pub fn unit(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1 << 24) as f32
    }

    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    pub fn chance(&mut self, share: f32) -> bool {
        self.unit() < share
    }
}

/// A function from the middle of a pixel to a number.
pub type Field = Box<dyn Fn(f32, f32) -> f32>;

/// A mark on the page: its coverage of each point, and its shade.
pub struct Mark {
    pub cover: Field,
    pub shade: f32,
}

/// A sheet on a table.
pub struct Sheet {
    pub middle: (f32, f32),
    pub size: (f32, f32),
    /// Rotation in degrees.
    pub angle: f32,
    /// Shade of the table.
    pub table: Field,
}

impl Sheet {
    /// Converts a point of the picture to coordinates on the sheet, relative to its middle.
    fn on(&self, x: f32, y: f32) -> (f32, f32) {
        turned((x - self.middle.0, y - self.middle.1), -self.angle)
    }

    fn cover(&self, x: f32, y: f32) -> f32 {
        let (x, y) = self.on(x, y);
        let inside = (self.size.0 / 2.0 - x.abs()).min(self.size.1 / 2.0 - y.abs());
        (inside + 0.5).clamp(0.0, 1.0)
    }
}

pub fn turned((x, y): (f32, f32), degrees: f32) -> (f32, f32) {
    let (sin, cos) = degrees.to_radians().sin_cos();
    (x * cos - y * sin, x * sin + y * cos)
}

/// A picture to be painted.
pub struct Scene {
    pub width: u32,
    pub height: u32,
    pub digit: [u8; PIXELS],
    /// Middle of the digit's 28x28 square, and the square's side.
    pub at: (f32, f32),
    pub side: f32,
    /// Rotation of the digit, in degrees.
    pub turn: f32,
    pub paper: f32,
    pub ink: f32,
    pub marks: Vec<Mark>,
    pub sheet: Option<Sheet>,
    /// Fraction of each shade that the light leaves.
    pub light: Field,
    /// Brightness that a reflection adds.
    pub glare: Field,
    pub grain: f32,
    pub seed: u64,
}

impl Scene {
    pub fn paint(&self) -> GrayImage {
        let mut dice = Dice::new(self.seed ^ 0x5eed);
        GrayImage::from_fn(self.width, self.height, |x, y| {
            let (x, y) = (x as f32 + 0.5, y as f32 + 0.5);
            let mut shade = self.paper;
            for mark in &self.marks {
                shade += (mark.shade - shade) * (mark.cover)(x, y);
            }
            shade += (self.ink - shade) * self.stroke(x, y);
            if let Some(sheet) = &self.sheet {
                shade = (sheet.table)(x, y) + (shade - (sheet.table)(x, y)) * sheet.cover(x, y);
            }
            let grain = self.grain * 2.0 * (dice.unit() + dice.unit() + dice.unit() - 1.5);
            Luma([(shade * (self.light)(x, y) + (self.glare)(x, y) + grain).round().clamp(0.0, 255.0) as u8])
        })
    }

    /// Returns the coverage of a point by the digit's strokes: MNIST's greys, enlarged and with a sharp edge.
    fn stroke(&self, x: f32, y: f32) -> f32 {
        let (x, y) = turned((x - self.at.0, y - self.at.1), -self.turn);
        let scale = SIDE as f32 / self.side;
        let (x, y) = (x * scale + SIDE as f32 / 2.0 - 0.5, y * scale + SIDE as f32 / 2.0 - 0.5);
        let grey = |column: i32, row: i32| {
            let inside = (0..SIDE as i32).contains(&column) && (0..SIDE as i32).contains(&row);
            if inside { f32::from(self.digit[row as usize * SIDE + column as usize]) / 255.0 } else { 0.0 }
        };
        let (left, top) = (x.floor() as i32, y.floor() as i32);
        let mix = |a: f32, b: f32, share: f32| a + (b - a) * share;
        let (across, down) = (x - left as f32, y - top as f32);
        let upper = mix(grey(left, top), grey(left + 1, top), across);
        let lower = mix(grey(left, top + 1), grey(left + 1, top + 1), across);
        ((mix(upper, lower, down) - 0.42) / (0.35 * scale).clamp(0.02, 0.5) + 0.5).clamp(0.0, 1.0)
    }
}

/// Rises from 0 to 1 while `from` rises from -`half` to `half`.
pub fn ramp(from: f32, half: f32) -> f32 {
    let share = ((from / half.max(0.3) + 1.0) / 2.0).clamp(0.0, 1.0);
    share * share * (3.0 - 2.0 * share)
}

/// Returns the coverage by a line of this breadth at a distance from its middle.
pub fn line(distance: f32, breadth: f32) -> f32 {
    (breadth / 2.0 + 0.5 - distance.abs()).clamp(0.0, 1.0)
}
