//! A run's section.

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

/// What is known of a run.
#[derive(Debug)]
pub struct Run<'a> {
    /// What was trained on what; begins with the data set's name.
    pub about: String,
    pub history: Vec<Epoch>,
    pub counter: Counter,
    pub matrix: Option<Matrix<'a>>,
    /// Of the lines that it was read from.
    pub faults: Vec<Fault>,
    /// What else could not be had, and why.
    pub missing: Vec<String>,
}

/// What the network made of test images.
#[derive(Debug)]
pub struct Matrix<'a> {
    pub confusion: Confusion,
    /// Which images, and when it was measured.
    pub of: String,
    /// The images themselves, where they are at hand.
    pub set: Option<TestSet<'a>>,
    /// Pages of wrong digits, and as many of right ones.
    pub pages: usize,
}

/// Test images with the network's answers.
#[derive(Clone, Copy, Debug)]
pub struct TestSet<'a> {
    pub images: &'a Split,
    pub evaluation: &'a Evaluation,
}

/// Everything that can be drawn and said of a run.
pub fn of_run(slug: &str, title: &str, run: &Run) -> Section {
    let mut missing = [faults::told(&run.faults), run.missing.clone()].concat();
    let mut figures = Vec::new();
    match curves::draw(&run.history, run.counter, &run.about) {
        Some(picture) => figures.push(Figure {
            name: "curves".into(),
            picture,
            caption: match run.counter {
                Counter::Epoch => {
                    "Accuracy and loss after each epoch. Those of training are means over the epoch as it went on."
                }
                Counter::Step => "Accuracy and loss by the number of the step.",
            }
            .into(),
        }),
        None => missing.push("no curves: no epoch is complete".into()),
    }
    let mut findings = course(&run.history, run.counter);
    if let Some(matrix) = &run.matrix {
        findings.extend(mistakes(matrix));
        figures.extend(of_matrix(matrix, &run.about, &mut missing));
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

fn of_matrix(matrix: &Matrix, about: &str, missing: &mut Vec<String>) -> Vec<Figure> {
    let about = format!("{about} · {}", matrix.of);
    let mut figures = vec![Figure {
        name: "confusion".into(),
        picture: confusion::draw(&matrix.confusion, "Confusion matrix: images by true and predicted digit", &about),
        caption: "A row for each true digit, a column for each predicted one.".into(),
    }];
    let Some(TestSet { images, evaluation }) = matrix.set else { return figures };
    for (name, is_correct) in [("wrong", false), ("right", true)] {
        let shown: Vec<_> = evaluation.predictions.iter().filter(|it| it.is_correct() == is_correct).collect();
        if shown.is_empty() {
            missing.push(format!("no page of {name} digits: there is none"));
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

/// Where the run ended, and where it was best.
fn course(history: &[Epoch], counter: Counter) -> Vec<Finding> {
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
                format!("{} {}, the last", capital(counter.name()), last.epoch),
                capital(&parts.join("; ")) + ".",
            ));
        }
    }
    let tested = history.iter().filter_map(|epoch| Some((epoch.test.accuracy?, epoch.epoch)));
    // The first of equals.
    let best = tested.fold(None, |best: Option<(f64, f64)>, it| Some(best.filter(|best| best.0 >= it.0).unwrap_or(it)));
    if let Some((accuracy, epoch)) = best {
        findings
            .push(Finding::new("Best test accuracy", format!("{} after {} {epoch}.", share(accuracy), counter.name())));
    }
    findings
}

/// How many are wrong, which digits are taken for each other, and which is found least.
fn mistakes(matrix: &Matrix) -> Vec<Finding> {
    let Matrix { confusion, of, .. } = matrix;
    let (total, correct) = (confusion.total() as usize, confusion.correct() as usize);
    let accuracy = share(correct as f64 / total.max(1) as f64);
    let text =
        format!("{} of {} wrong, accuracy {accuracy} ({of}).", words::grouped(total - correct), words::grouped(total));
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
        pairs.iter().take(3).map(|(count, label, digit)| format!("{label} for {digit} ({count})")).collect();
    if !most.is_empty() {
        findings.push(Finding::new("Most often taken", format!("{}.", words::listed(&most))));
    }
    let recalls = (0..CLASSES).filter_map(|class| Some((confusion.recall(class)?, class)));
    if let Some((recall, class)) = recalls.min_by(|a, b| a.0.total_cmp(&b.0)) {
        findings.push(Finding::new("Lowest recall", format!("{class}: {}.", share(recall))));
    }
    findings
}
