//! `eval`, `predict`, `history`, `checkpoints` and `completions`, through the real binary.

mod common;

use std::{
    fs,
    io::{BufRead, BufReader, Cursor, Write},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use image::{GrayImage, ImageFormat, Luma};
use lenet_monitor::{
    data::{self, Choice, Dataset, Disturbance, Kind, PIXELS, Request},
    nn::Engine,
    train::{Checkpoint, EpochRecord, Limits, OptimizerKind, evaluate},
};
use serde_json::Value;

/// A made-up data set and a checkpoint of a run on it.
struct Bench {
    folder: tempfile::TempDir,
    dataset: Dataset,
    checkpoint: Checkpoint,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        common::made_up_images(&folder.path().join("bars"), 60, 50);
        Self::on(folder, |folder| folder.join("bars"))
    }

    /// Uses the first images of the real MNIST.
    fn of_mnist(mnist: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        common::first_images(mnist, &folder.path().join("bars"), 20, 200);
        Self::on(folder, |folder| folder.join("bars"))
    }

    fn on(folder: tempfile::TempDir, data: impl Fn(&Path) -> PathBuf) -> Self {
        let request = Request { choice: Choice::Auto, folder: data(folder.path()) };
        let dataset = data::load(&request, &mut |_| ()).unwrap();
        let mut checkpoint = common::runs::made_up_checkpoint(OptimizerKind::Adam);
        checkpoint.spec.dataset = dataset.id.clone();
        checkpoint.spec.limits = Limits::default();
        let bench = Self { folder, dataset, checkpoint };
        bench.save("run-1/last.ckpt", &bench.checkpoint);
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn save(&self, name: &str, checkpoint: &Checkpoint) -> PathBuf {
        let path = self.path("runs").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        checkpoint.write(&path).unwrap();
        path
    }

    fn saved(&self) -> PathBuf {
        self.path("runs/run-1/last.ckpt")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lenet-monitor"));
        command.current_dir(self.folder.path()).env("LENET_MONITOR_DATA", self.path("bars"));
        // No test may use the network.
        command.env("LENET_MONITOR_MIRRORS", "http://127.0.0.1:9/").stdin(Stdio::null());
        command
    }

    fn run<S: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Ran {
        Ran::of(self.command().args(arguments).output().unwrap())
    }

    fn picture(&self, name: &str, image: GrayImage) -> String {
        image.save(self.path(name)).unwrap();
        name.to_owned()
    }

    /// Saves test image `index` as a PNG file.
    fn digit(&self, index: usize) -> String {
        let image = GrayImage::from_raw(28, 28, self.dataset.test.image(index).to_vec()).unwrap();
        self.picture(&format!("digit-{index}.png"), image)
    }
}

struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().expect("no signal ended it"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    fn json(&self) -> Vec<Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
            .collect()
    }
}

#[track_caller]
fn assert_has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in\n{text}");
    }
}

#[test]
fn eval_prints_one_consistent_json_object() {
    let bench = Bench::new();
    let ran = bench.run(["eval", "runs/run-1/last.ckpt", "--json"]).expect(0);
    let [line] = &ran.json()[..] else { panic!("{}", ran.out) };

    let expected = evaluate(&mut bench.checkpoint.network(Engine::new(1)), &bench.dataset.test);
    // The JSON reader may be off by the last bit.
    assert!((line["test_loss"].as_f64().unwrap() - expected.loss).abs() < 1e-12);
    assert!((line["test_accuracy"].as_f64().unwrap() - expected.accuracy()).abs() < 1e-12);
    assert_eq!(line["correct"], expected.correct());
    assert_eq!(line["total"], 50);
    assert_eq!(line["dataset"], "bars");
    let confusion: [[u32; 10]; 10] = serde_json::from_value(line["confusion"].clone()).unwrap();
    assert_eq!(confusion, expected.confusion.0);
}

#[test]
fn eval_prints_a_readable_summary() {
    let bench = Bench::new();
    let ran = bench.run(["eval", "runs/run-1"]).expect(0);
    assert_has(
        &ran.out,
        &["runs/run-1/last.ckpt", "bars", "50 of 50 images", "test loss", "test accuracy", "precision", "recall", "F1"],
    );
    // Two tables of ten digits each.
    assert_eq!(ran.out.lines().filter(|line| line.starts_with("    7")).count(), 2, "{}", ran.out);
}

#[test]
fn eval_uses_the_runs_own_images_by_default() {
    let bench = Bench::new();
    let mut limited = bench.checkpoint.clone();
    limited.spec.limits.test = Some(30);
    bench.save("limited/last.ckpt", &limited);
    let total = |arguments: &[&str]| {
        let ran = bench.run([&["eval", "runs/limited", "--json"], arguments].concat()).expect(0);
        ran.json()[0]["total"].as_u64().unwrap()
    };
    assert_eq!(total(&[]), 30);
    assert_eq!(total(&["--limit-test", "7"]), 7);
    assert_eq!(total(&["--limit-test", "5000"]), 50);

    common::made_up_images(&bench.path("others"), 20, 40);
    assert_eq!(total(&["--data-dir", "others"]), 40);
}

#[test]
fn eval_rejects_other_data_unless_a_flag_names_it() {
    let bench = Bench::new();
    common::made_up_images(&bench.path("others"), 20, 40);
    let with_others =
        bench.command().env("LENET_MONITOR_DATA", "others").args(["eval", "runs/run-1"]).output().unwrap();
    let ran = Ran::of(with_others).expect(1);
    assert_has(&ran.err, &["bars", "others", "--data-dir"]);

    let ran = bench.run(["eval", "runs/run-1", "--data-dir", "others", "--json"]).expect(0);
    assert_has(&ran.err, &["trained on bars, evaluated on others"]);
    assert_eq!(ran.json()[0]["dataset"], "others");
}

#[test]
fn synthetic_digits_are_labelled_everywhere() {
    let bench = Bench::new();
    let mut synthetic = bench.checkpoint.clone();
    synthetic.spec.dataset =
        data::load(&Request { choice: Choice::Synthetic, ..Request::default() }, &mut |_| ()).unwrap().id;
    assert_eq!(synthetic.spec.dataset.kind, Kind::Synthetic);
    bench.save("synthetic/last.ckpt", &synthetic);

    let ran = bench.run(["eval", "runs/synthetic", "--limit-test", "20", "--json"]).expect(0);
    assert_eq!(ran.json()[0]["dataset"], "SYNTHETIC");
    assert_has(&ran.err, &["SYNTHETIC"]);
    assert_has(&bench.run(["history", "runs/synthetic"]).expect(0).out, &["SYNTHETIC"]);
    assert_has(&bench.run(["history", "runs/synthetic", "--json"]).expect(0).out, &["SYNTHETIC"]);
    assert_has(&bench.run(["history", "runs/synthetic", "--csv"]).expect(0).out, &["SYNTHETIC"]);
    assert_has(&bench.run(["checkpoints", "list", "--checkpoint-dir", "runs"]).expect(0).out, &["SYNTHETIC"]);
    assert_has(&bench.run(["checkpoints", "show", "runs/synthetic"]).expect(0).out, &["SYNTHETIC"]);
    let digit = bench.digit(0);
    assert_has(&bench.run(["predict", "runs/synthetic", &digit]).expect(0).err, &["SYNTHETIC"]);
}

#[test]
fn a_damaged_checkpoint_is_reported_before_data_are_loaded() {
    let bench = Bench::new();
    let mut bytes = fs::read(bench.saved()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    fs::write(bench.path("flipped.ckpt"), &bytes).unwrap();
    fs::write(bench.path("short.ckpt"), &bytes[..middle]).unwrap();
    fs::write(bench.path("page.ckpt"), "<!DOCTYPE html><html></html>").unwrap();
    let whole = fs::read(bench.saved()).unwrap();
    let name = whole.windows(7).position(|bytes| bytes == b"lenet-5").unwrap();
    let other = [&whole[..name], b"incep-1", &whole[name + 7..]].concat();
    fs::write(bench.path("other.ckpt"), common::runs::sealed(other)).unwrap();

    let cases = [
        ("flipped", "checksum"),
        ("short", "truncated"),
        ("page", "expected a lenet-monitor checkpoint"),
        ("none", "No such file"),
        ("other", "expected a network that this version knows (lenet-5, mlp, rnn, lstm, gru"),
    ];
    for (name, reason) in cases {
        let file = format!("{name}.ckpt");
        let digit = bench.digit(0);
        for arguments in [
            &["eval", &file, "--data-dir", "nowhere"][..],
            &["predict", &file, &digit, "missing.png"],
            &["history", &file],
            &["checkpoints", "show", &file],
        ] {
            let ran = bench.run(arguments).expect(1);
            assert_has(&ran.err, &[&file, reason]);
            assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
            assert_eq!(ran.out, "");
        }
    }
}

#[test]
fn predict_gives_exactly_what_eval_gives() {
    let Some(mnist) = common::mnist() else { return };
    let bench = Bench::of_mnist(&mnist);
    let files: Vec<String> = (0..bench.dataset.test.len()).map(|index| bench.digit(index)).collect();

    let ran = bench.run(
        [&["predict", "runs/run-1", "--json"], &files.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat(),
    );
    let lines = ran.expect(0).json();
    assert_eq!(lines.len(), files.len());
    let expected = evaluate(&mut bench.checkpoint.network(Engine::new(2)), &bench.dataset.test);
    let mut confusion = [[0_u32; 10]; 10];
    for ((line, file), expected) in lines.iter().zip(&files).zip(&expected.predictions) {
        assert_eq!(line["path"], file.as_str());
        assert_eq!(line["digit"], expected.digit);
        let probabilities: [f32; 10] = serde_json::from_value(line["probabilities"].clone()).unwrap();
        assert_eq!(probabilities, expected.probabilities, "{file}");
        let confidence: f32 = serde_json::from_value(line["confidence"].clone()).unwrap();
        assert_eq!(confidence, expected.probabilities[usize::from(expected.digit)]);
        confusion[usize::from(expected.label)][usize::from(expected.digit)] += 1;
    }

    let eval = bench.run(["eval", "runs/run-1", "--json"]).expect(0).json().remove(0);
    assert_eq!(eval["confusion"], serde_json::to_value(confusion).unwrap());
}

/// The whole workflow of a user.
#[test]
fn what_train_saves_eval_and_predict_agree_on() {
    let Some(mnist) = common::mnist() else { return };
    let bench = Bench::of_mnist(&mnist);
    common::first_images(&mnist, &bench.path("bars"), 4_000, 500);
    let dataset = data::load(&Request { choice: Choice::Auto, folder: bench.path("bars") }, &mut |_| ()).unwrap();
    let train = ["train", "--json", "--epochs", "2", "--limit-test", "300", "--checkpoint-dir", "trained"];
    let end = bench.run(train).expect(0).json().pop().unwrap();
    assert_eq!(end["event"], "finished");
    let checkpoint = end["checkpoint"].as_str().unwrap();

    let eval = bench.run(["eval", checkpoint, "--json"]).expect(0).json().remove(0);
    assert_eq!(eval["test_accuracy"], end["test_accuracy"]);
    assert_eq!(eval["test_loss"], end["test_loss"]);
    assert_eq!(eval["total"], 300);
    assert!(eval["test_accuracy"].as_f64().unwrap() > 0.8, "{eval}");

    let plain: Vec<GrayImage> =
        (0..60).map(|index| GrayImage::from_raw(28, 28, dataset.test.image(index).to_vec()).unwrap()).collect();
    let on_page = |digit: &GrayImage| {
        let mut page = GrayImage::from_pixel(500, 400, Luma([235]));
        let mut large = image::imageops::resize(digit, 224, 224, image::imageops::FilterType::Triangle);
        large.pixels_mut().for_each(|pixel| pixel.0[0] = 235 - (u32::from(pixel.0[0]) * 200 / 255) as u8);
        image::imageops::replace(&mut page, &large, 230, 40);
        page
    };
    let digits = |name: &str, images: Vec<GrayImage>| -> Vec<u64> {
        let named =
            images.into_iter().enumerate().map(|(index, image)| bench.picture(&format!("{name}-{index}.png"), image));
        let arguments: Vec<String> =
            ["predict", checkpoint, "--json"].map(str::to_owned).into_iter().chain(named).collect();
        bench.run(arguments).expect(0).json().iter().map(|line| line["digit"].as_u64().unwrap()).collect()
    };
    let on_pages = digits("page", plain.iter().map(on_page).collect());
    let plain = digits("plain", plain);
    let right = plain.iter().zip(dataset.test.labels()).filter(|&(&digit, &label)| digit == u64::from(label)).count();
    assert!(right > 45, "{right} of 60");
    let alike = plain.iter().zip(&on_pages).filter(|(plain, page)| plain == page).count();
    assert!(alike >= 55, "{alike} of 60 alike\n{plain:?}\n{on_pages:?}");
}

/// The library changes the same images in the same way.
#[test]
fn eval_changes_the_images_and_says_how() {
    let Some(mnist) = common::mnist() else { return };
    let bench = Bench::of_mnist(&mnist);
    common::first_images(&mnist, &bench.path("bars"), 3_000, 400);
    let dataset = data::load(&Request { choice: Choice::Auto, folder: bench.path("bars") }, &mut |_| ()).unwrap();
    let train = ["train", "--json", "--network", "gru", "--epochs", "2", "--checkpoint-dir", "trained"];
    let checkpoint = bench.run(train).expect(0).json().pop().unwrap()["checkpoint"].as_str().unwrap().to_owned();
    let network = || Checkpoint::read(&bench.path(&checkpoint)).unwrap().network(Engine::new(1));
    let eval = |arguments: &str| {
        let arguments = ["eval", &checkpoint].into_iter().chain(arguments.split(' ').filter(|word| !word.is_empty()));
        bench.run(arguments).expect(0)
    };
    let json = |arguments: &str| eval(&format!("{arguments} --json")).json().remove(0);
    let plain = json("");
    assert!(plain["correct"].as_u64().unwrap() > 300, "{plain}");
    assert!(plain.get("disturbances").is_none() && plain.get("delay").is_none(), "{plain}");
    for (arguments, changes) in [
        ("--moved 5", &["moved 5"][..]),
        ("--rotated 30", &["rotated 30"]),
        ("--scaled 0.7", &["scaled 0.7"]),
        ("--noise 0.5", &["noise 0.5"]),
        ("--lines 2", &["lines 2"]),
        ("--permuted", &["permuted"]),
        ("--permuted --noise 0.2 --moved 2", &["moved 2", "noise 0.2", "permuted"]),
    ] {
        let line = json(arguments);
        let changed = changes.iter().map(|change| change.parse::<Disturbance>().unwrap());
        let changed = changed.fold(dataset.test.clone(), |split, change| change.apply(&split));
        let expected = evaluate(&mut network(), &changed);
        assert_eq!(line["disturbances"], serde_json::json!(changes));
        assert_eq!(line["confusion"], serde_json::json!(expected.confusion.0), "{arguments}");
        assert!(line["correct"].as_u64() < plain["correct"].as_u64(), "{arguments}: {line}");
        assert_has(&eval(arguments).out, &[&format!("changes     {}\n", changes.join(", "))]);
    }
    let delayed = json("--delay 20");
    let mut expected = network();
    expected.set_delay(20);
    assert_eq!(delayed["confusion"], serde_json::json!(evaluate(&mut expected, &dataset.test).confusion.0));
    assert_eq!(delayed["delay"], 20);
    assert_ne!(delayed["confusion"], plain["confusion"]);
    assert_has(&eval("--delay 20").out, &["delay       20 empty rows after each image\n"]);
}

#[test]
fn predict_continues_after_a_picture_that_cannot_be_read() {
    let bench = Bench::new();
    let (first, last) = (bench.digit(3), bench.digit(4));
    let blank = bench.picture("blank.png", GrayImage::from_pixel(60, 60, Luma([255])));
    fs::write(bench.path("page.png"), "<!DOCTYPE html>").unwrap();
    let whole = fs::read(bench.path(&first)).unwrap();
    fs::write(bench.path("short.png"), &whole[..whole.len() / 2]).unwrap();
    fs::create_dir(bench.path("folder.png")).unwrap();
    let images = [&first, "page.png", &blank, "short.png", "missing.png", "folder.png", &last];

    let ran = bench.run([&["predict", "runs/run-1", "--json"], &images[..]].concat()).expect(1);
    let paths: Vec<Value> = ran.json().iter().map(|line| line["path"].clone()).collect();
    assert_eq!(paths, [first.as_str(), last.as_str()]);
    let errors: Vec<&str> = ran.err.lines().collect();
    assert_eq!(errors.len(), 5, "{}", ran.err);
    assert_has(errors[0], &["page.png", "expected a PNG, JPEG or PGM image", "HTML"]);
    assert_has(errors[1], &["blank.png", "expected a digit"]);
    assert_has(errors[2], &["short.png", "damaged PNG image"]);
    assert_has(errors[3], &["missing.png", "cannot open"]);
    assert_has(errors[4], &["folder.png", "cannot read"]);

    let table = bench.run([&["predict", "runs/run-1"], &images[..]].concat()).expect(1);
    assert_eq!(table.out.lines().count(), 3, "{}", table.out);
    assert_has(&table.out, &["image", "digit", "confidence", &first, &last]);
}

#[test]
fn predict_reads_standard_input_once() {
    let bench = Bench::new();
    let file = bench.digit(5);
    let from_file = bench.run(["predict", "runs/run-1", "--json", &file]).expect(0).json().remove(0);
    let mut pgm = Cursor::new(Vec::new());
    image::open(bench.path(&file)).unwrap().write_to(&mut pgm, ImageFormat::Pnm).unwrap();

    let mut child = bench
        .command()
        .args(["predict", "runs/run-1", "--json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(pgm.get_ref()).unwrap();
    let from_stdin = Ran::of(child.wait_with_output().unwrap()).expect(0).json().remove(0);
    assert_eq!(from_stdin["path"], "-");
    assert_eq!(from_stdin["probabilities"], from_file["probabilities"]);

    let twice = bench.run(["predict", "runs/run-1", "-", "-"]).expect(2);
    assert_has(&twice.err, &["only once"]);
    let empty = bench.run(["predict", "runs/run-1", "-"]).expect(1);
    assert_has(&empty.err, &["standard input", "an empty file"]);
}

#[test]
fn predict_shows_what_reached_the_network() {
    let bench = Bench::new();
    let file = bench.digit(0);
    let ran = bench.run(["predict", "runs/run-1", "--show", &file]).expect(0);
    let rows: Vec<&str> = ran.out.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), 28, "{}", ran.out);
    for (row, pixels) in rows.iter().zip(bench.dataset.test.image(0).chunks(28)) {
        let inked: Vec<bool> = row[1..57].chars().map(|shade| shade != ' ').collect();
        let expected: Vec<bool> = pixels.iter().flat_map(|&pixel| [pixel > 28; 2]).collect();
        assert_eq!(inked, expected, "{row}");
    }

    let ran = bench.run(["predict", "runs/run-1", "--show", "--json", &file]).expect(0);
    assert_eq!(ran.json().len(), 1);
    assert_has(&ran.err, &["####"]);
}

/// Returns a page with black bars: left, top, width and height of each.
fn page_with(bars: &[[u32; 4]]) -> GrayImage {
    let is_in = |x: u32, y: u32| {
        bars.iter()
            .any(|&[left, top, width, height]| (left..left + width).contains(&x) && (top..top + height).contains(&y))
    };
    GrayImage::from_fn(400, 400, |x, y| Luma([if is_in(x, y) { 20 } else { 240 }]))
}

const SEVEN: [[u32; 4]; 2] = [[150, 120, 80, 14], [216, 120, 14, 130]];

#[test]
fn predict_shows_the_digit_and_what_it_left_out() {
    let bench = Bench::new();
    let frame = [[100, 80, 190, 5], [100, 300, 190, 5], [100, 80, 5, 225], [290, 80, 5, 225]];
    let framed = bench.picture("framed.png", page_with(&[&SEVEN[..], &frame].concat()));
    let bare = bench.picture("bare.png", page_with(&SEVEN));
    let ran = bench.run(["predict", "runs/run-1", "--show", &framed]).expect(0);
    assert_has(&ran.out, &["# digit", "x left out (1 frame)"]);
    let row = ran.out.lines().find(|line| line.contains("##") && line.starts_with('.')).unwrap();
    assert!(row.find('x') < row.find('#') && row.rfind('x') > row.rfind('#'), "{}", ran.out);

    let lines = bench.run(["predict", "runs/run-1", "--json", &framed, &bare]).expect(0).json();
    assert_eq!(lines[0]["probabilities"], lines[1]["probabilities"], "the frame makes no difference");
    assert_eq!(lines[0].get("rival"), None);
}

#[test]
fn predict_reports_a_second_reading_that_is_near() {
    let bench = Bench::new();
    let one = [[320, 130, 14, 120]];
    let both = bench.picture("both.png", page_with(&[&SEVEN[..], &one].concat()));
    let line = bench.run(["predict", "runs/run-1", "--json", &both]).expect(0).json().remove(0);
    assert!(line["rival"]["digit"].is_u64() && line["rival"]["confidence"].is_f64(), "{line}");
    // An untrained network is never certain.
    assert!(line["near"].is_u64() && line["near"] != line["digit"], "{line}");
    let ran = bench.run(["predict", "runs/run-1", &both]).expect(0);
    assert_has(&ran.out, &["near: ", "other strokes on the page read: "]);
    assert_eq!(ran.out.lines().count(), 2, "{}", ran.out);
}

#[test]
fn predict_prints_no_header_without_rows() {
    let bench = Bench::new();
    let ran = bench.run(["predict", "runs/run-1", "missing.png"]).expect(1);
    assert_eq!(ran.out, "");
}

#[cfg(unix)]
#[test]
fn predict_does_not_wait_for_a_pipe() {
    let bench = Bench::new();
    assert!(Command::new("mkfifo").arg(bench.path("pipe.png")).status().unwrap().success());
    let ran = bench.run(["predict", "runs/run-1", "pipe.png", "/dev/zero"]).expect(1);
    assert_has(&ran.err, &["found a named pipe", "found a device"]);
}

#[test]
fn invalid_arguments_have_exit_code_2() {
    let bench = Bench::new();
    for arguments in [
        &["eval"][..],
        &["eval", "runs/run-1", "--limit-test", "0"],
        &["eval", "runs/run-1", "--dataset", "cifar"],
        &["eval", "runs/run-1", "--dataset", "synthetic", "--data-dir", "bars"],
        &["eval", "runs/run-1", "--delay", "7"],
        &["eval", "runs/run-1", "--delay", "1001"],
        &["eval", "runs/run-1", "--permuted=3"],
        &["eval", "runs/run-1", "--ensemble"],
        &["predict", "runs/run-1", "--with"],
        &["predict", "runs/run-1"],
        &["history", "runs/run-1", "--csv", "--json"],
        &["checkpoints"],
        &["completions", "tcsh"],
        &["frobnicate"],
    ] {
        let ran = bench.run(arguments).expect(2);
        assert!(!ran.err.is_empty() && ran.out.is_empty(), "{arguments:?}");
    }
    for (flag, value, reason) in [
        ("--moved", "29", "expected 0 to 28 pixels, found `29`"),
        ("--rotated", "-5", "expected an angle of 0 to 360 degrees, found `-5`"),
        ("--scaled", "0", "expected a factor of 0.1 to 10, found `0`"),
        ("--noise", "much", "expected a standard deviation of 0 to 10, where 1 is full ink, found `much`"),
        ("--lines", "1.5", "expected 0 to 100 lines, found `1.5`"),
    ] {
        let ran = bench.run(["eval", "runs/run-1", &format!("{flag}={value}")]).expect(2);
        assert_has(&ran.err, &[flag, reason]);
    }
    for arguments in [&["--help"][..], &["--version"], &["predict", "--help"], &["checkpoints", "list", "--help"]] {
        bench.run(arguments).expect(0);
    }
}

#[test]
fn history_is_printed_as_table_csv_and_json() {
    let bench = Bench::new();
    let table = bench.run(["history", "runs/run-1/last.ckpt"]).expect(0).out;
    assert_has(&table, &["bars", "epoch", "loss", "accuracy", "test loss", "val acc", "0.8500", "1.25"]);

    let json = bench.run(["history", "runs/run-1", "--json"]).expect(0).json();
    assert_eq!(json.len(), 2);
    assert_eq!(json[1]["epoch"], 2);
    assert_eq!(json[1]["train_loss"], 0.25);
    assert_eq!(json[1]["images_per_second"], 90.0);

    let csv = bench.run(["history", "runs/run-1", "--csv"]).expect(0).out;
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2);
    for (column, name) in header.iter().enumerate() {
        let value = &json[0][name];
        assert_eq!(rows[0][column], value.as_str().map_or_else(|| value.to_string(), str::to_owned), "{name}");
    }
    assert_eq!(json[0].as_object().unwrap().len(), header.len());
}

#[test]
fn a_run_without_an_epoch_has_an_empty_history() {
    let bench = Bench::new();
    let mut young = bench.checkpoint.clone();
    young.history.clear();
    young.evaluation = None;
    young.best = None;
    young.position = Default::default();
    young.learning_rate_changes.clear();
    young.learning_rate = young.spec.hyper.learning_rate;
    young.optimizer.steps = 0;
    bench.save("young/last.ckpt", &young);
    assert_eq!(bench.run(["history", "runs/young", "--json"]).expect(0).out, "");
    let csv = bench.run(["history", "runs/young", "--csv"]).expect(0);
    assert_eq!(csv.out.lines().count(), 1);
    assert_has(&csv.err, &["has no complete epoch yet"]);
    bench.run(["checkpoints", "show", "runs/young"]).expect(0);
}

#[test]
fn checkpoints_are_listed_newest_first_and_damaged_ones_last() {
    let bench = Bench::new();
    let mut newer = bench.checkpoint.clone();
    newer.saved_at += 3_600;
    newer.spec.hyper.epochs = 9;
    bench.save("run-2/last.ckpt", &newer);
    bench.save("run-2/best.ckpt", &bench.checkpoint);
    fs::create_dir(bench.path("runs/run-0")).unwrap();
    fs::write(bench.path("runs/run-0/last.ckpt"), "nothing of ours").unwrap();

    let list = bench.run(["checkpoints", "list", "--checkpoint-dir", "runs"]).expect(0).out;
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines.len(), 5, "{list}");
    assert_has(lines[0], &["saved", "checkpoint", "epochs", "best", "last", "data"]);
    assert_has(
        lines[1],
        &["2026-11-18", "runs/run-2/last.ckpt", "2+/9", "0.9000", "0.8500", "bars", "relu", "adam 0.001→0.0005"],
    );
    assert_has(lines[4], &["DAMAGED", "run-0/last.ckpt", "expected a lenet-monitor checkpoint"]);

    let show = bench.run(["checkpoints", "show", "runs/run-2"]).expect(0).out;
    assert_has(
        &show,
        &[
            "runs/run-2/last.ckpt",
            "lenet-monitor 0.1.0",
            &bench.dataset.id.fingerprint.to_string(),
            "0.001, 0.0005 since epoch 2, step 4",
            "after step 3 of epoch 3 of 9",
            "61,706",
            "2 threads, avx2",
            "chosen by the validation set",
            "of 30 test images",
        ],
    );

    let none = bench.run(["checkpoints", "list"]).expect(0);
    assert_eq!(none.out, "");
    assert_has(&none.err, &["no checkpoints in checkpoints"]);
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let bench = Bench::new();
    let mut long = bench.checkpoint.clone();
    // More than fits into a pipe.
    let record = |epoch| EpochRecord { epoch, ..long.history[0].clone() };
    long.history = (1..=3_000).map(record).collect();
    long.spec.hyper.epochs = 3_001;
    long.position.epoch = 3_000;
    bench.save("long/last.ckpt", &long);
    for arguments in [&["history", "runs/long", "--json"][..], &["history", "runs/long"]] {
        let mut child = bench.command().args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(!line.is_empty());
        Ran::of(child.wait_with_output().unwrap()).expect(0);
    }
}

#[test]
fn completions_know_the_subcommands() {
    let bench = Bench::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = bench.run(["completions", shell]).expect(0);
        assert_has(&ran.out, &["predict", "checkpoints", "--limit-train"].map(|word| word.trim_start_matches('-')));
        assert_eq!(ran.err, "");
    }
}

#[test]
fn pictures_of_any_shape_get_an_answer() {
    let bench = Bench::new();
    let mut page = GrayImage::from_pixel(300, 200, Luma([240]));
    for y in 60..140 {
        for x in 150..162 {
            page.put_pixel(x, y, Luma([30]));
        }
    }
    let one = bench.picture("one.png", page.clone());
    page.save(bench.path("one.jpg")).unwrap();
    page.save(bench.path("one.pgm")).unwrap();
    let ran = bench.run(["predict", "runs/run-1", "--json", &one, "one.jpg", "one.pgm"]).expect(0);
    let lines = ran.json();
    assert_eq!(lines.len(), 3);
    for line in &lines {
        let probabilities: Vec<f64> = serde_json::from_value(line["probabilities"].clone()).unwrap();
        assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-5);
        let best = probabilities.iter().copied().fold(0.0, f64::max);
        assert_eq!(line["confidence"].as_f64().unwrap(), best);
    }
    assert_eq!(lines[0]["probabilities"], lines[2]["probabilities"]);
    assert_eq!(PIXELS, 784);
}
