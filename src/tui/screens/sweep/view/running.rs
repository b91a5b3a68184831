//! The runs in training, each with its live curve.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    format::cut,
    sweep::{RunCurves, RunStatus, survey::Factor},
    tui::{
        format,
        screens::sweep::{
            state::SweepScreen,
            view::{about, curve::chart_of},
        },
        session::{Session, sweep::SweepStatus},
        widgets::{
            chart::Look,
            panel::panel,
            text::{put, span, spans_width},
        },
    },
};

/// Minimum rows of a run with a chart; with fewer it has a line.
const CHARTED: u16 = 5;
/// Maximum rows of a run with a chart.
const MAX_ROWS: u16 = 9;

pub(super) fn draw(sweep: &SweepScreen, session: &Session, area: Rect, buffer: &mut Buffer) {
    let theme = session.theme;
    let status = &session.sweep;
    let running: Vec<usize> = status.running().collect();
    let title = vec![span("in training", theme.title()), span(format!(" {}", running.len()), theme.dim())];
    let inner = panel(buffer, area, theme, title, Vec::new());
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    if running.is_empty() {
        let text = if status.is_paused() { "nothing: the sweep is paused" } else { "nothing" };
        put(buffer, inside, &Line::styled(text, theme.dim()));
        return;
    }
    let each = (inside.height / running.len() as u16).min(MAX_ROWS);
    let each = if each < CHARTED { 1 } else { each };
    for (place, &number) in running.iter().enumerate() {
        let y = inside.y + place as u16 * each;
        if y + each > inside.bottom() {
            break;
        }
        let block = Rect { y, height: each, ..inside };
        let course = status.curves(number);
        put(buffer, block, &line(sweep, session, number, course.filter(|_| each == 1), block.width));
        if let Some(course) = course.filter(|_| each > 1) {
            let chart = Rect { y: y + 1, height: each - 1, ..block };
            chart_of(session, number, course, chart, buffer);
        }
    }
}

/// Returns `▸ tanh sgd 0.01 16   53 %  0.8575  ▂▄▆▇`.
fn line(
    sweep: &SweepScreen,
    session: &Session,
    number: usize,
    course: Option<&RunCurves>,
    width: u16,
) -> Line<'static> {
    let theme = session.theme;
    let Some((hyper, RunStatus::Running(progress))) =
        session.sweep.snapshot.as_ref().and_then(|all| all.runs.get(number))
    else {
        return Line::default();
    };
    let chosen = sweep.cell().is_some_and(|cell| cell.runs.contains(&number));
    let (mark, style) = if chosen { ("▸", theme.accent()) } else { (" ", theme.text()) };
    let swept = Factor::SWEPT.into_iter().filter_map(Factor::hyperparameter);
    let mut name = swept.map(|which| hyper.get(which).readable()).collect::<Vec<_>>().join(" ");
    for which in sweep.board.varying().filter_map(|axis| axis.factor.hyperparameter()) {
        if !Factor::SWEPT.contains(&Factor::Of(which)) {
            name += &format!(" {}", which.words(hyper.get(which)));
        }
    }
    if session.sweep.method(number).is_some() {
        let cell = sweep.board.cells.iter().find(|cell| cell.runs.contains(&number));
        name = cell.map_or_else(String::new, |cell| about::name(&sweep.board, cell));
    }
    if sweep.board.cells.iter().any(|cell| cell.runs.len() > 1) {
        name += &format!(" seed {}", hyper.seed);
    }
    let (accuracy, _) = progress.training().unwrap_or((f64::NAN, f64::NAN));
    const NAME: usize = 27;
    let mut spans: Vec<Span> = vec![
        span(format!("{mark} {:<NAME$}", cut(&name, NAME)), style),
        span(format!(" {:>3} %", format::percent(progress.share, 0)), theme.text()),
        span(format!("  {}", format::share(accuracy)), Look::Train.style(theme)),
    ];
    let used = spans_width(&spans) + 2;
    if let Some(course) = course
        && let Some(room) = usize::from(width).checked_sub(used)
    {
        spans.push(span(format!("  {}", spark(course, room)), Look::Train.style(theme)));
    }
    Line::from(spans)
}

/// Returns the accuracy since the run's beginning as a sparkline from 0 to 1, in at most `width` columns.
fn spark(course: &RunCurves, width: usize) -> String {
    const EIGHTHS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let points = &course.train;
    let columns = points.len().min(width);
    let seen = (0..columns).map(|column| points[(column + 1) * points.len() / columns - 1].accuracy);
    seen.map(|accuracy| EIGHTHS[((accuracy.clamp(0.0, 1.0) * 7.0).round() as usize).min(7)]).collect()
}

/// Returns the minimum rows of the pane, with its frame.
pub(super) fn min_height(status: &SweepStatus) -> u16 {
    let running = status.snapshot.as_ref().map_or(1, |snapshot| snapshot.jobs.max(1));
    (running as u16).min(8) + 2
}

/// Returns whether the pane has anything to show, now or later.
pub(super) fn is_needed(status: &SweepStatus) -> bool {
    status.is_under_way()
}
