//! Time of training, without the time for which the process was stopped.

use std::time::{Duration, Instant};

/// Shortest time that may be mostly a stop: far longer than a step.
const SHORTEST_STOP: Duration = Duration::from_millis(500);
/// Fraction of the time that a process uses the processor at least, unless it is stopped.
const BUSY: f64 = 0.05;

/// Measures work that keeps the processor busy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopwatch {
    started: Instant,
    processor_time: Duration,
}

impl Stopwatch {
    pub(super) fn start() -> Self {
        Self { started: Instant::now(), processor_time: processor_time() }
    }

    /// Returns the seconds since the start. If the process was stopped meanwhile, as by Ctrl-Z, those in which it used
    /// the processor.
    pub(super) fn seconds(&self) -> f64 {
        let elapsed = self.started.elapsed();
        if elapsed < SHORTEST_STOP {
            return elapsed.as_secs_f64();
        }
        worked(elapsed, processor_time().saturating_sub(self.processor_time)).as_secs_f64()
    }
}

fn worked(elapsed: Duration, busy: Duration) -> Duration {
    let was_stopped = elapsed >= SHORTEST_STOP && busy < elapsed.mul_f64(BUSY);
    if was_stopped { busy } else { elapsed }
}

/// Returns the time for which all threads have used the processor.
#[cfg(unix)]
fn processor_time() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap_or_default()
}

#[cfg(not(unix))]
fn processor_time() -> Duration {
    // Never shows a stop.
    Duration::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_is_no_work() {
        let milliseconds = Duration::from_millis;
        assert_eq!(worked(milliseconds(15_000), milliseconds(1)), milliseconds(1), "stopped");
        assert_eq!(worked(milliseconds(15_000), milliseconds(2_000)), milliseconds(15_000), "slow on a busy machine");
        assert_eq!(worked(milliseconds(15_000), milliseconds(29_000)), milliseconds(15_000), "two threads");
        assert_eq!(worked(milliseconds(3), milliseconds(0)), milliseconds(3), "too short for a clock of ticks");
    }
}
