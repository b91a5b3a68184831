//! Default folders, for when no flag names one.

use std::{env, path::PathBuf};

use super::config::{Config, ConfigError};

/// Folder of the data set.
pub(super) struct DataFolder {
    pub path: PathBuf,
    /// Where the path comes from, for `data status`.
    pub origin: &'static str,
    /// Whether the user chose it; then data come from this folder or from nowhere.
    pub is_named: bool,
}

/// Returns the folder of the data set, and where its path comes from.
///
/// # Errors
/// If neither a flag nor the environment names a folder, and the configuration has an error.
pub(super) fn data(flag: Option<PathBuf>) -> Result<DataFolder, ConfigError> {
    let named = |path, origin| Ok(DataFolder { path, origin, is_named: true });
    if let Some(folder) = flag {
        return named(folder, "by --data-dir");
    }
    if let Some(folder) = named_data(None) {
        return named(folder, "by $LENET_MONITOR_DATA");
    }
    if let Some(folder) = Config::load()?.defaults.data_dir {
        return named(folder, "by the configuration");
    }
    let origin = "the default; --data-dir or $LENET_MONITOR_DATA overrides it";
    Ok(DataFolder { path: "data".into(), origin, is_named: false })
}

/// Returns the folder of the data set, if a flag or the environment names it.
pub(super) fn named_data(flag: Option<PathBuf>) -> Option<PathBuf> {
    let by_environment = || env::var_os("LENET_MONITOR_DATA").filter(|value| !value.is_empty()).map(PathBuf::from);
    flag.or_else(by_environment)
}

/// Returns the folder that holds the runs' folders.
///
/// # Errors
/// If no flag names a folder, and the configuration has an error.
pub(super) fn checkpoints(flag: Option<PathBuf>) -> Result<PathBuf, ConfigError> {
    match flag {
        Some(folder) => Ok(folder),
        None => Ok(Config::load()?.defaults.checkpoint_dir()),
    }
}
