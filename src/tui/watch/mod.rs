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

use std::collections::{BTreeMap, BTreeSet};

use crossterm::event::{KeyEvent, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use self::figure::{Figure, LineKey};
pub use self::{
    program::{WatchOptions, run},
    view::view,
};
use crate::{
    tui::{
        axis_unit::X,
        keys::{Action, Context, keymap::Keymap, motion::Motion},
        theme::Theme,
        widgets::{area::bounded_size, chart::window::part, surface::Target},
    },
    watch::{Split, Watch},
};

/// Choices of the part of the axis over which values are smoothed.
const SMOOTHINGS: [f64; 8] = [0.0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2];

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
    hidden: BTreeSet<LineKey>,
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
    /// What a key did.
    answer: Option<String>,
}

/// What the loop has to do after a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    Quit,
    Suspend,
    Redraw,
    /// Split the files into runs by another column.
    Split(Split),
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
            answer: None,
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
        (self.notice, self.answer) = (None, None);
        let action = self.keymap.action(self.context(), key)?;
        self.act(action, watch)
    }

    fn act(&mut self, action: Action, watch: &Watch) -> Option<Reply> {
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
            Action::Sets => return self.next_split(watch),
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

    /// Returns the next column to split files by: the usual one, another, or none.
    fn next_split(&mut self, watch: &Watch) -> Option<Reply> {
        let mut choices: Vec<String> = Vec::new();
        for choice in watch.runs().iter().flat_map(|run| run.choices()) {
            if !choices.iter().any(|known| **known == **choice) {
                choices.push(choice.to_string());
            }
        }
        if choices.is_empty() {
            self.answer = Some("no file has a column that could name runs".into());
            return None;
        }
        let columns = choices.into_iter().map(Split::Column);
        let all: Vec<Split> = std::iter::once(Split::Usual).chain(columns).chain([Split::Off]).collect();
        let place = all.iter().position(|split| split == watch.split()).unwrap_or(all.len() - 1);
        let next = all[(place + 1) % all.len()].clone();
        self.answer = Some(match &next {
            Split::Usual => "a file is split into runs by a column with a usual name, such as run".into(),
            Split::Column(column) => format!("a file is split into runs by {column}"),
            Split::Off => "a file is one run".into(),
        });
        Some(Reply::Split(next))
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
        let (window, stops) = (figure.window(self), figure.stops(self));
        let stop = match motion {
            Motion::Up | Motion::Down => return,
            Motion::PageUp | Motion::PageDown => {
                self.window = window.panned(motion == Motion::PageDown).or(self.window);
                return;
            }
            Motion::Left | Motion::Right => window.step(&stops, self.cursor, motion == Motion::Right),
            Motion::First => Some(0),
            Motion::Last => stops.len().checked_sub(1),
        };
        let Some(&at) = stop.and_then(|stop| stops.get(stop)) else { return };
        self.cursor = Some(at);
        self.window = window.showing(at).or(self.window);
    }

    fn zoom(&mut self, watch: &Watch, by: f64) {
        let window = Figure::new(self, watch).window(self);
        self.show(window.zoomed(by, self.cursor, window.whole.1));
    }

    /// Shows a part of the axis, or all of it.
    fn show(&mut self, part: Option<(f64, f64)>) {
        self.window = part;
        self.late &= part.is_some();
    }

    /// Carries out what the mouse does: as on the dashboard, a click or drag moves the cursor, the wheel zooms.
    pub fn mouse(&mut self, event: &MouseEvent, watch: &Watch) -> Option<Reply> {
        let at = Position::new(event.column, event.row);
        match event.kind {
            MouseEventKind::Down(MouseButton::Left) => {
                (self.notice, self.answer) = (None, None);
                match view::target(self, watch, at)? {
                    (Target::Action(action), _) => return self.act(action, watch),
                    (Target::Row(place), _) => {
                        self.list = Some(place);
                        self.mark(watch);
                    }
                    (Target::Chart, area) => self.point_at(watch, part(at, area)),
                    _ => {}
                }
            }
            MouseEventKind::Drag(MouseButton::Left) => {
                if let Some((Target::Chart, area)) = view::target(self, watch, at) {
                    self.point_at(watch, part(at, area));
                }
            }
            MouseEventKind::ScrollUp | MouseEventKind::ScrollDown => {
                let down = event.kind == MouseEventKind::ScrollDown;
                match view::target(self, watch, at) {
                    Some((Target::Chart, area)) => {
                        let window = Figure::new(self, watch).window(self);
                        self.show(window.zoomed_at(part(at, area), !down));
                    }
                    _ if self.help.is_none() && self.list.is_none() => {}
                    _ => self.go(watch, if down { Motion::Down } else { Motion::Up }),
                }
            }
            _ => {}
        }
        None
    }

    /// Moves the cursor to the place nearest to a position along the charts' width, 0 to 1.
    fn point_at(&mut self, watch: &Watch, part: f64) {
        let figure = Figure::new(self, watch);
        let stops = figure.stops(self);
        self.cursor = figure.window(self).nearest(&stops, part).map(|stop| stops[stop]).or(self.cursor);
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
                let key = line.key.clone();
                if !self.hidden.remove(&key) {
                    self.hidden.insert(key);
                }
            }
        }
        self.alone = None;
    }
}
