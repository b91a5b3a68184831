//! The choice of a number of threads: on a busy machine, or one whose cores share hardware, fewer can be faster.

/// Times of one kind of work with several numbers of threads: 1, 2, 4 and so on up to the number asked for, which need not
/// be a power of 2. The results are identical bit for bit.
#[derive(Clone, Debug, Default)]
pub struct AdaptiveThreads {
    choices: Vec<Choice>,
    /// Place of the choice in use.
    chosen: usize,
    /// The newest times with it.
    recent: Recent,
    /// Number of turns since the newest trial, and their seconds per unit of work in all.
    turns: u32,
    seconds: f64,
    trial: Option<Trial>,
    /// Place of the choice to try next.
    next: usize,
}

#[derive(Clone, Debug)]
struct Choice {
    threads: u32,
    /// Seconds per unit of work when it was last in use or tried.
    seconds: Option<f64>,
}

/// Some turns with another choice.
#[derive(Clone, Debug)]
struct Trial {
    choice: usize,
    recent: Recent,
    turns: u32,
}

/// The newest times, of which the least counts: the processor may have been busy with something else during the others.
#[derive(Clone, Debug, Default)]
struct Recent([Option<f64>; 3]);

impl Recent {
    fn push(&mut self, seconds: f64) {
        self.0.rotate_left(1);
        self.0[2] = Some(seconds);
    }

    fn least(&self) -> Option<f64> {
        self.0.iter().flatten().copied().min_by(f64::total_cmp)
    }
}

/// Number of turns of a trial with one thread, and with several: it may take the operating system some milliseconds to
/// give threads that wake up a core of their own.
const TRIAL_TURNS: [u32; 2] = [4, 32];
/// Number of turns of a trial that are enough to see that it is better, or hopeless.
const ENOUGH_TURNS: u32 = 3;
/// Time of a hopeless choice beside the one in use.
const HOPELESS: f64 = 4.0;
/// Least number of turns from one trial to the next; fewer if the choice was never tried.
const INTERVAL: [u32; 2] = [64, 4];
/// Largest fraction of the time that trials may cost, by what the choice cost last time.
const MOST_COST: f64 = 0.01;
/// Largest time of a better choice beside the one in use.
const BETTER: f64 = 0.98;

impl AdaptiveThreads {
    /// Starts with the largest choice.
    pub fn new(threads: u32) -> Self {
        let powers = (0..).map(|power| 1 << power).take_while(|&power| power < threads);
        let choices: Vec<_> = powers.chain([threads]).map(|threads| Choice { threads, seconds: None }).collect();
        let chosen = choices.len() - 1;
        Self { choices, chosen, ..Self::default() }
    }

    /// Returns the number of threads for the next piece of work.
    pub fn threads(&self) -> u32 {
        self.choices[self.trial.as_ref().map_or(self.chosen, |trial| trial.choice)].threads
    }

    /// Records the seconds per unit of work that [`AdaptiveThreads::threads`] took.
    pub fn record(&mut self, seconds: f64) {
        match self.trial.take() {
            Some(trial) => self.record_trial(trial, seconds),
            None => {
                self.recent.push(seconds);
                self.choices[self.chosen].seconds = self.recent.least();
                self.turns += 1;
                self.seconds += seconds;
                self.begin_trial();
            }
        }
    }

    fn record_trial(&mut self, mut trial: Trial, seconds: f64) {
        trial.recent.push(seconds);
        trial.turns += 1;
        let least = trial.recent.least();
        if trial.turns < ENOUGH_TURNS || trial.turns < self.trial_turns(trial.choice, least) {
            self.trial = Some(trial);
            return;
        }
        self.choices[trial.choice].seconds = least;
        if self.compared(least).is_some_and(|times| times < BETTER) {
            (self.chosen, self.recent) = (trial.choice, trial.recent);
        }
        (self.turns, self.seconds) = (0, 0.0);
    }

    /// Begins a trial of the next choice if it is due.
    fn begin_trial(&mut self) {
        let choice = self.next % self.choices.len();
        if choice == self.chosen {
            self.next = choice + 1;
            return;
        }
        let known = self.choices[choice].seconds;
        let extra = known.map_or(0.0, |seconds| seconds - self.choices[self.chosen].seconds.unwrap_or(0.0));
        let cost = f64::from(self.trial_turns(choice, known)) * extra;
        if self.turns >= INTERVAL[usize::from(known.is_none())] && cost <= MOST_COST * self.seconds {
            self.next = choice + 1;
            self.trial = Some(Trial { choice, recent: Recent::default(), turns: 0 });
        }
    }

    /// Returns seconds as a multiple of the choice in use.
    fn compared(&self, seconds: Option<f64>) -> Option<f64> {
        seconds.zip(self.recent.least()).map(|(seconds, used)| seconds / used)
    }

    /// Returns the number of turns of a trial that took these seconds so far, or last time.
    fn trial_turns(&self, choice: usize, seconds: Option<f64>) -> u32 {
        match self.compared(seconds) {
            Some(times) if !(BETTER..=HOPELESS).contains(&times) => ENOUGH_TURNS,
            _ => TRIAL_TURNS[usize::from(choice > 0)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Does `turns` pieces of work, whose seconds depend on the number of threads. Returns the seconds of all, and the
    /// number of threads in use at the end.
    fn work(adaptive: &mut AdaptiveThreads, turns: u32, seconds: impl Fn(u32) -> f64) -> (f64, u32) {
        let mut all = 0.0;
        for _ in 0..turns {
            let turn = seconds(adaptive.threads());
            adaptive.record(turn);
            all += turn;
        }
        (all, adaptive.choices[adaptive.chosen].threads)
    }

    #[test]
    fn the_choices_are_powers_of_two_and_the_number_asked_for() {
        let choices = |threads| AdaptiveThreads::new(threads).choices.iter().map(|c| c.threads).collect::<Vec<_>>();
        assert_eq!(choices(1), [1]);
        assert_eq!(choices(2), [1, 2]);
        assert_eq!(choices(6), [1, 2, 4, 6]);
        assert_eq!(choices(8), [1, 2, 4, 8]);
    }

    #[test]
    fn the_fastest_choice_is_found_and_trials_cost_little() {
        // With two cores, more threads disturb each other.
        let two_cores = |threads: u32| if threads > 2 { 0.1 * f64::from(threads) } else { 0.44 / f64::from(threads) };
        // Or they are never there when they are needed.
        let alone_or_two = |threads: u32| if threads == 2 { 0.22 } else { 0.44 };
        for (threads, fastest) in [(2, 2), (6, 2), (8, 2), (1, 1)] {
            for seconds in [&two_cores as &dyn Fn(u32) -> f64, &alone_or_two] {
                let mut adaptive = AdaptiveThreads::new(threads);
                work(&mut adaptive, 200, seconds);
                let (all, used) = work(&mut adaptive, 20_000, seconds);
                assert_eq!(used, fastest, "{threads} threads");
                assert!(all < 1.02 * 20_000.0 * seconds(fastest), "{threads} threads: {all}");
            }
        }
        let many_cores = |threads: u32| 1.0 / f64::from(threads);
        let mut adaptive = AdaptiveThreads::new(64);
        work(&mut adaptive, 200, many_cores);
        let (seconds, used) = work(&mut adaptive, 20_000, many_cores);
        assert_eq!(used, 64);
        assert!(seconds < 1.02 * 20_000.0 * many_cores(64), "{seconds}");
    }

    #[test]
    fn changes_are_noticed() {
        let mut adaptive = AdaptiveThreads::new(2);
        for (alone, helped) in [(0.44, 0.30), (0.44, 9.00), (0.44, 0.30), (0.44, 0.50)] {
            let seconds = |threads| if threads == 1 { alone } else { helped };
            // The more a trial costs, the later it comes.
            work(&mut adaptive, 10_000, seconds);
            let (all, _) = work(&mut adaptive, 10_000, seconds);
            let best = alone.min(helped);
            assert!(all < 1.02 * 10_000.0 * best, "{alone} alone, {helped} with help: {all}");
        }
    }

    #[test]
    fn one_slow_turn_changes_nothing() {
        let mut adaptive = AdaptiveThreads::new(2);
        let seconds = |threads| if threads == 1 { 0.44 } else { 0.30 };
        for _ in 0..1_000 {
            work(&mut adaptive, 7, seconds);
            let slow = 20.0 * seconds(adaptive.threads());
            adaptive.record(slow);
        }
        let (all, used) = work(&mut adaptive, 1_000, seconds);
        assert_eq!(used, 2);
        assert!(all < 1.02 * 300.0, "{all}");
    }
}
