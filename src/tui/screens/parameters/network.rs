//! The network that the form describes, layer by layer, for learners.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use crate::{
    data::SIDE,
    train::Hyperparameters,
    tui::{
        format,
        session::Session,
        widgets::{
            area::rows,
            panel::panel,
            text::{put, span},
        },
    },
};

/// Returns the rows of the panel: its borders, an empty one, the input, the layers and the total.
pub(super) fn height(hyper: &Hyperparameters) -> u16 {
    hyper.network.layers().len() as u16 + 5
}

pub(super) fn draw(session: &Session, hyper: &Hyperparameters, area: Rect, buffer: &mut Buffer) {
    let theme = session.theme;
    let inner = panel(buffer, area, theme, vec![span(hyper.network.title(), theme.title())], Vec::new());
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    for (row, [layer, output, parameters]) in rows(inside).skip(1).zip(lines(hyper)) {
        put(
            buffer,
            row,
            &Line::from(vec![
                span(format!("{layer:<28}"), theme.text()),
                span(format!("{output:>10}"), theme.dim()),
                span(format!("{parameters:>8}"), theme.dim()),
            ]),
        );
    }
}

/// Returns the layer, the shape of its output and its parameters, line by line.
fn lines(hyper: &Hyperparameters) -> Vec<[String; 3]> {
    let network = hyper.network;
    let mut lines = vec![["input".into(), format!("1x{SIDE}x{SIDE}"), String::new()]];
    for (layer, left) in network.layers().iter().zip((0..network.layers().len()).rev()) {
        let operation = layer.operation(hyper.activation, hyper.pooling);
        let separator = if left == 0 { "," } else { "" };
        let parameters = if layer.parameters > 0 { format::grouped(layer.parameters as u64) } else { String::new() };
        lines.push([format!("{}{separator} {operation}", layer.name), layer.kind.to_string(), parameters]);
    }
    let total = format::grouped(network.parameters() as u64);
    lines.push([String::new(), "parameters".into(), total]);
    lines
}
