//! The files to download, and their mirrors.

use std::{
    env,
    io::{self, Read},
    path::{Path, PathBuf},
    time::Duration,
};

use super::{DownloadError, address};
use crate::{
    data::files::{Part, hex},
    disk,
};

/// A file as mirrors serve it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedFile {
    pub bytes: u64,
    /// SHA-256 of the packed bytes.
    pub sha256: [u8; 32],
}

/// Time limits and numbers of attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Time without data after which a request is abandoned.
    pub request: Duration,
    /// Time without data from any mirror after which the whole download is abandoned.
    pub whole: Duration,
    /// Number of attempts at each mirror per file.
    pub rounds: usize,
    /// Pause after all mirrors have failed, before the next round.
    pub pause: Duration,
    /// Time over which a mirror's speed is measured.
    pub window: Duration,
    /// Number of bytes within a window below which a mirror is abandoned.
    pub least: u64,
}

/// The files to download, their mirrors, and how patiently to try them.
#[derive(Clone, Debug)]
pub struct Remote {
    /// Addresses to which a file's name is appended, preferred first.
    pub mirrors: Vec<String>,
    /// One file per part, in the order of [`Part::ALL`].
    pub files: [PackedFile; 4],
    /// Patience if there is an alternative to the download.
    pub brief: Patience,
    /// Patience if there is none.
    pub patient: Patience,
}

const MIRRORS: [&str; 2] =
    ["https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/"];

/// A mirror slower than 1 KB/s would take hours: it is abandoned after half a minute.
const WINDOW: Duration = Duration::from_secs(30);
const LEAST: u64 = 30_000;

/// Maximum number of bytes that are read of a manifest. Four lines take 500.
const MAX_MANIFEST: u64 = 1 << 16;

/// The manifest of the published packed files: checksum, bytes, name.
const PUBLISHED: &str = "\
440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609 9912422 train-images-idx3-ubyte.gz
3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c 28881 train-labels-idx1-ubyte.gz
8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6 1648877 t10k-images-idx3-ubyte.gz
f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6 4542 t10k-labels-idx1-ubyte.gz
";

impl Default for Remote {
    /// Returns MNIST's published files and mirrors.
    fn default() -> Self {
        Self {
            mirrors: MIRRORS.map(str::to_owned).to_vec(),
            files: parse_manifest(PUBLISHED).expect("the published manifest is valid"),
            brief: Patience {
                request: Duration::from_secs(2),
                whole: Duration::from_secs(4),
                rounds: 2,
                pause: Duration::from_millis(100),
                window: WINDOW,
                least: LEAST,
            },
            patient: Patience {
                request: Duration::from_secs(10),
                whole: Duration::from_secs(30),
                rounds: 3,
                pause: Duration::from_secs(1),
                window: WINDOW,
                least: LEAST,
            },
        }
    }
}

impl Remote {
    /// Returns MNIST's published files and mirrors unless the environment names others: `$LENET_MONITOR_MIRRORS`
    /// (addresses separated by white space) and `$LENET_MONITOR_MANIFEST` (a file of lines `SHA256 BYTES NAME.gz`, for
    /// mirrors that have compressed the files again). Whatever they serve, a data set is MNIST only if the checksums of
    /// its unpacked files are the published ones.
    ///
    /// # Errors
    /// If the manifest cannot be read or is invalid.
    pub fn from_environment() -> Result<Self, DownloadError> {
        let mut remote = Self::default();
        if let Ok(mirrors) = env::var("LENET_MONITOR_MIRRORS") {
            remote.mirrors = mirrors.split_whitespace().map(str::to_owned).collect();
        }
        if let Some(path) = env::var_os("LENET_MONITOR_MANIFEST").map(PathBuf::from) {
            let wrong = |why: String| DownloadError::Manifest { path: path.clone(), why };
            let text = read_manifest(&path).map_err(|error| wrong(error.to_string()))?;
            remote.files = parse_manifest(&text).map_err(wrong)?;
        }
        Ok(remote)
    }

    /// Returns the mirrors' addresses without passwords, to be displayed.
    pub fn shown_mirrors(&self) -> Vec<String> {
        self.mirrors.iter().map(|mirror| address::shown(mirror)).collect()
    }

    pub(super) fn file(&self, part: Part) -> &PackedFile {
        &self.files[part as usize]
    }

    /// Returns the manifest of these files, in the format of `$LENET_MONITOR_MANIFEST`.
    pub fn manifest(&self) -> String {
        let line = |part: Part| {
            let PackedFile { bytes, sha256 } = self.file(part);
            format!("{} {bytes} {}\n", hex(sha256), part.packed_name())
        };
        Part::ALL.map(line).concat()
    }
}

fn read_manifest(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    disk::open(path)?.take(MAX_MANIFEST).read_to_string(&mut text)?;
    Ok(text)
}

fn parse_manifest(text: &str) -> Result<[PackedFile; 4], String> {
    let find = |part: Part| -> Result<PackedFile, String> {
        let name = part.packed_name();
        let fields = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let line = fields.into_iter().find(|fields| fields.len() == 3 && fields[2] == name);
        let line = line.ok_or_else(|| format!("expected a line `SHA256 BYTES {name}`, found none"))?;
        let wrong = |expected: &str, found| format!("{name}: expected {expected}, found {}", address::bounded(found));
        let bytes = line[1].parse().map_err(|_| wrong("a number of bytes", line[1]))?;
        let sha256 = parse_sum(line[0]).ok_or_else(|| wrong("64 hexadecimal digits", line[0]))?;
        Ok(PackedFile { bytes, sha256 })
    };
    let [a, b, c, d] = Part::ALL.map(find);
    Ok([a?, b?, c?, d?])
}

fn parse_sum(digits: &str) -> Option<[u8; 32]> {
    let mut sum = [0; 32];
    if digits.len() != 64 || !digits.is_ascii() {
        return None;
    }
    for (byte, pair) in sum.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_survives_a_round_trip() {
        let remote = Remote::default();
        assert_eq!(parse_manifest(&remote.manifest()).unwrap(), remote.files);
        assert_eq!(remote.manifest(), PUBLISHED);
    }

    #[test]
    fn an_invalid_manifest_is_refused_with_the_reason() {
        let error = parse_manifest("").unwrap_err();
        assert!(error.contains("train-images-idx3-ubyte.gz"), "{error}");
        let error = parse_manifest(&PUBLISHED.replace("440f", "44xy")).unwrap_err();
        assert!(error.contains("hexadecimal"), "{error}");
        let error = parse_manifest(&PUBLISHED.replace("4542", "many")).unwrap_err();
        assert!(error.contains("many"), "{error}");
    }
}
