//! The network through its public interface: its size, its gradients against finite differences, and the same results
//! on any number of threads and any instruction set.

use dfdx::prelude::*;
use lenet_monitor::{
    data::{CLASSES, PIXELS, Split},
    nn::{
        Activation, Architecture, ConvBlock, Dense, Engine, Features, Inception, Maps, Network, Optimizer,
        OptimizerKind, Pooling, Residual, Simd,
    },
};
use rand::{Rng as _, SeedableRng as _, rngs::Xoshiro256PlusPlus};

/// Returns numbers in -1..1 that are the same in every run.
fn noise(seed: u64, count: usize) -> Vec<f32> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..count).map(|_| (rng.next_u64() >> 40) as f32 / (1 << 23) as f32 - 1.0).collect()
}

fn images(count: usize) -> Split {
    let pixels = noise(7, count * PIXELS).into_iter().map(|value| (value.max(0.0) * 255.0) as u8).collect();
    Split::new(pixels, (0..count).map(|image| (image * 7 % 10) as u8).collect())
}

/// Returns the derivative of `loss` along `direction`, by central differences.
fn along(at: &[f32], direction: &[f32], step: f32, mut loss: impl FnMut(&[f32]) -> f64) -> f64 {
    let mut moved = |sign: f32| -> f64 {
        let moved: Vec<f32> = at.iter().zip(direction).map(|(x, d)| x + sign * step * d).collect();
        loss(&moved)
    };
    (moved(1.0) - moved(-1.0)) / (2.0 * f64::from(step))
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

#[track_caller]
fn assert_close(gradient: &[f32], direction: &[f32], expected: f64, what: &str) {
    let found = dot(gradient, direction);
    // Typical size of the product of a gradient of this length and a random direction.
    let scale = dot(gradient, gradient).sqrt();
    assert!((found - expected).abs() < 0.03 * scale, "{what}: {found}, by finite differences {expected}");
}

/// Checks a module's gradients: those of a weighted sum of its outputs with respect to its input and the named tensors.
macro_rules! check_gradients {
    ($module:expr, $input:ty, $what:expr) => {
        check_gradients!($module, $input, $what, [weight] [bias])
    };
    ($module:expr, $input:ty, $what:expr, $([$($tensor:tt)+])+) => {{
        let (mut module, what) = ($module, $what);
        let device = Cpu::default();
        let shape: $input = grouped();
        let x = noise(1, dfdx::shapes::Shape::num_elements(&shape));
        let counts = [$(module.$($tensor)+.as_vec().len()),+];
        let values = |seed: u64| (seed..).zip(counts).map(|(seed, count)| noise(seed, count)).collect::<Vec<_>>();
        let parameters: Vec<Vec<f32>> =
            values(20).iter().map(|values| values.iter().map(|value| value * 0.3).collect()).collect();
        let mut value = |x: &[f32], parameters: &[Vec<f32>]| -> f64 {
            let mut values = parameters.iter();
            $(module.$($tensor)+.copy_from(values.next().unwrap());)+
            let output = module.forward(device.tensor_from_vec(x.to_vec(), shape)).as_vec();
            dot(&output, &noise(4, output.len()))
        };
        let directions = values(40);
        let expected: Vec<f64> = (0..counts.len())
            .map(|tensor| {
                along(&parameters[tensor], &directions[tensor], 3e-4, |values| {
                    let mut parameters = parameters.clone();
                    parameters[tensor] = values.to_vec();
                    value(&x, &parameters)
                })
            })
            .collect();
        let direction = noise(5, x.len());
        let of_input = along(&x, &direction, 3e-4, |x| value(x, &parameters));
        let input = device.tensor_from_vec(x.clone(), shape);
        let output = module.forward(input.leaky_trace());
        let factors = noise(4, dfdx::shapes::Shape::num_elements(output.shape()));
        let factors = device.tensor_from_vec(factors, *output.shape());
        let gradients = (output * factors).sum().backward();
        assert_close(&gradients.get(&input).as_vec(), &direction, of_input, &format!("{what}, input"));
        let mut rest = directions.iter().zip(expected);
        $({
            let (direction, expected) = rest.next().unwrap();
            let gradient = gradients.get(&module.$($tensor)+).as_vec();
            assert_close(&gradient, direction, expected, &format!("{what}, {}", stringify!($($tensor)+)));
        })+
    }};
}

/// A shape, for two groups of images.
trait TwoGroups {
    fn two() -> Self;
}

impl<const C: usize, const S: usize> TwoGroups for Maps<C, S> {
    fn two() -> Self {
        (2, Const, Const, Const, Const)
    }
}

impl<const N: usize> TwoGroups for Features<N> {
    fn two() -> Self {
        (2, Const, Const)
    }
}

fn grouped<T: TwoGroups>() -> T {
    T::two()
}

#[test]
fn lenet_5_is_as_published() {
    let layers = Architecture::LeNet5.layers();
    let table: Vec<_> = layers.iter().map(|layer| (layer.name, layer.kind.to_string(), layer.parameters)).collect();
    let published = [
        ("C1", "6x28x28", 156),
        ("S2", "6x14x14", 0),
        ("C3", "16x10x10", 2_416),
        ("S4", "16x5x5", 0),
        ("C5", "120", 48_120),
        ("F6", "84", 10_164),
        ("output", "10", 850),
    ];
    assert_eq!(table, published.map(|(name, output, parameters)| (name, output.to_owned(), parameters)));
    assert_eq!(Architecture::LeNet5.parameters(), 61_706);
}

#[test]
fn every_network_matches_its_description() {
    for &architecture in Architecture::ALL {
        assert_eq!(architecture.name().parse(), Ok(architecture));
        let mut network = Network::new(architecture, Activation::Relu, Pooling::Avg, 1, Engine::new(1));
        assert_eq!(network.architecture(), architecture);
        assert_eq!(network.parameters().len(), architecture.parameters(), "{architecture}");
        let outputs = network.inspect(&[9; PIXELS]).layers;
        assert_eq!(outputs.len(), architecture.layers().len(), "{architecture}");
        for (output, info) in outputs.iter().zip(architecture.layers()) {
            assert_eq!(output.info, info);
            assert_eq!(output.values.len(), info.kind.values(), "{architecture}, {}", info.name);
            for text in [info.operation(Activation::Tanh, Pooling::Max), info.details(Activation::Tanh, Pooling::Max)] {
                assert!(!text.contains(['{', '}']), "{architecture}, {}: {text}", info.name);
            }
        }
        assert_eq!(outputs.last().map(|last| last.values.len()), Some(CLASSES), "{architecture}: the logits");
    }
}

#[test]
fn initial_weights_are_glorot_uniform_and_biases_zero() {
    /// Weights and biases of a convolution to `outputs` maps with kernels of `taps` weights, and the sum of its fans.
    const fn convolution(inputs: usize, outputs: usize, taps: usize) -> (usize, usize, usize) {
        (outputs * inputs * taps, outputs, (inputs + outputs) * taps)
    }
    let c = convolution;
    let lenet5 = [c(1, 6, 25), c(6, 16, 25), (48_000, 120, 520), (10_080, 84, 204), (840, 10, 94)];
    let resnet = [
        c(1, 16, 25),
        c(16, 16, 9),
        c(16, 16, 9),
        c(16, 32, 9),
        c(32, 32, 9),
        c(32, 54, 9),
        c(54, 54, 9),
        (540, 10, 64),
    ];
    let block1 = [c(16, 8, 1), c(16, 8, 1), c(8, 16, 9), c(16, 4, 1), c(4, 8, 25), c(16, 8, 1)];
    let block2 = [c(40, 32, 1), c(40, 32, 1), c(32, 64, 9), c(40, 16, 1), c(16, 48, 25), c(40, 32, 1)];
    let inception = [&[c(1, 16, 25)][..], &block1, &block2, &[(15_840, 10, 1_594)]].concat();
    for (architecture, layers) in
        [(Architecture::LeNet5, &lenet5[..]), (Architecture::ResNet, &resnet), (Architecture::Inception, &inception)]
    {
        let parameters = Network::new(architecture, Activation::Relu, Pooling::Avg, 1, Engine::new(1)).parameters();
        let mut rest = &parameters[..];
        for &(weights, biases, fans) in layers {
            let limit = (6.0 / fans as f32).sqrt();
            let largest = rest[..weights].iter().fold(0.0_f32, |max, weight| max.max(weight.abs()));
            assert!(
                largest <= limit && largest > 0.9 * limit,
                "{architecture}: largest of {weights} weights {largest}, limit {limit}"
            );
            assert!(rest[weights..weights + biases].iter().all(|&bias| bias == 0.0));
            rest = &rest[weights + biases..];
        }
        assert!(rest.is_empty());
    }
}

#[test]
fn gradients_of_the_convolution_block_agree_with_finite_differences() {
    for &activation in Activation::ALL {
        for &pooling in Pooling::ALL {
            let mut block = ConvBlock::<6, 16, 14, 10, 5>::build(&Cpu::default());
            (block.activation, block.pooling) = (activation, pooling);
            check_gradients!(block, Maps<6, 14>, format!("{activation} {pooling}"));
            let mut odd = ConvBlock::<2, 3, 12, 8, 4>::build(&Cpu::default());
            (odd.activation, odd.pooling) = (activation, pooling);
            check_gradients!(odd, Maps<2, 12>, format!("other sizes, {activation} {pooling}"));
        }
    }
}

#[test]
fn gradients_of_the_residual_block_agree_with_finite_differences() {
    for &activation in Activation::ALL {
        for &pooling in Pooling::ALL {
            let mut block = Residual::<3, 5, 6, 3>::build(&Cpu::default());
            block.configure(activation, pooling, &Engine::default());
            let what = format!("{activation} {pooling}");
            check_gradients!(block, Maps<3, 6>, what, [first.weight] [first.bias] [second.weight] [second.bias]);
            let mut whole = Residual::<2, 2, 3, 1>::build(&Cpu::default());
            whole.configure(activation, pooling, &Engine::default());
            let what = format!("pooled as a whole, {activation} {pooling}");
            check_gradients!(whole, Maps<2, 3>, what, [first.weight] [first.bias] [second.weight] [second.bias]);
        }
    }
}

#[test]
fn gradients_of_the_inception_block_agree_with_finite_differences() {
    for &activation in Activation::ALL {
        for &pooling in Pooling::ALL {
            let mut block = Inception::<3, 2, 2, 5, 3, 4, 3, 14, 6, 3>::build(&Cpu::default());
            block.configure(activation, pooling, &Engine::default());
            let what = format!("{activation} {pooling}");
            check_gradients!(
                block, Maps<3, 6>, what, [one.weight] [one.bias] [three.reduce.weight] [three.reduce.bias]
                [three.conv.weight] [three.conv.bias] [five.reduce.weight] [five.reduce.bias] [five.conv.weight]
                [five.conv.bias] [pooled.weight] [pooled.bias]
            );
        }
    }
}

#[test]
fn gradients_of_the_dense_layer_agree_with_finite_differences() {
    for activation in Activation::ALL.iter().copied().map(Some).chain([None]) {
        let mut dense = Dense::<84, 10>::build(&Cpu::default());
        dense.activation = activation;
        check_gradients!(dense, Features<84>, format!("{activation:?}"));
        let mut of_maps = Dense::<75, 13>::build(&Cpu::default());
        of_maps.activation = activation;
        check_gradients!(of_maps, Maps<3, 5>, format!("of maps, {activation:?}"));
    }
}

/// Each network as a whole, parameter by parameter: a random direction that leaves out none.
#[test]
fn gradients_of_every_network_agree_with_finite_differences() {
    let split = images(21);
    let indices: Vec<u32> = (0..21).collect();
    for &architecture in Architecture::ALL {
        let mut network = Network::new(architecture, Activation::Tanh, Pooling::Avg, 3, Engine::new(1));
        let parameters = network.parameters();
        let (_, gradient) = network.gradients(&split, &indices);
        for seed in 0..3 {
            let direction = noise(seed, parameters.len());
            let expected = along(&parameters, &direction, 1e-3, |parameters| {
                network.set_parameters(parameters).unwrap();
                f64::from(network.gradients(&split, &indices).0)
            });
            assert_close(&gradient, &direction, expected, architecture.title());
        }
        let zeros = gradient.iter().filter(|gradient| **gradient == 0.0).count();
        // The rows and columns at an image's edges may be blank.
        assert!(zeros * 5 < gradient.len(), "{architecture}: {zeros} of {} gradients are zero", gradient.len());
    }
}

#[test]
fn networks_are_of_the_size_of_lenet_5() {
    for &architecture in Architecture::ALL {
        let parameters = architecture.parameters();
        assert!((58_621..=64_791).contains(&parameters), "{architecture}: {parameters} parameters");
    }
}

/// Keras's initial weights: Glorot-uniform for the input, orthogonal from state to state, and 1 for forget biases.
#[test]
fn recurrent_networks_begin_as_those_of_keras() {
    for (architecture, units, gates, biases) in
        [(Architecture::Rnn, 224, 1, 1), (Architecture::Lstm, 112, 4, 1), (Architecture::Gru, 128, 3, 2)]
    {
        let parameters = Network::new(architecture, Activation::Relu, Pooling::Avg, 1, Engine::new(1)).parameters();
        let (weights, rest) = parameters.split_at(units * gates * 28);
        let (recurrent, rest) = rest.split_at(units * gates * units);
        let (bias, _) = rest.split_at(biases * units * gates);
        let limit = (6.0 / (28 + units * gates) as f32).sqrt();
        let largest = weights.iter().fold(0.0_f32, |max, weight| max.max(weight.abs()));
        assert!(largest <= limit && largest > 0.99 * limit, "{architecture}: {largest}, limit {limit}");
        let row = |state: usize| recurrent.iter().skip(state).step_by(units).copied().collect::<Vec<f32>>();
        for (a, b) in [(0, 0), (0, 1), (units / 2, units - 1), (units - 1, units - 1)] {
            let product = dot(&row(a), &row(b));
            assert!((product - f64::from(u8::from(a == b))).abs() < 1e-6, "{architecture}: {a} by {b} is {product}");
        }
        for (at, bias) in bias.iter().enumerate() {
            let forget = architecture == Architecture::Lstm && at % 4 == 1;
            assert_eq!(*bias, f32::from(u8::from(forget)), "{architecture}, bias {at}");
        }
    }
}

/// The last group is filled differently at every batch size; no lane may leak into another.
#[test]
fn a_batch_is_the_mean_of_its_images() {
    for &architecture in Architecture::ALL {
        assert_mean_of_images(architecture);
    }
}

fn assert_mean_of_images(architecture: Architecture) {
    let split = images(37);
    let mut network = Network::new(architecture, Activation::Tanh, Pooling::Avg, 3, Engine::new(1));
    let alone: Vec<(f32, Vec<f32>)> = (0..37).map(|index| network.gradients(&split, &[index])).collect();
    for size in [1, 2, 15, 16, 17, 33, 37] {
        let indices: Vec<u32> = (0..size as u32).collect();
        let (loss, gradient) = network.gradients(&split, &indices);
        let mean = alone[..size].iter().map(|(loss, _)| loss).sum::<f32>() / size as f32;
        assert!((loss - mean).abs() < 1e-5, "{architecture}, {size} images: loss {loss}, mean of each {mean}");
        for (at, value) in gradient.iter().enumerate() {
            let mean = alone[..size].iter().map(|(_, gradient)| gradient[at]).sum::<f32>() / size as f32;
            assert!(
                (value - mean).abs() < 1e-5,
                "{architecture}, {size} images: gradient {at} is {value}, mean of each {mean}"
            );
        }
    }
}

type Settings = (Architecture, OptimizerKind, Activation, Pooling);

fn trained(compute: Engine, (architecture, kind, activation, pooling): Settings) -> (Vec<f32>, Vec<f32>) {
    let split = images(70);
    let mut network = Network::new(architecture, activation, pooling, 5, compute);
    let mut optimizer = Optimizer::new(kind, architecture.parameters());
    let all: Vec<u32> = (0..70).collect();
    for batch in all.chunks(33).cycle().take(6) {
        network.train_step(&split, batch, &mut optimizer, 0.001).unwrap();
    }
    (network.parameters(), network.logits(split.pixels()).concat())
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let lenet5 = OptimizerKind::ALL.iter().map(|&kind| (Architecture::LeNet5, kind));
    let others = Architecture::ALL[1..].iter().map(|&architecture| (architecture, OptimizerKind::Adam));
    for (architecture, kind) in lenet5.chain(others) {
        let settings = (architecture, kind, Activation::Relu, Pooling::Avg);
        let one = trained(Engine::new(1), settings);
        for threads in [2, 3, 7] {
            assert!(trained(Engine::new(threads), settings) == one, "{architecture}, {threads} threads, {kind}");
        }
    }
}

#[test]
fn instruction_sets_agree() {
    let lenet5 = Activation::ALL.iter().zip(Pooling::ALL.iter().cycle());
    let lenet5 = lenet5.map(|(&activation, &pooling)| (Architecture::LeNet5, activation, pooling));
    let others = Architecture::ALL[1..].iter().map(|&architecture| (architecture, Activation::Relu, Pooling::Avg));
    for (architecture, activation, pooling) in lenet5.chain(others) {
        let settings = (architecture, OptimizerKind::Sgd, activation, pooling);
        let mut results =
            Simd::available().into_iter().map(|simd| (simd, trained(Engine::with_simd(1, simd), settings)));
        let (first, expected) = results.next().unwrap();
        for (simd, found) in results {
            let far = |(a, b): (&f32, &f32)| (a - b).abs() > 1e-5;
            let what = format!("{architecture}: {simd:?} differs from {first:?}");
            assert!(!found.0.iter().zip(&expected.0).any(far), "{what} in the parameters");
            assert!(!found.1.iter().zip(&expected.1).any(far), "{what} in the logits");
        }
    }
}

#[test]
fn reports_what_is_not_finite_and_leaves_the_parameters_alone() {
    let split = images(16);
    let indices: Vec<u32> = (0..16).collect();
    for simd in Simd::available() {
        let mut network =
            Network::new(Architecture::LeNet5, Activation::Relu, Pooling::Avg, 1, Engine::with_simd(1, simd));
        let mut parameters = network.parameters();
        parameters[0] = f32::NAN;
        network.set_parameters(&parameters).unwrap();
        let error = network
            .train_step(
                &split,
                &indices,
                &mut Optimizer::new(OptimizerKind::Sgd, Architecture::LeNet5.parameters()),
                0.1,
            )
            .unwrap_err();
        assert!(["loss", "gradient"].contains(&error.place), "{simd:?}: {error}");
        assert!(network.parameters()[1..] == parameters[1..]);

        let mut network =
            Network::new(Architecture::LeNet5, Activation::Relu, Pooling::Avg, 1, Engine::with_simd(1, simd));
        let error = network.train_step(
            &split,
            &indices,
            &mut Optimizer::new(OptimizerKind::Sgd, Architecture::LeNet5.parameters()),
            f32::INFINITY,
        );
        assert_eq!(error.unwrap_err().place, "parameters");
    }
}
