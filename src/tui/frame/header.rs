//! The header: the run, its state and its progress.
//!
//! ```text
//!  lenet-monitor   MNIST 60,000 + 10,000                                ● training
//!  relu · adam 0.001 · batch 16 · average pooling · seed 1
//!  epoch  4 of 10  ━━━━━━━━━━━━━━━━━━╸───────────────  step 2,113 of 3,750    58,412 images/s
//!  run       36 %  ━━━━━━━━━━╸────────────────────  0:04 elapsed   0:07 left     0.27 ms/step
//! ```

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use crate::{
    data::Kind,
    format::{cut, width as text_width},
    train::{Hyperparameter, Hyperparameters, State},
    tui::{
        format,
        frame::{progress_bar::bar, scene::Scene, sweep_progress as sweep},
        keys::Action,
        screen::Screen,
        theme::Theme,
        widgets::{
            area::rows,
            text::{fitting, put, put_right, span, spans_width},
        },
    },
};

/// Columns of the longest state of a run, with its mark and a gap.
const STATE: usize = 18;

/// Minimum columns for the states of a run and of a sweep.
const BOTH_STATES: u16 = 60;

/// The header of a scene, with the texts that decide its height.
pub(super) struct Header<'a> {
    scene: &'a Scene<'a>,
    state: Line<'static>,
    /// Where the run or the sweep is trained, from the longest text to the shortest; empty unless it is in the background.
    attachments: Vec<Span<'static>>,
    dataset: [Span<'static>; 2],
    hyperparameters: String,
    /// Whether the hyperparameters fit beside the data set.
    in_one_row: bool,
}

impl<'a> Header<'a> {
    /// Returns the header on a terminal of `width` columns.
    pub(super) fn of(scene: &'a Scene<'a>, width: u16) -> Self {
        let (state, attachments) = (state(scene, width), attachments(scene));
        let (dataset, hyperparameters) = (dataset(scene), hyperparameters(scene));
        let data = spans_width(&dataset) + attachments.first().map_or(0, Span::width);
        let used = "lenet-monitor".len() + 6 + data + text_width(&hyperparameters) + STATE.max(state.width()) + 2;
        let in_one_row = used <= usize::from(width);
        Self { scene, state, attachments, dataset, hyperparameters, in_one_row }
    }

    pub(super) fn height(&self, area: Rect) -> u16 {
        let scene = self.scene;
        let hyperparameters = u16::from(!self.in_one_row && area.height >= 14);
        let whole = scene.screen().has_whole_header() && scene.help.is_none() && scene.session.has_run();
        if whole { 3 + hyperparameters } else { 2 }
    }

    pub(super) fn draw(self, area: Rect, buffer: &mut Buffer) {
        let scene = self.scene;
        let mut rows = rows(area).map(|row| Rect { x: row.x + 1, width: row.width.saturating_sub(2), ..row });
        let Some(first) = rows.next() else { return };
        if !self.in_one_row
            && area.height > 3
            && let Some(row) = rows.next()
        {
            put(buffer, row, &Line::styled(self.hyperparameters.as_str(), scene.session.theme.text()));
        }
        self.title(first, buffer);
        let (Some(row), next) = (rows.next(), rows.next()) else { return };
        if scene.shows_sweep() {
            sweep::bar(scene, row, buffer);
            return;
        }
        if scene.session.live.outcome.is_some() {
            verdict(scene, row, next, buffer);
            return;
        }
        epoch(scene, row, buffer);
        if let Some(row) = next {
            run(scene, row, buffer);
        }
    }

    fn title(self, row: Rect, buffer: &mut Buffer) {
        let Self { scene, state, mut attachments, dataset, hyperparameters, in_one_row } = self;
        put_right(buffer, row, &state);
        let room = usize::from(row.width).saturating_sub(state.width() + 2);
        let mut spans = vec![span("lenet-monitor", scene.session.theme.bold()), Span::raw("   ")];
        if !attachments.is_empty() && spans_width(&spans) + attachments.last().map_or(0, Span::width) > room {
            spans.clear();
        }
        // Parts that do not fit are left out: half a number would mislead.
        let mut left = room.saturating_sub(spans_width(&spans));
        let parts: Vec<Span> = network(scene).filter(|_| !in_one_row).into_iter().chain(dataset).collect();
        let hyperparameters = in_one_row.then(|| Span::raw(format!("   {hyperparameters}")));
        // That the screen is attached is always said: in the longest words for which nothing else is left out.
        let others = spans_width(&parts) + hyperparameters.as_ref().map_or(0, Span::width);
        let fitting = attachments.iter().position(|attachment| others + attachment.width() <= left);
        let attachment = fitting.map(|place| attachments.swap_remove(place)).or_else(|| attachments.pop());
        left = left.saturating_sub(attachment.as_ref().map_or(0, Span::width));
        spans.extend(parts.into_iter().take_while(|part| {
            let fits = part.width() <= left;
            left = left.saturating_sub(part.width());
            fits
        }));
        spans.extend(hyperparameters);
        spans.extend(attachment);
        put(buffer, Rect { width: room as u16, ..row }, &Line::from(spans));
    }
}

fn hyperparameters(scene: &Scene) -> String {
    if scene.shows_sweep() {
        return sweep::plan(scene);
    }
    let Some(started) = &scene.session.live.started else { return "starting".into() };
    let learning_rate = scene.session.live.learning_rate;
    format::hyperparameters(&Hyperparameters { learning_rate, ..started.spec.hyper.clone() }, learning_rate)
}

/// Returns where the run or the sweep is trained, and the number of viewers, if it is in the background: from the longest
/// text to the shortest.
fn attachments(scene: &Scene) -> Vec<Span<'static>> {
    let attachment = if scene.shows_sweep() {
        scene.session.sweep.attachment.as_ref().filter(|_| scene.session.sweep.is_attached())
    } else {
        scene.session.attachment.as_ref().filter(|_| scene.session.is_attached())
    };
    let texts = attachment.map(|attachment| attachment.describe()).into_iter().flatten();
    texts.map(|text| span(format!("   {text}"), scene.session.theme.accent())).collect()
}

/// Returns the network of the run, unless it is the default one.
fn network(scene: &Scene) -> Option<Span<'static>> {
    let started = scene.session.live.started.as_ref().filter(|_| !scene.shows_sweep())?;
    let hyper = &started.spec.hyper;
    let title = hyper.mentions(Hyperparameter::Network).then(|| format!("{} on ", hyper.network.title()))?;
    Some(span(title, scene.session.theme.bold()))
}

fn dataset(scene: &Scene) -> [Span<'static>; 2] {
    let sweeping = scene.session.sweep.sweeping.as_ref().filter(|_| scene.shows_sweep());
    let id = scene.session.live.started.as_ref().map_or(&scene.session.dataset.id, |started| &started.spec.dataset);
    let style = if id.kind == Kind::Synthetic { scene.session.theme.shout() } else { scene.session.theme.bold() };
    let name = if id.kind == Kind::Synthetic { format!(" {} ", id.name) } else { cut(&id.name, 20) };
    let images = &scene.session.images;
    let (train, validation, test) = match (sweeping, &scene.session.live.started) {
        (Some(sweeping), _) => (sweeping.images.train, sweeping.images.validation, sweeping.images.test),
        (None, Some(started)) => (started.train_images, started.validation_images, started.test_images),
        (None, None) => (images.train_images() as u32, 0, images.test_images() as u32),
    };
    let held_out = if validation > 0 { format!(" + {} held out", format::grouped(validation)) } else { String::new() };
    let counts = format!(" {}{held_out} + {}", format::grouped(train), format::grouped(test));
    [span(name, style), span(counts, scene.session.theme.dim())]
}

/// Returns the state with its mark, such as `● training`, after that of a sweep under way.
fn state(scene: &Scene, width: u16) -> Line<'static> {
    if scene.shows_sweep() {
        return sweep::state(scene);
    }
    let mut state = run_state(scene);
    if !scene.session.sweep.is_under_way() || scene.session.leaving {
        return state;
    }
    if width >= BOTH_STATES {
        state.spans.splice(0..0, [sweep::brief(scene), Span::raw("   ")]);
    } else if !scene.session.is_training() {
        return sweep::brief(scene).into();
    }
    state
}

fn run_state(scene: &Scene) -> Line<'static> {
    let (mark, word) = match (scene.session.leaving, scene.session.live.pausing, scene.session.live.state) {
        (true, ..) => ("○", "saving"),
        (_, _, None) => ("○", "starting"),
        (_, _, Some(state)) => (mark(state), state.name()),
    };
    let learns_nothing = scene.session.live.stall().is_some() && !scene.session.leaving;
    match scene.session.live.state {
        Some(state @ (State::Training | State::Evaluating | State::Finished)) if learns_nothing => {
            let mark = if state == State::Finished { "!" } else { mark };
            span(format!("{mark} learns nothing"), scene.session.theme.warn()).into()
        }
        state => span(format!("{mark} {word}"), state_style(scene.session.theme, state)).into(),
    }
}

fn mark(state: State) -> &'static str {
    match state {
        State::Training => "●",
        State::Evaluating => "◆",
        State::Paused => "‖",
        State::Finished => "✓",
        State::Diverged | State::Failed => "✗",
        State::Stopped => "○",
    }
}

fn state_style(theme: Theme, state: Option<State>) -> Style {
    match state {
        Some(State::Training) => theme.good(),
        Some(State::Evaluating) => theme.test(),
        Some(State::Paused) => theme.warn(),
        Some(State::Finished) => theme.good().patch(theme.bold()),
        Some(State::Diverged | State::Failed) => theme.bad(),
        Some(State::Stopped) | None => theme.dim(),
    }
}

fn epoch(scene: &Scene, row: Rect, buffer: &mut Buffer) {
    let theme = scene.session.theme;
    let (epoch, step, steps) = scene.session.live.place();
    let epochs = scene.session.live.epochs();
    let width = epochs.to_string().len();
    let left = Line::from(vec![
        span("epoch ", theme.dim()),
        span(format!("{epoch:>width$}"), theme.bold()),
        span(format!(" of {epochs}"), theme.text()),
    ]);
    let steps_text = format::grouped(steps);
    let width = steps_text.len();
    let mut right = vec![span(format!("step {:>width$} of {steps_text}", format::grouped(step)), theme.text())];
    if row.width >= 70 {
        let rate =
            scene.session.live.progress.as_ref().map(|progress| progress.images_per_second).filter(|rate| *rate > 0.0);
        let rate = rate.map_or_else(|| "-".into(), |rate| format::grouped(rate as u64));
        right.push(span(format!("  {rate:>8} images/s"), theme.dim()));
    }
    let part = f64::from(step) / f64::from(steps.max(1));
    bar(scene.session.theme, row, buffer, left, part, &Line::from(right), theme.train());
}

fn run(scene: &Scene, row: Rect, buffer: &mut Buffer) {
    let theme = scene.session.theme;
    let part = scene.session.live.part_done();
    let left =
        Line::from(vec![span("run ", theme.dim()), span(format!("{:>3} %", format::percent(part, 0)), theme.text())]);
    let progress = scene.session.live.progress.as_ref();
    let remaining = progress.and_then(|progress| progress.remaining).unwrap_or(f64::NAN);
    let mut right = vec![span(format!("{:>5} left", format::clock(remaining)), theme.text())];
    if row.width >= 48 {
        right.insert(0, span(format!("{:>5} elapsed  ", format::clock(scene.session.live.elapsed())), theme.text()));
    }
    if row.width >= 70 {
        let ms = progress.map(|progress| progress.ms_per_step).filter(|ms| *ms > 0.0);
        let ms = ms.map_or_else(|| "-".into(), |ms| format!("{ms:.2}"));
        right.push(span(format!("  {ms:>7} ms/step"), theme.dim()));
    }
    bar(scene.session.theme, row, buffer, left, part, &Line::from(right), theme.text());
}

/// Draws the result of the run, and what to do next.
fn verdict(scene: &Scene, row: Rect, next: Option<Rect>, buffer: &mut Buffer) {
    let theme = scene.session.theme;
    let Some(outcome) = &scene.session.live.outcome else { return };
    let epochs = scene.session.live.epochs();
    let stall = scene.session.live.stall();
    let style = if stall.is_some() { theme.warn() } else { state_style(theme, Some(outcome.state)) };
    let mut parts = vec![vec![
        span(outcome.state.name(), style),
        span(format!(" after {} of {epochs} epochs", outcome.epochs), theme.text()),
    ]];
    if let (Some(loss), Some(accuracy)) = (outcome.test_loss, outcome.test_accuracy) {
        let loss = span(format::loss(loss).trim().to_owned(), theme.test());
        parts.push(vec![span("  test loss ", theme.dim()), loss]);
        let accuracy = span(format::share(accuracy).trim().to_owned(), theme.test().patch(theme.bold()));
        parts.push(vec![span("  test accuracy ", theme.dim()), accuracy]);
    }
    let time = vec![span(format!(" in {}", format::clock(scene.session.live.elapsed())), theme.dim())];
    if parts.iter().chain([&time]).map(|part| spans_width(part)).sum::<usize>() <= usize::from(row.width) {
        parts.insert(1, time);
    }
    put(buffer, row, &fitting(parts, row.width));
    let Some(next) = next else { return };
    let line = match (&outcome.reason, stall) {
        (None, Some(stall)) => Line::styled(cut(&stall.to_string(), usize::from(next.width)), theme.warn()),
        (Some(reason), _) => Line::styled(cut(&crate::format::sanitized(reason), usize::from(next.width)), theme.bad()),
        (None, None) => {
            let best = scene.session.live.best().map(|best| match best.validation {
                Some((_, accuracy)) => {
                    format!("best validation accuracy {} in epoch {}", format::share(accuracy), best.epoch)
                }
                None => format!("best test accuracy {} in epoch {}", format::share(best.test_accuracy), best.epoch),
            });
            let mut hints = Vec::new();
            if scene.session.live.can_train() {
                hints.push((Action::RunEpochs, " trains on"));
            }
            hints.push((Action::Show(Screen::Parameters), " starts another run"));
            let key = |action| span(format!("   {}", scene.session.key(action)), theme.accent());
            let parts = hints.into_iter().map(|(action, what)| vec![key(action), span(what, theme.dim())]);
            let best = vec![span(best.unwrap_or_default(), theme.text())];
            fitting(std::iter::once(best).chain(parts).collect(), next.width)
        }
    };
    put(buffer, next, &line);
}
