//! What a viewer needs that comes later, to show what one shows that was there from the start.

use std::{collections::VecDeque, mem::discriminant, path::PathBuf};

use super::wire::Status;
use crate::train::{Batches, Event, Outcome, Place, Progress, Started, State, places};

/// Number of events kept. The screen's log has 500 lines, and an epoch's line comes with up to four other events.
const MAX_EVENTS: usize = 3_000;
/// Number of runs kept, restarted and loaded ones included.
const MAX_RUNS: usize = 16;

/// Events of a trainer in bounded memory. Replayed to an observer, they leave it in the state of one that saw them all.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// Events that still matter, oldest first. Of successive reports of progress only the last is among them, from which
    /// the event after it takes its time.
    events: VecDeque<Event>,
    /// Batches of the current run.
    batches: Batches,
    /// Whether the current run has a completed epoch, from the start or since.
    has_history: bool,
    /// State in short.
    now: Now,
}

#[derive(Clone, Debug, Default)]
struct Now {
    run: PathBuf,
    state: Option<State>,
    epoch: u32,
    epochs: u32,
    test_accuracy: Option<f64>,
    images_per_second: Option<f64>,
    outcome: Option<Outcome>,
    /// Where the last epoch ended.
    place: Place,
    /// Whether the last measures show that the run learns nothing.
    has_stalled: bool,
    /// Whether the measures before showed the same.
    health_is_repeated: bool,
}

impl Recording {
    /// Records an event that the trainer has posted.
    pub fn take(&mut self, event: &Event) {
        match event {
            // Answers for one observer only.
            Event::Refused { .. } | Event::Predicted { .. } | Event::Inspected { .. } | Event::Recalled(_) => return,
            Event::Started(started) => self.start(started),
            Event::State(state) => self.set_state(*state),
            Event::Progress(progress) => return self.progress(progress),
            Event::EpochEnded(record) => {
                self.has_history = true;
                self.now.place.epochs = f64::from(record.epoch);
                self.now.place.steps += f64::from(record.steps);
                self.now.place.seconds += record.seconds.max(0.0);
                (self.now.epoch, self.now.test_accuracy) = (record.epoch, Some(record.test_accuracy));
            }
            Event::Evaluated { epoch, .. } => self.forget_evaluations(*epoch),
            Event::Health(health) => self.forget_health(health.stall.is_some()),
            Event::LearningRateChanged(rate) => {
                let batch = self.batches.history.means().last().map(|mean| mean.place);
                let epoch = self.has_history.then_some(self.now.place);
                self.batches.change_rate(Place::later(batch, epoch), *rate);
            }
            Event::EpochsChanged(epochs) => self.now.epochs = *epochs,
            Event::FolderChanged(folder) => self.now.run.clone_from(folder),
            Event::Ended(outcome) => self.end(outcome),
            Event::Saved { .. } | Event::SaveFailed { .. } | Event::Note(_) => {}
        }
        self.events.push_back(event.clone());
        while self.events.len() > MAX_EVENTS {
            self.shorten();
        }
    }

    /// Returns the events that tell an observer everything.
    pub fn events(&self) -> impl Iterator<Item = Event> {
        let batches = (!self.events.is_empty()).then(|| Event::Recalled(Box::new(self.batches.clone())));
        self.events.iter().cloned().chain(batches)
    }

    /// Returns the folder of the run; empty before there is one.
    pub fn run(&self) -> &PathBuf {
        &self.now.run
    }

    /// Returns the outcome of the run, if it has ended.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.now.outcome.as_ref()
    }

    /// Returns whether the trainer works on the run, or would if it were not paused; also before its first report.
    pub fn is_under_way(&self) -> bool {
        matches!(self.now.state, None | Some(State::Training | State::Evaluating | State::Paused))
    }

    /// Fills in what the recording knows of a status.
    pub fn describe(&self, status: Status) -> Status {
        let Now { run, state, epoch, epochs, test_accuracy, images_per_second, .. } = self.now.clone();
        let images_per_second = images_per_second.filter(|_| state.is_some_and(State::is_running));
        Status { run, state, epoch, epochs, test_accuracy, images_per_second, ..status }
    }

    fn start(&mut self, started: &Started) {
        let batches = std::mem::take(&mut self.batches);
        // The screen compares with the last run that has a curve.
        if self.has_history || !batches.history.is_empty() {
            self.forget(|event| matches!(event, Event::Recalled(_)));
            self.events.push_back(Event::Recalled(Box::new(batches)));
        }
        self.forget(|event| matches!(event, Event::Evaluated { .. }));
        if self.events.iter().filter(|event| matches!(event, Event::Started(_))).count() >= MAX_RUNS {
            self.forget_first_run();
        }
        let last = started.history.last();
        self.has_history = last.is_some();
        self.now = Now {
            run: started.run_dir.clone(),
            state: Some(State::Training),
            epoch: last.map_or(1, |record| record.epoch),
            epochs: started.spec.hyper.epochs,
            test_accuracy: last.map(|record| record.test_accuracy),
            images_per_second: None,
            outcome: None,
            place: places(&started.history).last().unwrap_or_default(),
            has_stalled: false,
            health_is_repeated: false,
        };
    }

    /// Keeps the run's own outcome: that the trainer was then stopped does not replace it.
    fn end(&mut self, outcome: &Outcome) {
        self.now.state = Some(outcome.state);
        match &mut self.now.outcome {
            Some(known) if outcome.state == State::Stopped => known.update_saved(outcome.clone()),
            known => *known = Some(outcome.clone()),
        }
    }

    fn set_state(&mut self, state: State) {
        self.now.state = Some(state);
        if state.is_running() {
            // A finished run is being extended.
            self.now.outcome = None;
        }
        if state == State::Paused {
            self.batches.columns.close();
        }
        let newest = self.events.iter().rposition(|event| matches!(event, Event::State(_) | Event::Started(_)));
        // What an earlier run ended with, stays.
        if let Some(newest) = newest.filter(|&newest| matches!(self.events[newest], Event::State(_))) {
            self.remove(newest);
        }
    }

    fn progress(&mut self, progress: &Progress) {
        self.batches.push(progress);
        (self.now.epoch, self.now.images_per_second) = (progress.epoch, Some(progress.images_per_second));
        if let Some(Event::Progress(last)) = self.events.back_mut() {
            last.clone_from(progress);
        } else {
            self.events.push_back(Event::Progress(progress.clone()));
        }
    }

    /// Removes the evaluations before a new one, but for the last of another epoch, with which it is compared.
    fn forget_evaluations(&mut self, epoch: u32) {
        let is_other = |event: &Event| matches!(event, Event::Evaluated { epoch: other, .. } if *other != epoch);
        let kept = self.events.iter().rposition(is_other);
        let is_old = |&at: &usize| matches!(self.events[at], Event::Evaluated { .. }) && Some(at) != kept;
        let old: Vec<usize> = (0..self.events.len()).rev().filter(is_old).collect();
        old.into_iter().for_each(|at| self.remove(at));
    }

    /// Removes the measures before new ones, but for those with which the run began or ceased to learn: these are lines
    /// of the log.
    fn forget_health(&mut self, has_stalled: bool) {
        let newest = self.events.iter().rposition(|event| matches!(event, Event::Health(_)));
        if let Some(newest) = newest.filter(|_| self.now.health_is_repeated) {
            self.remove(newest);
        }
        self.now.health_is_repeated = has_stalled == self.now.has_stalled;
        self.now.has_stalled = has_stalled;
    }

    /// Removes all events of a kind.
    fn forget(&mut self, is_unwanted: impl Fn(&Event) -> bool) {
        while let Some(at) = self.events.iter().position(&is_unwanted) {
            self.remove(at);
        }
    }

    /// Removes an event; of two reports of progress that then meet, the first.
    fn remove(&mut self, at: usize) {
        self.events.remove(at);
        let is_progress = |at: usize| matches!(self.events.get(at), Some(Event::Progress(_)));
        if at > 0 && is_progress(at - 1) && is_progress(at) {
            self.events.remove(at - 1);
        }
    }

    /// Removes the oldest event that is not the last of its kind, after adding what it says to the start of its run.
    fn shorten(&mut self) {
        let is_removable = |&at: &usize| {
            let event = &self.events[at];
            let is_like = |later: &Event| discriminant(later) == discriminant(event);
            !matches!(event, Event::Started(_)) && self.events.range(at + 1..).any(is_like)
        };
        let Some(at) = (0..self.events.len()).find(is_removable) else { return };
        let Some(event) = self.events.remove(at) else { return };
        let start = self.events.range_mut(..at).rev().find_map(|event| match event {
            Event::Started(started) => Some(started),
            _ => None,
        });
        if let Some(started) = start {
            fold(event, started);
        }
    }

    fn forget_first_run(&mut self) {
        let is_start = |event: &Event| matches!(event, Event::Started(_));
        let second = self.events.iter().enumerate().filter(|(_, event)| is_start(event)).nth(1);
        let second = second.map_or(0, |(at, _)| at);
        self.events.drain(..second);
    }
}

/// Adds what an event says to the start of its run.
fn fold(event: Event, started: &mut Started) {
    match event {
        Event::EpochEnded(record) => {
            started.step = 0;
            started.history.push(*record);
        }
        Event::LearningRateChanged(rate) => started.learning_rate = rate,
        Event::EpochsChanged(epochs) => started.spec.hyper.epochs = epochs,
        Event::FolderChanged(folder) => started.run_dir = folder,
        _ => {}
    }
}
