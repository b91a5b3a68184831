//! The ways in which people write digits, one function per digit: strokes in a box one unit high and about 0.8 wide.

use super::{hand::Hand, stroke::Stroke};

/// Draws a digit in one of several ways, and returns its strokes.
pub(super) fn write(digit: u8, hand: &mut Hand) -> Vec<Stroke> {
    match digit {
        0 => zero(hand),
        1 => one(hand),
        2 => two(hand),
        3 => three(hand),
        4 => four(hand),
        5 => five(hand),
        6 => six(hand),
        7 => seven(hand),
        8 => eight(hand),
        _ => nine(hand),
    }
}

/// Draws one turn, usually counterclockwise, that closes, overshoots or stays open; a wide ring to a narrow ellipse.
fn zero(hand: &mut Hand) -> Vec<Stroke> {
    let radii = (hand.between(0.22, 0.64), 0.5);
    let start = hand.about(-0.22, 0.09);
    let sweep = hand.between(0.94, 1.14);
    let spiral = hand.about(0.97, 0.1);
    let sweep = if hand.chance(0.15) { sweep } else { -sweep };
    if hand.chance(0.2) {
        // Both ends meet in a point.
        let (x, y) = (0.4 + hand.about(0.1, 0.12), hand.about(0.0, 0.04));
        let stroke = Stroke::from(x, y).arc((0.4, 0.52), (radii.0, 0.48), hand.about(-0.36, 0.02), -0.76, 1.0);
        return vec![stroke.to(x + hand.about(0.0, 0.03), y + hand.about(0.0, 0.03))];
    }
    let mut stroke = Stroke::default();
    if hand.chance(0.12) {
        // The pen starts outside or inside.
        stroke = stroke.to(0.4 + hand.about(0.0, 0.12), hand.about(0.0, 0.08));
    }
    let mut stroke = stroke.arc((0.4, 0.5), radii, start, sweep, spiral);
    if hand.chance(0.12) {
        // The stroke ends in a curl inside.
        stroke = stroke.to(0.4 + hand.about(0.0, 0.1), hand.between(0.12, 0.45));
    }
    let mut strokes = vec![stroke];
    if hand.chance(0.02) {
        let (x, y) = (hand.about(0.4, 0.08), hand.about(0.5, 0.08));
        strokes.push(Stroke::from(x + 0.15, y - 0.2).to(x - 0.15, y + 0.2));
    }
    strokes
}

/// Draws a line, sometimes with a flag, rarely with a foot.
fn one(hand: &mut Hand) -> Vec<Stroke> {
    let bow = hand.about(0.0, 0.025);
    let flag = hand.chance(0.16);
    let mut stem = Stroke::default();
    if flag {
        stem = stem.to(0.4 - hand.between(0.03, 0.3), hand.between(0.06, 0.32)).corner(0.4, 0.0);
    } else {
        stem = stem.to(0.4, 0.0);
    }
    let mut strokes = vec![stem.to(0.4 + bow, 0.5).to(0.4, 1.0)];
    if hand.chance(if flag { 0.45 } else { 0.01 }) {
        let y = hand.about(1.0, 0.02);
        strokes.push(Stroke::from(0.4 - hand.between(0.12, 0.36), y).to(0.4 + hand.between(0.12, 0.36), y));
    }
    strokes
}

/// Draws a hook, a neck, and a base after a corner, a loop or a bend.
fn two(hand: &mut Hand) -> Vec<Stroke> {
    let right = hand.between(0.45, 0.92);
    let start = hand.between(-0.04, 0.26);
    let base = hand.about(0.94, 0.04);
    let reach = hand.between(0.55, 1.25);
    let left = hand.between(-0.2, 0.14);
    let (shoulder, waist) = (hand.between(0.15, 0.32), hand.between(0.45, 0.66));
    let mut stroke = Stroke::default();
    if hand.chance(0.06) {
        // A curl before the hook.
        stroke = stroke.to(start + hand.between(0.02, 0.15), hand.between(0.3, 0.42));
    }
    let stroke = stroke
        .to(start, hand.between(0.06, 0.3))
        .to(start + (right - start) * hand.between(0.4, 0.65), hand.about(0.0, 0.02))
        .to(right, shoulder);
    let neck = |stroke: Stroke, hand: &mut Hand| stroke.to(left + (right - left) * hand.between(0.5, 0.8), waist);
    let tail = hand.about(0.03, 0.08);
    let stroke = match hand.between(0.0, 1.0) {
        // A corner, then a straight or wavy base.
        way if way < 0.36 => {
            let middle = base + hand.about(0.0, 0.04);
            neck(stroke, hand).corner(left, base).to(0.45, middle).to(reach, base + tail)
        }
        // A round loop, wide enough for the neck to come down on its right.
        way if way < 0.64 => {
            let (high, wide) = (hand.between(0.12, 0.46), hand.between(0.22, 0.6));
            let exit = left + wide * hand.between(0.85, 1.05);
            stroke
                .to(0.5 * (right + exit) + hand.about(0.04, 0.05), 0.5 * (shoulder + base - 0.45 * high))
                .to(exit, base - 0.45 * high)
                .to(left + 0.5 * wide, base)
                .to(left, base - 0.5 * high)
                .to(left + 0.5 * wide, base - high)
                .to(left + wide * hand.between(1.1, 1.35), base - high * hand.between(0.3, 0.6))
                .to(left + wide * 1.2 + hand.between(0.05, 0.5), base + 0.03 + tail)
        }
        // A flat loop to the left, over the neck and on to the right.
        way if way < 0.86 => {
            let (high, wide) = (hand.between(0.04, 0.32), hand.between(0.14, 0.42));
            neck(stroke, hand)
                .to(left + wide, base - 0.3 * high)
                .to(left + 0.5 * wide, base)
                .to(left, base - 0.5 * high)
                .to(left + 0.55 * wide, base - high)
                .to(left + hand.between(1.15, 1.6) * wide, base - 0.35 * high)
                .to(reach.max(left + 1.7 * wide), base + 0.03 + tail)
        }
        // A bend.
        _ => {
            neck(stroke, hand).to(left + 0.06, base - 0.12).to(left + 0.18, base).to(0.55, base).to(reach, base + tail)
        }
    };
    vec![stroke]
}

/// Draws two bowls; the upper one round or flat, the waist a corner or a small loop.
fn three(hand: &mut Hand) -> Vec<Stroke> {
    let waist = hand.between(0.3, 0.53);
    let inner = hand.between(0.12, 0.48);
    let upper = hand.between(0.5, 0.76);
    let stroke = if hand.chance(0.3) {
        let y = hand.between(-0.04, 0.08);
        let start = hand.between(0.0, 0.26);
        Stroke::from(start, y + hand.about(0.03, 0.04))
            .to(0.5 * (start + upper), y + hand.about(0.0, 0.02))
            .corner(upper, y)
    } else {
        let start = hand.between(-0.02, 0.22);
        let mut stroke = Stroke::default();
        if hand.chance(0.08) {
            stroke = stroke.to(start + hand.between(0.0, 0.1), hand.between(0.22, 0.32));
        }
        stroke
            .to(start, hand.between(0.04, 0.22))
            .to(0.5 * (start + upper) + hand.about(0.0, 0.03), hand.about(0.0, 0.02))
            .to(upper, waist * hand.between(0.35, 0.55))
    };
    let stroke = match hand.between(0.0, 1.0) {
        way if way < 0.2 => stroke
            .to(inner + 0.1, waist - 0.02)
            .to(inner - 0.06, waist + 0.02)
            .to(inner, waist - 0.05)
            .to(inner + 0.12, waist + 0.02),
        way if way < 0.4 => stroke.to(inner + 0.1, waist - 0.03).corner(inner, waist),
        _ => stroke.corner(inner, waist),
    };
    let lower = hand.between(0.4, 0.86).max(inner + 0.12);
    let belly = waist + (1.0 - waist) * hand.between(0.4, 0.6);
    let end = hand.between(-0.18, 0.26);
    let stroke = stroke
        .to(lower - 0.06, waist + (belly - waist) * hand.between(0.2, 0.5))
        .to(lower, belly)
        .to(0.5 * (end + lower) + hand.about(0.02, 0.05), hand.about(0.98, 0.02))
        .to(end, hand.between(0.72, 1.0));
    vec![stroke]
}

/// Draws an open or closed four, in two strokes or one.
fn four(hand: &mut Hand) -> Vec<Stroke> {
    let bar = hand.between(0.45, 0.7);
    let stem = hand.between(0.48, 0.75);
    let reach = stem + hand.between(0.0, 0.32);
    let foot = stem + hand.about(-0.03, 0.06);
    let left = hand.between(-0.06, 0.1);
    let rise = hand.about(-0.02, 0.05);
    let top = hand.between(-0.06, 0.16);
    match hand.between(0.0, 1.0) {
        // Open: down, a corner, across; then the stem.
        way if way < 0.5 => {
            vec![
                Stroke::from(left + hand.between(-0.03, 0.23), top)
                    .to(left + hand.between(0.0, 0.1), 0.5 * (top + bar))
                    .corner(left, bar)
                    .to(reach, bar + rise),
                Stroke::from(stem + hand.about(0.03, 0.05), hand.between(0.0, 0.35))
                    .to(0.5 * (stem + foot), 0.55)
                    .to(foot, 1.0),
            ]
        }
        // Open with a round bottom, the stem in the same stroke.
        way if way < 0.72 => {
            vec![
                Stroke::from(left + hand.between(-0.03, 0.08), top)
                    .to(left + 0.02, bar - 0.12)
                    .to(left + 0.18, bar)
                    .to(stem - 0.12, bar - 0.05)
                    .corner(stem + hand.between(0.05, 0.15), hand.between(0.0, 0.2))
                    .to(0.5 * (stem + foot), 0.55)
                    .to(foot, 1.0),
            ]
        }
        // Open with a round bottom, crossed by the stem.
        way if way < 0.88 => vec![
            Stroke::from(left + hand.between(-0.03, 0.15), top)
                .to(left, bar - 0.15)
                .to(left + 0.15, bar)
                .to(reach, bar + rise - 0.04),
            Stroke::from(stem + 0.02, hand.between(0.0, 0.35)).to(foot, 1.0),
        ],
        // Closed: from the top to the left, across, then down from the top.
        _ => {
            let top = stem - hand.between(-0.03, 0.12);
            vec![
                Stroke::from(top, 0.0).to(0.5 * (top + left) - 0.02, 0.5 * bar).corner(left, bar).to(reach, bar + rise),
                Stroke::from(stem, hand.between(-0.03, 0.12)).to(foot, 1.0),
            ]
        }
    }
}

/// Draws neck, bowl and bar: in one stroke, separately, or merged into an S.
fn five(hand: &mut Hand) -> Vec<Stroke> {
    let neck = hand.between(0.08, 0.36);
    let shoulder = hand.between(0.22, 0.52);
    let right = hand.between(0.5, 0.85).max(neck + 0.22);
    let bar = hand.about(0.02, 0.04);
    let reach = hand.between(0.5, 1.15).max(neck + 0.12);
    let rise = hand.about(0.06, 0.1);
    let lean = hand.between(-0.02, 0.2);
    let belly = shoulder + (1.0 - shoulder) * hand.between(0.35, 0.6);
    let bowl = |stroke: Stroke, hand: &mut Hand| {
        let end = hand.between(-0.18, 0.24);
        stroke
            .to(0.5 * (neck + right), shoulder - hand.between(-0.05, 0.09))
            .to(right, belly)
            .to(0.5 * (end + right) + hand.about(0.02, 0.05), hand.about(0.98, 0.02))
            .to(end, hand.between(0.66, 1.0))
    };
    match hand.between(0.0, 1.0) {
        way if way < 0.4 => {
            let gap = hand.about(0.03, 0.07);
            let stroke = bowl(
                Stroke::from(neck + hand.about(0.0, 0.03), bar + hand.about(-0.02, 0.04)).corner(neck - lean, shoulder),
                hand,
            );
            vec![stroke, Stroke::from(neck + gap, bar + hand.about(0.02, 0.04)).to(reach, bar - rise)]
        }
        way if way < 0.8 => {
            let stroke =
                Stroke::from(reach, bar - rise).to(0.5 * (reach + neck), bar - 0.5 * rise + hand.about(0.0, 0.03));
            vec![bowl(stroke.corner(neck, bar).corner(neck - lean, shoulder), hand)]
        }
        _ => {
            let stroke = Stroke::from(reach, bar - rise).to(neck + 0.12, bar + 0.05);
            vec![bowl(stroke.to(neck - lean, 0.6 * shoulder).to(neck + 0.1, shoulder), hand)]
        }
    }
}

/// Draws a stem that runs into a closed or open loop.
fn six(hand: &mut Hand) -> Vec<Stroke> {
    let left = hand.between(-0.02, 0.12);
    let top = hand.between(-0.05, 0.85);
    let ceiling = hand.between(0.38, 0.7);
    let right = hand.between(0.38, 0.86);
    let belly = 0.5 * (ceiling + 1.0);
    let bulge = hand.between(-0.1, 0.08);
    let mut stroke = Stroke::default();
    if hand.chance(0.06) {
        // A hook at the top.
        stroke = stroke.to(top + hand.between(0.03, 0.14), hand.between(0.03, 0.16));
    }
    let stroke = stroke
        .to(top, hand.about(0.0, 0.02))
        .to(0.5 * (top + left) - 0.04 + bulge, hand.between(0.24, 0.34))
        .to(left, belly - hand.between(0.0, 0.14))
        .to(left + (right - left) * hand.between(0.32, 0.55), hand.about(0.98, 0.015))
        .to(right, belly + hand.about(-0.04, 0.06));
    let end = left + (right - left) * hand.between(-0.3, 0.35);
    let stroke = stroke.to(left + (right - left) * hand.between(0.45, 0.75), ceiling);
    vec![stroke.to(end, belly + (1.0 - belly) * hand.between(-0.5, 0.6))]
}

/// Draws a bar and a stem, sometimes with a serif, a dash across the stem, or no corner at all.
fn seven(hand: &mut Hand) -> Vec<Stroke> {
    let left = hand.between(-0.02, 0.22);
    let start = hand.between(-0.02, 0.18);
    let right = hand.between(0.55, 0.88);
    let foot = hand.between(0.1, 0.6);
    let height = hand.about(0.05, 0.06);
    let bow = hand.about(-0.02, 0.06);
    let mut stroke = Stroke::default();
    if hand.chance(0.16) {
        stroke = stroke.to(left + hand.about(-0.02, 0.04), start + hand.between(0.06, 0.32)).corner(left, start);
    } else {
        stroke = stroke.to(left, start);
    }
    stroke = stroke.to(0.5 * (left + right), 0.5 * (start + height) + hand.about(0.0, 0.04));
    stroke = if hand.chance(0.7) {
        stroke.corner(right, height)
    } else {
        stroke.to(right - 0.06, height).to(right, height + hand.between(0.08, 0.2))
    };
    let mut strokes = vec![stroke.to(0.5 * (right + foot) + bow, 0.5).to(foot, 1.0)];
    if hand.chance(0.19) {
        let x = 0.5 * (right + foot) + bow;
        let y = hand.between(0.38, 0.6);
        let slope = hand.about(0.0, 0.04);
        strokes.push(Stroke::from(x - hand.between(0.12, 0.36), y + slope).to(x + hand.between(0.12, 0.36), y - slope));
    }
    strokes
}

/// Draws an S that closes at the top, its ends meeting in a point or under an arch; or two rings.
fn eight(hand: &mut Hand) -> Vec<Stroke> {
    let waist = hand.between(0.36, 0.58);
    let (upper, lower) = (hand.between(0.14, 0.42), hand.between(0.1, 0.42));
    let x = 0.4 + hand.about(0.0, 0.04);
    let (high, low) = (0.5 * waist, 0.5 + 0.5 * waist);
    if hand.chance(0.1) {
        let turn = hand.between(0.0, 1.0);
        return vec![
            Stroke::default().arc((x, high), (upper, high), turn, hand.between(0.95, 1.1), 1.0),
            Stroke::default().arc((0.4, low), (lower, 1.0 - low), -turn, hand.between(0.95, 1.1), 1.0),
        ];
    }
    if hand.chance(0.6) {
        // Both ends meet in a point at the upper right, or miss each other.
        let (right, top) = (x + upper * hand.between(0.7, 1.6), waist * hand.between(-0.05, 0.3));
        let back = hand.about(0.02, 0.05);
        return vec![
            Stroke::from(right + hand.about(0.0, 0.05), top + hand.about(0.0, 0.04))
                .to(x - upper * hand.between(-0.1, 0.4), hand.about(0.02, 0.02))
                .to(x - upper, waist * hand.between(0.3, 0.55))
                .to(x - back, waist + hand.about(0.0, 0.03))
                .to(0.4 + lower, low)
                .to(0.4 + hand.about(0.0, 0.05), 1.0)
                .to(0.4 - lower, low)
                .to(x + back, waist + hand.about(0.0, 0.03))
                .to(right, top + hand.about(0.0, 0.05)),
        ];
    }
    let start = waist * hand.between(0.05, 0.6);
    let end = waist * hand.between(-0.05, 0.65);
    let cross = hand.about(0.02, 0.06);
    vec![
        Stroke::from(x + upper * hand.between(0.6, 1.2), start)
            .to(x + hand.about(0.0, 0.07), hand.about(0.0, 0.015))
            .to(x - upper, high)
            .to(x - cross, waist)
            .to(0.4 + lower, low)
            .to(0.4 + hand.about(0.0, 0.07), 1.0)
            .to(0.4 - lower, low)
            .to(x + cross, waist)
            .to(x + upper * hand.between(0.4, 1.6), end),
    ]
}

/// Draws a loop and a stem, straight or hooked: the pen begins on either side of the loop, or with a full ring.
fn nine(hand: &mut Hand) -> Vec<Stroke> {
    let right = hand.between(0.42, 0.75);
    let left = hand.between(-0.02, 0.12);
    let bottom = hand.between(0.3, 0.62);
    let middle = 0.5 * (left + right);
    let foot = right + hand.about(-0.1, 0.14);
    let stem = |stroke: Stroke, hand: &mut Hand| {
        if hand.chance(0.1) {
            stroke.to(right, 0.55).to(foot - 0.1, 0.95).to(foot - hand.between(0.2, 0.5), hand.between(0.8, 1.0))
        } else {
            stroke.to(0.5 * (right + foot) + hand.about(0.0, 0.03), 0.55).to(foot, 1.0)
        }
    };
    if hand.chance(0.25) {
        // From the right around the loop, over its top and into the stem.
        let stroke = Stroke::from(right - hand.between(-0.04, 0.12), hand.between(0.45, 0.8) * bottom)
            .to(middle + hand.about(0.0, 0.04), bottom)
            .to(left, hand.between(0.4, 0.65) * bottom)
            .to(middle + hand.about(0.04, 0.05), hand.about(0.0, 0.015))
            .to(right, hand.between(0.25, 0.5) * bottom);
        return vec![stem(stroke, hand)];
    }
    if hand.chance(0.35) {
        // A ring, then the stem.
        let radii = (middle - left, 0.5 * bottom);
        let turn = hand.about(-0.12, 0.08);
        let ring =
            Stroke::default().arc((middle, 0.5 * bottom), radii, turn, -hand.between(0.85, 1.1), hand.about(1.0, 0.06));
        let top = bottom * hand.between(-0.1, 0.7);
        return vec![ring, stem(Stroke::from(right + hand.about(0.0, 0.02), top), hand)];
    }
    let stroke = Stroke::from(right - hand.between(-0.08, 0.2), hand.between(0.0, 0.4) * bottom)
        .to(middle + hand.about(0.04, 0.05), hand.about(0.0, 0.015))
        .to(left, hand.between(0.4, 0.65) * bottom)
        .to(middle - hand.between(-0.03, 0.07), bottom)
        .to(right - 0.05, hand.between(0.5, 0.75) * bottom);
    let top = bottom * hand.between(-0.2, 0.45);
    let stroke = if hand.chance(0.6) { stroke.corner(right, top) } else { stroke.to(right + 0.02, top + 0.02) };
    vec![stem(stroke, hand)]
}
