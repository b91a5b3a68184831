//! Keys and mouse on the full-screen charts.

use crate::tui::{
    keys::motion::Motion,
    message::Effect,
    screen_view::Cx,
    screens::train::{
        TrainScreen,
        plot::{Others, Plot},
        window::Window,
    },
    session::{
        Session,
        place::{Place, places},
    },
};

/// Smallest part of the whole axis that can be shown.
const CLOSEST: f64 = 1.0 / 4_096.0;

/// Returns the moments of the current run at which something was measured, in order.
fn stops(plot: &Plot, session: &Session) -> Vec<Place> {
    let curves = &session.live.curves;
    let mut stops: Vec<Place> = places(&curves.history).collect();
    if plot.sets.has_train() {
        stops.extend(curves.batch_history.means().iter().map(|mean| mean.place));
    }
    stops.retain(|place| place.seconds.is_finite());
    stops.sort_by(|a, b| a.epochs.total_cmp(&b.epochs));
    stops
}

impl TrainScreen {
    /// Switches to the full-screen charts, or back to the small ones.
    pub(super) fn toggle_full(&mut self, session: &mut Session) -> Vec<Effect> {
        self.plot.full = !self.plot.full;
        if self.plot.full { self.request_others(session) } else { Vec::new() }
    }

    pub(super) fn toggle_late(&mut self) {
        let plot = &mut self.plot;
        if plot.full && plot.window.is_some() {
            (plot.window, plot.late) = (None, false);
        } else {
            plot.late = !plot.late;
        }
    }

    pub(super) fn next_others(&mut self, session: &mut Session) -> Vec<Effect> {
        let any_marked = !session.library.marked.is_empty();
        self.plot.others = match self.plot.others {
            Others::None => Others::Newest,
            Others::Newest if any_marked => Others::Marked,
            _ => Others::None,
        };
        self.request_others(session)
    }

    fn request_others(&self, session: &mut Session) -> Vec<Effect> {
        if self.plot.others == Others::None { Vec::new() } else { session.list_checkpoints() }
    }

    pub(super) fn go_on_chart(&mut self, cx: &Cx, motion: Motion) {
        match motion {
            Motion::Left => self.step(cx, false),
            Motion::Right => self.step(cx, true),
            Motion::PageUp => self.pan(cx, false),
            Motion::PageDown => self.pan(cx, true),
            Motion::First => self.go_to_end(cx, false),
            Motion::Last => self.go_to_end(cx, true),
            Motion::Up | Motion::Down => {}
        }
    }

    fn window(&self, cx: &Cx) -> Window {
        Window::of(&self.plot, cx.session, cx.area.width)
    }

    fn step(&mut self, cx: &Cx, right: bool) {
        let (stops, x, window) = (stops(&self.plot, cx.session), self.plot.x, self.window(cx));
        let column = (window.high - window.low) / f64::from(window.columns.max(1));
        let next = match self.plot.cursor {
            None => stops.iter().rev().find(|stop| stop.on(x) <= window.high).or(stops.first()),
            Some(cursor) if right => stops.iter().find(|stop| stop.on(x) >= cursor.on(x) + column).or(stops.last()),
            Some(cursor) => stops.iter().rev().find(|stop| stop.on(x) <= cursor.on(x) - column).or(stops.first()),
        };
        if let Some(next) = next.copied() {
            self.go_to(cx, next);
        }
    }

    /// Moves the cursor to the first or the last moment.
    fn go_to_end(&mut self, cx: &Cx, last: bool) {
        let stops = stops(&self.plot, cx.session);
        if let Some(&stop) = if last { stops.last() } else { stops.first() } {
            self.go_to(cx, stop);
        }
    }

    /// Moves the cursor to a moment, and that into view.
    fn go_to(&mut self, cx: &Cx, stop: Place) {
        self.plot.cursor = Some(stop);
        let (at, Window { low, high, .. }) = (stop.on(self.plot.x), self.window(cx));
        let by = if at < low {
            at - low
        } else if at > high {
            at - high
        } else {
            return;
        };
        self.plot.window = Some((low + by, high + by));
    }

    /// Moves the cursor to the moment nearest to a position along the chart's width, 0 to 1.
    pub(super) fn point_at(&mut self, cx: &Cx, part: f64) {
        let (stops, x, window) = (stops(&self.plot, cx.session), self.plot.x, self.window(cx));
        let at = window.at(part);
        let distance = |stop: &&Place| (stop.on(x) - at).abs();
        let in_view = stops.iter().filter(|stop| window.has(stop.on(x)));
        if let Some(&nearest) = in_view.min_by(|a, b| distance(a).total_cmp(&distance(b))) {
            self.plot.cursor = Some(nearest);
        }
    }

    /// Moves the view by half its width.
    fn pan(&mut self, cx: &Cx, right: bool) {
        let Window { low, high, whole: (first, last), .. } = self.window(cx);
        let half = (high - low) / 2.0;
        let by = if right { half.min(last - high).max(0.0) } else { -half.min(low - first).max(0.0) };
        if by != 0.0 {
            self.plot.window = Some((low + by, high + by));
        }
    }

    /// Zooms around a position along the chart's width, 0 to 1.
    pub(super) fn zoom_at(&mut self, cx: &Cx, part: f64, closer: bool) {
        let at = self.window(cx).at(part);
        self.zoom_to(cx, if closer { 0.8 } else { 1.25 }, |span| at - part * span);
    }

    /// Zooms around the cursor or, without one in view, so that the newest values stay in view.
    pub(super) fn zoom(&mut self, cx: &Cx, by: f64) {
        let (x, window) = (self.plot.x, self.window(cx));
        let newest = stops(&self.plot, cx.session).last().map_or(window.high, |stop| stop.on(x)).min(window.high);
        let cursor = self.plot.cursor.map(|cursor| cursor.on(x)).filter(|&at| window.has(at));
        self.zoom_to(cx, by, |span| match cursor {
            Some(at) => at - span * 0.5,
            // A tenth of the span stays free for new values.
            None => newest - span * 0.9,
        });
    }

    /// Shows `by` times as much, from the start that `low` returns for the new span.
    fn zoom_to(&mut self, cx: &Cx, by: f64, low: impl Fn(f64) -> f64) {
        let window = self.window(cx);
        let (first, last) = window.whole;
        let span = ((window.high - window.low) * by).max((last - first) * CLOSEST);
        if span >= (last - first) * 0.999 {
            (self.plot.window, self.plot.late) = (None, false);
            return;
        }
        let low = low(span).min(last - span).max(first);
        self.plot.window = Some((low, low + span));
    }
}
