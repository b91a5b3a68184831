//! One run, trained one step or evaluated one slice at a time, on the caller's thread.

mod begin;

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use super::{
    CannotRun, Checkpoint, ChosenBy, EarlyStop, EpochRecord, Evaluation, Health, Hyperparameter, Images,
    LearningRateChange, RunSpec, Schedule,
    augmented::augmented,
    checkpoint::{Best, ComputedWith, OptimizerState, Position, TestResult},
    evaluation::{Pass, predict},
    health,
    history::is_better,
    soft_targets::SoftTargets,
    stopwatch::Stopwatch,
};
use crate::{
    data::{CLASSES, Dataset, PIXELS, order::epoch_order},
    nn::{Activations, Engine, LayerMeasures, Network, NonFinite, Optimizer},
};

/// Run in memory: network, optimizer, position in the data, and results so far.
pub struct Trainer {
    dataset: Arc<Dataset>,
    spec: RunSpec,
    images: Images,
    engine: Engine,
    network: Network,
    optimizer: Optimizer,
    /// Answers of the teacher for all training images, if the run has a teacher.
    soft_targets: Option<SoftTargets>,
    /// Network with the mean of the parameters after a number of steps, if the run has one.
    average: Option<(u64, Network)>,
    /// Learning rate of the hyperparameters or of the newest change by hand.
    learning_rate: f32,
    learning_rate_changes: Vec<LearningRateChange>,
    position: Position,
    /// Epoch, from 0, and its images in training order.
    order: Option<(u32, Vec<u32>)>,
    /// Parameters before the last step of the current epoch.
    before_last_step: Option<Vec<f32>>,
    evaluating: Option<Evaluating>,
    history: Vec<EpochRecord>,
    evaluation: Option<TestResult>,
    best: Option<Best>,
    diverged: bool,
}

/// Result of [`Trainer::advance`].
#[derive(Debug)]
pub enum Advance {
    Step(StepDone),
    /// One slice of the evaluation that ends an epoch.
    Slice,
    EpochEnded {
        record: EpochRecord,
        evaluation: Arc<Evaluation>,
        health: Health,
        /// Whether the epoch is the best so far.
        is_best: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepDone {
    /// Mean cross-entropy of the batch, before the update.
    pub loss: f64,
    /// Images predicted correctly, before the update.
    pub correct: u32,
    pub images: u32,
    pub seconds: f64,
}

/// Error when a NaN or an infinity was computed: the run cannot continue.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{place} is not finite in step {step} of epoch {epoch}, with a learning rate of {learning_rate}")]
pub struct Divergence {
    /// `loss`, `gradient`, `parameters`, `test loss` or `validation loss`.
    pub place: &'static str,
    /// Number of the epoch, from 1.
    pub epoch: u32,
    /// Number of the step, from 1.
    pub step: u32,
    pub learning_rate: f32,
}

/// Evaluation that ends an epoch: first the held-out images, then the test set.
struct Evaluating {
    layers: Vec<LayerMeasures>,
    validation: Option<Pass>,
    test: Pass,
    seconds: f64,
}

impl Trainer {
    /// Returns the current state of the run, for saving.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            written_by: env!("CARGO_PKG_VERSION").to_owned(),
            saved_at: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            spec: self.spec.clone(),
            learning_rate: self.learning_rate,
            learning_rate_changes: self.learning_rate_changes.clone(),
            position: self.position,
            parameters: self.network.parameters(),
            optimizer: OptimizerState {
                steps: self.optimizer.steps(),
                moments: self.optimizer.moments().to_vec(),
                average: self.optimizer.average().map(<[f32]>::to_vec),
            },
            computed_with: self.computed_with(),
            history: self.history.clone(),
            evaluation: self.evaluation.clone(),
            best: self.best,
        }
    }

    pub fn computed_with(&self) -> ComputedWith {
        ComputedWith { threads: self.engine.threads(), simd: self.engine.simd().name().to_owned() }
    }

    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    pub fn spec(&self) -> &RunSpec {
        &self.spec
    }

    pub fn images(&self) -> Images {
        self.images
    }

    pub fn position(&self) -> Position {
        self.position
    }

    pub fn history(&self) -> &[EpochRecord] {
        &self.history
    }

    pub fn best(&self) -> Option<Best> {
        self.best
    }

    /// Returns the learning rate of the hyperparameters, or of the newest change by hand.
    pub fn learning_rate(&self) -> f32 {
        self.learning_rate
    }

    /// Returns the learning rate of the next step: the schedule's, unless it was changed by hand.
    pub fn current_rate(&self) -> f32 {
        self.rate_of_step(self.position.step)
    }

    fn rate_of_step(&self, step: u32) -> f32 {
        if !self.learning_rate_changes.is_empty() {
            return self.learning_rate;
        }
        let steps = u64::from(self.steps_per_epoch());
        let hyper = &self.spec.hyper;
        let done = u64::from(self.position.epoch) * steps + u64::from(step);
        hyper.scheduled_rate(done, u64::from(hyper.epochs) * steps)
    }

    pub fn steps_per_epoch(&self) -> u32 {
        self.images.steps_per_epoch(self.spec.hyper.batch_size)
    }

    /// Returns whether all epochs are done, or the run ends early.
    pub fn is_finished(&self) -> bool {
        self.position.epoch >= self.spec.hyper.epochs || self.early_stop().is_some()
    }

    /// Returns why the run ends before its last epoch; `None` while it does not.
    pub fn early_stop(&self) -> Option<EarlyStop> {
        EarlyStop::of(&self.spec.hyper, &self.history)
    }

    /// Returns whether the current epoch is trained and its evaluation is next or in progress.
    pub fn is_evaluating(&self) -> bool {
        self.position.step >= self.steps_per_epoch()
    }

    /// Returns whether a NaN or an infinity was computed, so that there is nothing worth saving.
    pub fn has_diverged(&self) -> bool {
        self.diverged
    }

    /// Returns the set by which the best epoch is chosen.
    pub fn chosen_by(&self) -> ChosenBy {
        if self.images.validation > 0 { ChosenBy::Validation } else { ChosenBy::Test }
    }

    /// Changes the learning rate from the next step on.
    ///
    /// # Errors
    /// If it is out of range.
    pub fn set_learning_rate(&mut self, learning_rate: f32) -> Result<(), CannotRun> {
        Hyperparameter::LearningRate.check(learning_rate)?;
        let is_scheduled = self.spec.hyper.schedule != Schedule::Constant && self.learning_rate_changes.is_empty();
        if is_scheduled || learning_rate != self.learning_rate {
            let Position { epoch, step, .. } = self.position;
            self.learning_rate_changes.push(LearningRateChange { epoch, step, learning_rate });
            self.learning_rate = learning_rate;
        }
        Ok(())
    }

    /// Sets the total number of epochs.
    ///
    /// # Errors
    /// If it is out of range, or less than the epochs that have begun.
    pub fn set_epochs(&mut self, epochs: u32) -> Result<(), CannotRun> {
        Hyperparameter::Epochs.check(epochs)?;
        let begun = self.position.epochs_begun();
        if epochs < begun {
            return Err(CannotRun::Epochs { epochs, begun });
        }
        self.spec.hyper.epochs = epochs;
        Ok(())
    }

    /// Trains one batch or, once an epoch is trained, evaluates a few hundred images.
    ///
    /// # Errors
    /// If a NaN or an infinity is computed. The run has then ended.
    pub fn advance(&mut self) -> Result<Advance, Divergence> {
        let advance = if self.is_evaluating() { self.evaluate_slice() } else { self.step().map(Advance::Step) };
        self.diverged |= advance.is_err();
        advance
    }

    fn step(&mut self) -> Result<StepDone, Divergence> {
        let stopwatch = Stopwatch::start();
        let epoch = self.position.epoch;
        if self.order.as_ref().is_none_or(|(of, _)| *of != epoch) {
            self.order = Some((epoch, epoch_order(self.spec.hyper.seed, epoch, self.images.train)));
        }
        let (_, order) = self.order.as_ref().expect("set above");
        let batch_size = self.spec.hyper.batch_size as usize;
        let start = self.position.step as usize * batch_size;
        let batch = &order[start..order.len().min(start + batch_size)];
        if self.position.step + 1 == self.steps_per_epoch() {
            self.before_last_step = Some(self.network.parameters());
        }
        let learning_rate = self.current_rate();
        let augmentation = self.spec.hyper.augmentation();
        let (augmented, all);
        let (split, indices) = if augmentation.is_none() {
            (&self.dataset.train, batch)
        } else {
            augmented =
                self::augmented(&self.engine, augmentation, (self.spec.hyper.seed, epoch), &self.dataset, batch);
            all = Vec::from_iter(0..batch.len() as u32);
            (&augmented, &all[..])
        };
        // A changed image has the soft targets of the original, as it has its label.
        let step = match &self.soft_targets {
            Some(targets) => {
                let rows = targets.rows(batch);
                self.network.distillation_step(split, indices, &rows, &mut self.optimizer, learning_rate)
            }
            None => self.network.train_step(split, indices, &mut self.optimizer, learning_rate),
        };
        let images = batch.len() as u32;
        let step = step.map_err(|NonFinite { place }| self.divergence(place))?;
        let loss = f64::from(step.loss);
        let done = StepDone { loss, correct: step.correct, images, seconds: stopwatch.seconds() };
        self.count(&done);
        Ok(done)
    }

    fn count(&mut self, done: &StepDone) {
        let position = &mut self.position;
        position.step += 1;
        position.images += done.images;
        position.correct += done.correct;
        position.loss_sum += done.loss * f64::from(done.images);
        position.train_seconds += done.seconds;
        position.elapsed += done.seconds;
    }

    fn divergence(&self, place: &'static str) -> Divergence {
        let step = (self.position.step + 1).min(self.steps_per_epoch());
        Divergence { place, epoch: self.position.epoch + 1, step, learning_rate: self.current_rate() }
    }

    fn evaluate_slice(&mut self) -> Result<Advance, Divergence> {
        let stopwatch = Stopwatch::start();
        let mut evaluating = self.evaluating.take().unwrap_or_else(|| self.begin_evaluation());
        let dataset = Arc::clone(&self.dataset);
        match &mut evaluating.validation {
            Some(pass) if !pass.is_done() => pass.advance(self.network(), &dataset.train),
            _ => evaluating.test.advance(self.network(), &dataset.test),
        }
        let seconds = stopwatch.seconds();
        self.position.elapsed += seconds;
        evaluating.seconds += seconds;
        if evaluating.test.is_done() {
            return self.end_epoch(evaluating);
        }
        self.evaluating = Some(evaluating);
        Ok(Advance::Slice)
    }

    fn begin_evaluation(&mut self) -> Evaluating {
        let layers = self.measures();
        let validation = (self.images.validation > 0).then(|| Pass::new(self.images.validation_range()));
        Evaluating { layers, validation, test: Pass::new(self.images.test_range()), seconds: 0.0 }
    }

    fn end_epoch(&mut self, evaluating: Evaluating) -> Result<Advance, Divergence> {
        let validation = evaluating.validation.map(Pass::finish);
        let validation = validation.map(|evaluation| (evaluation.loss, evaluation.accuracy()));
        let test = evaluating.test.finish();
        if validation.is_some_and(|(loss, _)| !loss.is_finite()) {
            return Err(self.divergence("validation loss"));
        }
        if !test.loss.is_finite() {
            return Err(self.divergence("test loss"));
        }
        let record = self.record(&test, validation, evaluating.seconds);
        self.position = Position { epoch: record.epoch, elapsed: self.position.elapsed, ..Position::default() };
        let result = TestResult {
            epoch: record.epoch,
            loss: test.loss,
            confusion: test.confusion.clone(),
            mistakes: test.mistakes().copied().collect(),
        };
        let is_best = self.update_best(&record);
        self.history.push(record.clone());
        let health = self.judge(evaluating.layers, &result);
        self.evaluation = Some(result);
        Ok(Advance::EpochEnded { record, evaluation: Arc::new(test), health, is_best })
    }

    fn record(&self, test: &Evaluation, validation: Option<(f64, f64)>, evaluation_seconds: f64) -> EpochRecord {
        let position = &self.position;
        let images = f64::from(position.images.max(1));
        EpochRecord {
            epoch: position.epoch + 1,
            learning_rate: self.rate_of_step(position.step.saturating_sub(1)),
            train_loss: position.loss_sum / images,
            train_accuracy: f64::from(position.correct) / images,
            test_loss: test.loss,
            test_accuracy: test.accuracy(),
            validation,
            seconds: position.train_seconds + evaluation_seconds,
            train_seconds: position.train_seconds,
            steps: position.step,
            images: position.images,
        }
    }

    /// Measures the layers on a sample of the training images. Frozen ones say nothing about how the run learns.
    fn measures(&mut self) -> Vec<LayerMeasures> {
        let before = self.before_last_step.take();
        let sample = health::sample(self.images.train);
        let mut layers = self.network.measures(&self.dataset.train, &sample, before.as_deref());
        if let Some(transfer) = &self.spec.transfer {
            layers.retain(|measures| !transfer.frozen.contains(&measures.info.name));
        }
        layers
    }

    fn judge(&self, layers: Vec<LayerMeasures>, test: &TestResult) -> Health {
        Health::new(health::sample(self.images.train).len(), layers, &self.history, test)
    }

    /// Returns the state after the newest evaluation, of a run that was just resumed.
    pub(super) fn health(&mut self) -> Option<Health> {
        let test = self.evaluation.clone()?;
        let layers = self.measures();
        Some(self.judge(layers, &test))
    }

    /// Updates the best epoch, by accuracy, then by loss. Returns whether it is this one.
    fn update_best(&mut self, record: &EpochRecord) -> bool {
        let (loss, accuracy) = record.judged();
        let is_best = self.best.as_ref().is_none_or(|best| is_better((loss, accuracy), (best.loss, best.accuracy)));
        if is_best {
            self.best = Some(Best { chosen_by: self.chosen_by(), epoch: record.epoch, loss, accuracy });
        }
        is_best
    }

    /// Returns the probabilities for one image. `None` if the network has diverged.
    pub fn predict(&mut self, pixels: &[u8; PIXELS]) -> Option<[f32; CLASSES]> {
        predict(self.network(), pixels).map(|prediction| prediction.probabilities)
    }

    /// Returns the activations of every layer for one image. `None` if the network has diverged.
    pub fn inspect(&mut self, pixels: &[u8; PIXELS]) -> Option<Box<Activations>> {
        let activations = Box::new(self.network().inspect(pixels));
        activations.probabilities.iter().all(|p| p.is_finite()).then_some(activations)
    }

    /// Returns the network that is tested: with the mean of the parameters, if the run has one and has begun.
    pub fn network(&mut self) -> &mut Network {
        let steps = self.optimizer.steps();
        match (&mut self.average, self.optimizer.average()) {
            (Some((of, network)), Some(average)) if steps > 0 => {
                if *of != steps {
                    network.set_parameters(average).expect("the mean is as long as the parameters");
                    *of = steps;
                }
                network
            }
            _ => &mut self.network,
        }
    }

    /// Returns the newest evaluation with its epoch. Its predictions are only the mistakes, as in a checkpoint.
    pub fn last_evaluation(&self) -> Option<(u32, Evaluation)> {
        self.evaluation.as_ref().map(|result| {
            let (loss, confusion) = (result.loss, result.confusion.clone());
            (result.epoch, Evaluation { loss, confusion, predictions: result.mistakes.clone() })
        })
    }

    /// Begins to repeat the newest evaluation, with all predictions, if the network has not changed since. Continue it
    /// with [`Trainer::advance_reevaluation`].
    pub(super) fn reevaluate(&self) -> Option<Pass> {
        let unchanged = self.position.step == 0 && self.evaluation.is_some();
        unchanged.then(|| Pass::new(self.images.test_range()))
    }

    pub(super) fn advance_reevaluation(&mut self, pass: &mut Pass) {
        let dataset = Arc::clone(&self.dataset);
        pass.advance(self.network(), &dataset.test);
    }
}

/// Returns a note if a run will not continue bit for bit. The network computes the same bits with any number of
/// threads, but not with another instruction set.
pub fn continuation_note(before: &ComputedWith, now: &ComputedWith) -> Option<String> {
    (before.simd != now.simd).then(|| {
        format!("the run used {} so far and now uses {}: it will not continue bit for bit", before.simd, now.simd)
    })
}
