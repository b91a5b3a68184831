//! Whether a mirror brings enough to be worth waiting for.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// What came within the last window of time.
pub(super) struct Pace {
    window: Duration,
    least: u64,
    began: Instant,
    pieces: VecDeque<(Instant, u64)>,
    sum: u64,
}

impl Pace {
    /// Begins to count: within every `window`, `least` bytes are to come.
    pub(super) fn new(window: Duration, least: u64) -> Self {
        Self { window, least, began: Instant::now(), pieces: VecDeque::new(), sum: 0 }
    }

    pub(super) fn add(&mut self, bytes: u64) {
        self.pieces.push_back((Instant::now(), bytes));
        self.sum += bytes;
    }

    /// Returns the bytes of the last window if they are too few; `None` also before a window is over.
    pub(super) fn too_few(&mut self) -> Option<u64> {
        while let Some((_, bytes)) = self.pieces.front().filter(|(came, _)| came.elapsed() > self.window) {
            self.sum -= bytes;
            self.pieces.pop_front();
        }
        (self.began.elapsed() >= self.window && self.sum < self.least).then_some(self.sum)
    }

    /// Returns how long until the first window is over; afterwards the length of one.
    pub(super) fn next_look(&self) -> Duration {
        match self.window.saturating_sub(self.began.elapsed()) {
            Duration::ZERO => self.window,
            left => left,
        }
    }
}
