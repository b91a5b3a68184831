//! Movements of the cursor in lists and grids.

use crate::tui::keys::Action;

/// A movement of the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Motion {
    Left,
    Right,
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
}

impl Motion {
    /// Returns the movement of an action, if it is one.
    pub(crate) fn of(action: Action) -> Option<Self> {
        Some(match action {
            Action::Left => Self::Left,
            Action::Right => Self::Right,
            Action::Up => Self::Up,
            Action::Down => Self::Down,
            Action::PageUp => Self::PageUp,
            Action::PageDown => Self::PageDown,
            Action::First => Self::First,
            Action::Last => Self::Last,
            _ => return None,
        })
    }

    /// Returns the number of items to move by, in a list of `columns` columns with `page` items visible at a time.
    pub(crate) fn by(self, columns: usize, page: usize) -> isize {
        let (columns, page) = (columns.max(1) as isize, page.max(1) as isize);
        match self {
            Self::Left => -1,
            Self::Right => 1,
            Self::Up => -columns,
            Self::Down => columns,
            Self::PageUp => -page,
            Self::PageDown => page,
            Self::First => -isize::MAX,
            Self::Last => isize::MAX,
        }
    }
}
