//! A graph in the making: operations, one after another, and the tensors that they read.

use std::{collections::HashMap, ops::Range};

use crate::{
    data::CLASSES,
    interop::{
        layout::{self, Layout, Slot},
        numbers,
        proto::Message,
    },
    nn::Network,
};

/// Types of numbers in `TensorProto`.
const FLOAT: u64 = 1;
const INT64: u64 = 7;

/// Name of a value of the graph.
pub(super) type Value = String;

#[derive(Clone, Copy, Debug)]
pub(super) enum Attribute<'a> {
    Int(i64),
    Ints(&'a [i64]),
    Float(f32),
}

pub(super) struct Graph {
    /// The network's tensors in PyTorch's layout.
    slots: Vec<Slot>,
    parameters: Vec<f32>,
    /// Shapes and places of the network's own tensors, by name.
    own: HashMap<String, (Vec<usize>, Range<usize>)>,
    nodes: Vec<Message>,
    tensors: Vec<Message>,
}

impl Graph {
    pub(super) fn new(network: &Network) -> Self {
        let mut start = 0;
        let own = network.tensors().into_iter().map(|tensor| {
            let place = start..start + tensor.shape.iter().product::<usize>();
            start = place.end;
            (tensor.name, (tensor.shape, place))
        });
        let own = own.collect();
        let (slots, parameters) = (layout::slots(network, Layout::PyTorch), network.parameters());
        Self { slots, parameters, own, nodes: Vec::new(), tensors: Vec::new() }
    }

    /// Adds an operation with one output, which has the name of the operation.
    pub(super) fn node(
        &mut self,
        operation: &str,
        name: &str,
        inputs: &[&str],
        attributes: &[(&str, Attribute)],
    ) -> Value {
        self.node_with_outputs(operation, name, inputs, &[name], attributes);
        name.to_owned()
    }

    pub(super) fn node_with_outputs(
        &mut self,
        operation: &str,
        name: &str,
        inputs: &[&str],
        outputs: &[&str],
        attributes: &[(&str, Attribute)],
    ) {
        let mut node = Message::default();
        inputs.iter().for_each(|input| node.text(1, input));
        outputs.iter().for_each(|output| node.text(2, output));
        node.text(3, name);
        node.text(4, operation);
        for (name, attribute) in attributes {
            node.message(5, &attribute.message(name));
        }
        self.nodes.push(node);
    }

    /// Adds a tensor of the network in PyTorch's layout, and returns its name.
    pub(super) fn parameter(&mut self, name: &str) -> Value {
        let slot = self.slots.iter().find(|slot| slot.name == name).expect("the network has this tensor");
        let tensor = slot.filled(&self.parameters);
        self.floats(name, &tensor.shape, &tensor.values)
    }

    /// Returns a tensor as it is in the network, with its shape.
    pub(super) fn own(&self, name: &str) -> (&[usize], &[f32]) {
        let (shape, place) = &self.own[name];
        (shape, &self.parameters[place.clone()])
    }

    pub(super) fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) -> Value {
        self.tensor(name, shape, FLOAT, &numbers::bytes(values))
    }

    pub(super) fn integers(&mut self, name: &str, values: &[i64]) -> Value {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensor(name, &[values.len()], INT64, &bytes)
    }

    fn tensor(&mut self, name: &str, shape: &[usize], kind: u64, bytes: &[u8]) -> Value {
        let mut tensor = Message::default();
        shape.iter().for_each(|&length| tensor.number(1, length as u64));
        tensor.number(2, kind);
        tensor.text(8, name);
        tensor.blob(9, bytes);
        self.tensors.push(tensor);
        name.to_owned()
    }

    /// Returns the graph, from `images` to `logits` and `probabilities`.
    pub(super) fn finish(self, name: &str) -> Message {
        let mut graph = Message::default();
        self.nodes.iter().for_each(|node| graph.message(1, node));
        graph.text(2, name);
        self.tensors.iter().for_each(|tensor| graph.message(5, tensor));
        graph.message(11, &value("images", &[1, 28, 28]));
        graph.message(12, &value("logits", &[CLASSES as u64]));
        graph.message(12, &value("probabilities", &[CLASSES as u64]));
        graph
    }
}

impl Attribute<'_> {
    fn message(&self, name: &str) -> Message {
        let mut message = Message::default();
        message.text(1, name);
        let kind = match *self {
            Self::Float(value) => {
                message.float(2, value);
                1
            }
            Self::Int(value) => {
                message.signed(3, value);
                2
            }
            Self::Ints(values) => {
                values.iter().for_each(|&value| message.signed(8, value));
                7
            }
        };
        message.number(20, kind);
        message
    }
}

/// Describes an input or output of any number of images.
fn value(name: &str, lengths: &[u64]) -> Message {
    let mut shape = Message::default();
    let mut images = Message::default();
    images.text(2, "N");
    shape.message(1, &images);
    for &length in lengths {
        let mut dimension = Message::default();
        dimension.number(1, length);
        shape.message(1, &dimension);
    }
    let mut tensor = Message::default();
    tensor.number(1, FLOAT);
    tensor.message(2, &shape);
    let mut kind = Message::default();
    kind.message(1, &tensor);
    let mut value = Message::default();
    value.text(1, name);
    value.message(2, &kind);
    value
}
