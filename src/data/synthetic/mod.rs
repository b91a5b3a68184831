//! Digits that the program draws itself from seeded pen strokes, for when MNIST can be neither found nor downloaded.
//!
//! Each image has a writer of its own: one of several ways to write the digit (`glyphs`), with displaced knots, slant,
//! tilt, proportions and bends, and a pen with its own width, pressure and edge (`style`), converted to MNIST's format
//! (`raster`).
//!
//! The digits contain no image of MNIST, and no network draws them. The ways of writing were designed by hand. Their
//! frequencies, and the ranges of slants, pens and bends, were chosen by eye and by training LeNet-5 on these digits
//! and measuring it on 20,000 of MNIST's *training* images. The test images were used for the reported accuracy only.
//!
//! The set is always the same on every platform: an image depends only on its split, index and digit, and is computed
//! with `+ - * /` and square roots alone, which every platform rounds alike.

mod glyphs;
mod hand;
mod raster;
mod stroke;
mod style;

use std::{num::NonZero, sync::Mutex, thread};

use super::{CLASSES, Dataset, Kind, PIXELS, Split, order::epoch_order};
use hand::Hand;

/// The seed of all images. Changing it, or anything else that the images depend on, creates a different data set.
const SEED: u64 = 1998;
/// Number of images that a thread draws at a time.
const BLOCK: usize = 500;

const TRAIN_IMAGES: u32 = 60_000;
const TEST_IMAGES: u32 = 10_000;

/// Draws 60,000 training and 10,000 test digits, always the same, on all cores.
pub fn generate() -> Dataset {
    generate_on(thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN))
}

/// Like [`generate`], on a given number of threads, which affects only the time.
pub fn generate_on(threads: NonZero<usize>) -> Dataset {
    let [train, test] = [(0, TRAIN_IMAGES), (1, TEST_IMAGES)].map(|(split, images)| draw_split(split, images, threads));
    Dataset::new(Kind::Synthetic, "SYNTHETIC".to_owned(), train, test)
}

/// Returns the pixels of `count` images of one digit that belong to neither split.
pub(super) fn examples(digit: u8, count: usize) -> Vec<u8> {
    let mut pixels = vec![0; count * PIXELS];
    pixels.chunks_exact_mut(PIXELS).enumerate().for_each(|(index, image)| draw(2, index, digit, image));
    pixels
}

/// Draws a split in which all digits are equally frequent, in random order.
fn draw_split(split: u32, images: u32, threads: NonZero<usize>) -> Split {
    let labels: Vec<u8> =
        epoch_order(SEED, split, images).into_iter().map(|position| (position % CLASSES as u32) as u8).collect();
    let mut pixels = vec![0; labels.len() * PIXELS];
    let blocks = Mutex::new(pixels.chunks_mut(BLOCK * PIXELS).enumerate());
    let next = || blocks.lock().expect("no thread panics while holding the lock").next();
    thread::scope(|scope| {
        for _ in 0..threads.get() {
            scope.spawn(|| {
                while let Some((block, pixels)) = next() {
                    for (image, index) in pixels.chunks_exact_mut(PIXELS).zip(block * BLOCK..) {
                        draw(split, index, labels[index], image);
                    }
                }
            });
        }
    });
    Split::new(pixels, labels)
}

/// Draws image `index` of a split.
fn draw(split: u32, index: usize, digit: u8, image: &mut [u8]) {
    let mut hand = Hand::new(SEED << 48 ^ u64::from(split) << 32 ^ index as u64);
    let strokes = glyphs::write(digit, &mut hand);
    let drawing = style::apply(digit, strokes, &mut hand);
    raster::render(drawing, &mut hand, image);
}
