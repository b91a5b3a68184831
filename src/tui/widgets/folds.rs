//! Which groups of a form's fields are open.

/// A field of a form, which may be in a group or be the line of one.
pub trait Foldable: Copy + PartialEq {
    /// Returns the line of the group that the field is in.
    fn group(self) -> Option<Self>;

    /// Returns whether this is the line of a group.
    fn is_group(self) -> bool;

    /// Returns whether both fields are of one group, to which its line counts.
    fn shares_group(self, other: Self) -> bool {
        let group = |field: Self| if field.is_group() { Some(field) } else { field.group() };
        group(self).is_some() && group(self) == group(other)
    }
}

/// The groups that are open, by their lines; the others are folded.
#[derive(Clone, Debug)]
pub struct Folds<F>(Vec<F>);

impl<F> Default for Folds<F> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<F: Foldable> Folds<F> {
    pub(crate) fn is_open(&self, group: F) -> bool {
        self.0.contains(&group)
    }

    /// Returns whether a field is shown: it is in no group, or in an open one.
    pub(crate) fn shows(&self, field: F) -> bool {
        field.group().is_none_or(|group| self.is_open(group))
    }

    pub(crate) fn set(&mut self, group: F, is_open: bool) {
        self.0.retain(|each| *each != group);
        self.0.extend(Some(group).filter(|_| is_open));
    }

    pub(crate) fn toggle(&mut self, group: F) {
        self.set(group, !self.is_open(group));
    }

    /// Opens the group that a field is in.
    pub(crate) fn reveal(&mut self, field: F) {
        field.group().into_iter().for_each(|group| self.set(group, true));
    }

    /// Returns what a key or a click does to the line of a group, in a word.
    pub(crate) fn label(&self, group: F) -> &'static str {
        if self.is_open(group) { "fold" } else { "open" }
    }
}
