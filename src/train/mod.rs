//! One run: what is trained, how far it is, what came out, and the worker that does it in the background.

pub mod checkpoint;
mod evaluation;
mod history;
pub mod housekeeping;
mod hyper;
mod images;
mod mailbox;
mod meter;
mod protocol;
mod run;
mod run_folder;
mod saving;
mod session;
mod start;
pub mod trainer;
mod worker;

pub use crate::nn::{
    Activation, Activations, Architecture, LayerInfo, LayerKind, LayerOutput, OptimizerKind, Pooling, argmax,
};
pub use checkpoint::{Checkpoint, CheckpointError, ChosenBy, place};
pub use evaluation::{Confusion, Evaluation, Pair, Prediction, evaluate, predict};
pub use history::{EpochRecord, LearningRateChange};
pub use housekeeping::HousekeepingError;
pub use hyper::{Flag, Hyperparameter, Hyperparameters, InvalidHyperparameter, Kind, Limits, RunSpec, Value, whole};
pub use images::{CannotRun, Images, named};
pub use mailbox::{Inbox, Outbox, mailbox};
pub use protocol::{Command, Event, Kept, Outcome, Progress, SaveKind, Started, State};
pub use run_folder::{Busy, Holder, LOG, RunFolder, short_name};
pub use start::{LastOutcome, Start, WorkerOptions};
pub use trainer::Trainer;
pub use worker::Worker;
pub(crate) use worker::message;
