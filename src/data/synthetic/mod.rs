//! Digits drawn by the program itself from seeded pen strokes, where there is neither MNIST nor a network.
//!
//! Each image has a writer of its own: one of several ways to write its digit (`glyphs`), with knots out of place, slant,
//! tilt, proportions and bends, a pen of its own width, pressure and edge (`style`), brought into MNIST's form (`raster`).
//!
//! No image of MNIST is in here, nor any network. The ways of writing are by hand. Which ways are common, and how widely
//! slants, pens and bends vary, was chosen by eye and by training LeNet-5 on these digits and measuring it on 20,000 of
//! MNIST's *training* images. The test images chose nothing: they are only for the number that is reported.
//!
//! The set is the same everywhere and always: an image depends on nothing but its split, index and digit, and is computed
//! with `+ - * /` and square roots alone, which every platform rounds alike.

mod glyphs;
mod hand;
mod raster;
mod stroke;
mod style;

use std::{num::NonZero, sync::Mutex, thread};

use sha2::{Digest, Sha256};

use super::{CLASSES, Dataset, DatasetId, Fingerprint, Kind, PIXELS, SIDE, Split, order::epoch_order};
use hand::Hand;

/// The seed of everything here. Changing it, or anything else the images depend on, makes another data set.
const SEED: u64 = 1998;
/// Images a thread takes at a time.
const BLOCK: usize = 500;

const TRAIN_IMAGES: u32 = 60_000;
const TEST_IMAGES: u32 = 10_000;

/// 60,000 training and 10,000 test digits, always the same, drawn on all cores.
pub fn generate() -> Dataset {
    generate_on(thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN))
}

/// [`generate`] on a given number of threads, which changes nothing but the time it takes.
pub fn generate_on(threads: NonZero<usize>) -> Dataset {
    let [train, test] = [(0, TRAIN_IMAGES), (1, TEST_IMAGES)].map(|(split, images)| draw_split(split, images, threads));
    let id = DatasetId { kind: Kind::Synthetic, name: "SYNTHETIC".to_owned(), fingerprint: fingerprint(&train, &test) };
    Dataset { id, train, test }
}

/// Returns the pixels of `count` images of one digit, which belong to no split.
pub(super) fn examples(digit: u8, count: usize) -> Vec<u8> {
    let mut pixels = vec![0; count * PIXELS];
    pixels.chunks_exact_mut(PIXELS).enumerate().for_each(|(index, image)| draw(2, index, digit, image));
    pixels
}

/// Every digit equally often, shuffled.
fn draw_split(split: u32, images: u32, threads: NonZero<usize>) -> Split {
    let labels: Vec<u8> =
        epoch_order(SEED, split, images).into_iter().map(|position| (position % CLASSES as u32) as u8).collect();
    let mut pixels = vec![0; labels.len() * PIXELS];
    let blocks = Mutex::new(pixels.chunks_mut(BLOCK * PIXELS).enumerate());
    let next = || blocks.lock().expect("no thread panics while it takes a block").next();
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

/// Draws the image `index` of a split.
fn draw(split: u32, index: usize, digit: u8, image: &mut [u8]) {
    let mut hand = Hand::new(SEED << 48 ^ u64::from(split) << 32 ^ index as u64);
    let strokes = glyphs::write(digit, &mut hand);
    let drawing = style::apply(digit, strokes, &mut hand);
    raster::render(drawing, &mut hand, image);
}

/// The sum over the four IDX files that this set would be.
fn fingerprint(train: &Split, test: &Split) -> Fingerprint {
    let mut sum = Sha256::new();
    for split in [train, test] {
        let count = split.len() as u32;
        sum.update([0x803, count, SIDE as u32, SIDE as u32].map(u32::to_be_bytes).as_flattened());
        sum.update(split.pixels());
        sum.update([0x801, count].map(u32::to_be_bytes).as_flattened());
        sum.update(split.labels());
    }
    Fingerprint(sum.finalize().into())
}
