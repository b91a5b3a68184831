//! Changes to images: moved, rotated, scaled, covered with noise or lines, or with their pixels permuted.
//!
//! They measure how a network bears images unlike those that it was trained on. What happens to an image depends only on
//! the change and the image's number, so every network is measured on the same images, and a stronger change goes in
//! the same direction as a weaker one.

use std::{f32::consts::TAU, fmt, ops::RangeInclusive, str::FromStr};

use rand::{Rng, SeedableRng, rngs::Xoshiro256PlusPlus};

use super::{
    PIXELS, SIDE, Split,
    order::epoch_order,
    random::{fraction, signed_fraction},
    sampling::{CENTRE, Sources},
};

/// The seed of all changes.
const SEED: u64 = 784;
/// Value of a pixel that is all ink.
const INK: f32 = 255.0;
/// Half the width of a line, in pixels: the strokes of MNIST's digits are two to three pixels wide.
const HALF_WIDTH: f32 = 1.2;
/// Greatest distance of a line from the image's centre, in pixels.
const OFFSET: f32 = 8.0;

/// A change to the images of a split, the same for each run of the program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Disturbance {
    /// Each image is moved by this number of pixels up, down, left or right. What leaves the image is lost.
    Moved(u32),
    /// Each image is rotated about its centre by this angle in degrees, clockwise or counterclockwise.
    Rotated(f32),
    /// Each image is enlarged about its centre by this factor.
    Scaled(f32),
    /// Gaussian noise is added to each pixel. The standard deviation is a fraction of full ink.
    Noise(f32),
    /// This number of straight strokes, as wide as a pen's, cross each image.
    Lines(u32),
    /// The pixels of each image are reordered, all images in the same way.
    Permuted,
}

use Disturbance::{Lines, Moved, Noise, Permuted, Rotated, Scaled};

impl Disturbance {
    /// Returns the split with its images changed. Labels and order stay.
    #[must_use]
    pub fn apply(self, split: &Split) -> Split {
        let order = epoch_order(SEED, 0, PIXELS as u32);
        let mut pixels = Vec::with_capacity(split.pixels().len());
        for index in 0..split.len() {
            let image = split.image(index);
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(SEED ^ self.kind() << 32 ^ index as u64);
            match self {
                Moved(distance) => pixels.extend(moved(image, distance, &mut rng)),
                Rotated(degrees) => pixels.extend(rotated(image, degrees, &mut rng)),
                Scaled(factor) => pixels.extend(resampled(image, |x, y| (x / factor, y / factor))),
                Noise(deviation) => pixels.extend(image.iter().map(|&ink| noisy(ink, deviation, &mut rng))),
                Lines(count) => pixels.extend(crossed(image, count, &mut rng)),
                Permuted => pixels.extend(order.iter().map(|&from| image[from as usize])),
            }
        }
        Split::new(pixels, split.labels().to_vec())
    }

    /// Returns a number that differs between kinds of changes, so that one kind does not depend on another.
    fn kind(self) -> u64 {
        match self {
            Moved(_) => 1,
            Rotated(_) => 2,
            Scaled(_) => 3,
            Noise(_) => 4,
            Lines(_) => 5,
            Permuted => 6,
        }
    }
}

fn moved(image: &[u8], distance: u32, rng: &mut impl Rng) -> impl Iterator<Item = u8> {
    let distance = i64::from(distance);
    let (right, down) = [(distance, 0), (-distance, 0), (0, distance), (0, -distance)][(rng.next_u64() >> 62) as usize];
    (0..PIXELS as i64).map(move |pixel| {
        let (x, y) = (pixel % SIDE as i64 - right, pixel / SIDE as i64 - down);
        pixel_at(image, x, y)
    })
}

/// Returns a pixel, or no ink outside the image.
fn pixel_at(image: &[u8], x: i64, y: i64) -> u8 {
    let inside = 0..SIDE as i64;
    if inside.contains(&x) && inside.contains(&y) { image[y as usize * SIDE + x as usize] } else { 0 }
}

fn rotated(image: &[u8], degrees: f32, rng: &mut impl Rng) -> [u8; PIXELS] {
    let clockwise = rng.next_u64() >> 63 == 0;
    let (sin, cos) = if clockwise { degrees } else { -degrees }.to_radians().sin_cos();
    resampled(image, move |x, y| (cos * x + sin * y, cos * y - sin * x))
}

/// Samples the image bilinearly at `source` of each pixel; both are relative to the image's centre.
fn resampled(image: &[u8], source: impl Fn(f32, f32) -> (f32, f32)) -> [u8; PIXELS] {
    let mut resampled = [0; PIXELS];
    Sources::relative(source).sample(image, &mut resampled);
    resampled
}

/// Adds noise by Box and Muller's method. A conversion to `u8` limits the result to 0 to 255.
fn noisy(ink: u8, deviation: f32, rng: &mut impl Rng) -> u8 {
    let radius = (-2.0 * (1.0 - fraction(rng)).ln()).sqrt();
    let normal = radius * (TAU * fraction(rng)).cos();
    (f32::from(ink) + INK * deviation * normal).round() as u8
}

fn crossed(image: &[u8], count: u32, rng: &mut impl Rng) -> Vec<u8> {
    let mut image = image.to_vec();
    for _ in 0..count {
        let (sin, cos) = (TAU / 2.0 * fraction(rng)).sin_cos();
        let offset = OFFSET * signed_fraction(rng);
        for (pixel, ink) in image.iter_mut().enumerate() {
            let (x, y) = ((pixel % SIDE) as f32 - CENTRE, (pixel / SIDE) as f32 - CENTRE);
            let covered = HALF_WIDTH + 0.5 - (cos * x + sin * y - offset).abs();
            *ink = (*ink).max((INK * covered.clamp(0.0, 1.0)).round() as u8);
        }
    }
    image
}

impl fmt::Display for Disturbance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Moved(pixels) => write!(f, "moved {pixels}"),
            Rotated(degrees) => write!(f, "rotated {degrees}"),
            Scaled(factor) => write!(f, "scaled {factor}"),
            Noise(deviation) => write!(f, "noise {deviation}"),
            Lines(count) => write!(f, "lines {count}"),
            Permuted => f.write_str("permuted"),
        }
    }
}

/// An error for a text that names no change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DisturbanceError {
    #[error("`{0}` is not one of moved, rotated, scaled, noise, lines, permuted")]
    Name(String),
    #[error("expected {expected}, found `{found}`")]
    Value { expected: &'static str, found: String },
}

impl FromStr for Disturbance {
    type Err = DisturbanceError;

    /// Reads what [`fmt::Display`] writes: a name and a value.
    fn from_str(text: &str) -> Result<Self, DisturbanceError> {
        let (name, value) = text.split_once(' ').unwrap_or((text, ""));
        match name {
            "moved" => number(value, 0..=SIDE as u32, "0 to 28 pixels").map(Moved),
            "rotated" => number(value, 0.0..=360.0, "an angle of 0 to 360 degrees").map(Rotated),
            "scaled" => number(value, 0.1..=10.0, "a factor of 0.1 to 10").map(Scaled),
            "noise" => number(value, 0.0..=10.0, "a standard deviation of 0 to 10, where 1 is full ink").map(Noise),
            "lines" => number(value, 0..=100, "0 to 100 lines").map(Lines),
            "permuted" if value.is_empty() => Ok(Permuted),
            _ => Err(DisturbanceError::Name(text.to_owned())),
        }
    }
}

fn number<N: FromStr + PartialOrd>(
    text: &str,
    range: RangeInclusive<N>,
    expected: &'static str,
) -> Result<N, DisturbanceError> {
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| DisturbanceError::Value { expected, found: text.to_owned() })
}
