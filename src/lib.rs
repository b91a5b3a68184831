//! `lenet-monitor` trains LeNet-5 on MNIST in front of your eyes, in a terminal.
//!
//! The house has floors; each imports only those below it:
//!
//! - [`cli`]: one file a subcommand. Arguments become calls, errors become exit codes.
//! - [`report`]: what a sweep or a run came to, as pictures and a page.
//! - [`tui`]: the screen. `update(state, message)` and `view(state, frame)`; knows [`train`]'s `Command` and `Event`
//!   and [`sweep`]'s `SweepCommand` and `Snapshot`, never the network.
//! - [`sweep`]: every combination of some factors' values. The grid, the runs side by side, the table, and what it says.
//! - [`train`]: one run. Hyperparameters, the loop, the background worker, history, evaluation, checkpoints.
//! - [`nn`]: networks as dfdx modules. One file a network in `models`, the blocks they are made of, the seam behind which a
//!   run trains any of them, activations, optimizers, kernels.
//! - [`data`]: images and labels. IDX files, MNIST's whereabouts and download, synthetic digits, batches.
//! - [`disk`]: files that are written whole or not at all.
//! - [`choice`]: enums whose variants go by name.
//! - `sheet`: tables of text from any source, as rows and cells.
//! - `format` and `locale`: text from outside, made safe to show, numbers and times for people, and the characters that the
//!   terminal expects.
//!
//! Data takes one way through them: bytes become a [`data::Dataset`] (one byte a pixel), batches of it go through
//! [`nn`], [`train`] reports `Event`s, and [`tui`] turns those into a frame. What the user does flows back as `Command`s.

#![warn(clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]

pub mod choice;
pub mod cli;
pub mod data;
pub mod disk;
mod format;
mod locale;
pub mod nn;
pub mod report;
mod sheet;
pub mod sweep;
pub mod train;
pub mod tui;
