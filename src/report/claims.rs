//! The report's own findings, each held against the numbers.
//!
//! The report never handed its learning rates to the optimizers, so all its runs had Keras's own: 0.01 for SGD, 0.001 for Adam
//! and RMSprop. Where a sweep has these, a finding is also tested on them alone: on what the report really ran.

use super::{
    Finding,
    findings::{means, told},
    words::{self, counted, share},
};
use crate::sweep::survey::{Configuration, Factor, Summary, Survey};

/// "Near 0.11" is taken to be within this.
const NEAR: f64 = 0.05;
const GUESSING: f64 = 0.11;
/// "Does well" is taken to be a mean of this or more.
const WELL: f64 = 0.9;
/// Keras's own learning rates.
const KERAS: [(&str, &str); 3] = [("sgd", "0.01"), ("adam", "0.001"), ("rmsprop", "0.001")];

/// Those for which there are values, on all results and on the report's learning rates alone.
pub(super) fn tested(survey: &Survey, threshold: f64) -> Vec<Finding> {
    let mut scopes = vec![("", survey.clone())];
    let kerases = keras(survey);
    if kerases.configurations().len() < survey.configurations().len() && !kerases.configurations().is_empty() {
        scopes[0].0 = "over all learning rates: ";
        scopes.push((
            "over the learning rates that the report's runs really had (Keras's own: sgd 0.01, adam and rmsprop 0.001): ",
            kerases,
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

fn keras(survey: &Survey) -> Survey {
    survey.select(|it| {
        let has = |factor, value: &str| it.value(factor).is_some() && it.value(factor) == survey.find(factor, value);
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
    let is_meant =
        |it: &&Configuration| it.value(Factor::OPTIMIZER) == Some(sgd) && it.value(Factor::ACTIVATION) == Some(sigmoid);
    let ended = |it: &&Configuration| it.accuracies.len() + it.diverged > 0;
    let meant: Vec<_> = survey.configurations().iter().filter(is_meant).filter(ended).collect();
    let failing = meant.iter().filter(|it| it.failing(threshold) > 0).count();
    let accuracies = Summary::of(meant.iter().flat_map(|it| &it.accuracies));
    let near = accuracies.is_none_or(|it| (it.min - GUESSING).abs() <= NEAR && (it.max - GUESSING).abs() <= NEAR);
    let span = accuracies
        .map_or_else(|| "all diverged".into(), |it| format!("accuracy {} to {}", share(it.min), share(it.max)));
    let of = counted(meant.len(), "configuration");
    (!meant.is_empty()).then(|| Tested {
        claim: "sgd with sigmoid fails, near 0.11",
        holds: failing == meant.len() && near,
        numbers: format!("{failing} of {of} at or below {threshold} or diverged, {span}"),
    })
}

/// A value's mean accuracy over configurations.
fn mean(survey: &Survey, factor: Factor, value: &str) -> Option<f64> {
    let place = survey.find(factor, value)?;
    survey.effects(factor).into_iter().find(|effect| effect.value == place)?.accuracy.map(|accuracy| accuracy.mean)
}

/// Means, and what is not in them.
fn numbers(survey: &Survey, means: &[(&str, f64)]) -> String {
    let without = survey.configurations().iter().filter(|it| it.accuracy().is_none()).count();
    let without = match without {
        0 => String::new(),
        _ => format!(" (without {} that came to none)", counted(without, "configuration")),
    };
    format!("mean {} {}{without}", words::accuracy(survey), told(means))
}

fn optimizers(survey: &Survey, _: f64) -> Option<Tested> {
    let [adam, rmsprop, sgd] = ["adam", "rmsprop", "sgd"].map(|value| mean(survey, Factor::OPTIMIZER, value));
    let (adam, rmsprop, sgd) = (adam?, rmsprop?, sgd?);
    Some(Tested {
        claim: "adam and rmsprop do well, sgd does not",
        holds: adam >= WELL && rmsprop >= WELL && sgd < WELL,
        numbers: numbers(survey, &[("adam", adam), ("rmsprop", rmsprop), ("sgd", sgd)])
            + &format!("; taken as doing well: {WELL} or more"),
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
