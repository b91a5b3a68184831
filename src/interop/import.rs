//! Reading a network from another program's file.

use std::{io::Read, path::Path};

use super::{
    Format, InteropError, Layout, NamedTensor,
    description::Description,
    layout::{Slot, slots},
    npz, safetensors,
};
use crate::{
    disk,
    format::{listed, sanitized},
    nn::{Architecture, Engine},
    train::Hyperparameters,
};

/// Largest file that is read: far larger than any with a network of this program.
const MAX_BYTES: u64 = 1 << 26;
/// Most names in an error.
const SHOWN: usize = 6;

/// A network that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// Hyperparameters of the run that was exported; without a description, those given, with the network's name.
    pub hyper: Hyperparameters,
    /// Parameters in the network's order.
    pub parameters: Vec<f32>,
    pub layout: Layout,
    /// Whether the file describes the network, as this program's files do.
    pub is_described: bool,
}

/// Reads a network. `hyper` are its hyperparameters if the file does not describe it.
///
/// # Errors
/// If the file cannot be read, or its tensors are not clearly those of the network.
pub fn import(path: &Path, hyper: &Hyperparameters) -> Result<Imported, InteropError> {
    let (tensors, description) = match Format::of(path) {
        Some(Format::Safetensors) => safetensors::decode(&read(path)?)?,
        Some(Format::Npz) => (npz::decode(&read(path)?)?, None),
        Some(Format::Onnx) => return Err(InteropError::NotImportable),
        None => return Err(InteropError::Unknown),
    };
    if let Some(tensor) = tensors.iter().find(|tensor| !tensor.values.iter().all(|value| value.is_finite())) {
        return Err(InteropError::NotFinite { name: sanitized(&tensor.name) });
    }
    let described = description.map(|text| Description::parse(&text)).transpose()?;
    let is_described = described.is_some();
    let hyper = described.map_or_else(|| hyper.clone(), |description| description.hyper);
    let (layout, parameters) = parameters(hyper.network, &tensors)?;
    Ok(Imported { hyper, parameters, layout, is_described })
}

fn read(path: &Path) -> Result<Vec<u8>, InteropError> {
    let file = disk::open(path).map_err(InteropError::Unreadable)?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(InteropError::Unreadable)?;
    let found = bytes.len() as u64;
    if found > MAX_BYTES { Err(InteropError::TooLarge { most: MAX_BYTES, found }) } else { Ok(bytes) }
}

/// Finds the network's tensors, by their names in either layout or else by their shapes, and returns the parameters.
fn parameters(network: Architecture, tensors: &[NamedTensor]) -> Result<(Layout, Vec<f32>), InteropError> {
    let built = Hyperparameters { network, ..Hyperparameters::default() }.build_network(Engine::new(1));
    let known = Layout::ALL.iter().map(|&layout| (layout, slots(&built, layout)));
    let known: Vec<(Layout, Vec<Slot>)> = known.collect();
    let assembled = |layout: Layout, pairs: Vec<(&Slot, &NamedTensor)>| {
        let mut parameters = vec![0.0; network.parameters()];
        pairs.into_iter().for_each(|(slot, tensor)| slot.add_to(&mut parameters, &tensor.values));
        (layout, parameters)
    };
    for (layout, slots) in &known {
        if let Some(pairs) = by_name(slots, tensors) {
            return Ok(assembled(*layout, pairs));
        }
    }
    let mut found = Vec::new();
    for (layout, slots) in &known {
        found.extend(by_shape(network, *layout, slots, tensors)?.map(|pairs| (*layout, pairs)));
    }
    match found.len() {
        0 => Err(other_network(network, &known[0].1, tensors)),
        1 => found.pop().map(|(layout, pairs)| assembled(layout, pairs)).ok_or(InteropError::AnyLayout),
        _ => Err(InteropError::AnyLayout),
    }
}

/// Pairs each slot with the tensor of its name. `None` unless these are all tensors, with the right shapes.
fn by_name<'a>(slots: &'a [Slot], tensors: &'a [NamedTensor]) -> Option<Vec<(&'a Slot, &'a NamedTensor)>> {
    let named = |slot: &'a Slot| {
        let tensor = tensors.iter().find(|tensor| tensor.name == slot.name && slot.fits(&tensor.shape))?;
        Some((slot, tensor))
    };
    slots.iter().map(named).collect::<Option<Vec<_>>>().filter(|pairs| pairs.len() == tensors.len())
}

/// Pairs each slot with the tensor of its shape. `None` unless the shapes are those of all tensors.
///
/// # Errors
/// If tensors could be exchanged for each other.
fn by_shape<'a>(
    network: Architecture,
    layout: Layout,
    slots: &'a [Slot],
    tensors: &'a [NamedTensor],
) -> Result<Option<Vec<(&'a Slot, &'a NamedTensor)>>, InteropError> {
    let mut left: Vec<&NamedTensor> = tensors.iter().collect();
    let mut pairs = Vec::new();
    for slot in slots {
        let Some(place) = left.iter().position(|tensor| slot.fits(&tensor.shape)) else { return Ok(None) };
        pairs.push((slot, left.swap_remove(place)));
    }
    if !left.is_empty() {
        return Ok(None);
    }
    for (slot, _) in &pairs {
        let alike: Vec<_> = tensors.iter().filter(|tensor| slot.fits(&tensor.shape)).collect();
        if alike.len() > 1 {
            let names = names(alike.into_iter());
            return Err(InteropError::Ambiguous { network: network.title(), names, layout });
        }
    }
    Ok(Some(pairs))
}

fn other_network(network: Architecture, slots: &[Slot], tensors: &[NamedTensor]) -> InteropError {
    let missing = slots.iter().filter(|slot| !tensors.iter().any(|tensor| slot.fits(&tensor.shape)));
    let missing: Vec<String> = missing.map(|slot| format!("{} {:?}", slot.name, slot.shape)).collect();
    let missing = if missing.is_empty() { "no others".to_owned() } else { format!("{} is missing", first(missing)) };
    InteropError::OtherNetwork {
        network: network.title(),
        expected: format!("{} tensors", slots.len()),
        missing,
        found: format!("{}: {}", tensors.len(), names(tensors.iter())),
    }
}

fn names<'a>(tensors: impl Iterator<Item = &'a NamedTensor>) -> String {
    first(tensors.map(|tensor| format!("{} {:?}", sanitized(&tensor.name), tensor.shape)).collect())
}

/// Lists the first few of some texts.
fn first(mut texts: Vec<String>) -> String {
    if texts.len() > SHOWN {
        texts.truncate(SHOWN);
        texts.push("others".to_owned());
    }
    listed(&texts, "and")
}
