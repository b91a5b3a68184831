//! Browsing the evaluated images: mistakes or correct ones, filters, order, and the selected image.

use crate::{
    choice::choice,
    train::{Evaluation, Prediction},
};

choice! {
    /// Order of the images.
    #[derive(Default)]
    Order {
        /// By index in the test set.
        #[default]
        Index = "test set's",
        /// Highest probability of the predicted digit first.
        SurestFirst = "surest first",
        LeastSureFirst = "least sure first",
    }
}

/// Filter of both lists, by true and predicted digit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub label: Option<u8>,
    pub digit: Option<u8>,
}

impl Filter {
    /// Describes the images that pass, such as `true 2, read as 7`; empty if all do.
    pub(crate) fn words(self) -> String {
        let label = self.label.map(|label| format!("true {label}"));
        let digit = self.digit.map(|digit| format!("read as {digit}"));
        label.into_iter().chain(digit).collect::<Vec<_>>().join(", ")
    }

    fn admits(self, prediction: &Prediction) -> bool {
        self.label.is_none_or(|label| label == prediction.label)
            && self.digit.is_none_or(|digit| digit == prediction.digit)
    }
}

/// The mistakes or the correct predictions that pass the filter, and which one is selected.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    pub shown: Vec<Prediction>,
    pub place: usize,
}

impl Listing {
    fn fill(&mut self, predictions: impl Iterator<Item = Prediction>, order: Order) {
        let selected = self.current().map(|prediction| prediction.index);
        self.shown.clear();
        self.shown.extend(predictions);
        match order {
            Order::Index => {}
            Order::SurestFirst => self.shown.sort_by(|a, b| b.confidence().total_cmp(&a.confidence())),
            Order::LeastSureFirst => self.shown.sort_by(|a, b| a.confidence().total_cmp(&b.confidence())),
        }
        let found = selected.and_then(|index| self.shown.iter().position(|prediction| prediction.index == index));
        self.place = found.unwrap_or(self.place).min(self.shown.len().saturating_sub(1));
    }

    pub fn current(&self) -> Option<&Prediction> {
        self.shown.get(self.place)
    }

    pub fn go(&mut self, by: isize) {
        self.place = self.place.saturating_add_signed(by).min(self.shown.len().saturating_sub(1));
    }

    pub fn go_first(&mut self) {
        self.place = 0;
    }

    pub fn go_last(&mut self) {
        self.place = self.shown.len().saturating_sub(1);
    }
}

/// Both lists, and how they are browsed.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    pub filter: Filter,
    pub order: Order,
    /// Whether the correct predictions are browsed, not the mistakes.
    pub correct_ones: bool,
    pub mistakes: Listing,
    pub correct: Listing,
}

impl Browser {
    /// Rebuilds the lists after a change of filter, order or evaluation. The selected image stays selected if it is
    /// still listed.
    pub fn list(&mut self, evaluation: Option<&Evaluation>) {
        let predictions = evaluation.map_or(&[][..], |evaluation| &evaluation.predictions);
        let admitted = |correct: bool| {
            let filter = self.filter;
            predictions.iter().copied().filter(move |p| p.is_correct() == correct && filter.admits(p))
        };
        self.mistakes.fill(admitted(false), self.order);
        self.correct.fill(admitted(true), self.order);
    }

    pub fn listing(&self) -> &Listing {
        if self.correct_ones { &self.correct } else { &self.mistakes }
    }

    pub fn listing_mut(&mut self) -> &mut Listing {
        if self.correct_ones { &mut self.correct } else { &mut self.mistakes }
    }
}
