//! The speed of a mirror, to decide whether it is worth waiting for.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// The bytes received within the last window of time.
pub(super) struct Pace {
    window: Duration,
    /// Minimum number of bytes per window.
    least: u64,
    began: Instant,
    pieces: VecDeque<(Instant, u64)>,
    sum: u64,
}

impl Pace {
    /// Starts counting. At least `least` bytes are expected within every `window`.
    pub(super) fn new(window: Duration, least: u64) -> Self {
        Self { window, least, began: Instant::now(), pieces: VecDeque::new(), sum: 0 }
    }

    pub(super) fn add(&mut self, bytes: u64) {
        self.pieces.push_back((Instant::now(), bytes));
        self.sum += bytes;
    }

    /// Returns the bytes of the last window if there are too few; `None` until the first window has elapsed.
    pub(super) fn insufficient(&mut self) -> Option<u64> {
        while let Some((_, bytes)) = self.pieces.front().filter(|(time, _)| time.elapsed() > self.window) {
            self.sum -= bytes;
            self.pieces.pop_front();
        }
        (self.began.elapsed() >= self.window && self.sum < self.least).then_some(self.sum)
    }

    /// Returns the time until the first window has elapsed, after that the length of a window.
    pub(super) fn next_check(&self) -> Duration {
        match self.window.saturating_sub(self.began.elapsed()) {
            Duration::ZERO => self.window,
            left => left,
        }
    }
}
