//! Where one is, and which keys do what, from the key table.

use ratatui::layout::Rect;

use super::{
    rows, span,
    surface::{Buttons, Surface},
};
use crate::{
    format::width,
    train::{Hyperparameter, State},
    tui::{
        app::{App, Prompt, Screen},
        editor::Field,
        keys::{Action, Binding},
        pad::Pen,
    },
};

/// From here on tabs and keys share a row.
const WIDE: u16 = 150;

/// Columns left to the keys beside the tabs.
const KEYS: u16 = 66;

pub fn height(area: Rect) -> u16 {
    if area.width >= WIDE || area.height < 16 { 1 } else { 2 }
}

pub fn draw(app: &App, area: Rect, surface: &mut Surface) {
    let inside = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let tabs = tabs(app, if area.width >= WIDE { inside.width - KEYS } else { inside.width });
    let mut rows = rows(inside);
    let Some(first) = rows.next() else { return };
    if area.width >= WIDE {
        let keys = keys(app, usize::from(first.width).saturating_sub(tabs.width() + 4));
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
    keys(app, usize::from(keys_row.width)).draw(keys_row, surface);
}

type Naming = fn(Screen) -> &'static str;

/// With room around their names, or at least with names, or with short ones, where so much fits.
fn tabs(app: &App, width: u16) -> Buttons {
    let forms: [(&str, Naming); 3] = [(" ", Screen::name), ("", Screen::name), ("", Screen::short_name)];
    let forms = forms.map(|(room, name)| tabs_in(app, room, Some(name)));
    let fitting = forms.into_iter().find(|tabs| tabs.width() <= usize::from(width));
    fitting.unwrap_or_else(|| tabs_in(app, " ", None))
}

fn tabs_in(app: &App, room: &'static str, name: Option<Naming>) -> Buttons {
    let theme = app.theme;
    let mut tabs = Buttons::default();
    for screen in Screen::ALL {
        let key = app.keymap.first_key(screen.action());
        let gap = if screen == Screen::ALL[0] { "" } else { " " };
        let mut spans = vec![span(gap, theme.text())];
        if app.screen == screen && app.help.is_none() {
            spans.push(span(format!(" {key} {} ", name.map_or(screen.name(), |name| name(screen))), theme.chosen()));
        } else {
            spans.push(span(format!("{room}{key}"), theme.accent()));
            spans.push(span(name.map_or(room.to_owned(), |name| format!(" {}{room}", name(screen))), theme.dim()));
        }
        tabs.push(screen.action(), spans);
    }
    tabs
}

/// As many keys as fit; help and quit, or what answers a question, always.
fn keys(app: &App, room: usize) -> Buttons {
    let theme = app.theme;
    let mut shown = app.keymap.footer(app.context());
    shown.retain(|binding| is_of_use(app, binding.action));
    let (last, mut first): (Vec<_>, Vec<_>) =
        shown.into_iter().partition(|binding| matches!(binding.action, Action::Help | Action::Quit));
    let wide = |binding: &Binding| width(&binding.first_key()) + 1 + width(label(app, binding)) + 2;
    let mut room = room.saturating_sub(last.iter().map(|binding| wide(binding)).sum());
    first.retain(|binding| {
        let fits = wide(binding) <= room;
        if fits {
            room -= wide(binding);
        }
        fits
    });
    let mut keys = Buttons::default();
    for binding in first.into_iter().chain(last) {
        let label = format!(" {}  ", label(app, binding));
        keys.push(binding.action, vec![span(binding.first_key(), theme.accent()), span(label, theme.dim())]);
    }
    keys
}

/// Keys that could do nothing now are not offered.
fn is_of_use(app: &App, action: Action) -> bool {
    match action {
        Action::PauseOrResume if app.screen == Screen::Sweep && app.sweep.is_under_way() => true,
        Action::PauseOrResume | Action::Step | Action::RunSteps | Action::RunEpochs => app.live.is_under_way(),
        Action::Save => !app.live.gone,
        Action::SaveElsewhere => app.is_unsaved() && app.prompt == Some(Prompt::Quit),
        Action::StopSweep | Action::DropRun => app.sweep.is_under_way(),
        Action::Follow => app.sweep.is_under_way() && !app.sweep.follows,
        Action::OpenInEditor | Action::NextPane => app.sweep.cell().is_some(),
        Action::TurnRound => app.sweep.board.ways() > 1,
        Action::Refresh if app.screen == Screen::Sweep => app.sweep.sweeping.is_none(),
        Action::ApplyRate => app.live.is_under_way() && app.editor.differs(Field::Of(Hyperparameter::LearningRate)),
        Action::Undo if app.screen == Screen::Draw => app.pad.can_undo(),
        Action::Undo => app.editor.differences() > 0,
        Action::Clear | Action::SavePicture => !app.pad.sheet.ink.is_blank(),
        Action::LookInside if app.screen == Screen::Draw => app.pad.digit().is_some(),
        Action::Recall => !app.tried.is_empty(),
        Action::Recover => app.live.can_recover(),
        Action::ClearFilter if app.screen == Screen::Runs => !app.shelf.filter.is_empty(),
        Action::ClearFilter if app.prompt.is_none() => app.browser.filter != Default::default(),
        Action::Left | Action::Right if app.screen == Screen::Train => !app.browser.mistakes.shown.is_empty(),
        _ => true,
    }
}

fn label(app: &App, binding: &Binding) -> &'static str {
    match binding.action {
        Action::PauseOrResume if app.screen == Screen::Sweep && app.sweep.is_under_way() => {
            if app.sweep.is_paused() {
                "go on"
            } else {
                "pause"
            }
        }
        Action::Restart if !app.has_run() => "train",
        Action::NextPane => app.sweep.pane.next().name(),
        Action::PauseOrResume if app.live.state == Some(State::Paused) => "go on",
        Action::SwitchSet if app.browser.correct_ones => "mistakes",
        Action::Percent if app.matrix.percent => "counts",
        Action::Changes if app.matrix.changes => "no changes",
        Action::Pen if app.pad.pen == Pen::Draws => "pen up",
        Action::Rubber if app.pad.pen == Pen::RubsOut => "rubber up",
        Action::LogScale if app.plot.log_scale => "linear",
        Action::Zoom if app.plot.late || (app.plot.full && app.plot.window.is_some()) => "whole run",
        _ => binding.label,
    }
}
