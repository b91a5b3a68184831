//! Whether help pays: on a machine that others use, or whose cores are worth less than they seem, a step can be faster alone.

/// Times of the same kind of work, done alone and with the help of other threads. The results are the same bits.
#[derive(Clone, Debug, Default)]
pub struct AdaptiveThreads {
    /// Seconds a unit of work, newer ones counting more; `None` before the first.
    helped: Option<f64>,
    alone: Option<f64>,
    turns: u32,
}

/// So seldom the way that is not in use is tried: it costs little, and a change is noticed within a tenth of a second.
const TRIAL: u32 = 64;
/// What the newest time counts for in the mean.
const NEWEST: f64 = 0.1;
/// A single time counts as no more than so many times the mean: the processor may have been elsewhere.
const OUTLIER: f64 = 3.0;

impl AdaptiveThreads {
    /// Whether the next piece of work is to have help.
    pub fn choose(&mut self) -> bool {
        self.turns = self.turns.wrapping_add(1);
        let is_trial = self.turns.is_multiple_of(TRIAL);
        self.help_pays() != is_trial
    }

    /// A trial's time stands for itself; those of the way in use are taken together.
    pub fn record(&mut self, helped: bool, seconds: f64) {
        let is_trial = helped != self.help_pays();
        let mean = if helped { &mut self.helped } else { &mut self.alone };
        *mean = Some(match *mean {
            Some(before) if !is_trial => before + NEWEST * (seconds.min(OUTLIER * before) - before),
            _ => seconds,
        });
    }

    fn help_pays(&self) -> bool {
        !matches!((self.helped, self.alone), (Some(helped), Some(alone)) if alone < helped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The share of the last 640 of so many turns that had help, where they take these times.
    fn share(threads: &mut AdaptiveThreads, turns: u32, helped: f64, alone: f64) -> f64 {
        let mut count = 0;
        for turn in 0..turns {
            let help = threads.choose();
            threads.record(help, if help { helped } else { alone });
            count += u32::from(help && turn + 640 >= turns);
        }
        f64::from(count) / 640.0
    }

    #[test]
    fn the_faster_way_is_taken_and_changes_are_noticed() {
        let mut threads = AdaptiveThreads::default();
        assert!(share(&mut threads, 1_000, 0.30, 0.44) > 0.98);
        assert!(share(&mut threads, 1_000, 9.00, 0.44) < 0.02);
        assert!(share(&mut threads, 1_000, 0.30, 0.44) > 0.98);
        assert!(share(&mut threads, 1_000, 0.50, 0.44) < 0.02);
    }

    #[test]
    fn one_slow_turn_changes_nothing() {
        let mut threads = AdaptiveThreads::default();
        share(&mut threads, 1_000, 0.30, 0.44);
        threads.record(true, 20.0);
        assert!(share(&mut threads, 640, 0.30, 0.44) > 0.98);
    }
}
