//! Augmentation: training images that are a little different in each epoch.
//!
//! Each image is rotated, shifted, scaled, sheared and bent by random amounts, so that the network sees more ways to
//! write a digit than the training set contains (Simard, Steinkraus and Platt 2003, *Best practices for convolutional
//! neural networks applied to visual document analysis*). What happens to an image depends only on the run's seed, the
//! epoch and the image's number: a resumed run has the same images as an uninterrupted one, with any number of threads.
//! A change that is switched off leaves the others as they are, and a stronger one goes in the same direction as a
//! weaker one.

use super::{
    PIXELS, SIDE,
    random::{fill_normal, generator, signed_fraction},
    sampling::Sources,
};

/// Makes the draws independent of others that have the same seed.
const DOMAIN: u64 = u64::from_be_bytes(*b"augments");

/// Number of rows and columns of the grid of elastic displacements.
pub const GRID: usize = 7;

/// Elastic displacements at the points of a grid, row after row. The outer points are on the centres of the outer pixels.
pub type Grid = [[f32; GRID]; GRID];

/// Strengths of the random changes to each training image. At 0 there is no change of that kind.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Augmentation {
    /// Greatest angle in degrees, in both directions. Angles are uniformly distributed, as are the next three.
    pub rotation: f32,
    /// Greatest shift along each axis, in pixels.
    pub shift: f32,
    /// Greatest change of the size: the factor is within `1 - scale` and `1 + scale`.
    pub scale: f32,
    /// Greatest shear, the tangent of the angle by which upright strokes are slanted.
    pub shear: f32,
    /// Standard deviation of the elastic displacements, in pixels. They are normally distributed.
    pub elastic: f32,
}

impl Augmentation {
    /// Whether images stay as they are.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Writes image `index` of the training set as it is in this epoch, which counts from 0.
    ///
    /// # Panics
    /// If an image does not have [`PIXELS`] bytes.
    pub fn apply(&self, image: &[u8], seed: u64, epoch: u32, index: u32, out: &mut [u8]) {
        if self.is_none() {
            out.copy_from_slice(image);
        } else {
            self.draw(seed, epoch, index).apply(image, out);
        }
    }

    /// Draws the changes to an image.
    pub fn draw(&self, seed: u64, epoch: u32, index: u32) -> Deformation {
        let mut rng = generator(seed ^ DOMAIN, [epoch, index]);
        // The numbers are drawn in this order for ever, whatever the strengths are.
        let mut within = |strength: f32| strength * signed_fraction(&mut rng);
        let rotation = within(self.rotation);
        let shift = [within(self.shift), within(self.shift)];
        let scale = 1.0 + within(self.scale);
        let shear = within(self.shear);
        let mut elastic = [[[0.0; GRID]; GRID]; 2];
        if self.elastic != 0.0 {
            let displacements = elastic.as_flattened_mut().as_flattened_mut();
            fill_normal(displacements, &mut rng);
            displacements.iter_mut().for_each(|displacement| *displacement *= self.elastic);
        }
        Deformation { rotation, shift, scale, shear, elastic }
    }
}

/// Changes to one image.
///
/// With `x` to the right and `y` down from the image's centre, the ink at `u` moves to `R S H u + t`, where `H` is the
/// shear `[[1, shear], [0, 1]]`, `S` the scale, `R` the rotation `[[cos, -sin], [sin, cos]]` and `t` the shift. So the
/// pixel at `p` comes from `inverse(R S H) (p - t) + e(p)`. The elastic displacement `e(p)` is that of the grid,
/// enlarged to the image by bicubic interpolation (Keys 1981, with `a` = -0.75; beyond the border the grid repeats its
/// outer points), as PyTorch's `interpolate` does with `mode="bicubic"` and `align_corners=True`. The image is
/// interpolated once, bilinearly and with no ink outside, as PyTorch's `grid_sample` does.
#[derive(Clone, Debug, PartialEq)]
pub struct Deformation {
    /// Angle in degrees, clockwise.
    pub rotation: f32,
    /// Pixels to the right and down.
    pub shift: [f32; 2],
    /// Factor of the size.
    pub scale: f32,
    /// Pixels by which a point moves to the right for each pixel that it is below the centre.
    pub shear: f32,
    /// Displacements of what is sampled, along `x` and along `y`, in pixels.
    pub elastic: [Grid; 2],
}

impl Deformation {
    /// Writes the changed image.
    ///
    /// # Panics
    /// If an image does not have [`PIXELS`] bytes.
    pub fn apply(&self, image: &[u8], out: &mut [u8]) {
        self.sources().sample(image, out);
    }

    fn sources(&self) -> Sources {
        // As double precision, rounded, these are the same with any mathematical library, but for the rarest cases.
        let (sin, cos) = f64::from(self.rotation).to_radians().sin_cos();
        let (sin, cos) = (sin as f32 / self.scale, cos as f32 / self.scale);
        let [[xx, xy], [yx, yy]] = [[cos + self.shear * sin, sin - self.shear * cos], [-sin, cos]];
        let [right, down] = self.shift;
        let mut sources = Sources::relative(|x, y| {
            let (x, y) = (x - right, y - down);
            (xx * x + xy * y, yx * x + yy * y)
        });
        let [x, y] = &self.elastic;
        if self.elastic != [[[0.0; GRID]; GRID]; 2] {
            add_enlarged(x, &mut sources.x);
            add_enlarged(y, &mut sources.y);
        }
        sources
    }
}

/// Adds the grid, enlarged to the image, to the values of the image's pixels. The enlargement is linear and separable:
/// `transpose(W) grid W`, where `W` is [`WEIGHTS`].
fn add_enlarged(grid: &Grid, values: &mut [f32; PIXELS]) {
    let mut wide = [[0.0; SIDE]; GRID];
    for (wide, grid) in wide.iter_mut().zip(grid) {
        for (displacement, weights) in grid.iter().zip(&WEIGHTS) {
            add_scaled(wide, *displacement, weights);
        }
    }
    for (row, values) in values.as_chunks_mut().0.iter_mut().enumerate() {
        // All other points of the column have no weight.
        let first = cell(row).saturating_sub(1).min(GRID - TAPS);
        for point in first..first + TAPS {
            add_scaled(values, WEIGHTS[point][row], &wide[point]);
        }
    }
}

fn add_scaled(sums: &mut [f32; SIDE], factor: f32, values: &[f32; SIDE]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += factor * value;
    }
}

/// Number of points of the grid along an axis that a pixel's displacement depends on.
const TAPS: usize = 4;

/// Weights of each point of the grid along an axis, for each pixel along it.
const WEIGHTS: [[f32; SIDE]; GRID] = {
    let mut weights = [[0.0; SIDE]; GRID];
    let mut pixel = 0;
    while pixel < SIDE {
        let mut tap = 0;
        while tap < TAPS {
            // Beyond the border the grid repeats its outer points.
            let point = (cell(pixel) + tap).saturating_sub(1);
            let point = if point < GRID { point } else { GRID - 1 };
            weights[point][pixel] += cubic(distance(pixel, tap)) as f32;
            tap += 1;
        }
        pixel += 1;
    }
    weights
};

/// Returns the point of the grid that is at or before a pixel.
const fn cell(pixel: usize) -> usize {
    pixel * (GRID - 1) / (SIDE - 1)
}

/// Returns how far a pixel is from one of the points around it, in cells of the grid.
const fn distance(pixel: usize, tap: usize) -> f64 {
    let beyond = (pixel * (GRID - 1) % (SIDE - 1)) as f64 / (SIDE - 1) as f64;
    (beyond + 1.0 - tap as f64).abs()
}

/// Returns the weight of a point at a distance below 2 (Keys 1981, *Cubic convolution interpolation*).
const fn cubic(distance: f64) -> f64 {
    const A: f64 = -0.75;
    let d = distance;
    if d <= 1.0 { ((A + 2.0) * d - (A + 3.0)) * d * d + 1.0 } else { ((A * d - 5.0 * A) * d + 8.0 * A) * d - 4.0 * A }
}
