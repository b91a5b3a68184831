//! One run: what is trained, how far it is, what came out, and the worker that does it in the background.

pub mod checkpoint;
mod evaluation;
mod history;
mod hyper;
mod mailbox;
mod protocol;

pub use crate::nn::{Activation, OptimizerKind, Pooling};
pub use checkpoint::{Checkpoint, CheckpointError};
pub use evaluation::{Confusion, Evaluation, Prediction, evaluate};
pub use history::{EpochRecord, LearningRateChange};
pub use hyper::{Hyperparameters, InvalidHyperparameter, Limits, RunSpec};
pub use mailbox::{Inbox, Outbox, mailbox};
pub use protocol::{ChosenBy, Command, Event, Outcome, Progress, SaveKind, Started, State};
