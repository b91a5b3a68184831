//! Hyperparameters and folders as the file has them, before they are checked.

use std::{fmt, path::PathBuf, sync::LazyLock};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};
use toml::Spanned;

use crate::train::{Hyperparameter, Kind};

/// Contents of `[defaults]` or of a preset.
#[derive(Default)]
pub(super) struct FileDefaults {
    pub(super) hyper: Vec<(Hyperparameter, Spanned<RawValue>)>,
    pub(super) checkpoint_dir: Option<Spanned<PathBuf>>,
    pub(super) data_dir: Option<Spanned<PathBuf>>,
}

/// Value of a hyperparameter, by its type in the file.
pub(super) enum RawValue {
    Name(String),
    Real(f64),
    Whole(i64),
}

/// Returns all hyperparameters in the order of the written file.
pub(super) fn hyperparameters() -> impl Iterator<Item = Hyperparameter> {
    use Hyperparameter::{Activation, Optimizer, Pooling};
    Hyperparameter::starting_with(&[Activation, Optimizer, Pooling])
}

const CHECKPOINT_DIR: &str = "checkpoint-dir";
const DATA_DIR: &str = "data-dir";
/// All valid keys, for the error about an unknown one.
static KEYS: LazyLock<Vec<&str>> =
    LazyLock::new(|| hyperparameters().map(|which| which.flag().name).chain([CHECKPOINT_DIR, DATA_DIR]).collect());

enum Key {
    Hyperparameter(Hyperparameter),
    CheckpointDir,
    DataDir,
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match hyperparameters().find(|which| which.flag().name == text) {
            Some(which) => Ok(Self::Hyperparameter(which)),
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
                Key::Hyperparameter(which) => defaults.hyper.push((which, next_value(which, &mut map)?)),
                Key::CheckpointDir => defaults.checkpoint_dir = Some(map.next_value()?),
                Key::DataDir => defaults.data_dir = Some(map.next_value()?),
            }
        }
        Ok(defaults)
    }
}

fn next_value<'de, A: MapAccess<'de>>(which: Hyperparameter, map: &mut A) -> Result<Spanned<RawValue>, A::Error> {
    Ok(match which.kind() {
        Kind::Names(_) => with_span(map.next_value()?, RawValue::Name),
        Kind::Real { .. } => with_span(map.next_value()?, RawValue::Real),
        Kind::Whole { .. } => with_span(map.next_value()?, RawValue::Whole),
    })
}

fn with_span<T>(value: Spanned<T>, raw: fn(T) -> RawValue) -> Spanned<RawValue> {
    Spanned::new(value.span(), raw(value.into_inner()))
}
