//! The screen without a terminal: every screen as it looks, every key as it acts, and the loop that ties them together.

#![allow(unreachable_pub)]

mod background;
mod bytes;
mod confusion;
mod curves;
mod editor;
mod ensemble;
mod export;
mod fixture;
mod folds;
mod fuzz;
mod gallery;
mod keys;
mod layers;
mod letters;
mod methods;
mod mouse;
mod new_sweep;
mod notices;
mod pad;
mod pictures;
mod runs;
mod sweep;
mod sweeps;
mod the_loop;
mod transfer;
mod unsaved;
mod watch;
mod way_back;
mod wide;
