//! Augmentation: as PyTorch deforms images; statistics of the draws; the same each time.

mod common;

use std::{collections::HashSet, fs, path::Path};

use common::images::difference;
use lenet_monitor::data::{Augmentation, Deformation, GRID, PIXELS};

/// Number of figures in the fixture.
const FIGURES: usize = 4;
/// The strengths of the recipe.
const RECIPE: Augmentation = Augmentation { rotation: 12.0, shift: 2.2, scale: 0.15, shear: 0.15, elastic: 0.6 };

/// Bytes that `fixtures/augmentations.py` describes.
struct Fixture(Vec<u8>);

impl Fixture {
    fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/augmentations.bin");
        Self(fs::read(path).unwrap())
    }

    fn figures(&self) -> &[u8] {
        &self.0[..FIGURES * PIXELS]
    }

    fn figure(&self) -> &[u8] {
        &self.0[..PIXELS]
    }

    /// Returns the deformations, each with the four figures that PyTorch deformed.
    fn deformations(&self) -> impl Iterator<Item = (Deformation, &[u8])> {
        const NUMBERS: usize = 5 + 2 * GRID * GRID;
        self.0[FIGURES * PIXELS..].chunks_exact(4 * NUMBERS + FIGURES * PIXELS).map(|part| {
            let (numbers, deformed) = part.split_at(4 * NUMBERS);
            let numbers: Vec<f32> = numbers.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
            let mut elastic = [[[0.0; GRID]; GRID]; 2];
            elastic.as_flattened_mut().as_flattened_mut().copy_from_slice(&numbers[5..]);
            let [rotation, right, down, scale, shear] = *numbers.first_chunk().unwrap();
            (Deformation { rotation, shift: [right, down], scale, shear, elastic }, deformed)
        })
    }
}

fn deformed(deformation: &Deformation, image: &[u8]) -> Vec<u8> {
    let mut out = vec![1; PIXELS];
    deformation.apply(image, &mut out);
    out
}

fn augmented(strengths: Augmentation, image: &[u8], seed: u64, epoch: u32, index: u32) -> Vec<u8> {
    let mut out = vec![1; PIXELS];
    strengths.apply(image, seed, epoch, index, &mut out);
    out
}

/// Deformations of consecutive images in an epoch.
fn draws(strengths: Augmentation, images: u32) -> impl Iterator<Item = Deformation> {
    (0..images).map(move |index| strengths.draw(1, 2, index))
}

/// An image with ink up to its border.
fn noise() -> Vec<u8> {
    (0..PIXELS as u32).map(|pixel| (pixel.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

#[test]
fn images_are_deformed_as_pytorch_does() {
    let fixture = Fixture::read();
    let mut compared = 0;
    for (deformation, expected) in fixture.deformations() {
        for (figure, expected) in fixture.figures().chunks(PIXELS).zip(expected.chunks(PIXELS)) {
            let largest = difference(&deformed(&deformation, figure), expected);
            assert!(largest <= 1, "{deformation:?}: pixels differ by {largest}");
            compared += 1;
        }
    }
    assert_eq!(compared, 12 * FIGURES);
}

#[test]
fn no_change_leaves_every_byte() {
    let images = [Fixture::read().figure().to_vec(), noise(), vec![255; PIXELS]];
    let none = Augmentation::default();
    assert!(none.is_none() && !RECIPE.is_none());
    for image in &images {
        assert_eq!(augmented(none, image, 1, 2, 3), *image);
        assert_eq!(deformed(&none.draw(1, 2, 3), image), *image, "interpolation is exact on the identity");
    }
    // A shift by whole pixels is exact, too.
    let right = Deformation { shift: [3.0, 0.0], ..none.draw(1, 2, 3) };
    let moved = deformed(&right, &images[1]);
    for (moved, row) in moved.chunks(28).zip(images[1].chunks(28)) {
        assert_eq!((&moved[..3], &moved[3..]), (&[0, 0, 0][..], &row[..25]));
    }
    // Between two pixels is their mean, rounded.
    let half = deformed(&Deformation { shift: [-0.5, 0.0], ..none.draw(1, 2, 3) }, &images[1]);
    for (half, row) in half.chunks(28).zip(images[1].chunks(28)) {
        let means: Vec<u8> = row.windows(2).map(|pair| pair[0].midpoint(pair[1]) + (pair[0] ^ pair[1]) % 2).collect();
        assert_eq!(half[..27], means);
    }
}

/// In 20,000 draws each twentieth of the range should occur 1,000 times. Chi-squared with 19 degrees of freedom is below
/// 43.8 with probability 0.999. The draws are fixed, so the result never changes.
#[test]
fn angles_shifts_factors_and_shears_are_uniform_and_independent() {
    let within = |value: f32, strength: f32| f64::from(value / strength);
    let draws: Vec<[f64; 5]> = draws(RECIPE, 20_000)
        .map(|drawn| {
            let [right, down] = drawn.shift.map(|shift| within(shift, 2.2));
            [within(drawn.rotation, 12.0), right, down, within(drawn.scale - 1.0, 0.15), within(drawn.shear, 0.15)]
        })
        .collect();
    for kind in 0..5 {
        let mut counts = [0_i32; 20];
        for value in draws.iter().map(|draw| draw[kind]) {
            assert!((-1.0001..1.0001).contains(&value), "{value}");
            counts[((value + 1.0) * 10.0).clamp(0.0, 19.0) as usize] += 1;
        }
        let chi_squared: f64 = counts.iter().map(|&count| f64::from(count - 1000).powi(2) / 1000.0).sum();
        assert!(chi_squared < 43.8, "{kind}: {chi_squared}");
        // The standard error of each correlation is 0.007.
        for other in 0..kind {
            let correlation = 3.0 * draws.iter().map(|draw| draw[kind] * draw[other]).sum::<f64>() / 20_000.0;
            assert!(correlation.abs() < 0.025, "{kind} and {other}: {correlation}");
        }
        let next = 3.0 * draws.windows(2).map(|pair| pair[0][kind] * pair[1][kind]).sum::<f64>() / 20_000.0;
        assert!(next.abs() < 0.025, "{kind} of consecutive images: {next}");
    }
}

/// Standard errors for 98,000 displacements: 0.0032 deviations for the mean and for correlations, 0.0045 for the
/// variance, 0.031 for the fourth moment, 0.0016 for shares.
#[test]
fn elastic_displacements_are_normal_and_independent() {
    let strengths = Augmentation { elastic: 0.6, ..Augmentation::default() };
    let grids: Vec<Vec<f64>> = draws(strengths, 1_000)
        .map(|drawn| drawn.elastic.as_flattened().as_flattened().iter().map(|&z| f64::from(z) / 0.6).collect())
        .collect();
    let all = grids.concat();
    let mean = |value: &dyn Fn(f64) -> f64| all.iter().map(|&z| value(z)).sum::<f64>() / all.len() as f64;
    assert!(mean(&|z| z).abs() < 0.012, "{}", mean(&|z| z));
    assert!((mean(&|z| z * z) - 1.0).abs() < 0.015, "{}", mean(&|z| z * z));
    assert!(mean(&|z| z.powi(3)).abs() < 0.04, "{}", mean(&|z| z.powi(3)));
    assert!((mean(&|z| z.powi(4)) - 3.0).abs() < 0.1, "{}", mean(&|z| z.powi(4)));
    for (limit, share) in [(0.1, 0.0797), (0.5, 0.3829), (1.0, 0.6827), (2.0, 0.9545), (3.0, 0.9973)] {
        let found = mean(&|z| f64::from(z.abs() < limit));
        assert!((found - share).abs() < 0.006, "{found} within {limit}, not {share}");
    }
    // Neighbours along a row and a column, the two axes, and the next image.
    for distance in [1, 2, 3, 4, GRID, GRID * GRID, 2 * GRID * GRID] {
        let pairs = all.iter().zip(&all[distance..]);
        let correlation = pairs.clone().map(|(a, b)| a * b).sum::<f64>() / all.len() as f64;
        assert!(correlation.abs() < 0.013, "{distance} apart: {correlation}");
        let of_squares = pairs.map(|(a, b)| (a * a - 1.0) * (b * b - 1.0)).sum::<f64>() / (2 * all.len()) as f64;
        assert!(of_squares.abs() < 0.013, "squares {distance} apart: {of_squares}");
    }
    assert!(grids.iter().all(|grid| grid.iter().map(|z| z.to_bits()).collect::<HashSet<_>>().len() > 80));
}

#[test]
fn an_image_depends_on_seed_epoch_and_number_and_on_nothing_else() {
    let fixture = Fixture::read();
    let places = [0, 1, 2, 1 << 40]
        .into_iter()
        .flat_map(|seed| (0..10).flat_map(move |epoch| (0..10).map(move |i| (seed, epoch, i))));
    let images: Vec<Vec<u8>> =
        places.clone().map(|(seed, epoch, index)| augmented(RECIPE, fixture.figure(), seed, epoch, index)).collect();
    assert_eq!(images.iter().collect::<HashSet<_>>().len(), 400, "each is different");
    let again = std::thread::spawn(move || {
        let figure = Fixture::read().figure().to_vec();
        let images = places.map(|(seed, epoch, index)| augmented(RECIPE, &figure, seed, epoch, index));
        images.collect::<Vec<_>>()
    });
    assert!(again.join().unwrap() == images, "another thread makes the same");
}

/// A resumed run must draw the same deformations as an uninterrupted one, with any later version of this program.
#[test]
fn draws_never_change() {
    let drawn = RECIPE.draw(1, 2, 3);
    let first = (drawn.rotation, drawn.shift, drawn.scale, drawn.shear, drawn.elastic[0][0][..3].to_vec());
    assert_eq!(
        first,
        (
            -5.138_198_4,
            [0.590_022_8, -1.909_555_3],
            0.967_172_5,
            -0.103_069_46,
            vec![-0.275_598_94, 0.520_953_95, -0.566_346_94]
        )
    );
    let drawn = RECIPE.draw(u64::MAX, u32::MAX, u32::MAX);
    assert_eq!((drawn.rotation, drawn.elastic[1][6][6]), (-3.940_572_7, -0.436_142_06));
}

#[test]
fn a_change_that_is_switched_off_leaves_the_others() {
    let all = RECIPE.draw(1, 2, 3);
    let none = Augmentation::default().draw(1, 2, 3);
    assert_eq!(Augmentation { rotation: 0.0, ..RECIPE }.draw(1, 2, 3), Deformation { rotation: 0.0, ..all.clone() });
    assert_eq!(Augmentation { shift: 0.0, ..RECIPE }.draw(1, 2, 3), Deformation { shift: [0.0, 0.0], ..all.clone() });
    assert_eq!(Augmentation { scale: 0.0, ..RECIPE }.draw(1, 2, 3), Deformation { scale: 1.0, ..all.clone() });
    assert_eq!(Augmentation { shear: 0.0, ..RECIPE }.draw(1, 2, 3), Deformation { shear: 0.0, ..all.clone() });
    assert_eq!(
        Augmentation { elastic: 0.0, ..RECIPE }.draw(1, 2, 3),
        Deformation { elastic: none.elastic, ..all.clone() }
    );
    // A stronger change goes in the same direction.
    let stronger = Augmentation { rotation: 24.0, elastic: 1.2, ..RECIPE }.draw(1, 2, 3);
    assert_eq!(stronger.rotation, 2.0 * all.rotation);
    assert_eq!(stronger.elastic[1][3][4], 2.0 * all.elastic[1][3][4]);
}

/// The greatest strengths that a run may have, and beyond.
#[test]
fn the_strongest_changes_are_images_too() {
    let image = noise();
    let greatest = Augmentation { rotation: 180.0, shift: 28.0, scale: 0.999_999_94, shear: 2.0, elastic: 10.0 };
    let images: HashSet<_> = (0..2_000).map(|index| augmented(greatest, &image, 1, 2, index)).collect();
    assert!(images.len() > 1_500, "{}", images.len());
    let plain = Augmentation::default().draw(1, 2, 3);
    for extreme in [f32::MAX, f32::INFINITY, f32::NAN, f32::MIN_POSITIVE, 0.0] {
        for deformation in [
            Deformation { rotation: extreme, ..plain.clone() },
            Deformation { shift: [extreme, -extreme], ..plain.clone() },
            Deformation { scale: extreme, ..plain.clone() },
            Deformation { shear: extreme, ..plain.clone() },
            Deformation { elastic: [[[extreme; GRID]; GRID]; 2], ..plain.clone() },
        ] {
            deformed(&deformation, &image);
        }
    }
    // What has left the image leaves no ink.
    let gone = Deformation { shift: [28.0, 0.0], ..plain };
    assert_eq!(deformed(&gone, &image), [0; PIXELS]);
}
