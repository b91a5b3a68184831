//! More of the chosen run, and its files.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    format::{cut, sanitized},
    train::{ChosenBy, EpochRecord},
    tui::{
        app::App,
        format,
        screens::runs::{
            order::Row,
            view::{IN_USE, place},
        },
        session::{
            contrast::Chosen,
            library::run::{Contents, Entry, Run},
        },
        widgets::{
            area::rows,
            panel::panel,
            text::{fitting, put, span, wrap},
        },
    },
};

pub fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme;
    let (Some(run), Some(entry)) = (app.shelf.current_run(), app.shelf.current()) else {
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
            let reason = wrap(&sanitized(reason), width).into_iter().map(|line| Line::styled(line, theme.bad()));
            std::iter::once(path).chain(reason).collect()
        }
        Ok(contents) => {
            let mut lines = vec![files(app, run, inside.width), what(app, contents, inside.width)];
            lines.extend(results(app, contents, inside.width));
            lines.push(path);
            lines
        }
    };
    if let Some(holder) = run.holder() {
        lines.insert(0, Line::styled(cut(&format!("{IN_USE} in use by {holder}"), width), theme.warn()));
    }
    for (row, line) in rows(inside).zip(&lines) {
        put(buffer, row, line);
    }
}

/// `files  ▸ last 4 s ago   best 7 s ago   1 damaged`
fn files(app: &App, run: &Run, width: u16) -> Line<'static> {
    let theme = app.theme;
    let mut parts = vec![vec![span("files", theme.dim())]];
    let is_run = matches!(app.shelf.rows().get(app.shelf.place), Some(Row::Run(_)));
    for (place, entry) in run.whole().enumerate() {
        let chosen = is_run && place == app.shelf.file;
        let (mark, style) = if chosen { ("  ▸ ", theme.accent()) } else { ("    ", theme.text()) };
        parts.push(vec![
            span(mark, style),
            span(sanitized(&entry.name), style),
            span(format!(" {}", told(app, entry)), theme.dim()),
        ]);
    }
    let damaged = run.damaged().count();
    if damaged > 0 {
        parts.push(vec![span(format!("    {damaged} damaged"), theme.bad())]);
    }
    fitting(parts, width)
}

fn told(app: &App, entry: &Entry) -> String {
    match &entry.contents {
        Ok(contents) => {
            let more = if contents.step > 0 { "+" } else { "" };
            format!("epoch {}{more}, {}", contents.epochs_done, format::ago(contents.saved_at, app.now))
        }
        Err(_) => "damaged".into(),
    }
}

/// Data and parameters, with their limits.
fn what(app: &App, contents: &Contents, width: u16) -> Line<'static> {
    let theme = app.theme;
    let spec = &contents.spec;
    let style = if contents.is_synthetic() { theme.shout() } else { theme.bold() };
    let parameters = format::hyperparameters(&spec.hyper, contents.learning_rate);
    let mut parts =
        vec![vec![span(sanitized(&spec.dataset.name), style)], vec![span(format!("  {parameters}"), theme.text())]];
    if contents.learning_rate != spec.hyper.learning_rate {
        let rate = Chosen { spec, rate: contents.learning_rate }.rate();
        parts.push(vec![span(format!("   rate {rate}"), theme.dim())]);
    }
    let limits = &spec.limits;
    let limited = [
        limits.train.map(|count| format!("   first {} training images", format::grouped(count))),
        limits.test.map(|count| format!("   first {} test images", format::grouped(count))),
        (limits.holdout > 0).then(|| format!("   {} held out", format::grouped(limits.holdout))),
    ];
    parts.extend(limited.into_iter().flatten().map(|text| vec![span(text, theme.dim())]));
    fitting(parts, width)
}

/// How far it is, and the best and the last epoch.
fn results(app: &App, contents: &Contents, width: u16) -> Vec<Line<'static>> {
    let theme = app.theme;
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
        lines.push(result("best", best, by, app, width));
    }
    if let Some(last) = contents.last() {
        lines.push(result("last", last, "", app, width));
    }
    lines
}

/// `best  epoch 7  test accuracy 0.9905  loss 0.0329  by the test set`
fn result(name: &str, record: &EpochRecord, by: &'static str, app: &App, width: u16) -> Line<'static> {
    let theme = app.theme;
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
