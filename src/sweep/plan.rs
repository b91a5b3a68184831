//! What a sweep is started with, and the flags that start the same sweep from a shell.

use std::{ffi::OsString, path::PathBuf};

use super::Grid;
use crate::{
    format::shell_quoted_path,
    train::{Hyperparameter, Hyperparameters, Limits, Value},
};

/// Runs of a sweep and their settings.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepPlan {
    pub grid: Grid,
    pub limits: Limits,
    /// Runs trained at the same time; `None` is one per core.
    pub jobs: Option<u32>,
    /// File of the table.
    pub out: PathBuf,
}

impl SweepPlan {
    /// Returns the number of epochs of every run.
    pub fn epochs(&self) -> u32 {
        match self.grid.values(Hyperparameter::Epochs) {
            [Value::Whole(epochs)] => u32::try_from(*epochs).unwrap_or(u32::MAX),
            _ => Hyperparameters::default().epochs,
        }
    }

    /// Returns the flags that give the command `sweep` the same plan, each preceded by a blank. Defaults are left out.
    pub fn flags(&self) -> String {
        let flags = self.words().into_iter().map(|word| format!(" {word}"));
        flags.collect::<String>() + " --out " + &shell_quoted_path(&self.out)
    }

    /// Returns the same flags as arguments.
    pub fn arguments(&self) -> Vec<OsString> {
        let words = self.words().into_iter().map(OsString::from);
        words.chain(["--out".into(), self.out.clone().into()]).collect()
    }

    /// Returns the flags before that of the file, whose values need no quotes.
    fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        let default = Grid::default();
        for which in Grid::order().filter(|&which| self.grid.values(which) != default.values(which)) {
            let flag = which.swept_flag().unwrap_or(which.flag()).name;
            words.extend([format!("--{flag}"), self.grid.text(which)]);
        }
        let holdout = Some(self.limits.holdout).filter(|&images| images > 0);
        let numbers = [
            ("holdout", holdout),
            ("limit-train", self.limits.train),
            ("limit-test", self.limits.test),
            ("jobs", self.jobs),
        ];
        for (flag, number) in numbers {
            words.extend(number.into_iter().flat_map(|number| [format!("--{flag}"), number.to_string()]));
        }
        words
    }
}
