//! Each kernel at the sizes of LeNet-5, for one group of sixteen images.

use criterion::Criterion;
use lenet_monitor::nn::{Activation, AlignedLanes, Pooling, Simd, kernels::*};

use crate::board::Board;

/// Returns pseudo-random numbers between -0.5 and 0.5.
fn numbers(count: usize) -> Vec<f32> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32 - 0.5
    };
    std::iter::repeat_with(next).take(count).collect()
}

fn zeros(count: usize) -> AlignedLanes {
    let mut lanes = AlignedLanes::default();
    lanes.resize(count);
    lanes
}

fn lane_numbers(count: usize) -> AlignedLanes {
    let mut random = zeros(count);
    random.copy_from_slice(lanes(&numbers(count * LANES)));
    random
}

pub fn bench(criterion: &mut Criterion, board: &Board, simd: Simd) {
    let mut group = criterion.benchmark_group(format!("kernels, {}", simd.name()));
    let label = |name: &str| format!("{name}, {}", simd.name());

    macro_rules! conv {
        ($name:literal, $i:literal -> $o:literal, $x:literal -> $z:literal) => {{
            let per_image = ($o * $i * 25 * $z * $z) as f64;
            let work = Some((per_image * LANES as f64, 1));
            let (input, weights, bias) = (lane_numbers($i * $x * $x), numbers($o * $i * 25), numbers($o));
            let mut pooled = zeros($o * $z * $z / 4);
            let mut activated = zeros($o * $z * $z);
            board.bench(&mut group, &label(concat!($name, " forward")), work, || {
                simd.run(ConvForward::<$i, $x, $z> {
                    activation: Activation::Relu,
                    pooling: Pooling::Avg,
                    input: &input,
                    weights: &weights,
                    bias: &bias,
                    first: 0,
                    pooled: &mut pooled,
                    activated: &mut activated,
                });
            });
            let gradient = lane_numbers($o * $z * $z);
            let (mut weight_gradient, mut bias_gradient) = (numbers($o * $i * 25), numbers($o));
            board.bench(&mut group, &label(concat!($name, " weight gradient")), work, || {
                simd.run(ConvWeightGradient::<$i, $x, $z> {
                    activation: Activation::Relu,
                    pooling: Pooling::Avg,
                    input: &input,
                    pooled_gradient: &[&pooled],
                    maps: &mut [&mut activated],
                    weights: &mut weight_gradient,
                    bias: &mut bias_gradient,
                });
            });
            let mut input_gradient = zeros($i * $x * $x);
            if $i > 1 {
                board.bench(&mut group, &label(concat!($name, " input gradient")), work, || {
                    simd.run(ConvInputGradient::<$i, $x, $z> {
                        gradient: &gradient,
                        weights: &weights,
                        first: 0,
                        input_gradient: &mut input_gradient,
                        adds: false,
                    });
                });
            }
        }};
    }
    conv!("C1", 1 -> 6, 32 -> 28);
    conv!("C3", 6 -> 16, 14 -> 10);

    macro_rules! dense {
        ($name:literal, $i:literal -> $o:literal) => {{
            let work = Some((($i * $o * LANES) as f64, 1));
            let (input, weights, bias) = (lane_numbers($i), numbers($i * $o), numbers($o));
            let mut output = zeros($o);
            board.bench(&mut group, &label(concat!($name, " forward")), work, || {
                simd.run(DenseForward::<$i> {
                    activation: Some(Activation::Relu),
                    input: &input,
                    weights: &weights,
                    bias: &bias,
                    first: 0,
                    output: &mut output,
                });
            });
            let transposed = lane_numbers(LANES * ($i as usize).div_ceil(LANES));
            let gradient = lane_numbers($o);
            let (mut weight_gradient, mut bias_gradient) = (numbers($i * $o), numbers($o));
            board.bench(&mut group, &label(concat!($name, " weight gradient")), work, || {
                simd.run(DenseWeightGradient::<$i> {
                    transposed_input: &transposed,
                    gradient: &gradient,
                    outputs: $o,
                    first: 0,
                    weights: &mut weight_gradient,
                    bias: &mut bias_gradient,
                });
            });
            let mut input_gradient = zeros($i);
            board.bench(&mut group, &label(concat!($name, " input gradient")), work, || {
                simd.run(DenseInputGradient::<$i> {
                    gradient: &gradient,
                    weights: &weights,
                    first: 0,
                    input_gradient: &mut input_gradient,
                    adds: false,
                });
            });
        }};
    }
    dense!("C5", 400 -> 120);
    dense!("F6", 120 -> 84);
    dense!("output", 84 -> 10);

    let mut gradient = numbers(61_706);
    let mut finite = Finite { gradient: true, parameters: true };
    let [mut parameters, mut m, mut v] = [(); 3].map(|()| vec![0.5; 61_706]);
    board.bench(&mut group, &label("Adam, 61,706 parameters"), None, || {
        simd.run(Update {
            formula: Adam,
            factors: Factors { rate: 1e-9, gradient: 1.0, parameters: 1.0 },
            gradient: &mut gradient,
            parameters: &mut parameters,
            moments: [&mut m, &mut v],
            finite: &mut finite,
        });
    });
    group.finish();
}
