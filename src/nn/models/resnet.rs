//! A residual network.

use dfdx::{
    nn::{Module, ModuleVisitor, TensorCollection},
    shapes::Dtype,
    tensor::{Cpu, Storage, Tape},
    tensor_ops::Device,
};

use crate::{
    data::{CLASSES, PIXELS, SIDE},
    nn::{
        Activation, ConvBlock, Dense, Engine, LayerInfo, LayerKind, Pooling, Residual,
        kernels::{LANES, Lane, ZERO},
        layout::{Cpu32, Features, Maps, group_images, lanes_of},
        model::{Block, Model},
    },
};

/// A small residual network (He et al. 2015) without batch normalization: three stages of two 3x3 convolutions with a
/// shortcut. Each row includes its layer's activation.
///
/// | layer | input | output | parameters |
/// | --- | --- | --- | --- |
/// | stem, pool 1 | 1x28x28 | 16x24x24, 16x12x12 | 416 |
/// | stage 1, pool 2 | 16x12x12 | 16x12x12, 16x6x6 | 4,640 |
/// | stage 2, pool 3 | 16x6x6 | 32x6x6, 32x3x3 | 13,888 |
/// | stage 3, average | 32x3x3 | 54x3x3, 54 | 41,904 |
/// | output | 54 | 10 | 550 |
#[derive(Debug, Clone)]
pub(crate) struct ResNet<E: Dtype = f32, D: Storage<E> = Cpu> {
    pub stem: ConvBlock<1, 16, SIDE, 24, 12, E, D>,
    pub stage1: Residual<16, 16, 12, 6, E, D>,
    pub stage2: Residual<16, 32, 6, 3, E, D>,
    pub stage3: Residual<32, 54, 3, 1, E, D>,
    pub output: Dense<54, CLASSES, E, D>,
}

impl<E: Dtype, D: Device<E>> TensorCollection<E, D> for ResNet<E, D> {
    type To<E2: Dtype, D2: Device<E2>> = ResNet<E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(visitor: &mut V) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (
                Self::module("stem", |s| &s.stem, |s| &mut s.stem),
                Self::module("stage1", |s| &s.stage1, |s| &mut s.stage1),
                Self::module("stage2", |s| &s.stage2, |s| &mut s.stage2),
                Self::module("stage3", |s| &s.stage3, |s| &mut s.stage3),
                Self::module("output", |s| &s.output, |s| &mut s.output),
            ),
            |(stem, stage1, stage2, stage3, output)| ResNet { stem, stage1, stage2, stage3, output },
        )
    }
}

impl Model for ResNet {
    const TITLE: &'static str = "ResNet";

    const LAYERS: &'static [LayerInfo] = &[
        LayerInfo {
            name: "stem",
            kind: LayerKind::Maps { count: 16, side: 24 },
            parameters: 416,
            kernel: Some(5),
            operation: "conv 5x5, {activation}",
            details: "16 kernels of 5x5, 16 maps of 24x24, {activation}",
            purpose: "Each map is bright where the ink fits its kernel, which is beside it: orange asks for ink, blue \
                      for none.",
        },
        LayerInfo {
            name: "pool 1",
            kind: LayerKind::Maps { count: 16, side: 12 },
            details: "the {pooled} of each 2x2: 16 maps of 12x12",
            purpose: "Half the resolution: a digit shifted by one pixel looks nearly the same from here on.",
            ..LayerInfo::POOLING
        },
        LayerInfo {
            name: "stage 1",
            kind: LayerKind::Maps { count: 16, side: 12 },
            parameters: 4_640,
            kernel: None,
            operation: "residual, {activation}",
            details: "two convolutions 3x3 over 16 maps, plus their input, {activation}",
            purpose: "The shortcut adds each map of pool 1 to its map here, so the two convolutions learn only what to \
                      change: a map looks much like the one above it.",
        },
        LayerInfo {
            name: "pool 2",
            kind: LayerKind::Maps { count: 16, side: 6 },
            details: "the {pooled} of each 2x2: 16 maps of 6x6",
            purpose: "Half the resolution again: each value stands for about a sixth of the digit's height.",
            ..LayerInfo::POOLING
        },
        LayerInfo {
            name: "stage 2",
            kind: LayerKind::Maps { count: 32, side: 6 },
            parameters: 13_888,
            kernel: None,
            operation: "residual, {activation}",
            details: "two convolutions 3x3, the first 16 of 32 maps plus their input, {activation}",
            purpose: "Twice as many maps: the first 16 change those of pool 2, the others have no shortcut and begin \
                      from nothing. Bright places are parts of digits.",
        },
        LayerInfo {
            name: "pool 3",
            kind: LayerKind::Maps { count: 32, side: 3 },
            details: "the {pooled} of each 2x2: 32 maps of 3x3",
            purpose: "What is left of the position: top, middle and bottom by left, middle and right.",
            ..LayerInfo::POOLING
        },
        LayerInfo {
            name: "stage 3",
            kind: LayerKind::Maps { count: 54, side: 3 },
            parameters: 41_904,
            kernel: None,
            operation: "residual, {activation}",
            details: "two convolutions 3x3, the first 32 of 54 maps plus their input, {activation}",
            purpose: "Each value sees the whole digit: kernels of 3x3 over maps of 3x3.",
        },
        LayerInfo {
            name: "average",
            kind: LayerKind::Values(54),
            parameters: 0,
            kernel: None,
            operation: "of each map",
            details: "the mean of each map: 54 values",
            purpose: "Where something is no longer counts, only how much of it there is: one value per map.",
        },
        LayerInfo {
            parameters: 550,
            purpose: "Ten weighted sums of the 54 means, one per digit; softmax turns them into probabilities.",
            ..LayerInfo::OUTPUT
        },
    ];

    fn blocks(&mut self) -> Vec<&mut dyn Block> {
        vec![&mut self.stem, &mut self.stage1, &mut self.stage2, &mut self.stage3, &mut self.output]
    }

    fn configure(&mut self, activation: Activation, pooling: Pooling, engine: &Engine) {
        (self.stem.activation, self.stem.pooling, self.stem.engine) = (activation, pooling, engine.clone());
        self.stage1.configure(activation, pooling, engine);
        self.stage2.configure(activation, pooling, engine);
        self.stage3.configure(activation, Pooling::Avg, engine);
        (self.output.activation, self.output.engine) = (None, engine.clone());
    }

    fn forward<T: Tape<f32, Cpu>>(&self, images: &[&[u8]], tape: T) -> Cpu32<Features<CLASSES>, T> {
        let groups = images.len().div_ceil(LANES);
        let pixels = |pixels: &mut [Lane]| group_images::<SIDE>(&self.stem.engine, images, pixels);
        let pool1: Cpu32<Maps<16, 12>, T> = self.stem.forward_data(groups, pixels, tape);
        let pool2: Cpu32<Maps<16, 6>, T> = self.stage1.forward(pool1);
        let pool3: Cpu32<Maps<32, 3>, T> = self.stage2.forward(pool2);
        let average: Cpu32<Maps<54, 1>, T> = self.stage3.forward(pool3);
        self.output.forward(average)
    }

    fn inspect(&self, images: &[&[u8]]) -> Vec<Vec<Lane>> {
        let mut pixels = vec![ZERO; PIXELS];
        group_images::<SIDE>(&self.stem.engine, images, &mut pixels);
        let (stem, pool1) = self.stem.forward_with_activations(&pixels);
        let (stage1, pool2) = self.stage1.forward_with_activations(&pool1);
        let (stage2, pool3) = self.stage2.forward_with_activations(&pool2);
        let (stage3, average) = self.stage3.forward_with_activations(&pool3);
        let output = self.output.forward(average.clone());
        let pooled = [lanes_of(&pool1), lanes_of(&pool2), lanes_of(&pool3), lanes_of(&average)];
        let [pool1, pool2, pool3, average] = pooled;
        vec![stem, pool1, stage1, pool2, stage2, pool3, stage3, average, lanes_of(&output)]
    }
}
