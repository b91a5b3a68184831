//! Every kernel against its formula in plain loops and f64, with random sizes and values, for every instruction set of
//! this machine, and divided into two shares as between two threads.

use lenet_monitor::nn::{Activation, Pooling, Simd, kernels::*};
use rand::{Rng as _, SeedableRng as _, rngs::Xoshiro256PlusPlus};

struct Draw(Xoshiro256PlusPlus);

impl Draw {
    fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// Draws a number from -1..1.
    fn number(&mut self) -> f32 {
        (self.0.next_u64() >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    fn numbers(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.number()).collect()
    }

    fn lanes(&mut self, count: usize) -> Vec<Lane> {
        lanes(&self.numbers(count * LANES)).to_vec()
    }

    /// Draws a size from 1 to `most`.
    fn size(&mut self, most: usize) -> usize {
        1 + self.0.next_u64() as usize % most
    }
}

fn at(values: &[Lane], index: usize, lane: usize) -> f64 {
    f64::from(numbers(values)[index * LANES + lane])
}

#[track_caller]
fn assert_close(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() <= 1e-4 * (1.0 + expected.abs()), "{what}: found {found}, expected {expected}");
}

fn activated(activation: Option<Activation>, z: f64) -> f64 {
    match activation {
        None => z,
        Some(Activation::Relu) => z.max(0.0),
        Some(Activation::Tanh) => z.tanh(),
        Some(Activation::Sigmoid) => 1.0 / (1.0 + (-z).exp()),
    }
}

/// Returns the derivative of an activation at the point where its value is `a`.
fn derivative(activation: Activation, a: f64) -> f64 {
    match activation {
        Activation::Relu => f64::from(a > 0.0),
        Activation::Tanh => 1.0 - a * a,
        Activation::Sigmoid => a * (1.0 - a),
    }
}

fn check_convolution<const I: usize, const X: usize, const Z: usize>(seed: u64) {
    let mut draw = Draw::new(seed);
    let (outputs, groups) = (draw.size(17), draw.size(3));
    let input = draw.lanes(groups * I * X * X);
    let (weights, bias) = (draw.numbers(outputs * I * 25), draw.numbers(outputs));
    let gradient = draw.lanes(groups * outputs * Z * Z);
    let pooled_gradient = draw.lanes(groups * outputs * Z * Z / 4);
    let activation = Activation::ALL[draw.size(3) - 1];
    let pooling = Pooling::ALL[draw.size(2) - 1];
    let cut = draw.size(groups * outputs) - 1;
    let w = |o: usize, c: usize, ky: usize, kx: usize| f64::from(weights[(o * I + c) * 25 + ky * 5 + kx]);
    let x = |g: usize, c: usize, y: usize, x: usize, lane| at(&input, ((g * I + c) * X + y) * X + x, lane);
    let place = |g: usize, o: usize, y: usize, x: usize| ((g * outputs + o) * Z + y) * Z + x;

    for simd in Simd::available() {
        let what = format!("{simd:?}, {I}x{X}x{X} to {outputs} maps, {groups} groups, {activation}, {pooling}");
        let mut pooled = draw.lanes(groups * outputs * Z * Z / 4);
        let mut maps = draw.lanes(groups * outputs * Z * Z);
        let (pooled_shares, map_shares) = (pooled.split_at_mut(cut * Z * Z / 4), maps.split_at_mut(cut * Z * Z));
        for (first, pooled, activated) in [(0, pooled_shares.0, map_shares.0), (cut, pooled_shares.1, map_shares.1)] {
            let (input, weights, bias) = (&input, &weights, &bias);
            simd.run(ConvForward::<I, X, Z> { activation, pooling, input, weights, bias, first, pooled, activated });
        }
        let (before, bias_before) = (draw.numbers(outputs * I * 25), draw.numbers(outputs));
        let (mut found, mut bias_found) = (before.clone(), bias_before.clone());
        let mut unpooled = maps.clone();
        let (mut first_maps, mut last_maps): (Vec<_>, Vec<_>) =
            unpooled.chunks_exact_mut(outputs * Z * Z).map(|group| group.split_at_mut(cut % outputs * Z * Z)).unzip();
        let (weight_shares, bias_shares) =
            (found.split_at_mut(cut % outputs * I * 25), bias_found.split_at_mut(cut % outputs));
        for (first, weights, bias, maps) in [
            (0, weight_shares.0, bias_shares.0, &mut first_maps[..]),
            (cut % outputs, weight_shares.1, bias_shares.1, &mut last_maps),
        ] {
            let of_group = |group: usize| &pooled_gradient[(group * outputs + first) * Z * Z / 4..];
            let pooled_gradient: Vec<_> = (0..groups).map(of_group).collect();
            let (input, pooled_gradient) = (&input, &pooled_gradient);
            simd.run(ConvWeightGradient::<I, X, Z> {
                activation,
                pooling,
                input,
                pooled_gradient,
                maps,
                weights,
                bias,
            });
        }
        for lane in [0, 7, 15] {
            for g in 0..groups {
                for (o, &bias) in bias.iter().enumerate() {
                    for y in 0..Z {
                        for col in 0..Z {
                            let taps = (0..I * 25).map(|tap| (tap / 25, tap / 5 % 5, tap % 5));
                            let sum: f64 =
                                taps.map(|(c, ky, kx)| w(o, c, ky, kx) * x(g, c, y + ky, col + kx, lane)).sum();
                            let expected = activated(Some(activation), sum + f64::from(bias));
                            assert_close(at(&maps, place(g, o, y, col), lane), expected, &what);
                        }
                    }
                    for window in 0..Z * Z / 4 {
                        let (y, col) = (2 * (window / (Z / 2)), 2 * (window % (Z / 2)));
                        let places = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(dy, dx)| place(g, o, y + dy, col + dx));
                        let values = places.map(|place| at(&maps, place, lane));
                        let max = values.iter().copied().fold(f64::MIN, f64::max);
                        let (expected, shares) = match pooling {
                            Pooling::Avg => (values.iter().sum::<f64>() / 4.0, [0.25; 4]),
                            Pooling::Max => {
                                let first = values.iter().position(|&value| value == max).unwrap();
                                (max, std::array::from_fn(|k| f64::from(k == first)))
                            }
                        };
                        let pooled_place = (g * outputs + o) * Z * Z / 4 + window;
                        assert_close(at(&pooled, pooled_place, lane), expected, &what);
                        for k in 0..4 {
                            let gradient = at(&pooled_gradient, pooled_place, lane);
                            let expected = gradient * shares[k] * derivative(activation, values[k]);
                            assert_close(at(&unpooled, places[k], lane), expected, &format!("unpooling, {what}"));
                        }
                    }
                }
            }
        }

        let places =
            || (0..groups * Z * Z * LANES).map(|i| (i / LANES / Z / Z, i / LANES / Z % Z, i / LANES % Z, i % LANES));
        for (index, found) in found.iter().enumerate() {
            let (o, c, ky, kx) = (index / I / 25, index / 25 % I, index / 5 % 5, index % 5);
            let sum: f64 = places()
                .map(|(g, y, col, lane)| at(&unpooled, place(g, o, y, col), lane) * x(g, c, y + ky, col + kx, lane))
                .sum();
            assert_close(f64::from(*found), f64::from(before[index]) + sum, &format!("weight gradient, {what}"));
        }
        for (o, found) in bias_found.iter().enumerate() {
            let sum: f64 = places().map(|(g, y, col, lane)| at(&unpooled, place(g, o, y, col), lane)).sum();
            assert_close(f64::from(*found), f64::from(bias_before[o]) + sum, &format!("bias gradient, {what}"));
        }

        let (before, adds) = (draw.lanes(groups * I * X * X), draw.size(2) == 1);
        let mut found = before.clone();
        let cut = draw.size(groups * I) - 1;
        let shares = found.split_at_mut(cut * X * X);
        for (first, input_gradient) in [(0, shares.0), (cut, shares.1)] {
            let (gradient, weights) = (&gradient, &weights);
            simd.run(ConvInputGradient::<I, X, Z> { gradient, weights, first, input_gradient, adds });
        }
        for index in 0..groups * I * X * X {
            let (g, c, y, col) = (index / X / X / I, index / X / X % I, index / X % X, index % X);
            let taps = (0..outputs * 25).map(|tap| (tap / 25, tap / 5 % 5, tap % 5));
            let reached = taps.filter(|&(_, ky, kx)| (ky..Z + ky).contains(&y) && (kx..Z + kx).contains(&col));
            let sum: f64 =
                reached.map(|(o, ky, kx)| w(o, c, ky, kx) * at(&gradient, place(g, o, y - ky, col - kx), 3)).sum();
            let before = if adds { at(&before, index, 3) } else { 0.0 };
            assert_close(at(&found, index, 3), before + sum, &format!("input gradient, {what}"));
        }
    }
}

#[test]
fn convolutions_follow_their_formulas() {
    for seed in 0..4 {
        check_convolution::<1, 6, 2>(seed);
        check_convolution::<3, 8, 4>(seed);
        check_convolution::<6, 14, 10>(seed);
        check_convolution::<2, 10, 6>(seed);
    }
    check_convolution::<1, 32, 28>(4);
}

fn check_padded_convolution<const S: usize, const K: usize>(seed: u64) {
    let mut draw = Draw::new(seed);
    let (inputs, outputs, groups) = (draw.size(11), draw.size(19), draw.size(3));
    let input = draw.lanes(groups * inputs * S * S);
    let (weights, bias) = (draw.numbers(outputs * inputs * K * K), draw.numbers(outputs));
    let gradient = draw.lanes(groups * outputs * S * S);
    let shortcut_maps = draw.size(outputs + 1) - 1;
    let shortcut = draw.lanes(groups * shortcut_maps * S * S);
    let activation =
        [None, Some(Activation::Relu), Some(Activation::Tanh), Some(Activation::Sigmoid)][draw.size(4) - 1];
    // A place of a map `dy` rows and `dx` columns from another one, less the radius.
    let moved = |y: usize, x: usize, dy: usize, dx: usize| {
        let (y, x) = ((y + dy).checked_sub(K / 2)?, (x + dx).checked_sub(K / 2)?);
        (y < S && x < S).then_some(y * S + x)
    };
    for simd in Simd::available() {
        let what = format!("{simd:?}, {K}x{K}, {inputs}x{S}x{S} to {outputs} maps, {groups} groups, {activation:?}");
        let mut maps = draw.lanes(groups * outputs * S * S);
        let cut = draw.size(groups * outputs) - 1;
        let shares = maps.split_at_mut(cut * S * S);
        for (first, output) in [(0, shares.0), (cut, shares.1)] {
            let start = Start::Bias { bias: &bias, shortcut: &shortcut };
            let (input, weights) = (&input, &weights);
            simd.run(PaddedConvolution::<S, K, false> {
                activation,
                input,
                inputs,
                weights,
                start,
                outputs,
                first,
                output,
            });
        }
        for index in 0..groups * outputs * S * S {
            let (g, o, y, x) = (index / S / S / outputs, index / S / S % outputs, index / S % S, index % S);
            let mut sum = f64::from(bias[o]);
            if o < shortcut_maps {
                sum += at(&shortcut, (g * shortcut_maps + o) * S * S + y * S + x, 5);
            }
            for (c, tap) in (0..inputs * K * K).map(|index| (index / (K * K), index % (K * K))) {
                if let Some(place) = moved(y, x, tap / K, tap % K) {
                    let weight = f64::from(weights[(o * inputs + c) * K * K + tap]);
                    sum += weight * at(&input, (g * inputs + c) * S * S + place, 5);
                }
            }
            assert_close(at(&maps, index, 5), activated(activation, sum), &what);
        }

        let before = draw.lanes(groups * inputs * S * S);
        let mut found = before.clone();
        let cut = draw.size(groups * inputs) - 1;
        let shares = found.split_at_mut(cut * S * S);
        for (first, output) in [(0, shares.0), (cut, shares.1)] {
            simd.run(PaddedConvolution::<S, K, true> {
                activation: None,
                input: &gradient,
                inputs: outputs,
                weights: &weights,
                start: Start::Output,
                outputs: inputs,
                first,
                output,
            });
        }
        let mut expected: Vec<f64> = (0..before.len()).map(|index| at(&before, index, 2)).collect();
        let mut weight_sums: Vec<f64> = vec![0.0; weights.len()];
        for index in 0..groups * outputs * S * S {
            let (g, o, y, x) = (index / S / S / outputs, index / S / S % outputs, index / S % S, index % S);
            for (c, tap) in (0..inputs * K * K).map(|index| (index / (K * K), index % (K * K))) {
                if let Some(place) = moved(y, x, tap / K, tap % K) {
                    let (weight, place) = ((o * inputs + c) * K * K + tap, (g * inputs + c) * S * S + place);
                    expected[place] += f64::from(weights[weight]) * at(&gradient, index, 2);
                    let products = (0..LANES).map(|lane| at(&gradient, index, lane) * at(&input, place, lane));
                    weight_sums[weight] += products.sum::<f64>();
                }
            }
        }
        for (index, expected) in expected.into_iter().enumerate() {
            assert_close(at(&found, index, 2), expected, &format!("input gradient, {what}"));
        }

        let (before, bias_before) = (draw.numbers(weights.len()), draw.numbers(outputs));
        let (mut found, mut bias_found) = (before.clone(), bias_before.clone());
        let cut = cut % outputs;
        let (weight_shares, bias_shares) = (found.split_at_mut(cut * inputs * K * K), bias_found.split_at_mut(cut));
        for (first, weights, bias) in [(0, weight_shares.0, bias_shares.0), (cut, weight_shares.1, bias_shares.1)] {
            let (input, gradient) = (&input, &gradient);
            simd.run(PaddedWeightGradient::<S, K> { input, inputs, gradient, outputs, first, weights, bias });
        }
        for (index, found) in found.iter().enumerate() {
            let expected = f64::from(before[index]) + weight_sums[index];
            assert_close(f64::from(*found), expected, &format!("weight gradient, {what}"));
        }
        for (o, found) in bias_found.iter().enumerate() {
            let maps = (0..groups * S * S).map(|place| (place / (S * S) * outputs + o) * S * S + place % (S * S));
            let sum: f64 =
                maps.flat_map(|map| (0..LANES).map(move |lane| (map, lane))).map(|(m, l)| at(&gradient, m, l)).sum();
            assert_close(f64::from(*found), f64::from(bias_before[o]) + sum, &format!("bias gradient, {what}"));
        }
    }
}

#[test]
fn padded_convolutions_follow_their_formulas() {
    for seed in 0..4 {
        check_padded_convolution::<3, 3>(seed);
        check_padded_convolution::<6, 3>(seed);
        check_padded_convolution::<12, 3>(seed);
        check_padded_convolution::<6, 1>(seed);
        check_padded_convolution::<6, 5>(seed);
        // Kernels larger than the maps.
        check_padded_convolution::<2, 5>(seed);
    }
}

fn check_pools<const Z: usize, const P: usize>(seed: u64) {
    let mut draw = Draw::new(seed);
    let side = Z / P;
    let count = draw.size(5);
    let activation = Activation::ALL[draw.size(3) - 1];
    // Some values occur twice, so that the largest is not always the only one.
    let numbers: Vec<f32> = draw.numbers(count * Z * Z * LANES).iter().map(|x| (x * 4.0).round() / 4.0).collect();
    let (maps, gradient) = (lanes(&numbers).to_vec(), draw.lanes(count * Z * Z));
    for (simd, pooling) in
        Simd::available().into_iter().flat_map(|simd| Pooling::ALL.iter().map(move |&each| (simd, each)))
    {
        let what = format!("{simd:?}, {count}x{Z}x{Z} to {P}x{P}, {activation}, {pooling}");
        let mut pooled = draw.lanes(count * P * P);
        simd.run(Pool::<Z, P> { pooling, maps: &maps, pooled: &mut pooled });
        let mut unpooled = maps.clone();
        let pooled_gradient = &gradient[..count * P * P];
        simd.run(PoolGradient::<Z, P> { activation, pooling, pooled_gradient, maps: &mut unpooled });
        for index in 0..count * P * P {
            let (map, y, x) = (index / P / P, index / P % P, index % P);
            let places = (0..side * side).map(|k| map * Z * Z + (y * side + k / side) * Z + x * side + k % side);
            check_window(pooling, &maps, places.clone(), side * side, at(&pooled, index, 3), &what, |place, share| {
                let expected = at(&gradient, index, 3) * share * derivative(activation, at(&maps, place, 3));
                assert_close(at(&unpooled, place, 3), expected, &format!("gradient, {what}"));
            });
        }

        let mut pooled = draw.lanes(count * Z * Z);
        simd.run(SlidingPool::<Z> { pooling, maps: &maps, pooled: &mut pooled });
        let before = draw.lanes(count * Z * Z);
        let mut found = before.clone();
        let (pooled_gradient, to) = (&gradient, &mut found);
        simd.run(SlidingPoolGradient::<Z> { pooling, maps: &maps, pooled_gradient, gradient: to });
        let mut expected: Vec<f64> = (0..before.len()).map(|index| at(&before, index, 3)).collect();
        for index in 0..count * Z * Z {
            let (map, y, x) = (index / Z / Z, index / Z % Z, index % Z);
            let near = |at: usize| at.saturating_sub(1)..Z.min(at + 2);
            let places = near(y).flat_map(|row| near(x).map(move |column| map * Z * Z + row * Z + column));
            let what = format!("sliding, {what}");
            check_window(pooling, &maps, places, 9, at(&pooled, index, 3), &what, |place, share| {
                expected[place] += at(&gradient, index, 3) * share;
            });
        }
        for (index, expected) in expected.into_iter().enumerate() {
            assert_close(at(&found, index, 3), expected, &format!("gradient, sliding, {what}"));
        }
    }
}

/// Checks a pooled value of lane 3, and passes the share of its gradient that each place receives to `receive`.
fn check_window(
    pooling: Pooling,
    maps: &[Lane],
    places: impl Iterator<Item = usize> + Clone,
    size: usize,
    found: f64,
    what: &str,
    mut receive: impl FnMut(usize, f64),
) {
    let values: Vec<f64> = places.clone().map(|place| at(maps, place, 3)).collect();
    let max = values.iter().copied().fold(f64::MIN, f64::max);
    let first = values.iter().position(|&value| value == max).unwrap();
    let expected = match pooling {
        Pooling::Avg => values.iter().sum::<f64>() / size as f64,
        Pooling::Max => max,
    };
    assert_close(found, expected, what);
    for (k, place) in places.enumerate() {
        let share = match pooling {
            Pooling::Avg => 1.0 / size as f64,
            Pooling::Max => f64::from(u8::from(k == first)),
        };
        receive(place, share);
    }
}

#[test]
fn pooling_follows_its_formulas() {
    for seed in 0..6 {
        check_pools::<12, 6>(seed);
        check_pools::<6, 3>(seed);
        check_pools::<3, 1>(seed);
        check_pools::<2, 2>(seed);
    }
}

fn check_dense<const I: usize>(seed: u64) {
    let mut draw = Draw::new(seed);
    let (outputs, groups) = (draw.size(21), draw.size(3));
    let input = draw.lanes(groups * I);
    let (weights, bias) = (draw.numbers(outputs * I), draw.numbers(outputs));
    let gradient = draw.lanes(groups * outputs);
    let activation =
        [None, Some(Activation::Relu), Some(Activation::Tanh), Some(Activation::Sigmoid)][draw.size(4) - 1];
    let columns = I.div_ceil(LANES);
    let transposed: Vec<f32> = (0..groups * LANES * columns * LANES)
        .map(|index| {
            let (group, image, i) =
                (index / (LANES * columns * LANES), index / (columns * LANES) % LANES, index % (columns * LANES));
            if i < I { at(&input, group * I + i, image) as f32 } else { 0.0 }
        })
        .collect();
    for simd in Simd::available() {
        let what = format!("{simd:?}, {I} to {outputs}, {groups} groups, {activation:?}");
        let mut output = draw.lanes(groups * outputs);
        let cut = draw.size(groups * outputs) - 1;
        let shares = output.split_at_mut(cut);
        for (first, output) in [(0, shares.0), (cut, shares.1)] {
            let (input, weights, bias) = (&input, &weights, &bias);
            simd.run(DenseForward::<I> { activation, input, weights, bias, first, output });
        }
        let mut backward = gradient.clone();
        if let Some(activation) = activation {
            simd.run(ActivationBackward { activation, output: &output, gradient: &mut backward });
        }
        for index in 0..groups * outputs {
            let (g, o) = (index / outputs, index % outputs);
            for lane in 0..LANES {
                let sum: f64 = (0..I).map(|i| f64::from(weights[o * I + i]) * at(&input, g * I + i, lane)).sum();
                let expected = activated(activation, sum + f64::from(bias[o]));
                assert_close(at(&output, index, lane), expected, &what);
                let factor = activation.map_or(1.0, |activation| derivative(activation, at(&output, index, lane)));
                assert_close(at(&backward, index, lane), at(&gradient, index, lane) * factor, &what);
            }
        }

        let (before, bias_before) = (draw.numbers(outputs * I), draw.numbers(outputs));
        let (mut found, mut bias_found) = (before.clone(), bias_before.clone());
        let cut = cut % outputs;
        let (weight_shares, bias_shares) = (found.split_at_mut(cut * I), bias_found.split_at_mut(cut));
        for (first, weights, bias) in [(0, weight_shares.0, bias_shares.0), (cut, weight_shares.1, bias_shares.1)] {
            let (transposed_input, gradient) = (lanes(&transposed), &gradient);
            simd.run(DenseWeightGradient::<I> { transposed_input, gradient, outputs, first, weights, bias });
        }
        let images = || (0..groups * LANES).map(|image| (image / LANES, image % LANES));
        for (index, found) in found.iter().enumerate() {
            let (o, i) = (index / I, index % I);
            let sum: f64 =
                images().map(|(g, lane)| at(&gradient, g * outputs + o, lane) * at(&input, g * I + i, lane)).sum();
            assert_close(f64::from(*found), f64::from(before[index]) + sum, &format!("weight gradient, {what}"));
        }
        for (o, found) in bias_found.iter().enumerate() {
            let sum: f64 = images().map(|(g, lane)| at(&gradient, g * outputs + o, lane)).sum();
            assert_close(f64::from(*found), f64::from(bias_before[o]) + sum, &format!("bias gradient, {what}"));
        }

        let (before, adds) = (draw.lanes(groups * I), draw.size(2) == 1);
        let mut found = before.clone();
        let cut = draw.size(groups * I) - 1;
        let shares = found.split_at_mut(cut);
        for (first, input_gradient) in [(0, shares.0), (cut, shares.1)] {
            let (gradient, weights) = (&gradient, &weights);
            simd.run(DenseInputGradient::<I> { gradient, weights, first, input_gradient, adds });
        }
        for index in 0..groups * I {
            let (g, i) = (index / I, index % I);
            let sum: f64 =
                (0..outputs).map(|o| f64::from(weights[o * I + i]) * at(&gradient, g * outputs + o, 5)).sum();
            let before = if adds { at(&before, index, 5) } else { 0.0 };
            assert_close(at(&found, index, 5), before + sum, &format!("input gradient, {what}"));
        }
    }
}

#[test]
fn groups_are_transposed_and_padded_with_zeros() {
    let mut draw = Draw::new(3);
    for count in [1, 15, 16, 84, 400] {
        let values = draw.lanes(count);
        for simd in Simd::available() {
            let columns = count.div_ceil(LANES);
            let mut transposed = draw.lanes(LANES * columns);
            simd.run(Transpose { values: &values, transposed: &mut transposed });
            for (place, &found) in numbers(&transposed).iter().enumerate() {
                let (image, value) = (place / (columns * LANES), place % (columns * LANES));
                let expected = if value < count { at(&values, value, image) } else { 0.0 };
                assert_eq!(f64::from(found), expected, "{simd:?}, value {value} of {count}, image {image}");
            }
        }
    }
}

#[test]
fn pixels_become_fractions_of_255() {
    const SIDE: usize = 28;
    // In sixteen images, the second rows have every value.
    let pixel = |image: usize, place: usize| (image * 16 + place) as u8;
    for count in [LANES, 3] {
        let images: Vec<Vec<u8>> = (0..count).map(|image| (0..3 * SIDE).map(|n| pixel(image, n)).collect()).collect();
        let images: Vec<&[u8]> = images.iter().map(Vec::as_slice).collect();
        for simd in Simd::available() {
            let mut lanes = Draw::new(1).lanes(SIDE);
            simd.run(Brightness { images: &images, start: SIDE, lanes: &mut lanes });
            for (place, &found) in numbers(&lanes).iter().enumerate() {
                let (place, image) = (place / LANES, place % LANES);
                let expected = if image < count { f32::from(pixel(image, SIDE + place)) / 255.0 } else { 0.0 };
                assert_eq!(found, expected, "{simd:?}, pixel {place} of image {image} of {count}");
            }
        }
    }
}

#[test]
fn dense_layers_follow_their_formulas() {
    for seed in 0..6 {
        check_dense::<1>(seed);
        check_dense::<17>(seed);
        check_dense::<64>(seed);
        check_dense::<84>(seed);
        check_dense::<400>(seed);
    }
}

/// Applies `activation` to `inputs`, sixteen at a time, by a dense layer of one input and weight 1.
fn apply(simd: Simd, activation: Activation, inputs: &[f32]) -> Vec<f32> {
    let mut output = vec![ZERO; inputs.len() / LANES];
    for (input, output) in lanes(inputs).chunks(1).zip(output.chunks_mut(1)) {
        let activation = Some(activation);
        simd.run(DenseForward::<1> { activation, input, weights: &[1.0], bias: &[0.0], first: 0, output });
    }
    numbers(&output).to_vec()
}

#[test]
fn tanh_and_sigmoid_keep_their_error_bounds() {
    let steps = (0..1 << 20).map(|step| step as f32 / (1 << 19) as f32 - 1.0);
    // Densely where the functions bend, and sparsely far beyond.
    let inputs: Vec<f32> = steps.clone().map(|x| 12.0 * x).chain(steps.map(|x| x * x * x * 120.0)).collect();
    for simd in Simd::available() {
        for (&x, found) in inputs.iter().zip(apply(simd, Activation::Tanh, &inputs)) {
            let expected = f64::from(x).tanh();
            assert!((f64::from(found) - expected).abs() <= 6e-7 * expected.abs(), "{simd:?}: tanh({x}) = {found}");
        }
        for (&x, found) in inputs.iter().zip(apply(simd, Activation::Sigmoid, &inputs)) {
            let expected = 1.0 / (1.0 + (-f64::from(x)).exp());
            assert!((f64::from(found) - expected).abs() <= 3e-7, "{simd:?}: sigmoid({x}) = {found}");
        }
        let ends = [f32::MAX, f32::MIN, f32::INFINITY, f32::NEG_INFINITY];
        let found = apply(simd, Activation::Tanh, &ends.repeat(4));
        for (found, expected) in found.iter().zip([1.0, -1.0, 1.0, -1.0]) {
            assert!(found.abs() <= 1.0 && (found - expected).abs() <= 6e-7, "{simd:?}: {found} at an end");
        }
    }
}

#[test]
fn no_activation_hides_a_nan() {
    for simd in Simd::available() {
        for activation in [Activation::Relu, Activation::Tanh, Activation::Sigmoid] {
            let found = apply(simd, activation, &[f32::NAN; LANES]);
            assert!(found.iter().all(|value| value.is_nan()), "{simd:?}: {activation}(NaN) = {found:?}");
        }
    }
}

/// Returns factors that scale nothing.
fn rate_alone(rate: f32) -> Factors {
    Factors { rate, gradient: 1.0, parameters: 1.0 }
}

#[test]
fn sums_of_squares_and_averages_follow_their_formulas() {
    for seed in 0..40 {
        let mut draw = Draw::new(seed);
        let length = draw.size(200);
        let (p, a) = (draw.numbers(length), draw.numbers(length));
        for simd in Simd::available() {
            let mut sum = 0.5;
            simd.run(SumOfSquares { numbers: &p, sum: &mut sum });
            let expected = 0.5 + p.iter().map(|&p| f64::from(p).powi(2)).sum::<f64>();
            assert_close(sum, expected, "sum of squares");
            let mut average = a.clone();
            simd.run(AverageUpdate { decay: 0.9, parameters: &p, average: &mut average });
            for i in 0..length {
                assert_close(f64::from(average[i]), 0.9 * f64::from(a[i]) + 0.1 * f64::from(p[i]), "average");
            }
        }
    }
}

/// Runs one update, and returns whether all numbers are finite.
fn update<F: Formula<M>, const M: usize>(
    simd: Simd,
    formula: F,
    factors: Factors,
    gradient: &mut [f32],
    parameters: &mut [f32],
    moments: [&mut [f32]; M],
) -> Finite {
    let mut finite = Finite { gradient: true, parameters: true };
    simd.run(Update { formula, factors, gradient, parameters, moments, finite: &mut finite });
    finite
}

/// Returns the parameters after a step of each optimizer.
fn updated(simd: Simd, factors: Factors, g: &[f32], p: &[f32]) -> [Vec<f32>; 4] {
    let [mut m, mut v] = [vec![0.1; g.len()], vec![0.2; g.len()]];
    let [mut sgd, mut momentum, mut rmsprop, mut adam] = [(); 4].map(|()| p.to_vec());
    update(simd, Sgd, factors, &mut g.to_vec(), &mut sgd, []);
    update(simd, Momentum(0.9), factors, &mut g.to_vec(), &mut momentum, [&mut m.clone()]);
    update(simd, Rmsprop, factors, &mut g.to_vec(), &mut rmsprop, [&mut v.clone()]);
    update(simd, Adam, factors, &mut g.to_vec(), &mut adam, [&mut m, &mut v]);
    [sgd, momentum, rmsprop, adam]
}

#[test]
fn updates_scale_gradient_and_parameters_first() {
    let mut draw = Draw::new(7);
    let (g, p) = (draw.numbers(50), draw.numbers(50));
    let scaled = |numbers: &[f32], factor: f32| numbers.iter().map(|number| factor * number).collect::<Vec<_>>();
    for simd in Simd::available() {
        let found = updated(simd, Factors { rate: 0.1, gradient: 0.3, parameters: 0.7 }, &g, &p);
        assert_eq!(found, updated(simd, rate_alone(0.1), &scaled(&g, 0.3), &scaled(&p, 0.7)), "{simd:?}");
    }
}

#[test]
fn updates_follow_their_formulas_and_reset_the_gradient() {
    for seed in 0..40 {
        let mut draw = Draw::new(seed);
        let length = draw.size(70);
        let (g, p) = (draw.numbers(length), draw.numbers(length));
        let (m, v) = (draw.numbers(length), draw.numbers(length).iter().map(|v| v.abs()).collect::<Vec<_>>());
        let rate = draw.number().abs();
        for simd in Simd::available() {
            let (mut gradient, mut parameters) = (g.clone(), p.clone());
            update(simd, Sgd, rate_alone(rate), &mut gradient, &mut parameters, []);
            assert!(gradient.iter().all(|&g| g == 0.0), "{simd:?}");
            for i in 0..length {
                let expected = f64::from(p[i]) - f64::from(rate) * f64::from(g[i]);
                assert_close(f64::from(parameters[i]), expected, "sgd");
            }

            let (mut gradient, mut parameters, mut velocity) = (g.clone(), p.clone(), m.clone());
            update(simd, Momentum(0.9), rate_alone(rate), &mut gradient, &mut parameters, [&mut velocity]);
            assert!(gradient.iter().all(|&g| g == 0.0), "{simd:?}");
            for i in 0..length {
                let expected = 0.9 * f64::from(m[i]) - f64::from(rate) * f64::from(g[i]);
                assert_close(f64::from(velocity[i]), expected, "momentum, v");
                assert_close(f64::from(parameters[i]), f64::from(p[i]) + expected, "momentum");
            }

            let (mut gradient, mut parameters, mut second) = (g.clone(), p.clone(), v.clone());
            update(simd, Rmsprop, rate_alone(rate), &mut gradient, &mut parameters, [&mut second]);
            assert!(gradient.iter().all(|&g| g == 0.0), "{simd:?}");
            for i in 0..length {
                let expected = 0.9 * f64::from(v[i]) + 0.1 * f64::from(g[i]).powi(2);
                assert_close(f64::from(second[i]), expected, "rmsprop, v");
                let expected = f64::from(p[i]) - f64::from(rate) * f64::from(g[i]) / (expected + 1e-7).sqrt();
                assert_close(f64::from(parameters[i]), expected, "rmsprop");
            }

            let (mut gradient, mut parameters) = (g.clone(), p.clone());
            let (mut first, mut second) = (m.clone(), v.clone());
            let moments = [&mut first[..], &mut second];
            let finite = update(simd, Adam, rate_alone(rate), &mut gradient, &mut parameters, moments);
            assert!(gradient.iter().all(|&g| g == 0.0), "{simd:?}");
            for i in 0..length {
                let expected = 0.9 * f64::from(m[i]) + 0.1 * f64::from(g[i]);
                assert_close(f64::from(first[i]), expected, "adam, m");
                let square = 0.999 * f64::from(v[i]) + 0.001 * f64::from(g[i]).powi(2);
                assert_close(f64::from(second[i]), square, "adam, v");
                let expected = f64::from(p[i]) - f64::from(rate) * expected / (square.sqrt() + 1e-7);
                assert_close(f64::from(parameters[i]), expected, "adam");
            }
            assert!(finite.gradient && finite.parameters, "{simd:?}");
        }
    }
}

#[test]
fn updates_report_what_is_not_finite() {
    for simd in Simd::available() {
        for (gradient, rate, expected) in
            [(f32::NAN, 0.1, [false, false]), (f32::INFINITY, 0.1, [false, false]), (1.0, f32::INFINITY, [true, false])]
        {
            // In the last, partly filled lane.
            let mut gradient = [vec![0.5; 20], vec![gradient]].concat();
            let finite = update(simd, Sgd, rate_alone(rate), &mut gradient, &mut [0.0; 21], []);
            assert_eq!([finite.gradient, finite.parameters], expected, "{simd:?}");
        }
    }
}

/// The moments of a weight that no longer has a gradient end at zero instead of becoming subnormal.
#[test]
fn moments_never_become_subnormal() {
    for simd in Simd::available() {
        let [mut m, mut v, mut velocity, mut parameters] = [[1.0_f32; 16], [1.0; 16], [1.0; 16], [0.5; 16]];
        for _ in 0..100_000 {
            let factors = rate_alone(0.001);
            update(simd, Adam, factors, &mut [0.0; 16], &mut parameters, [&mut m, &mut v]);
            update(simd, Momentum(0.9), factors, &mut [0.0; 16], &mut parameters, [&mut velocity]);
            assert!(!m.iter().chain(&v).chain(&velocity).any(|moment| moment.is_subnormal()), "{simd:?}");
        }
        assert_eq!((m[0], v[0], velocity[0]), (0.0, 0.0, 0.0), "{simd:?}");
    }
}
