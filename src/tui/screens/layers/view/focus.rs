//! One layer, enlarged.

use ratatui::{layout::Rect, text::Line};

use crate::{
    data::SIDE,
    train::LayerKind,
    tui::{
        screens::layers::{
            state::Layer,
            view::{
                TEXT, attention,
                scene::{Scene, offset},
            },
        },
        widgets::{
            area::rows,
            heatmap::{Heatmap, Scale, Zoom},
            surface::{Surface, Target},
            text::{put, put_right, span, wrap},
        },
    },
};

/// Maximum number of pixels along each side of a number.
const LARGEST: usize = 16;
/// Half size, without the outer four pixels, which MNIST's digits leave blank.
const INSIDE: Zoom = Zoom::Half(4);

pub(super) fn draw(scene: &Scene, layer: Layer, area: Rect, surface: &mut Surface) {
    surface.target(area, Target::Layer(layer.place()));
    scene.rule(layer, Rect { height: 1.min(area.height), ..area }, surface);
    let mut rest = offset(area, 0, 1);
    let lines = wrap(explanation(scene, layer), usize::from(rest.width.min(TEXT)));
    let below = offset(rest, 0, lines.len() as u16 + 1);
    // A larger picture is worth more than the explanation.
    let has_room = match scene.values(layer) {
        Some(_) if scene.is_attention(layer) => {
            attention::zoom(scene, layer, below) == attention::zoom(scene, layer, rest)
        }
        Some((values, size @ 2..)) if !scene.is_recurrent(layer) => {
            let fitting = |area| fitting(kernel(scene, layer, 1), values.len() / size, size, area);
            fitting(below) == fitting(rest)
        }
        _ => below.height >= 12,
    };
    if has_room {
        for (row, line) in rows(rest).zip(lines) {
            put(surface, row, &Line::styled(line, scene.session.theme.dim()));
        }
        rest = below;
    }
    match scene.kind(layer) {
        None => {
            let fitting = zooms(28 * 28).find(|&zoom| {
                let (width, height) = Heatmap::cells(28 * 28, 28, zoom);
                width <= rest.width && height <= rest.height
            });
            scene.input(fitting.unwrap_or(INSIDE), rest, surface);
        }
        Some(_) if scene.is_output(layer) => outputs(scene, rest, surface),
        Some(LayerKind::Maps { .. }) => maps(scene, layer, rest, surface),
        Some(LayerKind::Attention { .. }) => attention::draw(scene, layer, rest, surface),
        Some(LayerKind::Values(_)) => columns(scene, layer, rest, surface),
        Some(LayerKind::Steps { steps, units }) => states(scene, layer, (steps, units), rest, surface),
    }
}

/// Draws the states of a recurrent layer in bands of as many units as fit, each beside the rows of the input that led
/// to them.
fn states(scene: &Scene, layer: Layer, (steps, units): (usize, usize), area: Rect, surface: &mut Surface) {
    let theme = scene.session.theme;
    let height = steps.div_ceil(2) as u16;
    let (input, gap) = (SIDE as u16, 2);
    let across = usize::from(area.width.saturating_sub(input + gap)).clamp(1, units);
    let bands = usize::from(area.height / (height + 1)).clamp(1, units.div_ceil(across));
    for band in 0..bands {
        let tile = offset(area, 0, band as u16 * (height + 1));
        let first = band * across;
        let last = (first + across).min(units);
        let head = offset(tile, input + gap, 0);
        let text = format!("units {} to {last} of {units}", first + 1);
        put(surface, Rect { height: head.height.min(1), ..head }, &Line::styled(text, theme.dim()));
        let below = offset(tile, 0, 1);
        scene.input(Zoom::Times(1), below, surface);
        scene.states(layer, first, Zoom::Times(1), offset(below, input + gap, 0), surface);
    }
}

/// Returns what a layer is for, in a sentence or two.
fn explanation(scene: &Scene, layer: Layer) -> &'static str {
    const INPUT: &str = "The digit as it reaches the network: 28x28 numbers from 0 (paper) to 1 (ink).";
    scene.info(layer).map_or(INPUT, |info| info.purpose)
}

/// Returns the columns of a kernel beside its map, with `times` pixels per weight and the gap between them.
fn kernel(scene: &Scene, layer: Layer, times: usize) -> u16 {
    scene.info(layer).and_then(|info| info.kernel).map_or(0, |side| (side * times) as u16 + 2)
}

/// Returns the most pixels per weight with which all maps still fit, and no kernel is higher than its map.
fn kernel_times(scene: &Scene, layer: Layer, (count, size): (usize, usize), zoom: Zoom, area: Rect) -> usize {
    let fits = |times: &usize| {
        let kernel = kernel(scene, layer, *times);
        let tile = tile(kernel, size, zoom);
        let (across, down) = grid(tile, area);
        kernel.saturating_sub(2).div_ceil(2) < tile.1 && usize::from(across) * usize::from(down) >= count
    };
    (1..=LARGEST).rev().find(fits).unwrap_or(1)
}

/// Returns the columns and rows of a map with its number above and `kernel` columns for its kernel.
fn tile(kernel: u16, values: usize, zoom: Zoom) -> (u16, u16) {
    let (width, height) = Heatmap::cells(values, values.isqrt(), zoom);
    (width.max(4) + kernel, height + 1)
}

/// Returns the numbers of tiles that fit side by side and below each other.
fn grid(tile: (u16, u16), area: Rect) -> (u16, u16) {
    ((area.width + 2) / (tile.0 + 2), area.height / tile.1)
}

/// Returns the sizes in which maps of `values` values may be drawn, the largest first.
fn zooms(values: usize) -> impl Iterator<Item = Zoom> {
    let times = (1..=LARGEST).rev().map(Zoom::Times);
    times.chain([Zoom::Half(0), INSIDE]).filter(move |&zoom| match zoom {
        Zoom::Times(_) => true,
        Zoom::Half(0) => values >= 100,
        Zoom::Half(_) => values == 28 * 28,
    })
}

/// Returns the largest size in which all maps fit, or else the smallest.
fn fitting(kernel: u16, count: usize, values: usize, area: Rect) -> Zoom {
    let holds_all = |zoom: &Zoom| {
        let (across, down) = grid(tile(kernel, values, *zoom), area);
        usize::from(across) * usize::from(down) >= count
    };
    zooms(values).find(holds_all).or(zooms(values).last()).unwrap_or(Zoom::Times(1))
}

fn maps(scene: &Scene, layer: Layer, area: Rect, surface: &mut Surface) {
    let theme = scene.session.theme;
    let Some((values, size)) = scene.values(layer) else { return };
    let count = values.len() / size;
    let zoom = fitting(kernel(scene, layer, 1), count, size, area);
    let times = kernel_times(scene, layer, (count, size), zoom, area);
    let kernel = kernel(scene, layer, times);
    let (width, height) = tile(kernel, size, zoom);
    let (across, down) = grid((width, height), area);
    let (across, shown) = (usize::from(across.max(1)), usize::from(across * down).min(count));
    let across = even(count, across);
    let step = (area.width.saturating_sub(width) / (across.max(2) - 1) as u16).min(width + 10);
    let scale = Scale::of(values);
    for (place, map) in values.chunks(size).enumerate().take(shown) {
        let tile = offset(area, (place % across) as u16 * step, (place / across) as u16 * height);
        put(surface, Rect { height: 1, ..tile }, &Line::styled(number(place, map), theme.dim()));
        let below = offset(tile, 0, 1);
        let left = Rect { width: below.width.min(kernel), ..below };
        scene.kernel(layer, place, Zoom::Times(times), left, surface);
        scene.heatmap(&Heatmap { values: map, width: size.isqrt(), scale }, zoom, offset(below, kernel, 0), surface);
    }
    if shown < count {
        let text = if shown == 0 { "maps need more room".into() } else { format!("{shown} of {count}") };
        let line = Line::styled(text, theme.dim());
        put_right(surface, Rect { y: area.bottom().saturating_sub(1), height: 1, ..area }, &line);
    }
}

/// Returns the number per row, at most `across`, that makes rows of equal length.
fn even(count: usize, across: usize) -> usize {
    let rows = count.div_ceil(across.max(1));
    count.div_ceil(rows.max(1))
}

/// Returns the number of a map, with a dash if all its values are 0.
fn number(place: usize, map: &[f32]) -> String {
    let is_silent = map.iter().all(|value| *value == 0.0);
    if is_silent { format!("{} -", place + 1) } else { (place + 1).to_string() }
}

/// Draws a dense layer as columns by magnitude, those of negative values in another colour.
fn columns(scene: &Scene, layer: Layer, area: Rect, surface: &mut Surface) {
    const EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    let theme = scene.session.theme;
    let Some((values, _)) = scene.values(layer) else { return };
    let across = even(values.len(), usize::from(area.width).clamp(1, values.len()));
    let each = (area.width / across as u16).clamp(1, 3);
    let lines = values.len().div_ceil(across) as u16;
    let height = (area.height / lines).clamp(1, 16);
    for (line, values) in values.chunks(across).enumerate() {
        let band = offset(area, 0, line as u16 * height);
        let bars = Rect { height: height.saturating_sub(u16::from(height > 2)).min(band.height), ..band };
        if height > 2 {
            let numbers = format!("{} to {}", line * across + 1, line * across + values.len());
            let below = offset(band, 0, bars.height);
            put(surface, Rect { height: below.height.min(1), ..below }, &Line::styled(numbers, theme.dim()));
        }
        for (column, value) in values.iter().enumerate() {
            let x = bars.x + column as u16 * each;
            let levels = usize::from(bars.height) * 8;
            let level = (value.abs().min(1.0) * levels as f32).round() as usize;
            let style = if *value < 0.0 { theme.train() } else { theme.test() };
            for (up, y) in (bars.y..bars.bottom()).rev().enumerate() {
                let eighths = level.max(1).saturating_sub(up * 8).min(8);
                if x < bars.right() {
                    let dim = if level == 0 { theme.dim() } else { style };
                    surface[(x, y)].set_symbol(EIGHTHS[eighths]).set_style(dim);
                }
            }
        }
    }
}

/// Draws the ten bars over the whole width, and the sums that they come from.
fn outputs(scene: &Scene, area: Rect, surface: &mut Surface) {
    let theme = scene.session.theme;
    let Some(seen) = scene.seen else { return };
    const SUM: u16 = 12;
    let bars = Rect { width: area.width.min(TEXT).saturating_sub(SUM), ..area };
    scene.outputs(bars, surface);
    for (logit, row) in seen.activations.logits().iter().zip(rows(area)) {
        let text = Line::from(vec![span(format!("{logit:>9.2}"), theme.dim())]);
        put(surface, Rect { x: bars.right() + 1, width: SUM - 1, ..row }, &text);
    }
}
