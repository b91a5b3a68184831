//! Recurrent networks that read an image row by row.

use dfdx::{
    nn::{Module, ModuleVisitor, TensorCollection},
    shapes::Dtype,
    tensor::{Cpu, NoneTape, Storage, Tape, Trace},
    tensor_ops::{Backward, Device},
};

use crate::{
    data::{CLASSES, SIDE},
    nn::{
        Activation, Dense, Engine, LayerInfo, LayerKind, Pooling, Recurrent,
        kernels::{Cell, Gru, LANES, Lane, Lstm, SimpleRnn, ZERO},
        layout::{Cpu32, Features, group_rows, lanes_of, take_gradient},
        loss::Loss,
        model::{Block, Model},
    },
};

/// A recurrent layer over the 28 rows of 28 pixels, and the output, which reads its last state.
///
/// | network | units | recurrent layer | output | parameters |
/// | --- | --- | --- | --- | --- |
/// | [`Rnn`] | 224 | 56,672 | 2,250 | 58,922 |
/// | [`LstmNet`] | 112 | 63,168 | 1,130 | 64,298 |
/// | [`GruNet`] | 128 | 60,672 | 1,290 | 61,962 |
#[derive(Debug, Clone)]
pub(crate) struct RecurrentNet<
    C: Cell<G>,
    const G: usize,
    const B: usize,
    const H: usize,
    E: Dtype = f32,
    D: Storage<E> = Cpu,
> {
    pub recurrent: Recurrent<C, G, B, SIDE, H, E, D>,
    pub output: Dense<H, CLASSES, E, D>,
    /// Number of empty rows after an image.
    pub delay: usize,
}

pub(crate) type Rnn = RecurrentNet<SimpleRnn, 1, 1, 224>;
pub(crate) type LstmNet = RecurrentNet<Lstm, 4, 1, 112>;
pub(crate) type GruNet = RecurrentNet<Gru, 3, 2, 128>;

/// Names and layers of a network.
trait Described {
    const TITLE: &'static str;
    const LAYERS: &'static [LayerInfo];
}

const OUTPUT: LayerInfo = LayerInfo {
    purpose: "Ten weighted sums of the last state, one per digit; softmax turns them into probabilities.",
    ..LayerInfo::OUTPUT
};

impl Described for Rnn {
    const TITLE: &'static str = "RNN";
    const LAYERS: &'static [LayerInfo] = &[
        LayerInfo {
            name: "RNN",
            kind: LayerKind::Steps { steps: SIDE, units: 224 },
            parameters: 56_672,
            kernel: None,
            operation: "recurrent, tanh",
            details: "224 states after each of 28 rows, tanh",
            purpose: "Reads the image row by row. Each state is a weighted sum of the row's pixels and of all states \
                      after the row before.",
        },
        LayerInfo { parameters: 2_250, ..OUTPUT },
    ];
}

impl Described for LstmNet {
    const TITLE: &'static str = "LSTM";
    const LAYERS: &'static [LayerInfo] = &[
        LayerInfo {
            name: "LSTM",
            kind: LayerKind::Steps { steps: SIDE, units: 112 },
            parameters: 63_168,
            kernel: None,
            operation: "LSTM",
            details: "112 states after each of 28 rows, three gates",
            purpose: "Reads the image row by row. Gates decide what each unit's memory takes in, keeps and shows.",
        },
        LayerInfo { parameters: 1_130, ..OUTPUT },
    ];
}

impl Described for GruNet {
    const TITLE: &'static str = "GRU";
    const LAYERS: &'static [LayerInfo] = &[
        LayerInfo {
            name: "GRU",
            kind: LayerKind::Steps { steps: SIDE, units: 128 },
            parameters: 60_672,
            kernel: None,
            operation: "GRU",
            details: "128 states after each of 28 rows, two gates",
            purpose: "Reads the image row by row. One gate decides how much of each state is kept, the other how much \
                      of the states before counts for its new value.",
        },
        LayerInfo { parameters: 1_290, ..OUTPUT },
    ];
}

impl<C: Cell<G>, const G: usize, const B: usize, const H: usize, E: Dtype, D: Device<E>> TensorCollection<E, D>
    for RecurrentNet<C, G, B, H, E, D>
{
    type To<E2: Dtype, D2: Device<E2>> = RecurrentNet<C, G, B, H, E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(visitor: &mut V) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (
                Self::module("recurrent", |s| &s.recurrent, |s| &mut s.recurrent),
                Self::module("output", |s| &s.output, |s| &mut s.output),
            ),
            |(recurrent, output)| RecurrentNet { recurrent, output, delay: 0 },
        )
    }
}

impl<C: Cell<G>, const G: usize, const B: usize, const H: usize> Model for RecurrentNet<C, G, B, H>
where
    Self: Described,
{
    const TITLE: &'static str = <Self as Described>::TITLE;
    const LAYERS: &'static [LayerInfo] = <Self as Described>::LAYERS;

    fn blocks(&mut self) -> Vec<&mut dyn Block> {
        vec![&mut self.recurrent, &mut self.output]
    }

    fn configure(&mut self, _: Activation, _: Pooling, engine: &Engine) {
        self.recurrent.engine = engine.clone();
        (self.output.activation, self.output.engine) = (None, engine.clone());
    }

    fn forward<T: Tape<f32, Cpu>>(&self, images: &[&[u8]], tape: T) -> Cpu32<Features<CLASSES>, T> {
        let groups = images.len().div_ceil(LANES);
        let rows = |rows: &mut [Lane]| self.rows(images, rows);
        self.output.forward(self.recurrent.forward_data(self.steps(), groups, rows, tape))
    }

    fn inspect(&self, images: &[&[u8]]) -> Vec<Vec<Lane>> {
        let rows = |rows: &mut [Lane]| self.rows(images, rows);
        let mut states = self.recurrent.states(self.steps(), rows);
        // Of the states after empty rows, only those that the output reads.
        states.drain(SIDE * H..states.len().saturating_sub(H).max(SIDE * H));
        let by_unit = (0..H).flat_map(|unit| states.iter().skip(unit).step_by(H).copied()).collect();
        let output = self.output.forward(self.recurrent.forward_data(self.steps(), 1, rows, NoneTape));
        vec![by_unit, lanes_of(&output)]
    }

    fn set_delay(&mut self, rows: usize) {
        self.delay = rows;
    }

    fn gradient_norms(&self, images: &[&[u8]], labels: &[u8]) -> Option<Vec<f64>> {
        let groups = images.len().div_ceil(LANES);
        let of_last = |state: Cpu32<Features<H>>| {
            let (loss, _) =
                Loss::default().of(self.output.forward(state.clone().leaky_trace()), labels.iter().copied());
            take_gradient(&mut loss.backward(), &state)
        };
        Some(self.recurrent.gradient_norms(self.steps(), groups, |rows| self.rows(images, rows), of_last))
    }

    fn activation(layer: &LayerInfo, _: Activation) -> Option<Activation> {
        matches!(layer.kind, LayerKind::Steps { .. }).then_some(Activation::Tanh)
    }
}

impl<C: Cell<G>, const G: usize, const B: usize, const H: usize> RecurrentNet<C, G, B, H> {
    fn steps(&self) -> usize {
        SIDE + self.delay
    }

    /// Writes the rows of images, and empty ones after them.
    fn rows(&self, images: &[&[u8]], rows: &mut [Lane]) {
        let (rows, empty) = rows.split_at_mut(rows.len() / self.steps() * SIDE);
        group_rows(&self.recurrent.engine, images, rows);
        empty.fill(ZERO);
    }
}
