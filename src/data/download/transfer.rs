//! A request to a mirror, on a thread of its own.
//!
//! The thread only forwards what it receives. The caller can give up at any moment, even if the thread is blocked (a
//! DNS lookup cannot be interrupted), and nothing the thread does later has an effect.

use std::{
    fmt::Display,
    io::{self, Read},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
    time::Duration,
};

use ureq::{
    Agent, Body,
    http::{Response, StatusCode, header},
};

use super::{Failure, address};

/// A message from a transfer: one `Start`, any number of `Bytes` and one `End`, or only an `End`.
pub(super) enum Piece {
    /// The following bytes belong at `offset`. The complete file has `length` bytes, if the mirror reports it.
    Start {
        offset: u64,
        length: Option<u64>,
    },
    Bytes(Vec<u8>),
    End(Result<(), Failure>),
}

const PIECE_BYTES: usize = 1 << 16;

/// Number of pieces that may be queued: a slow disk slows down the transfer, and memory stays bounded.
const PIECES: usize = 16;

/// Timeout of each operation, which ends an abandoned thread. The caller's patience is shorter.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Requests `url` from byte `offset` on.
pub(super) fn start(url: String, offset: u64) -> io::Result<Receiver<Piece>> {
    let (sender, receiver) = sync_channel(PIECES);
    thread::Builder::new().name("download".into()).spawn(move || {
        let end = run(&url, offset, &sender);
        // Fails if the caller has given up, which does not matter.
        let _ = sender.send(Piece::End(end));
    })?;
    Ok(receiver)
}

fn run(url: &str, offset: u64, sender: &SyncSender<Piece>) -> Result<(), Failure> {
    let mut response = request(url, offset)?;
    let (offset, length) = placement(&response, offset)?;
    if sender.send(Piece::Start { offset, length }).is_err() {
        return Ok(());
    }
    let mut body = response.body_mut().as_reader();
    loop {
        let mut bytes = vec![0; PIECE_BYTES];
        let count = match body.read(&mut bytes) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(broken(error, url)),
        };
        bytes.truncate(count);
        if sender.send(Piece::Bytes(bytes)).is_err() {
            return Ok(());
        }
    }
}

fn request(url: &str, offset: u64) -> Result<Response<Body>, Failure> {
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_resolve(Some(TIMEOUT))
        .timeout_connect(Some(TIMEOUT))
        .timeout_recv_response(Some(TIMEOUT))
        .timeout_per_read(Some(TIMEOUT))
        .user_agent(concat!("lenet-monitor/", env!("CARGO_PKG_VERSION")))
        // The files are already compressed, and the checksums are those of the compressed bytes.
        .accept_encoding("identity")
        .build()
        .into();
    let mut request = agent.get(url);
    if offset > 0 {
        request = request.header(header::RANGE, format!("bytes={offset}-"));
    }
    request.call().map_err(|error| broken(error, url))
}

fn broken(error: impl Display, url: &str) -> Failure {
    Failure::Broken(address::cleaned(&error.to_string(), url))
}

/// Returns the offset of the response's bytes, and the length of the complete file if the mirror reports it.
fn placement(response: &Response<Body>, requested: u64) -> Result<(u64, Option<u64>), Failure> {
    match response.status() {
        StatusCode::OK => Ok((0, response.body().content_length())),
        StatusCode::PARTIAL_CONTENT => {
            let range = response.headers().get(header::CONTENT_RANGE).and_then(|range| range.to_str().ok());
            match range.and_then(parse_content_range) {
                Some((offset, length)) if offset == requested => Ok((offset, length)),
                _ => Err(Failure::Range),
            }
        }
        StatusCode::RANGE_NOT_SATISFIABLE => Err(Failure::Range),
        status => Err(Failure::Status(status)),
    }
}

/// Parses the start and the total length of `bytes START-END/LENGTH`. The length may be `*`.
fn parse_content_range(range: &str) -> Option<(u64, Option<u64>)> {
    let (span, length) = range.strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = span.split_once('-')?;
    Some((start.trim().parse().ok()?, length.trim().parse().ok()))
}
