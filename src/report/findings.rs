//! Findings about a sweep, as computed sentences.

use std::collections::BTreeMap;

use super::{
    Finding,
    bars::capital,
    failing::{self, Block},
    words::{self, counted, share},
};
use crate::sweep::survey::{Configuration, Factor, Summary, Survey};

/// Number of failing combinations listed.
const MOST_LISTED: usize = 40;

/// Reports the number of results, the failing configurations, and what each factor changes.
pub(super) fn of(survey: &Survey, threshold: f64) -> Vec<Finding> {
    let mut findings = vec![count(survey)];
    findings.push(failing(survey, threshold));
    findings.extend(survey.varying().iter().filter_map(|&factor| effect(survey, factor)));
    findings
}

fn count(survey: &Survey) -> Finding {
    let sum = |of: fn(&Configuration) -> usize| survey.configurations().iter().map(of).sum::<usize>();
    let mut text =
        format!("{} in {}", counted(survey.configurations().len(), "configuration"), counted(survey.runs(), "run"));
    for (count, what) in [
        (sum(|configuration| configuration.diverged), "diverged"),
        (sum(|configuration| configuration.failed), "failed without a result"),
    ] {
        if count > 0 {
            text += &format!(", {} {what}", words::grouped(count));
        }
    }
    Finding::new("Results", text + ".")
}

fn failing(survey: &Survey, threshold: f64) -> Finding {
    const HEAD: &str = "Failing combinations";
    let all = survey.failing(threshold);
    let ended = survey
        .configurations()
        .iter()
        .filter(|configuration| configuration.accuracies.len() + configuration.diverged > 0)
        .count();
    let with = if survey.configurations().iter().any(|configuration| configuration.runs() > 1) {
        "with a run of"
    } else {
        "with"
    };
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
    let single = single.into_iter().map(|configuration| {
        let which = failing_runs(&[configuration], threshold).map_or_else(String::new, |runs| format!("{runs}: "));
        format!("{} ({which}{})", words::configuration(survey, configuration), range(&[configuration]))
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

/// Counts failing runs, `50 of 54 runs`, if configurations were run more than once.
fn failing_runs(members: &[&Configuration], threshold: f64) -> Option<String> {
    let all: usize = members.iter().map(|configuration| configuration.accuracies.len() + configuration.diverged).sum();
    let failing: usize = members.iter().map(|configuration| configuration.failing(threshold)).sum();
    (all > members.len()).then(|| format!("{failing} of {all} runs"))
}

/// Returns the range of accuracies: `0.0980 to 0.1135, 2 diverged`.
fn range(members: &[&Configuration]) -> String {
    let accuracies = members.iter().flat_map(|configuration| &configuration.accuracies);
    let mut parts: Vec<String> = Summary::of(accuracies).map(span).into_iter().collect();
    match members.iter().map(|configuration| configuration.diverged).sum::<usize>() {
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

/// Reports how much a factor changes, and what its means do not include.
fn effect(survey: &Survey, factor: Factor) -> Option<Finding> {
    if means(survey, factor).len() < 2 {
        return None;
    }
    let mut parts: Vec<String> = difference(survey, factor).into_iter().collect();
    let effects = survey.effects(factor);
    if effects.iter().any(|effect| effect.accuracy.map_or(0, |accuracy| accuracy.count) < effect.configurations) {
        parts.push("Configurations without a result are not included in the means.".into());
    }
    if effects.iter().any(|effect| effect.configurations != effects[0].configurations) {
        parts.push("Not every value was run in every combination, so the means are not directly comparable.".into());
    }
    (!parts.is_empty()).then(|| Finding::new(capital(factor.name()), parts.join(" ")))
}

/// Returns the mean accuracy of each value's configurations, the highest first.
pub(super) fn means(survey: &Survey, factor: Factor) -> Vec<(&str, f64)> {
    let effects = survey.effects(factor).into_iter();
    let mut means: Vec<_> = effects
        .filter_map(|effect| Some((survey.values(factor)[effect.value].as_str(), effect.accuracy?.mean)))
        .collect();
    means.sort_by(|a, b| b.1.total_cmp(&a.1));
    means
}

/// Lists means: `relu: 0.9876, tanh: 0.9853`.
pub(super) fn listed(means: &[(&str, f64)]) -> String {
    means.iter().map(|(value, mean)| format!("{value}: {}", share(*mean))).collect::<Vec<_>>().join(", ")
}

/// Reports how much the accuracy differs between a factor's values if all other factors are the same.
fn difference(survey: &Survey, factor: Factor) -> Option<String> {
    let mut ranges: Vec<(f64, &Configuration)> = equal_but_for(survey, factor)
        .into_iter()
        .filter(|members| members.len() > 1)
        .filter_map(|members| {
            let means: Vec<f64> =
                members.iter().filter_map(|configuration| Some(configuration.accuracy()?.mean)).collect();
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
        1 => format!("With everything else equal, it changes the accuracy by {}{at}.", share(most)),
        _ => format!(
            "With everything else equal, it changes the accuracy by {} in the median and by at most {}{at}.",
            share(median),
            share(most)
        ),
    })
}

/// Groups configurations with a result that differ only in `factor`.
fn equal_but_for(survey: &Survey, factor: Factor) -> Vec<Vec<&Configuration>> {
    let others = |configuration: &Configuration| {
        Factor::ALL.map(|other| if other == factor { None } else { configuration.value(other) })
    };
    let mut groups: BTreeMap<_, Vec<&Configuration>> = BTreeMap::new();
    for configuration in survey
        .configurations()
        .iter()
        .filter(|configuration| configuration.accuracy().is_some() && configuration.value(factor).is_some())
    {
        groups.entry(others(configuration)).or_default().push(configuration);
    }
    groups.into_values().collect()
}
