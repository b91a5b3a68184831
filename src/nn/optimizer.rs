//! Keras 3's optimizers, to SPEC's formulas, over parameters and gradients as runs of numbers.

use super::{
    Engine, Network, OptimizerKind, WrongLength,
    engine::Units,
    kernels::{AdamUpdate, LANES, RmspropUpdate, SgdUpdate},
};

/// An optimizer and what it carries from step to step.
#[derive(Clone, Debug, PartialEq)]
pub struct Optimizer {
    kind: OptimizerKind,
    /// Steps done since the run began.
    steps: u64,
    /// Adam: first and second moments. RMSprop: second moments. SGD: none. Each as long as the parameters.
    moments: Vec<Vec<f32>>,
}

impl Optimizer {
    /// At its start: no steps, moments zero.
    pub fn new(kind: OptimizerKind) -> Self {
        Self { kind, steps: 0, moments: vec![vec![0.0; Network::PARAMETERS]; Self::moment_count(kind)] }
    }

    /// As it was when [`Optimizer::steps`] and [`Optimizer::moments`] were read.
    ///
    /// # Errors
    /// If there are not as many moments as the kind has, or one is not as long as the parameters.
    pub fn restore(kind: OptimizerKind, steps: u64, moments: Vec<Vec<f32>>) -> Result<Self, WrongLength> {
        if moments.len() != Self::moment_count(kind) {
            return Err(WrongLength { expected: Self::moment_count(kind), found: moments.len() });
        }
        match moments.iter().find(|moment| moment.len() != Network::PARAMETERS) {
            Some(moment) => Err(WrongLength { expected: Network::PARAMETERS, found: moment.len() }),
            None => Ok(Self { kind, steps, moments }),
        }
    }

    pub fn kind(&self) -> OptimizerKind {
        self.kind
    }

    pub fn steps(&self) -> u64 {
        self.steps
    }

    pub fn moments(&self) -> &[Vec<f32>] {
        &self.moments
    }

    /// One step: changes `parameters` by `gradient`, both [`Network::PARAMETERS`] long.
    pub(super) fn update(&mut self, engine: &Engine, learning_rate: f32, gradient: &[f32], parameters: &mut [f32]) {
        self.steps += 1;
        let alpha = adam_rate(learning_rate, self.steps);
        let parameters = Units(parameters, 1);
        match &mut self.moments[..] {
            [] => engine.split(parameters, LANES, |first, p| {
                let gradient = &gradient[first..][..p.0.len()];
                engine.run(SgdUpdate { learning_rate, gradient, parameters: p.0 });
            }),
            [v] => engine.split((parameters, Units(v, 1)), LANES, |first, (p, v)| {
                let gradient = &gradient[first..][..p.0.len()];
                engine.run(RmspropUpdate { learning_rate, gradient, v: v.0, parameters: p.0 });
            }),
            [m, v, ..] => engine.split((parameters, (Units(m, 1), Units(v, 1))), LANES, |first, (p, (m, v))| {
                let gradient = &gradient[first..][..p.0.len()];
                engine.run(AdamUpdate { alpha, gradient, m: m.0, v: v.0, parameters: p.0 });
            }),
        }
    }

    fn moment_count(kind: OptimizerKind) -> usize {
        match kind {
            OptimizerKind::Adam => 2,
            OptimizerKind::Rmsprop => 1,
            OptimizerKind::Sgd => 0,
        }
    }
}

/// `lr sqrt(1 - 0.999^t) / (1 - 0.9^t)`, in f64 and by products alone, so that it is the same everywhere.
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
