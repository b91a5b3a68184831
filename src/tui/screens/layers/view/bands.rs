//! All layers of LeNet-5, from top to bottom in the order of the data.

use ratatui::{layout::Rect, text::Line};

use crate::tui::{
    keys::Action,
    screens::layers::{
        state::Layer,
        view::scene::{Scene, offset, rule},
    },
    widgets::{
        area::rows,
        heatmap::Zoom,
        surface::{Surface, Target},
        text::{put, wrap},
    },
};

const C1: Layer = Layer::Of(0);
const S2: Layer = Layer::Of(1);
const C3: Layer = Layer::Of(2);
const S4: Layer = Layer::Of(3);
const C5: Layer = Layer::Of(4);
const F6: Layer = Layer::Of(5);
const OUTPUT: Layer = Layer::Of(6);

/// Minimum size to show every map, one pixel per value, and the smaller ones and the kernels twice as large.
const GRAND: (u16, u16) = (190, 65);
/// Minimum size to show every map, one pixel per value.
const FULL: (u16, u16) = (174, 54);
/// Minimum size to show every layer but the dense ones as maps, the input and C1 at half size. With a row more, there is
/// one between the two rows of C3's maps.
const MEDIUM: (u16, u16) = (116, 34);
/// Minimum size to show S2 as well.
const ROOMY: (u16, u16) = (104, 26);
/// Minimum size to show C1 at half size, and S4.
const COMPACT: (u16, u16) = (78, 19);

pub(super) fn draw(scene: &Scene, area: Rect, surface: &mut Surface) {
    let fits = |(width, height)| area.width >= width && area.height >= height;
    if fits(GRAND) {
        full(scene, 2, area, surface);
    } else if fits(FULL) {
        full(scene, 1, area, surface);
    } else if fits(MEDIUM) {
        medium(scene, area, surface);
    } else if fits(ROOMY) {
        roomy(scene, area, surface);
    } else if fits(COMPACT) {
        compact(scene, area, surface);
    } else {
        small(scene, area, surface);
    }
}

/// All remaining rows or columns.
const ALL: u16 = u16::MAX;

/// Returns a part of an area, by offset and size.
fn part(area: Rect, x: u16, y: u16, width: u16, height: u16) -> Rect {
    let rest = offset(area, x, y);
    Rect { width: width.min(rest.width), height: height.min(rest.height), ..rest }
}

/// Draws every layer; S2, S4 and the kernels with `times` pixels per value.
fn full(scene: &Scene, times: u16, area: Rect, surface: &mut Surface) {
    let zoom = Zoom::Times(usize::from(times));
    scene.rule(Layer::Input, part(area, 0, 0, 28, 1), surface);
    scene.input(Zoom::Times(1), part(area, 0, 1, 28, 14), surface);
    scene.rule(OUTPUT, part(area, 31, 0, 44, 1), surface);
    scene.outputs(part(area, 31, 2, 44, 10), surface);
    guide(scene, part(area, 78, 0, ALL, 14), surface);
    let step = ((area.width - 28) / 5).min(48);
    let mut y = 15;
    let mut band = |layer: Layer, height: u16| {
        scene.rule(layer, part(area, 0, y, ALL, 1), surface);
        y += 1 + height;
        part(area, 0, y - height, ALL, height)
    };
    let kernels = (5 * times).div_ceil(2);
    let [c1, s2, c3, s4] =
        [band(C1, kernels + 14), band(S2, 7 * times), band(C3, 5), band(S4, (5 * times).div_ceil(2))];
    scene.kernels(C1, zoom, step, part(c1, 0, 0, ALL, kernels), surface);
    scene.maps(C1, Zoom::Times(1), 6, (step, 0), offset(c1, 0, kernels), surface);
    scene.maps(S2, zoom, 6, (step, 0), s2, surface);
    let step = ((area.width - 5 * times.max(2)) / 15).min(18);
    scene.maps(C3, Zoom::Times(1), 16, (step, 0), c3, surface);
    scene.maps(S4, zoom, 16, (step, 0), s4, surface);
    let half = area.width * 10 / 17;
    scene.rule(C5, part(area, 0, y, half - 2, 1), surface);
    scene.strip(C5, 60, part(area, 0, y + 1, half - 2, 1), surface);
    scene.rule(F6, part(area, half, y, ALL, 1), surface);
    scene.strip(F6, 42, part(area, half, y + 1, ALL, 1), surface);
}

/// Draws the digit on the left, `width` columns and `height` rows, level with C1's six maps, which begin at column
/// `left`, `step` columns apart, below their kernels.
fn input_and_c1(
    scene: &Scene,
    zoom: Zoom,
    (width, height): (u16, u16),
    (left, step): (u16, u16),
    area: Rect,
    surface: &mut Surface,
) {
    scene.rule(Layer::Input, part(area, 0, 0, width, 1), surface);
    scene.input(zoom, part(area, 0, 4, width, height), surface);
    scene.rule(C1, part(area, left, 0, ALL, 1), surface);
    scene.kernels(C1, Zoom::Times(1), step, part(area, left, 1, ALL, 3), surface);
    scene.maps(C1, zoom, 6, (step, 0), part(area, left, 4, ALL, height), surface);
}

/// Columns of the digit beside C1, both at half size, with the gap after it.
const LEFT: u16 = 15;
/// Size of the digit and of C1's maps at half size, which is also that of S2's.
const HALF: (u16, u16) = (14, 7);

fn medium(scene: &Scene, area: Rect, surface: &mut Surface) {
    let step = ((area.width - LEFT - 14) / 5).min(18);
    input_and_c1(scene, Zoom::Half(0), HALF, (LEFT, step), area, surface);
    scene.rule(S2, part(area, LEFT, 11, ALL, 1), surface);
    scene.maps(S2, Zoom::Times(1), 6, (step, 0), part(area, LEFT, 12, ALL, 7), surface);
    let outputs = area.width - 28;
    let gap = u16::from(area.height > MEDIUM.1);
    scene.rule(C3, part(area, 0, 19, outputs - 2, 1), surface);
    scene.maps(C3, Zoom::Times(1), 8, (11, 5 + gap), part(area, 0, 20, outputs - 2, 10 + gap), surface);
    scene.rule(OUTPUT, part(area, outputs, 19, 28, 1), surface);
    scene.outputs(part(area, outputs, 20, 28, 10), surface);
    let y = 30 + gap;
    name(scene, S4, y, area, surface);
    scene.maps(S4, Zoom::Times(1), 16, (6, 0), part(area, NAME, y, ALL, 3), surface);
    strips(scene, y + 3, 60, 42, area, surface);
}

fn roomy(scene: &Scene, area: Rect, surface: &mut Surface) {
    const MAPS: u16 = 8 * 7;
    const BARS: u16 = 18;
    let step = ((area.width - LEFT - 14) / 5).min(18);
    input_and_c1(scene, Zoom::Half(0), HALF, (LEFT, step), area, surface);
    scene.rule(S2, part(area, LEFT, 11, ALL, 1), surface);
    scene.maps(S2, Zoom::Times(1), 6, (step, 0), part(area, LEFT, 12, ALL, 7), surface);
    scene.rule(S4, part(area, 0, 19, MAPS, 1), surface);
    scene.maps(S4, Zoom::Times(1), 8, (7, 3), part(area, 0, 20, MAPS, 6), surface);
    let (x, width) = (MAPS + 2, area.width - MAPS - BARS - 4);
    rule(scene.session.theme, "C5, F6", "", part(area, x, 19, width, 1), surface);
    scene.strip(C5, usize::from(width), part(area, x, 20, width, 3), surface);
    scene.strip(F6, usize::from(width), part(area, x, 23, width, 3), surface);
    let outputs = part(area, area.width - BARS, 19, BARS, ALL);
    scene.rule(OUTPUT, Rect { height: 1, ..outputs }, surface);
    scene.outputs(Rect { height: outputs.height.saturating_sub(1).min(10), ..offset(outputs, 0, 1) }, surface);
}

/// Columns of a layer's name in its row.
const NAME: u16 = 3;

fn name(scene: &Scene, layer: Layer, y: u16, area: Rect, surface: &mut Surface) {
    let row = part(area, 0, y, NAME, 1);
    let text = scene.info(layer).map_or("", |info| info.name);
    put(surface, row, &Line::styled(text, scene.session.theme.title()));
    surface.target(row, Target::Layer(layer.place()));
}

/// Draws C5 and F6 in one row, each after its name.
fn strips(scene: &Scene, y: u16, c5: u16, f6: u16, area: Rect, surface: &mut Surface) {
    name(scene, C5, y, area, surface);
    scene.strip(C5, usize::from(c5), part(area, NAME, y, c5, 2), surface);
    let right = offset(area, c5 + NAME + 2, 0);
    name(scene, F6, y, right, surface);
    scene.strip(F6, usize::from(f6), part(right, NAME, y, f6, 2), surface);
}

fn compact(scene: &Scene, area: Rect, surface: &mut Surface) {
    const LEFT: u16 = 12;
    const BARS: u16 = 18;
    let step = ((area.width - LEFT - 10) / 5).min(16);
    input_and_c1(scene, Zoom::Half(4), (10, 5), (LEFT, step), area, surface);
    let outputs = area.width - BARS;
    scene.rule(S4, part(area, 0, 9, outputs - 2, 1), surface);
    scene.maps(S4, Zoom::Times(1), 8, (7, 3), part(area, 0, 10, outputs - 2, 6), surface);
    scene.outputs(part(area, outputs, 9, BARS, 10), surface);
    rule(scene.session.theme, "C5, F6", "", part(area, 0, 16, outputs - 2, 1), surface);
    strips(scene, 17, 30, 21, area, surface);
}

/// Draws the digit and the outputs and, if there is room below, S4.
fn small(scene: &Scene, area: Rect, surface: &mut Surface) {
    const TOP: u16 = 8;
    scene.input(Zoom::Half(0), part(area, 0, 0, 14, 7), surface);
    let maps = part(area, 0, TOP, area.width, 7);
    let has_maps = maps.height == 7 && area.width >= 8 * 7 - 2;
    scene.outputs(part(area, 17, 0, ALL, if has_maps { 7 } else { 10 }), surface);
    if has_maps {
        scene.rule(S4, part(maps, 0, 0, ALL, 1), surface);
        scene.maps(S4, Zoom::Times(1), 8, (7, 3), offset(maps, 0, 1), surface);
    }
}

/// Draws an explanation for learners.
fn guide(scene: &Scene, area: Rect, surface: &mut Surface) {
    let watch = format!(
        "Watch the kernels early in the run; pause with {} and step with {} to see what one batch does.",
        scene.session.key(Action::PauseOrResume),
        scene.session.key(Action::Step)
    );
    let texts = [
        "A kernel is a small pattern of weights: orange asks for ink, blue for none. Placed over every \
         position of the input, it produces a map that is bright where the ink fits the pattern.",
        "S2 and S4 keep one number of each 2x2: from here on, a digit that shifts a little looks the same.",
        "C3's kernels look at all six maps at once and find corners, ends and arcs: parts of digits.",
        "C5 and F6 combine everything with everything. Values that are dark in a strip do not respond to this digit.",
        &watch,
    ];
    let mut free = rows(area);
    for text in texts {
        for line in wrap(text, usize::from(area.width.min(96))) {
            let Some(row) = free.next() else { return };
            put(surface, row, &Line::styled(line, scene.session.theme.dim()));
        }
        if area.width < 110 {
            continue;
        }
        let _ = free.next();
    }
}
