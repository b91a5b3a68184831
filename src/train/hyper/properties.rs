//! The properties of each hyperparameter.

use std::ops::Bound;

use super::{Flag, Group, Hyperparameter, Hyperparameters, Kind};
use crate::{
    data::SIDE,
    nn::{Activation, Architecture, OptimizerKind, Pooling},
    train::Schedule,
};

/// Properties of a hyperparameter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Info {
    pub kind: Kind,
    pub doc: &'static str,
    pub flag: Flag,
    pub swept: Option<Flag>,
    pub column: &'static str,
    pub short: &'static str,
    pub needs: Option<(Hyperparameter, &'static [&'static str])>,
    /// `None` for the basic ones.
    pub group: Option<Group>,
}

const fn flag(name: &'static str, value: &'static str, help: &'static str) -> Flag {
    Flag { name, value, help }
}

/// Round learning rates: 1, 2 and 5 times powers of ten.
const RATES: &[f32] = &[
    1e-7, 2e-7, 5e-7, 1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1,
    0.2, 0.5, 1.0, 2.0, 5.0, 10.0,
];

/// Returns the kind of numbers from 0 up to `most`.
const fn up_to(most: Bound<f32>, example: f32, steps: &'static [f32]) -> Kind {
    Kind::Real { range: (Bound::Included(0.0), most), example, steps }
}

impl Hyperparameter {
    pub(super) fn info(self) -> Info {
        match self {
            Self::Network => Info {
                kind: Kind::Names(Architecture::NAMES),
                doc: "which network is trained; all have about the parameters of lenet-5",
                flag: flag("network", "NAME", "Network"),
                swept: Some(flag("networks", "NAMES", "Networks")),
                column: "Network",
                short: "network",
                needs: None,
                group: None,
            },
            Self::Delay => Info {
                kind: Kind::Whole { range: (0, Hyperparameters::MAX_DELAY as u64), next: one_image_more_or_less },
                doc: "empty rows that rnn, lstm and gru read after the image's 28",
                flag: flag(
                    "delay",
                    "ROWS",
                    "Empty rows after the image for rnn, lstm and gru; other networks ignore it",
                ),
                swept: Some(flag("delays", "NUMBERS", "Empty rows after the image for rnn, lstm and gru")),
                column: "Delay",
                short: "delay",
                needs: Some((Self::Network, &["rnn", "lstm", "gru"])),
                group: None,
            },
            Self::Activation => Info {
                kind: Kind::Names(Activation::NAMES),
                doc: "the non-linearity after each hidden layer",
                flag: flag("activation", "NAME", "Activation function"),
                swept: Some(flag("activations", "NAMES", "Activation functions")),
                column: "Activation",
                short: "activation",
                needs: Some((Self::Network, &["lenet-5", "mlp", "resnet", "inception", "attention"])),
                group: None,
            },
            Self::Optimizer => Info {
                kind: Kind::Names(OptimizerKind::NAMES),
                doc: "how gradients update the weights, with Keras's formulas",
                flag: flag("optimizer", "NAME", "Optimizer"),
                swept: Some(flag("optimizers", "NAMES", "Optimizers")),
                column: "Optimizer",
                short: "optimizer",
                needs: None,
                group: None,
            },
            Self::LearningRate => Info {
                kind: Kind::Real {
                    range: (Bound::Excluded(0.0), Bound::Included(Hyperparameters::MAX_LEARNING_RATE)),
                    example: 0.001,
                    steps: RATES,
                },
                doc: "the size of each update; can also be applied during training",
                flag: flag("lr", "RATE", "Learning rate"),
                swept: Some(flag("lrs", "RATES", "Learning rates")),
                column: "Learning Rate",
                short: "rate",
                needs: None,
                group: None,
            },
            Self::Momentum => Info {
                kind: up_to(Bound::Excluded(1.0), 0.9, &[0.0, 0.5, 0.8, 0.9, 0.95, 0.99]),
                doc: "how much of each update sgd carries over; others ignore it",
                flag: flag("momentum", "VALUE", "Momentum for sgd; the other optimizers ignore it"),
                swept: Some(flag("momentums", "VALUES", "Momentums for sgd; the other optimizers run without")),
                column: "Momentum",
                short: "momentum",
                needs: Some((Self::Optimizer, &["sgd"])),
                group: None,
            },
            Self::BatchSize => Info {
                kind: Kind::Whole { range: (1, Hyperparameters::MAX_BATCH_SIZE as u64), next: twice_or_half },
                doc: "images per step, 1 to 4,096",
                flag: flag("batch-size", "N", "Images per step"),
                swept: Some(flag("batch-sizes", "SIZES", "Images per step")),
                column: "Batch Size",
                short: "batch",
                needs: None,
                group: None,
            },
            Self::Epochs => Info {
                kind: Kind::Whole { range: (1, Hyperparameters::MAX_EPOCHS as u64), next: one_more_or_less },
                doc: "total passes over the training images",
                flag: flag("epochs", "N", "Total number of epochs, including those already done by a resumed run"),
                swept: None,
                column: "Epochs",
                short: "epochs",
                needs: None,
                group: None,
            },
            Self::Pooling => Info {
                kind: Kind::Names(Pooling::NAMES),
                doc: "how pooling layers reduce each window: to its mean or its maximum",
                flag: flag("pooling", "NAME", "Pooling"),
                swept: None,
                column: "Pooling",
                short: "pooling",
                needs: Some((Self::Network, &["lenet-5", "resnet", "inception"])),
                group: None,
            },
            Self::Seed => Info {
                kind: Kind::Whole { range: (0, u64::MAX), next: one_more_or_less },
                doc: "for the initial weights and the order of the images",
                flag: flag("seed", "N", "Seed for the initial weights and the order of the images"),
                swept: Some(flag("seeds", "SEEDS", "Seeds; every combination is run once per seed")),
                column: "Seed",
                short: "seed",
                needs: None,
                group: None,
            },
            Self::Schedule => Info {
                kind: Kind::Names(Schedule::NAMES),
                doc: "how the learning rate changes over the run; a change by hand ends it",
                flag: flag("schedule", "NAME", "Course of the learning rate"),
                swept: Some(flag("schedules", "NAMES", "Courses of the learning rate")),
                column: "Schedule",
                short: "schedule",
                needs: None,
                group: Some(Group::Techniques),
            },
            Self::WarmUp => Info {
                kind: up_to(Bound::Excluded(1.0), 0.3, &[0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4]),
                doc: "part of the steps in which one-cycle raises the rate",
                flag: flag(
                    "warm-up",
                    "PART",
                    "Part of the run's steps in which one-cycle raises the learning rate; other schedules ignore it",
                ),
                swept: Some(flag(
                    "warm-ups",
                    "PARTS",
                    "Parts of the steps in which one-cycle raises the learning rate",
                )),
                column: "Warm-up",
                short: "warm-up",
                needs: Some((Self::Schedule, &["one-cycle"])),
                group: Some(Group::Techniques),
            },
            Self::WeightDecay => Info {
                kind: up_to(Bound::Included(1.0), 0.01, &[0.0, 0.0001, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1]),
                doc: "how fast weights shrink: each step by this times the rate; 0: not at all",
                flag: flag(
                    "weight-decay",
                    "VALUE",
                    "Decoupled weight decay: each step shrinks all parameters by this times the learning rate",
                ),
                swept: Some(flag("weight-decays", "VALUES", "Decoupled weight decays")),
                column: "Weight Decay",
                short: "decay",
                needs: None,
                group: Some(Group::Techniques),
            },
            Self::Clipping => Info {
                kind: up_to(Bound::Included(1e6), 1.0, &[0.0, 0.5, 1.0, 2.0, 5.0, 10.0]),
                doc: "largest norm of a step's gradient; a longer one is scaled; 0: any",
                flag: flag(
                    "clipping",
                    "NORM",
                    "Largest norm of a step's whole gradient, to which a longer one is scaled; 0: any",
                ),
                swept: Some(flag("clippings", "NORMS", "Largest norms of a step's gradient")),
                column: "Clipping",
                short: "clipping",
                needs: None,
                group: Some(Group::Techniques),
            },
            Self::LabelSmoothing => Info {
                kind: up_to(Bound::Excluded(1.0), 0.1, &[0.0, 0.02, 0.05, 0.1, 0.2]),
                doc: "part of each label that is spread over all ten digits",
                flag: flag("label-smoothing", "PART", "Part of each label that is spread evenly over all digits"),
                swept: Some(flag("label-smoothings", "PARTS", "Parts of each label that are spread over all digits")),
                column: "Label Smoothing",
                short: "smoothing",
                needs: None,
                group: Some(Group::Techniques),
            },
            Self::TeacherWeight => Info {
                kind: up_to(Bound::Included(1.0), 0.5, &[0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0]),
                doc: "how much the answers of teacher networks count beside the labels",
                flag: flag(
                    "teacher-weight",
                    "PART",
                    "Weight of the teacher's answers beside the labels; above 0 it needs --teacher",
                ),
                swept: Some(flag("teacher-weights", "PARTS", "Weights of the teacher's answers beside the labels")),
                column: "Teacher Weight",
                short: "teacher",
                needs: None,
                group: Some(Group::Techniques),
            },
            Self::TeacherTemperature => Info {
                kind: Kind::Real {
                    range: (Bound::Excluded(0.0), Bound::Included(100.0)),
                    example: 2.0,
                    steps: &[0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 10.0, 20.0],
                },
                doc: "softens the teacher's answers: logits are divided by this before they are compared",
                flag: flag(
                    "teacher-temperature",
                    "VALUE",
                    "Number by which logits are divided before they are compared with the teacher's",
                ),
                swept: Some(flag("teacher-temperatures", "VALUES", "Numbers by which logits are divided")),
                column: "Teacher Temperature",
                short: "temperature",
                needs: None,
                group: Some(Group::Techniques),
            },
            Self::Dropout => Info {
                kind: up_to(Bound::Excluded(1.0), 0.1, &[0.0, 0.05, 0.1, 0.2, 0.3, 0.5]),
                doc: "how often each value of C5 and F6 is dropped in training",
                flag: flag(
                    "dropout",
                    "PROBABILITY",
                    "Probability with which lenet-5 drops each value of C5 and F6 in training; other networks ignore it",
                ),
                swept: Some(flag("dropouts", "VALUES", "Probabilities with which lenet-5 drops values of C5 and F6")),
                column: "Dropout",
                short: "dropout",
                needs: Some((Self::Network, &["lenet-5"])),
                group: Some(Group::Techniques),
            },
            Self::Ema => Info {
                kind: up_to(Bound::Excluded(1.0), 0.999, &[0.0, 0.9, 0.99, 0.995, 0.999, 0.9995, 0.9999]),
                doc: "decay of a running mean of the weights, which is then tested; 0: none",
                flag: flag(
                    "ema",
                    "DECAY",
                    "Decay of an exponential mean of the weights (EMA), which is tested instead of the weights; 0: none",
                ),
                swept: Some(flag("emas", "DECAYS", "Decays of the mean of the weights")),
                column: "EMA",
                short: "ema",
                needs: None,
                group: Some(Group::Techniques),
            },
            Self::Rotation => Info {
                kind: up_to(Bound::Included(180.0), 10.0, &[0.0, 5.0, 10.0, 12.0, 15.0, 20.0, 30.0]),
                doc: "rotates each training image at random by up to this angle in degrees",
                flag: flag("rotation", "DEGREES", "Greatest random rotation of each training image"),
                swept: Some(flag("rotations", "ANGLES", "Greatest random rotations")),
                column: "Rotation",
                short: "rotation",
                needs: None,
                group: Some(Group::Augmentation),
            },
            Self::Shift => Info {
                kind: up_to(Bound::Included(28.0), 2.0, &[0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0]),
                doc: "moves each training image at random by up to this number of pixels",
                flag: flag("shift", "PIXELS", "Greatest random shift of each training image, along each axis"),
                swept: Some(flag("shifts", "PIXELS", "Greatest random shifts")),
                column: "Shift",
                short: "shift",
                needs: None,
                group: Some(Group::Augmentation),
            },
            Self::Scaling => Info {
                kind: up_to(Bound::Excluded(1.0), 0.1, &[0.0, 0.05, 0.1, 0.12, 0.15, 0.2, 0.3]),
                doc: "changes each training image's size at random by up to this part",
                flag: flag(
                    "scaling",
                    "PART",
                    "Greatest random change of each training image's size: 0.1 is 0.9 to 1.1",
                ),
                swept: Some(flag("scalings", "PARTS", "Greatest random changes of size")),
                column: "Scaling",
                short: "scaling",
                needs: None,
                group: Some(Group::Augmentation),
            },
            Self::Shear => Info {
                kind: up_to(Bound::Included(2.0), 0.1, &[0.0, 0.05, 0.1, 0.12, 0.15, 0.2, 0.3]),
                doc: "slants each training image at random by up to this part of its height",
                flag: flag("shear", "PART", "Greatest random slant of each training image: columns moved per row"),
                swept: Some(flag("shears", "PARTS", "Greatest random slants")),
                column: "Shear",
                short: "shear",
                needs: None,
                group: Some(Group::Augmentation),
            },
            Self::Elastic => Info {
                kind: up_to(Bound::Included(10.0), 0.5, &[0.0, 0.2, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5]),
                doc: "bends each training image at random; typical movement in pixels",
                flag: flag(
                    "elastic",
                    "PIXELS",
                    "Random elastic distortion of each training image: standard deviation of the movement",
                ),
                swept: Some(flag("elastics", "PIXELS", "Standard deviations of elastic distortion")),
                column: "Elastic",
                short: "elastic",
                needs: None,
                group: Some(Group::Augmentation),
            },
            Self::Patience => Info {
                kind: Kind::Whole { range: (0, Hyperparameters::MAX_EPOCHS as u64), next: one_more_or_less },
                doc: "ends the run after this number of epochs without a better one on the held-out images; 0: never",
                flag: flag(
                    "patience",
                    "EPOCHS",
                    "End the run after this number of epochs without a better one on the held-out images (needs --holdout); 0: never",
                ),
                swept: None,
                column: "Patience",
                short: "patience",
                needs: None,
                group: Some(Group::EarlyStop),
            },
            Self::StopAt => Info {
                kind: up_to(Bound::Included(1.0), 0.99, &[0.0, 0.9, 0.95, 0.98, 0.99, 0.992, 0.995]),
                doc: "ends the run at this accuracy on the held-out images; 0: never",
                flag: flag(
                    "stop-at",
                    "ACCURACY",
                    "End the run at this accuracy on the held-out images (needs --holdout); 0: never",
                ),
                swept: None,
                column: "Stop At",
                short: "stop at",
                needs: None,
                group: Some(Group::EarlyStop),
            },
        }
    }
}

fn twice_or_half(value: u64, up: bool) -> u64 {
    if up { value.saturating_mul(2) } else { value / 2 }
}

/// Returns the next value up or down, by the rows of an image.
fn one_image_more_or_less(rows: u64, up: bool) -> u64 {
    if up { rows + SIDE as u64 } else { rows.saturating_sub(SIDE as u64) }
}

fn one_more_or_less(value: u64, up: bool) -> u64 {
    if up { value.saturating_add(1) } else { value.saturating_sub(1) }
}
