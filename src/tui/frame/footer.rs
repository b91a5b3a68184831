//! The footer: a line for notices, the tabs of the screens, and the keys of the current context.
//!
//! ```text
//!  ▸ saved 20261124-120000-relu-adam-0.001-b16/last.ckpt
//!   1 train   2 mistakes   3 parameters   4 runs   5 sweep   6 confusion   7 layers   8 draw
//!  Space pause  s step  e edit  n steps  w save  ? help  q quit
//! ```

use ratatui::layout::Rect;

use crate::{
    format::width,
    train::State,
    tui::{
        frame::scene::Scene,
        keys::{Action, Binding},
        question::{Entry, Question},
        screen::Screen,
        widgets::{area::rows, buttons::Buttons, surface::Surface, text::span},
    },
};

/// Minimum columns for tabs and keys in one row.
const WIDE: u16 = 150;

/// Columns reserved for the keys beside the tabs.
const KEYS: u16 = 66;

/// Minimum rows of a terminal for a line that is free for notices; below, they stand in place of the keys.
const TALL: u16 = 30;

pub(super) fn height(area: Rect) -> u16 {
    let tabs_and_keys = if area.width >= WIDE || area.height < 16 { 1 } else { 2 };
    tabs_and_keys + u16::from(has_notice_row(area))
}

fn has_notice_row(area: Rect) -> bool {
    area.height >= TALL || (area.width >= WIDE && area.height >= 16)
}

/// Returns the row for notices in the footer of a terminal of `area`.
pub(super) fn notice_row(area: Rect, footer: Rect) -> Rect {
    let y = if has_notice_row(area) { footer.y } else { footer.bottom().saturating_sub(1) };
    Rect { y, height: 1, ..footer }
}

pub(super) fn draw(scene: &Scene, area: Rect, surface: &mut Surface) {
    let inside = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let skipped = u16::from(has_notice_row(surface.area));
    let inside = Rect { y: inside.y + skipped, height: inside.height.saturating_sub(skipped), ..inside };
    let tabs = tabs(scene, if area.width >= WIDE { inside.width - KEYS } else { inside.width });
    let mut rows = rows(inside);
    let Some(first) = rows.next() else { return };
    if area.width >= WIDE {
        let keys = keys(scene, usize::from(first.width).saturating_sub(tabs.width() + 4));
        tabs.draw(first, surface);
        let width = (keys.width() as u16).min(first.width);
        keys.draw(Rect { x: first.right() - width, width, ..first }, surface);
        return;
    }
    let keys_row = match rows.next() {
        Some(second) => {
            tabs.draw(first, surface);
            second
        }
        None => first,
    };
    keys(scene, usize::from(keys_row.width)).draw(keys_row, surface);
}

type Naming = fn(Screen) -> &'static str;

/// Returns the tabs in the widest form that fits: spaced names, names, short names, or only the name of the screen
/// shown.
fn tabs(scene: &Scene, width: u16) -> Buttons {
    let forms: [(&str, Naming); 3] = [(" ", Screen::name), ("", Screen::name), ("", Screen::short_name)];
    let mut forms = forms.into_iter().map(|(padding, name)| tabs_in(scene, padding, Some(name)));
    let fitting = forms.find(|tabs| tabs.width() <= usize::from(width));
    fitting.unwrap_or_else(|| tabs_in(scene, " ", None))
}

fn tabs_in(scene: &Scene, padding: &'static str, name: Option<Naming>) -> Buttons {
    let theme = scene.session.theme;
    let mut tabs = Buttons::default();
    for &screen in Screen::ALL {
        let key = scene.session.keymap.first_key(Action::Show(screen));
        let gap = if screen == Screen::ALL[0] { "" } else { " " };
        let mut spans = vec![span(gap, theme.text())];
        if scene.shown == screen && scene.help.is_none() {
            spans.push(span(format!(" {key} {} ", name.map_or(screen.name(), |name| name(screen))), theme.chosen()));
        } else {
            spans.push(span(format!("{padding}{key}"), theme.accent()));
            spans
                .push(span(name.map_or(padding.to_owned(), |name| format!(" {}{padding}", name(screen))), theme.dim()));
        }
        tabs.push(Action::Show(screen), spans);
    }
    tabs
}

/// Returns as many keys as fit, always with help and quit.
fn keys(scene: &Scene, room: usize) -> Buttons {
    let theme = scene.session.theme;
    let mut shown = scene.session.keymap.footer(scene.session.context);
    shown.retain(|binding| is_available(scene, binding.action));
    let shown = shown.into_iter().map(|binding| (binding.action, binding.first_key(), label(scene, binding)));
    let (last, mut first): (Vec<_>, Vec<_>) =
        shown.partition(|(action, ..)| matches!(action, Action::Help | Action::Quit));
    let columns = |key: &str, label: &str| width(key) + 1 + width(label) + 2;
    let mut room = room.saturating_sub(last.iter().map(|(_, key, label)| columns(key, label)).sum());
    first.retain(|(_, key, label)| {
        let left = room.checked_sub(columns(key, label));
        room = left.unwrap_or(room);
        left.is_some()
    });
    let mut keys = Buttons::default();
    for (action, key, label) in first.into_iter().chain(last) {
        keys.push(action, vec![span(key, theme.accent()), span(format!(" {label}  "), theme.dim())]);
    }
    keys
}

/// Returns whether an action can do anything now: the footer omits the keys of others.
fn is_available(scene: &Scene, action: Action) -> bool {
    let session = scene.session;
    if scene.question.is_none()
        && let Some(offers) = scene.screen().offers(session, action)
    {
        return offers;
    }
    match action {
        Action::PauseOrResume => session.live.can_train(),
        Action::Step | Action::RunSteps | Action::RunEpochs => session.live.is_under_way(),
        Action::Save => !session.live.gone,
        Action::ClearFilter if matches!(scene.question, Some(Question { entry: Entry::Choice(_), .. })) => false,
        Action::SaveElsewhere => scene.question.is_some_and(|question| question.offers(action)),
        _ => true,
    }
}

fn label(scene: &Scene, binding: &Binding) -> &'static str {
    if let Some(label) = scene.screen().label(scene.session, binding.action) {
        return label;
    }
    match binding.action {
        Action::PauseOrResume if scene.session.live.state == Some(State::Paused) => "resume",
        Action::PauseOrResume if scene.session.live.state == Some(State::Finished) => "train on",
        _ => binding.label,
    }
}
