//! What a viewer and the trainer of a background run say to each other.
//!
//! Both first write a [`Greeting`], whose form never changes, so that two versions of the program understand at least
//! that they differ. Then the viewer sends its [`Request`], and the trainer answers with [`ToViewer`] messages. Each
//! message is a frame: its length in four bytes, little-endian, and that many bytes of bincode.

mod frame;
mod greeting;
mod message;
mod ranges;

pub use frame::{FrameError, TO_TRAINER, TO_VIEWER, decode, encode, read_frame};
pub use greeting::{Greeting, NotALenetMonitor};
pub use message::{Request, Status, SweepStatus, TestImage, ToTrainer, ToViewer, Welcome};
pub use ranges::Ranged;

/// Number of the wire's format. A change of any message, and so of a type of [`crate::train`] or [`crate::sweep`] that it
/// contains, raises it.
pub const WIRE: u32 = 1;
