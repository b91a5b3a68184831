//! Starting the process of a background run.

use std::{
    env,
    ffi::{OsStr, OsString},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{self, Child, Command, ExitStatus, Stdio},
    sync::Arc,
};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use crate::{
    cli::{on_end::OnEnd, signals::Signals},
    format::{file_name, shell_quoted, shown},
    train::{Continuation, LastOutcome},
};

/// Hidden flag of the process of a background run.
const BACKGROUND: &str = "--background";

/// What a background run reports once it trains, as a line of JSON on standard output.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::cli) struct Launched {
    /// Absolute path of the run's folder.
    pub(in crate::cli) run: PathBuf,
    pub(in crate::cli) process: u32,
}

impl Launched {
    /// Returns the line that says how to attach to the run.
    pub(in crate::cli) fn line(&self) -> String {
        let name = file_name(&self.run);
        format!(
            "{} trains in the background (process {}); attach with: lenet-monitor attach {}\n",
            shown(Path::new(&name)),
            self.process,
            shell_quoted(OsStr::new(&name)),
        )
    }
}

/// Starts this command in the background. If that process ends before it trains, this one ends with the same exit code.
///
/// # Errors
/// If the process cannot be started.
pub(in crate::cli) fn launch_this() -> anyhow::Result<Launched> {
    let arguments = env::args_os().skip(1).filter(|argument| argument != "--detach");
    let status = match launch(arguments.collect())? {
        Ok(launched) => return Ok(launched),
        Err(status) => status,
    };
    match status.code() {
        // It has said why.
        Some(code) => process::exit(code),
        None => bail!("the background run ended before it began to train ({status})"),
    }
}

/// Continues a stopped run in the background, with these flags.
///
/// # Errors
/// If the process cannot be started, or ends before it trains.
pub(in crate::cli) fn continue_run(
    checkpoint: &Path,
    continuation: Continuation,
    flags: &[OsString],
) -> anyhow::Result<Launched> {
    let mut arguments: Vec<OsString> = vec!["train".into(), "--resume".into(), checkpoint.into()];
    arguments.extend_from_slice(flags);
    arguments.extend((continuation == Continuation::Paused).then(|| "--paused".into()));
    launch(arguments)?.or_else(|status| {
        bail!(
            "the background run ended before it began to train ({status}); the run is saved: continue it with \
             `lenet-monitor train --resume`"
        )
    })
}

/// Has runs continue in the background, with these flags, once the terminal has hung up and they are saved.
pub(in crate::cli) fn detach_on_hang_up(signals: &Signals, flags: Vec<OsString>, on_end: OnEnd) {
    signals.set_on_hang_up(Arc::new(move |last: &LastOutcome| {
        if let Some((checkpoint, continuation)) = last.continuation() {
            // If this fails nobody is there to read why. The run is saved.
            if continue_run(&checkpoint, continuation, &flags).is_ok() {
                on_end.leave_to_another_process();
            }
        }
    }));
}

/// Starts a process, and returns its exit status if it ends before it trains.
fn launch(mut arguments: Vec<OsString>) -> anyhow::Result<Result<Launched, ExitStatus>> {
    arguments.push(BACKGROUND.into());
    let mut child = spawn(&arguments)?;
    let output = child.stdout.take().context("the output of a background run")?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    if let Ok(launched) = serde_json::from_str(&line) {
        return Ok(Ok(launched));
    }
    Ok(Err(child.wait()?))
}

fn spawn(arguments: &[OsString]) -> anyhow::Result<Child> {
    // The file of a running program may have been replaced by another version.
    let program = env::current_exe().ok().filter(|path| path.exists()).unwrap_or_else(|| "/proc/self/exe".into());
    let mut command = Command::new(program);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::arg0(&mut command, "lenet-monitor");
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
    command.spawn().context("cannot start a process for the background run")
}
