//! LeNet-5.

use dfdx::{
    nn::{Module, ModuleVisitor, TensorCollection},
    shapes::Dtype,
    tensor::{Cpu, Storage, Tape},
    tensor_ops::Device,
};

use crate::nn::{
    Activation, ConvBlock, Dense, Engine, LayerInfo, LayerKind, Pooling,
    flow::Flow,
    kernels::{LANES, Lane, ZERO},
    layout::{Cpu32, Features, Maps, group_images, lanes_of},
    model::{Block, Model},
    regularization::Dropout,
};

/// Side of C1's input: the image with a border that lets the 5x5 kernels reach its edges.
const FIELD: usize = 32;

/// Each row includes its layer's activation. The dense layers read the maps of S4 in the order map, row, column.
///
/// | layer | input | output | parameters |
/// | --- | --- | --- | --- |
/// | C1, S2 | 1x28x28, padded to 32x32 | 6x28x28, 6x14x14 | 156 |
/// | C3, S4 | 6x14x14 | 16x10x10, 16x5x5 | 2,416 |
/// | C5 | 400 | 120 | 48,120 |
/// | F6 | 120 | 84 | 10,164 |
/// | output | 84 | 10 | 850 |
#[derive(Debug, Clone)]
pub(crate) struct LeNet5<E: Dtype = f32, D: Storage<E> = Cpu> {
    pub c1: ConvBlock<1, 6, 32, 28, 14, E, D>,
    pub c3: ConvBlock<6, 16, 14, 10, 5, E, D>,
    pub c5: Dense<400, 120, E, D>,
    pub f6: Dense<120, 84, E, D>,
    pub output: Dense<84, 10, E, D>,
    /// The values of C5 and F6 that are dropped.
    dropout: Option<Dropout>,
}

impl<E: Dtype, D: Device<E>> TensorCollection<E, D> for LeNet5<E, D> {
    type To<E2: Dtype, D2: Device<E2>> = LeNet5<E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(visitor: &mut V) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (
                Self::module("c1", |s| &s.c1, |s| &mut s.c1),
                Self::module("c3", |s| &s.c3, |s| &mut s.c3),
                Self::module("c5", |s| &s.c5, |s| &mut s.c5),
                Self::module("f6", |s| &s.f6, |s| &mut s.f6),
                Self::module("output", |s| &s.output, |s| &mut s.output),
            ),
            |(c1, c3, c5, f6, output)| LeNet5 { c1, c3, c5, f6, output, dropout: None },
        )
    }
}

impl Model for LeNet5 {
    const TITLE: &'static str = "LeNet-5";

    const LAYERS: &'static [LayerInfo] = &[
        LayerInfo {
            name: "C1",
            kind: LayerKind::Maps { count: 6, side: 28 },
            parameters: 156,
            kernel: Some(5),
            operation: "convolution 5x5, {activation}",
            details: "6 kernels of 5x5, 6 maps of 28x28, {activation}",
            purpose: "Each map has its kernel beside it: orange asks for ink, blue for none. The map is bright where \
                      the ink fits the kernel, so strokes of one direction, edges and ends stand out.",
        },
        LayerInfo {
            name: "S2",
            kind: LayerKind::Maps { count: 6, side: 14 },
            details: "the {pooled} of each 2x2: 6 maps of 14x14",
            purpose: "Half the resolution: a digit shifted by one pixel looks nearly the same from here on.",
            ..LayerInfo::POOLING
        },
        LayerInfo {
            name: "C3",
            kind: LayerKind::Maps { count: 16, side: 10 },
            parameters: 2_416,
            kernel: None,
            operation: "convolution 5x5, {activation}",
            details: "5x5 over all six: 16 maps of 10x10, {activation}",
            purpose: "Each map comes from a kernel over all six maps of S2. Bright places are parts of digits: \
                      corners, arcs, crossings.",
        },
        LayerInfo {
            name: "S4",
            kind: LayerKind::Maps { count: 16, side: 5 },
            details: "the {pooled} of each 2x2: 16 maps of 5x5",
            purpose: "What is left of the position: 5x5 numbers per map, 400 in all, the dense layers' input.",
            ..LayerInfo::POOLING
        },
        LayerInfo {
            name: "C5",
            kind: LayerKind::Values(120),
            parameters: 48_120,
            kernel: None,
            operation: "dense, {activation}",
            details: "120 from S4's 400, {activation}",
            purpose: "Each of the 120 weighs all 400 numbers of S4. A column that stays at 0 contributes nothing.",
        },
        LayerInfo {
            name: "F6",
            kind: LayerKind::Values(84),
            parameters: 10_164,
            kernel: None,
            operation: "dense, {activation}",
            details: "84, {activation}",
            purpose: "84 weighted sums of C5's 120: the last step before the ten outputs.",
        },
        LayerInfo {
            parameters: 850,
            purpose: "Ten weighted sums of F6, one per digit; softmax turns them into probabilities.",
            ..LayerInfo::OUTPUT
        },
    ];

    fn blocks(&mut self) -> Vec<&mut dyn Block> {
        vec![&mut self.c1, &mut self.c3, &mut self.c5, &mut self.f6, &mut self.output]
    }

    fn configure(&mut self, activation: Activation, pooling: Pooling, engine: &Engine) {
        (self.c1.activation, self.c1.pooling, self.c1.engine) = (activation, pooling, engine.clone());
        (self.c3.activation, self.c3.pooling, self.c3.engine) = (activation, pooling, engine.clone());
        (self.c5.activation, self.c5.engine) = (Some(activation), engine.clone());
        (self.f6.activation, self.f6.engine) = (Some(activation), engine.clone());
        (self.output.activation, self.output.engine) = (None, engine.clone());
    }

    fn forward<T: Tape<f32, Cpu>>(&self, images: &[&[u8]], tape: T) -> Cpu32<Features<10>, T> {
        let groups = images.len().div_ceil(LANES);
        let fields = |fields: &mut [Lane]| group_images::<FIELD>(&self.c1.engine, images, fields);
        let s2: Flow<Maps<6, 14>, T> = self.c1.flow_of_data(groups, fields, tape);
        let s4: Flow<Maps<16, 5>, T> = self.c3.flow(s2);
        let c5: Flow<Features<120>, T> = self.c5.flow(s4);
        let f6: Flow<Features<84>, T> = self.f6.flow(self.dropped(0, c5));
        self.output.flow(self.dropped(1, f6)).into_tensor(self.output.weight.device())
    }

    fn set_dropout(&mut self, dropout: Option<Dropout>) {
        self.dropout = dropout;
    }

    fn inspect(&self, images: &[&[u8]]) -> Vec<Vec<Lane>> {
        let mut fields = vec![ZERO; FIELD * FIELD];
        group_images::<FIELD>(&self.c1.engine, images, &mut fields);
        let (c1, s2) = self.c1.forward_with_activations(&fields);
        let s2 = lanes_of(&s2);
        let (c3, s4) = self.c3.forward_with_activations(&s2);
        let c5: Cpu32<Features<120>> = self.c5.forward(s4.clone());
        let f6: Cpu32<Features<84>> = self.f6.forward(c5.clone());
        let output = self.output.forward(f6.clone());
        vec![c1, s2, c3, lanes_of(&s4), lanes_of(&c5), lanes_of(&f6), lanes_of(&output)]
    }
}

impl LeNet5 {
    /// Returns the values of a layer without those that are dropped.
    fn dropped<const N: usize, T: Tape<f32, Cpu>>(
        &self,
        layer: u64,
        values: Flow<Features<N>, T>,
    ) -> Flow<Features<N>, T> {
        match self.dropout {
            Some(dropout) => dropout.apply(layer, values.into_tensor(self.output.weight.device())).into(),
            None => values,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        panic::{AssertUnwindSafe, catch_unwind},
        sync::Arc,
    };

    use dfdx::{nn::BuildModule, tensor::NoneTape};

    use super::*;
    use crate::nn::model::Attached;

    #[test]
    fn attached_parameters_are_used_and_held_only_until_the_guard_is_dropped() {
        let mut model = LeNet5::build(&Cpu::default());
        model.init(1);
        let zeros = Arc::new(vec![0.0; LeNet5::LAYERS.iter().map(|layer| layer.parameters).sum()]);
        let logits = |model: &LeNet5| model.forward(&[&[200; 784]], NoneTape).as_vec();
        let own = logits(&model);
        assert!(own.iter().any(|logit| *logit != 0.0));
        assert!(logits(&Attached::new(&mut model, &zeros)).iter().all(|logit| *logit == 0.0));
        assert_eq!(logits(&model), own);
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let _attached = Attached::new(&mut model, &zeros);
            panic!("for the test");
        }));
        assert!(panicked.is_err());
        assert_eq!((logits(&model), Arc::strong_count(&zeros)), (own, 1));
    }
}
