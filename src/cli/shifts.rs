//! Flag for reading each image at several positions.

use clap::Args;

use crate::train::Shifts;

/// Largest distance, in pixels: the margin of MNIST's digits.
const FARTHEST: f32 = 4.0;

#[derive(Debug, Args)]
pub(super) struct ShiftArgs {
    /// Read each image at nine positions, this number of pixels apart (0.5, say): the mean of the probabilities counts
    #[arg(long, value_name = "PIXELS", value_parser = shifts)]
    pub test_time_shifts: Option<Shifts>,
}

fn shifts(text: &str) -> Result<Shifts, String> {
    let pixels = text.parse().ok().filter(|pixels| *pixels > 0.0 && *pixels <= FARTHEST);
    pixels.map(|pixels| Shifts { pixels }).ok_or_else(|| format!("expected a number above 0 and up to {FARTHEST}"))
}
