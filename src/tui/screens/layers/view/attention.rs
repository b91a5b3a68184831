//! Which rows of the image read which: maps of attention weights, line by line beside the image.
//!
//! ```text
//!  input                A1  mean of 4 heads          A2  mean of 4 heads
//!       ▄▄▄▄▄▄          ▀▄    ▄                         ▄▄
//!          ▄▀             ▀▄ ▄▄                         ▀▄
//! ```

use ratatui::{layout::Rect, text::Line};

use crate::{
    data::SIDE,
    tui::{
        screens::layers::{
            state::Layer,
            view::scene::{Scene, offset, rule},
        },
        widgets::{
            heatmap::{Heatmap, Scale, Zoom},
            surface::{Surface, Target},
            text::put,
        },
    },
};

/// Columns of a map with a value per pixel, and its rows with the title.
const MAP: (u16, u16) = (SIDE as u16, SIDE as u16 / 2 + 1);
/// Columns left out on each side of the image where there is little room: MNIST's digits leave them blank.
const MARGIN: usize = 4;
/// Minimum columns of the outputs beside the maps, and their rows with the title.
const OUTPUTS: (u16, u16) = (24, 11);
/// Columns between two maps.
const GAP: u16 = 2;

/// Draws the input, for each layer of attention the mean of its heads, and the outputs. Returns the number of rows
/// used; `None` if there is no such layer or no room.
pub(super) fn draw_ends(scene: &Scene, area: Rect, surface: &mut Surface) -> Option<u16> {
    let layers: Vec<Layer> =
        (0..scene.layers.len()).map(Layer::Of).filter(|&layer| scene.is_attention(layer)).collect();
    let count = layers.len() as u16;
    let is_wide = area.width >= (count + 1) * (MAP.0 + GAP) + OUTPUTS.0;
    let (margin, gap) = if is_wide { (0, GAP) } else { (MARGIN, 1) };
    let input = MAP.0 - 2 * margin as u16;
    let has_room = area.width >= input + count * (gap + MAP.0) && area.height >= MAP.1;
    if layers.is_empty() || !has_room {
        return None;
    }
    let height = if is_wide { MAP.1 } else { area.height.min(MAP.1 + OUTPUTS.1) };
    scene.rule(Layer::Input, Rect { width: input, height: 1, ..area }, surface);
    draw_input(scene, Zoom::Times(1), margin, Rect { width: input, ..offset(area, 0, 1) }, surface);
    for (place, layer) in layers.into_iter().enumerate() {
        let x = input + gap + place as u16 * (MAP.0 + gap);
        let tile = Rect { width: MAP.0, height: MAP.1, ..offset(area, x, 0) };
        let info = scene.info(layer)?;
        let title = format!("{}  mean of {} heads", info.name, info.kind.count());
        rule(scene.session.theme, &title, "", Rect { height: 1, ..tile }, surface);
        surface.target(tile, Target::Layer(layer.place()));
        if let Some(mean) = mean(scene, layer) {
            draw_map(scene, &mean, Zoom::Times(1), offset(tile, 0, 1), surface);
        }
    }
    let outputs = match is_wide {
        true => Rect { height, ..offset(area, (count + 1) * (MAP.0 + GAP), 0) },
        false => Rect { height: height - MAP.1, ..offset(area, 0, MAP.1) },
    };
    scene.rule(Layer::Of(scene.layers.len() - 1), Rect { height: outputs.height.min(1), ..outputs }, surface);
    scene.outputs(offset(outputs, 0, 1), surface);
    Some(height)
}

/// Draws the mean of a layer's heads and each head, in lines that begin with the image.
pub(super) fn draw(scene: &Scene, layer: Layer, area: Rect, surface: &mut Surface) {
    let Some((values, size)) = scene.values(layer) else { return };
    let heads = values.chunks(size).map(<[f32]>::to_vec);
    let maps: Vec<Vec<f32>> = mean(scene, layer).into_iter().chain(heads).collect();
    let zoom = zoom(scene, layer, area);
    let (width, height) = tile(zoom);
    let (across, lines) = grid(zoom, area);
    let title = |text: String, tile: Rect, surface: &mut Surface| {
        put(surface, Rect { height: 1, ..tile }, &Line::styled(text, scene.session.theme.dim()));
    };
    for (line, part) in maps.chunks(across).enumerate().take(lines) {
        let row = offset(area, 0, line as u16 * height);
        title("input".into(), row, surface);
        draw_input(scene, zoom, 0, offset(row, 0, 1), surface);
        for (place, map) in part.iter().enumerate() {
            let tile = offset(row, (place + 1) as u16 * (width + GAP), 0);
            let text = match line * across + place {
                0 => "mean".into(),
                head => format!("head {head}"),
            };
            title(text, tile, surface);
            draw_map(scene, map, zoom, offset(tile, 0, 1), surface);
        }
    }
}

/// Returns the largest size in which the mean and all heads of a layer fit, or else the smallest.
pub(super) fn zoom(scene: &Scene, layer: Layer, area: Rect) -> Zoom {
    let maps = scene.info(layer).map_or(0, |info| info.kind.count()) + 1;
    let fits = |zoom: &Zoom| {
        let (across, lines) = grid(*zoom, area);
        across * lines >= maps
    };
    [Zoom::Times(3), Zoom::Times(2), Zoom::Times(1)].into_iter().find(fits).unwrap_or(Zoom::Half(0))
}

/// Returns the columns and rows of a map with its title.
fn tile(zoom: Zoom) -> (u16, u16) {
    let (width, height) = Heatmap::cells(SIDE * SIDE, SIDE, zoom);
    (width, height + 1)
}

/// Returns the number of maps that fit beside the image, and the number of lines.
fn grid(zoom: Zoom, area: Rect) -> (usize, usize) {
    let (width, height) = tile(zoom);
    (usize::from(area.width.saturating_sub(width) / (width + GAP)).max(1), usize::from(area.height / height))
}

/// Returns the mean of a layer's heads.
fn mean(scene: &Scene, layer: Layer) -> Option<Vec<f32>> {
    let (values, size) = scene.values(layer)?;
    let heads = values.chunks(size);
    let share = 1.0 / heads.len() as f32;
    Some((0..size).map(|at| heads.clone().map(|head| head[at]).sum::<f32>() * share).collect())
}

fn draw_map(scene: &Scene, values: &[f32], zoom: Zoom, area: Rect, surface: &mut Surface) {
    scene.heatmap(&Heatmap { values, width: SIDE, scale: Scale::Lifted }, zoom, area, surface);
}

/// Draws the image without `margin` columns on each side.
fn draw_input(scene: &Scene, zoom: Zoom, margin: usize, area: Rect, surface: &mut Surface) {
    surface.target(area, Target::Layer(Layer::Input.place()));
    let rows = scene.subject.image.chunks(SIDE).map(|row| &row[margin..SIDE - margin]);
    let values: Vec<f32> = rows.flatten().map(|&pixel| f32::from(pixel) / 255.0).collect();
    let width = SIDE - 2 * margin;
    scene.heatmap(&Heatmap { values: &values, width, scale: Scale::Light }, zoom, area, surface);
}
