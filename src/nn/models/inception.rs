//! A network of inception blocks.

use dfdx::{
    nn::{Module, ModuleVisitor, TensorCollection},
    shapes::Dtype,
    tensor::{Cpu, Storage, Tape},
    tensor_ops::Device,
};

use crate::{
    data::{CLASSES, PIXELS, SIDE},
    nn::{
        Activation, ConvBlock, Dense, Engine, Inception, LayerInfo, LayerKind, Pooling,
        kernels::{LANES, Lane, ZERO},
        layout::{Cpu32, Features, Maps, group_images, lanes_of},
        model::{Block, Model},
    },
};

/// A small network of two inception blocks (Szegedy et al. 2014). Each row includes its layer's activation; a second
/// number in brackets counts the maps of a branch's first convolution, of 1x1.
///
/// | layer | input | output | parameters |
/// | --- | --- | --- | --- |
/// | stem, pool 1 | 1x28x28 | 16x24x24, 16x12x12 | 416 |
/// | block 1: 1x1, 3x3, 5x5, pooled | 16x12x12 | 8, 16 (8), 8 (4) and 8 maps of 12x12 | 136, 1,304, 876, 136 |
/// | pool 2 | 40x12x12 | 40x6x6 | |
/// | block 2: 1x1, 3x3, 5x5, pooled | 40x6x6 | 32, 64 (32), 48 (16) and 32 maps of 6x6 | 1,312, 19,808, 19,904, 1,312 |
/// | pool 3 | 176x6x6 | 176x3x3 | |
/// | output | 1,584 | 10 | 15,850 |
#[derive(Debug, Clone)]
pub(crate) struct InceptionNet<E: Dtype = f32, D: Storage<E> = Cpu> {
    pub stem: ConvBlock<1, 16, SIDE, 24, 12, E, D>,
    pub block1: Inception<16, 8, 8, 16, 4, 8, 8, 40, 12, 6, E, D>,
    pub block2: Inception<40, 32, 32, 64, 16, 48, 32, 176, 6, 3, E, D>,
    pub output: Dense<1584, CLASSES, E, D>,
}

impl<E: Dtype, D: Device<E>> TensorCollection<E, D> for InceptionNet<E, D> {
    type To<E2: Dtype, D2: Device<E2>> = InceptionNet<E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(visitor: &mut V) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (
                Self::module("stem", |s| &s.stem, |s| &mut s.stem),
                Self::module("block1", |s| &s.block1, |s| &mut s.block1),
                Self::module("block2", |s| &s.block2, |s| &mut s.block2),
                Self::module("output", |s| &s.output, |s| &mut s.output),
            ),
            |(stem, block1, block2, output)| InceptionNet { stem, block1, block2, output },
        )
    }
}

/// Returns the description of a branch with `count` maps.
const fn branch(name: &'static str, count: usize, side: usize, parameters: usize) -> LayerInfo {
    LayerInfo {
        name,
        kind: LayerKind::Maps { count, side },
        parameters,
        kernel: None,
        operation: "",
        details: "",
        purpose: "",
    }
}

impl Model for InceptionNet {
    const TITLE: &'static str = "Inception";

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
            purpose: "Half the resolution: a digit shifted by one pixel looks nearly the same from here on. All four \
                      branches of block 1 read these maps.",
            ..LayerInfo::POOLING
        },
        LayerInfo {
            operation: "convolution, {activation}",
            details: "1x1 over all 16: 8 maps of 12x12, {activation}",
            purpose: "Block 1's first branch mixes the 16 maps at each place by itself, without looking around.",
            ..branch("1: 1x1", 8, 12, 136)
        },
        LayerInfo {
            operation: "after 1x1, {activation}",
            details: "1x1 to 8 maps, then 3x3: 16 maps of 12x12, {activation}",
            purpose: "The second branch sums up the 16 maps in 8 and looks one place around: short strokes, corners.",
            ..branch("1: 3x3", 16, 12, 1_304)
        },
        LayerInfo {
            operation: "after 1x1, {activation}",
            details: "1x1 to 4 maps, then 5x5: 8 maps of 12x12, {activation}",
            purpose: "The third branch looks two places around: longer strokes and arcs. 5x5 kernels are large, so it \
                      reads only 4 maps.",
            ..branch("1: 5x5", 8, 12, 876)
        },
        LayerInfo {
            operation: "3x3, 1x1, {activation}",
            details: "the {pooled} of each 3x3, then 1x1: 8 maps of 12x12, {activation}",
            purpose: "The fourth branch pools the places around each place first: what is near counts, not where.",
            ..branch("1: pooled", 8, 12, 136)
        },
        LayerInfo {
            name: "pool 2",
            kind: LayerKind::Maps { count: 40, side: 6 },
            details: "the {pooled} of each 2x2: 40 maps of 6x6",
            purpose: "The maps of all four branches, at half the resolution. Block 2 reads them.",
            ..LayerInfo::POOLING
        },
        LayerInfo {
            operation: "convolution, {activation}",
            details: "1x1 over all 40: 32 maps of 6x6, {activation}",
            purpose: "Block 2's first branch mixes the 40 maps at each place by itself.",
            ..branch("2: 1x1", 32, 6, 1_312)
        },
        LayerInfo {
            operation: "after 1x1, {activation}",
            details: "1x1 to 32 maps, then 3x3: 64 maps of 6x6, {activation}",
            purpose: "One place around is half the digit's height by now: bright places are parts of digits.",
            ..branch("2: 3x3", 64, 6, 19_808)
        },
        LayerInfo {
            operation: "after 1x1, {activation}",
            details: "1x1 to 16 maps, then 5x5: 48 maps of 6x6, {activation}",
            purpose: "Two places around is nearly the whole digit.",
            ..branch("2: 5x5", 48, 6, 19_904)
        },
        LayerInfo {
            operation: "3x3, 1x1, {activation}",
            details: "the {pooled} of each 3x3, then 1x1: 32 maps of 6x6, {activation}",
            purpose: "The places around each place, pooled: what is near counts, not where.",
            ..branch("2: pooled", 32, 6, 1_312)
        },
        LayerInfo {
            name: "pool 3",
            kind: LayerKind::Maps { count: 176, side: 3 },
            details: "the {pooled} of each 2x2: 176 maps of 3x3",
            purpose: "What is left of the position: top, middle and bottom by left, middle and right.",
            ..LayerInfo::POOLING
        },
        LayerInfo {
            parameters: 15_850,
            purpose: "Ten weighted sums of all 1,584 values of pool 3, one per digit; softmax turns them into \
                      probabilities.",
            ..LayerInfo::OUTPUT
        },
    ];

    fn blocks(&mut self) -> Vec<&mut dyn Block> {
        vec![&mut self.stem, &mut self.block1, &mut self.block2, &mut self.output]
    }

    fn configure(&mut self, activation: Activation, pooling: Pooling, engine: &Engine) {
        (self.stem.activation, self.stem.pooling, self.stem.engine) = (activation, pooling, engine.clone());
        self.block1.configure(activation, pooling, engine);
        self.block2.configure(activation, pooling, engine);
        (self.output.activation, self.output.engine) = (None, engine.clone());
    }

    fn forward<T: Tape<f32, Cpu>>(&self, images: &[&[u8]], tape: T) -> Cpu32<Features<CLASSES>, T> {
        let groups = images.len().div_ceil(LANES);
        let pixels = |pixels: &mut [Lane]| group_images::<SIDE>(&self.stem.engine, images, pixels);
        let pool1: Cpu32<Maps<16, 12>, T> = self.stem.forward_data(groups, pixels, tape);
        let pool2: Cpu32<Maps<40, 6>, T> = self.block1.forward(pool1);
        let pool3: Cpu32<Maps<176, 3>, T> = self.block2.forward(pool2);
        self.output.forward(pool3)
    }

    fn inspect(&self, images: &[&[u8]]) -> Vec<Vec<Lane>> {
        let mut pixels = vec![ZERO; PIXELS];
        group_images::<SIDE>(&self.stem.engine, images, &mut pixels);
        let (stem, pool1) = self.stem.forward_with_activations(&pixels);
        let (block1, pool2) = self.block1.forward_with_activations(&pool1);
        let (block2, pool3) = self.block2.forward_with_activations(&pool2);
        let output = self.output.forward(pool3.clone());
        let mut outputs = vec![stem, lanes_of(&pool1)];
        outputs.extend(self.block1.branches(&block1).map(<[Lane]>::to_vec));
        outputs.push(lanes_of(&pool2));
        outputs.extend(self.block2.branches(&block2).map(<[Lane]>::to_vec));
        outputs.extend([lanes_of(&pool3), lanes_of(&output)]);
        outputs
    }
}
