//! What a run has of another one: the weights it begins with, and the layers that keep them.

use std::{fmt, ops::Range, path::PathBuf};

use super::run_of;
use crate::{
    format::{listed, sanitized},
    nn::Architecture,
    train::{Hyperparameter, place},
};

/// Beginning of a run with the weights of another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Checkpoint that has the weights.
    pub path: PathBuf,
    /// Network of both runs.
    pub network: Architecture,
    /// Epochs completed in the other run, and steps done since.
    pub epoch: u32,
    pub step: u32,
    /// Name of the data set that the other run was trained on.
    pub dataset: String,
    /// Names of the layers whose weights and biases stay as they are, in the network's order.
    pub frozen: Vec<&'static str>,
}

/// Error in the list of layers to freeze.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotFreeze {
    #[error("expected layers of {network} that have weights ({}), found `{found}`", names(*network).join(", "))]
    Unknown { network: Architecture, found: String },
    #[error("all layers of {network} are frozen, so that nothing is left to train; leave out one or more of them")]
    All { network: Architecture },
}

/// Returns the names of the layers that have weights.
fn names(network: Architecture) -> Vec<&'static str> {
    network.ranges().map(|(layer, _)| layer.name).collect()
}

impl Transfer {
    /// Hyperparameters that say what the weights compute, and that come with them.
    pub const COMES_WITH: &[Hyperparameter] =
        &[Hyperparameter::Network, Hyperparameter::Delay, Hyperparameter::Activation, Hyperparameter::Pooling];

    /// Reads a list such as `c1,c3`, in which case does not matter, and returns the layers in the network's order.
    ///
    /// # Errors
    /// If a layer is unknown or has no weights, or none is left to train.
    pub fn layers(network: Architecture, list: &str) -> Result<Vec<&'static str>, CannotFreeze> {
        let names = names(network);
        let listed: Vec<_> = list.split(',').map(str::trim).collect();
        if let Some(found) = listed.iter().find(|listed| !names.iter().any(|name| name.eq_ignore_ascii_case(listed))) {
            return Err(CannotFreeze::Unknown { network, found: sanitized(found) });
        }
        let all = names.len();
        let is_listed = |name: &&str| listed.iter().any(|listed| name.eq_ignore_ascii_case(listed));
        let frozen: Vec<_> = names.into_iter().filter(is_listed).collect();
        if frozen.len() == all { Err(CannotFreeze::All { network }) } else { Ok(frozen) }
    }

    /// Returns the places of the frozen layers among the parameters.
    pub fn frozen_ranges(&self) -> Vec<Range<usize>> {
        let frozen = self.network.ranges().filter(|(layer, _)| self.frozen.contains(&layer.name));
        frozen.map(|(_, range)| range).collect()
    }

    /// Returns the name of the other run's folder.
    pub fn run(&self) -> String {
        run_of(&self.path)
    }

    /// Returns `weights from SYNTHETIC`.
    pub fn short(&self) -> String {
        format!("weights from {}", sanitized(&self.dataset))
    }

    /// Returns `, C1 and C3 frozen`, or nothing if all layers are trained.
    pub fn frozen_layers(&self) -> String {
        if self.frozen.is_empty() { String::new() } else { format!(", {} frozen", listed(&self.frozen, "and")) }
    }

    /// Returns the text of a checkpoint: what [`Transfer::from_text`] reads, tabs between the parts.
    pub(in crate::train) fn to_text(&self) -> String {
        let Self { path, network: _, epoch, step, dataset, frozen } = self;
        let path = sanitized(&path.to_string_lossy());
        format!("{epoch}\t{step}\t{}\t{}\t{path}", frozen.join(","), sanitized(dataset))
    }

    /// Reads what [`Transfer::to_text`] returns. Its texts are safe to show. `None` if anything is wrong.
    pub(in crate::train) fn from_text(network: Architecture, text: &str) -> Option<Self> {
        let mut parts = text.split('\t');
        let mut part = || parts.next();
        let (epoch, step) = (part()?.parse().ok()?, part()?.parse().ok()?);
        let frozen = match part()? {
            "" => Vec::new(),
            list => Self::layers(network, list).ok()?,
        };
        let (dataset, path) = (sanitized(part()?), sanitized(part()?).into());
        part().is_none().then_some(Self { path, network, epoch, step, dataset, frozen })
    }
}

impl fmt::Display for Transfer {
    /// Writes `the weights of RUN after epoch 20 on SYNTHETIC, C1 and C3 frozen`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (run, place) = (sanitized(&self.run()), place(self.epoch, self.step));
        write!(f, "the weights of {run} {place} on {}{}", sanitized(&self.dataset), self.frozen_layers())
    }
}
