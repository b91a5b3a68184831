//! The Layers screen: one digit, and what each layer of the network makes of it.

pub(crate) mod keys;
mod picture;
pub(crate) mod state;
mod view;

use ratatui::{
    backend::{Backend, CrosstermBackend},
    buffer::Buffer,
    layout::{Position, Rect},
};

pub(crate) use self::state::{Layer, LayersScreen};
use self::{
    picture::Picture,
    state::{Seen, Source},
};
use crate::{
    train::{Activations, Command, Event},
    tui::{
        keys::{Action, Context, motion::Motion},
        message::{Effect, Intent, News, Response},
        question::{Answer, Question},
        screen::Screen,
        screen_view::{Cx, ScreenView, View},
        session::Session,
        widgets::surface::{Surface, Target},
    },
};

/// Maximum bytes sent to the terminal for an answer during training.
const BYTES: usize = 4_200;
/// Smallest and largest threshold below which changes of brightness are left out, as parts of its whole range.
const THRESHOLDS: (f32, f32) = (0.08, 2.0);
/// Number of bisections between them.
const HALVINGS: usize = 6;

impl LayersScreen {
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

    /// Shows an answer without its smallest changes, so that it costs a remote terminal a bounded number of bytes.
    fn settle(&mut self, view: View, before: Seen, seen: Seen) {
        let (old, new) = (before.picture.clone(), seen.picture.clone());
        self.seen = Some(before);
        let screen = self.drawn(view);
        let mut show = |picture: Picture| {
            self.seen = Some(Seen { picture, ..seen.clone() });
            bytes_between(&screen, &self.drawn(view)) <= BYTES
        };
        let (mut low, mut high) = THRESHOLDS;
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

    fn on_worker_event(&mut self, cx: &Cx, event: &Event) {
        match (event, &mut self.seen) {
            (Event::Inspected { id, activations }, _) => self.inspected(cx, *id, activations),
            (Event::Started(_), seen) => *seen = None,
            // While training rests, all changes are shown.
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
            Action::ClearFilter => cx.session.clear_filter(),
            Action::Health => self.shows_health = !self.shows_health,
            Action::Source => self.source = self.source.next(),
            Action::Augment => {
                let index = self.test_index(cx.session);
                index.into_iter().for_each(|index| cx.session.augment(index));
            }
            Action::NextOf => {
                let answers = vec![(Action::Cancel, "cancel")];
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
            let layer = Layer::at(place);
            self.layer = if self.layer == layer { Layer::All } else { layer };
        }
        Response::none()
    }

    fn wheel(&mut self, cx: &mut Cx, _at: Position, down: bool) -> Response {
        self.act(cx, if down { Action::Right } else { Action::Left }).unwrap_or_default()
    }

    fn close(&mut self) -> bool {
        std::mem::take(&mut self.shows_health) || std::mem::take(&mut self.layer) != Layer::All
    }

    fn on_news(&mut self, cx: &mut Cx, news: News) -> Response {
        if let News::Worker(event) = news {
            self.on_worker_event(cx, event);
        }
        Response::none()
    }

    fn label(&self, _session: &Session, action: Action) -> Option<&'static str> {
        (action == Action::Health && self.shows_health).then_some("digit")
    }

    fn inquiry(&mut self, session: &mut Session) -> Vec<Effect> {
        let Some(subject) = self.subject(session) else { return Vec::new() };
        let question = self.inquiry.question(&subject.image, &session.live);
        question.map(|(id, pixels)| Effect::Send(Command::Inspect { id, pixels })).into_iter().collect()
    }

    fn offers(&self, session: &Session, action: Action) -> Option<bool> {
        match action {
            Action::ClearFilter => Some(self.source == Source::Mistake && session.is_filtered()),
            // No digit is shown.
            Action::Right | Action::Down | Action::Source | Action::NextOf | Action::Augment | Action::Drawing
                if self.shows_health =>
            {
                Some(false)
            }
            _ => None,
        }
    }

    fn answered(&mut self, cx: &mut Cx, answer: Answer) -> Response {
        if let Answer::Digit(Some(digit)) = answer {
            self.go_next_of(cx.session, digit);
        }
        Response::none()
    }
}

/// Returns the number of bytes that turn `before` into `after` on a terminal.
fn bytes_between(before: &Buffer, after: &Buffer) -> usize {
    let mut bytes = Vec::new();
    // Writing to a vector cannot fail.
    let _ = CrosstermBackend::new(&mut bytes).draw(before.diff(after).into_iter());
    bytes.len()
}
