//! Tables of results as other programs write them: `report` reads them all, and lists what it does not use.

mod common;

use std::{fs, path::Path};

use common::cli::{command, outcome};
use lenet_monitor::sweep::survey::{Factor, Survey};
use tempfile::TempDir;

/// Runs `report NAME` on a file with this name and content, and returns the exit code, stderr and the page.
fn report(name: &str, content: impl AsRef<[u8]>) -> (Option<i32>, String, String) {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(name), content).unwrap();
    let arguments = ["report", name, "--out", "out"];
    let (code, _, stderr) = outcome(command(folder.path(), &arguments).output().unwrap());
    let page = fs::read_to_string(folder.path().join("out/report.html")).unwrap_or_default();
    (code, stderr, page)
}

#[track_caller]
fn assert_has(text: &str, parts: &[&str]) {
    for part in parts {
        let short = || text.lines().filter(|line| line.len() < 1000).collect::<Vec<_>>().join("\n");
        assert!(text.contains(part), "`{part}` is not in\n{}", short());
    }
}

/// Two by two runs, with the last epoch of each.
const WANDB: &str = "\"Name\",\"State\",\"Created\",\"Runtime\",\"activation\",\"batch_size\",\"lr\",\"optimizer\",\"epoch\",\"val_accuracy\"\n\
                     \"rose-0\",\"finished\",\"2026-11-01T10:00:00.000Z\",\"9\",\"relu\",\"16\",\"0.01\",\"adam\",\"3\",\"0.46\"\n\
                     \"rose-1\",\"finished\",\"2026-11-01T10:00:00.000Z\",\"9\",\"relu\",\"32\",\"0.01\",\"adam\",\"3\",\"0.67\"\n\
                     \"rose-2\",\"finished\",\"2026-11-01T10:00:00.000Z\",\"9\",\"tanh\",\"16\",\"0.01\",\"adam\",\"3\",\"0.55\"\n\
                     \"rose-3\",\"crashed\",\"2026-11-01T10:00:00.000Z\",\"9\",\"tanh\",\"32\",\"0.01\",\"adam\",\"1\",\"\"";

#[test]
fn runs_with_a_column_epoch_are_a_sweep() {
    let (code, stderr, page) = report("wandb.csv", WANDB);
    assert_eq!(code, Some(0), "{stderr}");
    assert_has(
        &page,
        &[
            "4 configurations in 4 runs, 1 failed without a result.",
            "<td>relu</td><td class=\"number\">32</td><td class=\"number\">0.6700</td>",
        ],
    );
    assert_has(&stderr, &["column `Created` is ignored", "line 5: the run crashed and has no result"]);
    // Early stopping: each ended with a different epoch, in any order.
    let stopped = "epoch,activation,optimizer,lr,batch_size,val_accuracy\n\
                   4,relu,adam,0.01,16,0.9\n7,relu,sgd,0.01,16,0.8\n2,tanh,adam,0.01,16,0.7\n";
    assert_has(&report("stopped.csv", stopped).2, &["3 configurations in 3 runs."]);
    let rates = "Epoch,Name,Learning Rate,Accuracy\n10,a,0.1,0.9\n10,b,0.01,0.8\n10,c,0.001,0.7\n";
    assert_has(&report("rates.csv", rates).2, &["3 configurations in 3 runs."]);
}

#[test]
fn the_last_of_a_runs_epochs_counts() {
    let text = "run,epoch,activation,optimizer,val_accuracy\n\
                a,1,relu,adam,0.5\na,2,relu,adam,0.7\nb,1,tanh,adam,0.4\nb,2,tanh,adam,0.6\nb,3,tanh,adam,0.55\n";
    let (code, stderr, page) = report("long.csv", text);
    assert_eq!(code, Some(0), "{stderr}");
    assert_has(&page, &["2 configurations in 2 runs.", ">0.7000</td>", ">0.5500</td>"]);
    assert_has(&stderr, &["lines 2 and 4, 5: not the last epoch of its run; ignored"]);
}

#[test]
fn rows_of_one_epoch_are_merged() {
    let lightning = "epoch,step,train_loss_epoch,train_loss_step,val_acc,val_loss\n\
                     0,49,,0.9,,\n0,99,,,0.91,0.28\n0,99,0.3,,,\n1,199,,,0.92,0.26\n1,199,0.25,,,\n";
    let (code, stderr, page) = report("metrics.csv", lightning);
    assert_eq!(code, Some(0), "{stderr}");
    assert_has(&page, &["training: loss 0.2500 at the end", "test: accuracy 0.9200, loss 0.2600 at the end"]);
    assert_has(&page, &["epoch 0: test accuracy 0.9100", "epoch 0: training loss 0.3000"]);
    assert_has(&stderr, &["column `step` is ignored", "column `train_loss_step` is ignored"]);
    // If another column is named after the test set, `val_` does not mean it.
    let tested = "epoch,step,test_acc,train_loss,val_acc\n0,99,,,0.91\n0,99,,0.3,\n1,100,0.9,,\n";
    assert_has(&report("metrics.csv", tested).2, &["test: accuracy 0.9000", "validation: accuracy 0.9100"]);
    // In a resumed run the later line is used, and reported.
    let again = "epoch,loss\n1,0.5\n2,0.4\n2,0.3\n";
    let (_, stderr, page) = report("again.csv", again);
    assert_has(&page, &["training: loss 0.3000 at the end"]);
    assert_has(&stderr, &["line 4: repeats the epoch of an earlier line with other numbers; the later line is used"]);
}

#[test]
fn histories_of_many_programs_are_read() {
    let keras = |separator: &str, end: &str| {
        let lines = ["epoch,accuracy,loss,val_accuracy,val_loss", "0,0.9,0.3,0.91,0.28", "1,0.95,0.2,0.96,0.18"];
        lines.map(|line| line.replace(',', separator) + end).concat()
    };
    let expected =
        ["training: accuracy 0.9500, loss 0.2000 at the end", "test: accuracy 0.9600, loss 0.1800 at the end"];
    let german = keras(";", "\r\n").replace('.', ",");
    let utf16: Vec<u8> = format!("\u{feff}{german}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let same: [(&str, Vec<u8>); 9] = [
        ("semicolon.csv", keras(";", "\n").into()),
        ("tab.log", keras("\t", "\n").into()),
        ("mac.csv", keras(",", "\r").into()),
        ("mixed.csv", keras(",", "\r").replacen('\r', "\n", 1).into()),
        ("german.csv", german.clone().into()),
        ("excel.csv", format!("\u{feff}sep=;\r\n{german}").into()),
        ("unicode.csv", utf16),
        ("pandas.csv", keras(",", "\n").replacen("epoch", "", 1).into()),
        ("quoted.csv", keras("\",\"", "\"\n").lines().map(|line| format!("\"{line}\n")).collect::<String>().into()),
    ];
    for (name, content) in same {
        let (code, stderr, page) = report(name, content);
        assert_eq!(code, Some(0), "{name}: {stderr}");
        assert_has(&page, &expected);
        assert_has(&page, &["epoch 0: test accuracy 0.9100"]);
        assert_eq!(stderr.is_empty(), name != "pandas.csv", "{name}: {stderr}");
    }
    let fastai = "epoch,train_loss,valid_loss,accuracy,time\n0,0.5,0.4,0.9,00:10\n1,0.3,0.2,0.95,00:10\n";
    let (_, stderr, page) = report("fastai.csv", fastai);
    assert_has(&page, &["training: loss 0.3000 at the end", "test: accuracy 0.9500, loss 0.2000 at the end"]);
    assert_has(&stderr, &["`accuracy` is read as validation accuracy", "column `time` is ignored"]);
    // A history with a decreasing learning rate is not a sweep.
    let falling = "epoch,accuracy,loss,lr,val_accuracy\n0,0.9,0.3,0.001,0.91\n1,0.92,0.2,0.0005,0.93\n";
    assert_has(&report("falling.csv", falling).2, &["training: accuracy 0.9200", "test: accuracy 0.9300"]);
    let config = "epoch,optimizer,batch_size,accuracy,val_accuracy\n0,adam,16,0.9,0.91\n1,adam,16,0.92,0.93\n";
    assert_has(&report("config.csv", config).2, &["training: accuracy 0.9200", "test: accuracy 0.9300"]);
}

#[test]
fn tensorboards_file_names_say_what_they_contain() {
    let text = "Wall time,Step,Value\n1700000000.1,0,0.5\n1700000010.1,1,0.625\n";
    let (code, stderr, page) = report("run-fold_validation-tag-epoch_accuracy.csv", text);
    assert_eq!(code, Some(0), "{stderr}");
    assert_has(&page, &["test: accuracy 0.6250 at the end", "Accuracy and loss over steps"]);
    let (code, stderr, _) = report("export.csv", text);
    assert_eq!(code, Some(1));
    assert_has(&stderr, &["column `Value` is ignored: the file name does not say"]);
}

#[test]
fn several_runs_in_a_history_are_not_mixed() {
    let (_, stderr, page) = report("runs.csv", "run,epoch,loss\na,1,0.5\nb,1,0.9\na,2,0.25\nb,2,0.8\n");
    assert_has(&page, &["training: loss 0.2500 at the end"]);
    assert_has(&stderr, &["lines 3 and 5: belongs to another run than `a`; ignored"]);
}

/// Returns configuration and accuracy of each run.
fn results(bytes: &[u8]) -> Vec<(String, String, String, f64)> {
    let survey =
        Survey::read(bytes).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(bytes))).survey;
    let value = |it, factor| survey.value(it, factor).to_owned();
    let ranking = survey.ranking().into_iter();
    ranking
        .map(|it| {
            let [activation, rate, batch] =
                [Factor::ACTIVATION, Factor::LEARNING_RATE, Factor::BATCH_SIZE].map(|factor| value(it, factor));
            (activation, rate, batch, it.accuracy().unwrap().mean)
        })
        .collect()
}

#[test]
fn a_sweep_is_the_same_in_every_form() {
    let plain = "Activation,Learning Rate,Batch Size,Validation Accuracy,Note\n\
                 relu,0.01,16,0.9,x\ntanh,0.001,32,0.8,y\nelu,0.5,64,0.7,z\n";
    let expected: Vec<_> = [("relu", "0.01", "16", 0.9), ("tanh", "0.001", "32", 0.8), ("elu", "0.5", "64", 0.7)]
        .map(|(activation, rate, batch, accuracy)| (activation.into(), rate.into(), batch.into(), accuracy))
        .to_vec();
    let german = plain.replace(',', ";").replace('.', ",");
    let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("\u{feff}{text}").encode_utf16().flat_map(bytes).collect()
    };
    let numbered = |first: &str| -> String {
        let lines = plain.lines().enumerate();
        lines
            .map(|(number, line)| if number == 0 { format!("{first}{line}\n") } else { format!("{number},{line}\n") })
            .collect()
    };
    let forms: Vec<Vec<u8>> = vec![
        plain.into(),
        plain.trim_end().into(),
        plain.replace(',', "\t").into(),
        plain.replace('\n', "\r\n").into(),
        plain.replace('\n', "\r").into(),
        plain.replacen('\n', "\r", 2).into(),
        plain.replacen('\n', "\r\n", 2).into(),
        plain.replacen('\n', "\r\r\n", 3).into(),
        german.clone().into(),
        format!("sep=;\n{german}").into(),
        format!("\"sep=;\"\r\n{}", german.replace('\n', "\r\n")).into(),
        format!("SEP=\t\n{}", plain.replace(',', "\t")).into(),
        utf16(&german, u16::to_le_bytes),
        utf16(plain, u16::to_be_bytes),
        numbered(",").into(),
        numbered("").into(),
        numbered("Unnamed: 0,").into(),
        plain.replace(",x\n", ",\"one\ntwo, \"\"three\"\"\n\nfour\"\n").into(),
        plain.replace("Learning Rate", "\"Learning\nRate\"").into(),
        plain.replace("0.9,", "90 %,").replace("0.8,", "80%,").into(),
        // A note in another encoding does not exclude a run.
        [plain.replace(",y\n", ",").into_bytes(), b"f\xfcr\n".to_vec(), Vec::new()].concat(),
    ];
    for form in &forms[..forms.len() - 1] {
        assert_eq!(results(form), expected, "{}", String::from_utf8_lossy(form));
    }
    let (first, rest) = plain.split_once(",y\n").unwrap();
    assert_eq!(results(&[first.as_bytes(), b",f\xfcr\n", rest.as_bytes()].concat()), expected);
}

#[test]
fn a_sweeps_json_lines_are_a_sweep() {
    let folder = common::cli::folder();
    let arguments = [
        "sweep",
        "--json",
        "--activations",
        "relu,tanh",
        "--lrs",
        "0.01",
        "--optimizers",
        "adam",
        "--batch-sizes",
        "16",
        "--epochs",
        "1",
    ];
    let (code, stdout, stderr) = outcome(command(folder.path(), &arguments).output().unwrap());
    assert_eq!(code, Some(0), "{stderr}");
    assert_has(&report("lines.json", stdout).2, &["2 configurations in 2 runs."]);
}

/// Creates a named pipe in `folder`.
#[cfg(unix)]
fn pipe(folder: &Path, name: &str) {
    use rustix::fs::{CWD, Mode, mkfifoat};
    mkfifoat(CWD, folder.join(name), Mode::RUSR | Mode::WUSR).unwrap();
}

#[cfg(unix)]
#[test]
fn anything_but_a_file_is_rejected_immediately() {
    let folder = common::cli::folder();
    pipe(folder.path(), "pipe");
    fs::create_dir(folder.path().join("folder")).unwrap();
    fs::write(folder.path().join("sweep.csv"), WANDB).unwrap();
    let cases: [(&[&str], &str); 9] = [
        (&["report", "pipe", "--out", "out"], "pipe: expected a file, found a named pipe"),
        (&["report", "/dev/zero", "--out", "out"], "/dev/zero: expected a file, found a device"),
        (&["report", "sweep.csv", "--out", "pipe"], "pipe: cannot create or write this folder: it is a named pipe"),
        (&["report", "sweep.csv", "--out", "/dev/null"], "it is a device"),
        (&["sweep", "--out", "pipe"], "pipe: expected a sweep's table, found a named pipe"),
        (&["sweep", "--out", "folder"], "folder: expected a sweep's table, found a folder"),
        (&["sweep", "--out", "/dev/null"], "expected a sweep's table, found a device"),
        (&["sweep", "merge", "pipe", "--out", "x.csv"], "pipe: expected a file, found a named pipe"),
        (&["sweep", "merge", "sweep.csv", "--out", "x.csv"], "expected a sweep's table"),
    ];
    for (arguments, expected) in cases {
        let (code, stdout, stderr) = outcome(command(folder.path(), arguments).output().unwrap());
        assert_eq!((code, stdout.as_str()), (Some(1), ""), "{arguments:?}: {stderr}");
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
    }
    assert!(!folder.path().join("out").exists() && !folder.path().join("x.csv").exists());
}

#[test]
fn a_report_replaces_only_reports() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("sweep.csv"), WANDB).unwrap();
    let report = |more: &[&str]| {
        let arguments = [&["report", "sweep.csv", "--out", "."], more].concat();
        outcome(command(folder.path(), &arguments).output().unwrap())
    };
    for name in ["report.html", "sweep-all.svg", "sweep-all.png"] {
        fs::write(path(name), "mine").unwrap();
        let (code, stdout, stderr) = report(&[]);
        assert_eq!((code, stdout.as_str()), (Some(1), ""), "{stderr}");
        assert_has(&stderr, &[name, "not from a report", "--overwrite"]);
        assert_eq!(fs::read_to_string(path(name)).unwrap(), "mine");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "something was written");
        fs::remove_file(path(name)).unwrap();
    }
    // It replaces its own files, and with --overwrite any file.
    assert_eq!(report(&[]).0, Some(0));
    assert_eq!(report(&[]).0, Some(0));
    fs::write(path("report.html"), "mine").unwrap();
    assert_eq!(report(&["--overwrite"]).0, Some(0));
    assert_has(&fs::read_to_string(path("report.html")).unwrap(), &["<h1>sweep.csv</h1>"]);
    // A folder at a file's path is found before anything is written.
    let other = TempDir::new().unwrap();
    fs::create_dir_all(other.path().join("sweep-all.png")).unwrap();
    let (code, _, stderr) = report(&["--out", other.path().to_str().unwrap()]);
    assert!(matches!(code, Some(1 | 2)), "{stderr}");
    assert_eq!(fs::read_dir(other.path()).unwrap().count(), 1);
}

#[test]
fn letters_missing_from_the_font_are_distinguishable() {
    let drawn = |activation: &str| {
        let folder = TempDir::new().unwrap();
        let table = format!("Activation,Optimizer,Validation Accuracy\n{activation},adam,0.9\ntanh,adam,0.8\n");
        fs::write(folder.path().join("sweep.csv"), table).unwrap();
        let (code, _, stderr) =
            outcome(command(folder.path(), &["report", "sweep.csv", "--out", "out"]).output().unwrap());
        assert_eq!(code, Some(0), "{stderr}");
        let file = |name: &str| fs::read(folder.path().join("out").join(name)).unwrap();
        let text = |name: &str| String::from_utf8(file(name)).unwrap();
        (text("sweep-all.svg"), text("report.html"), file("sweep-all.png"))
    };
    let mut pictures = Vec::new();
    for letters in ["🔥", "🎉", "数字", "שלום", "👩\u{200d}💻"] {
        let (svg, page, png) = drawn(letters);
        for text in [&svg, &page] {
            let part = format!(">{letters}</text>");
            assert!(text.contains(&part) && text.contains("font-family=\"sans-serif\""), "{letters}");
            assert!(!text.contains("\"#g0\""), "{letters}: a box");
        }
        roxmltree::Document::parse(&svg).unwrap();
        image::load_from_memory(&png).unwrap();
        pictures.push(png);
    }
    // The same width, but a different picture.
    assert_ne!(pictures[0], pictures[1]);
}
