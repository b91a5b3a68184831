//! The comparison of methods: each network trained on all images, on few, on permuted pixels and with a delay, then
//! tested on disturbed images.

pub(super) mod measurements;
pub(super) mod plan;
mod test;

pub use measurements::{Measurements, TESTS};
pub use plan::{DELAYS, MethodRun, Methods, Part, Pixels, SMALL};
