//! Ways to move in lists and grids.

#[derive(Clone, Copy)]
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
    /// Steps in a list of `columns` columns of which `page` items are seen at once.
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
