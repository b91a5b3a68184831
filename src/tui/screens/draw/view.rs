//! The Draw screen: the pad, the digit as it reaches the network, and the ten probabilities.
//!
//! ```text
//! ╭ your digit ─────────── brush 3 of 5 ╮╭ as it reaches the network ──────────────╮
//! │                                     ││        ░▒▓██▓▒░             0 ▏   0.001  │
//! │                                     ││                             4 ███ 0.981  │
//! │                                     │╰─────────────────────────────────────────╯
//! │                                     │ read as 4 0.981   epoch 3, step 812
//! ╰─────────────────────────────────────╯ Enter puts the pen down where ...
//! ```

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    data::{CLASSES, SIDE},
    format::sanitized,
    train::State,
    tui::{
        format,
        keys::Action,
        screens::draw::pad::{Pad, Pen},
        session::{Session, ensemble::Together},
        widgets::{
            area::{above, beside, rows},
            digit,
            heatmap::{Heatmap, Scale, Zoom},
            joint,
            panel::panel,
            text::{fitting, put, span, wrap},
        },
    },
};

/// Columns and rows of a digit at full size.
const FULL: (u16, u16) = (SIDE as u16, SIDE as u16 / 2);
/// Maximum number of pixels along each side of a number that the network reads.
const LARGEST: u16 = 4;
/// Maximum rows of the pad: more would only cost more to send.
const MAX_ROWS: u16 = 64;
/// Minimum columns beside the pad.
const ASIDE: u16 = 22;
/// Rows of notes below the picture.
const NOTES: u16 = 4;
/// Minimum columns of the bars.
const BARS: u16 = 11;

/// Returns the areas of the pad, with its frame, and of what is beside it.
fn split(body: Rect) -> (Rect, Rect) {
    let aside = if body.width >= 80 { FULL.0 + BARS + 3 } else { ASIDE };
    let rows = (body.height.saturating_sub(2)).min(body.width.saturating_sub(aside + 2) / 2).min(MAX_ROWS);
    let pad = Rect { width: 2 * rows + 2, height: rows + 2, ..body };
    (pad, Rect { x: pad.right(), width: body.width - pad.width, ..body })
}

/// Returns the drawing area, with twice as many columns as rows.
pub(crate) fn area(body: Rect) -> Rect {
    inside(split(body).0)
}

fn inside(frame: Rect) -> Rect {
    let (width, height) = (frame.width.saturating_sub(2), frame.height.saturating_sub(2));
    Rect { x: frame.x + 1, y: frame.y + 1, width, height }
}

pub(super) fn draw(pad: &Pad, session: &Session, body: Rect, buffer: &mut Buffer) {
    let (page, aside) = split(body);
    sheet(pad, session, page, buffer);
    if aside.width >= FULL.0 + BARS + 3 && aside.height >= FULL.1 + 2 + NOTES {
        in_full(pad, session, aside, buffer);
    } else {
        in_small(pad, session, aside, buffer);
    }
}

fn sheet(pad: &Pad, session: &Session, frame: Rect, buffer: &mut Buffer) {
    let theme = session.theme;
    let (brush, brushes) = pad.brush();
    let (brush, brushes) = (span(brush.to_string(), theme.accent()), span(format!(" of {brushes}"), theme.dim()));
    let title = vec![span("your digit", theme.title())];
    panel(buffer, frame, theme, title, vec![span("brush ", theme.dim()), brush, brushes]);
    let area = inside(frame).intersection(buffer.area);
    let side = usize::from(area.width);
    if side == 0 {
        return;
    }
    let values = pad.sheet.ink.sampled(side);
    let heatmap = Heatmap { values: &values, width: side, scale: Scale::Light };
    heatmap.draw(Zoom::Times(1), area, session.drawing, theme, buffer);
    if pad.by_mouse {
        return;
    }
    let (x, y) = pad.cursor();
    let place = |part: f32, length: u16| ((part * f32::from(length)) as u16).min(length.saturating_sub(1));
    let at = (area.x + place(x, area.width), area.y + place(y, area.height));
    let symbol = match pad.pen {
        Pen::Up => "┼",
        Pen::Draws => "●",
        Pen::Erases => "○",
    };
    if let Some(cell) = buffer.cell_mut(at) {
        cell.set_symbol(symbol).set_style(theme.accent());
    }
}

fn in_full(pad: &Pad, session: &Session, area: Rect, buffer: &mut Buffer) {
    let theme = session.theme;
    let fits = |times: &u16| area.width >= times * FULL.0 + 30 && area.height >= times * FULL.1 + 2 + 2 * NOTES;
    let times = (2..=LARGEST).rev().find(fits).unwrap_or(1);
    let frame = Rect { height: FULL.1 * times + 2, ..area };
    let inner = panel(buffer, frame, theme, vec![span("as it reaches the network", theme.title())], Vec::new());
    let below = Rect { y: frame.bottom(), height: area.height - frame.height, ..area };
    let is_tall = below.height >= CLASSES as u16 + 2 + NOTES;
    let wide = FULL.0 * times;
    let x = if is_tall { (inner.width - wide) / 2 } else { 0 };
    picture(pad, session, times, Rect { x: inner.x + x, width: wide, ..inner }, buffer);
    let notes = if is_tall {
        let frame = Rect { height: CLASSES as u16 + 2, ..below };
        all_outputs(pad, session, frame, buffer);
        Rect { y: frame.bottom(), height: below.height - frame.height, ..below }
    } else {
        let top = inner.height.saturating_sub(CLASSES as u16) / 2;
        let (x, y) = (inner.x + wide, inner.y + top);
        outputs(
            pad,
            session,
            Rect { x, y, width: (inner.right() - x - 1).min(60), height: inner.height - top },
            buffer,
        );
        below
    };
    self::notes(pad, session, Rect { x: notes.x + 1, width: notes.width - 2, ..notes }, buffer);
}

fn picture(pad: &Pad, session: &Session, times: u16, area: Rect, buffer: &mut Buffer) {
    if let Some(image) = pad.digit() {
        draw_heatmap(session, &image[..], Zoom::Times(usize::from(times)), area, buffer);
        return;
    }
    let words = wrap("28x28 numbers: the digit in a 20x20 box, its centre of mass in the middle", 24);
    for (row, line) in rows(area).skip(usize::from(area.height / 2 - 2)).zip(words) {
        put(buffer, Rect { x: row.x + 2, ..row }, &Line::styled(line, session.theme.dim()));
    }
}

fn draw_heatmap(session: &Session, image: &[u8], zoom: Zoom, area: Rect, buffer: &mut Buffer) {
    let values: Vec<f32> = image.iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
    let heatmap = Heatmap { values: &values, width: SIDE, scale: Scale::Light };
    heatmap.draw(zoom, area, session.drawing, session.theme, buffer);
}

/// Draws the likeliest digits and, if there is room, the picture at half size above them.
fn in_small(pad: &Pad, session: &Session, area: Rect, buffer: &mut Buffer) {
    let inside = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    if pad.digit().is_none() {
        notes(pad, session, inside, buffer);
        return;
    }
    let mut free = inside;
    if inside.height >= 13
        && let Some(image) = pad.digit()
    {
        draw_heatmap(session, &image[..], Zoom::Half(0), inside, buffer);
        free = Rect { y: inside.y + 8, height: inside.height - 8, ..inside };
    }
    let notes_rows = if pad.together(&session.library).is_some() { 3 } else { 1 };
    let (bars, notes_area) = above(free, free.height.saturating_sub(notes_rows));
    outputs(pad, session, bars, buffer);
    notes(pad, session, notes_area, buffer);
}

/// Draws the outputs and, beside them, their mean over the marked runs.
fn all_outputs(pad: &Pad, session: &Session, frame: Rect, buffer: &mut Buffer) {
    let theme = session.theme;
    let together = pad.together(&session.library);
    let width = if together.is_some() { frame.width / 2 } else { frame.width };
    let (own, others) = beside(frame, width);
    let within = |bars: Rect| Rect { x: bars.x + 1, width: bars.width.saturating_sub(2), ..bars };
    let bars = panel(buffer, own, theme, vec![span("probabilities", theme.title())], Vec::new());
    outputs(pad, session, within(bars), buffer);
    if let Some(together) = together {
        let title = format!("{} marked runs", session.library.ensemble().len());
        let bars = panel(buffer, others, theme, vec![span(title, theme.title())], Vec::new());
        if let Together::Answer { joint, .. } = together {
            draw_outputs(&joint.mean.probabilities, session, within(bars), buffer);
        }
    }
}

fn outputs(pad: &Pad, session: &Session, area: Rect, buffer: &mut Buffer) {
    if let Some(answer) = pad.answer() {
        draw_outputs(&answer.probabilities, session, area, buffer);
    }
}

/// Draws the outputs in order, or the likeliest ones if there is no room for all.
fn draw_outputs(probabilities: &[f32; CLASSES], session: &Session, area: Rect, buffer: &mut Buffer) {
    let (guess, _) = guess(probabilities);
    let mut digits: Vec<usize> = (0..CLASSES).collect();
    if usize::from(area.height) < CLASSES {
        digits.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]));
    }
    for (digit, row) in digits.into_iter().zip(rows(area)) {
        let style = if digit == guess { session.theme.accent() } else { session.theme.dim() };
        digit::labelled_bar(digit, probabilities[digit], style, row, buffer);
    }
}

fn guess(probabilities: &[f32; CLASSES]) -> (usize, f32) {
    let largest = |best: usize, digit: usize| if probabilities[digit] > probabilities[best] { digit } else { best };
    let digit = (1..CLASSES).fold(0, largest);
    (digit, probabilities[digit])
}

/// Draws what the digit is read as, by which weights, and what to do next.
fn notes(pad: &Pad, session: &Session, area: Rect, buffer: &mut Buffer) {
    let theme = session.theme;
    let mut free = rows(area);
    let Some(first) = free.next() else { return };
    put(buffer, first, &verdict(pad, session, first.width));
    let pen = session.key(Action::Pen);
    let tips = match pad.pen {
        Pen::Draws => format!("The pen is down: the arrows draw, {pen} lifts it."),
        Pen::Erases => format!("The eraser is down: the arrows erase, {} lifts it.", session.key(Action::Eraser)),
        Pen::Up if pad.seen.is_none() => {
            let mouse = if session.mouse { "Draw with the mouse (its right button erases), or put" } else { "Put" };
            format!("{mouse} the pen down with {pen} and move it with the arrows.")
        }
        Pen::Up if pad.by_mouse => {
            format!("The right button erases. {} shows what the layers make of it.", session.key(Action::LookInside))
        }
        Pen::Up => {
            let inside = session.key(Action::LookInside);
            format!("{pen} puts the pen down where the cursor is. {inside} shows what the layers make of it.")
        }
    };
    let together =
        pad.together(&session.library).map_or_else(Vec::new, |together| joint_lines(together, area.width, session));
    let has_together = !together.is_empty();
    for line in together {
        let Some(row) = free.next() else { return };
        put(buffer, row, &fitting(line, row.width));
    }
    let (tips, free) = (wrap(&tips, usize::from(area.width)), free.collect::<Vec<_>>());
    // Half a tip is no use; without the marked runs' answer there is always room for a whole one.
    if has_together && tips.len() > free.len() {
        return;
    }
    for (row, line) in free.into_iter().zip(tips) {
        put(buffer, row, &Line::styled(line, theme.dim()));
    }
}

/// Returns `3 marked runs: 7 0.912   2 of 3 agree`, and below it who reads something else.
fn joint_lines(together: Together, width: u16, session: &Session) -> Vec<Vec<Vec<Span<'static>>>> {
    let theme = session.theme;
    match together {
        Together::Pending(_, runs) => vec![vec![vec![span(format!("asking {runs} marked runs"), theme.dim())]]],
        Together::Failed(reason) => vec![vec![vec![span(sanitized(&format!("marked runs: {reason}")), theme.bad())]]],
        Together::Answer { joint, labels } => {
            let lines =
                [joint::summary(&joint, None, theme), joint::dissent(&joint, &labels, usize::from(width), theme)];
            lines.into_iter().filter(|line| !line.is_empty()).collect()
        }
    }
}

/// Returns `read as 4 0.981   epoch 3, step 812`, or why the drawing is not read.
fn verdict(pad: &Pad, session: &Session, width: u16) -> Line<'static> {
    let theme = session.theme;
    if let Some(answer) = pad.answer() {
        let (digit, probability) = guess(&answer.probabilities);
        let parts = vec![
            vec![
                span("read as ", theme.text()),
                span(digit.to_string(), theme.accent()),
                Span::raw(format!(" {probability:.3}")),
            ],
            vec![span(
                format!("   epoch {}, step {}", format::grouped(answer.epoch), format::grouped(answer.step)),
                theme.dim(),
            )],
        ];
        return fitting(parts, width);
    }
    let text = match &pad.seen {
        None => "nothing is drawn yet",
        Some(Err(_)) => "too little to read yet",
        Some(Ok(_)) if session.live.answers() => "asking the network",
        Some(Ok(_)) => match session.live.state {
            Some(State::Diverged) => "the run has diverged: no answers",
            None => "the run has not started",
            _ => "training has ended: no answers",
        },
    };
    Line::styled(text, theme.dim())
}
