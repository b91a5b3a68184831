//! A network of dense layers only.

use dfdx::{
    nn::{Module, ModuleVisitor, TensorCollection},
    shapes::Dtype,
    tensor::{Cpu, NoneTape, Storage, Tape},
    tensor_ops::Device,
};

use crate::{
    data::{CLASSES, PIXELS, SIDE},
    nn::{
        Activation, Dense, Engine, LayerInfo, LayerKind, Pooling,
        kernels::{LANES, Lane},
        layout::{Cpu32, Features, group_images, lanes_of},
        model::{Block, Model},
    },
};

/// The multilayer perceptron: one hidden layer over all pixels.
///
/// | layer | input | output | parameters |
/// | --- | --- | --- | --- |
/// | hidden | 784 | 76 | 59,660 |
/// | output | 76 | 10 | 770 |
#[derive(Debug, Clone)]
pub(crate) struct Mlp<E: Dtype = f32, D: Storage<E> = Cpu> {
    pub hidden: Dense<PIXELS, 76, E, D>,
    pub output: Dense<76, CLASSES, E, D>,
}

impl<E: Dtype, D: Device<E>> TensorCollection<E, D> for Mlp<E, D> {
    type To<E2: Dtype, D2: Device<E2>> = Mlp<E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(visitor: &mut V) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (
                Self::module("hidden", |s| &s.hidden, |s| &mut s.hidden),
                Self::module("output", |s| &s.output, |s| &mut s.output),
            ),
            |(hidden, output)| Mlp { hidden, output },
        )
    }
}

impl Model for Mlp {
    const TITLE: &'static str = "MLP";

    const LAYERS: &'static [LayerInfo] = &[
        LayerInfo {
            name: "hidden",
            kind: LayerKind::Values(76),
            parameters: 59_660,
            kernel: None,
            operation: "dense, {activation}",
            details: "76 from all 784 pixels, {activation}",
            purpose: "Each of the 76 weighs every pixel by itself: a stroke one pixel further is other pixels to it.",
        },
        LayerInfo {
            parameters: 770,
            purpose: "Ten weighted sums of the 76, one per digit; softmax turns them into probabilities.",
            ..LayerInfo::OUTPUT
        },
    ];

    fn blocks(&mut self) -> Vec<&mut dyn Block> {
        vec![&mut self.hidden, &mut self.output]
    }

    fn configure(&mut self, activation: Activation, _: Pooling, engine: &Engine) {
        (self.hidden.activation, self.hidden.engine) = (Some(activation), engine.clone());
        (self.output.activation, self.output.engine) = (None, engine.clone());
    }

    fn forward<T: Tape<f32, Cpu>>(&self, images: &[&[u8]], tape: T) -> Cpu32<Features<CLASSES>, T> {
        self.output.forward(self.hidden(images, tape))
    }

    fn inspect(&self, images: &[&[u8]]) -> Vec<Vec<Lane>> {
        let hidden = self.hidden(images, NoneTape);
        let output = self.output.forward(hidden.clone());
        vec![lanes_of(&hidden), lanes_of(&output)]
    }
}

impl Mlp {
    fn hidden<T: Tape<f32, Cpu>>(&self, images: &[&[u8]], tape: T) -> Cpu32<Features<76>, T> {
        let groups = images.len().div_ceil(LANES);
        let pixels = |pixels: &mut [Lane]| group_images::<SIDE>(&self.hidden.engine, images, pixels);
        self.hidden.forward_data(groups, pixels, tape)
    }
}
