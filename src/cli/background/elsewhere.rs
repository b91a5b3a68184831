//! Systems on which no run trains in the background: every command says so.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::bail;

use super::args::{AttachArgs, ControlArgs, Order, SessionsArgs, StopArgs};
use crate::{
    cli::{Status, UsageError, config::Config, on_end::OnEnd, signals::Signals},
    data::{Dataset, DatasetId},
    train::{BackgroundRun, Continuation, Worker},
    tui::BackgroundRuns,
};

/// What cannot be made here.
pub(in crate::cli) enum Launched {}

/// What cannot be made here.
pub(in crate::cli) enum Prepared {}

const IMPOSSIBLE: &str = "runs train in the background only on Unix";

fn impossible<T>() -> anyhow::Result<T> {
    bail!(UsageError(IMPOSSIBLE.to_owned()))
}

impl Launched {
    pub(in crate::cli) fn line(&self) -> String {
        match *self {}
    }
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

pub(in crate::cli) fn launch_this() -> anyhow::Result<Launched> {
    impossible()
}

pub(in crate::cli) fn continue_run(_: &Path, _: Continuation, _: &[OsString]) -> anyhow::Result<Launched> {
    impossible()
}

pub(in crate::cli) fn detach_on_hang_up(_: &Signals, _: Vec<OsString>, _: OnEnd) {}

pub(in crate::cli) fn attach_to(_: &AttachArgs, _: Config, _: &Path) -> anyhow::Result<Status> {
    impossible()
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
