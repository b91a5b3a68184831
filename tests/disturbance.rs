//! Changes to images: as SciPy moves, rotates and scales them; statistics of noise; lines; the same each time.

mod common;

use std::{collections::HashSet, fs, path::Path};

use common::images::difference;
use lenet_monitor::data::{Disturbance, DisturbanceError, PIXELS, SIDE, Split};

/// Number of figures in the fixture, and of images that repeat them.
const FIGURES: usize = 4;
const IMAGES: usize = 64;

/// Groups of [`FIGURES`] images, as `fixtures/disturbances.py` describes them: the figures, and each change to them.
struct Fixture(Vec<u8>);

impl Fixture {
    fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/disturbances.bin");
        Self(fs::read(path).unwrap())
    }

    fn figures(&self) -> Split {
        let pixels = self.0[..FIGURES * PIXELS].repeat(IMAGES / FIGURES);
        Split::new(pixels, (0..IMAGES).map(|index| [7, 2, 1, 0][index % FIGURES]).collect())
    }

    fn image(&self, group: usize, index: usize) -> &[u8] {
        &self.0[(group * FIGURES + index % FIGURES) * PIXELS..][..PIXELS]
    }

    /// Asserts that each image is that of one of the groups, and that each group occurs.
    fn compare(&self, change: Disturbance, groups: &[usize]) {
        let figures = self.figures();
        let changed = change.apply(&figures);
        assert_eq!(changed.labels(), figures.labels());
        let mut found = HashSet::new();
        for index in 0..IMAGES {
            let near = |&group: &usize| difference(changed.image(index), self.image(group, index)) <= 1;
            let group = groups.iter().copied().find(near).unwrap_or_else(|| panic!("{change}: image {index} differs"));
            found.insert(group);
        }
        assert_eq!(found.len(), groups.len(), "{change}: {found:?} of {groups:?}");
    }
}

fn split(images: usize, ink: u8) -> Split {
    Split::new(vec![ink; images * PIXELS], vec![0; images])
}

#[test]
fn images_are_moved_rotated_and_scaled_as_scipy_does() {
    let fixture = Fixture::read();
    fixture.compare(Disturbance::Moved(3), &[1, 2, 3, 4]);
    fixture.compare(Disturbance::Rotated(15.0), &[5, 6]);
    fixture.compare(Disturbance::Rotated(45.0), &[7, 8]);
    fixture.compare(Disturbance::Scaled(0.6), &[9]);
    fixture.compare(Disturbance::Scaled(1.3), &[10]);
}

#[test]
fn changes_of_no_strength_leave_the_images() {
    let figures = Fixture::read().figures();
    for name in ["moved 0", "rotated 0", "scaled 1", "noise 0", "lines 0"] {
        assert!(name.parse::<Disturbance>().unwrap().apply(&figures) == figures, "{name}");
    }
}

/// Standard errors for 78,400 pixels: 0.0036 deviations for the mean, 0.0018 for shares. The noise never changes.
#[test]
fn noise_is_gaussian() {
    let noisy = Disturbance::Noise(0.1).apply(&split(100, 128));
    let deviations: Vec<f64> = noisy.pixels().iter().map(|&ink| (f64::from(ink) - 128.0) / 25.5).collect();
    let mean = |value: &dyn Fn(f64) -> f64| deviations.iter().map(|&z| value(z)).sum::<f64>() / deviations.len() as f64;
    assert!(mean(&|z| z).abs() < 0.015, "{}", mean(&|z| z));
    assert!((mean(&|z| z * z) - 1.0).abs() < 0.02, "{}", mean(&|z| z * z));
    // Shares of a normal distribution within half, 1, 2 and 3 deviations; whole pixels end at 12.5, 25.5, 50.5 and 76.5.
    for (limit, share) in [(12.5 / 25.5, 0.3760), (1.0, 0.6827), (50.5 / 25.5, 0.9523), (3.0, 0.9973)] {
        let within = mean(&|z| f64::from(z.abs() < limit));
        assert!((within - share).abs() < 0.006, "{within} within {limit}, not {share}");
    }
    let neighbours: f64 = deviations.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>() / deviations.len() as f64;
    assert!(neighbours.abs() < 0.015, "{neighbours}");
    assert!(noisy.image(0) != noisy.image(1), "each image has noise of its own");
}

#[test]
fn noise_stays_between_paper_and_ink() {
    let noisy = Disturbance::Noise(0.5).apply(&split(100, 0));
    let blank = noisy.pixels().iter().filter(|&&ink| ink == 0).count() as f64 / noisy.pixels().len() as f64;
    assert!((blank - 0.5).abs() < 0.01, "{blank}");
    // Two deviations or more of noise are full ink.
    let full = noisy.pixels().iter().filter(|&&ink| ink == 255).count() as f64 / noisy.pixels().len() as f64;
    assert!((full - 0.0228).abs() < 0.003, "{full}");
}

/// A line across the middle covers 28 pixels in length and 2.4 in width, 67 pixels; more if it runs diagonally, less
/// beside the centre.
#[test]
fn lines_cross_the_image() {
    let crossed = Disturbance::Lines(1).apply(&split(200, 0));
    for index in 0..crossed.len() {
        let image = crossed.image(index);
        let ink = image.iter().map(|&ink| f64::from(ink) / 255.0).sum::<f64>();
        assert!((35.0..98.0).contains(&ink), "image {index}: {ink}");
        let on_border =
            |pixel: &usize| [0, SIDE - 1].contains(&(pixel % SIDE)) || [0, SIDE - 1].contains(&(pixel / SIDE));
        let ends = (0..PIXELS).filter(on_border).filter(|&pixel| image[pixel] > 0).count();
        assert!(ends >= 4, "image {index} ends inside");
        assert!(image.iter().any(|&ink| ink > 0 && ink < 255), "image {index} has hard edges");
    }
    assert_eq!((0..200).map(|index| crossed.image(index)).collect::<HashSet<_>>().len(), 200);
    // More lines keep the first one, and lines hide nothing.
    let figures = Fixture::read().figures();
    let (one, three) = (Disturbance::Lines(1).apply(&figures), Disturbance::Lines(3).apply(&figures));
    assert!(one.pixels().iter().zip(figures.pixels()).all(|(changed, ink)| changed >= ink));
    assert!(three.pixels().iter().zip(one.pixels()).all(|(changed, ink)| changed >= ink));
    assert!(three != one);
}

/// Rows and columns of a permuted image, where pixels are found that the plain image has at `place`.
#[test]
fn all_images_are_permuted_alike() {
    let rows: Vec<u8> = (0..PIXELS).map(|pixel| (pixel / SIDE) as u8).collect();
    let columns: Vec<u8> = (0..PIXELS).map(|pixel| (pixel % SIDE) as u8).collect();
    let images = [&rows[..], &columns, &rows, &columns].concat();
    let permuted = Disturbance::Permuted.apply(&Split::new(images, vec![0; 4]));
    assert_eq!(permuted.image(0), permuted.image(2));
    assert_eq!(permuted.image(1), permuted.image(3));
    let place = |index: usize| usize::from(permuted.image(0)[index]) * SIDE + usize::from(permuted.image(1)[index]);
    assert_eq!((0..PIXELS).map(place).collect::<HashSet<_>>().len(), PIXELS, "each pixel occurs once");
    assert!((0..PIXELS).filter(|&index| place(index) == index).count() < 8, "most pixels move");
    // Networks that were trained on permuted pixels need this very order.
    assert_eq!([0, 1, 2, 3, 783].map(place), [779, 6, 688, 252, 192]);
}

#[test]
fn changes_are_the_same_each_time_and_go_with_the_image() {
    let figures = Fixture::read().figures();
    let half = Split::new(figures.pixels()[..IMAGES / 2 * PIXELS].to_vec(), figures.labels()[..IMAGES / 2].to_vec());
    for change in ["moved 2", "rotated 30", "scaled 0.8", "noise 0.4", "lines 2", "permuted"] {
        let change: Disturbance = change.parse().unwrap();
        let changed = change.apply(&figures);
        assert!(changed == change.apply(&figures), "{change}");
        assert!(changed.pixels().starts_with(change.apply(&half).pixels()), "{change}");
    }
}

#[test]
fn a_change_is_read_as_it_is_written() {
    for text in ["moved 3", "rotated 15", "rotated 7.5", "scaled 0.8", "noise 0.4", "lines 2", "permuted"] {
        assert_eq!(text.parse::<Disturbance>().unwrap().to_string(), text);
    }
    for (text, message) in [
        ("turned 3", "`turned 3` is not one of moved, rotated, scaled, noise, lines, permuted"),
        ("permuted 1", "`permuted 1` is not one of moved, rotated, scaled, noise, lines, permuted"),
        ("moved", "expected 0 to 28 pixels, found ``"),
        ("moved -1", "expected 0 to 28 pixels, found `-1`"),
        ("moved 29", "expected 0 to 28 pixels, found `29`"),
        ("rotated nan", "expected an angle of 0 to 360 degrees, found `nan`"),
        ("scaled 0", "expected a factor of 0.1 to 10, found `0`"),
        ("noise inf", "expected a standard deviation of 0 to 10, where 1 is full ink, found `inf`"),
        ("lines 101", "expected 0 to 100 lines, found `101`"),
    ] {
        let error: DisturbanceError = text.parse::<Disturbance>().unwrap_err();
        assert_eq!(error.to_string(), message, "{text}");
    }
}
