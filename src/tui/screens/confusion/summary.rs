//! A summary of the chosen cell and of the whole matrix.

use ratatui::{buffer::Buffer, layout::Rect, text::Span};

use crate::{
    data::CLASSES,
    train::{Confusion, Evaluation, Pair},
    tui::{
        format,
        keys::Action,
        screens::confusion::state::{ConfusionScreen, mistakes},
        session::Session,
        widgets::{
            area::rows,
            confusion::cells::share,
            panel::panel,
            text::{fitting, put, span},
        },
    },
};

/// Distance of mean confidence and accuracy from which a network is over- or underconfident.
const CALIBRATED: f64 = 0.005;

pub(super) fn draw(confusion: &ConfusionScreen, session: &Session, area: Rect, buffer: &mut Buffer) {
    let theme = session.theme;
    let Some(evaluation) = session.live.evaluation.as_deref().filter(|_| area.height >= 3) else { return };
    let cell = confusion.cursor(Some(evaluation));
    let title = vec![
        span("true ", theme.title()),
        span(cell.label.to_string(), theme.good().patch(theme.bold())),
        span("  predicted ", theme.title()),
        span(cell.digit.to_string(), if cell.is_correct() { theme.good() } else { theme.bad() }.patch(theme.bold())),
    ];
    let inner = panel(
        buffer,
        area,
        theme,
        title,
        vec![span(session.key(Action::OpenCell), theme.accent()), span(" shows them", theme.dim())],
    );
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let lines = [
        chosen(session, evaluation, cell),
        overall(session, evaluation),
        turned(session),
        frequent(session, evaluation),
        calibration(session),
    ];
    for (row, parts) in rows(inside).zip(lines) {
        put(buffer, row, &fitting(parts, row.width));
    }
}

type Parts = Vec<Vec<Span<'static>>>;

/// Returns `23 images   2.3 % of the 4s   15.1 % of those read as a 9   3 more than after epoch 2`.
fn chosen(session: &Session, evaluation: &Evaluation, cell: Pair) -> Parts {
    let theme = session.theme;
    let confusion = &evaluation.confusion;
    let count = cell.count(confusion);
    let predicted: u32 = confusion.0.iter().map(|row| row[usize::from(cell.digit)]).sum();
    let of_predicted = f64::from(count) / f64::from(predicted.max(1));
    let images = if count == 1 { "image" } else { "images" };
    let mut parts = vec![
        vec![span(format!("{} {images}", format::grouped(count)), theme.bold())],
        vec![span(
            format!("   {} % of the {}s", format::percent(share(count, confusion, cell.label), 1), cell.label),
            theme.text(),
        )],
        vec![span(
            format!("   {} % of those read as a {}", format::percent(of_predicted, 1), cell.digit),
            theme.text(),
        )],
    ];
    if let Some((epoch, before)) = &session.live.evaluation_before {
        let change = i64::from(count) - i64::from(cell.count(&before.confusion));
        let (text, style) = match change {
            0 => (format!("   as many as after epoch {epoch}"), theme.dim()),
            change => {
                let word = if change > 0 { "more" } else { "fewer" };
                let style = if (change > 0) == cell.is_correct() { theme.good() } else { theme.warn() };
                (format!("   {} {word} than after epoch {epoch}", format::grouped(change.unsigned_abs())), style)
            }
        };
        parts.push(vec![span(text, style)]);
    }
    parts
}

/// Returns `after epoch 3   accuracy 0.9866   134 of 10,000 wrong   mean F1 0.9865`.
fn overall(session: &Session, evaluation: &Evaluation) -> Parts {
    let theme = session.theme;
    let wrong = evaluation.total().saturating_sub(evaluation.correct());
    let total = format::grouped(evaluation.total());
    let mut parts = vec![
        vec![span(format!("after epoch {}", session.live.evaluated_after), theme.dim())],
        vec![
            span("   accuracy ", theme.dim()),
            span(format::share(evaluation.accuracy()).trim().to_owned(), theme.test()),
        ],
        vec![span(format!("   {} of {total} wrong", format::grouped(wrong)), theme.text())],
    ];
    if let Some(f1) = mean_f1(&evaluation.confusion) {
        let f1 = format::share(f1).trim().to_owned();
        parts.push(vec![span("   mean F1 ", theme.dim()), span(f1, theme.test())]);
    }
    parts
}

/// Returns the mean F1 of the digits that occur; an undefined F1 counts as 0.
fn mean_f1(confusion: &Confusion) -> Option<f64> {
    let occurring = (0..CLASSES).filter(|&class| confusion.recall(class).is_some());
    let values: Vec<f64> = occurring.map(|class| confusion.f1(class).unwrap_or(0.0)).collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Returns `since epoch 2   34 turned right   21 turned wrong   100 stayed wrong`.
fn turned(session: &Session) -> Parts {
    let theme = session.theme;
    let Some((epoch, _)) = &session.live.evaluation_before else {
        return vec![vec![span("changes appear after the next epoch", theme.dim())]];
    };
    let since = vec![span(format!("since epoch {epoch}"), theme.dim())];
    let Some(turned) = session.live.answer_changes else { return vec![since] };
    let count = |count: u32, what: &str| format!("   {} {what}", format::grouped(count));
    vec![
        since,
        vec![span(count(turned.right, "turned right"), theme.good())],
        vec![span(count(turned.wrong, "turned wrong"), theme.warn())],
        vec![span(count(turned.still_wrong, "stayed wrong"), theme.text())],
    ]
}

/// Returns `most frequent   4→9 23   9→4 12   7→2 11`.
fn frequent(session: &Session, evaluation: &Evaluation) -> Parts {
    let theme = session.theme;
    let cells = mistakes(&evaluation.confusion);
    if cells.is_empty() {
        return vec![vec![span("no mistakes: every test image was read correctly", theme.good())]];
    }
    let mut parts = vec![vec![span("most frequent", theme.dim())]];
    parts.extend(cells.into_iter().map(|cell| {
        vec![
            span(format!("   {}→{} ", cell.label, cell.digit), theme.text()),
            span(format::grouped(cell.count(&evaluation.confusion)), theme.bold()),
        ]
    }));
    parts
}

/// Returns `expected calibration error 0.0041   mean confidence 0.9912   overconfident`.
fn calibration(session: &Session) -> Parts {
    let theme = session.theme;
    let Some(calibration) = &session.live.calibration else {
        return vec![vec![span("the calibration is known once every image has been evaluated", theme.dim())]];
    };
    let share = |value: f64| format::share(value).trim().to_owned();
    let verdict = match calibration.confidence() - calibration.accuracy() {
        gap if gap >= CALIBRATED => span("   overconfident", theme.warn()),
        gap if gap <= -CALIBRATED => span("   underconfident", theme.text()),
        _ => span("   calibrated", theme.good()),
    };
    vec![
        vec![span("expected calibration error ", theme.dim()), span(share(calibration.expected_error()), theme.test())],
        vec![span("   mean confidence ", theme.dim()), span(share(calibration.confidence()), theme.test())],
        vec![verdict],
    ]
}
