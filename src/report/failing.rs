//! Which configurations fail, in as few words as that can be said: `sigmoid · sgd (all 9)` rather than nine lines.

use std::collections::BTreeMap;

use crate::sweep::survey::{Configuration, Factor, Survey};

/// More factors at once would say no more than a list.
const MOST_CONDITIONS: usize = 3;
/// Blocks that are looked for.
const MOST_BLOCKS: usize = 30;

/// Configurations that all fail, and all that have these values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Block<'a> {
    /// In the order of factors, each with the place of its value.
    pub conditions: Vec<(Factor, usize)>,
    pub members: Vec<&'a Configuration>,
}

/// The same by the places of configurations in the survey.
type Places = (Vec<(Factor, usize)>, Vec<usize>);

/// Blocks that cover the failing configurations that others fail with, the largest first, and the rest one by one.
pub(super) fn blocks(survey: &Survey, threshold: f64) -> (Vec<Block<'_>>, Vec<&Configuration>) {
    let configurations = survey.configurations();
    let mut is_left: Vec<bool> = configurations.iter().map(|it| it.failing(threshold) > 0).collect();
    let candidates = candidates(survey, threshold);
    let mut blocks = Vec::new();
    while blocks.len() < MOST_BLOCKS {
        let gain = |block: &Places| block.1.iter().filter(|&&member| is_left[member]).count();
        // Of several as good, the first, which is one with the fewest conditions.
        let best = candidates.iter().map(|block| (gain(block), block)).rev().max_by_key(|(gain, _)| *gain);
        let Some((_, (conditions, members))) = best.filter(|(gain, _)| *gain > 1) else { break };
        members.iter().for_each(|&member| is_left[member] = false);
        let members = members.iter().map(|&member| &configurations[member]).collect();
        blocks.push(Block { conditions: conditions.clone(), members });
    }
    let rest = configurations.iter().zip(is_left).filter(|(_, is_left)| *is_left);
    (blocks, rest.map(|(configuration, _)| configuration).collect())
}

/// Every combination of up to three factors' values that always fails, those of few factors first.
fn candidates(survey: &Survey, threshold: f64) -> Vec<Places> {
    let mut blocks = Vec::new();
    for factors in subsets(survey.varying()) {
        let mut groups: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
        for (place, configuration) in survey.configurations().iter().enumerate() {
            let values: Option<Vec<_>> = factors.iter().map(|&factor| configuration.value(factor)).collect();
            if let Some(values) = values.filter(|_| configuration.accuracies.len() + configuration.diverged > 0) {
                groups.entry(values).or_default().push(place);
            }
        }
        let fails = |place: &usize| survey.configurations()[*place].failing(threshold) > 0;
        let failing = groups.into_iter().filter(|(_, members)| members.len() > 1 && members.iter().all(fails));
        blocks.extend(failing.map(|(values, members)| (factors.iter().copied().zip(values).collect(), members)));
    }
    blocks
}

/// With one to three factors, those with few first.
fn subsets(factors: &[Factor]) -> Vec<Vec<Factor>> {
    let mut subsets: Vec<Vec<Factor>> = vec![Vec::new()];
    for &factor in factors {
        let with_it = subsets.iter().filter(|subset| subset.len() < MOST_CONDITIONS);
        let with_it: Vec<_> = with_it.map(|subset| [subset.as_slice(), &[factor]].concat()).collect();
        subsets.extend(with_it);
    }
    subsets.retain(|subset| !subset.is_empty());
    subsets.sort_by_key(Vec::len);
    subsets
}
