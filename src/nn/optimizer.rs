//! Keras 3's optimizers, over parameters and gradients as contiguous numbers.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{
    Engine, OptimizerKind, WrongLength,
    engine::Units,
    flat::Segments,
    kernels::{AdamUpdate, Finite, LANES, MomentumUpdate, RmspropUpdate, SgdUpdate},
};

/// An optimizer's formula and its settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UpdateRule {
    pub kind: OptimizerKind,
    /// Momentum of SGD; ignored by the others.
    pub momentum: f32,
}

impl From<OptimizerKind> for UpdateRule {
    fn from(kind: OptimizerKind) -> Self {
        Self { kind, momentum: 0.0 }
    }
}

impl UpdateRule {
    /// Returns the number of moments that are kept per parameter.
    pub fn moments(self) -> usize {
        match self.kind {
            OptimizerKind::Adam => 2,
            OptimizerKind::Rmsprop => 1,
            OptimizerKind::Sgd => usize::from(self.momentum > 0.0),
        }
    }
}

/// An optimizer and its state.
#[derive(Clone, Debug, PartialEq)]
pub struct Optimizer {
    rule: UpdateRule,
    /// Number of steps since the run began.
    steps: u64,
    /// First and second moments of Adam, second moments of RMSprop, velocities of SGD if it has momentum. Each vector
    /// is as long as the parameters.
    moments: Vec<Vec<f32>>,
}

impl Optimizer {
    /// Creates an optimizer for a network of `parameters` numbers: no steps, moments zero.
    pub fn new(rule: impl Into<UpdateRule>, parameters: usize) -> Self {
        let rule = rule.into();
        Self { rule, steps: 0, moments: vec![vec![0.0; parameters]; rule.moments()] }
    }

    /// Restores an optimizer from its [`Optimizer::steps`] and [`Optimizer::moments`].
    ///
    /// # Errors
    /// If there are not [`UpdateRule::moments`] vectors, or one is not as long as the network's `parameters`.
    pub fn restore(
        rule: UpdateRule,
        steps: u64,
        moments: Vec<Vec<f32>>,
        parameters: usize,
    ) -> Result<Self, WrongLength> {
        if moments.len() != rule.moments() {
            return Err(WrongLength { expected: rule.moments(), found: moments.len() });
        }
        match moments.iter().find(|moment| moment.len() != parameters) {
            Some(moment) => Err(WrongLength { expected: parameters, found: moment.len() }),
            None => Ok(Self { rule, steps, moments }),
        }
    }

    pub fn rule(&self) -> UpdateRule {
        self.rule
    }

    pub fn steps(&self) -> u64 {
        self.steps
    }

    pub fn moments(&self) -> &[Vec<f32>] {
        &self.moments
    }

    /// Takes one step: changes `parameters` by `gradient`, which has one number per parameter, and sets the gradient to
    /// zero. Returns whether all numbers are finite; if not, the moments must not be used any more.
    pub(super) fn update(
        &mut self,
        engine: &Engine,
        learning_rate: f32,
        gradient: Vec<&mut [f32]>,
        parameters: &mut [f32],
    ) -> Finite {
        self.steps += 1;
        let alpha = adam_rate(learning_rate, self.steps);
        let all_finite = [const { AtomicBool::new(true) }; 2];
        let record = |finite: Finite| {
            all_finite[0].fetch_and(finite.gradient, Ordering::Relaxed);
            all_finite[1].fetch_and(finite.parameters, Ordering::Relaxed);
        };
        let outputs = (Segments(gradient), Units(parameters, 1));
        // Each tensor's gradient is paired with its part of the parameters and moments.
        let UpdateRule { kind, momentum } = self.rule;
        match &mut self.moments[..] {
            [] => engine.split(outputs, LANES, |_, (gradient, mut p)| {
                let mut finite = Finite { gradient: true, parameters: true };
                for gradient in gradient.0 {
                    let parameters = p.take(gradient.len());
                    engine.run(SgdUpdate { learning_rate, gradient, parameters, finite: &mut finite });
                }
                record(finite);
            }),
            [v] if kind == OptimizerKind::Sgd => {
                engine.split((outputs, Units(v, 1)), LANES, |_, ((gradient, mut p), mut v)| {
                    let mut finite = Finite { gradient: true, parameters: true };
                    for gradient in gradient.0 {
                        let (parameters, v) = (p.take(gradient.len()), v.take(gradient.len()));
                        engine.run(MomentumUpdate {
                            learning_rate,
                            momentum,
                            gradient,
                            v,
                            parameters,
                            finite: &mut finite,
                        });
                    }
                    record(finite);
                });
            }
            [v] => engine.split((outputs, Units(v, 1)), LANES, |_, ((gradient, mut p), mut v)| {
                let mut finite = Finite { gradient: true, parameters: true };
                for gradient in gradient.0 {
                    let (parameters, v) = (p.take(gradient.len()), v.take(gradient.len()));
                    engine.run(RmspropUpdate { learning_rate, gradient, v, parameters, finite: &mut finite });
                }
                record(finite);
            }),
            [m, v, ..] => {
                let outputs = (outputs, (Units(m, 1), Units(v, 1)));
                engine.split(outputs, LANES, |_, ((gradient, mut p), (mut m, mut v))| {
                    let mut finite = Finite { gradient: true, parameters: true };
                    for gradient in gradient.0 {
                        let length = gradient.len();
                        let (parameters, m, v) = (p.take(length), m.take(length), v.take(length));
                        engine.run(AdamUpdate { alpha, gradient, m, v, parameters, finite: &mut finite });
                    }
                    record(finite);
                });
            }
        }
        let [gradient, parameters] = all_finite.map(AtomicBool::into_inner);
        Finite { gradient, parameters }
    }
}

/// Returns `lr sqrt(1 - 0.999^t) / (1 - 0.9^t)`, computed in f64 with products only, so that every platform agrees.
fn adam_rate(learning_rate: f32, step: u64) -> f32 {
    let (mut first, mut second) = (1.0_f64, 1.0_f64);
    let (mut first_power, mut second_power, mut left) = (0.9_f64, 0.999_f64, step);
    while left > 0 {
        if left % 2 == 1 {
            first *= first_power;
            second *= second_power;
        }
        first_power *= first_power;
        second_power *= second_power;
        left /= 2;
    }
    (f64::from(learning_rate) * (1.0 - second).sqrt() / (1.0 - first)) as f32
}
