//! Writes the logits of a checkpoint's network for all test images, as little-endian single-precision numbers
//! `[images][10]`: `cargo run --release --example logits -- CHECKPOINT DATA_DIR FILE`.

use std::{env, error::Error, fs, path::Path};

use lenet_monitor::{
    data::{self, Choice, Request},
    nn::Engine,
    train::Checkpoint,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [checkpoint, folder, file] = &arguments[..] else { return Err("expected CHECKPOINT DATA_DIR FILE".into()) };
    let request = Request { choice: Choice::Mnist, folder: folder.into() };
    let dataset = data::load(&request, &mut |_| ())?;
    let mut network = Checkpoint::read(Path::new(checkpoint))?.network(Engine::new(1));
    let logits = network.logits(dataset.test.pixels());
    let bytes: Vec<u8> = logits.as_flattened().iter().flat_map(|logit| logit.to_le_bytes()).collect();
    Ok(fs::write(file, bytes)?)
}
