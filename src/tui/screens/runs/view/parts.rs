//! Parts that several panes of the screen draw.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use crate::{
    train::EpochRecord,
    tui::{
        axis_unit::X,
        format,
        screens::runs::state::LETTERS,
        session::{
            library::run::Contents,
            series::{Metric, of_history, xy},
        },
        theme::Theme,
        widgets::{
            chart::{
                Chart, Curve, Look,
                axis::{self, Axis, round_up},
            },
            panel::panel,
            text::{put, span},
        },
    },
};

/// The mark of a run that another program holds.
pub(super) const IN_USE: &str = "○";

/// The mark of a run that trains in the background.
pub(super) const IN_BACKGROUND: &str = "◉";

/// A run of a chart.
pub(super) struct Plotted<'a> {
    pub history: &'a [EpochRecord],
    pub look: Look,
    /// Letter of the run, at the end of its curve.
    pub tag: char,
}

/// Returns the look of a run's curve by its row in the list.
pub(super) fn look(place: usize, is_chosen: bool) -> Look {
    if is_chosen { Look::Test } else { Look::Other((place % LETTERS) as u8) }
}

/// Draws a metric of the test set for some runs, from back to front.
pub(super) fn chart(theme: Theme, metric: Metric, runs: &[Plotted], area: Rect, buffer: &mut Buffer) {
    let name = match metric {
        Metric::Accuracy => "test accuracy",
        Metric::Loss => "test loss",
        Metric::Rate => "learning rate",
    };
    let inner = panel(buffer, area, theme, vec![span(name, theme.title())], vec![span("epochs", theme.dim())]);
    let curve = |run: &Plotted| Curve {
        look: run.look,
        points: xy(&of_history(run.history, |record| metric.test(record)), X::Epochs),
        tag: Some(run.tag),
    };
    let curves: Vec<Curve> = runs.iter().map(curve).collect();
    let values = curves.iter().flat_map(|curve| curve.points.iter().map(|(_, value)| *value));
    let values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    if values.is_empty() {
        put(buffer, Rect { x: inner.x + 1, ..inner }, &Line::styled("no complete epoch yet", theme.dim()));
        return;
    }
    let epochs = curves.iter().flat_map(|curve| curve.points.last()).map(|(at, _)| *at).fold(1.0, f64::max);
    let (low, high) = (
        values.iter().copied().fold(f64::INFINITY, f64::min),
        values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    );
    let y = match metric {
        Metric::Accuracy => axis::accuracy(low, high),
        Metric::Loss | Metric::Rate => Axis::linear(0.0, round_up(high.max(1e-4))),
    };
    let x = Axis::linear(0.0, epochs);
    Chart { curves: &curves, x, unit: X::Epochs, y, gutter: 0, cursor: None, events: &[] }.draw(inner, theme, buffer);
}

/// Returns `3 + 2,000 steps of 10 epochs`.
pub(super) fn place(contents: &Contents) -> String {
    let steps = match contents.step {
        0 => String::new(),
        steps => format!(" + {} steps", format::grouped(steps)),
    };
    let epochs = format::counted(contents.spec.hyper.epochs, "epoch");
    format!("{}{steps} of {epochs}", format::grouped(contents.epochs_done))
}
