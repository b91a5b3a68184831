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

/// Widths of the columns that are as wide as what stands in them.
struct Columns {
    data: usize,
    run: usize,
    epochs: usize,
}

const SAVED: usize = 10;
const FILE: usize = 4;
const ACCURACY: usize = 8;
const LONGEST_NAME: usize = 12;

impl Columns {
    fn of(entries: &[Entry], width: usize) -> Self {
        let contents = || entries.iter().filter_map(|entry| entry.contents.as_ref().ok());
        let widest = |lengths: &mut dyn Iterator<Item = usize>, least: usize| lengths.max().unwrap_or(0).max(least);
        let data = widest(&mut contents().map(|contents| dataset_name(contents).chars().count()), 4);
        let epochs = widest(&mut contents().map(|contents| epochs(contents).len()), 6);
        let run = widest(&mut entries.iter().map(|entry| entry.run.chars().count()), 3);
        let fixed = 2 + SAVED + data + FILE + epochs + ACCURACY + 5;
        Self { data, run: run.min(width.saturating_sub(fixed)).max(3), epochs }
    }
}

fn lines(app: &App, area: Rect, buffer: &mut Buffer) {
    let entries = app.shelf.entries();
    let columns = Columns::of(entries, usize::from(area.width));
    let mut all = rows(area);
    let Some(head) = all.next() else { return };
    let text = format!(
        "  {:<SAVED$} {:<data$} {:<run$} {:<FILE$} {:>epochs$} {:>ACCURACY$}",
        "saved",
        "data",
        "run",
        "file",
        "epochs",
        "accuracy",
        data = columns.data,
        run = columns.run,
        epochs = columns.epochs,
    );
    put(buffer, head, &Line::styled(text, app.theme.dim()));
    let room = usize::from(area.height.saturating_sub(1)).max(1);
    let first = app.shelf.place / room * room;
    for (row, (place, entry)) in all.zip(entries.iter().enumerate().skip(first)) {
        put(buffer, row, &line(app, entry, place == app.shelf.place, &columns, usize::from(row.width)));
    }
}

fn line(app: &App, entry: &Entry, chosen: bool, columns: &Columns, width: usize) -> Line<'static> {
    let theme = app.theme;
    let (mark, style) = if chosen { ("▸ ", theme.accent()) } else { ("  ", theme.text()) };
    let (run, file) = (cut(&one_line(&entry.run), columns.run), cut(&one_line(&entry.name), FILE));
    let name = format!(" {run:<width$} {file:<FILE$}", width = columns.run);
    let contents = match &entry.contents {
        Ok(contents) => contents,
        Err(reason) => {
            let used = 2 + SAVED + 1 + columns.data + name.chars().count();
            let reason = cut(&one_line(reason), width.saturating_sub(used + 2));
            let damaged = format!("{:<width$}", "damaged", width = SAVED + 1 + columns.data);
            return Line::from(vec![
                span(mark, style),
                span(damaged, theme.bad()),
                span(name, style),
                span(format!("  {reason}"), theme.bad()),
            ]);
        }
    };
    let accuracy = contents.test_accuracy.map_or_else(|| "-".into(), format::share);
    let data_style = if contents.is_synthetic() { theme.warn() } else { theme.text() };
    let mut spans = vec![
        span(mark, style),
        span(format!("{:<SAVED$} ", format::ago(contents.saved_at, app.now)), theme.dim()),
        span(format!("{:<width$}", dataset_name(contents), width = columns.data), data_style),
        span(name, style),
        span(format!(" {:>width$}", epochs(contents), width = columns.epochs), theme.text()),
        span(format!(" {accuracy:>ACCURACY$}"), theme.test()),
    ];
    let hyper = format!("   {}", format::hyperparameters(&contents.spec.hyper, contents.learning_rate));
    let used: usize = spans.iter().map(Span::width).sum();
    if used + hyper.chars().count() <= width {
        spans.push(span(hyper, theme.dim()));
    }
    Line::from(spans)
}

fn dataset_name(contents: &Contents) -> String {
    cut(&one_line(&contents.spec.dataset.name), LONGEST_NAME)
}

fn epochs(contents: &Contents) -> String {
    format!("{}/{}", contents.epochs_done, contents.spec.hyper.epochs)
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
            let data_style = if contents.is_synthetic() { theme.shout() } else { theme.bold() };
            lines.push(Line::from(vec![
                span(one_line(&contents.spec.dataset.name), data_style),
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
