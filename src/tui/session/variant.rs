//! Random changes of a digit, as augmentation makes them in training.

use std::borrow::Cow;

use crate::{
    data::{Augmentation, PIXELS},
    train::Recipe,
    tui::session::Session,
};

/// A random change of one test image. Other images are shown as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Variant {
    /// Index of the image in the test set.
    image: Option<usize>,
    /// Number of the change, from 1.
    number: u32,
}

impl Session {
    /// Draws the next random change of a test image.
    pub(crate) fn augment(&mut self, index: usize) {
        let before = if self.variant.image == Some(index) { self.variant.number } else { 0 };
        self.variant = Variant { image: Some(index), number: before + 1 };
    }

    /// Returns a test image as it is shown. `None` if there is no such image, or it is on its way.
    pub(crate) fn shown_image(&self, index: usize) -> Option<Cow<'_, [u8]>> {
        let image = self.images.image(index)?;
        if self.variant.image != Some(index) {
            return Some(image);
        }
        let mut changed = vec![0; PIXELS];
        let seed = self.live.started.as_ref().map_or(1, |started| started.spec.hyper.seed);
        self.augmentation().0.apply(&image, seed, self.variant.number - 1, index as u32, &mut changed);
        Some(changed.into())
    }

    /// Returns the indices of the test images that show a digit, as far as their labels are known.
    pub(crate) fn places_of(&self, digit: u8) -> Vec<usize> {
        let places = |labels: &mut dyn Iterator<Item = (usize, u8)>| {
            labels.filter(|(_, label)| *label == digit).map(|(place, _)| place).collect()
        };
        match (self.images.is_here(), &self.live.evaluation) {
            (true, _) => places(&mut self.dataset.test.labels().iter().copied().enumerate()),
            (false, Some(seen)) => places(&mut seen.predictions.iter().map(|of| (of.index as usize, of.label))),
            (false, None) => Vec::new(),
        }
    }

    /// Describes the change of a test image; `None` if it is shown as it is.
    pub(crate) fn variant_name(&self, index: usize) -> Option<String> {
        let whose = if self.augmentation().1 { "" } else { " as in recipe best" };
        (self.variant.image == Some(index)).then(|| format!("augmented {}{whose}", self.variant.number))
    }

    /// Returns the strengths of the run's augmentation, or of the best recipe's if it has none, and whether they are the
    /// run's.
    fn augmentation(&self) -> (Augmentation, bool) {
        let own = self.live.started.as_ref().map(|started| started.spec.hyper.augmentation());
        match own.filter(|own| !own.is_none()) {
            Some(own) => (own, true),
            None => (Recipe::Best.hyperparameters().augmentation(), false),
        }
    }
}
