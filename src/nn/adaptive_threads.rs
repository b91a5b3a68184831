//! The choice between one thread and several: on a busy machine, or one whose cores share hardware, a step can be
//! faster on one thread.

/// Times of one kind of work, done alone and with the help of other threads. The results are identical bit for bit.
#[derive(Clone, Debug, Default)]
pub struct AdaptiveThreads {
    /// Mean seconds per unit of work with help, with more weight on recent times; `None` before the first.
    helped: Option<f64>,
    /// The same without help.
    alone: Option<f64>,
    /// Number of decisions so far.
    turns: u32,
}

/// Decisions from one trial of the slower mode to the next: trials cost little, and a change is noticed within a tenth
/// of a second.
const TRIAL_INTERVAL: u32 = 64;
/// Weight of the newest time in the mean.
const NEWEST: f64 = 0.1;
/// Upper limit of a single time, as a multiple of the mean: the processor may have been busy with something else.
const OUTLIER: f64 = 3.0;

impl AdaptiveThreads {
    /// Decides whether the next piece of work gets help.
    pub fn choose(&mut self) -> bool {
        self.turns = self.turns.wrapping_add(1);
        let is_trial = self.turns.is_multiple_of(TRIAL_INTERVAL);
        self.help_pays() != is_trial
    }

    /// Records a time. That of a trial replaces the mean of its mode, any other is averaged into it.
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

    /// Returns the fraction of the last 640 of `turns` turns that had help, given the times of both modes.
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
    fn the_faster_mode_is_used_and_changes_are_noticed() {
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
