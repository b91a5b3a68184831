//! The networks, one file each.

pub(super) mod lenet5;
