//! Conversion of a cut-out digit to 28x28 by MNIST's rules.

use super::strokes::Strokes;
use crate::data::{PIXELS, SIDE};

/// Length to which a digit's longer side is scaled.
const BOX: usize = 20;
/// Position of the centre of mass, in pixels from the centre of the first one. In each of MNIST's images both
/// coordinates are within half a pixel of 14.
const CENTRE: f64 = 14.0;
/// Side to which larger digits are reduced first: more only takes time.
const ENOUGH: usize = 20 * BOX;
/// Stroke width in the box (twice the area divided by the outline) below which strokes are thickened. In MNIST the
/// thinnest hundredth is below 1.2, and the median is 2.
const THIN: f32 = 1.2;
/// Stroke width to which they are thickened.
const USUAL: f32 = 1.9;

pub(super) fn fit(strokes: Strokes) -> [u8; PIXELS] {
    let digit = thicken(reduce(trim(strokes)));
    let side = digit.width.max(digit.height);
    let scaled = |length: usize| ((length * BOX + side / 2) / side).max(1);
    let (width, height) = (scaled(digit.width), scaled(digit.height));
    let across = resample(&digit.ink, digit.width, width);
    let down = resample(&transpose(&across, width), digit.height, height);
    place(&transpose(&down, height), width, height)
}

/// Averages squares of pixels so that the digit is at most [`ENOUGH`] on a side.
fn reduce(strokes: Strokes) -> Strokes {
    let step = strokes.width.max(strokes.height).div_ceil(ENOUGH);
    let (width, height) = (strokes.width.div_ceil(step), strokes.height.div_ceil(step));
    let mut ink = vec![0.0; width * height];
    for (place, value) in strokes.ink.iter().enumerate() {
        let (x, y) = (place % strokes.width, place / strokes.width);
        ink[y / step * width + x / step] += value / (step * step) as f32;
    }
    Strokes { width, height, ink }
}

/// Thickens the strokes of a fine pen, which would be a faint grey in 20x20, unlike any digit of MNIST.
fn thicken(strokes: Strokes) -> Strokes {
    let strongest = strokes.ink.iter().copied().fold(0.0, f32::max);
    let ink: Vec<f32> = strokes.ink.iter().map(|ink| ink / strongest).collect();
    let scale = BOX as f32 / strokes.width.max(strokes.height) as f32;
    let stroke = stroke_width(&ink, strokes.width);
    let radius = (USUAL / scale - stroke) / 2.0;
    if stroke * scale >= THIN || radius < 0.5 {
        return Strokes { ink, ..strokes };
    }
    let reach = radius.ceil() as usize;
    let (width, height) = (strokes.width + 2 * reach, strokes.height + 2 * reach);
    let mut thick = vec![0.0_f32; width * height];
    let pen = disc(radius, reach);
    for (place, &value) in ink.iter().enumerate().filter(|(_, value)| **value > 0.0) {
        let (x, y) = (place % strokes.width, place / strokes.width);
        for &(dx, dy, cover) in &pen {
            let pixel = &mut thick[(y + dy) * width + x + dx];
            *pixel = pixel.max(value * cover);
        }
    }
    trim(Strokes { width, height, ink: thick })
}

/// Returns twice the amount of ink divided by the length of its outline, in pixels.
fn stroke_width(ink: &[f32], width: usize) -> f32 {
    let area: f32 = ink.iter().sum();
    let rows = ink.chunks_exact(width);
    let mut outline = 0.0;
    for row in rows.clone() {
        outline += row[0] + row[width - 1] + row.windows(2).map(|pair| (pair[1] - pair[0]).abs()).sum::<f32>();
    }
    let edge = |row: Option<&[f32]>| row.into_iter().flatten().sum::<f32>();
    outline += edge(rows.clone().next()) + edge(rows.clone().next_back());
    for (upper, lower) in rows.clone().zip(rows.skip(1)) {
        outline += upper.iter().zip(lower).map(|(a, b)| (a - b).abs()).sum::<f32>();
    }
    2.0 * area / outline
}

/// Returns the pixels that a round pen covers: offsets from 0 to twice `reach`, and the covered fraction of each.
fn disc(radius: f32, reach: usize) -> Vec<(usize, usize, f32)> {
    let mut pen = Vec::new();
    for dy in 0..=2 * reach {
        for dx in 0..=2 * reach {
            let (x, y) = (dx as f32 - reach as f32, dy as f32 - reach as f32);
            let cover = (radius + 0.5 - x.hypot(y)).clamp(0.0, 1.0);
            if cover > 0.0 {
                pen.push((dx, dy, cover));
            }
        }
    }
    pen
}

/// Removes the empty rows and columns around the ink.
fn trim(strokes: Strokes) -> Strokes {
    let inked = |place: &usize| strokes.ink[*place] > 0.0;
    let rows = || (0..strokes.ink.len()).filter(inked).map(|place| place / strokes.width);
    let columns = || (0..strokes.ink.len()).filter(inked).map(|place| place % strokes.width);
    let (Some(top), Some(bottom), Some(left), Some(right)) =
        (rows().min(), rows().max(), columns().min(), columns().max())
    else {
        return strokes;
    };
    let lines = strokes.ink.chunks_exact(strokes.width).take(bottom + 1).skip(top);
    let ink = lines.flat_map(|line| &line[left..=right]).copied().collect();
    Strokes { width: right - left + 1, height: bottom - top + 1, ink }
}

/// Resamples each row of `length` pixels to `wanted` pixels, each the mean of the pixels it covers. If that is less
/// than one, it is the mean over the width of one pixel, which interpolates linearly.
fn resample(ink: &[f32], length: usize, wanted: usize) -> Vec<f32> {
    let step = length as f32 / wanted as f32;
    let half = step.max(1.0) / 2.0;
    let mut resampled = Vec::with_capacity(ink.len() / length * wanted);
    for row in ink.chunks_exact(length) {
        for place in 0..wanted {
            let middle = (place as f32 + 0.5) * step;
            let (from, to) = (middle - half, middle + half);
            let (first, last) = (from.max(0.0) as usize, (to.ceil() as usize).min(length));
            let cover = |pixel: usize| (to.min((pixel + 1) as f32) - from.max(pixel as f32)).max(0.0);
            let sum: f32 = (first..last).map(|pixel| row[pixel] * cover(pixel)).sum();
            resampled.push(sum / (2.0 * half));
        }
    }
    resampled
}

fn transpose(ink: &[f32], width: usize) -> Vec<f32> {
    (0..width).flat_map(|column| ink.iter().skip(column).step_by(width)).copied().collect()
}

/// Places the box so that its centre of mass is in the middle, as far as there is room.
fn place(ink: &[f32], width: usize, height: usize) -> [u8; PIXELS] {
    let strongest = ink.iter().copied().fold(0.0, f32::max);
    let grey: Vec<u8> = ink.iter().map(|ink| (ink / strongest * 255.0).round() as u8).collect();
    let mass: f64 = grey.iter().map(|&grey| f64::from(grey)).sum();
    let moment = |coordinate: &dyn Fn(usize) -> usize| -> f64 {
        grey.iter().enumerate().map(|(place, &grey)| f64::from(grey) * coordinate(place) as f64).sum()
    };
    let offset =
        |moment: f64, length: usize| (CENTRE - moment / mass).round().clamp(0.0, (SIDE - length) as f64) as usize;
    let left = offset(moment(&|place| place % width), width);
    let top = offset(moment(&|place| place / width), height);

    let mut image = [0; PIXELS];
    for (row, line) in grey.chunks_exact(width).enumerate() {
        image[(top + row) * SIDE + left..][..width].copy_from_slice(line);
    }
    image
}
