//! A data folder that the user named: every common layout can be read, anything else in it is named in an error, and
//! nothing is downloaded, drawn or created instead.

mod common;

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use common::{
    NAMES,
    cli::{command, outcome},
    layouts::{Digits, gzip, npy, put},
    mnist,
    server::{Answer, Server},
};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use zip::CompressionMethod;

/// A folder to run the program in, and a mirror that must not be contacted.
struct Desk {
    folder: TempDir,
    mirror: Server,
    /// Manifest of the mirror's files if they are not the published ones.
    manifest: Option<PathBuf>,
}

impl Desk {
    fn new() -> Self {
        let mirror = Server::start(HashMap::new(), |_, _| Answer::Status("404 Not Found"));
        Self { folder: tempfile::tempdir().unwrap(), mirror, manifest: None }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(self.folder.path(), arguments);
        command.env("LENET_MONITOR_MIRRORS", &self.mirror.address);
        if let Some(manifest) = &self.manifest {
            command.env("LENET_MONITOR_MANIFEST", manifest);
        }
        command
    }

    /// Runs the program, and returns exit code, stdout and stderr.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        outcome(self.command(arguments).output().unwrap())
    }

    /// Returns the stderr of a command that must fail without contacting a mirror or changing anything in the folder.
    fn refusal(&self, arguments: &[&str]) -> String {
        self.refused(self.command(arguments))
    }

    fn refused(&self, mut command: Command) -> String {
        let before = listing(self.folder.path());
        let (code, stdout, stderr) = outcome(command.output().unwrap());
        assert_eq!(code, Some(1), "{command:?}: {stdout}{stderr}");
        assert_eq!(listing(self.folder.path()), before, "{command:?} changed the folder");
        assert_eq!(self.mirror.asked(), [], "{command:?}");
        assert!(!stderr.contains("SYNTHETIC"), "{stderr}");
        stderr
    }

    /// Returns the line of `data status` about the data that would be used.
    fn taken(&self, data_dir: &str) -> String {
        let (code, stdout, stderr) = self.run(&["data", "status", "--data-dir", data_dir]);
        assert_eq!(code, Some(0), "{stdout}{stderr}");
        stdout.lines().last().unwrap().to_owned()
    }

    /// Returns the fingerprint of the data that would be used.
    fn fingerprint(&self, data_dir: &str) -> String {
        let line = self.taken(data_dir);
        line.split_once("(fingerprint ").unwrap_or_else(|| panic!("{line}")).1.to_owned()
    }
}

/// Returns all files and folders below `folder`.
fn listing(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(listing(&path));
        }
        found.push(path);
    }
    found.sort();
    found
}

const SHORT: [&str; 8] = ["train", "--headless", "--epochs", "1", "--threads", "1", "--limit-train", "64"];
const SWEEP: [&str; 12] = [
    "sweep",
    "--headless",
    "--epochs",
    "1",
    "--activations",
    "relu",
    "--optimizers",
    "adam",
    "--lrs",
    "0.001",
    "--batch-sizes",
    "32",
];

#[test]
fn every_layout_gives_the_same_images_and_labels() {
    let desk = Desk::new();
    let digits = Digits::made_up();
    digits.plain(&desk.path("plain"));
    digits.emnist(&desk.path("emnist"), "digits");
    digits.emnist(&desk.path("emnist-mnist"), "mnist");
    digits.qmnist(&desk.path("qmnist"));
    digits.plain(&desk.path("torchvision/FashionMNIST/raw"));
    digits.qmnist(&desk.path("torchvision-qmnist/QMNIST/raw"));
    digits.plain(&desk.path("below/kmnist"));
    digits.plain(&desk.path("wide"));
    for (name, labels) in [(NAMES[1], &digits.train.1), (NAMES[3], &digits.test.1)] {
        put(&desk.path("wide"), name, &common::layouts::wide_labels(labels, 8));
    }
    let own = desk.fingerprint("plain");
    for folder in ["emnist", "emnist-mnist", "qmnist", "torchvision", "torchvision-qmnist", "below", "wide"] {
        assert_eq!(desk.fingerprint(folder), own, "{folder}");
        let (code, stdout, _) = desk.run(&["data", "verify", "--data-dir", folder]);
        assert!(code == Some(0) && stdout.contains("valid, but not MNIST"), "{stdout}");
    }
    assert!(desk.taken("torchvision").contains("as FashionMNIST "), "{}", desk.taken("torchvision"));
    assert!(desk.taken("torchvision/FashionMNIST").contains("as FashionMNIST "));
    assert!(desk.taken("torchvision/FashionMNIST/raw").contains("as FashionMNIST "));

    let kinds = [("|u1", CompressionMethod::Stored), ("<i8", CompressionMethod::Deflated)];
    for (labels, method) in kinds.into_iter().chain([(">i4", CompressionMethod::Deflated)]) {
        let folder = desk.path("keras");
        fs::create_dir_all(&folder).unwrap();
        digits.npz(&folder.join("mnist.npz"), labels, method);
        assert_eq!(desk.fingerprint("keras"), own, "{labels}");
    }
    fs::rename(desk.path("keras/mnist.npz"), desk.path("keras/other.npz")).unwrap();
    assert_eq!(desk.fingerprint("keras"), own);
    assert_eq!(desk.fingerprint("keras/other.npz"), own);
}

#[test]
fn all_commands_accept_them() {
    let desk = Desk::new();
    Digits::made_up().emnist(&desk.path("elsewhere/EMNIST/raw"), "digits");
    let dir = ["--data-dir", "elsewhere"];
    let (code, stdout, stderr) = desk.run(&[&SHORT[..], &["--checkpoint-dir", "runs"], &dir].concat());
    assert!(code == Some(0) && stdout.contains("LeNet-5 on EMNIST: 64 images"), "{stdout}{stderr}");
    let run = fs::read_dir(desk.path("runs")).unwrap().next().unwrap().unwrap().path();
    let run = run.to_str().unwrap();
    for arguments in [&["eval", run][..], &["report", run, "--out", "pictures"], &SWEEP] {
        let (code, stdout, stderr) = desk.run(&[arguments, &dir].concat());
        assert_eq!(code, Some(0), "{arguments:?}: {stdout}{stderr}");
        // The environment may name the folder instead of the flag.
        let mut command = desk.command(arguments);
        let (code, stdout, stderr) = outcome(command.env("LENET_MONITOR_DATA", "elsewhere").output().unwrap());
        assert_eq!(code, Some(0), "{arguments:?}: {stdout}{stderr}");
    }
    assert_eq!(desk.mirror.asked(), []);
}

#[test]
fn mnist_is_mnist_in_any_layout() {
    let Some(published) = mnist() else { return };
    let desk = Desk::new();
    let digits = Digits::of_files(&published);
    digits.plain(&desk.path("torchvision/MNIST/raw"));
    fs::create_dir(desk.path("keras")).unwrap();
    digits.npz(&desk.path("keras/mnist.npz"), "|u1", CompressionMethod::Stored);
    for folder in ["torchvision", "keras"] {
        let (code, stdout, stderr) = desk.run(&["data", "verify", "--data-dir", folder]);
        assert_eq!(code, Some(0), "{stdout}{stderr}");
        assert!(stdout.contains("OK: MNIST (") && stdout.contains("as published"), "{stdout}");
        let (code, stdout, _) = desk.run(&["data", "fetch", "--data-dir", folder]);
        assert!(code == Some(0) && stdout.contains("nothing to do"), "{stdout}");
    }
    // It is also found in a subfolder of the default folder.
    fs::rename(desk.path("torchvision"), desk.path("data")).unwrap();
    let (code, stdout, _) = desk.run(&["data", "status"]);
    assert!(code == Some(0) && stdout.contains("these files, as MNIST ("), "{stdout}");
    assert_eq!(desk.mirror.asked(), []);
}

/// EMNIST's files under MNIST's names can be recognised only by the digits themselves.
#[test]
fn transposed_digits_under_other_names_are_noted() {
    let Some(published) = mnist() else { return };
    let desk = Desk::new();
    common::first_images(&published, &desk.path("upright"), 2000, 100);
    let digits = Digits::of_files(&desk.path("upright"));
    digits.emnist(&desk.path("renamed"), "digits");
    for name in NAMES {
        let own = format!("emnist-digits-{}.gz", name.replace("t10k", "test"));
        fs::rename(desk.path("renamed").join(own), desk.path("renamed").join(format!("{name}.gz"))).unwrap();
    }
    digits.emnist(&desk.path("emnist"), "digits");
    Digits::made_up().plain(&desk.path("bars"));
    for (folder, is_noted) in [("renamed", true), ("upright", false), ("emnist", false), ("bars", false)] {
        let (code, _, stderr) = desk.run(&[&SHORT[..], &["--data-dir", folder]].concat());
        assert_eq!(code, Some(0), "{stderr}");
        assert_eq!(stderr.contains("seem to be transposed"), is_noted, "{folder}: {stderr}");
    }
}

#[test]
fn a_missing_folder_is_an_error_and_is_not_created() {
    let desk = Desk::new();
    Digits::made_up().plain(&desk.path("digits"));
    let ran = desk.run(&[&SHORT[..], &["--checkpoint-dir", "runs", "--data-dir", "digits"]].concat());
    assert_eq!(ran.0, Some(0), "{}", ran.2);
    let run = fs::read_dir(desk.path("runs")).unwrap().next().unwrap().unwrap().path();
    let run = run.to_str().unwrap();
    let commands: [&[&str]; 7] = [
        &SHORT,
        &SWEEP,
        &["eval", run],
        &["data", "status"],
        &["data", "verify"],
        &["train", "--headless", "--dataset", "mnist"],
        &["train", "--headless", "--resume", run, "--epochs", "2"],
    ];
    for arguments in commands {
        let said = desk.refusal(&[arguments, &["--data-dir", "my digits"]].concat());
        assert!(said.contains("my digits does not exist"), "{said}");
        assert!(said.contains("data fetch --data-dir 'my digits'"), "{said}");
        let mut command = desk.command(arguments);
        command.env("LENET_MONITOR_DATA", "digitz");
        let said = desk.refused(command);
        assert!(said.contains("digitz does not exist"), "{said}");
        put(desk.folder.path(), "config.toml", b"[defaults]\ndata-dir = \"digitz\"\n");
        let mut command = desk.command(arguments);
        command.env("LENET_MONITOR_CONFIG", desk.path("config.toml"));
        let said = desk.refused(command);
        assert!(said.contains("digitz does not exist"), "{said}");
    }
    let said = desk.refusal(&["report", run, "--out", "pictures", "--data-dir", "my digits"]);
    assert!(said.contains("my digits does not exist"), "{said}");
}

#[test]
fn an_empty_folder_is_an_error_that_names_the_command_to_fill_it() {
    let desk = Desk::new();
    fs::create_dir(desk.path("empty")).unwrap();
    for arguments in [&SHORT[..], &SWEEP, &["data", "status"], &["data", "verify"]] {
        let said = desk.refusal(&[arguments, &["--data-dir", "empty"]].concat());
        assert!(said.contains("found nothing in it") && said.contains("data fetch --data-dir empty"), "{said}");
    }
}

#[test]
fn what_cannot_be_used_is_named() {
    let desk = Desk::new();
    let digits = Digits::made_up();
    for (split, classes) in [("letters", "26"), ("balanced", "47"), ("bymerge", "47"), ("byclass", "62")] {
        let folder = format!("of-{split}/EMNIST/raw");
        digits.emnist(&desk.path(&folder), split);
        for data_dir in [folder.as_str(), &folder[..folder.len() - "/EMNIST/raw".len()]] {
            let said = desk.refusal(&[&SHORT[..], &["--data-dir", data_dir]].concat());
            assert!(said.contains(&format!("EMNIST {split}: {classes} classes")), "{said}");
        }
    }
    let files: [(&str, &[u8], &str); 8] = [
        ("train-00000-of-00001.parquet", b"PAR1\x15\x04", "a Parquet file"),
        ("mnist.pkl.gz", &gzip(b"\x80\x03(cnumpy"), "a Python pickle, gzipped"),
        ("mnist_train.csv", b"label,1x1,1x2\n5,0,0\n", "text that begins with \"label,1x1"),
        ("x_train.npy", &npy("|u1", "(1, 28, 28)", &[0; 784]), "a NumPy array"),
        ("archive.zip", b"PK\x03\x04\x14\0\0\0\0\0", "a zip archive"),
        ("float-images", b"\0\0\x0d\x03\0\0\0\x02\0\0\0\x1c\0\0\0\x1c", "32-bit float images, 2x28x28"),
        ("big.h5", b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        ("nothing", b"", "an empty file"),
    ];
    for (name, bytes, what) in files {
        let folder = format!("with-{name}");
        put(&desk.path(&folder), name, bytes);
        for arguments in [&SHORT[..], &["data", "verify"], &["data", "status"]] {
            let said = desk.refusal(&[arguments, &["--data-dir", &folder]].concat());
            assert!(said.contains(&format!("{name} ({what}")), "{said}");
            assert!(said.contains("train-images-idx3-ubyte") && said.contains("mnist.npz"), "{said}");
        }
    }
}

#[test]
fn names_in_a_message_are_safe_and_few() {
    let desk = Desk::new();
    for number in 0..500 {
        put(&desk.path("many"), &format!("{number:03}\u{1b}[31m-{}", "long".repeat(40)), b"?");
    }
    let said = desk.refusal(&[&SHORT[..], &["--data-dir", "many"]].concat());
    assert!(!said.contains('\u{1b}') && said.len() < 2000, "{said}");
    Digits::made_up().plain(&desk.path("hostile/\u{1b}[31mset\nof lines/raw"));
    for action in ["status", "verify"] {
        let (code, stdout, _) = desk.run(&["data", action, "--data-dir", "hostile"]);
        assert!(code == Some(0) && stdout.contains("?[31mset of lines"), "{stdout}");
        assert!(!stdout.contains('\u{1b}') && stdout.lines().count() == 6, "{stdout}");
    }
}

#[test]
fn several_data_sets_are_listed_and_none_is_used() {
    let desk = Desk::new();
    let digits = Digits::made_up();
    for name in ["KMNIST", "FashionMNIST"] {
        digits.plain(&desk.path("all").join(name).join("raw"));
    }
    for split in ["digits", "mnist", "letters"] {
        digits.emnist(&desk.path("emnist"), split);
    }
    for (folder, sets) in
        [("all", ["all/FashionMNIST/raw", "all/KMNIST/raw"]), ("emnist", ["emnist-digits", "emnist-mnist"])]
    {
        for arguments in [&SHORT[..], &["data", "verify"], &["data", "status"]] {
            let said = desk.refusal(&[arguments, &["--data-dir", folder]].concat());
            assert!(said.contains("more than one data set") && sets.iter().all(|set| said.contains(set)), "{said}");
        }
    }
    digits.plain(&desk.path("plain"));
    for file in ["all/KMNIST/raw/t10k-labels-idx1-ubyte", "emnist/emnist-digits-train-images-idx3-ubyte.gz"] {
        assert_eq!(desk.fingerprint(file), desk.fingerprint("plain"));
    }
    let said =
        desk.refusal(&[&SHORT[..], &["--data-dir", "emnist/emnist-letters-train-images-idx3-ubyte.gz"]].concat());
    assert!(said.contains("found images, 257x28x28, gzipped"), "{said}");
}

#[test]
fn a_named_folder_is_not_completed() {
    let Some(published) = mnist() else { return };
    let desk = Desk::new();
    let name = format!("{}.gz", NAMES[1]);
    put(&desk.path("part"), &name, &fs::read(published.join(&name)).unwrap());
    for arguments in [&SHORT[..], &["train", "--headless", "--dataset", "mnist"]] {
        let said = desk.refusal(&[arguments, &["--data-dir", "part"]].concat());
        assert!(said.contains("missing train-images-idx3-ubyte, t10k-"), "{said}");
        assert!(said.contains("data fetch --data-dir part"), "{said}");
    }
    let digits = Digits::made_up();
    digits.emnist(&desk.path("emnist"), "digits");
    fs::remove_file(desk.path("emnist/emnist-digits-test-labels-idx1-ubyte.gz")).unwrap();
    let said = desk.refusal(&[&SHORT[..], &["--data-dir", "emnist"]].concat());
    assert!(said.contains("missing emnist-digits-test-labels-idx1-ubyte") && !said.contains("data fetch"), "{said}");
}

#[test]
fn damage_is_an_error_in_every_layout() {
    let desk = Desk::new();
    let digits = Digits::made_up();
    fs::create_dir(desk.path("keras")).unwrap();
    let path = desk.path("keras/mnist.npz");
    for (labels, found) in [("<f8", "'<f8'"), ("<f4", "'<f4'")] {
        digits.npz(&path, labels, CompressionMethod::Deflated);
        let said = desk.refusal(&[&SHORT[..], &["--data-dir", "keras"]].concat());
        assert!(said.contains("mnist.npz: expected") && said.contains(found), "{said}");
    }
    digits.npz(&path, "|u1", CompressionMethod::Deflated);
    let bytes = fs::read(&path).unwrap();
    for (damaged, why) in [
        (bytes[..bytes.len() / 2].to_vec(), "truncated"),
        (flipped(&bytes, bytes.len() / 4), "a flipped bit"),
        (b"<html>".to_vec(), "a web page"),
        (vec![], "empty"),
    ] {
        fs::write(&path, damaged).unwrap();
        let said = desk.refusal(&[&SHORT[..], &["--data-dir", "keras"]].concat());
        assert!(said.contains("mnist.npz: expected NumPy arrays x_train"), "{why}: {said}");
        let (code, stdout, _) = desk.run(&["data", "verify", "--data-dir", "keras"]);
        assert!(code == Some(1) && stdout.contains("DAMAGED"), "{why}: {stdout}");
    }
    digits.qmnist(&desk.path("qmnist"));
    let name = "qmnist-train-labels-idx2-int.gz";
    put(&desk.path("qmnist"), name, &gzip(&common::layouts::wide_labels(&digits.train.1, 3)));
    let said = desk.refusal(&[&SHORT[..], &["--data-dir", "qmnist"]].concat());
    assert!(said.contains(name) && said.contains("found 32-bit labels, 257x3"), "{said}");
}

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 0x10;
    bytes
}

#[test]
fn only_fetch_downloads_into_a_named_folder_and_it_leaves_other_data_sets_alone() {
    let Some(published) = mnist() else { return };
    let names = NAMES.map(|name| format!("{name}.gz"));
    let served: HashMap<_, _> =
        names.iter().map(|name| (name.clone(), fs::read(published.join(name)).unwrap())).collect();
    let line = |(name, bytes): (&String, &Vec<u8>)| {
        let sum: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{sum} {} {name}\n", bytes.len())
    };
    let manifest: String = served.iter().map(line).collect();
    let mut desk = Desk { mirror: Server::start(served, |_, _| Answer::File), ..Desk::new() };
    put(desk.folder.path(), "manifest", manifest.as_bytes());
    desk.manifest = Some(desk.path("manifest"));
    let digits = Digits::made_up();
    digits.qmnist(&desk.path("qmnist"));
    let (code, _, stderr) = desk.run(&["data", "fetch", "--data-dir", "qmnist"]);
    assert!(code == Some(1) && stderr.contains("not from MNIST") && desk.mirror.asked().is_empty(), "{stderr}");

    digits.plain(&desk.path("new/FashionMNIST/raw"));
    let (code, stdout, stderr) = desk.run(&["data", "fetch", "--data-dir", "new"]);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert!(desk.taken("new").contains("as MNIST ("), "{}", desk.taken("new"));
    // Missing files are still downloaded into the default folder, whatever its subfolders contain.
    digits.plain(&desk.path("data/FashionMNIST/raw"));
    let (code, stdout, stderr) = desk.run(&[&SHORT[..], &["--limit-test", "10"]].concat());
    assert!(code == Some(0) && stdout.contains("LeNet-5 on MNIST"), "{stdout}{stderr}");
    assert!(names.iter().all(|name| desk.path("data").join(name).exists()));
}
