//! Runs and sweeps that outlive their terminal: a trainer in the background, and viewers that come and go.
//!
//! A background run, or sweep, is one process. It listens on a socket in the user's runtime folder; each viewer has its
//! own screen, and exchanges the commands and events of [`crate::train`], or of [`crate::sweep`], with the trainer. Sockets
//! exist only on Unix.

#[cfg(unix)]
mod client;
#[cfg(unix)]
mod list;
pub mod recording;
#[cfg(unix)]
mod runtime;
#[cfg(unix)]
mod server;
#[cfg(unix)]
mod socket;
pub mod wire;

#[cfg(unix)]
pub use client::{Attached, AttachedSweep, CannotAttach, attach, attach_to_sweep, status};
#[cfg(unix)]
pub use list::{Found, list};
pub use recording::Recording;
#[cfg(unix)]
pub use runtime::{RuntimeFolder, Unusable};
#[cfg(unix)]
pub use server::{Served, Server, SweepServer};
#[cfg(unix)]
pub use socket::{CannotListen, Listener};
