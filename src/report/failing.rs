//! Failing configurations, grouped by their common values: `sigmoid · sgd (all 9)` instead of nine lines.

use std::collections::BTreeMap;

use crate::sweep::survey::{Configuration, Factor, Survey};

/// Number of factors that a group may have; with more, it would say no more than a list.
const MOST_CONDITIONS: usize = 3;
/// Limit of blocks.
const MOST_BLOCKS: usize = 30;

/// Group of all configurations with certain values, all of which fail.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Block<'a> {
    /// Common values, in the order of factors: each factor with the index of its value.
    pub conditions: Vec<(Factor, usize)>,
    pub members: Vec<&'a Configuration>,
}

/// Block with the indices of its configurations in the survey.
type Candidate = (Vec<(Factor, usize)>, Vec<usize>);

/// Returns blocks of failing configurations, the largest first, and the failing configurations outside of any block.
pub(super) fn blocks(survey: &Survey, threshold: f64) -> (Vec<Block<'_>>, Vec<&Configuration>) {
    let configurations = survey.configurations();
    let mut is_left: Vec<bool> =
        configurations.iter().map(|configuration| configuration.failing(threshold) > 0).collect();
    let candidates = candidates(survey, threshold);
    let mut blocks = Vec::new();
    while blocks.len() < MOST_BLOCKS {
        let gain = |block: &Candidate| block.1.iter().filter(|&&member| is_left[member]).count();
        // Of equally good candidates the first, which has the fewest conditions.
        let best = candidates.iter().map(|block| (gain(block), block)).rev().max_by_key(|(gain, _)| *gain);
        let Some((_, (conditions, members))) = best.filter(|(gain, _)| *gain > 1) else { break };
        members.iter().for_each(|&member| is_left[member] = false);
        let members = members.iter().map(|&member| &configurations[member]).collect();
        blocks.push(Block { conditions: conditions.clone(), members });
    }
    let rest = configurations.iter().zip(is_left).filter(|(_, is_left)| *is_left);
    (blocks, rest.map(|(configuration, _)| configuration).collect())
}

/// Returns every combination of up to three factors' values that always fails, those with few factors first.
fn candidates(survey: &Survey, threshold: f64) -> Vec<Candidate> {
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

/// Returns all sets of one to three factors, small ones first.
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
