//! What went wrong, and what to do: over the Train screen until it is resolved.

use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    format::{file_name, padded, sanitized, width as text_width},
    train::State,
    tui::{
        format,
        keys::Action,
        screen::Screen,
        session::Session,
        widgets::{
            area::rows,
            panel::panel,
            surface::{Surface, Target},
            text::{clear, put, span, wrap},
        },
    },
};

pub(super) fn draw(session: &Session, body: Rect, surface: &mut Surface) {
    let theme = session.theme;
    let width = usize::from(body.width.saturating_sub(6));
    let Some((title, reason, remedies)) = trouble(session) else { return };
    let title_style = if title == LEARNS_NOTHING { theme.warn() } else { theme.bad() };
    let mut lines: Vec<Line> = wrap(&reason, width).into_iter().take(3).map(Line::raw).collect();
    let mut actions = vec![None; lines.len()];
    let margin = remedies.iter().map(|(action, _)| text_width(&session.key(*action))).max().unwrap_or(0) + 2;
    for (action, what) in remedies {
        for (place, text) in wrap(&what, width.saturating_sub(margin)).into_iter().enumerate() {
            let key = if place == 0 { session.key(action) } else { String::new() };
            lines.push(Line::from(vec![span(padded(&key, margin), theme.accent()), Span::raw(text)]));
            actions.push(Some(action));
        }
    }
    let height = (lines.len() as u16 + 2).min(body.height);
    let area = Rect { y: body.bottom() - height, height, ..body };
    clear(surface, area);
    surface.cover(area);
    let inner = panel(surface, area, theme, vec![span(title, title_style)], Vec::new());
    for (row, (line, action)) in rows(inner).zip(lines.iter().zip(actions)) {
        put(surface, Rect { x: row.x + 1, width: row.width.saturating_sub(2), ..row }, line);
        if let Some(action) = action {
            surface.target(row, Target::Action(action));
        }
    }
}

/// Title for a run that learns nothing.
const LEARNS_NOTHING: &str = "learns nothing";

/// A title, the reason, and the possible actions with their effects.
type Trouble = (&'static str, String, Vec<(Action, String)>);

fn trouble(session: &Session) -> Option<Trouble> {
    let live = &session.live;
    let reason = live.outcome.as_ref().and_then(|outcome| outcome.reason.clone()).unwrap_or_default();
    let checkpoint = live.outcome.as_ref().and_then(|outcome| outcome.checkpoint());
    match live.state {
        Some(State::Diverged) => {
            let rate = format::rate(live.lower_rate());
            let what = match checkpoint {
                Some(path) => {
                    format!("the last good checkpoint ({}) with a learning rate of {rate}, paused", file_name(path))
                }
                None => format!("the same run from its beginning, with a learning rate of {rate}"),
            };
            let remedies = vec![
                (Action::Recover, what),
                (Action::Show(Screen::Parameters), "other parameters".into()),
                (Action::Show(Screen::Runs), "another checkpoint".into()),
            ];
            Some(("diverged", reason, remedies))
        }
        Some(State::Failed) => {
            let reason = if reason.is_empty() { "training stopped unexpectedly".into() } else { reason };
            let mut remedies = Vec::new();
            if live.can_recover() {
                let what = match checkpoint {
                    Some(path) => format!("the last good checkpoint ({}) with a new trainer, paused", file_name(path)),
                    None => "the same run from its beginning, with a new trainer".into(),
                };
                remedies.push((Action::Recover, what));
            }
            remedies.push((Action::Show(Screen::Parameters), "other parameters".into()));
            remedies.push((Action::Show(Screen::Runs), "another checkpoint".into()));
            let kept = match checkpoint {
                Some(path) => format!("quit; continue with: {}", session.resume_command(path)),
                None => "quit; nothing of this run was saved".into(),
            };
            remedies.push((Action::Quit, kept));
            Some(("failed", reason, remedies))
        }
        _ if live.unsaved.is_none() => {
            let reason = live.stall()?.to_string();
            let restart = live
                .remedy()
                .map(|(_, change)| (Action::Recover, format!("the same run from its beginning, with {change}")));
            let others = [
                (Action::Show(Screen::Parameters), "other parameters".into()),
                (Action::Show(Screen::Runs), "another checkpoint".into()),
            ];
            Some((LEARNS_NOTHING, reason, restart.into_iter().chain(others).collect()))
        }
        _ => {
            let reason = live.unsaved.as_ref()?;
            let remedies =
                vec![(Action::Save, "try again now".into()), (Action::PauseOrResume, "pause meanwhile".into())];
            let outlook = if live.is_under_way() {
                "training continues, earlier checkpoints are intact, and the next epoch tries again"
            } else {
                "earlier checkpoints are intact"
            };
            Some(("not saved", format!("{}; {outlook}", sanitized(reason)), remedies))
        }
    }
}
