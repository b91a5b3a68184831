//! The Mistakes screen: one digit in large with its bars, and a page of them.

use crate::tui::session::Session;
use ratatui::{layout::Rect, text::Line};

use crate::{
    data::SIDE,
    train::Prediction,
    tui::{
                format,
        frame::body_of_size,
        keys::Action,
        widgets::{
            confusion,
            digit::{self, Picture},
            panel::panel,
            surface::{Surface, Target},
            text::{fitting, put, put_right, span, wrap},
        },
    },
};

/// Where things lie, and how large the digits of the page are.
struct Layout {
    filters: Rect,
    detail: Option<Rect>,
    page: Rect,
    /// Columns and rows of a digit on the page.
    thumb: (u16, u16),
    columns: u16,
    rows: u16,
}

const FULL: (u16, u16) = (SIDE as u16, SIDE as u16 / 2);
const HALF: (u16, u16) = (SIDE as u16 / 2, SIDE as u16 / 4);
/// Digits are shown in full where so many fit.
const ENOUGH: u16 = 12;
/// Two lines of names under each digit.
const NAMES: u16 = 2;

fn thumbs_in(page: Rect, thumb: (u16, u16)) -> (u16, u16) {
    ((page.width + 1) / (thumb.0 + 2), page.height / (thumb.1 + NAMES))
}

fn layout(body: Rect) -> Layout {
    let filters = Rect { height: 1.min(body.height), ..body };
    let rest = Rect { y: body.y + filters.height, height: body.height - filters.height, ..body };
    let width = match rest.width {
        ..64 => 0,
        64..112 => 32,
        _ => 54,
    };
    let detail = (width > 0).then_some(Rect { width, height: rest.height.min(20), ..rest });
    let page = Rect { x: rest.x + width + 1, width: rest.width.saturating_sub(width + 1), ..rest };
    let full = thumbs_in(page, FULL);
    let thumb = if full.0 * full.1 >= ENOUGH { FULL } else { HALF };
    let (columns, rows) = thumbs_in(page, thumb);
    Layout { filters, detail, page, thumb, columns: columns.max(1), rows: rows.max(1) }
}

/// Columns and rows of the page, for movements.
pub fn grid(session: &Session) -> (usize, usize) {
    let layout = layout(body_of_size(session));
    (usize::from(layout.columns), usize::from(layout.rows))
}

pub fn draw(session: &Session, area: Rect, surface: &mut Surface) {
    let layout = layout(area);
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
        digit::draw(session, prediction, inner, surface);
        let below = Rect { y: area.bottom(), height: layout.page.bottom().saturating_sub(area.bottom()), ..area };
        if below.height >= confusion::HEIGHT && below.width >= confusion::WIDTH {
            confusion::draw(session, Rect { height: confusion::HEIGHT, ..below }, listing.current(), surface);
        }
    }
    let a_page = usize::from(layout.columns * layout.rows);
    let first = listing.place / a_page * a_page;
    page(session, &layout, &listing.shown, first, Some(listing.place), surface);
}

fn nothing(session: &Session) -> String {
    match (&session.live.evaluation, session.browser.filter == Default::default(), session.browser.correct_ones) {
        (None, ..) => "No image has been read yet: the test set is read at each epoch's end.".into(),
        (Some(_), false, _) => format!("None passes the filters. {} lifts them.", session.key(Action::ClearFilter)),
        (Some(_), true, false) => {
            format!(
                "No mistakes: every test image was read right. {} shows the correct ones.",
                session.key(Action::SwitchSet)
            )
        }
        (Some(_), true, true) => "The correct ones are not at hand: they are after the next epoch's end.".into(),
    }
}

/// `mistakes 17 of 112   true any   predicted 9   order surest first   drawing greys`
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

/// Those of `shown` from `first` on.
fn page(session: &Session, layout: &Layout, shown: &[Prediction], first: usize, chosen: Option<usize>, surface: &mut Surface) {
    let (width, height) = (layout.thumb.0 + 2, layout.thumb.1 + NAMES);
    let places = (0..layout.rows).flat_map(|row| (0..layout.columns).map(move |column| (column, row)));
    for ((column, row), (place, prediction)) in places.zip(shown.iter().enumerate().skip(first)) {
        let (x, y) = (layout.page.x + column * width, layout.page.y + row * height);
        let area = Rect { x, y, width: layout.thumb.0, height }.intersection(layout.page);
        if area.height < height {
            continue;
        }
        thumb(session, prediction, area, layout.thumb, chosen == Some(place), surface);
        surface.target(area, Target::Digit(place));
    }
}

fn thumb(session: &Session, prediction: &Prediction, area: Rect, size: (u16, u16), chosen: bool, surface: &mut Surface) {
    let theme = session.theme;
    let Some(image) = digit::image(&session.dataset.test, prediction) else { return };
    let picture = if size == FULL { Picture::fitting(image, FULL.0, FULL.1) } else { Some(Picture::halved(image)) };
    if let Some(picture) = picture {
        picture.draw(surface, area, session.drawing, theme);
    }
    let predicted = if prediction.is_correct() { theme.good() } else { theme.bad() };
    let under = Rect { y: area.y + size.1, height: 1, ..area };
    let (mark, style) = if chosen { ("▸", theme.accent()) } else { (" ", theme.dim()) };
    put(
        surface,
        under,
        &Line::from(vec![
            span(mark, style),
            span("Predicted ", style),
            span(prediction.digit.to_string(), predicted.patch(theme.bold())),
        ]),
    );
    put(
        surface,
        Rect { y: under.y + 1, ..under },
        &Line::from(vec![
            span(mark, style),
            span("True      ", style),
            span(prediction.label.to_string(), theme.good().patch(theme.bold())),
        ]),
    );
}

/// On the Train screen: the mistakes that follow the one looked at.
pub fn next_ones(session: &Session, area: Rect, surface: &mut Surface) {
    let theme = session.theme;
    let inner = panel(surface, area, theme, vec![span("next mistakes", theme.title())], Vec::new());
    let listing = &session.browser.mistakes;
    strip(session, inner, &listing.shown, listing.place + 1, surface);
}

/// As many of `shown` as there is room for, from `first` on.
pub fn strip(session: &Session, inner: Rect, shown: &[Prediction], first: usize, surface: &mut Surface) {
    let page = Rect { x: inner.x + 1, y: inner.y, width: inner.width.saturating_sub(1), height: inner.height };
    let full = thumbs_in(page, FULL);
    let thumb = if full.0 * full.1 >= ENOUGH { FULL } else { HALF };
    let (columns, rows) = thumbs_in(page, thumb);
    let spare = page.width.saturating_sub(columns * (thumb.0 + 2));
    let page = Rect { x: page.x + spare / 2, width: page.width - spare / 2, ..page };
    let layout = Layout { filters: Rect::ZERO, detail: None, page, thumb, columns, rows };
    self::page(session, &layout, shown, first, None, surface);
}
