//! Safetensors: a JSON header, then the numbers.

use std::{borrow::Cow, collections::HashMap};

use safetensors::{Dtype, SafeTensors, View};

use super::{InteropError, NamedTensor, numbers};

/// Name of the entry of the metadata that describes the network, as JSON. It is the only one: the library writes
/// several in a random order.
const ENTRY: &str = "lenet-monitor";
/// Bytes before the header: its length.
const LENGTH: usize = 8;

impl View for &NamedTensor {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        numbers::bytes(&self.values).into()
    }

    fn data_len(&self) -> usize {
        size_of_val(&self.values[..])
    }
}

pub(super) fn encode(tensors: &[NamedTensor], description: String) -> Vec<u8> {
    let named = tensors.iter().map(|tensor| (&tensor.name, tensor));
    let metadata = HashMap::from([(ENTRY.to_owned(), description)]);
    safetensors::serialize(named, Some(metadata)).expect("the tensors have as many numbers as their shapes say")
}

/// Returns the tensors and the description of the network, if there is one.
pub(super) fn decode(bytes: &[u8]) -> Result<(Vec<NamedTensor>, Option<String>), InteropError> {
    let damaged = |error: safetensors::SafeTensorError| InteropError::damaged("a safetensors file", error);
    // Checks that the tensors lie one after the other up to the end of the file.
    let (length, header) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
    let description = header.metadata().as_ref().and_then(|metadata| metadata.get(ENTRY).cloned());
    let data = &bytes[LENGTH + length..];
    let mut tensors = Vec::new();
    // In the order of the file, so that errors are the same each time.
    for name in header.offset_keys() {
        let Some(tensor) = header.info(&name) else { continue };
        let (begin, end) = tensor.data_offsets;
        let values = match tensor.dtype {
            Dtype::F32 => numbers::single(&data[begin..end]),
            Dtype::F64 => numbers::double(&data[begin..end]),
            other => return Err(InteropError::number_type(&name, &format!("{other:?}"))),
        };
        tensors.push(NamedTensor { shape: tensor.shape.clone(), values, name });
    }
    Ok((tensors, description))
}
