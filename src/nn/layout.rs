//! The memory layout of tensors inside the network: groups of sixteen images, the image innermost.

use std::hint::black_box;

use dfdx::{
    shapes::{Const, HasShape, Shape},
    tensor::{Cpu, Gradients, NoneTape, PutTape, SplitTape, Tape, Tensor, TensorFromVec},
};

use super::{
    Engine,
    engine::Units,
    kernels::{LANES, Lane, ZERO},
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

    fn groups(&self) -> usize {
        self.num_elements() / (Self::VALUES * LANES)
    }
}

impl<const C: usize, const S: usize> Grouped for Maps<C, S> {
    const VALUES: usize = C * S * S;
}

impl<const N: usize> Grouped for Features<N> {
    const VALUES: usize = N;
}

impl<const T: usize, const N: usize> Grouped for Tokens<T, N> {
    const VALUES: usize = T * N;
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
pub(super) fn copy_lanes<S: Shape>(of: &Cpu32<S>, values: &mut Vec<Lane>) {
    values.resize(of.shape().num_elements() / LANES, ZERO);
    of.copy_into(pulp::bytemuck::cast_slice_mut(values));
}

/// Returns a copy of a tensor's values.
pub(super) fn lanes_of<S: Shape>(tensor: &Cpu32<S>) -> Vec<Lane> {
    let mut lanes = Vec::new();
    copy_lanes(tensor, &mut lanes);
    lanes
}

/// Copies images of 784 bytes each, scaled to 0..1, into the middle of blank fields: groups `[FIELD][FIELD]`.
pub(super) fn group_images<const FIELD: usize>(engine: &Engine, images: &[&[u8]], fields: &mut [Lane]) {
    let border = const { (FIELD - SIDE) / 2 };
    touch(images);
    engine.split(Units(fields, FIELD), 1, |first, part| {
        for (row, lanes) in part.0.chunks_exact_mut(FIELD).enumerate() {
            let (group, y) = ((first + row) / FIELD, (first + row) % FIELD);
            lanes.fill(ZERO);
            if let Some(y) = y.checked_sub(border).filter(|&y| y < SIDE) {
                copy_row(images, group, y, &mut lanes[border..][..SIDE]);
            }
        }
    });
}

/// Copies images of 784 bytes each, scaled to 0..1, row by row: `[SIDE]` rows of groups `[SIDE]`.
pub(super) fn group_rows(engine: &Engine, images: &[&[u8]], rows: &mut [Lane]) {
    let groups = images.len().div_ceil(LANES);
    touch(images);
    engine.split(Units(rows, SIDE), 1, |first, part| {
        for (row, lanes) in part.0.chunks_exact_mut(SIDE).enumerate() {
            lanes.fill(ZERO);
            copy_row(images, (first + row) % groups, (first + row) / groups, lanes);
        }
    });
}

/// Touches the memory of all images first, so that the loads overlap: one by one, they would dominate the time.
fn touch(images: &[&[u8]]) {
    const CACHE_LINE: usize = 64;
    black_box(images.iter().flat_map(|image| image.iter().step_by(CACHE_LINE)).fold(0, |sum, byte| sum ^ byte));
}

/// Copies row `y` of each image of a group.
fn copy_row(images: &[&[u8]], group: usize, y: usize, lanes: &mut [Lane]) {
    let lanes: &mut [[f32; LANES]] = pulp::bytemuck::cast_slice_mut(lanes);
    for (lane, image) in images[group * LANES..].iter().take(LANES).enumerate() {
        for (lanes, &pixel) in lanes.iter_mut().zip(&image[y * SIDE..][..SIDE]) {
            lanes[lane] = BRIGHTNESS[usize::from(pixel)];
        }
    }
}

/// The brightness of each pixel value, 0 to 1.
static BRIGHTNESS: [f32; 256] = {
    let mut brightness = [0.0; 256];
    let mut pixel = 0;
    while pixel < 256 {
        brightness[pixel] = pixel as f32 / 255.0;
        pixel += 1;
    }
    brightness
};

/// Returns the values of the first `images` images, grouped by image: `[images][N]`.
pub(super) fn per_image<const N: usize, T: Tape<f32, Cpu>>(
    grouped: Cpu32<Features<N>, T>,
    images: usize,
) -> Cpu32<(usize, Const<N>), T> {
    let (grouped, mut tape) = grouped.split_tape();
    let mut values = vec![0.0; grouped.shape().num_elements()];
    grouped.copy_into(&mut values);
    let place = |image: usize, n: usize| (image / LANES * N + n) * LANES + image % LANES;
    let rows = (0..images).flat_map(|image| (0..N).map(move |n| (image, n)));
    let output = rows.clone().map(|(image, n)| values[place(image, n)]).collect();
    let output = tensor(grouped.device(), output, (images, Const));
    let (from, to) = (grouped, output.clone());
    tape.add_backward_op(move |gradients| {
        let output = take_gradient(gradients, &to);
        let input = gradient_mut(gradients, &from);
        for ((image, n), gradient) in rows.zip(output) {
            input[place(image, n)] += gradient;
        }
        Ok(())
    });
    output.put_tape(tape)
}
