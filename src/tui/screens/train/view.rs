//! The Train screen.
//!
//! 80x24 shows everything small. More room stacks the curves, puts all ten bars beside the digit, and adds the
//! confusion matrix, then the epochs as a table and a page of mistakes. With less room the mistake is left out, then
//! the log.
//!
//! ```text
//! ╭ accuracy ─────╮╭ loss ─────────╮╭ mistake 17 of 112 ─────────╮
//! │               ││               ││        ░▒▓██▓▒░            │
//! ╰───────────────╯╰───────────────╯│         ...                │
//! ╭ accuracy ─────╮╭ loss ─────────╮│ true 4   predicted 9       │
//! ╰───────────────╯╰───────────────╯│ 9 ████████████        0.71 │
//! ╭ log ───────────────────────────╮│ 4 ████▏               0.27 │
//! ╰────────────────────────────────╯╰────────────────────────────╯
//! ```

use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    train::State,
    tui::{
        format,
        keys::Action,
        screen::Screen,
        screens::train::{curves, epochs, facts, health, log, plot::Plot},
        session::{Session, series::Metric},
        widgets::{
            area::{above, beside},
            confusion, digit,
            panel::{foot, panel},
            sparkline,
            surface::{Surface, Target},
            text::{put, span, wrap},
            thumbnails::{Grid, Thumbnails},
        },
    },
};

/// Minimum size for bars beside the digit and stacked curves.
const WIDE: (u16, u16) = (112, 30);
/// Minimum size for a third column.
const HUGE: (u16, u16) = (176, 44);
const MISTAKE_WIDTH: u16 = 32;
const MISTAKE_HEIGHT: u16 = 18;

pub(super) fn draw(plot: &Plot, session: &Session, area: Rect, surface: &mut Surface) {
    if area.width >= HUGE.0 && area.height >= HUGE.1 {
        huge(plot, session, area, surface);
    } else if area.width >= WIDE.0 && area.height >= WIDE.1 {
        wide(plot, session, area, surface);
    } else {
        compact(plot, session, area, surface);
    }
}

fn compact(plot: &Plot, session: &Session, area: Rect, surface: &mut Surface) {
    let aside = match area.width {
        width if area.height < 11 || width < 64 => 0,
        width if width >= WIDE.0 => confusion::WIDTH,
        _ => MISTAKE_WIDTH,
    };
    let (left, right) = beside(area, area.width - aside);
    if aside > 0 {
        mistake(session, right, surface);
    }
    let sparks = if left.height >= 12 { 4 } else { 3 };
    let lines = match left.height {
        0..14 => 0,
        14..22 => 5,
        height => 5 + (height - 22) / 3,
    };
    let (rest, log) = above(left, left.height.saturating_sub(lines));
    let (charts, sparks) = above(rest, rest.height.saturating_sub(sparks));
    if charts.height >= 4 {
        let (a, b) = beside(charts, charts.width / 2);
        curves::draw(plot, session, Metric::Accuracy, a, surface);
        curves::draw(plot, session, Metric::Loss, b, surface);
    }
    two_sparks(session, sparks, surface);
    if log.height >= 3 {
        log::draw(session, log, surface);
    }
}

fn wide(plot: &Plot, session: &Session, area: Rect, surface: &mut Surface) {
    let (left, right) = beside(area, area.width - confusion::WIDTH);
    running(plot, session, left, surface);
    let spare = right.height.saturating_sub(MISTAKE_HEIGHT + confusion::HEIGHT);
    if right.height < 17 + confusion::HEIGHT {
        mistake(session, right, surface);
        return;
    }
    let (digit, matrix) = above(right, right.height - confusion::HEIGHT);
    if spare >= 9 {
        let (matrix_above, table) = above(
            Rect { y: digit.y + MISTAKE_HEIGHT, height: right.height - MISTAKE_HEIGHT, ..right },
            confusion::HEIGHT,
        );
        mistake(session, Rect { height: MISTAKE_HEIGHT, ..digit }, surface);
        matrix_pane(session, matrix_above, surface);
        epochs::draw(session, table, surface);
    } else {
        mistake(session, digit, surface);
        matrix_pane(session, matrix, surface);
    }
}

fn huge(plot: &Plot, session: &Session, area: Rect, surface: &mut Surface) {
    let aside = confusion::WIDTH + 4;
    let (left, rest) = beside(area, area.width - 2 * aside);
    let (middle, right) = beside(rest, aside);
    running(plot, session, left, surface);
    let (digit, page) = above(middle, MISTAKE_HEIGHT);
    mistake(session, digit, surface);
    next_mistakes(session, page, surface);
    let (matrix, table) = above(right, MISTAKE_HEIGHT.min(confusion::HEIGHT));
    matrix_pane(session, matrix, surface);
    let (table, facts) = above(table, table.height.saturating_sub(facts::HEIGHT));
    let (table, health) = above(table, table.height.saturating_sub(health::height(session)));
    epochs::draw(session, table, surface);
    health::draw(session, health, surface);
    facts::draw(session, facts, surface);
}

/// Draws both curves, the sparklines and the log, one below the other.
fn running(plot: &Plot, session: &Session, area: Rect, surface: &mut Surface) {
    let lines = (area.height / 5).clamp(6, 12);
    let (rest, log) = above(area, area.height - lines);
    let (charts, sparks) = above(rest, rest.height - 5);
    let (accuracy, loss) = above(charts, charts.height.div_ceil(2));
    curves::draw(plot, session, Metric::Accuracy, accuracy, surface);
    curves::draw(plot, session, Metric::Loss, loss, surface);
    two_sparks(session, sparks, surface);
    log::draw(session, log, surface);
}

fn two_sparks(session: &Session, area: Rect, surface: &mut Surface) {
    let (a, b) = beside(area, area.width / 2);
    let batches = &session.live.batches;
    let losses: Vec<f64> = batches.iter().map(|column| column.loss).collect();
    let accuracies: Vec<f64> = batches.iter().map(|column| column.accuracy).collect();
    let shown = batches.iter().rev().take(usize::from(b.width.saturating_sub(2))).map(|column| column.batches);
    let each = per_bar(shown.collect());
    sparkline::accuracy(session.theme, &accuracies, &each, a, surface);
    sparkline::loss(session.theme, &losses, &each, b, surface);
}

/// Returns over how many batches a bar is the mean: the number most bars have about.
fn per_bar(mut batches: Vec<u32>) -> String {
    batches.sort_unstable();
    match batches[..] {
        [] => String::new(),
        [first, .., last] if first != last => {
            format!("bar ~{} batches", format::grouped(batches[batches.len() / 2]))
        }
        [1, ..] => "bar 1 batch".into(),
        [first, ..] => format!("bar {} batches", format::grouped(first)),
    }
}

/// Draws the confusion matrix, with the cell of the chosen mistake highlighted.
fn matrix_pane(session: &Session, area: Rect, surface: &mut Surface) {
    let chosen = session.browser.mistakes.current();
    confusion::draw(session.theme, session.live.evaluation.as_deref(), chosen, area, surface);
}

/// Draws the mistakes that follow the chosen one.
fn next_mistakes(session: &Session, area: Rect, surface: &mut Surface) {
    let Session { theme, drawing, .. } = *session;
    let inner = panel(surface, area, theme, vec![span("next mistakes", theme.title())], Vec::new());
    let listing = &session.browser.mistakes;
    let (images, shown) = (&session.images, &listing.shown);
    let thumbnails = Thumbnails { theme, drawing, images, shown, chosen: None };
    thumbnails.draw(Grid::of_strip(inner), listing.place + 1, surface);
}

/// Draws the chosen mistake, or why there is none.
fn mistake(session: &Session, area: Rect, surface: &mut Surface) {
    let theme = session.theme;
    let listing = &session.browser.mistakes;
    let Some(prediction) = listing.current() else {
        let inner = panel(surface, area, theme, vec![span("mistake", theme.title())], Vec::new());
        let text = nothing(session);
        let lines = wrap(&text, usize::from(inner.width.saturating_sub(4)));
        let top = inner.y + inner.height.saturating_sub(lines.len() as u16) / 2;
        for (y, line) in (top..inner.bottom()).zip(lines) {
            let indent = inner.width.saturating_sub(crate::format::width(&line) as u16) / 2;
            let row = Rect { x: inner.x + indent, y, width: inner.width - indent, height: 1 };
            put(surface, row, &Line::styled(line, theme.dim()));
        }
        filter(session, area, surface);
        return;
    };
    let (place, all) = (format::grouped(listing.place as u64 + 1), format::grouped(listing.shown.len() as u64));
    let title: Vec<Span> = vec![
        span("mistake ", theme.title()),
        span(format!("{place:>width$}", width = all.len()), theme.title()),
        span(format!(" of {all}"), theme.dim()),
    ];
    let inner = panel(surface, area, theme, title, vec![span("← →", theme.accent())]);
    surface.target(area, Target::Action(Action::Show(Screen::Mistakes)));
    let image = digit::image(&session.images, prediction);
    digit::draw((theme, session.drawing), &image, prediction, inner, surface);
    filter(session, area, surface);
}

/// Draws the filter of the mistakes on the lower edge of their pane, with the key that clears it.
fn filter(session: &Session, area: Rect, surface: &mut Surface) {
    if session.is_filtered() {
        let theme = session.theme;
        let words = span(session.browser.filter.words(), theme.warn());
        let key = span(format!("  {}", session.key(Action::ClearFilter)), theme.accent());
        foot(surface, area, vec![words, key, span(" all", theme.dim())]);
        let edge = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area };
        surface.target(edge, Target::Action(Action::ClearFilter));
    }
}

fn nothing(session: &Session) -> String {
    match (&session.live.evaluation, session.live.state) {
        (Some(evaluation), _) if evaluation.mistakes().next().is_some() => "no mistake matches the filter".into(),
        (Some(_), _) => "no mistakes: every test image was read correctly".into(),
        (None, Some(State::Evaluating)) => "the test set is being evaluated".into(),
        (None, _) => "mistakes appear when the first epoch ends and the test set is evaluated".into(),
    }
}
