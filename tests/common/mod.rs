//! What several test files share: the real MNIST where there is one, and small data sets for fast tests.

// Each test file is a crate of its own and uses only some of this.
#![allow(dead_code, unreachable_pub)]

#[cfg(unix)]
pub mod bench;
pub mod cli;
pub mod images;
pub mod layouts;
pub mod runs;
pub mod server;
#[cfg(unix)]
pub mod terminal;
pub mod watch;

use std::{
    env, fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use flate2::bufread::MultiGzDecoder;

const IMAGE_BYTES: usize = 28 * 28;

/// The four files' names, in the order train images, train labels, test images, test labels.
pub const NAMES: [&str; 4] =
    ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

/// The folder of the real MNIST: `$LENET_MONITOR_TEST_MNIST`, else `../shared/mnist` beside the crate.
///
/// `None` where there is none, after a line that says so: the caller returns, which skips its test. With
/// `LENET_MONITOR_REQUIRE_MNIST=1` a missing MNIST is a failure instead.
pub fn mnist() -> Option<PathBuf> {
    let folder = env::var_os("LENET_MONITOR_TEST_MNIST")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/mnist"), PathBuf::from);
    if NAMES.iter().all(|name| packed_or_raw(&folder, name).is_some()) {
        return Some(folder);
    }
    let required = env::var_os("LENET_MONITOR_REQUIRE_MNIST").is_some_and(|value| value == "1");
    assert!(!required, "LENET_MONITOR_REQUIRE_MNIST=1, but the four MNIST files are not in {}", folder.display());
    eprintln!("skipped: no MNIST in {} (set LENET_MONITOR_TEST_MNIST)", folder.display());
    None
}

/// Writes the first `train` and `test` images of the MNIST files in `mnist`, with their labels, as four raw IDX files
/// into `folder`, which is made if need be.
pub fn first_images(mnist: &Path, folder: &Path, train: usize, test: usize) {
    let [train_images, train_labels, test_images, test_labels] = NAMES;
    let images = |name, count: usize| read_start(mnist, name, 16 + count * IMAGE_BYTES).split_off(16);
    let labels = |name, count: usize| read_start(mnist, name, 8 + count).split_off(8);
    write_set(
        folder,
        [&images(train_images, train), &labels(train_labels, train)],
        [&images(test_images, test), &labels(test_labels, test)],
    );
}

/// Writes a data set that needs no MNIST and is easily learned, as four raw IDX files, into `folder`, which is made if
/// need be: digit `d` is a bright bar in row band `d`, shifted and shaded a little from image to image.
pub fn made_up_images(folder: &Path, train: usize, test: usize) {
    let (train, test) = (split(train), split(test));
    write_set(folder, [&train.0, &train.1], [&test.0, &test.1]);
}

/// `count` images of a made-up set, and their labels.
pub fn split(count: usize) -> (Vec<u8>, Vec<u8>) {
    ((0..count).flat_map(bar).collect(), (0..count).map(|index| (index % 10) as u8).collect())
}

/// Image `index` of a made-up set, which shows digit `index % 10`.
pub fn bar(index: usize) -> [u8; IMAGE_BYTES] {
    let mut image = [0; IMAGE_BYTES];
    let top = 4 + 2 * (index % 10);
    let left = 4 + index / 10 % 5;
    for row in top..top + 3 {
        image[row * 28 + left..][..14].fill(200 + (index % 7 * 9) as u8);
    }
    image
}

/// Writes pixels and labels as four raw IDX files.
pub fn write_set(folder: &Path, [train_pixels, train_labels]: [&[u8]; 2], [test_pixels, test_labels]: [&[u8]; 2]) {
    fs::create_dir_all(folder).unwrap();
    let files =
        [images_file(train_pixels), labels_file(train_labels), images_file(test_pixels), labels_file(test_labels)];
    for (name, bytes) in NAMES.iter().zip(files) {
        fs::write(folder.join(name), bytes).unwrap();
    }
}

/// An IDX file of 28x28 images.
pub fn images_file(pixels: &[u8]) -> Vec<u8> {
    let count = (pixels.len() / IMAGE_BYTES) as u32;
    let header = [0x803, count, 28, 28].map(u32::to_be_bytes);
    [header.as_flattened(), pixels].concat()
}

/// An IDX file of labels.
pub fn labels_file(labels: &[u8]) -> Vec<u8> {
    let header = [0x801, labels.len() as u32].map(u32::to_be_bytes);
    [header.as_flattened(), labels].concat()
}

/// The whole of one of the four files, unpacked.
pub fn unpacked(folder: &Path, name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    open(folder, name).read_to_end(&mut bytes).unwrap();
    bytes
}

fn read_start(folder: &Path, name: &str, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    open(folder, name).read_exact(&mut bytes).unwrap();
    bytes
}

fn open(folder: &Path, name: &str) -> Box<dyn Read> {
    let path = packed_or_raw(folder, name).unwrap_or_else(|| panic!("no {name} in {}", folder.display()));
    let file = io::BufReader::new(fs::File::open(&path).unwrap());
    if path.extension().is_some_and(|extension| extension == "gz") {
        Box::new(MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    }
}

fn packed_or_raw(folder: &Path, name: &str) -> Option<PathBuf> {
    [format!("{name}.gz"), name.to_owned()].iter().map(|name| folder.join(name)).find(|path| path.is_file())
}
