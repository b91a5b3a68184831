//! Keys of `watch`: those of the full-screen charts and of lists, as the user has bound them there.

use std::borrow::Cow;

use crate::tui::{
    keys::{Action, Binding, Context, Key, On, keymap::Keymap},
    screen::Screen,
};

/// Context whose keys work on the charts.
pub(super) const CHARTS: Context = Context::Curves;
/// Context whose keys work in the list of columns and runs.
pub(super) const LIST: Context = Context::Screen(Screen::Runs);
pub(super) const HELP: Context = Context::Help;

/// Actions with their contexts, their place in the footer, and what they do here.
const ACTIONS: &[(Action, &[Context], u8, &str, &str)] = &[
    (Action::Left, &[CHARTS], 0, "back", "Move the cursor back: it reads values"),
    (Action::Right, &[CHARTS], 0, "forward", "Move the cursor forward"),
    (Action::First, &[CHARTS], 0, "first", "Move the cursor to the beginning"),
    (Action::Last, &[CHARTS], 0, "last", "Move the cursor to the newest values"),
    (Action::PageUp, &[CHARTS], 0, "earlier", "Pan back by half the view"),
    (Action::PageDown, &[CHARTS], 0, "later", "Pan forward by half the view"),
    (Action::ZoomIn, &[CHARTS], 2, "in", "Zoom in around the cursor, or on the newest values"),
    (Action::ZoomOut, &[CHARTS], 3, "out", "Zoom out"),
    (Action::Zoom, &[CHARTS], 9, "zoom", "The whole run, or only its second half"),
    (Action::Smoother, &[CHARTS], 4, "smoother", "Smooth the values more"),
    (Action::Rougher, &[CHARTS], 0, "rougher", "Smooth the values less"),
    (Action::LogScale, &[CHARTS], 5, "log scale", "Linear or logarithmic, but for accuracies"),
    (Action::Axis, &[CHARTS], 6, "axis", "Along epochs, steps or time"),
    (
        Action::Sets,
        &[CHARTS, LIST],
        8,
        "split",
        "Split a file into runs by another column: the usual one, each with texts, or none",
    ),
    (Action::Charts, &[CHARTS], 7, "which chart", "All charts, or each alone"),
    (Action::Others, &[CHARTS, LIST], 1, "columns", "Choose the columns and runs that are drawn"),
    (Action::Up, &[LIST, HELP], 0, "up", "Move up"),
    (Action::Down, &[LIST, HELP], 0, "down", "Move down"),
    (Action::First, &[LIST, HELP], 0, "first", "Move to the first line"),
    (Action::Last, &[LIST, HELP], 0, "last", "Move to the last line"),
    (Action::PageUp, &[LIST, HELP], 0, "page up", "Move up by a page"),
    (Action::PageDown, &[LIST, HELP], 0, "page down", "Move down by a page"),
    (Action::Mark, &[LIST], 1, "draw or not", "Draw the column or run of this line, or not"),
    (Action::Help, &[CHARTS, LIST, HELP], 16, "help", "Help: every key"),
    (Action::Back, &[CHARTS, LIST, HELP], 15, "back", "Release the cursor, or close what is open"),
    (Action::Quit, &[CHARTS, LIST, HELP], 17, "quit", "Quit: the programs that write the files train on"),
    (Action::Interrupt, &[CHARTS, LIST, HELP], 0, "quit", "Quit"),
    (Action::Suspend, &[CHARTS, LIST, HELP], 0, "suspend", "Suspend to the shell; `fg` resumes"),
    (Action::Redraw, &[CHARTS, LIST, HELP], 0, "redraw", "Redraw the screen"),
];

/// Returns the bindings of `watch` with the keys of the user's own.
pub(super) fn keymap(user: &Keymap) -> Keymap {
    Keymap::new(ACTIONS.iter().map(|row| binding(user, row)).collect())
}

fn binding(
    user: &Keymap,
    &(action, contexts, rank, label, doc): &(Action, &'static [Context], u8, &'static str, &'static str),
) -> Binding {
    // `b` is the key of other runs on the charts only, `m` that of marks in lists only.
    let found = contexts.iter().find_map(|&context| user.on(context).find(|binding| binding.action == action));
    let mut keys: Vec<Key> = found.map_or_else(Vec::new, |binding| binding.keys.to_vec());
    if action == Action::Mark {
        keys.insert(0, Key::Char(' '));
    }
    Binding {
        keys: Cow::Owned(keys),
        rank,
        on: On::these(contexts),
        ..Binding::new(action, &[], On::Screens, label, doc, 0)
    }
}
