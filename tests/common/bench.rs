//! A place for processes in the background, and what is left of them. Unix only.

use std::{fs, path::PathBuf, process::Output};

use portable_pty::CommandBuilder;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use super::{
    cli, made_up_images,
    terminal::{Terminal, until},
};

pub const CTRL_BACKSLASH: &str = "\x1c";

/// Flags and configuration for a lost connection, and whether training then continues in the background.
pub const HANG_UPS: [(&str, &str, bool); 5] = [
    ("", "", false),
    ("", "on-hangup = \"detach\"\n", true),
    (" --on-hangup detach", "", true),
    (" --on-hangup stop", "on-hangup = \"detach\"\n", false),
    (" --on-hangup detach --headless", "", true),
];

/// A folder with a data set and a runtime folder, in which nothing is left at the end.
pub struct Bench {
    pub folder: TempDir,
}

impl Bench {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        made_up_images(&folder.path().join("digits"), 2_000, 200);
        fs::create_dir(folder.path().join("run")).unwrap();
        Self { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes the configuration file.
    pub fn configure(&self, config: &str) {
        let folder = self.path(".config/lenet-monitor");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("config.toml"), config).unwrap();
    }

    pub fn output(&self, line: &str) -> Output {
        let mut command = cli::command(self.folder.path(), &line.split(' ').collect::<Vec<_>>());
        command.env("XDG_RUNTIME_DIR", self.path("run")).output().unwrap()
    }

    #[track_caller]
    pub fn run(&self, line: &str, code: i32) -> (String, String) {
        let (found, out, err) = cli::outcome(self.output(line));
        assert_eq!(found, Some(code), "{line}\nstdout:\n{out}\nstderr:\n{err}");
        (out, err)
    }

    pub fn sessions(&self) -> Vec<Value> {
        self.own(&self.run("sessions --json", 0).0)
    }

    /// Returns the listed runs and sweeps in this folder: the user may have others.
    fn own(&self, listed: &str) -> Vec<Value> {
        let folder = self.folder.path().canonicalize().unwrap();
        let is_own = |session: &Value| {
            let run = session["run"].as_str().unwrap_or_default();
            [folder.as_path(), self.folder.path()].iter().any(|folder| run.starts_with(folder.to_str().unwrap()))
        };
        let sessions = listed.lines().filter_map(|line| serde_json::from_str(line).ok());
        sessions.filter(is_own).collect()
    }

    /// Returns the only background run or sweep.
    #[track_caller]
    pub fn session(&self) -> Value {
        let sessions = self.sessions();
        let [session] = &sessions[..] else { panic!("{sessions:?}") };
        session.clone()
    }

    pub fn process(&self) -> Pid {
        Pid::from_raw(self.session()["pid"].as_i64().unwrap() as i32).unwrap()
    }

    pub fn terminal(&self, line: &str) -> Terminal {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_lenet-monitor"));
        command.args(line.split(' '));
        command.env("XDG_RUNTIME_DIR", self.path("run"));
        command.env("HOME", self.folder.path());
        for name in ["XDG_CONFIG_HOME", "LENET_MONITOR_CONFIG", "LENET_MONITOR_DATA"] {
            command.env_remove(name);
        }
        Terminal::spawn_in(command, self.folder.path())
    }

    /// Waits until no background run is left, and checks that the runtime folder is empty.
    #[track_caller]
    pub fn is_quiet(&self) {
        until(|| self.sessions().is_empty(), || format!("{:?}", self.sessions()));
        let left = || fs::read_dir(self.path("run/lenet-monitor")).map_or(0, Iterator::count);
        until(|| left() == 0, || "an empty runtime folder".into());
    }
}

impl Drop for Bench {
    /// Leaves no process behind where a test has failed.
    fn drop(&mut self) {
        let listed = String::from_utf8(self.output("sessions --json").stdout).unwrap_or_default();
        let sessions = self.own(&listed).into_iter();
        for process in sessions.filter_map(|session| Pid::from_raw(session["pid"].as_i64()? as i32)) {
            let _ = kill_process(process, Signal::KILL);
        }
    }
}
