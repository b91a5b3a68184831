//! The data set that is loaded from a folder, and that damaged or incomplete files are never replaced by another one.

mod common;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use common::{NAMES, first_images, made_up_images, mnist};
use flate2::{Compression, write::GzEncoder};
use lenet_monitor::data::{Choice, DataError, Dataset, Kind, LoadEvent, Request, download::Remote, load_from};
use sha2::{Digest, Sha256};

/// Loads without network access, and also returns the notes.
fn load_noting(choice: Choice, folder: &Path) -> (Result<Dataset, DataError>, Vec<String>) {
    let remote = Remote { mirrors: vec![], ..Remote::default() };
    let mut notes = Vec::new();
    let mut report = |event| match event {
        LoadEvent::Note(note) => notes.push(note),
        event => panic!("unexpected {event:?}"),
    };
    let request = Request { choice, folder: folder.to_owned() };
    let result = load_from(&request, &remote, &mut report);
    (result, notes)
}

fn load(folder: &Path) -> Dataset {
    let (result, notes) = load_noting(Choice::Auto, folder);
    assert_eq!(notes, [""; 0]);
    result.unwrap()
}

/// Returns the error, which is the same for both choices that read files: neither falls back to a download or to
/// synthetic digits.
fn refusal(folder: &Path) -> String {
    let [auto, mnist] =
        [Choice::Auto, Choice::Mnist].map(|choice| load_noting(choice, folder).0.unwrap_err().to_string());
    assert_eq!(auto, mnist);
    auto
}

fn made_up() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let set = folder.path().join("fashion");
    made_up_images(&set, 30, 20);
    (folder, set)
}

fn pack(path: &Path) {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&fs::read(path).unwrap()).unwrap();
    let mut packed = path.as_os_str().to_owned();
    packed.push(".gz");
    fs::write(packed, encoder.finish().unwrap()).unwrap();
    fs::remove_file(path).unwrap();
}

#[test]
fn the_published_files_are_mnist_raw_or_packed_in_either_spelling() {
    let Some(published) = mnist() else { return };
    let packed = load(&published);
    assert_eq!((packed.id.kind, packed.id.name.as_str()), (Kind::Mnist, "MNIST"));
    assert_eq!((packed.train.len(), packed.test.len()), (60_000, 10_000));
    // The published set begins with a five, and its test set with a seven.
    assert_eq!((packed.train.label(0), packed.test.label(0)), (5, 7));

    let folder = tempfile::tempdir().unwrap();
    let mut whole = Sha256::new();
    for name in NAMES {
        let bytes = common::unpacked(&published, name);
        whole.update(&bytes);
        fs::write(folder.path().join(name.replace("-idx", ".idx")), bytes).unwrap();
    }
    let raw = load(folder.path());
    assert_eq!(raw.id, packed.id);
    assert!(raw.train == packed.train && raw.test == packed.test);
    assert_eq!(raw.id.fingerprint.0, <[u8; 32]>::from(whole.finalize()));
}

#[test]
fn any_other_data_set_is_identified_by_its_folder_and_fingerprint() {
    let (_guard, folder) = made_up();
    let set = load(&folder);
    assert_eq!((set.id.kind, set.id.name.as_str()), (Kind::Other, "fashion"));
    assert_eq!((set.train.len(), set.test.len()), (30, 20));
    let bytes: Vec<u8> = NAMES.iter().flat_map(|name| fs::read(folder.join(name)).unwrap()).collect();
    assert_eq!(set.id.fingerprint.0, <[u8; 32]>::from(Sha256::digest(&bytes)));

    let mut images = fs::read(folder.join(NAMES[2])).unwrap();
    *images.last_mut().unwrap() ^= 1;
    fs::write(folder.join(NAMES[2]), images).unwrap();
    assert_ne!(load(&folder).id.fingerprint, set.id.fingerprint);
}

#[test]
fn packing_and_spelling_of_files_make_no_difference() {
    let (_guard, folder) = made_up();
    let set = load(&folder);
    fs::rename(folder.join(NAMES[0]), folder.join("train-images.idx3-ubyte")).unwrap();
    pack(&folder.join("train-images.idx3-ubyte"));
    pack(&folder.join(NAMES[1]));
    fs::rename(folder.join(NAMES[3]), folder.join("t10k-labels.idx1-ubyte")).unwrap();
    let again = load(&folder);
    assert_eq!(again.id, set.id);
    assert!(again.train == set.train && again.test == set.test);
}

#[test]
fn mnist_is_recognised_by_checksums_and_not_by_the_folders_name() {
    let Some(published) = mnist() else { return };
    let folder = tempfile::tempdir().unwrap();
    for name in ["MNIST", "mnist", "Synthetic"] {
        first_images(&published, &folder.path().join(name), 50, 20);
        let set = load_noting(Choice::Auto, &folder.path().join(name)).0.unwrap();
        assert_eq!(set.id.kind, Kind::Other);
        assert!(set.id.name.starts_with(name) && set.id.name.len() > name.len(), "{}", set.id.name);
    }
}

#[test]
fn a_single_image_per_split_is_enough() {
    let folder = tempfile::tempdir().unwrap();
    made_up_images(folder.path(), 1, 1);
    let set = load(folder.path());
    assert_eq!((set.train.len(), set.test.len()), (1, 1));
}

#[test]
fn notes_files_other_than_the_requested_ones() {
    let (_guard, folder) = made_up();
    let (result, notes) = load_noting(Choice::Mnist, &folder);
    assert_eq!(result.unwrap().id.kind, Kind::Other);
    assert!(notes.len() == 1 && notes[0].contains("not MNIST"), "{notes:?}");
}

#[test]
fn notes_a_mixture_of_published_and_other_files() {
    let Some(published) = mnist() else { return };
    let folder = tempfile::tempdir().unwrap();
    for name in NAMES {
        fs::copy(published.join(format!("{name}.gz")), folder.path().join(format!("{name}.gz"))).unwrap();
    }
    let mut labels = common::unpacked(&published, NAMES[3]);
    labels[8] ^= 1;
    fs::write(folder.path().join(NAMES[3]), labels).unwrap();
    let (result, notes) = load_noting(Choice::Auto, folder.path());
    assert_eq!(result.unwrap().id.kind, Kind::Other);
    assert!(notes.len() == 1 && notes[0].contains(NAMES[3]) && notes[0].contains("not MNIST"), "{notes:?}");
}

#[test]
fn a_damaged_file_is_an_error_whatever_the_alternatives() {
    for name in NAMES {
        let (_guard, folder) = made_up();
        let path = folder.join(name);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        let message = refusal(&folder);
        assert!(message.contains(name) && message.contains("expected"), "{message}");
    }
}

#[test]
fn a_damaged_file_is_an_error_even_if_others_are_missing() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(NAMES[1]), "<html>").unwrap();
    let message = refusal(folder.path());
    assert!(message.contains(NAMES[1]) && message.contains("web page"), "{message}");
}

#[cfg(unix)]
#[test]
fn a_dangling_link_is_an_error() {
    let (_guard, folder) = made_up();
    fs::remove_file(folder.join(NAMES[2])).unwrap();
    std::os::unix::fs::symlink("gone", folder.join(NAMES[2])).unwrap();
    let message = refusal(&folder);
    assert!(message.contains(NAMES[2]), "{message}");
}

#[test]
fn counts_that_differ_are_an_error_that_names_both_files() {
    for (name, other) in [(NAMES[1], NAMES[0]), (NAMES[3], NAMES[2])] {
        let (_guard, folder) = made_up();
        fs::write(folder.join(name), common::labels_file(&[3; 25])).unwrap();
        let message = refusal(&folder);
        assert!(message.contains(name) && message.contains(other) && message.contains("25"), "{message}");
    }
}

#[test]
fn an_incomplete_data_set_is_an_error_that_names_existing_and_missing_files() {
    for name in NAMES {
        let (_guard, folder) = made_up();
        fs::remove_file(folder.join(name)).unwrap();
        let message = refusal(&folder);
        let missing = message.split("missing").nth(1).unwrap_or_default();
        for other in NAMES {
            assert!(message.contains(other), "{message}");
            assert_eq!(missing.contains(other), other == name, "{message}");
        }
    }
}

#[test]
fn an_incomplete_mnist_without_a_network_is_an_error_too() {
    let Some(published) = mnist() else { return };
    let folder = tempfile::tempdir().unwrap();
    fs::copy(published.join(format!("{}.gz", NAMES[3])), folder.path().join(format!("{}.gz", NAMES[3]))).unwrap();
    let message = refusal(folder.path());
    assert!(message.contains(NAMES[3]) && message.contains("no mirror"), "{message}");
}

#[test]
fn a_file_instead_of_the_folder_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    fs::write(&path, "").unwrap();
    let message = refusal(&path);
    assert!(message.contains("expected a folder"), "{message}");
}

#[test]
fn mnist_without_files_and_without_a_network_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let (result, _) = load_noting(Choice::Mnist, folder.path());
    let message = result.unwrap_err().to_string();
    assert!(message.contains("no MNIST files") && message.contains("--data-dir"), "{message}");
}

#[test]
fn synthetic_digits_are_drawn_whatever_the_folder_contains() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(NAMES[0]), "damaged").unwrap();
    let request = Request { choice: Choice::Synthetic, folder: folder.path().to_owned() };
    let remote = Remote { mirrors: vec![], ..Remote::default() };
    let mut events = Vec::new();
    let set = load_from(&request, &remote, &mut |event| events.push(event)).unwrap();
    assert_eq!((set.id.kind, set.id.name.as_str()), (Kind::Synthetic, "SYNTHETIC"));
    assert_eq!(events, [LoadEvent::Generating]);
}
