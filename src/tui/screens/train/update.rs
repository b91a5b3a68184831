//! Keys and mouse on the full-screen charts.

use crate::tui::{
    keys::motion::Motion,
    message::Effect,
    screen_view::Cx,
    screens::train::{
        TrainScreen,
        plot::{Others, Plot},
        window::window,
    },
    session::{
        Session,
        place::{Place, places},
    },
    widgets::chart::window::Window,
};

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
        window(&self.plot, cx.session, cx.area.width)
    }

    /// Returns the moments at which something was measured, and their places on the axis.
    fn stops(&self, cx: &Cx) -> (Vec<Place>, Vec<f64>) {
        let stops = stops(&self.plot, cx.session);
        let places = stops.iter().map(|stop| stop.on(self.plot.x)).collect();
        (stops, places)
    }

    fn cursor(&self) -> Option<f64> {
        self.plot.cursor.map(|cursor| cursor.on(self.plot.x))
    }

    fn step(&mut self, cx: &Cx, right: bool) {
        let (stops, places) = self.stops(cx);
        if let Some(next) = self.window(cx).step(&places, self.cursor(), right) {
            self.go_to(cx, stops[next]);
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
        self.plot.window = self.window(cx).showing(stop.on(self.plot.x)).or(self.plot.window);
    }

    /// Moves the cursor to the moment nearest to a position along the chart's width, 0 to 1.
    pub(super) fn point_at(&mut self, cx: &Cx, part: f64) {
        let (stops, places) = self.stops(cx);
        self.plot.cursor = self.window(cx).nearest(&places, part).map(|nearest| stops[nearest]).or(self.plot.cursor);
    }

    /// Moves the view by half its width.
    fn pan(&mut self, cx: &Cx, right: bool) {
        self.plot.window = self.window(cx).panned(right).or(self.plot.window);
    }

    /// Zooms around a position along the chart's width, 0 to 1.
    pub(super) fn zoom_at(&mut self, cx: &Cx, part: f64, closer: bool) {
        self.show(self.window(cx).zoomed_at(part, closer));
    }

    /// Zooms around the cursor or, without one in view, so that the newest values stay in view.
    pub(super) fn zoom(&mut self, cx: &Cx, by: f64) {
        let window = self.window(cx);
        let newest = self.stops(cx).1.last().copied().unwrap_or(window.high);
        self.show(window.zoomed(by, self.cursor(), newest));
    }

    /// Shows a part of the axis, or all of it.
    fn show(&mut self, part: Option<(f64, f64)>) {
        self.plot.window = part;
        self.plot.late &= part.is_some();
    }
}
