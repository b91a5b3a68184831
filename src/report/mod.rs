//! Pictures and findings: what a sweep or a run came to, as SVG and PNG files and as one page with all of them.
//!
//! A [`Section`] is made of a sweep's survey ([`of_sweep`]) or of a run ([`of_run`]): pictures, tables, sentences that are
//! computed, and what was not there. [`write()`] makes files of sections. The same input gives the same bytes: there is no
//! clock and no chance in here, and the font is in the binary.
//!
//! A chart (`bars`, `lines`, `curves`, `confusion`, `digits`) is a function from numbers to a [`Picture`], which is a list of
//! marks; `svg` and `png` draw those.

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
mod page;
mod picture;
mod png;
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
pub use picture::Picture;
pub use run::{Matrix, Run, TestSet, of_run};
pub use source::{NoSource, Source};
pub use sweep::of_sweep;

/// The page that shows everything.
pub const PAGE: &str = "report.html";

/// What every file of a report has within its first bytes, by which it is known as one that may be replaced.
const MARK: &str = "Written by lenet-monitor";

/// All about one sweep or run.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// How the names of its files begin.
    pub slug: String,
    pub title: String,
    /// What was trained on what.
    pub about: String,
    pub findings: Vec<Finding>,
    pub figures: Vec<Figure>,
    pub tables: Vec<Table>,
    /// What is not in here, and why.
    pub missing: Vec<String>,
}

/// A sentence that was computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub head: String,
    pub text: String,
    /// Whether the head is a claim that holds, or one that does not.
    pub verdict: Option<bool>,
}

impl Finding {
    fn new(head: impl Into<String>, text: impl Into<String>) -> Self {
        Self { head: head.into(), text: text.into(), verdict: None }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// How the names of its files end.
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

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("{}: expected a folder that can be made and written to: {cause}; name another with --out", folder.display())]
    Folder { folder: PathBuf, cause: io::Error },
    #[error("{}: cannot be written: {cause}; what was there before is whole", path.display())]
    File { path: PathBuf, cause: io::Error },
}

/// Returns those files in `folder` that a report would replace and that no report wrote.
///
/// # Errors
/// If `folder` is no folder, or what is in a file's place is no file.
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

/// Checks, before anything is read, that `folder` may be a folder.
///
/// # Errors
/// If it is something else.
pub fn check_folder(folder: &Path) -> Result<(), ReportError> {
    let found = fs::metadata(folder).ok().filter(|metadata| !metadata.is_dir());
    let Some(_) = found else { return Ok(()) };
    let found = disk::obstacle(folder).unwrap_or("a file");
    let cause = io::Error::other(format!("there is {found}"));
    Err(ReportError::Folder { folder: folder.to_owned(), cause })
}

/// Whether a report wrote the file.
fn is_own(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = disk::open(path).and_then(|file| file.take(4096).read_to_end(&mut start));
    read.is_ok() && start.windows(MARK.len()).any(|part| part == MARK.as_bytes())
}

/// The names of all files, the page last.
fn names(sections: &[Section]) -> Vec<String> {
    let figures =
        sections.iter().flat_map(|section| section.figures.iter().map(|figure| (&section.slug, &figure.name)));
    let pictures = figures.flat_map(|(slug, name)| ["svg", "png"].map(|kind| format!("{slug}-{name}.{kind}")));
    pictures.chain([PAGE.to_owned()]).collect()
}

/// Writes each picture as SVG and PNG and a page with all of them into `folder`, which is made if need be. Comes with the
/// files' paths, the page last.
///
/// # Errors
/// If the folder or a file cannot be written. Each file is whole or not there.
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
