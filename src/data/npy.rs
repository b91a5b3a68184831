//! The header of NumPy's `.npy` files: a Python dictionary as text.

use std::io::{self, Read};

/// Maximum length of a header. NumPy pads headers to a multiple of 64 bytes; those of number arrays are far shorter.
const MAX_HEADER: usize = 1 << 12;

/// Contents of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header<'a> {
    /// Type of the numbers: `|u1`, `<i8`, `>f4`.
    pub descr: &'a str,
    /// Whether the last index changes fastest; otherwise the first does.
    pub is_row_major: bool,
    pub shape: Vec<u64>,
}

impl<'a> Header<'a> {
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let descr = value(text, "descr")?.split(['\'', '"']).nth(1)?;
        let is_row_major = value(text, "fortran_order")?.trim_start().starts_with("False");
        let lengths = value(text, "shape")?.trim_start().strip_prefix('(')?.split(')').next()?;
        let lengths = lengths.split(',').map(str::trim).filter(|length| !length.is_empty());
        let shape = lengths.map(|length| length.parse().ok()).collect::<Option<_>>()?;
        Some(Self { descr, is_row_major, shape })
    }
}

/// Reads the text of a header, up to the numbers.
pub(crate) fn read_header(array: &mut impl Read) -> io::Result<String> {
    let invalid = |what| io::Error::new(io::ErrorKind::InvalidData, what);
    let mut start = [0; 8];
    array.read_exact(&mut start)?;
    let [b'\x93', b'N', b'U', b'M', b'P', b'Y', version, _] = start else { return Err(invalid("not a NumPy array")) };
    let mut length = [0; 4];
    array.read_exact(&mut length[..if version == 1 { 2 } else { 4 }])?;
    let length = u32::from_le_bytes(length) as usize;
    if length > MAX_HEADER {
        return Err(invalid("an oversized header"));
    }
    let mut text = vec![0; length];
    array.read_exact(&mut text)?;
    String::from_utf8(text).map_err(|_| invalid("a header that is not text"))
}

/// Returns the text after `'key':` in a dictionary.
fn value<'a>(dictionary: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = dictionary.split_once(&format!("'{key}'"))?;
    rest.trim_start().strip_prefix(':')
}
