//! Groups of hyperparameters.

use super::{Hyperparameter, Value};
use crate::choice::choice;

choice! {
    /// A group of hyperparameters that most runs leave at their defaults. Forms fold it into one line.
    Group {
        Techniques = "techniques",
        Augmentation = "augmentation",
        EarlyStop = "early stop",
    }
}

impl Hyperparameter {
    /// Returns its group; `None` for the basic ones.
    pub fn group(self) -> Option<Group> {
        self.info().group
    }
}

impl Group {
    /// Returns the heading of its flags in the help.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Techniques => "Training techniques",
            Self::Augmentation => "Augmentation: random changes to each training image, new in every epoch",
            Self::EarlyStop => "Early stopping",
        }
    }

    /// Returns a description in a few words.
    pub fn doc(self) -> &'static str {
        match self {
            Self::Techniques => "schedule, decay, dropout, EMA and others",
            Self::Augmentation => "random changes to every training image",
            Self::EarlyStop => "ends the run by its results on held-out images",
        }
    }

    pub fn hyperparameters(self) -> impl Iterator<Item = Hyperparameter> {
        Hyperparameter::ALL.iter().copied().filter(move |which| which.group() == Some(self))
    }

    /// Returns the lines of a form: each group's own, `group`, and below it one for each hyperparameter, `of`.
    pub fn lines<L>(group: fn(Self) -> L, of: fn(Hyperparameter) -> L) -> impl Iterator<Item = L> {
        let lines = move |&each: &Self| std::iter::once(group(each)).chain(each.hyperparameters().map(of));
        Self::ALL.iter().flat_map(lines)
    }

    /// Describes the hyperparameters of the group whose `values` are not the default. Runs use the hyperparameters for
    /// which there are values.
    pub fn words(self, values: impl Fn(Hyperparameter) -> Vec<Value>) -> Vec<String> {
        let describe = |which: Hyperparameter| {
            let values = values(which);
            let (&first, others) = values.split_first()?;
            let is_default = others.is_empty() && first == which.default_value();
            (!is_default)
                .then(|| others.iter().fold(which.words(first), |words, value| words + "/" + &value.readable()))
        };
        self.hyperparameters().filter_map(describe).collect()
    }
}
