//! Runs in the background: the wire, the recording, and the trainer's and the viewers' ends over real sockets.

#![cfg(unix)]
#![allow(unreachable_pub)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../screens/fixture.rs"]
#[expect(dead_code, reason = "made for the tests of the screens")]
mod fixture;

mod folder;
mod hostile;
mod images;
mod listing;
mod ranges;
mod recording;
mod samples;
mod serving;
mod strangers;
mod sweeping;
mod trainer;
mod wire;
