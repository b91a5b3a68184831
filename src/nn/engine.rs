//! What runs the kernels: an instruction set, and the threads that share a kernel's outputs.

use std::{
    hint,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use rayon::Yield;

use super::{
    adaptive_threads::AdaptiveThreads,
    kernels::{Kernel, Simd},
};

/// An instruction set and a number of threads. Clones share the threads, which only one network should use at a time.
#[derive(Clone, Debug)]
pub struct Engine {
    simd: Simd,
    /// `None` with one thread.
    pool: Option<Arc<Pool>>,
}

#[derive(Debug)]
struct Pool {
    threads: rayon::ThreadPool,
    /// Whether the threads are kept from going to sleep.
    is_awake: AtomicBool,
}

impl Default for Engine {
    /// Returns an engine with one thread and the fastest instruction set.
    fn default() -> Self {
        Self::new(1)
    }
}

impl Engine {
    /// Creates an engine with `threads` threads (at least 1) and the fastest instruction set of this machine.
    pub fn new(threads: u32) -> Self {
        Self::with_simd(threads, Simd::best())
    }

    /// Creates an engine with `threads` threads, or one if that many cannot be started.
    pub fn with_simd(threads: u32, simd: Simd) -> Self {
        let pool = (threads > 1).then(|| {
            let builder = rayon::ThreadPoolBuilder::new().num_threads(threads as usize);
            let threads = builder.thread_name(|index| format!("kernels-{index}")).build().ok()?;
            Some(Arc::new(Pool { threads, is_awake: AtomicBool::new(false) }))
        });
        Self { simd, pool: pool.flatten() }
    }

    pub fn simd(&self) -> Simd {
        self.simd
    }

    pub fn threads(&self) -> u32 {
        self.pool.as_ref().map_or(1, |pool| pool.threads.current_num_threads() as u32)
    }

    /// Runs `work`, which may take any amount of time, on one of the threads: [`Engine::enter`] costs least from there.
    pub fn host<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match &self.pool {
            Some(pool) => pool.threads.install(work),
            None => work(),
        }
    }

    /// Runs `work` on one of the threads, and keeps the others awake until it is done, so that [`Engine::split`] can
    /// use them immediately. Meant for work of a few milliseconds.
    pub fn enter<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        self.host(|| match &self.pool {
            Some(pool) if !pool.is_awake.swap(true, Ordering::Acquire) => keeping_awake(&pool.is_awake, work),
            _ => work(),
        })
    }

    /// Like [`Engine::enter`], but without the other threads while `adaptive` finds that faster. `units` is the amount
    /// of work.
    pub fn enter_adaptively<R: Send>(
        &self,
        adaptive: &mut AdaptiveThreads,
        units: usize,
        work: impl FnOnce() -> R + Send,
    ) -> R {
        if self.pool.is_none() {
            return work();
        }
        let helped = adaptive.choose();
        let started = Instant::now();
        let result = if helped { self.enter(work) } else { self.host(work) };
        adaptive.record(helped, started.elapsed().as_secs_f64() / units.max(1) as f64);
        result
    }

    pub fn run(&self, kernel: impl Kernel) {
        self.simd.run(kernel);
    }

    /// Divides `outputs` among the threads that are awake: each share is a whole number of units, if possible a
    /// multiple of `multiple`. `work` receives the number of its first unit, and its share.
    pub fn split<P: Parts>(&self, outputs: P, multiple: usize, work: impl Fn(usize, P) + Sync) {
        let helped = self.pool.as_ref().is_some_and(|pool| pool.is_awake.load(Ordering::Relaxed));
        split(if helped { self.threads() as usize } else { 1 }, outputs, multiple, &work);
    }
}

/// Idle rounds after which a waiting thread yields the processor.
const SPIN_ROUNDS: u32 = 4_000;

/// Runs `work` while the other threads of the current pool stay awake, looking for the shares it hands out. `is_awake`
/// must be true, and is false afterwards.
fn keeping_awake<R: Send>(is_awake: &AtomicBool, work: impl FnOnce() -> R + Send) -> R {
    struct SleepOnDrop<'a>(&'a AtomicBool);
    impl Drop for SleepOnDrop<'_> {
        fn drop(&mut self) {
            self.0.store(false, Ordering::Release);
        }
    }

    let me = rayon::current_thread_index();
    rayon::in_place_scope(|scope| {
        scope.spawn_broadcast(move |_, thread| {
            let mut idle = 0_u32;
            while Some(thread.index()) != me && is_awake.load(Ordering::Acquire) {
                match rayon::yield_now() {
                    Some(Yield::Executed) => idle = 0,
                    _ if idle < SPIN_ROUNDS => {
                        idle += 1;
                        hint::spin_loop();
                    }
                    _ => std::thread::yield_now(),
                }
            }
        });
        // Dropped even if `work` panics: otherwise the other threads would spin forever.
        let _guard = SleepOnDrop(is_awake);
        work()
    })
}

/// Hands out the last thread's share, then the others'. No share ever waits for another: it may be run by a thread that
/// is needed elsewhere.
fn split<P: Parts>(threads: usize, outputs: P, multiple: usize, work: &(impl Fn(usize, P) + Sync)) {
    let units = outputs.units();
    let first = (units * (threads - 1) / threads).next_multiple_of(multiple).min(units);
    if threads == 1 || units == 0 {
        return work(0, outputs);
    }
    if first == 0 || first == units {
        return split(threads - 1, outputs, multiple, work);
    }
    let (rest, mine) = outputs.split_at(first);
    rayon::join(|| split(threads - 1, rest, multiple, work), || work(first, mine));
}

/// Outputs that can be divided among threads.
pub trait Parts: Send + Sized {
    /// Number of units.
    fn units(&self) -> usize;
    fn split_at(self, units: usize) -> (Self, Self);
}

/// A slice, and the number of elements per unit.
pub(crate) struct Units<'a, T>(pub &'a mut [T], pub usize);

impl<T: Send> Parts for Units<'_, T> {
    fn units(&self) -> usize {
        self.0.len() / self.1
    }

    fn split_at(self, units: usize) -> (Self, Self) {
        // An empty slice stands for an output that is not needed.
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

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    /// Returns each unit's number as the threads computed it.
    fn numbered(engine: &Engine, units: usize, multiple: usize) -> Vec<usize> {
        let mut numbers = vec![usize::MAX; 2 * units];
        engine.enter(|| {
            engine.split(Units(&mut numbers, 2), multiple, |first, part| {
                for (unit, numbers) in part.0.chunks_exact_mut(2).enumerate() {
                    numbers.fill(first + unit);
                }
            });
        });
        numbers
    }

    #[test]
    fn shares_cover_every_unit_and_start_at_the_reported_one() {
        for threads in [1, 2, 3, 8] {
            let engine = Engine::new(threads);
            for (units, multiple) in [(0, 1), (1, 1), (2, 4), (6, 3), (7, 4), (16, 4), (85, 8)] {
                let expected: Vec<usize> = (0..2 * units).map(|index| index / 2).collect();
                assert_eq!(numbered(&engine, units, multiple), expected, "{threads} threads, multiples of {multiple}");
            }
        }
    }

    #[test]
    fn threads_can_be_used_after_a_panic() {
        let engine = Engine::new(3);
        let panicked = catch_unwind(AssertUnwindSafe(|| engine.enter(|| panic!("for the test"))));
        assert!(panicked.is_err());
        let mut values = [0; 9];
        let in_a_share = catch_unwind(AssertUnwindSafe(|| {
            engine.enter(|| engine.split(Units(&mut values, 1), 1, |first, _| assert!(first == 0, "for the test")));
        }));
        assert!(in_a_share.is_err());
        assert_eq!(numbered(&engine, 2, 1), [0, 0, 1, 1]);
    }

    #[test]
    fn entering_twice_is_harmless() {
        let engine = Engine::new(2);
        assert_eq!(engine.enter(|| engine.host(|| numbered(&engine, 2, 1))), [0, 0, 1, 1]);
        assert_eq!(engine.enter(|| numbered(&engine, 2, 1)), [0, 0, 1, 1]);
    }
}
