//! The Checkpoints screen: what lies on the disk.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{body_of_size, cut, panel, put, rows, span, wrap};
use crate::tui::{
    app::App,
    format,
    log::one_line,
    shelf::{Contents, Entry},
};

/// Rows of the pane that tells more of the chosen one.
const DETAIL: u16 = 6;

fn split(area: Rect) -> (Rect, Option<Rect>) {
    if area.height < DETAIL + 6 {
        return (area, None);
    }
    let list = Rect { height: area.height - DETAIL, ..area };
    (list, Some(Rect { y: list.bottom(), height: DETAIL, ..area }))
}

/// Lines of the list that are seen at once.
pub fn page(app: &App) -> usize {
    usize::from(split(body_of_size(app)).0.height.saturating_sub(3)).max(1)
}

pub fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme;
    let (list, detail) = split(area);
    let count = app.shelf.entries().len();
    let title = vec![span("checkpoints", theme.title()), span(format!(" {count}"), theme.dim())];
    let inner = panel(buffer, list, theme, title, Vec::new());
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let message = match &app.shelf.entries {
        None => Some(("the folder is being read".to_owned(), theme.dim())),
        Some(Err(reason)) => Some((one_line(reason), theme.bad())),
        Some(Ok(entries)) if entries.is_empty() => Some(("none yet: w saves one now".to_owned(), theme.dim())),
        Some(Ok(_)) => None,
    };
    if let Some((text, style)) = message {
        for (row, line) in rows(inside).skip(1).zip(wrap(&text, usize::from(inside.width))) {
            put(buffer, row, &Line::styled(line, style));
        }
    } else {
        lines(app, inside, buffer);
    }
    if let Some(detail) = detail {
        draw_detail(app, detail, buffer);
    }
}

fn lines(app: &App, area: Rect, buffer: &mut Buffer) {
    let entries = app.shelf.entries();
    let run_width = entries.iter().map(|entry| entry.run.chars().count()).max().unwrap_or(3).clamp(3, 22);
    let mut all = rows(area);
    let Some(head) = all.next() else { return };
    let text = format!(
        "  {:<11} {:<run_width$} {:<5} {:>7}  {:<8}  data and run",
        "saved", "run", "file", "epochs", "accuracy"
    );
    put(buffer, head, &Line::styled(text, app.theme.dim()));
    let room = usize::from(area.height.saturating_sub(1)).max(1);
    let first = app.shelf.place / room * room;
    for (row, (place, entry)) in all.zip(entries.iter().enumerate().skip(first)) {
        put(buffer, row, &line(app, entry, place == app.shelf.place, run_width, usize::from(row.width)));
    }
}

fn line(app: &App, entry: &Entry, chosen: bool, run_width: usize, width: usize) -> Line<'static> {
    let theme = app.theme;
    let (mark, style) = if chosen { ("▸ ", theme.accent()) } else { ("  ", theme.text()) };
    let name = format!(" {:<run_width$} {:<5}", cut(&one_line(&entry.run), run_width), cut(&one_line(&entry.name), 5));
    match &entry.contents {
        Err(reason) => {
            let used = 2 + 11 + name.chars().count();
            let reason = cut(&one_line(reason), width.saturating_sub(used + 3));
            Line::from(vec![
                span(mark, style),
                span(format!("{:<11}", "damaged"), theme.bad()),
                span(name, style),
                span(format!("   {reason}"), theme.bad()),
            ])
        }
        Ok(contents) => {
            let epochs = format!("{}/{}", contents.epochs_done, contents.spec.hyper.epochs);
            let accuracy = contents.test_accuracy.map_or_else(|| "     -".into(), format::share);
            let mut spans = vec![
                span(mark, style),
                span(format!("{:<11}", format::ago(contents.saved_at, app.now)), theme.dim()),
                span(name, style),
                span(format!(" {epochs:>7}"), theme.text()),
                span(format!("  {accuracy:<8}  "), theme.test()),
            ];
            spans.push(dataset(app, contents));
            let used: usize = spans.iter().map(Span::width).sum();
            spans.push(span(cut(&format!(" {}", short(contents)), width.saturating_sub(used)), theme.text()));
            Line::from(spans)
        }
    }
}

fn dataset(app: &App, contents: &Contents) -> Span<'static> {
    let style = if contents.is_synthetic() { app.theme.warn() } else { app.theme.text() };
    span(cut(&one_line(&contents.spec.dataset.name), 12), style)
}

fn short(contents: &Contents) -> String {
    let hyper = &contents.spec.hyper;
    let rate = format::rate(contents.learning_rate);
    format!("{} {} {rate} {} {}", hyper.activation, hyper.optimizer, hyper.batch_size, hyper.pooling)
}

fn draw_detail(app: &App, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme;
    let Some(entry) = app.shelf.current() else {
        panel(buffer, area, theme, Vec::new(), Vec::new());
        return;
    };
    let title = vec![span(one_line(&format!("{}/{}", entry.run, entry.name)), theme.title())];
    let inner = panel(buffer, area, theme, title, Vec::new());
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let width = usize::from(inside.width);
    let path = Line::styled(cut(&one_line(&entry.path.display().to_string()), width), theme.dim());
    let mut lines = vec![path];
    match &entry.contents {
        Err(reason) => {
            lines.extend(wrap(&one_line(reason), width).into_iter().map(|line| Line::styled(line, theme.bad())));
        }
        Ok(contents) => {
            let hyper = &contents.spec.hyper;
            lines.push(Line::from(vec![
                dataset(app, contents),
                span("  ", theme.text()),
                span(format::hyperparameters(hyper, contents.learning_rate), theme.text()),
            ]));
            let step = match contents.step {
                0 => String::new(),
                step => format!(" and {} steps", format::grouped(step)),
            };
            lines.push(Line::from(vec![
                span(format!("{} of {} epochs{step}", contents.epochs_done, hyper.epochs), theme.text()),
                span(format!("   saved {}", format::moment(contents.saved_at)), theme.dim()),
            ]));
            if let (Some(loss), Some(accuracy)) = (contents.test_loss, contents.test_accuracy) {
                let text = format!(
                    "test loss {}   test accuracy {}",
                    format::loss(loss).trim(),
                    format::share(accuracy).trim()
                );
                lines.push(Line::styled(text, theme.test()));
            }
        }
    }
    for (row, line) in rows(inside).zip(&lines) {
        put(buffer, row, line);
    }
}
