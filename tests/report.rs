//! `lenet-monitor report`, from the user's side.

mod common;

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use lenet_monitor::{data, nn::OptimizerKind, report, sweep::survey::Survey};
use tempfile::TempDir;

const HEADER: &str = "Activation,Learning Rate,Optimizer,Batch Size,Validation Accuracy,Loss,Seed,Epochs,Seconds,State,\
                      Data Set,Key,Pooling,Measured On,Training Images,Test Images";

const ACTIVATIONS: [&str; 3] = ["relu", "tanh", "sigmoid"];
const RATES: [&str; 3] = ["0.01", "0.001", "0.0001"];
const OPTIMIZERS: [&str; 3] = ["sgd", "adam", "rmsprop"];
const BATCHES: [&str; 3] = ["16", "32", "64"];

/// Run of the grid.
#[derive(Clone, Copy)]
struct Cell {
    activation: &'static str,
    rate: &'static str,
    optimizer: &'static str,
    batch: &'static str,
}

fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for activation in ACTIVATIONS {
        for rate in RATES {
            for optimizer in OPTIMIZERS {
                cells.extend(BATCHES.map(|batch| Cell { activation, rate, optimizer, batch }));
            }
        }
    }
    cells
}

/// Returns a plausible accuracy that is easy to calculate with; `None` if the run diverged.
fn accuracy(cell: Cell) -> Option<f64> {
    let Cell { activation, rate, optimizer, batch } = cell;
    let best = match activation {
        "relu" => 0.98,
        "tanh" => 0.97,
        _ => 0.96,
    };
    let batch = match batch {
        "16" => 0.0,
        "32" => 0.01,
        _ => 0.02,
    };
    match (optimizer, rate) {
        ("sgd", _) if activation == "sigmoid" => Some(0.1135),
        ("sgd", "0.01") => Some(best - batch - 0.05),
        ("sgd", "0.001") => Some(best - batch - 0.15),
        ("sgd", _) => Some(best - batch - 0.5),
        ("rmsprop", "0.01") if activation == "tanh" && cell.batch == "16" => None,
        (_, rate) => {
            let rate = [("0.001", 0.0), ("0.01", 0.02)].iter().find(|it| it.0 == rate).map_or(0.04, |it| it.1);
            Some(best - batch - rate - if optimizer == "rmsprop" { 0.001 } else { 0.0 })
        }
    }
}

fn line(cell: Cell, accuracy: Option<f64>, seed: u32, dataset: &str) -> String {
    let Cell { activation, rate, optimizer, batch } = cell;
    let (result, epochs, state) = match accuracy {
        Some(accuracy) => (format!("{accuracy:.4},{:.4}", 1.0 - accuracy), 3, "done"),
        None => (",".into(), 1, "diverged"),
    };
    let key = format!("{activation}-{rate}-{optimizer}-{batch}-{seed}");
    format!(
        "{activation},{rate},{optimizer},{batch},{result},{seed},{epochs},2.5,{state},{dataset},{key},avg,test,60000,10000\n"
    )
}

/// Returns the table of the default grid.
fn sweep(dataset: &str) -> String {
    let lines = cells().into_iter().map(|cell| line(cell, accuracy(cell), 1, dataset));
    format!("{HEADER}\n{}", lines.collect::<String>())
}

struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, contents: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
        self
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lenet-monitor"));
        command.current_dir(self.0.path()).env_remove("LENET_MONITOR_DATA");
        // No test may use the network.
        command.env("LENET_MONITOR_MIRRORS", "http://127.0.0.1:9/").stdin(Stdio::null());
        command
    }

    /// Runs `report ARGUMENTS --out out`.
    fn report(&self, arguments: &[&str]) -> Ran {
        self.run(&[&["report", "--out", "out"], arguments].concat())
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let output = self.command().args(arguments).output().unwrap();
        let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        assert!(!err.contains("panicked"), "{err}");
        Ran { code: output.status.code().expect("no signal ended it"), out, err }
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Returns the page, without the alignment of cells.
    fn page(&self) -> String {
        self.text("out/report.html").replace(" class=\"number\"", "")
    }

    /// Returns all files in the folder `out`.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(self.path("out")).unwrap().map(|entry| entry.unwrap());
        let name = |entry: &fs::DirEntry| entry.file_name().into_string().unwrap();
        entries.map(|entry| (name(&entry), fs::read(entry.path()).unwrap())).collect()
    }

    /// Checks a picture's SVG and PNG, and returns its size and texts.
    #[track_caller]
    fn picture(&self, name: &str) -> (u32, u32, Vec<String>) {
        let svg = self.text(&format!("out/{name}.svg"));
        let document = roxmltree::Document::parse(&svg).unwrap_or_else(|error| panic!("{name}: {error}"));
        let root = document.root_element();
        let size = |side: &str| root.attribute(side).unwrap().parse::<u32>().unwrap();
        let (width, height) = (size("width"), size("height"));
        check_letters(&svg);

        let png = image::open(self.path(&format!("out/{name}.png"))).unwrap().into_rgb8();
        assert_eq!(png.dimensions(), (2 * width, 2 * height), "{name}");
        let inked = png.pixels().filter(|pixel| pixel.0 != [255; 3]).count();
        assert!(inked * 200 > png.pixels().len(), "{name} is all but blank");
        let colours: HashSet<_> = png.pixels().collect();
        assert!(colours.len() > 10, "{name}");
        let texts = root.descendants().filter(|node| node.tag_name().name() == "g");
        (width, height, texts.filter_map(|node| Some(node.attribute("aria-label")?.to_owned())).collect())
    }
}

/// Checks that every letter used has an outline.
#[track_caller]
fn check_letters(svg: &str) {
    let used: HashSet<_> = svg.split("href=\"#g").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let defined: HashSet<_> = svg.split(" id=\"g").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(!used.is_empty());
    assert!(used.is_subset(&defined), "{:?}", used.difference(&defined));
}

struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    #[track_caller]
    fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Returns the pictures' names, from the printed paths.
    fn pictures(&self) -> Vec<&str> {
        let names = self.out.lines().filter_map(|line| line.strip_suffix(".svg"));
        names.map(|path| path.strip_prefix("out/").unwrap()).collect()
    }
}

#[track_caller]
fn assert_has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(
            text.contains(part),
            "`{part}` is not in\n{}",
            text.lines().filter(|line| line.len() < 1000).collect::<Vec<_>>().join("\n")
        );
    }
}

#[track_caller]
fn assert_texts(texts: &[String], expected: &[&str]) {
    for text in expected {
        assert!(texts.iter().any(|found| found == text), "`{text}` is not among {texts:?}");
    }
}

#[test]
fn a_sweep_gives_all_charts_of_the_original_report() {
    let desk = Desk::new();
    let ran = desk.put("sweep.csv", sweep("MNIST")).report(&["sweep.csv"]).expect(0);
    assert_eq!(ran.err, "");
    let over = "-over-threshold";
    let mut expected = vec!["sweep-map".to_owned(), "sweep-all".to_owned()];
    for chart in ["batch-size", "learning-rate", "learning-rate-batch-16", "optimizer", "activation"] {
        expected.extend([format!("sweep-{chart}"), format!("sweep-{chart}{over}")]);
    }
    assert_eq!(ran.pictures(), expected);
    assert_eq!(ran.out.lines().count(), 2 * expected.len() + 1);
    assert_eq!(ran.out.lines().last(), Some("out/report.html"));
    assert_eq!(desk.files().len(), 2 * expected.len() + 1);

    let common = "MNIST · measured on the test set · 60,000 training images · 10,000 test images · average pooling · 3 epochs · seed 1";
    let all: Vec<_> = expected.iter().map(|name| desk.picture(name)).collect();
    for (name, (_, _, texts)) in expected.iter().zip(&all) {
        assert!(texts.iter().any(|text| text.starts_with("Test accuracy")), "{name}: {texts:?}");
        if name == "sweep-map" {
            continue;
        }
        assert_texts(texts, &["test accuracy (fraction of the images, 0 to 1)"]);
        let factors = ["activation", "optimizer", "learning rate", "batch size"];
        // At batch 16 the batch size is common to all results.
        let is_part = name.contains("batch-16");
        assert_texts(texts, if is_part { &factors[..3] } else { &factors });
        if !is_part {
            assert_texts(texts, &[common]);
            assert_texts(texts, &[ACTIVATIONS, OPTIMIZERS, RATES, BATCHES].concat());
        }
    }
    let (_, height, ranking) = &all[1];
    // The original chart is unreadable with 81 bars; this one has a line of text for each.
    assert!(*height > 81 * 15, "{height}");
    assert_texts(
        ranking,
        &["Test accuracy of all 81 configurations, best first", "81", "0.9800", "0.1135", "diverged"],
    );
    assert_eq!(ranking.iter().filter(|text| *text == "rmsprop").count(), 27 + 1, "a row each, and the legend");
    assert_texts(&all[6].2, &["Test accuracy by learning rate at batch 16"]);
    assert_texts(&all[7].2, &["Test accuracy by learning rate at batch 16, only results over 0.5"]);
}

#[test]
fn the_chart_over_the_threshold_has_no_result_below_it() {
    let desk = Desk::new();
    desk.put("sweep.csv", sweep("MNIST")).report(&["sweep.csv"]).expect(0);
    let tips = |name: &str| -> Vec<f64> {
        let svg = desk.text(&format!("out/{name}.svg"));
        let tips =
            svg.split("<title>").filter_map(|rest| rest.split_once("</title>")?.0.rsplit_once(": ")?.1.parse().ok());
        tips.collect()
    };
    // Each configuration is drawn twice: on its line, and beside the mean of its value.
    assert_eq!(tips("sweep-optimizer").len(), 2 * 80);
    assert_eq!(tips("sweep-optimizer-over-threshold").len(), 2 * 65);
    assert!(tips("sweep-optimizer-over-threshold").iter().all(|&accuracy| accuracy > 0.5));

    desk.report(&["sweep.csv", "--threshold", "0.93"]).expect(0);
    let expected = cells().into_iter().filter_map(accuracy).filter(|accuracy| *accuracy > 0.93 + 1e-9).count();
    assert_eq!(tips("sweep-optimizer-over-threshold").len(), 2 * expected);
    assert_texts(&desk.picture("sweep-optimizer").2, &["threshold 0.93"]);
}

#[test]
fn findings_agree_with_calculations_by_hand() {
    let desk = Desk::new();
    desk.put("sweep.csv", sweep("MNIST")).report(&["sweep.csv"]).expect(0);
    let page = desk.page();
    assert_has(
        &page,
        &[
            "<dd>81 configurations in 81 runs, 1 diverged.</dd>",
            "<dd>16 of 81 configurations with test accuracy at or below 0.5, or diverged.</dd>",
            "<tr><td>sigmoid · sgd</td><td>9</td><td>all</td><td>0.1135</td></tr>",
            "<tr><td>sgd 0.0001</td><td>9</td><td>all</td><td>0.1135 to 0.4800</td></tr>",
            "<tr><td>tanh · rmsprop 0.01 · batch 16</td><td>1</td><td>all</td><td>diverged</td></tr>",
            // Between 16 and 64, except for sigmoid with sgd, and where 16 diverged.
            "<tr><td>batch size</td><td>27</td><td>0.0200</td><td>0.0200</td>",
            "Configurations without a result are not included in the means.",
            "<tr><th>optimizer</th><th>0.0001</th><th>0.001</th><th>0.01</th></tr>",
            "<tr><td>sgd</td><td>0.3478</td><td>0.5812</td><td>0.6478</td></tr>",
            "<tr><td>adam</td><td>0.9200</td><td>0.9600</td><td>0.9400</td></tr>",
        ],
    );
    // The table of effects: value, configurations, mean, lowest, highest, failing, mean over the threshold.
    assert_has(
        &page,
        &[
            "<tr><td>sgd</td><td>27</td><td>0.5256</td><td>0.1135</td><td>0.9300</td><td>15</td><td>0.8650</td></tr>",
            "<tr><td>rmsprop</td><td>27</td><td>0.9386</td><td>0.8990</td><td>0.9790</td><td>1</td><td>0.9386</td></tr>",
        ],
    );
    // The best comes before the worst, and both are in the table of all.
    let worst =
        "<tr><td>80</td><td>sigmoid</td><td>sgd</td><td>0.01</td><td>64</td><td>0.1135</td><td>0.8865</td></tr>";
    assert_eq!(page.matches(worst).count(), 2, "{worst}");
    assert_has(
        &page,
        &["<tr><td>1</td><td>relu</td><td>adam</td><td>0.001</td><td>16</td><td>0.9800</td><td>0.0200</td></tr>"],
    );
}

/// Returns claim, verdict and numbers of each tested finding.
fn claims(page: &str) -> Vec<(String, bool, String)> {
    let mut claims = Vec::new();
    let mut head = String::new();
    for line in page.lines() {
        if let Some(rest) = line.strip_prefix("<dt>") {
            head = rest.trim_end_matches("</dt>").to_owned();
        } else if let Some((verdict, text)) =
            line.strip_prefix("<dd><strong class=\"").and_then(|it| it.split_once("</strong>, "))
        {
            claims.push((head.clone(), !verdict.ends_with("not confirmed"), text.trim_end_matches("</dd>").to_owned()));
        }
    }
    claims
}

#[test]
fn the_original_reports_findings_are_tested_against_the_numbers() {
    let desk = Desk::new();
    desk.put("sweep.csv", sweep("MNIST")).report(&["sweep.csv"]).expect(0);
    let tested = claims(&desk.page());
    let expected = [
        (
            "sgd with sigmoid fails, near 0.11",
            true,
            "9 of 9 configurations at or below 0.5 or diverged, accuracy 0.1135 to 0.1135",
        ),
        (
            "adam and rmsprop do well, sgd does not",
            true,
            "adam: 0.9400, rmsprop: 0.9386, sgd: 0.5256 (excluding 1 configuration without a result)",
        ),
        ("relu leads", true, "relu: 0.8786, tanh: 0.8655, sigmoid: 0.6575"),
        ("batch 16 is best, 64 worst", true, "16: 0.8051, 32: 0.8015, 64: 0.7926"),
    ];
    assert_eq!(tested.len(), 2 * expected.len());
    for (place, (claim, holds, numbers)) in expected.into_iter().enumerate() {
        let (all, as_ran) = (&tested[2 * place], &tested[2 * place + 1]);
        assert_eq!((all.0.as_str(), all.1), (claim, holds));
        assert_has(&all.2, &["over all learning rates: ", numbers]);
        assert_eq!((as_ran.0.as_str(), as_ran.1), (claim, holds));
        assert_has(&as_ran.2, &["sgd 0.01, adam and rmsprop 0.001"]);
    }
    // sgd at 0.01: (0.92 + 0.91 + 0.1135) / 3.
    assert_has(&tested[3].2, &["adam: 0.9600, rmsprop: 0.9590, sgd: 0.6478"]);

    // Results for which no finding holds.
    let other = |cell: Cell| match cell {
        Cell { optimizer: "sgd", .. } => 0.95 + if cell.activation == "tanh" { 0.02 } else { 0.0 },
        Cell { batch: "32", .. } => 0.9,
        _ => 0.8,
    };
    let lines: String = cells().into_iter().map(|cell| line(cell, Some(other(cell)), 1, "MNIST")).collect();
    desk.put("sweep.csv", format!("{HEADER}\n{lines}")).report(&["sweep.csv"]).expect(0);
    let tested = claims(&desk.page());
    assert_eq!(tested.len(), 8);
    assert!(tested.iter().all(|(_, holds, _)| !holds), "{tested:?}");

    // 16 is best and 64 is not the worst; adam does well and rmsprop does not; sgd fails, but not near 0.11.
    let halves = |cell: Cell| match cell {
        Cell { optimizer: "sgd", .. } => 0.3,
        Cell { optimizer: "rmsprop", .. } => 0.8,
        Cell { batch: "32", .. } => 0.94,
        Cell { batch: "64", .. } => 0.95,
        _ => 0.96,
    };
    let lines: String = cells().into_iter().map(|cell| line(cell, Some(halves(cell)), 1, "MNIST")).collect();
    desk.put("sweep.csv", format!("{HEADER}\n{lines}")).report(&["sweep.csv"]).expect(0);
    let holds = |tested: Vec<(String, bool, String)>, claim: &str| {
        tested.iter().any(|(head, holds, _)| head.starts_with(claim) && *holds)
    };
    for claim in ["sgd with sigmoid", "adam and rmsprop", "batch 16"] {
        assert!(!holds(claims(&desk.page()), claim), "{claim}");
    }
}

#[test]
fn a_finding_is_tested_only_if_its_values_occur() {
    let desk = Desk::new();
    let only = |keep: fn(&Cell) -> bool| {
        let lines = cells().into_iter().filter(keep).map(|cell| line(cell, accuracy(cell), 1, "MNIST"));
        desk.put("sweep.csv", format!("{HEADER}\n{}", lines.collect::<String>())).report(&["sweep.csv"]).expect(0);
        claims(&desk.page()).into_iter().map(|(claim, _, _)| claim).collect::<Vec<_>>()
    };
    assert_eq!(only(|cell| cell.optimizer == "adam" && cell.rate == "0.001" && cell.batch != "16"), ["relu leads"]);
    assert_eq!(
        only(|cell| cell.activation == "relu" && cell.optimizer == "adam" && cell.rate == "0.001"),
        ["batch 16 is best, 64 worst"]
    );
    assert_eq!(
        only(|cell| cell.activation == "sigmoid" && cell.rate == "0.01" && cell.batch == "16"),
        [
            "sgd with sigmoid fails, near 0.11",
            "sgd with sigmoid fails, near 0.11",
            "adam and rmsprop do well, sgd does not"
        ]
    );
}

#[test]
fn several_seeds_give_mean_and_range() {
    let desk = Desk::new();
    let mut csv = format!("{HEADER}\n");
    for cell in cells() {
        for (seed, aside) in [(1, -0.02), (2, 0.0), (3, 0.005)] {
            let accuracy = accuracy(cell).map(|accuracy| accuracy + aside);
            csv += &line(cell, accuracy, seed, "MNIST");
        }
    }
    desk.put("seeds.csv", csv).report(&["seeds.csv"]).expect(0);
    assert_has(
        &desk.page(),
        &["81 configurations in 243 runs, 3 diverged.", "<td>0.9750</td><td>0.9600</td><td>0.9850</td><td>3</td>"],
    );
    for (name, whiskers) in [("seeds-all", "bar"), ("seeds-optimizer", "marker")] {
        let (_, _, texts) = desk.picture(name);
        assert_texts(&texts, &[&format!("lowest and highest of several seeds; the {whiskers} is their mean")]);
        assert!(texts.iter().any(|text| text.ends_with("3 seeds")), "{texts:?}");
    }
}

#[test]
fn synthetic_digits_are_labelled_on_every_picture() {
    let desk = Desk::new();
    let ran = desk.put("sweep.csv", sweep("SYNTHETIC")).report(&["sweep.csv"]).expect(0);
    for name in ran.pictures() {
        let (_, _, texts) = desk.picture(name);
        assert_texts(&texts, &["SYNTHETIC"]);
        assert!(texts.iter().all(|text| !text.contains("MNIST")), "{texts:?}");
    }
    assert_has(&desk.page(), &["<strong class=\"alarm\">SYNTHETIC</strong>"]);
}

#[test]
fn the_page_is_self_contained() {
    let desk = Desk::new();
    common::made_up_images(&desk.path("bars"), 60, 50);
    trained(&desk, "runs");
    desk.put("sweep.csv", sweep("MNIST"))
        .report(&["sweep.csv", &run_of(&desk, "runs"), "--data-dir", "bars"])
        .expect(0);
    let page = desk.page();
    for foreign in ["http", "src=", "url(", "@import", "<link", "<script", "<iframe", "<object", "file:"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    let addresses: HashSet<_> = page.split("href=\"").skip(1).map(|rest| &rest[..rest.len().min(22)]).collect();
    for address in addresses {
        assert!(address.starts_with('#') || address.starts_with("data:image/png;base64,"), "{address}");
    }
    assert_eq!(page.matches("<figure>").count(), 12 + 5);
    assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
    check_letters(&page);
    let ids: Vec<_> = page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(ids.len(), ids.iter().collect::<HashSet<_>>().len());
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let desk = Desk::new();
    common::made_up_images(&desk.path("bars"), 60, 50);
    trained(&desk, "runs");
    desk.put("sweep.csv", sweep("MNIST"));
    let run = run_of(&desk, "runs");
    let files = || {
        desk.report(&["sweep.csv", &run, "--data-dir", "bars"]).expect(0);
        desk.files()
    };
    let (first, second) = (files(), files());
    assert!(first == second);
    assert_eq!(first.len(), 2 * (12 + 5) + 1);
}

#[test]
fn the_reports_own_five_columns_suffice() {
    let desk = Desk::new();
    let five = |line: &str| line.split(',').take(5).collect::<Vec<_>>().join(",") + "\r\n";
    let csv: String = sweep("MNIST").lines().map(five).collect();
    let ran = desk.put("five.csv", format!("\u{feff}{csv}")).report(&["five.csv"]).expect(0);
    // The one that diverged has no accuracy, and nothing says why.
    assert_eq!(ran.err, "lenet-monitor: five.csv: line 35: no accuracy; ignored\n");
    assert_eq!(ran.pictures().len(), 12);
    assert_texts(&desk.picture("five-all").2, &["Accuracy of all 80 configurations, best first"]);
    assert_has(&desk.page(), &["<h2>Not included</h2>", "line 35: no accuracy; ignored"]);
}

#[test]
fn a_damaged_table_is_drawn_as_far_as_possible_and_its_faults_are_listed() {
    let desk = Desk::new();
    let whole = sweep("MNIST");
    let lines: Vec<&str> = whole.lines().collect();
    let without_column = |gone: usize| -> String {
        let kept = |line: &&str| {
            let cells = line.split(',').enumerate().filter(|(place, _)| *place != gone);
            cells.map(|(_, cell)| cell).collect::<Vec<_>>().join(",") + "\n"
        };
        lines.iter().map(kept).collect()
    };
    let cases = [
        (
            "cut",
            whole[..whole.len() - 60].to_owned(),
            "line 82: expected 16 cells, found 10: the line is truncated",
            80,
        ),
        (
            "quote",
            whole.replacen("relu,0.01,adam,16", "relu,0.01,\"adam,16", 1),
            "line 5: expected 16 cells, found 3",
            80,
        ),
        ("nan", whole.replacen(",0.9800,", ",NaN,", 1), "line 14: the accuracy is NaN", 80),
        ("failed", whole.replacen("diverged", "failed", 1), "line 35: the run failed and has no result", 80),
        ("nul", format!("{whole}{}", "\0".repeat(500)), "line 83: expected 16 cells, found 1", 81),
        ("column", without_column(3), "line 1: no column `Batch Size`", 27),
    ];
    for (name, csv, fault, configurations) in cases {
        let file = format!("{name}.csv");
        let ran = desk.put(&file, csv).report(&[&file]).expect(0);
        assert_has(&ran.err, &[&format!("lenet-monitor: {file}: {fault}")]);
        assert_has(&desk.page(), &["<h2>Not included</h2>", fault]);
        let title = format!("Test accuracy of all {configurations} configurations, best first");
        assert_texts(&desk.picture(&format!("{name}-all")).2, &[&title]);
    }
}

#[test]
fn many_faults_are_summarised_in_few_lines() {
    let desk = Desk::new();
    let empty: String = (0..5000).map(|_| "relu,,adam,16,0.5\n").collect();
    let broken: String = (0..300).map(|number| format!("relu,0.1,adam,16,x{number}\n")).collect();
    let csv =
        format!("Activation,Learning Rate,Optimizer,Batch Size,Validation Accuracy\ntanh,1,sgd,8,0.5\n{empty}{broken}");
    let ran = desk.put("many.csv", csv).report(&["many.csv"]).expect(0);
    assert_has(&ran.err, &["lines 3 to 5002: Learning Rate is empty", "261 faults in other lines"]);
    assert!(ran.err.lines().count() < 50, "{}", ran.err.lines().count());
}

#[test]
fn values_of_other_programs_are_drawn() {
    let desk = Desk::new();
    let csv = "Optimizer,Activation,Units,Accuracy\n\
               lion,swish<&>\"',0.1,0.91\n\
               Ranger21 with a name that goes on and on and on,swish<&>\"',0.1,0.93\n\
               lion,数字,0.1,0.2\n";
    let ran = desk.put("other <things>.csv", csv).report(&["other <things>.csv"]).expect(0);
    assert_has(&ran.err, &["column `Units` is ignored", "no chart by learning rate: its values are unknown"]);
    assert_eq!(ran.pictures().len(), 6);
    let (width, _, texts) = desk.picture("other--things--optimizer");
    assert_texts(&texts, &["lion", "swish<&>\"'", "数字"]);
    assert!(width < 1500);
    assert_has(&desk.page(), &["<h1>other &lt;things&gt;.csv</h1>", "swish&lt;&amp;&gt;&quot;"]);
}

#[test]
fn a_sweep_of_other_factors_has_charts_for_them() {
    let desk = Desk::new();
    let lines = ["avg", "max"].into_iter().flat_map(|pooling| {
        let cells = cells().into_iter().filter(|cell| cell.optimizer == "adam" && cell.rate == "0.001");
        cells.map(move |cell| line(cell, accuracy(cell), 1, "MNIST").replace(",avg,", &format!(",{pooling},")))
    });
    let ran =
        desk.put("pooling.csv", format!("{HEADER}\n{}", lines.collect::<String>())).report(&["pooling.csv"]).expect(0);
    assert!(ran.pictures().contains(&"pooling-pooling"), "{:?}", ran.pictures());
    assert_texts(&desk.picture("pooling-pooling").2, &["pooling", "avg", "max"]);
    assert_has(&ran.err, &["no chart by optimizer: every result has adam"]);
    assert_texts(&desk.picture("pooling-all").2, &["Test accuracy of all 18 configurations, best first"]);
}

#[test]
fn very_many_configurations_become_several_rankings() {
    let desk = Desk::new();
    let rows: String = (1..=300).map(|batch| format!("relu,adam,{batch},0.{:03}\n", batch + 500)).collect();
    let ran =
        desk.put("wide.csv", format!("Activation,Optimizer,Batch,Accuracy\n{rows}")).report(&["wide.csv"]).expect(0);
    assert!(!ran.pictures().contains(&"wide-map"), "{:?}", ran.pictures());
    assert_eq!(&ran.pictures()[..3], ["wide-all", "wide-all-2", "wide-all-3"]);
    assert_texts(
        &desk.picture("wide-all-3").2,
        &["Accuracy of all 300 configurations, best first (241 to 300 of 300)", "300", "0.5010"],
    );
}

/// Trains two epochs on `bars`.
fn trained(desk: &Desk, runs: &str) {
    let arguments =
        ["--epochs", "2", "--data-dir", "bars", "--checkpoint-dir", runs, "--holdout", "10", "--threads", "1"];
    desk.run(&[&["train", "--headless"], &arguments[..]].concat()).expect(0);
}

/// Returns the only run in a folder of runs.
fn run_of(desk: &Desk, runs: &str) -> String {
    let mut entries = fs::read_dir(desk.path(runs)).unwrap();
    let name = entries.next().unwrap().unwrap().file_name().into_string().unwrap();
    assert!(entries.next().is_none());
    format!("{runs}/{name}")
}

#[test]
fn a_run_gives_curves_confusion_and_pages_of_digits() {
    let desk = Desk::new();
    common::made_up_images(&desk.path("bars"), 60, 50);
    trained(&desk, "runs");
    let run = run_of(&desk, "runs");
    let name = run.strip_prefix("runs/").unwrap();
    let ran = desk.report(&[&run, "--data-dir", "bars"]).expect(0);
    assert_eq!(
        ran.pictures(),
        ["curves", "confusion", "reliability", "wrong", "right"].map(|figure| format!("{name}-{figure}"))
    );

    let history = desk.run(&["history", &run, "--json"]).expect(0).out;
    let last: serde_json::Value = serde_json::from_str(history.lines().last().unwrap()).unwrap();
    let number = |name: &str| format!("{:.4}", last[name].as_f64().unwrap());
    let (_, _, curves) = desk.picture(&format!("{name}-curves"));
    assert_texts(
        &curves,
        &["epoch", "1", "2", "loss (cross-entropy in nats)", "accuracy (fraction of the images, 0 to 1)"],
    );
    for set in ["training", "test", "validation"] {
        let field = if set == "training" { "train" } else { set };
        let (accuracy, loss) = (number(&format!("{field}_accuracy")), number(&format!("{field}_loss")));
        assert_texts(&curves, &[&format!("{set}: accuracy {accuracy}, loss {loss} at the end")]);
    }
    assert!(curves.iter().any(|text| text.starts_with("bars · relu · adam 0.001 · batch 16")), "{curves:?}");

    let eval = desk.run(&["eval", &run, "--data-dir", "bars", "--json"]).expect(0).out;
    let eval: serde_json::Value = serde_json::from_str(&eval).unwrap();
    let confusion: Vec<Vec<u32>> = serde_json::from_value(eval["confusion"].clone()).unwrap();
    let (_, _, matrix) = desk.picture(&format!("{name}-confusion"));
    assert_texts(&matrix, &["predicted digit", "true digit", "recall", "precision"]);
    let svg = desk.text(&format!("out/{name}-confusion.svg"));
    for (label, row) in confusion.iter().enumerate() {
        for (digit, count) in row.iter().enumerate() {
            assert_has(&svg, &[&format!("{count} of 5 images of {label} predicted as {digit}")]);
        }
    }

    let correct = eval["correct"].as_u64().unwrap() as usize;
    for (figure, count) in [("right", correct), ("wrong", 50 - correct)] {
        let (_, _, texts) = desk.picture(&format!("{name}-{figure}"));
        let shown = count.min(25);
        let title = format!("Digits the network gets {figure}: 1 to {shown} of {count}");
        assert_texts(&texts, &[&title]);
        let captions = |what: &str| -> Vec<String> {
            texts.iter().filter_map(|text| Some(text.strip_prefix(what)?.to_owned())).collect()
        };
        let (predicted, truth) = (captions("Predicted "), captions("True "));
        assert_eq!((predicted.len(), truth.len()), (shown, shown));
        assert!(predicted.iter().zip(&truth).all(|(a, b)| (a == b) == (figure == "right")));
    }
    let page = desk.page();
    assert_has(&page, &["<h1>LeNet-5 on bars: relu, adam 0.001, batch 16</h1>", &format!("<td>{name}/last.ckpt</td>")]);
    assert_has(&page, &[&format!("<tr><td>50</td><td>{correct}</td><td>{}</td>", 50 - correct)]);
    for (caption, rows) in [("The run", 15), ("Epochs", 2), ("Each digit", 10)] {
        let table = page.split(&format!("<caption>{caption}</caption>")).nth(1).expect(caption);
        let table = table.split("</table>").next().unwrap();
        assert!(table.matches("<tr><td>").count() >= rows, "{caption}: {table}");
    }
    let row = format!("<td>{}</td><td>{}</td>", number("test_accuracy"), number("test_loss"));
    assert_has(page.split("<caption>Epochs").nth(1).unwrap(), &[&row]);
}

#[test]
fn more_pages_of_digits_are_drawn_on_request() {
    let desk = Desk::new();
    common::made_up_images(&desk.path("bars"), 60, 400);
    trained(&desk, "runs");
    let run = run_of(&desk, "runs");
    let ran = desk.report(&[&run, "--data-dir", "bars", "--pages", "3"]).expect(0);
    let wrong = ran.pictures().iter().filter(|name| name.contains("-wrong")).count();
    let right = ran.pictures().iter().filter(|name| name.contains("-right")).count();
    assert_eq!(wrong.max(right), 3, "{:?}", ran.pictures());
}

#[test]
fn without_its_data_a_run_is_drawn_as_far_as_possible() {
    let desk = Desk::new();
    let checkpoint = common::runs::made_up_checkpoint(OptimizerKind::Adam);
    fs::create_dir(desk.path("run-1")).unwrap();
    checkpoint.write(&desk.path("run-1/best.ckpt")).unwrap();
    let ran = desk.report(&["run-1"]).expect(0);
    assert_eq!(ran.pictures(), ["run-1-curves", "run-1-confusion"]);
    assert_has(&ran.err, &["run-1: no digits: expected the checkpoint's own data set, bars"]);
    let (_, _, texts) = desk.picture("run-1-confusion");
    assert_has(&texts.join(" "), &["measured by the run after epoch 2"]);

    // A data set given by flag must be available.
    desk.put("bad/train-images-idx3-ubyte", "no images");
    let ran = desk.report(&["run-1", "--data-dir", "bad"]).expect(1);
    assert_has(&ran.err, &["bad/train-images-idx3-ubyte"]);
}

#[test]
fn a_different_data_set_is_named_on_the_picture() {
    let desk = Desk::new();
    let checkpoint = common::runs::made_up_checkpoint(OptimizerKind::Adam);
    checkpoint.write(&desk.path("made-up.ckpt")).unwrap();
    common::made_up_images(&desk.path("others"), 20, 40);
    desk.report(&["made-up.ckpt", "--data-dir", "others"]).expect(0);
    let folder = desk.0.path().canonicalize().unwrap();
    let slug = format!("{}-made-up", folder.file_name().unwrap().to_str().unwrap());
    let (_, _, texts) = desk.picture(&format!("{slug}-confusion"));
    let about: String = texts.join(" ");
    assert_has(&about, &["bars · relu", "tested on 40 images of others"]);
}

#[test]
fn histories_are_drawn_from_every_output() {
    let desk = Desk::new();
    common::made_up_images(&desk.path("bars"), 60, 50);
    let arguments = ["train", "--json", "--epochs", "3", "--data-dir", "bars", "--checkpoint-dir", "runs"];
    let lines = desk.run(&arguments).expect(0).out;
    let run = run_of(&desk, "runs");
    let csv = desk.run(&["history", &run, "--csv"]).expect(0).out;
    let json = desk.run(&["history", &run, "--json"]).expect(0).out;
    desk.put("a", &lines).put("b.csv", &csv).put("c.txt", &json);
    desk.put(
        "keras.csv",
        "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.9468,0.1737,0.9785,0.0667\n1,0.9809,0.0621,0.9835,0.0546\n",
    );
    let ran = desk.report(&["a", "b.csv", "c.txt", "keras.csv"]).expect(0);
    assert_eq!(ran.err, "");
    assert_eq!(ran.pictures(), ["a-curves", "b-curves", "c-curves", "keras-curves"]);
    let curves = desk.picture("a-curves");
    assert!(curves.2.contains(&"bars".to_owned()), "{:?}", curves.2);
    assert_eq!(desk.picture("b-curves"), curves);
    assert_eq!(desk.picture("c-curves"), curves);
    let (_, _, keras) = desk.picture("keras-curves");
    assert_texts(
        &keras,
        &["training: accuracy 0.9809, loss 0.0621 at the end", "test: accuracy 0.9835, loss 0.0546 at the end"],
    );
}

#[test]
fn a_damaged_history_is_drawn_as_far_as_possible() {
    let desk = Desk::new();
    let csv = "epoch,train_loss,train_accuracy,test_loss,test_accuracy\n\
               1,0.5,0.8,0.4,0.85\n2,NaN,0.1,,0.1\nnot,a,number,at,all\n3,0.3\n4,1e300,0.9,0.2,0.9\n";
    let ran = desk.put("h.csv", csv).report(&["h.csv"]).expect(0);
    let expected = [
        "line 3: train_loss is not a finite number",
        "line 4: expected a number in `epoch`",
        "line 5: expected 5 cells, found 2",
    ];
    assert_has(&ran.err, &expected);
    assert_has(&desk.page(), &expected);
    assert_texts(&desk.picture("h-curves").2, &["loss (cross-entropy in nats, logarithmic)"]);

    let json = "{\"event\":\"epoch\",\"epoch\":1,\"train_loss\":null,\"train_accuracy\":0.5,\"dataset\":\"SYNTHETIC\"}\n{\"event\":\"epo";
    let ran = desk.put("j", json).report(&["j"]).expect(0);
    assert_has(&ran.err, &["line 1: train_loss is not a finite number", "line 2: expected a JSON object; ignored"]);
    assert_texts(&desk.picture("j-curves").2, &["SYNTHETIC", "no loss recorded"]);
}

#[test]
fn nothing_to_draw_is_an_error_and_leaves_no_folder() {
    let desk = Desk::new();
    desk.put("empty.csv", "")
        .put("header.csv", format!("{HEADER}\n"))
        .put("failed.csv", format!("{HEADER}\n{}", "relu,0.1,sgd,8,,,1,0,0,failed,MNIST,k,avg,test,1,1\n"));
    desk.put("picture.png", b"\x89PNG\r\n\x1a\n........................")
        .put("notes.txt", "Dear diary,\n")
        .put("o.json", "{}\n");
    let cases = [
        ("empty.csv", "found an empty file"),
        ("header.csv", "no run has a result"),
        ("failed.csv", "the run failed and has no result"),
        ("picture.png", "found a PNG image"),
        ("notes.txt", "expected a header with `Validation Accuracy`"),
        ("o.json", "no complete epoch"),
        ("nowhere.csv", "No such file"),
    ];
    for (name, reason) in cases {
        let ran = desk.report(&[name]).expect(1);
        assert_has(&ran.err, &[name, reason, "nothing to draw"]);
        assert_eq!(ran.out, "");
        assert!(!desk.path("out").exists(), "{name}");
    }
    // A run whose folder has no checkpoint yet.
    fs::create_dir(desk.path("fresh")).unwrap();
    assert_has(&desk.report(&["fresh"]).expect(1).err, &["fresh", "No such file"]);
}

#[test]
fn what_can_be_drawn_is_drawn_beside_what_cannot() {
    let desk = Desk::new();
    desk.put("sweep.csv", sweep("MNIST")).put("old/sweep.csv", sweep("SYNTHETIC")).put("bad.csv", "x\n");
    let ran = desk.report(&["bad.csv", "sweep.csv", "old/sweep.csv"]).expect(1);
    assert_has(&ran.err, &["bad.csv: expected a header"]);
    // Both have the same name, and neither overwrites the other.
    assert_eq!(ran.pictures().len(), 24);
    assert_texts(&desk.picture("sweep-2-all").2, &["SYNTHETIC"]);
    assert_has(&desk.page(), &["<section id=\"sweep\">", "<section id=\"sweep-2\">", "<a href=\"#sweep-2\">"]);
}

#[test]
fn a_folder_that_cannot_be_created_or_written_is_reported() {
    let desk = Desk::new();
    desk.put("sweep.csv", sweep("MNIST")).put("file", "in the way");
    for out in ["file", "file/below"] {
        let ran = desk.run(&["report", "sweep.csv", "--out", out]).expect(1);
        assert_has(&ran.err, &[out, "cannot create or write this folder", "--out"]);
        assert_eq!(ran.out, "");
    }
    assert_eq!(desk.text("file"), "in the way");

    // A file that cannot be replaced leaves no partial file.
    fs::create_dir_all(desk.path("out/sweep-all.png/x")).unwrap();
    let ran = desk.report(&["sweep.csv"]).expect(1);
    assert_has(&ran.err, &["sweep-all.png", "cannot write"]);
    let left = fs::read_dir(desk.path("out")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(left.into_iter().all(|name| !name.contains("partial")));
}

#[test]
fn invalid_arguments_are_reported_as_such() {
    let desk = Desk::new();
    desk.put("sweep.csv", sweep("MNIST"));
    let cases: [(&[&str], &str); 4] = [
        (&["report", "--out", "out"], "<SOURCE>"),
        (&["report", "sweep.csv"], "--out"),
        (&["report", "sweep.csv", "--out", "out", "--threshold", "50"], "0 to 1"),
        (&["report", "sweep.csv", "--out", "out", "--pages", "x"], "--pages"),
    ];
    for (arguments, reason) in cases {
        assert_has(&desk.run(arguments).expect(2).err, &[reason]);
    }
}

#[test]
fn a_real_runs_digits_are_on_the_page() {
    let Some(mnist) = common::mnist() else { return };
    let desk = Desk::new();
    common::first_images(&mnist, &desk.path("mnist"), 2_000, 200);
    let arguments = ["--epochs", "1", "--data-dir", "mnist", "--checkpoint-dir", "runs"];
    desk.run(&[&["train", "--headless"], &arguments[..]].concat()).expect(0);
    desk.report(&[&run_of(&desk, "runs"), "--data-dir", "mnist"]).expect(0);
    let request = data::Request { choice: data::Choice::Auto, folder: desk.path("mnist") };
    let dataset = data::load(&request, &mut |_| ()).unwrap();
    // The first correct digit, dark on white, with four by four SVG pixels per pixel.
    let name = desk.files().into_keys().find(|name| name.ends_with("-right.svg")).unwrap();
    let svg = desk.text(&format!("out/{name}"));
    let tip = svg.split("<title>image ").nth(1).unwrap();
    let index: usize = tip.split(':').next().unwrap().parse().unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let image = document.descendants().find(|node| node.tag_name().name() == "image").unwrap();
    let place = |side: &str| image.attribute(side).unwrap().parse::<f64>().unwrap();
    let png = image::open(desk.path(&format!("out/{}", name.replace(".svg", ".png")))).unwrap().into_luma8();
    for (pixel, ink) in dataset.test.image(index).iter().enumerate() {
        let (row, column) = (pixel / 28, pixel % 28);
        let x = (place("x") * 2.0 + column as f64 * 8.0 + 4.0) as u32;
        let y = (place("y") * 2.0 + row as f64 * 8.0 + 4.0) as u32;
        assert_eq!(png.get_pixel(x, y).0, [255 - ink], "row {row}, column {column}");
    }
}

#[test]
fn any_damage_to_a_table_is_survived() {
    let whole = sweep("MNIST").into_bytes();
    let mut state = 7_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let (mut drawn, mut refused) = (0, 0);
    for round in 0..200 {
        let mut bytes = whole.clone();
        for _ in 0..1 + round % 40 {
            let place = random(bytes.len());
            match random(4) {
                0 => bytes[place] = random(256) as u8,
                1 => bytes[place] = b"\",\n\r;\t.-e0919"[random(13)],
                2 => drop(bytes.drain(place..(place + random(200)).min(bytes.len()))),
                _ => bytes.truncate(bytes.len() - random(40)),
            }
        }
        let Ok(reading) = Survey::read(&bytes) else {
            refused += 1;
            continue;
        };
        let section = report::sweep_section("damaged", "damaged.csv", &reading, 0.5);
        drawn += section.figures.len();
        assert!(!section.missing.is_empty() || reading.faults.is_empty());
        if round % 50 == 0 {
            let folder = tempfile::tempdir().unwrap();
            report::write(&[section], folder.path()).unwrap();
        }
    }
    assert!(drawn > 1_000 && refused < 100, "{drawn} drawn, {refused} refused");
}

#[test]
fn a_huge_table_gives_pictures_of_limited_size() {
    let desk = Desk::new();
    let rows: String = (1..=4_000)
        .map(|number| format!("a{},o{},{number},0.{:03}\n", number % 90, number % 7, number % 1_000))
        .collect();
    let ran =
        desk.put("vast.csv", format!("Activation,Optimizer,Batch,Accuracy\n{rows}")).report(&["vast.csv"]).expect(0);
    assert_has(
        &ran.err,
        &[
            "only the first 1,200 are drawn as bars; the table has the rest",
            "no chart by batch size: 4,000 values",
            "no chart by activation: 90 values",
        ],
    );
    assert_eq!(ran.pictures().len(), 10 + 2);
    let (width, height, _) = desk.picture("vast-optimizer");
    assert!(width < 2_000 && height < 2_000, "{width}x{height}");
    assert_has(&desk.page(), &["<td>4,000</td>", " more</td>"]);
}

/// Returns, for each mark with a tooltip, the number at its end and the mark's attributes.
fn marks(svg: &str, element: &str, attributes: [&str; 2]) -> Vec<(f64, f64, f64)> {
    let document = roxmltree::Document::parse(svg).unwrap();
    let tips =
        document.descendants().filter(|node| node.tag_name().name() == "title" && node.parent_element().is_some());
    tips.filter_map(|tip| {
        let value = tip.text()?.rsplit_once(": ")?.1.parse().ok()?;
        let mark = tip.parent_element()?.children().find(|node| node.tag_name().name() == element)?;
        let [a, b] = attributes.map(|name| mark.attribute(name).unwrap().parse::<f64>().unwrap());
        Some((value, a, b))
    })
    .collect()
}

#[test]
fn marks_are_drawn_at_their_numbers() {
    let desk = Desk::new();
    desk.put("sweep.csv", sweep("MNIST")).report(&["sweep.csv"]).expect(0);
    let bars = marks(&desk.text("out/sweep-all.svg"), "rect", ["width", "y"]);
    assert_eq!(bars.len(), 80);
    for pair in bars.windows(2) {
        let [(first, _, above), (second, _, below)] = pair else { unreachable!() };
        assert!(first >= second && above < below, "best first: {pair:?}");
    }
    // The scale begins at 0 and is linear.
    assert!(bars.iter().all(|(accuracy, width, _)| (width / accuracy - 470.0).abs() < 0.1), "{bars:?}");

    for (name, from, to) in [("sweep-optimizer", 0.0, 1.0), ("sweep-optimizer-over-threshold", 0.75, 1.0)] {
        let svg = desk.text(&format!("out/{name}.svg"));
        let tick = |label: &str| {
            let place = svg.split(&format!("aria-label=\"{label}\" transform=\"translate(")).nth(1).unwrap();
            // The baseline of a number is 4 below its line.
            place.split([' ', ')']).nth(1).unwrap().parse::<f64>().unwrap() - 4.0
        };
        let decimals = if from > 0.0 { 2 } else { 1 };
        let (bottom, top) = (tick(&format!("{from:.decimals$}")), tick(&format!("{to:.decimals$}")));
        assert!((bottom - top - 360.0).abs() < 0.1, "{name}: the panel is from {top} to {bottom}");
        // Circles are sgd's.
        let circles = marks(&svg, "circle", ["cy", "cx"]);
        assert_eq!(circles.len(), 2 * if from > 0.0 { 12 } else { 27 });
        for (accuracy, y, _) in circles {
            let expected = bottom + (accuracy - from) / (to - from) * (top - bottom);
            assert!((y - expected).abs() < 0.1, "{name}: {accuracy} at {y}, not {expected}");
        }
    }
}
