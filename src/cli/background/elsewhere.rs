//! Systems on which no run trains in the background: every command says so.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::bail;

use super::args::{AttachArgs, ControlArgs, Observe, Order, SessionsArgs, StopArgs};
use crate::{
    cli::{Status, UsageError, config::Config, on_end::OnEnd, signals::Signals},
    data::{Dataset, DatasetId},
    sweep::{Sweep, Sweeping},
    train::{BackgroundRun, Worker},
    tui::{self, BackgroundRuns},
};

/// What cannot be made here.
pub(in crate::cli) enum Prepared {}

const IMPOSSIBLE: &str = "runs and sweeps train in the background only on Unix";

fn impossible<T>() -> anyhow::Result<T> {
    bail!(UsageError(IMPOSSIBLE.to_owned()))
}

impl Prepared {
    pub(in crate::cli) fn new() -> anyhow::Result<Self> {
        impossible()
    }
}

pub(in crate::cli) fn attach(_: AttachArgs) -> anyhow::Result<Status> {
    impossible()
}

pub(in crate::cli) fn list(_: &SessionsArgs) -> anyhow::Result<Status> {
    impossible()
}

pub(in crate::cli) fn stop(_: &StopArgs) -> anyhow::Result<Status> {
    impossible()
}

pub(in crate::cli) fn order(_: &ControlArgs, _: Order) -> anyhow::Result<Status> {
    impossible()
}

pub(in crate::cli) fn launch_this() -> anyhow::Result<Status> {
    impossible()
}

pub(in crate::cli) fn continue_after(_: &tui::Exit, _: &[OsString], _: &Signals, _: &OnEnd) -> anyhow::Result<bool> {
    Ok(false)
}

pub(in crate::cli) fn detach_on_hang_up(_: &Signals, _: Vec<OsString>, _: OnEnd) {}

pub(in crate::cli) fn attach_to(_: &AttachArgs, _: Config, _: &Path) -> anyhow::Result<Status> {
    impossible()
}

pub(in crate::cli) fn attach_to_sweep_into(
    _: &Path,
    _: Option<(AttachArgs, Config)>,
) -> anyhow::Result<Option<Status>> {
    Ok(None)
}

pub(in crate::cli) fn offers_to_attach(_: &BackgroundRun) -> io::Result<bool> {
    Ok(false)
}

pub(in crate::cli) fn background_runs(_: &DatasetId, _: &Signals) -> BackgroundRuns {
    BackgroundRuns {
        status: Arc::new(|_| Err(IMPOSSIBLE.to_owned())),
        attach: Arc::new(|_| Err(IMPOSSIBLE.to_owned())),
    }
}

pub(in crate::cli) fn serve(
    prepared: Prepared,
    _: Worker,
    _: Arc<Dataset>,
    _: Option<PathBuf>,
    _: &Signals,
) -> anyhow::Result<Status> {
    match prepared {}
}

pub(in crate::cli) fn serve_sweep(
    prepared: Prepared,
    _: &Sweep,
    _: Sweeping,
    _: Arc<Dataset>,
    _: Option<PathBuf>,
    _: impl FnOnce(Observe) -> anyhow::Result<Status>,
) -> anyhow::Result<Status> {
    match prepared {}
}
