//! `export`: writes a checkpoint's network, or its curves, to files of another program's format.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{
    Status, UsageError,
    output::notify,
    saved::{self, CheckpointArg},
};
use crate::{
    format::{counted, shown},
    interop::{self, ExportError, Exported, Format, Layout},
    train::Checkpoint,
};

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    checkpoint: CheckpointArg,
    /// File to write, in the format that its ending names: .safetensors, .npz or .onnx
    #[arg(long, value_name = "FILE", required_unless_present = "tensorboard")]
    to: Option<PathBuf>,
    /// Write the curves of the run's epochs to this folder, as event files for TensorBoard
    #[arg(long, value_name = "DIR", conflicts_with_all = ["format", "layout", "raw"])]
    tensorboard: Option<PathBuf>,
    /// Format, whatever the ending is: safetensors, npz or onnx
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Names, shapes and orders of the tensors: those of pytorch or of keras
    #[arg(long, value_name = "LAYOUT", default_value_t)]
    layout: Layout,
    /// Write the weights themselves, of a run that tests a mean of them (--ema)
    #[arg(long)]
    raw: bool,
    /// Replace files that exist
    #[arg(long)]
    overwrite: bool,
}

pub(crate) fn run(args: ExportArgs) -> anyhow::Result<Status> {
    // Checked before anything is written.
    let network = args.to.as_deref().map(|to| args.format_of(to).map(|format| (to, format))).transpose()?;
    let mut saved = args.checkpoint.saved()?;
    if args.raw && saved.checkpoint.optimizer.average.take().is_none() {
        return Err(UsageError("--raw: the run has no mean of its weights; leave the flag out".into()).into());
    }
    if let Some((to, format)) = network {
        args.write(&saved.checkpoint, Exported::Network(format, args.layout), to)?;
        notify(&format!("{}: {}, as {format}", shown(to), saved::summary(&saved.checkpoint)));
    }
    if let Some(folder) = &args.tensorboard {
        args.write(&saved.checkpoint, Exported::Curves, folder)?;
        let epochs = counted(saved.checkpoint.history.len() as u64, "epoch");
        notify(&format!("{}: {epochs}, as event files", shown(folder)));
    }
    Ok(Status::Done)
}

impl ExportArgs {
    fn format_of(&self, to: &Path) -> Result<Format, UsageError> {
        self.format.or_else(|| Format::of(to)).ok_or_else(|| {
            let to = shown(to);
            UsageError(format!("--to {to}: expected a name that ends in .safetensors, .npz or .onnx, or --format"))
        })
    }

    fn write(&self, checkpoint: &Checkpoint, exported: Exported, to: &Path) -> anyhow::Result<()> {
        interop::write(checkpoint, exported, to, self.overwrite).map_err(|error| match error {
            ExportError::Format(error) => UsageError::new(error).into(),
            ExportError::Exists(_) => UsageError(format!("{error}; replace it with --overwrite")).into(),
            ExportError::Unwritable { .. } => error.into(),
        })
    }
}
