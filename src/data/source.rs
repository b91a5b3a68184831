//! Where a data set comes from, in order of preference: files, a download, the program's own pen.

use std::path::{Path, PathBuf};

use super::{
    DataError, Dataset, Kind, LoadEvent,
    download::{self, Remote},
    files::{self, FileSet, Part, State},
    layout::Layout,
    locate::{self, Place},
    synthetic,
    turned::is_transposed,
};
use crate::format::fetch_command;

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

/// Loads what lies in a folder that the user named: nothing is downloaded into it, and nothing takes its place.
///
/// # Errors
/// The folder is not there, holds no data set or more than one, or files are missing or damaged.
pub fn load_named(request: &Request, report: &mut dyn FnMut(LoadEvent)) -> Result<Dataset, DataError> {
    if request.choice == Choice::Synthetic {
        return Ok(draw(report));
    }
    let place = locate::named(&request.folder)?;
    if place.whole().is_some() {
        return read(request, &place, report);
    }
    let why = match check_part_of_mnist(&place)? {
        true => format!("`{}` completes MNIST", fetch_command(&place.folder)),
        false => "none of them can be done without".to_owned(),
    };
    Err(incomplete_error(&place, &why))
}

/// Returns where a data set lies in `folder`, if in any: anywhere that [`locate::named`] finds if the user named the folder;
/// else in the folder itself, or below if it is MNIST.
///
/// # Errors
/// As [`load_named`] where the user named it; else the folder is none, or holds more than one set.
pub fn find(folder: &Path, is_named: bool) -> Result<Option<Place>, DataError> {
    if is_named {
        return locate::named(folder).map(Some);
    }
    if let Some(place) = locate::here(folder)? {
        return Ok(Some(place));
    }
    let is_mnist = |place: &Place| read_set(place).is_some_and(|set| set.is_ok_and(|set| set.published == [true; 4]));
    // Where there is no folder, there is nothing below it.
    Ok(locate::below(folder).unwrap_or_default().into_iter().find(is_mnist))
}

fn read_set(place: &Place) -> Option<Result<FileSet, DataError>> {
    place.whole().map(|paths| files::read_set(&place.folder, place.layout, paths))
}

/// Loads what is asked for, telling `report` of anything slow. The folder is one that nobody named: what it lacks is
/// downloaded into it. For others there is [`load_named`].
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

/// Whether some of the four files are there. They have to be MNIST's own then, so that a download can complete them.
fn check_part_of_mnist(place: &Place) -> Result<bool, DataError> {
    for part in Part::ALL {
        match files::inspect_as(place.layout, part, place.paths[part as usize].as_deref()) {
            State::Missing => {}
            State::Published { .. } if place.layout == Layout::Mnist => {}
            State::Damaged(error) => return Err(error.into()),
            State::Other { .. } | State::Published { .. } => {
                let why = "the files there are not MNIST's, so that a download cannot complete them";
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

/// Reads a set of which all files are there.
fn read(request: &Request, place: &Place, report: &mut dyn FnMut(LoadEvent)) -> Result<Dataset, DataError> {
    let set = read_set(place).unwrap_or_else(|| Err(incomplete_error(place, "they vanished meanwhile")))?;
    if place.layout == Layout::Mnist && set.dataset.id.kind == Kind::Other && is_transposed(&set.dataset.train) {
        report(LoadEvent::Note(format!(
            "the digits in {} seem to lie transposed, as in EMNIST's files: if they are EMNIST's, give them their names back \
             ({} and so on), and they are turned",
            place.folder.display(),
            Layout::Emnist("digits").name(Part::TrainImages)
        )));
    }
    if let Some(note) = mixture(&set.published, place) {
        report(LoadEvent::Note(note));
    } else if request.choice == Choice::Mnist && set.dataset.id.kind != Kind::Mnist {
        let folder = place.folder.display();
        report(LoadEvent::Note(format!("the files in {folder} are not MNIST's: they go by {}", set.dataset.id.name)));
    }
    Ok(set.dataset)
}

/// A set of which only some files are MNIST's may be damaged or mixed by accident: legal, but worth a word.
fn mixture(published: &[bool; 4], place: &Place) -> Option<String> {
    if place.layout != Layout::Mnist || published.iter().all(|&same| same == published[0]) {
        return None;
    }
    let foreign = place.paths.iter().flatten().zip(published).filter(|&(_, &published)| !published);
    let foreign: Vec<_> = foreign.map(|(path, _)| path.display().to_string()).collect();
    Some(format!("this is not MNIST: {} differs from the published file, the others do not", foreign.join(" and ")))
}
