//! The names that data sets' files go by, and what has to be done to read them as MNIST's.

use std::{fmt, path::Path};

use super::{PIXELS, SIDE, content::Content};

/// One of the four files that make a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    TrainImages,
    TrainLabels,
    TestImages,
    TestLabels,
}

impl Part {
    /// In the order in which a fingerprint takes them.
    pub const ALL: [Self; 4] = [Self::TrainImages, Self::TrainLabels, Self::TestImages, Self::TestLabels];

    /// The published name of the unpacked file.
    pub fn name(self) -> &'static str {
        match self {
            Self::TrainImages => "train-images-idx3-ubyte",
            Self::TrainLabels => "train-labels-idx1-ubyte",
            Self::TestImages => "t10k-images-idx3-ubyte",
            Self::TestLabels => "t10k-labels-idx1-ubyte",
        }
    }

    /// The published name of the packed file, which downloads get.
    pub fn packed_name(self) -> String {
        format!("{}.gz", self.name())
    }

    pub fn content(self) -> Content {
        match self {
            Self::TrainImages | Self::TestImages => Content::Images,
            Self::TrainLabels | Self::TestLabels => Content::Labels,
        }
    }

    /// SHA-256 of the unpacked file as MNIST publishes it.
    pub(super) fn published_sum(self) -> &'static str {
        match self {
            Self::TrainImages => "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            Self::TrainLabels => "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            Self::TestImages => "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            Self::TestLabels => "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How the files of a data set are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// As MNIST's, which Fashion-MNIST and KMNIST took over.
    Mnist,
    /// As one of EMNIST's two splits of ten classes, whose images lie transposed.
    Emnist(&'static str),
    /// As QMNIST's, whose labels are rows of eight wide integers.
    Qmnist,
    /// Four NumPy arrays in one file, as Keras keeps MNIST.
    Npz,
}

/// EMNIST's other splits, with their number of classes.
pub(super) const UNUSABLE: [(&str, &str); 5] = [
    ("emnist-letters", "EMNIST letters: 26 classes"),
    ("emnist-balanced", "EMNIST balanced: 47 classes"),
    ("emnist-bymerge", "EMNIST bymerge: 47 classes"),
    ("emnist-byclass", "EMNIST byclass: 62 classes"),
    ("k49-", "Kuzushiji-49: 49 classes"),
];

impl Layout {
    /// Those of four files, in the order in which they are looked for.
    pub(super) const OF_FOUR: [Self; 4] = [Self::Mnist, Self::Emnist("digits"), Self::Emnist("mnist"), Self::Qmnist];

    /// The names `part` goes by, preferred first: both spellings in circulation, raw or packed.
    pub(super) fn names(self, part: Part) -> Vec<String> {
        let stem = part.name();
        let stems = match self {
            Self::Mnist => vec![stem.to_owned(), stem.replace("idx1-ubyte", "idx2-int")],
            Self::Emnist(split) => vec![format!("emnist-{split}-{}", stem.replace("t10k", "test"))],
            Self::Qmnist => vec![format!("qmnist-{}", stem.replace("t10k", "test").replace("idx1-ubyte", "idx2-int"))],
            Self::Npz => return Vec::new(),
        };
        let spellings = |hyphen: &String| {
            let dot = hyphen.replace("-idx", ".idx");
            [hyphen.clone(), format!("{hyphen}.gz"), dot.clone(), format!("{dot}.gz")]
        };
        stems.iter().flat_map(spellings).collect()
    }

    /// What `part` is called in a message.
    pub fn name(self, part: Part) -> String {
        match self {
            Self::Npz => array(part).to_owned(),
            layout => layout.names(part).swap_remove(0),
        }
    }

    /// Turns images as these files have them into images as MNIST has them.
    pub(super) fn turn(self, pixels: &mut [u8]) {
        if matches!(self, Self::Emnist(_)) {
            pixels.chunks_exact_mut(PIXELS).for_each(transpose);
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mnist => f.write_str("MNIST's names"),
            Self::Emnist(split) => write!(f, "EMNIST {split}"),
            Self::Qmnist => f.write_str("QMNIST"),
            Self::Npz => f.write_str("NumPy arrays"),
        }
    }
}

/// Whether a file at `path` would be taken for MNIST's, by its name.
pub(super) fn is_mnists(path: &Path) -> bool {
    let is_name = |name: &String| path.file_name().is_some_and(|found| found == name.as_str());
    Part::ALL.iter().any(|&part| Layout::Mnist.names(part).iter().any(is_name))
}

/// The name of the array that holds `part` in a file of NumPy arrays.
pub(super) fn array(part: Part) -> &'static str {
    match part {
        Part::TrainImages => "x_train",
        Part::TrainLabels => "y_train",
        Part::TestImages => "x_test",
        Part::TestLabels => "y_test",
    }
}

fn transpose(image: &mut [u8]) {
    for row in 0..SIDE {
        for column in row + 1..SIDE {
            image.swap(row * SIDE + column, column * SIDE + row);
        }
    }
}
