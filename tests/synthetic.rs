//! The digits that the program draws itself: always the same, and in MNIST's form.

use std::{collections::HashSet, num::NonZero, sync::LazyLock};

use lenet_monitor::data::{CLASSES, Dataset, Kind, PIXELS, SIDE, Split, synthetic};
use sha2::{Digest, Sha256};

mod common;

static SET: LazyLock<Dataset> = LazyLock::new(synthetic::generate);

/// The full fingerprint, by which checkpoints recognise these digits. A change to the pen changes it and makes a
/// different data set, with which older checkpoints rightly refuse to continue.
const FINGERPRINT: &str = "73fb872f28b1ee0cf3815b257a94f5fca326fb1fe49060a10b83cd3eee1de6a7";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn images(split: &Split) -> impl Iterator<Item = &[u8]> {
    (0..split.len()).map(|index| split.image(index))
}

fn splits() -> [&'static Split; 2] {
    [&SET.train, &SET.test]
}

#[test]
fn is_the_same_set_everywhere() {
    assert_eq!(hex(&SET.id.fingerprint.0), FINGERPRINT);
    assert_eq!(SET.id.kind, Kind::Synthetic);
    assert_eq!(SET.id.name, "SYNTHETIC");
}

/// The fingerprint is what `sha256sum` prints for the four files of this set, concatenated.
#[test]
fn the_fingerprint_is_that_of_the_four_idx_files() {
    let mut sum = Sha256::new();
    for split in splits() {
        sum.update(common::images_file(split.pixels()));
        sum.update(common::labels_file(split.labels()));
    }
    assert_eq!(SET.id.fingerprint.0, <[u8; 32]>::from(sum.finalize()));
}

#[test]
fn does_not_depend_on_the_number_of_threads() {
    for threads in [1, 3] {
        let set = synthetic::generate_on(NonZero::new(threads).unwrap());
        assert!(set.train == SET.train && set.test == SET.test, "{threads} threads");
        assert_eq!(set.id, SET.id);
    }
}

#[test]
fn digits_are_equally_frequent_and_shuffled() {
    for (split, size) in splits().into_iter().zip([60_000, 10_000]) {
        assert_eq!(split.len(), size);
        let mut counts = [0; CLASSES];
        for &label in split.labels() {
            counts[usize::from(label)] += 1;
        }
        assert_eq!(counts, [size / CLASSES; CLASSES]);
        // Any hundred consecutive labels include most digits, and neighbours are equal no more often than by chance.
        assert!(split.labels().chunks(100).all(|stretch| stretch.iter().collect::<HashSet<_>>().len() >= 8));
        let alike = split.labels().windows(2).filter(|pair| pair[0] == pair[1]).count();
        assert!((size * 9 / 100..size * 11 / 100).contains(&alike), "{alike} of {size}");
    }
}

#[test]
fn all_images_differ() {
    let all: HashSet<&[u8]> = splits().into_iter().flat_map(images).collect();
    assert_eq!(all.len(), 70_000);
}

/// Returns the number of rows or columns from the first to the last with ink.
fn extent(inked: impl Fn(usize) -> bool) -> usize {
    let lines: Vec<usize> = (0..SIDE).filter(|&line| inked(line)).collect();
    lines[lines.len() - 1] - lines[0] + 1
}

#[test]
fn ink_fills_a_box_of_twenty_pixels_in_one_direction() {
    for image in splits().into_iter().flat_map(images) {
        let height = extent(|row| (0..SIDE).any(|column| image[row * SIDE + column] > 0));
        let width = extent(|column| (0..SIDE).any(|row| image[row * SIDE + column] > 0));
        assert!((19..=20).contains(&height.max(width)), "{width}x{height}");
    }
}

/// MNIST's makers shifted by whole pixels, so that the centre is off by at most half a pixel, except for a digit whose
/// box would otherwise leave the image.
#[test]
fn the_centre_of_mass_is_in_the_middle() {
    let mut held = 0;
    for image in splits().into_iter().flat_map(images) {
        let mass: f64 = image.iter().copied().map(f64::from).sum();
        let centre = |coordinate: fn(usize) -> usize| {
            (0..PIXELS).map(|pixel| f64::from(image[pixel]) * coordinate(pixel) as f64).sum::<f64>() / mass
        };
        let off = [centre(|pixel| pixel % SIDE), centre(|pixel| pixel / SIDE)].map(|centre| (centre - 14.0).abs());
        held += i32::from(off.iter().any(|&off| off > 0.5 + 1e-9));
        assert!(off.iter().all(|&off| off < 2.0), "{off:?}");
    }
    assert!(held < 700, "{held} of 70,000");
}

#[test]
fn ink_is_white_on_black_with_grey_edges() {
    for image in splits().into_iter().flat_map(images) {
        assert_eq!(image.iter().max(), Some(&255));
        let black = image.iter().filter(|&&pixel| pixel == 0).count();
        let grey = image.iter().filter(|&&pixel| (1..255).contains(&pixel)).count();
        assert!(black > PIXELS * 2 / 5, "{black}");
        assert!(grey > 10, "{grey}");
    }
    // MNIST's training images: 19.1 % of the pixels are not black, and the mean is 0.1307.
    let pixels = SET.train.pixels();
    let inked = pixels.iter().filter(|&&pixel| pixel > 0).count() as f64 / pixels.len() as f64;
    let mean = pixels.iter().map(|&pixel| f64::from(pixel)).sum::<f64>() / pixels.len() as f64 / 255.0;
    assert!((0.17..0.21).contains(&inked), "{inked}");
    assert!((0.12..0.145).contains(&mean), "{mean}");
}
