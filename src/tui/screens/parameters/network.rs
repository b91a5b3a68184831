//! The network that the form describes, layer by layer, for people who learn.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use crate::{
    train::{Hyperparameters, Pooling},
    tui::{
        theme::Theme,
        widgets::{
            area::rows,
            panel::panel,
            text::{put, span},
        },
    },
};

pub const WIDTH: u16 = 50;
pub const HEIGHT: u16 = 12;

pub fn draw(theme: Theme, hyper: &Hyperparameters, area: Rect, buffer: &mut Buffer) {
    let activation = hyper.activation.name();
    let pooling = match hyper.pooling {
        Pooling::Avg => "average pooling 2x2",
        Pooling::Max => "max pooling 2x2",
    };
    let layers = [
        ("input".to_owned(), "1x28x28", ""),
        (format!("C1 convolution 5x5, {activation}"), "6x28x28", "156"),
        (format!("S2 {pooling}"), "6x14x14", ""),
        (format!("C3 convolution 5x5, {activation}"), "16x10x10", "2,416"),
        (format!("S4 {pooling}"), "16x5x5", ""),
        (format!("C5 dense, {activation}"), "120", "48,120"),
        (format!("F6 dense, {activation}"), "84", "10,164"),
        ("output, softmax".to_owned(), "10", "850"),
        (String::new(), "parameters", "61,706"),
    ];
    let inner = panel(buffer, area, theme, vec![span("LeNet-5", theme.title())], Vec::new());
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    for (row, (layer, output, parameters)) in rows(inside).skip(1).zip(layers) {
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
