//! One run: its settings, its progress, its results, and the worker that trains it in the background.

mod augmented;
mod batches;
mod calibration;
pub mod checkpoint;
mod early_stop;
mod ensemble;
mod evaluation;
mod exchange;
mod health;
mod history;
mod holder;
pub mod housekeeping;
mod hyper;
mod images;
mod initial;
mod joint;
mod mailbox;
mod meter;
mod progress;
mod protocol;
mod recipe;
mod run;
mod run_folder;
mod saving;
mod schedule;
mod session;
mod shifts;
mod soft_targets;
mod start;
mod stopwatch;
pub mod trainer;
mod worker;

pub use crate::nn::{
    Activation, Activations, Architecture, LayerInfo, LayerKind, LayerMeasures, LayerOutput, OptimizerKind, Pooling,
    argmax,
};
pub use batches::{BatchHistory, BatchMean, Batches, Column, Columns, Place, places};
pub use calibration::{BINS, Bin, Calibration, NoTemperature, Temperature, bin_range};
pub use checkpoint::{Checkpoint, CheckpointError, ChosenBy};
pub use early_stop::EarlyStop;
pub use ensemble::{Ensemble, Member, Panel};
pub use evaluation::{Confusion, Evaluation, Pair, Prediction, evaluate, evaluate_range, evaluate_while, predict};
pub(crate) use exchange::{hyper as hyper_by_name, path as path_bytes, pixels as image_bytes};
pub use health::{Cause, Health, Stall, Symptom};
pub use history::{EpochRecord, LearningRateChange, place};
pub use holder::{BackgroundRun, Holder};
pub use housekeeping::HousekeepingError;
pub use hyper::{
    CannotFreeze, Flag, Group, Hyperparameter, Hyperparameters, InvalidHyperparameter, Kind, Limits, RunSpec, Teacher,
    Transfer, Value, whole,
};
pub use images::{CannotRun, Images, dataset_label};
pub use joint::{JointAnswer, JointEvaluation};
pub use mailbox::{Inbox, Observer, Outbox, mailbox};
pub use progress::Progress;
pub use protocol::{Command, Event, Outcome, SaveKind, SavedCheckpoint, Started, State};
pub use recipe::Recipe;
pub use run_folder::{Busy, LOG, RunFolder, short_name};
pub use schedule::Schedule;
pub use shifts::Shifts;
pub use start::{Continuation, LastOutcome, Start, WorkerOptions};
pub use trainer::Trainer;
pub use worker::Worker;
pub(crate) use worker::panic_message;
