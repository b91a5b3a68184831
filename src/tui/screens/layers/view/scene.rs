//! A digit and what the network makes of it, with the parts that all arrangements draw.

use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    data::{CLASSES, SIDE},
    format::{cut, width as text_width},
    train::{Activation, Hyperparameter, LayerInfo, LayerKind, LayerOutput, Pooling, State, argmax},
    tui::{
        format,
        screens::layers::state::{Layer, LayersScreen, Seen, Source, Subject},
        session::Session,
        theme::Theme,
        widgets::{
            area::rows,
            digit,
            heatmap::{Heatmap, Scale, Zoom},
            surface::{Surface, Target},
            text::{fitting, put, put_right, span},
        },
    },
};

/// What is drawn.
pub(super) struct Scene<'a> {
    pub(super) screen: &'a LayersScreen,
    pub(super) session: &'a Session,
    /// Layers of the network.
    pub(super) layers: Vec<&'static LayerInfo>,
    pub(super) subject: Subject<'a>,
    pub(super) seen: Option<&'a Seen>,
}

impl Scene<'_> {
    /// Draws `test image 17, of 10,000   true 4   read as 9 0.710          weights of epoch 3, step 2,113`.
    pub(super) fn caption(&self, row: Rect, surface: &mut Surface) {
        let theme = self.session.theme;
        let mut parts = vec![self.name()];
        let variant = self.screen.test_index(self.session).and_then(|index| self.session.variant_name(index));
        parts.extend(variant.map(|name| vec![span(format!("   {name}"), theme.accent())]));
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

    pub(super) fn name(&self) -> Vec<Span<'static>> {
        let (screen, session, theme) = (self.screen, self.session, self.session.theme);
        let place = |what, place: usize, of, all: usize| {
            let all = format::grouped(all as u64);
            let place = format!("{:>width$}", format::grouped(place as u64), width = all.len());
            vec![span(what, theme.bold()), span(place, theme.bold()), span(format!("{of}{all}"), theme.text())]
        };
        match screen.source {
            Source::Test => place("test image ", screen.index, ", of ", session.images.test_images()),
            Source::Mistake => {
                let listing = &session.browser.mistakes;
                let mut spans = place("mistake ", listing.place + 1, " of ", listing.shown.len());
                if session.is_filtered() {
                    spans.push(span(" filtered", theme.warn()));
                }
                spans
            }
            Source::Drawing => vec![span("your drawing", theme.bold())],
        }
    }

    /// Returns the likeliest digit and its probability.
    pub(super) fn guess(&self) -> Option<(usize, f32)> {
        let probabilities = &self.seen?.activations.probabilities;
        let best = usize::from(argmax(probabilities));
        Some((best, probabilities[best]))
    }

    /// Returns whose weights these are, or why there is no answer, in a long and in a short form.
    pub(super) fn when(&self) -> [String; 2] {
        let why = |long: &str, short: &str| [long.to_owned(), short.to_owned()];
        match self.seen {
            Some(seen) => {
                let place = format!("epoch {}, step {}", format::grouped(seen.epoch), format::grouped(seen.step));
                [format!("weights of {place}"), place]
            }
            _ if self.session.live.answers() => why("asking the network", "asking"),
            _ => match self.session.live.state {
                Some(State::Diverged) => why("the run has diverged: nothing to see", "diverged"),
                None => why("the run has not started", "not started"),
                _ => why("training has ended: no more answers", "no more answers"),
            },
        }
    }

    pub(super) fn activation(&self) -> Activation {
        self.session.live.started.as_ref().map_or(Activation::Relu, |started| started.spec.hyper.activation)
    }

    pub(super) fn pooling(&self) -> Pooling {
        self.session.live.started.as_ref().map_or(Pooling::Avg, |started| started.spec.hyper.pooling)
    }

    pub(super) fn info(&self, layer: Layer) -> Option<&'static LayerInfo> {
        let Layer::Of(place) = layer else { return None };
        self.layers.get(place).copied()
    }

    pub(super) fn is_output(&self, layer: Layer) -> bool {
        layer == Layer::Of(self.layers.len() - 1)
    }

    /// Returns the number of empty rows that the network reads after the image.
    pub(super) fn delay(&self) -> u32 {
        let hyper = self.session.live.started.as_ref().map(|started| &started.spec.hyper);
        hyper.filter(|hyper| hyper.uses(Hyperparameter::Delay)).map_or(0, |hyper| hyper.delay)
    }

    /// Returns the title of a layer: its name and details.
    pub(super) fn title(&self, layer: Layer) -> String {
        let Some(info) = self.info(layer) else { return "input".into() };
        let delay = match self.delay() {
            delay if delay > 0 && self.is_recurrent(layer) => format!(", last after {delay} empty ones"),
            _ => String::new(),
        };
        match info.details(self.activation(), self.pooling()) {
            details if details.is_empty() => info.name.into(),
            details => format!("{}  {details}{delay}", info.name),
        }
    }

    /// Returns the values of a layer as drawn, and the number of values per map.
    pub(super) fn values(&self, layer: Layer) -> Option<(&[f32], usize)> {
        let output = output(&self.seen?.picture.parts.layers, layer)?;
        Some((&output.values, output.values.len() / output.info.kind.count()))
    }

    /// Returns the range of a layer's values, as in `0 to 2.31, 43 % at 0`.
    pub(super) fn range(&self, layer: Layer) -> String {
        let Some(LayerOutput { values, .. }) = self.seen.and_then(|seen| output(&seen.activations.layers, layer))
        else {
            return String::new();
        };
        let low = values.iter().copied().fold(f32::INFINITY, f32::min);
        let high = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let number = |value: f32| if value == 0.0 { "0".to_owned() } else { format!("{value:.2}") };
        let range = format!("{} to {}", number(low), number(high));
        // Values of the chosen activation, or pooled from them.
        let is_chosen = self.info(layer).is_some_and(|info| info.operation.contains('{'));
        if !is_chosen || self.activation() != Activation::Relu || self.is_output(layer) {
            return range;
        }
        let zeros = values.iter().filter(|value| **value == 0.0).count();
        format!("{range}, {:>2} % at 0", format::percent(zeros as f64 / values.len() as f64, 0))
    }

    /// Draws a rule with the title of a layer and the range of its values.
    pub(super) fn rule(&self, layer: Layer, row: Rect, surface: &mut Surface) {
        rule(self.session.theme, &self.title(layer), &self.range(layer), row, surface);
        surface.target(row, Target::Layer(layer.place()));
    }

    /// Draws maps side by side from the upper left corner of `area`, `step` cells apart.
    pub(super) fn maps(
        &self,
        layer: Layer,
        zoom: Zoom,
        across: usize,
        step: (u16, u16),
        area: Rect,
        surface: &mut Surface,
    ) {
        let Some((values, size)) = self.values(layer) else { return };
        surface.target(area, Target::Layer(layer.place()));
        let (scale, width) = (Scale::of(values), size.isqrt());
        for (place, values) in values.chunks(size).enumerate() {
            let (x, y) = ((place % across) as u16 * step.0, (place / across) as u16 * step.1);
            self.heatmap(&Heatmap { values, width, scale }, zoom, offset(area, x, y), surface);
        }
    }

    /// Draws the kernels of a layer side by side.
    pub(super) fn kernels(&self, layer: Layer, zoom: Zoom, step: u16, area: Rect, surface: &mut Surface) {
        surface.target(area, Target::Layer(layer.place()));
        let count = self.info(layer).map_or(0, |info| info.kind.count());
        (0..count).for_each(|place| self.kernel(layer, place, zoom, offset(area, place as u16 * step, 0), surface));
    }

    pub(super) fn kernel(&self, layer: Layer, place: usize, zoom: Zoom, area: Rect, surface: &mut Surface) {
        let Some(output) = self.seen.and_then(|seen| output(&seen.picture.parts.layers, layer)) else { return };
        let Some(width) = output.info.kernel else { return };
        let Some(values) = output.kernels.chunks(width * width).nth(place) else { return };
        self.heatmap(&Heatmap { values, width, scale: Scale::Signed }, zoom, area, surface);
    }

    pub(super) fn heatmap(&self, heatmap: &Heatmap, zoom: Zoom, area: Rect, surface: &mut Surface) {
        heatmap.draw(zoom, area, self.session.drawing, self.session.theme, surface);
    }

    pub(super) fn input(&self, zoom: Zoom, area: Rect, surface: &mut Surface) {
        surface.target(area, Target::Layer(Layer::Input.place()));
        let values: Vec<f32> = self.subject.image.iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
        self.heatmap(&Heatmap { values: &values, width: SIDE, scale: Scale::Light }, zoom, area, surface);
    }

    /// Draws the values of a dense layer in rows.
    pub(super) fn strip(&self, layer: Layer, width: usize, area: Rect, surface: &mut Surface) {
        let Some((values, _)) = self.values(layer) else { return };
        surface.target(area, Target::Layer(layer.place()));
        self.heatmap(&Heatmap { values, width, scale: Scale::of(values) }, Zoom::Times(1), area, surface);
    }

    /// Returns the kind of a layer as it is drawn: the states of a recurrent layer after each row of the image and, if
    /// empty rows follow, after the last of these, in two rows so that half size shows it.
    pub(super) fn kind(&self, layer: Layer) -> Option<LayerKind> {
        Some(match self.info(layer)?.kind {
            LayerKind::Steps { steps, units } if self.delay() > 0 => LayerKind::Steps { steps: steps + 2, units },
            kind => kind,
        })
    }

    /// Returns whether a layer is recurrent.
    pub(super) fn is_recurrent(&self, layer: Layer) -> bool {
        matches!(self.kind(layer), Some(LayerKind::Steps { .. }))
    }

    /// Draws the states of a recurrent layer from unit `first` on: a row for each time step, a column for each unit.
    pub(super) fn states(&self, layer: Layer, first: usize, zoom: Zoom, area: Rect, surface: &mut Surface) {
        let (Some((values, size)), Some(LayerKind::Steps { steps, .. })) = (self.values(layer), self.kind(layer))
        else {
            return;
        };
        surface.target(area, Target::Layer(layer.place()));
        let units = values[first * size..].chunks(size);
        let (width, scale) = (units.len(), Scale::of(values));
        let by_step = (0..steps).map(|step| step.min(size - 1));
        let by_step: Vec<f32> = by_step.flat_map(|step| units.clone().map(move |states| states[step])).collect();
        self.heatmap(&Heatmap { values: &by_step, width, scale }, zoom, area, surface);
    }

    pub(super) fn is_attention(&self, layer: Layer) -> bool {
        self.info(layer).is_some_and(|info| matches!(info.kind, LayerKind::Attention { .. }))
    }

    /// Draws the ten outputs in order, or the likeliest ones if there is no room for all.
    pub(super) fn outputs(&self, area: Rect, surface: &mut Surface) {
        let theme = self.session.theme;
        let Some(seen) = self.seen else { return };
        surface.target(area, Target::Layer(Layer::Of(self.layers.len() - 1).place()));
        let guess = self.guess().map(|(digit, _)| digit);
        let mut digits: Vec<usize> = (0..CLASSES).collect();
        if usize::from(area.height) < CLASSES {
            digits.sort_by(|&a, &b| seen.activations.probabilities[b].total_cmp(&seen.activations.probabilities[a]));
        }
        for (digit, row) in digits.into_iter().zip(rows(area)) {
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

pub(super) fn output(layers: &[LayerOutput], layer: Layer) -> Option<&LayerOutput> {
    let Layer::Of(place) = layer else { return None };
    layers.get(place)
}

pub(super) fn offset(area: Rect, x: u16, y: u16) -> Rect {
    let (x, y) = (x.min(area.width), y.min(area.height));
    Rect { x: area.x + x, y: area.y + y, width: area.width - x, height: area.height - y }
}

/// Draws `─ title ───────────── right ─`.
pub(super) fn rule(theme: Theme, title: &str, right: &str, row: Rect, surface: &mut Surface) {
    put(surface, row, &Line::styled("─".repeat(usize::from(row.width)), theme.dim()));
    let title = cut(title, usize::from(row.width).saturating_sub(4));
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
