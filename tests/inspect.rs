//! The outputs of every layer for one image, against plain loops in f64 over the same parameters.

use lenet_monitor::{
    data::{PIXELS, SIDE},
    nn::{Activation, Architecture, Engine, Network, Pooling, Simd, softmax},
};
use rand::{Rng as _, SeedableRng as _, rngs::Xoshiro256PlusPlus};

/// Returns numbers in -1..1 that are the same in every run.
fn noise(seed: u64, count: usize) -> Vec<f32> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..count).map(|_| (rng.next_u64() >> 40) as f32 / (1 << 23) as f32 - 1.0).collect()
}

fn image() -> [u8; PIXELS] {
    let noise = noise(7, PIXELS);
    std::array::from_fn(|pixel| (noise[pixel].max(0.0) * 255.0) as u8)
}

/// Returns a network with weights as large as after training, and biases that are not zero.
fn network(activation: Activation, pooling: Pooling, engine: Engine) -> Network {
    let mut network = Network::new(Architecture::LeNet5, activation, pooling, 3, engine);
    let parameters = network.parameters();
    let changed: Vec<f32> = parameters.iter().zip(noise(9, parameters.len())).map(|(p, n)| p + 0.05 * n).collect();
    network.set_parameters(&changed).unwrap();
    network
}

fn activate(activation: Activation, x: f64) -> f64 {
    match activation {
        Activation::Relu => x.max(0.0),
        Activation::Tanh => x.tanh(),
        Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
    }
}

/// Takes `count` parameters off the front.
fn take(rest: &mut &[f32], count: usize) -> Vec<f64> {
    let (taken, left) = rest.split_at(count);
    *rest = left;
    taken.iter().map(|&value| f64::from(value)).collect()
}

/// Convolves maps of `side` x `side` with 5x5 kernels, with `border` blank pixels around the input.
fn convolve(input: &[f64], side: usize, border: usize, weights: &[f64], bias: &[f64]) -> Vec<f64> {
    let channels = input.len() / (side * side);
    let out = side + 2 * border - 4;
    let pixel = |channel: usize, y: usize, x: usize| {
        let inside = |at: usize| at.checked_sub(border).filter(|&at| at < side);
        inside(y).zip(inside(x)).map_or(0.0, |(y, x)| input[(channel * side + y) * side + x])
    };
    let mut maps = Vec::new();
    for (map, bias) in bias.iter().enumerate() {
        for y in 0..out {
            for x in 0..out {
                let mut sum = *bias;
                for channel in 0..channels {
                    for tap in 0..25 {
                        sum +=
                            pixel(channel, y + tap / 5, x + tap % 5) * weights[(map * channels + channel) * 25 + tap];
                    }
                }
                maps.push(sum);
            }
        }
    }
    maps
}

fn pool(maps: &[f64], side: usize, pooling: Pooling) -> Vec<f64> {
    let mut pooled = Vec::new();
    for map in maps.chunks(side * side) {
        for y in (0..side).step_by(2) {
            for x in (0..side).step_by(2) {
                let window = [0, 1, side, side + 1].map(|near| map[y * side + x + near]);
                pooled.push(match pooling {
                    Pooling::Avg => window.iter().sum::<f64>() / 4.0,
                    Pooling::Max => window.into_iter().fold(f64::MIN, f64::max),
                });
            }
        }
    }
    pooled
}

fn dense(input: &[f64], weights: &[f64], bias: &[f64]) -> Vec<f64> {
    let sum = |row: &[f64]| row.iter().zip(input).map(|(w, x)| w * x).sum::<f64>();
    weights.chunks(input.len()).zip(bias).map(|(row, bias)| sum(row) + bias).collect()
}

#[track_caller]
fn assert_close(what: &str, found: &[f32], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (place, (&found, &expected)) in found.iter().zip(expected).enumerate() {
        assert!((f64::from(found) - expected).abs() < 1e-5, "{what}, value {place}: {found}, expected {expected}");
    }
}

#[test]
fn every_layer_agrees_with_plain_loops() {
    for &activation in Activation::ALL {
        for &pooling in Pooling::ALL {
            let mut network = network(activation, pooling, Engine::new(1));
            let parameters = network.parameters();
            let (rest, image) = (&mut &parameters[..], image());
            let found = network.inspect(&image);
            let activated = |values: Vec<f64>| values.into_iter().map(|x| activate(activation, x)).collect::<Vec<_>>();
            let name = |layer: &str| format!("{layer}, {activation}, {pooling}");

            let input: Vec<f64> = image.iter().map(|&pixel| f64::from(pixel) / 255.0).collect();
            let (weights, bias) = (take(rest, 150), take(rest, 6));
            assert_close(&name("C1's kernels"), &found.layers[0].kernels, &weights);
            let c1 = activated(convolve(&input, SIDE, 2, &weights, &bias));
            assert_close(&name("C1"), &found.layers[0].values, &c1);
            let s2 = pool(&c1, 28, pooling);
            assert_close(&name("S2"), &found.layers[1].values, &s2);
            let (weights, bias) = (take(rest, 2_400), take(rest, 16));
            let c3 = activated(convolve(&s2, 14, 0, &weights, &bias));
            assert_close(&name("C3"), &found.layers[2].values, &c3);
            let s4 = pool(&c3, 10, pooling);
            assert_close(&name("S4"), &found.layers[3].values, &s4);
            let (weights, bias) = (take(rest, 48_000), take(rest, 120));
            let c5 = activated(dense(&s4, &weights, &bias));
            assert_close(&name("C5"), &found.layers[4].values, &c5);
            let (weights, bias) = (take(rest, 10_080), take(rest, 84));
            let f6 = activated(dense(&c5, &weights, &bias));
            assert_close(&name("F6"), &found.layers[5].values, &f6);
            let (weights, bias) = (take(rest, 840), take(rest, 10));
            let logits = dense(&f6, &weights, &bias);
            assert_close(&name("logits"), found.logits(), &logits);
            let sum: f64 = logits.iter().map(|logit| logit.exp()).sum();
            let probabilities: Vec<f64> = logits.iter().map(|logit| logit.exp() / sum).collect();
            assert_close(&name("probabilities"), &found.probabilities, &probabilities);
        }
    }
}

/// Inspecting the network uses the same computation as predicting, and does not change it.
#[test]
fn inspection_gives_the_same_bits_as_prediction() {
    for simd in Simd::available() {
        for threads in [1, 3] {
            let mut network = network(Activation::Relu, Pooling::Avg, Engine::with_simd(threads, simd));
            let (parameters, logits) = (network.parameters(), network.logits(&image())[0]);
            let found = network.inspect(&image());
            assert_eq!(
                (found.logits(), found.probabilities),
                (&logits[..], softmax(&logits)),
                "{simd:?}, {threads} threads"
            );
            assert!(network.parameters() == parameters);
            assert_eq!(network.logits(&image())[0], logits);
        }
    }
}
