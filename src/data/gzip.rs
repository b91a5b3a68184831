//! Gzip files with one member or several, possibly padded with zeros after the last one.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

/// First bytes of every gzip file.
pub(super) const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// A reader that unpacks gzip members one after another. It ignores zeros after the last one, as `gzip` does; anything
/// else there is an error.
pub(super) struct Members<R>(Option<GzDecoder<R>>);

impl<R: BufRead> Members<R> {
    pub(super) fn new(packed: R) -> Self {
        Self(Some(GzDecoder::new(packed)))
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.0 {
            let count = member.read(bytes)?;
            if count > 0 || bytes.is_empty() {
                return Ok(count);
            }
            let mut rest = self.0.take().expect("a member was read").into_inner();
            self.0 = if another_follows(&mut rest)? { Some(GzDecoder::new(rest)) } else { None };
        }
        Ok(0)
    }
}

fn another_follows(rest: &mut impl BufRead) -> io::Result<bool> {
    let mut padded = false;
    loop {
        let bytes = rest.fill_buf()?;
        if bytes.is_empty() {
            return Ok(false);
        }
        let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
        padded |= zeros > 0;
        if zeros < bytes.len() {
            let damage = |what| Err(io::Error::new(io::ErrorKind::InvalidData, what));
            return match bytes[zeros] {
                _ if padded => damage("data follows the padding"),
                first if first != MAGIC[0] => {
                    damage("the stream is complete, but is followed by data that is not gzip")
                }
                _ => Ok(true),
            };
        }
        rest.consume(zeros);
    }
}
