//! From where to where the axes go: in few steps, so that they seldom change.

use crate::tui::session::Session;
use crate::tui::screens::train::TrainScreen;
use crate::tui::{
        screens::train::{curves::drawn::Drawn, plot::Overlaid},
    session::{
        live::Curves,
        series::{Metric, Place, X, places},
    },
    widgets::chart::axis::{Axis, round_up, round_up_time},
};

/// Where the run and the run before it end on the axis as far as this one will go, in epochs or steps; in time, which
/// nobody knows beforehand, where they are.
fn end(train: &TrainScreen, session: &Session, x: X) -> f64 {
    let live = &session.live;
    let before = live.previous.as_ref().and_then(|before| places(&before.history).last());
    let before = before.unwrap_or_default().on(x);
    let (done, epochs) = (f64::from(live.epochs_done()), f64::from(live.epochs()));
    let steps = live.started.as_ref().map_or(1.0, |started| f64::from(started.steps_per_epoch.max(1)));
    match x {
        X::Epochs => round_up(done + 1.0).max(before).min(epochs).max(done).max(1.0),
        X::Steps => {
            let newest = newest(&live.curves).steps.max(done * steps);
            (round_up(done + 1.0) * steps).max(before).min(epochs * steps).max(newest).max(1.0)
        }
        X::Time => {
            let elapsed = live.elapsed();
            round_up_time(before.max(if elapsed.is_finite() { elapsed } else { 0.0 }))
        }
    }
}

/// The furthest moment of which something is known.
fn newest(curves: &Curves) -> Place {
    let spot = curves.trail.spots().last().map(|spot| spot.place);
    let epoch = places(&curves.history).last();
    let known = spot.into_iter().chain(epoch);
    known.max_by(|a, b| a.epochs.total_cmp(&b.epochs)).unwrap_or_default()
}

/// Where the late part begins: half way, if there are some epochs.
fn late_from(train: &TrainScreen, session: &Session, x: X) -> Option<f64> {
    let history = &session.live.curves.history;
    let half = session.live.epochs_done() / 2;
    let begins = places(history).zip(history).filter(|(_, record)| record.epoch <= half).last();
    (history.len() >= 3).then(|| begins.map_or(0.0, |(place, _)| place.on(x)))
}

/// Of a small chart.
pub fn small_x(train: &TrainScreen, session: &Session) -> Axis {
    let x = train.plot.x;
    let done = places(&session.live.curves.history).last().unwrap_or_default().on(x);
    match late_from(train, session, x).filter(|from| train.plot.late && *from < done) {
        Some(from) => Axis::linear(from, done),
        None => Axis::linear(0.0, end(train, session, x)),
    }
}

/// The whole axis of the full chart.
pub fn whole(train: &TrainScreen, session: &Session, overlaid: &Overlaid) -> (f64, f64) {
    let x = train.plot.x;
    let others = overlaid.others.iter().filter_map(|other| places(&other.contents.history).last());
    let others = others.map(|place| place.on(x)).fold(0.0, f64::max);
    let others = if x == X::Time { round_up_time(others) } else { others };
    (0.0, end(train, session, x).max(others))
}

/// What of it is shown.
pub fn full_x(train: &TrainScreen, session: &Session, overlaid: &Overlaid) -> Axis {
    let whole = whole(train, session, overlaid);
    let newest = newest(&session.live.curves).on(train.plot.x);
    let late = late_from(train, session, train.plot.x).filter(|from| train.plot.late && *from < newest);
    let (low, high) = train.plot.window.or(late.map(|from| (from, newest))).unwrap_or(whole);
    Axis::linear(low, high)
}

pub fn small_y(train: &TrainScreen, session: &Session, metric: Metric, x: &Axis, drawn: &Drawn) -> Axis {
    y(train, session, metric, x, drawn, train.plot.late)
}

pub fn full_y(train: &TrainScreen, session: &Session, metric: Metric, x: &Axis, drawn: &Drawn) -> Axis {
    y(train, session, metric, x, drawn, train.plot.late || train.plot.window.is_some())
}

/// `close`: on a part of the run, so that the loss need not begin at zero.
fn y(train: &TrainScreen, session: &Session, metric: Metric, x: &Axis, drawn: &Drawn, close: bool) -> Axis {
    let (low, high) = drawn.bounds(x.low, x.high);
    match metric {
        Metric::Loss if train.plot.log_scale => {
            let least = drawn.least_above_zero(x.low, x.high).unwrap_or(high / 10.0);
            Axis::logarithmic(least.max(low), high.max(least))
        }
        Metric::Accuracy => accuracy(low, high),
        Metric::Loss if close => {
            let span = round_up((high - low).max(1e-4));
            let low = (low / (span / 2.0)).floor() * (span / 2.0);
            Axis::linear(low, low + if low + span >= high { span } else { span * 1.5 })
        }
        Metric::Loss => Axis::linear(0.0, round_up(high.max(1e-4))),
    }
}

pub fn accuracy(low: f64, high: f64) -> Axis {
    let (low, high) = (low.clamp(0.0, 1.0), high.clamp(0.0, 1.0));
    let mut span = round_up((high - low).max(0.002));
    loop {
        let half = span / 2.0;
        let top = ((high / half - 1e-9).ceil() * half).min(1.0);
        if top - span <= low + 1e-9 || span >= 1.0 {
            return Axis::linear((top - span).max(0.0), top.max(half));
        }
        span = round_up(span * 1.1);
    }
}
