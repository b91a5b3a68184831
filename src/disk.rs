//! Careful file access: files are written whole or not at all, never through a link, and nothing blocks on a pipe or a
//! device.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    path::{self, Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use tempfile::NamedTempFile;

/// Number of write steps done, see [`activity`].
static ACTIVITY: AtomicU64 = AtomicU64::new(0);

/// Returns a number that grows with each write step that the disk has done: whoever waits for a slow disk can see that
/// it makes progress.
pub fn activity() -> u64 {
    ACTIVITY.load(Ordering::Relaxed)
}

/// Counts a write step, see [`activity`], and returns its result.
pub fn count_step<T>(done: io::Result<T>) -> io::Result<T> {
    ACTIVITY.fetch_add(1, Ordering::Relaxed);
    done
}

/// Suffix of the name of a file that is not complete yet.
pub const SCRATCH: &str = ".partial";
/// Number of random letters and digits in a scratch file's name.
const RANDOM: usize = 6;
/// Number of attempts at a scratch file that is locked before any other process sees it.
const ATTEMPTS: usize = 8;

/// Opens a regular file for reading, following links. Opening a named pipe would wait for its other end, and reading a
/// device may never end: both are refused immediately.
///
/// # Errors
/// If the file cannot be opened or is not a regular file.
pub fn open(path: &Path) -> io::Result<File> {
    // Checked before opening, since opening alone can affect a device.
    expect_file(&fs::metadata(path)?)?;
    let file = OpenOptions::new().read(true).open_at_once(path, false)?;
    expect_file(&file.metadata()?)?;
    Ok(file)
}

/// Reads a whole regular file, see [`open`].
///
/// # Errors
/// If the file cannot be read or is not a regular file.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads a whole regular file as UTF-8, see [`open`].
///
/// # Errors
/// If the file cannot be read, is not a regular file, or is not UTF-8.
pub fn read_to_string(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    open(path)?.read_to_string(&mut text)?;
    Ok(text)
}

/// Returns whether [`open_own`] itself refused the file, rather than the operating system.
pub fn is_refusal(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Unexpected>())
}

/// Opens one of our own files with `options`, to be written in place. Nothing may be written anywhere else: a link at
/// `path`, symbolic or hard, is refused, as is anything that is not a regular file.
///
/// # Errors
/// If the file cannot be opened, is a link, or is not a regular file.
pub fn open_own(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    if let Ok(metadata) = fs::symlink_metadata(path) {
        if metadata.is_symlink() {
            return Err(unexpected("a symbolic link"));
        }
        expect_file(&metadata)?;
    }
    let file = options
        .open_at_once(path, true)
        .map_err(|error| if is_link(&error) { unexpected("a symbolic link") } else { error })?;
    let metadata = file.metadata()?;
    expect_file(&metadata)?;
    if link_count(&metadata) > 1 {
        return Err(unexpected("a file with another hard link"));
    }
    Ok(file)
}

/// Writes `path` by way of a randomly named scratch file beside it: write, sync, rename, sync the folder. Whatever
/// fails, the file at `path` stays unchanged and no scratch file is left. A link at `path` is replaced, not followed.
/// Scratch files that killed writers of the same file left behind are removed.
///
/// # Errors
/// If the file cannot be written.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no file name"))?;
    let (folder, name) = (folder_of(path), name.to_string_lossy());
    let mut scratch = count_step(scratch_file(folder, path.file_name().unwrap_or_default()).map_err(without_name))?;
    remove_scratch(folder, |target| target == name);
    count_step(scratch.write_all(bytes).map_err(without_name))?;
    count_step(scratch.as_file().sync_all())?;
    count_step(scratch.persist(path).map_err(|error| error.error))?;
    count_step(sync_folder(path))
}

/// Returns the system's own error, without the scratch file's name, which means nothing to a user. The library wraps the
/// error in a text with the name, and gives no other access to it.
fn without_name(error: io::Error) -> io::Error {
    let text = error.to_string();
    let code = text.split_once("(os error ").and_then(|(_, code)| code.split_once(')')?.0.parse().ok());
    code.map_or(error, io::Error::from_raw_os_error)
}

/// Creates a scratch file, locked while it is being written, so that [`remove_scratch`] leaves it alone.
fn scratch_file(folder: &Path, name: &OsStr) -> io::Result<NamedTempFile> {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(SCRATCH).rand_bytes(RANDOM);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    for _ in 0..ATTEMPTS {
        let scratch = builder.tempfile_in(folder)?;
        // A file system without locks is fine: nothing is ever considered abandoned there.
        let is_taken = matches!(scratch.as_file().try_lock(), Err(TryLockError::WouldBlock));
        // Otherwise another process considered it abandoned before it was locked, and removed it.
        if !is_taken && link_count(&scratch.as_file().metadata()?) > 0 {
            return Ok(scratch);
        }
    }
    // Reached on a file system that does not count links.
    builder.tempfile_in(folder)
}

/// Removes the scratch files in `folder` that nobody is writing and whose target's name is `wanted`.
pub fn remove_scratch(folder: &Path, wanted: impl Fn(&str) -> bool) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if scratch_target(&name.to_string_lossy()).is_some_and(&wanted) {
            remove_if_abandoned(&entry.path());
        }
    }
}

/// Returns the name of the file that the scratch file `name` was to become.
pub fn scratch_target(name: &str) -> Option<&str> {
    let (target, random) = name.strip_prefix('.')?.strip_suffix(SCRATCH)?.rsplit_once('.')?;
    let is_random = random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
    // Earlier versions used the process ID.
    let is_process = !random.is_empty() && random.bytes().all(|byte| byte.is_ascii_digit());
    (!target.is_empty() && (is_random || is_process)).then_some(target)
}

fn remove_if_abandoned(path: &Path) {
    // A link or a pipe with a scratch file's name is not ours.
    let Ok(file) = open_own(path, OpenOptions::new().write(true)) else { return };
    if file.try_lock().is_ok() {
        let _ = fs::remove_file(path);
    }
}

/// Syncs the folder of `path`, so that the file's name survives a crash. Does nothing where that is impossible: outside
/// Unix, on some file systems, and in unreadable folders.
///
/// # Errors
/// If the disk fails.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    use io::ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
    if !cfg!(unix) {
        return Ok(());
    }
    match File::open(folder_of(path)).and_then(|folder| folder.sync_all()) {
        Err(error) if matches!(error.kind(), InvalidInput | PermissionDenied | Unsupported) => Ok(()),
        result => result,
    }
}

/// Returns the folder that `path` is in.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Returns a path that means the same in any working folder; unchanged if that cannot be determined.
pub fn absolute(path: &Path) -> PathBuf {
    path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Returns the CRC-32 of a file's header and contents.
pub fn checksum(header: &[u8], contents: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(header);
    hasher.update(contents);
    hasher.finalize()
}

/// Returns what is at `path` if something other than a regular file is there: `a folder`, `a named pipe`, `a device`,
/// `a socket`.
pub fn obstacle(path: &Path) -> Option<&'static str> {
    fs::metadata(path).ok().and_then(|metadata| kind(&metadata))
}

fn expect_file(metadata: &fs::Metadata) -> io::Result<()> {
    kind(metadata).map_or(Ok(()), |found| Err(unexpected(found)))
}

fn unexpected(found: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, Unexpected { found })
}

#[derive(Debug, thiserror::Error)]
#[error("expected a file, found {found}")]
struct Unexpected {
    found: &'static str,
}

fn kind(metadata: &fs::Metadata) -> Option<&'static str> {
    if metadata.is_file() {
        return None;
    }
    if metadata.is_dir() {
        return Some("a folder");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let found = metadata.file_type();
        if found.is_fifo() {
            return Some("a named pipe");
        }
        if found.is_socket() {
            return Some("a socket");
        }
    }
    Some("a device")
}

/// Returns whether opening failed because of a symbolic link, which may have appeared since the path was checked.
#[cfg(unix)]
fn is_link(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

#[cfg(not(unix))]
fn is_link(_: &io::Error) -> bool {
    false
}

#[cfg(unix)]
fn link_count(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}

#[cfg(not(unix))]
fn link_count(_: &fs::Metadata) -> u64 {
    1
}

trait OpenAtOnce {
    /// Opens without blocking and, if `own`, without following a link.
    fn open_at_once(&mut self, path: &Path, own: bool) -> io::Result<File>;
}

impl OpenAtOnce for OpenOptions {
    #[cfg(unix)]
    fn open_at_once(&mut self, path: &Path, own: bool) -> io::Result<File> {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        let mut flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        flags.set(OFlags::NOFOLLOW, own);
        self.custom_flags(flags.bits() as i32).open(path)
    }

    #[cfg(not(unix))]
    fn open_at_once(&mut self, path: &Path, _own: bool) -> io::Result<File> {
        self.open(path)
    }
}
