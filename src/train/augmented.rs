//! Batches of augmented images.

use crate::{
    data::{Augmentation, Dataset, PIXELS, Split},
    nn::{Engine, Units},
};

/// Returns a batch of training images as they are in an epoch of a run, which has a seed.
pub(super) fn augmented(
    engine: &Engine,
    augmentation: Augmentation,
    (seed, epoch): (u64, u32),
    dataset: &Dataset,
    batch: &[u32],
) -> Split {
    let mut pixels = vec![0; batch.len() * PIXELS];
    engine.enter(|| {
        engine.split(Units(&mut pixels, PIXELS), 1, |first, part| {
            for (pixels, &index) in part.0.chunks_exact_mut(PIXELS).zip(&batch[first..]) {
                augmentation.apply(dataset.train.image(index as usize), seed, epoch, index, pixels);
            }
        });
    });
    Split::new(pixels, batch.iter().map(|&index| dataset.train.label(index as usize)).collect())
}
