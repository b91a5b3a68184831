//! How a run begins: new, with the weights of another run, or from a checkpoint.

use std::{ops::Range, sync::Arc};

use super::Trainer;
use crate::{
    data::Dataset,
    nn::{Engine, Optimizer},
    train::{
        CannotRun, Checkpoint, Images, RunSpec, Transfer,
        checkpoint::{OptimizerState, Position},
        initial::Initial,
        soft_targets::SoftTargets,
    },
};

impl Trainer {
    /// Begins a new run.
    ///
    /// # Errors
    /// If `spec` is invalid, or not possible on this data set, or the weights of another run cannot be read.
    pub fn new(dataset: Arc<Dataset>, spec: RunSpec, engine: Engine) -> Result<Self, CannotRun> {
        Self::begin(dataset, spec, engine).map(|(trainer, _)| trainer)
    }

    /// Begins a new run, and returns notes: if it computes differently with the weights of another run, and about its
    /// teacher.
    ///
    /// # Errors
    /// As for [`Trainer::new`].
    pub(in crate::train) fn begin(
        dataset: Arc<Dataset>,
        mut spec: RunSpec,
        engine: Engine,
    ) -> Result<(Self, Vec<String>), CannotRun> {
        let Some(transfer) = &mut spec.transfer else { return Self::build(dataset, spec, engine) };
        let Initial { parameters, note } = Initial::read(transfer, &spec.hyper)?;
        let (mut trainer, notes) = Self::build(dataset, spec, engine)?;
        trainer.network.set_parameters(&parameters).expect("the weights are those of the same network");
        Ok((trainer, note.into_iter().chain(notes).collect()))
    }

    /// Builds a run with random weights. Returns notes about its teacher, too.
    fn build(dataset: Arc<Dataset>, mut spec: RunSpec, engine: Engine) -> Result<(Self, Vec<String>), CannotRun> {
        let images = spec.check(&dataset)?;
        let teacher = spec.teacher.as_mut().filter(|_| spec.hyper.teacher_weight > 0.0);
        let lesson = teacher.map(|teacher| SoftTargets::of(teacher, &dataset, &engine)).transpose()?;
        let (soft_targets, note) = lesson.unzip();
        let hyper = &spec.hyper;
        let mut optimizer = Optimizer::new(hyper.update_rule(), hyper.network.parameters());
        optimizer.freeze(frozen_ranges(&spec));
        let trainer = Self {
            images,
            soft_targets,
            network: hyper.build_network(engine.clone()),
            average: (hyper.ema > 0.0).then(|| (0, hyper.build_network(engine.clone()))),
            engine,
            optimizer,
            learning_rate: hyper.learning_rate,
            learning_rate_changes: Vec::new(),
            position: Position::default(),
            order: None,
            before_last_step: None,
            evaluating: None,
            history: Vec::new(),
            evaluation: None,
            best: None,
            diverged: false,
            dataset,
            spec,
        };
        Ok((trainer, note.flatten().into_iter().collect()))
    }

    /// Continues the run of `checkpoint`, which was read from a file, as if it had never stopped.
    ///
    /// # Errors
    /// If the run belongs to another data set.
    pub fn resume(dataset: Arc<Dataset>, checkpoint: Checkpoint, engine: Engine) -> Result<Self, CannotRun> {
        let images = checkpoint.spec.check(&dataset)?;
        check_position(&checkpoint.position, &images, checkpoint.spec.hyper.batch_size)?;
        let OptimizerState { steps, moments, average } = checkpoint.optimizer;
        let (mut trainer, _) = Self::build(dataset, checkpoint.spec, engine)?;
        let hyper = &trainer.spec.hyper;
        let optimizer = Optimizer::restore(hyper.update_rule(), steps, moments, average, hyper.network.parameters());
        trainer.optimizer = optimizer.expect("a checkpoint that was read has all moments");
        trainer.optimizer.freeze(frozen_ranges(&trainer.spec));
        let set = trainer.network.set_parameters(&checkpoint.parameters);
        set.expect("a checkpoint that was read has all parameters");
        Ok(Self {
            learning_rate: checkpoint.learning_rate,
            learning_rate_changes: checkpoint.learning_rate_changes,
            position: checkpoint.position,
            history: checkpoint.history,
            evaluation: checkpoint.evaluation.filter(|result| result.confusion.total() == images.test),
            best: checkpoint.best,
            ..trainer
        })
    }
}

/// Returns the places of the parameters that a run keeps as they are.
fn frozen_ranges(spec: &RunSpec) -> Vec<Range<usize>> {
    spec.transfer.as_ref().map_or_else(Vec::new, Transfer::frozen_ranges)
}

/// Checks that a position is possible with this data set and these limits.
fn check_position(position: &Position, images: &Images, batch_size: u32) -> Result<(), CannotRun> {
    let trained = (u64::from(position.step) * u64::from(batch_size)).min(u64::from(images.train));
    let fits = position.step <= images.steps_per_epoch(batch_size) && u64::from(position.images) == trained;
    fits.then_some(()).ok_or(CannotRun::Position { step: position.step, images: position.images })
}
