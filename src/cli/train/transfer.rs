//! `--from`: the run with whose weights a new one begins, and the layers that keep them.

use std::path::Path;

use super::{TrainArgs, UsageError};
use crate::train::{Checkpoint, Hyperparameters, Recipe, Transfer, checkpoint::resolve};

/// Returns the hyperparameters and the first weights of a run that begins with those of `from`.
pub(super) fn transfer(
    args: &TrainArgs,
    from: &Path,
    recipe: Recipe,
) -> anyhow::Result<(Hyperparameters, Option<Transfer>)> {
    let path = resolve(from);
    let checkpoint = Checkpoint::read(&path)?;
    let mut hyper = recipe.hyperparameters();
    for &which in Transfer::COMES_WITH {
        hyper.set(which, checkpoint.spec.hyper.get(which));
    }
    let hyper = args.hyper.filled(hyper);
    let mut transfer = checkpoint.transfer(&path);
    transfer.check_network(hyper.network).map_err(UsageError::new)?;
    if let Some(list) = &args.freeze {
        transfer.frozen = Transfer::layers(hyper.network, list)
            .map_err(|error| UsageError(format!("--freeze {}: {error}", crate::format::sanitized(list))))?;
    }
    Ok((hyper, Some(transfer)))
}
