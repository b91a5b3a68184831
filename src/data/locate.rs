//! The search for a data set: in a folder under any of the known names, or in its subfolders, as with torchvision.

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

/// Maximum number of entries that a message lists.
const MAX_LISTED: usize = 6;

/// Maximum number of entries per folder that are examined for a message.
const MAX_EXAMINED: usize = 100;

/// The location of a data set: its folder, and those of its files that exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub folder: PathBuf,
    pub layout: Layout,
    /// One path per part, in the order of [`Part::ALL`].
    pub paths: [Option<PathBuf>; 4],
}

impl Place {
    /// Returns the paths of the four files if all of them exist.
    pub fn whole(&self) -> Option<[&Path; 4]> {
        match &self.paths {
            [Some(a), Some(b), Some(c), Some(d)] => Some([a, b, c, d]),
            _ => None,
        }
    }

    /// Returns a location with none of MNIST's files.
    pub fn empty(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), layout: Layout::Mnist, paths: [const { None }; 4] }
    }

    fn of_arrays(path: PathBuf) -> Self {
        let folder = crate::disk::folder_of(&path).to_owned();
        Self { folder, layout: Layout::Npz, paths: [0; 4].map(|_| Some(path.clone())) }
    }

    /// Returns a short description for a message.
    fn title(&self) -> String {
        match (self.layout, &self.paths[0]) {
            (Layout::Mnist, _) => self.folder.display().to_string(),
            (_, Some(path)) => path.display().to_string(),
            (layout, None) => format!("{layout} in {}", self.folder.display()),
        }
    }
}

/// Returns the data set at a `path` given by the user: its folder, a folder above it, or one of its files.
///
/// # Errors
/// If there is none, or more than one.
pub fn named(path: &Path) -> Result<Place, DataError> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(DataError::MissingFolder { folder: path.to_owned() });
        }
        Ok(metadata) if metadata.is_file() => return of_file(path),
        _ => {}
    }
    if let Some(place) = here(path)? {
        return Ok(place);
    }
    match the_only_one(path, below(path)?)? {
        Some(place) => Ok(place),
        None => Err(DataError::NothingUsable { folder: path.to_owned(), found: summary(path) }),
    }
}

/// Returns the data set in `folder` itself, complete or not. MNIST's names take precedence over others, four files over
/// NumPy arrays.
///
/// # Errors
/// If there is more than one under other names, or the folder cannot be read.
pub fn here(folder: &Path) -> Result<Option<Place>, DataError> {
    let sets = sets_in(folder)?;
    match sets.first() {
        Some(first) if first.layout == Layout::Mnist => Ok(Some(first.clone())),
        _ => the_only_one(folder, sets),
    }
}

/// Returns the data sets in the subfolders of `folder`, and in the subfolder `raw` of each, as with torchvision.
///
/// # Errors
/// If the folder cannot be read.
pub fn below(folder: &Path) -> Result<Vec<Place>, DataError> {
    let folders = entries(folder)?.into_iter().filter(|path| path.is_dir());
    let sets = folders.flat_map(|folder| {
        // A subfolder that cannot be read is skipped: the user did not name it.
        let sets = sets_in(&folder).unwrap_or_default();
        if sets.is_empty() { sets_in(&folder.join("raw")).unwrap_or_default() } else { sets }
    });
    Ok(sets.collect())
}

/// Returns the only complete data set among `sets`, or the first if none is complete.
fn the_only_one(folder: &Path, mut sets: Vec<Place>) -> Result<Option<Place>, DataError> {
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
    for layout in Layout::FOUR_FILES {
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

/// Returns the data set that the file at `path` belongs to.
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

/// Returns the entries of a folder, sorted by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let listing = fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut entries: Vec<PathBuf> = listing.map_err(|cause| DataError::Folder { folder: folder.to_owned(), cause })?;
    entries.sort();
    Ok(entries)
}

/// Summarizes the contents of a folder without a data set, and of its subfolders.
fn summary(folder: &Path) -> String {
    let mut found = Vec::new();
    // Files are more informative than folders and come first.
    let (folders, files): (Vec<_>, Vec<_>) = visible(folder).into_iter().partition(|path| path.is_dir());
    found.extend(files.iter().map(|path| described(folder, path)));
    for below in folders {
        let mut files = visible(&below);
        files.extend(visible(&below.join("raw")));
        files.retain(|path| !path.is_dir());
        match files.is_empty() {
            true => found.push(format!("{}, a folder", relative(folder, &below))),
            false => found.extend(files.iter().map(|path| described(folder, path))),
        }
    }
    found.dedup();
    if found.len() > MAX_LISTED {
        let more = found.len() - MAX_LISTED;
        found.truncate(MAX_LISTED);
        found.push(format!("{more} more"));
    }
    if found.is_empty() { "nothing in it".to_owned() } else { found.join(", ") }
}

fn visible(folder: &Path) -> Vec<PathBuf> {
    let mut entries = entries(folder).unwrap_or_default();
    entries.retain(|path| !file_name(path).starts_with('.'));
    entries.truncate(MAX_EXAMINED);
    entries
}

/// Describes a file. All files of a data set whose name implies too many classes get the same description.
fn described(folder: &Path, path: &Path) -> String {
    let name = file_name(path);
    match UNUSABLE.iter().find(|(start, _)| name.starts_with(start)) {
        Some((start, set)) => {
            format!("{}* ({set}; only ten can be used)", relative(folder, &path.with_file_name(start)))
        }
        None => format!("{} ({})", relative(folder, path), foreign::describe(path)),
    }
}

/// Returns the path relative to `folder`, shortened and safe to print.
fn relative(folder: &Path, path: &Path) -> String {
    let path = path.strip_prefix(folder).unwrap_or(path).to_string_lossy();
    sanitized(&path).chars().take(80).collect()
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
