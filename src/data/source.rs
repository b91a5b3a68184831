//! The source of a data set, in order of preference: files, a download, digits that the program draws.

use std::path::{Path, PathBuf};

use super::{
    DataError, Dataset, Kind, LoadEvent,
    download::{self, Remote},
    files::{self, FileSet, Part, State},
    layout::Layout,
    locate::{self, Place},
    synthetic,
    transposed::is_transposed,
};
use crate::format::fetch_command;

/// The permitted sources of images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// Files if there are any, otherwise a download, otherwise synthetic digits.
    #[default]
    Auto,
    /// Files or a download, otherwise an error.
    Mnist,
    /// Digits that the program draws itself.
    Synthetic,
}

/// What to load.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub choice: Choice,
    /// Folder of the files.
    pub folder: PathBuf,
}

/// Loads the data set in a folder that the user named. Nothing is downloaded into it or used instead of it.
///
/// # Errors
/// If the folder does not exist, holds no data set or more than one, or if files are missing or damaged.
pub fn load_named(request: &Request, report: &mut dyn FnMut(LoadEvent)) -> Result<Dataset, DataError> {
    if request.choice == Choice::Synthetic {
        return Ok(generate(report));
    }
    let place = locate::named(&request.folder)?;
    if place.whole().is_some() {
        return read(request, &place, report);
    }
    let why = match check_part_of_mnist(&place)? {
        true => format!("`{}` completes MNIST", fetch_command(&place.folder)),
        false => "all of them are needed".to_owned(),
    };
    Err(incomplete_error(&place, &why))
}

/// Finds a data set in `folder`: wherever [`locate::named`] looks if the user named the folder, otherwise in the folder
/// itself, or in its subfolders if it is MNIST.
///
/// # Errors
/// Those of [`load_named`] if the user named the folder; otherwise if it is not a folder, or holds several data sets.
pub fn find(folder: &Path, is_named: bool) -> Result<Option<Place>, DataError> {
    if is_named {
        return locate::named(folder).map(Some);
    }
    if let Some(place) = locate::here(folder)? {
        return Ok(Some(place));
    }
    let is_mnist = |place: &Place| read_set(place).is_some_and(|set| set.is_ok_and(|set| set.published == [true; 4]));
    // A folder that does not exist has no subfolders.
    Ok(locate::below(folder).unwrap_or_default().into_iter().find(is_mnist))
}

fn read_set(place: &Place) -> Option<Result<FileSet, DataError>> {
    place.whole().map(|paths| files::read_set(&place.folder, place.layout, paths))
}

/// Loads the requested data set, and reports anything slow to `report`. The folder is the default one: missing files
/// are downloaded into it. [`load_named`] loads from a folder that the user named.
///
/// # Errors
/// If files are damaged or incomplete, or if there are none and they cannot be downloaded, unless the choice is
/// [`Choice::Auto`].
pub fn load(request: &Request, report: &mut dyn FnMut(LoadEvent)) -> Result<Dataset, DataError> {
    if request.choice == Choice::Synthetic {
        return Ok(generate(report));
    }
    load_from(request, &Remote::from_environment()?, report)
}

/// Like [`load`], with downloads from `remote`.
pub fn load_from(request: &Request, remote: &Remote, report: &mut dyn FnMut(LoadEvent)) -> Result<Dataset, DataError> {
    if request.choice == Choice::Synthetic {
        return Ok(generate(report));
    }
    let folder = request.folder.as_path();
    let place = find(folder, false)?.unwrap_or_else(|| Place::empty(folder));
    if place.whole().is_some() {
        return read(request, &place, report);
    }
    let incomplete = check_part_of_mnist(&place)?;

    let patience = if request.choice == Choice::Auto { remote.brief } else { remote.patient };
    match (download::fetch(folder, remote, patience, report), incomplete) {
        (Ok(()), _) => {
            let place = locate::here(folder)?.unwrap_or_else(|| Place::empty(folder));
            read(request, &place, report)
        }
        (Err(cause), true) => Err(incomplete_error(&place, &cause.to_string())),
        (Err(cause), false) if request.choice == Choice::Auto => {
            report(LoadEvent::Fallback { folder: folder.to_owned(), cause: cause.to_string() });
            Ok(generate(report))
        }
        (Err(cause), false) => Err(DataError::Unobtainable { folder: folder.to_owned(), cause }),
    }
}

fn generate(report: &mut dyn FnMut(LoadEvent)) -> Dataset {
    report(LoadEvent::Generating);
    synthetic::generate()
}

/// Whether some of the four files exist. They must then be MNIST's own, so that a download can complete them.
fn check_part_of_mnist(place: &Place) -> Result<bool, DataError> {
    for part in Part::ALL {
        match files::inspect_as(place.layout, part, place.paths[part as usize].as_deref()) {
            State::Missing => {}
            State::Published { .. } if place.layout == Layout::Mnist => {}
            State::Damaged(error) => return Err(error.into()),
            State::Other { .. } | State::Published { .. } => {
                let why = "these files are not MNIST's, so a download cannot complete them";
                return Err(incomplete_error(place, why));
            }
        }
    }
    Ok(place.paths.iter().any(Option::is_some))
}

fn incomplete_error(place: &Place, why: &str) -> DataError {
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let missing = Part::ALL.into_iter().filter(|&part| place.paths[part as usize].is_none());
    DataError::Incomplete {
        folder: place.folder.clone(),
        found: place.paths.iter().flatten().map(name).collect(),
        missing: missing.map(|part| place.layout.name(part)).collect(),
        why: why.to_owned(),
    }
}

/// Reads a complete data set.
fn read(request: &Request, place: &Place, report: &mut dyn FnMut(LoadEvent)) -> Result<Dataset, DataError> {
    let set = read_set(place).unwrap_or_else(|| Err(incomplete_error(place, "they have just disappeared")))?;
    if place.layout == Layout::Mnist && set.dataset.id.kind == Kind::Other && is_transposed(&set.dataset.train) {
        report(LoadEvent::Note(format!(
            "the digits in {} seem to be transposed, as in EMNIST's files: if they are EMNIST's, restore their \
             original names ({} and so on) to have them turned",
            place.folder.display(),
            Layout::Emnist("digits").name(Part::TrainImages)
        )));
    }
    if let Some(note) = mixed_set_note(&set.published, place) {
        report(LoadEvent::Note(note));
    } else if request.choice == Choice::Mnist && set.dataset.id.kind != Kind::Mnist {
        let folder = place.folder.display();
        report(LoadEvent::Note(format!(
            "the files in {folder} are not MNIST; the data set is called {}",
            set.dataset.id.name
        )));
    }
    Ok(set.dataset)
}

/// Returns a note if only some of the files are MNIST's: this is allowed, but may be an accident.
fn mixed_set_note(published: &[bool; 4], place: &Place) -> Option<String> {
    if place.layout != Layout::Mnist || published.iter().all(|&same| same == published[0]) {
        return None;
    }
    let foreign = place.paths.iter().flatten().zip(published).filter(|&(_, &published)| !published);
    let foreign: Vec<_> = foreign.map(|(path, _)| path.display().to_string()).collect();
    Some(format!(
        "this is not MNIST: {} differs from the published file, while the others match",
        foreign.join(" and ")
    ))
}
