//! The program on a command line.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

/// A folder with a small data set in `data` that is quickly learned.
pub fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    super::made_up_images(&folder.path().join("data"), 320, 100);
    folder
}

/// `lenet-monitor ARGUMENTS` in `folder`, with nothing of ours in its environment, and `folder` as the home.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lenet-monitor"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).env("HOME", folder);
    for name in [
        "LENET_MONITOR_CONFIG",
        "LENET_MONITOR_DATA",
        "LENET_MONITOR_MIRRORS",
        "LENET_MONITOR_MANIFEST",
        "XDG_CONFIG_HOME",
    ] {
        command.env_remove(name);
    }
    command
}

/// Exit code, stdout and stderr.
pub fn outcome(output: Output) -> (Option<i32>, String, String) {
    let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(!stderr.contains("panicked"), "{stderr}");
    (output.status.code(), stdout, stderr)
}
