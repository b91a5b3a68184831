//! ONNX: the network's operations with its weights, from images `[N, 1, 28, 28]` with ink from 0 to 1 to logits and
//! probabilities `[N, 10]`.

mod graph;
mod networks;

use self::graph::Graph;
use super::{description::Description, proto::Message};
use crate::{nn::Engine, train::Checkpoint};

/// Version of the format. The runtimes of several years read it.
const IR_VERSION: u64 = 8;
/// Version of the operations: the first with layer normalisation.
const OPSET: u64 = 17;

const DOC: &str = "Input `images`: [N, 1, 28, 28], the ink of each pixel from 0 (background) to 1, row by row. \
                   Outputs: `logits` and `probabilities`, their softmax, [N, 10], for the digits 0 to 9.";

pub(super) fn encode(checkpoint: &Checkpoint, description: &Description) -> Vec<u8> {
    let network = checkpoint.network(Engine::new(1));
    let mut graph = Graph::new(&network);
    networks::build(&mut graph, &checkpoint.spec.hyper);
    let mut model = Message::default();
    model.number(1, IR_VERSION);
    model.text(2, "lenet-monitor");
    model.text(3, env!("CARGO_PKG_VERSION"));
    model.text(6, DOC);
    model.message(7, &graph.finish(checkpoint.spec.hyper.network.name()));
    let mut opset = Message::default();
    opset.text(1, "");
    opset.number(2, OPSET);
    model.message(8, &opset);
    for (key, value) in description.entries() {
        let mut entry = Message::default();
        entry.text(1, key);
        entry.text(2, &value);
        model.message(14, &entry);
    }
    model.into_bytes()
}
