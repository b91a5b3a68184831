//! A network whose tokens, the rows of the image, read each other by attention.

use dfdx::{
    nn::{Module, ModuleVisitor, TensorCollection},
    shapes::Dtype,
    tensor::{Cpu, NoneTape, Storage, Tape},
    tensor_ops::Device,
};

use crate::{
    data::{CLASSES, SIDE},
    nn::{
        Activation, Dense, Embedding, Engine, FeedForward, LayerInfo, LayerKind, NormalizedMean, Pooling,
        SelfAttention,
        kernels::{LANES, Lane},
        layout::{Cpu32, Features, Tokens, group_images, lanes_of},
        model::{Block, Model},
    },
};

/// Values of a token.
const WIDTH: usize = 56;
const HEADS: usize = 4;
/// Hidden values of a token.
const HIDDEN: usize = 144;

/// The encoder of Vaswani et al., 2017, over the 28 rows of 28 pixels: two blocks of self-attention and a network for
/// each token, with the normalisation before each of them (Xiong et al., 2020), then the mean over the tokens.
///
/// | layer | input | output | parameters |
/// | --- | --- | --- | --- |
/// | rows | 28x28 | 28x56 | 3,136 |
/// | A1, A2: attention, 4 heads | 28x56 | 28x56 | 12,544 each |
/// | F1, F2: 144 hidden values | 28x56 | 28x56 | 16,328 each |
/// | mean | 28x56 | 56 | |
/// | output | 56 | 10 | 570 |
#[derive(Debug, Clone)]
pub(crate) struct AttentionNet<E: Dtype = f32, D: Storage<E> = Cpu> {
    pub rows: Embedding<SIDE, SIDE, WIDTH, E, D>,
    pub first: EncoderBlock<E, D>,
    pub second: EncoderBlock<E, D>,
    pub mean: NormalizedMean,
    pub output: Dense<WIDTH, CLASSES, E, D>,
}

#[derive(Debug, Clone)]
pub(crate) struct EncoderBlock<E: Dtype = f32, D: Storage<E> = Cpu> {
    pub attention: SelfAttention<WIDTH, HEADS, 14, E, D>,
    pub feed_forward: FeedForward<WIDTH, HIDDEN, E, D>,
}

impl<E: Dtype, D: Device<E>> TensorCollection<E, D> for EncoderBlock<E, D> {
    type To<E2: Dtype, D2: Device<E2>> = EncoderBlock<E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(visitor: &mut V) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (
                Self::module("attention", |s| &s.attention, |s| &mut s.attention),
                Self::module("feed_forward", |s| &s.feed_forward, |s| &mut s.feed_forward),
            ),
            |(attention, feed_forward)| EncoderBlock { attention, feed_forward },
        )
    }
}

impl<E: Dtype, D: Device<E>> TensorCollection<E, D> for AttentionNet<E, D> {
    type To<E2: Dtype, D2: Device<E2>> = AttentionNet<E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(visitor: &mut V) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (
                Self::module("rows", |s| &s.rows, |s| &mut s.rows),
                Self::module("first", |s| &s.first, |s| &mut s.first),
                Self::module("second", |s| &s.second, |s| &mut s.second),
                Self::module("output", |s| &s.output, |s| &mut s.output),
            ),
            |(rows, first, second, output)| AttentionNet {
                rows,
                first,
                second,
                mean: NormalizedMean::default(),
                output,
            },
        )
    }
}

const ATTENTION: LayerInfo = LayerInfo {
    name: "A1",
    kind: LayerKind::Attention { heads: HEADS, tokens: SIDE },
    parameters: 12_544,
    kernel: None,
    operation: "attention, 4 heads",
    details: "4 heads: weights from each row to all rows",
    purpose: "Each row compares itself with all rows, and takes in the values of those that match. A line of a map \
              belongs to one row of the image; its bright places are the rows that it reads.",
};

const FEED_FORWARD: LayerInfo = LayerInfo {
    name: "F1",
    kind: LayerKind::Steps { steps: SIDE, units: HIDDEN },
    parameters: 16_328,
    kernel: None,
    operation: "dense for each row, {activation}",
    details: "144 hidden values per row, {activation}",
    purpose: "A small network that changes each row by itself, with the same weights for all rows: 144 hidden \
              values, then 56 that are added to the row's own.",
};

impl Model for AttentionNet {
    const TITLE: &'static str = "Attention";

    const LAYERS: &'static [LayerInfo] = &[
        LayerInfo {
            name: "rows",
            kind: LayerKind::Steps { steps: SIDE, units: WIDTH },
            parameters: 3_136,
            kernel: None,
            operation: "dense for each row, position added",
            details: "56 values per row",
            purpose: "Turns each row's 28 pixels into 56 values, and adds 56 learned values that mark the row's place.",
        },
        ATTENTION,
        FEED_FORWARD,
        LayerInfo { name: "A2", ..ATTENTION },
        LayerInfo { name: "F2", ..FEED_FORWARD },
        LayerInfo {
            name: "mean",
            kind: LayerKind::Values(WIDTH),
            parameters: 0,
            kernel: None,
            operation: "mean over the rows",
            details: "56: the mean of all rows, each normalised",
            purpose: "The mean of the 28 rows, from which the output reads the digit.",
        },
        LayerInfo {
            parameters: 570,
            purpose: "Ten weighted sums of the mean, one per digit; softmax turns them into probabilities.",
            ..LayerInfo::OUTPUT
        },
    ];

    fn blocks(&mut self) -> Vec<&mut dyn Block> {
        vec![
            &mut self.rows,
            &mut self.first.attention,
            &mut self.first.feed_forward,
            &mut self.second.attention,
            &mut self.second.feed_forward,
            &mut self.output,
        ]
    }

    fn configure(&mut self, activation: Activation, _: Pooling, engine: &Engine) {
        self.rows.engine = engine.clone();
        for block in [&mut self.first, &mut self.second] {
            block.attention.engine = engine.clone();
            block.feed_forward.configure(activation, engine);
        }
        self.mean.engine = engine.clone();
        (self.output.activation, self.output.engine) = (None, engine.clone());
    }

    fn forward<T: Tape<f32, Cpu>>(&self, images: &[&[u8]], tape: T) -> Cpu32<Features<CLASSES>, T> {
        let mut tokens = self.rows(images, tape);
        for block in [&self.first, &self.second] {
            tokens = block.feed_forward.forward(block.attention.forward(tokens));
        }
        self.output.forward(self.mean.forward(tokens))
    }

    fn inspect(&self, images: &[&[u8]]) -> Vec<Vec<Lane>> {
        let mut tokens = self.rows(images, NoneTape);
        let mut layers = vec![by_unit::<WIDTH>(&lanes_of(&tokens))];
        for block in [&self.first, &self.second] {
            let (weights, read) = block.attention.weights(&tokens);
            let (hidden, output) = block.feed_forward.hidden(&read);
            let by_head = weights.as_chunks::<SIDE>().0;
            let by_head = (0..HEADS).flat_map(|head| by_head.iter().skip(head).step_by(HEADS).flatten().copied());
            layers.extend([by_head.collect(), by_unit::<HIDDEN>(&hidden)]);
            tokens = output;
        }
        let mean: Cpu32<Features<WIDTH>> = self.mean.forward(tokens);
        let output = self.output.forward(mean.clone());
        layers.extend([lanes_of(&mean), lanes_of(&output)]);
        layers
    }
}

impl AttentionNet {
    fn rows<T: Tape<f32, Cpu>>(&self, images: &[&[u8]], tape: T) -> Cpu32<Tokens<SIDE, WIDTH>, T> {
        let groups = images.len().div_ceil(LANES);
        self.rows.forward_data(groups, |rows| group_images::<SIDE>(&self.rows.engine, images, rows), tape)
    }
}

/// Orders the values `[T][N]` of a group unit by unit.
fn by_unit<const N: usize>(values: &[Lane]) -> Vec<Lane> {
    (0..N).flat_map(|unit| values.iter().skip(unit).step_by(N).copied()).collect()
}
