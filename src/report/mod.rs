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
    fs, io,
    path::{Path, PathBuf},
};

pub use history::{Counter, Epoch, History, Measure};
pub use picture::Picture;
pub use run::{Matrix, Run, TestSet, of_run};
pub use source::{NoSource, Source};
pub use sweep::of_sweep;

/// The page that shows everything.
pub const PAGE: &str = "report.html";

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
        crate::disk::write_atomically(&path, bytes).map_err(|cause| ReportError::File { path: path.clone(), cause })?;
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
