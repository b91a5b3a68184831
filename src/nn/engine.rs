//! What runs the kernels: an instruction set, and the threads that share a kernel's outputs.

use std::{
    hint,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, AtomicUsize, Ordering},
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
    /// Number of threads that share work at the moment: 0 outside [`Engine::enter`].
    sharing: AtomicUsize,
    /// Number of threads that [`Engine::enter`] uses: what was last found to be fastest.
    wanted: AtomicUsize,
    surplus: Arc<Surplus>,
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
        let pool = (threads > 1).then(|| Pool::new(threads as usize).map(Arc::new));
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

    /// Runs `work` on one of the threads, and keeps others awake until it is done, so that [`Engine::split`] can use them
    /// immediately. Meant for work of a few milliseconds.
    pub fn enter<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        self.host(|| match &self.pool {
            Some(pool) => pool.enter(pool.wanted.load(Ordering::Relaxed), work),
            None => work(),
        })
    }

    /// Like [`Engine::enter`], but with as many threads as `adaptive` finds fastest. `units` is the amount of work.
    pub fn enter_adaptively<R: Send>(
        &self,
        adaptive: &mut AdaptiveThreads,
        units: usize,
        work: impl FnOnce() -> R + Send,
    ) -> R {
        let Some(pool) = &self.pool else { return work() };
        let threads = adaptive.threads() as usize;
        self.host(|| {
            pool.wanted.store(threads, Ordering::Relaxed);
            let started = Instant::now();
            let result = pool.enter(threads, work);
            adaptive.record(started.elapsed().as_secs_f64() / units.max(1) as f64);
            result
        })
    }

    pub fn run(&self, kernel: impl Kernel) {
        self.simd.run(kernel);
    }

    /// Divides `outputs` among the threads that are awake: each share is a whole number of units, if possible a
    /// multiple of `multiple`. `work` receives the number of its first unit, and its share.
    pub fn split<P: Parts>(&self, outputs: P, multiple: usize, work: impl Fn(usize, P) + Sync) {
        let threads = self.pool.as_ref().map_or(0, |pool| pool.sharing.load(Ordering::Relaxed));
        split(threads.max(1), outputs, multiple, &work);
    }
}

impl Pool {
    /// Starts the threads; returns `None` if that many cannot be started.
    fn new(threads: usize) -> Option<Self> {
        let builder = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let pool = builder.thread_name(|index| format!("kernels-{index}")).build().ok()?;
        let (sharing, wanted) = (AtomicUsize::new(0), AtomicUsize::new(threads));
        Some(Self { threads: pool, sharing, wanted, surplus: Arc::default() })
    }

    /// Runs `work` on the current thread, one of the pool's, and keeps as many others awake as to make `threads`.
    fn enter<R: Send>(&self, threads: usize, work: impl FnOnce() -> R + Send) -> R {
        struct SleepOnDrop<'a>(&'a AtomicUsize);
        impl Drop for SleepOnDrop<'_> {
            fn drop(&mut self) {
                self.0.store(0, Ordering::Release);
            }
        }

        if threads < 2 || self.sharing.load(Ordering::Acquire) > 0 {
            return work();
        }
        self.surplus.park(&self.threads, self.threads.current_num_threads() - threads);
        self.sharing.store(threads, Ordering::Release);
        let (me, awake) = (rayon::current_thread_index(), &AtomicUsize::new(1));
        rayon::in_place_scope(|scope| {
            for _ in 1..threads {
                scope.spawn(move |_| {
                    if rayon::current_thread_index() != me {
                        awake.fetch_add(1, Ordering::Relaxed);
                        self.stay_awake(awake);
                    }
                });
            }
            // Dropped even if `work` panics: otherwise the other threads would spin forever.
            let _guard = SleepOnDrop(&self.sharing);
            work()
        })
    }

    /// Looks for shares until there will be no more.
    fn stay_awake(&self, awake: &AtomicUsize) {
        let mut idle = 0;
        loop {
            let threads = self.sharing.load(Ordering::Acquire);
            if threads == 0 {
                return;
            }
            // Until all threads are awake, work would mostly be a call to stay awake, which is meant for another one.
            let is_early = awake.load(Ordering::Relaxed) < threads && idle < SPIN_ROUNDS;
            match if is_early { None } else { rayon::yield_now() } {
                Some(Yield::Executed) => idle = 0,
                _ => spin(&mut idle),
            }
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.surplus.release_all();
    }
}

/// Threads of a pool that are kept from looking for work. Otherwise rayon would wake one for each share.
#[derive(Debug, Default)]
struct Surplus {
    count: Mutex<Parked>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Parked {
    wanted: usize,
    now: usize,
}

impl Surplus {
    /// Returns when `wanted` threads are parked. To be called on one of the threads, which is not parked.
    fn park(self: &Arc<Self>, threads: &rayon::ThreadPool, wanted: usize) {
        let mut count = self.lock();
        if count.wanted == wanted {
            return;
        }
        count.wanted = wanted;
        self.changed.notify_all();
        if count.now < wanted {
            let (me, surplus) = (rayon::current_thread_index(), self.clone());
            threads.spawn_broadcast(move |thread| {
                if Some(thread.index()) != me {
                    surplus.stay();
                }
            });
        }
        while count.now != count.wanted {
            count = self.changed.wait(count).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Parks the current thread if one more is wanted.
    fn stay(&self) {
        let mut count = self.lock();
        if count.now >= count.wanted {
            return;
        }
        count.now += 1;
        self.changed.notify_all();
        while count.now <= count.wanted {
            count = self.changed.wait(count).unwrap_or_else(PoisonError::into_inner);
        }
        count.now -= 1;
        self.changed.notify_all();
    }

    fn release_all(&self) {
        self.lock().wanted = 0;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Parked> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Rounds after which a waiting thread yields the processor.
const SPIN_ROUNDS: u32 = 4_000;

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
    let helper = Helper::default();
    rayon::join(
        || {
            split(threads - 1, rest, multiple, work);
            helper.wait();
        },
        || helper.run(|| work(first, mine)),
    );
}

/// State of a share that another thread may have taken over. Waiting for it here takes a fifth of the time that rayon
/// takes, which lets the processor go between looks.
#[derive(Default)]
struct Helper(AtomicU8);

impl Helper {
    const RUNNING: u8 = 1;
    const DONE: u8 = 2;

    fn run(&self, work: impl FnOnce()) {
        struct DoneOnDrop<'a>(&'a AtomicU8);
        impl Drop for DoneOnDrop<'_> {
            fn drop(&mut self) {
                self.0.store(Helper::DONE, Ordering::Release);
            }
        }

        self.0.store(Self::RUNNING, Ordering::Release);
        // Dropped even if `work` panics: otherwise the other thread would wait forever.
        let _guard = DoneOnDrop(&self.0);
        work();
    }

    /// Waits until the share is done, unless nobody has begun it: then rayon runs it on this thread.
    fn wait(&self) {
        let mut rounds = 0;
        while self.0.load(Ordering::Acquire) == Self::RUNNING {
            spin(&mut rounds);
        }
    }
}

/// Waits a moment, and yields the processor after [`SPIN_ROUNDS`] of them.
fn spin(rounds: &mut u32) {
    if *rounds < SPIN_ROUNDS {
        *rounds += 1;
        hint::spin_loop();
    } else {
        std::thread::yield_now();
    }
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

/// The same units of each of several groups, and the number of elements per unit.
pub(crate) struct PerGroup<'a, T>(pub Vec<&'a mut [T]>, pub usize);

impl<T: Send> Parts for PerGroup<'_, T> {
    fn units(&self) -> usize {
        self.0.first().map_or(0, |group| group.len() / self.1)
    }

    fn split_at(self, units: usize) -> (Self, Self) {
        let (a, b) = self.0.into_iter().map(|group| group.split_at_mut(units * self.1)).unzip();
        (Self(a, self.1), Self(b, self.1))
    }
}

/// Outputs one after another.
pub(crate) struct Chain<P>(pub Vec<P>);

impl<P: Parts> Chain<P> {
    /// Returns the outputs, each with the number of its first unit. `first` is that of the whole.
    pub(crate) fn numbered(self, mut first: usize) -> impl Iterator<Item = (usize, P)> {
        self.0.into_iter().map(move |outputs| {
            let units = outputs.units();
            first += units;
            (first - units, outputs)
        })
    }
}

impl<P: Parts> Parts for Chain<P> {
    fn units(&self) -> usize {
        self.0.iter().map(Parts::units).sum()
    }

    fn split_at(self, units: usize) -> (Self, Self) {
        let divided = self.numbered(0).map(|(first, outputs)| {
            let count = outputs.units();
            outputs.split_at(units.saturating_sub(first).min(count))
        });
        let (before, after) = divided.unzip();
        (Self(before), Self(after))
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
    fn outputs_one_after_another_are_numbered_as_one() {
        for threads in [1, 2, 3, 8] {
            let engine = Engine::new(threads);
            for lengths in [[0, 0, 0], [4, 0, 2], [1, 9, 3], [16, 16, 16]] {
                let mut outputs = lengths.map(|length| vec![usize::MAX; length]);
                engine.enter(|| {
                    let chain = Chain(outputs.iter_mut().map(|output| Units(output, 1)).collect());
                    engine.split(chain, 2, |first, chain| {
                        for (first, part) in chain.numbered(first) {
                            for (place, number) in part.0.iter_mut().enumerate() {
                                *number = first + place;
                            }
                        }
                    });
                });
                let expected: Vec<usize> = (0..lengths.iter().sum()).collect();
                assert_eq!(outputs.concat(), expected, "{threads} threads, {lengths:?}");
            }
        }
    }

    #[test]
    fn each_piece_of_work_can_have_another_number_of_threads() {
        let engine = Engine::new(8);
        let pool = engine.pool.as_deref().expect("eight threads");
        for threads in [8, 2, 1, 4, 3, 8, 1, 2, 7].repeat(20) {
            let mut values = [0; 64];
            engine.host(|| {
                pool.enter(threads, || {
                    assert!(engine.pool.as_ref().is_some_and(|pool| pool.sharing.load(Ordering::Relaxed) <= threads));
                    engine.split(Units(&mut values, 1), 1, |first, part| {
                        for (place, value) in (first..).zip(part.0) {
                            *value += place;
                        }
                    });
                });
            });
            assert_eq!(values, std::array::from_fn(|place| place), "{threads} threads");
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
