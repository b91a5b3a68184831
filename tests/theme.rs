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

/// Every style of text, by name.
fn styles(theme: Theme) -> Vec<(String, Style)> {
    let plain = [
        ("text", theme.text()),
        ("dim", theme.dim()),
        ("accent", theme.accent()),
        ("train", theme.train()),
        ("test", theme.test()),
        ("good", theme.good()),
        ("warn", theme.warn()),
        ("bad", theme.bad()),
        ("title", theme.title()),
        ("bold", theme.bold()),
        ("shout", theme.shout()),
        ("chosen", theme.chosen()),
    ];
    let mut all: Vec<(String, Style)> = plain.map(|(name, style)| (name.to_owned(), style)).into();
    all.extend((0..4).map(|place| (format!("other {place}"), theme.other(place))));
    all.extend((0..=Theme::GRADES).map(|step| (format!("grade {step}"), theme.grade(step))));
    for meaning in Meaning::ALL {
        all.extend((0..=Theme::HEATS).map(|step| (format!("heat {meaning:?} {step}"), theme.heat(meaning, step))));
    }
    all
}

/// Contrast of a style's text on its own background, or else on the terminal's.
fn contrast_of(style: Style, background: (u8, u8, u8)) -> f64 {
    let text = if luminance(linear_of(background)) > 0.179 { (0, 0, 0) } else { (0xe5, 0xe5, 0xe5) };
    let of = |colour: Option<Color>, usual| match colour {
        None | Some(Color::Reset) => luminance(linear_of(usual)),
        Some(colour) => luminance(linear_of(shown(colour))),
    };
    contrast(of(style.fg, text), of(style.bg, background))
}

#[test]
fn every_style_can_be_read_on_every_background_of_its_palette() {
    for &palette in Palette::ALL {
        for &depth in Depth::ALL {
            let theme = Theme { palette, depth, ascii: false };
            // Whoever changes the background changes the sixteen colours too.
            let usual = |background: &(u8, u8, u8)| depth != Depth::Sixteen || [0, 255].contains(&background.0);
            for background in palette.backgrounds().into_iter().filter(usual) {
                let worst = styles(theme).into_iter().map(|(name, style)| (contrast_of(style, background), name));
                let (found, name) = worst.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
                let least = match (palette, depth) {
                    (Palette::Auto | Palette::ColourBlind, Depth::Sixteen) => 3.5,
                    (Palette::Auto | Palette::ColourBlind, Depth::Indexed) => 4.4,
                    _ => 4.5,
                };
                assert!(found >= least, "{palette}, {depth}: {name} has a contrast of {found:.2} on {background:?}");
            }
        }
    }
}

/// Why less is asked of the palettes for any background where there are few colours.
#[test]
fn no_colour_of_sixteen_can_be_read_on_black_and_on_white() {
    for colour in SIXTEEN {
        let style = Style::new().fg(colour);
        let found = contrast_of(style, (0, 0, 0)).min(contrast_of(style, (255, 255, 255)));
        assert!(found < 4.5, "{colour:?} has {found:.2}");
    }
}

#[test]
fn the_palette_follows_the_background() {
    for (background, palette) in [
        ((0, 0, 0), Palette::Dark),
        ((0x28, 0x2c, 0x34), Palette::Dark),
        ((0xfd, 0xf6, 0xe3), Palette::Light),
        ((255, 255, 255), Palette::Light),
    ] {
        assert_eq!(Palette::on_background(background), palette, "{background:?}");
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
        named => {
            let place = SIXTEEN.iter().position(|colour| *colour == named).expect("a colour of sixteen");
            let [_, red, green, blue] = u32::to_be_bytes(XTERM[place]);
            (red, green, blue)
        }
    }
}

const SIXTEEN: [Color; 16] = [
    Color::Black,
    Color::Red,
    Color::Green,
    Color::Yellow,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Gray,
    Color::DarkGray,
    Color::LightRed,
    Color::LightGreen,
    Color::LightYellow,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::White,
];

/// The same colours as xterm has them.
const XTERM: [u32; 16] = [
    0x00_00_00, 0xcd_00_00, 0x00_cd_00, 0xcd_cd_00, 0x00_00_ee, 0xcd_00_cd, 0x00_cd_cd, 0xe5_e5_e5, 0x7f_7f_7f,
    0xff_00_00, 0x00_ff_00, 0xff_ff_00, 0x5c_5c_ff, 0xff_00_ff, 0x00_ff_ff, 0xff_ff_ff,
];

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
    for theme in [Palette::Mono, Palette::Auto, Palette::Dark, Palette::Light].map(|palette| Theme {
        palette,
        depth: Depth::Sixteen,
        ascii: false,
    }) {
        let steps: Vec<Style> = (0..=Theme::HEATS).map(|step| theme.heat(Meaning::Bad, step)).collect();
        let mono = theme.is_mono();
        assert!(steps.windows(2).all(|pair| pair[0] != pair[1]), "{steps:?}");
        let grades: Vec<Style> = (0..=Theme::GRADES).map(|step| theme.grade(step)).collect();
        let kinds = grades.chunk_by(|a, b| a == b).count();
        assert_eq!(kinds, if mono { 5 } else { grades.len() }, "{grades:?}");
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
