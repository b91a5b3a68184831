//! Folders that no flag names.

use std::{env, path::PathBuf};

use super::config::{Config, ConfigError};

/// The folder of the data set.
pub(super) struct DataFolder {
    pub path: PathBuf,
    /// Who named it, for `data status`.
    pub whence: &'static str,
    /// Whether the user did: then it is the place for data, and nothing else takes its place.
    pub is_named: bool,
}

/// Returns the folder of the data set, and who named it.
///
/// # Errors
/// If the configuration is wrong, and neither a flag nor the environment names one.
pub(super) fn data(flag: Option<PathBuf>) -> Result<DataFolder, ConfigError> {
    let named = |path, whence| Ok(DataFolder { path, whence, is_named: true });
    if let Some(folder) = flag {
        return named(folder, "by --data-dir");
    }
    if let Some(folder) = named_data(None) {
        return named(folder, "by $LENET_MONITOR_DATA");
    }
    if let Some(folder) = Config::load()?.defaults.data_dir {
        return named(folder, "by the configuration");
    }
    let whence = "the default; --data-dir or $LENET_MONITOR_DATA name another";
    Ok(DataFolder { path: "data".into(), whence, is_named: false })
}

/// Returns the folder of the data set where a flag or the environment names it.
pub(super) fn named_data(flag: Option<PathBuf>) -> Option<PathBuf> {
    let by_environment = || env::var_os("LENET_MONITOR_DATA").filter(|value| !value.is_empty()).map(PathBuf::from);
    flag.or_else(by_environment)
}

/// The folder that runs make their folders in.
///
/// # Errors
/// If the configuration is wrong, and no flag names one.
pub(super) fn checkpoints(flag: Option<PathBuf>) -> Result<PathBuf, ConfigError> {
    match flag {
        Some(folder) => Ok(folder),
        None => Ok(Config::load()?.defaults.checkpoint_dir()),
    }
}
