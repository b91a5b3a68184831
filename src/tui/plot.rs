//! How the charts are looked at: axis, smoothing, part of the run, the cursor, and which runs lie over it.

use std::path::Path;

use super::{
    app::{App, Effect},
    contrast::{self, Chosen},
    keys::Action,
    series::{Metric, Place, X, places},
    shelf::{Contents, Run},
    view,
};
use crate::{choice::choice, train::EpochRecord};

/// Epochs over which values are smoothed.
const SMOOTHINGS: [f64; 10] = [0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0];
/// Other runs, where the newest are shown.
const NEWEST: usize = 5;
/// Other runs at most: as many as can be told apart by letter and colour.
const MOST: usize = 8;
/// How far one can zoom in: to such a part of the whole.
const CLOSEST: f64 = 1.0 / 4_096.0;

choice! {
    /// Which charts there are on the full screen.
    #[derive(Default)]
    Charts {
        #[default]
        Both = "both charts",
        Accuracy = "accuracy",
        Loss = "loss",
    }
}

impl Charts {
    pub fn metrics(self) -> &'static [Metric] {
        match self {
            Self::Both => &[Metric::Accuracy, Metric::Loss],
            Self::Accuracy => &[Metric::Accuracy],
            Self::Loss => &[Metric::Loss],
        }
    }
}

choice! {
    /// Which images the curves were measured on.
    #[derive(Default)]
    Sets {
        #[default]
        Both = "both sets",
        Test = "test",
        Train = "training",
    }
}

impl Sets {
    pub fn has_train(self) -> bool {
        self != Self::Test
    }

    pub fn has_test(self) -> bool {
        self != Self::Train
    }
}

/// Which other runs are laid over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Others {
    #[default]
    None,
    /// The newest on the same data.
    Newest,
    /// Those marked on the Runs screen.
    Marked,
}

impl Others {
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "no other runs",
            Self::Newest => "newest runs: accuracy, loss",
            Self::Marked => "marked runs: accuracy, loss",
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Plot {
    /// A chart fills the Train screen.
    pub full: bool,
    pub x: X,
    /// The late part only.
    pub late: bool,
    /// Of the loss.
    pub log_scale: bool,
    smoothing: usize,
    pub charts: Charts,
    pub sets: Sets,
    pub others: Others,
    /// The part of the axis that is shown, where it was chosen.
    pub window: Option<(f64, f64)>,
    /// A moment of which something is known.
    pub cursor: Option<Place>,
}

impl Plot {
    /// Epochs over which values are smoothed; 0 for not at all.
    pub fn smoothing(&self) -> f64 {
        SMOOTHINGS[self.smoothing]
    }

    /// Another run begins.
    pub(super) fn begin(&mut self) {
        (self.window, self.cursor) = (None, None);
    }
}

/// A run that is laid over.
pub struct Other<'a> {
    /// Its letter, at its curves' ends and in the legend.
    pub tag: char,
    pub contents: &'a Contents,
    /// What it does not share with the others.
    pub label: String,
}

impl Other<'_> {
    /// The last epoch that was complete at `at` on the axis.
    pub fn record_at(&self, x: X, at: f64) -> Option<&EpochRecord> {
        let history = &self.contents.history;
        places(history)
            .zip(&history[..])
            .take_while(|(place, _)| place.on(x) <= at + 1e-9)
            .last()
            .map(|(_, record)| record)
    }
}

/// The runs of a chart: what each does not share with all the others, and those that are laid over.
#[derive(Default)]
pub struct Overlaid<'a> {
    /// Empty where nothing tells the present run from the others.
    pub own: String,
    /// Of the run before in this session, if there was one.
    pub before: Option<String>,
    pub others: Vec<Other<'a>>,
}

pub fn overlaid(app: &App) -> Overlaid<'_> {
    let Some(started) = &app.live.started else { return Overlaid::default() };
    let before = app.live.previous.as_ref();
    let runs = others(app, &started.run_dir, before.map(|before| before.run_dir.as_path()));
    let before = before.and_then(|before| before.spec.as_ref());
    let mut chosen = vec![Chosen { spec: &started.spec, rate: app.live.learning_rate }];
    chosen.extend(before.map(|spec| Chosen { spec, rate: spec.hyper.learning_rate }));
    chosen.extend(runs.iter().map(|(_, contents)| Chosen { spec: &contents.spec, rate: contents.learning_rate }));
    let mut labels = contrast::labels(&chosen).into_iter();
    let own = labels.next().unwrap_or_default();
    let before = before.and_then(|_| labels.next());
    let labels: Vec<String> = labels.collect();
    let is_of_one = |label: &String| *label != own && labels.iter().filter(|other| *other == label).count() == 1;
    let others = runs.iter().zip(&labels).zip('a'..).map(|((&(run, contents), label), tag)| Other {
        tag,
        contents,
        label: if is_of_one(label) { label.clone() } else { format!("{label} {}", run.short_name()).trim().to_owned() },
    });
    let others = others.collect();
    Overlaid { own, before, others }
}

/// The other runs that are wanted, the newest first.
fn others<'a>(app: &'a App, own: &Path, before: Option<&Path>) -> Vec<(&'a Run, &'a Contents)> {
    let elsewhere = |path: &Path| path != own && Some(path) != before;
    let runs = app.shelf.runs().iter().filter(|run| elsewhere(&run.path));
    let mut runs: Vec<(&Run, &Contents)> = runs.filter_map(|run| Some((run, run.newest()?))).collect();
    match app.plot.others {
        Others::None => runs.clear(),
        Others::Newest => runs.retain(|(_, contents)| contents.spec.dataset.fingerprint == app.dataset.id.fingerprint),
        Others::Marked => runs.retain(|(run, _)| app.shelf.marked.contains(&run.path)),
    }
    runs.sort_by_key(|(_, contents)| std::cmp::Reverse(contents.saved_at));
    runs.truncate(if app.plot.others == Others::Newest { NEWEST } else { MOST });
    runs
}

pub(super) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let plot = &mut app.plot;
    match action {
        Action::FullChart => {
            plot.full = !plot.full;
            return if plot.full { want_others(app) } else { Vec::new() };
        }
        Action::Zoom if plot.full && plot.window.is_some() => (plot.window, plot.late) = (None, false),
        Action::Zoom => plot.late = !plot.late,
        Action::LogScale => plot.log_scale = !plot.log_scale,
        Action::Axis => (plot.x, plot.window) = (plot.x.next(), None),
        Action::Smoother => plot.smoothing = (plot.smoothing + 1).min(SMOOTHINGS.len() - 1),
        Action::Rougher => plot.smoothing = plot.smoothing.saturating_sub(1),
        Action::ZoomIn => zoom(app, 0.5),
        Action::ZoomOut => zoom(app, 2.0),
        Action::Charts => plot.charts = plot.charts.next(),
        Action::Sets => plot.sets = plot.sets.next(),
        Action::Others => {
            let any_marked = !app.shelf.marked.is_empty();
            plot.others = match plot.others {
                Others::None => Others::Newest,
                Others::Newest if any_marked => Others::Marked,
                _ => Others::None,
            };
            return want_others(app);
        }
        _ => {}
    }
    Vec::new()
}

fn want_others(app: &mut App) -> Vec<Effect> {
    if app.plot.others == Others::None { Vec::new() } else { app.list_checkpoints() }
}

/// Every moment of which something is known of the present run, in order.
fn stops(app: &App) -> Vec<Place> {
    let curves = &app.live.curves;
    let mut stops: Vec<Place> = places(&curves.history).collect();
    if app.plot.sets.has_train() {
        stops.extend(curves.trail.spots().iter().map(|spot| spot.place));
    }
    stops.retain(|place| place.seconds.is_finite());
    stops.sort_by(|a, b| a.epochs.total_cmp(&b.epochs));
    stops
}

pub(super) fn go(app: &mut App, right: bool) {
    let (stops, x) = (stops(app), app.plot.x);
    let (low, high, columns) = view::plot_window(app);
    let column = (high - low) / f64::from(columns.max(1));
    let next = match app.plot.cursor {
        None => stops.iter().rev().find(|stop| stop.on(x) <= high).or(stops.first()),
        Some(cursor) if right => stops.iter().find(|stop| stop.on(x) >= cursor.on(x) + column).or(stops.last()),
        Some(cursor) => stops.iter().rev().find(|stop| stop.on(x) <= cursor.on(x) - column).or(stops.first()),
    };
    if let Some(next) = next.copied() {
        app.plot.cursor = Some(next);
        bring_into_view(app, next.on(x));
    }
}

/// To the first or the last of what is known.
pub(super) fn go_to_end(app: &mut App, last: bool) {
    let stops = stops(app);
    if let Some(&stop) = if last { stops.last() } else { stops.first() } {
        app.plot.cursor = Some(stop);
        bring_into_view(app, stop.on(app.plot.x));
    }
}

/// The cursor to what is known nearest to a part of the chart's width.
pub(super) fn point_at(app: &mut App, part: f64) {
    let (stops, x) = (stops(app), app.plot.x);
    let (low, high, _) = view::plot_window(app);
    let at = low + part * (high - low);
    let distance = |stop: &&Place| (stop.on(x) - at).abs();
    let in_view = stops.iter().filter(|stop| (low..=high).contains(&stop.on(x)));
    if let Some(&nearest) = in_view.min_by(|a, b| distance(a).total_cmp(&distance(b))) {
        app.plot.cursor = Some(nearest);
    }
}

/// What stands at a part of the chart's width stays there.
pub(super) fn zoom_at(app: &mut App, part: f64, closer: bool) {
    let (low, high, _) = view::plot_window(app);
    let at = low + part * (high - low);
    zoom_to(app, if closer { 0.8 } else { 1.25 }, |span| at - part * span);
}

fn bring_into_view(app: &mut App, at: f64) {
    let (low, high, _) = view::plot_window(app);
    let by = if at < low {
        at - low
    } else if at > high {
        at - high
    } else {
        return;
    };
    app.plot.window = Some((low + by, high + by));
}

/// By half of what is seen.
pub(super) fn pan(app: &mut App, right: bool) {
    let (low, high, _) = view::plot_window(app);
    let (first, last) = view::plot_whole(app);
    let half = (high - low) / 2.0;
    let by = if right { half.min(last - high).max(0.0) } else { -half.min(low - first).max(0.0) };
    if by != 0.0 {
        app.plot.window = Some((low + by, high + by));
    }
}

/// Around the cursor, or keeping the newest in view.
fn zoom(app: &mut App, by: f64) {
    let (low, high, _) = view::plot_window(app);
    let x = app.plot.x;
    let newest = stops(app).last().map_or(high, |stop| stop.on(x)).min(high);
    let cursor = app.plot.cursor.map(|cursor| cursor.on(x)).filter(|at| (low..=high).contains(at));
    zoom_to(app, by, |span| match cursor {
        Some(at) => at - span * 0.5,
        // A tenth of the span stays free for what comes.
        None => newest - span * 0.9,
    });
}

/// Shows `by` times as much, from where `low` says for the new span.
fn zoom_to(app: &mut App, by: f64, low: impl Fn(f64) -> f64) {
    let (now_low, now_high, _) = view::plot_window(app);
    let (first, last) = view::plot_whole(app);
    let span = ((now_high - now_low) * by).max((last - first) * CLOSEST);
    if span >= (last - first) * 0.999 {
        (app.plot.window, app.plot.late) = (None, false);
        return;
    }
    let low = low(span).min(last - span).max(first);
    app.plot.window = Some((low, low + span));
}
