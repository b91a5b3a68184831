//! Names of layers.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::NO_LAYER;
use crate::train::{Architecture, LayerInfo};

/// Name of a layer of any network.
pub(in crate::train) type LayerName = &'static str;

pub(in crate::train) fn serialize<S: Serializer>(name: &LayerName, serializer: S) -> Result<S::Ok, S::Error> {
    name.serialize(serializer)
}

pub(in crate::train) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<LayerName, D::Error> {
    let name = String::deserialize(deserializer)?;
    find(&name).ok_or_else(|| de::Error::custom(NO_LAYER))
}

/// Returns the name with the program's lifetime, if any network has such a layer.
pub(super) fn find(name: &str) -> Option<LayerName> {
    let layers = Architecture::ALL.iter().flat_map(|network| network.layers());
    layers.map(|LayerInfo { name, .. }| *name).find(|known| *known == name)
}
