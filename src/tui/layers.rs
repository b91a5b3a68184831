//! The Layers screen's state: which digit is looked at, in which layer, and what the network made of it.

mod picture;

use picture::Picture;

use super::{
    app::{App, Effect, Screen},
    asking::{Asking, Image},
    keys::Context,
    view::{bytes_between, drawn},
};
use crate::{
    choice::choice,
    train::{Activations, Command, Event},
};

/// Bytes an answer may send to the terminal while training goes on.
const BYTES: usize = 4_200;
/// Changes of brightness that are left out, as parts of its whole range: where there is room for all others, and the most.
const UNSEEN: (f32, f32) = (0.08, 2.0);
/// How often that range is halved.
const HALVINGS: usize = 6;

choice! {
    /// Where the digit comes from.
    #[derive(Default)]
    Source {
        #[default]
        Test = "test image",
        /// The one that Train and Mistakes look at.
        Mistake = "mistake",
        /// One's own, from the Draw screen.
        Drawing = "drawing",
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

#[derive(Clone, Debug, Default)]
pub struct Layers {
    pub source: Source,
    /// The test image that [`Source::Test`] means.
    pub index: usize,
    pub layer: Layer,
    pub seen: Option<Seen>,
    pub asking: Asking,
}

/// The digit that is looked at.
pub struct Subject<'a> {
    pub image: &'a [u8],
    /// What it shows, where that is known.
    pub label: Option<u8>,
}

/// `None` where the source has no digit.
pub fn subject(app: &App) -> Option<Subject<'_>> {
    let test = &app.dataset.test;
    let index = match app.layers.source {
        Source::Test => app.layers.index,
        Source::Mistake => app.browser.mistakes.current()?.index as usize,
        Source::Drawing => return Some(Subject { image: &app.pad.digit()?[..], label: None }),
    };
    (index < test.len()).then(|| Subject { image: test.image(index), label: Some(test.label(index)) })
}

/// Takes the digit that is looked at on the screen of `context`.
pub(super) fn look_inside(app: &mut App, context: Context) {
    app.layers.source = if context == Context::Draw { Source::Drawing } else { Source::Mistake };
    if context == Context::Mistakes
        && app.browser.correct_ones
        && let Some(looked_at) = app.browser.correct.current()
    {
        (app.layers.source, app.layers.index) = (Source::Test, looked_at.index as usize);
    }
}

pub(super) fn go(app: &mut App, by: isize) {
    match app.layers.source {
        Source::Test => {
            let last = app.dataset.test.len().saturating_sub(1);
            app.layers.index = app.layers.index.saturating_add_signed(by).min(last);
        }
        Source::Mistake => app.browser.mistakes.go(by),
        Source::Drawing => {}
    }
}

pub(super) fn go_layer(app: &mut App, by: isize) {
    app.layers.layer = app.layers.layer.beside(by);
}

/// To the next test image that shows `digit`, from the beginning again after the last one.
pub(super) fn go_next_of(app: &mut App, digit: u8) {
    let labels = app.dataset.test.labels();
    let from = match app.layers.source {
        Source::Test => app.layers.index + 1,
        _ => 0,
    };
    let places = (from..labels.len()).chain(0..from.min(labels.len()));
    if let Some(place) = places.into_iter().find(|&place| labels[place] == digit) {
        (app.layers.source, app.layers.index) = (Source::Test, place);
    }
}

pub(super) fn inspected(app: &mut App, id: u64, activations: Box<Activations>) {
    let Some(image) = app.layers.asking.answered(id) else { return };
    let before = app.layers.seen.take().filter(|before| before.image == image);
    let picture = Picture::of(&activations, before.as_ref().map(|before| &before.picture));
    let (epoch, step, _) = app.live.place();
    let seen = Seen { image, activations, picture, epoch, step };
    match before {
        Some(before) if app.live.is_running() && app.screen == Screen::Layers => settle(app, before, seen),
        _ => app.layers.seen = Some(seen),
    }
}

/// Leaves what has changed the least as it was, so that the answer costs a terminal far away so many bytes and no more.
fn settle(app: &mut App, before: Seen, seen: Seen) {
    let (old, new) = (before.picture.clone(), seen.picture.clone());
    app.layers.seen = Some(before);
    let screen = drawn(app);
    let mut show = |picture: Picture| {
        app.layers.seen = Some(Seen { picture, ..seen.clone() });
        bytes_between(&screen, &drawn(app)) <= BYTES
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

/// What other events of the worker change here.
pub(super) fn heed(app: &mut App, event: &Event) {
    match (event, &mut app.layers.seen) {
        (Event::Started(_), seen) => *seen = None,
        // At rest all of it is shown.
        (Event::State(state), Some(seen)) if !state.is_running() => {
            seen.picture = Picture::of(&seen.activations, Some(&seen.picture));
        }
        _ => {}
    }
    app.layers.asking.heed(event);
}

/// The question to ask now, while the screen is shown.
pub(super) fn ask(app: &mut App) -> Option<Effect> {
    if app.screen != Screen::Layers || app.help.is_some() {
        return None;
    }
    // Lent out, since the digit borrows the rest.
    let mut asking = std::mem::take(&mut app.layers.asking);
    let question = subject(app).and_then(|subject| asking.question(subject.image, &app.live));
    app.layers.asking = asking;
    question.map(|(id, pixels)| Effect::Send(Command::Inspect { id, pixels }))
}
