//! Details of the chosen run, and its files.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    format::{cut, sanitized},
    train::{self, ChosenBy, EpochRecord, Teacher, Transfer},
    tui::{
        format,
        keys::Action,
        screens::runs::{
            order::Row,
            state::RunsScreen,
            update::{state_in_background, state_name},
            view::parts::{IN_BACKGROUND, IN_USE, place},
        },
        session::{
            Session,
            library::run::{Contents, Entry, SavedRun},
        },
        theme::Theme,
        widgets::{
            area::rows,
            panel::panel,
            text::{fitting, put, span, wrap},
        },
    },
};

pub(super) fn draw(runs: &RunsScreen, session: &Session, area: Rect, buffer: &mut Buffer) {
    let theme = session.theme;
    let (Some(run), Some(entry)) = (runs.current_run(&session.library), runs.current(&session.library)) else {
        panel(buffer, area, theme, Vec::new(), Vec::new());
        return;
    };
    let title = vec![span(cut(&sanitized(&run.name), usize::from(area.width.saturating_sub(6))), theme.title())];
    let inner = panel(buffer, area, theme, title, Vec::new());
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let width = usize::from(inside.width);
    let path = Line::styled(cut(&sanitized(&entry.path.display().to_string()), width), theme.dim());
    let mut lines: Vec<Line> = match &entry.contents {
        Err(reason) => {
            let style = if run.is_begun() { theme.dim() } else { theme.bad() };
            let reason = wrap(&sanitized(reason), width).into_iter().map(|line| Line::styled(line, style));
            std::iter::once(path).chain(reason).collect()
        }
        Ok(contents) => {
            let mut lines = vec![files(runs, session, run, inside.width), setup(theme, contents, inside.width)];
            lines.extend(contents.spec.transfer.as_ref().map(|transfer| beginning(theme, transfer, inside.width)));
            let taught = |teacher: &Teacher| Line::styled(cut(&format!("taught by {teacher}"), width), theme.text());
            lines.extend(contents.spec.teacher().map(taught));
            lines.extend(results(theme, contents, inside.width));
            lines.push(path);
            lines
        }
    };
    if let Some(line) = in_background(session, run, inside.width) {
        lines.insert(0, line);
    } else if let Some(holder) = run.holder() {
        lines.insert(0, Line::styled(cut(&format!("{IN_USE} in use by {holder}"), width), theme.warn()));
    }
    for (row, line) in rows(inside).zip(&lines) {
        put(buffer, row, line);
    }
}

/// Returns `◉ trains in the background (process 4711): Enter attaches   training, epoch 3 of 10, test accuracy 0.98`.
fn in_background(session: &Session, run: &SavedRun, width: u16) -> Option<Line<'static>> {
    let background = run.background()?;
    let attach = if session.shows(background) {
        "shown on this screen".into()
    } else {
        format!("{} attaches", session.key(Action::Load))
    };
    let mut parts =
        vec![format!("{IN_BACKGROUND} trains in the background (process {}): {attach}", background.process)];
    if let Some(state) = state_in_background(session, run) {
        parts.push(format!("   {}", state_name(state)));
        parts.push(format!(", epoch {} of {}", state.epoch, state.epochs));
        let accuracy =
            state.test_accuracy.map(|accuracy| format!(", test accuracy {}", format::share(accuracy).trim()));
        parts.extend(accuracy);
        parts.push(format!(", {}", format::counted(state.viewers, "viewer")));
    }
    Some(fitting(parts.into_iter().map(|text| vec![span(text, session.theme.good())]).collect(), width))
}

/// Returns `files  ▸ last epoch 3, 4 s ago    best epoch 2, 7 s ago    1 damaged`.
fn files(runs: &RunsScreen, session: &Session, run: &SavedRun, width: u16) -> Line<'static> {
    let theme = session.theme;
    let mut parts = vec![vec![span("files", theme.dim())]];
    let is_run = matches!(runs.rows().get(runs.place), Some(Row::Run(_)));
    for (place, entry) in run.whole().enumerate() {
        let chosen = is_run && place == runs.file;
        let (mark, style) = if chosen { ("  ▸ ", theme.accent()) } else { ("    ", theme.text()) };
        parts.push(vec![
            span(mark, style),
            span(sanitized(&entry.name), style),
            span(format!(" {}", age(entry, session.now)), theme.dim()),
        ]);
    }
    let damaged = run.damaged().count();
    if damaged > 0 {
        parts.push(vec![span(format!("    {damaged} damaged"), theme.bad())]);
    }
    fitting(parts, width)
}

/// Returns the epoch and the age of the state in a file.
fn age(entry: &Entry, now: u64) -> String {
    match &entry.contents {
        Ok(contents) => {
            let more = if contents.step > 0 { "+" } else { "" };
            format!("epoch {}{more}, {}", contents.epochs_done, format::ago(contents.saved_at, now))
        }
        Err(_) => "damaged".into(),
    }
}

/// Returns data set and parameters, with their limits.
fn setup(theme: Theme, contents: &Contents, width: u16) -> Line<'static> {
    let spec = &contents.spec;
    let style = if contents.is_synthetic() { theme.shout() } else { theme.bold() };
    let parameters = format::hyperparameters(&spec.hyper, contents.learning_rate);
    let mut parts =
        vec![vec![span(sanitized(&spec.dataset.name), style)], vec![span(format!("  {parameters}"), theme.text())]];
    let limits = &spec.limits;
    let limited = [
        limits.train.map(|count| format!("   first {} training images", format::grouped(count))),
        limits.test.map(|count| format!("   first {} test images", format::grouped(count))),
        (limits.holdout > 0).then(|| format!("   {} held out", format::grouped(limits.holdout))),
    ];
    parts.extend(limited.into_iter().flatten().map(|text| vec![span(text, theme.dim())]));
    fitting(parts, width)
}

/// Returns where the first weights come from: `weights from SYNTHETIC, C1 and C3 frozen   after epoch 20 of RUN`.
fn beginning(theme: Theme, transfer: &Transfer, width: u16) -> Line<'static> {
    let parts = vec![
        vec![span(transfer.short(), theme.text())],
        vec![span(transfer.frozen_layers(), theme.text())],
        vec![span(format!("   {}", train::place(transfer.epoch, transfer.step)), theme.dim())],
        vec![span(format!(" of {}", sanitized(&transfer.run())), theme.dim())],
    ];
    fitting(parts, width)
}

/// Returns the progress of the run, and its best and last epochs.
fn results(theme: Theme, contents: &Contents, width: u16) -> Vec<Line<'static>> {
    let mut lines = vec![fitting(
        vec![
            vec![span(place(contents), theme.text())],
            vec![span(format!(" in {}", format::clock(contents.seconds)), theme.text())],
            vec![span(format!("   saved {}", format::moment(contents.saved_at)), theme.dim())],
        ],
        width,
    )];
    let by = match contents.best.map(|best| best.chosen_by) {
        Some(ChosenBy::Validation) => "by the validation set",
        _ => "by the test set",
    };
    if let Some(best) = contents.best_epoch() {
        lines.push(result(theme, "best", best, by, width));
    }
    if let Some(last) = contents.last() {
        lines.push(result(theme, "last", last, "", width));
    }
    lines
}

/// Returns `best  epoch 7   test accuracy 0.9905   loss 0.0329   by the test set`.
fn result(theme: Theme, name: &str, record: &EpochRecord, by: &'static str, width: u16) -> Line<'static> {
    let loss = format::loss(record.test_loss);
    let mut parts = vec![
        vec![span(format!("{name}  epoch {}", format::grouped(record.epoch)), theme.text())],
        vec![span(format!("   test accuracy {}", format::share(record.test_accuracy).trim()), theme.test())],
        vec![span(format!("   loss {}", loss.trim()), theme.test())],
    ];
    if let Some((_, accuracy)) = record.validation {
        parts.push(vec![span(format!("   validation accuracy {}", format::share(accuracy).trim()), theme.text())]);
    }
    parts.push(vec![Span::raw("   "), span(by, theme.dim())]);
    fitting(parts, width)
}
