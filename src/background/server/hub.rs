//! What connects the trainer and its viewers: the recording, the list of viewers, and who asked what.

use std::{
    collections::VecDeque,
    net::Shutdown,
    os::unix::net::UnixStream,
    sync::Arc,
    time::{Duration, Instant},
};

use crossbeam_channel::Sender;

use super::mailbox::{Frame, Kind, Mailbox};
use crate::{
    background::{
        recording::Recording,
        wire::{Request, TO_VIEWER, TestImage, ToTrainer, ToViewer, encode},
    },
    data::{Dataset, PIXELS},
    train::{Command, Evaluation, Event, Progress},
};

/// Number of unanswered questions kept: a network that has diverged answers none.
const MAX_QUESTIONS: usize = 1_024;

/// Number of commands that may wait for the trainer: it follows all of them before its next step.
const MAX_COMMANDS: usize = 32;

/// Minimum time between two reports of progress to viewers: as often as a screen is drawn. Each one wakes all viewers.
const BETWEEN_REPORTS: Duration = Duration::from_millis(100);

pub(super) type ViewerId = u64;

pub(super) struct Viewer {
    pub(super) id: ViewerId,
    pub(super) request: Request,
    pub(super) mailbox: Arc<Mailbox>,
    /// To be shut down when the viewer is let go.
    pub(super) stream: UnixStream,
    /// Bytes that may wait for it.
    pub(super) limit: usize,
}

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

pub(super) struct Hub {
    pub(super) recording: Recording,
    commands: Sender<Command>,
    dataset: Arc<Dataset>,
    viewers: Vec<Viewer>,
    /// Progress that viewers have not been sent yet.
    held: Option<Progress>,
    /// Time at which they were sent the last.
    reported_at: Option<Instant>,
    next_number: u64,
    questions: VecDeque<Question>,
    /// Requests to look inside that wait, at most one of each viewer.
    looks: VecDeque<Look>,
    /// Number of the one that the trainer has: in its mailbox, answers to several would replace each other.
    looking: Option<u64>,
    /// Viewer whose command was passed on last: a refusal is for it.
    last_commander: Option<ViewerId>,
}

impl Hub {
    pub(super) fn new(commands: Sender<Command>, dataset: Arc<Dataset>) -> Self {
        Self {
            recording: Recording::default(),
            commands,
            dataset,
            viewers: Vec::new(),
            held: None,
            reported_at: None,
            next_number: 0,
            questions: VecDeque::new(),
            looks: VecDeque::new(),
            looking: None,
            last_commander: None,
        }
    }

    /// Returns a number that was not used before.
    pub(super) fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }

    /// Returns the number of viewers.
    pub(super) fn viewers(&self) -> u32 {
        self.viewers.iter().filter(|viewer| is_viewer(viewer.request)).count() as u32
    }

    /// Returns whether the trainer has enough commands to follow for now.
    pub(super) fn is_busy(&self) -> bool {
        self.commands.len() >= MAX_COMMANDS
    }

    /// Returns the number of connections, viewers or not.
    pub(super) fn connections(&self) -> usize {
        self.viewers.len()
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
        self.held = (!self.viewers.is_empty()).then_some(progress);
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
        if !self.viewers.is_empty() {
            let kind = Kind::of(&event);
            self.broadcast(kind, &frame_of(event), |_| true);
        }
    }

    /// Adds a viewer, after `frames` were put into its mailbox.
    pub(super) fn join(&mut self, viewer: Viewer) {
        // The recording that it gets first has these batches already.
        self.report_held();
        self.viewers.push(viewer);
        self.report_viewers();
    }

    pub(super) fn leave(&mut self, viewer: ViewerId) {
        self.viewers.retain(|other| other.id != viewer);
        self.questions.retain(|question| question.viewer != viewer);
        self.looks.retain(|look| look.viewer != viewer);
        self.report_viewers();
    }

    fn report_viewers(&mut self) {
        let viewers = ToViewer::Viewers(self.viewers());
        if let Ok(frame) = encode(&viewers, TO_VIEWER) {
            self.broadcast(Some(Kind::Viewers), &frame.into(), is_viewer);
        }
    }

    /// Passes on a viewer's command, or refuses it.
    pub(super) fn obey(&mut self, viewer: ViewerId, message: ToTrainer) {
        let command = match message {
            ToTrainer::Command(command) => command,
            ToTrainer::Images(indices) => return self.send_images(viewer, &indices),
        };
        let Some(request) = self.viewers.iter().find(|other| other.id == viewer).map(|viewer| viewer.request) else {
            return;
        };
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

    fn send_images(&self, viewer: ViewerId, indices: &[u32]) {
        if let Ok(frame) = encode(&ToViewer::Images(TestImage::of(&self.dataset, indices)), TO_VIEWER) {
            self.deliver(None, &frame.into(), |other| other.id == viewer);
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
        let number = self.number();
        self.questions.push_back(Question { number, viewer, id });
        number
    }

    fn answer(&mut self, number: u64, event: impl FnOnce(u64) -> Event) {
        let Some(at) = self.questions.iter().position(|question| question.number == number) else { return };
        if let Some(Question { viewer, id, .. }) = self.questions.remove(at) {
            self.send(viewer, event(id));
        }
    }

    fn send(&mut self, viewer: ViewerId, event: Event) {
        let (kind, frame) = (Kind::of(&event), frame_of(event));
        self.deliver(kind, &frame, |other| other.id == viewer);
    }

    fn broadcast(&self, kind: Option<Kind>, frame: &Frame, wanted: impl Fn(Request) -> bool) {
        self.deliver(kind, frame, |viewer| wanted(viewer.request));
    }

    /// Puts a frame into mailboxes. Lets viewers go that take too few.
    fn deliver(&self, kind: Option<Kind>, frame: &Frame, wanted: impl Fn(&Viewer) -> bool) {
        for viewer in self.viewers.iter().filter(|viewer| wanted(viewer)) {
            if !frame.is_empty() && viewer.mailbox.push(kind, Arc::clone(frame)) > viewer.limit {
                viewer.mailbox.discard();
                // Its own thread then removes it.
                let _ = viewer.stream.shutdown(Shutdown::Both);
            }
        }
    }

    /// Closes all connections after what waits for them.
    pub(super) fn close(&self) {
        self.viewers.iter().for_each(|viewer| viewer.mailbox.close());
    }

    /// Closes all connections now.
    pub(super) fn cut(&self) {
        for viewer in &self.viewers {
            let _ = viewer.stream.shutdown(Shutdown::Both);
        }
    }
}

pub(super) fn is_viewer(request: Request) -> bool {
    matches!(request, Request::View | Request::Watch)
}

/// Encodes an event. Of an evaluation of very many images, only the mistakes; empty if even that is too much.
pub(super) fn frame_of(event: Event) -> Frame {
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
