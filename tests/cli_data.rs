//! `lenet-monitor data`, from the user's side.

mod common;

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use common::{
    NAMES,
    cli::{self, outcome},
    made_up_images, mnist,
    server::{Answer, Server, dead_address},
};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_lenet-monitor");

/// Returns the command `lenet-monitor data ARGUMENTS` in `folder`.
fn command(folder: &Path, arguments: &[&str]) -> Command {
    cli::command(folder, &[&["data"], arguments].concat())
}

/// Runs it, and returns its exit code, stdout and stderr.
fn data(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    outcome(command(folder, arguments).output().unwrap())
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// MNIST as served by a mirror that compressed it again, with a manifest.
struct Mirror {
    files: HashMap<String, Vec<u8>>,
    manifest: PathBuf,
    guard: TempDir,
}

impl Mirror {
    fn new() -> Option<Self> {
        let published = mnist()?;
        let guard = folder();
        let names = NAMES.map(|name| format!("{name}.gz"));
        let files: HashMap<_, _> =
            names.into_iter().map(|name| (name.clone(), fs::read(published.join(name)).unwrap())).collect();
        let line = |(name, bytes): (&String, &Vec<u8>)| {
            let sum: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{sum} {} {name}\n", bytes.len())
        };
        let manifest = guard.path().join("manifest");
        fs::write(&manifest, files.iter().map(line).collect::<String>()).unwrap();
        Some(Self { files, manifest, guard })
    }

    fn serve(&self, answer: impl Fn(&str, usize) -> Answer + Send + Sync + 'static) -> Server {
        Server::start(self.files.clone(), answer)
    }

    fn fetch_command(&self, mirrors: &[&str]) -> Command {
        let mut command = command(self.guard.path(), &["fetch"]);
        command.env("LENET_MONITOR_MIRRORS", mirrors.join(" ")).env("LENET_MONITOR_MANIFEST", &self.manifest);
        command
    }

    fn fetch(&self, mirrors: &[&str]) -> (Option<i32>, String, String) {
        outcome(self.fetch_command(mirrors).output().unwrap())
    }

    fn data_folder(&self) -> PathBuf {
        self.guard.path().join("data")
    }
}

#[test]
fn status_shows_where_it_looks_and_what_auto_would_use() {
    let here = folder();
    let (code, stdout, _) = data(here.path(), &["status"]);
    assert_eq!(code, Some(0));
    assert!(stdout.starts_with("data folder: data (the default"), "{stdout}");
    assert_eq!(stdout.matches("missing").count(), 4, "{stdout}");
    assert!(stdout.contains("auto uses: a download from https://"), "{stdout}");
    assert!(stdout.contains("SYNTHETIC"), "{stdout}");
    assert!(fs::read_dir(here.path()).unwrap().next().is_none(), "status wrote something");

    made_up_images(&here.path().join("elsewhere"), 30, 20);
    let (code, stdout, _) = data(here.path(), &["status", "--data-dir", "elsewhere"]);
    assert_eq!(code, Some(0));
    assert!(
        stdout.contains("30 images") && stdout.contains("20 labels") && stdout.contains("not from MNIST"),
        "{stdout}"
    );
    assert!(stdout.contains("auto uses: these files, as elsewhere (fingerprint "), "{stdout}");
}

#[test]
fn the_environment_names_the_folder_unless_a_flag_does() {
    let here = folder();
    for name in ["from-environment", "from-flag"] {
        made_up_images(&here.path().join(name), 30, 20);
    }
    let status = |arguments: &[&str], value: &str| {
        outcome(command(here.path(), arguments).env("LENET_MONITOR_DATA", value).output().unwrap()).1
    };
    assert!(status(&["status"], "from-environment").contains("as from-environment"));
    assert!(status(&["status", "--data-dir", "from-flag"], "from-environment").contains("as from-flag"));
    assert!(status(&["status"], "").starts_with("data folder: data ("));
}

/// Printed commands work when they are pasted.
#[test]
fn errors_name_the_command_that_fetches_into_this_folder() {
    let here = folder();
    let folder = "it's my data";
    let command = r"`lenet-monitor data fetch --data-dir 'it'\''s my data'`";
    let (_, _, stderr) = data(here.path(), &["verify", "--data-dir", folder]);
    assert!(stderr.contains(command), "{stderr}");
    made_up_images(&here.path().join(folder), 30, 20);
    fs::write(here.path().join(folder).join(NAMES[0]), "").unwrap();
    for action in ["verify", "status"] {
        let (_, stdout, _) = data(here.path(), &[action, "--data-dir", folder]);
        assert!(stdout.contains(command), "{stdout}");
        assert!(!stdout.contains("`lenet-monitor data fetch`"), "{stdout}");
    }
}

#[test]
fn verify_passes_the_published_mnist() {
    let Some(published) = mnist() else { return };
    let (code, stdout, stderr) = data(folder().path(), &["verify", "--data-dir", published.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert_eq!(stdout.matches("MNIST, as published").count(), 4, "{stdout}");
    assert!(stdout.contains("OK: MNIST"), "{stdout}");
}

#[test]
fn verify_passes_a_valid_set_that_is_not_mnist_and_says_so() {
    let here = folder();
    made_up_images(&here.path().join("data"), 30, 20);
    let (code, stdout, _) = data(here.path(), &["verify"]);
    assert_eq!(code, Some(0));
    assert!(stdout.contains("valid, but not MNIST"), "{stdout}");
}

#[test]
fn verify_fails_if_a_file_is_damaged_or_missing() {
    for name in NAMES {
        let here = folder();
        made_up_images(&here.path().join("data"), 30, 20);
        let path = here.path().join("data").join(name);
        let bytes = fs::read(&path).unwrap();

        fs::write(&path, [&bytes[..], b"x"].concat()).unwrap();
        let (code, stdout, _) = data(here.path(), &["verify"]);
        assert_eq!(code, Some(1));
        assert!(stdout.contains("DAMAGED") && stdout.contains(&format!("{name}: expected ")), "{stdout}");
        let (code, stdout, _) = data(here.path(), &["status"]);
        assert_eq!(code, Some(0));
        assert!(stdout.contains("auto uses: nothing: damaged files are an error"), "{stdout}");

        fs::remove_file(&path).unwrap();
        let (code, stdout, _) = data(here.path(), &["verify"]);
        assert_eq!(code, Some(1));
        assert!(stdout.contains("0 damaged, 1 missing"), "{stdout}");
    }
}

#[test]
fn verify_fails_if_counts_differ() {
    let here = folder();
    made_up_images(&here.path().join("data"), 30, 20);
    fs::write(here.path().join("data").join(NAMES[3]), common::labels_file(&[1; 21])).unwrap();
    let (code, stdout, _) = data(here.path(), &["verify"]);
    assert_eq!(code, Some(1));
    assert!(stdout.contains("20 images") && stdout.contains("21 labels"), "{stdout}");
}

#[test]
fn verify_fails_if_one_bit_of_mnist_is_wrong() {
    let Some(published) = mnist() else { return };
    let here = folder();
    fs::create_dir(here.path().join("data")).unwrap();
    for name in NAMES {
        let mut bytes = common::unpacked(&published, name);
        if name == NAMES[2] {
            bytes[4_000_000] ^= 1;
        }
        fs::write(here.path().join("data").join(name), bytes).unwrap();
    }
    let (code, stdout, _) = data(here.path(), &["verify"]);
    assert_eq!(code, Some(1));
    assert_eq!(stdout.matches("MNIST, as published").count(), 3, "{stdout}");
    assert!(stdout.contains("FAILED: 1 of the files"), "{stdout}");
}

/// Two gigabytes of zeros in two megabytes, and a header that claims most of a gigabyte, read by a process with a memory
/// limit below that.
#[cfg(target_os = "linux")]
#[test]
fn files_that_unpack_to_or_claim_too_much_use_little_memory() {
    use std::io::Write;
    let here = folder();
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    fs::create_dir(here.path().join("data")).unwrap();
    let zeros = gzip(&vec![0; 1 << 20]).repeat(2048);
    for (name, content) in [(NAMES[0], common::images_file(&[0; 784])), (NAMES[1], common::labels_file(&[0; 1]))] {
        let bomb = [gzip(&content), zeros.clone()].concat();
        fs::write(here.path().join("data").join(name), bomb).unwrap();
    }
    let mut claim = common::images_file(&[0; 784]);
    claim[4..8].copy_from_slice(&1_000_000_u32.to_be_bytes());
    fs::write(here.path().join("data").join(NAMES[2]), claim).unwrap();
    let limited = format!("ulimit -v 500000 && exec {PROGRAM} data verify");
    let (code, stdout, stderr) =
        outcome(Command::new("sh").args(["-c", &limited]).current_dir(here.path()).output().unwrap());
    assert_eq!(code, Some(1), "{stdout}{stderr}");
    assert!(
        stdout.contains("expected 800 bytes unpacked, according to the header, found 801 or more"),
        "{stdout}{stderr}"
    );
    assert!(
        stdout.contains("expected 784000016 bytes unpacked, according to the header, found only 800"),
        "{stdout}{stderr}"
    );
}

#[test]
fn fetch_downloads_mnist_once() {
    let Some(mirror) = Mirror::new() else { return };
    let server = mirror.serve(|_, _| Answer::File);
    let (code, stdout, stderr) = mirror.fetch(&[&dead_address(), &server.address]);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert_eq!(stdout.matches("MNIST, as published").count(), 4, "{stdout}");
    for name in NAMES {
        assert_eq!(stderr.matches(&format!("downloading {name}.gz (")).count(), 1, "{stderr}");
    }
    assert_eq!(data(mirror.guard.path(), &["verify"]).0, Some(0));

    let (code, stdout, _) = mirror.fetch(&[&server.address]);
    assert_eq!(code, Some(0));
    assert!(stdout.contains("nothing to do"), "{stdout}");
    assert_eq!(server.asked().len(), 4, "downloaded again");
}

#[test]
fn fetch_renames_damaged_files_and_downloads_valid_ones() {
    let Some(mirror) = Mirror::new() else { return };
    let server = mirror.serve(|_, _| Answer::File);
    fs::create_dir(mirror.data_folder()).unwrap();
    for name in &NAMES[1..] {
        fs::write(mirror.data_folder().join(format!("{name}.gz")), &mirror.files[&format!("{name}.gz")]).unwrap();
    }
    // The same file, damaged under two of its names: neither may block the valid one.
    let damaged = [NAMES[0].to_owned(), format!("{}.gz", NAMES[0])];
    for name in &damaged {
        fs::write(mirror.data_folder().join(name), "<html>").unwrap();
    }
    let (code, stdout, stderr) = mirror.fetch(&[&server.address]);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    for name in &damaged {
        let aside = mirror.data_folder().join(format!("{name}.damaged"));
        assert_eq!(fs::read_to_string(&aside).unwrap(), "<html>");
        assert!(stderr.contains(aside.file_name().unwrap().to_str().unwrap()), "{stderr}");
    }
    assert_eq!(server.asked(), [(format!("{}.gz", NAMES[0]), None)]);
    assert_eq!(data(mirror.guard.path(), &["verify"]).0, Some(0));
}

#[test]
fn fetch_leaves_another_data_set_alone() {
    let here = folder();
    made_up_images(&here.path().join("data"), 30, 20);
    fs::write(here.path().join("data").join(NAMES[1]), "damaged").unwrap();
    let before = fs::read(here.path().join("data").join(NAMES[0])).unwrap();
    let (code, _, stderr) = data(here.path(), &["fetch"]);
    assert_eq!(code, Some(1));
    assert!(stderr.contains(NAMES[0]) && stderr.contains("not from MNIST"), "{stderr}");
    assert_eq!(fs::read(here.path().join("data").join(NAMES[0])).unwrap(), before);
    assert_eq!(fs::read_to_string(here.path().join("data").join(NAMES[1])).unwrap(), "damaged");
    assert_eq!(fs::read_dir(here.path().join("data")).unwrap().count(), 4);
}

#[test]
fn fetch_without_a_working_mirror_fails_and_says_why() {
    let here = folder();
    let page = Server::start(HashMap::new(), |_, _| Answer::Bytes(b"<html>Pay for the network</html>".to_vec()));
    let missing = Server::start(HashMap::new(), |_, _| Answer::Status("404 Not Found"));
    let mirrors = format!("{} {}", page.address, missing.address);
    let output = command(here.path(), &["fetch"]).env("LENET_MONITOR_MIRRORS", &mirrors).output().unwrap();
    let (code, _, stderr) = outcome(output);
    assert_eq!(code, Some(1));
    assert!(stderr.contains(&format!("{}: it sent a web page", page.address)), "{stderr}");
    assert!(stderr.contains(&format!("{}: it responded with 404 Not Found", missing.address)), "{stderr}");
    assert!(!NAMES.iter().any(|name| here.path().join("data").join(format!("{name}.gz")).exists()));
}

#[test]
fn a_killed_fetch_leaves_no_complete_file_and_is_continued_later() {
    let Some(mirror) = Mirror::new() else { return };
    let stalling = mirror.serve(|_, _| Answer::StallAfter(3_000_000));
    let mut process = mirror.fetch_command(&[&stalling.address]).stderr(Stdio::null()).spawn().unwrap();
    let scratch = mirror.data_folder().join(format!("{}.gz.part", NAMES[0]));
    while fs::metadata(&scratch).map_or(0, |metadata| metadata.len()) < 3_000_000 {
        assert!(process.try_wait().unwrap().is_none(), "the fetch ended by itself");
        thread::sleep(Duration::from_millis(5));
    }
    process.kill().unwrap();
    process.wait().unwrap();

    let (code, stdout, _) = data(mirror.guard.path(), &["verify"]);
    assert_eq!(code, Some(1));
    assert!(stdout.contains("0 damaged, 4 missing"), "{stdout}");

    let server = mirror.serve(|_, _| Answer::File);
    let (code, stdout, stderr) = mirror.fetch(&[&server.address]);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert_eq!(server.asked()[0], (format!("{}.gz", NAMES[0]), Some(3_000_000)));
    assert_eq!(data(mirror.guard.path(), &["verify"]).0, Some(0));
}

#[test]
fn a_manifest_that_cannot_be_read_is_an_error_that_names_it() {
    let here = folder();
    let output = command(here.path(), &["fetch"]).env("LENET_MONITOR_MANIFEST", "no-such-file").output().unwrap();
    let (code, _, stderr) = outcome(output);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("no-such-file"), "{stderr}");
}

#[test]
fn status_and_fetch_show_no_password() {
    let here = folder();
    let mirror = dead_address().replace("http://", "http://me:s3cr3t@");
    for arguments in [&["data", "status"][..], &["data", "fetch"], &["train", "--headless", "--dataset", "mnist"]] {
        let output = cli::command(here.path(), arguments).env("LENET_MONITOR_MIRRORS", &mirror).output().unwrap();
        let (_, stdout, stderr) = outcome(output);
        let said = stdout + &stderr;
        assert!(said.contains("***@127.0.0.1") && !said.contains("s3cr3t"), "{said}");
    }
}

#[cfg(unix)]
#[test]
fn nothing_waits_for_a_pipe() {
    let here = folder();
    made_up_images(&here.path().join("digits"), 30, 20);
    let pipe = here.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let output = command(here.path(), &["fetch"]).env("LENET_MONITOR_MANIFEST", &pipe).output().unwrap();
    let (code, _, stderr) = outcome(output);
    assert!(code == Some(1) && stderr.contains("found a named pipe"), "{stderr}");

    let (code, _, stderr) = data(here.path(), &["verify", "--data-dir", "pipe"]);
    assert!(code == Some(1) && stderr.contains("expected a folder"), "{stderr}");
    fs::remove_file(here.path().join("digits").join(NAMES[2])).unwrap();
    fs::rename(&pipe, here.path().join("digits").join(NAMES[2])).unwrap();
    let (code, stdout, _) = data(here.path(), &["verify", "--data-dir", "digits"]);
    assert!(code == Some(1) && stdout.contains("found a named pipe"), "{stdout}");
}

#[test]
fn invalid_arguments_have_their_own_exit_code() {
    let here = folder();
    for arguments in [&[][..], &["fetch", "too-much"], &["polish"], &["verify", "--data-dir"]] {
        assert_eq!(data(here.path(), arguments).0, Some(2), "{arguments:?}");
    }
}
