//! Findings about a sweep, as computed sentences and tables.

use std::collections::BTreeMap;

use super::{
    Finding, Table,
    failing::{self, Block},
    words::{self, counted, share},
};
use crate::sweep::survey::{Configuration, Factor, Summary, Survey};

/// Number of failing combinations listed.
const MOST_LISTED: usize = 40;

/// Reports the number of results and of failing configurations, and what the means do not include.
pub(super) fn of(survey: &Survey, threshold: f64) -> Vec<Finding> {
    let mut findings = vec![count(survey)];
    findings.push(failing(survey, threshold));
    findings.extend(means_apart(survey));
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
    let (failing, all) = (words::grouped(all.len()), counted(ended, "configuration"));
    let failing = if failing == "0" { "None".into() } else { failing };
    Finding::new(HEAD, format!("{failing} of {all} {what}."))
}

/// Builds the table of the failing configurations, grouped by their common values.
pub(super) fn failing_table(survey: &Survey, threshold: f64) -> Option<Table> {
    let (blocks, single) = failing::blocks(survey, threshold);
    let row = |name: String, members: &[&Configuration]| {
        let runs = failing_runs(members, threshold).unwrap_or_else(|| "all".into());
        vec![name, words::grouped(members.len()), runs, range(members)]
    };
    let blocks = blocks.iter().map(|block| row(conditions(survey, block), &block.members));
    let single = single.into_iter().map(|each| row(words::configuration(survey, each), &[each]));
    let mut rows: Vec<Vec<String>> = blocks.chain(single).collect();
    if rows.len() > MOST_LISTED {
        let more = words::grouped(rows.len() - MOST_LISTED);
        rows.truncate(MOST_LISTED);
        rows.push(vec![format!("and {more} more"), String::new(), String::new(), String::new()]);
    }
    let header = ["combination", "configurations", "failing runs", words::accuracy(survey)].map(str::to_owned).into();
    (!rows.is_empty()).then(|| Table { caption: "Failing combinations".into(), header, rows })
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

/// Reports which configurations the means do not include, and which means are of different combinations.
fn means_apart(survey: &Survey) -> Option<Finding> {
    let mut parts = Vec::new();
    if survey.configurations().iter().any(|configuration| configuration.accuracy().is_none()) {
        parts.push("Configurations without a result are not included in the means.".to_owned());
    }
    let is_uneven = |factor: &&Factor| {
        let effects = survey.effects(**factor);
        effects.iter().any(|effect| effect.configurations != effects[0].configurations)
    };
    let uneven: Vec<&str> = survey.varying().iter().filter(is_uneven).map(|factor| factor.name()).collect();
    if !uneven.is_empty() {
        let uneven = words::listed(&uneven);
        parts.push(format!("Not every {uneven} was run in every combination: their means are not comparable."));
    }
    (!parts.is_empty()).then(|| Finding::new("Means", parts.join(" ")))
}

/// Builds the table of how much each factor changes the accuracy with everything else equal.
pub(super) fn changes(survey: &Survey) -> Option<Table> {
    let rows: Vec<Vec<String>> =
        survey.varying().iter().filter_map(|&factor| Some(change(survey, factor)?.into())).collect();
    let header = ["factor", "comparisons", "median change", "largest change", "where"].map(str::to_owned).into();
    let caption = format!("Change of the {} by one factor, everything else equal", words::accuracy(survey));
    (!rows.is_empty()).then_some(Table { caption, header, rows })
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

/// Returns how much the accuracy differs between a factor's values if all other factors are the same: a row of
/// [`changes`].
fn change(survey: &Survey, factor: Factor) -> Option<[String; 5]> {
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
    let median = f64::midpoint(ranges[(ranges.len() - 1) / 2].0, ranges[ranges.len() / 2].0);
    let others = survey.varying().iter().copied().filter(|&other| other != factor && at.value(other).is_some());
    let at = words::values(others.map(|other| (other, survey.value(at, other))));
    Some([factor.name().to_owned(), words::grouped(ranges.len()), share(median), share(most), at])
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
