//! The screen of `watch`: charts of other programs' runs, as they grow.
//!
//! A small program beside the dashboard, with the same charts, colours and keys: [`Board`] is its state, [`view`] draws
//! it and the runs, and the loop in `program` reads files on a thread of its own.

mod charts;
mod figure;
mod keys;
mod list;
mod program;
mod view;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use crossterm::event::{KeyEvent, KeyEventKind};

use self::figure::Figure;
pub use self::{
    program::{WatchOptions, run},
    view::view,
};
use crate::{
    tui::{
        axis_unit::X,
        keys::{Action, Context, keymap::Keymap, motion::Motion},
        theme::Theme,
        widgets::area::bounded_size,
    },
    watch::{Set, Watch},
};

/// Choices of the part of the axis over which values are smoothed.
const SMOOTHINGS: [f64; 8] = [0.0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2];
/// Smallest part of the whole axis that can be shown.
const CLOSEST: f64 = 1.0 / 4_096.0;

/// The state of the screen.
#[derive(Debug)]
pub struct Board {
    theme: Theme,
    keymap: Keymap,
    /// Columns and rows of the terminal.
    size: (u16, u16),
    /// Axis that the user chose.
    x: Option<X>,
    /// Whether the axes of values are logarithmic.
    log_scale: bool,
    /// Whether only the second half is shown.
    late: bool,
    /// Index into [`SMOOTHINGS`].
    smoothing: usize,
    /// Part of the axis that is shown, if one was chosen.
    window: Option<(f64, f64)>,
    cursor: Option<f64>,
    /// Measure whose chart is shown alone.
    alone: Option<String>,
    /// Measures that the user chose to draw, or not to.
    chosen: BTreeMap<String, bool>,
    /// Lines that the user chose not to draw.
    hidden: BTreeSet<(PathBuf, Set)>,
    /// Line of the list of columns and runs that is selected, while the list is open.
    list: Option<usize>,
    /// Number of lines by which help is scrolled, while it is open.
    help: Option<usize>,
    /// Whether there is more to read at once.
    pub reading: bool,
    /// Seconds since the last change of a file; `None` before the first.
    pub idle: Option<u64>,
    /// A message about the program itself.
    pub notice: Option<String>,
}

/// What the loop has to do after a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    Quit,
    Suspend,
    Redraw,
}

impl Board {
    /// Creates the state, with the user's keys and the terminal's size in columns and rows.
    pub fn new(theme: Theme, user: &Keymap, size: (u16, u16)) -> Self {
        let mut board = Self {
            theme,
            keymap: keys::keymap(user),
            size: (0, 0),
            x: None,
            log_scale: false,
            late: false,
            smoothing: 0,
            window: None,
            cursor: None,
            alone: None,
            chosen: BTreeMap::new(),
            hidden: BTreeSet::new(),
            list: None,
            help: None,
            reading: false,
            idle: None,
            notice: None,
        };
        board.resize(size.0, size.1);
        board
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        let size = bounded_size(columns, rows);
        self.size = (size.width, size.height);
    }

    pub fn set_theme(&mut self, theme: Theme) {
        self.theme = theme;
    }

    pub fn theme(&self) -> Theme {
        self.theme
    }

    /// Returns whether a key quits, for which no file is needed.
    pub fn quits(&self, key: &KeyEvent) -> bool {
        let action = self.keymap.action(self.context(), key);
        key.kind != KeyEventKind::Release && matches!(action, Some(Action::Quit | Action::Interrupt))
    }

    /// Carries out the action of a key.
    pub fn press(&mut self, key: &KeyEvent, watch: &Watch) -> Option<Reply> {
        if key.kind == KeyEventKind::Release {
            return None;
        }
        self.notice = None;
        let action = self.keymap.action(self.context(), key)?;
        match action {
            Action::Quit | Action::Interrupt => return Some(Reply::Quit),
            Action::Suspend => return Some(Reply::Suspend),
            Action::Redraw => return Some(Reply::Redraw),
            Action::Help => self.help = if self.help.is_some() { None } else { Some(0) },
            Action::Back => self.back(),
            Action::Others => self.list = if self.list.is_some() { None } else { Some(0) },
            Action::Mark => self.mark(watch),
            Action::LogScale => self.log_scale = !self.log_scale,
            Action::Smoother => self.smoothing = (self.smoothing + 1).min(SMOOTHINGS.len() - 1),
            Action::Rougher => self.smoothing = self.smoothing.saturating_sub(1),
            Action::Zoom if self.window.is_some() => (self.window, self.late) = (None, false),
            Action::Zoom => self.late = !self.late,
            Action::Axis => self.next_axis(watch),
            Action::Charts => self.next_chart(watch),
            Action::ZoomIn => self.zoom(watch, 0.5),
            Action::ZoomOut => self.zoom(watch, 2.0),
            _ => {
                let motion = Motion::of(action)?;
                self.go(watch, motion);
            }
        }
        None
    }

    fn context(&self) -> Context {
        match (self.help, self.list) {
            (Some(_), _) => keys::HELP,
            (None, Some(_)) => keys::LIST,
            (None, None) => keys::CHARTS,
        }
    }

    fn smoothing(&self) -> f64 {
        SMOOTHINGS[self.smoothing]
    }

    /// Closes one thing: help, the list, the cursor, a chart alone.
    fn back(&mut self) {
        if self.help.take().is_none() && self.list.take().is_none() && self.cursor.take().is_none() {
            self.alone = None;
        }
    }

    fn next_axis(&mut self, watch: &Watch) {
        self.x = Some(Figure::new(self, watch).x.next());
        (self.window, self.cursor) = (None, None);
    }

    /// Shows the next chart alone, or all after the last.
    fn next_chart(&mut self, watch: &Watch) {
        let figure = Figure::new(self, watch);
        let names: Vec<&String> =
            figure.measures.iter().filter(|measure| measure.is_shown).map(|measure| &measure.name).collect();
        let next = match &self.alone {
            None => 0,
            Some(alone) => names.iter().position(|name| *name == alone).map_or(0, |place| place + 1),
        };
        self.alone = names.get(next).map(|name| (*name).clone());
    }

    fn go(&mut self, watch: &Watch, motion: Motion) {
        if let Some(scroll) = self.help {
            let (lines, page) = view::help_lines(self);
            let scroll = scroll.saturating_add_signed(motion.by(1, page)).min(lines.saturating_sub(page));
            self.help = Some(scroll);
        } else if let Some(place) = self.list {
            let count = list::items(&Figure::new(self, watch)).len();
            let page = usize::from(self.size.1.saturating_sub(6));
            self.list = Some(place.saturating_add_signed(motion.by(1, page)).min(count.saturating_sub(1)));
        } else {
            self.go_on_charts(watch, motion);
        }
    }

    fn go_on_charts(&mut self, watch: &Watch, motion: Motion) {
        let figure = Figure::new(self, watch);
        let (whole, (low, high)) = (figure.whole(self), figure.range(self));
        let span = high - low;
        match motion {
            Motion::PageUp => self.window = Some(within((low - span / 2.0, high - span / 2.0), whole)),
            Motion::PageDown => self.window = Some(within((low + span / 2.0, high + span / 2.0), whole)),
            Motion::Up | Motion::Down => {}
            Motion::Left | Motion::Right | Motion::First | Motion::Last => {
                self.move_cursor(&figure.stops(self), motion, span);
                self.keep_cursor_in_view((low, high), whole);
            }
        }
    }

    /// Moves the cursor to the next place where something was measured, but at least by a column of dots.
    fn move_cursor(&mut self, stops: &[f64], motion: Motion, span: f64) {
        let (Some(&first), Some(&last)) = (stops.first(), stops.last()) else { return };
        let at = self.cursor.unwrap_or(last);
        let column = span / (f64::from(self.size.0.max(2)) * 2.0);
        self.cursor = Some(match motion {
            Motion::First => first,
            Motion::Last => last,
            Motion::Left => stops.iter().rev().copied().find(|stop| *stop < at - column).unwrap_or(first),
            _ => stops.iter().copied().find(|stop| *stop > at + column).unwrap_or(last),
        });
    }

    fn keep_cursor_in_view(&mut self, (low, high): (f64, f64), whole: (f64, f64)) {
        let Some(at) = self.cursor else { return };
        if at < low || at > high {
            let half = (high - low) / 2.0;
            self.window = Some(within((at - half, at + half), whole));
            self.late = false;
        }
    }

    fn zoom(&mut self, watch: &Watch, by: f64) {
        let figure = Figure::new(self, watch);
        let (whole, (low, high)) = (figure.whole(self), figure.range(self));
        let span = ((high - low) * by).max((whole.1 - whole.0) * CLOSEST);
        if span >= whole.1 - whole.0 {
            (self.window, self.late) = (None, false);
            return;
        }
        let window = match self.cursor.filter(|at| (low..=high).contains(at)) {
            Some(at) => {
                let part = (at - low) / (high - low);
                (at - span * part, at + span * (1.0 - part))
            }
            None => (high - span, high),
        };
        self.window = Some(within(window, whole));
    }

    /// Draws the column or run of the selected line, or does not.
    fn mark(&mut self, watch: &Watch) {
        let figure = Figure::new(self, watch);
        let Some(item) = self.list.and_then(|place| list::items(&figure).into_iter().nth(place)) else { return };
        match item {
            list::Item::Measure(measure) => {
                let (name, is_shown) = (measure.name.clone(), measure.is_shown);
                self.chosen.insert(name, !is_shown);
            }
            list::Item::Line(line) => {
                let key = (line.path.clone(), line.set);
                if !self.hidden.remove(&key) {
                    self.hidden.insert(key);
                }
            }
        }
        self.alone = None;
    }
}

/// Shifts a window into the whole axis.
fn within((low, high): (f64, f64), whole: (f64, f64)) -> (f64, f64) {
    let span = (high - low).min(whole.1 - whole.0);
    let low = low.clamp(whole.0, (whole.1 - span).max(whole.0));
    (low, low + span)
}
