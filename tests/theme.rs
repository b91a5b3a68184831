//! Colours: readable on their background, and told apart by eyes that lack a colour. Formulas, not tastes: contrast after WCAG 2,
//! lacks of colour after Machado, Oliveira and Fernandes 2009 (severity 1), difference as distance in CIE Lab.

use lenet_monitor::tui::{Depth, Meaning, Palette, Theme, nearest};
use ratatui::style::{Color, Style};

type Colour = [f64; 3];

fn linear(palette: Palette, meaning: Meaning) -> Colour {
    linear_of(palette.rgb(meaning).unwrap())
}

fn linear_of((red, green, blue): (u8, u8, u8)) -> Colour {
    [red, green, blue].map(|value| {
        let value = f64::from(value) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    })
}

fn luminance([red, green, blue]: Colour) -> f64 {
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(a: f64, b: f64) -> f64 {
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn times(matrix: [[f64; 3]; 3], colour: Colour) -> Colour {
    matrix.map(|row| row.iter().zip(colour).map(|(a, b)| a * b).sum())
}

fn lab(colour: Colour) -> Colour {
    let xyz = times(
        [[0.412_456, 0.357_576, 0.180_438], [0.212_673, 0.715_152, 0.072_175], [0.019_334, 0.119_192, 0.950_304]],
        colour,
    );
    let white = [0.950_47, 1.0, 1.088_83];
    let f: Vec<f64> = xyz
        .iter()
        .zip(white)
        .map(|(value, white)| value / white)
        .map(|t| if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 })
        .collect();
    [116.0 * f[1] - 16.0, 500.0 * (f[0] - f[1]), 200.0 * (f[1] - f[2])]
}

fn distance(a: Colour, b: Colour) -> f64 {
    lab(a).iter().zip(lab(b)).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

#[test]
fn colours_can_be_read_on_their_background() {
    let (black, dark, white) = (0.0, luminance([0.013; 3]), 1.0);
    for (palette, backgrounds, least) in [
        (Palette::Dark, &[black, dark][..], 4.5),
        (Palette::Light, &[white][..], 4.5),
        (Palette::Auto, &[black, white][..], 2.5),
        (Palette::ColourBlind, &[black, white][..], 2.5),
    ] {
        for meaning in Meaning::ALL {
            let colour = luminance(linear(palette, meaning));
            for &background in backgrounds {
                let found = contrast(colour, background);
                assert!(found >= least, "{palette}: {meaning:?} has a contrast of {found:.2} on {background:.2}");
            }
        }
    }
}

#[test]
fn training_and_test_are_told_apart_by_all_eyes() {
    let protanopia =
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]];
    let deuteranopia =
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]];
    let tritanopia =
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]];
    for (eyes, matrix) in [("protanopia", protanopia), ("deuteranopia", deuteranopia), ("tritanopia", tritanopia)] {
        for palette in [Palette::Auto, Palette::Dark, Palette::Light, Palette::ColourBlind] {
            let seen = |meaning| times(matrix, linear(palette, meaning)).map(|value| value.clamp(0.0, 1.0));
            let found = distance(seen(Meaning::Train), seen(Meaning::Test));
            assert!(found >= 25.0, "{palette}, {eyes}: training and test are {found:.1} apart");
        }
        // The palette made for it keeps more apart.
        let seen = |meaning| times(matrix, linear(Palette::ColourBlind, meaning)).map(|value| value.clamp(0.0, 1.0));
        for (a, b) in [(Meaning::Good, Meaning::Bad), (Meaning::Good, Meaning::Warn), (Meaning::Train, Meaning::Good)] {
            let found = distance(seen(a), seen(b));
            assert!(found >= 10.0, "{eyes}: {a:?} and {b:?} are {found:.1} apart");
        }
    }
}

/// As xterm has it.
fn shown(colour: Color) -> (u8, u8, u8) {
    match colour {
        Color::Rgb(red, green, blue) => (red, green, blue),
        Color::Indexed(index @ 232..) => [8 + 10 * (index - 232); 3].into(),
        Color::Indexed(index @ 16..) => {
            let step = |place: u8| [0, 95, 135, 175, 215, 255][usize::from(place % 6)];
            (step((index - 16) / 36), step((index - 16) / 6), step(index - 16))
        }
        other => panic!("{other:?} looks as the terminal's user wants it"),
    }
}

#[test]
fn warm_cells_can_be_read_and_differ_from_step_to_step() {
    for palette in [Palette::Auto, Palette::Dark, Palette::Light, Palette::ColourBlind] {
        for depth in [Depth::True, Depth::Indexed] {
            let theme = Theme { palette, depth, ascii: false };
            for meaning in [Meaning::Good, Meaning::Bad] {
                let mut grounds = Vec::new();
                for Style { fg, bg, .. } in (2..=Theme::HEATS).map(|step| theme.heat(meaning, step)) {
                    let ground = shown(bg.unwrap());
                    let [ink, paper] = [shown(fg.unwrap()), ground].map(|colour| luminance(linear_of(colour)));
                    let found = contrast(ink, paper);
                    assert!(found >= 4.5, "{palette}, {depth}: {meaning:?} on {ground:?} has {found:.2}");
                    let (red, green, blue) = ground;
                    assert!(red != green || green != blue, "{palette}, {depth}: a grey for {meaning:?}");
                    grounds.push(ground);
                }
                let steps = grounds.len();
                grounds.dedup();
                assert_eq!(grounds.len(), steps, "{palette}, {depth}, {meaning:?}");
            }
        }
    }
    for theme in [Palette::Mono, Palette::Auto].map(|palette| Theme { palette, depth: Depth::Sixteen, ascii: false }) {
        let steps: Vec<Style> = (0..=Theme::HEATS).map(|step| theme.heat(Meaning::Bad, step)).collect();
        let mono = theme.is_mono();
        assert!(steps.windows(2).all(|pair| pair[0] != pair[1] || mono), "{steps:?}");
        assert!(!mono || steps.iter().all(|style| style.fg.is_none() && style.bg.is_none()), "{steps:?}");
    }
}

#[test]
fn the_nearest_of_256_colours_is_near() {
    // As xterm's own table has them.
    for (colour, index) in
        [((0, 0x87, 0xd7), 32), ((0xd7, 0x5f, 0), 166), ((0x80, 0x80, 0x80), 244), ((255, 255, 255), 231)]
    {
        assert_eq!(nearest(colour.0, colour.1, colour.2), index);
    }
}
