//! The checkpoint file: what was written is read back, and every damage is reported.

mod common;

use std::{
    fs::{self, File},
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use common::runs::{HEADER, made_up_checkpoint, sealed, with_text};
use lenet_monitor::{
    data::{PIXELS, Split},
    nn::{Architecture, Engine, OptimizerKind},
    train::{
        Checkpoint, Hyperparameters, Recipe,
        checkpoint::{BEST, Fault, LAST, Summary, find, remove_scratch, resolve},
    },
};
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Writes a small checkpoint, without moments, and returns its path and bytes.
fn written(folder: &TempDir) -> (PathBuf, Vec<u8>) {
    let path = folder.path().join("a.ckpt");
    made_up_checkpoint(OptimizerKind::Sgd).write(&path).unwrap();
    let bytes = fs::read(&path).unwrap();
    (path, bytes)
}

fn fault(path: &Path) -> Fault {
    let error = Checkpoint::read(path).expect_err("was read");
    let text = error.to_string();
    assert!(text.starts_with(&path.display().to_string()), "{text}");
    error.fault
}

fn fault_of(path: &Path, bytes: &[u8]) -> Fault {
    fs::write(path, bytes).unwrap();
    fault(path)
}

/// Overwrites bytes at `place`, which is much faster than writing the whole file again.
fn patch(path: &Path, place: usize, bytes: &[u8]) {
    let mut file = File::options().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(place as u64)).unwrap();
    file.write_all(bytes).unwrap();
}

#[test]
fn is_read_back_as_written() {
    let folder = folder();
    for optimizer in OptimizerKind::ALL {
        let path = folder.path().join(format!("{optimizer}.ckpt"));
        let checkpoint = made_up_checkpoint(*optimizer);
        checkpoint.write(&path).unwrap();
        assert_eq!(Checkpoint::read(&path).unwrap(), checkpoint);
    }
}

/// Whichever network it is of.
#[test]
fn is_read_back_or_rejected_for_every_network() {
    let folder = folder();
    for &network in Architecture::ALL {
        let path = folder.path().join(format!("{network}.ckpt"));
        let mut checkpoint = made_up_checkpoint(OptimizerKind::Sgd);
        checkpoint.spec.hyper.network = network;
        checkpoint.parameters = (0..network.parameters()).map(|i| (i % 1000) as f32 / 1000.0 - 0.5).collect();
        checkpoint.write(&path).unwrap();
        assert_eq!(Checkpoint::read(&path).unwrap(), checkpoint);
        assert_eq!(checkpoint.network(lenet_monitor::nn::Engine::default()).parameters(), checkpoint.parameters);

        let bytes = fs::read(&path).unwrap();
        for place in (0..bytes.len()).step_by(4_001) {
            patch(&path, place, &[bytes[place] ^ 16]);
            assert!(Checkpoint::read(&path).is_err(), "{network}: byte {place} differs");
            patch(&path, place, &[bytes[place]]);
        }
        for length in (0..bytes.len()).step_by(40_001) {
            fs::write(&path, &bytes[..length]).unwrap();
            assert!(Checkpoint::read(&path).is_err(), "{network}: cut to {length} bytes");
        }
        // No two networks have the same number of parameters, so that none is taken for another.
        for &other in Architecture::ALL.iter().filter(|&&other| other != network) {
            checkpoint.spec.hyper.network = other;
            let Fault::Invalid(invalid) = checkpoint.write(&path).unwrap_err().fault else {
                panic!("{network}, {other}")
            };
            assert_eq!(invalid.what, "parameters");
        }
    }
}

#[test]
fn creates_a_network_with_its_parameters() {
    let checkpoint = made_up_checkpoint(OptimizerKind::Adam);
    assert_eq!(checkpoint.network(lenet_monitor::nn::Engine::default()).parameters(), checkpoint.parameters);
}

#[test]
fn is_evaluated_on_the_test_images_of_the_run() {
    let mut checkpoint = made_up_checkpoint(OptimizerKind::Sgd);
    let test = Split::new(vec![0; 5 * PIXELS], vec![0, 1, 2, 3, 4]);
    for (limit, images) in [(None, 5), (Some(2), 2), (Some(9), 5)] {
        checkpoint.spec.limits.test = limit;
        assert_eq!(checkpoint.evaluate(&test).total(), images, "{limit:?}");
    }
}

#[test]
fn rejects_a_cut_at_every_byte() {
    let folder = folder();
    let (path, bytes) = written(&folder);
    let file = File::options().write(true).open(&path).unwrap();
    for length in (0..bytes.len()).rev() {
        file.set_len(length as u64).unwrap();
        match Checkpoint::read(&path).expect_err("was read").fault {
            Fault::Truncated { found, .. } if found == length as u64 => {}
            Fault::NotACheckpoint { found: "an empty file" } if length == 0 => {}
            fault => panic!("cut at {length}: {fault}"),
        }
    }
}

#[test]
fn rejects_every_flipped_bit_of_the_header_and_a_sample_of_the_others() {
    let folder = folder();
    let (path, bytes) = written(&folder);
    let beginning = 0..HEADER + 400;
    let sample = (beginning.end..bytes.len()).step_by(509).chain(bytes.len() - 40..bytes.len());
    for place in beginning.chain(sample) {
        for bit in 0..8 {
            patch(&path, place, &[bytes[place] ^ 1 << bit]);
            let fault = fault(&path);
            patch(&path, place, &[bytes[place]]);
            let expected = match place {
                0..8 => matches!(fault, Fault::NotACheckpoint { .. }),
                8..12 => matches!(fault, Fault::Version { expected: 2, .. }),
                12..20 => matches!(fault, Fault::Truncated { .. } | Fault::TrailingBytes { .. }),
                _ => matches!(fault, Fault::Checksum { .. }),
            };
            assert!(expected, "bit {bit} of byte {place}: {fault}");
        }
    }
}

#[test]
fn rejects_trailing_bytes() {
    let folder = folder();
    let (path, mut bytes) = written(&folder);
    bytes.push(0);
    assert!(matches!(fault_of(&path, &bytes), Fault::TrailingBytes { .. }));
    // Also if length and checksum include them.
    assert!(matches!(fault_of(&path, &sealed(bytes)), Fault::Undecodable(_)));
}

#[test]
fn rejects_a_future_version() {
    let folder = folder();
    let (path, mut bytes) = written(&folder);
    bytes[8] = 3;
    let fault = fault_of(&path, &sealed(bytes));
    assert!(matches!(fault, Fault::Version { expected: 2, found: 3 }), "{fault}");
    assert!(fault.to_string().contains("newer"));
}

/// The contents begin with the length and the name of the network.
#[test]
fn rejects_an_unknown_network_and_lists_the_known_ones() {
    let folder = folder();
    let (path, bytes) = written(&folder);
    let known = b"\x07lenet-5";
    assert_eq!(&bytes[HEADER..HEADER + known.len()], known);
    for (name, shown) in [("lenet-6", "lenet-6"), ("", "found :"), ("\x1b[31m", "[31m")] {
        let mut named = bytes[..HEADER].to_vec();
        named.push(name.len() as u8);
        named.extend(name.as_bytes());
        named.extend(&bytes[HEADER + known.len()..]);
        let fault = fault_of(&path, &sealed(named));
        assert!(matches!(fault, Fault::UnknownNetwork(_)), "{fault}");
        let text = fault.to_string();
        assert!(text.contains(shown) && text.contains("(lenet-5, mlp, ") && text.contains("newer"), "{text}");
        assert!(!text.contains('\x1b'), "{text:?}");
    }
}

/// A network without a delay is named as by programs that know of none.
#[test]
fn a_delay_follows_the_name_of_the_network() {
    let folder = folder();
    let (path, bytes) = written(&folder);
    let mut checkpoint = Checkpoint::read(&path).unwrap();
    checkpoint.spec.hyper.delay = 56;
    checkpoint.write(&path).unwrap();
    let (delayed, text) = (fs::read(&path).unwrap(), b"\x10lenet-5 delay 56");
    assert_eq!(&delayed[HEADER..HEADER + text.len()], text);
    assert_eq!(&delayed[HEADER + text.len()..], &bytes[HEADER + 8..], "nothing else differs");
    assert_eq!(Checkpoint::read(&path).unwrap(), checkpoint);
    assert_eq!(Summary::read(&path).unwrap().spec, checkpoint.spec);
    for (text, expected) in [
        ("lenet-5 delay -1", "found `delay -1`"),
        ("lenet-5 delay ", "found `delay `"),
        ("lenet-5 schedule up", "found `schedule up`"),
        ("lenet-5 \x1b[2J 1", "expected hyperparameters that this version knows"),
        ("lenet-5 epochs 3", "found `epochs 3`"),
        ("lenet-5 delay 1001", "delay: expected 0 to 1000, found 1001"),
        ("lenet-5 ema NaN", "EMA: expected"),
    ] {
        let fault = fault_of(&path, &with_text(&bytes, text)).to_string();
        assert!(fault.contains(expected) && !fault.contains('\x1b'), "{fault}");
    }
}

#[test]
fn training_techniques_and_the_mean_of_the_weights_are_kept() {
    let folder = folder();
    let (path, _) = written(&folder);
    let mut checkpoint = Checkpoint::read(&path).unwrap();
    let best = Recipe::Best.hyperparameters();
    checkpoint.spec.hyper = Hyperparameters {
        label_smoothing: 0.1,
        dropout: 1e-7,
        patience: 9,
        stop_at: 0.995,
        delay: 3,
        optimizer: checkpoint.spec.hyper.optimizer,
        batch_size: checkpoint.spec.hyper.batch_size,
        ..best
    };
    checkpoint.learning_rate_changes.clear();
    checkpoint.spec.hyper.learning_rate = checkpoint.learning_rate;
    checkpoint.optimizer.average = Some(checkpoint.parameters.iter().map(|value| value / 2.0).collect());
    checkpoint.write(&path).unwrap();
    assert_eq!(Checkpoint::read(&path).unwrap(), checkpoint);
    assert_eq!(Summary::read(&path).unwrap().spec, checkpoint.spec);
    let with_mean = checkpoint.network(Engine::new(1)).parameters();
    assert_eq!(Some(with_mean), checkpoint.optimizer.average);

    let bytes = fs::read(&path).unwrap();
    for cut in [bytes.len() - 1, bytes.len() - 4 * 61_706, bytes.len() - 4 * 61_706 - 3] {
        let fault = fault_of(&path, &sealed(bytes[..cut].to_vec()));
        assert!(matches!(fault, Fault::Undecodable(_)), "{fault}");
        assert!(Summary::read(&path).is_err());
    }
    checkpoint.optimizer.average = None;
    let fault = checkpoint.encode().unwrap_err().to_string();
    assert!(fault.contains("mean of the parameters"), "{fault}");
}

#[test]
fn says_what_it_found_instead_of_a_checkpoint() {
    let folder = folder();
    let path = folder.path().join("x");
    for (bytes, expected) in [
        (&b""[..], "an empty file"),
        (b"epoch,loss\n1,0.5\n and so on", "text"),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "gzip data"),
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (&[0, 0, 8, 3, 0, 0, 0, 9, 0, 0, 0, 28, 0, 0, 0, 28, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "an IDX file"),
    ] {
        let text = fault_of(&path, bytes).to_string();
        assert!(text.contains(expected), "{text}");
    }
    assert!(fault(folder.path()).to_string().contains("a folder"));
    assert!(matches!(fault(&folder.path().join("none.ckpt")), Fault::Io(_)));
}

#[test]
fn a_header_that_claims_a_large_size_does_not_allocate_memory() {
    let folder = folder();
    let (path, bytes) = written(&folder);
    for claim in [u64::MAX, 1 << 62, 1 << 40, 64 << 20] {
        let mut claiming = bytes.clone();
        claiming[12..20].copy_from_slice(&claim.to_le_bytes());
        assert!(matches!(fault_of(&path, &claiming), Fault::Truncated { .. }), "{claim}");
    }
    // A file that really is that long, but sparse.
    let claim: u64 = 1 << 40;
    let mut claiming = bytes;
    claiming[12..20].copy_from_slice(&claim.to_le_bytes());
    fs::write(&path, &claiming).unwrap();
    File::options().write(true).open(&path).unwrap().set_len(claim + HEADER as u64).unwrap();
    assert!(matches!(fault(&path), Fault::TooLarge { .. }));
}

/// The checksum is correct here, so that the contents are decoded.
#[test]
fn rejects_impossible_contents_wherever_they_are_changed() {
    let folder = folder();
    let (path, mut bytes) = written(&folder);
    let mut refused = 0;
    // The first hundred bytes hold lengths, names and choices; later ones hold the history and the evaluation.
    let end = bytes.len();
    let mut places: Vec<usize> = (HEADER..HEADER + 130).collect();
    places.extend(end - 700..end);
    for place in places {
        for value in [0, 0x7f, 0xfb, 0xfc, 0xfd, 0xfe, 0xff] {
            let before = std::mem::replace(&mut bytes[place], value);
            bytes = sealed(bytes);
            patch(&path, place, &[value]);
            patch(&path, 0, &bytes[..HEADER]);
            refused += u32::from(Checkpoint::read(&path).is_err());
            bytes[place] = before;
            patch(&path, place, &[before]);
        }
    }
    assert!(refused > 1000, "{refused}");
}

type Change = fn(&mut Checkpoint);

#[test]
fn names_what_is_impossible() {
    let changes: [(&str, Change); 31] = [
        ("batch size", |c| c.spec.hyper.batch_size = 0),
        ("epochs", |c| c.spec.hyper.epochs = Hyperparameters::MAX_EPOCHS + 1),
        ("learning rate", |c| c.spec.hyper.learning_rate = f32::NAN),
        ("learning rate", |c| c.learning_rate = -1.0),
        ("learning rate in force", |c| c.learning_rate_changes.clear()),
        ("learning rate changes", |c| c.learning_rate_changes[0].epoch = 9),
        ("limit of test images", |c| c.spec.limits.test = Some(0)),
        ("holdout", |c| c.spec.limits.holdout = 100),
        ("parameters", |c| c.parameters.truncate(9)),
        ("parameters", |c| c.parameters[Architecture::LeNet5.parameters() / 2] = f32::NAN),
        ("adam's moments", |c| drop(c.optimizer.moments.pop())),
        ("adam's moments", |c| c.optimizer.moments[1].push(0.0)),
        ("adam's moments", |c| c.optimizer.moments[0][5] = f32::INFINITY),
        ("optimizer steps", |c| c.optimizer.steps = 0),
        ("optimizer steps", |c| c.optimizer.steps = u64::MAX),
        ("optimizer steps", |c| c.optimizer.steps += 1),
        ("name of the data set", |c| c.spec.dataset.name = "x".repeat(301)),
        ("version that wrote it", |c| c.written_by = "1".repeat(101)),
        ("instruction set", |c| c.computed_with.simd = "a".repeat(101)),
        ("elapsed time", |c| c.position.elapsed = 1e300),
        ("images of the epoch", |c| c.position.images += 1),
        ("correct images", |c| c.position.correct = 25),
        ("loss of the epoch", |c| c.position.loss_sum = f64::NAN),
        ("epochs recorded", |c| c.position.epoch = 3),
        ("recorded epoch", |c| c.history[1].epoch = 7),
        ("recorded accuracy", |c| c.history[0].test_accuracy = 1.5),
        ("mistake's index", |c| c.evaluation.as_mut().unwrap().mistakes.last_mut().unwrap().index = 30),
        ("mistake's digit", |c| c.evaluation.as_mut().unwrap().mistakes[0].label = 10),
        ("mistakes", |c| c.evaluation.as_mut().unwrap().mistakes.truncate(1)),
        ("images in the confusion matrix", |c| c.evaluation.as_mut().unwrap().confusion.0 = [[u32::MAX; 10]; 10]),
        ("best epoch", |c| c.best.as_mut().unwrap().epoch = 3),
    ];
    let folder = folder();
    let path = folder.path().join("a.ckpt");
    for (what, change) in changes {
        let mut checkpoint = made_up_checkpoint(OptimizerKind::Adam);
        change(&mut checkpoint);
        let error = checkpoint.write(&path).expect_err(what);
        let Fault::Invalid(invalid) = error.fault else { panic!("{what}: {}", error.fault) };
        assert_eq!(invalid.what, what, "{invalid}");
        assert!(!path.exists(), "{what}: was written");
    }
}

#[test]
fn a_failed_write_leaves_an_existing_file_and_nothing_else() {
    let folder = folder();
    let older = made_up_checkpoint(OptimizerKind::Sgd);
    // Renaming onto a folder that is not empty fails after the scratch file is complete.
    let target = folder.path().join(LAST);
    older.write(&target.join("inner.ckpt")).expect_err("the folder does not exist");
    fs::create_dir(&target).unwrap();
    let inner = target.join("inner.ckpt");
    older.write(&inner).unwrap();
    made_up_checkpoint(OptimizerKind::Adam).write(&target).expect_err("a folder is in the way");
    assert_eq!(Checkpoint::read(&inner).unwrap(), older);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "a scratch file was left");
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_keeps_its_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let path = folder.path().join(LAST);
    let older = made_up_checkpoint(OptimizerKind::Sgd);
    older.write(&path).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o500)).unwrap();
    let result = made_up_checkpoint(OptimizerKind::Adam).write(&path);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    // Root can write anywhere.
    if let Err(error) = result {
        assert!(matches!(error.fault, Fault::Io(_)), "{error}");
        assert_eq!(Checkpoint::read(&path).unwrap(), older);
    } else {
        eprintln!("skipped: this user can write to any folder");
    }
}

#[test]
fn finds_every_run_newest_first_and_damaged_ones_last() {
    let folder = folder();
    for (run, saved_at) in [("b", 20), ("a", 30), ("c", 10)] {
        fs::create_dir(folder.path().join(run)).unwrap();
        let checkpoint = Checkpoint { saved_at, ..made_up_checkpoint(OptimizerKind::Sgd) };
        checkpoint.write(&folder.path().join(run).join(LAST)).unwrap();
    }
    fs::write(folder.path().join("b").join(BEST), "not one").unwrap();
    fs::write(folder.path().join("b").join("train.log"), "no checkpoint either").unwrap();
    fs::write(folder.path().join("README.md"), "").unwrap();
    let found = find(folder.path()).unwrap();
    let paths: Vec<_> = found.iter().map(|found| found.path.strip_prefix(folder.path()).unwrap().to_owned()).collect();
    assert_eq!(paths, ["a/last.ckpt", "b/last.ckpt", "c/last.ckpt", "b/best.ckpt"].map(PathBuf::from));
    assert!(found[..3].iter().all(|found| found.checkpoint.is_ok()));
    assert!(found[3].checkpoint.is_err());
    assert!(find(&folder.path().join("none")).unwrap().is_empty());
}

#[test]
fn a_run_folder_resolves_to_its_last_checkpoint() {
    let folder = folder();
    let checkpoint = made_up_checkpoint(OptimizerKind::Sgd);
    assert_eq!(resolve(folder.path()), folder.path().join(LAST));
    checkpoint.write(&folder.path().join(BEST)).unwrap();
    assert_eq!(resolve(folder.path()), folder.path().join(BEST));
    checkpoint.write(&folder.path().join(LAST)).unwrap();
    assert_eq!(resolve(folder.path()), folder.path().join(LAST));
    assert_eq!(resolve(&folder.path().join(BEST)), folder.path().join(BEST));
}

#[test]
fn scratch_files_of_killed_processes_are_removed() {
    let folder = folder();
    let (path, _) = written(&folder);
    fs::write(folder.path().join(".last.ckpt.4711.partial"), "half of one").unwrap();
    fs::write(folder.path().join(".best.ckpt.aB3dE6.partial"), "half of one").unwrap();
    remove_scratch(folder.path());
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left, [path]);
}
