//! Sums of values one by one.

use super::{Isa, Kernel, Lane};

/// Adds `from` to `to`.
pub struct Add<'a> {
    pub from: &'a [Lane],
    pub to: &'a mut [Lane],
}

impl Kernel for Add<'_> {
    #[inline(always)]
    fn run<A: Isa>(self, isa: A) {
        for (to, &from) in self.to.iter_mut().zip(self.from) {
            *to = isa.add_f32s(*to, from);
        }
    }
}
