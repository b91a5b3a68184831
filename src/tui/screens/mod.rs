//! The screens, a folder each.

pub(crate) mod confusion;
pub(crate) mod draw;
pub(crate) mod layers;
pub(crate) mod mistakes;
pub(crate) mod parameters;
pub(crate) mod runs;
pub(crate) mod sweep;
pub(crate) mod train;
