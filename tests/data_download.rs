//! Downloads from servers that misbehave result in the right files or a clear error, and never in an incomplete file
//! that could be mistaken for a complete one.

mod common;

use std::{
    collections::HashMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};

use common::{
    NAMES,
    server::{Answer, Server, dead_address},
};
use flate2::Compression;
use lenet_monitor::data::{
    Choice, DataError, Dataset, Kind, LoadEvent, Request,
    download::{self, DownloadError, PackedFile, Patience, Remote},
    load_from,
};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// Patience long enough for a busy machine, and short enough for tests of stalled mirrors.
const PATIENCE: Patience = Patience {
    request: Duration::from_millis(1000),
    whole: Duration::from_millis(2500),
    rounds: 3,
    pause: Duration::from_millis(10),
    window: Duration::from_secs(30),
    least: 30_000,
};

/// A small data set as mirrors serve it, its manifest, and a folder to download into.
struct Setting {
    served: HashMap<String, Vec<u8>>,
    remote: Remote,
    guard: TempDir,
}

impl Setting {
    fn new() -> Self {
        let guard = tempfile::tempdir().unwrap();
        let source = guard.path().join("source");
        common::made_up_images(&source, 400, 100);
        let packed = NAMES.map(|name| {
            // Noise in the header's comment makes the small files long enough to be truncated.
            let comment: Vec<u8> =
                (0..20_000_u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8 | 1).collect();
            let mut encoder = flate2::GzBuilder::new().comment(comment).write(Vec::new(), Compression::fast());
            encoder.write_all(&fs::read(source.join(name)).unwrap()).unwrap();
            encoder.finish().unwrap()
        });
        let files = packed
            .each_ref()
            .map(|bytes| PackedFile { bytes: bytes.len() as u64, sha256: Sha256::digest(bytes).into() });
        let served = NAMES.iter().map(|name| format!("{name}.gz")).zip(packed).collect();
        Self { served, remote: Remote { mirrors: vec![], files, brief: PATIENCE, patient: PATIENCE }, guard }
    }

    fn folder(&self) -> PathBuf {
        self.guard.path().join("data")
    }

    fn server(&self, answer: impl Fn(&str, usize) -> Answer + Send + Sync + 'static) -> Server {
        Server::start(self.served.clone(), answer)
    }

    fn fetch(&self, mirrors: &[&str]) -> Result<Vec<LoadEvent>, DownloadError> {
        self.fetch_with(mirrors, PATIENCE)
    }

    fn fetch_with(&self, mirrors: &[&str], patience: Patience) -> Result<Vec<LoadEvent>, DownloadError> {
        let remote =
            Remote { mirrors: mirrors.iter().map(|&mirror| mirror.to_owned()).collect(), ..self.remote.clone() };
        let mut events = Vec::new();
        download::fetch(&self.folder(), &remote, patience, &mut |event| events.push(event)).map(|()| events)
    }

    /// Asserts that the folder contains the four files as published, and nothing else but the lock.
    fn assert_complete(&self) {
        for (name, bytes) in &self.served {
            assert!(fs::read(self.folder().join(name)).unwrap() == *bytes, "{name} differs");
        }
        assert_eq!(self.listing().len(), 4, "{:?}", self.listing());
        let set = load_from(&request(Choice::Mnist, &self.folder()), &self.remote, &mut |_| ()).unwrap();
        assert_eq!((set.train.len(), set.test.len()), (400, 100));
    }

    /// Asserts that nothing in the folder could be mistaken for a data file.
    fn assert_no_data_files(&self) {
        let data_files: Vec<_> = self.listing().into_iter().filter(|name| !name.ends_with(".part")).collect();
        assert_eq!(data_files, [""; 0]);
        let remote = Remote { mirrors: vec![], ..self.remote.clone() };
        let error = load_from(&request(Choice::Mnist, &self.folder()), &remote, &mut |_| ()).unwrap_err();
        assert!(matches!(error, DataError::Unobtainable { .. }), "{error}");
    }

    fn listing(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name != ".download.lock").collect()
    }
}

fn request(choice: Choice, folder: &Path) -> Request {
    Request { choice, folder: folder.to_owned() }
}

/// Returns the message of a failed download, which must name the file and every mirror.
fn failure(result: Result<Vec<LoadEvent>, DownloadError>, mirrors: &[&str]) -> String {
    let message = result.expect_err("the download succeeded").to_string();
    assert!(message.contains(".gz"), "{message}");
    for mirror in mirrors {
        assert!(message.contains(mirror), "{message}");
    }
    message
}

#[test]
fn downloads_the_files_and_reports_progress() {
    let setting = Setting::new();
    let server = setting.server(|_, _| Answer::File);
    let events = setting.fetch(&[&server.address]).unwrap();
    setting.assert_complete();
    for (name, bytes) in &setting.served {
        let all = Some(bytes.len() as u64);
        let done: Vec<u64> = events
            .iter()
            .filter_map(|event| match event {
                LoadEvent::Downloading { file, done, total } if file == name && *total == all => Some(*done),
                _ => None,
            })
            .collect();
        assert!(done.is_sorted() && done.first() == Some(&0) && done.last().copied() == all, "{name}: {done:?}");
    }
    assert_eq!(server.asked().len(), 4);
}

#[test]
fn existing_files_are_left_alone() {
    let setting = Setting::new();
    let server = setting.server(|_, _| Answer::File);
    fs::create_dir_all(setting.folder()).unwrap();
    let place = setting.folder().join("t10k-labels.idx1-ubyte");
    fs::write(&place, "mine").unwrap();
    setting.fetch(&[&server.address]).unwrap();
    assert_eq!(fs::read_to_string(place).unwrap(), "mine");
    assert!(server.asked().iter().all(|(name, _)| !name.starts_with(NAMES[3])), "{:?}", server.asked());
}

#[test]
fn a_slow_mirror_may_take_longer_than_a_silent_one() {
    let setting = Setting::new();
    let server = setting.server(|_, _| Answer::Slowly(2_000, Duration::from_millis(100)));
    setting.fetch(&[&server.address]).unwrap();
    setting.assert_complete();
    assert_eq!(server.asked().len(), 4, "asked again: {:?}", server.asked());
}

/// Without a limit these mirrors would take minutes for what the other one serves immediately.
#[test]
fn a_mirror_that_is_too_slow_is_abandoned_for_the_next() {
    let impatient = Patience { window: Duration::from_millis(500), least: 5_000, ..PATIENCE };
    let pause = Duration::from_millis(20);
    for answer in [Answer::Slowly(1, pause), Answer::Slowly(20, pause), Answer::Trickle(pause)] {
        let setting = Setting::new();
        let slow = setting.server(move |_, _| answer.clone());
        let server = setting.server(|_, _| Answer::File);
        setting.fetch_with(&[&slow.address, &server.address], impatient).unwrap();
        setting.assert_complete();
        assert_eq!(slow.asked().len(), 1, "{:?}", slow.asked());

        let alone = Setting::new();
        let message = failure(alone.fetch_with(&[&slow.address], impatient), &[&slow.address]);
        assert!(message.contains("too slow") || message.contains("received nothing"), "{message}");
        alone.assert_no_data_files();
    }
}

#[test]
fn by_default_a_mirror_slower_than_a_kilobyte_per_second_is_abandoned_after_half_a_minute() {
    let Remote { brief, patient, .. } = Remote::default();
    for patience in [brief, patient] {
        assert_eq!((patience.window, patience.least), (Duration::from_secs(30), 30_000));
    }
}

#[test]
fn a_broken_transfer_is_resumed() {
    let setting = Setting::new();
    let server = setting.server(|_, count| if count == 0 { Answer::CutOff(9_000) } else { Answer::File });
    setting.fetch(&[&server.address]).unwrap();
    setting.assert_complete();
    for name in NAMES {
        let name = format!("{name}.gz");
        let asked: Vec<_> =
            server.asked().into_iter().filter(|(asked, _)| *asked == name).map(|(_, start)| start).collect();
        assert_eq!(asked, [None, Some(9_000)], "{name}");
    }
}

#[test]
fn a_later_download_resumes_an_earlier_one() {
    let setting = Setting::new();
    let server = setting.server(|_, count| if count == 0 { Answer::CutOff(5_000) } else { Answer::Status("503 Busy") });
    let message = failure(setting.fetch(&[&server.address]), &[&server.address]);
    assert!(message.contains("503"), "{message}");
    setting.assert_no_data_files();

    let server = setting.server(|_, _| Answer::File);
    setting.fetch(&[&server.address]).unwrap();
    setting.assert_complete();
    assert!(server.asked().contains(&(format!("{}.gz", NAMES[0]), Some(5_000))), "{:?}", server.asked());
}

#[test]
fn a_broken_transfer_is_resumed_at_the_other_mirror() {
    let setting = Setting::new();
    let broken = setting.server(|_, _| Answer::CutOff(7_000));
    let sound = setting.server(|_, _| Answer::File);
    setting.fetch(&[&broken.address, &sound.address]).unwrap();
    setting.assert_complete();
    assert_eq!(sound.asked()[0].1, Some(7_000));
    // The mirror that succeeded is tried first from then on.
    assert_eq!(broken.asked().len(), 1, "{:?}", broken.asked());
}

#[test]
fn a_mirror_without_support_for_ranges_starts_over() {
    let setting = Setting::new();
    let server = setting.server(|_, count| if count == 0 { Answer::CutOff(9_000) } else { Answer::WholeFile });
    setting.fetch(&[&server.address]).unwrap();
    setting.assert_complete();
}

#[test]
fn a_scratch_file_with_wrong_bytes_is_downloaded_again() {
    for length in [10, 5_000, 1_000_000] {
        let setting = Setting::new();
        fs::create_dir_all(setting.folder()).unwrap();
        for name in NAMES {
            fs::write(setting.folder().join(format!("{name}.gz.part")), vec![7; length]).unwrap();
        }
        let server = setting.server(|_, _| Answer::File);
        setting.fetch(&[&server.address]).unwrap();
        setting.assert_complete();
    }
}

/// Anything at a scratch file's path is replaced, and the target of a link stays unchanged.
#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link() {
    let kinds: [fn(&Path, &Path); 4] = [
        |target, link| std::os::unix::fs::symlink(target, link).unwrap(),
        |target, link| std::os::unix::fs::symlink(target.with_file_name("not-there"), link).unwrap(),
        |target, link| fs::hard_link(target, link).unwrap(),
        |_, link| assert!(std::process::Command::new("mkfifo").arg(link).status().unwrap().success()),
    ];
    for kind in kinds {
        let setting = Setting::new();
        fs::create_dir_all(setting.folder()).unwrap();
        let target = setting.guard.path().join("precious");
        fs::write(&target, "precious").unwrap();
        for name in NAMES {
            kind(&target, &setting.folder().join(format!("{name}.gz.part")));
        }
        let server = setting.server(|_, _| Answer::File);
        setting.fetch(&[&server.address]).unwrap();
        setting.assert_complete();
        assert_eq!(fs::read_to_string(&target).unwrap(), "precious");
        assert!(!target.with_file_name("not-there").exists());
    }
    // A lock that the program did not create is not removed.
    for kind in kinds {
        let setting = Setting::new();
        fs::create_dir_all(setting.folder()).unwrap();
        let target = setting.guard.path().join("precious");
        fs::write(&target, "precious").unwrap();
        kind(&target, &setting.folder().join(".download.lock"));
        let server = setting.server(|_, _| Answer::File);
        let message = setting.fetch(&[&server.address]).unwrap_err().to_string();
        assert!(message.contains(".download.lock: expected a file, found a "), "{message}");
        assert_eq!(fs::read_to_string(&target).unwrap(), "precious");
        assert!(!target.with_file_name("not-there").exists());
    }
}

#[test]
fn a_folder_at_a_scratch_files_path_is_an_error() {
    let setting = Setting::new();
    let name = format!("{}.gz.part", NAMES[0]);
    fs::create_dir_all(setting.folder().join(&name)).unwrap();
    let server = setting.server(|_, _| Answer::File);
    let message = setting.fetch(&[&server.address]).unwrap_err().to_string();
    assert!(message.contains(&name) && message.contains("found a folder"), "{message}");
}

#[test]
fn responses_of_mirrors_are_shown_safely_on_one_line() {
    let long = "\u{1b}]0;title\u{7}".repeat(20_000);
    let answers = [
        format!("HTTP/1.1 404 Gone\u{1b}[31m {long}\r\nContent-Length: 0\r\n\r\n"),
        format!(
            "HTTP/1.1 302 Found\r\nLocation: http://me:hidden@127.0.0.1:1/\u{1b}[31m{long}\r\nContent-Length: 0\r\n\r\n"
        ),
        "HTTP/1.1 302 Found\r\nLocation: http://me:hidden@127.0.0.1:1/mnist/\r\nContent-Length: 0\r\n\r\n".to_owned(),
        "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n".to_owned(),
        format!("HTTP/1.1 200 OK\r\n{long}: {long}\r\nContent-Length: 5\r\n\r\n"),
        long,
        "\u{1b}[31m\r\n\r\n".to_owned(),
    ];
    for answer in answers {
        let setting = Setting::new();
        let bytes = answer.into_bytes();
        let server = setting.server(move |_, _| Answer::Raw(bytes.clone()));
        let message = failure(setting.fetch(&[&server.address]), &[&server.address]);
        assert!(!message.contains(|char: char| char.is_control()), "{message:?}");
        assert!(message.len() < 1000 && !message.contains("hidden"), "{message}");
        setting.assert_no_data_files();
    }
}

#[test]
fn a_password_in_a_mirrors_address_is_never_shown() {
    let setting = Setting::new();
    let with_password = |address: &str| address.replace("http://", "http://me:s3cr3t%40x@");
    let server = setting.server(|_, count| if count == 0 { Answer::CutOff(9_000) } else { Answer::File });
    let missing = setting.server(|_, _| Answer::Status("404 Not Found"));
    let addresses = [
        with_password(&missing.address),
        with_password(&dead_address()),
        "http://me:s3cr3t%40x@no port:99999999/".to_owned(),
        "me:s3cr3t%40x@127.0.0.1/".to_owned(),
        "http://me:s3cr3t%40x@[::bad/".to_owned(),
        "ftp://me:s3cr3t%40x@127.0.0.1:1/".to_owned(),
    ];
    let message = setting.fetch(&addresses.each_ref().map(String::as_str)).unwrap_err().to_string();
    assert!(message.contains("404") && !message.contains("s3cr3t"), "{message}");
    for event in setting.fetch(&[&with_password(&server.address)]).unwrap() {
        assert!(!format!("{event:?}").contains("s3cr3t"), "{event:?}");
    }
    setting.assert_complete();
}

#[test]
fn a_complete_scratch_file_needs_no_mirror() {
    let setting = Setting::new();
    fs::create_dir_all(setting.folder()).unwrap();
    for (name, bytes) in &setting.served {
        fs::write(setting.folder().join(format!("{name}.part")), bytes).unwrap();
    }
    setting.assert_no_data_files();
    setting.fetch(&[&dead_address()]).unwrap();
    setting.assert_complete();
}

#[test]
fn a_dead_first_mirror_is_skipped() {
    let setting = Setting::new();
    let server = setting.server(|_, _| Answer::File);
    setting.fetch(&[&dead_address(), &server.address]).unwrap();
    setting.assert_complete();
}

#[test]
fn a_silent_first_mirror_is_skipped() {
    let setting = Setting::new();
    for answer in [Answer::Stall, Answer::StallAfter(0), Answer::StallAfter(3_000)] {
        let silent = setting.server(move |_, _| answer.clone());
        let server = setting.server(|_, _| Answer::File);
        setting.fetch(&[&silent.address, &server.address]).unwrap();
        setting.assert_complete();
        fs::remove_dir_all(setting.folder()).unwrap();
    }
}

#[test]
fn a_first_mirror_with_404_or_wrong_bytes_is_skipped() {
    let setting = Setting::new();
    let bad: [fn(&Setting) -> Answer; 6] = [
        |_| Answer::Status("404 Not Found"),
        |_| Answer::Status("500 Internal Server Error"),
        |_| Answer::Bytes(b"<!DOCTYPE html><html>Log in</html>".to_vec()),
        |_| Answer::Bytes(b"something short".to_vec()),
        |_| Answer::Bytes(vec![3; 1_000_000]),
        |setting| Answer::Bytes(vec![3; setting.served["train-images-idx3-ubyte.gz"].len()]),
    ];
    for answer in bad {
        let answer = answer(&setting);
        let wrong = setting.server(move |_, _| answer.clone());
        let server = setting.server(|_, _| Answer::File);
        setting.fetch(&[&wrong.address, &server.address]).unwrap();
        setting.assert_complete();
        fs::remove_dir_all(setting.folder()).unwrap();
    }
}

#[test]
fn no_mirror_with_the_file_is_an_error_with_the_response_of_each() {
    let setting = Setting::new();
    let (missing, page) = (
        setting.server(|_, _| Answer::Status("404 Not Found")),
        setting.server(|_, _| Answer::Bytes(b"\n<html>Sign in to the hotel's network</html>".to_vec())),
    );
    let mirrors = [&missing.address[..], &page.address];
    let message = failure(setting.fetch(&mirrors), &mirrors);
    assert!(message.contains("404 Not Found") && message.contains("a web page"), "{message}");
    setting.assert_no_data_files();
    assert_eq!(setting.listing(), [""; 0], "files are left behind");
    // Neither response would change on another attempt.
    assert_eq!((missing.asked().len(), page.asked().len()), (1, 1));
}

#[test]
fn wrong_bytes_everywhere_are_an_error_that_names_both_sums() {
    let setting = Setting::new();
    let length = setting.served["train-images-idx3-ubyte.gz"].len();
    let server = setting.server(move |_, _| Answer::Bytes(vec![3; length]));
    let message = failure(setting.fetch(&[&server.address]), &[&server.address]);
    let found: [u8; 32] = Sha256::digest(vec![3; length]).into();
    for sum in [setting.remote.files[0].sha256, found] {
        let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(message.contains(&sum), "{message}");
    }
    setting.assert_no_data_files();
}

#[test]
fn if_one_file_is_unavailable_none_is_put_in_place() {
    let setting = Setting::new();
    let server = setting
        .server(|name, _| if name.starts_with(NAMES[3]) { Answer::Status("404 Not Found") } else { Answer::File });
    let message = failure(setting.fetch(&[&server.address]), &[&server.address]);
    assert!(message.contains(NAMES[3]), "{message}");
    setting.assert_no_data_files();
}

#[test]
fn two_dead_mirrors_are_an_error() {
    let setting = Setting::new();
    let mirrors = [dead_address(), dead_address()];
    let mirrors = mirrors.each_ref().map(String::as_str);
    failure(setting.fetch(&mirrors), &mirrors);
    setting.assert_no_data_files();
}

#[test]
fn mirrors_that_stall_forever_are_abandoned() {
    let setting = Setting::new();
    for answer in [Answer::Stall, Answer::StallAfter(4_000)] {
        let silent = setting.server(move |_, _| answer.clone());
        let message = failure(setting.fetch(&[&silent.address, &silent.address]), &[&silent.address]);
        assert!(message.contains("received nothing for"), "{message}");
        setting.assert_no_data_files();
    }
}

#[test]
fn an_unwritable_folder_is_an_error_that_names_it() {
    let setting = Setting::new();
    fs::write(setting.folder(), "a file in its place").unwrap();
    let error = setting.fetch(&[&dead_address()]).unwrap_err();
    assert!(matches!(error, DownloadError::Write { .. }), "{error}");
    assert!(error.to_string().contains(&setting.folder().display().to_string()), "{error}");
}

#[test]
fn two_processes_download_once() {
    let setting = Setting::new();
    let server = setting.server(|_, _| Answer::Slowly(4_000, Duration::from_millis(20)));
    std::thread::scope(|scope| {
        let both = [0, 1].map(|_| scope.spawn(|| setting.fetch(&[&server.address])));
        both.map(|fetch| fetch.join().unwrap().unwrap())
    });
    setting.assert_complete();
    assert_eq!(server.asked().len(), 4, "{:?}", server.asked());
}

#[test]
fn loading_downloads_missing_files() {
    let setting = Setting::new();
    let server = setting.server(|_, _| Answer::File);
    let remote = Remote { mirrors: vec![server.address.clone()], ..setting.remote.clone() };
    for choice in [Choice::Auto, Choice::Mnist] {
        let set = load_from(&request(choice, &setting.folder()), &remote, &mut |_| ()).unwrap();
        assert_eq!((set.id.kind, set.train.len()), (Kind::Other, 400));
    }
    assert_eq!(server.asked().len(), 4, "downloaded again: {:?}", server.asked());
}

#[test]
fn loading_completes_an_incomplete_mnist() {
    let Some(published) = common::mnist() else { return };
    let setting = Setting::new();
    let own = NAMES.map(|name| fs::read(published.join(format!("{name}.gz"))).unwrap());
    let files =
        own.each_ref().map(|bytes| PackedFile { bytes: bytes.len() as u64, sha256: Sha256::digest(bytes).into() });
    let served = NAMES.iter().map(|name| format!("{name}.gz")).zip(own.clone()).collect();
    let server = Server::start(served, |_, _| Answer::File);
    let remote = Remote { mirrors: vec![server.address.clone()], files, ..setting.remote.clone() };
    fs::create_dir_all(setting.folder()).unwrap();
    for (name, bytes) in NAMES.iter().zip(&own).skip(1) {
        fs::write(setting.folder().join(format!("{name}.gz")), bytes).unwrap();
    }
    let set: Dataset = load_from(&request(Choice::Auto, &setting.folder()), &remote, &mut |_| ()).unwrap();
    assert_eq!(set.id.kind, Kind::Mnist);
    assert_eq!(server.asked(), [(format!("{}.gz", NAMES[0]), None)]);
}

#[test]
fn auto_continues_with_synthetic_digits_if_nothing_can_be_downloaded() {
    let setting = Setting::new();
    let stalling = setting.server(|_, _| Answer::Stall);
    let cases = [vec![], vec![dead_address()], vec![dead_address(), stalling.address.clone()]];
    for mirrors in cases {
        let remote = Remote { mirrors, ..setting.remote.clone() };
        let mut events = Vec::new();
        let set =
            load_from(&request(Choice::Auto, &setting.folder()), &remote, &mut |event| events.push(event)).unwrap();
        assert_eq!((set.id.kind, set.id.name.as_str()), (Kind::Synthetic, "SYNTHETIC"));
        let [LoadEvent::Fallback { cause, .. }, LoadEvent::Generating] = &events[..] else { panic!("{events:?}") };
        for mirror in &remote.mirrors {
            assert!(cause.contains(mirror), "{cause}");
        }
        let error = load_from(&request(Choice::Mnist, &setting.folder()), &remote, &mut |_| ()).unwrap_err();
        assert!(matches!(error, DataError::Unobtainable { .. }), "{error}");
    }
}

#[test]
fn auto_continues_with_synthetic_digits_if_nothing_can_be_written() {
    let setting = Setting::new();
    let server = setting.server(|_, _| Answer::File);
    let remote = Remote { mirrors: vec![server.address.clone()], ..setting.remote.clone() };
    // No folder can be created there, not even by root.
    let unwritable = Path::new("/proc/no-such-folder");
    if cfg!(target_os = "linux") {
        let set = load_from(&request(Choice::Auto, unwritable), &remote, &mut |_| ()).unwrap();
        assert_eq!(set.id.kind, Kind::Synthetic);
    }
}
