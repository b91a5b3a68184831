//! Keras 3's optimizers, over parameters and gradients as contiguous numbers.

use std::{
    mem::take,
    ops::Range,
    sync::atomic::{AtomicBool, Ordering},
};

use super::{
    Engine, OptimizerKind, WrongLength,
    engine::Parts,
    flat::Segments,
    kernels::{Adam, AverageUpdate, Factors, Finite, LANES, Momentum, Rmsprop, Sgd, SumOfSquares, Update},
};

/// An optimizer's formula and its settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UpdateRule {
    pub kind: OptimizerKind,
    /// Momentum of SGD; ignored by the others.
    pub momentum: f32,
    /// Decoupled weight decay: before each update, all parameters are multiplied by `1 - lr decay` (Loshchilov and
    /// Hutter, 2019; with Adam it is AdamW).
    pub weight_decay: f32,
    /// Largest Euclidean norm of the whole gradient, to which a longer one is scaled; 0: any (Pascanu, Mikolov and
    /// Bengio, 2013).
    pub clipping: f32,
    /// Decay of the exponential mean of the parameters; 0: no mean. Early steps use `min(decay, (1 + t) / (10 + t))`,
    /// as TensorFlow's `ExponentialMovingAverage` does, so that the initial parameters are forgotten.
    pub ema: f32,
}

impl From<OptimizerKind> for UpdateRule {
    fn from(kind: OptimizerKind) -> Self {
        Self { kind, momentum: 0.0, weight_decay: 0.0, clipping: 0.0, ema: 0.0 }
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

    /// Returns the factor that clips the gradient, which consists of tensors.
    fn gradient_factor<'a>(self, engine: &Engine, gradient: impl Iterator<Item = &'a [f32]>) -> f32 {
        if self.clipping == 0.0 {
            return 1.0;
        }
        let mut sum = 0.0;
        for numbers in gradient {
            engine.run(SumOfSquares { numbers, sum: &mut sum });
        }
        let clipping = f64::from(self.clipping);
        (clipping / sum.sqrt().max(clipping)) as f32
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
    /// Exponential mean of the parameters; empty if there is none.
    average: Vec<f32>,
    /// Parameters that stay as they are.
    frozen: Vec<Range<usize>>,
}

impl Optimizer {
    /// Creates an optimizer for a network of `parameters` numbers: no steps, moments zero.
    pub fn new(rule: impl Into<UpdateRule>, parameters: usize) -> Self {
        let rule = rule.into();
        let average = if rule.ema > 0.0 { vec![0.0; parameters] } else { Vec::new() };
        Self { rule, steps: 0, moments: vec![vec![0.0; parameters]; rule.moments()], average, frozen: Vec::new() }
    }

    /// Restores an optimizer from its [`Optimizer::steps`], [`Optimizer::moments`] and [`Optimizer::average`].
    ///
    /// # Errors
    /// If there are not [`UpdateRule::moments`] vectors, or one of these or the mean is not as long as the network's
    /// `parameters`.
    pub fn restore(
        rule: UpdateRule,
        steps: u64,
        moments: Vec<Vec<f32>>,
        average: Option<Vec<f32>>,
        parameters: usize,
    ) -> Result<Self, WrongLength> {
        if moments.len() != rule.moments() {
            return Err(WrongLength { expected: rule.moments(), found: moments.len() });
        }
        let new = Self::new(rule, parameters);
        let average = average.unwrap_or_default();
        let lengths = moments.iter().map(|moment| (parameters, moment.len()));
        match lengths.chain([(new.average.len(), average.len())]).find(|(expected, found)| expected != found) {
            Some((expected, found)) => Err(WrongLength { expected, found }),
            None => Ok(Self { steps, moments, average, ..new }),
        }
    }

    /// Leaves parameters as they are from now on, whole tensors of them, as if they were not the network's: the norm of
    /// the gradient is that of the others.
    pub fn freeze(&mut self, frozen: Vec<Range<usize>>) {
        self.frozen = frozen;
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

    /// Returns the exponential mean of the parameters, if the rule has one. Before the first step it is zero.
    pub fn average(&self) -> Option<&[f32]> {
        Some(&self.average[..]).filter(|average| !average.is_empty())
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
        let rule = self.rule;
        if self.steps == 0 && !self.average.is_empty() {
            self.average.copy_from_slice(parameters);
        }
        self.steps += 1;
        let groups = by_frozen(&self.frozen, gradient);
        let trained = groups.iter().filter(|(is_frozen, _)| !is_frozen);
        let factors = Factors {
            rate: if rule.kind == OptimizerKind::Adam { adam_rate(learning_rate, self.steps) } else { learning_rate },
            gradient: rule.gradient_factor(engine, trained.flat_map(|(_, group)| group).map(|tensor| &**tensor)),
            parameters: 1.0 - learning_rate * rule.weight_decay,
        };
        let decay = ema_decay(rule.ema, self.steps);
        let mut moments = self.moments.iter_mut().map(Vec::as_mut_slice);
        let mut moment = || moments.next().unwrap_or_default();
        let mut columns = Columns([parameters, moment(), moment(), &mut self.average]);
        let mut all = Finite { gradient: true, parameters: true };
        for (is_frozen, mut gradient) in groups {
            let columns = Columns(columns.take(gradient.iter().map(|tensor| tensor.len()).sum()));
            if is_frozen {
                gradient.iter_mut().for_each(|tensor| tensor.fill(0.0));
                continue;
            }
            let finite = rule.apply(engine, factors, decay, gradient, columns);
            all = Finite { gradient: all.gradient && finite.gradient, parameters: all.parameters && finite.parameters };
        }
        all
    }
}

impl UpdateRule {
    /// Updates parameters, moments and mean by a gradient of the same length, and sets the gradient to zero.
    fn apply(
        self,
        engine: &Engine,
        factors: Factors,
        decay: f32,
        gradient: Vec<&mut [f32]>,
        columns: Columns,
    ) -> Finite {
        let all_finite = [const { AtomicBool::new(true) }; 2];
        engine.split((Segments(gradient), columns), LANES, |_, (gradient, mut columns)| {
            let mut finite = Finite { gradient: true, parameters: true };
            for gradient in gradient.0 {
                // Each tensor's gradient is paired with its part of the parameters and moments.
                let [parameters, m, v, average] = columns.take(gradient.len());
                let finite = &mut finite;
                macro_rules! update {
                    ($formula:expr, $moments:expr) => {
                        engine.run(Update {
                            formula: $formula,
                            factors,
                            gradient,
                            parameters,
                            moments: $moments,
                            finite,
                        })
                    };
                }
                match self.kind {
                    OptimizerKind::Sgd if self.momentum > 0.0 => update!(Momentum(self.momentum), [m]),
                    OptimizerKind::Sgd => update!(Sgd, []),
                    OptimizerKind::Rmsprop => update!(Rmsprop, [m]),
                    OptimizerKind::Adam => update!(Adam, [m, v]),
                }
                engine.run(AverageUpdate { decay, parameters, average });
            }
            all_finite[0].fetch_and(finite.gradient, Ordering::Relaxed);
            all_finite[1].fetch_and(finite.parameters, Ordering::Relaxed);
        });
        let [gradient, parameters] = all_finite.map(AtomicBool::into_inner);
        Finite { gradient, parameters }
    }
}

/// Groups a gradient's consecutive tensors by whether their parameters are frozen.
fn by_frozen<'a>(frozen: &[Range<usize>], gradient: Vec<&'a mut [f32]>) -> Vec<(bool, Vec<&'a mut [f32]>)> {
    let mut groups: Vec<(bool, Vec<&mut [f32]>)> = Vec::new();
    let mut start = 0;
    for tensor in gradient {
        let is_frozen = frozen.iter().any(|range| range.contains(&start));
        start += tensor.len();
        match groups.last_mut() {
            Some((group, tensors)) if *group == is_frozen => tensors.push(tensor),
            _ => groups.push((is_frozen, vec![tensor])),
        }
    }
    groups
}

/// Slices that are divided at the same place; each is as long as the first, or empty.
struct Columns<'a>([&'a mut [f32]; 4]);

impl<'a> Columns<'a> {
    /// Removes the first `length` numbers of each slice, and returns them.
    fn take(&mut self, length: usize) -> [&'a mut [f32]; 4] {
        self.0.each_mut().map(|column| {
            let length = length.min(column.len());
            let (first, rest) = take(column).split_at_mut(length);
            *column = rest;
            first
        })
    }
}

impl Parts for Columns<'_> {
    fn units(&self) -> usize {
        self.0[0].len()
    }

    fn split_at(mut self, units: usize) -> (Self, Self) {
        let first = self.take(units);
        (Self(first), self)
    }
}

/// Returns the decay of the mean of the parameters in step `step`, from 1.
fn ema_decay(decay: f32, step: u64) -> f32 {
    let step = step as f64;
    f64::from(decay).min((1.0 + step) / (10.0 + step)) as f32
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
