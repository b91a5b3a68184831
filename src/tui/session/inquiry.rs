//! Inquiries to the worker about an image: one at a time, repeated as the weights change.

use crate::{data::PIXELS, train::Event, tui::session::live::Live};

/// Seconds of training between two inquiries about the same image.
const BETWEEN: f64 = 0.3;

pub(crate) type Image = Box<[u8; PIXELS]>;

/// The latest inquiry, and whether it has to be repeated.
#[derive(Clone, Debug, Default)]
pub struct Inquiry {
    /// Number of the latest inquiry.
    id: u64,
    /// Image that it was about.
    image: Option<Image>,
    /// Whether its answer is pending.
    is_open: bool,
    /// Whether it has to be sent again even if the weights are the same.
    is_stale: bool,
    /// Number of progress reports before it was sent.
    reports: u64,
    /// Seconds of training done when it was sent.
    sent_at: f64,
}

impl Inquiry {
    /// Returns the inquiry to send now, if any. None is sent while another is pending.
    pub fn question(&mut self, image: &[u8], live: &Live) -> Option<(u64, Image)> {
        if self.is_open || !live.answers() {
            return None;
        }
        let elapsed = live.progress.as_ref().map_or(0.0, |progress| progress.elapsed);
        let is_long_ago = !live.is_running() || !(0.0..BETWEEN).contains(&(elapsed - self.sent_at));
        let is_another = self.image.as_ref().is_none_or(|asked| asked[..] != *image);
        let is_stale = self.is_stale || self.reports != live.reports;
        let is_due = is_another || (is_stale && is_long_ago);
        if !is_due {
            return None;
        }
        let image = Image::new(image.try_into().ok()?);
        self.id += 1;
        (self.is_open, self.is_stale, self.sent_at, self.reports) = (true, false, elapsed, live.reports);
        self.image = Some(image.clone());
        Some((self.id, image))
    }

    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Processes an event that is not an answer.
    pub fn heed(&mut self, event: &Event) {
        match event {
            Event::Started(_) => self.is_stale = true,
            // The inquiry itself may have been refused, and then no answer will come.
            Event::Refused { .. } => {
                self.is_stale |= self.is_open;
                self.is_open = false;
            }
            _ => {}
        }
    }

    /// Returns the image that this answer is about, if it answers the latest inquiry.
    pub fn answered(&mut self, id: u64) -> Option<Image> {
        if !self.is_open || id != self.id {
            return None;
        }
        self.is_open = false;
        self.image.clone()
    }
}
