//! Images, which are longer than the arrays that serde takes.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::data::PIXELS;

pub(crate) fn serialize<S: Serializer>(pixels: &[u8; PIXELS], serializer: S) -> Result<S::Ok, S::Error> {
    pixels.as_slice().serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Box<[u8; PIXELS]>, D::Error> {
    let wrong = |found: Vec<u8>| de::Error::custom(format!("expected {PIXELS} pixels, found {}", found.len()));
    Box::try_from(Vec::<u8>::deserialize(deserializer)?).map_err(wrong)
}
