//! What a sweep's numbers say, in sentences that are computed.

use std::collections::BTreeMap;

use super::{
    Finding,
    bars::capital,
    failing::{self, Block},
    words::{self, counted, share},
};
use crate::sweep::survey::{Configuration, Factor, Summary, Survey};

/// Failing combinations that are told.
const MOST_LISTED: usize = 40;

/// Best, worst, what fails, and what each factor does.
pub(super) fn of(survey: &Survey, threshold: f64) -> Vec<Finding> {
    let mut findings = vec![count(survey)];
    findings.extend(extremes(survey));
    findings.push(failing(survey, threshold));
    findings.extend(survey.varying().iter().filter_map(|&factor| effect(survey, factor, threshold)));
    findings.extend(rates_by_optimizer(survey));
    findings
}

fn count(survey: &Survey) -> Finding {
    let sum = |of: fn(&Configuration) -> usize| survey.configurations().iter().map(of).sum::<usize>();
    let mut text =
        format!("{} in {}", counted(survey.configurations().len(), "configuration"), counted(survey.runs(), "run"));
    for (count, what) in [(sum(|it| it.diverged), "diverged"), (sum(|it| it.failed), "failed without a result")] {
        if count > 0 {
            text += &format!(", {} {what}", words::grouped(count));
        }
    }
    Finding::new("Results", text + ".")
}

fn extremes(survey: &Survey) -> Vec<Finding> {
    let (Some(best), Some(worst)) = (survey.best(), survey.worst()) else { return Vec::new() };
    let line = |it: &Configuration| {
        let accuracy = it.accuracy().expect("it was chosen by it");
        let range = match accuracy.count {
            1 => String::new(),
            runs => format!(" (mean of {runs} runs, {} to {})", share(accuracy.min), share(accuracy.max)),
        };
        let loss = it.loss().map_or_else(String::new, |loss| format!(", loss {:.4}", loss.mean));
        format!(
            "{}: {} {}{range}{loss}.",
            words::configuration(survey, it),
            words::accuracy(survey),
            share(accuracy.mean)
        )
    };
    vec![Finding::new("Best", line(best)), Finding::new("Worst", line(worst))]
}

fn failing(survey: &Survey, threshold: f64) -> Finding {
    const HEAD: &str = "Failing combinations";
    let all = survey.failing(threshold);
    let ended = survey.configurations().iter().filter(|it| it.accuracies.len() + it.diverged > 0).count();
    let with = if survey.configurations().iter().any(|it| it.runs() > 1) { "with a run of" } else { "with" };
    let what = format!("{with} {} at or below {threshold}, or diverged", words::accuracy(survey));
    if all.is_empty() {
        return Finding::new(HEAD, format!("None of {} {what}.", counted(ended, "configuration")));
    }
    let (blocks, single) = failing::blocks(survey, threshold);
    let blocks = blocks.iter().map(|block| {
        let (name, all) = (conditions(survey, block), format!("all {}", block.members.len()));
        let which: Vec<String> = [all].into_iter().chain(failing_runs(&block.members, threshold)).collect();
        format!("{name} ({}: {})", which.join(", "), range(&block.members))
    });
    let single = single.into_iter().map(|it| {
        let which = failing_runs(&[it], threshold).map_or_else(String::new, |runs| format!("{runs}: "));
        format!("{} ({which}{})", words::configuration(survey, it), range(&[it]))
    });
    let mut list: Vec<String> = blocks.chain(single).collect();
    if list.len() > MOST_LISTED {
        let more = words::grouped(list.len() - MOST_LISTED);
        list.truncate(MOST_LISTED);
        list.push(format!("and {more} more"));
    }
    Finding::new(HEAD, format!("{} of {ended} {what}: {}.", all.len(), list.join("; ")))
}

fn conditions(survey: &Survey, block: &Block) -> String {
    words::values(block.conditions.iter().map(|&(factor, value)| (factor, survey.values(factor)[value].as_str())))
}

/// `50 of 54 runs`, where configurations were run more than once.
fn failing_runs(members: &[&Configuration], threshold: f64) -> Option<String> {
    let all: usize = members.iter().map(|it| it.accuracies.len() + it.diverged).sum();
    let failing: usize = members.iter().map(|it| it.failing(threshold)).sum();
    (all > members.len()).then(|| format!("{failing} of {all} runs"))
}

/// `0.0980 to 0.1135, 2 diverged`
fn range(members: &[&Configuration]) -> String {
    let accuracies = members.iter().flat_map(|it| &it.accuracies);
    let mut parts: Vec<String> = Summary::of(accuracies).map(span).into_iter().collect();
    match members.iter().map(|it| it.diverged).sum::<usize>() {
        0 => {}
        1 if members.len() == 1 && parts.is_empty() => parts.push("diverged".into()),
        runs => parts.push(format!("{runs} diverged")),
    }
    parts.join(", ")
}

fn span(summary: Summary) -> String {
    let (min, max) = (share(summary.min), share(summary.max));
    if min == max { min } else { format!("{min} to {max}") }
}

/// What a factor does on the whole, and with everything else equal.
fn effect(survey: &Survey, factor: Factor, threshold: f64) -> Option<Finding> {
    let means = means(survey, factor);
    if means.len() < 2 {
        return None;
    }
    let mut text = format!("mean {} {}", words::accuracy(survey), told(&means));
    let over = survey.above(threshold);
    let over = self::means(&over, factor);
    if !survey.failing(threshold).is_empty() && over.len() > 1 {
        text += &format!("; of the results over {threshold} alone {}", told(&over));
    }
    text += &format!(".{}", difference(survey, factor).unwrap_or_default());
    let effects = survey.effects(factor);
    if effects.iter().any(|effect| effect.accuracy.map_or(0, |accuracy| accuracy.count) < effect.configurations) {
        text += " Configurations without a result are not in these means.";
    }
    if effects.iter().any(|effect| effect.configurations != effects[0].configurations) {
        text += " Not every value was run with every combination: these means do not compare like with like.";
    }
    Some(Finding::new(capital(factor.name()), capital(&text)))
}

/// The mean accuracy of each value's configurations, the highest first.
pub(super) fn means(survey: &Survey, factor: Factor) -> Vec<(&str, f64)> {
    let effects = survey.effects(factor).into_iter();
    let mut means: Vec<_> =
        effects.filter_map(|it| Some((survey.values(factor)[it.value].as_str(), it.accuracy?.mean))).collect();
    means.sort_by(|a, b| b.1.total_cmp(&a.1));
    means
}

/// `relu: 0.9876, tanh: 0.9853`
pub(super) fn told(means: &[(&str, f64)]) -> String {
    means.iter().map(|(value, mean)| format!("{value}: {}", share(*mean))).collect::<Vec<_>>().join(", ")
}

/// By how much accuracy differs between a factor's values where all other factors are the same.
fn difference(survey: &Survey, factor: Factor) -> Option<String> {
    let mut ranges: Vec<(f64, &Configuration)> = equal_but_for(survey, factor)
        .into_iter()
        .filter(|members| members.len() > 1)
        .filter_map(|members| {
            let means: Vec<f64> = members.iter().filter_map(|it| Some(it.accuracy()?.mean)).collect();
            Summary::of(&means).map(|range| (range.max - range.min, members[0]))
        })
        .collect();
    ranges.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (most, at) = *ranges.last()?;
    let median = (ranges[(ranges.len() - 1) / 2].0 + ranges[ranges.len() / 2].0) / 2.0;
    let others = survey.varying().iter().copied().filter(|&other| other != factor && at.value(other).is_some());
    let others = words::values(others.map(|other| (other, survey.value(at, other))));
    let at = if others.is_empty() { String::new() } else { format!(" ({others})") };
    Some(match ranges.len() {
        1 => format!(" With everything else equal it makes a difference of {}{at}.", share(most)),
        _ => format!(
            " With everything else equal it makes a difference of {} in the median and of {} at most{at}.",
            share(median),
            share(most)
        ),
    })
}

/// Configurations with a result, those together that differ in `factor` alone.
fn equal_but_for(survey: &Survey, factor: Factor) -> Vec<Vec<&Configuration>> {
    let others = |it: &Configuration| Factor::ALL.map(|other| if other == factor { None } else { it.value(other) });
    let mut groups: BTreeMap<_, Vec<&Configuration>> = BTreeMap::new();
    for it in survey.configurations().iter().filter(|it| it.accuracy().is_some() && it.value(factor).is_some()) {
        groups.entry(others(it)).or_default().push(it);
    }
    groups.into_values().collect()
}

/// Which learning rate suits which optimizer.
fn rates_by_optimizer(survey: &Survey) -> Option<Finding> {
    let varying = survey.varying();
    if !varying.contains(&Factor::OPTIMIZER) || !varying.contains(&Factor::LEARNING_RATE) {
        return None;
    }
    let mut lines = Vec::new();
    for optimizer in survey.values(Factor::OPTIMIZER) {
        let with_it = survey.only(Factor::OPTIMIZER, |value| value == optimizer);
        let means = means(&with_it, Factor::LEARNING_RATE);
        if means.len() > 1 {
            lines.push(format!("{optimizer} is best at {} ({})", means[0].0, told(&means)));
        }
    }
    let text = format!("By mean {}, {}.", words::accuracy(survey), lines.join("; "));
    (!lines.is_empty()).then(|| Finding::new("Learning rate by optimizer", text))
}
