//! The Mistakes screen.

pub(crate) mod view;
