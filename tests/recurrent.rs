//! Recurrent networks that read empty rows after the image: states, logits, and the gradient by time step, against a
//! computation in double precision of one unit after another.

use lenet_monitor::{
    data::{CLASSES, PIXELS, SIDE, Split},
    nn::{Activation, Architecture, Engine, LayerKind, Network, Optimizer, OptimizerKind, Pooling},
};
use rand::{Rng as _, SeedableRng as _, rngs::Xoshiro256PlusPlus};

const RECURRENT: [Architecture; 3] = [Architecture::Rnn, Architecture::Lstm, Architecture::Gru];

fn noise(seed: u64, count: usize) -> Vec<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..count).map(|_| (rng.next_u64() >> 40) as f64 / f64::from(1 << 23) - 1.0).collect()
}

fn images(count: usize) -> Split {
    let pixels = noise(7, count * PIXELS).into_iter().map(|value| (value.max(0.0) * 255.0) as u8).collect();
    Split::new(pixels, (0..count).map(|image| (image * 7 % 10) as u8).collect())
}

/// Returns a network whose biases, too, are not zero.
fn network(architecture: Architecture, delay: u32, threads: u32) -> Network {
    let mut network = Network::new(architecture, Activation::Relu, Pooling::Avg, 3, Engine::new(threads));
    network.set_delay(delay);
    let parameters: Vec<f32> = network.parameters();
    let noise = noise(9, parameters.len());
    let moved: Vec<f32> = parameters.iter().zip(noise).map(|(p, noise)| p + 0.05 * noise as f32).collect();
    network.set_parameters(&moved).unwrap();
    network
}

/// A recurrent network by the formulas of Keras 3.
struct Reference {
    architecture: Architecture,
    units: usize,
    gates: usize,
    parameters: Vec<f64>,
}

/// The states `h` of a network, and the memory `c` of an LSTM.
#[derive(Clone)]
struct States {
    h: Vec<f64>,
    c: Vec<f64>,
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

impl Reference {
    fn of(network: &Network) -> Self {
        let architecture = network.architecture();
        let LayerKind::Steps { units, .. } = architecture.layers()[0].kind else { panic!("{architecture}") };
        let gates = match architecture {
            Architecture::Rnn => 1,
            Architecture::Lstm => 4,
            _ => 3,
        };
        let parameters = network.parameters().into_iter().map(f64::from).collect();
        Self { architecture, units, gates, parameters }
    }

    fn blank(&self) -> States {
        States { h: vec![0.0; self.units], c: vec![0.0; self.units] }
    }

    fn step(&self, before: &States, row: &[f64; SIDE]) -> States {
        let (units, gates) = (self.units, self.gates);
        let (weights, rest) = self.parameters.split_at(units * gates * SIDE);
        let (recurrent, bias) = rest.split_at(units * gates * units);
        let sum = |weights: &[f64], values: &[f64]| weights.iter().zip(values).map(|(w, x)| w * x).sum::<f64>();
        let mut after = self.blank();
        for unit in 0..units {
            let place = |gate: usize| unit * gates + gate;
            let x = |gate| bias[place(gate)] + sum(&weights[place(gate) * SIDE..][..SIDE], row);
            let u = |gate| sum(&recurrent[place(gate) * units..][..units], &before.h);
            after.h[unit] = match self.architecture {
                Architecture::Rnn => (x(0) + u(0)).tanh(),
                Architecture::Lstm => {
                    let [i, f, o] = [0, 1, 3].map(|gate| sigmoid(x(gate) + u(gate)));
                    after.c[unit] = f * before.c[unit] + i * (x(2) + u(2)).tanh();
                    o * after.c[unit].tanh()
                }
                _ => {
                    let u = |gate| u(gate) + bias[units * gates + place(gate)];
                    let [z, r] = [0, 1].map(|gate| sigmoid(x(gate) + u(gate)));
                    z * before.h[unit] + (1.0 - z) * (x(2) + r * u(2)).tanh()
                }
            };
        }
        after
    }

    /// Returns the states after each row of an image and after each empty row.
    fn states(&self, image: &[u8], delay: u32) -> Vec<States> {
        let mut all: Vec<States> = Vec::new();
        for step in 0..SIDE + delay as usize {
            let row = std::array::from_fn(|x| image.get(step * SIDE + x).map_or(0.0, |&ink| f64::from(ink) / 255.0));
            let next = self.step(all.last().unwrap_or(&self.blank()), &row);
            all.push(next);
        }
        all
    }

    fn logits(&self, states: &States) -> Vec<f64> {
        let (weights, bias) =
            self.parameters[self.parameters.len() - CLASSES * (self.units + 1)..].split_at(CLASSES * self.units);
        let rows = weights.chunks(self.units).zip(bias);
        rows.map(|(row, bias)| bias + row.iter().zip(&states.h).map(|(w, h)| w * h).sum::<f64>()).collect()
    }

    /// Returns the cross-entropy after the steps that follow `from`, which are `left` empty rows or rows of `image`.
    fn loss(&self, from: States, image: &[u8], steps: std::ops::Range<usize>, label: u8) -> f64 {
        let last = steps.fold(from, |before, step| {
            let row = std::array::from_fn(|x| image.get(step * SIDE + x).map_or(0.0, |&ink| f64::from(ink) / 255.0));
            self.step(&before, &row)
        });
        let logits = self.logits(&last);
        logits.iter().map(|logit| logit.exp()).sum::<f64>().ln() - logits[usize::from(label)]
    }

    /// Returns the norm of the loss's gradient with respect to the states after step `at`, by finite differences.
    fn gradient_norm(&self, image: &[u8], delay: u32, at: usize, label: u8) -> f64 {
        const STEP: f64 = 1e-5;
        let states = self.states(image, delay);
        let left = at + 1..states.len();
        let along = |unit: usize| {
            let loss = |change: f64| {
                let mut from = states[at].clone();
                from.h[unit] += change;
                self.loss(from, image, left.clone(), label)
            };
            (loss(STEP) - loss(-STEP)) / (2.0 * STEP)
        };
        (0..self.units).map(|unit| along(unit).powi(2)).sum::<f64>().sqrt()
    }
}

#[track_caller]
fn assert_near(found: impl IntoIterator<Item = f32>, expected: impl IntoIterator<Item = f64>, what: &str) {
    for (place, (found, expected)) in found.into_iter().zip(expected).enumerate() {
        assert!((f64::from(found) - expected).abs() < 1e-5, "{what}, {place}: {found}, not {expected}");
    }
}

/// 70 images are more than are computed at a time: those before leave nothing in the empty rows.
#[test]
fn empty_rows_are_read_after_the_image() {
    let split = images(70);
    for architecture in RECURRENT {
        let mut without = Vec::new();
        for delay in [0, 1, 5, 0] {
            let mut network = network(architecture, delay, 1);
            let reference = Reference::of(&network);
            let logits = network.logits(split.pixels());
            for index in [0, 69] {
                let states = reference.states(split.image(index), delay);
                let what = format!("{architecture}, delay {delay}, image {index}");
                assert_near(logits[index], reference.logits(&states[states.len() - 1]), &what);
                // The states after each row of the image, then after the last empty row.
                let seen = network.inspect(split.image(index).try_into().unwrap());
                let steps = SIDE + usize::from(delay > 0);
                assert_eq!(seen.layers[0].values.len(), steps * reference.units, "{what}");
                for (unit, values) in seen.layers[0].values.chunks(steps).enumerate() {
                    let expected = states[..SIDE].iter().chain(states.last()).map(|states| states.h[unit]);
                    assert_near(values.iter().copied(), expected, &what);
                }
                assert_near(seen.logits().iter().copied(), logits[index].map(f64::from), &what);
            }
            if delay == 0 {
                without.push(logits);
            } else {
                assert!(logits != without[0], "{architecture}: delay {delay} changes nothing");
            }
        }
        assert!(without[0] == without[1]);
    }
}

#[test]
fn a_delay_can_be_changed_at_any_time_and_changes_nothing_in_other_networks() {
    let split = images(40);
    for &architecture in Architecture::ALL {
        let mut network = network(architecture, 0, 1);
        let before = network.logits(split.pixels());
        network.set_delay(9);
        assert_eq!(network.logits(split.pixels()) == before, !RECURRENT.contains(&architecture), "{architecture}");
        network.set_delay(0);
        // Values that passes with a delay have left in memory have no effect.
        assert!(network.logits(split.pixels()) == before, "{architecture}");
    }
}

#[test]
fn gradients_with_a_delay_agree_with_finite_differences() {
    let split = images(21);
    let indices: Vec<u32> = (0..21).collect();
    for architecture in RECURRENT {
        let mut network = network(architecture, 4, 1);
        let parameters = network.parameters();
        let (_, gradient) = network.gradients(&split, &indices);
        for seed in 0..3 {
            let direction = noise(seed, parameters.len());
            let mut loss = |step: f64| {
                let moved = parameters.iter().zip(&direction).map(|(p, d)| p + (step * d) as f32);
                network.set_parameters(&moved.collect::<Vec<f32>>()).unwrap();
                f64::from(network.gradients(&split, &indices).0)
            };
            let expected = (loss(1e-3) - loss(-1e-3)) / 2e-3;
            let found: f64 = gradient.iter().zip(&direction).map(|(g, d)| f64::from(*g) * d).sum();
            let scale = gradient.iter().map(|g| f64::from(*g).powi(2)).sum::<f64>().sqrt();
            assert!((found - expected).abs() < 0.03 * scale, "{architecture}: {found}, not {expected}");
        }
        assert!(gradient.iter().filter(|gradient| **gradient == 0.0).count() == 0, "{architecture}");
    }
}

/// 81 images are more than are computed at a time, and their last group is not full.
#[test]
fn the_gradient_by_time_step_agrees_with_finite_differences() {
    const DELAY: u32 = 3;
    let split = images(2);
    let indices: Vec<u32> = (0..81).map(|index| index % 2).collect();
    for architecture in RECURRENT {
        let mut network = network(architecture, DELAY, 1);
        let norms = network.gradient_norms(&split, &indices).unwrap();
        assert_eq!(norms.len(), SIDE + DELAY as usize);
        let reference = Reference::of(&network);
        for at in [12, 27, 29, 30] {
            let of = |index| reference.gradient_norm(split.image(index), DELAY, at, split.label(index));
            let expected = (41.0 * of(0) + 40.0 * of(1)) / 81.0;
            let found = norms[at];
            assert!((found - expected).abs() < 1e-3 * expected, "{architecture}, step {at}: {found}, not {expected}");
        }
        let parallel = self::network(architecture, DELAY, 3).gradient_norms(&split, &indices).unwrap();
        assert!(parallel == norms, "{architecture}: threads make a difference");
    }
    assert_eq!(network(Architecture::Mlp, DELAY, 1).gradient_norms(&split, &indices), None);
}

/// Every second unit is at the end of tanh at all steps, the others at none.
#[test]
fn measures_are_of_whole_units_with_a_delay() {
    const UNITS: usize = 224;
    let split = images(20);
    let all: Vec<u32> = (0..20).collect();
    for delay in [0, 5] {
        let mut network = network(Architecture::Rnn, delay, 1);
        let mut parameters = vec![0.0; network.parameters().len()];
        let biases = UNITS * SIDE + UNITS * UNITS;
        parameters[biases..biases + UNITS].iter_mut().step_by(2).for_each(|bias| *bias = 100.0);
        network.set_parameters(&parameters).unwrap();
        let measures = network.measures(&split, &all, None);
        assert_eq!((measures[0].units(), measures[0].saturated), (UNITS, UNITS / 2), "delay {delay}");
    }
}

#[test]
fn a_delay_trains_the_same_bits_on_any_number_of_threads() {
    let split = images(70);
    let all: Vec<u32> = (0..70).collect();
    let trained = |architecture, threads| {
        let mut network = network(architecture, 6, threads);
        let mut optimizer = Optimizer::new(OptimizerKind::Adam, architecture.parameters());
        for batch in all.chunks(33).cycle().take(4) {
            network.train_step(&split, batch, &mut optimizer, 0.001).unwrap();
        }
        (network.parameters(), network.logits(split.pixels()))
    };
    for architecture in RECURRENT {
        let one = trained(architecture, 1);
        for threads in [2, 3, 7] {
            assert!(trained(architecture, threads) == one, "{architecture}, {threads} threads");
        }
    }
}
