//! The four files of a data set in a folder: which are there, and whether they are the published MNIST.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    thread,
};

use sha2::{Digest, Sha256};

use super::{
    DataError, Dataset, DatasetId, Fingerprint, Kind, Split,
    idx::{self, Content, IdxError, Unpacked},
};

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

    /// The names it goes by, preferred first: both spellings in circulation, raw or packed.
    fn names(self) -> [String; 4] {
        let hyphen = self.name();
        let dot = hyphen.replace("-idx", ".idx");
        [hyphen.to_owned(), self.packed_name(), dot.clone(), format!("{dot}.gz")]
    }

    /// SHA-256 of the unpacked file as MNIST publishes it.
    fn published_sum(self) -> &'static str {
        match self {
            Self::TrainImages => "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            Self::TrainLabels => "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            Self::TestImages => "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            Self::TestLabels => "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        }
    }

    fn is_published(self, sum: Sha256) -> bool {
        hex(&sum.finalize()) == self.published_sum()
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Which file of `folder` is the given part, if any is.
///
/// # Errors
/// The folder cannot be looked into, or is none.
pub fn find(folder: &Path, part: Part) -> Result<Option<PathBuf>, DataError> {
    for name in part.names() {
        let path = folder.join(name);
        // Links are not followed: one that leads nowhere is damage, not absence.
        match fs::symlink_metadata(&path) {
            Ok(_) => return Ok(Some(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(cause) => return Err(DataError::Folder { folder: folder.to_owned(), cause }),
        }
    }
    Ok(None)
}

/// The state of one of the four files.
#[derive(Debug)]
pub enum State {
    Missing,
    /// The published MNIST file.
    Published {
        path: PathBuf,
        count: usize,
    },
    /// A sound file of some other data set.
    Other {
        path: PathBuf,
        count: usize,
    },
    Damaged(IdxError),
}

/// Reads and sums one of the four files.
///
/// # Errors
/// The folder cannot be looked into, or is none; damage to the file is a [`State`].
pub fn inspect(folder: &Path, part: Part) -> Result<State, DataError> {
    let Some(path) = find(folder, part)? else { return Ok(State::Missing) };
    Ok(match idx::read(&path, part.content()) {
        Err(error) => State::Damaged(error),
        Ok(file) => {
            let count = count(&file, part);
            if part.is_published(sum(&file)) { State::Published { path, count } } else { State::Other { path, count } }
        }
    })
}

fn count(file: &Unpacked, part: Part) -> usize {
    match part.content() {
        Content::Images => file.body.len() / super::PIXELS,
        Content::Labels => file.body.len(),
    }
}

fn sum(file: &Unpacked) -> Sha256 {
    Sha256::new().chain_update(&file.header).chain_update(&file.body)
}

/// A data set read from files, and which of them are the published ones.
pub(super) struct FileSet {
    pub dataset: Dataset,
    pub published: [bool; 4],
}

/// Reads the four files at `paths`, given in the order of [`Part::ALL`].
pub(super) fn read_set(folder: &Path, paths: &[PathBuf; 4]) -> Result<FileSet, DataError> {
    let read = |part: Part| -> Result<(Unpacked, Sha256), IdxError> {
        let file = idx::read(&paths[part as usize], part.content())?;
        let sum = sum(&file);
        Ok((file, sum))
    };
    // Six of seven bytes are in the training images: they get a thread, everything else gets the other.
    let [train_images, train_labels, test_images, test_labels] = thread::scope(|scope| {
        let train_images = scope.spawn(|| read(Part::TrainImages));
        let others = [Part::TrainLabels, Part::TestImages, Part::TestLabels].map(read);
        let [train_labels, test_images, test_labels] = others;
        [train_images.join().expect("reading does not panic"), train_labels, test_images, test_labels]
    });
    let (train_images, train_images_sum) = train_images?;
    let (train_labels, train_labels_sum) = train_labels?;
    let (test_images, test_images_sum) = test_images?;
    let (test_labels, test_labels_sum) = test_labels?;
    check_counts([&paths[0], &paths[1]], &train_images, &train_labels)?;
    check_counts([&paths[2], &paths[3]], &test_images, &test_labels)?;

    let published = [
        Part::TrainImages.is_published(train_images_sum.clone()),
        Part::TrainLabels.is_published(train_labels_sum),
        Part::TestImages.is_published(test_images_sum),
        Part::TestLabels.is_published(test_labels_sum),
    ];
    let mut whole = train_images_sum;
    for file in [&train_labels, &test_images, &test_labels] {
        whole.update(&file.header);
        whole.update(&file.body);
    }
    let genuine = published == [true; 4];
    let id = DatasetId {
        kind: if genuine { Kind::Mnist } else { Kind::Other },
        name: if genuine { "MNIST".to_owned() } else { folder_name(folder) },
        fingerprint: Fingerprint(whole.finalize().into()),
    };
    let train = Split::new(train_images.body, train_labels.body);
    let test = Split::new(test_images.body, test_labels.body);
    Ok(FileSet { dataset: Dataset { id, train, test }, published })
}

fn check_counts(paths: [&PathBuf; 2], images: &Unpacked, labels: &Unpacked) -> Result<(), DataError> {
    let (images, labels) = (count(images, Part::TrainImages), count(labels, Part::TrainLabels));
    if images == labels {
        return Ok(());
    }
    let [images_path, labels_path] = paths.map(PathBuf::clone);
    Err(DataError::Counts { images_path, images, labels_path, labels })
}

/// What a set that is not MNIST goes by. It reaches terminals and files, so nothing unprintable stays in it, and it must
/// not pass for what it is not.
fn folder_name(folder: &Path) -> String {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let name = folder.file_name().map_or("unnamed".into(), |name| name.to_string_lossy());
    let name = crate::format::sanitized(&name);
    match name.to_ascii_uppercase().as_str() {
        "MNIST" => format!("{name} (not MNIST)"),
        "SYNTHETIC" => format!("{name} (files)"),
        _ => name,
    }
}
