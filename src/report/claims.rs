//! The original report's findings, each tested against the numbers.
//!
//! That report never passed its learning rates to the optimizers, so all its runs used Keras's defaults: 0.01 for SGD,
//! 0.001 for Adam and RMSprop. If a sweep has these, a finding is also tested on them alone, as the report actually
//! ran.

use super::{
    Finding,
    findings::{listed, means},
    words::{self, counted, share},
};
use crate::sweep::survey::{Configuration, Factor, Summary, Survey};

/// Distance that counts as "near 0.11".
const NEAR: f64 = 0.05;
const GUESSING: f64 = 0.11;
/// Mean accuracy from which a value "does well".
const WELL: f64 = 0.9;
/// Keras's default learning rates.
const KERAS: [(&str, &str); 3] = [("sgd", "0.01"), ("adam", "0.001"), ("rmsprop", "0.001")];

/// Tests each claim that the survey has values for, on all results and on the report's learning rates alone.
pub(super) fn tested(survey: &Survey, threshold: f64) -> Vec<Finding> {
    let mut scopes = vec![("", survey.clone())];
    let with_defaults = keras_defaults(survey);
    if with_defaults.configurations().len() < survey.configurations().len()
        && !with_defaults.configurations().is_empty()
    {
        scopes[0].0 = "over all learning rates: ";
        scopes.push((
            "over the learning rates that the report's runs actually used \
             (Keras's defaults: sgd 0.01, adam and rmsprop 0.001): ",
            with_defaults,
        ));
    }
    let claims = [sgd_with_sigmoid, optimizers, activations, batch_sizes];
    let tested = claims.iter().flat_map(|claim| {
        scopes.iter().filter_map(move |(scope, survey)| {
            let Tested { claim, holds, numbers } = claim(survey, threshold)?;
            Some(Finding { head: claim.into(), text: format!("{scope}{numbers}."), verdict: Some(holds) })
        })
    });
    tested.collect()
}

fn keras_defaults(survey: &Survey) -> Survey {
    survey.select(|configuration| {
        let has = |factor, value: &str| {
            configuration.value(factor).is_some() && configuration.value(factor) == survey.find(factor, value)
        };
        KERAS.iter().any(|(optimizer, rate)| has(Factor::OPTIMIZER, optimizer) && has(Factor::LEARNING_RATE, rate))
    })
}

struct Tested {
    claim: &'static str,
    holds: bool,
    numbers: String,
}

fn sgd_with_sigmoid(survey: &Survey, threshold: f64) -> Option<Tested> {
    let (sgd, sigmoid) = (survey.find(Factor::OPTIMIZER, "sgd")?, survey.find(Factor::ACTIVATION, "sigmoid")?);
    let is_meant = |configuration: &&Configuration| {
        configuration.value(Factor::OPTIMIZER) == Some(sgd) && configuration.value(Factor::ACTIVATION) == Some(sigmoid)
    };
    let ended = |configuration: &&Configuration| configuration.accuracies.len() + configuration.diverged > 0;
    let meant: Vec<_> = survey.configurations().iter().filter(is_meant).filter(ended).collect();
    let failing = meant.iter().filter(|configuration| configuration.failing(threshold) > 0).count();
    let accuracies = Summary::of(meant.iter().flat_map(|configuration| &configuration.accuracies));
    let near = accuracies
        .is_none_or(|summary| (summary.min - GUESSING).abs() <= NEAR && (summary.max - GUESSING).abs() <= NEAR);
    let span = accuracies.map_or_else(
        || "all diverged".into(),
        |summary| format!("accuracy {} to {}", share(summary.min), share(summary.max)),
    );
    let of = counted(meant.len(), "configuration");
    (!meant.is_empty()).then(|| Tested {
        claim: "sgd with sigmoid fails, near 0.11",
        holds: failing == meant.len() && near,
        numbers: format!("{failing} of {of} at or below {threshold} or diverged, {span}"),
    })
}

/// Returns a value's mean accuracy over configurations.
fn mean(survey: &Survey, factor: Factor, value: &str) -> Option<f64> {
    let place = survey.find(factor, value)?;
    survey.effects(factor).into_iter().find(|effect| effect.value == place)?.accuracy.map(|accuracy| accuracy.mean)
}

/// Lists means, and the number of configurations not included in them.
fn numbers(survey: &Survey, means: &[(&str, f64)]) -> String {
    let without = survey.configurations().iter().filter(|configuration| configuration.accuracy().is_none()).count();
    let without = match without {
        0 => String::new(),
        _ => format!(" (excluding {} without a result)", counted(without, "configuration")),
    };
    format!("mean {} {}{without}", words::accuracy(survey), listed(means))
}

fn optimizers(survey: &Survey, _: f64) -> Option<Tested> {
    let [adam, rmsprop, sgd] = ["adam", "rmsprop", "sgd"].map(|value| mean(survey, Factor::OPTIMIZER, value));
    let (adam, rmsprop, sgd) = (adam?, rmsprop?, sgd?);
    Some(Tested {
        claim: "adam and rmsprop do well, sgd does not",
        holds: adam >= WELL && rmsprop >= WELL && sgd < WELL,
        numbers: numbers(survey, &[("adam", adam), ("rmsprop", rmsprop), ("sgd", sgd)])
            + &format!("; \"well\" means {WELL} or more"),
    })
}

fn activations(survey: &Survey, _: f64) -> Option<Tested> {
    let means = means(survey, Factor::ACTIVATION);
    mean(survey, Factor::ACTIVATION, "relu")?;
    let first = means.first().filter(|_| means.len() > 1)?;
    let holds = first.0.eq_ignore_ascii_case("relu");
    Some(Tested { claim: "relu leads", holds, numbers: numbers(survey, &means) })
}

fn batch_sizes(survey: &Survey, _: f64) -> Option<Tested> {
    let means = means(survey, Factor::BATCH_SIZE);
    ["16", "64"].iter().try_for_each(|size| mean(survey, Factor::BATCH_SIZE, size).map(drop))?;
    let holds = means.first()?.0 == "16" && means.last()?.0 == "64";
    Some(Tested { claim: "batch 16 is best, 64 worst", holds, numbers: numbers(survey, &means) })
}
