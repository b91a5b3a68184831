//! The Mistakes screen: one digit enlarged, with its bars, and a page of digits.

use ratatui::{layout::Rect, text::Line};

use crate::tui::{
    format,
    keys::Action,
    session::Session,
    widgets::{
        confusion, digit,
        panel::panel,
        surface::Surface,
        text::{fitting, put, put_right, span, wrap},
        thumbnails::{Grid, Thumbnails},
    },
};

/// The areas of the screen's parts.
pub(crate) struct Layout {
    filters: Rect,
    detail: Option<Rect>,
    page: Rect,
}

impl Layout {
    pub(crate) fn of(body: Rect) -> Self {
        let filters = Rect { height: 1.min(body.height), ..body };
        let rest = Rect { y: body.y + filters.height, height: body.height - filters.height, ..body };
        let width = match rest.width {
            ..64 => 0,
            64..112 => 32,
            _ => 54,
        };
        let detail = (width > 0).then_some(Rect { width, height: rest.height.min(20), ..rest });
        let page = Rect { x: rest.x + width + 1, width: rest.width.saturating_sub(width + 1), ..rest };
        Self { filters, detail, page }
    }

    pub(crate) fn grid(&self) -> Grid {
        Grid::of_page(self.page)
    }
}

pub(super) fn draw(session: &Session, area: Rect, surface: &mut Surface) {
    let layout = Layout::of(area);
    let inside = Rect { x: layout.filters.x + 1, width: layout.filters.width.saturating_sub(2), ..layout.filters };
    filters(session, inside, surface);
    let listing = session.browser.listing();
    if listing.shown.is_empty() {
        let text = nothing(session);
        for (y, line) in (area.y + 3..area.bottom()).zip(wrap(&text, usize::from(area.width.saturating_sub(4)))) {
            put(
                surface,
                Rect { x: area.x + 3, y, width: area.width - 3, height: 1 },
                &Line::styled(line, session.theme.dim()),
            );
        }
        return;
    }
    if let (Some(area), Some(prediction)) = (layout.detail, listing.current()) {
        let title = vec![
            span(format!("image {} ", format::grouped(prediction.index)), session.theme.title()),
            span("of the test set", session.theme.dim()),
        ];
        let inner = panel(surface, area, session.theme, title, Vec::new());
        if let Some(image) = digit::image(&session.dataset.test, prediction) {
            digit::draw((session.theme, session.drawing), image, prediction, inner, surface);
        }
        let below = Rect { y: area.bottom(), height: layout.page.bottom().saturating_sub(area.bottom()), ..area };
        if below.height >= confusion::HEIGHT && below.width >= confusion::WIDTH {
            let evaluation = session.live.evaluation.as_deref();
            let area = Rect { height: confusion::HEIGHT, ..below };
            confusion::draw(session.theme, evaluation, listing.current(), area, surface);
        }
    }
    let grid = layout.grid();
    let per_page = usize::from(grid.columns * grid.rows);
    let first = listing.place / per_page * per_page;
    Thumbnails {
        theme: session.theme,
        drawing: session.drawing,
        test: &session.dataset.test,
        shown: &listing.shown,
        chosen: Some(listing.place),
    }
    .draw(grid, first, surface);
}

fn nothing(session: &Session) -> String {
    match (&session.live.evaluation, session.is_filtered(), session.browser.correct_ones) {
        (None, ..) => "No image has been read yet: the test set is evaluated at the end of each epoch.".into(),
        (Some(_), true, _) => {
            format!("No image matches the filters. {} clears them.", session.key(Action::ClearFilter))
        }
        (Some(_), false, false) => {
            format!(
                "No mistakes: every test image was read correctly. {} shows the correct ones.",
                session.key(Action::SwitchSet)
            )
        }
        (Some(_), false, true) => "The correct ones are not available until the next epoch ends.".into(),
    }
}

/// Draws `mistake 17 of 112   true any   predicted 9   order surest first   drawing greys`.
fn filters(session: &Session, row: Rect, surface: &mut Surface) {
    let theme = session.theme;
    let browser = &session.browser;
    let listing = browser.listing();
    let (place, all) = (listing.place + usize::from(!listing.shown.is_empty()), listing.shown.len());
    let all = format::grouped(all as u64);
    let digit = |digit: Option<u8>| match digit {
        Some(digit) => span(digit.to_string(), theme.accent()),
        None => span("any", theme.text()),
    };
    let mut parts = vec![vec![
        span(if browser.correct_ones { "correct " } else { "mistake " }, theme.bold()),
        span(format!("{:>width$}", format::grouped(place as u64), width = all.len()), theme.bold()),
        span(format!(" of {all}"), theme.text()),
    ]];
    parts.push(vec![span("   true ", theme.dim()), digit(browser.filter.label)]);
    parts.push(vec![span("   predicted ", theme.dim()), digit(browser.filter.digit)]);
    parts.push(vec![span("   order ", theme.dim()), span(browser.order.name(), theme.text())]);
    parts.push(vec![span("   drawing ", theme.dim()), span(session.drawing.name(), theme.text())]);
    let line = fitting(parts, row.width);
    let epoch = format!("after epoch {}", session.live.evaluated_after);
    if session.live.evaluation.is_some() && line.width() + epoch.len() + 4 <= usize::from(row.width) {
        put_right(surface, row, &Line::styled(epoch, theme.dim()));
    }
    put(surface, row, &line);
}
