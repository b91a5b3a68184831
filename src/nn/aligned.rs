//! Memory for lanes that begins at a cache line. A lane is as long as a cache line, and an allocation begins anywhere: a
//! kernel would read two cache lines for every lane, which Intel's processors do at half the speed.

use std::{
    fmt,
    ops::{Deref, DerefMut},
};

use super::kernels::{LANES, Lane, lanes, lanes_mut};

const CACHE_LINE: usize = size_of::<Lane>();

/// Lanes whose first one begins at a cache line.
#[derive(Default)]
pub struct AlignedLanes {
    memory: Vec<f32>,
    /// Place of the first lane.
    start: usize,
}

impl AlignedLanes {
    /// Removes all lanes, but keeps their memory.
    pub fn clear(&mut self) {
        self.memory.truncate(self.start);
    }

    /// Changes the number of lanes. Those added are zero.
    pub fn resize(&mut self, length: usize) {
        let numbers = length * LANES;
        if self.start + numbers > self.memory.capacity() {
            let mut memory: Vec<f32> = Vec::with_capacity(numbers + LANES - 1);
            // The distance to a cache line is less than a lane, unless the compiler evaluates this.
            let start = memory.as_ptr().align_offset(CACHE_LINE).min(LANES - 1);
            memory.resize(start, 0.0);
            memory.extend_from_slice(&self.memory[self.start..]);
            *self = Self { memory, start };
        }
        self.memory.resize(self.start + numbers, 0.0);
    }
}

impl Deref for AlignedLanes {
    type Target = [Lane];

    fn deref(&self) -> &[Lane] {
        lanes(&self.memory[self.start..])
    }
}

impl DerefMut for AlignedLanes {
    fn deref_mut(&mut self) -> &mut [Lane] {
        lanes_mut(&mut self.memory[self.start..])
    }
}

impl fmt::Debug for AlignedLanes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::kernels::splat;

    #[test]
    fn lanes_begin_at_a_cache_line_and_keep_their_values_as_they_grow() {
        let mut lanes = AlignedLanes::default();
        assert!(lanes.is_empty());
        for length in [1, 3, 4, 70, 1_000, 5, 70_000] {
            let before = lanes.len();
            lanes.resize(length);
            assert_eq!((lanes.len(), lanes.as_ptr().align_offset(CACHE_LINE)), (length, 0));
            for (place, lane) in lanes.iter_mut().enumerate() {
                let expected = if place < before { place as f32 } else { 0.0 };
                assert_eq!(*lane, splat(expected), "lane {place} of {length}, {before} before");
                *lane = splat(place as f32);
            }
        }
    }
}
