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
mod listing;
mod recording;
mod samples;
mod serving;
mod sweeping;
mod trainer;
mod wire;
