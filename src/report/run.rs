//! The section of a run.

use super::{
    Figure, Section, Table,
    bars::capital,
    confusion, curves, digits, faults,
    history::{Counter, Epoch},
    reliability,
    words::{self, share},
};
use crate::{
    data::{CLASSES, Split},
    sweep::survey::Fault,
    train::{Bin, Calibration, Confusion, Evaluation, Prediction, Temperature, bin_range},
};

/// Maximum number of epochs or steps in a table.
const MOST_ROWS: usize = 1_000;
/// Number of confusions listed.
const CONFUSIONS: usize = 10;

/// A run to report on.
#[derive(Debug)]
pub struct Run<'a> {
    /// Data set and hyperparameters; begins with the data set's name.
    pub about: String,
    /// Names and values of what the run was trained with.
    pub parameters: Vec<(String, String)>,
    pub history: Vec<Epoch>,
    pub counter: Counter,
    pub matrix: Option<Matrix<'a>>,
    /// Faults in the lines that it was read from.
    pub faults: Vec<Fault>,
    /// What else is missing, and why.
    pub missing: Vec<String>,
}

/// Confusion matrix of the network on test images.
#[derive(Debug)]
pub struct Matrix<'a> {
    pub confusion: Confusion,
    /// Description of the images, and of when they were evaluated.
    pub images: String,
    /// Images themselves, if available.
    pub set: Option<TestSet<'a>>,
    /// Number of pages of misread digits, and of correct ones.
    pub pages: usize,
    /// Temperature fitted on the run's held-out images, or why there is none.
    pub temperature: Result<Temperature, String>,
}

/// Test images with the network's predictions.
#[derive(Clone, Copy, Debug)]
pub struct TestSet<'a> {
    pub images: &'a Split,
    pub evaluation: &'a Evaluation,
}

/// Builds a run's section.
pub fn run_section(slug: &str, title: &str, run: &Run) -> Section {
    let mut missing = [faults::listed(&run.faults), run.missing.clone()].concat();
    let mut figures = Vec::new();
    match curves::draw(&run.history, run.counter, &run.about) {
        Some(picture) => figures.push(Figure {
            name: "curves".into(),
            picture,
            caption: match run.counter {
                Counter::Epoch => "Accuracy and loss after each epoch. Training values are averages over the epoch.",
                Counter::Step => "Accuracy and loss by step.",
            }
            .into(),
        }),
        None => missing.push("no curves: no complete epoch".into()),
    }
    let mut summary: Vec<Table> = last_and_best(run).into_iter().collect();
    let parameters = run.parameters.iter().map(|(name, value)| vec![name.clone(), value.clone()]);
    let header = ["parameter", "value"].map(str::to_owned).into();
    let parameters = Table { caption: "The run".into(), header, rows: parameters.collect() };
    summary.extend(Some(parameters).filter(|table| !table.rows.is_empty()));
    let mut reliability = None;
    if let Some(matrix) = &run.matrix {
        summary.extend(mistakes(matrix));
        let curve = Reliability::of(matrix, &mut missing);
        figures.extend(matrix_figures(matrix, curve.as_ref(), &run.about, &mut missing));
        reliability = curve.as_ref().map(Reliability::table);
    }
    Section {
        slug: slug.into(),
        title: title.into(),
        about: run.about.clone(),
        summary,
        findings: Vec::new(),
        figures,
        tables: reliability.into_iter().chain(epochs(run, &mut missing)).collect(),
        missing,
    }
}

/// Builds the table of all epochs, unless they are too many.
fn epochs(run: &Run, missing: &mut Vec<String>) -> Option<Table> {
    let (count, name) = (run.history.len(), run.counter.name());
    if count > MOST_ROWS {
        missing.push(format!("no table of {}: at most {} fit", words::counted(count, name), words::grouped(MOST_ROWS)));
    }
    let caption = capital(name) + "s";
    let epochs: Vec<&Epoch> = run.history.iter().collect();
    (1..=MOST_ROWS).contains(&count).then(|| epochs_table(caption, run.counter, &epochs))
}

const CAPTION: &str = "Accuracy of the answers by their confidence, the probability of the predicted digit. Below the \
                       diagonal the network is surer than it is right. The expected calibration error is the mean \
                       distance from the diagonal, weighted by the number of images.";

/// Reliability curves of the network's confidence.
struct Reliability {
    plain: Calibration,
    /// With the temperature fitted on held-out images.
    scaled: Result<(Temperature, Calibration), String>,
}

impl Reliability {
    /// Returns the curves, if the test images were evaluated.
    fn of(matrix: &Matrix, missing: &mut Vec<String>) -> Option<Self> {
        let TestSet { evaluation, .. } = matrix.set?;
        let Some(plain) = Calibration::of(evaluation) else {
            missing.push("no reliability curve: the network gives no finite answers".into());
            return None;
        };
        let scaled = matrix.temperature.clone().and_then(|temperature| {
            let calibration = Calibration::of(&temperature.apply(evaluation));
            Ok((temperature, calibration.ok_or("it gives no finite probabilities")?))
        });
        Some(Self { plain, scaled })
    }

    fn figure(&self, about: &str) -> Figure {
        let scaled = self.scaled.as_ref().ok().map(|(temperature, calibration)| (temperature.value(), calibration));
        let without = self.scaled.as_ref().err().map(|reason| format!(" No temperature: {reason}."));
        Figure {
            name: "reliability".into(),
            picture: reliability::draw(&self.plain, scaled, about),
            caption: CAPTION.to_owned() + &without.unwrap_or_default(),
        }
    }

    fn table(&self) -> Table {
        let header = ["confidence", "images", "mean confidence", "accuracy"].map(str::to_owned).into();
        let bins = self.plain.bins.iter().enumerate().filter(|(_, bin)| bin.images > 0);
        let row = |(place, bin): (usize, &Bin)| {
            let (from, to) = bin_range(place);
            let number = |number: Option<f64>| number.map_or_else(|| "–".into(), share);
            let images = words::grouped(bin.images as usize);
            vec![format!("{from:.1} to {to:.1}"), images, number(bin.confidence()), number(bin.accuracy())]
        };
        Table { caption: "Reliability".into(), header, rows: bins.map(row).collect() }
    }
}

fn matrix_figures(
    matrix: &Matrix,
    reliability: Option<&Reliability>,
    about: &str,
    missing: &mut Vec<String>,
) -> Vec<Figure> {
    let about = format!("{about} · {}", matrix.images);
    let mut figures = vec![Figure {
        name: "confusion".into(),
        picture: confusion::draw(&matrix.confusion, "Confusion matrix: images by true and predicted digit", &about),
        caption: "One row per true digit, one column per predicted digit.".into(),
    }];
    figures.extend(reliability.map(|curve| curve.figure(&about)));
    let Some(TestSet { images, evaluation }) = matrix.set else { return figures };
    for (name, is_correct) in [("wrong", false), ("right", true)] {
        let shown: Vec<_> =
            evaluation.predictions.iter().filter(|prediction| prediction.is_correct() == is_correct).collect();
        if shown.is_empty() {
            missing.push(format!("no page of {name} digits: there are none"));
        }
        figures.extend(pages(images, &shown, name, &about, matrix.pages));
    }
    figures
}

fn pages(images: &Split, shown: &[&Prediction], name: &str, about: &str, pages: usize) -> Vec<Figure> {
    let count = words::grouped(shown.len());
    let pages = shown.chunks(digits::PAGE).take(pages).enumerate();
    let figure = |(page, shown): (usize, &[&Prediction])| {
        let (first, last) = (page * digits::PAGE + 1, page * digits::PAGE + shown.len());
        let title = format!("Digits the network gets {name}: {first} to {last} of {count}");
        Figure {
            name: if page == 0 { name.to_owned() } else { format!("{name}-{}", page + 1) },
            picture: digits::draw(images, shown, &title, about),
            caption: "In the order of the test set.".into(),
        }
    };
    pages.map(figure).collect()
}

/// Builds the table of the last epoch and of the one with the best test accuracy.
fn last_and_best(run: &Run) -> Option<Table> {
    let last = run.history.last()?;
    let tested = run.history.iter().filter(|epoch| epoch.test.accuracy.is_some());
    // The first if several are equal.
    let best = tested.fold(None, |best: Option<&Epoch>, next| {
        Some(best.filter(|best| best.test.accuracy >= next.test.accuracy).unwrap_or(next))
    });
    let rows = match best {
        Some(best) if best.epoch == last.epoch => vec![("best and last", last)],
        Some(best) => vec![("best", best), ("last", last)],
        None => vec![("last", last)],
    };
    let epochs: Vec<&Epoch> = rows.iter().map(|(_, epoch)| *epoch).collect();
    let mut table = epochs_table("Results".into(), run.counter, &epochs);
    table.header.insert(0, String::new());
    for (row, (name, _)) in table.rows.iter_mut().zip(rows) {
        row.insert(0, name.into());
    }
    Some(table)
}

/// Builds a table of epochs, with a column for each number that some of them have.
fn epochs_table(caption: String, counter: Counter, epochs: &[&Epoch]) -> Table {
    type Number = fn(&Epoch) -> Option<f64>;
    let columns: [(&str, Number); 6] = [
        ("training accuracy", |epoch| epoch.training.accuracy),
        ("training loss", |epoch| epoch.training.loss),
        ("test accuracy", |epoch| epoch.test.accuracy),
        ("test loss", |epoch| epoch.test.loss),
        ("validation accuracy", |epoch| epoch.validation.accuracy),
        ("validation loss", |epoch| epoch.validation.loss),
    ];
    let columns: Vec<_> =
        columns.into_iter().filter(|(_, number)| epochs.iter().any(|epoch| number(epoch).is_some())).collect();
    let header = [counter.name()].into_iter().chain(columns.iter().map(|(name, _)| *name)).map(str::to_owned);
    let row = |epoch: &&Epoch| {
        let numbers = columns.iter().map(|(_, number)| number(epoch).map_or_else(|| "–".into(), share));
        [epoch.epoch.to_string()].into_iter().chain(numbers).collect()
    };
    Table { caption, header: header.collect(), rows: epochs.iter().map(row).collect() }
}

/// Builds the tables of the test images, of the most frequent confusions, and of each digit.
fn mistakes(matrix: &Matrix) -> [Table; 3] {
    let Matrix { confusion, images, .. } = matrix;
    let (total, correct) = (confusion.total() as usize, confusion.correct() as usize);
    let table = |caption: String, header: &[&str], rows: Vec<Vec<String>>| Table {
        caption,
        header: header.iter().map(|&name| name.to_owned()).collect(),
        rows,
    };
    let accuracy = share(correct as f64 / total.max(1) as f64);
    let numbers = [total, correct, total - correct].map(words::grouped);
    let summary = numbers.into_iter().chain([accuracy]).collect();
    let mut pairs: Vec<(u32, usize, usize)> = Vec::new();
    for label in 0..CLASSES {
        pairs.extend(
            (0..CLASSES).filter(|&digit| digit != label).map(|digit| (confusion.0[label][digit], label, digit)),
        );
    }
    pairs.retain(|pair| pair.0 > 0);
    pairs.sort_by_key(|&(count, label, digit)| (std::cmp::Reverse(count), label, digit));
    let most = pairs
        .into_iter()
        .take(CONFUSIONS)
        .map(|(count, label, digit)| vec![label.to_string(), digit.to_string(), words::grouped(count as usize)]);
    let number = |number: Option<f64>| number.map_or_else(|| "–".into(), share);
    let digits = (0..CLASSES).map(|class| {
        let images: u32 = confusion.0[class].iter().sum();
        let numbers = [confusion.precision(class), confusion.recall(class)].map(number);
        [class.to_string(), words::grouped(images as usize)].into_iter().chain(numbers).collect()
    });
    [
        table(capital(images), &["images", "correct", "wrong", "accuracy"], vec![summary]),
        table("Most frequent confusions".into(), &["digit", "read as", "images"], most.collect()),
        table("Each digit".into(), &["digit", "images", "precision", "recall"], digits.collect()),
    ]
}
