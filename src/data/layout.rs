//! The names that data sets' files go by, and what has to be done to read them as MNIST's.

use std::fmt;

use super::{PIXELS, SIDE, files::Part};

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
