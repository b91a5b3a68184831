//! Folders that no flag names.

use std::{env, path::PathBuf};

use super::config::{Config, ConfigError};

/// Of runs, unless told otherwise.
pub(super) const CHECKPOINTS: &str = "checkpoints";

/// The folder of the data set, and who named it.
///
/// # Errors
/// If the configuration is wrong, and neither a flag nor the environment names one.
pub(super) fn data(flag: Option<PathBuf>) -> Result<(PathBuf, &'static str), ConfigError> {
    if let Some(folder) = flag {
        return Ok((folder, "by --data-dir"));
    }
    if let Some(folder) = named_data(None) {
        return Ok((folder, "by $LENET_MONITOR_DATA"));
    }
    Ok(match Config::load()?.defaults.data_dir {
        Some(folder) => (folder, "by the configuration"),
        None => ("data".into(), "the default; --data-dir or $LENET_MONITOR_DATA name another"),
    })
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
