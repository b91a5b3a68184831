//! Starting the process of a background run or sweep.

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
    cli::{
        Status,
        arguments::{BACKGROUND, DROPPED, PAUSED},
        on_end::OnEnd,
        output::print,
        signals::{Saved, Signals},
    },
    format::{file_name, shell_quoted, shown},
    sweep::SweepContinuation,
    train::Continuation,
    tui,
};

/// What a background process reports once it trains, as a line of JSON on standard output.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::cli) struct Launched {
    /// Absolute path of the run's folder, or of the sweep's table.
    pub(in crate::cli) run: PathBuf,
    #[serde(default)]
    pub(in crate::cli) is_sweep: bool,
    pub(in crate::cli) process: u32,
}

impl Launched {
    /// Returns the line that says how to attach to the run or the sweep.
    fn line(&self) -> String {
        let name = file_name(&self.run);
        let shown = shown(Path::new(&name));
        let what = if self.is_sweep { format!("the sweep into {shown}") } else { shown };
        format!(
            "{what} trains in the background (process {}); attach with: lenet-monitor attach {}\n",
            self.process,
            shell_quoted(OsStr::new(&name)),
        )
    }
}

/// Starts this command in the background, and prints how to attach to it. If that process ends before it trains, this one
/// ends with the same exit code.
///
/// # Errors
/// If the process cannot be started.
pub(in crate::cli) fn launch_this() -> anyhow::Result<Status> {
    let arguments = env::args_os().skip(1).filter(|argument| argument != "--detach");
    let status = match launch(arguments.collect())? {
        Ok(launched) => {
            print(&launched.line())?;
            return Ok(Status::Done);
        }
        Err(status) => status,
    };
    match status.code() {
        // It has said why.
        Some(code) => process::exit(code),
        None => bail!("the background process ended before it began to train ({status})"),
    }
}

/// Continues in the background what a screen has left to be continued there: its run, with these flags, its sweep, or
/// both. Returns whether anything continues, after printing how to attach to it.
///
/// # Errors
/// If a process cannot be started, or ends before it trains.
pub(in crate::cli) fn continue_after(
    exit: &tui::Exit,
    flags: &[OsString],
    signals: &Signals,
    on_end: &OnEnd,
) -> anyhow::Result<bool> {
    if exit.leave != tui::Leave::Detach {
        return Ok(false);
    }
    let mut lines = String::new();
    if let Some((checkpoint, continuation)) = &exit.continuation {
        lines += &continue_run(checkpoint, *continuation, flags)?.line();
    }
    for saved in signals.saved() {
        if let Some((arguments, continuation)) = saved.interrupted_sweep() {
            lines += &continue_sweep(arguments, &continuation)?.line();
        }
    }
    let continues = !lines.is_empty();
    if continues {
        on_end.leave_to_another_process();
        // The terminal may be gone.
        let _ = print(&lines);
    }
    Ok(continues)
}

/// Continues a stopped run in the background, with these flags.
///
/// # Errors
/// If the process cannot be started, or ends before it trains.
fn continue_run(checkpoint: &Path, continuation: Continuation, flags: &[OsString]) -> anyhow::Result<Launched> {
    let mut arguments: Vec<OsString> = vec!["train".into(), "--resume".into(), checkpoint.into()];
    arguments.extend_from_slice(flags);
    arguments.extend((continuation == Continuation::Paused).then(|| PAUSED.into()));
    launch(arguments)?.or_else(|status| {
        bail!(
            "the background run ended before it began to train ({status}); the run is saved: continue it with \
             `lenet-monitor train --resume`"
        )
    })
}

/// Continues an interrupted sweep in the background.
///
/// # Errors
/// As [`continue_run`].
fn continue_sweep(arguments: &[OsString], continuation: &SweepContinuation) -> anyhow::Result<Launched> {
    let mut arguments = arguments.to_vec();
    arguments.extend(continuation.is_paused.then(|| PAUSED.into()));
    if !continuation.dropped.is_empty() {
        let dropped: Vec<String> = continuation.dropped.iter().map(usize::to_string).collect();
        arguments.push(format!("{DROPPED}{}", dropped.join(",")).into());
    }
    launch(arguments)?.or_else(|status| {
        bail!(
            "the background sweep ended before it began ({status}); the runs that have ended are in the table: the same \
             command continues with the rest"
        )
    })
}

/// Has runs, with these flags, and sweeps continue in the background once the terminal has hung up and they are saved.
pub(in crate::cli) fn detach_on_hang_up(signals: &Signals, flags: Vec<OsString>, on_end: OnEnd) {
    signals.set_on_hang_up(Arc::new(move |saved: &Saved| {
        let run = match saved {
            Saved::Run(last) => last.continuation(),
            Saved::Sweep(..) => None,
        };
        let launched = match (run, saved.interrupted_sweep()) {
            (Some((checkpoint, continuation)), _) => continue_run(&checkpoint, continuation, &flags),
            (None, Some((arguments, continuation))) => continue_sweep(arguments, &continuation),
            (None, None) => return,
        };
        // If this fails nobody is there to read why. Everything is saved.
        if launched.is_ok() {
            on_end.leave_to_another_process();
        }
    }));
}

/// Starts a process, and returns its exit status if it ends before it trains.
fn launch(mut arguments: Vec<OsString>) -> anyhow::Result<Result<Launched, ExitStatus>> {
    arguments.push(BACKGROUND.into());
    let mut child = spawn(&arguments)?;
    let output = child.stdout.take().context("the output of a background process")?;
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
    command.spawn().context("cannot start a process in the background")
}
