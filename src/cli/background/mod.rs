//! Runs that train in the background: starting one, attaching a screen, listing, stopping, pausing and resuming.
//! Possible on Unix only.

mod attach;
mod control;
mod find;
mod launch;
mod offer;
mod reach;
mod serve;

pub(super) use self::{
    attach::{AttachArgs, attach as attach_to, run as attach},
    control::{ControlArgs, Order, SessionsArgs, StopArgs, list, order, stop},
    launch::{continue_run, detach_on_hang_up, launch_this},
    offer::offers_to_attach,
    reach::background_runs,
    serve::{Prepared, serve},
};
