//! What makes a network fit the training images less closely: smoothed labels, a teacher's answers and dropped values.

use dfdx::{
    shapes::HasShape,
    tensor::{Cpu, PutTape, SplitTape, Tape},
};
use rand::{Rng, SeedableRng, rngs::Xoshiro256PlusPlus};

use super::{
    layout::{Cpu32, Features, gradient_mut, take_gradient, tensor},
    parameters::values,
};

/// Changes to the loss and to the network that apply in training only. The default is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Regularization {
    /// Part of each label that is spread evenly over all classes, 0 or more and below 1 (Szegedy et al., 2016).
    pub label_smoothing: f32,
    /// Weight of a teacher's answers beside the labels, 0 to 1. Ignored in steps without a teacher.
    pub teacher_weight: f32,
    /// Number by which the logits of teacher and network are divided, above 0.
    pub teacher_temperature: f32,
    /// Probability with which LeNet-5 drops each value of C5 and F6, 0 or more and below 1. Other networks ignore it.
    pub dropout: f32,
    /// Seed of the choice of dropped values.
    pub seed: u64,
}

impl Default for Regularization {
    fn default() -> Self {
        Self { label_smoothing: 0.0, teacher_weight: 0.0, teacher_temperature: 1.0, dropout: 0.0, seed: 0 }
    }
}

impl Regularization {
    /// Returns the values to drop in a step; `None` without dropout.
    pub(super) fn dropout(self, step: u64) -> Option<Dropout> {
        let key = Xoshiro256PlusPlus::seed_from_u64(self.seed).next_u64() ^ step;
        (self.dropout > 0.0).then_some(Dropout { rate: self.dropout, key })
    }
}

/// Choice of the values that a step drops.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dropout {
    rate: f32,
    key: u64,
}

impl Dropout {
    /// Sets each value to zero with the probability `rate`, and divides the others by `1 - rate`, so that the expected
    /// value stays (Srivastava et al., 2014). The numbers of a network's layers differ.
    pub(super) fn apply<const N: usize, T: Tape<f32, Cpu>>(
        self,
        layer: u64,
        input: Cpu32<Features<N>, T>,
    ) -> Cpu32<Features<N>, T> {
        let (from, mut tape) = input.split_tape();
        let mut kept = values(&from);
        let factors = self.factors(layer, kept.len());
        kept.iter_mut().zip(&factors).for_each(|(value, factor)| *value *= factor);
        let to = tensor(from.device(), kept, *from.shape());
        let output = to.clone();
        tape.add_backward_op(move |gradients| {
            let gradient = take_gradient(gradients, &to);
            let input = gradient_mut(gradients, &from);
            for ((input, gradient), factor) in input.iter_mut().zip(gradient).zip(factors) {
                *input += gradient * factor;
            }
            Ok(())
        });
        output.put_tape(tape)
    }

    /// Returns the factor of each value. Its random bits are a hash of its place (the finalizer of MurmurHash3), so
    /// that the compiler can compute several at once.
    fn factors(self, layer: u64, count: usize) -> Vec<f32> {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(self.key);
        let key = (0..=layer).fold(0, |_, _| rng.next_u64());
        let (first, mask) = (key as u32, (key >> 32) as u32);
        let dropped_below = (f64::from(self.rate) * f64::from(u32::MAX)) as u32;
        let kept = 1.0 / (1.0 - self.rate);
        let factor = |place: u32| {
            let mut bits = first.wrapping_add(place.wrapping_mul(0x9e37_79b9)) ^ mask;
            bits = (bits ^ (bits >> 16)).wrapping_mul(0x85eb_ca6b);
            bits = (bits ^ (bits >> 13)).wrapping_mul(0xc2b2_ae35);
            bits ^= bits >> 16;
            if bits < dropped_below { 0.0 } else { kept }
        };
        (0..count as u32).map(factor).collect()
    }
}

#[cfg(test)]
mod tests {
    use dfdx::{
        shapes::Const,
        tensor::Trace,
        tensor_ops::{Backward, SumTo},
    };

    use super::*;
    use crate::nn::kernels::LANES;

    const GROUPS: usize = 50;

    fn values() -> Cpu32<Features<120>> {
        let values = (0..GROUPS * 120 * LANES).map(|place| 1.0 + place as f32 / 1e5).collect();
        tensor(&Cpu::default(), values, (GROUPS, Const, Const))
    }

    fn dropped(dropout: Dropout, layer: u64) -> Vec<f32> {
        dropout.apply(layer, values()).as_vec()
    }

    #[test]
    fn values_are_dropped_or_scaled_with_the_given_probability() {
        for rate in [0.05, 0.3, 0.5, 0.9] {
            let all = values().as_vec();
            let found = dropped(Dropout { rate, key: 1 }, 0);
            let zeros = found.iter().filter(|&&value| value == 0.0).count();
            let (count, rate) = (all.len() as f64, f64::from(rate));
            // Four standard deviations of a binomial distribution.
            let most = 4.0 * (count * rate * (1.0 - rate)).sqrt();
            assert!((zeros as f64 - count * rate).abs() < most, "{zeros} of {count} at {rate}");
            let scaled = |(value, all): (&f32, &f32)| *value == 0.0 || *value == all * (1.0 / (1.0 - rate as f32));
            assert!(found.iter().zip(&all).all(scaled));
        }
    }

    #[test]
    fn steps_seeds_and_layers_drop_other_values() {
        let of = |seed, step, layer| {
            let regularization = Regularization { dropout: 0.5, seed, ..Regularization::default() };
            dropped(regularization.dropout(step).unwrap(), layer)
        };
        let all = [of(1, 0, 0), of(1, 1, 0), of(2, 0, 0), of(1, 0, 1)];
        for (place, one) in all.iter().enumerate() {
            for other in &all[..place] {
                let agreeing = one.iter().zip(other).filter(|(one, other)| (**one == 0.0) == (**other == 0.0)).count();
                let share = agreeing as f64 / one.len() as f64;
                assert!((0.48..0.52).contains(&share), "{share}");
            }
        }
        assert_eq!(of(1, 0, 0), all[0]);
        assert!(Regularization::default().dropout(0).is_none());
    }

    #[test]
    fn the_gradient_of_a_dropped_value_is_zero() {
        let dropout = Dropout { rate: 0.3, key: 5 };
        let values = values();
        let output = dropout.apply(0, values.leaky_trace());
        let kept = output.as_vec();
        let gradients = output.sum::<(), _>().backward();
        let expected = kept.iter().map(|&value| if value == 0.0 { 0.0 } else { 1.0 / 0.7 });
        assert!(gradients.get(&values).as_vec().into_iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6));
    }
}
