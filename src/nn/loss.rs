//! The loss that training minimizes: towards the labels, and towards a teacher's answers.

use dfdx::{
    shapes::{HasShape, Rank0, Shape},
    tensor::{Cpu, PutTape, SplitTape, Tape},
};

use super::{
    layout::{Cpu32, Features, gradient_mut, place, rows, take_gradient, tensor},
    math::{argmax, softmax_and_log},
    regularization::Regularization,
};
use crate::data::CLASSES;

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

    /// Returns the mean loss of a batch in single precision, and the number of images predicted correctly.
    pub(super) fn of<T: Tape<f32, Cpu>>(
        self,
        logits: Cpu32<Features<CLASSES>, T>,
        labels: impl ExactSizeIterator<Item = u8>,
    ) -> (Cpu32<Rank0, T>, u32) {
        let (logits, mut tape) = logits.split_tape();
        let images = labels.len();
        let (mut sum, mut correct) = (0.0, 0);
        let mut slopes = vec![0.0; logits.shape().num_elements()];
        for ((image, row), label) in rows(&logits, images).iter().enumerate().zip(labels) {
            let target = target(label, self.smoothing);
            let (loss, slope) = match self.lesson {
                None => cross_entropy(row, &target),
                Some(lesson) => lesson.of_image(row, &target, &lesson.answers[image]),
            };
            sum += loss;
            correct += u32::from(argmax(row) == label);
            for (class, slope) in slope.into_iter().enumerate() {
                slopes[place::<CLASSES>(image, class)] = slope / images as f32;
            }
        }
        let loss = tensor(logits.device(), vec![sum / images as f32], ());
        let output = loss.clone();
        tape.add_backward_op(move |gradients| {
            let factor = take_gradient(gradients, &loss)[0];
            for (gradient, slope) in gradient_mut(gradients, &logits).iter_mut().zip(slopes) {
                *gradient += factor * slope;
            }
            Ok(())
        });
        (output.put_tape(tape), correct)
    }
}

/// Returns the probabilities that a label stands for: with smoothing `s`, `1 - s + s / 10` for the label and `s / 10` for
/// the other classes.
fn target(label: u8, smoothing: f32) -> [f32; CLASSES] {
    let mut target = [smoothing / CLASSES as f32; CLASSES];
    target[usize::from(label)] += 1.0 - smoothing;
    target
}

/// Returns the cross-entropy `- sum y_j ln p_j`, where p is the softmax of the logits, and its derivative with respect
/// to the logits, `p - y`, for targets that sum to 1.
fn cross_entropy(logits: &[f32; CLASSES], target: &[f32; CLASSES]) -> (f32, [f32; CLASSES]) {
    let (p, log_p) = softmax_and_log(logits);
    let loss = target.iter().zip(log_p).map(|(y, log_p)| -y * log_p).sum();
    (loss, std::array::from_fn(|class| p[class] - target[class]))
}

impl Lesson<'_> {
    /// Returns the loss of one image, `(1 - w) H(y, p) + w T^2 KL(q_T, p_T)`, where y is the label's target, p and p_T
    /// the softmax of the logits and of the logits divided by the temperature T, and q_T that of the teacher's answer:
    /// Hinton, Vinyals and Dean, *Distilling the Knowledge in a Neural Network* (2015), section 2. Returns also its
    /// derivative with respect to the logits, `(1 - w) (p - y) + w T (p_T - q_T)`.
    fn of_image(
        self,
        logits: &[f32; CLASSES],
        target: &[f32; CLASSES],
        answer: &[f32; CLASSES],
    ) -> (f32, [f32; CLASSES]) {
        let Self { weight, temperature, .. } = self;
        let softened = |logits: &[f32; CLASSES]| logits.map(|logit| logit / temperature);
        let (soft, soft_answer) = (softened(logits), softened(answer));
        let [(p_soft, log_soft), (q, log_q)] = [&soft, &soft_answer].map(softmax_and_log);
        let teacher: f32 = (0..CLASSES).map(|class| q[class] * (log_q[class] - log_soft[class])).sum();
        let (labels, slope) = cross_entropy(logits, target);
        let slope = std::array::from_fn(|class| {
            (1.0 - weight) * slope[class] + weight * temperature * (p_soft[class] - q[class])
        });
        ((1.0 - weight) * labels + weight * temperature * temperature * teacher, slope)
    }
}
