//! What the batches of a run brought, from its beginning on the screen: finer than epochs, in bounded room.

use crate::{train::Progress, tui::session::place::Place};

/// Spots kept. When there are more, each takes in its neighbour.
const MAX_SPOTS: usize = 4_096;
/// Reports may get lost while the screen does not read them. A stretch of unseen batches so many times as long as those
/// beside it is a gap, which no line crosses.
const GAP: f64 = 8.0;

/// The mean of some batches that follow each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// Where the last of them ended.
    pub place: Place,
    pub loss: f64,
    pub accuracy: f64,
    /// How many were seen.
    pub batches: u32,
    /// Steps of the run before the first of them.
    from: f64,
}

/// Spots in the order of training.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BatchHistory {
    spots: Vec<Spot>,
    /// Batches a spot takes in before the next begins.
    grain: u32,
}

impl BatchHistory {
    pub fn spots(&self) -> &[Spot] {
        &self.spots
    }

    pub fn is_empty(&self) -> bool {
        self.spots.is_empty()
    }

    /// Whether the spot at `place` in the list stands apart from the one before it.
    pub fn has_gap_before(&self, place: usize) -> bool {
        place > 0 && is_gap(&self.spots[place - 1], &self.spots[place])
    }

    pub fn push(&mut self, progress: &Progress) {
        let Some(spot) = spot(progress) else { return };
        if let Some(last) = self.spots.last_mut() {
            if spot.place.steps <= last.place.steps {
                return;
            }
            if last.batches < self.grain && !is_gap(last, &spot) {
                *last = merged(last, &spot);
                return;
            }
        }
        self.spots.push(spot);
        if self.spots.len() > MAX_SPOTS {
            self.coarsen();
        }
    }

    /// Twice as many batches a spot from now on.
    fn coarsen(&mut self) {
        let widest = self.spots.iter().map(|spot| spot.batches).max().unwrap_or(1);
        self.grain = widest.max(self.grain).saturating_mul(2);
        let mut coarse: Vec<Spot> = Vec::with_capacity(self.spots.len() / 2 + 1);
        for spot in &self.spots {
            match coarse.last_mut() {
                Some(last) if last.batches.saturating_add(spot.batches) <= self.grain && !is_gap(last, spot) => {
                    *last = merged(last, spot);
                }
                _ => coarse.push(*spot),
            }
        }
        // Where gaps left too many: the oldest make room.
        let surplus = coarse.len().saturating_sub(MAX_SPOTS * 3 / 4);
        coarse.drain(..surplus);
        self.spots = coarse;
    }
}

fn spot(progress: &Progress) -> Option<Spot> {
    let (epoch, step) = (f64::from(progress.epoch.max(1) - 1), f64::from(progress.step));
    let steps_per_epoch = f64::from(progress.steps_per_epoch);
    if steps_per_epoch == 0.0 || !(0.0..1e12).contains(&progress.elapsed) {
        return None;
    }
    let steps = epoch * steps_per_epoch + step;
    Some(Spot {
        place: Place { epochs: epoch + step / steps_per_epoch, steps, seconds: progress.elapsed },
        loss: progress.batch_loss,
        accuracy: progress.batch_accuracy,
        batches: progress.batches.max(1),
        from: steps - f64::from(progress.batches),
    })
}

fn is_gap(before: &Spot, after: &Spot) -> bool {
    after.from - before.place.steps > GAP * (f64::from(before.batches) + f64::from(after.batches))
}

/// The mean over both. What is no number stays none.
fn merged(a: &Spot, b: &Spot) -> Spot {
    let (na, nb) = (f64::from(a.batches), f64::from(b.batches));
    let mean = |a: f64, b: f64| (a * na + b * nb) / (na + nb);
    Spot {
        loss: mean(a.loss, b.loss),
        accuracy: mean(a.accuracy, b.accuracy),
        batches: a.batches.saturating_add(b.batches),
        from: a.from,
        place: b.place,
    }
}
