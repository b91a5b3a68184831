//! Training steps and evaluation of the whole network on noise, since times do not depend on the images.

use criterion::Criterion;
use lenet_monitor::{
    data::{PIXELS, Split},
    nn::{Activation, Architecture, Engine, Network, Optimizer, OptimizerKind, Pooling},
    train::evaluate,
};

use crate::board::Board;

/// Multiply-adds of a forward pass per image, by layer: weights times positions.
const FORWARD: [f64; 5] = [150.0 * 784.0, 2_400.0 * 100.0, 48_000.0, 10_080.0, 840.0];

/// Returns the multiply-adds of a training step per image: the forward pass, and the gradients of weights and inputs
/// (without C1's inputs), as many each.
fn step() -> f64 {
    FORWARD.iter().sum::<f64>() * 3.0 - FORWARD[0]
}

fn noise(count: usize) -> Split {
    let pixels = (0..count * PIXELS).map(|i| (i as u32).wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    Split::new(pixels, (0..count).map(|i| (i % 10) as u8).collect())
}

pub fn bench(criterion: &mut Criterion, board: &Board, cores: usize) {
    let mut group = criterion.benchmark_group("network");
    let images = noise(6_400);
    // The last has more threads than cores: a step is to find out that fewer are faster.
    for threads in if cores > 1 { vec![1, cores, 4 * cores] } else { vec![1] } {
        let engine = Engine::new(threads as u32);
        let is_crowded = threads > cores;
        for activation in [Activation::Relu, Activation::Tanh, Activation::Sigmoid] {
            for batch in [16, 32, 64] {
                let is_default = activation == Activation::Relu && batch == 16;
                if !is_default && (is_crowded || activation != Activation::Relu && batch != 16) {
                    continue;
                }
                let mut network = Network::new(Architecture::LeNet5, activation, Pooling::Avg, 1, engine.clone());
                let mut optimizer = Optimizer::new(OptimizerKind::Adam, Architecture::LeNet5.parameters());
                let order: Vec<u32> = (0..images.len() as u32).collect();
                let mut batches = order.chunks_exact(batch).cycle();
                let name = format!("step, {activation}, batch {batch}, {threads} threads");
                board.bench_on(&engine, &mut group, &name, Some((step() * batch as f64, threads.min(cores))), || {
                    let batch = batches.next().expect("a cycle has no end");
                    network.train_step(&images, batch, &mut optimizer, 1e-4).expect("finite numbers");
                });
            }
        }
        if is_crowded {
            continue;
        }
        let mut network = Network::new(Architecture::LeNet5, Activation::Relu, Pooling::Avg, 1, engine.clone());
        let work = FORWARD.iter().sum::<f64>() * images.len() as f64;
        let name = format!("evaluation, {} images, {threads} threads", images.len());
        board.bench_on(&engine, &mut group, &name, Some((work, threads)), || {
            evaluate(&mut network, &images);
        });
        let sample: Vec<u32> = (0..128).collect();
        let name = format!("measures of the layers, {} images, {threads} threads", sample.len());
        board.bench_on(&engine, &mut group, &name, None, || {
            network.measures(&images, &sample, None);
        });
    }
    group.finish();
}
