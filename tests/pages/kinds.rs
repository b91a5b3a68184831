//! Kinds of pages. Each is painted from a digit and random numbers, which determine strengths, shapes and positions.

use std::f32::consts::TAU;

use super::paint::{Dice, Mark, Scene, Sheet, line, ramp, turned};
use lenet_monitor::data::PIXELS;

pub type Kind = fn(&mut Scene, &mut Dice);

pub const KINDS: [(&str, Kind); 18] = [
    ("plain", plain),
    ("other paper", other_paper),
    ("light on dark", light_on_dark),
    ("gradient light", gradient),
    ("soft shadow, straight", |scene, dice| shadow(scene, dice, false, true)),
    ("soft shadow, at an angle", |scene, dice| shadow(scene, dice, true, true)),
    ("hard shadow", |scene, dice| shadow(scene, dice, true, false)),
    ("shadow of a hand", hand),
    ("glare", glare),
    ("lined", lined),
    ("squared", squared),
    ("boxed", boxed),
    ("circled", circled),
    ("punched", punched),
    ("underlined", underlined),
    ("sheet on a dark table", dark_table),
    ("sheet on a lit table", lit_table),
    ("marks and shadow", marks_and_shadow),
];

/// Paints a plain page.
pub fn scene(digit: [u8; PIXELS], dice: &mut Dice, seed: u64) -> Scene {
    let (width, height) = [(450, 600), (600, 800), (800, 600), (900, 1200), (640, 640)][(dice.unit() * 4.99) as usize];
    let short = width.min(height) as f32;
    let side = short * dice.between(0.22, 0.5);
    let room = |length: u32, dice: &mut Dice| {
        let margin = side * 0.6 + length as f32 * 0.12;
        dice.between(margin, (length as f32 - margin).max(margin + 1.0))
    };
    Scene {
        width,
        height,
        digit,
        at: (room(width, dice), room(height, dice)),
        side,
        turn: 0.0,
        paper: dice.between(225.0, 250.0),
        ink: dice.between(20.0, 80.0),
        marks: Vec::new(),
        sheet: None,
        light: Box::new(|_, _| 1.0),
        glare: Box::new(|_, _| 0.0),
        grain: dice.between(0.5, 3.0),
        seed,
    }
}

fn plain(_: &mut Scene, _: &mut Dice) {}

fn other_paper(scene: &mut Scene, dice: &mut Dice) {
    scene.paper = dice.between(120.0, 200.0);
    scene.ink = scene.paper - dice.between(60.0, 110.0);
}

fn light_on_dark(scene: &mut Scene, dice: &mut Dice) {
    scene.paper = dice.between(5.0, 90.0);
    scene.ink = scene.paper + dice.between(80.0, 160.0);
}

fn gradient(scene: &mut Scene, dice: &mut Dice) {
    let (angle, least) = (dice.between(0.0, 360.0), dice.between(0.35, 0.75));
    let (width, height) = (scene.width as f32, scene.height as f32);
    let corner = dice.between(0.0, 0.25);
    scene.light = Box::new(move |x, y| {
        let (x, y) = (x / width - 0.5, y / height - 0.5);
        let along = turned((x, y), angle).0 / 0.71;
        (1.0 + least) / 2.0 + (1.0 - least) / 2.0 * along - corner * (x * x + y * y)
    });
}

/// Adds a shadow over one side of the page: away from the digit, close to it, or across it.
fn shadow(scene: &mut Scene, dice: &mut Dice, aslant: bool, soft: bool) {
    let quarter = [0.0, 90.0, 180.0, 270.0][(dice.unit() * 3.99) as usize];
    let angle = if aslant { quarter + dice.between(-40.0, 40.0) } else { quarter };
    let short = scene.width.min(scene.height) as f32;
    let half = if soft { short * dice.between(0.01, 0.09) } else { dice.between(0.3, 2.0) };
    let (strength, at) = (dice.between(0.5, 0.85), scene.at);
    let from = scene.side * dice.between(-0.1, 0.9) + if soft { half } else { 0.0 };
    scene.light = Box::new(move |x, y| {
        let along = turned((x - at.0, y - at.1), angle).0 - from;
        1.0 + (strength - 1.0) * ramp(along, half)
    });
}

/// Adds the shadow of a hand or a phone: a block with rounded corners that extends from an edge.
fn hand(scene: &mut Scene, dice: &mut Dice) {
    let (width, height) = (scene.width as f32, scene.height as f32);
    let (half, strength) = (dice.between(1.0, 25.0), dice.between(0.5, 0.85));
    let (breadth, reach, radius) =
        (width * dice.between(0.2, 0.5), height * dice.between(0.2, 0.6), width * dice.between(0.03, 0.1));
    let (middle, lean) = (width * dice.between(0.1, 0.9), dice.between(-0.4, 0.4));
    scene.light = Box::new(move |x, y| {
        let up = height - y;
        let (dx, dy) = ((x - middle - lean * up).abs() - breadth / 2.0 + radius, up - reach + radius);
        let outside = dx.max(0.0).hypot(dy.max(0.0)) + dx.max(dy).min(0.0) - radius;
        1.0 + (strength - 1.0) * ramp(-outside, half)
    });
}

/// Adds a lamp's reflection beside the digit or over a part of it.
fn glare(scene: &mut Scene, dice: &mut Dice) {
    scene.paper = dice.between(150.0, 215.0);
    scene.ink = dice.between(20.0, 60.0);
    let short = scene.width.min(scene.height) as f32;
    let (across, down) = (short * dice.between(0.06, 0.25), short * dice.between(0.06, 0.25));
    let (angle, away) = (dice.between(0.0, 360.0), scene.side * dice.between(0.35, 0.9));
    let (dx, dy) = turned((away, 0.0), angle);
    let (middle, turn) = ((scene.at.0 + dx, scene.at.1 + dy), dice.between(0.0, 90.0));
    let (strength, sharp) = (dice.between(40.0, 130.0), dice.chance(0.3));
    scene.glare = Box::new(move |x, y| {
        let (x, y) = turned((x - middle.0, y - middle.1), turn);
        let from = (x / across).hypot(y / down);
        strength * if sharp { ramp(1.0 - from, 0.3) } else { (-from * from).exp() }
    });
}

fn ruled(scene: &mut Scene, dice: &mut Dice, upright: bool) {
    let step = scene.width.min(scene.height) as f32 * dice.between(0.06, 0.14);
    let (breadth, start) = (dice.between(1.0, 2.5), dice.between(0.0, step));
    let shade = scene.paper - dice.between(25.0, 90.0);
    let cover = move |along: f32| line((along - start + step / 2.0).rem_euclid(step) - step / 2.0, breadth);
    let cover: Box<dyn Fn(f32, f32) -> f32> =
        if upright { Box::new(move |x, _| cover(x)) } else { Box::new(move |_, y| cover(y)) };
    scene.marks.push(Mark { cover, shade });
}

fn lined(scene: &mut Scene, dice: &mut Dice) {
    ruled(scene, dice, false);
}

fn squared(scene: &mut Scene, dice: &mut Dice) {
    ruled(scene, dice, false);
    ruled(scene, dice, true);
}

/// Keeps the digit away from the border, so that there is room for something around it.
fn room(scene: &mut Scene, around: f32) {
    let room = |at: f32, length: u32| {
        let margin = (around + 0.03 * length as f32).min(length as f32 / 2.0);
        at.clamp(margin, length as f32 - margin)
    };
    scene.at = (room(scene.at.0, scene.width), room(scene.at.1, scene.height));
}

fn boxed(scene: &mut Scene, dice: &mut Dice) {
    scene.side = scene.side.min(scene.width.min(scene.height) as f32 * 0.4);
    let (half_width, half_height) = (scene.side * dice.between(0.48, 0.95), scene.side * dice.between(0.48, 0.95));
    room(scene, half_width.max(half_height));
    let (breadth, radius) =
        (scene.side * dice.between(0.008, 0.05), if dice.chance(0.4) { scene.side * 0.15 } else { 0.0 });
    let middle = (scene.at.0 + scene.side * dice.between(-0.06, 0.06), scene.at.1);
    let (turn, shade) = (dice.between(-3.0, 3.0), dice.between(20.0, 150.0));
    let cover = move |x: f32, y: f32| {
        let (x, y) = turned((x - middle.0, y - middle.1), turn);
        let (dx, dy) = (x.abs() - half_width + radius, y.abs() - half_height + radius);
        line(dx.max(0.0).hypot(dy.max(0.0)) + dx.max(dy).min(0.0) - radius, breadth)
    };
    scene.marks.push(Mark { cover: Box::new(cover), shade });
}

/// Draws a circle, printed or by hand: then it wobbles, and may not quite close.
fn circled(scene: &mut Scene, dice: &mut Dice) {
    scene.side = scene.side.min(scene.width.min(scene.height) as f32 * 0.4);
    let (across, down) = (scene.side * dice.between(0.55, 0.95), scene.side * dice.between(0.55, 0.95));
    room(scene, across.max(down));
    let (breadth, middle, shade) = (scene.side * dice.between(0.01, 0.06), scene.at, dice.between(20.0, 150.0));
    let by_hand = dice.chance(0.5);
    let (wobble, phase, gap) = if by_hand {
        (dice.between(0.0, 0.04), dice.between(0.0, TAU), dice.between(0.0, 0.6))
    } else {
        (0.0, 0.0, 0.0)
    };
    let cover = move |x: f32, y: f32| {
        let (x, y) = ((x - middle.0) / across, (y - middle.1) / down);
        let angle = (y.atan2(x) - phase).rem_euclid(TAU);
        let radius = 1.0 + wobble * (2.0 * angle).sin() + wobble * (3.0 * angle + phase).cos();
        if angle < gap { 0.0 } else { line((x.hypot(y) - radius) * across.min(down), breadth) }
    };
    scene.marks.push(Mark { cover: Box::new(cover), shade });
}

fn punched(scene: &mut Scene, dice: &mut Dice) {
    let (width, height) = (scene.width as f32, scene.height as f32);
    let (short, count) = (width.min(height), if dice.chance(0.6) { 2 } else { 4 });
    let (radius, inward) = (short * dice.between(0.018, 0.04), short * dice.between(0.05, 0.09));
    let (edge, shade, step) = ((dice.unit() * 2.99) as u32, dice.between(0.0, 160.0), height.min(width) * 0.25);
    let at = (scene.at.0.clamp(width * 0.12 + scene.side * 0.4, width * 0.88 - scene.side * 0.4), scene.at.1);
    scene.at = (at.0, at.1.max(height * 0.12 + scene.side * 0.5));
    let cover = move |x: f32, y: f32| {
        let (from_edge, along) = match edge {
            0 => (x - inward, y - height / 2.0),
            1 => (x - (width - inward), y - height / 2.0),
            _ => (y - inward, x - width / 2.0),
        };
        let places = (0..count).map(|hole| (hole as f32 - (count - 1) as f32 / 2.0) * step * 4.0 / count as f32 / 1.4);
        places.map(|place| (radius + 0.5 - from_edge.hypot(along - place)).clamp(0.0, 1.0)).fold(0.0, f32::max)
    };
    scene.marks.push(Mark { cover: Box::new(cover), shade });
}

fn underlined(scene: &mut Scene, dice: &mut Dice) {
    scene.at.1 = scene.at.1.min(scene.height as f32 - scene.side * 0.75);
    let (at, side) = (scene.at, scene.side);
    let (half, below, breadth) =
        (side * dice.between(0.35, 0.9), side * dice.between(0.47, 0.62), side * dice.between(0.015, 0.07));
    let (turn, shade, double) = (dice.between(-5.0, 5.0), scene.ink + dice.between(-10.0, 40.0), dice.chance(0.2));
    let cover = move |x: f32, y: f32| {
        let (x, y) = turned((x - at.0, y - at.1 - below), turn);
        let inside = (half + 0.5 - x.abs()).clamp(0.0, 1.0);
        let second = if double { line(y - 3.0 * breadth, breadth) } else { 0.0 };
        inside * line(y, breadth).max(second)
    };
    scene.marks.push(Mark { cover: Box::new(cover), shade });
}

/// Places the page as a rotated sheet on a table.
fn sheet(scene: &mut Scene, dice: &mut Dice, table: Box<dyn Fn(f32, f32) -> f32>) {
    let (width, height) = (scene.width as f32, scene.height as f32);
    let size = (width * dice.between(0.45, 0.75), height * dice.between(0.45, 0.75));
    let sign = if dice.chance(0.5) { 1.0 } else { -1.0 };
    let angle = sign * dice.between(1.0, 13.0);
    let middle = (width * dice.between(0.44, 0.56), height * dice.between(0.44, 0.56));
    scene.side = size.0.min(size.1) * dice.between(0.25, 0.5);
    let place = |size: f32, dice: &mut Dice| (size / 2.0 - scene.side * 0.62) * dice.between(-1.0, 1.0);
    let at = turned((place(size.0, dice), place(size.1, dice)), angle);
    scene.at = (middle.0 + at.0, middle.1 + at.1);
    scene.turn = angle;
    scene.sheet = Some(Sheet { middle, size, angle, table });
}

fn dark_table(scene: &mut Scene, dice: &mut Dice) {
    let shade = dice.between(15.0, 110.0);
    sheet(scene, dice, Box::new(move |_, _| shade));
}

/// Adds a wooden table, and a lamp at one side.
fn lit_table(scene: &mut Scene, dice: &mut Dice) {
    let shade = dice.between(60.0, 165.0);
    let (wood, step) = (dice.between(0.0, 12.0), dice.between(9.0, 30.0));
    sheet(scene, dice, Box::new(move |x, y| shade + wood * ((y + 6.0 * (x / 90.0).sin()) * TAU / step).sin()));
    gradient(scene, dice);
}

fn marks_and_shadow(scene: &mut Scene, dice: &mut Dice) {
    match (dice.unit() * 3.99) as u32 {
        0 => boxed(scene, dice),
        1 => circled(scene, dice),
        2 => punched(scene, dice),
        _ => underlined(scene, dice),
    }
    let soft = dice.chance(0.6);
    shadow(scene, dice, true, soft);
}
