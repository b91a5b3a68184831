//! The tensors of a network in the layouts of other frameworks.

use crate::{
    choice::choice,
    nn::{Architecture, Engine, LayerKind, Network, TensorInfo},
    train::Checkpoint,
};

choice! {
    /// Names, shapes and orders of a network's tensors.
    #[derive(Default)]
    Layout {
        /// Convolutions `[out, in, row, column]`, dense layers `[out, in]`, maps flattened map by map; recurrent gates
        /// `i, f, g, o` and `r, z, n`, each layer with two biases.
        #[default]
        PyTorch = "pytorch",
        /// Convolutions `[row, column, in, out]`, dense layers `[in, out]`, maps flattened place by place; recurrent
        /// gates `i, f, g, o` and `z, r, n`.
        Keras = "keras",
    }
}

/// A named array of numbers in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedTensor {
    pub name: String,
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

/// A tensor of a layout: for each of its numbers, the parameter of the network that it is.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub name: String,
    pub shape: Vec<usize>,
    /// Other shape with the same numbers in the same order: that of a convolution over the whole maps.
    pub also: Option<Vec<usize>>,
    sources: Vec<usize>,
    /// Whether the numbers are added to those of another tensor. They are zero when written.
    is_added: bool,
}

impl Slot {
    pub(super) fn fits(&self, shape: &[usize]) -> bool {
        self.shape == shape || self.also.as_deref() == Some(shape)
    }

    pub(super) fn filled(&self, parameters: &[f32]) -> NamedTensor {
        let value = |&source: &usize| if self.is_added { 0.0 } else { parameters[source] };
        let values = self.sources.iter().map(value).collect();
        NamedTensor { name: self.name.clone(), shape: self.shape.clone(), values }
    }

    /// Adds the numbers of the tensor to the network's parameters, which are zero at first.
    pub(super) fn add_to(&self, parameters: &mut [f32], values: &[f32]) {
        for (&source, value) in self.sources.iter().zip(values) {
            parameters[source] += value;
        }
    }
}

/// Returns the tensors of the network that the checkpoint's run tests.
pub fn tensors(checkpoint: &Checkpoint, layout: Layout) -> Vec<NamedTensor> {
    let network = checkpoint.network(Engine::new(1));
    let parameters = network.parameters();
    slots(&network, layout).iter().map(|slot| slot.filled(&parameters)).collect()
}

/// Returns the tensors of a layout, in the network's order.
pub(super) fn slots(network: &Network, layout: Layout) -> Vec<Slot> {
    let mut start = 0;
    let tensors = network.tensors().into_iter().flat_map(|tensor| {
        let place = Place { architecture: network.architecture(), start };
        start += tensor.shape.iter().product::<usize>();
        match layout {
            Layout::PyTorch => place.pytorch(&tensor),
            Layout::Keras => place.keras(&tensor),
        }
    });
    tensors.collect()
}

/// Where a tensor's values begin among the parameters of a network.
struct Place {
    architecture: Architecture,
    start: usize,
}

/// What a tensor is in its network.
enum Role<'a> {
    /// Weights of a recurrent layer, `[H][G][I]`, those of the states, `[H][G][H]`, or its biases, `[B][H][G]`.
    Recurrent(&'a str),
    /// Maps to queries, keys and values, `[3][H C][D]`.
    Projections,
    /// Map of the heads' outputs, `[D][H C]`.
    Heads,
    /// Weights `[out][in]` or `[out][in][row][column]`, a bias, or positions.
    Plain,
}

impl Role<'_> {
    fn of(tensor: &TensorInfo) -> (&str, Role<'_>) {
        let (block, field) = tensor.name.rsplit_once('.').expect("a tensor is a field of a block");
        let role = match (block, field) {
            ("recurrent", field) => Role::Recurrent(field),
            (_, "projections") => Role::Projections,
            (block, "output") if block.ends_with("attention") => Role::Heads,
            _ => Role::Plain,
        };
        (block, role)
    }
}

/// Heads of the attention, of 14 values each.
const HEADS: usize = 4;

impl Place {
    fn slot(&self, name: String, shape: Vec<usize>, sources: impl Iterator<Item = usize>) -> Slot {
        let sources = sources.map(|source| self.start + source).collect();
        Slot { name, shape, also: None, sources, is_added: false }
    }

    fn pytorch(&self, tensor: &TensorInfo) -> Vec<Slot> {
        let shape = &tensor.shape[..];
        let count: usize = shape.iter().product();
        let (block, role) = Role::of(tensor);
        let named = |name: &str| format!("{block}.{name}");
        match (role, shape) {
            (Role::Recurrent("bias"), &[biases, units, gates]) => {
                let (order, of_states) = (self.gates(gates), (biases - 1) * units * gates);
                let bias = |name: &str, first: usize| {
                    let sources = order.iter().flat_map(|gate| (0..units).map(move |unit| first + unit * gates + gate));
                    self.slot(named(name), vec![gates * units], sources)
                };
                let states = Slot { is_added: biases == 1, ..bias("bias_hh_l0", of_states) };
                vec![bias("bias_ih_l0", 0), states]
            }
            (Role::Recurrent(field), &[units, gates, inputs]) => {
                let name = if field == "recurrent" { "weight_hh_l0" } else { "weight_ih_l0" };
                let row = |gate: usize, unit: usize| (0..inputs).map(move |i| (unit * gates + gate) * inputs + i);
                let order = self.gates(gates);
                let sources = order.iter().flat_map(|&gate| (0..units).flat_map(move |unit| row(gate, unit)));
                vec![self.slot(named(name), vec![gates * units, inputs], sources)]
            }
            (Role::Projections, &[three, outputs, inputs]) => {
                vec![self.slot(named("in_proj_weight"), vec![three * outputs, inputs], 0..count)]
            }
            (Role::Heads, _) => vec![self.slot(named("out_proj.weight"), shape.to_vec(), 0..count)],
            (_, &[outputs, inputs]) => {
                let also = self.maps(inputs).map(|[maps, side]| vec![outputs, maps, side, side]);
                vec![Slot { also, ..self.slot(tensor.name.clone(), shape.to_vec(), 0..count) }]
            }
            _ => vec![self.slot(tensor.name.clone(), shape.to_vec(), 0..count)],
        }
    }

    fn keras(&self, tensor: &TensorInfo) -> Vec<Slot> {
        let shape = &tensor.shape[..];
        let count: usize = shape.iter().product();
        let (block, role) = Role::of(tensor);
        let block = block.replace('.', "/");
        let named = |name: &str| format!("{block}/{name}");
        match (role, shape) {
            (Role::Recurrent("bias"), &[biases, units, gates]) => {
                let gate = |bias: usize, gate: usize| (0..units).map(move |unit| (bias * units + unit) * gates + gate);
                let sources = (0..biases).flat_map(|bias| (0..gates).flat_map(move |number| gate(bias, number)));
                let shape = if biases == 1 { vec![gates * units] } else { vec![biases, gates * units] };
                vec![self.slot(named("bias"), shape, sources)]
            }
            (Role::Recurrent(field), &[units, gates, inputs]) => {
                let name = if field == "recurrent" { "recurrent_kernel" } else { "kernel" };
                let row = |i: usize| {
                    (0..gates).flat_map(move |gate| (0..units).map(move |unit| (unit * gates + gate) * inputs + i))
                };
                vec![self.slot(named(name), vec![inputs, gates * units], (0..inputs).flat_map(row))]
            }
            (Role::Projections, &[_, outputs, inputs]) => {
                let projection = |(number, name): (usize, &str)| {
                    let first = number * outputs * inputs;
                    let shape = vec![inputs, HEADS, outputs / HEADS];
                    self.slot(named(name), shape, transposed(outputs, inputs).map(|source| first + source))
                };
                ["query/kernel", "key/kernel", "value/kernel"].into_iter().enumerate().map(projection).collect()
            }
            (Role::Heads, &[outputs, inputs]) => {
                let shape = vec![HEADS, inputs / HEADS, outputs];
                vec![self.slot(named("output/kernel"), shape, transposed(outputs, inputs))]
            }
            (_, &[outputs, inputs, height, width]) => {
                let sources = (0..height * width).flat_map(|place| {
                    let from = move |input: usize, output: usize| (output * inputs + input) * height * width + place;
                    (0..inputs).flat_map(move |input| (0..outputs).map(move |output| from(input, output)))
                });
                vec![self.slot(named("kernel"), vec![height, width, inputs, outputs], sources)]
            }
            (_, shape) if tensor.name.ends_with(".position") => {
                vec![self.slot(named("position"), shape.to_vec(), 0..count)]
            }
            (_, &[outputs, inputs]) => {
                let [maps, side] = self.maps(inputs).unwrap_or([inputs, 1]);
                let sources = (0..side * side).flat_map(|place| {
                    let from = move |map: usize, output: usize| output * inputs + map * side * side + place;
                    (0..maps).flat_map(move |map| (0..outputs).map(move |output| from(map, output)))
                });
                let also = (side > 1).then(|| vec![side, side, maps, outputs]);
                vec![Slot { also, ..self.slot(named("kernel"), vec![inputs, outputs], sources) }]
            }
            _ => vec![self.slot(named("bias"), shape.to_vec(), 0..count)],
        }
    }

    /// Returns the gates in PyTorch's order: Keras has `z` before `r`.
    fn gates(&self, gates: usize) -> &'static [usize] {
        match (self.architecture, gates) {
            (Architecture::Gru, _) => &[1, 0, 2],
            (_, 1) => &[0],
            _ => &[0, 1, 2, 3],
        }
    }

    /// Returns number and side of the maps that a dense layer with this number of inputs flattens.
    fn maps(&self, inputs: usize) -> Option<[usize; 2]> {
        self.architecture.layers().iter().find_map(|layer| match layer.kind {
            LayerKind::Maps { count, side } if count * side * side == inputs && side > 1 => Some([count, side]),
            _ => None,
        })
    }
}

/// Returns the places of the numbers of a transposed matrix `[outputs][inputs]`.
fn transposed(outputs: usize, inputs: usize) -> impl Iterator<Item = usize> {
    (0..inputs).flat_map(move |input| (0..outputs).map(move |output| output * inputs + input))
}
