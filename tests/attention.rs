//! The attention network: its kernels against their formulas in plain loops and f64, for every instruction set and
//! divided into two shares, its operations against finite differences, and its initial weights.

use dfdx::prelude::*;
use lenet_monitor::{
    data::{PIXELS, Split},
    nn::{
        Activation, Architecture, Embedding, Engine, FeedForward, Network, NormalizedMean, Pooling, SelfAttention,
        Simd, Tokens, kernels::*,
    },
};
use rand::{Rng as _, SeedableRng as _, rngs::Xoshiro256PlusPlus};

/// Returns numbers from -`limit` to `limit` that are the same in every run.
fn noise(seed: u64, count: usize, limit: f32) -> Vec<f32> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..count).map(|_| ((rng.next_u64() >> 40) as f32 / (1 << 23) as f32 - 1.0) * limit).collect()
}

fn lane_noise(seed: u64, count: usize, limit: f32) -> Vec<Lane> {
    lanes(&noise(seed, count * LANES, limit)).to_vec()
}

fn at(values: &[Lane], index: usize, lane: usize) -> f64 {
    f64::from(numbers(values)[index * LANES + lane])
}

#[track_caller]
fn assert_close(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() <= 1e-5 * (1.0 + expected.abs()), "{what}: found {found}, expected {expected}");
}

fn check_attention<const T: usize, const H: usize, const C: usize>(groups: usize, cut: usize) {
    let tokens = groups * T;
    let projected = lane_noise(1, tokens * 3 * H * C, 2.0);
    let gradient = lane_noise(2, tokens * H * C, 1.0);
    let x = |g: usize, part: usize, t: usize, h: usize, c: usize, lane: usize| {
        at(&projected, ((g * T + t) * 3 + part) * H * C + h * C + c, lane)
    };
    let dy = |g: usize, t: usize, h: usize, c: usize, lane: usize| at(&gradient, ((g * T + t) * H + h) * C + c, lane);
    for simd in Simd::available() {
        let what = format!("{simd:?}, {T} tokens, {H} heads of {C}");
        let mut weights = lane_noise(3, tokens * H * T, 1.0);
        let mut output = lane_noise(4, tokens * H * C, 1.0);
        let shares = (weights.split_at_mut(cut * H * T), output.split_at_mut(cut * H * C));
        for (first, weights, output) in [(0, shares.0.0, shares.1.0), (cut, shares.0.1, shares.1.1)] {
            simd.run(AttentionForward::<T, H, C> { projected: &projected, first, weights, output });
        }
        let mut products = lane_noise(5, tokens * H * T, 1.0);
        let mut of_projected = lane_noise(6, tokens * 3 * H * C, 1.0);
        let shares = (products.split_at_mut(cut * H * T), of_projected.split_at_mut(cut * 3 * H * C));
        for (first, products, projected_gradient) in [(0, shares.0.0, shares.1.0), (cut, shares.0.1, shares.1.1)] {
            simd.run(AttentionQueryGradient::<T, H, C> {
                projected: &projected,
                weights: &weights,
                gradient: &gradient,
                first,
                products,
                projected_gradient,
            });
        }
        let shares = of_projected.split_at_mut(cut * 3 * H * C);
        for (first, projected_gradient) in [(0, shares.0), (cut, shares.1)] {
            simd.run(AttentionKeyGradient::<T, H, C> {
                projected: &projected,
                weights: &weights,
                gradient: &gradient,
                products: &products,
                first,
                projected_gradient,
            });
        }
        for (g, h, lane) in (0..groups).flat_map(|g| (0..H).flat_map(move |h| [0, 7, 15].map(|lane| (g, h, lane)))) {
            let dot = |i: usize, j: usize| (0..C).map(|c| x(g, 0, i, h, c, lane) * x(g, 1, j, h, c, lane)).sum::<f64>();
            let exp = |i: usize, j: usize| (dot(i, j) / (C as f64).sqrt()).exp();
            let p: Vec<Vec<f64>> =
                (0..T).map(|i| (0..T).map(|j| exp(i, j) / (0..T).map(|j| exp(i, j)).sum::<f64>()).collect()).collect();
            // Of the weights, then of the products.
            let dp = |i: usize, j: usize| (0..C).map(|c| dy(g, i, h, c, lane) * x(g, 2, j, h, c, lane)).sum::<f64>();
            let ds: Vec<Vec<f64>> = (0..T)
                .map(|i| {
                    let mean: f64 = (0..T).map(|j| p[i][j] * dp(i, j)).sum();
                    (0..T).map(|j| p[i][j] * (dp(i, j) - mean) / (C as f64).sqrt()).collect()
                })
                .collect();
            for t in 0..T {
                for other in 0..T {
                    let place = ((g * T + t) * H + h) * T + other;
                    assert_close(at(&weights, place, lane), p[t][other], &format!("weight, {what}"));
                    assert_close(at(&products, place, lane), ds[t][other], &format!("product, {what}"));
                }
                for c in 0..C {
                    let sum = |term: &dyn Fn(usize) -> f64| (0..T).map(term).sum::<f64>();
                    let expected = sum(&|j| p[t][j] * x(g, 2, j, h, c, lane));
                    assert_close(at(&output, ((g * T + t) * H + h) * C + c, lane), expected, &what);
                    let found = |part: usize| at(&of_projected, (((g * T + t) * 3 + part) * H + h) * C + c, lane);
                    let query = sum(&|j| ds[t][j] * x(g, 1, j, h, c, lane));
                    assert_close(found(0), query, &format!("query, {what}"));
                    let key = sum(&|i| ds[i][t] * x(g, 0, i, h, c, lane));
                    assert_close(found(1), key, &format!("key, {what}"));
                    assert_close(found(2), sum(&|i| p[i][t] * dy(g, i, h, c, lane)), &format!("value, {what}"));
                }
            }
        }
    }
}

#[test]
fn attention_follows_its_formulas() {
    check_attention::<28, 4, 14>(1, 13);
    check_attention::<5, 2, 3>(3, 7);
    check_attention::<9, 1, 17>(2, 1);
}

#[test]
fn normalisation_follows_its_formulas() {
    const D: usize = 12;
    let (tokens, input) = (5, lane_noise(1, 5 * D, 3.0));
    let (gradient, before) = (lane_noise(2, 5 * D, 1.0), lane_noise(3, 5 * D, 1.0));
    for simd in Simd::available() {
        let (mut output, mut factors, mut found) = (vec![ZERO; tokens * D], vec![ZERO; tokens], before.clone());
        simd.run(NormForward::<D> { input: &input, output: &mut output, factors: &mut factors });
        simd.run(NormBackward::<D> {
            output: &output,
            factors: &factors,
            gradient: &gradient,
            input_gradient: &mut found,
        });
        for (t, lane) in (0..tokens).flat_map(|t| [0, 9, 15].map(|lane| (t, lane))) {
            let mean = |value: &dyn Fn(usize) -> f64| (0..D).map(value).sum::<f64>() / D as f64;
            let x = |d: usize| at(&input, t * D + d, lane);
            let dy = |d: usize| at(&gradient, t * D + d, lane);
            let center = mean(&x);
            let factor = 1.0 / (mean(&|d| (x(d) - center).powi(2)) + 1e-5).sqrt();
            let y = |d: usize| (x(d) - center) * factor;
            for d in 0..D {
                assert_close(at(&output, t * D + d, lane), y(d), &format!("{simd:?}"));
                let expected = factor * (dy(d) - mean(&dy) - y(d) * mean(&|d| dy(d) * y(d)));
                let expected = at(&before, t * D + d, lane) + expected;
                assert_close(at(&found, t * D + d, lane), expected, &format!("gradient, {simd:?}"));
            }
        }
    }
}

/// Returns the weights with which a token with query 1 reads tokens with keys 0 and `key`.
fn weights(simd: Simd, key: f32) -> [f64; 2] {
    let projected = [1.0, 0.0, 0.0, 1.0, key, 0.0].map(splat);
    let (mut weights, mut output) = ([ZERO; 4], [ZERO; 2]);
    simd.run(AttentionForward::<2, 1, 1> {
        projected: &projected,
        first: 0,
        weights: &mut weights,
        output: &mut output,
    });
    [at(&weights, 0, 3), at(&weights, 1, 3)]
}

#[test]
fn softmax_keeps_its_error_bound_and_hides_no_nan() {
    for simd in Simd::available() {
        for step in 0..87_000 {
            let key = -(step as f32) / 1_000.0;
            let expected = f64::from(key).exp() / (1.0 + f64::from(key).exp());
            let [_, found] = weights(simd, key);
            assert!((found - expected).abs() <= 5e-7 * expected, "{simd:?}, {key}: found {found}, expected {expected}");
        }
        assert_eq!(weights(simd, f32::MIN)[0], 1.0, "{simd:?}");
        assert!(weights(simd, f32::NAN).iter().all(|weight| weight.is_nan()), "{simd:?}");
    }
}

/// Checks an operation's gradients by central differences of a weighted sum of its outputs, along a random direction of
/// its input and of each of its tensors.
macro_rules! check_gradients {
    ($module:ident: $type:ty, $input:expr, [$($($tensor:ident).+),*]) => {{
        let value = |module: &$type, input: Tensor<Tokens<7, 12>, f32, Cpu>| {
            let output = Module::forward(module, input);
            let factors = noise(4, output.shape().num_elements(), 1.0);
            output.as_vec().iter().zip(factors).map(|(a, b)| f64::from(*a) * f64::from(b)).sum::<f64>()
        };
        let input: Tensor<Tokens<7, 12>, f32, Cpu> = $input;
        $($module.$($tensor).+.copy_from(&noise(2, $module.$($tensor).+.shape().num_elements(), 0.5));)*
        let output = Module::forward(&$module, input.leaky_trace());
        let factors = noise(4, output.shape().num_elements(), 1.0);
        let factors = output.device().tensor_from_vec(factors, *output.shape());
        let gradients = (output * factors).sum().backward();
        let moved = |values: &[f32], direction: &[f32], step: f32| -> Vec<f32> {
            values.iter().zip(direction).map(|(x, d)| x + step * d).collect()
        };
        let check = |gradient: Vec<f32>, direction: &[f32], ends: [f64; 2], what: &str| {
            let found: f64 = gradient.iter().zip(direction).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
            let scale = gradient.iter().map(|g| f64::from(*g).powi(2)).sum::<f64>().sqrt();
            let expected = (ends[1] - ends[0]) / 2e-3;
            assert!((found - expected).abs() < 0.01 * scale, "{what}: {found}, by finite differences {expected}");
            assert!(scale > 0.0 && gradient.iter().all(|gradient| *gradient != 0.0), "{what}: a gradient is zero");
        };
        let values = input.as_vec();
        let direction = noise(3, values.len(), 1.0);
        let ends = [-1e-3, 1e-3].map(|step| {
            value(&$module, input.device().tensor_from_vec(moved(&values, &direction, step), *input.shape()))
        });
        check(gradients.get(&input).as_vec(), &direction, ends, "input");
        $({
            let values = $module.$($tensor).+.as_vec();
            let direction = noise(5, values.len(), 1.0);
            let ends = [-1e-3, 1e-3].map(|step| {
                $module.$($tensor).+.copy_from(&moved(&values, &direction, step));
                value(&$module, input.clone())
            });
            $module.$($tensor).+.copy_from(&values);
            check(gradients.get(&$module.$($tensor).+).as_vec(), &direction, ends, stringify!($($tensor).+));
        })*
    }};
}

/// Returns two groups of images with seven tokens of twelve values.
fn tokens() -> Tensor<Tokens<7, 12>, f32, Cpu> {
    let values = noise(1, 2 * 7 * 12 * LANES, 1.0);
    Cpu::default().tensor_from_vec(values, (2, Const, Const, Const))
}

#[test]
fn gradients_of_attention_agree_with_finite_differences() {
    let mut attention = SelfAttention::<12, 3, 4>::build(&Cpu::default());
    check_gradients!(attention: SelfAttention<12, 3, 4>, tokens(), [projections, output]);
}

#[test]
fn gradients_of_the_position_wise_network_agree_with_finite_differences() {
    for activation in [Some(Activation::Tanh), Some(Activation::Sigmoid), None] {
        let mut network = FeedForward::<12, 20>::build(&Cpu::default());
        network.hidden.activation = activation;
        check_gradients!(network: FeedForward<12, 20>, tokens(), [hidden.weight, hidden.bias, output.weight, output.bias]);
    }
}

#[test]
fn gradients_of_the_mean_of_normalised_tokens_agree_with_finite_differences() {
    let mean = NormalizedMean::default();
    check_gradients!(mean: NormalizedMean, tokens(), []);
}

/// The embedding is linear, so that its gradients are the products of data and factors.
#[test]
fn gradients_of_the_embedding_are_sums_of_products() {
    let embedding = Embedding::<3, 5, 8>::build(&Cpu::default());
    let data = lane_noise(1, 2 * 3 * 5, 1.0);
    let (_, tape) = tokens().leaky_trace().split_tape();
    let output = embedding.forward_data(2, |input| input.copy_from_slice(&data), tape);
    let factors = noise(2, output.shape().num_elements(), 1.0);
    let factors_tensor = output.device().tensor_from_vec(factors.clone(), *output.shape());
    let gradients = (output * factors_tensor).sum().backward();
    let factors = lanes(&factors);
    let sum = |term: &dyn Fn(usize, usize, usize) -> f64| {
        let images = (0..2).flat_map(|g| (0..LANES).map(move |lane| (g, lane)));
        images.flat_map(|(g, lane)| (0..3).map(move |t| term(g, t, lane))).sum::<f64>()
    };
    for (place, found) in gradients.get(&embedding.weight).as_vec().into_iter().enumerate() {
        let (d, i) = (place / 5, place % 5);
        let term = |g, t, lane| at(factors, (g * 3 + t) * 8 + d, lane) * at(&data, (g * 3 + t) * 5 + i, lane);
        assert_close(found.into(), sum(&term), "weight");
    }
    for (place, found) in gradients.get(&embedding.position).as_vec().into_iter().enumerate() {
        let term = |g, t, lane| if t == place / 8 { at(factors, (g * 3 + t) * 8 + place % 8, lane) } else { 0.0 };
        assert_close(found.into(), sum(&term), "position");
    }
}

/// Glorot-uniform, each of the maps to queries, keys and values by itself; biases zero.
#[test]
fn begins_with_glorot_uniform_weights() {
    let network = Network::new(Architecture::Attention, Activation::Relu, Pooling::Avg, 1, Engine::new(1));
    let parameters = network.parameters();
    let mut rest = &parameters[..];
    let mut check = |weights: usize, fans: usize, biases: usize| {
        let (part, after) = rest.split_at(weights);
        let limit = (6.0 / fans as f32).sqrt();
        let largest = part.iter().fold(0.0_f32, |max, weight| max.max(weight.abs()));
        assert!(largest <= limit && largest > 0.98 * limit, "largest of {weights}: {largest}, limit {limit}");
        assert!(after[..biases].iter().all(|&bias| bias == 0.0));
        rest = &after[biases..];
    };
    check(56 * 28, 56 + 28, 0);
    check(28 * 56, 28 + 56, 0);
    for _block in 0..2 {
        check(3 * 56 * 56, 56 + 56, 0);
        check(56 * 56, 56 + 56, 0);
        check(144 * 56, 144 + 56, 144);
        check(56 * 144, 144 + 56, 56);
    }
    check(10 * 56, 10 + 56, 10);
    assert!(rest.is_empty());
}

#[test]
fn the_attention_network_has_its_sizes() {
    let layers = Architecture::Attention.layers();
    let table: Vec<_> = layers.iter().map(|layer| (layer.name, layer.kind.to_string(), layer.parameters)).collect();
    let expected = [
        ("rows", "28x56", 3_136),
        ("A1", "4x28x28", 12_544),
        ("F1", "28x144", 16_328),
        ("A2", "4x28x28", 12_544),
        ("F2", "28x144", 16_328),
        ("mean", "56", 0),
        ("output", "10", 570),
    ];
    assert_eq!(table, expected.map(|(name, output, parameters)| (name, output.to_owned(), parameters)));
    assert_eq!(Architecture::Attention.parameters(), 61_450);
}

/// Only the hidden values of the position-wise networks can be dead: all others may well be negative.
#[test]
fn measures_count_the_hidden_values_that_are_dead() {
    let mut network = Network::new(Architecture::Attention, Activation::Relu, Pooling::Avg, 1, Engine::new(1));
    let mut parameters = network.parameters();
    // Positions far below 0, the same for all values, and one hidden value of the first block that is never above 0.
    parameters[56 * 28..2 * 56 * 28].fill(-9.0);
    parameters[2 * 56 * 28 + 4 * 56 * 56 + 144 * 56] = -1e6;
    network.set_parameters(&parameters).unwrap();
    let split = Split::new((0..20 * PIXELS).map(|pixel| (pixel * 37 % 251) as u8).collect(), vec![3; 20]);
    let sample: Vec<u32> = (0..20).collect();
    let measures = network.measures(&split, &sample, None);
    let dead =
        |name: &str| measures.iter().find(|layer| layer.info.name == name).map(|layer| (layer.dead, layer.units()));
    assert_eq!(dead("rows"), Some((0, 56)));
    assert_eq!(dead("A1"), Some((0, 4)));
    let (first, units) = dead("F1").unwrap();
    assert!((1..144).contains(&first) && units == 144, "{measures:?}");
    assert!(measures.iter().all(|layer| layer.saturated == 0));
}

/// In an image of equal rows but one, without positions, all lines are equal but that of this row.
#[test]
fn inspects_the_weights_line_by_line_of_the_row_that_reads() {
    let mut network = Network::new(Architecture::Attention, Activation::Relu, Pooling::Avg, 1, Engine::new(1));
    let mut parameters = network.parameters();
    parameters[56 * 28..2 * 56 * 28].fill(0.0);
    network.set_parameters(&parameters).unwrap();
    let image: [u8; PIXELS] =
        std::array::from_fn(|pixel| if pixel / 28 == 9 { 10 + (pixel * 89 % 240) as u8 } else { 3 });
    let found = network.inspect(&image);
    assert_eq!(found.logits(), network.logits(&image)[0]);
    for layer in [&found.layers[1], &found.layers[3]] {
        for head in layer.values.chunks(28 * 28) {
            let line = |row: usize| &head[row * 28..][..28];
            for row in 0..28 {
                let sum: f32 = line(row).iter().sum();
                assert!((sum - 1.0).abs() < 1e-5, "{}, row {row}: the weights sum to {sum}", layer.info.name);
                if row != 9 {
                    assert_eq!(line(row), line(0), "{}, row {row}", layer.info.name);
                }
            }
            assert_ne!(line(0)[9], line(0)[8], "{}", layer.info.name);
            assert_ne!(line(9), line(0), "{}", layer.info.name);
        }
    }
    for layer in [&found.layers[2], &found.layers[4]] {
        let units: Vec<&[f32]> = layer.values.chunks(28).collect();
        assert!(units.iter().all(|unit| unit.iter().all(|value| *value >= 0.0)), "{}", layer.info.name);
        assert!(units.iter().all(|unit| unit[0] == unit[27]), "{}: equal rows", layer.info.name);
        assert!(units.iter().any(|unit| unit[0] != unit[9]), "{}", layer.info.name);
    }
}
