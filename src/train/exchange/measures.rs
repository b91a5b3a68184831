//! Measures of layers, which are described in the program.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

use super::{LayerPlace, NO_LAYER};
use crate::train::LayerMeasures;

#[derive(Serialize, Deserialize)]
struct Form {
    layer: LayerPlace,
    gradient: f64,
    update: Option<f64>,
    dead: u32,
    saturated: u32,
}

pub(in crate::train) fn serialize<S: Serializer>(layers: &[LayerMeasures], serializer: S) -> Result<S::Ok, S::Error> {
    let form = |measures: &LayerMeasures| {
        let &LayerMeasures { info, gradient, update, dead, saturated } = measures;
        let layer = LayerPlace::of(info).ok_or_else(|| ser::Error::custom(NO_LAYER))?;
        Ok(Form { layer, gradient, update, dead: dead as u32, saturated: saturated as u32 })
    };
    layers.iter().map(form).collect::<Result<Vec<_>, S::Error>>()?.serialize(serializer)
}

pub(in crate::train) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<LayerMeasures>, D::Error> {
    let measures = |form: Form| {
        let Form { layer, gradient, update, dead, saturated } = form;
        let info = layer.info().ok_or_else(|| de::Error::custom(NO_LAYER))?;
        let (dead, saturated) = (dead as usize, saturated as usize);
        Ok(LayerMeasures { info, gradient, update, dead, saturated })
    };
    Vec::<Form>::deserialize(deserializer)?.into_iter().map(measures).collect()
}
