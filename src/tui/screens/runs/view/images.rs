//! The test images that some of the compared runs read and others do not.

use ratatui::layout::Rect;

use crate::tui::{
    format,
    screens::runs::{
        state::RunsScreen,
        view::{
            inside,
            parts::{letter, look},
        },
    },
    session::Session,
    widgets::{
        panel::panel,
        surface::Surface,
        text::{fitting, put, span},
        thumbnails::{Grid, Thumbnails},
    },
};

/// Returns the grid of the images below the line about the chosen one.
pub(in crate::tui::screens::runs) fn grid(area: Rect) -> Grid {
    let inner = inside(area);
    Grid::of_page(Rect {
        x: inner.x + 1,
        y: inner.y + 2,
        width: inner.width - 1,
        height: inner.height.saturating_sub(2),
    })
}

/// Draws the images as the run under the cursor reads them; `chosen` is the place of one of them.
pub(in crate::tui::screens::runs) fn draw(
    runs: &RunsScreen,
    session: &Session,
    chosen: usize,
    area: Rect,
    surface: &mut Surface,
) {
    let (theme, library) = (session.theme, &session.library);
    let compared = runs.compared(library);
    let Some(differences) = library.differences(&compared) else { return };
    let reader = compared.iter().position(|run| Some(run.path.as_path()) == runs.chosen_path.as_deref()).unwrap_or(0);
    let name = |place: usize| letter(place).map_or_else(|| compared[place].short_name(), String::from);
    let title = vec![
        span("read by some of them  ", theme.title()),
        span(
            format!("{} of {}", format::grouped(chosen as u64 + 1), format::grouped(differences.images.len() as u64)),
            theme.bold(),
        ),
    ];
    let as_read = vec![span(format!("as {} reads them", name(reader)), look(reader, false).style(theme))];
    let inner = panel(surface, area, theme, title, as_read);
    let predictions = |place: usize| library.reading(&compared[place].path)?.ok().map(|read| &read.predictions);
    if let Some(&image) = differences.images.get(chosen) {
        let mut parts = vec![vec![span(format!("image {}", format::grouped(image as u64)), theme.bold())]];
        for (place, read) in (0..compared.len()).filter_map(|place| Some((place, predictions(place)?.get(image)?))) {
            if place == 0 {
                parts.push(vec![span(format!("   true {}", read.label), theme.good())]);
            }
            let style = if read.is_correct() { theme.good() } else { theme.bad() };
            parts.push(vec![
                span(format!("   {} reads ", name(place)), look(place, false).style(theme)),
                span(read.digit.to_string(), style),
                span(format!(" {:.3}", read.confidence()), theme.dim()),
            ]);
        }
        put(surface, Rect { x: inner.x + 1, width: inner.width - 1, ..inner }, &fitting(parts, inner.width - 1));
    }
    let Some(all) = predictions(reader) else { return };
    let shown: Vec<_> = differences.images.iter().filter_map(|&image| all.get(image).copied()).collect();
    let grid = grid(area);
    let page = usize::from(grid.columns * grid.rows);
    let (drawing, test) = (session.drawing, &session.dataset.test);
    Thumbnails { theme, drawing, test, shown: &shown, chosen: Some(chosen) }.draw(grid, chosen / page * page, surface);
}
