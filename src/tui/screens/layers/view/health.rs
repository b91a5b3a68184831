//! Whether each layer learns: a table, and what its columns mean.

use ratatui::{layout::Rect, text::Line};

use crate::tui::{
    screens::layers::view::TEXT,
    session::Session,
    widgets::{
        area::rows,
        health::table,
        surface::Surface,
        text::{put, wrap},
    },
};

const COLUMNS: [&str; 4] = [
    "gradient: its norm. If it is far smaller in the first layer than in the last, it vanishes on its way back.",
    "update/weight: the newest update relative to the weights. 1e-3 is usual; above 0.1, what was learnt is overwritten.",
    "dead: units (maps, or values) whose relu is always 0.",
    "saturated: units whose tanh or sigmoid is always at an end of its range.",
];

pub(super) fn draw(session: &Session, area: Rect, surface: &mut Surface) {
    let theme = session.theme;
    let width = area.width.min(TEXT);
    let styled =
        |text: &str, style| wrap(text, usize::from(width)).into_iter().map(move |line| Line::styled(line, style));
    let Some(health) = &session.live.health else {
        let text = "The layers are measured at the end of each epoch.";
        rows(area).skip(1).zip(styled(text, theme.dim())).for_each(|(row, line)| put(surface, row, &line));
        return;
    };
    let mut lines: Vec<Line> = match &health.stall {
        Some(stall) => styled(&format!("The run learns nothing: {stall}."), theme.warn()).collect(),
        None => styled("The run learns.", theme.good()).collect(),
    };
    let table = table(theme, health, width);
    let has_room = usize::from(area.height) > lines.len() + table.len() + 2;
    let gap = || has_room.then(Line::default);
    lines.extend(gap());
    lines.extend(table);
    for text in COLUMNS {
        lines.extend(gap());
        lines.extend(styled(text, theme.dim()));
    }
    rows(area).zip(lines).for_each(|(row, line)| put(surface, row, &line));
}
