//! Data sets in the layouts of different sources, all with the same images and labels.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
};

use flate2::{Compression, write::GzEncoder};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{IMAGE_BYTES, NAMES, images_file, labels_file};

/// Images and labels of training and test.
pub struct Digits {
    pub train: Half,
    pub test: Half,
}

/// Pixels and labels.
type Half = (Vec<u8>, Vec<u8>);

impl Digits {
    /// Creates made-up images, one more than fits in a byte, so that no length is mistaken for another.
    pub fn made_up() -> Self {
        Self { train: super::split(257), test: super::split(40) }
    }

    /// Reads four files with MNIST's names.
    pub fn of_files(folder: &Path) -> Self {
        let [a, b, c, d] = NAMES.map(|name| super::unpacked(folder, name));
        Self { train: (a[16..].to_vec(), b[8..].to_vec()), test: (c[16..].to_vec(), d[8..].to_vec()) }
    }

    fn each(&self) -> [(&'static str, &Half); 2] {
        [("train", &self.train), ("test", &self.test)]
    }

    /// Writes MNIST's four files.
    pub fn plain(&self, folder: &Path) {
        super::write_set(folder, [&self.train.0, &self.train.1], [&self.test.0, &self.test.1]);
    }

    /// Writes EMNIST's gzipped files of a split, with every image transposed.
    pub fn emnist(&self, folder: &Path, split: &str) {
        for (part, (pixels, labels)) in self.each() {
            let mut turned = pixels.clone();
            for (image, turned) in pixels.chunks(IMAGE_BYTES).zip(turned.chunks_mut(IMAGE_BYTES)) {
                for (index, pixel) in turned.iter_mut().enumerate() {
                    *pixel = image[index % 28 * 28 + index / 28];
                }
            }
            let name = |what| format!("emnist-{split}-{part}-{what}-ubyte.gz");
            put(folder, &name("images-idx3"), &gzip(&images_file(&turned)));
            put(folder, &name("labels-idx1"), &gzip(&labels_file(labels)));
        }
    }

    /// Writes QMNIST's gzipped files.
    pub fn qmnist(&self, folder: &Path) {
        for (part, (pixels, labels)) in self.each() {
            put(folder, &format!("qmnist-{part}-images-idx3-ubyte.gz"), &gzip(&images_file(pixels)));
            put(folder, &format!("qmnist-{part}-labels-idx2-int.gz"), &gzip(&wide_labels(labels, 8)));
        }
    }

    /// Writes four NumPy arrays to one file, with labels of NumPy's type `labels`.
    pub fn npz(&self, path: &Path, labels: &str, method: CompressionMethod) {
        let mut zip = ZipWriter::new(File::create(path).unwrap());
        for (part, (pixels, digits)) in self.each() {
            let count = digits.len();
            zip.start_file(format!("x_{part}.npy"), SimpleFileOptions::default().compression_method(method)).unwrap();
            zip.write_all(&npy("|u1", &format!("({count}, 28, 28)"), pixels)).unwrap();
            zip.start_file(format!("y_{part}.npy"), SimpleFileOptions::default().compression_method(method)).unwrap();
            zip.write_all(&npy(labels, &format!("({count},)"), &numbers(labels, digits))).unwrap();
        }
        zip.finish().unwrap();
    }
}

/// Returns an IDX file of 32-bit labels in `columns` columns: the class, followed by other numbers.
pub fn wide_labels(labels: &[u8], columns: usize) -> Vec<u8> {
    let header = [0xc02, labels.len() as u32, columns as u32].map(u32::to_be_bytes);
    let row =
        |&label: &u8| (0..columns as u32).map(move |column| if column == 0 { label.into() } else { 1000 * column });
    let body: Vec<u8> = labels.iter().flat_map(row).flat_map(u32::to_be_bytes).collect();
    [header.as_flattened(), &body].concat()
}

/// Returns a NumPy array with its header.
pub fn npy(descr: &str, shape: &str, body: &[u8]) -> Vec<u8> {
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    while (10 + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    [b"\x93NUMPY\x01\0", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), body].concat()
}

fn numbers(descr: &str, digits: &[u8]) -> Vec<u8> {
    let size: usize = descr[2..].parse().unwrap();
    let wide = |&digit: &u8| {
        let mut bytes = vec![0; size];
        bytes[if descr.starts_with('>') { size - 1 } else { 0 }] = digit;
        bytes
    };
    digits.iter().flat_map(wide).collect()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn put(folder: &Path, name: &str, bytes: &[u8]) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join(name), bytes).unwrap();
}
