//! The loss that training minimizes: towards the labels, and towards a teacher's answers.

use dfdx::{
    losses::cross_entropy_with_logits_loss,
    shapes::{Const, HasShape, Rank0},
    tensor::{Cpu, PutTape, SplitTape, Tape},
};

use super::{
    layout::{Cpu32, gradient_mut, take_gradient, tensor},
    math::softmax,
    regularization::Regularization,
};
use crate::data::CLASSES;

type Logits<T> = Cpu32<(usize, Const<CLASSES>), T>;

/// Loss of a batch. The default is the cross-entropy of the labels.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Loss<'a> {
    /// Part of each label that is spread evenly over all classes.
    smoothing: f32,
    lesson: Option<Lesson<'a>>,
}

/// A teacher's answers about a batch.
#[derive(Clone, Copy, Debug)]
struct Lesson<'a> {
    /// Logits or log-probabilities of each image.
    answers: &'a [[f32; CLASSES]],
    weight: f32,
    temperature: f32,
}

impl<'a> Loss<'a> {
    pub(super) fn new(regularization: &Regularization, teacher: Option<&'a [[f32; CLASSES]]>) -> Self {
        let &Regularization { label_smoothing: smoothing, teacher_weight, teacher_temperature, .. } = regularization;
        let lesson =
            teacher.map(|answers| Lesson { answers, weight: teacher_weight, temperature: teacher_temperature });
        Self { smoothing, lesson }
    }

    /// Returns the mean loss of a batch in single precision.
    pub(super) fn of<T: Tape<f32, Cpu>>(
        self,
        device: &Cpu,
        logits: Logits<T>,
        labels: impl ExactSizeIterator<Item = u8>,
    ) -> Cpu32<Rank0, T> {
        let targets = targets(labels, self.smoothing);
        match self.lesson {
            None => {
                let count = targets.len();
                let targets = tensor(device, targets.concat(), (count, Const));
                cross_entropy_with_logits_loss(logits, targets)
            }
            Some(lesson) => lesson.loss(device, logits, &targets),
        }
    }
}

/// Returns the probabilities that labels stand for: with smoothing `s`, `1 - s + s / 10` for the label and `s / 10` for
/// the other classes.
fn targets(labels: impl Iterator<Item = u8>, smoothing: f32) -> Vec<[f32; CLASSES]> {
    let target = |label: u8| {
        let mut target = [smoothing / CLASSES as f32; CLASSES];
        target[usize::from(label)] += 1.0 - smoothing;
        target
    };
    labels.map(target).collect()
}

impl Lesson<'_> {
    /// Returns the mean of `(1 - w) H(y, p) + w T^2 KL(q_T, p_T)`, where y are the targets of the labels, p and p_T the
    /// softmax of the logits and of the logits divided by the temperature T, and q_T that of the teacher's answers: Hinton,
    /// Vinyals and Dean, *Distilling the Knowledge in a Neural Network* (2015), section 2.
    fn loss<T: Tape<f32, Cpu>>(self, device: &Cpu, logits: Logits<T>, targets: &[[f32; CLASSES]]) -> Cpu32<Rank0, T> {
        let (logits, mut tape) = logits.split_tape();
        let mut values = vec![[0.0; CLASSES]; logits.shape().0];
        logits.copy_into(values.as_flattened_mut());
        let images = values.iter().zip(targets).zip(self.answers);
        let (losses, slopes): (Vec<f32>, Vec<_>) = images.map(|((z, y), answer)| self.of_image(z, y, answer)).unzip();
        let count = losses.len() as f32;
        let loss = tensor(device, vec![losses.iter().sum::<f32>() / count], ());
        let output = loss.clone();
        tape.add_backward_op(move |gradients| {
            let gradient = take_gradient(gradients, &loss)[0] / count;
            for (logit, slope) in gradient_mut(gradients, &logits).iter_mut().zip(slopes.as_flattened()) {
                *logit += gradient * slope;
            }
            Ok(())
        });
        output.put_tape(tape)
    }

    /// Returns the loss of one image, and its derivative with respect to the logits:
    /// `(1 - w) (p - y) + w T (p_T - q_T)`.
    fn of_image(
        self,
        logits: &[f32; CLASSES],
        target: &[f32; CLASSES],
        answer: &[f32; CLASSES],
    ) -> (f32, [f32; CLASSES]) {
        let Self { weight, temperature, .. } = self;
        let softened = |logits: &[f32; CLASSES]| logits.map(|logit| logit / temperature);
        let (soft, soft_answer) = (softened(logits), softened(answer));
        let [log_p, log_soft, log_q] = [logits, &soft, &soft_answer].map(log_softmax);
        let q = softmax(&soft_answer);
        let sum = |term: &dyn Fn(usize) -> f32| (0..CLASSES).map(term).sum::<f32>();
        let labels = sum(&|class| -target[class] * log_p[class]);
        let teacher = sum(&|class| q[class] * (log_q[class] - log_soft[class]));
        let (p, p_soft) = (softmax(logits), softmax(&soft));
        let slope = |class: usize| {
            (1.0 - weight) * (p[class] - target[class]) + weight * temperature * (p_soft[class] - q[class])
        };
        ((1.0 - weight) * labels + weight * temperature * temperature * teacher, std::array::from_fn(slope))
    }
}

/// Returns `x_i - ln sum exp(x_j)`.
fn log_softmax(logits: &[f32; CLASSES]) -> [f32; CLASSES] {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = logits.iter().map(|logit| (logit - max).exp()).sum();
    logits.map(|logit| logit - max - sum.ln())
}
