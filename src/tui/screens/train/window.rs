//! The range of the charts along their horizontal axis.

use crate::tui::{
    axis_unit::X,
    screens::train::{
        overlaid::{Overlaid, overlaid},
        plot::Plot,
    },
    session::{Session, place::places},
    widgets::chart::{
        axis::{Axis, round_up, round_up_time},
        window::Window,
    },
};

/// Approximate columns of an axis's labels and of the frame.
const MARGIN: u16 = 9;

/// Returns the part of the run that the full-screen charts show, in the axis's unit, for a body of `width` columns.
pub(crate) fn window(plot: &Plot, session: &Session, width: u16) -> Window {
    let overlaid = overlaid(plot, session);
    let x = full_x(plot, session, &overlaid);
    let whole = whole(plot, session, &overlaid);
    Window { low: x.low, high: x.high, columns: width.saturating_sub(MARGIN), whole }
}

/// Returns the end of the axis. In epochs or steps it leaves room for the next ones, up to the end of the run; in time,
/// which is not known beforehand, it is where this run and the previous one are.
fn end(session: &Session, x: X) -> f64 {
    let live = &session.live;
    let before = live.previous.as_ref().and_then(|before| places(&before.history).last());
    let before = before.unwrap_or_default().on(x);
    let (done, epochs) = (f64::from(live.epochs_done()), f64::from(live.epochs()));
    let steps = live.started.as_ref().map_or(1.0, |started| f64::from(started.steps_per_epoch.max(1)));
    match x {
        X::Epochs => round_up(done + 1.0).max(before).min(epochs).max(done).max(1.0),
        X::Steps => {
            let newest = live.curves.newest().steps.max(done * steps);
            (round_up(done + 1.0) * steps).max(before).min(epochs * steps).max(newest).max(1.0)
        }
        X::Time => {
            let elapsed = live.elapsed();
            round_up_time(before.max(if elapsed.is_finite() { elapsed } else { 0.0 }))
        }
    }
}

/// Returns the second half of what has been measured, if the late part is chosen and anything has been measured.
fn late(plot: &Plot, session: &Session) -> Option<(f64, f64)> {
    let newest = session.live.curves.newest().on(plot.x);
    (plot.late && newest > 0.0).then_some((newest / 2.0, newest))
}

/// Returns the horizontal axis of a small chart.
pub(crate) fn small_x(plot: &Plot, session: &Session) -> Axis {
    let (low, high) = late(plot, session).unwrap_or_else(|| (0.0, end(session, plot.x)));
    Axis::linear(low, high)
}

/// Returns the whole range of the full-screen charts.
pub(crate) fn whole(plot: &Plot, session: &Session, overlaid: &Overlaid) -> (f64, f64) {
    let x = plot.x;
    let others = overlaid.others.iter().filter_map(|other| places(&other.contents.history).last());
    let others = others.map(|place| place.on(x)).fold(0.0, f64::max);
    let others = if x == X::Time { round_up_time(others) } else { others };
    (0.0, end(session, x).max(others))
}

/// Returns the horizontal axis of the full-screen charts: the part that is shown.
pub(crate) fn full_x(plot: &Plot, session: &Session, overlaid: &Overlaid) -> Axis {
    let whole = whole(plot, session, overlaid);
    let (low, high) = plot.window.or_else(|| late(plot, session)).unwrap_or(whole);
    Axis::linear(low, high)
}
