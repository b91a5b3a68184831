//! Where a data set comes from, in order of preference: files, a download, the program's own pen.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{
    Dataset, Kind,
    download::{self, DownloadError, Remote},
    files::{self, Part, State},
    idx::IdxError,
    synthetic,
};

/// Where images come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// Files if there are any, else a download, else synthetic digits.
    #[default]
    Auto,
    /// Files or a download, else an error.
    Mnist,
    /// Digits the program draws itself.
    Synthetic,
}

/// What to load.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub choice: Choice,
    /// Of the files.
    pub folder: PathBuf,
}

/// What loading reports on its way.
#[derive(Clone, Debug, PartialEq)]
pub enum LoadEvent {
    Note(String),
    /// `done` of `total` bytes of a file are here.
    Downloading {
        file: String,
        done: u64,
        total: Option<u64>,
    },
    /// The synthetic digits are being drawn.
    Generating,
}

/// Anything that can be wrong with data.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    #[error(transparent)]
    File(#[from] IdxError),
    #[error(
        "{} holds {images} images, but {} holds {labels} labels; expected as many labels as images: \
         take both from the same set",
        images_path.display(), labels_path.display()
    )]
    Counts { images_path: PathBuf, images: usize, labels_path: PathBuf, labels: usize },
    #[error("{}: expected a folder with the four MNIST files: {cause}; name another with --data-dir", folder.display())]
    Folder { folder: PathBuf, cause: io::Error },
    #[error(
        "{} holds only part of a data set: found {}; missing {} ({why}). Add what is missing, move the rest away, or \
         choose --dataset synthetic",
        folder.display(), found.join(", "), missing.join(", ")
    )]
    Incomplete { folder: PathBuf, found: Vec<String>, missing: Vec<String>, why: String },
    #[error(
        "no MNIST files in {}, and {cause}. Put the four files there, name their folder with --data-dir, or choose \
         --dataset synthetic",
        folder.display()
    )]
    Unobtainable { folder: PathBuf, cause: DownloadError },
    #[error(transparent)]
    Download(#[from] DownloadError),
}

/// Loads what is asked for, telling `report` of anything slow.
///
/// # Errors
/// Damaged or incomplete files, whatever the choice; no files and no download, unless the choice is [`Choice::Auto`].
pub fn load(request: &Request, report: &mut dyn FnMut(LoadEvent)) -> Result<Dataset, DataError> {
    if request.choice == Choice::Synthetic {
        return Ok(draw(report));
    }
    load_from(request, &Remote::from_environment()?, report)
}

/// [`load`] with a download from elsewhere.
pub fn load_from(request: &Request, remote: &Remote, report: &mut dyn FnMut(LoadEvent)) -> Result<Dataset, DataError> {
    if request.choice == Choice::Synthetic {
        return Ok(draw(report));
    }
    let folder = request.folder.as_path();
    let files = find_all(folder)?;
    if let Some(paths) = whole(&files) {
        return read(request, folder, &paths, report);
    }
    let incomplete = check_part_of_mnist(folder, &files)?;

    let patience = if request.choice == Choice::Auto { remote.brief } else { remote.patient };
    match (download::fetch(folder, remote, patience, report), incomplete) {
        (Ok(()), _) => {
            let files = find_all(folder)?;
            let paths = whole(&files).ok_or_else(|| incomplete_error(folder, &files, "they vanished meanwhile"))?;
            read(request, folder, &paths, report)
        }
        (Err(cause), true) => Err(incomplete_error(folder, &files, &cause.to_string())),
        (Err(cause), false) if request.choice == Choice::Auto => {
            let folder = folder.display();
            report(LoadEvent::Note(format!("no MNIST files in {folder}, and {cause}: going on with SYNTHETIC digits")));
            Ok(draw(report))
        }
        (Err(cause), false) => Err(DataError::Unobtainable { folder: folder.to_owned(), cause }),
    }
}

fn draw(report: &mut dyn FnMut(LoadEvent)) -> Dataset {
    report(LoadEvent::Generating);
    synthetic::generate()
}

type Files = [Option<PathBuf>; 4];

fn find_all(folder: &Path) -> Result<Files, DataError> {
    let mut files = Files::default();
    for part in Part::ALL {
        files[part as usize] = files::find(folder, part)?;
    }
    Ok(files)
}

fn whole(files: &Files) -> Option<[PathBuf; 4]> {
    match files {
        [Some(a), Some(b), Some(c), Some(d)] => Some([a, b, c, d].map(PathBuf::clone)),
        _ => None,
    }
}

/// Whether some of the four files are there. They have to be MNIST's own then, so that a download can complete them.
fn check_part_of_mnist(folder: &Path, files: &Files) -> Result<bool, DataError> {
    for part in Part::ALL {
        match files::inspect(folder, part)? {
            State::Missing | State::Published { .. } => {}
            State::Damaged(error) => return Err(error.into()),
            State::Other { .. } => {
                let why = "the files there are not MNIST's, so that a download cannot complete them";
                return Err(incomplete_error(folder, files, why));
            }
        }
    }
    Ok(files.iter().any(Option::is_some))
}

fn incomplete_error(folder: &Path, files: &Files, why: &str) -> DataError {
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let missing = Part::ALL.into_iter().filter(|&part| files[part as usize].is_none());
    DataError::Incomplete {
        folder: folder.to_owned(),
        found: files.iter().flatten().map(name).collect(),
        missing: missing.map(|part| part.to_string()).collect(),
        why: why.to_owned(),
    }
}

fn read(
    request: &Request,
    folder: &Path,
    paths: &[PathBuf; 4],
    report: &mut dyn FnMut(LoadEvent),
) -> Result<Dataset, DataError> {
    let set = files::read_set(folder, paths)?;
    if let Some(note) = mixture(&set.published, paths) {
        report(LoadEvent::Note(note));
    } else if request.choice == Choice::Mnist && set.dataset.id.kind != Kind::Mnist {
        let folder = folder.display();
        report(LoadEvent::Note(format!("the files in {folder} are not MNIST's: they go by {}", set.dataset.id.name)));
    }
    Ok(set.dataset)
}

/// A set of which only some files are MNIST's may be damaged or mixed by accident: legal, but worth a word.
fn mixture(published: &[bool; 4], paths: &[PathBuf; 4]) -> Option<String> {
    if published.iter().all(|&same| same == published[0]) {
        return None;
    }
    let foreign = paths.iter().zip(published).filter(|&(_, &published)| !published);
    let foreign: Vec<_> = foreign.map(|(path, _)| path.display().to_string()).collect();
    Some(format!("this is not MNIST: {} differs from the published file, the others do not", foreign.join(" and ")))
}
