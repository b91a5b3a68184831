//! The file names of the known data sets, and the conversion of their images to MNIST's orientation.

use std::{fmt, path::Path};

use super::{PIXELS, SIDE, content::Content};

/// One of the four files of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    TrainImages,
    TrainLabels,
    TestImages,
    TestLabels,
}

impl Part {
    /// All parts, in the order in which they enter the fingerprint.
    pub const ALL: [Self; 4] = [Self::TrainImages, Self::TrainLabels, Self::TestImages, Self::TestLabels];

    /// Returns the published name of the unpacked file.
    pub fn name(self) -> &'static str {
        match self {
            Self::TrainImages => "train-images-idx3-ubyte",
            Self::TrainLabels => "train-labels-idx1-ubyte",
            Self::TestImages => "t10k-images-idx3-ubyte",
            Self::TestLabels => "t10k-labels-idx1-ubyte",
        }
    }

    /// Returns the published name of the packed file, which is the one downloaded.
    pub fn packed_name(self) -> String {
        format!("{}.gz", self.name())
    }

    pub fn content(self) -> Content {
        match self {
            Self::TrainImages | Self::TestImages => Content::Images,
            Self::TrainLabels | Self::TestLabels => Content::Labels,
        }
    }

    /// Returns the SHA-256 of MNIST's published file, unpacked.
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

/// The names and storage of a data set's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// MNIST's names, which Fashion-MNIST and KMNIST use as well.
    Mnist,
    /// One of EMNIST's two splits with ten classes, whose images are transposed.
    Emnist(&'static str),
    /// QMNIST's, whose labels are rows of eight wide integers.
    Qmnist,
    /// Four NumPy arrays in one file, as Keras stores MNIST.
    Npz,
}

/// Beginnings of the names of data sets with too many classes, and descriptions of these.
pub(super) const UNUSABLE: [(&str, &str); 5] = [
    ("emnist-letters", "EMNIST letters: 26 classes"),
    ("emnist-balanced", "EMNIST balanced: 47 classes"),
    ("emnist-bymerge", "EMNIST bymerge: 47 classes"),
    ("emnist-byclass", "EMNIST byclass: 62 classes"),
    ("k49-", "Kuzushiji-49: 49 classes"),
];

impl Layout {
    /// The layouts of four files, in the order of preference.
    pub(super) const FOUR_FILES: [Self; 4] = [Self::Mnist, Self::Emnist("digits"), Self::Emnist("mnist"), Self::Qmnist];

    /// Returns the possible names of `part`, preferred first: in both common spellings, raw or packed.
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

    /// Returns the name of `part` for messages.
    pub fn name(self, part: Part) -> String {
        match self {
            Self::Npz => array(part).to_owned(),
            layout => layout.names(part).swap_remove(0),
        }
    }

    /// Converts images from these files to MNIST's orientation. Returns whether they were in another one.
    pub(super) fn orient(self, pixels: &mut [u8]) -> bool {
        let is_transposed = matches!(self, Self::Emnist(_));
        if is_transposed {
            pixels.chunks_exact_mut(PIXELS).for_each(transpose);
        }
        is_transposed
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

/// Whether the file at `path` has one of the names of MNIST's files.
pub(super) fn has_mnist_name(path: &Path) -> bool {
    let is_name = |name: &String| path.file_name().is_some_and(|found| found == name.as_str());
    Part::ALL.iter().any(|&part| Layout::Mnist.names(part).iter().any(is_name))
}

/// Returns the name of the array that holds `part` in a file of NumPy arrays.
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
