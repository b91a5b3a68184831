//! A web server on the loopback address that behaves as well or as badly as a test requires.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

/// The server's response to a request for a file.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The file, complete or from the requested byte on.
    File,
    /// The complete file, whatever range is requested.
    WholeFile,
    /// The file in pieces of n bytes, with a pause before each.
    Slowly(usize, Duration),
    /// The first n requested bytes, then the end of the connection.
    CutOff(usize),
    /// The first n requested bytes, then nothing more on an open connection.
    StallAfter(usize),
    /// Nothing at all on an open connection.
    Stall,
    /// A status line such as `404 Not Found`.
    Status(&'static str),
    /// These bytes with status 200, whatever range is requested.
    Bytes(Vec<u8>),
    /// The right response, one byte at a time from its first line on, with a pause before each.
    Trickle(Duration),
    /// These bytes instead of a response.
    Raw(Vec<u8>),
}

/// A request: the file's name, and the first requested byte.
pub type Asked = (String, Option<usize>);

pub struct Server {
    pub address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Serves `files`. `answer(name, n)` determines the response to request number `n` (from 0) for the file `name`.
    pub fn start(
        files: HashMap<String, Vec<u8>>,
        answer: impl Fn(&str, usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/mnist/", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::<Asked>::new()));
        let shared = Arc::new((files, answer));
        let log = asked.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, shared, log) = (stream.unwrap(), shared.clone(), log.clone());
                thread::spawn(move || {
                    let Some((name, start)) = read_request(&stream) else { return };
                    let count = {
                        let mut log = log.lock().unwrap();
                        log.push((name.clone(), start));
                        log.iter().filter(|(other, _)| *other == name).count() - 1
                    };
                    let (files, answer) = &*shared;
                    // A client that disconnects in the middle does not concern the server.
                    let _ = respond(stream, files.get(&name), start, &answer(&name, count));
                });
            }
        });
        Self { address, asked }
    }

    /// Returns all requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

/// Returns an address on which nothing listens.
pub fn dead_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/mnist/", listener.local_addr().unwrap())
}

fn read_request(stream: &TcpStream) -> Option<Asked> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    let name = first.split(' ').nth(1)?.strip_prefix("/mnist/")?.to_owned();
    let mut start = None;
    for line in lines {
        let line = line.ok()?.to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(range) = line.strip_prefix("range: bytes=") {
            start = range.strip_suffix('-')?.parse().ok();
        }
    }
    Some((name, start))
}

fn respond(
    mut stream: TcpStream,
    file: Option<&Vec<u8>>,
    start: Option<usize>,
    answer: &Answer,
) -> std::io::Result<()> {
    let file = match answer {
        Answer::Status(status) => return stream.write_all(head(status, "", 0).as_bytes()),
        Answer::Stall => return hold(&stream),
        Answer::Bytes(bytes) => bytes,
        Answer::Raw(bytes) => return stream.write_all(bytes),
        _ => match file {
            Some(file) => file,
            None => return stream.write_all(head("404 Not Found", "", 0).as_bytes()),
        },
    };
    let start = if matches!(answer, Answer::WholeFile | Answer::Bytes(_)) { None } else { start };
    if start.is_some_and(|start| start >= file.len()) {
        return stream.write_all(head("416 Range Not Satisfiable", "", 0).as_bytes());
    }
    let rest = &file[start.unwrap_or(0)..];
    let head = match start {
        None => head("200 OK", "", rest.len()),
        Some(start) => {
            let range = format!("Content-Range: bytes {start}-{}/{}\r\n", file.len() - 1, file.len());
            head("206 Partial Content", &range, rest.len())
        }
    };
    if let Answer::Trickle(pause) = answer {
        return [head.as_bytes(), rest].concat().iter().try_for_each(|&byte| {
            thread::sleep(*pause);
            stream.write_all(&[byte])
        });
    }
    stream.write_all(head.as_bytes())?;
    match answer {
        Answer::CutOff(count) => stream.write_all(&rest[..rest.len().min(*count)]),
        Answer::StallAfter(count) => {
            stream.write_all(&rest[..rest.len().min(*count)])?;
            hold(&stream)
        }
        Answer::Slowly(count, pause) => rest.chunks(*count).try_for_each(|piece| {
            thread::sleep(*pause);
            stream.write_all(piece)
        }),
        _ => stream.write_all(rest),
    }
}

fn head(status: &str, more: &str, length: usize) -> String {
    format!("HTTP/1.1 {status}\r\n{more}Content-Length: {length}\r\nConnection: close\r\n\r\n")
}

/// Sends nothing until the client disconnects.
fn hold(stream: &TcpStream) -> std::io::Result<()> {
    let mut nothing = String::new();
    BufReader::new(stream).read_line(&mut nothing).map(|_| ())
}
