//! `export`: writes a checkpoint's network to a file of another program's format.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::{
    Status, UsageError,
    output::notify,
    saved::{self, CheckpointArg},
};
use crate::{
    disk,
    format::shown,
    interop::{self, Format, Layout},
};

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    checkpoint: CheckpointArg,
    /// File to write, in the format that its ending names: .safetensors, .npz or .onnx
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Format, whatever the ending is: safetensors, npz or onnx
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Names, shapes and orders of the tensors: those of pytorch or of keras
    #[arg(long, value_name = "LAYOUT", default_value_t)]
    layout: Layout,
    /// Write the weights themselves, of a run that tests a mean of them (--ema)
    #[arg(long)]
    raw: bool,
    /// Replace the file if there is one
    #[arg(long)]
    overwrite: bool,
}

pub(crate) fn run(args: ExportArgs) -> anyhow::Result<Status> {
    let shown_to = shown(&args.to);
    let format = args.format.or_else(|| Format::of(&args.to)).ok_or_else(|| {
        UsageError(format!("--to {shown_to}: expected a name that ends in .safetensors, .npz or .onnx, or --format"))
    })?;
    let mut saved = args.checkpoint.saved()?;
    if args.raw && saved.checkpoint.optimizer.average.take().is_none() {
        return Err(UsageError("--raw: the run has no mean of its weights; leave the flag out".into()).into());
    }
    let bytes = interop::export(&saved.checkpoint, format, args.layout).map_err(UsageError::new)?;
    if !args.overwrite && args.to.symlink_metadata().is_ok() {
        return Err(UsageError(format!("{shown_to} exists; replace it with --overwrite")).into());
    }
    disk::write_atomically(&args.to, &bytes).with_context(|| format!("cannot write {shown_to}"))?;
    notify(&format!("{shown_to}: {}, as {format}", saved::summary(&saved.checkpoint)));
    Ok(Status::Done)
}
