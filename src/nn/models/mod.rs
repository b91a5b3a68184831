//! The networks, one file each.

pub(super) mod attention;
pub(super) mod inception;
pub(super) mod lenet5;
pub(super) mod mlp;
pub(super) mod recurrent;
pub(super) mod resnet;
