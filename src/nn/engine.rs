//! Who computes: the instruction set, and the threads that share a kernel's outputs.

use std::sync::Arc;

use super::kernels::{Kernel, Simd};

/// An instruction set and a number of threads. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Engine {
    simd: Simd,
    /// `None` with one thread.
    pool: Option<Arc<rayon::ThreadPool>>,
}

impl Default for Engine {
    /// One thread, the best instruction set.
    fn default() -> Self {
        Self { simd: Simd::best(), pool: None }
    }
}

impl Engine {
    /// `threads` is at least 1. Where so many cannot be started, one is used.
    pub fn new(simd: Simd, threads: u32) -> Self {
        let pool = (threads > 1).then(|| {
            let builder = rayon::ThreadPoolBuilder::new().num_threads(threads as usize);
            builder.thread_name(|index| format!("kernels-{index}")).build().ok().map(Arc::new)
        });
        Self { simd, pool: pool.flatten() }
    }

    pub fn simd(&self) -> Simd {
        self.simd
    }

    pub fn threads(&self) -> u32 {
        self.pool.as_ref().map_or(1, |pool| pool.current_num_threads() as u32)
    }

    /// Runs `work` on one of the threads, where [`Engine::split`] costs least.
    pub fn enter<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match &self.pool {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }

    pub fn run(&self, kernel: impl Kernel) {
        self.simd.run(kernel);
    }

    /// Has each thread work on its share of `outputs`: a whole number of units, counted in multiples of `multiple` where
    /// possible. `work` is told the number of its first unit.
    pub fn split<P: Parts>(&self, outputs: P, multiple: usize, work: impl Fn(usize, P) + Sync) {
        split(self.threads() as usize, 0, outputs, multiple, &work);
    }
}

fn split<P: Parts>(threads: usize, first: usize, outputs: P, multiple: usize, work: &(impl Fn(usize, P) + Sync)) {
    let units = outputs.units();
    let left_threads = threads / 2;
    let left = (units * left_threads / threads).next_multiple_of(multiple).min(units);
    if threads == 1 || left == 0 || left == units {
        return work(first, outputs);
    }
    let (a, b) = outputs.split_at(left);
    rayon::join(
        || split(left_threads, first, a, multiple, work),
        || split(threads - left_threads, first + left, b, multiple, work),
    );
}

/// Outputs that can be dealt out.
pub trait Parts: Send + Sized {
    /// Number of units.
    fn units(&self) -> usize;
    fn split_at(self, units: usize) -> (Self, Self);
}

/// A slice in units of so many elements.
pub struct Units<'a, T>(pub &'a mut [T], pub usize);

impl<T: Send> Parts for Units<'_, T> {
    fn units(&self) -> usize {
        self.0.len() / self.1
    }

    fn split_at(self, units: usize) -> (Self, Self) {
        // An empty slice stands for an output that nobody wants.
        let (a, b) = self.0.split_at_mut((units * self.1).min(self.0.len()));
        (Self(a, self.1), Self(b, self.1))
    }
}

impl<A: Parts, B: Parts> Parts for (A, B) {
    fn units(&self) -> usize {
        self.0.units()
    }

    fn split_at(self, units: usize) -> (Self, Self) {
        let ((a0, a1), (b0, b1)) = (self.0.split_at(units), self.1.split_at(units));
        ((a0, b0), (a1, b1))
    }
}
