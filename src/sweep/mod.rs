//! The sweep: every combination of some factors' values, each trained for a few epochs.
//!
//! A [`Grid`] makes runs; a [`Sweep`] trains those that its [`Table`] does not have yet, several at once and one thread
//! each, and appends a row for each that ends. Whoever watches looks at [`Snapshot`]s and gives [`SweepCommand`]s. Shards of a grid
//! are trained on many machines and their tables brought together by [`merge()`]. A [`survey`] tells what all runs say
//! together.

mod estimate;
mod grid;
mod kept;
mod merge;
mod runner;
pub mod survey;
mod table;

pub use estimate::estimate;
pub use grid::{Grid, InvalidGrid, InvalidShard, Shard, key};
pub use kept::Kept;
pub use merge::{MergeError, Merged, merge};
pub use runner::{Progress, RunStatus, Snapshot, Sweep, SweepCommand};
pub use table::{Ending, MeasuredOn, Row, RunState, Table, TableError, read_rows, read_table, resolved, write_rows};
