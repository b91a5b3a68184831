//! A table of the measures of each layer.

use ratatui::text::Line;

use crate::{
    train::{Health, LayerMeasures},
    tui::{theme::Theme, widgets::text::span},
};

/// Lines of a table of five layers.
pub(crate) const HEIGHT: u16 = 7;
/// Columns in which the titles are written in full.
const WIDE: u16 = 54;

/// Returns the table and, below it, what was measured.
pub(crate) fn table(theme: Theme, health: &Health, width: u16) -> Vec<Line<'static>> {
    let titles = if width >= WIDE {
        format!("{:<7}{:>10}{:>15}{:>10}{:>12}", "layer", "gradient", "update/weight", "dead", "saturated")
    } else {
        format!("{:<7}{:>8}{:>9}{:>7}{:>7}", "layer", "grad", "upd/w", "dead", "sat")
    };
    let mut lines = vec![Line::styled(titles, theme.dim())];
    lines.extend(health.layers.iter().map(|measures| row(theme, measures, width >= WIDE)));
    let measured = format!("{} training images, after epoch {}", health.images, health.epoch);
    lines.push(Line::styled(measured, theme.dim()));
    lines
}

fn row(theme: Theme, measures: &LayerMeasures, is_wide: bool) -> Line<'static> {
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
        span(format!("{:<7}", measures.info.name), theme.bold()),
        span(format!("{norm:>gradient$}"), theme.text()),
        span(format!("{ratio:>update$}"), theme.text()),
        span(format!("{dead_units:>dead$}"), dead_style),
        span(format!("{saturated_units:>saturated$}"), saturated_style),
    ])
}
