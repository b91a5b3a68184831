//! Networks in other programs' files: `export` and `import`, and the library they use.

mod common;

use std::{
    fs,
    io::{Cursor, Read},
    path::{Path, PathBuf},
};

use flate2::read::GzDecoder;
use lenet_monitor::{
    interop::{self, Format, InteropError, Layout},
    nn::{Activation, Architecture, Engine, Pooling},
    train::{Checkpoint, Hyperparameters, OptimizerKind},
};
use tempfile::TempDir;

/// A checkpoint with random weights of this network.
fn checkpoint(network: Architecture) -> Checkpoint {
    let mut checkpoint = common::runs::made_up_checkpoint(OptimizerKind::Sgd);
    let hyper = Hyperparameters { network, seed: 7, ..checkpoint.spec.hyper.clone() };
    checkpoint.parameters = hyper.build_network(Engine::new(1)).parameters();
    // Biases, too.
    for (place, parameter) in checkpoint.parameters.iter_mut().enumerate() {
        *parameter += (place % 89) as f32 / 1000.0;
    }
    checkpoint.spec.hyper = hyper;
    checkpoint
}

fn exported(folder: &TempDir, checkpoint: &Checkpoint, format: Format, layout: Layout) -> PathBuf {
    let path = folder.path().join(format!("network.{format}"));
    fs::write(&path, interop::export(checkpoint, format, layout).unwrap()).unwrap();
    path
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// Returns why a file cannot be imported as this network.
#[track_caller]
fn error(path: &Path, network: Architecture) -> String {
    let hyper = Hyperparameters { network, ..Hyperparameters::default() };
    interop::import(path, &hyper).unwrap_err().to_string()
}

#[test]
fn every_network_comes_back_bit_for_bit_from_every_format_and_layout() {
    let folder = tempfile::tempdir().unwrap();
    for &network in Architecture::ALL {
        let checkpoint = checkpoint(network);
        for format in [Format::Safetensors, Format::Npz] {
            for &layout in Layout::ALL {
                let path = exported(&folder, &checkpoint, format, layout);
                assert_eq!(fs::read(&path).unwrap(), interop::export(&checkpoint, format, layout).unwrap());
                let given = Hyperparameters { network, ..Hyperparameters::default() };
                let imported = interop::import(&path, &given).unwrap();
                assert!(imported.parameters == checkpoint.parameters, "{network}, {format}, {layout}");
                assert_eq!(imported.layout, layout);
                assert_eq!(imported.is_described, format == Format::Safetensors);
                let expected = if imported.is_described { &checkpoint.spec.hyper } else { &given };
                assert_eq!(&imported.hyper, expected);
            }
        }
    }
}

#[test]
fn the_mean_of_the_weights_is_exported_where_a_run_tests_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut checkpoint = checkpoint(Architecture::Mlp);
    checkpoint.spec.hyper.ema = 0.9;
    let average: Vec<f32> = checkpoint.parameters.iter().map(|parameter| parameter / 2.0).collect();
    checkpoint.optimizer.average = Some(average.clone());
    let path = exported(&folder, &checkpoint, Format::Safetensors, Layout::PyTorch);
    let imported = interop::import(&path, &Hyperparameters::default()).unwrap();
    assert!(imported.parameters == average);
}

/// Checks that a file of another framework gives the logits that it computed itself.
#[track_caller]
fn gives_its_own_logits(path: &Path, name: &str, hyper: &Hyperparameters, layout: Layout) {
    let imported = interop::import(path, hyper).unwrap();
    assert_eq!(imported.layout, layout);
    let mut network = imported.hyper.build_network(Engine::new(1));
    network.set_parameters(&imported.parameters).unwrap();
    let image: Vec<u8> = (0..784).map(|pixel| (pixel * 31 % 256) as u8).collect();
    let [logits] = network.logits(&image)[..] else { panic!("one image has one set of logits") };
    let expected = include_str!("fixtures/foreign_networks.txt");
    let expected = expected.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    let expected: Vec<f32> = expected.split_whitespace().map(|logit| logit.parse().unwrap()).collect();
    assert_eq!(expected.len(), 10);
    for (found, expected) in logits.iter().zip(&expected) {
        assert!((found - expected).abs() < 1e-4, "found {logits:?}, expected {expected:?}");
    }
}

#[test]
fn files_of_pytorch_and_keras_give_their_own_logits() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = Vec::new();
    let packed = fs::read(fixture("lenet-torch.safetensors.gz")).unwrap();
    GzDecoder::new(Cursor::new(packed)).read_to_end(&mut bytes).unwrap();
    let path = folder.path().join("torch.safetensors");
    fs::write(&path, bytes).unwrap();
    let defaults = Hyperparameters::default;
    gives_its_own_logits(&path, "lenet-torch", &defaults(), Layout::PyTorch);
    let tanh = Hyperparameters { activation: Activation::Tanh, pooling: Pooling::Max, ..defaults() };
    gives_its_own_logits(&fixture("lenet-keras.npz"), "lenet-keras", &tanh, Layout::Keras);
    for (name, network) in [("gru-keras", Architecture::Gru), ("lstm-keras", Architecture::Lstm)] {
        let hyper = Hyperparameters { network, ..defaults() };
        gives_its_own_logits(&fixture(&format!("{name}.npz")), name, &hyper, Layout::Keras);
    }
}

/// Replaces text in a safetensors file's header by text of the same length.
fn with_header(path: &Path, from: &str, to: &str) {
    let bytes = fs::read(path).unwrap();
    let place =
        bytes.windows(from.len()).position(|window| window == from.as_bytes()).expect("the header has the text");
    assert_eq!(from.len(), to.len());
    fs::write(path, [&bytes[..place], to.as_bytes(), &bytes[place + to.len()..]].concat()).unwrap();
}

#[test]
fn what_is_not_clearly_the_network_is_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let file = |network, format, layout| exported(&folder, &checkpoint(network), format, layout);

    let path = file(Architecture::Mlp, Format::Npz, Layout::PyTorch);
    let text = error(&path, Architecture::LeNet5);
    assert!(text.contains("expected the 10 tensors of LeNet-5: c1.weight [6, 1, 5, 5]"), "{text}");
    assert!(text.contains("found 4: hidden.weight [76, 784]") && text.contains("--network"), "{text}");

    // Two convolutions of the same shape, under another name.
    let path = file(Architecture::ResNet, Format::Safetensors, Layout::PyTorch);
    with_header(&path, "stage1.first.weight", "stage1.erste.weight");
    let text = error(&path, Architecture::ResNet);
    assert!(text.contains("ResNet: stage1.first.bias [16], stage1.second.bias [16] and stem.bias [16] have the same"));
    assert!(text.ends_with("their names must be those of `export --layout pytorch`"), "{text}");

    let path = file(Architecture::LeNet5, Format::Safetensors, Layout::PyTorch);
    with_header(&path, "\"F32\"", "\"I32\"");
    assert!(error(&path, Architecture::LeNet5).contains("expected numbers of single or double precision, found I32"));

    let mut diverged = checkpoint(Architecture::LeNet5);
    diverged.parameters[0] = f32::NAN;
    let path = exported(&folder, &diverged, Format::Npz, Layout::PyTorch);
    assert_eq!(error(&path, Architecture::LeNet5), "c1.weight: expected finite numbers, found a NaN or an infinity");

    let onnx = file(Architecture::LeNet5, Format::Onnx, Layout::PyTorch);
    assert!(matches!(interop::import(&onnx, &Hyperparameters::default()), Err(InteropError::NotImportable)));
    assert!(error(&folder.path().join("none.npz"), Architecture::LeNet5).starts_with("cannot read: "));
    assert!(error(&folder.path().join("network.h5"), Architecture::LeNet5).contains(".safetensors or .npz"));
    let checkpoint = checkpoint(Architecture::LeNet5);
    assert!(matches!(interop::export(&checkpoint, Format::Onnx, Layout::Keras), Err(InteropError::OneLayout)));
}

#[test]
fn a_thousand_damaged_files_of_each_format_are_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoint = checkpoint(Architecture::Mlp);
    let mlp = Hyperparameters { network: Architecture::Mlp, ..Hyperparameters::default() };
    for format in [Format::Safetensors, Format::Npz] {
        let path = exported(&folder, &checkpoint, format, Layout::PyTorch);
        let whole = fs::read(&path).unwrap();
        let mut random = 12_345_u64;
        let mut next = |below: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as usize % below
        };
        for _ in 0..1_000 {
            let mut bytes = whole.clone();
            match next(4) {
                0 => bytes.truncate(next(whole.len())),
                1 => bytes.extend([0; 9]),
                2 => drop(bytes.splice(..8, next(usize::MAX >> 8).to_le_bytes())),
                // Safetensors have no checksum of the numbers.
                _ => bytes[next(if format == Format::Npz { 120 } else { 8 })] ^= 1 << next(8),
            }
            fs::write(&path, &bytes).unwrap();
            match interop::import(&path, &mlp) {
                Err(error) => assert!(error.to_string().contains("expected "), "{error}"),
                // A flag or a time in an archive may change nothing.
                Ok(imported) => assert!(imported.parameters == checkpoint.parameters),
            }
        }
    }
}

/// A field of a message in Protocol Buffers' format.
#[derive(Debug)]
enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// Reads a message of Protocol Buffers.
fn fields(mut bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    fn varint(bytes: &mut &[u8]) -> u64 {
        let mut value = 0;
        for shift in (0..).step_by(7) {
            let (byte, rest) = bytes.split_first().unwrap();
            *bytes = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        value
    }
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        let field = match tag & 7 {
            0 => Field::Number(varint(&mut bytes)),
            kind => {
                let length = match kind {
                    1 => 8,
                    5 => 4,
                    _ => varint(&mut bytes) as usize,
                };
                let (content, rest) = bytes.split_at(length);
                bytes = rest;
                Field::Bytes(content)
            }
        };
        fields.push((tag >> 3, field));
    }
    fields
}

/// Returns the contents of a message's fields of this number.
fn all<'a>(fields: &[(u64, Field<'a>)], number: u64) -> Vec<&'a [u8]> {
    let contents = fields.iter().filter(|(found, _)| *found == number).map(|(_, field)| match field {
        Field::Bytes(bytes) => *bytes,
        Field::Number(_) => panic!("field {number} is a number"),
    });
    contents.collect()
}

#[test]
fn an_onnx_file_names_what_it_reads_and_gives() {
    for &network in Architecture::ALL {
        let checkpoint = checkpoint(network);
        let bytes = interop::export(&checkpoint, Format::Onnx, Layout::PyTorch).unwrap();
        let model = fields(&bytes);
        assert!(model.iter().any(|field| matches!(field, (1, Field::Number(8)))), "IR version");
        let text = String::from_utf8_lossy(all(&model, 6)[0]).into_owned();
        assert!(text.contains("from 0 (background) to 1"), "{text}");
        let graph = fields(all(&model, 7)[0]);
        let names = |number: u64, name: u64| -> Vec<String> {
            let entries = all(&graph, number);
            entries
                .iter()
                .flat_map(|entry| all(&fields(entry), name))
                .map(|name| String::from_utf8_lossy(name).into())
                .collect()
        };
        assert_eq!(names(11, 1), ["images"]);
        assert_eq!(names(12, 1), ["logits", "probabilities"]);
        // Each operation reads what was there before it.
        let mut known: Vec<String> = names(11, 1).into_iter().chain(names(5, 8)).collect();
        for node in all(&graph, 1) {
            let node = fields(node);
            let text = |bytes: &&[u8]| String::from_utf8_lossy(bytes).into_owned();
            for input in all(&node, 1).iter().map(text) {
                assert!(known.contains(&input), "{network}: {input}");
            }
            known.extend(all(&node, 2).iter().map(text));
        }
        let numbers: usize = all(&graph, 5).iter().flat_map(|tensor| all(&fields(tensor), 9)).map(<[u8]>::len).sum();
        assert!(numbers >= 4 * network.parameters(), "{network}: {numbers} bytes");
        for key in ["hyperparameters", "dataset", "trained"] {
            let entries = all(&model, 14);
            assert!(entries.iter().any(|entry| all(&fields(entry), 1)[0] == key.as_bytes()), "{key}");
        }
    }
}

/// Runs the program, and returns what it printed.
#[track_caller]
fn run(folder: &Path, arguments: &[&str], code: i32) -> (String, String) {
    let (found, out, err) = common::cli::outcome(common::cli::command(folder, arguments).output().unwrap());
    assert_eq!(found, Some(code), "{arguments:?}\nstdout:\n{out}\nstderr:\n{err}");
    (out, err)
}

#[test]
fn a_run_on_mnist_is_exported_and_imported_by_the_program() {
    let Some(mnist) = common::mnist() else { return };
    let folder = common::cli::folder();
    let folder = folder.path();
    common::first_images(&mnist, &folder.join("data"), 1_000, 300);
    let train = ["train", "--headless", "--json", "--epochs", "1", "--activation", "tanh", "--checkpoint-dir", "runs"];
    let (out, _) = run(folder, &train, 0);
    let line: serde_json::Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    let trained = line["checkpoint"].as_str().unwrap();

    let (_, err) = run(folder, &["export", trained, "--to", "lenet.safetensors"], 0);
    assert!(err.contains("lenet.safetensors: ") && err.contains("as safetensors"), "{err}");
    let (_, err) = run(folder, &["export", trained, "--to", "lenet.safetensors"], 2);
    assert!(err.contains("lenet.safetensors exists; replace it with --overwrite"), "{err}");
    run(folder, &["export", trained, "--to", "lenet.safetensors", "--overwrite"], 0);
    run(folder, &["export", trained, "--to", "lenet.onnx"], 0);
    run(folder, &["export", trained, "--to", "weights", "--format", "npz", "--layout", "keras"], 0);
    let (_, err) = run(folder, &["export", trained, "--to", "lenet.h5"], 2);
    assert!(err.contains("expected a name that ends in .safetensors, .npz or .onnx, or --format"), "{err}");
    let (_, err) = run(folder, &["export", trained, "--to", "k.onnx", "--layout", "keras"], 2);
    assert!(err.contains("leave --layout out"), "{err}");
    let (_, err) = run(folder, &["export", trained, "--to", "raw.npz", "--raw"], 2);
    assert!(err.contains("the run has no mean of its weights"), "{err}");

    let (_, err) = run(folder, &["export", trained, "--to", "nowhere/lenet.npz"], 1);
    assert!(err.ends_with("cannot write nowhere/lenet.npz: No such file or directory (os error 2)\n"), "{err}");

    let accuracy = |checkpoint: &str| {
        let (out, _) = run(folder, &["eval", checkpoint, "--json"], 0);
        let line: serde_json::Value = serde_json::from_str(&out).unwrap();
        (line["test_loss"].to_string(), line["correct"].to_string())
    };
    let (out, err) = run(folder, &["import", "lenet.safetensors", "--checkpoint-dir", "imported"], 0);
    assert!(err.contains("LeNet-5, tanh, avg pooling, as the file says") && err.contains("no state of an optimizer"));
    assert_eq!(accuracy(out.trim()), accuracy(trained));
    // It can be fine-tuned.
    run(folder, &["train", "--headless", "--epochs", "1", "--activation", "tanh", "--from", out.trim()], 0);

    fs::rename(folder.join("weights"), folder.join("weights.npz")).unwrap();
    let (out, err) = run(folder, &["import", "weights.npz", "--activation", "tanh", "--checkpoint-dir", "imported"], 0);
    assert!(err.contains("as the flags or their defaults say, from a file in the layout of keras"), "{err}");
    assert_eq!(accuracy(out.trim()), accuracy(trained));

    let (_, err) = run(folder, &["import", "lenet.safetensors", "--activation", "relu"], 2);
    assert!(err.contains("--activation relu: the file says that it is tanh"), "{err}");
    let (_, err) = run(folder, &["import", "weights.npz", "--network", "mlp"], 1);
    assert!(err.contains("weights.npz: expected the 4 tensors of MLP"), "{err}");
}

#[test]
fn a_report_has_what_export_writes_beside_it() {
    let folder = common::cli::folder();
    let folder = folder.path();
    let train = ["train", "--headless", "--epochs", "1", "--limit-train", "64", "--checkpoint-dir", "runs"];
    run(folder, &train, 0);
    let path = fs::read_dir(folder.join("runs")).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.is_dir());
    let path = path.unwrap();
    let (run_path, name) = (path.to_str().unwrap(), path.file_name().unwrap().to_str().unwrap());
    let report = |more: &[&str], code| {
        run(folder, &[&["report", run_path, "--out", "out", "--pages", "0", "--export"], more].concat(), code)
    };
    let (out, _) = report(&["safetensors,npz,onnx", "--export", "tensorboard"], 0);
    for format in ["safetensors", "npz", "onnx"] {
        let own = format!("out/{name}.{format}");
        assert!(out.lines().any(|line| line == own), "{own} in {out}");
        run(folder, &["export", run_path, "--to", &format!("exported.{format}")], 0);
        assert!(fs::read(folder.join(&own)).unwrap() == fs::read(folder.join(format!("exported.{format}"))).unwrap());
    }
    let logs = folder.join("out").join(format!("{name}-tensorboard"));
    run(folder, &["export", run_path, "--tensorboard", "logs"], 0);
    for set in ["train", "test"] {
        assert_eq!(scalars(&logs.join(set)), scalars(&folder.join("logs").join(set)));
    }

    // The same again replaces nothing; anything else asks, which only a terminal answers.
    report(&["npz"], 0);
    let (_, err) = report(&["npz", "--layout", "keras"], 1);
    assert!(err.contains(&format!("{name}.npz already exists")) && err.contains("--overwrite"), "{err}");
    report(&["npz", "--layout", "keras", "--overwrite"], 0);
    let imported = interop::import(&folder.join(format!("out/{name}.npz")), &Hyperparameters::default()).unwrap();
    assert_eq!(imported.layout, Layout::Keras);
    let (_, err) = report(&["onnx", "--layout", "keras"], 2);
    assert!(err.contains("an ONNX file has one layout"), "{err}");
    let (_, err) = report(&["hdf5"], 2);
    assert!(err.contains("`hdf5` is not one of safetensors, npz, onnx, tensorboard"), "{err}");

    fs::write(folder.join("log.csv"), "epoch,loss,accuracy\n1,0.5,0.9\n2,0.25,0.95\n").unwrap();
    let (_, err) = run(folder, &["report", "log.csv", "--out", "other", "--export", "npz"], 0);
    assert!(err.contains("log.csv: not exported: it has no network"), "{err}");
}

/// The CRC-32C bit by bit (polynomial 0x1EDC6F41, reflected), masked as TensorFlow's `crc32c.h` says.
fn masked_crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 };
    let crc = !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step));
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}

/// A number in an event: tag, step and value.
type Scalar = (String, u64, f32);

/// Reads the numbers of all event files in a folder, and checks every checksum.
#[track_caller]
fn scalars(folder: &Path) -> Vec<Scalar> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut scalars = Vec::new();
    for file in files {
        let bytes = fs::read(file).unwrap();
        let mut rest = &bytes[..];
        let number = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().unwrap());
        let mut is_first = true;
        while !rest.is_empty() {
            let length = u64::from_le_bytes(rest[..8].try_into().unwrap()) as usize;
            assert_eq!(number(&rest[8..12]), masked_crc(&rest[..8]));
            let message = &rest[12..12 + length];
            assert_eq!(number(&rest[12 + length..16 + length]), masked_crc(message));
            rest = &rest[16 + length..];
            let event = fields(message);
            if std::mem::take(&mut is_first) {
                assert_eq!(all(&event, 3), [b"brain.Event:2"]);
                continue;
            }
            let step =
                event.iter().find_map(|field| if let (2, Field::Number(step)) = field { Some(*step) } else { None });
            for value in all(&fields(all(&event, 5)[0]), 1) {
                let value = fields(value);
                let tag = String::from_utf8(all(&value, 1)[0].to_vec()).unwrap();
                scalars.push((tag, step.unwrap(), f32::from_le_bytes(all(&value, 2)[0].try_into().unwrap())));
            }
        }
    }
    scalars
}

#[test]
fn a_runs_epochs_become_events_for_tensorboard_while_it_trains_and_later() {
    let folder = common::cli::folder();
    let folder = folder.path();
    common::made_up_images(&folder.join("data"), 200, 100);
    let train =
        "train --headless --json --holdout 20 --epochs 2 --schedule cosine --checkpoint-dir runs --tensorboard logs";
    run(folder, &train.split(' ').collect::<Vec<_>>(), 0);
    let runs = |folder: &Path| -> Vec<PathBuf> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect()
    };
    let [checkpoints, events] = ["runs", "logs"].map(|name| runs(&folder.join(name)).pop().unwrap());
    assert_eq!(checkpoints.file_name(), events.file_name());

    // A resumed run continues in a file of its own, and one that never wrote events begins with all epochs.
    let resumed = "train --headless --epochs 3 --tensorboard logs --resume runs";
    run(folder, &resumed.split(' ').collect::<Vec<_>>(), 0);
    let late = "train --headless --epochs 4 --tensorboard late --resume runs";
    run(folder, &late.split(' ').collect::<Vec<_>>(), 0);
    let path = checkpoints.join("last.ckpt");
    let history = Checkpoint::read(&path).unwrap().history;
    assert_eq!(history.len(), 4);
    let expected = |set: &str| -> Vec<Scalar> {
        let of = |epoch: &lenet_monitor::train::EpochRecord| {
            let (loss, accuracy) = match set {
                "train" => (epoch.train_loss, epoch.train_accuracy),
                "validation" => epoch.validation.unwrap(),
                _ => (epoch.test_loss, epoch.test_accuracy),
            };
            let mut values = vec![("epoch_loss", loss as f32), ("epoch_accuracy", accuracy as f32)];
            values.extend((set == "train").then_some(("epoch_learning_rate", epoch.learning_rate)));
            let step = u64::from(epoch.epoch) - 1;
            values.into_iter().map(move |(tag, value)| (tag.to_owned(), step, value)).collect::<Vec<_>>()
        };
        history.iter().flat_map(of).collect()
    };
    let per_epoch = |set: &str| if set == "train" { 3 } else { 2 };
    let late = runs(&folder.join("late")).pop().unwrap();
    run(folder, &["export", path.to_str().unwrap(), "--tensorboard", "exported"], 0);
    for set in ["train", "validation", "test"] {
        assert_eq!(scalars(&events.join(set)), expected(set)[..3 * per_epoch(set)]);
        assert_eq!(scalars(&late.join(set)), expected(set));
        assert_eq!(scalars(&folder.join("exported").join(set)), expected(set));
    }
    let (_, err) = run(folder, &["export", path.to_str().unwrap(), "--tensorboard", "exported"], 2);
    assert!(err.contains("exists; replace it with --overwrite"), "{err}");

    // A run continues where nothing can be written, and says so once.
    fs::write(folder.join("file"), "").unwrap();
    let blocked = "train --headless --epochs 3 --checkpoint-dir others --tensorboard file";
    let (_, err) = run(folder, &blocked.split(' ').collect::<Vec<_>>(), 0);
    assert_eq!(err.matches("cannot write events for TensorBoard").count(), 1, "{err}");
}
