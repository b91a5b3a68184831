//! Texts for factors and numbers.

use crate::sweep::survey::{Configuration, Factor, Survey};

/// Formats an accuracy: `0.9897`.
pub(super) fn share(value: f64) -> String {
    format!("{value:.4}")
}

/// Formats a number with its noun: `1 run`, `3 runs`.
pub(super) fn counted(count: usize, what: &str) -> String {
    crate::format::counted(count as u64, what)
}

/// Formats a number: `60,000`.
pub(super) fn grouped(count: usize) -> String {
    crate::format::grouped(count as u64)
}

/// Joins a list: `a`, `a and b`, `a, b and c`.
pub(super) fn listed<T: AsRef<str>>(parts: &[T]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// Formats a value that has to be understood without its factor's name.
pub(super) fn value(factor: Factor, value: &str) -> String {
    let images = |what: &str| value.parse().map_or_else(|_| format!("{value} {what}"), |count| counted(count, what));
    match factor {
        Factor::POOLING if value == "avg" => "average pooling".into(),
        Factor::POOLING => format!("{value} pooling"),
        Factor::EPOCHS => images("epoch"),
        Factor::TrainingImages => images("training image"),
        Factor::TestImages => images("test image"),
        Factor::MeasuredOn => format!("measured on the {value} set"),
        Factor::BATCH_SIZE => format!("batch {value}"),
        Factor::Of(which) if which.names().is_none() => format!("{which} {value}"),
        Factor::DataSet | Factor::Of(_) => value.to_owned(),
    }
}

/// Returns the name of the accuracy in this survey.
pub(super) fn accuracy(survey: &Survey) -> &'static str {
    match survey.values(Factor::MeasuredOn) {
        [only] if only.eq_ignore_ascii_case("test") => "test accuracy",
        [only] if only.eq_ignore_ascii_case("validation") => "validation accuracy",
        _ => "accuracy",
    }
}

/// Names a configuration by the factors that vary: `relu · adam 0.001 · batch 16`.
pub(super) fn configuration(survey: &Survey, configuration: &Configuration) -> String {
    let varying = survey.varying();
    let factors = if varying.is_empty() { &Factor::SWEPT } else { varying };
    let known = factors.iter().filter(|factor| configuration.value(**factor).is_some());
    let text = values(known.map(|&factor| (factor, survey.value(configuration, factor))));
    if text.is_empty() { "the only configuration".into() } else { text }
}

/// Joins values in the order of factors: `relu · adam 0.001 · batch 16`.
pub(super) fn values<'a>(values: impl IntoIterator<Item = (Factor, &'a str)>) -> String {
    let mut text = String::new();
    let mut before = None;
    for (factor, value) in values {
        let is_pair = (before, factor) == (Some(Factor::OPTIMIZER), Factor::LEARNING_RATE);
        if !text.is_empty() {
            text += if is_pair { " " } else { " · " };
        }
        text += &if is_pair { value.to_owned() } else { self::value(factor, value) };
        before = Some(factor);
    }
    text
}

/// Lists what all configurations have in common, the data set first: `MNIST · 3 epochs · seed 1`.
pub(super) fn common(survey: &Survey) -> String {
    let mut parts: Vec<String> = survey.fixed().into_iter().map(|(factor, value)| self::value(factor, value)).collect();
    let sets = survey.values(Factor::DataSet);
    if sets.len() > 1 {
        parts.insert(0, listed(sets));
    }
    match survey.seeds()[..] {
        [] => {}
        [seed] => parts.push(format!("seed {seed}")),
        ref seeds => parts.push(format!("{} seeds", seeds.len())),
    }
    parts.join(" · ")
}
