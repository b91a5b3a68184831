//! Whether digits lie transposed, as EMNIST's files have them, where no name tells any more.

use super::{CLASSES, PIXELS, SIDE, Split, synthetic};

/// Images of each class that are compared; fewer than [`FEWEST`] say nothing.
const COMPARED: usize = 200;
const FEWEST: usize = 5;

/// Synthetic digits that show what each class looks like.
const DRAWN: usize = 20;

/// How alike the classes' means are to be to transposed digits, and how much more so than to upright ones. MNIST's own, of
/// 100 to 10,000 images, come to 0.85 to 0.94 the right way and 0.48 to 0.56 the other.
const ALIKE: f32 = 0.75;
const MORE: f32 = 0.25;

type Image = [f32; PIXELS];

/// Whether the classes of `split` are alike digits that lie transposed, and not upright ones.
pub(super) fn is_transposed(split: &Split) -> bool {
    let Some((upright, transposed)) = likeness(split) else { return false };
    transposed > ALIKE && transposed - upright > MORE
}

/// Mean correlation with upright and with transposed digits.
fn likeness(split: &Split) -> Option<(f32, f32)> {
    let (mut upright, mut transposed) = (0.0, 0.0);
    for digit in 0..CLASSES as u8 {
        let own = (0..split.len()).filter(|&index| split.label(index) == digit).take(COMPARED);
        let images: Vec<&[u8]> = own.map(|index| split.image(index)).collect();
        if images.len() < FEWEST {
            return None;
        }
        let found = mean(images.into_iter());
        let drawn = synthetic::examples(digit, DRAWN);
        let drawn = mean(drawn.chunks_exact(PIXELS));
        upright += correlation(&found, &drawn);
        transposed += correlation(&found, &turned(&drawn));
    }
    Some((upright / CLASSES as f32, transposed / CLASSES as f32))
}

fn mean<'a>(images: impl Iterator<Item = &'a [u8]>) -> Image {
    let mut sum = [0.0; PIXELS];
    for image in images {
        sum.iter_mut().zip(image).for_each(|(sum, &pixel)| *sum += f32::from(pixel));
    }
    // Neither its scale nor its mean changes a correlation; without the mean it is a product.
    let mean = sum.iter().sum::<f32>() / PIXELS as f32;
    sum.map(|value| value - mean)
}

fn turned(image: &Image) -> Image {
    std::array::from_fn(|index| image[index % SIDE * SIDE + index / SIDE])
}

/// Pearson's, of images whose mean is zero.
fn correlation(a: &Image, b: &Image) -> f32 {
    let product = |a: &Image, b: &Image| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let length = (product(a, a) * product(b, b)).sqrt();
    if length > 0.0 { product(a, b) / length } else { 0.0 }
}
