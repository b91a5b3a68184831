//! The digit and the layer shown, and the newest answer.

use std::borrow::Cow;

use crate::{
    choice::choice,
    train::{Activations, LayerInfo},
    tui::{
        keys::motion::Motion,
        message,
        screens::layers::picture::Picture,
        session::{
            Session,
            inquiry::{Image, Inquiry},
        },
    },
};

choice! {
    /// Where the digit comes from.
    #[derive(Default)]
    Source {
        #[default]
        Test = "test image",
        /// The mistake shown on Train and Mistakes.
        Mistake = "mistake",
        /// The user's own, from the Draw screen.
        Drawing = "drawing",
    }
}

/// The layer that is shown enlarged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layer {
    /// No single one: all layers, small.
    #[default]
    All,
    Input,
    /// A layer of the network, from 0; the last one is the output.
    Of(usize),
}

impl Layer {
    /// Returns its position in the order in which the keys step through them.
    pub(crate) fn place(self) -> usize {
        match self {
            Self::All => 0,
            Self::Input => 1,
            Self::Of(layer) => layer + 2,
        }
    }

    pub(super) fn at(place: usize) -> Self {
        match place {
            0 => Self::All,
            1 => Self::Input,
            place => Self::Of(place - 2),
        }
    }

    fn beside(self, by: isize, layers: usize) -> Self {
        Self::at(self.place().saturating_add_signed(by).min(layers + 1))
    }
}

/// The newest answer.
#[derive(Clone, Debug)]
pub struct Seen {
    pub image: Image,
    pub activations: Box<Activations>,
    /// Activations scaled to be drawn.
    pub picture: Picture,
    /// Epoch in progress when the answer came, from 1.
    pub epoch: u32,
    /// Steps done in that epoch.
    pub step: u32,
}

#[derive(Debug, Default)]
pub struct LayersScreen {
    pub source: Source,
    /// Index of the test image that [`Source::Test`] shows.
    pub index: usize,
    pub layer: Layer,
    /// Whether the measures of the layers are shown instead of a digit.
    pub shows_health: bool,
    pub seen: Option<Seen>,
    pub inquiry: Inquiry,
}

/// The digit shown.
pub(super) struct Subject<'a> {
    pub image: Cow<'a, [u8]>,
    /// Its label, if known.
    pub label: Option<u8>,
}

/// Number of digits that a page key moves by.
const PAGE: usize = 20;

impl LayersScreen {
    /// Shows a digit of another screen.
    pub(crate) fn look_at(&mut self, subject: message::Subject) {
        self.shows_health = false;
        match subject {
            message::Subject::Test(index) => (self.source, self.index) = (Source::Test, index),
            message::Subject::Mistake => self.source = Source::Mistake,
            message::Subject::Drawing => self.source = Source::Drawing,
        }
    }

    /// Returns the layers of the network shown.
    pub(super) fn network(&self, session: &Session) -> Vec<&'static LayerInfo> {
        match &self.seen {
            Some(seen) => seen.activations.layers.iter().map(|layer| layer.info).collect(),
            None => session.live.network().layers().iter().collect(),
        }
    }

    /// Returns the index of the test image shown, if it is one.
    pub(super) fn test_index(&self, session: &Session) -> Option<usize> {
        let index = match self.source {
            Source::Test => self.index,
            Source::Mistake => session.browser.mistakes.current()?.index as usize,
            Source::Drawing => return None,
        };
        (index < session.images.test_images()).then_some(index)
    }

    /// Returns the digit shown, if the source has one that is not on its way.
    pub(super) fn subject<'a>(&self, session: &'a Session) -> Option<Subject<'a>> {
        if self.source == Source::Drawing {
            return Some(Subject { image: session.drawn.as_ref()?[..].into(), label: None });
        }
        let index = self.test_index(session)?;
        Some(Subject { image: session.shown_image(index)?, label: session.images.label(index) })
    }

    pub(super) fn go(&mut self, session: &mut Session, motion: Motion) {
        let by = motion.by(1, PAGE);
        match (motion, self.source) {
            (Motion::Up, _) => self.layer = self.layer.beside(-1, self.network(session).len()),
            (Motion::Down, _) => self.layer = self.layer.beside(1, self.network(session).len()),
            (_, Source::Test) => {
                let last = session.images.test_images().saturating_sub(1);
                self.index = self.index.saturating_add_signed(by).min(last);
            }
            (_, Source::Mistake) => session.browser.mistakes.go(by),
            (_, Source::Drawing) => {}
        }
    }

    /// Moves to the next test image that shows `digit`, starting over after the last one.
    pub(super) fn go_next_of(&mut self, session: &Session, digit: u8) {
        let places = session.places_of(digit);
        let from = match self.source {
            Source::Test => self.index + 1,
            _ => 0,
        };
        if let Some(&place) = places.iter().find(|place| **place >= from).or(places.first()) {
            (self.source, self.index) = (Source::Test, place);
        }
    }
}
