//! The configuration under the cursor: its state and its results.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    format::{cut, sanitized},
    sweep::{Progress, RunStatus, survey::Factor},
    tui::{
        format,
        keys::Action,
        screens::sweep::{
            board::{Board, Cell, CellState, mean},
            state::SweepScreen,
            view::map::measured_on,
        },
        session::Session,
        theme::Theme,
        widgets::{
            area::rows,
            chart::Look,
            panel::panel,
            text::{put, span},
        },
    },
};

/// Returns `relu adam 0.001 batch 16`, and whatever else distinguishes the configuration.
pub(super) fn name(board: &Board, cell: &Cell) -> String {
    let label = |factor| board.label(cell, factor).unwrap_or("?");
    if board.is_of_methods {
        let labels: Vec<&str> = board.axes.iter().map(|axis| label(axis.factor)).collect();
        return method_name(labels[0], labels[1]);
    }
    let mut text = format!(
        "{} {} {} batch {}",
        label(Factor::ACTIVATION),
        label(Factor::OPTIMIZER),
        label(Factor::LEARNING_RATE),
        label(Factor::BATCH_SIZE)
    );
    for axis in board.varying().filter(|axis| !Factor::SWEPT.contains(&axis.factor)) {
        text += &match axis.factor {
            Factor::EPOCHS => format!(" {} epochs", label(axis.factor)),
            Factor::POOLING => format!(" {} pooling", label(axis.factor)),
            factor => format!(" {} {}", factor.name(), label(factor)),
        };
    }
    sanitized(&text)
}

/// Returns `LSTM, 1,000 images` for the labels of a network and of a way of training.
fn method_name(network: &str, training: &str) -> String {
    match training {
        "all" => format!("{network}, all images"),
        "permuted" => format!("{network}, pixels permuted"),
        images => format!("{network}, {images} images"),
    }
}

pub(super) fn draw(sweep: &SweepScreen, session: &Session, area: Rect, buffer: &mut Buffer) {
    let theme = session.theme;
    let Some(cell) = sweep.cell() else { return };
    let title = cut(&name(&sweep.board, cell), usize::from(area.width.saturating_sub(5)));
    let inner = panel(buffer, area, theme, vec![span(title, theme.title())], Vec::new());
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let mut lines = vec![state(session, cell)];
    lines.extend(result(session, cell));
    lines.extend(training(session, cell));
    lines.extend(seeds(theme, cell));
    lines.extend(place(theme, sweep));
    for (row, line) in rows(inside).zip(lines) {
        put(buffer, row, &fitted(line, row.width));
    }
}

/// Drops parts from the end until the line fits.
fn fitted(mut line: Line<'static>, width: u16) -> Line<'static> {
    while line.width() > usize::from(width) && line.spans.len() > 1 {
        line.spans.pop();
    }
    line
}

/// Returns a summary in one line, the most important part first.
pub(super) fn line(sweep: &SweepScreen, session: &Session, width: u16) -> Line<'static> {
    let theme = session.theme;
    let Some(cell) = sweep.cell() else { return Line::default() };
    let mut spans = vec![span(format!("{}  ", name(&sweep.board, cell)), theme.accent())];
    if cell.accuracies.is_empty() {
        spans.extend(state(session, cell).spans);
    } else {
        spans.push(span(format::share(mean(&cell.accuracies)).trim().to_owned(), theme.test()));
        spans.extend(
            (!cell.losses.is_empty())
                .then(|| span(format!("  loss {}", format::loss(mean(&cell.losses)).trim()), theme.dim())),
        );
    }
    fitted(Line::from(spans), width)
}

fn state(session: &Session, cell: &Cell) -> Line<'static> {
    let theme = session.theme;
    let ended = |word: &str| match cell.seconds.len() {
        0 => word.to_owned(),
        1 => format!("{word} in {:.1} s", cell.seconds[0]),
        _ => format!("{word} in {:.1} s each", mean(&cell.seconds)),
    };
    match cell.state() {
        CellState::Running(part) => Line::from(vec![
            if session.sweep.is_paused() { span("paused", theme.warn()) } else { span("in training", theme.good()) },
            span(format!("  {} % done", format::percent(part, 0)), theme.text()),
        ]),
        CellState::Result(_) => Line::styled(ended("done"), theme.text()),
        CellState::Waiting if session.sweep.is_under_way() => Line::styled("waiting for its turn", theme.dim()),
        CellState::Waiting => Line::styled("not trained", theme.dim()),
        CellState::Diverged => Line::styled(format!("{}: this counts as a result", ended("diverged")), theme.bad()),
        CellState::Failed => Line::styled("failed: an error of the program itself", theme.bad()),
        CellState::Dropped => {
            let back = format!("  {} restores it", session.key(Action::DropRun));
            let back = if session.sweep.is_under_way() { back } else { String::new() };
            Line::from(vec![span("dropped", theme.warn()), span(back, theme.dim())])
        }
    }
}

fn result(session: &Session, cell: &Cell) -> Option<Line<'static>> {
    if cell.accuracies.is_empty() {
        return None;
    }
    let what = match measured_on(&session.sweep) {
        "validation accuracy" => "held out",
        "test accuracy" => "test",
        other => other,
    };
    let loss = (!cell.losses.is_empty()).then(|| mean(&cell.losses));
    let when = if cell.accuracies.len() > 1 { "mean" } else { "" };
    Some(numbers(session.theme, (what, Look::Test), mean(&cell.accuracies), loss, when))
}

/// Returns the progress of the cell's run in training.
fn training(session: &Session, cell: &Cell) -> Vec<Line<'static>> {
    let theme = session.theme;
    let Some((_, hyper, RunStatus::Running(progress))) = session.sweep.run_of(&cell.runs) else { return Vec::new() };
    let Progress { epoch, step, steps_per_epoch, history, .. } = progress;
    let (steps, all) = (format::grouped(*step), format::grouped(*steps_per_epoch));
    let place = format!("epoch {epoch} of {}, step {steps} of {all}", hyper.epochs);
    let mut lines = vec![Line::styled(place, theme.text())];
    let (accuracy, loss) = progress.training().map_or((f64::NAN, None), |(accuracy, loss)| (accuracy, Some(loss)));
    lines.push(numbers(theme, ("training", Look::Train), accuracy, loss, ""));
    if let Some(last) = history.last() {
        let (what, (loss, accuracy)) = match last.validation {
            Some(validation) => ("held out", validation),
            None => ("test", (last.test_loss, last.test_accuracy)),
        };
        lines.push(numbers(theme, (what, Look::Test), accuracy, Some(loss), &format!("epoch {}", last.epoch)));
    }
    lines
}

/// Returns `test      0.8403  loss 0.6432  epoch 1`.
fn numbers(theme: Theme, (what, look): (&str, Look), accuracy: f64, loss: Option<f64>, when: &str) -> Line<'static> {
    let style = look.style(theme);
    let mut spans = vec![span(format!("{what:<8} "), theme.dim()), span(format::share(accuracy), style)];
    if let Some(loss) = loss {
        spans.extend([span("  loss ", theme.dim()), span(format::loss(loss), style)]);
    }
    spans.push(span(format!("  {when}"), theme.dim()));
    Line::from(spans)
}

/// Returns the range of results of a cell with several runs, and the states of the others.
fn seeds(theme: Theme, cell: &Cell) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if let (Some(min), Some(max)) = (lowest(&cell.accuracies), highest(&cell.accuracies))
        && cell.accuracies.len() > 1
    {
        let text = format!(
            "{} runs, from {} to {}",
            cell.accuracies.len(),
            format::share(min).trim(),
            format::share(max).trim()
        );
        lines.push(Line::styled(text, theme.text()));
    }
    if cell.run_count() > 1 && cell.is_partial() {
        let others = [
            (cell.running.len(), "in training"),
            (cell.waiting, "waiting"),
            (cell.diverged, "diverged"),
            (cell.failed, "failed"),
            (cell.dropped, "dropped"),
        ];
        let others = others.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
        let text = format!(
            "{} of {} runs done, {}",
            cell.accuracies.len(),
            cell.run_count(),
            others.collect::<Vec<_>>().join(", ")
        );
        lines.push(Line::styled(text, theme.dim()));
    }
    lines
}

fn place(theme: Theme, sweep: &SweepScreen) -> Option<Line<'static>> {
    let (place, all) = sweep.place(sweep.chosen)?;
    let mut spans: Vec<Span> = vec![
        span("place ", theme.dim()),
        span(place.to_string(), theme.text()),
        span(format!(" of {all}"), theme.dim()),
    ];
    if place == 1 && all > 1 {
        spans.push(span("  the best", theme.good()));
    }
    Some(Line::from(spans))
}

fn lowest(numbers: &[f64]) -> Option<f64> {
    numbers.iter().copied().min_by(f64::total_cmp)
}

fn highest(numbers: &[f64]) -> Option<f64> {
    numbers.iter().copied().max_by(f64::total_cmp)
}
