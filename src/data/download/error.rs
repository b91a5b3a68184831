//! Errors of a download.

use std::{fmt, io, path::PathBuf, time::Duration};

use ureq::http::StatusCode;

use super::address;

/// Why a download failed.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    #[error("{file} could not be downloaded: {}", Failures(failures))]
    Mirrors { file: String, failures: Vec<(String, Failure)> },
    #[error("nothing could be downloaded: $LENET_MONITOR_MIRRORS names no mirror")]
    NoMirrors,
    #[error("the download cannot be written to {}: {cause}", path.display())]
    Write { path: PathBuf, cause: io::Error },
    #[error("another process is downloading into {} and makes no progress; wait for it or end it", folder.display())]
    Busy { folder: PathBuf },
    #[error("the manifest {} that $LENET_MONITOR_MANIFEST names cannot be used: {why}", path.display())]
    Manifest { path: PathBuf, why: String },
}

/// Why a download from one mirror failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error("{0}")]
    Broken(String),
    #[error("received nothing for {:.1} s", .0.as_secs_f64())]
    Silent(Duration),
    #[error("it is too slow: {bytes} bytes in {:.0} s", window.as_secs_f64())]
    Slow { bytes: u64, window: Duration },
    #[error("it responded with {0}")]
    Status(StatusCode),
    #[error("it could not resume the download")]
    Range,
    #[error("it sent a web page instead of the file")]
    WebPage,
    #[error("expected {expected} bytes, found {found}")]
    Size { expected: u64, found: u64 },
    #[error("the transfer broke off: expected {expected} bytes, received {found}")]
    CutOff { expected: u64, found: u64 },
    #[error("expected a file with SHA-256 {expected}, found {found}")]
    Sum { expected: String, found: String },
}

impl Failure {
    /// Whether another attempt at the same mirror may succeed.
    pub(super) fn is_temporary(&self) -> bool {
        match self {
            Self::Broken(_) | Self::Silent(_) | Self::Range | Self::CutOff { .. } => true,
            Self::Status(status) => status.is_server_error(),
            Self::Slow { .. } | Self::WebPage | Self::Size { .. } | Self::Sum { .. } => false,
        }
    }
}

/// The last failure of each mirror.
struct Failures<'a>(&'a [(String, Failure)]);

impl fmt::Display for Failures<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (mirror, failure)) in self.0.iter().enumerate() {
            write!(f, "{}{}: {failure}", if index == 0 { "" } else { "; " }, address::shown(mirror))?;
        }
        Ok(())
    }
}
