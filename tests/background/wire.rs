//! Messages as bytes.

use std::{fmt::Debug, fs, io::Cursor, path::Path};

use lenet_monitor::background::wire::{
    FrameError, Greeting, Ranged, TO_TRAINER, TO_VIEWER, ToTrainer, ToViewer, WIRE, decode, encode, read_frame,
};
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};
use serde::{Serialize, de::DeserializeOwned};

use crate::samples::{commands, requests, to_viewers};

pub fn payload(message: &impl Serialize, limit: usize) -> Vec<u8> {
    let frame = encode(message, limit).unwrap();
    let payload = read_frame(&mut Cursor::new(&frame), limit).unwrap().unwrap();
    assert_eq!(frame.len(), payload.len() + 4);
    payload
}

fn round_trip<T: Serialize + DeserializeOwned + Ranged + Debug>(message: &T, limit: usize) {
    let bytes = payload(message, limit);
    let decoded: T = decode(&bytes).unwrap_or_else(|error| panic!("{message:?}: {error}"));
    // As text, since NaN does not equal itself.
    assert_eq!(format!("{decoded:?}"), format!("{message:?}"));
    assert_eq!(payload(&decoded, limit), bytes);
}

#[test]
fn every_message_arrives_as_it_was_sent() {
    to_viewers().iter().for_each(|message| round_trip(message, TO_VIEWER));
    commands().iter().for_each(|message| round_trip(message, TO_TRAINER));
    requests().iter().for_each(|message| round_trip(message, TO_TRAINER));
}

/// Name, length and checksum of each message.
fn prints() -> String {
    let print = |text: String, bytes: Vec<u8>| {
        let letter = |char: char| char.is_ascii_alphanumeric() || char == '(';
        let name: String = text.chars().take_while(|&char| letter(char)).collect();
        format!("{} {} {:08x}\n", name.trim_end_matches('('), bytes.len(), crc32fast::hash(&bytes))
    };
    let to_viewers =
        to_viewers().into_iter().map(|message| print(format!("{message:?}"), payload(&message, TO_VIEWER)));
    let commands = commands().into_iter().map(|message| print(format!("{message:?}"), payload(&message, TO_TRAINER)));
    let requests = requests().into_iter().map(|message| print(format!("{message:?}"), payload(&message, TO_TRAINER)));
    format!("wire {WIRE}\n{}", to_viewers.chain(commands).chain(requests).collect::<String>())
}

#[test]
fn the_wire_number_is_raised_when_the_encoding_changes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/wire.txt");
    if std::env::var_os("LENET_MONITOR_UPDATE_WIRE").is_some() {
        fs::write(&path, prints()).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap();
    assert!(
        prints() == expected,
        "The bytes of messages between viewers and trainers have changed: raise WIRE in src/background/wire/mod.rs, \
         unless no version with this number was released; then LENET_MONITOR_UPDATE_WIRE=1 writes {}. Found:\n{}",
        path.display(),
        prints()
    );
}

#[test]
fn a_greeting_reads_in_every_version() {
    let mut bytes = Vec::new();
    Greeting { wire: 0x0102_0304, version: "10.20.30-a-very-long-suffix".into() }.write(&mut bytes).unwrap();
    assert_eq!(bytes, *b"\x89LNwire\n\x04\x03\x02\x0110.20.30-a-very-long");
    let greeting = Greeting::read(&mut Cursor::new(&bytes)).unwrap();
    assert_eq!(greeting, Greeting { wire: 0x0102_0304, version: "10.20.30-a-very-long".into() });
    let error = Greeting::read(&mut Cursor::new(b"GET / HTTP/1.1\r\n")).unwrap_err();
    assert!(error.to_string().contains("greeting of a lenet-monitor"), "{error}");
    bytes[14] = 0x1b;
    assert_eq!(Greeting::read(&mut Cursor::new(&bytes)).unwrap().version, "10?20.30-a-very-long");
}

#[test]
fn frames_are_limited_and_whole() {
    for length in [TO_TRAINER as u32 + 1, 1 << 30, u32::MAX] {
        let claim = length.to_le_bytes();
        let error = read_frame(&mut Cursor::new(&claim), TO_TRAINER).unwrap_err();
        assert!(
            matches!(error, FrameError::TooLong { limit: TO_TRAINER, found } if found == length as usize),
            "{error}"
        );
    }
    let frame = encode(&commands()[6], TO_TRAINER).unwrap();
    assert!(read_frame(&mut Cursor::new(&frame[..0]), TO_TRAINER).unwrap().is_none());
    for end in 1..frame.len() {
        let error = read_frame(&mut Cursor::new(&frame[..end]), TO_TRAINER).unwrap_err();
        assert!(matches!(error, FrameError::Truncated { .. }), "{end}: {error}");
    }
    let error = encode(&ToViewer::Farewell("a".repeat(100)), 50).unwrap_err();
    assert!(matches!(error, FrameError::TooLong { limit: 50, .. }), "{error}");
    let error = decode::<ToTrainer>(&[&payload(&commands()[0], TO_TRAINER)[..], &[0]].concat()).unwrap_err();
    assert!(error.to_string().contains("1 bytes remain"), "{error}");
}

/// Decodes damaged versions of a message, which may succeed or fail, but must end.
fn damage<T: Serialize + DeserializeOwned + Ranged>(message: &T, limit: usize, random: &mut Xoshiro256PlusPlus) -> u32 {
    let bytes = payload(message, limit);
    let mut failures = 0;
    for _ in 0..400 {
        let mut damaged = bytes.clone();
        for _ in 0..random.random_range(1..4) {
            let at = random.random_range(0..damaged.len());
            damaged[at] = match random.random_range(0..4) {
                // Lengths of 2, 4 and 8 bytes begin so.
                0 => random.random_range(251..=255),
                1 => damaged[at] ^ 1 << random.random_range(0..8),
                _ => random.random(),
            };
        }
        if random.random_range(0..4) == 0 {
            damaged.truncate(random.random_range(0..damaged.len()));
        }
        failures += u32::from(decode::<T>(&damaged).is_err());
    }
    failures
}

#[test]
fn damaged_messages_and_garbage_are_refused_without_a_panic() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(17);
    let mut failures = 0;
    for message in to_viewers() {
        failures += damage(&message, TO_VIEWER, &mut random);
    }
    for message in commands() {
        failures += damage(&message, TO_TRAINER, &mut random);
    }
    assert!(failures > 1_000, "{failures}");
    for length in (0..200).cycle().take(20_000) {
        let garbage: Vec<u8> = (0..length).map(|_| random.random()).collect();
        let _ = decode::<ToViewer>(&garbage);
        let _ = decode::<ToTrainer>(&garbage);
    }
}

#[test]
fn claimed_lengths_are_no_reason_to_allocate() {
    // A note of 2^40 bytes, and evaluations of 2^60 images.
    for claim in
        [[&[253][..], &(1_u64 << 40).to_le_bytes()].concat(), [&[253][..], &(1_u64 << 60).to_le_bytes()].concat()]
    {
        for message in to_viewers() {
            let bytes = payload(&message, TO_VIEWER);
            for at in 1..bytes.len().min(60) {
                let _ = decode::<ToViewer>(&[&bytes[..at], &claim[..], &bytes[at..]].concat());
            }
        }
    }
}
