//! IDX files: what can be read, and that every flaw is an error with the file's path, what was expected and what was
//! found.

mod common;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use lenet_monitor::data::{
    PIXELS,
    idx::{self, Content, IdxFault},
};
use tempfile::TempDir;

/// Returns three images and labels that differ from each other.
fn three() -> (Vec<u8>, Vec<u8>) {
    let pixels: Vec<u8> = (0..3 * PIXELS).map(|index| (index % 251) as u8).collect();
    (common::images_file(&pixels), common::labels_file(&[9, 0, 4]))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn file(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some-file");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// Returns the fault of a file with these bytes, and the message, which always names the file.
fn fault(bytes: &[u8], content: Content) -> (IdxFault, String) {
    let (_folder, path) = file(bytes);
    fault_at(&path, content)
}

fn fault_at(path: &Path, content: Content) -> (IdxFault, String) {
    let error = idx::read(path, content).map(|_| ()).expect_err("a damaged file was read");
    let message = error.to_string();
    assert!(message.starts_with(&path.display().to_string()), "does not name the file: {message}");
    (error.fault, message)
}

/// Returns a copy with the big-endian word `index` replaced.
fn with_word(bytes: &[u8], index: usize, word: u32) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[index * 4..][..4].copy_from_slice(&word.to_be_bytes());
    bytes
}

#[test]
fn reads_raw_and_gzipped_files_alike() {
    let (images, labels) = three();
    for (bytes, content) in [(images, Content::Images), (labels, Content::Labels)] {
        for packed in [bytes.clone(), gzip(&bytes), [gzip(&bytes[..11]), gzip(&bytes[11..])].concat()] {
            let (_folder, path) = file(&packed);
            let read = idx::read(&path, content).unwrap();
            assert_eq!([read.header, read.body].concat(), bytes);
        }
    }
}

#[test]
fn recognises_gzip_by_content_and_not_by_name() {
    let (images, _) = three();
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [("raw.gz", images.clone()), ("packed", gzip(&images))] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        assert_eq!(idx::read(&path, Content::Images).unwrap().body, images[16..]);
    }
}

#[test]
fn rejects_a_wrong_magic_number() {
    let (images, labels) = three();
    let (found, message) = fault(&with_word(&images, 0, 0x0000_0802), Content::Images);
    assert!(matches!(found, IdxFault::Magic { expected: 0x803, found: 0x802, .. }), "{found:?}");
    assert!(message.contains("0x00000803") && message.contains("0x00000802"), "{message}");

    // Images instead of labels and vice versa, and something else entirely.
    assert!(matches!(fault(&images, Content::Labels).0, IdxFault::Magic { expected: 0x801, found: 0x803, .. }));
    assert!(matches!(fault(&labels, Content::Images).0, IdxFault::Magic { expected: 0x803, found: 0x801, .. }));
}

#[test]
fn names_files_of_other_formats() {
    let npz = [b"PK\x03\x04", &[0; 22][..], &[11, 0, 0, 0], b"x_train.npy"].concat();
    let tar = [&[b'a'; 257][..], b"ustar\x0000"].concat();
    let lfs = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9912422\n";
    let cases: [(&[u8], &str, &str); 18] = [
        (b"PK\x03\x04\x14\0 a zip archive", "a zip archive", "unpack"),
        (&npz, "NumPy arrays (npz)", "mnist.npz"),
        (b"\xfd7zXZ\0\0\x04", "an xz file", "xz -d"),
        (b"\x28\xb5\x2f\xfd\x24", "a zstd file", "zstd -d"),
        (b"BZh91AY", "a bzip2 file", "bunzip2"),
        (b"\x93NUMPY\x01\0v\0{'descr'", "a NumPy array", "x_train"),
        (b"PAR1\x15\x04", "a Parquet file", "x_train"),
        (b"\x80\x04\x95\x10", "a Python pickle", "x_train"),
        (b"\x80\x02]q\0", "a Python pickle", "x_train"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file", "x_train"),
        (lfs, "a Git LFS pointer", "git lfs pull"),
        (&tar, "a tar archive", "unpack"),
        (b"\x89PNG\r\n\x1a\n", "a PNG picture", ""),
        (b"label,pixel0\n5,0", "text that begins with \"label,pixel0 5,0\"", ""),
        (b"\x03\x08\0\0\x60\xea\0\0", "reverse order", ""),
        (&[0; 600], "nothing but zeros", ""),
        (b"\xf0\x9f\x98", "", ""),
        (b"\xde\xad\xbe\xef\x01", "bytes that begin with de ad be ef 01", ""),
    ];
    for (bytes, what, advice) in cases {
        for content in [Content::Images, Content::Labels] {
            for bytes in [bytes.to_vec(), gzip(bytes)] {
                let (_, message) = fault(&bytes, content);
                assert!(message.contains(what) && message.contains(advice), "{what}: {message}");
            }
        }
    }
    let (_, message) = fault(&gzip(&gzip(&three().0)), Content::Images);
    assert!(message.contains("found gzip in gzip; unpack it once"), "{message}");
}

#[test]
fn names_arrays_of_another_type_or_shape() {
    let array = |code: u8, lengths: &[u32]| {
        let words: Vec<u8> = lengths.iter().flat_map(|length| length.to_be_bytes()).collect();
        [&[0, 0, code, lengths.len() as u8][..], &words, &[0; 64]].concat()
    };
    for (bytes, content, what) in [
        (array(0x0d, &[20, 28, 28]), Content::Images, "32-bit float images, 20x28x28"),
        (array(0x0e, &[20, 28, 28]), Content::Images, "64-bit float images, 20x28x28"),
        (array(0x0c, &[20, 28, 28]), Content::Images, "32-bit images, 20x28x28"),
        (array(0x09, &[20, 28, 28]), Content::Images, "signed 8-bit images, 20x28x28"),
        (array(0x08, &[20, 1, 28, 28]), Content::Images, "images, 20x1x28x28"),
        (array(0x0d, &[20]), Content::Labels, "32-bit float labels, 20"),
        (array(0x0c, &[20, 3]), Content::Labels, "32-bit labels, 20x3"),
        (array(0x08, &[20, 10]), Content::Labels, "labels, 20x10"),
        (array(0x0b, &[20, 0]), Content::Labels, "16-bit labels, 20x0"),
    ] {
        for bytes in [gzip(&bytes), bytes] {
            let (found, message) = fault(&bytes, content);
            assert!(matches!(found, IdxFault::Magic { .. }), "{found:?}");
            assert!(message.contains(&format!("found {what} (magic number 0x0000")), "{message}");
        }
    }
}

#[test]
fn reads_labels_of_any_integer_type() {
    let digits = [9, 0, 4, 4, 7];
    let wide = |code: u8, bytes: usize| {
        let number = |&digit: &u8| [vec![0; bytes - 1], vec![digit]].concat();
        let body: Vec<u8> = digits.iter().flat_map(number).collect();
        [&[0, 0, code, 1, 0, 0, 0, 5][..], &body].concat()
    };
    let files = [wide(8, 1), wide(9, 1), wide(0xb, 2), wide(0xc, 4), common::layouts::wide_labels(&digits, 8)];
    for bytes in files.iter().cloned().chain(files.iter().map(|bytes| gzip(bytes))) {
        let (_folder, path) = file(&bytes);
        let read = idx::read(&path, Content::Labels).unwrap();
        assert_eq!([read.header, read.body].concat(), common::labels_file(&digits));
    }
    // A digit in the last byte is not enough.
    let mut negative = wide(0xc, 4);
    negative[8] = 0xff;
    let (found, message) = fault(&negative, Content::Labels);
    assert!(matches!(found, IdxFault::Label { index: 0, found: -16_777_207 }), "{found:?}: {message}");
    let rows = common::layouts::wide_labels(&digits, 8);
    for length in 12..rows.len() {
        let (found, _) = fault(&rows[..length], Content::Labels);
        assert!(matches!(found, IdxFault::TooShort { .. }), "{length}: {found:?}");
    }
}

#[test]
fn names_data_sets_with_more_than_ten_classes() {
    for (highest, set) in [(26, "EMNIST letters"), (46, "EMNIST balanced"), (61, "EMNIST byclass"), (48, "49")] {
        let labels: Vec<u8> = (1..=highest).collect();
        for bytes in [common::labels_file(&labels), common::layouts::wide_labels(&labels, 8)] {
            let (_, message) = fault(&bytes, Content::Labels);
            assert!(message.contains(&format!("labels up to {highest} (")) && message.contains(set), "{message}");
        }
    }
}

#[test]
fn reports_data_after_a_complete_gzip() {
    let packed = [gzip(&three().0), b"JUNK".to_vec()].concat();
    let (_folder, path) = file(&packed);
    let error = idx::read(&path, Content::Images).unwrap_err().to_string();
    assert!(error.contains("the stream is complete, but is followed by data that is not gzip"), "{error}");
}

#[test]
fn reads_a_gzip_padded_with_zeros() {
    let (images, _) = three();
    let two = [gzip(&images[..100]), gzip(&images[100..])].concat();
    for packed in [gzip(&images), two] {
        for zeros in [1, 3, 511, 200_000] {
            let padded = [&packed[..], &vec![0; zeros]].concat();
            let (_folder, path) = file(&padded);
            assert_eq!(idx::read(&path, Content::Images).unwrap().body, images[16..]);
            let then_more = [&padded[..], b"x"].concat();
            assert!(matches!(fault(&then_more, Content::Images).0, IdxFault::GzipDamaged(_)));
        }
    }
}

#[cfg(unix)]
#[test]
fn refuses_a_pipe_without_waiting_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let link = folder.path().join("link");
    std::os::unix::fs::symlink("pipe", &link).unwrap();
    for (path, kind) in [(pipe, "a named pipe"), (link, "a named pipe"), ("/dev/zero".into(), "a device")] {
        let (found, message) = fault_at(&path, Content::Images);
        assert!(matches!(found, IdxFault::NotAFile(_)) && message.contains(kind), "{found:?}");
    }
}

#[test]
fn rejects_images_of_another_size() {
    let (images, _) = three();
    for bytes in [with_word(&images, 2, 32), with_word(&images, 3, 32), with_word(&images, 2, u32::MAX)] {
        let (found, message) = fault(&bytes, Content::Images);
        assert!(matches!(found, IdxFault::Dimension { .. }), "{found:?}");
        assert!(message.contains("expected images of 28x28 pixels, found "), "{message}");
    }
}

#[test]
fn rejects_an_impossible_count() {
    let (images, labels) = three();
    for count in [0, idx::MAX_COUNT + 1, u32::MAX] {
        for (bytes, content) in [(&images, Content::Images), (&labels, Content::Labels)] {
            let bytes = with_word(bytes, 1, count);
            for bytes in [gzip(&bytes), bytes] {
                let (found, message) = fault(&bytes, content);
                assert!(matches!(found, IdxFault::Count { found } if found == count), "{found:?}");
                assert!(message.contains(&format!("found {count}")), "{message}");
            }
        }
    }
}

#[test]
fn rejects_a_count_that_does_not_fit_the_length() {
    let (images, _) = three();
    for count in [4, 60_000, idx::MAX_COUNT] {
        let claimed = 16 + u64::from(count) * PIXELS as u64;
        let bytes = with_word(&images, 1, count);
        for bytes in [gzip(&bytes), bytes] {
            let (found, message) = fault(&bytes, Content::Images);
            assert!(
                matches!(found, IdxFault::TooShort { expected, found: 2368 } if expected == claimed),
                "{count}: {found:?}"
            );
            assert!(message.contains(&claimed.to_string()) && message.contains("2368"), "{message}");
        }
    }
    for bytes in [with_word(&images, 1, 2), gzip(&with_word(&images, 1, 2))] {
        assert!(matches!(fault(&bytes, Content::Images).0, IdxFault::TooLong { expected: 1584, .. }));
    }
}

#[test]
fn rejects_every_shorter_and_every_longer_file() {
    let (images, labels) = three();
    for (bytes, content) in [(images, Content::Images), (labels, Content::Labels)] {
        for length in 0..bytes.len() {
            let cut = &bytes[..length];
            let (found, _) = fault(cut, content);
            assert!(matches!(found, IdxFault::Empty(_) | IdxFault::TooShort { .. }), "{length}: {found:?}");
            if length % 97 == 0 {
                let (found, _) = fault(&gzip(cut), content);
                assert!(matches!(found, IdxFault::Empty(_) | IdxFault::TooShort { .. }), "{length}: {found:?}");
            }
        }
        let longer = [&bytes[..], &[0]].concat();
        assert!(matches!(fault(&longer, content).0, IdxFault::TooLong { .. }));
        assert!(matches!(fault(&gzip(&longer), content).0, IdxFault::TooLong { .. }));
    }
}

#[test]
fn rejects_a_gzip_that_ends_anywhere_early() {
    let (images, _) = three();
    let packed = gzip(&images);
    for length in 2..packed.len() {
        let (found, _) = fault(&packed[..length], Content::Images);
        assert!(matches!(found, IdxFault::GzipEndsEarly { .. }), "{length} of {}: {found:?}", packed.len());
    }
    let (_, message) = fault(&packed[..packed.len() / 2], Content::Images);
    assert!(message.contains("truncated gzip file: it ends after unpacking to "), "{message}");
}

#[test]
fn a_flipped_bit_in_a_gzip_never_changes_an_image() {
    let (images, _) = three();
    let packed = gzip(&images);
    let mut rejected = 0;
    for bit in 0..packed.len() * 8 {
        let mut damaged = packed.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let (_folder, path) = file(&damaged);
        match idx::read(&path, Content::Images) {
            Err(_) => rejected += 1,
            // The bit has no effect: a time in the header, or padding.
            Ok(read) => assert_eq!(read.body, images[16..], "bit {bit}"),
        }
    }
    assert!(rejected > packed.len() * 6, "{rejected} bits of {} bytes", packed.len());
}

#[test]
fn rejects_garbage_after_a_gzip() {
    let (images, _) = three();
    let packed = gzip(&images);
    let garbage_after = [&packed[..], b"garbage"].concat();
    let (found, _) = fault(&garbage_after, Content::Images);
    assert!(matches!(found, IdxFault::GzipDamaged(_) | IdxFault::GzipEndsEarly { .. }), "{found:?}");
}

#[test]
fn stops_one_byte_past_what_a_header_claims() {
    // A gigabyte of zeros in a megabyte, as gzip members one after another.
    let (images, _) = three();
    let bomb = [gzip(&images), gzip(&vec![0; 1 << 20]).repeat(1024)].concat();
    let (found, _) = fault(&bomb, Content::Images);
    assert!(matches!(found, IdxFault::TooLong { expected: 2368, found: 2369 }), "{found:?}");
}

#[test]
fn rejects_labels_over_nine() {
    let bytes = common::labels_file(&[9, 0, 10, 4]);
    for bytes in [gzip(&bytes), bytes] {
        let (found, message) = fault(&bytes, Content::Labels);
        assert!(matches!(found, IdxFault::Label { index: 2, found: 10 }), "{found:?}");
        assert!(message.contains("expected labels of 0 to 9, found 10 as label 2"), "{message}");
    }
}

#[test]
fn rejects_a_web_page() {
    let pages = ["<!DOCTYPE html><html>", "\n  <html>403 Forbidden</html>", "\u{feff}<?xml version='1.0'?><Error/>"];
    for page in pages {
        for bytes in [page.as_bytes().to_vec(), gzip(page.as_bytes())] {
            for content in [Content::Images, Content::Labels] {
                let (found, message) = fault(&bytes, content);
                assert!(matches!(found, IdxFault::WebPage(_)), "{page}: {found:?}");
                assert!(message.contains("found a web page"), "{message}");
            }
        }
    }
}

#[test]
fn rejects_an_empty_file() {
    for bytes in [vec![], gzip(b"")] {
        let (found, message) = fault(&bytes, Content::Images);
        assert!(matches!(found, IdxFault::Empty(Content::Images)), "{found:?}");
        assert!(message.contains("found an empty file"), "{message}");
    }
}

#[test]
fn rejects_what_is_not_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let (found, message) = fault_at(folder.path(), Content::Images);
    assert!(matches!(found, IdxFault::NotAFile(_)), "{found:?}");
    assert!(message.contains("expected a file, found a folder"), "{message}");

    let (found, _) = fault_at(&folder.path().join("nothing"), Content::Images);
    assert!(matches!(found, IdxFault::Unreadable(_)), "{found:?}");
}
