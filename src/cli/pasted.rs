//! Commands that are printed for the user to paste into the shell.

use std::{
    ffi::{OsStr, OsString},
    path::Path,
};

use super::{
    DatasetArgs, DatasetChoice,
    arguments::own,
    config::Defaults,
    engine::{EngineArgs, SimdArgs},
    folders,
};
use crate::{
    data::Kind,
    disk,
    format::{shell_quoted, shell_quoted_path},
};

/// Returns the command that this program was started with.
pub(super) fn this_command() -> String {
    own().into_iter().fold("lenet-monitor".to_owned(), |command, word| command + " " + &shell_quoted(&word))
}

/// Flags and their values.
#[derive(Clone, Default)]
pub(super) struct Flags(Vec<(&'static str, OsString)>);

impl Flags {
    /// Returns the flags that a command for a run on this kind of data needs to repeat the user's choices. The
    /// environment and the configuration are spelled out too: they may differ where the command is pasted.
    pub(super) fn of(dataset: &DatasetArgs, kind: Kind, checkpoint_dir: Option<&Path>, defaults: &Defaults) -> Self {
        let choice = match dataset.dataset {
            Some(DatasetChoice::Mnist) if kind != Kind::Synthetic => Some("mnist"),
            Some(DatasetChoice::Synthetic) => Some("synthetic"),
            _ => None,
        };
        // Synthetic digits need no folder.
        let named = || folders::named_data(dataset.data_dir.clone()).or_else(|| defaults.data_dir.clone());
        let data = if kind == Kind::Synthetic { None } else { named() };
        let flags = choice.map_or_else(Self::default, |choice| Self::default().with("--dataset", choice));
        flags.with_path("--data-dir", data.as_deref()).with_path("--checkpoint-dir", checkpoint_dir)
    }

    pub(super) fn and_engine(self, engine: &EngineArgs) -> Self {
        engine.given().into_iter().fold(self, |flags, (name, value)| flags.with(name, &value))
    }

    pub(super) fn and_simd(self, simd: &SimdArgs) -> Self {
        simd.given().into_iter().fold(self, |flags, (name, value)| flags.with(name, &value))
    }

    pub(super) fn and_on_end(self, command: Option<&str>) -> Self {
        command.map_or_else(|| self.clone(), |command| self.clone().with("--on-end", command))
    }

    pub(super) fn and_tensorboard(self, folder: Option<&Path>) -> Self {
        self.with_path("--tensorboard", folder.map(disk::absolute).as_deref())
    }

    fn with(mut self, name: &'static str, value: impl AsRef<OsStr>) -> Self {
        self.0.push((name, value.as_ref().to_owned()));
        self
    }

    fn with_path(self, name: &'static str, path: Option<&Path>) -> Self {
        match path {
            Some(path) => self.with(name, path),
            None => self,
        }
    }

    /// Returns the arguments of a command.
    pub(super) fn arguments(&self) -> Vec<OsString> {
        self.0.iter().flat_map(|(name, value)| [OsString::from(name), value.clone()]).collect()
    }

    /// Returns the flags quoted for a shell, each preceded by a space.
    pub(super) fn into_string(self) -> String {
        let quoted = |(name, value): (&str, OsString)| match name.ends_with("-dir") {
            true => format!(" {name} {}", shell_quoted_path(value.as_ref())),
            false => format!(" {name} {}", shell_quoted(&value)),
        };
        self.0.into_iter().map(quoted).collect()
    }
}
