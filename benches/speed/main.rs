//! `cargo bench`: times of the main operations, compared with the machine's peak.

#![allow(unreachable_pub)]

mod board;
mod files;
mod images;
mod kernels;
mod network;
mod screen;

use std::{env, path::PathBuf, thread, time::Duration};

use board::{Board, Peak};
use criterion::Criterion;
use lenet_monitor::nn::Simd;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
        .without_plots()
        .configure_from_args();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let board = Board::default();
    let peak = Peak::measure(cores);
    for simd in Simd::available() {
        kernels::bench(&mut criterion, &board, simd);
    }
    network::bench(&mut criterion, &board, cores);
    images::bench(&mut criterion, &board);
    files::bench(&mut criterion, &board);
    screen::bench(&mut criterion, &board);
    board.print(peak, cores);
    criterion.final_summary();
}

/// Returns the folder in which MNIST is looked for.
fn data_folder() -> PathBuf {
    env::var_os("LENET_MONITOR_DATA").unwrap_or_else(|| "data".into()).into()
}
