//! What a column's name means: what it counts or measures, and on which images.

use crate::format::words;

/// What a column is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Epoch,
    Step,
    /// Seconds since the start of the run, or since 1970.
    Clock,
    /// Seconds that each row took.
    Duration,
    Measure(String, Set),
}

/// The images that a value was measured on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Set {
    Training,
    Validation,
    Test,
}

impl Set {
    pub fn name(self) -> &'static str {
        match self {
            Self::Training => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }
}

const COUNTERS: [(Meaning, &[&str]); 4] = [
    (Meaning::Epoch, &["epoch", "epochs", "trainepoch", "trainerepoch"]),
    (
        Meaning::Step,
        &[
            "step",
            "steps",
            "globalstep",
            "trainerglobalstep",
            "iteration",
            "iterations",
            "iter",
            "iters",
            "batch",
            "update",
            "updates",
            "timestep",
            "timesteps",
        ],
    ),
    (Meaning::Clock, &["time", "walltime", "timestamp", "elapsed", "elapsedtime", "runtime", "relativetime"]),
    (Meaning::Duration, &["seconds", "epochseconds", "epochtime"]),
];

const SETS: [(&str, Set); 12] = [
    ("train", Set::Training),
    ("training", Set::Training),
    ("trn", Set::Training),
    ("val", Set::Validation),
    ("valid", Set::Validation),
    ("validation", Set::Validation),
    ("eval", Set::Validation),
    ("evaluation", Set::Validation),
    ("dev", Set::Validation),
    ("test", Set::Test),
    ("testing", Set::Test),
    ("tst", Set::Test),
];

/// Words that say how a measure was taken, not what it is.
const FILLERS: [&str; 7] = ["epoch", "mean", "avg", "metrics", "metric", "sparse", "categorical"];

const LONG: [(&str, &str); 3] = [("acc", "accuracy"), ("lr", "learning rate"), ("ppl", "perplexity")];

/// Measures that are shown without being chosen, the first ones first.
const USUAL: [&str; 20] = [
    "loss",
    "accuracy",
    "error",
    "perplexity",
    "f1",
    "precision",
    "recall",
    "auc",
    "mae",
    "mse",
    "rmse",
    "iou",
    "dice",
    "bleu",
    "rouge",
    "wer",
    "reward",
    "return",
    "score",
    "learning rate",
];

/// Columns that name the run of a row, the likeliest first.
const RUNS: [&str; 9] =
    ["run", "runname", "runid", "trial", "trialname", "trialid", "experiment", "experimentname", "experimentid"];

/// Returns the rank of a column among those that usually name the run of a row, if it is one.
pub(super) fn run_rank(name: &str) -> Option<usize> {
    // Each row asks for this, so it compares bytes.
    let bytes = || name.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase());
    let first = bytes().next().filter(|_| name.is_ascii())?;
    RUNS.iter().position(|known| known.as_bytes()[0] == first && bytes().eq(known.bytes()))
}

/// Returns the set that a folder of this name is about, as Keras writes them: `train`, `validation`.
pub(super) fn set_of_folder(name: &str) -> Option<Set> {
    let word = words(name).pop()?;
    SETS.iter().find(|(known, _)| *known == word).map(|(_, set)| *set)
}

/// Returns what a column of this name is, on `set` unless the name says otherwise.
pub(super) fn meaning(name: &str, set: Set) -> Meaning {
    let plain: String = name.chars().filter(|char| char.is_alphanumeric()).collect::<String>().to_lowercase();
    if let Some((meaning, _)) = COUNTERS.iter().find(|(_, names)| names.contains(&plain.as_str())) {
        return meaning.clone();
    }
    let mut set = set;
    let mut rest: Vec<String> = Vec::new();
    for word in words(name) {
        match SETS.iter().find(|(known, _)| *known == word) {
            Some((_, found)) => set = *found,
            None if FILLERS.contains(&word.as_str()) => {}
            None => rest.push(LONG.iter().find(|(short, _)| *short == word).map_or(word, |(_, long)| (*long).into())),
        }
    }
    let metric = if rest.is_empty() { name.trim().to_owned() } else { rest.join(" ") };
    Meaning::Measure(metric, set)
}

/// Returns whether a measure has one of the usual names.
pub fn is_usual(metric: &str) -> bool {
    USUAL.contains(&metric)
}

/// Returns the rank of a measure among the usual ones, and behind those of what has such a word in its name.
pub fn rank(metric: &str) -> Option<usize> {
    let exact = USUAL.iter().position(|usual| *usual == metric);
    exact.or_else(|| {
        let is_part = |usual: &&str| metric.split(' ').any(|word| word == *usual);
        USUAL.iter().position(is_part).map(|place| place + USUAL.len())
    })
}

/// Returns whether a measure is an accuracy.
pub fn is_accuracy(metric: &str) -> bool {
    metric.split(' ').any(|word| word == "accuracy")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_many_programs_are_one_measure() {
        for (name, metric, set) in [
            ("loss", "loss", Set::Training),
            ("val_loss", "loss", Set::Validation),
            ("eval_loss", "loss", Set::Validation),
            ("epoch_loss", "loss", Set::Training),
            ("train/loss", "loss", Set::Training),
            ("Loss/test", "loss", Set::Test),
            ("train_loss_epoch", "loss", Set::Training),
            ("train_loss_step", "loss step", Set::Training),
            ("valAcc", "accuracy", Set::Validation),
            ("sparse_categorical_accuracy", "accuracy", Set::Training),
            ("lr-Adam", "learning rate adam", Set::Training),
            ("learning_rate", "learning rate", Set::Training),
            ("validation", "validation", Set::Validation),
        ] {
            assert_eq!(meaning(name, Set::Training), Meaning::Measure(metric.into(), set), "{name}");
        }
    }

    #[test]
    fn counters_are_known_by_their_names() {
        for (name, expected) in [
            ("epoch", Meaning::Epoch),
            ("trainer/global_step", Meaning::Step),
            ("_step", Meaning::Step),
            ("global_step", Meaning::Step),
            ("_timestamp", Meaning::Clock),
            ("wall_time", Meaning::Clock),
            ("seconds", Meaning::Duration),
        ] {
            assert_eq!(meaning(name, Set::Training), expected, "{name}");
        }
    }

    #[test]
    fn usual_measures_come_in_a_fixed_order() {
        let mut names = ["grad norm", "learning rate", "loss step", "accuracy", "loss"];
        names.sort_by_key(|name| rank(name).unwrap_or(usize::MAX));
        assert_eq!(names, ["loss", "accuracy", "learning rate", "loss step", "grad norm"]);
    }
}
