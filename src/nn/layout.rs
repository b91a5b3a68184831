//! The memory layout of tensors inside the network: groups of sixteen images, the image innermost.

use std::{hint::black_box, ops::Range};

use dfdx::{
    shapes::{Const, HasShape, Shape},
    tensor::{Cpu, Gradients, NoneTape, Tensor, TensorFromVec},
};

use super::{
    Engine,
    aligned::AlignedLanes,
    engine::Units,
    kernels::{Brightness, LANES, Lane, ZERO, numbers_mut},
};
use crate::data::SIDE;

/// `C` maps of `S` x `S` for each image of each group: `[groups][C][S][S][LANES]`.
pub type Maps<const C: usize, const S: usize> = (usize, Const<C>, Const<S>, Const<S>, Const<LANES>);

/// `N` values for each image of each group: `[groups][N][LANES]`.
pub type Features<const N: usize> = (usize, Const<N>, Const<LANES>);

/// `N` values for each of `T` tokens of each image of each group: `[groups][T][N][LANES]`.
pub type Tokens<const T: usize, const N: usize> = (usize, Const<T>, Const<N>, Const<LANES>);

/// A single-precision tensor on the CPU.
pub(super) type Cpu32<S, T = NoneTape> = Tensor<S, f32, Cpu, T>;

/// A shape of groups of images.
pub trait Grouped: Shape {
    /// Number of values per image.
    const VALUES: usize;

    fn of_groups(groups: usize) -> Self;

    fn groups(&self) -> usize {
        self.num_elements() / (Self::VALUES * LANES)
    }
}

impl<const C: usize, const S: usize> Grouped for Maps<C, S> {
    const VALUES: usize = C * S * S;

    fn of_groups(groups: usize) -> Self {
        (groups, Const, Const, Const, Const)
    }
}

impl<const N: usize> Grouped for Features<N> {
    const VALUES: usize = N;

    fn of_groups(groups: usize) -> Self {
        (groups, Const, Const)
    }
}

impl<const T: usize, const N: usize> Grouped for Tokens<T, N> {
    const VALUES: usize = T * N;

    fn of_groups(groups: usize) -> Self {
        (groups, Const, Const, Const)
    }
}

/// Creates a tensor of `values`.
pub(super) fn tensor<S: Shape>(device: &Cpu, values: Vec<f32>, shape: S) -> Cpu32<S> {
    device.tensor_from_vec(values, shape)
}

/// Takes the gradient of `of` out of `gradients`; it is zero if there is none yet.
pub(super) fn take_gradient<S: Shape>(gradients: &mut Gradients<f32, Cpu>, of: &Cpu32<S>) -> Vec<f32> {
    std::mem::take(gradient_mut(gradients, of))
}

/// Returns the gradient of `of` in place.
pub(super) fn gradient_mut<'a, S: Shape>(gradients: &'a mut Gradients<f32, Cpu>, of: &Cpu32<S>) -> &'a mut Vec<f32> {
    gradients.get_or_alloc_mut(of).expect("memory for gradients")
}

/// Replaces `values` by a copy of a tensor's values, of which dfdx lends no slice.
pub(super) fn copy_lanes<S: Shape>(of: &Cpu32<S>, values: &mut AlignedLanes) {
    values.resize(of.shape().num_elements() / LANES);
    of.copy_into(numbers_mut(values));
}

/// Returns a copy of a tensor's values.
pub(super) fn lanes_of<S: Shape>(tensor: &Cpu32<S>) -> Vec<Lane> {
    let mut values = vec![ZERO; tensor.shape().num_elements() / LANES];
    tensor.copy_into(numbers_mut(&mut values));
    values
}

/// Copies images of 784 bytes each, scaled to 0..1, into the middle of blank fields: groups `[FIELD][FIELD]`.
pub(super) fn group_images<const FIELD: usize>(engine: &Engine, images: &[&[u8]], fields: &mut [Lane]) {
    let border = const { (FIELD - SIDE) / 2 };
    engine.split(Units(fields, FIELD), 1, |first, part| {
        let (mut first, mut rows) = (first, part.0);
        while !rows.is_empty() {
            let (group, y) = (first / FIELD, first % FIELD);
            let (of_group, rest) = rows.split_at_mut(rows.len().min((FIELD - y) * FIELD));
            let images = images_of(group, images);
            let shown = |y: usize| y.saturating_sub(border).min(SIDE);
            touch(images, shown(y) * SIDE..shown(y + of_group.len() / FIELD) * SIDE);
            for (y, lanes) in (y..).zip(of_group.chunks_exact_mut(FIELD)) {
                let Some(y) = y.checked_sub(border).filter(|&y| y < SIDE) else {
                    lanes.fill(ZERO);
                    continue;
                };
                lanes[..border].fill(ZERO);
                lanes[border + SIDE..].fill(ZERO);
                engine.run(Brightness { images, start: y * SIDE, lanes: &mut lanes[border..][..SIDE] });
            }
            first += of_group.len() / FIELD;
            rows = rest;
        }
    });
}

/// Copies images of 784 bytes each, scaled to 0..1, row by row: `[SIDE]` rows of groups `[SIDE]`.
pub(super) fn group_rows(engine: &Engine, images: &[&[u8]], rows: &mut [Lane]) {
    let groups = images.len().div_ceil(LANES);
    touch(images, 0..SIDE * SIDE);
    engine.split(Units(rows, SIDE), 1, |first, part| {
        for (row, lanes) in part.0.chunks_exact_mut(SIDE).enumerate() {
            let (y, group) = ((first + row) / groups, (first + row) % groups);
            engine.run(Brightness { images: images_of(group, images), start: y * SIDE, lanes });
        }
    });
}

/// Returns the images of a group: sixteen, or fewer in the last one.
fn images_of<'a, 'b>(group: usize, images: &'a [&'b [u8]]) -> &'a [&'b [u8]] {
    let images = &images[group * LANES..];
    &images[..LANES.min(images.len())]
}

/// Touches these bytes of all images first, so that the loads overlap: one by one, they would dominate the time.
fn touch(images: &[&[u8]], bytes: Range<usize>) {
    const CACHE_LINE: usize = 64;
    let all = images.iter().flat_map(|image| image[bytes.clone()].iter().step_by(CACHE_LINE));
    black_box(all.fold(0, |sum, byte| sum ^ byte));
}

/// Returns the place of value `n` of an image in a tensor `[groups][N][LANES]`.
pub(super) fn place<const N: usize>(image: usize, n: usize) -> usize {
    (image / LANES * N + n) * LANES + image % LANES
}

/// Returns the values of the first `images` images, image by image.
pub(super) fn rows<const N: usize>(grouped: &Cpu32<Features<N>>, images: usize) -> Vec<[f32; N]> {
    let mut values = vec![0.0; grouped.shape().num_elements()];
    grouped.copy_into(&mut values);
    (0..images).map(|image| std::array::from_fn(|n| values[place::<N>(image, n)])).collect()
}
