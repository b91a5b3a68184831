//! The Mistakes screen: one digit enlarged, with its bars, and a page of digits.

use std::borrow::Cow;

use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    format::sanitized,
    train::Prediction,
    tui::{
        format,
        keys::Action,
        session::{Session, ensemble::Together},
        widgets::{
            area::{above, rows},
            confusion, digit, joint,
            panel::panel,
            surface::Surface,
            text::{fitting, put, put_right, span, wrap},
            thumbnails::{Grid, Thumbnails},
        },
    },
};

/// Rows below which there is no room for the marked runs' answer.
const LOW: u16 = 11;
/// Rows from which the marked runs' answer has two lines.
const TALL: u16 = 30;

/// The areas of the screen's parts.
pub(crate) struct Layout {
    filters: Rect,
    detail: Option<Rect>,
    page: Rect,
    /// Lines about the marked runs.
    joint: Rect,
}

impl Layout {
    pub(crate) fn of(body: Rect, session: &Session) -> Self {
        let joint_rows = match body.height {
            ..LOW => 0,
            _ if session.library.ensemble().is_empty() => 0,
            LOW..TALL => 1,
            _ => 2,
        };
        let (filters, rest) = above(body, 1);
        let (rest, joint) = above(rest, rest.height.saturating_sub(joint_rows));
        let width = match rest.width {
            ..64 => 0,
            64..112 => 32,
            _ => 54,
        };
        let detail = (width > 0).then_some(Rect { width, height: rest.height.min(20), ..rest });
        let page = Rect { x: rest.x + width + 1, width: rest.width.saturating_sub(width + 1), ..rest };
        Self { filters, detail, page, joint }
    }

    pub(crate) fn grid(&self) -> Grid {
        Grid::of_page(self.page)
    }
}

pub(super) fn draw(session: &Session, area: Rect, surface: &mut Surface) {
    let layout = Layout::of(area, session);
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
        let index = prediction.index as usize;
        let what = match session.variant_name(index) {
            Some(variant) => span(variant, session.theme.accent()),
            None => span("of the test set", session.theme.dim()),
        };
        let image = span(format!("image {} ", format::grouped(prediction.index)), session.theme.title());
        let inner = panel(surface, area, session.theme, vec![image, what], Vec::new());
        let image = session.shown_image(index).unwrap_or(Cow::Borrowed(&digit::BLANK));
        digit::draw((session.theme, session.drawing), &image, prediction, inner, surface);
        let below = Rect { y: area.bottom(), height: layout.page.bottom().saturating_sub(area.bottom()), ..area };
        if below.height >= confusion::HEIGHT && below.width >= confusion::WIDTH {
            let evaluation = session.live.evaluation.as_deref();
            let area = Rect { height: confusion::HEIGHT, ..below };
            confusion::draw(session.theme, evaluation, listing.current(), area, surface);
        }
    }
    let inside = Rect { x: layout.joint.x + 1, width: layout.joint.width.saturating_sub(2), ..layout.joint };
    if let Some(prediction) = listing.current() {
        joint_lines(session, prediction, inside, surface);
    }
    let grid = layout.grid();
    let per_page = usize::from(grid.columns * grid.rows);
    let first = listing.place / per_page * per_page;
    Thumbnails {
        theme: session.theme,
        drawing: session.drawing,
        images: &session.images,
        shown: &listing.shown,
        chosen: Some(listing.place),
    }
    .draw(grid, first, surface);
}

/// Draws `3 marked runs: 4 0.972   2 of 3 agree   seed 2 reads 9 0.612`, on one line or on two.
fn joint_lines(session: &Session, prediction: &Prediction, area: Rect, surface: &mut Surface) {
    let theme = session.theme;
    let one = |text: String, style| (vec![vec![span(text, style)]], Vec::new());
    let (mut summary, dissent) = match session.library.together_on(prediction.index as usize) {
        None => return,
        Some(Together::Pending(done, all)) => {
            one(format!("evaluating the marked runs: {done} of {all} done"), theme.dim())
        }
        Some(Together::Failed(reason)) => one(sanitized(&format!("marked runs: {reason}")), theme.bad()),
        Some(Together::Answer { joint, labels }) => {
            let mut summary = joint::summary(&joint, Some(prediction.label), theme);
            if area.height == 1 {
                summary.push(vec![span("   ", theme.dim())]);
            }
            let taken = if area.height == 1 { summary.iter().flatten().map(Span::width).sum() } else { 0 };
            let dissent = joint::dissent(&joint, &labels, usize::from(area.width).saturating_sub(taken), theme);
            (summary, dissent)
        }
    };
    if area.height == 1 {
        summary.extend(dissent.iter().cloned());
    }
    for (row, line) in rows(area).zip([summary, dissent]) {
        put(surface, row, &fitting(line, row.width));
    }
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
