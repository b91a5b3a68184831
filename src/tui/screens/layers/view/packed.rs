//! All layers of a network without an arrangement of its own: packed into rows, in the order of the data.

use ratatui::{layout::Rect, text::Line};

use crate::{
    train::LayerKind,
    tui::{
        screens::layers::{
            state::Layer,
            view::{
                attention,
                scene::{Scene, offset},
            },
        },
        widgets::{
            heatmap::{Heatmap, Zoom},
            surface::Surface,
            text::put_right,
        },
    },
};

/// Columns between two blocks, and between two maps.
const GAP: u16 = 2;
/// Minimum columns of a block, for its title.
const TITLE: u16 = 24;
/// Maximum columns of a dense layer's values.
const VALUES: u16 = 64;
/// Columns of the input at half size, and its rows with the title.
const INPUT: (u16, u16) = (14, 8);
/// Rows of the ten outputs with their title.
const OUTPUTS: u16 = 11;

/// How much of the layers is drawn.
#[derive(Clone, Copy)]
struct Detail {
    /// Whether states are drawn at half size.
    half_states: bool,
    /// Whether large maps are drawn at half size.
    half_maps: bool,
    /// Whether all maps of a layer are drawn, not only those that fit in a line.
    all: bool,
}

const DETAILS: [Detail; 4] = [
    Detail { half_states: false, half_maps: false, all: true },
    Detail { half_states: true, half_maps: false, all: true },
    Detail { half_states: true, half_maps: true, all: true },
    Detail { half_states: true, half_maps: true, all: false },
];

/// A layer's title with its maps or values below.
#[derive(Clone, Copy)]
struct Block {
    zoom: Zoom,
    /// Maps or values per line.
    across: usize,
    /// Columns and rows from one map to the next.
    step: (u16, u16),
    /// Columns and rows of the whole block.
    size: (u16, u16),
}

pub(super) fn draw(scene: &Scene, area: Rect, surface: &mut Surface) {
    let maps = attention::draw_ends(scene, area, surface);
    let top = maps.unwrap_or_else(|| {
        let top = if area.height >= 3 * OUTPUTS { OUTPUTS } else { INPUT.1 }.min(area.height);
        ends(scene, Rect { height: top, ..area }, surface);
        top
    });
    let rest = offset(area, 0, top);
    let hidden: Vec<_> = (0..scene.layers.len() - 1).filter_map(|layer| scene.kind(Layer::Of(layer))).collect();
    let packings = DETAILS.map(|detail| pack(&blocks(&hidden, detail, rest.width), rest.width));
    let height = |places: &[(Block, Rect)]| places.iter().map(|(_, place)| place.bottom()).max().unwrap_or(0);
    let fitting = packings.iter().find(|places| height(places) <= rest.height).unwrap_or(&packings[DETAILS.len() - 1]);
    let mut shown = 0;
    for (layer, (block, place)) in
        fitting.iter().enumerate().take_while(|(_, (_, place))| place.bottom() <= rest.height)
    {
        let area = Rect { x: rest.x + place.x, y: rest.y + place.y, ..*place };
        draw_block(scene, Layer::Of(layer), block, area, surface);
        shown += 1;
    }
    if shown < hidden.len() && (maps.is_none() || rest.height > 0) {
        let text = format!("{} of {} layers", shown, hidden.len());
        let last = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area };
        put_right(surface, last, &Line::styled(text, scene.session.theme.dim()));
    }
}

/// Draws the input, and the outputs beside it.
fn ends(scene: &Scene, area: Rect, surface: &mut Surface) {
    let title = |area: Rect| Rect { height: area.height.min(1), ..area };
    let input = Rect { width: INPUT.0.min(area.width), ..area };
    scene.rule(Layer::Input, title(input), surface);
    scene.input(Zoom::Half(0), offset(input, 0, 1), surface);
    let outputs = offset(area, INPUT.0 + GAP, 0);
    scene.rule(Layer::Of(scene.layers.len() - 1), title(outputs), surface);
    scene.outputs(offset(outputs, 0, 1), surface);
}

fn draw_block(scene: &Scene, layer: Layer, block: &Block, area: Rect, surface: &mut Surface) {
    scene.rule(layer, Rect { height: 1, ..area }, surface);
    let below = offset(area, 0, 1);
    match scene.values(layer) {
        _ if scene.is_recurrent(layer) => scene.states(layer, 0, block.zoom, below, surface),
        Some((_, 2..)) => scene.maps(layer, block.zoom, block.across, block.step, below, surface),
        _ => scene.strip(layer, block.across, below, surface),
    }
}

fn blocks(layers: &[LayerKind], detail: Detail, width: u16) -> Vec<Block> {
    layers.iter().map(|&kind| block(kind, detail, width.max(1))).collect()
}

fn block(kind: LayerKind, detail: Detail, width: u16) -> Block {
    match kind {
        LayerKind::Maps { count, side } | LayerKind::Attention { heads: count, tokens: side } => {
            let zoom = if detail.half_maps && side >= 10 { Zoom::Half(0) } else { Zoom::Times(1) };
            let (columns, rows) = Heatmap::cells(side * side, side, zoom);
            let step = (columns + GAP, rows + 1);
            let across = usize::from((width + GAP) / step.0).clamp(1, count);
            let lines = if detail.all { count.div_ceil(across) } else { 1 };
            let size = (across as u16 * step.0 - GAP, lines as u16 * step.1);
            Block { zoom, across, step, size: (size.0.max(TITLE).min(width), size.1) }
        }
        LayerKind::Steps { steps, units } => {
            let zoom = if detail.half_states { Zoom::Half(0) } else { Zoom::Times(1) };
            let (columns, rows) = Heatmap::cells(steps * units, units, zoom);
            Block { zoom, across: units, step: (0, 0), size: (columns.max(TITLE).min(width), rows + 1) }
        }
        LayerKind::Values(count) => {
            let most = usize::from(width.min(VALUES));
            let across = count.div_ceil(count.div_ceil(most));
            let (columns, rows) = Heatmap::cells(count, across, Zoom::Times(1));
            Block { zoom: Zoom::Times(1), across, step: (0, 0), size: (columns.max(TITLE).min(width), rows + 1) }
        }
    }
}

/// Returns the blocks with their places, each beside the previous one if there is room, else below.
fn pack(blocks: &[Block], width: u16) -> Vec<(Block, Rect)> {
    let (mut x, mut y, mut below) = (0, 0, 0);
    let mut places = Vec::new();
    for block in blocks {
        let (columns, rows) = block.size;
        if x > 0 && x + columns > width {
            (x, y) = (0, below);
        }
        places.push((*block, Rect { x, y, width: columns, height: rows }));
        x += columns + GAP;
        below = below.max(y + rows);
    }
    places
}
