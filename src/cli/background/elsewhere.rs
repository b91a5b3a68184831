//! Systems on which no run trains in the background: every command says so.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use anyhow::bail;

use super::args::{AttachArgs, ControlArgs, Order, SessionsArgs, StopArgs};
use crate::{
    cli::{Status, UsageError, signals::Signals},
    data::Dataset,
    train::{Continuation, Worker},
};

/// What cannot be made here.
pub(in crate::cli) enum Launched {}

/// What cannot be made here.
pub(in crate::cli) enum Prepared {}

fn impossible<T>() -> anyhow::Result<T> {
    bail!(UsageError("runs train in the background only on Unix".to_owned()))
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

pub(in crate::cli) fn detach_on_hang_up(_: &Signals, _: Vec<OsString>) {}

pub(in crate::cli) fn serve(
    prepared: Prepared,
    _: Worker,
    _: &Dataset,
    _: Option<PathBuf>,
    _: &Signals,
) -> anyhow::Result<Status> {
    match prepared {}
}
