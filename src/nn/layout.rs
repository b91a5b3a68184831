//! How tensors inside the network lie: groups of sixteen images, the image innermost.

use dfdx::{
    shapes::{Const, HasShape, Shape},
    tensor::{Cpu, Gradients, NoneTape, PutTape, SplitTape, Tape, Tensor, TensorFromVec},
};

use super::kernels::LANES;
use crate::data::{PIXELS, SIDE};

/// `C` maps of `S` x `S` for each image of each group: `[groups][C][S][S][LANES]`.
pub type Maps<const C: usize, const S: usize> = (usize, Const<C>, Const<S>, Const<S>, Const<LANES>);

/// `N` values for each image of each group: `[groups][N][LANES]`.
pub type Features<const N: usize> = (usize, Const<N>, Const<LANES>);

/// A tensor of ours.
pub type Cpu32<S, T = NoneTape> = Tensor<S, f32, Cpu, T>;

/// Shapes that are groups of images.
pub trait Grouped: Shape {
    /// Values an image.
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

/// A tensor of `values`.
pub fn tensor<S: Shape>(device: &Cpu, values: Vec<f32>, shape: S) -> Cpu32<S> {
    device.tensor_from_vec(values, shape)
}

/// Takes the gradient of `of` out of `gradients`; what is not there yet is zero.
pub fn take_gradient<S: Shape>(gradients: &mut Gradients<f32, Cpu>, of: &Cpu32<S>) -> Vec<f32> {
    std::mem::take(gradient_mut(gradients, of))
}

/// The gradient of `of`, in place.
pub fn gradient_mut<'a, S: Shape>(gradients: &'a mut Gradients<f32, Cpu>, of: &Cpu32<S>) -> &'a mut Vec<f32> {
    gradients.get_or_alloc_mut(of).expect("memory for gradients")
}

/// Adds `values` to the gradient of `of`.
pub fn add_gradient<S: Shape>(gradients: &mut Gradients<f32, Cpu>, of: &Cpu32<S>, values: impl Iterator<Item = f32>) {
    for (sum, value) in gradient_mut(gradients, of).iter_mut().zip(values) {
        *sum += value;
    }
}

/// Images of [`PIXELS`] bytes each, brought to 0..1 and into groups; the last group is filled up with blank ones.
pub fn group_images<'a>(device: &Cpu, images: impl ExactSizeIterator<Item = &'a [u8]>) -> Cpu32<Maps<1, SIDE>> {
    let groups = images.len().div_ceil(LANES);
    let mut values = vec![0.0; groups * PIXELS * LANES];
    let mut images = images;
    for group in values.chunks_exact_mut(PIXELS * LANES) {
        for (lane, image) in images.by_ref().take(LANES).enumerate() {
            for (value, &pixel) in group[lane..].iter_mut().step_by(LANES).zip(image) {
                *value = f32::from(pixel) / 255.0;
            }
        }
    }
    tensor(device, values, (groups, Const, Const, Const, Const))
}

/// The values of the first `images` images, each image's together: `[images][N]`.
pub fn per_image<const N: usize, T: Tape<f32, Cpu>>(
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
