//! The Parameters screen.

pub(crate) mod form;
pub(crate) mod network;
pub(crate) mod view;
