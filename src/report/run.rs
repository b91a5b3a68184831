//! The section of a run.

use super::{
    Figure, Finding, Section,
    bars::capital,
    confusion, curves, digits, faults,
    history::{Counter, Epoch},
    words::{self, share},
};
use crate::{
    data::{CLASSES, Split},
    sweep::survey::Fault,
    train::{Confusion, Evaluation, Prediction},
};

/// A run to report on.
#[derive(Debug)]
pub struct Run<'a> {
    /// Data set and hyperparameters; begins with the data set's name.
    pub about: String,
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
    let mut findings = last_and_best(&run.history, run.counter);
    if let Some(matrix) = &run.matrix {
        findings.extend(mistakes(matrix));
        figures.extend(matrix_figures(matrix, &run.about, &mut missing));
    }
    Section {
        slug: slug.into(),
        title: title.into(),
        about: run.about.clone(),
        findings,
        figures,
        tables: Vec::new(),
        missing,
    }
}

fn matrix_figures(matrix: &Matrix, about: &str, missing: &mut Vec<String>) -> Vec<Figure> {
    let about = format!("{about} · {}", matrix.images);
    let mut figures = vec![Figure {
        name: "confusion".into(),
        picture: confusion::draw(&matrix.confusion, "Confusion matrix: images by true and predicted digit", &about),
        caption: "One row per true digit, one column per predicted digit.".into(),
    }];
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

/// Reports the last epoch and the best one.
fn last_and_best(history: &[Epoch], counter: Counter) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(last) = history.last() {
        let parts: Vec<String> = [("training", &last.training), ("test", &last.test), ("validation", &last.validation)]
            .into_iter()
            .filter_map(|(name, measure)| {
                let numbers = [("accuracy", measure.accuracy), ("loss", measure.loss)];
                let numbers: Vec<_> =
                    numbers.iter().filter_map(|(what, number)| Some(format!("{what} {}", share((*number)?)))).collect();
                (!numbers.is_empty()).then(|| format!("{name} {}", words::listed(&numbers)))
            })
            .collect();
        if !parts.is_empty() {
            findings.push(Finding::new(
                format!("Last {} ({})", counter.name(), last.epoch),
                capital(&parts.join("; ")) + ".",
            ));
        }
    }
    let tested = history.iter().filter_map(|epoch| Some((epoch.test.accuracy?, epoch.epoch)));
    // The first if several are equal.
    let best =
        tested.fold(None, |best: Option<(f64, f64)>, next| Some(best.filter(|best| best.0 >= next.0).unwrap_or(next)));
    if let Some((accuracy, epoch)) = best {
        findings
            .push(Finding::new("Best test accuracy", format!("{} after {} {epoch}.", share(accuracy), counter.name())));
    }
    findings
}

/// Reports the number of mistakes, the most frequent confusions and the digit with the lowest recall.
fn mistakes(matrix: &Matrix) -> Vec<Finding> {
    let Matrix { confusion, images, .. } = matrix;
    let (total, correct) = (confusion.total() as usize, confusion.correct() as usize);
    let accuracy = share(correct as f64 / total.max(1) as f64);
    let text = format!(
        "{} of {} wrong, accuracy {accuracy} ({images}).",
        words::grouped(total - correct),
        words::grouped(total)
    );
    let mut findings = vec![Finding::new("Mistakes", text)];
    let mut pairs: Vec<(u32, usize, usize)> = Vec::new();
    for label in 0..CLASSES {
        pairs.extend(
            (0..CLASSES).filter(|&digit| digit != label).map(|digit| (confusion.0[label][digit], label, digit)),
        );
    }
    pairs.retain(|pair| pair.0 > 0);
    pairs.sort_by_key(|&(count, label, digit)| (std::cmp::Reverse(count), label, digit));
    let most: Vec<String> =
        pairs.iter().take(3).map(|(count, label, digit)| format!("{label} read as {digit} ({count})")).collect();
    if !most.is_empty() {
        findings.push(Finding::new("Most frequent confusions", format!("{}.", words::listed(&most))));
    }
    let recalls = (0..CLASSES).filter_map(|class| Some((confusion.recall(class)?, class)));
    if let Some((recall, class)) = recalls.min_by(|a, b| a.0.total_cmp(&b.0)) {
        findings.push(Finding::new("Lowest recall", format!("{class}: {}.", share(recall))));
    }
    findings
}
