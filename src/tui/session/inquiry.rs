//! Questions to the worker about an image: one at a time, and again as the weights change.

use crate::{data::PIXELS, train::Event, tui::session::live::Live};

/// Seconds of training between two questions about the same image.
const BETWEEN: f64 = 0.3;

pub(crate) type Image = Box<[u8; PIXELS]>;

/// What was asked, and whether it is to be asked again.
#[derive(Clone, Debug, Default)]
pub struct Inquiry {
    /// Of the newest question.
    id: u64,
    /// What it was about.
    image: Option<Image>,
    /// It waits for its answer.
    is_open: bool,
    /// The weights have changed since it was asked.
    is_stale: bool,
    /// Seconds of training done when it was asked.
    asked_at: f64,
}

impl Inquiry {
    /// The question to send now, if any. No other is sent before its answer or refusal.
    pub fn question(&mut self, image: &[u8], live: &Live) -> Option<(u64, Image)> {
        if self.is_open || !live.answers() {
            return None;
        }
        let elapsed = live.progress.as_ref().map_or(0.0, |progress| progress.elapsed);
        let is_long_ago = !live.is_running() || !(0.0..BETWEEN).contains(&(elapsed - self.asked_at));
        let is_another = self.image.as_ref().is_none_or(|asked| asked[..] != *image);
        let is_due = is_another || (self.is_stale && is_long_ago);
        if !is_due {
            return None;
        }
        let image = Image::new(image.try_into().ok()?);
        self.id += 1;
        (self.is_open, self.is_stale, self.asked_at) = (true, false, elapsed);
        self.image = Some(image.clone());
        Some((self.id, image))
    }

    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// What events that are no answers change.
    pub fn heed(&mut self, event: &Event) {
        match event {
            Event::Started(_) | Event::Progress(_) => self.is_stale = true,
            // Perhaps of the question: no answer may come any more.
            Event::Refused { .. } => {
                self.is_stale |= self.is_open;
                self.is_open = false;
            }
            _ => {}
        }
    }

    /// The image that this is the answer about, if it is the newest question's.
    pub fn answered(&mut self, id: u64) -> Option<Image> {
        if !self.is_open || id != self.id {
            return None;
        }
        self.is_open = false;
        self.image.clone()
    }
}
