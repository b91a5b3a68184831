//! The operations of each network.

use super::graph::{
    Attribute::{self, Float, Int, Ints},
    Graph, Value,
};
use crate::{
    data::SIDE,
    nn::{Activation, Architecture, Pooling},
    train::Hyperparameters,
};

const IMAGES: &str = "images";

/// Adds the operations of a network.
pub(super) fn build(graph: &mut Graph, hyper: &Hyperparameters) {
    let mut network = Builder { graph, activation: hyper.activation, pooling: hyper.pooling };
    let last = match hyper.network {
        Architecture::LeNet5 => network.lenet5(),
        Architecture::Mlp => network.mlp(),
        Architecture::Rnn => network.recurrent("RNN", &[0], hyper.delay, &[]),
        // ONNX has the gates in the order `i, o, f, g`; ours is `i, f, g, o`.
        Architecture::Lstm => network.recurrent("LSTM", &[0, 3, 1, 2], hyper.delay, &[]),
        Architecture::Gru => network.recurrent("GRU", &[0, 1, 2], hyper.delay, &[("linear_before_reset", Int(1))]),
        Architecture::ResNet => network.resnet(),
        Architecture::Inception => network.inception(),
        Architecture::Attention => network.attention(),
    };
    let [weight, bias] = ["output.weight", "output.bias"].map(|name| graph.parameter(name));
    graph.node("Gemm", "logits", &[&last, &weight, &bias], &[("transB", Int(1))]);
    graph.node("Softmax", "probabilities", &["logits"], &[("axis", Int(1))]);
}

struct Builder<'a> {
    graph: &'a mut Graph,
    activation: Activation,
    pooling: Pooling,
}

impl Builder<'_> {
    fn lenet5(&mut self) -> Value {
        let c1 = self.convolution("c1", IMAGES, 2);
        let s2 = self.pool("s2", &c1, self.pooling, 2);
        let c3 = self.convolution("c3", &s2, 0);
        let s4 = self.pool("s4", &c3, self.pooling, 2);
        let flat = self.flattened(&s4);
        let c5 = self.dense("c5", &flat);
        self.dense("f6", &c5)
    }

    fn mlp(&mut self) -> Value {
        let flat = self.flattened(IMAGES);
        self.dense("hidden", &flat)
    }

    fn resnet(&mut self) -> Value {
        let stem = self.convolution("stem", IMAGES, 0);
        let mut maps = self.pool("pool 1", &stem, self.pooling, 2);
        for (stage, pooling, side) in
            [("stage1", self.pooling, 2), ("stage2", self.pooling, 2), ("stage3", Pooling::Avg, 3)]
        {
            let first = self.convolution(&format!("{stage}.first"), &maps, 1);
            let second = self.linear_convolution(&format!("{stage}.second"), &first, 1);
            let [outputs, inputs, ..] = *self.graph.own(&format!("{stage}.first.weight")).0 else {
                unreachable!("a convolution has four axes")
            };
            let mut shortcut = maps;
            if outputs > inputs {
                let added = (outputs - inputs) as i64;
                let pads = self.graph.integers(&format!("{stage}.added"), &[0, 0, 0, 0, 0, added, 0, 0]);
                shortcut = self.graph.node("Pad", &format!("{stage}.shortcut"), &[&shortcut, &pads], &[]);
            }
            let sum = self.graph.node("Add", &format!("{stage}.sum"), &[&second, &shortcut], &[]);
            let activated = self.activated(stage, &sum, self.activation);
            maps = self.pool(&format!("{stage}.pool"), &activated, pooling, side);
        }
        self.flattened(&maps)
    }

    fn inception(&mut self) -> Value {
        let stem = self.convolution("stem", IMAGES, 0);
        let mut maps = self.pool("pool 1", &stem, self.pooling, 2);
        for block in ["block1", "block2"] {
            let name = |branch: &str| format!("{block}.{branch}");
            let one = self.convolution(&name("one"), &maps, 0);
            let reduced = self.convolution(&name("three.reduce"), &maps, 0);
            let three = self.convolution(&name("three.conv"), &reduced, 1);
            let reduced = self.convolution(&name("five.reduce"), &maps, 0);
            let five = self.convolution(&name("five.conv"), &reduced, 2);
            let around = self.pool_around(&name("around"), &maps);
            let pooled = self.convolution(&name("pooled"), &around, 0);
            let all = self.graph.node("Concat", block, &[&one, &three, &five, &pooled], &[("axis", Int(1))]);
            maps = self.pool(&name("pool"), &all, self.pooling, 2);
        }
        self.flattened(&maps)
    }

    /// Adds a recurrent layer over the rows of the images, with the network's gates in this order.
    fn recurrent(&mut self, operation: &str, gates: &[usize], delay: u32, attributes: &[(&str, Attribute)]) -> Value {
        let by_gate = |(shape, values): (&[usize], &[f32])| {
            let (&[units, count, inputs], order) = (shape, gates) else { unreachable!("weights have three axes") };
            let row = |gate: usize, unit: usize| &values[(unit * count + gate) * inputs..][..inputs];
            let rows = order.iter().flat_map(|&gate| (0..units).flat_map(move |unit| row(gate, unit)));
            ([1, count * units, inputs], rows.copied().collect::<Vec<f32>>())
        };
        let (input_shape, input) = by_gate(self.graph.own("recurrent.weight"));
        let (state_shape, state) = by_gate(self.graph.own("recurrent.recurrent"));
        let (shape, biases) = self.graph.own("recurrent.bias");
        let (units, count) = (shape[1], shape[2]);
        let mut bias = vec![0.0; 2 * units * count];
        for (place, row) in bias.chunks_mut(units).enumerate() {
            let first = place / count * units * count;
            let gate = gates[place % count];
            for (unit, bias) in row.iter_mut().enumerate() {
                // Without biases of the states, those are zero.
                *bias = biases.get(first + unit * count + gate).copied().unwrap_or(0.0);
            }
        }
        let input = self.graph.floats("recurrent.W", &input_shape, &input);
        let state = self.graph.floats("recurrent.R", &state_shape, &state);
        let bias = self.graph.floats("recurrent.B", &[1, 2 * units * count], &bias);
        let mut rows = self.reshaped("rows", IMAGES, &[-1, SIDE as i64, SIDE as i64]);
        if delay > 0 {
            let pads = self.graph.integers("delay", &[0, 0, 0, 0, i64::from(delay), 0]);
            rows = self.graph.node("Pad", "rows and empty rows", &[&rows, &pads], &[]);
        }
        let steps = self.transposed("steps", &rows, &[1, 0, 2]);
        let mut all = vec![("hidden_size", Int(units as i64))];
        all.extend(attributes);
        let inputs = [&steps[..], &input, &state, &bias];
        self.graph.node_with_outputs(operation, "recurrent", &inputs, &["", "last state"], &all);
        let axis = self.graph.integers("directions", &[0]);
        self.graph.node("Squeeze", "state", &["last state", &axis], &[])
    }

    fn attention(&mut self) -> Value {
        let rows = self.reshaped("rows of pixels", IMAGES, &[-1, SIDE as i64, SIDE as i64]);
        let embedded = self.mapped("rows", "rows.weight", &rows);
        let position = self.graph.parameter("rows.position");
        let mut tokens = self.graph.node("Add", "tokens", &[&embedded, &position], &[]);
        for block in ["first", "second"] {
            tokens = self.self_attention(block, &tokens);
            tokens = self.feed_forward(block, &tokens);
        }
        let norm = self.normalized("last norm", &tokens);
        self.graph.node("ReduceMean", "mean", &[&norm], &[("axes", Ints(&[1])), ("keepdims", Int(0))])
    }

    fn self_attention(&mut self, block: &str, tokens: &str) -> Value {
        const HEADS: i64 = 4;
        let name = |part: &str| format!("{block}.attention.{part}");
        let norm = self.normalized(&name("norm"), tokens);
        let (shape, values) = self.graph.own(&name("projections"));
        let (width, values) = (shape[1], values.to_vec());
        let part = width as i64 / HEADS;
        // Keys are read by columns.
        let orders: [(&str, &[i64]); 3] = [("query", &[0, 2, 1, 3]), ("key", &[0, 2, 3, 1]), ("value", &[0, 2, 1, 3])];
        let [queries, keys, read] = std::array::from_fn(|number| {
            let (what, order) = orders[number];
            let weights = transposed(&values[number * width * width..][..width * width], width);
            let weights = self.graph.floats(&name(&format!("{what}.weight")), &[width, width], &weights);
            let mapped = self.graph.node("MatMul", &name(what), &[&norm, &weights], &[]);
            let heads = self.reshaped(&name(&format!("{what} of heads")), &mapped, &[-1, SIDE as i64, HEADS, part]);
            self.transposed(&name(&format!("{what} by head")), &heads, order)
        });
        let products = self.graph.node("MatMul", &name("products"), &[&queries, &keys], &[]);
        let scale = self.graph.floats(&name("scale"), &[], &[1.0 / (part as f32).sqrt()]);
        let scaled = self.graph.node("Mul", &name("scaled"), &[&products, &scale], &[]);
        let weights = self.graph.node("Softmax", &name("weights"), &[&scaled], &[("axis", Int(-1))]);
        let heads = self.graph.node("MatMul", &name("heads"), &[&weights, &read], &[]);
        let tokenwise = self.transposed(&name("by token"), &heads, &[0, 2, 1, 3]);
        let joined = self.reshaped(&name("joined"), &tokenwise, &[-1, SIDE as i64, width as i64]);
        let mapped = self.mapped(&name("output"), &name("out_proj.weight"), &joined);
        self.graph.node("Add", &name("sum"), &[tokens, &mapped], &[])
    }

    fn feed_forward(&mut self, block: &str, tokens: &str) -> Value {
        let name = |part: &str| format!("{block}.feed_forward.{part}");
        let norm = self.normalized(&name("norm"), tokens);
        let mut values = norm;
        for layer in ["hidden", "output"] {
            let layer = name(layer);
            let mapped = self.mapped(&format!("{layer}.product"), &format!("{layer}.weight"), &values);
            let bias = self.graph.parameter(&format!("{layer}.bias"));
            values = self.graph.node("Add", &format!("{layer}.sum"), &[&mapped, &bias], &[]);
            if layer.ends_with("hidden") {
                values = self.activated(&layer, &values, self.activation);
            }
        }
        self.graph.node("Add", &name("sum"), &[tokens, &values], &[])
    }

    /// Multiplies the last axis of `input` by the network's matrix `[out, in]` of this name.
    fn mapped(&mut self, name: &str, weight: &str, input: &str) -> Value {
        let weight = self.graph.parameter(weight);
        let weight = self.transposed(&format!("{name}.transposed"), &weight, &[1, 0]);
        self.graph.node("MatMul", name, &[input, &weight], &[])
    }

    /// Normalises each token, without gain and bias.
    fn normalized(&mut self, name: &str, tokens: &str) -> Value {
        const WIDTH: usize = 56;
        let gain = self.graph.floats(&format!("{name}.gain"), &[WIDTH], &[1.0; WIDTH]);
        let attributes = [("axis", Int(-1)), ("epsilon", Float(1e-5))];
        self.graph.node("LayerNormalization", name, &[tokens, &gain], &attributes)
    }

    fn convolution(&mut self, name: &str, input: &str, padding: i64) -> Value {
        let maps = self.linear_convolution(name, input, padding);
        self.activated(name, &maps, self.activation)
    }

    fn linear_convolution(&mut self, name: &str, input: &str, padding: i64) -> Value {
        let [weight, bias] = ["weight", "bias"].map(|part| self.graph.parameter(&format!("{name}.{part}")));
        let pads = ("pads", Ints(&[padding; 4]));
        self.graph.node("Conv", &format!("{name}.sum"), &[input, &weight, &bias], &[pads])
    }

    fn dense(&mut self, name: &str, input: &str) -> Value {
        let [weight, bias] = ["weight", "bias"].map(|part| self.graph.parameter(&format!("{name}.{part}")));
        let sum = self.graph.node("Gemm", &format!("{name}.sum"), &[input, &weight, &bias], &[("transB", Int(1))]);
        self.activated(name, &sum, self.activation)
    }

    fn activated(&mut self, name: &str, input: &str, activation: Activation) -> Value {
        let operation = match activation {
            Activation::Relu => "Relu",
            Activation::Tanh => "Tanh",
            Activation::Sigmoid => "Sigmoid",
        };
        self.graph.node(operation, name, &[input], &[])
    }

    /// Pools windows of `side` x `side`.
    fn pool(&mut self, name: &str, input: &str, pooling: Pooling, side: i64) -> Value {
        let window = [side; 2];
        let attributes = [("kernel_shape", Ints(&window)), ("strides", Ints(&window))];
        self.graph.node(operation(pooling), name, &[input], &attributes)
    }

    /// Pools the 3x3 values around each place. Outside there are zeros for an average, and nothing for a maximum.
    fn pool_around(&mut self, name: &str, input: &str) -> Value {
        let mut attributes = vec![("kernel_shape", Ints(&[3; 2])), ("pads", Ints(&[1; 4]))];
        if self.pooling == Pooling::Avg {
            attributes.push(("count_include_pad", Int(1)));
        }
        self.graph.node(operation(self.pooling), name, &[input], &attributes)
    }

    fn flattened(&mut self, input: &str) -> Value {
        self.graph.node("Flatten", "flat", &[input], &[])
    }

    fn reshaped(&mut self, name: &str, input: &str, shape: &[i64]) -> Value {
        let shape = self.graph.integers(&format!("{name}.shape"), shape);
        self.graph.node("Reshape", name, &[input, &shape], &[])
    }

    fn transposed(&mut self, name: &str, input: &str, order: &[i64]) -> Value {
        self.graph.node("Transpose", name, &[input], &[("perm", Ints(order))])
    }
}

fn operation(pooling: Pooling) -> &'static str {
    match pooling {
        Pooling::Avg => "AveragePool",
        Pooling::Max => "MaxPool",
    }
}

/// Returns the transpose of a square matrix.
fn transposed(matrix: &[f32], side: usize) -> Vec<f32> {
    (0..side * side).map(|place| matrix[place % side * side + place / side]).collect()
}
