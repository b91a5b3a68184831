//! The networks, one file each.

pub mod lenet5;
