//! The Layers screen: what the network makes of one digit, from the first kernels to the ten outputs.
//!
//! With `all` chosen every layer has its band, as many and as large as there is room for; else one layer is large.
//!
//! ```text
//!  test image 17 of 10,000   true 4   read as 9 0.71              after epoch 3, step 2,113
//!  ─ input ──── C1 convolution 5x5, relu: 6 kernels, 6 maps of 28x28 ──────── 0 to 2.3 ─
//!               ▪▪▪         ▪▪▪         ▪▪▪         ▪▪▪         ▪▪▪         ▪▪▪
//!    ▄▀▀▄       ▄▀▀▄        ▄▀▀▄        ▄▀▀▄        ▄▀▀▄        ▄▀▀▄        ▄▀▀▄
//!  ─ S4 average of each 2x2: 16 maps of 5x5 ────────────────────  0 ▏            0.004
//!   ▪▪▪  ▪▪▪  ▪▪▪  ▪▪▪  ▪▪▪  ▪▪▪  ▪▪▪  ▪▪▪                        9 ████████     0.710
//! ```

mod bands;
mod focus;

use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    data::{CLASSES, SIDE},
    format::width as text_width,
    train::{Activation, Activations, Pooling, State},
    tui::{
        format,
        keys::Action,
        screen::Screen,
        screens::layers::{Layer, LayersScreen, Seen, Source, Subject},
        session::Session,
        theme::Theme,
        widgets::{
            digit,
            heatmap::{Plate, Scale, Zoom},
            surface::{Surface, Target},
            text::{fitting, put, put_right, span, wrap},
        },
    },
};

pub fn draw(layers: &LayersScreen, session: &Session, area: Rect, surface: &mut Surface) {
    let inside = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let Some(subject) = layers.subject(session) else {
        nothing(layers, session, inside, surface);
        return;
    };
    let scene = Scene { layers, session, seen: seen(layers, &subject), subject };
    scene.caption(Rect { height: 1, ..inside }, surface);
    let rest = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
    match layers.layer {
        Layer::All => bands::draw(&scene, rest, surface),
        layer => focus::draw(&scene, layer, rest, surface),
    }
}

fn nothing(layers: &LayersScreen, session: &Session, area: Rect, surface: &mut Surface) {
    let why = match layers.source {
        Source::Test => "The data set has no test images.".to_owned(),
        Source::Mistake if session.live.evaluation.is_none() => {
            "No mistakes are known yet: the test set is read at each epoch's end.".into()
        }
        Source::Mistake => "No mistake passes the filters of the Mistakes screen.".into(),
        Source::Drawing => format!("Nothing is drawn yet: {} opens the pad.", session.key(Action::Show(Screen::Draw))),
    };
    let text = format!("{why} {} takes the digit from elsewhere.", session.key(Action::Source));
    let rows = crate::tui::widgets::area::rows(area).skip(2);
    for (row, line) in rows.zip(wrap(&text, usize::from(area.width.saturating_sub(4)))) {
        put(
            surface,
            Rect { x: row.x + 2, width: row.width.saturating_sub(2), ..row },
            &Line::styled(line, session.theme.dim()),
        );
    }
}

/// The answer about this digit; the one before it while the next is on its way.
fn seen<'a>(layers: &'a LayersScreen, subject: &Subject) -> Option<&'a Seen> {
    let seen = layers.seen.as_ref()?;
    (seen.image[..] == *subject.image || layers.inquiry.is_open()).then_some(seen)
}

/// What is to be drawn.
struct Scene<'a> {
    layers: &'a LayersScreen,
    session: &'a Session,
    subject: Subject<'a>,
    seen: Option<&'a Seen>,
}

impl Scene<'_> {
    /// `test image 17 of 10,000   true 4   read as 9 0.71          after epoch 3, step 2,113`
    fn caption(&self, row: Rect, surface: &mut Surface) {
        let theme = self.session.theme;
        let mut parts = vec![self.name()];
        if let Some(label) = self.subject.label {
            let label = span(label.to_string(), theme.good().patch(theme.bold()));
            parts.push(vec![span("   true ", theme.dim()), label]);
        }
        if let Some((digit, probability)) = self.guess() {
            let style = match self.subject.label {
                Some(label) if usize::from(label) == digit => theme.good(),
                Some(_) => theme.bad(),
                None => theme.accent(),
            };
            let digit = span(digit.to_string(), style.patch(theme.bold()));
            parts.push(vec![span("   read as ", theme.dim()), digit, span(format!(" {probability:.3}"), theme.dim())]);
        }
        let line = fitting(parts, row.width);
        let [long, short] = self.when();
        let room = usize::from(row.width).saturating_sub(line.width() + 2);
        let when = if text_width(&long) <= room { long } else { short };
        if text_width(&when) <= room {
            put_right(surface, row, &Line::styled(when, theme.dim()));
        }
        put(surface, row, &line);
    }

    fn name(&self) -> Vec<Span<'static>> {
        let (layers, session, theme) = (self.layers, self.session, self.session.theme);
        let place = |what, place: usize, all: usize| {
            let all = format::grouped(all as u64);
            let place = format!("{:>width$}", format::grouped(place as u64 + 1), width = all.len());
            vec![span(what, theme.bold()), span(place, theme.bold()), span(format!(" of {all}"), theme.text())]
        };
        match layers.source {
            Source::Test => place("test image ", layers.index, session.dataset.test.len()),
            Source::Mistake => {
                let listing = &session.browser.mistakes;
                place("mistake ", listing.place, listing.shown.len())
            }
            Source::Drawing => vec![span("your drawing", theme.bold())],
        }
    }

    /// The likeliest digit.
    fn guess(&self) -> Option<(usize, f32)> {
        let probabilities = &self.seen?.activations.probabilities;
        let best = (0..CLASSES).max_by(|&a, &b| probabilities[a].total_cmp(&probabilities[b]).then(b.cmp(&a)))?;
        Some((best, probabilities[best]))
    }

    /// Whose weights these are, or why there is nothing; in many words and in few.
    fn when(&self) -> [String; 2] {
        let why = |long: &str, short: &str| [long.to_owned(), short.to_owned()];
        match self.seen {
            Some(seen) => {
                let place = format!("epoch {}, step {}", format::grouped(seen.epoch), format::grouped(seen.step));
                [format!("weights of {place}"), place]
            }
            _ if self.session.live.answers() => why("asking the network", "asking"),
            _ => match self.session.live.state {
                Some(State::Diverged) => why("the run has diverged: nothing to see", "diverged"),
                None => why("the run has not begun", "not begun"),
                _ => why("training has ended: no more answers", "no more answers"),
            },
        }
    }

    fn activation(&self) -> Activation {
        self.session.live.started.as_ref().map_or(Activation::Relu, |started| started.spec.hyper.activation)
    }

    /// What a layer is, in a few words.
    fn title(&self, layer: Layer) -> String {
        let pooling = self.session.live.started.as_ref().map_or(Pooling::Avg, |started| started.spec.hyper.pooling);
        let pooling = match pooling {
            Pooling::Avg => "mean",
            Pooling::Max => "largest",
        };
        let activation = self.activation();
        match layer {
            Layer::All | Layer::Input => "input".into(),
            Layer::C1 => format!("C1  6 kernels of 5x5, 6 maps of 28x28, {activation}"),
            Layer::S2 => format!("S2  the {pooling} of each 2x2: 6 maps of 14x14"),
            Layer::C3 => format!("C3  5x5 over all six: 16 maps of 10x10, {activation}"),
            Layer::S4 => format!("S4  the {pooling} of each 2x2: 16 maps of 5x5"),
            Layer::C5 => format!("C5  120 from S4's 400, {activation}"),
            Layer::F6 => format!("F6  84, {activation}"),
            Layer::Output => "output".into(),
        }
    }

    /// The values of a layer as they are drawn, and how many of them make a map.
    fn values(&self, layer: Layer) -> Option<(&[f32], usize)> {
        values(&self.seen?.picture.parts, layer)
    }

    /// `0 to 2.31, 43 % zero`
    fn range(&self, layer: Layer) -> String {
        let Some((values, _)) = self.seen.and_then(|seen| values(&seen.activations, layer)) else {
            return String::new();
        };
        let low = values.iter().copied().fold(f32::INFINITY, f32::min);
        let high = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let number = |value: f32| if value == 0.0 { "0".to_owned() } else { format!("{value:.2}") };
        let range = format!("{} to {}", number(low), number(high));
        if self.activation() != Activation::Relu || layer == Layer::Output {
            return range;
        }
        let zero = values.iter().filter(|value| **value == 0.0).count() * 100 / values.len();
        format!("{range}, {zero:>2} % at 0")
    }

    /// A rule with a layer's name on it.
    fn rule(&self, layer: Layer, row: Rect, surface: &mut Surface) {
        rule(self.session.theme, &self.title(layer), &self.range(layer), row, surface);
        surface.target(row, Target::Layer(layer as usize));
    }

    /// Maps side by side from the upper left corner of `area`, `step` cells from one to the next.
    fn maps(&self, layer: Layer, zoom: Zoom, across: usize, step: (u16, u16), area: Rect, surface: &mut Surface) {
        let Some((values, size)) = self.values(layer) else { return };
        surface.target(area, Target::Layer(layer as usize));
        let (scale, width) = (Scale::of(values), size.isqrt());
        for (place, values) in values.chunks(size).enumerate() {
            let (x, y) = ((place % across) as u16 * step.0, (place / across) as u16 * step.1);
            self.plate(&Plate { values, width, scale }, zoom, offset(area, x, y), surface);
        }
    }

    /// C1's six, side by side.
    fn kernels(&self, step: u16, area: Rect, surface: &mut Surface) {
        surface.target(area, Target::Layer(Layer::C1 as usize));
        (0..6).for_each(|place| self.kernel(place, offset(area, place as u16 * step, 0), surface));
    }

    fn kernel(&self, place: usize, area: Rect, surface: &mut Surface) {
        let Some(seen) = self.seen else { return };
        let plate = Plate { values: &seen.picture.parts.kernels[place], width: 5, scale: Scale::Signed };
        self.plate(&plate, Zoom::Times(1), area, surface);
    }

    fn plate(&self, plate: &Plate, zoom: Zoom, area: Rect, surface: &mut Surface) {
        plate.draw(zoom, area, self.session.drawing, self.session.theme, surface);
    }

    fn input(&self, zoom: Zoom, area: Rect, surface: &mut Surface) {
        surface.target(area, Target::Layer(Layer::Input as usize));
        let values: Vec<f32> = self.subject.image.iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
        self.plate(&Plate { values: &values, width: SIDE, scale: Scale::Light }, zoom, area, surface);
    }

    /// A dense layer's values in rows.
    fn strip(&self, layer: Layer, width: usize, area: Rect, surface: &mut Surface) {
        let Some((values, _)) = self.values(layer) else { return };
        surface.target(area, Target::Layer(layer as usize));
        self.plate(&Plate { values, width, scale: Scale::of(values) }, Zoom::Times(1), area, surface);
    }

    /// The ten outputs in their order, or the likeliest where there is no room for all.
    fn outputs(&self, area: Rect, surface: &mut Surface) {
        let theme = self.session.theme;
        let Some(seen) = self.seen else { return };
        surface.target(area, Target::Layer(Layer::Output as usize));
        let guess = self.guess().map(|(digit, _)| digit);
        let mut digits: Vec<usize> = (0..CLASSES).collect();
        if usize::from(area.height) < CLASSES {
            digits.sort_by(|&a, &b| seen.activations.probabilities[b].total_cmp(&seen.activations.probabilities[a]));
        }
        for (digit, row) in digits.into_iter().zip(crate::tui::widgets::area::rows(area)) {
            let style = match self.subject.label {
                Some(label) if usize::from(label) == digit => theme.good(),
                None if guess == Some(digit) => theme.accent(),
                Some(_) if guess == Some(digit) => theme.bad(),
                _ => theme.dim(),
            };
            digit::labelled_bar(digit, seen.activations.probabilities[digit], style, row, surface);
        }
    }
}

fn values(of: &Activations, layer: Layer) -> Option<(&[f32], usize)> {
    Some(match layer {
        Layer::All | Layer::Input => return None,
        Layer::C1 => (of.c1.as_flattened(), 28 * 28),
        Layer::S2 => (of.s2.as_flattened(), 14 * 14),
        Layer::C3 => (of.c3.as_flattened(), 10 * 10),
        Layer::S4 => (of.s4.as_flattened(), 5 * 5),
        Layer::C5 => (&of.c5, 1),
        Layer::F6 => (&of.f6, 1),
        Layer::Output => (&of.logits, 1),
    })
}

fn offset(area: Rect, x: u16, y: u16) -> Rect {
    let (x, y) = (x.min(area.width), y.min(area.height));
    Rect { x: area.x + x, y: area.y + y, width: area.width - x, height: area.height - y }
}

/// `─ title ───────────── right ─`
fn rule(theme: Theme, title: &str, right: &str, row: Rect, surface: &mut Surface) {
    put(surface, row, &Line::styled("─".repeat(usize::from(row.width)), theme.dim()));
    let title = crate::format::cut(title, usize::from(row.width).saturating_sub(4));
    let room = usize::from(row.width).saturating_sub(text_width(&title) + 4);
    let name_end = title.find("  ").unwrap_or(title.len());
    let (name, rest) = title.split_at(name_end);
    let line = Line::from(vec![
        span(" ", theme.text()),
        span(name.to_owned(), theme.title()),
        span(rest.to_owned(), theme.dim()),
        span(" ", theme.text()),
    ]);
    put(surface, Rect { x: row.x + 1, width: row.width.saturating_sub(1), ..row }, &line);
    if !right.is_empty() && text_width(right) + 4 <= room {
        put_right(surface, Rect { width: row.width - 1, ..row }, &Line::styled(format!(" {right} "), theme.dim()));
    }
}
