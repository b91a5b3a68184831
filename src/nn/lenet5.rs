//! LeNet-5, as SPEC's table has it.

use std::sync::Arc;

use dfdx::{
    nn::{Module, ModuleVisitor, TensorCollection},
    shapes::{Dtype, Shape},
    tensor::{Cpu, Storage, Tape},
    tensor_ops::Device,
};

use super::{
    Activation, Activations, ConvBlock, Dense, Engine, Pooling,
    activations::of_first_image,
    init,
    kernels::{LANES, Lane, ZERO},
    layout::{Cpu32, FIELD, Features, Maps, copy_lanes, group_images},
    softmax,
};

/// Activation and pooling belong to the layers before them.
///
/// | layer | input | output | parameters |
/// | --- | --- | --- | --- |
/// | C1, S2 | 1x28x28, padded to 32x32 | 6x28x28, 6x14x14 | 156 |
/// | C3, S4 | 6x14x14 | 16x10x10, 16x5x5 | 2,416 |
/// | C5 | 400 | 120 | 48,120 |
/// | F6 | 120 | 84 | 10,164 |
/// | output | 84 | 10 | 850 |
#[derive(Debug, Clone)]
pub struct LeNet5<E: Dtype = f32, D: Storage<E> = Cpu> {
    pub c1: ConvBlock<1, 6, 32, 28, 14, E, D>,
    pub c3: ConvBlock<6, 16, 14, 10, 5, E, D>,
    pub c5: Dense<400, 120, E, D>,
    pub f6: Dense<120, 84, E, D>,
    pub output: Dense<84, 10, E, D>,
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
            |(c1, c3, c5, f6, output)| LeNet5 { c1, c3, c5, f6, output },
        )
    }
}

impl LeNet5 {
    /// Sets what the layers have in common.
    pub fn configure(&mut self, activation: Activation, pooling: Pooling, engine: &Engine) {
        (self.c1.activation, self.c1.pooling, self.c1.engine) = (activation, pooling, engine.clone());
        (self.c3.activation, self.c3.pooling, self.c3.engine) = (activation, pooling, engine.clone());
        (self.c5.activation, self.c5.engine) = (Some(activation), engine.clone());
        (self.f6.activation, self.f6.engine) = (Some(activation), engine.clone());
        (self.output.activation, self.output.engine) = (None, engine.clone());
    }

    /// Draws initial weights from `seed`; biases are zero.
    pub fn init(&mut self, seed: u64) {
        let rng = &mut init::generator(seed);
        self.c1.init(rng);
        self.c3.init(rng);
        self.c5.init(rng);
        self.f6.init(rng);
        self.output.init(rng);
    }

    /// Has the layers take their parameters from `all`, in dfdx's order, instead of from their tensors.
    pub(super) fn lend(&mut self, all: &Arc<Vec<f32>>) {
        let start = &mut 0;
        self.c1.lend(all, start);
        self.c3.lend(all, start);
        self.c5.lend(all, start);
        self.f6.lend(all, start);
        self.output.lend(all, start);
    }

    /// Ends what [`LeNet5::lend`] began.
    pub(super) fn own(&mut self) {
        self.c1.own();
        self.c3.own();
        self.c5.own();
        self.f6.own();
        self.output.own();
    }

    /// The ten logits of each image of 784 bytes.
    pub fn forward<T: Tape<f32, Cpu>>(&self, images: &[&[u8]], tape: T) -> Cpu32<Features<10>, T> {
        let groups = images.len().div_ceil(LANES);
        let s2: Cpu32<Maps<6, 14>, T> =
            self.c1.forward_data(groups, |fields| group_images(&self.c1.engine, images, fields), tape);
        let s4: Cpu32<Maps<16, 5>, T> = self.c3.forward(s2);
        let c5: Cpu32<Features<120>, T> = self.c5.forward(s4);
        let f6: Cpu32<Features<84>, T> = self.f6.forward(c5);
        self.output.forward(f6)
    }

    /// What each layer makes of one image of 784 bytes, by the layers' own forward pass.
    pub(super) fn inspect(&self, image: &[u8]) -> Activations {
        let mut fields = vec![ZERO; FIELD * FIELD];
        group_images(&self.c1.engine, &[image], &mut fields);
        let (c1, s2) = self.c1.both_maps(&fields);
        let s2_lanes = lanes_of(&s2);
        let (c3, s4) = self.c3.both_maps(&s2_lanes);
        let s4_lanes = lanes_of(&s4);
        let c5: Cpu32<Features<120>> = self.c5.forward(s4);
        let c5_lanes = lanes_of(&c5);
        let f6: Cpu32<Features<84>> = self.f6.forward(c5);
        let f6_lanes = lanes_of(&f6);
        let [logits] = of_first_image(&lanes_of(&self.output.forward(f6)));
        let mut kernels = [[0.0; 25]; 6];
        kernels.as_flattened_mut().copy_from_slice(self.c1.parameters().weights());
        Activations {
            kernels,
            c1: of_first_image(&c1),
            s2: of_first_image(&s2_lanes),
            c3: of_first_image(&c3),
            s4: of_first_image(&s4_lanes),
            c5: of_first_image::<1, 120>(&c5_lanes)[0],
            f6: of_first_image::<1, 84>(&f6_lanes)[0],
            logits,
            probabilities: softmax(&logits),
        }
    }
}

fn lanes_of<S: Shape>(tensor: &Cpu32<S>) -> Vec<Lane> {
    let mut lanes = Vec::new();
    copy_lanes(tensor, &mut lanes);
    lanes
}
