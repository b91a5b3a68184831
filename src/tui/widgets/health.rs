//! A table of the measures of each layer.

use ratatui::text::Line;

use crate::{
    train::{Architecture, Health, LayerMeasures},
    tui::{theme::Theme, widgets::text::span},
};

/// Minimum columns of a layer's name.
const NAME: usize = 7;
/// Columns beside the name in which the titles are written in full.
const WIDE: usize = 47;

/// Returns the number of lines of the table of a network.
pub(crate) fn height(network: Architecture) -> u16 {
    2 + network.layers().iter().filter(|layer| layer.parameters > 0).count() as u16
}

/// Returns the table and, below it, what was measured.
pub(crate) fn table(theme: Theme, health: &Health, width: u16) -> Vec<Line<'static>> {
    let names = health.layers.iter().map(|measures| measures.info.name.len()).fold(NAME, usize::max);
    let is_wide = usize::from(width) >= names + WIDE;
    let titles = if is_wide {
        format!("{:<names$}{:>10}{:>15}{:>10}{:>12}", "layer", "gradient", "update/weight", "dead", "saturated")
    } else {
        format!("{:<names$}{:>8}{:>9}{:>7}{:>7}", "layer", "grad", "upd/w", "dead", "sat")
    };
    let mut lines = vec![Line::styled(titles, theme.dim())];
    lines.extend(health.layers.iter().map(|measures| row(theme, measures, names, is_wide)));
    let measured = format!("{} training images, after epoch {}", health.images, health.epoch);
    lines.push(Line::styled(measured, theme.dim()));
    lines
}

fn row(theme: Theme, measures: &LayerMeasures, names: usize, is_wide: bool) -> Line<'static> {
    let [gradient, update, dead, saturated] = if is_wide { [10, 15, 10, 12] } else { [8, 9, 7, 7] };
    let units = |count: usize| match count {
        0 => ("-".to_owned(), theme.dim()),
        count if count == measures.units() => (format!("{count}/{count}"), theme.warn()),
        count => (format!("{count}/{}", measures.units()), theme.text()),
    };
    let number = |value: f64| if value == 0.0 { "0".to_owned() } else { format!("{value:.1e}") };
    let (norm, ratio) = (number(measures.gradient), measures.update.map_or_else(|| "-".to_owned(), number));
    let ((dead_units, dead_style), (saturated_units, saturated_style)) =
        (units(measures.dead), units(measures.saturated));
    Line::from(vec![
        span(format!("{:<names$}", measures.info.name), theme.bold()),
        span(format!("{norm:>gradient$}"), theme.text()),
        span(format!("{ratio:>update$}"), theme.text()),
        span(format!("{dead_units:>dead$}"), dead_style),
        span(format!("{saturated_units:>saturated$}"), saturated_style),
    ])
}
