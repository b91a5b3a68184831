//! Detection of transposed digits: those of EMNIST's files after these have been renamed.

use super::{CLASSES, PIXELS, SIDE, Split, synthetic};

/// Maximum and minimum number of images per class to compare.
const MAX_COMPARED: usize = 200;
const MIN_COMPARED: usize = 5;

/// Number of synthetic digits per class to compare with.
const EXAMPLES: usize = 20;

/// Minimum correlation of the classes' means with transposed digits, and how much it must exceed that with upright
/// ones. For 100 to 10,000 of MNIST's own images the values are 0.85 to 0.94 in the right orientation and 0.48 to 0.56
/// in the other.
const MIN_CORRELATION: f32 = 0.75;
const MIN_DIFFERENCE: f32 = 0.25;

type Image = [f32; PIXELS];

/// Whether the images of `split` look like transposed digits rather than upright ones.
pub(super) fn is_transposed(split: &Split) -> bool {
    let Some((upright, transposed)) = correlations(split) else { return false };
    transposed > MIN_CORRELATION && transposed - upright > MIN_DIFFERENCE
}

/// Returns the mean correlation with upright and with transposed digits.
fn correlations(split: &Split) -> Option<(f32, f32)> {
    let (mut upright, mut transposed) = (0.0, 0.0);
    for digit in 0..CLASSES as u8 {
        let own = (0..split.len()).filter(|&index| split.label(index) == digit).take(MAX_COMPARED);
        let images: Vec<&[u8]> = own.map(|index| split.image(index)).collect();
        if images.len() < MIN_COMPARED {
            return None;
        }
        let found = mean(images.into_iter());
        let drawn = synthetic::examples(digit, EXAMPLES);
        let drawn = mean(drawn.chunks_exact(PIXELS));
        upright += correlation(&found, &drawn);
        transposed += correlation(&found, &transpose(&drawn));
    }
    Some((upright / CLASSES as f32, transposed / CLASSES as f32))
}

fn mean<'a>(images: impl Iterator<Item = &'a [u8]>) -> Image {
    let mut sum = [0.0; PIXELS];
    for image in images {
        sum.iter_mut().zip(image).for_each(|(sum, &pixel)| *sum += f32::from(pixel));
    }
    // Scale and mean do not affect a correlation; without the mean it is a scalar product.
    let mean = sum.iter().sum::<f32>() / PIXELS as f32;
    sum.map(|value| value - mean)
}

fn transpose(image: &Image) -> Image {
    std::array::from_fn(|index| image[index % SIDE * SIDE + index / SIDE])
}

/// Returns Pearson's correlation of two images whose mean is zero.
fn correlation(a: &Image, b: &Image) -> f32 {
    let product = |a: &Image, b: &Image| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let length = (product(a, a) * product(b, b)).sqrt();
    if length > 0.0 { product(a, b) / length } else { 0.0 }
}
