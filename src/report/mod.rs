//! Reports: the results of a sweep or a run as SVG and PNG pictures, and as one HTML page with all of them.
//!
//! A [`Section`] is built from a sweep's survey ([`sweep_section`]), from a comparison of methods ([`methods_section`])
//! or from a run ([`run_section`]): pictures, tables, computed findings, and a list of what is missing. [`write()`] turns sections into files. The same input gives the
//! same bytes: nothing depends on the time or on random numbers, and the font is part of the binary.
//!
//! A chart (`bars`, `lines`, `curves`, `confusion`, `reliability`, `digits`) is a function from numbers to a [`Picture`], which is a
//! list of marks; `svg` and `png` draw those.

mod axis;
mod bars;
mod claims;
mod confusion;
mod curves;
mod digits;
mod failing;
mod faults;
mod findings;
mod font;
mod history;
mod levels;
mod lines;
mod map;
mod methods;
mod page;
mod picture;
mod png;
mod reliability;
mod run;
mod source;
mod style;
mod svg;
mod sweep;
mod tables;
mod words;

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::disk;

pub use history::{Counter, Epoch, History, Measure};
pub use methods::{Methods, methods_section};
pub use picture::Picture;
pub use run::{Matrix, Run, TestSet, run_section};
pub use source::{Source, SourceError};
pub use sweep::sweep_section;

/// File name of the page.
pub const PAGE: &str = "report.html";

/// Mark within the first bytes of every file of a report; files with it may be replaced.
const MARK: &str = "Written by lenet-monitor";

/// Part of a report about one sweep or run.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Prefix of its file names.
    pub slug: String,
    pub title: String,
    /// Data set and hyperparameters.
    pub about: String,
    /// Small tables, before everything else.
    pub summary: Vec<Table>,
    pub findings: Vec<Finding>,
    pub figures: Vec<Figure>,
    /// Long tables, after everything else.
    pub tables: Vec<Table>,
    /// What is not included, and why.
    pub missing: Vec<String>,
}

/// Computed statement about the results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub head: String,
    pub text: String,
    /// Whether the head's claim holds; `None` if it is not a claim.
    pub verdict: Option<bool>,
}

impl Finding {
    fn new(head: impl Into<String>, text: impl Into<String>) -> Self {
        Self { head: head.into(), text: text.into(), verdict: None }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Suffix of its file names.
    pub name: String,
    pub picture: Picture,
    pub caption: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub caption: String,
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// Error in writing a report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("{}: cannot create or write this folder: {cause}", folder.display())]
    Folder { folder: PathBuf, cause: io::Error },
    #[error("cannot write {}: {cause}; any previous file is intact", path.display())]
    File { path: PathBuf, cause: io::Error },
}

/// Returns those files in `folder` that a report would replace and that no report wrote.
///
/// # Errors
/// If `folder` is not a folder, or a file's path is taken by something else.
pub fn foreign(sections: &[Section], folder: &Path) -> Result<Vec<PathBuf>, ReportError> {
    check_folder(folder)?;
    let mut foreign = Vec::new();
    for path in names(sections).into_iter().map(|name| folder.join(name)) {
        if let Some(found) = disk::obstacle(&path) {
            let cause = io::Error::other(format!("expected a file or nothing, found {found}"));
            return Err(ReportError::File { path, cause });
        }
        if path.exists() && !is_own(&path) {
            foreign.push(path);
        }
    }
    Ok(foreign)
}

/// Checks, before anything is read, that `folder` is a folder or does not exist.
///
/// # Errors
/// If it is anything else.
pub fn check_folder(folder: &Path) -> Result<(), ReportError> {
    let found = fs::metadata(folder).ok().filter(|metadata| !metadata.is_dir());
    let Some(_) = found else { return Ok(()) };
    let found = disk::obstacle(folder).unwrap_or("a file");
    let cause = io::Error::other(format!("it is {found}"));
    Err(ReportError::Folder { folder: folder.to_owned(), cause })
}

/// Returns whether the file belongs to a report.
fn is_own(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = disk::open(path).and_then(|file| file.take(4096).read_to_end(&mut start));
    read.is_ok() && start.windows(MARK.len()).any(|part| part == MARK.as_bytes())
}

/// Returns the names of all files, the page last.
fn names(sections: &[Section]) -> Vec<String> {
    let figures =
        sections.iter().flat_map(|section| section.figures.iter().map(|figure| (&section.slug, &figure.name)));
    let pictures = figures.flat_map(|(slug, name)| ["svg", "png"].map(|kind| format!("{slug}-{name}.{kind}")));
    pictures.chain([PAGE.to_owned()]).collect()
}

/// Writes each picture as SVG and PNG, and a page with all of them, into `folder`, which is created if missing. Returns
/// the files' paths, the page last.
///
/// # Errors
/// If the folder or a file cannot be written. No file is left incomplete.
pub fn write(sections: &[Section], folder: &Path) -> Result<Vec<PathBuf>, ReportError> {
    fs::create_dir_all(folder).map_err(|cause| ReportError::Folder { folder: folder.to_owned(), cause })?;
    let mut written = Vec::new();
    let mut put = |name: String, bytes: &[u8]| {
        let path = folder.join(name);
        disk::write_atomically(&path, bytes).map_err(|cause| ReportError::File { path: path.clone(), cause })?;
        written.push(path);
        Ok(())
    };
    for section in sections {
        for figure in &section.figures {
            let name = format!("{}-{}", section.slug, figure.name);
            put(format!("{name}.svg"), svg::file(&figure.picture).as_bytes())?;
            put(format!("{name}.png"), &png::file(&figure.picture))?;
        }
    }
    put(PAGE.into(), page::html(sections).as_bytes())?;
    Ok(written)
}
