//! Hyperparameters and folders, as they are written in the file.

use std::{fmt, path::PathBuf, sync::LazyLock};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};
use toml::Spanned;

use crate::train::{Hyperparameter, Kind};

/// What `[defaults]` sets, or a preset.
#[derive(Default)]
pub(super) struct FileDefaults {
    pub(super) hyper: Vec<(Hyperparameter, Spanned<Written>)>,
    pub(super) checkpoint_dir: Option<Spanned<PathBuf>>,
    pub(super) data_dir: Option<Spanned<PathBuf>>,
}

/// A value by its type in the file.
pub(super) enum Written {
    Name(String),
    Real(f64),
    Whole(i64),
}

/// Returns all hyperparameters in the order in which the file is written.
pub(super) fn hyperparameters() -> impl Iterator<Item = Hyperparameter> {
    use Hyperparameter::{Activation, Optimizer, Pooling};
    Hyperparameter::starting_with(&[Activation, Optimizer, Pooling])
}

const CHECKPOINT_DIR: &str = "checkpoint-dir";
const DATA_DIR: &str = "data-dir";
/// Every key, for the error about one that is none.
static KEYS: LazyLock<Vec<&str>> =
    LazyLock::new(|| hyperparameters().map(|which| which.flag().name).chain([CHECKPOINT_DIR, DATA_DIR]).collect());

enum Key {
    Of(Hyperparameter),
    CheckpointDir,
    DataDir,
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match hyperparameters().find(|which| which.flag().name == text) {
            Some(which) => Ok(Self::Of(which)),
            None if text == CHECKPOINT_DIR => Ok(Self::CheckpointDir),
            None if text == DATA_DIR => Ok(Self::DataDir),
            None => Err(D::Error::unknown_field(&text, &KEYS)),
        }
    }
}

impl<'de> Deserialize<'de> for FileDefaults {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("FileDefaults", &KEYS, DefaultsVisitor)
    }
}

struct DefaultsVisitor;

impl<'de> Visitor<'de> for DefaultsVisitor {
    type Value = FileDefaults;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("struct FileDefaults")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FileDefaults, A::Error> {
        let mut defaults = FileDefaults::default();
        while let Some(key) = map.next_key()? {
            match key {
                Key::Of(which) => defaults.hyper.push((which, next(which, &mut map)?)),
                Key::CheckpointDir => defaults.checkpoint_dir = Some(map.next_value()?),
                Key::DataDir => defaults.data_dir = Some(map.next_value()?),
            }
        }
        Ok(defaults)
    }
}

fn next<'de, A: MapAccess<'de>>(which: Hyperparameter, map: &mut A) -> Result<Spanned<Written>, A::Error> {
    Ok(match which.kind() {
        Kind::Names(_) => with_span(map.next_value()?, Written::Name),
        Kind::Real { .. } => with_span(map.next_value()?, Written::Real),
        Kind::Whole { .. } => with_span(map.next_value()?, Written::Whole),
    })
}

fn with_span<T>(value: Spanned<T>, written: fn(T) -> Written) -> Spanned<Written> {
    Spanned::new(value.span(), written(value.into_inner()))
}
