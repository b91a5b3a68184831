//! What connects the trainer of a run and its viewers: the recording, and who asked what.

use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use crossbeam_channel::Sender;

use super::{
    mailbox::{Frame, Kind},
    subject::Subject,
    viewers::{ViewerId, Viewers},
};
use crate::{
    background::{
        recording::Recording,
        wire::{Request, Status, TO_VIEWER, ToTrainer, ToViewer, encode},
    },
    data::PIXELS,
    train::{Command, Evaluation, Event, LastOutcome, Outcome, Progress},
};

/// Number of unanswered questions kept: a network that has diverged answers none.
const MAX_QUESTIONS: usize = 1_024;

/// Number of commands that may wait for the trainer: it follows all of them before its next step.
const MAX_COMMANDS: usize = 32;

/// Minimum time between two reports of progress to viewers: as often as a screen is drawn. Each one wakes all viewers.
const BETWEEN_REPORTS: Duration = Duration::from_millis(100);

/// A viewer's request to look inside the network.
struct Look {
    viewer: ViewerId,
    id: u64,
    pixels: Box<[u8; PIXELS]>,
}

/// A question to the trainer, and the viewer who asked it under another number.
struct Question {
    number: u64,
    viewer: ViewerId,
    id: u64,
}

/// The run, and what its viewers have asked.
pub struct RunHub {
    recording: Recording,
    commands: Sender<Command>,
    last_outcome: Arc<LastOutcome>,
    viewers: Viewers,
    /// Progress that viewers have not been sent yet.
    held: Option<Progress>,
    /// Time at which they were sent the last.
    reported_at: Option<Instant>,
    questions: VecDeque<Question>,
    /// Requests to look inside that wait, at most one of each viewer.
    looks: VecDeque<Look>,
    /// Number of the one that the trainer has: in its mailbox, answers to several would replace each other.
    looking: Option<u64>,
    /// Viewer whose command was passed on last: a refusal is for it.
    last_commander: Option<ViewerId>,
}

impl RunHub {
    pub(super) fn new(commands: Sender<Command>, last_outcome: Arc<LastOutcome>) -> Self {
        Self {
            recording: Recording::default(),
            commands,
            last_outcome,
            viewers: Viewers::default(),
            held: None,
            reported_at: None,
            questions: VecDeque::new(),
            looks: VecDeque::new(),
            looking: None,
            last_commander: None,
        }
    }

    /// Returns the outcome of the run, also if it could not begin.
    pub(super) fn outcome(&self) -> Outcome {
        self.recording.outcome().cloned().unwrap_or_else(|| self.last_outcome.outcome())
    }

    /// Records an event of the trainer, and passes it to those whom it concerns.
    pub(super) fn take(&mut self, event: Event) {
        match event {
            Event::Predicted { id, probabilities } => {
                self.answer(id, |id| Event::Predicted { id, probabilities });
            }
            Event::Inspected { id, activations } => {
                self.looking.take_if(|looking| *looking == id);
                self.answer(id, |id| Event::Inspected { id, activations });
                self.look();
            }
            Event::Refused { .. } => {
                if let Some(viewer) = self.last_commander {
                    self.send(viewer, event);
                }
                // A network that has diverged answers nothing else.
                self.looking = None;
                self.look();
            }
            Event::Progress(progress) => {
                self.recording.take(&Event::Progress(progress.clone()));
                self.report(progress);
            }
            event => {
                self.recording.take(&event);
                // What has happened before it comes first.
                self.report_held();
                self.pass_on(event);
            }
        }
    }

    /// Sends viewers a report of progress, or holds it for the next if they have just been sent one.
    fn report(&mut self, mut progress: Progress) {
        match self.held.take() {
            Some(held) if held.epoch == progress.epoch => progress.add(&held),
            Some(held) => self.pass_on(Event::Progress(held)),
            None => {}
        }
        self.held = (self.viewers.connections() > 0).then_some(progress);
        if self.reported_at.is_none_or(|at| at.elapsed() >= BETWEEN_REPORTS) {
            self.report_held();
        }
    }

    fn report_held(&mut self) {
        if let Some(held) = self.held.take() {
            self.reported_at = Some(Instant::now());
            self.pass_on(Event::Progress(held));
        }
    }

    fn pass_on(&self, event: Event) {
        if self.viewers.connections() > 0 {
            let kind = Kind::of(&event);
            self.viewers.broadcast(kind, &frame_of(event));
        }
    }

    /// Passes on the next request to look inside, once the one before is answered.
    fn look(&mut self) {
        if self.looking.is_some() {
            return;
        }
        let Some(Look { viewer, id, pixels }) = self.looks.pop_front() else { return };
        let number = self.ask(viewer, id);
        (self.looking, self.last_commander) = (Some(number), Some(viewer));
        let _ = self.commands.send(Command::Inspect { id: number, pixels });
    }

    /// Notes who asked, and returns the number of the question.
    fn ask(&mut self, viewer: ViewerId, id: u64) -> u64 {
        if self.questions.len() == MAX_QUESTIONS {
            self.questions.pop_front();
        }
        let number = self.viewers.number();
        self.questions.push_back(Question { number, viewer, id });
        number
    }

    fn answer(&mut self, number: u64, event: impl FnOnce(u64) -> Event) {
        let Some(at) = self.questions.iter().position(|question| question.number == number) else { return };
        if let Some(Question { viewer, id, .. }) = self.questions.remove(at) {
            self.send(viewer, event(id));
        }
    }

    fn send(&self, viewer: ViewerId, event: Event) {
        let (kind, frame) = (Kind::of(&event), frame_of(event));
        self.viewers.send(viewer, kind, &frame);
    }
}

impl Subject for RunHub {
    fn viewers(&self) -> &Viewers {
        &self.viewers
    }

    fn viewers_mut(&mut self) -> &mut Viewers {
        &mut self.viewers
    }

    /// The recording that a new viewer gets has these batches already.
    fn settle(&mut self) {
        self.report_held();
    }

    fn everything(&self, request: Request) -> Vec<Frame> {
        if request == Request::Control { Vec::new() } else { self.recording.events().map(frame_of).collect() }
    }

    fn obey(&mut self, viewer: ViewerId, message: ToTrainer) {
        let (Some(request), ToTrainer::Command(command)) = (self.viewers.request(viewer), message) else { return };
        let command = match command {
            Command::Predict { id, pixels } => Command::Predict { id: self.ask(viewer, id), pixels },
            Command::Inspect { id, pixels } => {
                self.looks.retain(|look| look.viewer != viewer);
                self.looks.push_back(Look { viewer, id, pixels });
                return self.look();
            }
            _ if request == Request::Watch => {
                let reason = "this viewer only watches; attach without --watch to change the run".to_owned();
                return self.send(viewer, Event::Refused { reason });
            }
            command => command,
        };
        self.last_commander = Some(viewer);
        let _ = self.commands.send(command);
    }

    fn forget(&mut self, viewer: ViewerId) {
        self.questions.retain(|question| question.viewer != viewer);
        self.looks.retain(|look| look.viewer != viewer);
    }

    fn is_busy(&self) -> bool {
        self.commands.len() >= MAX_COMMANDS
    }

    fn is_under_way(&self) -> bool {
        self.recording.is_under_way()
    }

    fn place(&self) -> PathBuf {
        self.recording.run().clone()
    }

    fn describe(&self, status: Status) -> Status {
        self.recording.describe(status)
    }

    fn stop(&self) {
        let _ = self.commands.send(Command::Stop);
    }
}

/// Encodes an event. Of an evaluation of very many images, only the mistakes; empty if even that is too much.
fn frame_of(event: Event) -> Frame {
    let mistakes = match &event {
        Event::Evaluated { epoch, evaluation } => Some((*epoch, Arc::clone(evaluation))),
        _ => None,
    };
    let frame = encode(&ToViewer::Event(event), TO_VIEWER).or_else(|error| {
        let (epoch, evaluation) = mistakes.ok_or(error)?;
        let predictions = evaluation.mistakes().copied().collect();
        let evaluation = Evaluation { loss: evaluation.loss, confusion: evaluation.confusion.clone(), predictions };
        encode(&ToViewer::Event(Event::Evaluated { epoch, evaluation: Arc::new(evaluation) }), TO_VIEWER)
    });
    frame.unwrap_or_default().into()
}
