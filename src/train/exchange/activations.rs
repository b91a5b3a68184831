//! Activations, whose layers are described in the program.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

use super::{LayerPlace, NO_LAYER};
use crate::{
    data::CLASSES,
    train::{Activations, LayerOutput},
};

#[derive(Serialize, Deserialize)]
struct Form {
    layers: Vec<(LayerPlace, Vec<f32>, Vec<f32>)>,
    probabilities: [f32; CLASSES],
}

pub(in crate::train) fn serialize<S: Serializer>(value: &Activations, serializer: S) -> Result<S::Ok, S::Error> {
    let layer = |layer: &LayerOutput| {
        let place = LayerPlace::of(layer.info).ok_or_else(|| ser::Error::custom(NO_LAYER))?;
        Ok((place, layer.values.clone(), layer.kernels.clone()))
    };
    let layers = value.layers.iter().map(layer).collect::<Result<_, S::Error>>()?;
    Form { layers, probabilities: value.probabilities }.serialize(serializer)
}

pub(in crate::train) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Box<Activations>, D::Error> {
    let Form { layers, probabilities } = Form::deserialize(deserializer)?;
    let layer = |(place, values, kernels): (LayerPlace, Vec<f32>, Vec<f32>)| {
        let info = place.info().ok_or_else(|| de::Error::custom(NO_LAYER))?;
        // A recurrent network that reads empty rows after the image has one state more per unit.
        if values.len() < info.kind.values() {
            let (expected, found) = (info.kind.values(), values.len());
            return Err(de::Error::custom(format!(
                "expected {expected} values of {} or more, found {found}",
                info.name
            )));
        }
        Ok(LayerOutput { info, values, kernels })
    };
    let layers = layers.into_iter().map(layer).collect::<Result<_, D::Error>>()?;
    Ok(Box::new(Activations { layers, probabilities }))
}
