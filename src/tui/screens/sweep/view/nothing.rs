//! A sweep without a result yet, or a table with faults: what is wrong, and what to do.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use crate::{
    format::{cut, sanitized},
    tui::{
        keys::Action,
        session::Session,
        widgets::{
            area::rows,
            panel::panel,
            text::{put, span, wrap},
        },
    },
};

pub(super) fn draw(session: &Session, area: Rect, buffer: &mut Buffer) {
    let theme = session.theme;
    let inner = panel(buffer, area, theme, vec![span("sweep", theme.title())], Vec::new());
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let (again, new) = (session.key(Action::Refresh), session.key(Action::NewSweep));
    let read_again = format!("{again} reads it again. {new} opens the form of a new sweep.");
    let read_again = read_again.as_str();
    let (heading, texts) = match &session.sweep.table {
        _ if session.sweep.sweeping.is_some() => (("the sweep is starting".to_owned(), theme.dim()), vec![]),
        None | Some(Ok(None)) => (("looking for the table".to_owned(), theme.dim()), vec![]),
        Some(Ok(Some(table))) => (
            (
                "no run has ended yet".to_owned() + &format!(" in {}", sanitized(&table.path.display().to_string())),
                theme.bold(),
            ),
            vec![read_again],
        ),
        Some(Err(reason)) => ((sanitized(reason), theme.bad()), vec![read_again]),
    };
    let width = usize::from(inside.width);
    let mut lines: Vec<Line> = wrap(&heading.0, width).into_iter().map(|line| Line::styled(line, heading.1)).collect();
    for text in texts {
        lines.push(Line::default());
        lines.extend(wrap(text, width).into_iter().map(Line::raw));
    }
    if let Some(table) = session.sweep.reading() {
        lines.push(Line::default());
        let faults = table.reading.faults.iter().map(|fault| fault_line(fault.line, &fault.reason, width));
        lines.extend(faults.map(|line| Line::styled(line, theme.warn())));
    }
    for (row, line) in rows(inside).skip(1).zip(&lines) {
        put(buffer, row, line);
    }
}

/// Draws the table's faults.
pub(super) fn faults(session: &Session, area: Rect, buffer: &mut Buffer) {
    let theme = session.theme;
    let Some(table) = session.sweep.reading() else { return };
    let faults = &table.reading.faults;
    let title = vec![span("faults", theme.warn()), span(format!(" {} in the table", faults.len()), theme.dim())];
    let inner = panel(buffer, area, theme, title, Vec::new());
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let room = usize::from(inside.height);
    let shown = if faults.len() > room { room.saturating_sub(1) } else { faults.len() };
    let mut lines: Vec<Line> = faults[..shown]
        .iter()
        .map(|fault| Line::raw(fault_line(fault.line, &fault.reason, usize::from(inside.width))))
        .collect();
    if shown < faults.len() {
        lines.push(Line::styled(format!("and {} more", faults.len() - shown), theme.dim()));
    }
    for (row, line) in rows(inside).zip(&lines) {
        put(buffer, row, line);
    }
}

fn fault_line(line: usize, reason: &str, width: usize) -> String {
    let place = if line > 0 { format!("line {line}: ") } else { String::new() };
    cut(&sanitized(&format!("{place}{reason}")), width)
}
