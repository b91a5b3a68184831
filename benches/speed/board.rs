//! A table of all results, compared with the machine's peak.

use std::{
    sync::{Barrier, Mutex},
    thread,
    time::{Duration, Instant},
};

use criterion::{Bencher, BenchmarkGroup, measurement::WallTime};
use lenet_monitor::nn::{
    Engine, Simd,
    kernels::{Isa, Kernel, LANES, Lane, ZERO, splat},
};

/// Peak multiply-adds per second of the machine.
#[derive(Clone, Copy)]
pub struct Peak {
    pub one_core: f64,
    pub all_cores: f64,
}

struct Row {
    name: String,
    seconds: Vec<f64>,
    /// Multiply-adds of one iteration, and the number of threads.
    multiply_adds: Option<(f64, usize)>,
}

/// Results of all benchmarks, for one table at the end.
#[derive(Default)]
pub struct Board(Mutex<Vec<Row>>);

impl Board {
    /// Runs a benchmark on this thread and records its times.
    pub fn bench(
        &self,
        group: &mut BenchmarkGroup<'_, WallTime>,
        name: &str,
        multiply_adds: Option<(f64, usize)>,
        work: impl FnMut() + Send,
    ) {
        self.bench_on(&Engine::default(), group, name, multiply_adds, work);
    }

    /// Runs a benchmark on the threads of `engine` and records its times.
    pub fn bench_on(
        &self,
        engine: &Engine,
        group: &mut BenchmarkGroup<'_, WallTime>,
        name: &str,
        multiply_adds: Option<(f64, usize)>,
        mut work: impl FnMut() + Send,
    ) {
        let mut seconds = Vec::new();
        group.bench_function(name, |bencher: &mut Bencher<'_>| {
            seconds.clear();
            bencher.iter_custom(|iterations| {
                let elapsed = engine.host(|| {
                    let started = Instant::now();
                    for _ in 0..iterations {
                        work();
                    }
                    started.elapsed()
                });
                seconds.push(elapsed.as_secs_f64() / iterations as f64);
                elapsed
            });
        });
        if !seconds.is_empty() {
            self.0.lock().unwrap().push(Row { name: name.to_owned(), seconds, multiply_adds });
        }
    }

    /// Records times that were measured in another way.
    pub fn note(&self, name: &str, seconds: Vec<f64>) {
        self.0.lock().unwrap().push(Row { name: name.to_owned(), seconds, multiply_adds: None });
    }

    pub fn print(&self, peak: Peak, cores: usize) {
        let giga = 2e-9;
        println!(
            "\nFMA peak: {:.0} GFLOP/s on one core, {:.0} GFLOP/s on {cores} cores together\n",
            peak.one_core * giga,
            peak.all_cores * giga
        );
        println!("{:<44} {:>12} {:>10} {:>8}", "benchmark", "median", "GFLOP/s", "of peak");
        for Row { name, seconds, multiply_adds } in self.0.lock().unwrap().iter() {
            let median = median(seconds);
            print!("{name:<44} {:>12}", format!("{:.3?}", Duration::from_secs_f64(median)));
            if let Some((multiply_adds, threads)) = multiply_adds {
                let peak = if *threads > 1 { peak.all_cores } else { peak.one_core };
                let rate = multiply_adds / median;
                print!(" {:>10.1} {:>7.0}%", rate * giga, 100.0 * rate / peak);
            }
            println!();
        }
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// Kernel of independent multiply-adds and nothing else.
struct MultiplyAdds<'a> {
    rounds: usize,
    sums: &'a mut [Lane; CHAINS],
}

/// Number of independent chains, enough to hide the latency of any current core.
const CHAINS: usize = 12;

impl Kernel for MultiplyAdds<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let (a, b) = (splat(std::hint::black_box(0.5)), splat(std::hint::black_box(0.25)));
        let mut sums = *self.sums;
        for _ in 0..self.rounds {
            for sum in &mut sums {
                *sum = isa.madd(*sum, a, b);
            }
        }
        *self.sums = sums;
    }
}

impl Peak {
    /// Measures the best of several tries with the machine's best instruction set.
    pub fn measure(cores: usize) -> Self {
        let best = |threads| (0..15).map(|_| rate(threads)).fold(0.0, f64::max);
        Self { one_core: best(1), all_cores: best(cores) }
    }
}

fn rate(threads: usize) -> f64 {
    let rounds = 400_000;
    let simd = Simd::best();
    let barrier = Barrier::new(threads);
    let slowest = thread::scope(|scope| {
        let work = || {
            let mut sums = [ZERO; CHAINS];
            barrier.wait();
            let started = Instant::now();
            simd.run(MultiplyAdds { rounds, sums: &mut sums });
            std::hint::black_box(sums);
            started.elapsed().as_secs_f64()
        };
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).fold(0.0, f64::max)
    });
    (threads * rounds * CHAINS * LANES) as f64 / slowest
}
