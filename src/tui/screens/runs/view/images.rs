//! The test images that some of the compared runs read and others do not.

use ratatui::{layout::Rect, text::Line};

use crate::tui::{
    format,
    keys::Action,
    screens::runs::{
        state::{Compared, RunsScreen, letter},
        view::{inside, parts::look},
    },
    session::Session,
    widgets::{
        area::rows,
        panel::panel,
        surface::Surface,
        text::{fitting, put, span, wrap},
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
    let Some(differences) = runs.differences(library) else { return };
    let Some(reader) = compared.iter().find(|run| run.is_chosen).or(compared.first()) else { return };
    let title = vec![
        span("read by some of them  ", theme.title()),
        span(
            format!("{} of {}", format::grouped(chosen as u64 + 1), format::grouped(differences.images.len() as u64)),
            theme.bold(),
        ),
    ];
    let style = |run: &Compared| look(run.place, run.is_chosen).style(theme);
    let as_read = vec![span(format!("as {} reads them", letter(reader.place)), style(reader))];
    let inner = panel(surface, area, theme, title, as_read);
    let predictions = |run: &Compared| library.reading(&run.run.path)?.ok().map(|read| &read.predictions);
    if let Some(&image) = differences.images.get(chosen) {
        let mut parts = vec![vec![span(format!("image {}", format::grouped(image as u64)), theme.bold())]];
        for (run, read) in compared.iter().filter_map(|run| Some((run, predictions(run)?.get(image)?))) {
            if parts.len() == 1 {
                parts.push(vec![span(format!("   true {}", read.label), theme.good())]);
            }
            let correctness = if read.is_correct() { theme.good() } else { theme.bad() };
            parts.push(vec![
                span(format!("   {} reads ", letter(run.place)), style(run)),
                span(read.digit.to_string(), correctness),
                span(format!(" {:.3}", read.confidence()), theme.dim()),
            ]);
        }
        put(surface, Rect { x: inner.x + 1, width: inner.width - 1, ..inner }, &fitting(parts, inner.width - 1));
    }
    let Some(all) = predictions(reader) else { return };
    let shown: Vec<_> = differences.images.iter().filter_map(|&image| all.get(image).copied()).collect();
    let grid = grid(area);
    if !grid.has_room() {
        let inside =
            Rect { x: inner.x + 1, y: inner.y + 2, width: inner.width - 1, height: inner.height.saturating_sub(2) };
        let key = session.key(Action::OpenCell);
        let text = format!("The images need a larger terminal. {key} shows this one in every layer.");
        for (row, line) in rows(inside).zip(wrap(&text, usize::from(inside.width))) {
            put(surface, row, &Line::styled(line, theme.dim()));
        }
        return;
    }
    let page = usize::from(grid.columns * grid.rows);
    let (drawing, images) = (session.drawing, &session.images);
    Thumbnails { theme, drawing, images, shown: &shown, chosen: Some(chosen) }.draw(
        grid,
        chosen / page * page,
        surface,
    );
}
