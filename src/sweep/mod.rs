//! The sweep: every combination of the values of some hyperparameters, each trained for a few epochs.
//!
//! A [`Grid`] lists the runs; a [`Sweep`] trains those that are missing from its [`Table`], several at a time with one
//! thread each, and appends a row for each run that ends. An observer reads [`Snapshot`]s and sends
//! [`SweepCommand`]s.
//! Shards of a grid can be trained on several machines, and [`merge()`] combines their tables. A [`survey`] summarizes
//! the results.

mod curves;
mod estimate;
mod event;
mod grid;
mod handle;
mod merge;
mod methods;
mod plan;
mod run;
mod runner;
mod snapshot;
pub mod survey;
mod table;
mod table_status;

pub use curves::{Point, RunCurves, SweepCurves};
pub use estimate::estimate;
pub use event::{ListedRun, SweepEvent, Sweeping};
pub use grid::{Grid, InvalidGrid, InvalidShard, Shard, key};
pub use handle::{Sweep, Sweeper};
pub use merge::{MergeError, Merged, merge};
pub use methods::{DELAYS, Measurements, MethodRun, Methods, Part, Pixels, SMALL, TESTS};
pub use plan::SweepPlan;
pub use run::SweepRun;
pub use snapshot::{Progress, RunStatus, Snapshot, SweepCommand, SweepContinuation};
pub use table::{
    Ending, Format, MeasuredOn, Row, RunState, Table, TableError, read_rows, read_table, resolved, write_rows,
};
pub use table_status::TableStatus;
