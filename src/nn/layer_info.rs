//! The description of a layer, for displaying it and checking its numbers.

use std::fmt;

use super::{Activation, Pooling};
use crate::data::CLASSES;

/// A layer of a network, as its model describes it.
#[derive(Debug, PartialEq, Eq)]
pub struct LayerInfo {
    /// Short name, such as `C1`.
    pub name: &'static str,
    pub kind: LayerKind,
    /// Number of weights and biases.
    pub parameters: usize,
    /// Side of the kernels if each map has one that is applied to the image itself; these weights come first in the
    /// layer.
    pub kernel: Option<usize>,
    /// Operation in a few words, with the placeholders of [`LayerInfo::operation()`].
    pub operation: &'static str,
    /// Inputs and outputs in a few words, with placeholders; may be empty.
    pub details: &'static str,
    /// Purpose in a sentence or two, for learners.
    pub purpose: &'static str,
}

/// A layer's outputs for one image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayerKind {
    /// `count` maps of `side` x `side`, each row by row.
    Maps { count: usize, side: usize },
    /// Values without a position in the image.
    Values(usize),
    /// States of `units` units after each of `steps` time steps, unit by unit.
    Steps { steps: usize, units: usize },
    /// Weights with which each of `tokens` tokens reads all of them, a row for each reader, head after head.
    Attention { heads: usize, tokens: usize },
}

impl LayerInfo {
    /// Base of the last layer of every network, without its number of parameters and its purpose.
    pub(super) const OUTPUT: Self = Self {
        name: "output",
        kind: LayerKind::Values(CLASSES),
        parameters: 0,
        kernel: None,
        operation: "softmax",
        details: "",
        purpose: "",
    };

    /// Base of a layer that pools windows of 2x2, without its name, maps, details and purpose.
    pub(super) const POOLING: Self = Self {
        name: "",
        kind: LayerKind::Maps { count: 0, side: 0 },
        parameters: 0,
        kernel: None,
        operation: "{pooling} pooling 2x2",
        details: "",
        purpose: "",
    };

    /// Returns the operation with the names of `activation` and `pooling` in place of `{activation}`, `{pooling}`
    /// (`average`, `max`) and `{pooled}` (`mean`, `largest`).
    pub fn operation(&self, activation: Activation, pooling: Pooling) -> String {
        filled(self.operation, activation, pooling)
    }

    /// Returns the details, filled like [`LayerInfo::operation()`].
    pub fn details(&self, activation: Activation, pooling: Pooling) -> String {
        filled(self.details, activation, pooling)
    }

    /// Returns whether its values are those of the chosen activation.
    pub fn is_activated(&self) -> bool {
        self.operation.contains("{activation}")
    }

    /// Returns the number of weights that belong to kernels over the image itself.
    pub(super) fn kernel_weights(&self) -> usize {
        match (self.kernel, self.kind) {
            (Some(side), LayerKind::Maps { count, .. }) => count * side * side,
            _ => 0,
        }
    }
}

fn filled(text: &str, activation: Activation, pooling: Pooling) -> String {
    let (kind, result) = match pooling {
        Pooling::Avg => ("average", "mean"),
        Pooling::Max => ("max", "largest"),
    };
    text.replace("{activation}", activation.name()).replace("{pooling}", kind).replace("{pooled}", result)
}

impl LayerKind {
    /// Returns the number of units: maps, heads, or values without a position.
    pub const fn count(self) -> usize {
        match self {
            Self::Maps { count, .. } | Self::Values(count) => count,
            Self::Steps { units, .. } => units,
            Self::Attention { heads, .. } => heads,
        }
    }

    /// Returns the number of values per image.
    pub const fn values(self) -> usize {
        match self {
            Self::Maps { count, side } => count * side * side,
            Self::Values(count) => count,
            Self::Steps { steps, units } => steps * units,
            Self::Attention { heads, tokens } => heads * tokens * tokens,
        }
    }
}

impl fmt::Display for LayerKind {
    /// Writes `6x28x28`, `120`, `28x224` or `4x28x28`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Maps { count, side } => f.pad(&format!("{count}x{side}x{side}")),
            Self::Values(count) => f.pad(&count.to_string()),
            Self::Steps { steps, units } => f.pad(&format!("{steps}x{units}")),
            Self::Attention { heads, tokens } => f.pad(&format!("{heads}x{tokens}x{tokens}")),
        }
    }
}
