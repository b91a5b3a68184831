//! The Sweep screen.

pub(crate) mod board;
pub(crate) mod update;
pub(crate) mod view;
