//! Reading on a thread of its own, so that what is read is processed meanwhile.

use std::{
    io::{self, BufRead, Read},
    thread,
};

use crossbeam_channel::{Receiver, Sender, bounded};

/// Bytes of a piece: what is read stays in the second-level cache until it is processed.
const PIECE: usize = 1 << 18;
const PIECES: usize = 4;

/// What a thread has read. Dropping this ends the thread.
pub(super) struct ReadAhead {
    pieces: Receiver<io::Result<Vec<u8>>>,
    /// Returns pieces to the thread to be filled again.
    used: Sender<Vec<u8>>,
    piece: Vec<u8>,
    /// Bytes of `piece` that have been consumed.
    consumed: usize,
}

impl ReadAhead {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system has no room for a thread.
    pub(super) fn start(source: impl Read + Send + 'static) -> io::Result<Self> {
        let ((filled, pieces), (used, empty)) = (bounded(PIECES), bounded(PIECES));
        for _ in 1..PIECES {
            used.send(Vec::new()).expect("there is room for every piece");
        }
        thread::Builder::new().name("read ahead".into()).spawn(move || fill(source, &empty, &filled))?;
        Ok(Self { pieces, used, piece: Vec::new(), consumed: 0 })
    }
}

/// Fills empty pieces until the source ends or fails, or nobody reads them.
fn fill(mut source: impl Read, empty: &Receiver<Vec<u8>>, filled: &Sender<io::Result<Vec<u8>>>) {
    for mut piece in empty {
        // `read_to_end` would overwrite the piece with zeros first.
        piece.resize(PIECE, 0);
        let mut length = 0;
        let end = loop {
            match source.read(&mut piece[length..]) {
                Ok(0) => break Some(Ok(())),
                Ok(count) => length += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Some(Err(error)),
            }
            if length == PIECE {
                break None;
            }
        };
        piece.truncate(length);
        if filled.send(Ok(piece)).is_err() {
            return;
        }
        if let Some(end) = end {
            if let Err(error) = end {
                let _ = filled.send(Err(error));
            }
            return;
        }
    }
}

impl BufRead for ReadAhead {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.consumed == self.piece.len() {
            let Ok(next) = self.pieces.recv() else { break };
            let used = std::mem::replace(&mut self.piece, next?);
            self.consumed = 0;
            // Without the thread, there is nothing to fill.
            let _ = self.used.send(used);
        }
        Ok(&self.piece[self.consumed..])
    }

    fn consume(&mut self, count: usize) {
        self.consumed += count;
    }
}

impl Read for ReadAhead {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(bytes)?;
        self.consume(count);
        Ok(count)
    }
}
