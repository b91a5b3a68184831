//! MNIST digits on painted pages of many kinds: uneven light, marks that are not part of the digit, sheets on tables.
//!
//! The test reads a few pages of each kind. The full measurement is
//! `cargo test --release --test pages -- --ignored --nocapture`: 60 pages of each kind, and a table of all kinds.
//! `LENET_MONITOR_TEST_NETWORK=CHECKPOINT` uses another network, `LENET_MONITOR_TEST_PAGES=FOLDER` saves the pages that
//! were misread as PNG.

#![allow(unreachable_pub)]

#[path = "../common/mod.rs"]
mod common;
mod kinds;
mod paint;

use std::{
    env, fs,
    io::Cursor,
    iter,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use image::{DynamicImage, ImageFormat};
use kinds::{KINDS, Kind};
use lenet_monitor::{
    data::{PIXELS, Split, picture},
    nn::{Engine, Network},
    train::{Checkpoint, evaluate},
};
use paint::Dice;

type Image = [u8; PIXELS];

/// Returns a network that can read MNIST: the named one, or one that is trained briefly.
fn checkpoint(mnist: &Path, epochs: &str) -> Checkpoint {
    let read = |path: &Path| Checkpoint::read(path).unwrap();
    if let Some(path) = env::var_os("LENET_MONITOR_TEST_NETWORK") {
        return read(Path::new(&path));
    }
    let folder = tempfile::tempdir().unwrap();
    let data = mnist.to_str().unwrap();
    let data = fs::canonicalize(data).unwrap();
    let data = data.to_str().unwrap();
    let train = ["train", "--headless", "--data-dir", data, "--epochs", epochs, "--checkpoint-dir", "runs"];
    let output = common::cli::command(folder.path(), &train).output().unwrap();
    let (code, stdout, stderr) = common::cli::outcome(output);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    let run = fs::read_dir(folder.path().join("runs")).unwrap().next().unwrap().unwrap().path();
    read(&run.join("last.ckpt"))
}

/// Returns MNIST's test digits in turn, one of each digit and so on, only those that the network reads correctly.
fn digits(mnist: &Path, network: &mut Network) -> Vec<(u8, Image)> {
    let pixels = common::unpacked(mnist, common::NAMES[2]).split_off(16);
    let labels = common::unpacked(mnist, common::NAMES[3]).split_off(8);
    let mut by_digit = vec![Vec::new(); 10];
    for (&label, image) in labels.iter().zip(pixels.chunks_exact(PIXELS)).take(2_000) {
        if read(network, image.try_into().unwrap()).0 == label {
            by_digit[usize::from(label)].push(image.try_into().unwrap());
        }
    }
    let turns = by_digit.iter().map(Vec::len).min().unwrap();
    (0..turns)
        .flat_map(|turn| (0..10).map(move |label| (label as u8, turn)))
        .map(|(label, turn)| (label, by_digit[usize::from(label)][turn]))
        .collect()
}

/// Returns the network's prediction and its confidence.
fn read(network: &mut Network, image: &Image) -> (u8, f32) {
    let prediction = evaluate(network, &Split::new(image.to_vec(), vec![0])).predictions[0];
    (prediction.digit, prediction.confidence())
}

fn page(kind: Kind, number: usize, digit: Image) -> Vec<u8> {
    let seed = 1_000 + number as u64;
    let mut dice = Dice::new(seed);
    let mut scene = kinds::scene(digit, &mut dice, seed);
    kind(&mut scene, &mut dice);
    let format = if dice.chance(0.5) { ImageFormat::Jpeg } else { ImageFormat::Png };
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(scene.paint()).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Returns how many of `count` pages of a kind are read correctly.
fn right(network: &mut Network, digits: &[(u8, Image)], (name, kind): (&str, Kind), count: usize) -> usize {
    let kept = env::var_os("LENET_MONITOR_TEST_PAGES");
    let is_right = |&number: &usize| {
        let (label, digit) = digits[number % digits.len()];
        let bytes = page(kind, number, digit);
        let answer = picture::read_digit(&bytes).map(|form| read(network, &form).0);
        let is_right = answer.as_ref().is_ok_and(|&answer| answer == label);
        if let (false, Some(folder)) = (is_right, &kept) {
            let got = answer.map_or("nothing".into(), |answer| answer.to_string());
            let file = format!("{}-{number}-read-{got}-is-{label}.png", name.replace([' ', ','], "-"));
            image::load_from_memory(&bytes).unwrap().save(Path::new(folder).join(file)).unwrap();
        }
        is_right
    };
    (0..count).filter(is_right).count()
}

/// Reads pages of every kind, on all processors, and prints the table.
fn measure(epochs: &str, count: usize) -> Option<Vec<(&'static str, usize)>> {
    let mnist = common::mnist()?;
    let checkpoint = checkpoint(&mnist, epochs);
    let digits = digits(&mnist, &mut checkpoint.network(Engine::new(1)));
    let next = AtomicUsize::new(0);
    let work = || {
        let mut network = checkpoint.network(Engine::new(1));
        let kinds = iter::from_fn(|| KINDS.get(next.fetch_add(1, Ordering::Relaxed)));
        kinds.map(|&kind| (kind.0, right(&mut network, &digits, kind, count))).collect::<Vec<_>>()
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut table = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect::<Vec<_>>()
    });
    table.sort_by_key(|row| KINDS.iter().position(|kind| kind.0 == row.0));
    for (name, right) in &table {
        println!("{name:24}{right:>5} of {count}");
    }
    let (right, all) = (sum(&table), count * KINDS.len());
    println!("{:24}{right:>5} of {all}: {:.1} %", "all", 100.0 * right as f64 / all as f64);
    Some(table)
}

fn sum(table: &[(&str, usize)]) -> usize {
    table.iter().map(|row| row.1).sum()
}

#[track_caller]
fn assert_read(table: &[(&str, usize)], count: usize) {
    let poor: Vec<_> = table.iter().filter(|row| row.1 * 4 < count * 3).collect();
    assert!(poor.is_empty(), "under three quarters of {count}: {poor:?}");
    assert!(sum(table) * 10 >= count * table.len() * 9, "under 90 %: {table:?}");
}

#[test]
fn digits_are_read_on_every_kind_of_page() {
    const COUNT: usize = 6;
    let Some(table) = measure("2", COUNT) else { return };
    assert_read(&table, COUNT);
    assert!(table.iter().take(3).all(|row| row.1 + 1 >= COUNT), "plain pages: {table:?}");
}

#[test]
#[ignore = "takes minutes: the whole measurement"]
fn the_full_table() {
    const COUNT: usize = 60;
    let Some(table) = measure("6", COUNT) else { return };
    assert_read(&table, COUNT);
}
