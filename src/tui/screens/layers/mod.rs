//! The Layers screen: which digit is looked at, in which layer, and what the network makes of it.

pub(crate) mod keys;
mod picture;
mod view;

use ratatui::{
    backend::{Backend, CrosstermBackend},
    buffer::Buffer,
    layout::{Position, Rect},
};

use self::picture::Picture;
use crate::{
    train::{Activations, Command, Event},
    tui::{
        keys::{Action, Context, motion::Motion},
        message::{self, Effect, Intent, News, Response},
        question::{Answer, Question},
        screen::Screen,
        screen_view::{Cx, ScreenView, View},
        session::{
            Session,
            inquiry::{Image, Inquiry},
        },
        widgets::surface::{Surface, Target},
    },
};

/// Bytes an answer may send to the terminal while training goes on.
const BYTES: usize = 4_200;
/// Changes of brightness that are left out, as parts of its whole range: where there is room for all others, and the most.
const UNSEEN: (f32, f32) = (0.08, 2.0);
/// How often that range is halved.
const HALVINGS: usize = 6;

/// Where the digit comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    #[default]
    Test,
    /// The one that Train and Mistakes look at.
    Mistake,
    /// One's own, from the Draw screen.
    Drawing,
}

impl Source {
    pub fn next(self) -> Self {
        match self {
            Self::Test => Self::Mistake,
            Self::Mistake => Self::Drawing,
            Self::Drawing => Self::Test,
        }
    }
}

/// What is shown in large.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layer {
    /// No layer alone: all in small.
    #[default]
    All,
    Input,
    C1,
    S2,
    C3,
    S4,
    C5,
    F6,
    Output,
}

impl Layer {
    pub const ALL: [Self; 9] =
        [Self::All, Self::Input, Self::C1, Self::S2, Self::C3, Self::S4, Self::C5, Self::F6, Self::Output];

    fn beside(self, by: isize) -> Self {
        let place = Self::ALL.iter().position(|&layer| layer == self).unwrap_or(0);
        Self::ALL[place.saturating_add_signed(by).min(Self::ALL.len() - 1)]
    }
}

/// The newest answer.
#[derive(Clone, Debug)]
pub struct Seen {
    pub image: Image,
    pub activations: Box<Activations>,
    /// What is drawn of them.
    pub picture: Picture,
    /// Epoch under way when it came, from 1, and steps done in it.
    pub epoch: u32,
    pub step: u32,
}

#[derive(Debug, Default)]
pub struct LayersScreen {
    pub source: Source,
    /// The test image that [`Source::Test`] means.
    pub index: usize,
    pub layer: Layer,
    pub seen: Option<Seen>,
    pub inquiry: Inquiry,
}

/// The digit that is looked at.
pub struct Subject<'a> {
    pub image: &'a [u8],
    /// What it shows, where that is known.
    pub label: Option<u8>,
}

/// Digits that a page key goes by.
const PAGE: usize = 20;

impl LayersScreen {
    /// Looks at a digit from another screen.
    pub(crate) fn look_at(&mut self, subject: message::Subject) {
        match subject {
            message::Subject::Test(index) => (self.source, self.index) = (Source::Test, index),
            message::Subject::Mistake => self.source = Source::Mistake,
            message::Subject::Drawing => self.source = Source::Drawing,
        }
    }

    /// Returns the digit that is looked at. `None` where the source has none.
    fn subject<'a>(&self, session: &'a Session) -> Option<Subject<'a>> {
        let test = &session.dataset.test;
        let index = match self.source {
            Source::Test => self.index,
            Source::Mistake => session.browser.mistakes.current()?.index as usize,
            Source::Drawing => return Some(Subject { image: &session.drawn.as_ref()?[..], label: None }),
        };
        (index < test.len()).then(|| Subject { image: test.image(index), label: Some(test.label(index)) })
    }

    fn go(&mut self, session: &mut Session, motion: Motion) {
        let by = motion.by(1, PAGE);
        match (motion, self.source) {
            (Motion::Up, _) => self.layer = self.layer.beside(-1),
            (Motion::Down, _) => self.layer = self.layer.beside(1),
            (_, Source::Test) => {
                let last = session.dataset.test.len().saturating_sub(1);
                self.index = self.index.saturating_add_signed(by).min(last);
            }
            (_, Source::Mistake) => session.browser.mistakes.go(by),
            (_, Source::Drawing) => {}
        }
    }

    /// To the next test image that shows `digit`, from the beginning again after the last one.
    fn go_next_of(&mut self, session: &Session, digit: u8) {
        let labels = session.dataset.test.labels();
        let from = match self.source {
            Source::Test => self.index + 1,
            _ => 0,
        };
        let places = (from..labels.len()).chain(0..from.min(labels.len()));
        if let Some(place) = places.into_iter().find(|&place| labels[place] == digit) {
            (self.source, self.index) = (Source::Test, place);
        }
    }

    fn inspected(&mut self, cx: &Cx, id: u64, activations: &Activations) {
        let Some(image) = self.inquiry.answered(id) else { return };
        let before = self.seen.take().filter(|before| before.image == image);
        let picture = Picture::of(activations, before.as_ref().map(|before| &before.picture));
        let (epoch, step, _) = cx.session.live.place();
        let seen = Seen { image, activations: Box::new(activations.clone()), picture, epoch, step };
        match before {
            Some(before) if cx.session.live.is_running() && cx.is_shown => self.settle(cx.view(), before, seen),
            _ => self.seen = Some(seen),
        }
    }

    /// Leaves what has changed the least as it was, so that the answer costs a terminal far away a bounded number of bytes.
    fn settle(&mut self, view: View, before: Seen, seen: Seen) {
        let (old, new) = (before.picture.clone(), seen.picture.clone());
        self.seen = Some(before);
        let screen = self.drawn(view);
        let mut show = |picture: Picture| {
            self.seen = Some(Seen { picture, ..seen.clone() });
            bytes_between(&screen, &self.drawn(view)) <= BYTES
        };
        let (mut low, mut high) = UNSEEN;
        if show(new.settled(&old, low)) {
            return;
        }
        for _ in 0..HALVINGS {
            let middle = (low * high).sqrt();
            *(if show(new.settled(&old, middle)) { &mut high } else { &mut low }) = middle;
        }
        show(new.settled(&old, high));
    }

    fn drawn(&self, view: View) -> Buffer {
        let mut buffer = Buffer::empty(view.area);
        self.draw(view, &mut Surface::new(&mut buffer));
        buffer
    }

    fn heed_worker(&mut self, cx: &Cx, event: &Event) {
        match (event, &mut self.seen) {
            (Event::Inspected { id, activations }, _) => self.inspected(cx, *id, activations),
            (Event::Started(_), seen) => *seen = None,
            // At rest all of it is shown.
            (Event::State(state), Some(seen)) if !state.is_running() => {
                seen.picture = Picture::of(&seen.activations, Some(&seen.picture));
            }
            _ => {}
        }
        self.inquiry.heed(event);
    }
}

impl ScreenView for LayersScreen {
    fn context(&self) -> Context {
        Context::Screen(Screen::Layers)
    }

    fn act(&mut self, cx: &mut Cx, action: Action) -> Option<Response> {
        if let Some(motion) = Motion::of(action) {
            self.go(cx.session, motion);
            return Some(Response::none());
        }
        match action {
            Action::Source => self.source = self.source.next(),
            Action::NextOf => {
                let answers = vec![(Action::Cancel, "leave it")];
                let question = Question::digit("next", "Go to the next test image that shows ...", answers);
                return Some(Intent::Ask(question).into());
            }
            _ => return None,
        }
        Some(Response::none())
    }

    fn draw(&self, view: View, surface: &mut Surface) {
        view::draw(self, view.session, view.area, surface);
    }

    fn click(&mut self, _cx: &mut Cx, target: Target, _area: Rect, _at: Position) -> Response {
        if let Target::Layer(place) = target {
            let layer = Layer::ALL[place];
            self.layer = if self.layer == layer { Layer::All } else { layer };
        }
        Response::none()
    }

    fn wheel(&mut self, cx: &mut Cx, _at: Position, down: bool) -> Response {
        self.act(cx, if down { Action::Right } else { Action::Left }).unwrap_or_default()
    }

    fn heed(&mut self, cx: &mut Cx, news: News) -> Vec<Effect> {
        if let News::Worker(event) = news {
            self.heed_worker(cx, event);
        }
        Vec::new()
    }

    fn inquiry(&mut self, cx: &mut Cx) -> Option<Effect> {
        let subject = self.subject(cx.session)?;
        let (id, pixels) = self.inquiry.question(subject.image, &cx.session.live)?;
        Some(Effect::Send(Command::Inspect { id, pixels }))
    }

    fn answered(&mut self, cx: &mut Cx, answer: Answer) -> Response {
        if let Answer::Digit(Some(digit)) = answer {
            self.go_next_of(cx.session, digit);
        }
        Response::none()
    }
}

/// What a terminal is sent to show `after` where it shows `before`.
fn bytes_between(before: &Buffer, after: &Buffer) -> usize {
    let mut bytes = Vec::new();
    // A vector takes everything.
    let _ = CrosstermBackend::new(&mut bytes).draw(before.diff(after).into_iter());
    bytes.len()
}
