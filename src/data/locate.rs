//! Where in a folder a data set lies: in it under one of the known names, or in a folder below as torchvision has it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    DataError,
    files::{self, Part},
    foreign,
    layout::{Layout, UNUSABLE},
    npz,
};
use crate::format::sanitized;

/// How many of a folder's entries a message lists.
const LISTED: usize = 6;

/// How many of each folder are looked at for that.
const LOOKED_AT: usize = 100;

/// The files of a data set, as far as they are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub folder: PathBuf,
    pub layout: Layout,
    /// In the order of [`Part::ALL`].
    pub paths: [Option<PathBuf>; 4],
}

impl Place {
    /// The four files, if all are there.
    pub fn whole(&self) -> Option<[&Path; 4]> {
        match &self.paths {
            [Some(a), Some(b), Some(c), Some(d)] => Some([a, b, c, d]),
            _ => None,
        }
    }

    /// Returns a place with none of MNIST's files.
    pub fn empty(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), layout: Layout::Mnist, paths: [const { None }; 4] }
    }

    fn of_arrays(path: PathBuf) -> Self {
        let folder = crate::disk::folder_of(&path).to_owned();
        Self { folder, layout: Layout::Npz, paths: [0; 4].map(|_| Some(path.clone())) }
    }

    /// What and where it is, for a message.
    fn title(&self) -> String {
        match (self.layout, &self.paths[0]) {
            (Layout::Mnist, _) => self.folder.display().to_string(),
            (_, Some(path)) => path.display().to_string(),
            (layout, None) => format!("{layout} in {}", self.folder.display()),
        }
    }
}

/// Returns the data set that the user names by `path`: its folder, the folder above that, or one of its files.
///
/// # Errors
/// There is none, or more than one.
pub fn named(path: &Path) -> Result<Place, DataError> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(DataError::NotThere { folder: path.to_owned() });
        }
        Ok(metadata) if metadata.is_file() => return of_file(path),
        _ => {}
    }
    if let Some(place) = here(path)? {
        return Ok(place);
    }
    match only(path, below(path)?)? {
        Some(place) => Ok(place),
        None => Err(DataError::NothingUsable { folder: path.to_owned(), found: survey(path) }),
    }
}

/// Returns the data set that lies in `folder` itself, whole or in part. MNIST's names come before others, four files before
/// NumPy's arrays.
///
/// # Errors
/// There is more than one of the others, or the folder cannot be looked into.
pub fn here(folder: &Path) -> Result<Option<Place>, DataError> {
    let sets = sets_in(folder)?;
    match sets.first() {
        Some(first) if first.layout == Layout::Mnist => Ok(Some(first.clone())),
        _ => only(folder, sets),
    }
}

/// Returns the data sets in the folders below `folder`, and in the `raw` of each, where torchvision has them.
///
/// # Errors
/// The folder cannot be looked into.
pub fn below(folder: &Path) -> Result<Vec<Place>, DataError> {
    let folders = entries(folder)?.into_iter().filter(|path| path.is_dir());
    let sets = folders.flat_map(|folder| {
        // What may not be looked into is passed over: nobody named it.
        let sets = sets_in(&folder).unwrap_or_default();
        if sets.is_empty() { sets_in(&folder.join("raw")).unwrap_or_default() } else { sets }
    });
    Ok(sets.collect())
}

/// The one whole set among `sets`; where none is whole, the first.
fn only(folder: &Path, mut sets: Vec<Place>) -> Result<Option<Place>, DataError> {
    if sets.iter().any(|set| set.whole().is_some()) {
        sets.retain(|set| set.whole().is_some());
        if sets.len() > 1 {
            let sets = sets.iter().map(Place::title).collect();
            return Err(DataError::Several { folder: folder.to_owned(), sets });
        }
    }
    Ok(sets.into_iter().next())
}

fn sets_in(folder: &Path) -> Result<Vec<Place>, DataError> {
    let mut sets = Vec::new();
    for layout in Layout::OF_FOUR {
        let mut paths = [const { None }; 4];
        for part in Part::ALL {
            paths[part as usize] = files::find_as(folder, layout, part)?;
        }
        if paths.iter().any(Option::is_some) {
            sets.push(Place { folder: folder.to_owned(), layout, paths });
        }
    }
    if sets.is_empty() && folder.is_dir() {
        let is_set = |path: &PathBuf| path.ends_with("mnist.npz") || is_npz(path) && npz::holds_a_set(path);
        sets.extend(entries(folder)?.into_iter().filter(is_set).map(Place::of_arrays));
    }
    Ok(sets)
}

fn is_npz(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("npz"))
}

/// The set that the file at `path` belongs to.
fn of_file(path: &Path) -> Result<Place, DataError> {
    if is_npz(path) {
        return Ok(Place::of_arrays(path.to_owned()));
    }
    let sets = sets_in(crate::disk::folder_of(path))?;
    let is_one = |found: &PathBuf| found.file_name() == path.file_name();
    sets.into_iter().find(|set| set.paths.iter().flatten().any(is_one)).ok_or_else(|| DataError::Folder {
        folder: path.to_owned(),
        cause: io::Error::new(io::ErrorKind::NotADirectory, format!("found {}", foreign::describe(path))),
    })
}

/// What lies in a folder, in the order of names.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let listing = fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut entries: Vec<PathBuf> = listing.map_err(|cause| DataError::Folder { folder: folder.to_owned(), cause })?;
    entries.sort();
    Ok(entries)
}

/// Says what lies in a folder that holds no data set, and in the folders below.
fn survey(folder: &Path) -> String {
    let mut found = Vec::new();
    // Files say more than folders.
    let (folders, files): (Vec<_>, Vec<_>) = visible(folder).into_iter().partition(|path| path.is_dir());
    found.extend(files.iter().map(|path| mention(folder, path)));
    for below in folders {
        let mut files = visible(&below);
        files.extend(visible(&below.join("raw")));
        files.retain(|path| !path.is_dir());
        match files.is_empty() {
            true => found.push(format!("{}, a folder", short(folder, &below))),
            false => found.extend(files.iter().map(|path| mention(folder, path))),
        }
    }
    found.dedup();
    if found.len() > LISTED {
        let more = found.len() - LISTED;
        found.truncate(LISTED);
        found.push(format!("{more} more"));
    }
    if found.is_empty() { "nothing in it".to_owned() } else { found.join(", ") }
}

fn visible(folder: &Path) -> Vec<PathBuf> {
    let mut entries = entries(folder).unwrap_or_default();
    entries.retain(|path| !file_name(path).starts_with('.'));
    entries.truncate(LOOKED_AT);
    entries
}

/// A file with what it is; a set that has too many classes by its name, once for all its files.
fn mention(folder: &Path, path: &Path) -> String {
    let name = file_name(path);
    match UNUSABLE.iter().find(|(start, _)| name.starts_with(start)) {
        Some((start, set)) => format!("{}* ({set}; only ten can be used)", short(folder, &path.with_file_name(start))),
        None => format!("{} ({})", short(folder, path), foreign::describe(path)),
    }
}

/// The path below `folder`, fit for a message.
fn short(folder: &Path, path: &Path) -> String {
    let path = path.strip_prefix(folder).unwrap_or(path).to_string_lossy();
    sanitized(&path).chars().take(80).collect()
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
