//! Runs and sweeps that train in the background: starting one, attaching a screen, listing, stopping, pausing and resuming.
//! Possible on Unix only.

mod args;
#[cfg(unix)]
mod attach;
#[cfg(unix)]
mod control;
#[cfg(not(unix))]
mod elsewhere;
#[cfg(unix)]
mod find;
#[cfg(unix)]
mod launch;
#[cfg(unix)]
mod offer;
#[cfg(unix)]
mod reach;
#[cfg(unix)]
mod serve;

pub(super) use self::args::{AttachArgs, ControlArgs, Observe, Order, SessionsArgs, StopArgs};
#[cfg(not(unix))]
pub(super) use self::elsewhere::{
    Prepared, attach, attach_to, attach_to_sweep_into, background_runs, continue_after, detach_on_hang_up, launch_this,
    list, offers_to_attach, order, serve, serve_sweep, stop,
};
#[cfg(unix)]
pub(super) use self::{
    attach::{attach as attach_to, attach_to_sweep_into, run as attach},
    control::{list, order, stop},
    launch::{continue_after, detach_on_hang_up, launch_this},
    offer::offers_to_attach,
    reach::background_runs,
    serve::{Prepared, serve, serve_sweep},
};
