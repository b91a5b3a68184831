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

fn network(activation: Activation, pooling: Pooling, engine: Engine) -> Network {
    network_of(Architecture::LeNet5, activation, pooling, engine)
}

/// Returns a network with weights as large as after training, and biases that are not zero.
fn network_of(architecture: Architecture, activation: Activation, pooling: Pooling, engine: Engine) -> Network {
    let mut network = Network::new(architecture, activation, pooling, 3, engine);
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

/// Convolves maps of `side` x `side`, with `border` blank pixels around the input.
fn convolve(input: &[f64], side: usize, border: usize, weights: &[f64], bias: &[f64]) -> Vec<f64> {
    let channels = input.len() / (side * side);
    let kernel = (weights.len() / bias.len() / channels).isqrt();
    let (out, taps) = (side + 2 * border + 1 - kernel, kernel * kernel);
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
                    for tap in 0..taps {
                        sum += pixel(channel, y + tap / kernel, x + tap % kernel)
                            * weights[(map * channels + channel) * taps + tap];
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

/// A network's parameters, of which layers take theirs off the front.
struct Plain<'a> {
    rest: &'a [f32],
    activation: Activation,
}

impl Plain<'_> {
    /// Convolves `inputs` maps to `outputs` with kernels of `kernel` x `kernel`, without the activation.
    fn sums(&mut self, input: &[f64], outputs: usize, kernel: usize, border: usize, side: usize) -> Vec<f64> {
        let inputs = input.len() / (side * side);
        let (weights, bias) = (take(&mut self.rest, outputs * inputs * kernel * kernel), take(&mut self.rest, outputs));
        convolve(input, side, border, &weights, &bias)
    }

    fn activated(&self, values: Vec<f64>) -> Vec<f64> {
        values.into_iter().map(|x| activate(self.activation, x)).collect()
    }

    /// Convolves with padding, which keeps the side.
    fn padded(&mut self, input: &[f64], outputs: usize, kernel: usize, side: usize) -> Vec<f64> {
        let sums = self.sums(input, outputs, kernel, kernel / 2, side);
        self.activated(sums)
    }

    fn logits(&mut self, input: &[f64]) -> Vec<f64> {
        let (weights, bias) = (take(&mut self.rest, 10 * input.len()), take(&mut self.rest, 10));
        dense(input, &weights, &bias)
    }
}

/// Compares all layers of a network with those that `layers` computes from the image and the parameters.
fn assert_layers_agree(architecture: Architecture, layers: impl Fn(&[f64], &mut Plain, Pooling) -> Vec<Vec<f64>>) {
    for &activation in Activation::ALL {
        for &pooling in Pooling::ALL {
            let mut network = network_of(architecture, activation, pooling, Engine::new(1));
            let (parameters, image) = (network.parameters(), image());
            let found = network.inspect(&image);
            let input: Vec<f64> = image.iter().map(|&pixel| f64::from(pixel) / 255.0).collect();
            let mut plain = Plain { rest: &parameters, activation };
            let expected = layers(&input, &mut plain, pooling);
            assert!(plain.rest.is_empty(), "{architecture}: {} parameters are left", plain.rest.len());
            assert_eq!(found.layers.len(), expected.len());
            for (found, expected) in found.layers.iter().zip(expected) {
                assert_close(
                    &format!("{architecture}, {}, {activation}, {pooling}", found.info.name),
                    &found.values,
                    &expected,
                );
            }
        }
    }
}

#[test]
fn every_layer_of_a_residual_network_agrees_with_plain_loops() {
    assert_layers_agree(Architecture::ResNet, |image, plain, pooling| {
        let stem = plain.sums(image, 16, 5, 0, SIDE);
        let stem = plain.activated(stem);
        let mut input = pool(&stem, 24, pooling);
        let mut layers = vec![stem, input.clone()];
        for (maps, side) in [(16, 12), (32, 6), (54, 3)] {
            let hidden = plain.padded(&input, maps, 3, side);
            let mut sums = plain.sums(&hidden, maps, 3, 1, side);
            sums.iter_mut().zip(&input).for_each(|(sum, input)| *sum += input);
            let stage = plain.activated(sums);
            input = match side {
                3 => stage.chunks(9).map(|map| map.iter().sum::<f64>() / 9.0).collect(),
                _ => pool(&stage, side, pooling),
            };
            layers.extend([stage, input.clone()]);
        }
        layers.push(plain.logits(&input));
        layers
    });
}

/// Returns one value for each 3x3, with zeros outside the maps for an average and nothing for a maximum.
fn surroundings(maps: &[f64], side: usize, pooling: Pooling) -> Vec<f64> {
    let near = |at: usize| at.saturating_sub(1)..side.min(at + 2);
    let places = (0..maps.len()).map(|at| (at / side / side, at / side % side, at % side));
    let values = places.map(|(map, y, x)| {
        let rows = near(y).map(|row| (map * side + row) * side);
        rows.flat_map(|row| near(x).map(move |column| maps[row + column])).collect::<Vec<_>>()
    });
    values
        .map(|values| match pooling {
            Pooling::Avg => values.iter().sum::<f64>() / 9.0,
            Pooling::Max => values.into_iter().fold(f64::MIN, f64::max),
        })
        .collect()
}

#[test]
fn every_layer_of_an_inception_network_agrees_with_plain_loops() {
    assert_layers_agree(Architecture::Inception, |image, plain, pooling| {
        let stem = plain.sums(image, 16, 5, 0, SIDE);
        let stem = plain.activated(stem);
        let mut input = pool(&stem, 24, pooling);
        let mut layers = vec![stem, input.clone()];
        for ([one, before_three, three, before_five, five, pooled], side) in
            [([8, 8, 16, 4, 8, 8], 12), ([32, 32, 64, 16, 48, 32], 6)]
        {
            let one = plain.padded(&input, one, 1, side);
            let three_input = plain.padded(&input, before_three, 1, side);
            let three = plain.padded(&three_input, three, 3, side);
            let five_input = plain.padded(&input, before_five, 1, side);
            let five = plain.padded(&five_input, five, 5, side);
            let pooled = plain.padded(&surroundings(&input, side, pooling), pooled, 1, side);
            let branches = [one, three, five, pooled];
            input = pool(&branches.concat(), side, pooling);
            layers.extend(branches);
            layers.push(input.clone());
        }
        layers.push(plain.logits(&input));
        layers
    });
}

/// Inspecting the network uses the same computation as predicting, and does not change it.
#[test]
fn inspection_gives_the_same_bits_as_prediction() {
    for (&architecture, simd) in
        Architecture::ALL.iter().flat_map(|each| Simd::available().into_iter().map(move |simd| (each, simd)))
    {
        for threads in [1, 3] {
            let engine = Engine::with_simd(threads, simd);
            let mut network = network_of(architecture, Activation::Relu, Pooling::Avg, engine);
            let (parameters, logits) = (network.parameters(), network.logits(&image())[0]);
            let found = network.inspect(&image());
            assert_eq!(
                (found.logits(), found.probabilities),
                (&logits[..], softmax(&logits)),
                "{architecture}, {simd:?}, {threads} threads"
            );
            assert!(network.parameters() == parameters);
            assert_eq!(network.logits(&image())[0], logits);
        }
    }
}
