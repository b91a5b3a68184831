//! Pictures of digits of any kind are converted to MNIST's format.

mod common;

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use lenet_monitor::data::{
    PIXELS, SIDE,
    picture::{PictureError, read_digit, read_page},
};

type Form = [u8; PIXELS];

/// Returns the strokes of some digits in a unit square.
fn strokes(digit: u8) -> &'static [&'static [(f32, f32)]] {
    match digit {
        1 => &[&[(0.3, 0.25), (0.5, 0.0), (0.5, 1.0)]],
        2 => &[&[(0.1, 0.2), (0.4, 0.0), (0.75, 0.2), (0.6, 0.5), (0.1, 1.0), (0.85, 1.0)]],
        4 => &[&[(0.3, 0.0), (0.05, 0.6), (0.9, 0.6)], &[(0.65, 0.3), (0.6, 1.0)]],
        7 => &[&[(0.1, 0.0), (0.8, 0.0), (0.35, 1.0)]],
        // The bar is a stroke of its own, as people write it.
        5 => &[&[(0.25, 0.08), (0.2, 0.45), (0.7, 0.55), (0.7, 0.85), (0.15, 1.0)], &[(0.42, 0.0), (0.8, 0.0)]],
        _ => unreachable!("no strokes for {digit}"),
    }
}

/// A digit drawn on a page, with an amount of ink from 0 to 1 for each pixel.
struct Drawing {
    width: u32,
    height: u32,
    /// Upper left corner, height and pen width, in pixels.
    at: (f32, f32),
    size: f32,
    pen: f32,
    digit: u8,
}

impl Default for Drawing {
    fn default() -> Self {
        Self { width: 200, height: 200, at: (60.0, 50.0), size: 100.0, pen: 14.0, digit: 4 }
    }
}

impl Drawing {
    fn ink(&self, x: u32, y: u32) -> f32 {
        let (x, y) = ((x as f32 + 0.5 - self.at.0) / self.size, (y as f32 + 0.5 - self.at.1) / self.size);
        if x.max(y) > 2.0 || x.min(y) < -1.0 {
            return 0.0;
        }
        let nearest = strokes(self.digit)
            .iter()
            .flat_map(|stroke| stroke.windows(2))
            .map(|ends| distance((x, y), ends[0], ends[1]))
            .fold(f32::INFINITY, f32::min);
        (self.pen / 2.0 + 0.5 - nearest * self.size).clamp(0.0, 1.0)
    }

    /// Draws a grey page, given the shade of each pixel by its ink.
    fn page(&self, shade: impl Fn(u32, u32, f32) -> f32) -> GrayImage {
        GrayImage::from_fn(self.width, self.height, |x, y| Luma([shade(x, y, self.ink(x, y)).round() as u8]))
    }

    fn dark_on_light(&self) -> GrayImage {
        self.page(|_, _, ink| 255.0 * (1.0 - ink))
    }
}

fn distance(at: (f32, f32), from: (f32, f32), to: (f32, f32)) -> f32 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let along = (((at.0 - from.0) * dx + (at.1 - from.1) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
    (at.0 - from.0 - along * dx).hypot(at.1 - from.1 - along * dy)
}

fn encode(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn png(image: impl Into<DynamicImage>) -> Vec<u8> {
    encode(image, ImageFormat::Png)
}

fn form(bytes: &[u8]) -> Form {
    read_digit(bytes).unwrap_or_else(|error| panic!("{error}"))
}

/// Returns the form of the undisturbed drawing, with which others are compared.
fn plain() -> Form {
    form(&png(Drawing::default().dark_on_light()))
}

/// Returns the cosine of the angle between two forms, which is 1 if they are equal. A minimal change of the centre of
/// mass can move a form by a pixel, so the best of the nine positions counts.
fn likeness(a: &Form, b: &Form) -> f64 {
    let dot = |a: &Form, b: &Form| a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>();
    let places = (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| dy * SIDE as isize + dx));
    let moved = places.map(|by| {
        let mut moved = *a;
        moved.rotate_right(by.rem_euclid(PIXELS as isize) as usize);
        dot(&moved, b)
    });
    moved.fold(0.0, f64::max) / (dot(a, a) * dot(b, b)).sqrt()
}

fn show(form: &Form) -> String {
    let shade = |&grey: &u8| b" .:-=+*#%@"[usize::from(grey) * 9 / 255] as char;
    form.chunks(SIDE).map(|row| row.iter().map(shade).collect::<String>() + "\n").collect()
}

#[track_caller]
fn assert_alike(found: &Form, expected: &Form, least: f64) {
    let likeness = likeness(found, expected);
    assert!(likeness >= least, "similarity only {likeness:.3}:\n{}\nexpected\n{}", show(found), show(expected));
}

/// Asserts MNIST's rules: 20x20, the longer side filled, the centre of mass within half a pixel of (14, 14) unless the
/// box would leave the image, ink at full strength.
#[track_caller]
fn assert_form(form: &Form) {
    let inked: Vec<(usize, usize)> =
        (0..PIXELS).filter(|&place| form[place] > 0).map(|place| (place % SIDE, place / SIDE)).collect();
    let span = |of: &dyn Fn(&(usize, usize)) -> usize| {
        let (low, high) = (inked.iter().map(of).min().unwrap(), inked.iter().map(of).max().unwrap());
        (low, high, high - low + 1)
    };
    let (x, y) = (span(&|place| place.0), span(&|place| place.1));
    assert!(x.2.max(y.2) <= 20, "{}x{}\n{}", x.2, y.2, show(form));
    assert!(x.2.max(y.2) >= 19, "{}x{}\n{}", x.2, y.2, show(form));
    assert_eq!(form.iter().max(), Some(&255));

    let mass: f64 = form.iter().map(|&grey| f64::from(grey)).sum();
    let centre = |of: &dyn Fn(usize) -> usize| {
        form.iter().enumerate().map(|(place, &grey)| f64::from(grey) * of(place) as f64).sum::<f64>() / mass
    };
    for (centre, span) in [(centre(&|place| place % SIDE), x), (centre(&|place| place / SIDE), y)] {
        let at_edge = span.0 == 0 || span.1 == SIDE - 1;
        assert!((centre - 14.0).abs() <= 0.5001 || at_edge, "centre of mass at {centre}\n{}", show(form));
    }
}

#[test]
fn an_mnist_digit_of_28x28_is_used_unchanged() {
    let Some(folder) = common::mnist() else { return };
    let pixels = common::unpacked(&folder, "t10k-images-idx3-ubyte").split_off(16);
    for image in pixels.chunks_exact(PIXELS) {
        let picture = GrayImage::from_raw(28, 28, image.to_vec()).unwrap();
        assert_eq!(form(&encode(picture, ImageFormat::Pnm)), image);
    }
    for image in pixels.chunks_exact(PIXELS).take(200) {
        let picture = DynamicImage::from(GrayImage::from_raw(28, 28, image.to_vec()).unwrap());
        for same in [
            picture.clone(),
            picture.to_rgb8().into(),
            picture.to_rgba8().into(),
            picture.to_luma_alpha8().into(),
            picture.to_luma16().into(),
            picture.to_rgb16().into(),
        ] {
            assert_eq!(form(&png(same.clone())), image, "{:?}", same.color());
        }
    }
}

#[test]
fn an_mnist_digit_comes_back_from_a_large_inverted_page() {
    let Some(folder) = common::mnist() else { return };
    let pixels = common::unpacked(&folder, "t10k-images-idx3-ubyte").split_off(16);
    let mut sum = 0.0;
    for image in pixels.chunks_exact(PIXELS).take(100) {
        let picture = GrayImage::from_raw(28, 28, image.to_vec()).unwrap();
        let mut large = image::imageops::resize(&picture, 280, 280, image::imageops::FilterType::Triangle);
        image::imageops::invert(&mut large);
        let mut page = GrayImage::from_pixel(500, 400, Luma([255]));
        image::imageops::replace(&mut page, &large, 190, 30);
        let found = form(&png(page));
        assert_form(&found);
        // A faint end that is mistaken for paper moves everything else by half a pixel.
        assert_alike(&found, &image.try_into().unwrap(), 0.8);
        sum += likeness(&found, &image.try_into().unwrap());
    }
    assert!(sum / 100.0 > 0.95, "{}", sum / 100.0);
}

#[test]
fn every_digit_obeys_mnists_rules_at_every_size() {
    for digit in [1, 2, 4, 5, 7] {
        for (size, pen) in [(14.0, 2.0), (40.0, 5.0), (150.0, 20.0), (150.0, 2.0), (400.0, 2.5), (400.0, 70.0)] {
            let margin = size / 2.0 + pen;
            let side = (2.5 * margin + size) as u32;
            for shift in [0.6, 1.3] {
                let drawing =
                    Drawing { width: side, height: side + 9, at: (margin * shift, margin * 0.9), size, pen, digit };
                assert_form(&form(&png(drawing.dark_on_light())));
            }
        }
    }
}

#[test]
fn size_and_position_make_no_difference() {
    let plain = plain();
    for (scale, at) in [(0.35, (5.0, 9.0)), (2.0, (400.0, 20.0)), (6.0, (300.0, 600.0)), (25.0, (900.0, 700.0))] {
        let drawing = Drawing {
            width: (100.0 * scale + 700.0 + at.0) as u32 / 2,
            height: (at.1 + 130.0 * scale) as u32,
            at: (at.0 / 2.0, at.1),
            size: 100.0 * scale,
            pen: 14.0 * scale,
            digit: 4,
        };
        let drawing = Drawing { width: drawing.width.max((drawing.at.0 + 115.0 * scale) as u32), ..drawing };
        assert_alike(&form(&png(drawing.dark_on_light())), &plain, 0.94);
    }
}

#[test]
fn light_on_dark_and_faint_greys_are_the_same_digit() {
    let drawing = Drawing::default();
    for (paper, ink) in [(0.0, 255.0), (30.0, 200.0), (250.0, 190.0), (140.0, 90.0), (90.0, 120.0)] {
        let page = drawing.page(|_, _, share| paper + (ink - paper) * share);
        assert_alike(&form(&png(page)), &plain(), 0.985);
    }
}

#[test]
fn colour_and_sixteen_bits_are_the_same_digit() {
    let drawing = Drawing::default();
    let mix = |paper: [f32; 3], ink: [f32; 3]| {
        RgbImage::from_fn(200, 200, |x, y| {
            let share = drawing.ink(x, y);
            Rgb([0, 1, 2].map(|channel| (paper[channel] + (ink[channel] - paper[channel]) * share) as u8))
        })
    };
    assert_alike(&form(&png(mix([255.0, 250.0, 225.0], [20.0, 40.0, 160.0]))), &plain(), 0.985);
    assert_alike(&form(&png(mix([10.0, 60.0, 30.0], [250.0, 240.0, 200.0]))), &plain(), 0.985);
    let deep = DynamicImage::from(drawing.dark_on_light()).to_luma16();
    assert_alike(&form(&png(deep)), &plain(), 0.999);
}

#[test]
fn transparent_backgrounds_let_the_strokes_stand_out() {
    let drawing = Drawing::default();
    for shade in [0, 60, 255] {
        let page =
            RgbaImage::from_fn(200, 200, |x, y| Rgba([shade, shade, shade, (255.0 * drawing.ink(x, y)).round() as u8]));
        assert_alike(&form(&png(page)), &plain(), 0.985);
    }
    // A white card on nothing, the digit on the card.
    let card = RgbaImage::from_fn(300, 300, |x, y| match (x.checked_sub(50), y.checked_sub(50)) {
        (Some(x), Some(y)) if x < 200 && y < 200 => {
            let grey = (255.0 * (1.0 - drawing.ink(x, y))).round() as u8;
            Rgba([grey, grey, grey, 255])
        }
        _ => Rgba([0, 0, 0, 0]),
    });
    assert_alike(&form(&png(card)), &plain(), 0.985);
}

#[test]
fn jpeg_and_pgm_are_read_too() {
    let page = Drawing::default().dark_on_light();
    assert_eq!(form(&encode(page.clone(), ImageFormat::Pnm)), plain());
    assert_alike(&form(&encode(page.clone(), ImageFormat::Jpeg)), &plain(), 0.98);
    let mut plain_text = String::from("P2\n# by hand\n200 200\n255\n");
    plain_text.extend(page.pixels().map(|pixel| format!("{}\n", pixel.0[0])));
    assert_eq!(form(plain_text.as_bytes()), plain());
}

/// Noise that is the same in every run.
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / (1 << 24) as f32
    }
}

#[test]
fn uneven_light_and_sensor_noise_are_harmless() {
    let drawing = Drawing { width: 640, height: 480, at: (250.0, 150.0), size: 180.0, pen: 25.0, digit: 4 };
    let mut noise = Noise(7);
    let mut photo = drawing.page(|_, _, _| 0.0);
    for (x, y, pixel) in photo.enumerate_pixels_mut() {
        let (across, down) = (x as f32 / 640.0, y as f32 / 480.0);
        // From one side, and darker in the corners.
        let corner = (across - 0.5).powi(2) + (down - 0.5).powi(2);
        let light = 0.55 + 0.4 * across - 0.25 * corner;
        let grain = 6.0 * (noise.next() + noise.next() + noise.next() - 1.5);
        let paper = 235.0 * (1.0 - 0.7 * drawing.ink(x, y));
        *pixel = Luma([(paper * light + grain).clamp(0.0, 255.0) as u8]);
    }
    assert_alike(&form(&png(photo.clone())), &plain(), 0.97);
    assert_alike(&form(&encode(photo, ImageFormat::Jpeg)), &plain(), 0.97);
}

#[test]
fn specks_lines_and_frames_are_left_out() {
    let drawing = Drawing { width: 400, height: 400, at: (150.0, 120.0), size: 150.0, pen: 21.0, digit: 5 };
    let clean = form(&png(drawing.dark_on_light()));

    let mut specks = drawing.dark_on_light();
    let mut noise = Noise(3);
    for _ in 0..300 {
        specks.put_pixel((noise.next() * 400.0) as u32, (noise.next() * 400.0) as u32, Luma([0]));
    }
    assert_alike(&form(&png(specks)), &clean, 0.98);

    let mut ruled = drawing.dark_on_light();
    for along in 0..400 {
        for thick in 0..3 {
            ruled.put_pixel(40 + thick, along, Luma([90]));
            ruled.put_pixel(along, 60 + thick, Luma([120]));
            ruled.put_pixel(along, 360 + thick, Luma([120]));
        }
    }
    assert_alike(&form(&png(ruled)), &clean, 0.98);

    let mut framed = drawing.dark_on_light();
    for along in 0..400 {
        for thick in [0, 1, 2, 397, 398, 399] {
            framed.put_pixel(thick, along, Luma([0]));
            framed.put_pixel(along, thick, Luma([0]));
        }
    }
    assert_alike(&form(&png(framed)), &clean, 0.98);
}

#[test]
fn lines_of_lined_paper_are_left_out_except_where_strokes_cross_them() {
    let drawing = Drawing { width: 400, height: 400, at: (150.0, 120.0), size: 150.0, pen: 21.0, digit: 4 };
    let clean = form(&png(drawing.dark_on_light()));
    for (vertical, shade) in [(false, 190), (false, 60), (true, 120)] {
        let mut lined = drawing.dark_on_light();
        for line in (30..400).step_by(60) {
            for along in 0..400 {
                for place in [(along, line), (along, line + 1), (line, along), (line + 1, along)] {
                    if vertical || place.0 == along {
                        let pixel = lined.get_pixel_mut(place.0, place.1);
                        pixel.0[0] = pixel.0[0].min(shade);
                    }
                }
            }
        }
        assert_alike(&form(&png(lined)), &clean, 0.97);
    }
}

#[test]
fn a_shadow_over_the_page_is_not_ink() {
    let drawing = Drawing { width: 640, height: 480, at: (220.0, 150.0), size: 180.0, pen: 25.0, digit: 4 };
    let shadowed = drawing.page(|x, y, ink| {
        let light = if x + y / 4 > 330 { 0.7 } else { 1.0 };
        230.0 * light * (1.0 - 0.75 * ink)
    });
    assert_alike(&form(&png(shadowed)), &plain(), 0.96);
}

#[test]
fn a_digit_on_a_sheet_on_a_table_is_found() {
    let drawing = Drawing::default();
    for (table, frame) in [(60, 40), (0, 8)] {
        let side = 200 + 2 * frame;
        let mut page = GrayImage::from_pixel(side, side, Luma([table]));
        image::imageops::replace(&mut page, &drawing.dark_on_light(), frame.into(), frame.into());
        assert_alike(&form(&png(page)), &plain(), 0.98);
    }
}

#[test]
fn a_closely_cropped_digit_is_read_to_its_edges() {
    let drawing = Drawing { width: 104, height: 114, at: (7.0, 7.0), size: 100.0, pen: 14.0, digit: 2 };
    let open = Drawing { width: 300, height: 300, at: (90.0, 90.0), ..drawing };
    let (close, open) = (form(&png(drawing.dark_on_light())), form(&png(open.dark_on_light())));
    assert_alike(&close, &open, 0.97);
}

#[test]
fn a_fine_pen_is_thickened_to_mnists_strokes() {
    let fine = Drawing { width: 900, height: 900, at: (200.0, 100.0), size: 600.0, pen: 3.0, digit: 2 };
    let broad = Drawing { pen: 60.0, ..fine };
    let (fine, broad) = (form(&png(fine.dark_on_light())), form(&png(broad.dark_on_light())));
    let ink = |form: &Form| form.iter().map(|&grey| f64::from(grey)).sum::<f64>();
    assert!(ink(&fine) > 0.6 * ink(&broad), "\n{}", show(&fine));
    assert_alike(&fine, &broad, 0.85);
}

#[test]
fn a_photo_taken_sideways_is_turned_upright() {
    let upright = Drawing::default();
    let jpeg = encode(image::imageops::rotate270(&upright.dark_on_light()), ImageFormat::Jpeg);
    // An EXIF block that requires a quarter turn to the right.
    let tiff = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let mut turned = jpeg[..2].to_vec();
    turned.extend([0xff, 0xe1, 0, (2 + 6 + tiff.len()) as u8]);
    turned.extend(b"Exif\0\0");
    turned.extend(tiff);
    turned.extend(&jpeg[2..]);
    assert_alike(&form(&turned), &plain(), 0.98);
}

#[test]
fn greys_are_read_like_their_png() {
    for page in [Drawing::default().dark_on_light(), Drawing { pen: 3.0, ..Drawing::default() }.dark_on_light()] {
        let (width, grey) = (page.width() as usize, page.into_raw());
        let bytes = lenet_monitor::data::picture::png(width, &grey);
        assert_eq!(read_page(width, grey).unwrap(), form(&bytes));
    }
    let exact = form(&png(Drawing::default().dark_on_light()));
    assert_eq!(read_page(SIDE, exact.to_vec()).unwrap(), exact, "28x28, light on dark: unchanged");
    assert!(matches!(read_page(40, vec![7; 40 * 30]), Err(PictureError::Blank { .. })));
}

#[test]
fn blank_pictures_are_an_error() {
    let mut speck = GrayImage::from_pixel(100, 100, Luma([255]));
    speck.put_pixel(40, 40, Luma([0]));
    let mut noise = Noise(11);
    let grain = GrayImage::from_fn(300, 300, |_, _| {
        Luma([(200.0 + 20.0 * (noise.next() + noise.next() + noise.next() - 1.5)) as u8])
    });
    let gradient = GrayImage::from_fn(300, 200, |x, y| Luma([(60 + x / 2 + y / 10) as u8]));
    for blank in [
        GrayImage::from_pixel(1, 1, Luma([0])),
        GrayImage::from_pixel(1, 1, Luma([255])),
        GrayImage::from_pixel(28, 28, Luma([0])),
        GrayImage::from_pixel(28, 28, Luma([255])),
        GrayImage::from_pixel(300, 2, Luma([128])),
        speck,
        grain,
        gradient,
    ] {
        let error = read_digit(&png(blank)).unwrap_err();
        assert!(matches!(error, PictureError::Blank { .. }), "{error}");
    }
    let nothing = RgbaImage::from_pixel(50, 50, Rgba([0, 0, 0, 0]));
    assert!(matches!(read_digit(&png(nothing)), Err(PictureError::Blank { .. })));
}

#[test]
fn tiny_pictures_never_panic() {
    for width in 1..12 {
        for height in 1..12 {
            let checks = GrayImage::from_fn(width, height, |x, y| Luma([if (x + 2 * y) % 3 == 0 { 0 } else { 255 }]));
            // A form or an error, never a panic.
            let _ = read_digit(&png(checks));
        }
    }
}

#[test]
fn no_picture_panics() {
    let mut noise = Noise(5);
    for kind in 0..600 {
        let mut any = |below: f32| (noise.next() * below) as u32;
        let (width, height) = (1 << any(8.0), 1 << any(8.0));
        let (width, height) = (width + any(width as f32), height + any(height as f32));
        let (left, top, shade, density) = (any(width as f32), any(height as f32), any(256.0) as u8, any(100.0));
        let mut picture = GrayImage::from_fn(width, height, |x, y| {
            Luma([match kind % 5 {
                0 => any(256.0) as u8,
                1 => 255 * u8::from(any(100.0) > density),
                // A block in a corner, a cross from edge to edge.
                2 => {
                    if x >= left && y >= top {
                        shade
                    } else {
                        255
                    }
                }
                3 => {
                    if x == left || y == top {
                        shade
                    } else {
                        128
                    }
                }
                _ => (x + y) as u8,
            }])
        });
        if kind % 2 == 0 {
            image::imageops::invert(&mut picture);
        }
        match read_digit(&encode(picture, ImageFormat::Pnm)) {
            Ok(form) => assert!(form.contains(&255) || width == 28, "{width}x{height}"),
            Err(error) => assert!(matches!(error, PictureError::Blank { .. }), "{error}"),
        }
    }
}

#[test]
fn a_giant_header_is_refused_before_anything_is_decoded() {
    let mut giant = png(Drawing::default().dark_on_light());
    // The header's width and height, with a matching checksum.
    giant[16..24].copy_from_slice(&[0, 1, 0x11, 0x70, 0, 1, 0x11, 0x70]);
    let checksum = crc32fast::hash(&giant[12..29]);
    giant[29..33].copy_from_slice(&checksum.to_be_bytes());
    let error = read_digit(&giant).unwrap_err();
    assert!(matches!(error, PictureError::TooLarge { width: 70_000, height: 70_000 }), "{error}");

    let error = read_digit(b"P5 60000 60000 255\n").unwrap_err();
    assert!(matches!(error, PictureError::TooLarge { .. }), "{error}");
    // Within bounds, but more pixels than the bytes can hold.
    let error = read_digit(b"P5 8000 8000 255\nabc").unwrap_err();
    assert!(matches!(error, PictureError::Damaged { .. }), "{error}");
}

#[test]
fn a_file_truncated_anywhere_is_an_error() {
    let page = Drawing { width: 60, height: 60, at: (15.0, 10.0), size: 36.0, pen: 5.0, digit: 7 }.dark_on_light();
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Pnm] {
        let whole = encode(page.clone(), format);
        assert!(read_digit(&whole).is_ok());
        for length in 0..whole.len() {
            assert!(
                read_digit(&whole[..length]).is_err(),
                "{format:?} is accepted with {length} of {} bytes",
                whole.len()
            );
        }
    }
}

#[test]
fn a_flipped_bit_never_panics_and_is_detected_in_png() {
    let page = Drawing { width: 40, height: 40, at: (10.0, 8.0), size: 24.0, pen: 4.0, digit: 7 }.dark_on_light();
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Pnm] {
        let whole = encode(page.clone(), format);
        let expected = read_digit(&whole).unwrap();
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let result = read_digit(&flipped);
            if format == ImageFormat::Png {
                assert!(result.is_err() || result.is_ok_and(|form| form == expected), "bit {bit}");
            }
        }
    }
}

#[test]
fn other_files_are_identified() {
    let cases: [(&[u8], &str); 24] = [
        (b"", "an empty file"),
        (b"<!DOCTYPE html><html></html>", "an HTML page"),
        (b"\xef\xbb\xbf\n <HTML lang=en>", "an HTML page"),
        (b"<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "SVG: save it as PNG"),
        (b"GIF89a\x01\0\x01\0\0\0\0;", "GIF: save it as JPEG or PNG"),
        (b"\0\0\x08\x03\0\0\x27\x10", "IDX images"),
        (b"\0\0\0$ftypheic\0\0\0\0mif1heic", "HEIC (an iPhone's photo): save it as JPEG"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIC (an iPhone's photo): save it as JPEG"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", "AVIF"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "AVIF"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "a video"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "WebP: save it as JPEG or PNG"),
        (b"PK\x03\x04\x14\0\0\0", "a zip archive"),
        (b"\xfd7zXZ\0\0\x04", "xz"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "gzip"),
        (b"\x28\xb5\x2f\xfd\x04\0", "zstd"),
        (b"%PDF-1.7\n", "PDF"),
        (b"II*\0\x08\0\0\0", "TIFF"),
        (b"MM\0*\0\0\0\x08", "TIFF"),
        (b"BM\x46\0\0\0\0\0", "BMP"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n", "git lfs pull"),
        (b"\x89PNG\n\x1a\n\0\0\0\x0dIHDR", "line endings"),
        (&[0; 3_000], "nothing but zero bytes"),
        (b"hello, world", "12 bytes that begin with \"hello, w\""),
    ];
    for (bytes, found) in cases {
        let error = read_digit(bytes).unwrap_err().to_string();
        assert!(error.contains(found) && error.contains("expected a PNG, JPEG or PGM"), "{error}");
    }
}

/// Phones take pictures of 12000x9000 and almost 200 megapixels. The colours are not kept.
#[test]
fn pictures_of_200_megapixels_are_read() {
    let drawing = Drawing { width: 600, height: 450, at: (230.0, 120.0), size: 180.0, pen: 25.0, digit: 4 };
    let small = drawing.dark_on_light();
    for (width, height) in [(12_000, 9_000), (16_000, 12_300)] {
        let large = GrayImage::from_fn(width, height, |x, y| *small.get_pixel(x * 600 / width, y * 450 / height));
        assert_alike(&form(&encode(large, ImageFormat::Jpeg)), &plain(), 0.95);
    }
}
