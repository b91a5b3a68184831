//! The Layers screen's state: which digit is looked at, in which layer, and what the network made of it.

use super::{
    app::{App, Effect, Screen},
    asking::{Asking, Image},
    keys::Context,
};
use crate::train::{Activations, Command, Event, State};

/// Part of the whole range of brightness.
const UNSEEN: f32 = 0.12;

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

pub(super) fn inspected(app: &mut App, id: u64, mut activations: Box<Activations>) {
    let Some(image) = app.layers.asking.answered(id) else { return };
    if let Some(before) = app.layers.seen.as_ref().filter(|before| before.image == image)
        && app.live.state == Some(State::Training)
    {
        settle(&mut activations, &before.activations);
    }
    let (epoch, step, _) = app.live.place();
    app.layers.seen = Some(Seen { image, activations, epoch, step });
}

/// Leaves maps as they were where they have hardly changed: what no eye misses is not sent to a terminal far away.
/// Answers to single steps are not settled.
fn settle(new: &mut Activations, old: &Activations) {
    let layers = [
        (new.kernels.as_flattened_mut(), old.kernels.as_flattened()),
        (new.c1.as_flattened_mut(), old.c1.as_flattened()),
        (new.s2.as_flattened_mut(), old.s2.as_flattened()),
        (new.c3.as_flattened_mut(), old.c3.as_flattened()),
        (new.s4.as_flattened_mut(), old.s4.as_flattened()),
        (&mut new.c5, &old.c5),
        (&mut new.f6, &old.f6),
    ];
    for (new, old) in layers {
        let most = new.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        // As eyes see brightness: more finely where it is dark.
        let seen = |value: f32| (value.abs() / most).sqrt().copysign(value);
        for (new, old) in new.iter_mut().zip(old) {
            if (seen(*new) - seen(*old)).abs() < UNSEEN {
                *new = *old;
            }
        }
    }
}

/// What other events of the worker change here.
pub(super) fn heed(app: &mut App, event: &Event) {
    if let Event::Started(_) = event {
        app.layers.seen = None;
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
