//! Identification of files that are not pictures in a supported format, by their first bytes.

/// Returns the format of a file, and what to do with it.
pub(super) fn identify(bytes: &[u8]) -> String {
    match name(bytes) {
        Some(name) => name.to_owned(),
        None => {
            let start = &bytes[..bytes.len().min(8)];
            format!("{} bytes that begin with \"{}\"", bytes.len(), start.escape_ascii())
        }
    }
}

fn name(bytes: &[u8]) -> Option<&'static str> {
    let starts = |magics: &[(&[u8], &'static str)]| {
        magics.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, name)| *name)
    };
    iso_media(bytes).or_else(|| riff(bytes)).or_else(|| starts(MAGICS)).or_else(|| text(bytes)).or_else(|| other(bytes))
}

macro_rules! save {
    ($name:literal) => {
        concat!($name, ": save it as JPEG or PNG")
    };
}

const MAGICS: &[(&[u8], &str)] = &[
    (b"GIF8", save!("GIF")),
    (b"II*\0", save!("TIFF (or a camera's raw file)")),
    (b"MM\0*", save!("TIFF (or a camera's raw file)")),
    (b"II+\0", save!("TIFF")),
    (b"MM\0+", save!("TIFF")),
    (b"BM", save!("BMP")),
    (b"\0\0\x01\0", save!("an icon (ICO)")),
    (b"8BPS", save!("a Photoshop file (PSD)")),
    (b"gimp xcf", save!("a GIMP file (XCF)")),
    (b"\0\0\0\x0cJXL ", save!("JPEG XL")),
    (b"\xff\x0a", save!("JPEG XL")),
    (b"\0\0\0\x0cjP  ", save!("JPEG 2000")),
    (b"\xff\x4f\xff\x51", save!("JPEG 2000")),
    (b"qoif", save!("QOI")),
    (b"v/1\x01", save!("OpenEXR")),
    (b"#?RADIANCE", save!("Radiance HDR")),
    (b"DDS ", save!("DDS")),
    (b"farbfeld", save!("farbfeld")),
    (b"FUJIFILM", save!("a camera's raw file")),
    (b"%PDF", "PDF: save the page as JPEG or PNG"),
    (b"%!PS", "PostScript: save the page as JPEG or PNG"),
    (b"PK\x03\x04", "a zip archive (or an office document): unpack the picture first"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x8b", "gzip: unpack it first (gunzip)"),
    (b"\xfd7zXZ\0", "xz: unpack it first (unxz)"),
    (b"BZh", "bzip2: unpack it first (bunzip2)"),
    (b"\x28\xb5\x2f\xfd", "zstd: unpack it first (unzstd)"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack the picture first"),
    (b"Rar!", "a RAR archive: unpack the picture first"),
    (b"\x93NUMPY", "a NumPy array: save it as PNG"),
    (b"\x89HDF", "HDF5: save the picture in it as PNG"),
    (b"\0\0\x08\x01", "IDX labels: expected one picture, not a data set"),
    (b"\0\0\x08\x03", "IDX images: expected one picture, not a data set (`eval --data-dir` reads those)"),
    (b"\x89PNG", "a PNG whose line endings were converted in transfer: copy it again as a binary file"),
    (b"\xef\xbf\xbdPNG", "a PNG damaged by a text editor or a transfer as text: copy it again as a binary file"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
];

/// Identifies HEIC and related formats: boxes, the first of which lists the brands.
fn iso_media(bytes: &[u8]) -> Option<&'static str> {
    if bytes.get(4..8)? != b"ftyp" {
        return None;
    }
    let length = u32::from_be_bytes(bytes[..4].try_into().expect("four bytes")) as usize;
    let brands = &bytes[8..length.clamp(8, 256).min(bytes.len())];
    let has = |names: &[&[u8; 4]]| brands.chunks_exact(4).any(|brand| names.iter().any(|name| brand == *name));
    Some(if has(&[b"avif", b"avis"]) {
        save!("AVIF")
    } else if has(&[b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"]) {
        "HEIC (an iPhone's photo): save it as JPEG"
    } else if has(&[b"crx "]) {
        save!("a camera's raw file")
    } else {
        "a video: save one frame as JPEG or PNG"
    })
}

fn riff(bytes: &[u8]) -> Option<&'static str> {
    (bytes.starts_with(b"RIFF") && bytes.get(8..12)? == b"WEBP").then_some(save!("WebP"))
}

fn text(bytes: &[u8]) -> Option<&'static str> {
    let start = &bytes[..bytes.len().min(2_048)];
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start().to_ascii_lowercase();
    let has = |word: &[u8]| start.windows(word.len()).any(|window| window == word);
    if start.starts_with(b"version https://git-lfs") {
        Some("a Git LFS pointer, not the picture itself: fetch it with `git lfs pull`")
    } else if start.starts_with(b"<!doctype html")
        || start.starts_with(b"<html")
        || (start.starts_with(b"<") && has(b"<html"))
    {
        Some("an HTML page, not the picture itself: download it again")
    } else if start.starts_with(b"<") && has(b"<svg") {
        Some("SVG: save it as PNG")
    } else if start.starts_with(b"data:image") {
        Some("a data URL: save the picture itself")
    } else {
        None
    }
}

/// Identifies formats without a signature at the start.
fn other(bytes: &[u8]) -> Option<&'static str> {
    if bytes.get(257..262) == Some(b"ustar") {
        Some("a tar archive: unpack the picture first")
    } else if bytes.iter().all(|&byte| byte == 0) {
        Some("nothing but zero bytes (a failed copy): copy it again")
    } else {
        None
    }
}
