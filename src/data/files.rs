//! The four files of a data set in a folder: which of them exist, and whether they are the published MNIST files.

use std::{
    fs, io,
    path::{Path, PathBuf},
    thread,
};

use sha2::Digest;

use super::{
    DataError, Dataset, DatasetId, Fingerprint, Kind, Split,
    idx::{self, Content, IdxError, Unpacked},
    layout::Layout,
    npz,
};
use crate::format::sanitized;

pub use super::layout::Part;

fn is_published(part: Part, file: &Unpacked) -> bool {
    hex(&file.sum.clone().finalize()) == part.published_sum()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Finds the given part of a data set in `folder` by MNIST's file names.
///
/// # Errors
/// If the folder cannot be read, or is not a folder.
pub fn find(folder: &Path, part: Part) -> Result<Option<PathBuf>, DataError> {
    find_as(folder, Layout::Mnist, part)
}

/// Like [`find`], by the file names of `layout`.
pub(super) fn find_as(folder: &Path, layout: Layout, part: Part) -> Result<Option<PathBuf>, DataError> {
    for name in layout.names(part) {
        let path = folder.join(name);
        // Symbolic links are not followed: a dangling one is a damaged file, not a missing one.
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
    /// A valid file of another data set.
    Other {
        path: PathBuf,
        count: usize,
    },
    Damaged(IdxError),
}

/// Reads one of the four files by MNIST's file names and computes its checksum.
///
/// # Errors
/// If the folder cannot be read, or is not a folder. Damage to the file is a [`State`].
pub fn inspect(folder: &Path, part: Part) -> Result<State, DataError> {
    Ok(inspect_as(Layout::Mnist, part, find(folder, part)?.as_deref()))
}

/// Reads a file of any layout, if it exists, and computes its checksum.
pub fn inspect_as(layout: Layout, part: Part, path: Option<&Path>) -> State {
    let Some(path) = path.map(Path::to_owned) else { return State::Missing };
    match read(layout, part, &path) {
        Err(error) => State::Damaged(error),
        Ok(file) => {
            let count = count(&file, part);
            if is_published(part, &file) { State::Published { path, count } } else { State::Other { path, count } }
        }
    }
}

/// Reads a file of any layout and converts it to MNIST's format, on which checksums and fingerprints are based.
fn read(layout: Layout, part: Part, path: &Path) -> Result<Unpacked, IdxError> {
    if layout == Layout::Npz {
        return npz::read(path, part);
    }
    let mut file = idx::read(path, part.content())?;
    if part.content() == Content::Images && layout.orient(&mut file.body) {
        return Ok(Unpacked::new(file.header, file.body));
    }
    Ok(file)
}

fn count(file: &Unpacked, part: Part) -> usize {
    match part.content() {
        Content::Images => file.body.len() / super::PIXELS,
        Content::Labels => file.body.len(),
    }
}

/// A data set read from files, and whether each of them is the published one.
pub(super) struct FileSet {
    pub dataset: Dataset,
    pub published: [bool; 4],
}

/// Reads the four files at `paths`, given in the order of [`Part::ALL`].
pub(super) fn read_set(folder: &Path, layout: Layout, paths: [&Path; 4]) -> Result<FileSet, DataError> {
    let read = |part: Part| read(layout, part, paths[part as usize]);
    // Six of seven bytes are training images: they get a thread of their own.
    let [train_images, train_labels, test_images, test_labels] = thread::scope(|scope| {
        let train_images = scope.spawn(|| read(Part::TrainImages));
        let others = [Part::TrainLabels, Part::TestImages, Part::TestLabels].map(read);
        let [train_labels, test_images, test_labels] = others;
        [train_images.join().expect("reading never panics"), train_labels, test_images, test_labels]
    });
    let [train_images, train_labels, test_images, test_labels] =
        [train_images?, train_labels?, test_images?, test_labels?];
    check_counts([paths[0], paths[1]], &train_images, &train_labels)?;
    check_counts([paths[2], paths[3]], &test_images, &test_labels)?;

    let published = [
        is_published(Part::TrainImages, &train_images),
        is_published(Part::TrainLabels, &train_labels),
        is_published(Part::TestImages, &test_images),
        is_published(Part::TestLabels, &test_labels),
    ];
    let is_mnist = published == [true; 4];
    let fingerprint = if is_mnist {
        Fingerprint::MNIST
    } else {
        let mut fingerprint = train_images.sum;
        for file in [&train_labels, &test_images, &test_labels] {
            fingerprint.update(&file.header);
            fingerprint.update(&file.body);
        }
        Fingerprint(fingerprint.finalize().into())
    };
    let id = DatasetId {
        kind: if is_mnist { Kind::Mnist } else { Kind::Other },
        name: if is_mnist { "MNIST".to_owned() } else { folder_name(folder) },
        fingerprint,
    };
    let train = Split::new(train_images.body, train_labels.body);
    let test = Split::new(test_images.body, test_labels.body);
    Ok(FileSet { dataset: Dataset { id, train, test }, published })
}

fn check_counts(paths: [&Path; 2], images: &Unpacked, labels: &Unpacked) -> Result<(), DataError> {
    let (images, labels) = (count(images, Part::TrainImages), count(labels, Part::TrainLabels));
    if images == labels {
        return Ok(());
    }
    let [images_path, labels_path] = paths.map(Path::to_owned);
    Err(DataError::Counts { images_path, images, labels_path, labels })
}

/// Returns the name of a data set that is not MNIST. It is printed to terminals and files, so nothing unprintable stays
/// in it, and it must not be mistaken for MNIST or for synthetic digits.
fn folder_name(folder: &Path) -> String {
    let mut folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    // torchvision keeps the files of each data set in a subfolder `raw` of the folder that bears its name.
    if folder.ends_with("raw") && folder.parent().is_some_and(|parent| parent.file_name().is_some()) {
        folder.pop();
    }
    let name = folder.file_name().map_or("unnamed".into(), |name| name.to_string_lossy());
    let name = sanitized(&name);
    match name.to_ascii_uppercase().as_str() {
        "MNIST" => format!("{name} (not MNIST)"),
        "SYNTHETIC" => format!("{name} (files)"),
        _ => name,
    }
}
