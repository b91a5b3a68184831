//! `lenet-monitor` trains LeNet-5 on MNIST in front of your eyes, in a terminal.
//!
//! The house has floors; a file imports only from its own floor and from those below. From the top:
//!
//! - [`cli`]: the command line, one file per subcommand. Turns arguments into calls and errors into exit codes.
//! - [`tui`]: the screen, as `update(app, message)` and `view(app, frame)`. Knows [`train`]'s `Command` and `Event` and
//!   [`sweep`]'s `SweepCommand` and `Snapshot`, never the network.
//! - [`report`]: the results of a sweep or a run as SVG and PNG pictures and one page. Never imports [`tui`], nor the
//!   reverse.
//! - [`background`]: runs that outlive their terminal: a trainer's socket, and viewers that come and go.
//! - [`sweep`]: every combination of some factors' values: the grid, the runs side by side, the table, and its survey.
//! - [`interop`]: networks in the files of other programs. [`watch`]: the curves of other programs' runs, as they grow.
//! - [`train`]: one run: hyperparameters, the training loop, the background worker, evaluation, ensembles,
//!   calibration, history, checkpoints.
//! - [`nn`]: networks as dfdx modules: one file per network in `models`, their building blocks, optimizers, kernels,
//!   and the `Network` behind which a run trains any of them.
//! - [`data`]: images and labels: MNIST's files and download, other layouts, pictures of digits, synthetic digits,
//!   batches.
//! - [`disk`]: files that are written whole or not at all; `sheet`: tables of text from any source, as rows and cells.
//! - [`choice`]: enums whose variants have names; `format`: outside text made safe to show, numbers and times for
//!   people; `locale`: whether the terminal expects UTF-8.
//!
//! Data flows one way: bytes become a [`data::Dataset`] (one byte per pixel), its batches go through [`nn`], [`train`]
//! reports `Event`s, and [`tui`] turns those into a frame. What the user does flows back as `Command`s.

#![warn(clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]

pub mod background;
pub mod choice;
pub mod cli;
pub mod data;
pub mod disk;
mod format;
pub mod interop;
mod locale;
pub mod nn;
pub mod report;
mod sheet;
pub mod sweep;
pub mod train;
pub mod tui;
pub mod watch;
