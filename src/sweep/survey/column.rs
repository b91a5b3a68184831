//! The meaning of a table's columns by their names, as written by this program, Keras, Lightning, fastai, W&B, MLflow
//! and TensorBoard.

use super::Factor;
use crate::{format::words, train::Hyperparameter};

/// Set of images that a metric was measured on, according to the name of its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Set {
    /// `validation_`
    Validation,
    /// `val_`, `valid_`, `eval_`: the test set, unless another column names that.
    HeldOut,
    Test,
    /// No word for the set: training in a history, the result in a sweep.
    Unnamed,
    Training,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Metric {
    Accuracy,
    Loss,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Factor(Factor),
    Measure(Set, Metric),
    /// Number of an epoch.
    Epoch,
    /// Number of a step, or of a row.
    Step,
    /// TensorBoard's value of the metric in the file's name.
    Value,
    Seed,
    State,
    Seconds,
    /// Name or number of a run.
    Run,
    /// Column of this program that is not used here.
    Ignored,
}

impl Column {
    pub(crate) fn of(name: &str) -> Option<Self> {
        // W&B's charts: `rose-0 - val_accuracy`.
        let name = name.rsplit_once(" - ").map_or(name, |(_, name)| name);
        let words = words(name);
        let words = match words.as_slice() {
            [first, rest @ ..] if !rest.is_empty() && GROUPS.contains(&first.as_str()) => rest,
            all => all,
        };
        Self::by_name(&words.concat()).or_else(|| measure(words))
    }

    fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "activation" | "activationfunction" | "activationfn" | "act" => Self::Factor(Factor::ACTIVATION),
            "learningrate" | "lr" | "initiallr" | "baselr" => Self::Factor(Factor::LEARNING_RATE),
            "optimizer" | "optimiser" | "optim" | "opt" | "optimizername" => Self::Factor(Factor::OPTIMIZER),
            "batchsize" | "batch" | "bs" | "trainbatchsize" => Self::Factor(Factor::BATCH_SIZE),
            "pooling" | "pool" => Self::Factor(Factor::POOLING),
            "epochs" | "numepochs" | "maxepochs" | "nepochs" => Self::Factor(Factor::EPOCHS),
            "dataset" => Self::Factor(Factor::DataSet),
            "measuredon" => Self::Factor(Factor::MeasuredOn),
            "trainingimages" => Self::Factor(Factor::TrainingImages),
            "testimages" => Self::Factor(Factor::TestImages),
            "epoch" | "currentepoch" | "epochnumber" => Self::Epoch,
            "step" | "steps" | "globalstep" | "iteration" | "iter" => Self::Step,
            "value" => Self::Value,
            "seed" | "randomseed" => Self::Seed,
            "state" | "status" => Self::State,
            "seconds" | "runtime" | "duration" | "elapsed" => Self::Seconds,
            "name" | "run" | "runname" | "runid" | "id" | "trial" | "trialid" | "trialname" => Self::Run,
            "key" | "msperstep" | "imagespersecond" => Self::Ignored,
            name => {
                let is_named = |which: &&Hyperparameter| words(which.column()).concat() == name;
                Self::Factor(Factor::of(*Hyperparameter::ALL.iter().find(is_named)?)?)
            }
        })
    }
}

/// Prefixes that loggers put before a name.
const GROUPS: [&str; 10] =
    ["metrics", "metric", "params", "param", "config", "summary", "hparams", "hparam", "hyperparameters", "trainer"];

/// Words in the name of a metric that can be ignored.
const FILLERS: [&str; 12] = [
    "epoch",
    "mean",
    "avg",
    "average",
    "final",
    "last",
    "best",
    "sparse",
    "categorical",
    "binary",
    "multiclass",
    "overall",
];

const SETS: [(&str, Set); 13] = [
    ("validation", Set::Validation),
    ("valid", Set::HeldOut),
    ("val", Set::HeldOut),
    ("evaluation", Set::HeldOut),
    ("eval", Set::HeldOut),
    ("dev", Set::HeldOut),
    ("holdout", Set::HeldOut),
    ("testing", Set::Test),
    ("test", Set::Test),
    ("tst", Set::Test),
    ("training", Set::Training),
    ("train", Set::Training),
    ("trn", Set::Training),
];

const MEASURES: [(&str, Metric); 3] =
    [("accuracy", Metric::Accuracy), ("acc", Metric::Accuracy), ("loss", Metric::Loss)];

/// Returns the metric, if all words of the name belong to one.
fn measure(words: &[String]) -> Option<Column> {
    let (mut set, mut what) = (Set::Unnamed, None);
    for word in words {
        let mut rest = word.as_str();
        // Words may be joined: `valloss`.
        while !rest.is_empty() {
            rest = if let Some(&(name, found)) = SETS.iter().find(|(name, _)| rest.starts_with(name)) {
                set = found;
                &rest[name.len()..]
            } else if let Some(&(name, found)) = MEASURES.iter().find(|(name, _)| rest.starts_with(name)) {
                what = Some(found);
                &rest[name.len()..]
            } else {
                let filler = FILLERS.iter().find(|filler| rest.starts_with(**filler))?;
                &rest[filler.len()..]
            };
        }
    }
    what.map(|what| Column::Measure(set, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn column_names_of_many_loggers_are_known() {
        use {Metric::*, Set::*};
        for (name, set, what) in [
            ("val_accuracy", HeldOut, Accuracy),
            ("valAcc", HeldOut, Accuracy),
            ("valloss", HeldOut, Loss),
            ("Validation Accuracy", Validation, Accuracy),
            ("train_loss_epoch", Training, Loss),
            ("train/loss", Training, Loss),
            ("metrics.test_acc", Test, Accuracy),
            ("loss", Unnamed, Loss),
            ("val_sparse_categorical_accuracy", HeldOut, Accuracy),
            ("rose-0 - val_accuracy", HeldOut, Accuracy),
        ] {
            assert_eq!(Column::of(name), Some(Column::Measure(set, what)), "{name}");
        }
        for name in ["train_loss_step", "lossy", "val_accuracy__MIN", "Units", "lr-Adam", "accelerator", ""] {
            assert_eq!(Column::of(name), None, "{name}");
        }
        assert_eq!(Column::of("params.lr"), Some(Column::Factor(Factor::LEARNING_RATE)));
        assert_eq!(Column::of("config/batch_size"), Some(Column::Factor(Factor::BATCH_SIZE)));
        assert_eq!(Column::of("trainer/global_step"), Some(Column::Step));
        assert_eq!(Column::of("_step"), Some(Column::Step));
        assert_eq!(Column::of("Data Set"), Some(Column::Factor(Factor::DataSet)));
    }
}
