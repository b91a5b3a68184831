//! What a column of a table is, by its name: this program's, Keras's, Lightning's, fastai's, or as W&B, MLflow and
//! TensorBoard write them.

use super::Factor;
use crate::train::Hyperparameter;

/// Images that something was measured on, as a column's name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Set {
    /// `validation_`
    Validation,
    /// `val_`, `valid_`, `eval_`: the test set, where nothing else is named so
    Held,
    Test,
    /// No word for the set: of training in a history, the result in a sweep
    Untold,
    Training,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Accuracy,
    Loss,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Factor(Factor),
    Measure(Set, What),
    /// Number of an epoch
    Epoch,
    /// Number of a step, or of a row
    Step,
    /// TensorBoard's number of whatever its file is about
    Value,
    Seed,
    State,
    Seconds,
    /// Name or number of a run
    Run,
    /// Written by this program, and of no use here
    Known,
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
            "key" | "msperstep" | "imagespersecond" => Self::Known,
            name => {
                let is_named = |which: &&Hyperparameter| words(which.column()).concat() == name;
                Self::Factor(Factor::of(*Hyperparameter::ALL.iter().find(is_named)?)?)
            }
        })
    }
}

/// What loggers put before a name.
const GROUPS: [&str; 10] =
    ["metrics", "metric", "params", "param", "config", "summary", "hparams", "hparam", "hyperparameters", "trainer"];

/// Words of a measure's name that change nothing.
const IDLE: [&str; 12] = [
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
    ("valid", Set::Held),
    ("val", Set::Held),
    ("evaluation", Set::Held),
    ("eval", Set::Held),
    ("dev", Set::Held),
    ("holdout", Set::Held),
    ("testing", Set::Test),
    ("test", Set::Test),
    ("tst", Set::Test),
    ("training", Set::Training),
    ("train", Set::Training),
    ("trn", Set::Training),
];

const MEASURES: [(&str, What); 3] = [("accuracy", What::Accuracy), ("acc", What::Accuracy), ("loss", What::Loss)];

/// A measure, where no word of its name says that it is anything else.
fn measure(words: &[String]) -> Option<Column> {
    let (mut set, mut what) = (Set::Untold, None);
    for word in words {
        let mut rest = word.as_str();
        // Words may be written together: `valloss`.
        while !rest.is_empty() {
            rest = if let Some(&(name, found)) = SETS.iter().find(|(name, _)| rest.starts_with(name)) {
                set = found;
                &rest[name.len()..]
            } else if let Some(&(name, found)) = MEASURES.iter().find(|(name, _)| rest.starts_with(name)) {
                what = Some(found);
                &rest[name.len()..]
            } else {
                let idle = IDLE.iter().find(|idle| rest.starts_with(**idle))?;
                &rest[idle.len()..]
            };
        }
    }
    what.map(|what| Column::Measure(set, what))
}

/// The words of a name in lower case: `valAccuracy`, `Val Accuracy` and `val_accuracy` are the same.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for char in name.chars() {
        if !char.is_alphanumeric() || (char.is_uppercase() && was_lower) {
            words.push(String::new());
        }
        if char.is_alphanumeric() {
            words.last_mut().expect("there is one").extend(char.to_lowercase());
        }
        was_lower = char.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_many_loggers_are_known() {
        use {Set::*, What::*};
        for (name, set, what) in [
            ("val_accuracy", Held, Accuracy),
            ("valAcc", Held, Accuracy),
            ("valloss", Held, Loss),
            ("Validation Accuracy", Validation, Accuracy),
            ("train_loss_epoch", Training, Loss),
            ("train/loss", Training, Loss),
            ("metrics.test_acc", Test, Accuracy),
            ("loss", Untold, Loss),
            ("val_sparse_categorical_accuracy", Held, Accuracy),
            ("rose-0 - val_accuracy", Held, Accuracy),
        ] {
            assert_eq!(Column::of(name), Some(Column::Measure(set, what)), "{name}");
        }
        for name in ["train_loss_step", "lossy", "val_accuracy__MIN", "Dropout", "lr-Adam", "accelerator", ""] {
            assert_eq!(Column::of(name), None, "{name}");
        }
        assert_eq!(Column::of("params.lr"), Some(Column::Factor(Factor::LEARNING_RATE)));
        assert_eq!(Column::of("config/batch_size"), Some(Column::Factor(Factor::BATCH_SIZE)));
        assert_eq!(Column::of("trainer/global_step"), Some(Column::Step));
        assert_eq!(Column::of("_step"), Some(Column::Step));
        assert_eq!(Column::of("Data Set"), Some(Column::Factor(Factor::DataSet)));
    }
}
