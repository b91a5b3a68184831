//! The Train screen.

pub(crate) mod curves;
pub(crate) mod epochs;
pub(crate) mod facts;
pub(crate) mod log;
pub(crate) mod plot;
pub(crate) mod trouble;
pub(crate) mod view;
