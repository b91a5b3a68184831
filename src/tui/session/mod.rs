//! What is known: the run, the library of runs, the sweep, the log.

pub(crate) mod batch_history;
pub(crate) mod browse;
pub(crate) mod contrast;
pub(crate) mod events;
pub(crate) mod inquiry;
pub(crate) mod library;
pub(crate) mod live;
pub(crate) mod log;
pub(crate) mod series;
pub mod sweep;
pub(crate) mod tried;
