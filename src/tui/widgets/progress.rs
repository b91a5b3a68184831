//! The line of a progress bar.

/// Returns the part of a bar in `width` columns that is done, and the rest.
pub(crate) fn progress(part: f64, width: usize) -> (String, String) {
    let halves = (part.clamp(0.0, 1.0) * width as f64 * 2.0).floor() as usize;
    let (full, half) = (halves / 2, halves % 2);
    ("━".repeat(full) + "╸".repeat(half).as_str(), "─".repeat(width - full - half))
}
